"""The checks that a form sheet makes by itself, live: formulas in the hidden mark row, beside the form.

Each line of a check has two cells: its state, 1 (符合, holds), -1 (不符合, broken) or 0 (未填, blank: nothing to judge
yet), and the address of the cell that it is about. Before these stand the number of cells still to be filled in and
the number of broken lines of each severity: the panel, 项目清单 (project list), 报前自查 (self-check) and the colours
show these numbers. Formulas refer to inputs by value names, which refer to them by locked cells, so that dragging one
input onto another changes no formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from perfxl import messages, rules
from perfxl.finding import Severity
from perfxl.form.answers import Answers
from perfxl.form.expression import CellReferences, Expression, ExpressionError, Values, tree
from perfxl.form.expression.excel import blank, broken_rows
from perfxl.form.expression.python import NOTHING, Told, is_begun, is_blank
from perfxl.form.form import Field, Form, FormRule, Table
from perfxl.form.layout import Layout, TableBox, cached_by_layout, panel_row
from perfxl.form.limits import without_words
from perfxl.form.ticks import cell_ids
from perfxl.form.types.choices import UNTICKED
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Place, absolute_address, address, text_literal
from perfxl.workbook.sheet.carried import (
    CarriedColumn,
    carried_columns,
    mark_row_places,
    untouched_formula,
    untouched_names,
)
from perfxl.workbook.sheet.drop_down_lists import lookup_names
from perfxl.workbook.sheet.names import column_name
from perfxl.workbook.sheet.part_cells import part_name, part_names
from perfxl.workbook.sheet.reach import column_cells, layout_reach, rows_of_answers

COUNTED: tuple[Severity, ...] = ("error", "warning")
"""The severities whose broken lines are counted beside the form; a hint is only listed in 报前自查."""

UNFILLED, ERRORS, WARNINGS, STATES = range(4)
"""The cells of the mark row, counted from the check column."""


@dataclass(frozen=True, eq=False)
class SelfCheck:
    """The live checks of a layout. ``lines``: one rule per line; ``formulas``: cell and formula, without ``=``.

    ``carries``: last year's texts stand on the sheet, to be looked at.
    """

    layout: Layout
    policy: Policy
    lines: tuple[FormRule, ...]
    formulas: Mapping[Place, str]
    carries: bool = False

    @property
    def untouched(self) -> Place:
        """The cell that counts the texts that still stand as they did last year, on a sheet that carries some."""
        return self.place(STATES + 2 * len(self.lines))

    @cached_property
    def carried(self) -> tuple[CarriedColumn, ...]:
        """The places of last year's texts in the mark row, behind that count."""
        return carried_columns(self.layout, self.untouched[1] + 1) if self.carries else ()

    @cached_property
    def went_out(self) -> Mapping[Place, Place]:
        """The cells of the mark row with these texts and their rows' keys, each with the cell where that stood."""
        return mark_row_places(self.layout, self.carried)

    def place(self, at: int) -> Place:
        """Return the cell of a count, or from STATES on the cell of a line's state."""
        return self.layout.mark_row, self.layout.check_column + at

    def state(self, line: int) -> Place:
        """Return the cell of a line's state."""
        return self.place(STATES + line)

    def where(self, line: int) -> Place:
        """Return the cell that holds the address of the cell that a line is about."""
        return self.place(STATES + len(self.lines) + line)

    def by_code(self) -> dict[str, list[int]]:
        """Return the indexes of the lines of each check, which stand side by side."""
        lines: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            lines.setdefault(line.code, []).append(index)
        return lines

    def results(self, answers: Answers, untouched: int = 0) -> dict[Place, str | float | None]:
        """Return the results of the formulas for these answers; ``untouched``: how many of them are last year's texts.

        They are stored with the formulas and shown by viewers that never calculate.
        """
        values = _values(self.layout.asked, answers, self.policy)
        results: dict[Place, str | float | None] = {}
        for index, line in enumerate(self.lines):
            state, row = _state(line, values)
            results[self.state(index)] = state
            results[self.where(index)] = _address(line, self.layout, row)
        counts = [count_unfilled(self.layout.asked, answers, values)]
        for severity in COUNTED:
            states = [results[self.state(index)] for index in _lines_of(self.lines, severity)]
            counts.append(states.count(-1))
        results |= {self.place(index): count for index, count in enumerate(counts)}
        if self.layout.form.sheet.panel:
            results[_panel_place(self.layout)] = panel_text(counts, self.layout.form.language)
        if self.carries:
            results[self.untouched] = untouched
            if self.layout.form.sheet.panel:
                text = carried_text(untouched, self.layout.form.language) if untouched else None
                results[carried_panel_place(self.layout)] = text
        return results


