"""The checks that a form sheet makes itself, live: formulas in the hidden mark row, beside the form.

For every line of a check there is a state, 1 (符合), -1 (不符合) or 0 (未填: nothing there to judge), and the address
of the cell that it is about. Before them stand how many cells are still to be filled in, and how many lines of each
severity are broken: what the panel, 项目清单, 报前自查 and the colours show. All inputs are reached by value names,
which reach them by locked cells, so that dragging one input onto another changes no formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from perfxl import messages, rules
from perfxl.finding import Severity
from perfxl.form.answers import Answers
from perfxl.form.expression import CellReferences, Values
from perfxl.form.expression.excel import blank
from perfxl.form.expression.python import is_begun, is_blank
from perfxl.form.form import Form, FormRule, Table
from perfxl.form.layout import Layout, TableBox, panel_row
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Place, Reach, absolute_address, address, text_literal
from perfxl.workbook.sheet.names import column_name

COUNTED: tuple[Severity, ...] = ("error", "warning")
"""The severities whose broken lines are counted beside the form; a hint is only listed in 报前自查."""

UNFILLED, ERRORS, WARNINGS, STATES = range(4)
"""The cells of the mark row, from the check column on."""


@dataclass(frozen=True, eq=False)
class SelfCheck:
    """The live checks of a layout. ``formulas``: cell → formula without ``=``."""

    layout: Layout
    policy: Policy
    lines: tuple[FormRule, ...]
    formulas: Mapping[Place, str]

    def place(self, at: int) -> Place:
        """The cell of a count, or from STATES on the state of a line."""
        return self.layout.mark_row, self.layout.check_column + at

    def state(self, line: int) -> Place:
        """The cell of a line's state."""
        return self.place(STATES + line)

    def where(self, line: int) -> Place:
        """The cell that holds the address of what a line is about."""
        return self.place(STATES + len(self.lines) + line)

    def by_code(self) -> dict[str, list[int]]:
        """The lines of each check, which stand side by side."""
        found: dict[str, list[int]] = {}
        for at, line in enumerate(self.lines):
            found.setdefault(line.code, []).append(at)
        return found

    def results(self, answers: Answers) -> dict[Place, str | float]:
        """What the formulas come to for these answers: the values that a viewer shows which never calculates."""
        values = Values(answers.head.get, lambda table: answers.rows.get(table, ()), self.policy)
        found: dict[Place, str | float] = {}
        for at, line in enumerate(self.lines):
            state, row = _state(line, values)
            found[self.state(at)] = state
            found[self.where(at)] = _where(line, self.layout, row)
        counts = [count_unfilled(self.layout.form, answers)]
        counts += [sum(found[self.state(at)] == -1 for at in _of(self.lines, severity)) for severity in COUNTED]
        found |= {self.place(at): count for at, count in enumerate(counts)}
        if self.layout.form.sheet.panel:
            found[_panel(self.layout)] = panel_text(counts)
        return found


@lru_cache(maxsize=256)
def make_self_check(layout: Layout, policy: Policy) -> SelfCheck:
    """The live checks of a layout."""
    lines = rules.live_lines(layout.form, policy)
    checks = SelfCheck(layout, policy, lines, {})
    cells = named_cells(layout.form, policy)
    formulas: dict[Place, str] = {checks.place(UNFILLED): _unfilled(layout.form, cells)}
    for at, severity in enumerate(COUNTED, start=ERRORS):
        formulas[checks.place(at)] = _broken(checks, severity)
    for at, line in enumerate(lines):
        truth = line.assert_.excel(cells)
        formulas[checks.state(at)] = f"IFERROR({truth.holds}-{truth.broken},0)"
        formulas[checks.where(at)] = _where_formula(line, layout, cells)
    if layout.form.sheet.panel:
        formulas[_panel(layout)] = panel_formula(
            [absolute_address(*checks.place(at)) for at in (UNFILLED, ERRORS, WARNINGS)]
        )
    return replace(checks, formulas=formulas)


def _panel(layout: Layout) -> Place:
    return panel_row(layout, 5), layout.panel_column


def panel_text(counts: Sequence[object]) -> str:
    """What the panel says: 自查：必改 0　需核实 0　未填 39."""
    unfilled_, errors, warnings = counts
    return messages.say("sheet.panel.live", {"errors": errors, "warnings": warnings, "unfilled": unfilled_})


def panel_formula(cells: Sequence[str]) -> str:
    """The same, live: ``cells`` hold the counts, in the order of the mark row."""
    unfilled_, *broken = cells
    words = [text_literal(part) for part in panel_text(["|"] * 3).split("|")]
    return "&".join(part for pair in zip(words, (*broken, unfilled_), strict=False) for part in pair)


def _of(lines: Sequence[FormRule], severity: Severity) -> list[int]:
    return [at for at, line in enumerate(lines) if line.severity == severity]


def _broken(checks: SelfCheck, severity: Severity) -> str:
    """How many lines of a severity, which stand side by side, are broken."""
    found = _of(checks.lines, severity)
    if not found:
        return "0"
    return f'COUNTIF({absolute_address(*checks.state(found[0]))}:{absolute_address(*checks.state(found[-1]))},"<0")'


# The value names


def named_cells(form: Form, policy: Policy) -> CellReferences:
    """Answers by their value names."""
    return CellReferences(
        head=lambda id: f"px.v.{id}",
        column=lambda table, id: _column_name(form.tables[table], id),
        here=lambda table, id: _column_name(form.tables[table], id),
        told=policy,
        begun=lambda table: f"px.v.{table}",
        blank=_blank_name,
    )


