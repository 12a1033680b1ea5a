"""The colours of workbooks and reports, as #RRGGBB: of labels, of answers, and of flags by their severity."""

from __future__ import annotations

from collections.abc import Mapping

from perfxl.finding import Severity

GREY, DARK_GREY, BLUE, LINK = "#7F7F7F", "#595959", "#1F3864", "#1F1FBF"
LABEL_FILL, REQUIRED_FILL, OPTIONAL_FILL = "#F2F2F2", "#FFF7CC", "#EAF3FB"
UNASKED_FILL = "#D9D9D9"
"""The fill of an answer that is not asked for as the others stand."""

CARRIED_FILL = "#EBE1F5"
"""The fill of a text that still stands as it did last year: no other colour of a sheet is a violet."""

FLAG_FILLS: Mapping[Severity, str] = {"error": "#FFD6D6", "warning": "#FFE9B8", "fix": "#DCE9FA", "hint": ""}
"""The fill of a flagged cell; ``fix``: its answer was rewritten. Empty: none."""

FLAG_FONTS: Mapping[Severity, str] = {"error": "#B00000", "warning": "#7F4F00", "fix": BLUE, "hint": DARK_GREY}
CHANGED_FILL = "#FFF4D6"
"""The fill of a flagged cell that has been changed, where no formula can tell whether the finding is settled."""
