"""Options of a form become a kind, or a mistake with what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from perfxl.errors import FormError
from perfxl.form.types import UnknownOption, make, types
from perfxl.form.types.choice import Choice


def test_kinds_are_found() -> None:
    assert list(types()) == [
        "choice", "code", "date", "indicator_value", "integer", "items", "money", "paragraph", "percent", "text",
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
    ("name", "example", "shown"),
    [("money", 538.69, "538.69"), ("items", ["完成率", "满意率"], "1.完成率\n2.满意率"), ("text", "1年", "1年")],
)
def test_an_example_may_be_of_any_type(name: str, example: Any, shown: str) -> None:
    assert make(name, {"example": example}).example == shown


@pytest.mark.parametrize(
    ("name", "options", "option", "what", "allowed"),
    [
        ("monney", {}, "", "kind", tuple(types())),
        ("text", {"maxlength": 3}, "maxlength", "option", ("example", "max_length")),
        ("text", {"max_length": "3"}, "max_length", "value", ("integer",)),
        ("text", {"max_length": True}, "max_length", "value", ("integer",)),
        ("money", {"unit": "美元"}, "unit", "value", ("万元", "元")),
        ("choice", {}, "choices", "missing", ("list", "name of a list")),
        ("choice", {"choices": "list"}, "choices", "value", ("list", "name of a list")),
        (
            "choice",
            {"choices": ["a"], "entries": ["a"]},
            "entries",
            "option",
            ("example", "choices", "within", "synonyms", "multiple", "style", "separator"),
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
