"""A workbook written whole by XlsxWriter: the one place where a form becomes a package, and stamping's oracle."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

from xlsxwriter.format import Format as XlsxFormat
from xlsxwriter.utility import quote_sheetname
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from perfxl import messages, rules
from perfxl.form import taxonomy
from perfxl.form.fields.base import Validation
from perfxl.form.form import Field, FormRule
from perfxl.form.layout import Box, panel_row
from perfxl.workbook.ooxml.formula import Place, absolute, area, blank, marked, quoted
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.book import CONTACTS, Book, list_entry, list_title, sheet_cell, total
from perfxl.workbook.sheet.choices import list_name, lists
from perfxl.workbook.sheet.identity import BOOK_NAME, PROPERTY, SHEET_NAME
from perfxl.workbook.sheet.manual import described
from perfxl.workbook.sheet.names import row_ids, sheet_names
from perfxl.workbook.sheet.page import Page, Value, key_rows, varies
from perfxl.workbook.sheet.self_check import ERRORS, UNFILLED, WARNINGS, named_cells, reach_of, value_names
from perfxl.workbook.writing import check_sheet
from perfxl.workbook.writing.finish import Parts, finished
from perfxl.workbook.writing.writer import opened, parts, put, sure, unmarked


def compile(book: Book) -> Parts:
    """The parts of the workbook's package, in the order in which they are zipped."""
    return finished(_written(book))


def frame(book: Book) -> Parts:
    """The same parts, but the form sheets empty and the styles without theirs: what stamping puts around its sheets."""
    parts = _written(book, blank=True)
    first = 2 if book.listed else 1
    blank = {f"xl/worksheets/sheet{first + at}.xml" for at in range(len(book.pages))}
    around = finished({name: data for name, data in parts.items() if name not in blank})
    return {name: around.get(name, b"") for name in parts}


def _written(book: Book, blank: bool = False) -> Parts:
    stream = io.BytesIO()
    workbook = opened(stream)
    writer = _Writer(workbook, book)
    writer.write(blank)
    workbook.close()
    return parts(stream)


def formats(book: Book) -> tuple[look.Format, ...]:
    """Every cell format of a book, in a fixed order: the same for all books of a form, whatever their rows."""
    fixed = [look.LOCKED, look.MARK, look.KEY]
    fixed += [getattr(look, name) for name in sorted(vars(look)) if name.startswith(("PANEL_", "LIST_")) ]
    found = dict.fromkeys(fixed)
    for page in book.pages:
        runs = look.frames(page.layout)
        found |= dict.fromkeys(sorted((look.box_format(box, page.layout, runs) for box in page.layout.boxes), key=repr))
    return tuple(found)


DIFFERENTIALS: tuple[dict[str, str], ...] = (
    {"bg_color": look.REQUIRED_FILL},
    {"bg_color": look.OPTIONAL_FILL},
    {"bg_color": look.ERROR_FILL},
    {"bg_color": look.WARNING_FILL},
    {"num_format": ";;;"},
)
"""What conditional formats change."""


