"""Workbooks that are plain lists, for an officer to look through and edit: tabs with headings and rows.

They are read back by the headings, wherever these are: tabs may be renamed, columns moved and added, rows sorted.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet as XlsxWorksheet

from perfxl import messages
from perfxl.errors import ListError
from perfxl.form.characters import is_blank_text, squeeze
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import absolute_address, address, quote_sheet
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.colours import LABEL_FILL
from perfxl.workbook.writing.finish import finish_parts
from perfxl.workbook.writing.writer import check_result, new_workbook, read_parts, write_cell

Value = str | float | int | None

HEADER = 2  # the row of the headings, from 0: a title and a note are above them
MESSAGE = 225  # the most characters of a validation's message (ECMA-376 part 1, 18.3.1.32)
UPRIGHT = 88  # the greatest width in digits of a tab that is printed upright; a wider one is printed in landscape
FULL = 0.9  # the part of a line that is filled at least: it breaks where its words allow
_ALLOWED = ("format_rows", "format_columns", "insert_rows", "insert_columns", "sort", "autofilter", "objects")
"""The actions that stay allowed in a tab in which some cells are locked."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in digits (0 hides it), its drop-down's choices, whether it is locked.

    ``align``: of its values, empty for Excel's own; ``number_format``: of its numbers; ``fills``: the fill of a value
    that stands out.
    """

    heading: str
    width: float
    choices: tuple[str, ...] = ()
    locked: bool = False
    align: str = ""
    number_format: str = "General"
    fills: Mapping[Value, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Tab:
    """A tab: its name, the title and the note above the list, its columns, and rows with a value for each column.

    ``spare``: the number of empty rows below the list, ruled and with their drop-downs; ``sums``: the rows, from 0,
    that sum others, which are set off; ``lang``: the language that all tabs of a workbook have.
    """

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    spare: int = 0
    sums: frozenset[int] = frozenset()
    lang: str = messages.DEFAULT


@dataclass(frozen=True)
class ListRow:
    """A row that was read: its tab, its number from 1, and its values by the headings asked for.

    ``aside``: the values of all other columns by their headings. A text is kept as it was typed; a cell with nothing
    but white space has the value None.
    """

    sheet: str
    number: int
    values: Mapping[str, Value]
    cells: Mapping[str, str]  # heading → address
    aside: Mapping[str, Value] = field(default_factory=dict)

    def text(self, heading: str) -> str:
        """Return a value as a text without the white space around it; a whole number without decimals."""
        value = self.values[heading]
        if value is None:
            return ""
        return value.strip() if isinstance(value, str) else f"{value:.15g}"

    def cell(self, heading: str) -> str:
        """Return the sheet and cell of a value: ``审核规则!C5``."""
        return f"{self.sheet}!{self.cells[heading]}"


def write_tabs(tabs: Sequence[Tab]) -> bytes:
    """Return the bytes of a workbook with these tabs. The same tabs give the same bytes."""
    stream = io.BytesIO()
    workbook = new_workbook(stream, lang=tabs[0].lang if tabs else messages.DEFAULT)
    _Writer(workbook, tabs).write()
    workbook.close()
    return write_zip([pack(name, data) for name, data in finish_parts(read_parts(stream)).items()])


def read_tab(workbook: Workbook, headings: Sequence[str]) -> list[ListRow]:
    """Return the rows below these headings without blank ones. Raises ListError if no tab has all the headings."""
    for entry in workbook.sheets:
        sheet = workbook.sheet(entry)
        lines: dict[int, dict[str, int]] = {}
        for row, column in sorted(sheet.texts):
            lines.setdefault(row, {}).setdefault(squeeze(sheet.texts[row, column]), column)
        for row, columns in lines.items():
            if all(squeeze(heading) in columns for heading in headings):
                return list(_read_rows(sheet, row, headings, columns))
    raise ListError(file=workbook.package.file, what="no_headings", headings=tuple(headings))


def _read_rows(sheet: Worksheet, header: int, headings: Sequence[str], columns: Mapping[str, int]) -> Iterator[ListRow]:
    """Yield the rows below the row ``header``. ``columns``: the columns by their squeezed headings."""
    wanted = {heading: columns[squeeze(heading)] for heading in headings}
    others = {at: text for (row, at), text in sheet.texts.items() if row == header and at not in wanted.values()}
    filled = {row for row, _ in sheet.cells if row > header}
    for row in sorted(filled):
        values = {heading: _cell_value(sheet, row, column) for heading, column in wanted.items()}
        aside = {
            text: value for at, text in sorted(others.items()) if (value := _cell_value(sheet, row, at)) is not None
        }
        if aside or any(value is not None for value in values.values()):
            cells = {heading: address(row, column) for heading, column in wanted.items()}
            yield ListRow(sheet.name, row + 1, values, cells, aside)


def _cell_value(sheet: Worksheet, row: int, column: int) -> Value:
    """Return a cell's value; None for a text that shows nothing."""
    value = sheet.value(row, column)
    return None if isinstance(value, str) and is_blank_text(value) else value


