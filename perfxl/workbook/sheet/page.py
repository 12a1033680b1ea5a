"""One sheet of one record as plain values: the content of its cells, the heights of its rows, its name and title."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jinja2 import TemplateError

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import answers as answer
from perfxl.form.answers import Answers
from perfxl.form.calculation import calculate
from perfxl.form.characters import shorten
from perfxl.form.form import CHINESE, Field, Form, Table
from perfxl.form.layout import Box, Layout, cached_by_layout, count_rows, lay_out, panel_row, row_order
from perfxl.form.table_rows import begin_rows, number_rows
from perfxl.form.template import fill_text
from perfxl.form.ticks import in_cells
from perfxl.rules.policy import Policy, default_policy
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.sheet import calculated_cells, look
from perfxl.workbook.sheet.carried import carried_paths, carries, is_kept
from perfxl.workbook.sheet.given_rows import GivenRows, collect_given_rows
from perfxl.workbook.sheet.identity import Identity, issue_sign, letter_of
from perfxl.workbook.sheet.names import key_numbers
from perfxl.workbook.sheet.self_check import SelfCheck, make_self_check

Prefill = Literal["given", "last", "all"]
Value = str | float | int | None
Cells = Mapping[Place, Value]


@dataclass(frozen=True)
class Issue:
    """The data that all sheets of one sending share: year, unit, phase, draft, contact, checks.

    ``office`` and ``phone`` say whom to call; ``control`` is the unit's control total in 万元; ``policy`` says how
    the form is checked; ``letter``: the letter of the phase in the printed code, None for the usual one; ``values``:
    the form's issue values, each with its name; ``sign``: these in the printed code, None for the usual one.
    """

    year: int
    unit_code: str
    unit_name: str
    phase: str = "一上"
    draft: int = 1
    office: str = "财政局绩效股"
    phone: str = ""
    control: float | None = None
    policy: Policy = field(default_factory=default_policy)
    letter: str | None = None
    values: tuple[tuple[str, Value], ...] = ()
    sign: str | None = None

    def context(self) -> dict[str, Any]:
        """Return the names that a form's templates may use in addition to the record's own."""
        unit = {"code": self.unit_code, "name": self.unit_name}
        return {**dict(self.values), "year": self.year, "unit": unit, "phase": self.phase, "draft": self.draft}

    @property
    def sent(self) -> dict[str, str]:
        """The sending data kept beside the identity, so that the same sheet can be made again from what comes back."""
        return {"office": self.office, "phone": self.phone}


@dataclass(frozen=True, eq=False)
class Page:
    """One form sheet. ``cells`` holds everything that varies between records of one shape; the layout holds the rest.

    ``name`` is that of the tab; ``given``: the given values it is sent out with, ``given_rows`` those in its tables'
    rows; ``heights``: row heights in points; ``footer``: the text at the foot of each printed page as Excel takes it,
    where the form has one of its own; ``carried``: the cells of last year's texts that are to be looked at.
    """

    layout: Layout
    name: str
    title: str
    identity: Identity
    cells: Cells
    heights: Mapping[int, float]
    given: Mapping[str, Any]
    checks: SelfCheck
    footer: str = ""
    given_rows: tuple[GivenRows, ...] = ()
    carried: frozenset[Place] = frozenset()

    @property
    def not_given(self) -> Iterator[tuple[str, str]]:
        """The given answers, by table and path, whose locked cells go out blank: the record has nothing for them."""
        form = self.layout.form
        for id in self.layout.head:
            if form.fields[id].given and self.given.get(id) in (None, ""):
                yield "", id
        for table, columns, rows in self.given_rows:
            for at, id in enumerate(columns):
                blank = any(row[at] in (None, "") for row in rows.values()) or (not rows and form.tables[table].minimum)
                if blank and not form.tables[table].columns[id].numbering:
                    yield table, id


def make_page(
    form: Form,
    record: Mapping[str, Any],
    issue: Issue,
    prefill: Prefill = "given",
    number: int = 0,
    carried: Collection[str] | None = None,
) -> Page:
    """Return the sheet that is sent out for a record. Prefilled rows stand in their group, in the record's order.

    ``number``: the number of a record that has none of its own, as none has in a form without such a field;
    ``carried``: the paths of last year's texts that are to be looked at; None where the sheet marks none. With
    ``prefill="last"`` they are all texts that it fills in.
    """
    whole = answer.flatten(form, record)
    if prefill == "last" and carries(form):
        carried = carried_paths(form, whole)
    said = issue_values(form, issue)
    filled = calculate(form, answers_sent(form, whole, prefill), said=said)
    layout = lay_out(form, count_rows(form, filled))
    identity = Identity(
        form=form.name,
        version=form.version,
        year=issue.year,
        unit=issue.unit_code or issue.unit_name,
        draft=issue.draft,
        number=(form.number(record) if form.numbered else 0) or number,
        project=form.code(record),
        phase=issue.phase,
        letter=letter_of(issue.phase) if issue.letter is None else issue.letter,
        issue=issue_sign(said[name] for name in form.issue if name != "year") if issue.sign is None else issue.sign,
    )
    plan = _plan(layout)
    try:
        name, title, footer, *texts = render_texts(plan.templates, {**record, **issue.context()})
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise FormError(file=form.name, what="unfillable", problem=str(error)) from error
    checks = make_self_check(layout, issue.policy, carried is not None)
    cells = {**_cells(plan, in_cells(form, filled), texts, identity, issue), **_issue_cells(layout, said)}
    places = frozenset(_carried_places(plan, whole, filled, carried, cells)) if carried else frozenset[Place]()
    cells |= _carried_cells(checks, cells, places)
    untouched = sum(place in places for column in checks.carried for place in column.cells)
    cells |= checks.results(Answers({**said, **filled.head}, filled.rows), untouched)
    cells.update(calculated_cells.values(layout, filled))
    return Page(
        layout=layout,
        name=sheet_name(name, form.language),
        title=title,
        identity=identity,
        cells=cells,
        heights=_heights(plan, cells),
        given=_given(form, whole, issue),
        checks=checks,
        given_rows=collect_given_rows(layout, filled),
        footer=_footer(footer),
        carried=places,
    )


def issue_values(form: Form, issue: Issue) -> dict[str, Value]:
    """Return the values of a sending that the form names."""
    said = {"year": issue.year, **dict(issue.values)}
    return {name: said.get(name) for name in form.issue}


def _issue_cells(layout: Layout, said: Mapping[str, Value]) -> dict[Place, Value]:
    return {place: said[name] for name, place in layout.issue_cells.items()}


_UNPRINTED = re.compile("[\x00-\x1f\ufffe\uffff]")
_LONGEST_FOOTER = 150  # characters; Excel takes 255 with the printed code and the page number


def _footer(text: str) -> str:
    """Return the text at the foot of a page as Excel takes it, where & begins a code unless there are two."""
    text = shorten(_UNPRINTED.sub(" ", text), _LONGEST_FOOTER)
    return shorten(text, max(1, _LONGEST_FOOTER - text.count("&"))).replace("&", "&&")


def answers_sent(form: Form, whole: Answers, prefill: Prefill = "given") -> Answers:
    """Return the answers on the sheet when it is sent out, including the rows that a blank form begins with."""
    return begin_rows(form, _prefill(form, whole, prefill))


def render_texts(templates: tuple[str, ...], context: Mapping[str, Any]) -> list[str]:
    """Return texts of the form with their Jinja templates rendered; an undefined name is an error, not a blank.

    All are rendered at once, which costs little more than rendering one.
    """
    texts = fill_text(_BETWEEN.join(templates), context).split(_BETWEEN)
    if len(texts) == len(templates):
        return texts
    return [fill_text(template, context) for template in templates]


_BETWEEN = "\x1f"  # ASCII's unit separator: never in a form's text, hardly ever in a record


def sheet_name(text: str, lang: str = CHINESE) -> str:
    r"""Return a tab name that Excel accepts: at most 31 characters (here 12 or 24), no quotes, ``!`` and ``[]:*?/\``.

    It never begins with a digit: LibreOffice saves such names again without the quotes that Excel needs.
    """
    safe = _UNSAFE.sub("", _ESCAPED.sub("", text)).strip()
    safe = safe if safe and not safe[0].isdigit() else messages.say("sheet.tab", {"name": safe}, lang)
    return safe[: 12 if look.is_chinese(lang) else 24].strip()


_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")  # OOXML's escapes, which LibreOffice decodes to a character
_UNSAFE = re.compile("[][:*?/\\\\'\"!\\x00-\\x1f\ufffe\uffff]")


def _prefill(form: Form, whole: Answers, prefill: Prefill) -> Answers:
    """Return the answers to keep: given ones; with ``last`` also those that are not asked anew each year; or all."""
    if prefill == "all":
        return whole
    if prefill == "last":
        head = {id: value for id, value in whole.head.items() if form.fields[id].given or not form.fields[id].yearly}
        rows = {id: tuple(_blank_yearly(form.tables[id], row) for row in filled) for id, filled in whole.rows.items()}
        return Answers(_with_defaults(form, {id: head.get(id) for id in form.fields}), rows)
    head = {id: value if form.fields[id].given else None for id, value in whole.head.items()}
    rows = {table.id: _given_alone(table, whole.rows[table.id]) for table in _given_tables(form)}
    return Answers(_with_defaults(form, head), rows)


def _with_defaults(form: Form, head: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the head's answers, blank ones as a blank book starts with them; what is given is left as it is."""
    return {
        id: form.fields[id].default if value is None and not form.fields[id].given else value
        for id, value in head.items()
    }


