"""Mistakes of answers with tick columns, each as one sentence with its line, in every language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form.form import Form
from perfxl.form.installed import load_text
from perfxl.form.layout import blank_layout
from perfxl.form.ticks import on_sheet

TEXT = (Path(__file__).parents[1] / "workbook" / "forms" / "journeys" / "form.yaml").read_text("utf-8")
WAYS = "ways:   {type: choice, choices: way, multiple: true, style: columns,"
LINES = """
  staff:
    columns:
      who: {type: text, label: Who, given: true}
      by: {type: choice, choices: way, multiple: true, style: columns, label: Comes by}
    lines:
      cook: {who: The cook}
"""

# what is written instead of what, the kind of mistake, some of its facts
MISTAKES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "of one entry": (WAYS, WAYS.replace("multiple: true, ", ""), "ticks_of_one", {}),
    "with a separator": (WAYS, f'{WAYS} separator: ";",', "beside_ticks", {"key": "separator"}),
    "within another": (WAYS, f"{WAYS} within: number,", "no_level_below", {}),
    "with words of their own": (WAYS, f"{WAYS} also: [none],", "beside_ticks", {"key": "also"}),
    "shown once": ("by:     {", "by:     {repeat: hidden, ", "beside_ticks", {"key": "repeat"}),
    "of levels": (
        "{train: Train, plane: By air, car: Own car}",
        "{far: [train, plane, car], near: [foot]}",
        "no_plain_list",
        {},
    ),
    "of a column": ("choices: [office, host], multiple", "choices: {column: legs.town}, multiple", "no_plain_list", {}),
    "too many": (
        "four, five, six, seven]",
        f"{', '.join(f'n{at}' for at in range(18))}]",
        "too_many_ticks",
        {"found": 21, "limit": 20},
    ),
    "in fixed lines": ("tables:\n", f"tables:{LINES}", "ticks_in_line", {}),
    "on the first sheet": ("choices:\n", "overview: [ways]\nchoices:\n", "ticks_in_overview", {"found": "ways"}),
    "another style": (WAYS, WAYS.replace("columns", "colums"), "wrong_option", {"key": "style"}),
    "more of one than one": (
        "plate:  {type: text,",
        "plate:  {type: choice, choices: way, max_items: 2,",
        "no_such_limit",
        {"key": "max_items"},
    ),
}


def journeys(text: str = TEXT) -> Form:
    return load_text(text, "journeys/form.yaml", None)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(name: str) -> None:
    before, after, what, facts = MISTAKES[name]
    assert before in TEXT
    with pytest.raises(FormError) as raised:
        journeys(TEXT.replace(before, after, 1))
    error = raised.value.facts
    assert error["what"] == what
    assert facts.items() <= error.items()
    assert error["line"] > 1
    for language in messages.languages():
        assert messages.sentence(raised.value, language)


def layout(*rows: str) -> str:
    columns = "sheet: {columns: [20, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10]}\n"
    return TEXT.replace("choices:\n", f"{columns}layout:\n" + "".join(f"  - {row}\n" for row in rows) + "choices:\n", 1)


TOP = ("[{title: true, span: 6}, {mark: code, span: 5}]", "[{ask: number, span: 4}, {ask: day, span: 5}]")
REST = ("[{ask: plate, span: 4}, {ask: seat, span: 5}]", "{table: legs}")


def test_a_row_of_a_layout_has_the_entries_above_their_cells() -> None:
    form = journeys(layout(*TOP, "[{ask: ways, span: 4}, Needs, {field: needs, span: 4}, Beside]", *REST))
    boxes = blank_layout(form).boxes
    places = {box.field.id: (box.row, box.column, box.columns) for box in boxes if box.field and not box.table}
    assert places["ways.1"][1:] == (2, 2)  # four columns for three cells
    assert [places[f"ways.{at}"][1] for at in (1, 2, 3)] == [2, 4, 5]
    top = places["ways.1"][0] - 1
    assert [places[f"needs.{at}"][:2] for at in range(1, 8)] == [(top + 1, 7), (top + 1, 8), (top + 1, 9), (top + 1, 10), (top + 3, 7), (top + 3, 8), (top + 3, 9)]  # fmt: skip
    assert [box.text for box in boxes if box.row == top] == ["Ways", "Train", "By air", "Own car", "Needs", "one", "two", "three", "four", "Beside"]  # fmt: skip
    tall = {box.text: box.rows for box in boxes if box.row == top}
    assert (tall["Ways"], tall["Beside"], tall["one"]) == (4, 4, 1)


def test_what_reaches_down_from_above_goes_on_reaching() -> None:
    row = "[{text: All, rows: 2, span: 2}, {ask: number, span: 3}, {ask: day, span: 4}]"
    form = journeys(layout(TOP[0], row, "[{ask: ways, span: 8}]", "[{ask: needs, span: 10}]", *REST))
    (tall,) = [box for box in blank_layout(form).boxes if box.text == "All"]
    assert tall.rows == 3


def test_rows_for_tick_columns_are_refused() -> None:
    with pytest.raises(FormError) as raised:
        journeys(layout(*TOP, "[Ways, {field: ways, span: 10, rows: 2}]", "[{ask: needs, span: 10}]", *REST))
    assert (raised.value.facts["what"], raised.value.facts["key"]) == ("beside_ticks", "rows")


def test_a_form_without_tick_columns_is_its_own_sheet() -> None:
    form = journeys(TEXT.replace("style: columns", "style: boxes"))
    assert on_sheet(form) is form
