"""Forms without a layout have one drawn; headers of several rows, letters, places to sign, cells beside a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfxl.form.definition.drawn_layout import LANDSCAPE, PORTRAIT, fit
from perfxl.form.form import Form
from perfxl.form.installed import load_text
from perfxl.form.layout import Box, blank_layout

OUTLINE: dict[str, Any] = {"form": "f", "version": "1", "record": "things[]", "title": "Things", "label": "Things"}


def form_of(**parts: Any) -> Form:
    return load_text(json.dumps({**OUTLINE, **parts}, ensure_ascii=False))  # JSON is YAML


def texts(form: Form) -> dict[str, str]:
    """What stands where, each box by its corners, relative to the first cell of the form."""
    left, top = form.sheet.column, form.sheet.row

    def where(box: Box) -> str:
        (row, column), (last_row, last_column) = (box.row - top, box.column - left), box.end
        return f"{row},{column}-{last_row - top},{last_column - left}"

    return {
        where(box): box.text for box in blank_layout(form).boxes if box.role in ("header", "letter", "side", "sign")
    }


def columns(*labels: Any, **more: Any) -> dict[str, Any]:
    return {f"c{at}": {"type": "integer", "label": label, **more} for at, label in enumerate(labels)}


HEADERS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "one row": (columns("甲", "乙"), {"0,0-0,0": "甲", "0,1-0,1": "乙"}),
    "neighbours with the same upper label": (
        columns("甲", ["乙", "子"], ["乙", "丑"]),
        {"0,0-1,0": "甲", "0,1-0,2": "乙", "1,1-1,1": "子", "1,2-1,2": "丑"},
    ),
    "the same upper label apart": (
        columns(["乙", "子"], "甲", ["乙", "丑"]),
        {"0,0-0,0": "乙", "1,0-1,0": "子", "0,1-1,1": "甲", "0,2-0,2": "乙", "1,2-1,2": "丑"},
    ),
    "a label that is as short as another's upper part": (
        columns("乙", ["乙", "丑"]),
        {"0,0-1,0": "乙", "0,1-0,1": "乙", "1,1-1,1": "丑"},
    ),
    "three rows": (
        columns(["甲", "子", "上"], ["甲", "子", "下"], ["甲", "丑"], ["乙", "子", "上"]),
        {
            "0,0-0,2": "甲",
            "1,0-1,1": "子",
            "2,0-2,0": "上",
            "2,1-2,1": "下",
            "1,2-2,2": "丑",
            "0,3-0,3": "乙",
            "1,3-1,3": "子",
            "2,3-2,3": "上",
        },
    ),
    "spans": (columns(["乙", "子"], ["乙", "丑"], span=2), {"0,0-0,3": "乙", "1,0-1,1": "子", "1,2-1,3": "丑"}),
    "letters": (
        {"a": {"type": "text", "label": "甲", "letter": "乙"}, "b": {"type": "text", "label": ["丙", "丁"]}},
        {"0,0-1,0": "甲", "2,0-2,0": "乙", "0,1-0,1": "丙", "1,1-1,1": "丁", "2,1-2,1": ""},
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_equal_neighbours_merge_across_and_short_labels_down(name: str) -> None:
    spelled, wanted = HEADERS[name]
    width = sum(column.get("span", 1) for column in spelled.values())
    layout = [{"table": "t"}, [{"mark": "code", "span": width}]]
    sheet = {"columns": [9] * width}
    assert texts(form_of(tables={"t": {"columns": spelled}}, sheet=sheet, layout=layout)) == wanted


@pytest.mark.parametrize(("header", "wanted"), [(1, {"0,0-0,0": "子", "0,1-0,1": "丑"}), (2, None), (None, None)])
def test_a_header_shows_as_many_parts_as_the_table_says(header: int | None, wanted: dict[str, str] | None) -> None:
    table = {"columns": columns(["乙", "子"], ["乙", "丑"]), **({"header": header} if header else {})}
    layout = [{"table": "t"}, [{"mark": "code", "span": 2}]]
    found = texts(form_of(tables={"t": table}, sheet={"columns": [9, 9]}, layout=layout))
    assert found == (wanted or {"0,0-0,1": "乙", "1,0-1,0": "子", "1,1-1,1": "丑"})


def test_a_label_at_the_side_is_as_high_as_table_and_header() -> None:
    table = {"side": "侧", "rows": {"min": 3}, "columns": columns(["乙", "子"], letter="1")}
    layout = [{"table": "t"}, [{"mark": "code", "span": 2}]]
    found = texts(form_of(tables={"t": table}, sheet={"columns": [9, 9]}, layout=layout))
    assert found["0,0-5,0"] == "侧"  # two rows of labels, one of letters, three of answers


def test_ask_is_the_label_and_the_answer_and_sign_a_locked_cell() -> None:
    fields = {"a": {"type": "text", "label": ["甲", "乙"]}, "b": {"type": "text"}}
    layout = [
        [{"ask": "a", "span": 2}, {"ask": "b"}],
        [{"sign": "单位负责人（签章）", "span": 2}, {"sign": "By:"}, "x", {"mark": "code"}],
    ]
    form = form_of(fields=fields, sheet={"columns": [9] * 5}, layout=layout)
    first, second = form.layout
    assert [(piece.text, piece.field, piece.span) for piece in first.pieces] == [
        ("乙", "", 1), ("", "a", 2), ("b", "", 1), ("", "b", 1),
    ]  # fmt: skip
    assert [piece.text for piece in second.pieces if piece.role == "sign"] == ["单位负责人（签章）：", "By:"]
    signs = [box for box in blank_layout(form).boxes if box.role == "sign"]
    assert all(box.locked and box.field is None and box.framed for box in signs)


@pytest.mark.parametrize("rows", [1, 4])
def test_cells_beside_a_table_are_as_high_as_it_is(rows: int) -> None:
    layout = [
        ["甲", {"text": "乙", "span": 2}, {"field": "a", "rows": 2}],
        {"table": "t"},
        [{"mark": "code", "span": 4}],
    ]
    layout[0][0] = {"text": "甲", "rows": 2}  # type: ignore[index]
    table = {"rows": {"min": rows}, "columns": columns("子", "丑")}
    form = form_of(fields={"a": {"type": "text"}}, tables={"t": table}, sheet={"columns": [9] * 4}, layout=layout)
    placed = blank_layout(form)
    assert placed.head["a"].rows == rows + 2
    assert [box.end[0] for box in placed.boxes if box.text == "甲"] == [placed.tables["t"].last]
    assert min(placed.tables["t"].columns.values()) == form.sheet.column + 1


# --- drawn ------------------------------------------------------------------------------------------------------------

answers = st.sampled_from(
    [
        {"type": "text"},
        {"type": "text", "max_length": 12},
        {"type": "text", "max_length": 150},
        {"type": "paragraph"},
        {"type": "integer"},
        {"type": "money", "unit": "元"},
        {"type": "percent"},
        {"type": "date"},
        {"type": "choice", "choices": ["甲", "a rather long entry of a list"]},
    ]
)
words = st.sampled_from(["甲", "一个相当长的标签（说明也在内）", "Day", "Number of the persons who came", "乙\n丙"])
labels = words | st.tuples(words, words).map(list)


def fields(most: int) -> st.SearchStrategy[dict[str, Any]]:
    labelled = st.tuples(answers, labels).map(lambda pair: {**pair[0], "label": pair[1]})
    return st.lists(labelled, max_size=most).map(lambda found: {f"f{at}": field for at, field in enumerate(found)})


def apart(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a table with labels of their own."""
    by_label = {repr(column["label"]): {id: column} for id, column in columns.items()}
    return {id: column for one in by_label.values() for id, column in one.items()}