def _values(form: Form, answers: Answers, policy: Policy) -> Values:
    """Return the answers that are sent out as values of expressions."""
    head = without_words(answers.head, form.also[""])
    rows = {
        table: [without_words(row, form.also[table]) for row in answers.rows.get(table, ())] for table in form.tables
    }
    return Values(head.get, lambda table: rows.get(table, ()), policy)


@cached_by_layout(256)
def make_self_check(layout: Layout, policy: Policy, carries: bool = False) -> SelfCheck:
    """Return the live checks of a layout; ``carries``: of a sheet on which last year's texts stand."""
    lines = rules.live_lines(layout.asked, policy)
    checks = SelfCheck(layout, policy, lines, {}, carries)
    cells = named_cells(layout.form, policy)
    formulas: dict[Place, str] = {checks.place(UNFILLED): _unfilled_formula(layout.asked, cells)}
    for at, severity in enumerate(COUNTED, start=ERRORS):
        formulas[checks.place(at)] = _broken_formula(checks, severity)
    for index, line in enumerate(lines):
        truth = line.assert_.excel(cells)
        formulas[checks.state(index)] = f"IFERROR({truth.holds}-{truth.broken},0)"
        formulas[checks.where(index)] = _address_formula(line, layout, cells)
    if layout.form.sheet.panel:
        formulas[_panel_place(layout)] = panel_formula(
            [absolute_address(*checks.place(at)) for at in (UNFILLED, ERRORS, WARNINGS)], layout.form.language
        )
    if carries:
        formulas |= _carried_formulas(checks)
    return replace(checks, formulas=formulas)


def _carried_formulas(checks: SelfCheck) -> dict[Place, str]:
    """Return the formulas that count last year's texts, and say so in the panel as long as there are any."""
    formulas = {checks.untouched: untouched_formula(checks.carried, checks.layout)}
    if checks.layout.form.sheet.panel:
        count = absolute_address(*checks.untouched)
        before, after = map(text_literal, carried_text("|", checks.layout.form.language).split("|"))
        formulas[carried_panel_place(checks.layout)] = f'IF({count}>0,{before}&{count}&{after},"")'
    return formulas


def carried_panel_place(layout: Layout) -> Place:
    """Return the cell of the panel that says how many of last year's texts still stand."""
    return panel_row(layout, 6), layout.panel_column


def carried_text(count: object, lang: str) -> str:
    """Return the panel's text for so many of last year's texts."""
    return messages.say("sheet.panel.carried", {"count": count}, lang)


def _panel_place(layout: Layout) -> Place:
    """Return the cell of the panel that shows the counts."""
    return panel_row(layout, 5), layout.panel_column


def panel_text(counts: Sequence[object], lang: str) -> str:
    """Return the text of the panel for these counts: ``自查：必改 0　需核实 0　未填 39``."""
    unfilled, errors, warnings = counts
    return messages.say("sheet.panel.live", {"errors": errors, "warnings": warnings, "unfilled": unfilled}, lang)


def panel_formula(cells: Sequence[str], lang: str) -> str:
    """Return the formula for the panel's text; ``cells`` hold the counts, in the order of the mark row."""
    unfilled, *broken = cells
    words = [text_literal(part) for part in panel_text(["|"] * 3, lang).split("|")]
    return "&".join(part for pair in zip(words, (*broken, unfilled), strict=False) for part in pair)