def _given_tables(form: Form) -> Iterator[Table]:
    """Yield the tables whose rows go out with given values."""
    return (table for table in form.tables.values() if any(column.given for column in table.columns.values()))


def _given_alone(table: Table, rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return a table's rows without the values that are asked; a row in which nothing is given does not go out."""
    alone = ({id: value if table.columns[id].given else None for id, value in row.items()} for row in rows)
    return tuple(row for row in alone if any(value is not None for value in row.values()))


def _blank_yearly(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table row with the answers blanked that are asked anew each year."""
    columns = table.columns
    return {id: None if columns[id].yearly and not columns[id].given else value for id, value in row.items()}


def _given(form: Form, whole: Answers, issue: Issue) -> dict[str, Any]:
    """Return every given value, shown or not: a returned sheet is compared with these."""
    given = {id: whole.head[id] for id, spec in form.fields.items() if spec.given}
    around = {"unit.code": issue.unit_code, "unit.name": issue.unit_name, "year": issue.year}
    control = {} if issue.control is None else {"unit.control": issue.control}
    return {**given, **issue_values(form, issue), **around, **control}


@dataclass(frozen=True, eq=False)
class _Plan:
    """The part of a layout's pages that is the same for every record: which cells vary, and by what.

    ``templates``: the tab's name, the title, the footer, then the texts of the cells ``texts``; ``codes``: the cells of
    the 识别码 (identification code), ``keys``: of the row keys; ``head``: cell and field; ``answers``: cell, table,
    slot and column; ``heights``: the rows' heights in which all labels fit; ``widths``: cell, the number of characters
    that fit into the row as it is, then the cell's width and its text's size and indent.
    """

    layout: Layout
    templates: tuple[str, ...]
    texts: tuple[Place, ...]
    codes: tuple[Place, ...]
    head: tuple[tuple[Place, Field], ...]
    answers: tuple[tuple[Place, str, int, Field], ...]
    keys: Mapping[Place, int]
    heights: Mapping[int, float]
    widths: tuple[tuple[Place, int, float, float, int], ...]


@cached_by_layout(256)
def _plan(layout: Layout) -> _Plan:
    """Return the plan of a layout."""
    form = layout.form
    varying = [box for box in layout.boxes if is_varying(box)]
    fields = [(box, box.field) for box in varying if box.role in ("field", "answer") and box.field]
    texts = [box for box in varying if box.role not in ("field", "answer", "mark")]
    return _Plan(
        layout=layout,
        templates=(form.sheet.name, form.title, form.sheet.footer or "", *(box.text for box in texts)),
        texts=tuple(map(_place, texts)),
        codes=tuple(_place(box) for box in varying if box.role == "mark"),
        head=tuple((_place(box), spec) for box, spec in fields if not box.table),
        answers=tuple((_place(box), box.table, box.index, spec) for box, spec in fields if box.table),
        keys=key_numbers(layout),
        heights=_label_heights(layout),
        widths=tuple(_width(layout, box, spec) for box, spec in fields if box.rows == 1),
    )


def _place(box: Box) -> Place:
    """Return the top left cell of a box."""
    return box.row, box.column


def _label_heights(layout: Layout) -> dict[int, float]:
    """Return the heights of the layout's rows, the last row of a label increased where the label needs more room."""
    heights = dict(layout.heights)
    for box in layout.boxes:
        if box.role in ("header", "label") and "{" not in box.text:
            missing = look.label_height(box.text, _columns_width(layout, box), layout.form.language)
            missing -= sum(heights[row] for row in range(box.row, box.row + box.rows))
            heights[box.end[0]] += max(0.0, missing)
    return heights


def _columns_width(layout: Layout, box: Box) -> float:
    """Return the width of a box in digits."""
    start = box.column - layout.first_column
    return sum(layout.form.sheet.columns[start : start + box.columns])


def _width(layout: Layout, box: Box, spec: Field) -> tuple[Place, int, float, float, int]:
    """Return the entry of ``_Plan.widths`` for the box of a field."""
    width = _columns_width(layout, box)
    size, indent = 10 if box.table else 10.5, 1 if spec.align == "left" else 0
    room = look.characters_that_fit(layout.heights[box.row], width, size, indent, 0, layout.form.language)
    return _place(box), room, width, size, indent


def _cells(plan: _Plan, filled: Answers, texts: Iterable[str], identity: Identity, issue: Issue) -> dict[Place, Value]:
    """Return the varying cells of a page, without the results of its checks."""
    layout, form, lang = plan.layout, plan.layout.form, plan.layout.form.language
    cells: dict[Place, Value] = {(layout.mark_row, layout.key_column): identity.mark}
    cells.update(zip(plan.texts, texts, strict=True))
    cells.update(dict.fromkeys(plan.codes, f"{messages.say('sheet.code', {}, lang)} {identity.printed}"))
    for place, spec in plan.head:
        cells[place] = spec.show(filled.head[spec.id])
    cells.update((place, form.fields[id].show(filled.head[id])) for id, place in layout.unseen_cells.items())
    slots = {table.id: row_order(layout.form, table, filled) for table in layout.form.tables.values()}
    for place, table, slot, spec in plan.answers:
        index = slots[table][slot]
        cells[place] = spec.show(spec.default if index is None else filled.rows[table][index][spec.id])
    cells.update(_row_numbers(plan, cells))
    cells.update((cell, identity.key(number)) for cell, number in plan.keys.items())
    if layout.form.sheet.panel:
        cells[panel_row(layout, 11), layout.panel_column] = messages.say("sheet.contact", issue.sent, lang)
    return cells


def _carried_places(
    plan: _Plan, whole: Answers, filled: Answers, carried: Collection[str], cells: Cells
) -> Iterator[Place]:
    """Yield the cells of last year's texts; ``carried``: the paths of these in the record.

    ``whole``: the record's answers; ``filled``: those of the sheet, on which an empty table has the rows of a blank.
    """
    form = plan.layout.form
    _, paths = answer.nest(plan.layout.asked, whole)
    for place, spec in plan.head:
        if spec.id in carried and is_kept(cells[place]):
            yield place
    slots = {table.id: row_order(form, table, filled) for table in form.tables.values()}
    for place, table, slot, spec in plan.answers:
        index = slots[table][slot]
        if index is not None and paths.get((table, index, spec.id)) in carried and is_kept(cells[place]):
            yield place


def _carried_cells(checks: SelfCheck, cells: Cells, carried: frozenset[Place]) -> dict[Place, Value]:
    """Return the cells of the mark row that hold last year's texts as they go out, and the keys of their rows."""
    keys = checks.layout.key_columns
    return {at: cells[place] if place in carried or place[1] in keys else None for at, place in checks.went_out.items()}


def _row_numbers(plan: _Plan, cells: Cells) -> Iterator[tuple[Place, str]]:
    """Yield the cells of rows' numbers, with those of rows that have none of their own."""
    columns: dict[tuple[str, str], list[Place]] = {}
    for place, table, _, spec in plan.answers:
        if spec.numbering:
            columns.setdefault((table, spec.id), []).append(place)
    for (table, id), places in columns.items():
        pattern = plan.layout.form.tables[table].columns[id].numbering
        yield from zip(places, number_rows(pattern, map(cells.get, places)), strict=True)


def varying_places(checks: SelfCheck) -> tuple[Place, ...]:
    """Return the cells that a page with these live checks fills."""
    layout = checks.layout
    plan = _plan(layout)
    places = [(layout.mark_row, layout.key_column), *layout.issue_cells.values(), *plan.texts, *plan.codes]
    places += [*layout.unseen_cells.values(), *(place for place, _ in plan.head)]
    places += [place for place, _, _, _ in plan.answers]
    places += plan.keys
    if layout.form.sheet.panel:
        places.append((panel_row(layout, 11), layout.panel_column))
    calculated = calculated_cells.formulas(layout)
    places = [place for place in places if place not in calculated]
    return (*places, *calculated, *checks.formulas, *checks.went_out)


def is_varying(box: Box) -> bool:
    """Return whether the content of a box differs between records of one shape."""
    return box.role in ("title", "mark", "field", "answer") or "{" in box.text


def _heights(plan: _Plan, cells: Cells) -> dict[int, float]:
    """Return the layout's row heights, increased where a text needs more room.

    Excel's limit is 409 points (Excel specifications and limits).
    """
    heights = dict(plan.heights)
    for place, room, width, size, indent in plan.widths:
        text = cells[place]
        if isinstance(text, str) and (len(text) > room or "\n" in text):
            need = look.text_height(text, width, size, indent, 0, plan.layout.form.language)
            if need > heights[place[0]]:
                heights[place[0]] = min(need, 409.0)
    return heights
