"""Expressions as values: their types, booleans, dates, lists, parts; and those of five whole forms."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from perfxl.budget.indicator_value import IndicatorValue
from perfxl.form.expression import (
    CellReferences,
    Expression,
    ExpressionError,
    JoinedEntries,
    LookupList,
    Scope,
    Values,
)

PLACES = LookupList(
    "places",
    {"per_diem": "number", "share": "percent", "since": "date", "zone": "text"},
    {
        "Peru": {"per_diem": 40, "share": 50, "since": "2026-03-01", "zone": "A"},
        "P*": {"per_diem": 1, "share": None},
        "Hong  Kong": {"per_diem": 90.5},
    },
)
TRAVEL = Scope(
    answers={
        "number": "number", "traveller": "text", "departed": "date", "returned": "date", "purpose": "text", "mode": "items",
        "km": "number", "per_km": "number", "receipts": "logical", "direct": "logical", "advance": "number", "total": "number",
        "starts": "time", "ends": "time", "score": "number", "rate": "percent", "target": "text", "d.1": "number", "d.2": "number", "pay.total.now": "number",
    },
    tables={
        "legs": {"country": "text", "nights": "number", "rate": "number", "allowance": "number", "goal": "text"},
        "costs": {"day": "date", "amount": "number", "paid": "logical"},
    },
    begun={"legs": ("country", "nights"), "costs": ("day", "amount")},
    lists={("legs", "country"): PLACES},
    joined={("", "mode"): JoinedEntries(("train", "own car", "own caravan"))},
    parts={("", "target"): IndicatorValue(), ("legs", "goal"): IndicatorValue()},
)  # fmt: skip
LEGS = replace(TRAVEL, row="legs")
COSTS = replace(TRAVEL, row="costs", today=True)


def calculated(source: str, scope: Scope = TRAVEL, decimals: int | None = None, **answers: Any) -> Any:
    row = {name: answers[name] for name in answers if scope.row and name in scope.tables[scope.row]}
    given = {name.replace("__", "."): value for name, value in answers.items()}
    values = Values(given.get, lambda table: answers.get(table, ()), row=row or None, today=datetime.date(2026, 5, 1))
    return Expression(source, scope).calculate(values, decimals)


@pytest.mark.parametrize(
    ("source", "type"),
    [
        ("km * per_km", "number"), ("traveller", "text"), ("departed", "date"), ("departed + 60", "date"), ("60 + departed", "date"),
        ("departed - 1", "date"), ("returned - departed", "number"), ("1 - departed", "number"), ("-departed", "number"),
        ("departed + returned", "number"), ("departed * 2", "number"), ("2026-01-31", "date"), ("departed if direct else '2026-01-31'", "date"),
        ("receipts", "logical"), ("true", "logical"), ("km > 1", "logical"), ("rate", "percent"), ("rate * 2", "number"),
        ("rate if direct else none", "percent"), ("rate if direct else km", "number"), ("mode", "items"), ("target.unit", "text"),
        ("target.number", "number"), ("target | number", "number"), ("costs | first(day)", "date"), ("starts", "time"), ("starts + 30", "time"), ("ends - starts", "number"), ("17:30", "time"), ("costs | sum(amount)", "number"),
        ("'优' if score >= 90 else ('良' if score >= 80 else '中')", "text"), ("legs | first(goal.unit)", "text"), ("legs | count", "number"),
    ],
)  # fmt: skip
def test_the_type_of_the_value(source: str, type: str) -> None:
    assert Expression(source, TRAVEL).type == type


@pytest.mark.parametrize("column", list(PLACES.columns))
def test_a_looked_up_value_has_the_type_of_its_column(column: str) -> None:
    assert Expression(f'country | lookup("{column}")', LEGS).type == PLACES.columns[column]


@pytest.mark.parametrize(
    ("source", "answers", "decimals", "expected"),
    [
        # numbers: rounded half away from zero, whole ones as int
        ("km * per_km", {"km": 1.005, "per_km": 1}, 2, 1.01), ("km * per_km", {"km": -0.285, "per_km": 100}, 0, -29),
        ("km / per_km", {"km": 1, "per_km": 3}, 4, 0.3333), ("km + per_km", {"km": 0.1, "per_km": 0.2}, 2, 0.3),
        ("km / per_km", {"km": 1, "per_km": 0}, 2, None), ("km / per_km", {"km": 1, "per_km": None}, 2, None),
        ("km + per_km", {"km": 2.0}, None, 2), ("km + per_km", {}, None, None), ("km + per_km", {"km": "3"}, None, None),
        ("km", {"km": "3km"}, None, None), ("km * 1e300 * 1e300", {"km": 1}, 2, None), ("km - per_km", {"km": 1, "per_km": 1}, 2, 0),
        ("km + per_km if advance > 0 else none", {"advance": 1}, 2, None), ("km + per_km if advance > 0 else none", {"advance": 1, "km": 1}, 2, 1),
        ("pay.total.now * 0.5", {"pay__total__now": 3}, None, 1.5), ("d.1 + d.2", {"d__1": 3, "d__2": 4}, None, 7),
        # texts
        ("'优' if score >= 90 else ('良' if score >= 80 else '中')", {"score": 89.999}, None, "优"),
        ("'优' if score >= 90 else ('良' if score >= 80 else '中')", {"score": 80}, None, "良"),
        ("'优' if score >= 90 else ('良' if score >= 80 else '中')", {"score": 1}, None, "中"),
        ("'优' if score >= 90 else ('良' if score >= 80 else '中')", {"score": None}, None, None),
        # dates
        ("departed + 60", {"departed": "2026-01-01"}, None, "2026-03-02"), ("departed + 0.6", {"departed": "2026-01-01"}, None, "2026-01-01"),
        ("returned - departed", {"departed": "2026-02-27", "returned": "2026-03-02"}, None, 3), ("departed + 60", {"departed": "三月"}, None, None),
        ("departed - 60000", {"departed": "2026-01-01"}, None, None), ("departed + 9e9", {"departed": "2026-01-01"}, None, None),
        ("departed + 60", {}, None, None), ("(departed + 60) | month", {"departed": "2026-01-01"}, None, 3),
        ("(costs | first(day)) | year", {"costs": [{"day": "2025-12-31"}]}, None, 2025), ("2026-01-31", {}, None, "2026-01-31"),
        ("departed >= '2026-01-01'", {"departed": "2025-12-31"}, None, False), ("departed == '2026-01-01'", {"departed": "2026-01-01"}, None, True),
        ("departed in ['2026-01-01', '2026-01-02']", {"departed": "2026-01-02"}, None, True), ("departed > '2026-01-01'", {}, None, None),
        ("returned - departed", {"returned": "2026-03-02"}, None, None), ("departed - km", {"departed": "2026-03-02"}, None, "2026-03-02"),
        # times
        ("ends - starts", {"starts": "08:30", "ends": "17:15"}, 0, 525), ("ends - starts", {"ends": "17:15"}, 0, None),
        ("(ends - starts) / 60", {"starts": "08:30", "ends": "17:15"}, 2, 8.75), ("starts + 90", {"starts": "23:00"}, None, None),
        ("starts + 90", {"starts": "22:29"}, None, "23:59"), ("starts - 510.4", {"starts": "08:30"}, None, None), ("starts - 510", {"starts": "08:30"}, None, "00:00"),
        ("starts < ends", {"starts": "08:30", "ends": "08:31"}, None, True), ("starts >= '08:31'", {"starts": "08:30"}, None, False),
        ("starts in ['08:30', '09:00']", {"starts": "08:30"}, None, True), ("starts < ends", {"starts": "half past", "ends": "09:00"}, None, None),
        ("17:30", {}, None, "17:30"), ("starts if direct else '12:00'", {"direct": False}, None, "12:00"),
        # booleans
        ("receipts", {"receipts": True}, None, True), ("receipts", {}, None, None), ("receipts", {"receipts": "maybe"}, None, None),
        ("not receipts", {}, None, None), ("not receipts", {"receipts": False}, None, True), ("direct == false", {"direct": False}, None, True),
        ("direct == false", {}, None, None), ("direct != true", {"direct": True}, None, False), ("false == direct", {"direct": True}, None, False),
        ("receipts == direct", {"receipts": False, "direct": False}, None, True), ("receipts != direct", {"receipts": True}, None, None),
        ("receipts == (km > 1)", {"receipts": True, "km": 2}, None, True), ("true", {}, None, True), ("receipts or km > 1", {"km": 2}, None, True),
        # entries are whole
        ("mode | contains('own car')", {"mode": ["own caravan"]}, None, False), ("mode | contains('own car')", {"mode": ["train", "own car"]}, None, True),
        ("mode | contains(['train', 'own car'])", {"mode": ["own caravan", "train"]}, None, True), ("mode | contains('train')", {"mode": []}, None, None),
        ("'own car' in mode", {"mode": ["own caravan"]}, None, False), ("mode | contains('train')", {"mode": "by train"}, None, None),
        # parts
        ("target.number", {"target": "≥95%"}, None, 95), ("target.operator", {"target": "≥95%"}, None, "≥"), ("target.unit", {"target": "217人"}, None, "人"),
        ("target.operator", {"target": "217人"}, None, None), ("target.number", {"target": "及时保障"}, None, None), ("target | number", {"target": "2万元"}, None, 2),
        ("target.unit == '%' and target.number >= 95", {"target": "≥95%"}, None, True), ("target.number is blank", {"target": "2023年11月"}, None, True),
        ("legs | where(goal.number > 10) | count", {"legs": [{"nights": 1, "goal": "≥95%"}, {"nights": 1, "goal": "好"}]}, None, 1),
        ("legs | sum(goal.number)", {"legs": [{"nights": 1, "goal": "≥95%"}, {"nights": 1, "goal": "3人"}]}, None, 98),
    ],
)  # fmt: skip
def test_the_value_in_the_record(source: str, answers: Mapping[str, Any], decimals: int | None, expected: Any) -> None:
    found = calculated(source, TRAVEL, decimals, **answers)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("source", "country", "expected"),
    [
        ('country | lookup("per_diem")', "Peru", 40), ('country | lookup("per_diem")', "peru", None), ('country | lookup("per_diem")', "P", None),
        ('country | lookup("per_diem")', "P*", 1), ('country | lookup("per_diem")', None, None), ('country | lookup("share")', "P*", None),
        ('country | lookup("per_diem")', "Hong Kong", 90.5), ('nights * (country | lookup("per_diem"))', "Peru", 120),
        ('country | lookup("since")', "Peru", "2026-03-01"), ('country | lookup("zone")', "Peru", "A"), ('country | lookup("zone")', "P*", None),
    ],
)  # fmt: skip
def test_lookup(source: str, country: str | None, expected: Any) -> None:
    assert calculated(source, LEGS, country=country, nights=3) == expected


def test_today_is_the_day_that_is_given_and_for_limits_alone() -> None:
    limit = Expression("day <= today", COSTS)
    days = [None, *(datetime.date(2026, 5, day) for day in (1, 2))]
    assert [limit.evaluate(Values({}.get, row={"day": "2026-05-02"}, today=day)) for day in days] == [None, False, True]
    with pytest.raises(ExpressionError, match="today"):
        Expression("day <= today", replace(COSTS, today=False)).check()


@pytest.mark.parametrize(
    ("source", "scope", "error"),
    [
        ('country | lookup("perdiem")', LEGS, ("unknown_column", "perdiem", ("per_diem", "share", "since", "zone"))),
        ('traveller | lookup("per_diem")', TRAVEL, ("unsupported", "lookup")), ("country | lookup(nights)", LEGS, ("unsupported", "Name")),
        ("country | lookup", LEGS, ("unsupported", "lookup")), ("target.nummer > 1", TRAVEL, ("unknown_part", "target.nummer", ("target.operator", "target.number", "target.unit", "target.period"))),
        ("traveller.number > 1", TRAVEL, ("unknown_name", "traveller.number")), ("d.3 > 1", TRAVEL, ("unknown_name", "d.3")),
        ("mode | contains('own cra')", TRAVEL, ("unknown_entry", "own cra", ("train", "own car", "own caravan"))),
        ("departed > 'soon'", TRAVEL, ("moment_beside_other", "date")), ("departed > '2026-02-30'", TRAVEL, ("moment_beside_other", "date")),
        ("starts > '25:00'", TRAVEL, ("moment_beside_other", "time")), ("starts > 8", TRAVEL, ("moment_beside_other", "time")),
        ("starts > departed", TRAVEL, ("moment_beside_other", "time")), ("starts + ends", TRAVEL, ("moment_beside_other", "time")),
        ("starts * 2", TRAVEL, ("moment_beside_other", "time")), ("30 - starts", TRAVEL, ("moment_beside_other", "time")),
        ("-starts", TRAVEL, ("moment_beside_other", "time")), ("starts if direct else km", TRAVEL, ("moment_beside_other", "time")),
        ("starts - departed", TRAVEL, ("moment_beside_other", "time")), ("costs | sum(day)", TRAVEL, ("moment_beside_other", "date")),
        ("receipts > false", TRAVEL, ("unsupported", "'receipts'")), ("km == true", TRAVEL, ("unsupported", "'km'")),
        ("receipts == 'yes'", TRAVEL, ("unsupported", "'yes'")), ("receipts + 1", TRAVEL, ("unsupported", "Name")), ("km and receipts", TRAVEL, ("not_logical", "Name")),
    ],
)  # fmt: skip
def test_mistakes(source: str, scope: Scope, error: tuple[Any, ...]) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression(source, scope).check()
    assert caught.value.args == error


def test_answers_of_a_calculation_are_known() -> None:
    total = Expression("(legs | sum(allowance)) + (costs | sum(amount)) + km * per_km + target.number", TRAVEL)
    assert total.fields == ("legs", "costs", "km", "per_km", "target")
    assert ("legs", "allowance") in total.columns
    assert Expression('nights * (country | lookup("per_diem"))', LEGS).columns == (
        ("legs", "nights"),
        ("legs", "country"),
    )


@pytest.mark.parametrize(
    "source",
    ["receipts", "target.number > 1", "legs | where(goal.unit == '人') | count", "mode", "costs | first(paid)"],
)
def test_a_sheet_that_lacks_the_cells_says_so(source: str) -> None:
    cells = CellReferences(lambda id: "$A$1", lambda table, id: "$B$2:$B$9", lambda table, id: "$B2")
    with pytest.raises(ExpressionError) as caught:
        Expression(source, TRAVEL).excel_value(cells)
    assert caught.value.args[0] == "not_in_excel"


def test_entries_may_stand_in_cells_of_their_own() -> None:
    scope = replace(TRAVEL, tables={"legs": {**TRAVEL.tables["legs"], "ways": "items"}}, joined={
        place: JoinedEntries(("train", "own car"), apart=True) for place in (("", "mode"), ("legs", "ways"))
    })  # fmt: skip
    cells = CellReferences(lambda id: f"<{id}>", lambda table, id: f"<{id}:column>", lambda table, id: f"<{id}:here>")
    truth = Expression("mode | contains('own car')", scope).excel_truth(cells)
    assert truth.holds == 'ISNUMBER(FIND("☑",<mode.2>))*1'
    assert truth.broken.startswith('ISNUMBER(FIND("☑",(<mode.1>&<mode.2>)))*1*IFERROR((LEN(TRIM(')
    rows = Expression("legs | where(ways | contains('train')) | count", scope).excel_value(cells)
    assert "<ways.1:column>" in rows
    assert ":here" not in rows


def test_a_value_is_the_shortest_formula_that_is_right() -> None:
    cells = CellReferences(
        lambda id: id.upper(), lambda table, id: "", lambda table, id: "", blank=lambda cell: f"B({cell})"
    )
    assert Expression("km", TRAVEL).excel_value(cells) == 'IFERROR(IF(ISNUMBER(KM),N(KM),""),"")'
    assert Expression("1.5", TRAVEL).excel_value(cells, 1) == 'IFERROR(ROUND(1.5,1),"")'
    assert Expression("today", replace(TRAVEL, today=True)).excel_value(cells).count("TODAY()") == 3


# What whole forms say: limits, conditions, calculations, checks and the sentences of these

FORMS: Mapping[str, tuple[Scope, tuple[str, ...]]] = {
    "travel": (replace(TRAVEL, today=True), (
        "departed", "departed + 60", "mode | contains(\"own car\")", "receipts", "total - advance",
        "(legs | sum(allowance)) + (costs | sum(amount)) + km * per_km", "(legs | sum(nights)) <= returned - departed",
        "legs | sum(nights)", "returned - departed", "returned", "0.1",
    )),
    "travel, its legs": (LEGS, ('country | lookup("per_diem")', "nights * rate")),
    "travel, its costs": (COSTS, ("departed", "returned")),
    "equipment": (
        Scope({"counted": "date"}, {"equipment": {"quantity": "number", "amount": "number"}}, {"equipment": ("quantity",)}, today=True),
        ("2026-01-01", "today", "equipment | sum(quantity)", "equipment | sum(amount)"),
    ),
    "equipment, a row": (
        Scope(tables={"equipment": {"what": "text", "category": "text", "quantity": "number", "price": "number", "state": "text"}},
              begun={"equipment": ("what",)}, row="equipment"),
        ("quantity * price", 'state in ["to repair", "to scrap"]', 'quantity == 1 if category == "VE" else none', "what", "quantity"),
    ),
    "evaluation": (
        Scope({"money.adjusted": "number", "money.spent": "number", "money.rate": "percent", "money.score": "number", "score": "number"},
              {"rows": {"points": "number", "score": "number"}}, {"rows": ("points",)}),
        ("money.adjusted", "money.spent / money.adjusted * 100", "money.rate / 10 if money.rate <= 100 else 10", "money.score + (rows | sum(score))",
         '"优" if score >= 90 else ("良" if score >= 80 else ("中" if score >= 60 else "差"))', "(rows | sum(points)) == 90", "rows | sum(points)"),
    ),
    "evaluation, a row": (
        Scope(tables={"rows": {"level3": "text", "target": "text", "actual": "text", "points": "number", "score": "number", "reason": "text"}},
              begun={"rows": ("actual",)}, row="rows", parts={("rows", name): IndicatorValue() for name in ("target", "actual")}),
        ("points", "score < points", "(reason is filled) if (actual | number) > (target | number) * 1.3 else none", "level3", "actual", "target"),
    ),
    "quarterly": (
        Scope({"quarter": "number", "year": "number", "filled": "date"},
              {"works": {"task": "text", "plan.number": "number", "plan.money": "number", "done.number": "number", "done.money": "number",
                         "rate.number": "percent", "rate.money": "percent"}}, {"works": ("task",)}, row="works", today=True),
        ("filled <= today", "plan.number * 2", "done.number / plan.number * 100", "done.money / plan.money * 100", "rate.number < quarter * 25",
         "rate.money <= rate.number + 30", "task", "rate.money", "rate.number", "year", "quarter"),
    ),
    "statistics": (
        Scope({"sent": "date", "pay.total.now": "number", "pay.total.before": "number"}, today=True),
        ("today", "pay.total.before * 0.5 <= pay.total.now <= pay.total.before * 1.5", "pay.total.before", "pay.total.now"),
    ),
    "statistics, a column": (
        Scope(dict.fromkeys(("total", "women", "managers", "experts", "workers", "others", "average", "wages", "bonus"), "number")),
        ("managers + experts + workers + others", "wages * 1000 / average", "women <= total", "bonus <= wages", "women", "total", "wages"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_whole_forms_are_understood_on_both_sides(form: str) -> None:
    scope, sources = FORMS[form]
    cells = CellReferences(
        lambda id: "$A$1", lambda table, id: "$B$2:$B$9", lambda table, id: "$B2",
        truth_words=lambda table, id: ("Yes", "No"), lookup=lambda name, column: ("L!$A$1:$A$9", "L!$B$1:$B$9"),
        part=lambda table, path, part: "$C2", part_column=lambda table, path, part: "$C$2:$C$9",
    )  # fmt: skip
    for source in sources:
        expression = Expression(source, scope)
        expression.check()
        assert expression.calculate(Values(lambda id: None, row={})) in (None, 0.1, "2026-01-01")
        assert expression.excel_value(cells, 2).startswith("IFERROR(")
