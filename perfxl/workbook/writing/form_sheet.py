"""One form sheet: its cells, marks, panel, live checks, validations, colours, names and page set-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from xlsxwriter.utility import quote_sheetname

from perfxl import rules
from perfxl.form.form import Field, FormRule
from perfxl.form.layout import Box, panel_row
from perfxl.form.table_rows import group_label
from perfxl.form.types.base import Validation
from perfxl.form.types.choice import Choice
from perfxl.form.types.time import minutes_of
from perfxl.workbook.ooxml.formula import (
    absolute_address,
    absolute_range,
    add_marker,
    blank_formula,
    join_areas,
    quote_sheet,
    text_literal,
)
from perfxl.workbook.sheet import calculated_cells, colours, look
from perfxl.workbook.sheet.carried import untouched_condition
from perfxl.workbook.sheet.drop_down_lists import column_list_name, column_lists, list_below, list_name
from perfxl.workbook.sheet.identity import SHEET_NAME
from perfxl.workbook.sheet.limit_formulas import LimitFormulas, percent_formula
from perfxl.workbook.sheet.manual import described_facts
from perfxl.workbook.sheet.names import key_cells, key_marks, row_ids, sheet_names, sums_marks
from perfxl.workbook.sheet.page import Page, is_varying
from perfxl.workbook.sheet.part_cells import part_formulas
from perfxl.workbook.sheet.reach import held_formula, layout_reach
from perfxl.workbook.sheet.self_check import carried_panel_place, named_cells, value_names
from perfxl.workbook.writing.validations import (
    limit_colours,
    limit_names,
    own_limits,
    own_validation,
    with_own_words,
    with_relevance,
)
from perfxl.workbook.writing.writer import BookWriter, check_result

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
"""The constant lines of the panel beside the print area: line, key of the text, format.

