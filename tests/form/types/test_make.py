"""Options of a form become a kind, or a mistake with what is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from perfxl.errors import FormError
from perfxl.form.types import UnknownOption, make, types
from perfxl.form.types.base import Raw
from perfxl.form.types.choice import Choice

UNITS = ("元", "千元", "万元", "亿元", "EUR", "USD", "GBP", "…", "{currency: USD, factor: 1000, label: US$ thousand}")


def test_kinds_are_found() -> None:
    assert list(types()) == [
        "boolean", "choice", "code", "date", "decimal", "file", "indicator_value", "integer", "items", "money", "paragraph",
        "percent", "text", "time",
    ]  # fmt: skip


def test_from_in_yaml_is_a_list_of_entries() -> None:
    kind = make("choice", {"choices": ["新增项目", "延续项目"]})
    assert isinstance(kind, Choice)
    assert kind.entries == ("新增项目", "延续项目")
    assert hash(kind)


@pytest.mark.parametrize(("decimals", "code"), [(0, "#,##0"), (2, "#,##0.00"), (6, "#,##0.000000")])
def test_decimals_make_the_number_format(decimals: int, code: str) -> None:
    assert make("money", {"decimals": decimals}).number_format == code


@pytest.mark.parametrize(
    ("unit", "label", "code"),
    [
        ("亿元", "亿元", "#,##0.00"), ("EUR", "EUR", "#,##0.00"), ("JPY", "JPY", "#,##0"), ("KWD", "KWD", "#,##0.000"),
        ({"currency": "USD", "factor": 1000, "label": "US$ thousand"}, "US$ thousand", "#,##0.00"),
        ({"currency": "JPY", "factor": 1000000}, "JPY 1,000,000", "#,##0.00"),
    ],
)  # fmt: skip
def test_a_currency_makes_label_and_number_format(unit: Any, label: str, code: str) -> None:
    kind = make("money", {"unit": unit})
    assert (kind.label, kind.number_format) == (label, code)
    assert replace(kind, example="5") == make("money", {"unit": unit, "example": 5})
    assert hash(kind)


def test_a_day_in_yaml_may_be_a_date() -> None:
    assert make("date", {"minimum": date(2026, 1, 1)}).minimum == "2026-01-01"


def test_a_boolean_speaks_the_language_of_the_workbook() -> None:
    kind = replace(make("boolean", {}), words=("Ja", "Nein"))
    assert kind.drop_down() == ("Ja", "Nein")
    assert [kind.read(Raw(word)).value for word in ("Ja", "nein", "Yes", "否")] == [True, False, True, False]


@pytest.mark.parametrize(
    ("name", "example", "shown"),
    [("money", 538.69, "538.69"), ("items", ["完成率", "满意率"], "1.完成率\n2.满意率"), ("text", "1年", "1年")],
)
def test_an_example_may_be_of_any_type(name: str, example: Any, shown: str) -> None:
    assert make(name, {"example": example}).example == shown


@pytest.mark.parametrize(
    ("name", "options", "option", "what", "allowed"),
    [
        ("monney", {}, "", "kind", tuple(types())),
        ("text", {"maxlength": 3}, "maxlength", "option", ("example", "max_length", "format")),
        ("text", {"max_length": "3"}, "max_length", "value", ("integer",)),
        ("text", {"max_length": True}, "max_length", "value", ("integer",)),
        ("money", {"unit": "美元"}, "unit", "value", UNITS),
        ("money", {"unit": {"currency": "USD", "factor": 0}}, "unit", "value", UNITS),
        ("money", {"unit": {"currency": "US"}}, "unit", "value", UNITS),
        ("money", {"unit": {"currency": "USD", "digits": 2}}, "unit", "value", UNITS),
        ("money", {"unit": {"currency": None}}, "unit", "value", ("text", "mapping")),
        ("decimal", {"minimum": "0"}, "minimum", "value", ("number", "null")),
        ("decimal", {"minimum": True}, "minimum", "value", ("number", "null")),
        ("time", {"minimum": "24:00"}, "minimum", "value", ("00:00", "…", "23:59")),
        ("date", {"minimum": "2026-02-30"}, "minimum", "value", ("2024-11-05",)),
        ("date", {"precision": "month", "maximum": "2026-13"}, "maximum", "value", ("2024-11",)),
        ("date", {"precision": "week"}, "precision", "value", ("day", "month", "year")),
        ("boolean", {"style": "tick"}, "style", "value", ("word", "box")),
        ("boolean", {"words": ["Yes", "No"]}, "words", "option", ("example", "style")),
        ("paragraph", {"format": "email"}, "format", "option", ("example", "max_length")),
        ("choice", {}, "choices", "missing", ("list", "name of a list")),
        ("choice", {"choices": "list"}, "choices", "value", ("list", "name of a list")),
        (
            "choice",
            {"choices": ["a"], "entries": ["a"]},
            "entries",
            "option",
            ("example", "choices", "within", "synonyms", "multiple", "style", "separator", "max_items"),
        ),
        ("items", {"max_items": "6"}, "max_items", "value", ("integer", "null")),
    ],
)
def test_a_mistake_says_what_is_allowed(
    name: str, options: dict[str, Any], option: str, what: str, allowed: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownOption) as caught:
        make(name, options)
    error = caught.value
    assert (error.name, error.option, error.what, error.allowed) == (name, option, what, allowed)


def test_an_unknown_code_scheme() -> None:
    with pytest.raises(FormError) as caught:
        make("code", {"scheme": "hebei"})
    assert caught.value.key == "FormError.unknown_code_scheme"
    assert caught.value.facts["known"] == ("hebei-2024",)
