"""Limits of an answer's own on return: what breaks them, with which severity and words, and what does not."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfxl import messages, rules
from perfxl.form import installed as forms
from perfxl.form.search_path import forms_in
from perfxl.form.types.base import Raw
from perfxl.rules.policy import default_policy, read_policy
from perfxl.rules.review import review
from perfxl.submission import Submission
from perfxl.workbook.sheet.manual import describe_answers

SOURCE = """\
form: claim
version: "1"
label: Claim
record: claims[]
key: number
title: "{{ number }}"
sheet: {name: "{{ number }}", columns: [9, 9, 9, 9, 9, 9], start: B2}
fields:
  number:   {type: integer, given: true}
  departed: {type: date, label: Departed, required: true}
  returned:
    type: date
    label: Returned
    minimum: {value: departed, message: "Not before {{ departed }}."}
    maximum: {value: departed + 60, severity: warning}
  filled:   {type: date, label: Filled in, maximum: today}
  own_car:  {type: boolean, label: Own car}
  km:       {type: decimal, label: Kilometres, minimum: 0.1, relevant: own_car, required: true}
  why:      {type: text, label: Why, required: {value: km > 100, severity: hint, message: Say why.}}
  points:   {type: items, label: Points, min_items: 2, max_items: {value: 3, message: Three are enough.}}
  code:     {type: text, label: Code, unique: {value: BATCH, message: "{{ code }} stands elsewhere, too."}}
  paid:     {type: money, unit: EUR, label: Paid, default: 0, also: [N/A], maximum: {value: 500, message: Too much.}}
tables:
  costs:
    label: Costs
    rows: {min: 2, spare: 1, max: 9}
    columns:
      tag:   {type: text, label: Tag, unique: true, pattern: {value: "[A-Z][0-9]", message: A letter and a digit.}}
      cost:  {type: money, unit: EUR, label: Cost, maximum: {value: 50, message: "{{ cost }} for {{ tag }} is much."}}
      much:  {type: integer, label: Much, also: [unknown], constraint: {value: much + more <= 24, message: 24 at most.}}
      more:  {type: integer, label: More}
      state: {type: choice, choices: [good, bad], label: State, default: good}
layout:
  - [{title: true, span: 5}, {mark: code}]
  - [A, {field: departed}, B, {field: returned}, C, {field: filled}]
  - [A, {field: own_car}, B, {field: km}, C, {field: why}]
  - [A, {field: points}, B, {field: code}, C, {field: paid}]
  - {table: costs}