class _Writer:
    """Writes one book. Holds XlsxWriter's objects; every call's return value is looked at."""

    def __init__(self, workbook: Workbook, book: Book) -> None:
        self.workbook = workbook
        self.book = book
        self.formats: dict[look.Format, XlsxFormat] = {}
        for properties in formats(book):
            # XlsxWriter numbers formats as they are first used; asking now makes the numbers the same in every book
            # of a form, so that sheets compiled apart can share one styles part (no public call does it)
            self.format(properties)._get_xf_index()
        for differential in DIFFERENTIALS:  # those of conditional formats likewise
            workbook.add_format(dict(differential))._get_dxf_index()

    def format(self, properties: look.Format) -> XlsxFormat:
        if properties not in self.formats:
            self.formats[properties] = self.workbook.add_format(dict(properties))
        return self.formats[properties]

    def write(self, blank: bool = False) -> None:
        book, workbook = self.book, self.workbook
        identity = book.identity
        sure(workbook.set_custom_property(PROPERTY, identity.mark, "text"))
        if book.listed:
            self._list_sheet()
        for page in book.pages:
            sheet = _FormSheet(self, page)
            if not blank:
                sheet.write()
        self._check_sheet()
        self._help_sheet()
        if lists(book.form):
            self._choices_sheet()
        self._identity_sheet()
        sure(workbook.define_name(BOOK_NAME, f'="{identity.mark}"'))

    def sheet(self, name: str) -> Worksheet:
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        return sheet

    def protect(self, sheet: Worksheet) -> None:
        allowed = {"format_rows": True, "format_columns": True, "insert_rows": True, "objects": True}
        sheet.protect(self.book.password, allowed)

    def text(self, sheet: Worksheet, row: int, column: int, value: Value, form: look.Format) -> None:
        """Writes texts as strings only: never through a call that makes formulas or links of them."""
        put(sheet, row, column, value, self.format(form))

    def _list_sheet(self) -> None:
        """项目清单: what is in this book, and who answers for it."""
        book = self.book
        sheet = self.sheet(messages.say("sheet.list.tab"))
        for column, width in enumerate((7, 40, 27, *[8] * len(LIVE))):
            sure(sheet.set_column(column, column, width, self.format(look.LOCKED)))
        last = 2 + len(LIVE)
        self._merged(sheet, 0, 0, last, messages.say("sheet.list.first"), look.LIST_NOTE)
        self._merged(sheet, 1, 0, last, list_title(book), look.LIST_TITLE)
        self.text(sheet, 2, 2, messages.say("sheet.list.unit"), look.LIST_UNIT)
        for row, height in enumerate((24, 36, 20, *[24] * (len(book.pages) + 3), *[26] * 3)):
            sure(sheet.set_row(row, height))
        for column, key in enumerate(("number", "name", "amount", *LIVE)):
            self.text(sheet, 3, column, messages.say(f"sheet.list.headers.{key}"), look.LIST_HEADER)
        for at, page in enumerate(book.pages):
            self._list_row(sheet, 4 + at, page)
        row = 4 + len(book.pages)
        self.text(sheet, row, 0, None, look.LIST_CENTER)
        self.text(sheet, row, 1, messages.say("sheet.list.total"), look.LIST_CENTER)
        self.text(sheet, row, 2, total(book), look.LIST_MONEY)
        for column in range(3, last + 1):
            self.text(sheet, row, column, None, look.LIST_CENTER)
        for at, key in enumerate(CONTACTS):
            self.text(sheet, row + 2 + at, 1, messages.say(f"sheet.list.{key}"), look.LIST_HEADER)
            self.text(sheet, row + 2 + at, 2, book.contacts[at], look.LIST_INPUT)
            refused = messages.say("sheet.refused")
            options = {"validate": "length", "criteria": "<=", "value": 30, "error_title": refused}
            options["error_message"] = messages.say("sheet.refused_length", {"limit": 30})
            sure(sheet.data_validation(row + 2 + at, 2, row + 2 + at, 2, options))
        sheet.fit_to_pages(1, 0)
        sheet.print_black_and_white()
        self.protect(sheet)

    def _list_row(self, sheet: Worksheet, row: int, page: Page) -> None:
        number, name, amount = list_entry(page)
        self.text(sheet, row, 0, number, look.LIST_NUMBER)
        link = f"internal:{quoted(page.name)}!A1"
        sure(sheet.write_url(row, 1, link, self.format(look.LIST_LINK), unmarked(name)))
        self.text(sheet, row, 2, amount, look.LIST_MONEY)
        for column, at in enumerate(LIVE.values(), start=3):
            place = page.checks.place(at)
            self.live(sheet, (row, column), sheet_cell(page, place), page.cells[place], look.LIST_NUMBER)

    def live(self, sheet: Worksheet, place: Place, formula: str, value: Value, form: look.Format) -> None:
        """Writes a formula with the value that it comes to now, for viewers that never calculate."""
        sure(sheet.write_formula(*place, f"={formula}", self.format(form), value))

    def _check_sheet(self) -> None:
        """报前自查: a row per check and project, live."""
        sheet = self.sheet(messages.say("sheet.self_check.tab"))
        say = messages.say
        for column, width in enumerate(check_sheet.WIDTHS):
            sure(sheet.set_column(column, column, width, self.format(look.LOCKED)))
        last = len(check_sheet.WIDTHS) - 1
        self._merged(sheet, 0, 0, last, say("sheet.self_check.title"), look.LIST_TITLE)
        self._merged(sheet, 1, 0, last, say("sheet.self_check.note"), look.LIST_NOTE)
        for row, height in enumerate((34, 36, 24)):
            sure(sheet.set_row(row, height))
        for column, key in enumerate(("severity", "title", "must", "state", "cell")):
            self.text(sheet, 2, column, say(f"sheet.self_check.headers.{key}"), look.LIST_HEADER)
        for row, each in enumerate(check_sheet.check_rows(self.book), start=check_sheet.FIRST):
            self._check_row(sheet, row, each)
        sure(sheet.repeat_rows(2, 2))
        sheet.fit_to_pages(1, 0)
        sheet.print_black_and_white()
        self._check_colours(sheet, row)
        self.protect(sheet)

    def _check_row(self, sheet: Worksheet, row: int, each: check_sheet.CheckRow) -> None:
        if each.kind == "project":
            self._merged(sheet, row, 0, check_sheet.STATE - 1, each.texts[0], look.LIST_PROJECT)
            self._merged(sheet, row, check_sheet.STATE, check_sheet.CELL, "", look.LIST_COUNTS)
            sure(sheet.set_row(row, 22))
        else:
            sure(sheet.set_row(row, max(22, look.text_height(each.texts[2], check_sheet.WIDTHS[2], 10.5, indent=1))))
            for column, words in each.texts.items():
                self.text(sheet, row, column, words, look.LIST_TEXT if column else look.LIST_CENTER)
        for column, (formula, value) in each.live.items():
            link = column == check_sheet.CELL and each.kind == "check"
            form = look.LIST_LINKED if link else look.LIST_COUNTS if each.kind == "project" else look.LIST_CENTER
            self.live(sheet, (row, column), formula, value, form)

    def _check_colours(self, sheet: Worksheet, last: int) -> None:
        """What is not as it should be is coloured as it would be by a flag."""
        first, column = check_sheet.FIRST, check_sheet.STATE
        state, severity = f"$D{first + 1}", f"$A{first + 1}"
        words = {word: messages.say(f"sheet.self_check.{word}") for word in ("broken", "blank")}
        colours = {f'{state}="{words["blank"]}"': look.REQUIRED_FILL}
        for each, fill in (("error", look.ERROR_FILL), ("warning", look.WARNING_FILL)):
            said = messages.say(f"report.severity.{each}")
            colours[f'AND({state}="{words["broken"]}",{severity}="{said}")'] = fill
        for criteria, fill in colours.items():
            form = self.workbook.add_format({"bg_color": fill})
            options = {"type": "formula", "criteria": f"={criteria}", "format": form}
            sure(sheet.conditional_format(first, column, last, column, options))

    def _merged(self, sheet: Worksheet, row: int, first: int, last: int, value: Value, form: look.Format) -> None:
        sure(sheet.merge_range(row, first, row, last, "", self.format(form)))
        self.text(sheet, row, first, value, form)

    def _help_sheet(self) -> None:
        """填表说明: what to do, then what every field takes; generated from the form."""
        form = self.book.form
        sheet = self.sheet(messages.say("sheet.help.tab"))
        for column, width in enumerate((5, 27, 55)):
            sure(sheet.set_column(column, column, width, self.format(look.LOCKED)))
        self._merged(sheet, 0, 0, 2, messages.say("sheet.help.title"), look.LIST_TITLE)
        sure(sheet.set_row(0, 34))
        row = 1
        for number, line in enumerate(form.help, start=1):
            self.text(sheet, row, 0, f"{number}.", look.LIST_UNIT)
            self._merged(sheet, row, 1, 2, line, look.LIST_NOTE)
            sure(sheet.set_row(row, max(22, look.text_height(line, 82, 10.5))))
            row += 1
        self._merged(sheet, row, 0, 2, messages.say("sheet.help.fields"), look.LIST_HEADER)
        sure(sheet.set_row(row, 26))
        row += 1
        for number, (label, need, says) in enumerate(described(form, self.book.issue.policy), start=1):
            self.text(sheet, row, 0, number, look.LIST_NUMBER)
            cells = ((1, f"{label}（{need}）", 27), (2, says, 55))
            for column, text, _ in cells:
                self.text(sheet, row, column, text, look.LIST_TEXT)
            height = max(look.text_height(text, width, 10.5, indent=1) for _, text, width in cells)
            sure(sheet.set_row(row, max(24, height)))
            row += 1
        sheet.fit_to_pages(1, 0)
        self.protect(sheet)

    def _choices_sheet(self) -> None:
        """The lists behind the drop-downs, each under a name; hidden."""
        sheet = self.sheet(messages.say("sheet.choices"))
        for column, (name, entries) in enumerate(lists(self.book.form).items()):
            for row, entry in enumerate(entries):
                self.text(sheet, row, column, entry, look.LOCKED)
            target = f"{absolute(0, column)}:{absolute(len(entries) - 1, column)}"
            sure(self.workbook.define_name(name, f"={quoted(sheet.get_name())}!{target}"))
        sure(sheet.set_column(0, 0, None, self.format(look.LOCKED)))
        self.protect(sheet)
        sheet.hide()

    def _identity_sheet(self) -> None:
        """Who the book and its sheets are, and what they went out with; very hidden."""
        sheet = self.sheet(messages.say("sheet.identity"))
        self.text(sheet, 0, 0, self.book.identity.printed, look.LOCKED)
        self.text(sheet, 0, 1, self.book.identity.dumps(), look.LOCKED)
        for row, page in enumerate(self.book.pages, start=1):
            self.text(sheet, row, 0, page.identity.printed, look.LOCKED)
            self.text(sheet, row, 1, page.identity.dumps(page.given, self.book.issue.sent), look.LOCKED)
        sure(sheet.set_column(0, 0, None, self.format(look.LOCKED)))
        self.protect(sheet)
        sheet.very_hidden()