Line 11 of the panel holds the office's telephone.
"""

_OF_TARGETS = ("grey", "paste", "spare")
"""The lines of the panel whose words are about performance targets; a form of other answers has others."""

_OF_SPARE_ROWS = {"blue": "blue_full", "spare": ""}
"""The lines of the panel about spare rows, with those of a form that has none."""


_TITLE, _MESSAGE = 32, 255
"""The most characters of an input message in Excel."""


SIDE_MARGINS: Mapping[str, float] = {"left": 0.35, "right": 0.67}
"""The margins beside the form on paper, in inches."""


class FormSheet:
    """The writer of one form sheet."""

    def __init__(self, writer: BookWriter, page: Page) -> None:
        self.writer = writer
        self.page = page
        self.layout = page.layout
        self.sheet = writer.sheet(page.name)
        self.reach = layout_reach(self.layout)

    def write(self) -> None:
        """Write the whole sheet. The first one of a book without 项目清单 (list of projects) is shown on opening."""
        self._set_columns_and_rows()
        self._write_boxes()
        self._write_marks()
        self._write_panel()
        self._write_checks()
        self._add_validations()
        self._add_colours()
        self._define_names()
        self._set_up_printing()
        self.writer.protect(self.sheet)
        first = next(box for box in self.layout.boxes if not box.locked)
        self.sheet.set_selection(first.row, first.column, first.row, first.column)
        if self.page is self.writer.book.pages[0] and not self.writer.book.listed:
            self.sheet.activate()

    def _set_columns_and_rows(self) -> None:
        layout, form = self.layout, self.layout.form
        locked = self.writer.format(look.LOCKED)
        for at, width in enumerate(form.sheet.columns):
            check_result(self.sheet.set_column(layout.first_column + at, layout.first_column + at, width, locked))
        for column in layout.key_columns:
            check_result(self.sheet.set_column(column, column, form.sheet.key_width, locked))
        for at, width in enumerate(form.sheet.panel):
            column = layout.panel_column - 1 + at
            check_result(self.sheet.set_column(column, column, width, locked))
        check_result(self.sheet.set_row(layout.mark_row, None, None, {"hidden": True}))
        for row, height in self.page.heights.items():
            check_result(self.sheet.set_row(row, height))

    def _write_boxes(self) -> None:
        runs = look.frame_lines(self.layout)
        formulas = calculated_cells.formulas(self.layout)
        for box in self.layout.boxes:
            box_format = look.box_format(box, self.layout, runs)
            last_row, last_column = box.end
            if (last_row, last_column) != (box.row, box.column):
                merged = self.writer.format(box_format)
                check_result(self.sheet.merge_range(box.row, box.column, last_row, last_column, "", merged))
            place = box.row, box.column
            if place in formulas:
                self.writer.live(self.sheet, place, formulas[place], self.page.cells[place], box_format)
            else:
                value = self.page.cells[place] if is_varying(box) else box.text
                self.writer.text(self.sheet, *place, value, box_format)
        for place, formula in part_formulas(self.layout).items():
            self.writer.live(self.sheet, place, formula, self.page.cells[place], look.MARK)

    def _write_marks(self) -> None:
        """Write the marks in the hidden row and in the key column by which cells are found again."""
        layout = self.layout
        corner = (layout.mark_row, layout.key_column)
        self.writer.text(self.sheet, *corner, self.page.cells[corner], look.MARK)
        for at in range(len(layout.form.sheet.columns)):
            self.writer.text(self.sheet, layout.mark_row, layout.first_column + at, f"c{at + 1}", look.MARK)
        for place in (*layout.issue_cells.values(), *layout.unseen_cells.values()):
            self.writer.text(self.sheet, *place, self.page.cells[place], look.MARK)
        rows = {(row, layout.key_column): text for row, text in row_ids(layout).items()}
        for cell, text in {**key_marks(layout), **rows, **sums_marks(layout)}.items():
            self.writer.text(self.sheet, *cell, text, look.MARK)
        label = layout.form.sheet.key_label or self.writer.say("sheet.row_key")
        for table in layout.tables.values():
            last = table.header + table.header_rows - 1
            self.writer.text(self.sheet, last, table.key_column, label, look.KEY)
        for cell in key_cells(layout):
            self.writer.text(self.sheet, *cell, self.page.cells[cell], look.KEY)

    def _write_panel(self) -> None:
        if not self.layout.form.sheet.panel:
            return
        column = self.layout.panel_column
        form = self.layout.form
        for line, key, text_format in PANEL:
            of_targets = key not in _OF_TARGETS or (form.checks and not form.base)
            word = key if of_targets else f"{key}_any"
            if not form.has_spare_rows:
                word = _OF_SPARE_ROWS.get(key, word)
            if word:
                text = self.writer.say(f"sheet.panel.blank.{word}")
                self.writer.text(self.sheet, panel_row(self.layout, line), column, text, text_format)
        at = (panel_row(self.layout, 11), column)
        self.writer.text(self.sheet, *at, self.page.cells[at], look.PANEL_STRONG)

    def _write_checks(self) -> None:
        """Write the formulas of the live checks in the hidden mark row, and their summary in the panel.

        Beside them stand last year's texts as they go out.
        """
        checks = self.page.checks
        summaries = {carried_panel_place(self.layout): look.PANEL_TEXT}
        for place, formula in checks.formulas.items():
            cell_format = look.MARK if place[0] == self.layout.mark_row else summaries.get(place, look.PANEL_TITLE)
            self.writer.live(self.sheet, place, formula, self.page.cells[place], cell_format)
        for place in checks.went_out:
            self.writer.text(self.sheet, *place, self.page.cells[place], look.MARK)

    def _add_validations(self) -> None:
        long = self.layout.long
        made: dict[tuple[str, str, str], dict[str, Any]] = {}  # those of a table's column are made once
        same: dict[tuple[str, str, str], list[Box]] = {}
        for box in self.layout.boxes:
            if box.locked or not box.field:
                continue
            check = box.field.type.validation()
            source = self._list_source(box, box.field) if box.offers or (check and check.kind == "list") else ""
            key = (box.table, box.field.id, source)
            options = made.get(key) or made.setdefault(key, self._validation_of(box.table, box.field, source))
            if long and box.table:
                same.setdefault(key, []).append(box)
            else:
                check_result(self.sheet.data_validation(box.row, box.column, *box.end, options))
        for key, boxes in same.items():
            areas = join_areas((box.row, box.column, *box.end) for box in boxes)
            options = made[key] | {"other_cells": areas[1:]}
            check_result(self.sheet.data_validation(*areas[0], options))

    def _validation_of(self, table: str, field: Field, source: str) -> dict[str, Any]:
        """Return the data validation of an input, with its messages, as XlsxWriter's options; ``source``: its list."""
        if source and field.suggest:  # another text is let in as it is
            return {"validate": "list", "source": f"={source}", "show_error": False, **self._prompt(field)}
        check, policy = field.type.validation(), self.page.checks.policy
        own = own_validation(self.layout, policy, table, field)
        options: dict[str, Any] = (
            {"validate": "any"} if check is None else _validation_options(check, self.reach.here())
        )
        if check is not None and check.kind == "list":
            options["source"] = f"={source}"
            # Excel lets anything in where one of a list's cells is empty, unless an empty cell is judged, too
            options["ignore_blank"] = not (isinstance(field.type, Choice) and field.type.listed.source)
            limits = LimitFormulas(self.layout, policy, table, field)
            if limits.refuses_unasked():
                nothing = absolute_address(self.layout.mark_row, self.layout.panel_column - 1)  # an empty, locked cell
                options |= {"source": f"=IF({limits.relevant()}=1,{source},{nothing})", "ignore_blank": False}
        if check is not None:
            facts = described_facts(self.layout.asked, field)
            options["error_title"] = self.writer.say(f"types.refusal.{field.type.name}.title", **facts)
            refusal = self.writer.say(f"types.refusal.{field.type.name}.text", **facts)
            options["error_message"] = with_relevance(
                with_own_words(refusal, field, self.layout.asked), field, self.layout.asked
            )
            # a value that would be an error is refused, any other may be entered after a warning
            path = self.layout.form.tables[table].path(field.whole.id) if table else field.whole.id
            severity = rules.validation_severity(field.type, self.layout.form, policy, path)
            options["error_type"] = "stop" if severity == "error" else "warning"
            if check.open:  # what is let in besides the list is advised upon
                options["error_type"] = "information"
        return {**(own or options), **self._prompt(field)}

    def _prompt(self, field: Field) -> dict[str, str]:
        """Return what is shown while a cell is chosen: the hint, else what a unit of its author's is a unit of."""
        kind, label = field.type, field.label[-1:]
        if field.hint:
            return {"input_title": field.hint.title, "input_message": field.hint.text}
        if label and getattr(kind, "unit", None) != getattr(type(kind), "unit", None):  # no label has to say it
            text = self.writer.say(f"types.describe.{kind.name}", **described_facts(self.layout.asked, field))
            return {"input_title": label[0][:_TITLE], "input_message": text[:_MESSAGE]}
        return {}

    def _list_source(self, box: Box, field: Field) -> str:
        """Return the name of the list that a drop-down shows, or a formula that gives it.

        Where the choices depend on other answers (``field.within``), it is the list of their entries.
        """
        form, kind = self.layout.form, field.type
        if isinstance(kind, Choice) and kind.listed.source:
            return column_list_name(kind.listed.source)
        aboves = form.aboves(field)
        if not aboves or not (box.table or self.layout.head.keys() >= {above.id for above in aboves}):
            return list_name(form, box.table, field)
        if not box.table:
            return list_below(form, "", field, [f"px.v.{above.id}" for above in aboves])
        table, groups = self.layout.tables[box.table], form.tables[box.table].groups
        cells = [self.reach.beside(table.columns[above.id]) for above in aboves]
        if not groups or groups.by != aboves[0].id:
            return list_below(form, box.table, field, cells)
        group = table.slots[box.index].group  # its label stands in one of the group's rows
        label = text_literal(group_label(aboves[0], group))
        return list_below(form, box.table, field, [label, *cells[1:]], (group,))

    def _add_colours(self) -> None:
        """Colour empty inputs until they are filled, colour live checks, and show a value that repeats only once."""
        self._add_limit_colours()
        empty: dict[tuple[str, bool], list[Box]] = {}
        for box in self.layout.boxes:
            if not box.locked:
                held = held_formula(self.layout, self.reach, box.table, box.field) if box.field else self.reach.here()
                empty.setdefault((held, not box.required), []).append(box)
        for (held, optional), boxes in sorted(empty.items(), key=lambda item: item[0][1]):
            fill = colours.OPTIONAL_FILL if optional else colours.REQUIRED_FILL
            self._add_conditional_format(boxes, add_marker("empty", blank_formula(held)), {"bg_color": fill})
        self._add_live_colours()
        self._add_carried_colours()
        answers = [box for box in self.layout.boxes if box.role == "answer"]
        repeated = [box for box in answers if box.field and box.field.repeat == "hidden"]
        if repeated:
            same = f"LEN({self.reach.here()})>0,{self.reach.here()}={self.reach.above()}"
            self._add_conditional_format(repeated, add_marker("repeat", same), {"num_format": ";;;"})

    def _add_limit_colours(self) -> None:
        """Colour what is not asked for, what breaks a limit, and what a condition requires and is empty."""
        boxes: dict[tuple[str, str], list[Box]] = {}
        for box in self.layout.boxes:
            if box.field and not box.locked:
                boxes.setdefault((box.table, box.field.id), []).append(box)
        for table, field in own_limits(self.layout):
            if own := boxes.get((table, field.id)):  # none where the answer is calculated
                for condition, fill in limit_colours(self.layout, self.page.checks.policy, table, field):
                    self._add_conditional_format(own, condition, {"bg_color": fill})

    def _add_live_colours(self) -> None:
        """Colour the cells that a broken line of a check is about as a flag would, errors before warnings."""
        checks = self.page.checks
        for severity in ("error", "warning"):
            fill = colours.FLAG_FILLS[severity]
            on: dict[str, list[str]] = {}
            for at, line in enumerate(checks.lines):
                for id in line.on if line.severity == severity and not line.each else ():
                    on.setdefault(id, []).append(f"{absolute_address(*checks.state(at))}<0")
                if line.severity == severity and line.each:
                    self._add_column_colours(line, fill)
            for id, broken in on.items():
                if boxes := [box for box in self.layout.head.values() if box.field and box.field.whole.id == id]:
                    condition = add_marker("live", f"OR({','.join(broken)})")
                    self._add_conditional_format(boxes, condition, {"bg_color": fill})

    def _add_carried_colours(self) -> None:
        """Colour last year's texts until they are changed, and the panel's line about them as long as there are any."""
        checks, fill = self.page.checks, {"bg_color": colours.CARRIED_FILL}
        for column in checks.carried:
            cells = set(column.cells)
            boxes = [box for box in self.layout.boxes if (box.row, box.column) in cells]
            self._add_conditional_format(boxes, untouched_condition(self.layout, column, self.reach), fill)
        if checks.carries and self.layout.form.sheet.panel:
            place = carried_panel_place(self.layout)
            condition = add_marker("carried", f"{absolute_address(*checks.untouched)}>0")
            options = {"type": "formula", "criteria": f"={condition}", "format": self.writer.workbook.add_format(fill)}
            check_result(self.sheet.conditional_format(*place, *place, options))

    def _add_column_colours(self, line: FormRule, fill: str) -> None:
        """Colour the cells of a table's columns in every row in which a line of a check is broken."""
        table = self.layout.tables[line.each]
        cells = named_cells(self.layout.form, self.page.checks.policy)
        cells = replace(cells, here=lambda _, id: self.reach.beside(table.columns[id]))
        broken = add_marker("live", f"{line.assert_.excel_here(cells)}=1")
        for id in line.on:
            boxes = [box for box in self.layout.boxes if box.table == line.each and box.role == "answer"]
            boxes = [box for box in boxes if box.field and box.field.whole.id == id]
            self._add_conditional_format(boxes, broken, {"bg_color": fill})

    def _add_conditional_format(self, boxes: list[Box], condition: str, properties: dict[str, Any]) -> None:
        """Add one conditional format for all these boxes; ``condition``: a formula without ``=``."""
        ranges = " ".join(merged_areas(boxes))
        options = {
            "type": "formula",
            "criteria": f"={condition}",
            "format": self.writer.workbook.add_format(properties),
            "multi_range": ranges,
        }
        first = boxes[0]
        check_result(self.sheet.conditional_format(first.row, first.column, first.row, first.column, options))

    def _define_names(self) -> None:
        workbook, here = self.writer.workbook, quote_sheet(self.page.name)
        for name, target in sheet_names(self.layout).items():
            check_result(workbook.define_name(f"{here}!{name}", f"={here}!{target}"))
        lists = column_lists(self.layout, layout_reach(self.layout, self.page.name))
        limits = limit_names(self.layout, self.page.checks.policy, self.page.name)
        for name, formula in {**value_names(self.page.checks, self.page.name), **lists, **limits}.items():
            check_result(workbook.define_name(f"{here}!{name}", f"={formula}"))
        check_result(workbook.define_name(f"{here}!{SHEET_NAME}", f'="{self.page.identity.mark}"'))

    def _set_up_printing(self) -> None:
        layout, sheet = self.layout, self.sheet
        first, last = layout.columns
        check_result(sheet.print_area(0, first, layout.last_row, last))
        if layout.form.sheet.landscape:
            sheet.set_landscape()
        sheet.set_margins(**SIDE_MARGINS, top=0.7, bottom=0.8)
        sheet.fit_to_pages(1, 0)
        sheet.print_black_and_white()
        headers = {(table.header, table.header + table.header_rows - 1) for table in layout.tables.values()}
        if len(headers) == 1:
            check_result(sheet.repeat_rows(*headers.pop()))
        # the space after &8 (size 8) is needed: a digit that followed directly would be read as part of the size
        code = self.page.identity.printed
        right = self.writer.say("sheet.code_and_pages", code=code, pages=self.writer.say("sheet.pages"))
        signed = any(box.role == "sign" for box in layout.boxes)  # the form has places for signatures of its own
        usual = "" if signed else self.writer.say("sheet.footer")
        left = usual if layout.form.sheet.footer is None else self.page.footer
        footer = f"&L&8 {left}&R&8 {right}"
        check_result(sheet.set_footer(footer))