def _blank_name(name: str) -> str:
    """What is 1 where an answer is blank: by its value name another name, of a column for each of its cells."""
    return name.replace("px.v.", "px.b.", 1) if name.startswith("px.v.") else blank(name)


def _column_name(table: Table, column: str) -> str:
    return f"px.v.{column_name(table, column).removeprefix('px.')}"


def value_names(layout: Layout, sheet: str) -> dict[str, str]:
    """The sheet-scoped names by which formulas reach the answers, with what they stand for.

    ``px.v.``: an answer's cell, a column's cells, and for a table 1 for each row that was begun; ``px.b.``: 1 where
    that is blank.
    """
    reach = layout_reach(layout, sheet)
    names = {f"px.v.{id}": reach.at(box.row, box.column) for id, box in layout.head.items()}
    rows = {}
    for table in layout.tables.values():
        asked = layout.form.tables[table.id]
        names |= {_column_name(asked, id): _cells(reach, table, id) for id in asked.columns}
        # a name of the very sheet stands with its sheet in another name
        blanks = (f"{reach.prefix}{_blank_name(_column_name(asked, id))}" for id in asked.begun)
        rows[f"px.v.{table.id}"] = "(" + "+".join(f"(1-{each})" for each in blanks) + ">0)"
    return {**names, **{_blank_name(name): f"{blank(formula)}*1" for name, formula in names.items()}, **rows}


def _cells(reach: Reach, table: TableBox, column: str) -> str:
    return reach.column(table.first, table.last, table.columns[column])


def layout_reach(layout: Layout, sheet: str = "") -> Reach:
    """The way to the cells of a layout's sheet."""
    last = max(layout.panel_column, layout.last_column + 1, layout.key_column)
    return Reach(layout.last_row, last, layout.mark_row, layout.key_column, sheet)


# How many cells are still to be filled in


def _required(table: Table) -> tuple[str, ...]:
    """The columns that must be filled in a row that is used; what the rows are grouped by stands there already."""
    by = table.groups.by if table.groups else ""
    return tuple(id for id, asked in table.columns.items() if asked.required and not asked.given and id != by)


def _chosen_columns(table: Table) -> tuple[str, ...]:
    """The columns in which a word of a list may stand beforehand, showing that the row is to be used."""
    by = table.groups.by if table.groups else ""
    return tuple(id for id, asked in table.columns.items() if asked.kind.drop_down() and id != by)


def _unfilled(form: Form, cells: CellReferences) -> str:
    found = [cells.blank(cells.head(id)) for id, asked in form.fields.items() if asked.required and not asked.given]
    for table in form.tables.values():
        if required := _required(table):
            chosen = [f"(1-{cells.blank(cells.column(table.id, id))})" for id in _chosen_columns(table)]
            used = f"(({'+'.join([f'px.v.{table.id}', *chosen])})>0)"
            blanks = "+".join(cells.blank(cells.column(table.id, id)) for id in required)
            found.append(f"SUMPRODUCT({used}*({blanks}))+(SUMPRODUCT({used}*1)=0)*{len(required)}")
    return "+".join(found) or "0"


def count_unfilled(form: Form, answers: Answers) -> int:
    """How many required answers are blank: of the head, and of the rows that are used or stand ready to be used."""
    head = (id for id, asked in form.fields.items() if asked.required and not asked.given)
    count = sum(is_blank(answers.head.get(id)) for id in head)
    for table in form.tables.values():
        required, using = _required(table), (*table.begun, *_chosen_columns(table))
        used = [row for row in answers.rows.get(table.id, ()) if is_begun(using, row)]
        count += sum(is_blank(row.get(id)) for row in used for id in required) if used else len(required)
    return count


# The state of a line, and the cell that it is about


def _state(line: FormRule, values: Values) -> tuple[int, int]:
    """The state, and the first of a table's rows (from 0) in which the line is broken, else 0."""
    if not line.each:
        held = line.assert_.evaluate(values)
        return (0 if held is None else 1 if held else -1), 0
    columns = [answer.path for answer in line.assert_.begun]
    rows = values.rows(line.each)
    found = {
        at: line.assert_.evaluate(values._replace(row=row)) for at, row in enumerate(rows) if is_begun(columns, row)
    }
    broken = [at for at, held in found.items() if held is False]
    if broken:
        return -1, broken[0]
    return (1 if found and None not in found.values() else 0), 0


def _where(line: FormRule, layout: Layout, row: int) -> str:
    place = _anchor(line, layout)
    return address(place[0] + row, place[1])


def _anchor(line: FormRule, layout: Layout) -> Place:
    """The cell of what a line is about; of a table, its first row's, or the header of the column it begins with."""
    if line.each:
        table = layout.tables[line.each]
        return table.first, table.columns[line.on[0]]
    if line.on[0] in layout.tables:
        table = layout.tables[line.on[0]]
        return table.header, min(table.columns.values())
    box = layout.head[line.on[0]]
    return box.row, box.column


def _where_formula(line: FormRule, layout: Layout, cells: CellReferences) -> str:
    row, column = _anchor(line, layout)
    here = f"ROW({absolute_address(row, layout.key_column)})"
    if line.each:
        first = line.assert_.excel_first(cells)
        here = f"IFERROR(IF({first}<{ROWS},{first},{here}),{here})"
    return f"ADDRESS({here},COLUMN({absolute_address(layout.mark_row, column)}),4)"


ROWS = 1048577  # more than the last row of a sheet (Excel specifications and limits)


def state_words() -> dict[int, str]:
    """What people read for a state."""
    words = {1: "holds", -1: "broken", 0: "blank"}
    return {state: messages.say(f"sheet.self_check.{word}") for state, word in words.items()}