tables = st.lists(
    st.tuples(fields(9).filter(bool), st.sampled_from(["", "side", "label"]), st.integers(1, 4)), max_size=3
).map(
    lambda found: {
        f"t{at}": {"columns": apart(columns), "rows": {"min": rows, "max": 9}, **({named: f"表{at}"} if named else {})}
        for at, (columns, named, rows) in enumerate(found)
    }
)


@settings(max_examples=60, deadline=None)
@given(fields=fields(9), tables=tables, landscape=st.sampled_from([None, "portrait", "landscape"]))
def test_any_form_can_be_drawn(fields: dict[str, Any], tables: dict[str, Any], landscape: str | None) -> None:
    form = form_of(fields=fields, tables=tables, **({"sheet": {"orientation": landscape}} if landscape else {}))
    layout = blank_layout(form)  # raises where cells cover each other
    boxes = {(row, column): box for box in layout.boxes for row in _rows(box) for column in _columns(box)}
    wide = {(row, column) for row in layout.heights for column in range(layout.first_column, layout.last_column + 1)}
    assert set(boxes) == wide  # without a hole
    assert set(layout.head) == set(fields)
    for field in layout.head.values():  # its label stands before it
        label = boxes[field.row, field.column - 1]
        assert (label.role, label.text) == ("label", (field.field.label or (field.field.id,))[-1])  # type: ignore[union-attr]
    page = LANDSCAPE if form.sheet.landscape else PORTRAIT
    assert sum(form.sheet.columns) >= page - 0.5
    assert form.sheet.landscape == (landscape == "landscape" if landscape else form.sheet.landscape)
    assert min(form.sheet.columns) >= 6