class _FormSheet:
    """Writes one form sheet."""

    def __init__(self, writer: _Writer, page: Page) -> None:
        self.writer = writer
        self.page = page
        self.layout = page.layout
        self.sheet = writer.sheet(page.name)
        self.reach = reach_of(self.layout)

    def write(self) -> None:
        self._columns_and_rows()
        self._boxes()
        self._marks()
        self._panel()
        self._checks()
        self._validations()
        self._colours()
        self._names()
        self._print()
        self.writer.protect(self.sheet)
        first = next(box for box in self.layout.boxes if not box.locked)
        self.sheet.set_selection(first.row, first.column, first.row, first.column)
        if self.page is self.writer.book.pages[0] and not self.writer.book.listed:
            self.sheet.activate()

    def _columns_and_rows(self) -> None:
        layout, form = self.layout, self.layout.form
        locked = self.writer.format(look.LOCKED)
        for at, width in enumerate(form.sheet.columns):
            sure(self.sheet.set_column(layout.first_column + at, layout.first_column + at, width, locked))
        sure(self.sheet.set_column(layout.key_column, layout.key_column, form.sheet.key_width, locked))
        for at, width in enumerate(form.sheet.panel):
            column = layout.panel_column - 1 + at
            sure(self.sheet.set_column(column, column, width, locked))
        sure(self.sheet.set_row(layout.mark_row, None, None, {"hidden": True}))
        for row, height in self.page.heights.items():
            sure(self.sheet.set_row(row, height))

    def _boxes(self) -> None:
        runs = look.frames(self.layout)
        for box in self.layout.boxes:
            form = look.box_format(box, self.layout, runs)
            last_row, last_column = box.end
            if (last_row, last_column) != (box.row, box.column):
                sure(self.sheet.merge_range(box.row, box.column, last_row, last_column, "", self.writer.format(form)))
            value = self.page.cells[box.row, box.column] if varies(box) else box.text
            self.writer.text(self.sheet, box.row, box.column, value, form)

    def _marks(self) -> None:
        layout = self.layout
        corner = (layout.mark_row, layout.key_column)
        self.writer.text(self.sheet, *corner, self.page.cells[corner], look.MARK)
        for at in range(len(layout.form.sheet.columns)):
            self.writer.text(self.sheet, layout.mark_row, layout.first_column + at, f"c{at + 1}", look.MARK)
        for row, text in row_ids(layout).items():
            self.writer.text(self.sheet, row, layout.key_column, text, look.MARK)
        for table in layout.tables.values():
            self.writer.text(self.sheet, table.header, layout.key_column, layout.form.sheet.key_label, look.KEY)
        for row in key_rows(layout):
            self.writer.text(self.sheet, row, layout.key_column, self.page.cells[row, layout.key_column], look.KEY)

    def _panel(self) -> None:
        if not self.layout.form.sheet.panel:
            return
        column = self.layout.panel_column
        for line, key, form in PANEL:
            text = messages.say(f"sheet.panel.blank.{key}")
            self.writer.text(self.sheet, panel_row(self.layout, line), column, text, form)
        at = (panel_row(self.layout, 11), column)
        self.writer.text(self.sheet, *at, self.page.cells[at], look.PANEL_STRONG)

    def _checks(self) -> None:
        """The live checks, in the hidden mark row; what they come to stands in the panel."""
        for place, formula in self.page.checks.formulas.items():
            form = look.MARK if place[0] == self.layout.mark_row else look.PANEL_TITLE
            self.writer.live(self.sheet, place, formula, self.page.cells[place], form)

    def _validations(self) -> None:
        for box in self.layout.boxes:
            if not box.locked and box.field:
                options = self._validation(box, box.field)
                sure(self.sheet.data_validation(box.row, box.column, *box.end, options))

    def _validation(self, box: Box, asked: Field) -> dict[str, Any]:
        check = asked.kind.validation()
        options: dict[str, Any] = {"validate": "any"} if check is None else _checked(check, self.reach.here())
        if check is not None and check.kind == "list":
            options["source"] = f"={self._source(box, asked)}"
        if check is not None:
            facts = asked.kind.facts()
            options["error_title"] = messages.say(f"kinds.refusal.{asked.kind.name}.title", facts)
            options["error_message"] = messages.say(f"kinds.refusal.{asked.kind.name}.text", facts)
            # what must be put right is refused, anything else may be typed after a warning
            severity = rules.behind(asked.kind.name, self.layout.form, self.page.checks.policy)
            options["error_type"] = "stop" if severity == "error" else "warning"
        if asked.prompt:
            options["input_title"], options["input_message"] = asked.prompt.title, asked.prompt.text
        return options

    def _source(self, box: Box, asked: Field) -> str:
        """The name of the list that a drop-down shows; under a cascade the one that belongs to the row's own entry."""
        if not asked.within:
            return list_name(self.layout.form, asked)
        table = self.layout.tables[box.table]
        levels = list(taxonomy.load(self.layout.form.taxonomy).levels)
        groups = self.layout.form.tables[box.table].groups
        if groups and groups.by == asked.within:
            group = table.slots[box.index].group
            return f"px.l2.{levels.index(group) + 1}" if group in levels else "px.l2"
        return f'INDIRECT("px.l2."&MATCH({self.reach.beside(table.columns[asked.within])},px.l1,0))'

    def _colours(self) -> None:
        """Empty inputs are coloured until they are filled; repeats are shown once."""
        empty = marked("empty", blank(self.reach.here()))
        for required, fill in ((True, look.REQUIRED_FILL), (False, look.OPTIONAL_FILL)):
            boxes = [box for box in self.layout.boxes if not box.locked and box.required is required]
            if boxes:
                self._format(boxes, empty, {"bg_color": fill})
        self._live_colours()
        answers = [box for box in self.layout.boxes if box.role == "answer"]
        repeated = [box for box in answers if box.field and box.field.repeat == "hidden"]
        if repeated:
            same = f"LEN({self.reach.here()})>0,{self.reach.here()}={self.reach.above()}"
            self._format(repeated, marked("repeat", same), {"num_format": ";;;"})

    def _live_colours(self) -> None:
        """The cells that a broken line is about are coloured as by a flag; the gravest stands first."""
        checks = self.page.checks
        for severity, fill in (("error", look.ERROR_FILL), ("warning", look.WARNING_FILL)):
            on: dict[str, list[str]] = {}
            for at, line in enumerate(checks.lines):
                for id in line.on if line.severity == severity and not line.each else ():
                    on.setdefault(id, []).append(f"{absolute(*checks.state(at))}<0")
                if line.severity == severity and line.each:
                    self._live_column(line, fill)
            for id, broken in on.items():
                if box := self.layout.head.get(id):
                    self._format([box], marked("live", f"OR({','.join(broken)})"), {"bg_color": fill})

    def _live_column(self, line: FormRule, fill: str) -> None:
        """The cells of a table in whose row a line is broken."""
        table = self.layout.tables[line.each]
        cells = named_cells(self.layout.form, self.page.checks.policy)
        cells = replace(cells, here=lambda _, id: self.reach.beside(table.columns[id]))
        broken = marked("live", f"{line.assert_.excel_here(cells)}=1")
        for id in line.on:
            boxes = [box for box in self.layout.boxes if box.table == line.each and box.role == "answer"]
            self._format([box for box in boxes if box.field and box.field.id == id], broken, {"bg_color": fill})

    def _format(self, boxes: list[Box], condition: str, properties: dict[str, Any]) -> None:
        ranges = " ".join(merged_areas(boxes))
        options = {
            "type": "formula",
            "criteria": f"={condition}",
            "format": self.writer.workbook.add_format(properties),
            "multi_range": ranges,
        }
        first = boxes[0]
        sure(self.sheet.conditional_format(first.row, first.column, first.row, first.column, options))

    def _names(self) -> None:
        workbook, here = self.writer.workbook, quoted(self.page.name)
        for name, target in sheet_names(self.layout).items():
            sure(workbook.define_name(f"{here}!{name}", f"={here}!{target}"))
        for name, formula in value_names(self.layout, self.page.name).items():
            sure(workbook.define_name(f"{here}!{name}", f"={formula}"))
        sure(workbook.define_name(f"{here}!{SHEET_NAME}", f'="{self.page.identity.mark}"'))

    def _print(self) -> None:
        layout, sheet = self.layout, self.sheet
        first = min(layout.key_column, layout.first_column)
        sure(sheet.print_area(0, first, layout.last_row, max(layout.last_column, layout.key_column)))
        if layout.form.sheet.landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.35, right=0.67, top=0.7, bottom=0.8)
        sheet.fit_to_pages(1, 0)
        sheet.print_black_and_white()
        if len(layout.tables) == 1:
            header = next(iter(layout.tables.values())).header
            sure(sheet.repeat_rows(header, header))
        # after &8 a space, else a digit that follows joins the size
        code = self.page.identity.printed
        footer = f"&L&8 {messages.say('sheet.footer')}&R&8 {code}　{messages.say('sheet.pages')}"
        sure(sheet.set_footer(footer))