def print_name(sheet: str) -> str:
    """Return a sheet's name as it stands in the names of its print area and repeated rows: quoted only if necessary."""
    return str(quote_sheetname(sheet))


def merged_areas(boxes: list[Box]) -> list[str]:
    """Return the ranges of the boxes; boxes of the same columns that follow each other downward become one range."""
    return [absolute_range(*area) for area in join_areas((box.row, box.column, *box.end) for box in boxes)]


def _validation_options(check: Validation, here: str) -> dict[str, Any]:
    """Return a validation as XlsxWriter's options; ``here`` is the formula of the cell's own value."""
    if check.kind == "percent":
        return {"validate": "custom", "value": f"={percent_formula(check, here)}"}
    if check.kind == "list":
        return {"validate": "list"}
    if check.kind == "text_length":
        return {"validate": "length", "criteria": "<=", "value": check.maximum}
    if check.kind == "date":
        limits = [datetime.fromisoformat(str(limit)) for limit in (check.minimum, check.maximum)]
        return {"validate": "date", "criteria": "between", "minimum": limits[0], "maximum": limits[1]}
    if check.kind == "time":  # the last minute to its end
        first, last = (minutes_of(limit) or 0 for limit in (check.minimum, check.maximum))
        return {"validate": "decimal", "criteria": "between", "minimum": first / 1440, "maximum": (last + 0.999) / 1440}
    if check.kind == "custom":
        return {"validate": "custom", "value": "=" + check.formula.replace("{here}", here)}
    word = {"decimal": "decimal", "whole": "integer"}[check.kind]
    return {"validate": word, "criteria": "between", "minimum": check.minimum, "maximum": check.maximum}
