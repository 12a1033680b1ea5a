"""Words that a drop-down list offers for what is typed, in some rows; and a part of a label that differs by sheet."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import perfxl
from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import installed, texts
from perfxl.form.answers import flatten
from perfxl.form.form import Form
from perfxl.form.installed import load_text
from perfxl.form.layout import count_rows, lay_out
from perfxl.messages.places import locate
from perfxl.workbook.sheet.manual import describe_answers

TEXT = """\
form: meals
version: "1"
language: en
record: meals[]
key: number
issue: [year, week]
title: "Meals {{ number }}"
sheet: {name: "Meals {{ number }}"}
fields:
  number: {type: integer, given: true}
  hot: {type: boolean, given: true, label: Hot}
  drink: {type: text, label: Drink, max_length: 20, suggest: [tea, water]}
  soup: {type: text, label: Soup, suggest: {entries: [clear, thick], when: hot}}
tables:
  days:
    label: Days
    rows: {min: 1, spare: 1, max: 9}
    columns:
      kind: {type: text, given: true, label: Kind}
      dish: {type: text, label: ["Week {{ week }}", Dish], suggest: {entries: [rice, noodles], when: kind == "main"}}
"""
RECORDS: dict[str, Any] = {
    "year": 2026,
    "unit": {"code": "1", "name": "Mill"},
    "week": 5,
    "meals": [
        {"number": 1, "hot": True, "days": [{"kind": "main"}, {"kind": "starter"}, {"kind": "main"}]},
        {"number": 2, "hot": False, "days": [{"kind": "starter"}]},
    ],
}


@pytest.fixture
def form() -> Form:
    return load_text(TEXT)


@pytest.fixture
def known(tmp_path: Path) -> str:
    folder = tmp_path / "meals"
    folder.mkdir()
    (folder / "form.yaml").write_text(TEXT, encoding="utf-8")
    return str(folder)


def lists(data: bytes) -> dict[str, dict[str, Any]]:
    """The drop-down lists of each sheet: cell → validation."""
    book = openpyxl.load_workbook(BytesIO(data))
    return {
        sheet.title: {
            str(area).partition(":")[0]: one
            for one in sheet.data_validations.dataValidation
            if one.type == "list"
            for area in one.sqref.ranges
        }
        for sheet in book
    }


def cell(data: bytes, title: str, text: str, right: int = 0, down: int = 0) -> str:
    sheet = openpyxl.load_workbook(BytesIO(data))[title]
    at = next(one for row in sheet.iter_rows() for one in row if one.value == text)
    return str(at.offset(down, right).coordinate)


def test_the_list_stands_where_its_condition_holds_and_refuses_nothing(known: str) -> None:
    (made,) = perfxl.generate(RECORDS, form=known, values={"week": 5})
    titles = [title for title in lists(made.data) if title.startswith("Meals")]
    first, second = (lists(made.data)[title] for title in titles)
    dishes = [cell(made.data, titles[0], "Dish", down=row) for row in (1, 2, 3)]
    assert [at in first for at in dishes] == [True, False, True]
    assert not first[dishes[0]].showErrorMessage
    assert len(first) == 4  # drink, soup, two dishes
    assert len(second) == 1  # drink
    assert cell(made.data, titles[0], "Week 5", down=1) == cell(made.data, titles[0], "Dish")


def test_what_is_typed_comes_back_as_it_is(known: str) -> None:
    (made,) = perfxl.generate(RECORDS, form=known, values={"week": 5})
    book = openpyxl.load_workbook(BytesIO(made.data))
    sheet = next(one for one in book if one.title.startswith("Meals 1"))
    for row, dish in enumerate(("noodles", "bread", "noodles, cold"), start=1):
        sheet[cell(made.data, sheet.title, "Dish", down=row)] = dish
    stream = BytesIO()
    book.save(stream)
    read = perfxl.read(stream.getvalue(), forms=[known])
    dishes = [row["dish"] for row in read.records()["meals"][0]["days"]]
    assert dishes == ["noodles", "bread", "noodles, cold"]
    codes = {one.code for one in perfxl.check(stream.getvalue(), forms=[known]).findings}
    assert codes == {"RD-18"}  # openpyxl saves formulas without results


def test_rows_are_laid_out_by_what_is_offered_in_them(form: Form) -> None:
    layouts = [lay_out(form, count_rows(form, flatten(form, record))) for record in RECORDS["meals"]]
    offered = [sorted(box.field.id for box in one.boxes if box.offers and box.field) for one in layouts]
    assert offered == [["dish", "dish", "drink", "soup"], ["drink"]]


def test_the_manual_tells_the_words(form: Form) -> None:
    told = {label: text for label, _, text in describe_answers(form)}
    assert "tea, water" in told["Drink"]
    assert "Where there is a drop-down list" in told["Dish"]  # without the part of its label that differs
    assert locate("days[0].dish", form, {}).label == "Dish"


def test_words_are_translated(form: Form) -> None:
    assert texts.FormText("days.dish", "rice") in texts.all_texts(form)


MISTAKES = {
    "a number": ("drink: {type: text, label: Drink, max_length: 20,", "drink: {type: integer, label: Drink,", "suggest_not_typed"),
    "a given answer": ("drink: {type: text,", "drink: {type: text, given: true,", "suggest_not_typed"),
    "too long": ("[tea, water]", "[tea, water from the well at the end of the lane]", "too_long"),
    "twice": ("[tea, water]", "[tea, tea]", "entry_twice"),
    "nothing": ("[tea, water]", "[]", "missing_key"),
    "no words": ("{entries: [clear, thick], when: hot}", "{when: hot}", "missing_key"),
    "decided by what is typed": ("when: hot}", "when: drink is filled}", "calculated_when_not_given"),
    "decided by a number": ("when: hot}", "when: number}", "not_an_expression"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake(old: str, new: str, what: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(FormError) as caught:
        load_text(TEXT.replace(old, new), "meals/form.yaml")
    assert caught.value.facts["what"] == what
    for lang in ("zh-CN", "en"):
        assert "None" not in messages.sentence(caught.value, lang)


def test_the_stages_offer_three_words_where_the_target_is_a_text() -> None:
    for name in ("project-monitoring", "project-self-evaluation"):
        suggest = installed.load(name).tables["indicators"].columns["actual"].suggest
        assert suggest
        assert len(suggest.entries) == 3
