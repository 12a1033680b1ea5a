"""The flat tables as a workbook for pivot tables, the last sheet saying what each column is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

from perfxl import messages
from perfxl.errors import RoundError
from perfxl.form.fields.date import Date
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import ExportColumn, ExportTable, Value
from perfxl.workbook.writing.data_workbook import (
    LONGEST_TEXT,
    MOST_ROWS,
    NUMBER,
    TEXT,
    DataColumn,
    DataSheet,
    SheetFull,
    write_data_workbook,
)

_WIDTHS = {"name": 40, "unit_name": 40, "code": 26, "arrived": 21}
_FREE_TEXT, _OTHER = 40, 14


def write_tables(
    tables: Sequence[ExportTable], projects: Callable[[ExportTable], Iterable[ExportedProject]], stream: BinaryIO
) -> int:
    """Write the tables; return the number of rows. ``projects``: those of a table's form. Raises RoundError."""
    sheets = [DataSheet(table.name, tuple(map(_column, table.columns)), _rows(table, projects)) for table in tables]
    try:
        counts = write_data_workbook([*sheets, _about_sheet(tables)], stream)
    except SheetFull as error:
        raise RoundError(what="too_many_rows", limit=MOST_ROWS - 1) from error
    return sum(counts[:-1])


def _rows(
    table: ExportTable, projects: Callable[[ExportTable], Iterable[ExportedProject]]
) -> Iterator[Sequence[Value]]:
    """Yield the rows of a table, its dates as Excel counts days."""
    dates = [at for at, column in enumerate(table.columns) if _is_date(column)]
    for project in projects(table):
        for row in table.rows(project):
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
    name, *headings = (messages.say(f"rounds.export.columns.{word}", {}, lang) for word in words)
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
