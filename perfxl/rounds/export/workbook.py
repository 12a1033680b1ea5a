"""The flat tables as a workbook for pivot tables, the last sheet saying what each column is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

from perfxl import messages
from perfxl.errors import RoundError
from perfxl.form.types.date import Date
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import ExportColumn, ExportTable, Value, tell_apart
from perfxl.workbook.writing.data_workbook import (
    LONGEST_TEXT,
    MOST_ROWS,
    NUMBER,
    TEXT,
    DataColumn,
    DataSheet,
    write_data_workbook,
)

_WIDTHS = {"name": 40, "unit_name": 40, "code": 26, "arrived": 21}
_FREE_TEXT, _OTHER = 40, 14


def write_tables(
    tables: Sequence[ExportTable], projects: Callable[[ExportTable], Iterable[ExportedProject]], stream: BinaryIO
) -> None:
    """Write the tables. ``projects``: those of a table's form. Raises RoundError."""
    sheets = [DataSheet(table.name, tuple(map(_column, table.columns)), _rows(table, projects)) for table in tables]
    write_data_workbook([*sheets, _about_sheet(tables)], stream)


def _rows(
    table: ExportTable, projects: Callable[[ExportTable], Iterable[ExportedProject]]
) -> Iterator[Sequence[Value]]:
    """Yield the rows of a table, its dates as Excel counts days. Raises RoundError where a sheet does not take them."""
    dates = [at for at, column in enumerate(table.columns) if _is_date(column)]
    rows = (row for project in projects(table) for row in table.rows(project))
    for number, row in enumerate(rows, start=1):
        if number >= MOST_ROWS:
            raise RoundError(what="too_many_rows", limit=MOST_ROWS - 1)
        yield [Date().show(value) if at in dates else value for at, value in enumerate(row)] if dates else row


def _is_date(column: ExportColumn) -> bool:
    return column.kind is not None and column.kind.value_type == "date"


def _column(column: ExportColumn) -> DataColumn:
    kind = column.kind
    usual = _FREE_TEXT if kind and kind.free_text else _OTHER
    width = max(_WIDTHS.get(column.key, usual) if kind is None else usual, 2 * len(column.heading) + 4)
    if kind is not None and (kind.value_type == "number" or _is_date(column)):
        return DataColumn(column.heading, width, kind.number_format)
    return DataColumn(column.heading, width, NUMBER if column.numeric else TEXT)


def _about_sheet(tables: Sequence[ExportTable]) -> DataSheet:
    """Return the sheet that says what each column is."""
    lang = tables[0].lang
    words = ("name", "sheet", "column", "about", "path")
    own, *headings = (messages.say(f"rounds.export.columns.{word}", {}, lang) for word in words)
    *_, name = tell_apart([*(table.name for table in tables), own])
    widths = (34, 28, 70, 28)
    rows: list[tuple[Value, ...]] = [
        (table.name, column.heading, column.about, column.key if column.kind else None)
        for table in tables
        for column in table.columns
    ]
    note = messages.say("rounds.export.columns.note", {"limit": LONGEST_TEXT}, lang)
    rows.append((None, None, note, None))
    columns = [DataColumn(heading, width) for heading, width in zip(headings, widths, strict=True)]
    return DataSheet(name, columns, rows)
