"""The reviewer's working list: every line of some workbooks with room for a decision, and rows for remarks.

Written from the workbooks that came back, filled in by the reviewer, read again when these are flagged. Decisions are
believed from here alone: a unit has 审核意见, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from perfxl import messages
from perfxl.errors import ListError
from perfxl.finding import RULINGS, Decision
from perfxl.workbook.lists import plain as lists
from perfxl.workbook.lists.plain import Column, ListRow, Tab
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.opinion import REMARKED, Opinion
from perfxl.workbook.opinions.opinion_sheet import shown_cells
from perfxl.workbook.opinions.remarks import Remark
from perfxl.workbook.opinions.replies import Orders, Ruled, read_decision

SPARE = 30  # rows for remarks

_LINES = (
    ("file", 22.0), ("project", 16.0), ("place", 16.0), ("cell", 10.5), ("mark", 7.0), ("opinion", 40.0),
    ("explanation", 28.0), ("decision", 11.0), ("by", 9.0), ("at", 12.0), ("key", 0.0),
)  # fmt: skip
_REMARKS = (
    ("file", 22.0), ("project", 16.0), ("cell", 10.5), ("mark", 7.0), ("what", 40.0), ("todo", 40.0), ("by", 9.0),
    ("at", 12.0),
)  # fmt: skip
_FILLED_IN = ("decision", "by", "at")
_DECIDED = (*_FILLED_IN, "key")


@dataclass(frozen=True)
class WorklistBook:
    """One workbook of the list: what it is called there, its projects, its lines."""

    file: str
    projects: tuple[str, ...]
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True)
class Worklist:
    """The list as it was filled in: decisions, and remarks by their cells, each with the file that it names.

    ``problems``: what was typed and cannot be taken, by the cell it stands in, and why.
    """

    ruled: tuple[Ruled, ...]
    remarks: Mapping[str, tuple[str, Remark]]
    problems: Mapping[str, str]

    def orders(self, file: str, alone: bool) -> Orders:
        """What it says of one workbook. A decision knows its line by itself, a remark by the file that it names.

        ``alone``: no other workbook is asked; then a remark need not name it.
        """
        said = {cell: said for cell, (named, said) in self.remarks.items() if _same(named, file, alone)}
        return Orders(self.ruled, said)

    def missed(self, by_file: Sequence[tuple[Orders, Mapping[str, str]]]) -> dict[str, str]:
        """What no workbook could follow, by its cell, and why; of each workbook what it was told and could not do."""
        found = {cell: "file" if named else "which" for cell, (named, _) in self.remarks.items()}
        for orders, missed in by_file:
            for cell in (*(each.cell for each in orders.ruled), *orders.remarks):
                if found.get(cell) != "":
                    found[cell] = missed.get(cell, "")
        return {**self.problems, **{cell: why for cell, why in found.items() if why}}


def write_worklist(books: Sequence[WorklistBook]) -> bytes:
    """The list as a workbook. The same lines give the same bytes."""
    say = messages.say
    rulings = tuple(say(f"sheet.decisions.{ruling}") for ruling in RULINGS)
    marks = tuple(say(f"sheet.marks_long.{severity}") for severity in REMARKED)
    files = tuple(book.file for book in books)
    projects = tuple(dict.fromkeys(project for book in books for project in book.projects))
    choices = {"decision": rulings, "mark": marks, "file": files, "project": projects}
    lines = tuple(_line(book.file, each) for book in books for each in book.opinions if each.state != "done")
    return lists.write_tabs(
        (
            _tab("lines", _LINES, lines, {"decision": rulings}, locked=_FILLED_IN),
            _tab("remarks", _REMARKS, (), choices, spare=SPARE),
        )
    )


def read_worklist(workbook: Workbook) -> Worklist:
    """The list filled in. Raises ListError where neither of its tabs is there."""
    found: dict[str, list[ListRow]] = {}
    for tab, columns in (("lines", _DECIDED), ("remarks", [id for id, _ in _REMARKS])):
        with suppress(ListError):
            found[tab] = lists.read_tab(workbook, [_heading(id) for id in columns])
    if not found:
        lists.read_tab(workbook, [_heading(id) for id in _DECIDED])
    problems: dict[str, str] = {}
    ruled = tuple(_ruled(found.get("lines", ()), problems))
    typed = (row for row in found.get("remarks", ()) if any(_get(row, id) for id in ("cell", "what", "todo")))
    remarks = {row.cell(_heading("what")): (_get(row, "file"), _remark(row)) for row in typed}
    return Worklist(ruled, remarks, problems)


def _tab(
    id: str,
    columns: Sequence[tuple[str, float]],
    rows: tuple[tuple[str, ...], ...],
    choices: Mapping[str, tuple[str, ...]],
    locked: Sequence[str] = (),
    spare: int = 0,
) -> Tab:
    say = messages.say
    made = tuple(
        Column(_heading(each), width, choices.get(each, ()), bool(locked) and each not in locked)
        for each, width in columns
    )
    name, title, note = (say(f"sheet.worklist.{id}.{part}") for part in ("tab", "title", "note"))
    return Tab(name, title, note, made, rows, spare)


def _heading(id: str) -> str:
    return messages.say(f"sheet.worklist.headers.{id}")


def _line(file: str, each: Opinion) -> tuple[str, ...]:
    decision = read_decision(each.decision.split("\n")[-1])
    word = messages.say(f"sheet.decisions.{decision.ruling}") if decision else ""
    texts = {
        "file": file,
        "project": each.project,
        "place": each.place,
        "cell": shown_cells(each.cells),
        "mark": messages.say(f"sheet.marks_long.{each.severity}"),
        "opinion": each.what,
        "explanation": each.explanation,
        "decision": word,
        "by": decision.by if decision else "",
        "at": decision.at if decision else "",
        "key": each.key,
    }
    return tuple(texts[id] for id, _ in _LINES)


def _get(row: ListRow, id: str) -> str:
    return row.text(_heading(id))


def _ruled(rows: Sequence[ListRow], problems: dict[str, str]) -> Iterator[Ruled]:
    words = {messages.say(f"sheet.decisions.{ruling}"): ruling for ruling in RULINGS}
    for row in rows:
        if not (word := _get(row, "decision")):
            continue
        cell = row.cell(_heading("decision"))
        key = opinion_key.parse_key(_get(row, "key"))
        if word in words and key:
            yield Ruled(key, Decision(words[word], _get(row, "by"), _date(_get(row, "at"))), cell)
        else:
            problems[cell] = "key" if word in words else "word"


def _remark(row: ListRow) -> Remark:
    get = {id: _get(row, id) for id, _ in _REMARKS}
    by = "　".join(each for each in (get["by"], _date(get["at"])) if each)
    return Remark(get["mark"], get["project"], get["cell"], get["what"], get["todo"], by)


def _date(text: str) -> str:
    """A day as people write it; Excel's own number of a day becomes one."""
    if re.fullmatch(r"[3-6]\d{4}", text):
        return (date(1899, 12, 30) + timedelta(days=int(text))).isoformat()
    return text


def _same(named: str, file: str, alone: bool) -> bool:
    """Whether a remark means this workbook: by its name, with or without its folder and its ending."""
    short = file.rpartition("/")[2]
    return named in (file, short, short.rpartition(".")[0]) or (alone and not named)
