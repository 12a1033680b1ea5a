"""Numbers typed as texts in a language with a comma before decimals, and in one with a point: never a silent guess."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

from perfxl.form.languages import POINT, NumberSigns, is_known, language_of, words_for_yes_and_no
from perfxl.form.types import make
from perfxl.form.types.base import AnswerType, Raw
from perfxl.form.types.boolean import Boolean
from perfxl.form.types.number import spelled
from perfxl.form.types.spelling import in_points

FRENCH, GERMAN, SWISS = (language_of(tag).signs for tag in ("fr", "de", "de-CH"))
UNCLEAR, NO_NUMBER = "unclear_sign", "not_a_number"

TYPED = [  # text, in French, in German, in English
    ("1,5", 1.5, 1.5, NO_NUMBER),
    ("1.5", 1.5, 1.5, 1.5),
    ("-1,5", -1.5, -1.5, NO_NUMBER),
    ("0,125", 0.125, 0.125, NO_NUMBER),
    ("1,500", UNCLEAR, UNCLEAR, 1500),
    ("1.500", UNCLEAR, UNCLEAR, 1.5),
    ("12,345", UNCLEAR, UNCLEAR, 12345),
    ("1500", 1500, 1500, 1500),
    ("1500,250", 1500.25, 1500.25, NO_NUMBER),
    ("1 500", 1500, 1500, NO_NUMBER),
    ("1 234,50", 1234.5, 1234.5, NO_NUMBER),
    ("1\u00a0234,50", 1234.5, 1234.5, NO_NUMBER),
    ("1\u202f234,50", 1234.5, 1234.5, NO_NUMBER),
    ("1.234,50", 1234.5, 1234.5, NO_NUMBER),
    ("1,234.50", 1234.5, 1234.5, 1234.5),
    ("1'234,5", 1234.5, 1234.5, NO_NUMBER),
    ("1,234,567", 1234567, 1234567, 1234567),
    ("1.234.567", 1234567, 1234567, NO_NUMBER),
    ("1 23", NO_NUMBER, NO_NUMBER, NO_NUMBER),
    ("1,5,5", NO_NUMBER, NO_NUMBER, NO_NUMBER),
    ("1.5,5", NO_NUMBER, NO_NUMBER, NO_NUMBER),
    ("1,5 km", 1.5, 1.5, NO_NUMBER),
    ("1,5km", 1.5, 1.5, NO_NUMBER),
    ("1,500 km", UNCLEAR, UNCLEAR, 1500),
    ("12 km", 12, 12, 12),
    ("'1,5", 1.5, 1.5, NO_NUMBER),
    ("1,5.", 1.5, 1.5, NO_NUMBER),
    (",5", 0.5, 0.5, NO_NUMBER),
    ("une", NO_NUMBER, NO_NUMBER, NO_NUMBER),
    ("1, 5", NO_NUMBER, NO_NUMBER, NO_NUMBER),
]  # fmt: skip


def spoken(kind: AnswerType, signs: NumberSigns) -> AnswerType:
    return dataclasses.replace(kind, signs=signs)


@pytest.mark.parametrize(("text", "french", "german", "english"), TYPED)
def test_a_number_typed_as_a_text(text: str, french: Any, german: Any, english: Any) -> None:
    for signs, expected in ((FRENCH, french), (GERMAN, german), (POINT, english)):
        understood = spoken(make("decimal", {"unit": "km", "decimals": 3}), signs).read(Raw(text))
        if isinstance(expected, str):
            assert (understood.value, understood.problem) == (text, expected)
        else:
            assert (understood.value, understood.problem) == (expected, "")


@pytest.mark.parametrize(
    ("name", "options", "text", "value"),
    [
        ("money", {"unit": "EUR"}, "1 234,50 €", 1234.5),
        ("money", {"unit": "EUR"}, "EUR 12,50", 12.5),
        ("money", {"unit": "EUR"}, "12,500", UNCLEAR),
        ("percent", {"decimals": 1}, "12,5 %", 12.5),
        ("percent", {"decimals": 1}, "12,5%", 12.5),
        ("percent", {"decimals": 1}, "0,125 %", 0.125),
        ("percent", {"decimals": 1}, "1,500 %", UNCLEAR),
        ("integer", {}, "1 500", 1500),
        ("integer", {}, "1,5", "not_whole"),
    ],
)
def test_types_with_units(name: str, options: dict[str, Any], text: str, value: Any) -> None:
    understood = spoken(make(name, options), FRENCH).read(Raw(text))
    assert value == (understood.problem or understood.value)
    if understood.problem:
        assert understood.value == text


def test_a_number_under_a_number_format_is_no_text() -> None:
    """The reader makes the shown text itself, always with a point; nothing in it is unclear."""
    kind = spoken(make("decimal", {"unit": "km", "decimals": 3}), FRENCH)
    for format, value in (('#,##0" km"', 1500), ('0.000" km"', 1.5)):
        assert kind.read(Raw(value, format)).value == value


def test_what_is_spelled_is_read() -> None:
    """Over numbers and languages: a number as its sentences show it is that number, or is asked about."""
    numbers = [
        f"{whole}{fraction}"
        for whole, fraction in itertools.product(("0", "7", "12", "1,234", "65,432,100"), ("", ".5", ".25", ".125"))
    ]
    for signs, number in itertools.product((FRENCH, GERMAN, SWISS, POINT), numbers):
        text = spelled(number, signs)
        expected = float(number.replace(",", ""))
        found = spoken(make("decimal", {"decimals": 3}), signs).read(Raw(text))
        assert found.problem == UNCLEAR or found.value == expected, (signs, text)
        unclear = signs.decimal == "," and (number in ("7.125", "12.125") or (number == "1,234" and signs == GERMAN))
        assert (found.problem == UNCLEAR) == unclear, (signs, text)


@pytest.mark.parametrize(
    "text", ["", " ", "abc", "，", "1", "é1,5é", "1,,5", ".", ",", "1.", "1,", "2026-03-01", "12:30"]
)
def test_other_texts_are_left_alone_or_read_once(text: str) -> None:
    assert in_points(text, POINT) == text
    assert in_points(text, FRENCH) in (text, text.replace(",", "."))


def test_languages() -> None:
    assert language_of("fr").signs == NumberSigns(",", " ")
    assert language_of("fr-CA") == language_of("fr")
    assert (language_of("es-MX").yes, language_of("es-MX").signs) == ("Sí", POINT)
    assert language_of("sr-Latn-RS").yes == "Da"
    assert language_of("tlh") == language_of("en")
    assert (is_known("tlh"), is_known("pt-BR")) == (False, True)
    yes, no = words_for_yes_and_no()
    assert {"oui", "ja", "sí", "是", "да"} <= yes
    assert {"non", "nein", "no", "否", "нет"} <= no
    for word, value in (("Oui", True), ("nein", False), ("ДА", True), ("いいえ", False)):
        assert Boolean().read(Raw(word)).value is value