def _lines_of(lines: Sequence[FormRule], severity: Severity) -> list[int]:
    """Return the indexes of the lines of a severity."""
    return [index for index, line in enumerate(lines) if line.severity == severity]


def _broken_formula(checks: SelfCheck, severity: Severity) -> str:
    """Return the formula that counts the broken lines of a severity, which stand side by side."""
    indexes = _lines_of(checks.lines, severity)
    if not indexes:
        return "0"
    first, last = (absolute_address(*checks.state(index)) for index in (indexes[0], indexes[-1]))
    return f'COUNTIF({first}:{last},"<0")'


# The value names


def named_cells(form: Form, told: Told = NOTHING) -> CellReferences:
    """Return references to the answers by their value names; ``told``: the word lists and limits of the county."""
    return CellReferences(
        head=_head_name,
        column=lambda table, id: _column_name(form.tables[table], id),
        here=lambda table, id: _column_name(form.tables[table], id),
        told=told,
        begun=lambda table: f"px.v.{table}",
        blank=_blank_name,
        truth_words=form.truth_words,
        lookup=lambda name, heading: lookup_names(form, name, heading),
        part=lambda table, id, part: part_name(form, table, id, part),
        part_column=lambda table, id, part: part_name(form, table, id, part),
    )


def _head_name(id: str) -> str:
    """Return the value name of an answer of the head."""
    return f"px.v.{id}"


def _blank_name(name: str) -> str:
    """Return an expression that is 1 where an answer is blank.

    For a value name this is another name, which for a column has a value for each of its cells.
    """
    return name.replace("px.v.", "px.b.", 1) if name.startswith("px.v.") else blank(name)


def _column_name(table: Table, column: str) -> str:
    """Return the value name of a table's column."""
    return f"px.v.{column_name(table, column).removeprefix('px.')}"


def value_names(checks: SelfCheck, sheet: str) -> dict[str, str]:
    """Return the sheet-scoped names by which formulas refer to the answers, with their definitions.

    ``px.v.``: an answer's cell, a column's cells, and for a table 1 for each row that was begun; ``px.b.``: 1 where
    the answer is blank; ``px.u.``: 1 where last year's text still stands.
    """
    layout = checks.layout
    reach = layout_reach(layout, sheet)
    names = {_head_name(id): reach.at(box.row, box.column) for id, box in layout.head.items()}
    marked = {**layout.issue_cells, **layout.unseen_cells}
    names |= {_head_name(id): f"{reach.prefix}{absolute_address(*place)}" for id, place in marked.items()}
    rows = {}
    for table in layout.tables.values():
        definition = layout.form.tables[table.id]
        names |= {_column_name(definition, id): column_cells(reach, table, id) for id in definition.columns}
        # within the definition of another name, a sheet-scoped name must be written with its sheet
        empty = (f"{reach.prefix}{_blank_name(_column_name(definition, id))}" for id in definition.begun)
        begun = "(" + "+".join(f"(1-{name})" for name in empty) + ">0)"
        rows[f"px.v.{table.id}"] = "*".join(filter(None, (begun, rows_of_answers(reach, table))))
    words = _words_by_name(layout.form)
    blanks_of = {_blank_name(name): _blank_or_word(formula, words.get(name, ())) for name, formula in names.items()}
    blanks_of |= _unticked_names(layout, reach.prefix)
    untouched = untouched_names(layout, checks.carried, reach)
    return {**names, **blanks_of, **rows, **part_names(layout, reach.prefix), **untouched}


def _unticked_names(layout: Layout, prefix: str) -> dict[str, str]:
    """Return the names that are 1 where nothing is ticked of answers with tick columns, with their definitions."""
    asked, shown = layout.asked, layout.form
    ticked = {_head_name(id): [_head_name(cell) for cell in cell_ids(field)] for id, field in asked.fields.items()
              if field.ticks and not shown.shown.isdisjoint(cell_ids(field))}  # fmt: skip
    for id, table in asked.tables.items():
        for field in (field for field in table.columns.values() if field.ticks):
            cells = [_column_name(shown.tables[id], cell) for cell in cell_ids(field)]
            ticked[_column_name(table, field.id)] = cells
    return {
        _blank_name(name): "*".join(f"{prefix}{_blank_name(cell)}" for cell in cells) for name, cells in ticked.items()
    }


