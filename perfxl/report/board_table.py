"""The board of a round as a table of words and numbers: what the terminal, the workbook and the page show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from perfxl import messages
from perfxl.rounds.board import FILTERS, TROUBLES, Board, BoardLine, Tally, Trouble
from perfxl.rounds.deadline import days_left, has_passed
from perfxl.rounds.moment import moment
from perfxl.rounds.states import GROUPS, STATES

Shown = str | int | float | Decimal | None
"""A value of the table; what is none or zero is left blank."""

ColumnKind = Literal["text", "count", "money", "difference", "rate"]

KINDS: Mapping[str, ColumnKind] = {
    "serial": "count", "code": "text", "name": "text", "state": "text", "projects": "count", "submitted": "count",
    "missing": "count", "question": "count", "review": "count", "returned": "count", "ready": "count",
    "approved": "count", "amount": "money", "control": "money", "difference": "difference", "errors": "count",
    "warnings": "count", "draft": "count", "last": "text", "punctual": "rate", "reminded": "count", "troubles": "text",
    "contact": "text", "note": "text",
}  # fmt: skip
"""The columns in their order, each with what stands in it."""

_WHERE_NEEDED = ("amount", "control", "difference", "draft", "punctual", "reminded", "contact")
"""The columns that are left out where no unit has anything in them."""


@dataclass(frozen=True)
class BoardRow:
    """A row of the table: the sum of all, a group or a unit, with its values by column.

    ``filters``: the filters that hold for the unit; ``depth``: the number of groups above it.
    """

    level: Literal["total", "group", "unit"]
    depth: int
    values: Mapping[str, Shown]
    filters: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoardTable:
    """The table: its title, what is said above it, its headings by column, its rows; the sum of all comes first."""

    title: str
    as_of: str
    unplaced: str
    headings: Mapping[str, str]
    rows: tuple[BoardRow, ...]


def make_table(board: Board, lang: str) -> BoardTable:
    """Return a board as a table in a language."""
    rows = (_total_row(board, lang), *_rows(board, lang))
    columns = [key for key in KINDS if key not in _WHERE_NEEDED or any(row.values.get(key) for row in rows)]
    headings = {key: messages.say(f"rounds.board.column.{key}", {}, lang) for key in columns}
    only = messages.say(f"rounds.board.only.{board.only}", {}, lang) if board.only else ""
    unplaced = _trouble_words(board.unplaced, lang)
    return BoardTable(
        title=messages.say("rounds.board.title", {"name": board.name, "only": only}, lang),
        as_of=_as_of(board, lang),
        unplaced=messages.say("rounds.board.unplaced", {"troubles": unplaced}, lang) if unplaced else "",
        headings=headings,
        rows=rows,
    )


def group_words(total: Tally, lang: str) -> dict[str, str]:
    """Return whose turn it is, by group: 在单位　483个，等单位报."""
    return {
        group: messages.say(f"rounds.board.group.{group}", {"count": sum(_of(total, states))}, lang)
        for group, states in GROUPS.items()
    }


def group_lines(total: Tally, lang: str) -> Iterator[str]:
    """Yield a line for each group, with its states."""
    for group, words in group_words(total, lang).items():
        counts = zip(GROUPS[group], _of(total, GROUPS[group]), strict=True)
        states = [f"{messages.say(f'rounds.state.{state}', {}, lang)} {count}" for state, count in counts if count]
        said = messages.say("rounds.board.list", {"words": states}, lang)
        yield messages.say("rounds.board.group_line", {"group": words, "states": said}, lang)


def _of(total: Tally, states: tuple[Any, ...]) -> list[int]:
    return [total.counts.get(state, 0) for state in states]


def _as_of(board: Board, lang: str) -> str:
    facts = {
        "now": moment(board.now, lang),
        "deadline": moment(board.deadline, lang),
        "days": days_left(board.deadline, board.now),
        "over": has_passed(board.deadline, board.now),
    }
    return messages.say("rounds.board.as_of", facts, lang)


def _total_row(board: Board, lang: str) -> BoardRow:
    name = messages.say("rounds.board.sum", {"units": board.total.units}, lang)
    return BoardRow("total", 0, {"name": name, **_tally_values(board.total, lang)})


def _rows(board: Board, lang: str) -> Iterator[BoardRow]:
    number, groups = 0, set()
    for line in board.lines:
        name: str = line.unit.name
        values: dict[str, Shown] = {"code": line.unit.label.removesuffix(name)}
        if line.level == "unit":
            number += 1
            values |= {"serial": number, "state": _state_words(line, lang)}
            values |= {"reminded": line.reminded, "draft": line.tally.draft}
            values |= {"contact": " ".join(filter(None, (line.unit.contact, line.unit.phone)))}
            if line.unit.code in groups:
                name = messages.say("rounds.board.own", {"name": name}, lang)
        else:
            groups.add(line.unit.code)
        values |= {"name": name, **_tally_values(line.tally, lang)}
        if line.level == "unit":
            kept = line.punctuality
            values["punctual"] = messages.say(f"rounds.board.punctuality.{kept}", {}, lang) if kept else None
        filters = tuple(key for key, holds in FILTERS.items() if line.level == "unit" and holds(line))
        yield BoardRow(line.level, line.depth, values, filters)


def _tally_values(tally: Tally, lang: str) -> dict[str, Shown]:
    """Return the values of a row that are sums."""
    same = ("projects", "submitted", "amount", "control", "difference", "errors", "warnings", "punctual")
    return {
        **{key: getattr(tally, key) for key in same},
        **{state: tally.counts.get(state, 0) for state in STATES},
        "last": tally.last[5:16].replace("T", " "),
        "troubles": _trouble_words(tally.troubles, lang),
    }


def _state_words(line: BoardLine, lang: str) -> str:
    """Return the state of a unit; empty for one that is asked nothing."""
    if line.state == "partial":
        facts = {"submitted": line.tally.submitted, "projects": line.tally.projects}
        return messages.say("rounds.board.partial", facts, lang)
    return messages.say(f"rounds.state.{line.state}", {}, lang) if line.state else ""


def _trouble_words(troubles: Mapping[Trouble, int], lang: str) -> str:
    """Return what a person should know, but that only a part came: the state says so."""
    said = [
        messages.say(f"rounds.board.trouble.{kind}", {"count": troubles[kind]}, lang)
        for kind in TROUBLES
        if kind != "partial" and troubles.get(kind)
    ]
    return messages.say("rounds.board.list", {"words": said}, lang)


def plain_text(value: Shown, kind: ColumnKind) -> str:
    """Return a value as it is shown on a screen; zero is blank."""
    if isinstance(value, str):
        return value
    if not value:
        return ""
    if kind == "rate":
        return f"{value:.0%}"
    if kind == "money":
        return f"{value:,.2f}"
    if kind == "difference":
        return f"{value:+,.2f}".replace("-", "−")
    return f"{value:,}"


def two_lines(heading: str) -> str:
    """Return a heading of several words, or of more than three wide characters, on two lines."""
    if heading.isascii() or len(heading) < 4:
        return heading.replace(" ", "\n", 1)
    return f"{heading[:-2]}\n{heading[-2:]}"
