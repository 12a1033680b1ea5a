"""Where everything stands: the forms' cells as data, frames, rows for more answers, tables below one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from perfxl.errors import FormError
from perfxl.form import installed as forms
from perfxl.form.answers import Answers
from perfxl.form.form import Form
from perfxl.form.installed import load_text
from perfxl.form.layout import Box, Layout, Slot, begin_rows, count_rows, lay_out, row_order

CELLS: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("cells.yaml").read_text("utf-8"))
FORMS = forms.names()


def nothing(form: Form) -> Answers:
    return begin_rows(form, Answers(dict.fromkeys(form.fields), {}))


def laid_out(form: Form, **rows: list[dict[str, Any]]) -> Layout:
    answers = Answers(dict.fromkeys(form.fields), {table: tuple(found) for table, found in rows.items()})
    return lay_out(form, count_rows(form, begin_rows(form, answers)))


def row(form: Form, table: str, **values: Any) -> dict[str, Any]:
    return {**dict.fromkeys(form.tables[table].columns), **values}


def where(box: Box) -> str:
    first, last = f"{chr(65 + box.column)}{box.row + 1}", f"{chr(65 + box.end[1])}{box.end[0] + 1}"
    return first if first == last else f"{first}:{last}"


def what(box: Box) -> str:
    if box.role in ("title", "mark"):
        return box.role
    return f"={box.field.id}" if box.field and box.role in ("field", "answer") else box.text


@pytest.mark.parametrize("name", FORMS)
def test_every_cell_of_a_blank_form(name: str) -> None:
    boxes = laid_out(forms.load(name)).boxes
    assert {where(box): what(box) for box in boxes if box.role != "answer" or box.index == 0} == CELLS[name]


@pytest.mark.parametrize(
    ("name", "mark_row", "key_column", "columns", "panel"),
    [
        ("project-target", 1, "A", "B:H", "J"),
        ("department-goals", 1, "A", "B:F", "H"),
        ("central-target", 1, "J", "A:I", "L"),
    ],
)
def test_marks_stand_outside_the_form(name: str, mark_row: int, key_column: str, columns: str, panel: str) -> None:
    layout = laid_out(forms.load(name))
    assert layout.mark_row == mark_row - 1
    assert chr(65 + layout.key_column) == key_column
    assert f"{chr(65 + layout.first_column)}:{chr(65 + layout.last_column)}" == columns
    assert chr(65 + layout.panel_column) == panel
    places = {
        (row, column) for box in layout.boxes for row in (box.row, box.end[0]) for column in (box.column, box.end[1])
    }
    assert not {at for at in places if at[0] == layout.mark_row or at[1] == layout.key_column}


@pytest.mark.parametrize("name", FORMS)
def test_the_frame_has_no_hole(name: str) -> None:
    """From the first framed row on, each row but a heading's is filled from the first to the last column."""
    layout = laid_out(forms.load(name))
    cells: dict[int, set[int]] = {}
    framed: set[int] = set()
    for box in layout.boxes:
        for at in range(box.row, box.end[0] + 1):
            cells.setdefault(at, set()).update(range(box.column, box.end[1] + 1))
            framed |= {at} if box.framed else set()
    assert framed
    assert all(cells[at] == set(range(layout.first_column, layout.last_column + 1)) for at in framed)
    assert set(layout.heights) == set(range(layout.mark_row + 1, layout.last_row + 1)) == set(cells)


def test_only_titles_headings_and_notes_stand_outside_the_frame() -> None:
    roles = {box.role for name in FORMS for box in laid_out(forms.load(name)).boxes if not box.framed}
    assert roles == {"title", "plain", "note", "heading", "mark"}


def test_open_answers_are_unlocked_and_no_others() -> None:
    for name in FORMS:
        for box in laid_out(forms.load(name)).boxes:
            assert box.locked == (box.role not in ("field", "answer") or not (box.field and box.field.open))


def test_a_blank_groups_the_rows_it_begins_with_and_ends_each_group_in_spare_ones() -> None:
    form = forms.load("project-target")
    ((table, slots),) = count_rows(form, nothing(form))
    assert table == "indicators"
    words = [f"{slot.group[:2]}{'+' if slot.spare else ''}" for slot in slots]
    assert words == ["产出"] * 6 + ["产出+"] * 2 + ["效益", "效益+", "满意", "满意+"]
    level2 = [each["level2"] for each in nothing(form).rows["indicators"]]
    assert level2 == [
        "数量指标",
        "数量指标",
        "质量指标",
        "质量指标",
        "时效指标",
        "成本指标",
        "社会效益指标",
        "服务对象满意度指标",
    ]


@pytest.mark.parametrize(
    ("name", "table", "spare"),
    [
        ("project-target", "indicators", {6, 7, 9, 11}),
        ("department-goals", "areas", {10, 11, 12, 13, 14, 15}),
        ("department-goals", "measures", {6, 7}),
    ],
)
def test_spare_rows_are_not_required(name: str, table: str, spare: set[int]) -> None:
    layout = laid_out(forms.load(name))
    answers = [box for box in layout.boxes if box.role == "answer" and box.table == table and box.field]
    assert {box.index for box in answers if box.field and box.field.required and not box.required} == spare
    assert {box.index for box in answers if box.required} == set(range(len(layout.tables[table].slots))) - spare


