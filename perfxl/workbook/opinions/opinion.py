"""A line of 审核意见 (review opinions) as a value, and a reviewer's remark as it was typed below the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from perfxl.finding import Severity

REMARKED: tuple[Severity, ...] = ("error", "warning", "hint")
"""The severities that a reviewer's own remark may have."""


State = Literal["open", "done", "changed", "hint", "answered", "refused", "corrected", "upheld", "withdrawn"]
"""As the list shows them: 未改 (open), 已改 (done), 改动待复核 (changed, to be reviewed), — (hint), 已说明 (answered),
说明不予认可 (explanation refused), 已代改 (corrected), 维持 (upheld), 撤销 (withdrawn)."""


@dataclass(frozen=True)
class OpinionPlace:
    """The place that a line of 审核意见 is about.

    ``project``: the project as the list names it; ``sheet``: the tab's name, empty where there is no cell to link to;
    ``place``: the fields in words; ``cells``: the addresses of the flagged cells; ``content``: what these show.
    """

    project: str
    sheet: str
    place: str
    cells: tuple[str, ...]
    content: str


@dataclass(frozen=True)
class OpinionText:
    """The words of a line: ``what`` is wrong, and what is ``todo`` about it."""

    what: str
    todo: str


@dataclass(frozen=True)
class OpinionReplies:
    """The replies of people to a line.

    ``explanation``: what the unit typed; ``decision``: a reviewer's decision as the list shows it, for a remark below
    the name of its author; ``asks``: the unit may explain the finding; ``decided``: a reviewer's decision counts,
    whatever is explained.
    """

    explanation: str
    decision: str
    asks: bool = False
    decided: bool = False


@dataclass(frozen=True)
class LiveState:
    """The state of a line, which follows its cells.

    ``state``: the state while the formula ``wrong`` holds, and at all times where that is empty; ``after``: the state
    once the formula no longer holds.
    """

    state: State
    wrong: str = ""
    after: State = "done"


@dataclass(frozen=True)
class Opinion:
    """A line of 审核意见: one finding, or several of one kind on one sheet.

    ``number``: its number in the workbook, 0 for a line that is only kept because it is settled or withdrawn; ``key``:
    the 意见码 (opinion key) by which the line is recognised when the workbook comes back.
    """

    number: int
    severity: Severity
    key: str
    where: OpinionPlace
    text: OpinionText
    replies: OpinionReplies
    live: LiveState


@dataclass(frozen=True)
class Typed:
    """A row that a reviewer typed below the list and that no finding could be made of.

    ``texts``: its texts by column; ``why``: what is missing or not understood.
    """

    texts: Mapping[str, str]
    why: Literal["project", "cell", "text"]
