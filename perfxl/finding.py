"""A finding: what one rule has to say about some cells of one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

Severity = Literal["error", "warning", "hint", "fix"]
"""强制性 (return it), 核实性 (fix or explain), 提示 (never colours), 可代改 (safe to correct)."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "fix", "hint")
"""From the gravest on: the order in which findings are numbered."""


REMARK = "RV-01"
"""The code of a reviewer's own remark (人工意见): no rule found it; its words are its facts ``what`` and ``todo``."""

Ruling = Literal["upheld", "accepted", "withdrawn"]
"""维持 (it stands, explained or not), 采纳说明 (answered), 撤销 (there is nothing to it)."""

RULINGS: tuple[Ruling, ...] = ("upheld", "accepted", "withdrawn")


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision on a finding; ``by`` and ``at``: the name and the time, as typed."""

    ruling: Ruling
    by: str = ""
    at: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that the check ``code`` found. It carries facts; ``perfxl.sentence`` makes the sentence.

    ``fields`` are paths into the record (``budget.total``, ``measures[3].target``, rows counted
    from 0), the first being the one the sentence is about; ``cells`` are their places
    (``Sheet!C5``, the anchor of a merge), empty where there is no sheet. Without fields and sheet it is about the
    file, or about all records of the unit. ``explanation`` (出错说明) is what the unit typed, verbatim; ``refused``:
    why it is not taken for one; ``done``: a safe correction that has been made already.
    """

    code: str
    severity: Severity
    fields: tuple[str, ...]
    facts: Mapping[str, Any] = default(default_factory=dict)
    suggestion: str | None = None
    file: str = ""
    sheet: str = ""
    cells: tuple[str, ...] = ()
    explanation: str = ""
    refused: Literal["", "stock", "short"] = ""
    decision: Decision | None = None
    done: bool = False

    @property
    def of_file(self) -> bool:
        """True if it is about the file as a whole, or the records of a unit together, and about no single sheet."""
        return not self.fields and not self.sheet

    @property
    def answered(self) -> bool:
        """True if an explanation counts: a reviewer decided so, or it was neither refused nor decided otherwise."""
        if self.decision:
            return self.decision.ruling == "accepted"
        return self.severity == "warning" and bool(self.explanation.strip()) and not self.refused

    @property
    def withdrawn(self) -> bool:
        """True if a reviewer decided that there is nothing to it."""
        return self.decision is not None and self.decision.ruling == "withdrawn"

    @property
    def open(self) -> bool:
        """True if it still has to be put right, explained or looked at."""
        return not self.answered and not self.withdrawn

    @property
    def field(self) -> str:
        """The path the sentence is about."""
        return self.fields[0] if self.fields else ""

    @property
    def cell(self) -> str:
        """The cell the sentence is about."""
        return self.cells[0] if self.cells else ""
