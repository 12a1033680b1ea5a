"""Workbooks that are plain lists, for an officer to look through and edit: a tab, its headings, its rows.

Read back by the headings, wherever these stand: tabs may be renamed, columns moved and added, rows sorted.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet as XlsxWorksheet

from perfxl import messages
from perfxl.errors import ListError
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import absolute_address, address, quote_sheet
from perfxl.workbook.ooxml.zip import pack, write_zip
from perfxl.workbook.sheet import look
from perfxl.workbook.writing.finish import finish_parts
from perfxl.workbook.writing.writer import check_result, new_workbook, read_parts, write_cell

Value = str | float | int | None

HEADER = 2  # the row of the headings, from 0: a title and a note stand above them
MESSAGE = 225  # characters of a validation's message (ECMA-376 part 1, 18.3.1.32)
UPRIGHT = 88  # digits; a wider tab lies
FULL = 0.9  # of a line is filled at least: it breaks where its words allow
_ALLOWED = ("format_rows", "format_columns", "insert_rows", "insert_columns", "sort", "autofilter", "objects")
"""What people may do in a tab some of whose cells are locked."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in digits (0 hides it), what its drop-down offers, whether it is locked."""

    heading: str
    width: float
    choices: tuple[str, ...] = ()
    locked: bool = False


@dataclass(frozen=True)
class Tab:
    """A tab: its name, the title and the note above the list, its columns, a value for each of them in every row.

    ``spare``: so many empty rows stand ruled below, with their drop-downs.
    """

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    spare: int = 0


@dataclass(frozen=True)
class ListRow:
    """A row that was read: its tab, its number from 1, its values by the headings asked for, and all others ``aside``.

    A text is kept as it was typed; a cell of nothing but white space holds None.
    """

    sheet: str
    number: int
    values: Mapping[str, Value]
    cells: Mapping[str, str]  # heading → address
    aside: Mapping[str, Value] = field(default_factory=dict)

    def text(self, heading: str) -> str:
        """A value as a text without the white space around it; a whole number without its decimals."""
        value = self.values[heading]
        return "" if value is None else value.strip() if isinstance(value, str) else f"{value:.15g}"

    def cell(self, heading: str) -> str:
        """Where a value stands: ``审核规则!C5``."""
        return f"{self.sheet}!{self.cells[heading]}"


def write_tabs(tabs: Sequence[Tab]) -> bytes:
    """The workbook of these tabs. The same tabs give the same bytes."""
    stream = io.BytesIO()
    workbook = new_workbook(stream)
    _Writer(workbook, tabs).write()
    workbook.close()
    return write_zip([pack(name, data) for name, data in finish_parts(read_parts(stream)).items()])


def read_tab(workbook: Workbook, headings: Sequence[str]) -> list[ListRow]:
    """The rows below these headings, blank ones left out. Raises ListError where no tab has all of the headings."""
    for entry in workbook.sheets:
        sheet = workbook.sheet(entry)
        lines: dict[int, dict[str, int]] = {}
        for row, column in sorted(sheet.texts):
            lines.setdefault(row, {}).setdefault(_same(sheet.texts[row, column]), column)
        for row, columns in lines.items():
            if all(_same(heading) in columns for heading in headings):
                return list(_rows(sheet, row, headings, columns))
    raise ListError(file=workbook.package.file, what="no_headings", headings=tuple(headings))


def _same(heading: str) -> str:
    """A heading for comparing: no white space, full-width signs as half-width ones."""
    return "".join(unicodedata.normalize("NFKC", heading).split())


def _rows(sheet: Worksheet, header: int, headings: Sequence[str], columns: Mapping[str, int]) -> Iterator[ListRow]:
    asked = {heading: columns[_same(heading)] for heading in headings}
    others = {at: text for (row, at), text in sheet.texts.items() if row == header and at not in asked.values()}
    filled = {row for row, _ in sheet.cells if row > header}
    for row in sorted(filled):
        values = {heading: _value(sheet, row, column) for heading, column in asked.items()}
        aside = {text: value for at, text in sorted(others.items()) if (value := _value(sheet, row, at)) is not None}
        if aside or any(value is not None for value in values.values()):
            cells = {heading: address(row, column) for heading, column in asked.items()}
            yield ListRow(sheet.name, row + 1, values, cells, aside)


def _value(sheet: Worksheet, row: int, column: int) -> Value:
    value = sheet.value(row, column)
    return None if isinstance(value, str) and not value.strip() else value