def _rows(box: Box) -> range:
    return range(box.row, box.end[0] + 1)


def _columns(box: Box) -> range:
    return range(box.column, box.end[1] + 1)


@settings(max_examples=100, deadline=None)
@given(
    wanted=st.lists(st.floats(5, 60), min_size=1, max_size=6), grid=st.lists(st.floats(5, 60), min_size=6, max_size=9)
)
def test_widths_fill_the_grid(wanted: list[float], grid: list[float]) -> None:
    spans = fit(wanted, grid)
    assert (len(spans), sum(spans)) == (len(wanted), len(grid))
    assert min(spans) >= 1


def test_widths_that_are_those_of_the_grid_take_one_column_each() -> None:
    assert fit([9, 20, 13], [9, 20, 13]) == [1, 1, 1]
    assert fit([29, 13], [9, 20, 13]) == [2, 1]


def test_what_the_form_says_of_the_sheet_holds() -> None:
    form = form_of(
        fields={"a": {"type": "text"}},
        sheet={"name": "甲", "columns": [10, 20], "panel": [], "marks": {"side": "after"}},
    )
    assert (form.sheet.name, form.sheet.columns, form.sheet.panel, form.sheet.column) == ("甲", (10.0, 20.0), (), 0)


def test_fixed_lines_are_drawn_as_a_table() -> None:
    count = {"type": "integer", "label": ["People", "now"]}
    staff = {
        "label": "Staff",
        "columns": {"item": {"type": "text", "label": "Item", "given": True, "span": 2}, "now": count,
                    "before": {**count, "label": ["People", "before"]}},
        "lines": {"all": {"heading": "All"}, "women": {"item": "Women"}, "men": {"item": "Men"}},
    }  # fmt: skip
    form = form_of(fields={"day": {"type": "date", "label": "Day"}}, tables={"staff": staff})
    rows = [[piece.text or piece.field for piece in row.pieces] for row in form.layout[2:]]
    assert rows == [
        ["Day", "day"], ["Staff"], ["Item", "People"], ["now", "before"], ["All"],
        ["Women", "staff.women.now", "staff.women.before"], ["Men", "staff.men.now", "staff.men.before"],
    ]  # fmt: skip
    full = [sum(piece.span for piece in row.pieces) for row in form.layout]
    item, before = form.layout[4].pieces[0].span, len(form.sheet.columns)
    assert full == [before, before, before, before, before, before - item, before, before, before]


def test_a_form_alone_has_a_tab_by_its_label() -> None:
    form = form_of(fields={"a": {"type": "text"}}, label="A / B: all that there is to be said of it")
    assert form.sheet.name == "A B all that there is to be said of it"[:31]
    assert (len(form.sheet.panel), form.sheet.landscape) == (2, False)


def test_a_wide_table_lies_across() -> None:
    table = {"columns": columns(*"甲乙丙丁戊己庚辛壬")}
    assert form_of(tables={"t": table}).sheet.landscape


def test_given_answers_without_a_label_stay_in_the_record() -> None:
    form = form_of(fields={"number": {"type": "integer", "given": True}, "a": {"type": "text"}})
    assert form.shown == {"a"}