"""
FORM = forms.load_text(SOURCE.replace("BATCH", "unit"))
RECORD: dict[str, Any] = {
    "number": 1, "departed": "2026-03-01", "returned": "2026-03-05", "filled": "2026-03-06", "own_car": True, "km": 12.5,
    "why": None, "points": ["a", "b"], "code": "X1", "paid": 0.0,
    "costs": [{"tag": "A1", "much": 3, "more": 4, "state": "good"}, {"tag": "B2", "much": 1, "more": None, "state": "bad"}],
}  # fmt: skip
POLICY = replace(default_policy(), today=datetime.date(2026, 3, 6))


def found(patch: dict[str, Any], policy: rules.Policy = POLICY, beside: tuple[Any, ...] = ()) -> list[Any]:
    record = {**RECORD, **patch}
    unit = rules.Unit(2026, "1", "U", {"claims": (record, *beside)}, policy=policy)
    return [one for one in rules.check(rules.Subject(FORM, record, unit)) if one.code.startswith("LM-")]


def row(**changes: Any) -> dict[str, Any]:
    first, second = RECORD["costs"]
    return {"costs": [{**first, **changes}, second]}


CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "all kept": ({}, []),
    "before another day": ({"returned": "2026-02-28"}, [("LM-03", "error", "returned")]),
    "on that day": ({"returned": "2026-03-01"}, []),
    "after 60 days": ({"returned": "2026-04-30"}, []),
    "after 61": ({"returned": "2026-05-01"}, [("LM-03", "warning", "returned")]),
    "tomorrow": ({"filled": "2026-03-07"}, [("LM-03", "error", "filled")]),
    "not asked for": ({"own_car": False}, [("LM-08", "error", "km")]),
    "not asked for, and wrong": ({"own_car": False, "km": 0}, [("LM-08", "error", "km")]),
    "nobody knows whether": ({"own_car": None}, [("LM-08", "error", "km")]),
    "not asked for and blank": ({"own_car": False, "km": None}, []),
    "required where it is asked for": ({"km": None}, [("LM-01", "error", "km")]),
    "required with a severity": ({"km": 101}, [("LM-01", "hint", "why")]),
    "too few items": ({"points": ["a"]}, [("LM-04", "error", "points")]),
    "too many items": ({"points": ["a", "b", "c", "d"]}, [("LM-04", "error", "points")]),
    "more than a constant": ({"paid": 500.01}, [("LM-03", "error", "paid")]),
    "a word for a number": ({"paid": "N/A"}, []),
    "another word": ({"paid": "none"}, [("LM-02", "error", "paid")]),
    "no such pattern": (row(tag="a1"), [("LM-05", "error", "costs[0].tag")]),
    "twice": (row(tag="B2"), [("LM-07", "error", "costs[0].tag")]),
    "a wildcard": (row(tag="*"), [("LM-05", "error", "costs[0].tag")]),
    "a condition": (row(much=21), [("LM-09", "error", "costs[0].much")]),
    "a word in a sum": (row(much="unknown", more=99), []),
    "only a word and a default": ({"costs": [RECORD["costs"][0], {"tag": None, "much": "unknown", "more": None, "state": "good"}]}, []),
}  # fmt: skip


@pytest.mark.parametrize(("patch", "expected"), CASES.values(), ids=CASES)
def test_what_is_found(patch: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    hits = found(patch)
    assert [(one.code, one.severity, one.field) for one in hits] == expected
    for one in hits:
        assert all(messages.message(one, lang) for lang in messages.languages())


WORDS = {
    "returned": ({"returned": "2026-02-28"}, "Returned: Not before 2026-03-01. 2026-02-28 was filled in, below"),
    "why": ({"km": 101}, "Why: Say why. Please fill it in"),
    "points": ({"points": ["a"] * 4}, "Points: Three are enough. 4 items, 1 too many (at most 3)."),
    "paid": ({"paid": 501.0}, "Paid: Too much. 501 was filled in, above the maximum 500. Please check and change it: at most 500."),
    "cost": (row(cost=51.0), "no. 1 · Cost: 51 for A1 is much. 51 was filled in, above the maximum 50. Please"),
    "much": (row(much=21), 'no. 1 · Much: 24 at most. "21" was filled in, which breaks'),
    "tag": (row(tag="a1"), 'A letter and a digit. "a1" does not have the pattern of this answer. Please change it accordingly.'),
    "numbers in the sentence": (row(cost=5050.0, tag="A1"), "5050 for A1 is much. 5050 was filled in, above the maximum 50."),
    "filled": ({"filled": "2026-03-07"}, "above the maximum 2026-03-06"),
    "km": ({"own_car": False}, "asked for only where “Own car” is yes"),
}  # fmt: skip


@pytest.mark.parametrize(("patch", "words"), WORDS.values(), ids=WORDS)
def test_in_the_words_of_the_author(patch: dict[str, Any], words: str) -> None:
    (one,) = found(patch)
    assert words in messages.message(one, "en")


def test_both_cells_of_a_repeated_value_are_named() -> None:
    (one,) = found(row(tag="B2"))
    assert one.fields == ("costs[0].tag", "costs[1].tag")


def test_once_in_the_unit() -> None:
    other = {**RECORD, "number": 2}
    assert [one.field for one in found({}, beside=(other,))] == ["code"]
    assert found({}, beside=({**other, "code": "X2"},)) == []


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("LM-03: hint", "hint"),
        ("LM-03: off", None),
        ("LM-03: error", "error"),
        ("LM-03@claim.returned: hint", "hint"),
        ("LM-03@claim.returned: off", None),
        ("LM-03@claim.filled: off", "error"),
    ],
)
def test_a_policy_lowers_a_limit(monkeypatch: pytest.MonkeyPatch, line: str, severity: str | None) -> None:
    load, names = forms.load, forms.names
    monkeypatch.setattr(forms, "load", lambda name, *more: FORM if name == "claim" else load(name, *more))
    monkeypatch.setattr(forms, "names", lambda: (*names(), "claim"))
    policy = read_policy(f"severities: {{{line}}}", "county.yaml", {"LM-03": "error"})
    hits = found({"returned": "2026-02-28"}, policy)
    assert [one.severity for one in hits if one.field == "returned"] == ([severity] if severity else [])


def test_a_policy_never_raises_a_limit() -> None:
    policy = replace(POLICY, severities={"LM-03": "error"})
    assert [one.severity for one in found({"returned": "2026-05-01"}, policy)] == ["warning"]


def test_once_in_a_batch(tmp_path: Path) -> None:
    (tmp_path / "claim").mkdir()
    (tmp_path / "claim" / "form.yaml").write_text(SOURCE.replace("BATCH", "batch"), "utf-8")
    sheets = [sent("1", "North"), sent("2", "South"), sent("3", "West", code="X2")]
    with forms.use_search_path(forms.search_path().extended(forms_in(tmp_path))):
        hits = {sheet.unit_name: [one for one in judged if one.code == "LM-07"] for sheet, judged in review(sheets)}
    assert {unit: [one.field for one in of_unit] for unit, of_unit in hits.items()} == {
        "North": ["code"], "South": ["code"], "West": [],
    }  # fmt: skip
    assert hits["North"][0].facts["others"] == ["South"]


def sent(unit: str, name: str, **changes: Any) -> Submission:
    return Submission(
        file=f"{unit}.xlsx", sheet="1", form="claim", version="1", year=2026, unit_code=unit, unit_name=name,
        record={**RECORD, **changes}, notes=(), places={}, title=None, unit=None, headers={}, issued={}, lost=(),
        disputed=(), unplaced=(), doubts=(),
    )  # fmt: skip


def test_words_are_read_in_any_spelling() -> None:
    asked = FORM.fields["paid"]
    for text, how in (("N/A", ()), (" n/a ", ("trimmed", "case")), ("ｎ/ａ", ("full_width", "case"))):
        assert asked.read(Raw(text)) == ("N/A", how, "")
    assert asked.read(Raw("12.5")).value == 12.5


MANUAL = {
    "Returned": "Not before Departed.",
    "Kilometres": "只在“Own car”为是时填。",
    "Why": "Say why.",
    "Filled in": "不晚于填表当天。",
    "Tag": "A letter and a digit. 本表内不得重复。",
    "Paid": "也可以填N/A。不改即为0。",
    "Points": "至少2条。",
}


def test_the_manual_says_the_limits() -> None:
    said = {label: (need, text) for label, need, text in describe_answers(FORM)}
    for label, words in MANUAL.items():
        assert words in said[label][1], said[label]
    assert "[A-Z]" not in said["Tag"][1]
    assert (said["Kilometres"][0], said["Departed"][0]) == ("视情况必填", "必填")


def test_a_default_begins_no_row() -> None:
    assert FORM.tables["costs"].begun == ("tag", "cost", "much", "more")


def test_a_constant_is_the_limit_of_the_type() -> None:
    assert FORM.fields["paid"].type.limits().maximum == 500
