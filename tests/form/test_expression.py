"""One line is two programs: what Python says of the record, Excel says of the sheet."""

from __future__ import annotations

from typing import Any

import pytest

from perfxl.form import installed as forms
from perfxl.form.expression import Expression, ExpressionError, Values
from perfxl.rules.policy import default_policy


def value(source: str, **answers: Any) -> Any:
    expression = Expression(source)
    expression.check()
    return expression.evaluate(Values(lambda name: answers[name.replace(".", "_")]))


@pytest.mark.parametrize(
    ("source", "answers", "expected"),
    [
        # money, percent, rounding
        ("a == b + c", {"a": 538.69, "b": 500.69, "c": 38.0}, True),
        ("a == b + c", {"a": 0.3, "b": 0.1, "c": 0.2}, True),
        ("a == b", {"a": 1.004, "b": 1.0}, True),
        ("a == b", {"a": 1.005, "b": 1.0}, False),
        ("a == b", {"a": 1.005, "b": 1.01}, True),
        ("a == b", {"a": 0.285, "b": 0.29}, True),
        ("a == b", {"a": -0.285, "b": -0.29}, True),
        ("a == b", {"a": -0.001, "b": 0}, True),
        ("a < b", {"a": 1.001, "b": 1.002}, False),
        ("a == 100", {"a": 100}, True),
        ("a == 100", {"a": 99.994}, False),
        ("a == 100", {"a": 99.995}, True),
        ("a * 100 / b >= 80", {"a": 8, "b": 10}, True),
        ("a == b", {"a": 1e15, "b": 1e15 + 2}, False),
        # blanks
        ("a == b + c", {"a": 5, "b": 5, "c": None}, True),
        ("a == b + c", {"a": 5, "b": None, "c": None}, None),
        ("a == b + c", {"a": None, "b": 5, "c": 1}, None),
        ("a == b + c", {"a": 5, "b": "", "c": 5}, True),
        ("a == 0", {"a": None}, None),
        ("a + 1 == 2", {"a": None}, None),
        ("-a <= 0", {"a": None}, None),
        ("1 == 1", {}, True),
        # texts where numbers belong
        ("a == b", {"a": "5", "b": 5}, None),
        ("a == b or c == 1", {"a": "x", "b": 5, "c": 1}, True),
        ("a == b", {"a": True, "b": 1}, None),
        ("a == b", {"a": [1], "b": 1}, None),
        ("a == b", {"a": float("nan"), "b": 1}, None),
        ("a == b", {"a": float("inf"), "b": 1}, None),
        ("a + a == b", {"a": 1e308, "b": 1}, None),
        ("a == b", {"a": 10**400, "b": 1}, None),
        ("a / b == 1", {"a": 1, "b": 0}, None),
        ("a / b == 1", {"a": 1, "b": None}, None),
        # chains: a link that cannot be judged does not excuse another
        ("a <= b <= c", {"a": 1, "b": 2, "c": 2}, True),
        ("a <= b <= c", {"a": 1, "b": 3, "c": 2}, False),
        ("a <= b <= c", {"a": None, "b": 3, "c": 2}, False),
        ("a <= b <= c", {"a": 1, "b": None, "c": 0}, None),
        ("a <= b <= c", {"a": 3, "b": 2, "c": None}, False),
        # and, or, not
        ("a == 1 and b == 1", {"a": 1, "b": 1}, True),
        ("a == 1 and b == 1", {"a": None, "b": 2}, False),
        ("a == 1 and b == 1", {"a": None, "b": 1}, None),
        ("a == 1 or b == 1", {"a": None, "b": 1}, True),
        ("a == 1 or b == 1", {"a": None, "b": 2}, None),
        ("a == 1 or b == 1", {"a": 2, "b": 2}, False),
        ("not a == 1", {"a": 1}, False),
        ("not a == 1", {"a": None}, None),
        ("not (a == 1 and b == 1)", {"a": 2, "b": None}, True),
        # numbers, texts and answers by themselves: what sentences name
        ("a + b - c", {"a": 1.5, "b": None, "c": 0.5}, 1.0),
        ("a - b", {"a": None, "b": None}, None),
        ("a", {"a": 2.5}, 2.5),
        ("a", {"a": "3人"}, "3人"),
        ("a", {"a": ""}, None),
        ("budget.total", {"budget_total": 3}, 3),
        ("'3月底'", {}, "3月底"),
    ],
)
def test_python(source: str, answers: dict[str, Any], expected: Any) -> None:
    found = value(source, **answers)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a ==", "syntax"), ("", "syntax"), ("a }} {{ b", "syntax"), ("a ! b", "syntax"), ("a b", "syntax"),
        ("a ** 2 == 1", "unsupported"), ("a % 2 == 1", "unsupported"), ("a // 2 == 1", "unsupported"),
        ("a in b", "unsupported"), ("a in 5", "unsupported"), ("a == '甲'", "unsupported"), ("a == true", "unsupported"), ("a == none", "unsupported"),
        ("a == [1]", "unsupported"), ("f(a) == 1", "unsupported"), ("a|round == 1", "unsupported"), ("a ~ b == 1", "unsupported"),
        ("a[0] == 1", "unsupported"), ("(a + b).c == 1", "unsupported"), ("(a == b) + 1 == 2", "unsupported"),
        ("a if b else c", "not_logical"), ("a if b", "unsupported"), ("a is defined", "unsupported"),
        ("a and b == 1", "not_logical"), ("not a", "not_logical"),
    ],
)  # fmt: skip
def test_what_the_language_does_not_have(source: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression(source).check()
    assert caught.value.args[0] == reason


def test_a_rule_must_hold_or_not() -> None:
    assert Expression("a + b").check() == ("a", "b")
    with pytest.raises(ExpressionError):
        Expression("a + b").check(logical=True)


def test_fields_are_named_once_in_order() -> None:
    assert Expression("b.x + a == b.x and c > 1").check() == ("b.x", "a", "c")


@pytest.mark.parametrize("name", forms.names())
def test_every_rule_of_a_form_is_silent_about_a_blank(name: str) -> None:
    for rule in forms.load(name).rules:
        assert rule.assert_.evaluate(Values(lambda _: None, told=default_policy())) is None
