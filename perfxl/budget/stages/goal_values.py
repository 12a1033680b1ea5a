"""The value that an indicator of a department's goals states behind its name: 清运覆盖率≥95% (waste collection)."""

from __future__ import annotations

from perfxl.budget.indicator_value import parse
from perfxl.form.characters import squeeze

_LONGEST = 30
"""The most characters of a value."""


def value_in(text: str) -> str:
    """Return the value at the end of a text, as long a one as there is; "" where no number is stated there."""
    plain = squeeze(text)
    ends = (plain[at:] for at in range(max(0, len(plain) - _LONGEST), len(plain)))
    return next((end for end in ends if parse(end).kind == "number"), "")
