"""Answers that are calculated: their order, their values, and what a definition cannot say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import calculation
from perfxl.form.answers import Answers
from perfxl.form.form import Form
from perfxl.form.installed import load_text
from perfxl.form.schema import record_schema
from perfxl.form.types.decimal import Decimal
from perfxl.form.types.percent import Percent
from perfxl.form.types.text import Text
from perfxl.messages.calculation_words import describe_answer
from perfxl.workbook.sheet.manual import describe_answers

FOLDER = Path(__file__).parents[1] / "workbook" / "forms" / "claim"
TEXT = (FOLDER / "form.yaml").read_text(encoding="utf-8")
FORM = load_text(TEXT, folder=FOLDER)

TOTAL = 'calculation: "(legs | sum(allowance)) + km * per_km"'


def line_of(id: str) -> int:
    """The line of an answer in the definition."""
    return next(at for at, line in enumerate(TEXT.splitlines(), start=1) if line.strip().startswith(f"{id}:"))


# what is written instead of what, the kind of mistake, the answer on whose line it is, some of its facts
MISTAKES: dict[str, tuple[str, str, str, str, dict[str, Any]]] = {
    "a circle of two": (TOTAL, "calculation: payable + km", "circle", "payable", {"field": "payable", "steps": ["total"]}),
    "a circle of three": (TOTAL, "calculation: score + share", "circle", "total", {"field": "total"}),
    "a circle of one": (TOTAL, "calculation: total + 1", "circle", "total", {"field": "total", "steps": []}),
    "a circle through a table": ("calculation: nights * rate - nights * rate * rebate / 100", "calculation: nights * total", "circle", "total", {"field": "total", "steps": ["allowance"]}),
    "calculated and required": ("label: Days, calculation", "label: Days, required: true, calculation", "calculated_and", "days", {"key": "required"}),
    "calculated and given": ("label: Days, calculation", "label: Days, given: true, calculation", "calculated_and", "days", {"key": "given"}),
    "a number in place of a day": ("calculation: departed + 30", "calculation: km + 30", "calculation_type", "due", {"found": "number"}),
    "a text in place of a number": (TOTAL, "calculation: grade", "calculation_type", "total", {"type": "money", "found": "text"}),
    "a number in place of a yes": ("calculation: days > 5 or total > 900", "calculation: days", "calculation_type", "long", {"type": "boolean"}),
    "what a county sets": (TOTAL, "calculation: km + limits.trivial_amount", "calculation_setting", "total", {"name": "trivial_amount"}),
    "decided from what is typed": ('when: score_by == "number"', "when: km > 5", "calculated_when_not_given", "score", {"field": "km"}),
    "decided from what is typed in the row": ('when: kind == "number"', "when: found > 5", "calculated_when_not_given", "rest", {"field": "found"}),
    "a name that is none": ("calculation: returned - departed", "calculation: returned - deparded", "unknown_field", "days", {"near": "departed"}),
    "a part that is missing": ('{when: score_by == "number", value: total / days}', '{when: score_by == "number"}', "missing_key", "score", {"key": "value"}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "id", "facts"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake(old: str, new: str, what: str, id: str, facts: dict[str, Any]) -> None:
    assert TEXT.count(old) == 1
    line = line_of(id)
    with pytest.raises(FormError) as caught:
        load_text(TEXT.replace(old, new), "claim/form.yaml", FOLDER)
    error = caught.value
    assert [one.facts["what"] for one in (error, *error.others)] == [what]
    assert error.facts["line"] == line
    steps = [step["field"] for step in error.facts.get("steps", ())]
    assert {key: steps if key == "steps" else error.facts[key] for key in facts} == facts
    for lang, beginning in (("zh-CN", f"claim/form.yaml第{line}行："), ("en", f"claim/form.yaml, line {line}: ")):
        sentence = messages.sentence(error, lang)
        assert sentence.startswith(beginning)
        assert "{" not in sentence.replace("{given", "")


def test_nothing_is_calculated_in_lists_within_lists() -> None:
    with pytest.raises(FormError) as caught:
        load_text(
            TEXT.replace("    label: Legs\n", "    label: Legs\n    each: days[].legs[]\n"), "claim/form.yaml", FOLDER
        )
    mistakes = {(one.facts["what"], one.facts["line"]) for one in (caught.value, *caught.value.others)}
    assert {("calculation_nested", line_of(id) + 1) for id in ("allowance", "part", "half", "word")} <= mistakes


def test_the_sentence_of_a_circle() -> None:
    with pytest.raises(FormError) as caught:
        load_text(TEXT.replace(TOTAL, "calculation: payable + km"), "claim/form.yaml", FOLDER)
    assert messages.sentence(caught.value, "en") == (
        f"claim/form.yaml, line {line_of('payable')}: “payable” is calculated from “total” (line {line_of('total')}),"
        " and “total” from “payable”; break the circle."
    )


def test_each_stands_behind_what_it_is_calculated_from() -> None:
    order = [(answer.table, answer.field.id) for answer in calculation.in_order(FORM)]
    for place, sources in calculation.sources(calculation.in_order(FORM)).items():
        assert all(order.index(source) < order.index(place) for source in sources)
    assert len(order) == 18


def blank(form: Form) -> Answers:
    return Answers(dict.fromkeys(form.fields), dict.fromkeys(form.tables, ()))


def test_nothing_comes_of_nothing() -> None:
    answers = calculation.calculate(FORM, blank(FORM))
    assert not any(answers.head.values())


def test_a_row_is_calculated_once_it_is_begun() -> None:
    row = dict.fromkeys(FORM.tables["legs"].columns)
    rows = (row, {**row, "mode": "plane"})
    answers = calculation.calculate(FORM, Answers(blank(FORM).head, {"legs": rows, "goals": ()}))
    assert [made["word"] for made in answers.rows["legs"]] == [None, "by air"]
    assert "allowance" not in FORM.tables["legs"].begun


def test_what_was_issued_decides() -> None:
    head = {
        **blank(FORM).head,
        "score_by": "person",
        "departed": "2026-01-01",
        "returned": "2026-01-03",
        "km": 10,
        "per_km": 2,
    }
    typed = calculation.calculate(FORM, Answers(head, {"legs": (), "goals": ()}))
    assert typed.head["score"] is None
    legs = ({**dict.fromkeys(FORM.tables["legs"].columns), "nights": 1, "rate": 1},)
    issued = calculation.calculate(FORM, Answers(head, {"legs": legs, "goals": ()}), {"score_by": "number"})
    assert issued.head["score"] == 10.5


IN_WORDS = {
    "days": "Calculated: Returned on − Departed on.",
    "due": "Calculated: Departed on + 30.",
    "payable": "Calculated: In all − Advance.",
    "total": "Calculated: sum of Allowance + Own car × Rate per km.",
    "share": "Calculated: Advance ÷ In all × 100.",
    "grade": "Calculated from other answers.",
    "legs.allowance": "Calculated: Nights × Rate − Nights × Rate × Rebate ÷ 100.",
    "score": "A number, at most 2 decimals. Where the cell is white and locked, it is calculated.",
    "km": "A number, at most 1 decimal.",
}


@pytest.mark.parametrize(("path", "words"), IN_WORDS.items())
def test_the_manual_says_how(path: str, words: str) -> None:
    asked = FORM.fields.get(path) or FORM.tables["legs"].columns[path.partition(".")[2]]
    assert describe_answer(FORM, path, asked.type.facts(), "en") == words


def test_the_manual_says_that_nobody_fills_it_in() -> None:
    needs = {label: need for label, need, _ in describe_answers(FORM)}
    assert (needs["Days"], needs["Score"], needs["Own car"]) == ("自动计算", "必填", "没有的不填")


def test_the_schema_says_that_it_is_only_read() -> None:
    schema = record_schema(FORM)["properties"]
    assert [id for id, one in schema.items() if one.get("readOnly")] == [
        "sign", "twice", "days", "due", "daily", "since", "payable", "total", "share", "grade", "long",
    ]  # fmt: skip
    assert schema["legs"]["items"]["properties"]["allowance"]["readOnly"] is True


SAME = [
    (Decimal(), 1.01, 1.01, 1.005, True),
    (Decimal(), 1.0, 1.01, 1.005, True),  # a tie that another program rounds down
    (Decimal(), 1.0, 1.01, 1.008, False),
    (Decimal(), 1.02, 1.01, 1.005, False),
    (Decimal(), 0.1 + 0.2, 0.3, 0.3, True),
    (Decimal(decimals=0), 2, 3, 2.5, True),
    (Percent(decimals=1), 33.3, 33.3, 33.333333, True),
    (Percent(decimals=1), 33.2, 33.3, 33.333333, False),
    (Decimal(), None, 1.0, 1.0, False),
    (Decimal(), "1.00 m", 1.0, 1.0, False),
    (Text(max_length=9), "a", "a", "a", True),
    (Text(max_length=9), "A", "a", "a", False),
]


@pytest.mark.parametrize(("asked", "found", "ours", "exact", "same"), SAME)
def test_a_value_is_the_same_to_the_last_digit_that_is_shown(
    asked: Any, found: Any, ours: Any, exact: Any, same: bool
) -> None:
    assert calculation.is_same(asked, found, ours, exact) is same


@pytest.mark.parametrize(
    ("found", "is_wrong"), [(75.64, False), (75.69, False), (75.59, False), (75.7, True), (75.58, True)]
)
def test_a_number_may_be_as_far_away_as_the_form_says(found: float, is_wrong: bool) -> None:
    written = TEXT.replace(TOTAL, TOTAL.replace("calculation: ", "calculation: {tolerance: 0.05, value: ") + "}")
    form = load_text(written, folder=FOLDER)
    legs = [{"mode": "train", "nights": 2, "rate": 33.33, "rebate": 10}, {"mode": "plane", "nights": 1, "rate": 12.5}]
    record = {"km": 10.5, "per_km": 0.3, "legs": legs, "total": found}
    full, wrong = calculation.calculate_record(form, record)
    assert full["total"] == 75.64
    assert [one.field for one in wrong] == ["total"] * is_wrong


def test_a_distance_is_no_less_than_nothing() -> None:
    written = TEXT.replace(TOTAL, TOTAL.replace("calculation: ", "calculation: {tolerance: -1, value: ") + "}")
    with pytest.raises(FormError) as caught:
        load_text(written, folder=FOLDER)
    assert caught.value.facts["what"] == "not_a_number"