class _Writer:
    """A writer of tabs into an XlsxWriter workbook."""

    def __init__(self, workbook: XlsxWorkbook, tabs: Sequence[Tab]) -> None:
        self.workbook = workbook
        self.tabs = tabs
        self.lang = tabs[0].lang if tabs else messages.DEFAULT
        self.formats: dict[look.Format, Format] = {}
        choices = dict.fromkeys(column.choices for tab in tabs for column in tab.columns if column.choices)
        self.lists = {entries: f"px.list.{number}" for number, entries in enumerate(choices, start=1)}

    def format(self, properties: look.Format) -> Format:
        """Return the workbook's format with these properties; equal ones are added once."""
        if properties not in self.formats:
            self.formats[properties] = self.workbook.add_format(dict(look.in_language(properties, self.lang)))
        return self.formats[properties]

    def _say(self, key: str, **facts: object) -> str:
        return messages.say(key, facts, self.lang)

    def _heading_height(self, column: Column) -> float:
        return look.text_height(column.heading, column.width * FULL, 10.5, lang=self.lang)

    def write(self) -> None:
        """Write all tabs, and a hidden sheet with the choices of the drop-downs."""
        for tab in self.tabs:
            self._write_tab(tab)
        if self.lists:
            self._write_choices()

    def _write_tab(self, tab: Tab) -> None:
        sheet = self.workbook.add_worksheet(tab.name)
        last = len(tab.columns) - 1
        width = sum(column.width for column in tab.columns)
        for at, column in enumerate(tab.columns):
            hidden = {"hidden": not column.width}
            check_result(sheet.set_column(at, at, column.width or 9, self.format(_plain_format(column.locked)), hidden))
        check_result(sheet.set_column(last + 1, last + 1, 9, self.format(_plain_format(locked=False))))
        for row, (text, form, size) in enumerate(((tab.title, look.LIST_TITLE, 16), (tab.note, look.LIST_NOTE, 10.5))):
            if last:
                check_result(sheet.merge_range(row, 0, row, last, "", self.format(form)))
            write_cell(sheet, row, 0, text, self.format(form))
            check_result(sheet.set_row(row, max(24, look.text_height(text, width, size, lang=self.lang))))
        for at, column in enumerate(tab.columns):
            write_cell(sheet, HEADER, at, column.heading, self.format(look.LIST_HEADER))
        shown = [column for column in tab.columns if column.width]
        height = max((self._heading_height(column) for column in shown), default=0)
        check_result(sheet.set_row(HEADER, max(26, height)))
        for at, values in enumerate((*tab.rows, *[(None,) * len(tab.columns)] * tab.spare)):
            self._write_row(sheet, HEADER + 1 + at, tab.columns, values, at in tab.sums)
        self._finish_tab(sheet, tab)

    def _write_row(
        self, sheet: XlsxWorksheet, row: int, columns: Sequence[Column], values: Sequence[Value], is_sum: bool
    ) -> None:
        height = 22.0
        for at, (column, value) in enumerate(zip(columns, values, strict=True)):
            write_cell(sheet, row, at, value, self.format(_ruled_format(column, value, is_sum)))
            if isinstance(value, str) and column.width:
                indent = 0 if column.align == "center" else 1
                height = max(height, look.text_height(value, column.width * FULL, 10.5, indent, 0, self.lang))
        check_result(sheet.set_row(row, min(height, 409.0)))

    def _finish_tab(self, sheet: XlsxWorksheet, tab: Tab) -> None:
        """Add the drop-downs, the view, the printing set-up and the protection of a tab."""
        last = HEADER + len(tab.rows) + tab.spare
        for at, column in enumerate(tab.columns):
            if column.choices and last > HEADER:
                message = self._say("sheet.refused_choice", words=column.choices)
                options = {
                    "validate": "list",
                    "source": f"={self.lists[column.choices]}",
                    "error_title": self._say("sheet.refused"),
                    "error_message": message if len(message) <= MESSAGE else self._say("sheet.refused"),
                }
                check_result(sheet.data_validation(HEADER + 1, at, last, at, options))
        sheet.hide_gridlines(2)
        sheet.freeze_panes(HEADER + 1, 0)
        sheet.set_paper(9)
        if sum(column.width for column in tab.columns) > UPRIGHT:
            sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.8)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        check_result(sheet.repeat_rows(HEADER, HEADER))
        check_result(sheet.set_footer(f"&R&8 {self._say('sheet.pages')}"))
        if any(column.locked for column in tab.columns):
            sheet.protect("", dict.fromkeys(_ALLOWED, True))

    def _write_choices(self) -> None:
        """Write the lists behind the drop-downs into a hidden sheet, each list under a defined name."""
        sheet = self.workbook.add_worksheet(self._say("sheet.choices"))
        locked = self.format(look.LOCKED)
        for column, (entries, name) in enumerate(self.lists.items()):
            for row, entry in enumerate(entries):
                write_cell(sheet, row, column, entry, locked)
            target = f"{absolute_address(0, column)}:{absolute_address(len(entries) - 1, column)}"
            check_result(self.workbook.define_name(name, f"={quote_sheet(sheet.get_name())}!{target}"))
        check_result(sheet.set_column(0, len(self.lists), None, locked))
        sheet.hide()


def _plain_format(locked: bool) -> look.Format:
    """Return the format of cells outside the list; unlocked ones let people add rows and columns."""
    return look.make_format(font_name=look.SONG, font_size=10.5, num_format="@", text_wrap=True, locked=locked)


def _ruled_format(column: Column, value: Value, is_sum: bool) -> look.Format:
    """Return the format of a cell of the list: a text stays a text, whatever it looks like; locked cells are grey."""
    number = isinstance(value, (int, float))
    properties = {**dict(look.LIST_TEXT), "locked": column.locked}
    properties["num_format"] = column.number_format if number else "@"
    if column.align:
        properties |= {"align": column.align, "indent": 0 if column.align == "center" else 1}
    if column.locked or is_sum:
        properties["bg_color"] = LABEL_FILL
    if is_sum:
        properties["font_name"] = look.HEI
    if fill := column.fills.get(value):
        properties["bg_color"] = fill
    return look.make_format(**properties)
