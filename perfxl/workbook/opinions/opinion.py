"""A line of 审核意见 as a value, and a reviewer's remark as it was typed below the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from perfxl.finding import Severity

REMARKED: tuple[Severity, ...] = ("error", "warning", "hint")
"""What a reviewer's own remark may be."""


State = Literal["open", "done", "changed", "hint", "answered", "refused", "corrected", "upheld", "withdrawn"]
"""未改, 已改, 改动待复核, —, 已说明, 说明不予认可, 已代改, 维持, 撤销."""


@dataclass(frozen=True)
class Opinion:
    """One line: a finding, or several of one kind in one table.

    ``number``: 0 for a line that is only kept, since it is settled or withdrawn; ``state``: what is to be said as long
    as the formula ``wrong`` holds, always where that is empty; ``after``: what then; ``asks``: whether the unit may
    explain it; ``decided``: whether a reviewer has the word, whatever is explained; ``key``: by what it is known again.
    """

    number: int
    severity: Severity
    project: str
    sheet: str
    place: str
    cells: tuple[str, ...]
    content: str
    what: str
    todo: str
    explanation: str
    decision: str
    key: str
    state: State
    wrong: str = ""
    after: State = "done"
    asks: bool = False
    decided: bool = False


@dataclass(frozen=True)
class Typed:
    """A row that a reviewer typed below the list and that no finding could be made of: its texts by column, and why."""

    texts: Mapping[str, str]
    why: Literal["project", "cell", "text"]
