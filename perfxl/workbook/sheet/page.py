"""One sheet of one record, as plain values: what stands in which cell, how high the rows are, what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from perfxl.form import answers as answer
from perfxl.form.answers import Answers
from perfxl.form.form import Field, Form, Table
from perfxl.form.layout import Box, Layout, begin_rows, count_rows, lay_out, panel_row, row_order
from perfxl.rules.policy import Policy, default_policy
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.identity import Identity
from perfxl.workbook.sheet.self_check import SelfCheck, make_self_check

Prefill = Literal["given", "last", "all"]
Value = str | float | int | None
Cells = Mapping[Place, Value]


@dataclass(frozen=True)
class Issue:
    """What every sheet of one sending shares: the year, the unit, the draft, whom to call, the checks."""

    year: int
    unit_code: str
    unit_name: str
    phase: str = "一上"
    draft: int = 1
    office: str = "财政局绩效股"
    phone: str = ""
    control: float | None = None
    policy: Policy = field(default_factory=default_policy)

    def context(self) -> dict[str, Any]:
        """The names that a form's templates may use beside the record's own."""
        unit = {"code": self.unit_code, "name": self.unit_name}
        return {"year": self.year, "unit": unit, "phase": self.phase, "draft": self.draft}

    @property
    def sent(self) -> dict[str, str]:
        """How it is sent, beside the identity: so that the same sheet can be made again from what comes back."""
        return {"phase": self.phase, "office": self.office, "phone": self.phone}


@dataclass(frozen=True, eq=False)
class Page:
    """One form sheet. ``cells`` holds all that varies between records of one shape; the rest is the layout's."""

    layout: Layout
    name: str
    title: str
    identity: Identity
    cells: Cells
    heights: Mapping[int, float]
    given: Mapping[str, Any]
    checks: SelfCheck


def make_page(form: Form, record: Mapping[str, Any], issue: Issue, prefill: Prefill = "given") -> Page:
    """The sheet that goes out for a record. Rows that are prefilled stand in their group, in the record's order."""
    whole = answer.flatten(form, record)
    filled = answers_sent(form, whole, prefill)
    layout = lay_out(form, count_rows(form, filled))
    identity = Identity(
        form=form.name,
        version=form.version,
        year=issue.year,
        unit=issue.unit_code,
        draft=issue.draft,
        number=form.number(record),
        project=form.code(record),
    )
    plan = _plan(layout)
    name, title, *texts = render_texts(plan.templates, {**record, **issue.context()})
    checks = make_self_check(layout, issue.policy)
    cells = {**_cells(plan, filled, texts, identity, issue), **checks.results(filled)}
    return Page(
        layout=layout,
        name=sheet_name(name),
        title=title,
        identity=identity,
        cells=cells,
        heights=_heights(plan, cells),
        given=_given(form, whole, issue),
        checks=checks,
    )


def answers_sent(form: Form, whole: Answers, prefill: Prefill = "given") -> Answers:
    """The answers that stand on the sheet when it goes out, with the rows that a blank begins with."""
    return begin_rows(form, _prefill(form, whole, prefill))


def render_texts(templates: tuple[str, ...], context: Mapping[str, Any]) -> list[str]:
    """Texts of the form with their Jinja filled in; undefined names are errors, not blanks.

    All are rendered at once, which costs little more than one of them.
    """
    texts = str(_compile_template(_BETWEEN.join(templates)).render(context)).split(_BETWEEN)
    if len(texts) == len(templates):
        return texts
    return [str(_compile_template(template).render(context)) for template in templates]


_BETWEEN = "\x1f"  # ASCII's separator of units: no text of a form, and hardly ever in a record


@lru_cache(maxsize=512)
def _compile_template(template: str) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False).from_string(template)


def sheet_name(text: str) -> str:
    """A tab name that Excel takes: at most 31 characters (here 12), none of ``[]:*?/\\``, of quotes and ``!``.

    It never begins with a digit: LibreOffice re-saves such names without the quotes that Excel needs.
    """
    safe = _UNSAFE.sub("", _ESCAPED.sub("", text)).strip()
    safe = safe if safe and not safe[0].isdigit() else f"表{safe}"
    return safe[:12].rstrip()


_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")  # the format's own escapes: LibreOffice reads a character there
_UNSAFE = re.compile("[][:*?/\\\\'\"!\\x00-\\x1f\ufffe\uffff]")


def _prefill(form: Form, whole: Answers, prefill: Prefill) -> Answers:
    if prefill == "all":
        return whole
    if prefill == "last":
        head = {id: value for id, value in whole.head.items() if form.fields[id].given or not form.fields[id].yearly}
        rows = {id: tuple(_not_yearly(form.tables[id], row) for row in found) for id, found in whole.rows.items()}
        return Answers({id: head.get(id) for id in form.fields}, rows)
    head = {id: value if form.fields[id].given else None for id, value in whole.head.items()}
    return Answers(head, {})