def _words_by_name(form: Form) -> dict[str, tuple[str, ...]]:
    """Return the words that may stand in the place of a value, by the value names of the answers; an empty box does."""
    asked = [(_head_name(id), field) for id, field in form.fields.items()]
    for table in form.tables.values():
        asked += [(_column_name(table, id), field) for id, field in table.columns.items()]
    return {name: (UNTICKED,) if field.of else field.words for name, field in asked if field.of or field.also}


def _blank_or_word(cell: str, words: tuple[str, ...]) -> str:
    """Return a formula that is 1 where a cell is blank, or holds a word that stands for no value."""
    if not words:
        return f"{blank(cell)}*1"
    return f"(({'+'.join([blank(cell), *(f'({cell}={text_literal(word)})' for word in words)])})>0)*1"


# The number of cells still to be filled in


def _required_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that must be filled in in a row that is used.

    The column that the rows are grouped by is not among them: it is filled in already.
    """
    by = table.groups.by if table.groups else ""
    return tuple(id for id, field in table.columns.items() if field.required and field.open and id != by)


def _chosen_columns(table: Table) -> tuple[str, ...]:
    """Return the columns in which a word of a list may stand in advance, showing that the row is to be used."""
    by = table.groups.by if table.groups else ""
    return tuple(
        id
        for id, field in table.columns.items()
        if field.type.drop_down() and id != by and id not in table.begun and field.default is None
    )


def _unfilled_formula(form: Form, cells: CellReferences) -> str:
    """Return the formula that counts the required answers that are blank (see ``count_unfilled``)."""
    counts: list[str] = []
    for id, field in form.fields.items():
        if field.open and (wanted := _wanted_formula(field, cells)) is not None:
            counts.append("*".join([_unfilled(field, cells.head(id), cells), *wanted]))
    for table in form.tables.values():
        if required := _required_columns(table):
            chosen = [f"(1-{cells.blank(cells.column(table.id, id))})" for id in _chosen_columns(table)]
            used = f"(({'+'.join([f'px.v.{table.id}', *chosen])})>0)"
            blanks = "+".join(_unfilled(table.columns[id], cells.column(table.id, id), cells) for id in required)
            counts.append(f"SUMPRODUCT({used}*({blanks}))")
            if table.minimum:
                counts.append(f"(SUMPRODUCT({used}*1)=0)*{len(required)}")
        for id, field in table.columns.items():
            if field.required_where is not None and (rows := _wanted_rows(field.required_where, cells)):
                counts.append(f"SUMPRODUCT({rows}*{_unfilled(field, cells.column(table.id, id), cells)})")
    return "+".join(counts) or "0"


def _unfilled(field: Field, name: str, cells: CellReferences) -> str:
    """Return a formula that is 1 where a cell, or each cell of a column, holds nothing, not even a word."""
    return blank(name) if field.also else cells.blank(name)


def _wanted_formula(field: Field, cells: CellReferences) -> list[str] | None:
    """Return the factors that are 1 where an answer of the head is required; None for one that never is.

    A condition that Excel cannot judge is judged on return.
    """
    if field.required_where is None:
        return [] if field.required else None
    try:
        return [f"({field.required_where.excel_truth(cells).holds})"]
    except ExpressionError:
        return None


def _wanted_rows(where: Expression, cells: CellReferences) -> str:
    """Return a formula that is 1 in each row that was begun and in which a condition holds; empty for none in Excel."""
    try:
        return broken_rows(tree.Not(where.tree), where.begun, cells)
    except ExpressionError:
        return ""


def count_unfilled(form: Form, answers: Answers, values: Values) -> int:
    """Return the number of required answers that are blank.

    Counted are those of the head and of the table rows that are used or prepared for use; if a table has no such row,
    those of one row, unless it may stay empty. What is required under a condition counts in the rows that were begun.
    ``values``: the same answers, as expressions take them.
    """
    head = (id for id, field in form.fields.items() if field.open and is_wanted(field, values))
    count = sum(is_blank(answers.head.get(id)) for id in head)
    for table in form.tables.values():
        required, telling = _required_columns(table), (*table.begun, *_chosen_columns(table))
        rows = list(zip(answers.rows.get(table.id, ()), values.rows(table.id), strict=True))
        used = [row for row, known in rows if is_begun(telling, known)]
        if used or not table.minimum:
            count += sum(is_blank(row.get(id)) for row in used for id in required)
        else:
            count += len(required)
        conditional = {id: field for id, field in table.columns.items() if field.required_where is not None}
        for row, known in rows if conditional else ():
            here = values._replace(row=known)
            if is_begun(table.begun, known):
                count += sum(is_blank(row.get(id)) and is_wanted(field, here) for id, field in conditional.items())
    return count


def is_wanted(field: Field, values: Values) -> bool:
    """Return whether an answer is required here."""
    return field.required or (field.required_where is not None and field.required_where.evaluate(values) is True)


# The state of a line, and the cell that it is about


def _state(line: FormRule, values: Values) -> tuple[int, int]:
    """Return the state of a line, and the first table row (from 0) in which it is broken, else 0."""
    if not line.each:
        holds = line.assert_.evaluate(values)
        if holds is None:
            return 0, 0
        return (1 if holds else -1), 0
    columns = [answer.path for answer in line.assert_.begun]
    rows = values.rows(line.each)
    truths = {
        at: line.assert_.evaluate(values._replace(row=row)) for at, row in enumerate(rows) if is_begun(columns, row)
    }
    broken = [at for at, holds in truths.items() if holds is False]
    if broken:
        return -1, broken[0]
    return (1 if truths and None not in truths.values() else 0), 0


def _address(line: FormRule, layout: Layout, row: int) -> str:
    """Return the address of the cell that a line is about; ``row``: the table row, from 0."""
    place = _anchor(line, layout)
    return address(place[0] + row, place[1])


def _anchor(line: FormRule, layout: Layout) -> Place:
    """Return the cell that a line is about.

    For a check of each row of a table it is the cell in the first row; for a check of a whole table it is the header of
    the first column.
    """
    if line.each:
        table = layout.tables[line.each]
        return table.first, table.columns[cell_ids(layout.asked.tables[line.each].columns[line.on[0]])[0]]
    if line.on[0] in layout.tables:
        return _first_label(layout.form.tables[line.on[0]], layout.tables[line.on[0]])
    box = layout.head[cell_ids(layout.asked.fields[line.on[0]])[0]]
    return box.row, box.column


def _first_label(table: Table, placed: TableBox) -> Place:
    """Return the cell with the innermost label of a table's first column."""
    first = min(placed.columns, key=placed.columns.__getitem__)
    return placed.header + len(table.labels[first]) - 1, placed.columns[first]


def _address_formula(line: FormRule, layout: Layout, cells: CellReferences) -> str:
    """Return the formula for the address of the cell that a line is about."""
    row, column = _anchor(line, layout)
    here = f"ROW({absolute_address(row, layout.key_column)})"
    if line.each:
        first = line.assert_.excel_first(cells)
        here = f"IFERROR(IF({first}<{ROWS},{first},{here}),{here})"
    return f"ADDRESS({here},COLUMN({absolute_address(layout.mark_row, column)}),4)"


ROWS = 1048577  # more than the last row of a sheet (Excel specifications and limits)


@lru_cache(maxsize=64)
def state_words(lang: str) -> Mapping[int, str]:
    """Return the words that people read for each state."""
    words = {1: "holds", -1: "broken", 0: "blank"}
    return {state: messages.say(f"sheet.self_check.{word}", {}, lang) for state, word in words.items()}