def test_rows_stand_in_their_group_in_their_order() -> None:
    form = forms.load("project-target")
    levels = ["效益指标", "产出指标", "满意度指标", "产出指标", "效益指标"]
    rows = [row(form, "indicators", level1=level, level3=str(at)) for at, level in enumerate(levels)]
    answers = Answers({}, {"indicators": tuple(rows)})
    table = form.tables["indicators"]
    assert row_order(form, table, answers) == (1, 3, None, None, 0, 4, None, 2, None)
    layout = laid_out(form, indicators=rows)
    assert [where(box) for box in layout.boxes if box.role == "group"] == ["B12:B15", "B16:B18", "B19:B20"]


@pytest.mark.parametrize("group", ["成本指标", "", None])
def test_a_group_that_the_taxonomy_does_not_have_comes_last_and_is_not_lost(group: str | None) -> None:
    form = forms.load("project-target")
    rows = [row(form, "indicators", level1=group), row(form, "indicators", level1="产出指标")]
    assert [
        at
        for at in row_order(form, form.tables["indicators"], Answers({}, {"indicators": tuple(rows)}))
        if at is not None
    ] == [1, 0]
    last = [box for box in laid_out(form, indicators=rows).boxes if box.role == "group"][-1]
    assert (last.text, last.rows) == (group or "", 1)  # no spare row: such groups are not for filling


@pytest.mark.parametrize(
    ("filled", "slots"),
    [
        (0, [Slot()] * 8 + [Slot(spare=True)] * 7),
        (4, [Slot()] * 8 + [Slot(spare=True)] * 7),
        (8, [Slot()] * 8 + [Slot(spare=True)] * 7),
        (10, [Slot()] * 10 + [Slot(spare=True)] * 7),
        (55, [Slot()] * 55 + [Slot(spare=True)] * 5),
        (60, [Slot()] * 60),
        (61, [Slot()] * 61),
    ],
)
def test_a_table_without_groups_has_its_minimum_and_spare_rows_below_as_far_as_its_maximum_goes(
    filled: int, slots: list[Slot]
) -> None:
    form = forms.load("central-target")
    rows = [row(form, "indicators", level1="产出指标")] * filled
    ((_, found),) = count_rows(form, Answers({}, {"indicators": tuple(rows)}))
    assert list(found) == slots
    layout = laid_out(form, indicators=rows)
    assert [where(box) for box in layout.boxes if box.role == "side"] == [f"A14:A{14 + len(slots)}"]


def test_what_stands_below_growing_tables_moves_down() -> None:
    form = forms.load("department-goals")
    parts = [row(form, "areas", **{"areas.name": f"领域{at}"}) for at in range(12)]
    measures = [row(form, "measures", measures=f"措施{at}") for at in range(9)]
    layout = laid_out(form, areas=parts, measures=measures)
    assert (layout.tables["areas"].first, layout.tables["areas"].last) == (8, 8 + 12 + 6 - 1)
    assert (layout.tables["measures"].header, layout.tables["measures"].last) == (27, 27 + 9 + 2)
    assert where(layout.head["contact.phone"]) == f"E{layout.last_row + 1}:F{layout.last_row + 1}" == "E40:F40"


@pytest.mark.parametrize("name", FORMS)
def test_the_same_shape_is_laid_out_once(name: str) -> None:
    form = forms.load(name)
    assert lay_out(form, count_rows(form, nothing(form))) is lay_out(form, count_rows(form, nothing(form)))


SHEET = """
form: f
version: "1"
record: projects[]
title: t
sheet: {name: s, columns: [9, 9, 9], start: B2}
fields:
  a: {type: text}
  b: {type: text}
tables:
  rows: {columns: {c: {type: text}}}
layout:
"""


@pytest.mark.parametrize(
    ("layout", "line", "field"),
    [
        ("  - [{field: a, rows: 2}, x]\n  - [{field: b, span: 3}]\n  - {table: rows}", 15, "b"),
        ("  - [{field: a, span: 2}, x]\n  - [{field: b, span: 3, rows: 2}]\n  - {table: rows}", 16, "rows"),
        ("  - [{field: a, span: 2}, x]\n  - {table: rows}\n  - [x, {field: b, rows: 2}]", 16, "b"),
    ],
)
def test_cells_that_cover_each_other_or_leave_the_layout_are_mistakes(layout: str, line: int, field: str) -> None:
    with pytest.raises(FormError) as caught:
        load_text(f"{SHEET}  - [{{mark: code}}]\n{layout}")
    assert caught.value.facts == {"file": "form.yaml", "what": "overlap", "line": line, "field": field}


GIVEN_ROWS = """
form: f
version: "1"
record: item
title: t
sheet: {name: s, columns: [9, 9], start: B2}
tables:
  rows:
    rows: {min: 0}
    columns:
      asked: {type: text, label: Asked, given: true}
      answer: {type: text, label: Answer, required: true}
layout: [{cells: [{title: true}, {mark: code}]}, {table: rows}]
"""


@pytest.mark.parametrize(("given", "slots"), [(0, 1), (1, 1), (3, 3)])
def test_a_table_without_blank_rows_has_those_that_are_given(given: int, slots: int) -> None:
    """Each of them is asked for, though nobody typed anything in it."""
    form = load_text(GIVEN_ROWS)
    layout = laid_out(form, rows=[row(form, "rows", asked=str(at)) for at in range(given)])
    assert len(layout.tables["rows"].slots) == slots
    assert form.tables["rows"].begun == ("asked",)
    assert load_text(GIVEN_ROWS.replace("min: 0", "min: 0, spare: 1")).tables["rows"].begun == ("answer",)
