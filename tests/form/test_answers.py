"""Records become rows and rows become records: what a form asks comes back as it went."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.form import installed as forms
from perfxl.form.answers import Answers, flatten, get, nest, put
from perfxl.form.form import Form, Table

VALUES = (
    st.none() | st.text("甲乙1.%", max_size=3) | st.integers(-9, 9) | st.lists(st.text("丙", max_size=2), max_size=2)
)


def items(table: Table, level: int) -> st.SearchStrategy[Any]:
    """What may stand in the list of this level: its own columns filled at random, and at least one item below it."""
    own = [rest for at, rest in table.places.values() if at == level]
    if own == [""]:
        return VALUES.filter(lambda value: value is not None)
    texts = st.tuples(*(VALUES for _ in own))
    if level < len(table.lists):
        # a blank outer value belongs to the row above, so items that have items below have values of their own
        texts = texts.filter(lambda values: any(value is not None for value in values))
        below = st.lists(items(table, level + 1), min_size=1, max_size=3)
        return st.builds(lambda values, inner: nested(own, values, table.lists[level], inner), texts, below)
    return texts.filter(lambda values: any(value is not None for value in values)).map(
        lambda values: nested(own, values)
    )


def nested(paths: list[str], values: tuple[Any, ...], name: str = "", inner: Any = None) -> dict[str, Any]:
    item: dict[str, Any] = {}
    for path, value in zip(paths, values, strict=True):
        put(item, path, value)
    return {**item, name: inner} if name else item


def distinct(table: Table, found: list[Any]) -> bool:
    """No two neighbours with the same values of their own: on the sheet these would be one."""
    own = [rest for at, rest in table.places.values() if at == 1]
    keys = [tuple(get(item, rest) for rest in own) for item in found] if len(table.lists) > 1 else []
    return all(one != other for one, other in pairwise(keys))


@st.composite
def records(draw: st.DrawFn, form: Form) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for id in form.fields:
        put(record, id, draw(VALUES))
    for table in form.tables.values():
        listed = st.lists(items(table, 1), max_size=4)
        record[table.lists[0]] = draw(listed.filter(lambda found, table=table: distinct(table, found)))  # type: ignore[misc]
    return record


@pytest.mark.parametrize("name", forms.names())
@given(data=st.data())
def test_what_goes_onto_the_sheet_comes_back(name: str, data: st.DataObject) -> None:
    form = forms.load(name)
    record = data.draw(records(form))
    answers = flatten(form, record)
    back, paths = nest(form, answers)
    assert back == record
    for (table, index, column), path in paths.items():
        assert get(back, path) == answers.rows[table][index][column]


@pytest.mark.parametrize("name", forms.names())
@given(data=st.data())
def test_every_answer_on_the_sheet_has_its_place_in_the_record(name: str, data: st.DataObject) -> None:
    """Whatever stands in the rows, nothing filled is lost, and blank rows make nothing."""
    form = forms.load(name)
    rows = {
        table.id: tuple(data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(table.columns, VALUES)), max_size=6)))
        for table in form.tables.values()
    }
    back, paths = nest(form, Answers(dict.fromkeys(form.fields), rows))
    for table, found in rows.items():
        for index, row in enumerate(found):
            for column, value in row.items():
                path = paths.get((table, index, column))
                assert path is not None or all(each is None for each in row.values())
                if value is not None:
                    assert path is not None
                    assert get(back, path) == value
    again, _ = nest(form, flatten(form, back))
    assert again == back


def test_a_blank_record_is_all_blank() -> None:
    form = forms.load("department-goals")
    record, paths = nest(form, flatten(form, {}))
    assert record == {"overall": None, "contact": {"person": None, "phone": None}, "areas": [], "measures": []}
    assert paths == {}


DEPARTMENT = {
    "areas": [
        {"name": "一", "parts": [{"name": "甲", "goal": "g", "indicators": ["x", "y"]}, {"name": "乙"}]},
        {"name": "二", "parts": []},
        {"name": "三"},
    ],
    "measures": ["m", "n"],
}


def test_outer_values_repeat_in_every_row() -> None:
    rows = flatten(forms.load("department-goals"), DEPARTMENT).rows
    assert [(each["areas.name"], each["areas.parts.name"]) for each in rows["areas"]] == [
        ("一", "甲"), ("一", "乙"), ("二", None), ("三", None),
    ]  # fmt: skip
    assert rows["areas"][0]["areas.parts.indicators"] == ["x", "y"]
    assert rows["measures"] == ({"measures": "m"}, {"measures": "n"})


def test_an_item_whose_inner_list_is_empty_comes_back_with_one_blank_in_it() -> None:
    """The sheet has a row for it, in which the blanks are to be filled."""
    form = forms.load("department-goals")
    record, paths = nest(form, flatten(form, DEPARTMENT))
    assert [len(area["parts"]) for area in record["areas"]] == [2, 1, 1]
    assert record["areas"][1]["parts"] == [{"name": None, "goal": None, "indicators": None, "projects": None}]
    assert paths["areas", 2, "areas.parts.goal"] == "areas[1].parts[0].goal"
    assert paths["measures", 1, "measures"] == "measures[1]"


def rows(*pairs: tuple[str | None, str | None]) -> tuple[dict[str, Any], ...]:
    blank = dict.fromkeys(forms.load("department-goals").tables["areas"].columns)
    return tuple({**blank, "areas.name": area, "areas.parts.name": part} for area, part in pairs)


@pytest.mark.parametrize(
    ("found", "areas"),
    [
        ([("一", "甲"), (None, "乙"), ("二", "丙")], [("一", ["甲", "乙"]), ("二", ["丙"])]),
        ([(None, "甲"), (None, "乙")], [(None, ["甲", "乙"])]),
        ([("一", "甲"), (None, None), (None, "乙")], [("一", ["甲", "乙"])]),
        ([("一", "甲"), ("二", "乙"), ("一", "丙")], [("一", ["甲"]), ("二", ["乙"]), ("一", ["丙"])]),
        ([("一", None), ("一", "乙")], [("一", [None, "乙"])]),
        ([(None, None)], []),
    ],
)
def test_a_blank_outer_value_belongs_to_the_row_above(
    found: list[tuple[str | None, str | None]], areas: list[tuple[str | None, list[str | None]]]
) -> None:
    record, _ = nest(forms.load("department-goals"), Answers({}, {"areas": rows(*found)}))
    assert [(area["name"], [part["name"] for part in area["parts"]]) for area in record["areas"]] == areas


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1), ("a", {"b": 1}), ("l[1].c", 2), ("l[0]", None), ("l[9].c", None), ("a.x", None), ("a.b.c", None),
        ("x[0]", None), ("a[0]", None), ("l.c", None),
    ],
)  # fmt: skip
def test_what_is_not_there_is_none(path: str, value: Any) -> None:
    assert get({"a": {"b": 1}, "l": [None, {"c": 2}]}, path) == value


def test_put() -> None:
    record: dict[str, Any] = {"l": [{}, "x"]}
    put(record, "a.b.c", 1)
    put(record, "l[0].d", 2)
    put(record, "l[1]", "y")
    assert record == {"l": [{"d": 2}, "y"], "a": {"b": {"c": 1}}}


def test_columns_of_a_table_know_their_list() -> None:
    assert forms.load("department-goals").tables["areas"].places == {
        "areas.name": (1, "name"),
        "areas.parts.name": (2, "name"),
        "areas.parts.goal": (2, "goal"),
        "areas.parts.indicators": (2, "indicators"),
        "areas.parts.projects": (2, "projects"),
    }
    assert forms.load("department-goals").tables["measures"].places == {"measures": (1, "")}
    assert forms.load("central-target").tables["indicators"].places["year.level2"] == (1, "year.level2")
