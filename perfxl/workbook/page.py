"""One sheet of one record, as plain values: what stands in which cell, how high the rows are, what it is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from perfxl.form import answers as answer
from perfxl.form.answers import Answers
from perfxl.form.form import Form
from perfxl.form.layout import Box, Layout, begin, order, place, shape
from perfxl.workbook import look
from perfxl.workbook.identity import Identity

Prefill = Literal["given", "last", "all"]
Value = str | float | int | None
Cells = Mapping[tuple[int, int], Value]


@dataclass(frozen=True)
class Issue:
    """What every sheet of one sending shares: the year, the unit, the stage and draft, whom to call."""

    year: int
    unit_code: str
    unit_name: str
    stage: str = "一上"
    draft: int = 1
    office: str = "财政局绩效股"
    phone: str = ""

    def context(self) -> dict[str, Any]:
        """The names that a form's templates may use beside the record's own."""
        unit = {"code": self.unit_code, "name": self.unit_name}
        return {"year": self.year, "unit": unit, "stage": self.stage, "draft": self.draft}


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


def page(form: Form, record: Mapping[str, Any], issue: Issue, prefill: Prefill = "given") -> Page:
    """The sheet that goes out for a record. Rows that are prefilled stand in their group, in the record's order."""
    whole = answer.flatten(form, record)
    filled = begin(form, _prefilled(form, whole, prefill))
    layout = place(form, shape(form, filled))
    identity = Identity(
        form=form.name,
        version=form.version,
        year=issue.year,
        unit=issue.unit_code,
        draft=issue.draft,
        number=int(record.get("number") or 0) if form.record == "projects[]" else 0,
        project=str(record.get("code") or "") if form.record == "projects[]" else "",
    )
    context = {**record, **issue.context()}
    cells = _cells(layout, filled, context, identity, issue)
    return Page(
        layout=layout,
        name=sheet_name(render(form.sheet.name, context)),
        title=render(form.title, context),
        identity=identity,
        cells=cells,
        heights=_heights(layout, cells),
        given=_given(form, whole, issue),
    )


def render(template: str, context: Mapping[str, Any]) -> str:
    """A text of the form with its Jinja filled in; undefined names are errors, not blanks."""
    return str(_compiled(template).render(context)) if "{" in template else template


@lru_cache(maxsize=512)
def _compiled(template: str) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False).from_string(template)


def sheet_name(text: str) -> str:
    """A tab name that Excel takes: at most 31 characters (here 12 beyond the first four), none of ``[]:*?/\\``.

    It never begins with a digit: LibreOffice re-saves such names without the quotes that Excel needs.
    """
    safe = re.sub(r"[\[\]:*?/\\'\"\x00-\x1f]", "", text).strip()
    safe = safe if safe and not safe[0].isdigit() else f"表{safe}"
    return safe[:12].rstrip()


def _prefilled(form: Form, whole: Answers, prefill: Prefill) -> Answers:
    if prefill == "all":
        return whole
    if prefill == "last":
        head = {id: value for id, value in whole.head.items() if form.fields[id].given or not form.fields[id].yearly}
        rows = {
            id: tuple({name: None if form.tables[id].columns[name].yearly else row[name] for name in row} for row in found)
            for id, found in whole.rows.items()
        }
        return Answers({id: head.get(id) for id in form.fields}, rows)
    head = {id: value if form.fields[id].given else None for id, value in whole.head.items()}
    return Answers(head, {})


def _given(form: Form, whole: Answers, issue: Issue) -> dict[str, Any]:
    """Every given value, shown or not: the baseline against which a returned sheet is held."""
    given = {id: whole.head[id] for id, asked in form.fields.items() if asked.given}
    return {**given, "unit.code": issue.unit_code, "unit.name": issue.unit_name, "year": issue.year}


def _cells(
    layout: Layout, filled: Answers, context: Mapping[str, Any], identity: Identity, issue: Issue
) -> dict[tuple[int, int], Value]:
    slots = {table.id: order(layout.form, table, filled) for table in layout.form.tables.values()}
    cells: dict[tuple[int, int], Value] = {(layout.mark_row, layout.key_column): identity.mark}
    for box in layout.boxes:
        if varies(box):
            cells[box.row, box.column] = _content(box, filled, slots, context, identity)
    for number, row in enumerate(key_rows(layout), start=1):
        cells[row, layout.key_column] = identity.key(number)
    if layout.form.sheet.panel:
        cells[panel_row(layout, 11), layout.panel_column] = f"{issue.office}　{issue.phone}".rstrip("　")
    return cells


def varies(box: Box) -> bool:
    """Whether the box's content differs between records of one shape."""
    return box.role in ("title", "mark", "field", "answer") or "{" in box.text


def key_rows(layout: Layout) -> tuple[int, ...]:
    """The rows that carry a row key, in order down the sheet."""
    rows = (row for table in layout.tables.values() for row in range(table.first, table.last + 1))
    return tuple(sorted(rows))


def panel_row(layout: Layout, line: int) -> int:
    """The row of a line of the panel; line 0 stands beside the title."""
    return layout.mark_row + 2 + line


def _content(
    box: Box,
    filled: Answers,
    slots: Mapping[str, tuple[int | None, ...]],
    context: Mapping[str, Any],
    identity: Identity,
) -> Value:
    if box.role == "mark":
        return f"识别码 {identity.printed}"
    if box.field is None or box.role not in ("field", "answer"):
        return render(box.text, context)
    if not box.table:
        return box.field.kind.show(filled.head[box.field.id])
    index = slots[box.table][box.index]
    return None if index is None else box.field.kind.show(filled.rows[box.table][index][box.field.id])


def _heights(layout: Layout, cells: Cells) -> dict[int, float]:
    """The layout's heights, taller where a text needs it; Excel's limit is 409 points (specifications and limits)."""
    heights = dict(layout.heights)
    widths = layout.form.sheet.columns
    for box in layout.boxes:
        text = cells.get((box.row, box.column))
        if box.rows == 1 and isinstance(text, str) and box.field is not None:
            start = box.column - layout.first_column
            size = 10 if box.table else 10.5
            width = sum(widths[start : start + box.columns])
            need = look.text_height(text, width, size, indent=1 if box.field.align == "left" else 0)
            if need > heights[box.row]:
                heights[box.row] = min(need, 409.0)
    return heights