LIVE = {"unfilled": UNFILLED, "errors": ERRORS, "warnings": WARNINGS}
"""The live columns of 项目清单: their words, and the counts that they show."""


PANEL: tuple[tuple[int, str, look.Format], ...] = (
    (0, "title", look.PANEL_TITLE),
    (1, "yellow", look.PANEL_YELLOW),
    (2, "blue", look.PANEL_BLUE),
    (3, "grey", look.PANEL_GREY),
    (4, "next", look.PANEL_TEXT),
    (7, "paste", look.PANEL_TEXT),
    (8, "spare", look.PANEL_TEXT),
    (10, "locked", look.PANEL_TEXT),
)
"""The panel beside the print area: line, key of its words, look. Line 11 holds the office's telephone."""


def print_name(sheet: str) -> str:
    """A sheet's name in the names of its print area and repeated rows: quoted only where it must be."""
    return str(quote_sheetname(sheet))


def merged_areas(boxes: list[Box]) -> list[str]:
    """The boxes as ranges; boxes of one column that follow each other downward are one range."""
    areas: list[tuple[int, int, int, int]] = []
    for box in sorted(boxes, key=lambda box: (box.column, box.row)):
        row, column, (last_row, last_column) = box.row, box.column, box.end
        if areas and areas[-1][1] == column and areas[-1][3] == last_column and areas[-1][2] == row - 1:
            areas[-1] = (areas[-1][0], column, last_row, last_column)
        else:
            areas.append((row, column, last_row, last_column))
    return [area(*each) for each in sorted(areas)]


def _checked(check: Validation, here: str) -> dict[str, Any]:
    """A validation in XlsxWriter's words; ``here`` is the formula of the cell's own value."""
    if check.kind == "percent":
        low, high = float(check.minimum or 0), float(check.maximum or 100)
        ranges = f"AND({here}>={low / 100:g},{here}<={high / 100:g}),AND({here}>=2,{here}<={high:g})"
        return {"validate": "custom", "value": f"=IF(ISNUMBER({here}),OR({ranges}),FALSE)"}
    if check.kind == "list":
        return {"validate": "list"}
    if check.kind == "text_length":
        return {"validate": "length", "criteria": "<=", "value": check.maximum}
    if check.kind == "date":
        limits = [datetime.fromisoformat(str(limit)) for limit in (check.minimum, check.maximum)]
        return {"validate": "date", "criteria": "between", "minimum": limits[0], "maximum": limits[1]}
    word = {"decimal": "decimal", "whole": "integer"}[check.kind]
    return {"validate": word, "criteria": "between", "minimum": check.minimum, "maximum": check.maximum}
