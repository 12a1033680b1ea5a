"""A number format is read by the section that applies to the value: a table of what programs show, and invented formats."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from perfxl.form.types import make
from perfxl.form.types.base import Raw
from perfxl.form.types.number_format import nature, shown_text

TABLE: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "number_formats.yaml").read_text("utf-8"))
PROBLEMS = {"scaled_format", "hidden_sign", "hidden_value"}
WHY = {"digits", "zero", "arabic", "chinese", "colour", "unmatched", "date"} | PROBLEMS


def _spaced(text: str | None) -> str | None:
    return text if text is None else " ".join(text.split())


@pytest.mark.parametrize("group", TABLE, ids=lambda group: str(group["story"]))
def test_a_cell_shows_what_programs_show_or_it_is_said_why_not(group: dict[str, Any]) -> None:
    for row in group["rows"]:
        for value, shown, *more in row["shown"]:
            sheetjs, perfxl, why = [*more, *[shown, shown, ""][len(more) :]]
            raw = Raw(value, row["format"])
            assert _spaced(shown_text(raw)) == perfxl, row["format"]
            assert nature(raw).problem == (why if why in PROBLEMS else ""), row["format"]
            assert why in WHY if why else perfxl in (shown, sheetjs)


# Invented formats: what each section is made of, and what money in 万元 reads there ------------------------------------------

BODIES = {
    "0": lambda value: value,
    "#,##0.00": lambda value: value,
    '0.00"万元"': lambda value: value,
    '0"元"': lambda value: value / 10_000,
    "General": lambda value: value,
    "0.0%": "percent_format",
    '0"%"': "not_a_number",
    "yyyy/m/d": "looks_like_date",
    "0.00,": "scaled_format",
    '0"人"': "not_a_number",
    '"已付"': lambda value: "not_a_number" if value else 0,
    "": lambda value: "hidden_value" if value else 0,
}
VALUES = (0, 1, 5, 30.5, 99, 100, 2150, -1, -30.5, -2150)
HOLDS = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
}


def _invent(chance: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """A format's code, and its sections for numbers."""
    sections = []
    for at in range(chance.choice((1, 2, 2, 3, 3, 4))):
        limit = chance.choice(("<", "<=", ">", ">=", "=", "<>")), chance.choice((-30.5, 0, 1, 5, 100))
        section = {"body": chance.choice(list(BODIES)), "limit": limit if at < 2 and chance.random() < 0.4 else None}
        section["colour"] = chance.choice(("", "", "[Red]", "[红色]", "[Color 3]"))
        section["minus"] = "-" if at and section["body"] and chance.random() < 0.4 else ""
        sections.append(section)
    if len(sections) == 1:
        sections[0]["body"] = sections[0]["body"] or "0"
    text = len(sections) < 4 and chance.random() < 0.3
    codes = []
    for section in sections:
        front = [section["colour"], f"[{section['limit'][0]}{section['limit'][1]}]" if section["limit"] else ""]
        chance.shuffle(front)
        tag = chance.choice(("", "[$-804]", "_ "))
        codes.append("".join(front) + tag + section["minus"] + section["body"] + chance.choice(("", "_ ")))
    if len(sections) == 4:
        sections.pop()  # the fourth is for texts
    return ";".join([*codes, "@"] if text else codes), sections


def _applies(sections: list[dict[str, Any]], value: float) -> int | None:
    """The section for a value, told by what each of them stands for; None where there is none."""
    count = len(sections)
    usual = {
        1: [lambda value: True],
        2: [lambda value: value >= 0, lambda value: value < 0 or sections[0]["limit"]],
        3: [lambda value: value > 0, lambda value: value < 0, lambda value: True],
    }[count]
    for at, section in enumerate(sections):
        limit = section["limit"]
        if HOLDS[limit[0]](value, limit[1]) if limit else usual[at](value):
            return at
    return None


def _expected(sections: list[dict[str, Any]], value: float) -> Any:
    """What money reads: a number, or the problem."""
    at = _applies(sections, value)
    if at is None:
        return value
    section = sections[at]
    body, meaning = section["body"], BODIES[section["body"]]
    # a minus before it makes a problem of a positive number, and the lack of a sign one of a negative number
    if "0" in body and body != "0.00,":
        if section["minus"] and value > 0:
            return "hidden_sign"
        unsigned = len(sections) > 1 and (at > 0 or section["limit"])
        if unsigned and value < 0 and not section["minus"] and not section["colour"]:
            return "hidden_sign"
    if body == "General" and section["minus"] and value > 0:
        return "hidden_sign"
    return meaning(value) if callable(meaning) else meaning


def test_money_under_invented_formats_is_the_number_of_its_section_or_a_problem() -> None:
    chance, money, met = random.Random(20_241_105), make("money", {"unit": "万元"}), set()
    for _ in range(1_500):
        code, sections = _invent(chance)
        for value in VALUES:
            understood = money.read(Raw(value, code))
            expected = _expected(sections, value)
            met.add(expected if isinstance(expected, str) else "number")
            if isinstance(expected, str):
                assert understood.problem == expected, (code, value)
            else:
                assert not understood.problem, (code, value, understood)
                assert understood.value == pytest.approx(expected), (code, value)
    assert met >= PROBLEMS | {"number", "percent_format", "looks_like_date", "not_a_number"}


def test_a_text_is_kept_as_typed_whatever_its_section_adds_and_is_a_problem_where_it_is_hidden() -> None:
    text = make("text", {})
    for code, hidden in (
        ("0;0;0;@", False), ('0;0;0;"第"@"号"', False), ('"第"@"号"', False), (";;;@", False), ("0;;", False),
        (";;;", True), ("0;-0;0;", True), ("0;-0;0;[Red]", True), ("@", False), ("General", False),
    ):  # fmt: skip
        understood = text.read(Raw("村级支出", code))
        assert (understood.value, understood.problem) == ("村级支出", "hidden_value" if hidden else ""), code
