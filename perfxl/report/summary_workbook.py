"""A summary as a workbook to print: a tab for each table, A4, lying where it is wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from perfxl.summary import SummaryColumn, SummaryRow, SummaryTable, TableValue, ValueKind
from perfxl.workbook.lists.list_workbook import Column, Tab, Value, write_tabs
from perfxl.workbook.sheet.colours import FLAG_FILLS

_OF_KIND: Mapping[ValueKind, tuple[str, str]] = {
    "text": ("", "@"), "word": ("center", "@"), "count": ("center", "#,##0"), "money": ("right", "#,##0.00_ "),
    "rate": ("right", "#,##0.00_ "), "points": ("right", "0.00_ "),
}  # fmt: skip
"""Of each kind of value: how it stands, the format of numbers."""


def summary_workbook(tables: Sequence[SummaryTable], lang: str) -> bytes:
    """Return an .xlsx with the tables."""
    return write_tabs([_tab(table, lang) for table in tables])


def _tab(table: SummaryTable, lang: str) -> Tab:
    fills: dict[Value, str] = {value: FLAG_FILLS[severity] for value, severity in table.marks.items()}
    return Tab(
        name=table.name,
        title=table.title,
        note="\n".join(table.notes),
        columns=tuple(_column(column, fills) for column in table.columns),
        rows=tuple(tuple(_values(row)) for row in table.rows),
        sums=frozenset(at for at, row in enumerate(table.rows) if row.level in ("group", "total")),
        lang=lang,
    )


def _column(column: SummaryColumn, fills: Mapping[Value, str]) -> Column:
    align, number_format = _OF_KIND[column.kind]
    return Column(
        column.heading,
        column.width,
        align=align,
        number_format=number_format,
        fills=fills if column.kind == "word" else {},
    )


def _values(row: SummaryRow) -> list[Value]:
    first, *others = row.values
    indented = "　" * row.depth + str(first) if row.level != "row" else first
    return [_plain(value) for value in (indented, *others)]


def _plain(value: TableValue) -> Value:
    return float(value) if isinstance(value, Decimal) else value