def _not_yearly(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {id: None if table.columns[id].yearly else value for id, value in row.items()}


def _given(form: Form, whole: Answers, issue: Issue) -> dict[str, Any]:
    """Every given value, shown or not: the baseline against which a returned sheet is held."""
    given = {id: whole.head[id] for id, asked in form.fields.items() if asked.given}
    around = {"unit.code": issue.unit_code, "unit.name": issue.unit_name, "year": issue.year}
    return {**given, **around, **({} if issue.control is None else {"unit.control": issue.control})}


@dataclass(frozen=True, eq=False)
class _Plan:
    """What of a layout's pages is the same for every record: which cells vary, by what, and how wide they are.

    ``templates``: the tab's name, the title, then the texts of the cells ``texts``; ``head``: cell, field; ``answers``:
    cell, table, slot, column; ``widths``: cell, how many characters fit into the row as it is, then width, size and
    indent of the text.
    """

    layout: Layout
    templates: tuple[str, ...]
    texts: tuple[Place, ...]
    codes: tuple[Place, ...]
    head: tuple[tuple[Place, Field], ...]
    answers: tuple[tuple[Place, str, int, Field], ...]
    keys: tuple[int, ...]
    widths: tuple[tuple[Place, int, float, float, int], ...]


@lru_cache(maxsize=256)
def _plan(layout: Layout) -> _Plan:
    form = layout.form
    varying = [box for box in layout.boxes if is_varying(box)]
    fields = [box for box in varying if box.role in ("field", "answer") and box.field]
    texts = [box for box in varying if box.role not in ("field", "answer", "mark")]
    return _Plan(
        layout=layout,
        templates=(form.sheet.name, form.title, *(box.text for box in texts)),
        texts=tuple((box.row, box.column) for box in texts),
        codes=tuple((box.row, box.column) for box in varying if box.role == "mark"),
        head=tuple(((box.row, box.column), box.field) for box in fields if box.field and not box.table),
        answers=tuple(
            ((box.row, box.column), box.table, box.index, box.field) for box in fields if box.field and box.table
        ),
        keys=key_rows(layout),
        widths=tuple(_width(layout, box, box.field) for box in fields if box.field and box.rows == 1),
    )


def _width(layout: Layout, box: Box, asked: Field) -> tuple[Place, int, float, float, int]:
    start = box.column - layout.first_column
    width = sum(layout.form.sheet.columns[start : start + box.columns])
    size, indent = 10 if box.table else 10.5, 1 if asked.align == "left" else 0
    return (
        (box.row, box.column),
        look.characters_that_fit(layout.heights[box.row], width, size, indent),
        width,
        size,
        indent,
    )


def _cells(plan: _Plan, filled: Answers, texts: Iterable[str], identity: Identity, issue: Issue) -> dict[Place, Value]:
    layout = plan.layout
    cells: dict[Place, Value] = {(layout.mark_row, layout.key_column): identity.mark}
    cells.update(zip(plan.texts, texts, strict=True))
    cells.update(dict.fromkeys(plan.codes, f"识别码 {identity.printed}"))
    for at, asked in plan.head:
        cells[at] = asked.kind.show(filled.head[asked.id])
    slots = {table.id: row_order(layout.form, table, filled) for table in layout.form.tables.values()}
    for at, table, slot, asked in plan.answers:
        index = slots[table][slot]
        cells[at] = None if index is None else asked.kind.show(filled.rows[table][index][asked.id])
    for number, row in enumerate(plan.keys, start=1):
        cells[row, layout.key_column] = identity.key(number)
    if layout.form.sheet.panel:
        cells[panel_row(layout, 11), layout.panel_column] = f"{issue.office}　{issue.phone}".rstrip("　")
    return cells


def varying_places(layout: Layout, policy: Policy) -> tuple[Place, ...]:
    """The cells that a page of this layout fills."""
    plan = _plan(layout)
    places = [(layout.mark_row, layout.key_column), *plan.texts, *plan.codes]
    places += [at for at, _ in plan.head]
    places += [at for at, _, _, _ in plan.answers]
    places += [(row, layout.key_column) for row in plan.keys]
    if layout.form.sheet.panel:
        places.append((panel_row(layout, 11), layout.panel_column))
    return (*places, *make_self_check(layout, policy).formulas)


def is_varying(box: Box) -> bool:
    """Whether the box's content differs between records of one shape."""
    return box.role in ("title", "mark", "field", "answer") or "{" in box.text


def key_rows(layout: Layout) -> tuple[int, ...]:
    """The rows that carry a row key, in order down the sheet."""
    rows = (row for table in layout.tables.values() for row in range(table.first, table.last + 1))
    return tuple(sorted(rows))


def _heights(plan: _Plan, cells: Cells) -> dict[int, float]:
    """The layout's heights, taller where a text needs it; Excel's limit is 409 points (specifications and limits)."""
    heights = dict(plan.layout.heights)
    for at, room, width, size, indent in plan.widths:
        text = cells[at]
        if isinstance(text, str) and (len(text) > room or "\n" in text):
            need = look.text_height(text, width, size, indent)
            if need > heights[at[0]]:
                heights[at[0]] = min(need, 409.0)
    return heights
