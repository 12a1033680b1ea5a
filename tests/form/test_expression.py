"""One line is two programs: what Python says of the record, Excel says of the sheet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.form import installed as forms
from perfxl.form.expression import Expression, ExpressionError


def value(source: str, **answers: Any) -> Any:
    expression = Expression(source)
    expression.check()
    return expression.evaluate(lambda name: answers[name.replace(".", "_")])


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
        ("a == b or c == 1", {"a": "x", "b": 5, "c": 1}, None),
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


def excel(source: str) -> str:
    return Expression(source).excel(lambda name: f"v_{name}", lambda name: f"r_{name}")


@pytest.mark.parametrize(
    ("source", "formula"),
    [
        ("a == b", "OR(LEN(r_a)=0,LEN(r_b)=0,ROUND(v_a,2)=ROUND(v_b,2))"),
        ("a == b + c", "OR(LEN(r_a)=0,AND(LEN(r_b)=0,LEN(r_c)=0),ROUND(v_a,2)=ROUND((v_b+v_c),2))"),
        ("a == 100", "OR(LEN(r_a)=0,ROUND(v_a,2)=ROUND(100,2))"),
        ("plan.june <= 50.5", "OR(LEN(r_plan.june)=0,ROUND(v_plan.june,2)<=ROUND(50.5,2))"),
        ("-a != a * 2", "OR(LEN(r_a)=0,LEN(r_a)=0,ROUND(-(v_a),2)<>ROUND((v_a*2),2))"),
        ("1 < 2", "ROUND(1,2)<ROUND(2,2)"),
        (
            "a <= b <= c",
            "AND(OR(LEN(r_a)=0,LEN(r_b)=0,ROUND(v_a,2)<=ROUND(v_b,2)),"
            "OR(LEN(r_b)=0,LEN(r_c)=0,ROUND(v_b,2)<=ROUND(v_c,2)))",
        ),
        ("a > 1 and b >= 1", "AND(OR(LEN(r_a)=0,ROUND(v_a,2)>ROUND(1,2)),OR(LEN(r_b)=0,ROUND(v_b,2)>=ROUND(1,2)))"),
        ("a > 1 or b >= 1", "OR(OR(LEN(r_a)=0,ROUND(v_a,2)>ROUND(1,2)),OR(LEN(r_b)=0,ROUND(v_b,2)>=ROUND(1,2)))"),
        # a negation turns the comparison over, so that a blank is still no mistake
        ("not a == 1", "OR(LEN(r_a)=0,ROUND(v_a,2)<>ROUND(1,2))"),
        ("not (a < 1 and b > 1)", "OR(OR(LEN(r_a)=0,ROUND(v_a,2)>=ROUND(1,2)),OR(LEN(r_b)=0,ROUND(v_b,2)<=ROUND(1,2)))"),
        ("not 1 <= a <= 2", "OR(OR(LEN(r_a)=0,ROUND(1,2)>ROUND(v_a,2)),OR(LEN(r_a)=0,ROUND(v_a,2)>ROUND(2,2)))"),
        ("not not a == 1", "OR(LEN(r_a)=0,ROUND(v_a,2)=ROUND(1,2))"),
        ("(a + b) / 2", "((v_a+v_b)/2)"),
        ('"a\\"b"', '"a""b"'),
    ],
)
def test_excel(source: str, formula: str) -> None:
    assert excel(source) == formula


# Excel's side in Python, word by word, to hold one against the other


def OR(*found: bool) -> bool:  # noqa: N802
    return any(found)


def AND(*found: bool) -> bool:  # noqa: N802
    return all(found)


def NOT(found: bool) -> bool:  # noqa: N802
    return not found


def ROUND(number: float, decimals: int) -> float:  # noqa: N802
    from decimal import ROUND_HALF_UP, Decimal

    return float(Decimal(f"{number:.10f}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.sampled_from(["0", "1", "2.5", "100"]) | NAMES
SIDES = st.recursive(NUMBERS, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner), max_leaves=3)
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
COMPARED = st.builds("{} {} {}".format, SIDES, SIGNS, SIDES) | st.builds(
    "{} {} {} {} {}".format, SIDES, SIGNS, SIDES, SIGNS, SIDES
)
LOGICAL = st.recursive(
    COMPARED,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner) | st.builds("not ({})".format, inner)
    ),
    max_leaves=4,
)
ANSWERS = st.fixed_dictionaries({name: st.none() | st.sampled_from([0, 1, 1.004, 1.006, 2.5, 50, 100]) for name in "abc"})


@given(source=LOGICAL, answers=ANSWERS)
def test_excel_says_broken_where_python_does(source: str, answers: dict[str, float | None]) -> None:
    """Excel knows no third value: a comparison that is not applicable is true there, and never broken."""
    expression = Expression(source)
    expression.check(logical=True)
    formula = expression.excel(lambda name: f"number('{name}')", lambda name: f"text('{name}')")
    formula = formula.replace("<>", "!=").replace("LEN(", "len(")
    formula = "".join("==" if c == "=" and formula[i - 1] not in "<>!" else c for i, c in enumerate(formula))
    words = {"AND": AND, "OR": OR, "ROUND": ROUND, "len": len}
    words |= {"number": lambda name: answers[name] or 0, "text": lambda name: "" if answers[name] is None else str(answers[name])}
    assert eval(formula, {}, words) == (expression.evaluate(answers.__getitem__) is not False)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a ==", "syntax"), ("", "syntax"), ("a }} {{ b", "syntax"), ("a ! b", "syntax"), ("a b", "syntax"),
        ("a ** 2 == 1", "unsupported"), ("a % 2 == 1", "unsupported"), ("a // 2 == 1", "unsupported"),
        ("a in b", "unsupported"), ("a == '甲'", "unsupported"), ("a == true", "unsupported"), ("a == none", "unsupported"),
        ("a == [1]", "unsupported"), ("f(a) == 1", "unsupported"), ("a|round == 1", "unsupported"), ("a ~ b == 1", "unsupported"),
        ("a[0] == 1", "unsupported"), ("(a + b).c == 1", "unsupported"), ("(a == b) + 1 == 2", "unsupported"),
        ("a if b else c", "unsupported"), ("a is defined", "unsupported"),
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
        assert rule.assert_.evaluate(lambda _: None) is None
        assert rule.assert_.excel(str, str)