class _Writer:
    """Writes the tabs. Holds XlsxWriter's objects."""

    def __init__(self, workbook: XlsxWorkbook, tabs: Sequence[Tab]) -> None:
        self.workbook = workbook
        self.tabs = tabs
        self.formats: dict[look.Format, Format] = {}
        choices = dict.fromkeys(column.choices for tab in tabs for column in tab.columns if column.choices)
        self.lists = {entries: f"px.list.{number}" for number, entries in enumerate(choices, start=1)}

    def format(self, properties: look.Format) -> Format:
        if properties not in self.formats:
            self.formats[properties] = self.workbook.add_format(dict(properties))
        return self.formats[properties]

    def write(self) -> None:
        for tab in self.tabs:
            self._tab(tab)
        if self.lists:
            self._choices()

    def _tab(self, tab: Tab) -> None:
        sheet = self.workbook.add_worksheet(tab.name)
        last = len(tab.columns) - 1
        for at, column in enumerate(tab.columns):
            hidden = {"hidden": not column.width}
            check_result(sheet.set_column(at, at, column.width or 9, self.format(_plain(column.locked)), hidden))
        check_result(sheet.set_column(last + 1, last + 1, 9, self.format(_plain(locked=False))))
        for row, (text, form, size) in enumerate(((tab.title, look.LIST_TITLE, 16), (tab.note, look.LIST_NOTE, 10.5))):
            if last:
                check_result(sheet.merge_range(row, 0, row, last, "", self.format(form)))
            write_cell(sheet, row, 0, text, self.format(form))
            check_result(
                sheet.set_row(row, max(24, look.text_height(text, sum(each.width for each in tab.columns), size)))
            )
        for at, column in enumerate(tab.columns):
            write_cell(sheet, HEADER, at, column.heading, self.format(look.LIST_HEADER))
        check_result(sheet.set_row(HEADER, 26))
        for at, values in enumerate((*tab.rows, *[(None,) * len(tab.columns)] * tab.spare), start=HEADER + 1):
            self._row(sheet, at, tab.columns, values)
        self._finish(sheet, tab)

    def _row(self, sheet: XlsxWorksheet, row: int, columns: Sequence[Column], values: Sequence[Value]) -> None:
        height = 22.0
        for at, (column, value) in enumerate(zip(columns, values, strict=True)):
            write_cell(sheet, row, at, value, self.format(_ruled(column.locked, value)))
            if isinstance(value, str) and column.width:
                height = max(height, look.text_height(value, column.width * FULL, 10.5, indent=1))
        check_result(sheet.set_row(row, min(height, 409.0)))

    def _finish(self, sheet: XlsxWorksheet, tab: Tab) -> None:
        last = HEADER + len(tab.rows) + tab.spare
        for at, column in enumerate(tab.columns):
            if column.choices and last > HEADER:
                said = messages.say("sheet.refused_choice", {"words": column.choices})
                options = {
                    "validate": "list",
                    "source": f"={self.lists[column.choices]}",
                    "error_title": messages.say("sheet.refused"),
                    "error_message": said if len(said) <= MESSAGE else messages.say("sheet.refused"),
                }
                check_result(sheet.data_validation(HEADER + 1, at, last, at, options))
        sheet.hide_gridlines(2)
        sheet.freeze_panes(HEADER + 1, 0)
        sheet.set_paper(9)
        if sum(column.width for column in tab.columns) > UPRIGHT:
            sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.8)
        sheet.fit_to_pages(1, 0)
        check_result(sheet.repeat_rows(HEADER, HEADER))
        check_result(sheet.set_footer(f"&R&8 {messages.say('sheet.pages')}"))
        if any(column.locked for column in tab.columns):
            sheet.protect("", dict.fromkeys(_ALLOWED, True))

    def _choices(self) -> None:
        """The lists behind the drop-downs, each under a name; hidden."""
        sheet = self.workbook.add_worksheet(messages.say("sheet.choices"))
        locked = self.format(look.LOCKED)
        for column, (entries, name) in enumerate(self.lists.items()):
            for row, entry in enumerate(entries):
                write_cell(sheet, row, column, entry, locked)
            target = f"{absolute_address(0, column)}:{absolute_address(len(entries) - 1, column)}"
            check_result(self.workbook.define_name(name, f"={quote_sheet(sheet.get_name())}!{target}"))
        check_result(sheet.set_column(0, len(self.lists), None, locked))
        sheet.hide()


def _plain(locked: bool) -> look.Format:
    """A cell outside the list: unlocked, so that rows and columns can be added, where the column is."""
    return look.make_format(font_name=look.SONG, font_size=10.5, num_format="@", text_wrap=True, locked=locked)


def _ruled(locked: bool, value: Value) -> look.Format:
    """A cell of the list: a text stays one, whatever it looks like; what is locked is grey."""
    number = isinstance(value, (int, float))
    properties = {**dict(look.LIST_TEXT), "locked": locked, "num_format": "General" if number else "@"}
    if locked:
        properties["bg_color"] = look.LABEL_FILL
    return look.make_format(**properties)
