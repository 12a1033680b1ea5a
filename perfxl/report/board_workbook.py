"""The board of a round as a workbook to print: A4, lying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from perfxl import messages
from perfxl.report.board_table import KINDS, BoardRow, ColumnKind, Shown, group_words, make_table, two_lines
from perfxl.rounds.board import Board
from perfxl.workbook.lists.list_workbook import Column, Tab, Value, write_tabs

_WIDTHS: Mapping[str, float] = {
    "serial": 4.6, "code": 8.5, "name": 24, "state": 9.4, "draft": 4.6, "last": 10.6, "punctual": 7, "reminded": 4.6,
    "troubles": 12.5, "contact": 12.5, "note": 10,
}  # fmt: skip
_OF_KIND: Mapping[ColumnKind, tuple[float, str, str]] = {
    "count": (5.4, "center", "#,##0"),
    "money": (11.5, "right", "#,##0.00_ "),
    "difference": (9.6, "right", "+#,##0.00_ ;-#,##0.00_ "),
    "rate": (7, "center", "0%"),
    "text": (10, "", "@"),
}
"""Of each kind of column: its width, how its values stand, the format of its numbers."""

_CENTRED = ("code", "state", "last")


def board_workbook(board: Board, lang: str) -> bytes:
    """Return an .xlsx with the board; the sum of all is its last row, as in a table on paper."""
    table = make_table(board, lang)
    total, *rows = table.rows
    columns = tuple(_column(key, heading) for key, heading in table.headings.items())
    ordered: Sequence[BoardRow] = (*rows, total)
    said = [table.as_of, *group_words(board.total, lang).values(), messages.say("rounds.board.wan", {}, lang)]
    note = "　".join([*said, table.unplaced] if table.unplaced else said)
    tab = Tab(
        name=messages.say("rounds.board.tab", {}, lang),
        title=table.title,
        note=note,
        columns=columns,
        rows=tuple(tuple(_value(row, key) for key in table.headings) for row in ordered),
        sums=frozenset(at for at, row in enumerate(ordered) if row.level != "unit"),
    )
    return write_tabs([tab])


def _column(key: str, heading: str) -> Column:
    width, align, number_format = _OF_KIND[KINDS[key]]
    return Column(
        two_lines(heading) if width < 8 else heading,
        _WIDTHS.get(key, width),
        align="center" if key in _CENTRED else align,
        number_format=number_format,
    )


def _value(row: BoardRow, key: str) -> Value:
    value: Shown = row.values.get(key)
    if not value:
        return None
    if key == "name":
        return "　" * row.depth + str(value)
    return float(value) if isinstance(value, Decimal) else value
