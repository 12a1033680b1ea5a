"""What a calculated answer is in the record it is in its cell: LibreOffice calculates the formulas over invented answers.

Also the conditions of one cell about logical answers, lists of entries, looked up values, parts and dates.
"""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
import xlsxwriter
from office.libreoffice import LibreOffice

from perfxl.form.expression import CellReferences, Expression, JoinedEntries, LookupList, Scope, Values
from perfxl.form.types.base import AnswerType
from perfxl.form.types.time import minutes_of

pytestmark = pytest.mark.office


@dataclass(frozen=True)
class Measured(AnswerType):
    """A text such as ≥95%, of which a sign, digits and a unit are parts."""

    name: ClassVar[str] = "measured"
    parts: ClassVar = {"operator": "text", "number": "number", "unit": "text"}

    def part(self, value: Any, name: str) -> str | float | None:
        return MEASURED.get(value, {}).get(name)


MEASURED: Mapping[str, dict[str, Any]] = {
    "≥95%": {"operator": "≥", "number": 95.0, "unit": "%"},
    "217人": {"number": 217.0, "unit": "人"},
    "-2.5": {"number": -2.5},
    "及时": {},
}
TYPE = Measured()
HEAD = {
    "a": "number", "b": "number", "c": "number", "p": "percent", "q": "percent", "s": "text", "d": "date", "e": "date",
    "yes": "logical", "direct": "logical", "mode": "items", "box": "items", "place": "text", "target": "text",
    "pay.total.now": "number", "d.1": "number", "begins": "time", "ends": "time",
}  # fmt: skip
COLUMNS = {
    "much": "number", "price": "number", "day": "date", "share": "percent", "ok": "logical", "land": "text",
    "goal": "text", "ways": "items", "since": "time", "amount": "number", "rate": "percent",
}  # fmt: skip
PARTS = ("operator", "number", "unit")
PLACES = {"Peru": (12.5, 30, "2026-03-01", "A B"), "peru": (1, None, None, None), "P*": (2, 0.5, "2025-12-31", "甲 "),
          "P?ru": (3, 150, None, "~"), "Hong  Kong": (1e6, 7, "2026-01-01", "x")}  # fmt: skip
LISTED = {"per_diem": "number", "part": "percent", "since": "date", "zone": "text"}
LIST = LookupList("places", LISTED, {place: dict(zip(LISTED, row, strict=True)) for place, row in PLACES.items()})
ENTRIES = ("train", "own car", "own caravan", "own car park")
SCOPE = Scope(
    HEAD,
    {"rows": COLUMNS},
    {"rows": ("much", "land")},
    lists={("", "place"): LIST, ("rows", "land"): LIST},
    joined={
        ("", "mode"): JoinedEntries(ENTRIES),
        ("", "box"): JoinedEntries(ENTRIES, separator=""),
        ("rows", "ways"): JoinedEntries(ENTRIES, ", "),
    },
    parts={("", "target"): TYPE, ("rows", "goal"): TYPE},
    calculated=frozenset({("", "q"), ("rows", "rate"), ("rows", "amount")}),
    today=True,
)
ROW = Scope(**{**vars(SCOPE), "row": "rows"})
ROWS = 3
YES, NO = "Yes", "No"

AMOUNT, RATE, QUOTA = (
    Expression("much * price", ROW),
    Expression("much / price * 100", ROW),
    Expression("a / b * 100", SCOPE),
)
"""Answers that are calculated, and upon which the others build: rows.amount, rows.rate and q."""

VALUES: list[tuple[str, int | None]] = [
    ("a + b - c", 2), ("a * b", 0), ("a / b", 4), ("a / b", None), ("a", None), ("-a", 1), ("12", None), ("1.005", 2),
    ("p", 2), ("q", 2), ("q / 10 if q <= 100 else 10", 2), ("a + b if c > 1 else none", 2), ("(a | round(1)) * b", 2),
    ("'优' if a >= 90 else ('良' if a >= 80 else ('中' if a >= 60 else '差'))", None), ("s", None), ("s | left(2)", None),
    ("'is \"so\"' if yes else s", None), ("s | length", 0), ("s | number", 3), ("d", None), ("d + 60", None), ("60 + d", None),
    ("begins", None), ("ends - begins", 0), ("(ends - begins) / 60", 2), ("begins + a", None), ("ends - '08:30'", 0),
    ("begins if a > 1 else '12:00'", None), ("17:30", None), ("rows | first(since)", None), ("(rows | first(since)) - begins", 0),
    ("d - 0.5", None), ("d - a", None), ("d - e", None), ("d - '2026-01-01'", None), ("(d + 60) | month", 0), ("d | year", 0),
    ("d if a > 1 else '2026-02-28'", None), ("e if d is filled else today", None), ("2026-01-31", None), ("today", None),
    ("today - d", 0), ("yes", None), ("yes and a > 1", None), ("not yes", None), ("true", None), ("a > 1 if yes else b > 1", None),
    ("rows | sum(amount)", 2), ("(rows | sum(amount)) + (rows | sum(much)) + a * b", 2), ("rows | count", 0),
    ("rows | where(ok) | sum(much)", 2), ("rows | first(day)", None), ("rows | first(rate)", 1) , ("rows | first(land)", None),
    ("(rows | first(day)) | year", 0), ("rows | sum(goal.number)", 2), ("rows | where(goal.number > 10) | count", 0),
    ("rows | where(goal.unit == '%') | first(goal.number)", 1), ("rows | first(goal.unit)", None),
    ("place | lookup('per_diem')", 2), ("a * (place | lookup('per_diem'))", 2), ("place | lookup('part')", 1),
    ("place | lookup('since')", None), ("place | lookup('zone')", None), ("(place | lookup('since')) + 1", None),
    ("target.number", 2), ("target | number", 2), ("(target | number) * 2 + a", 2), ("target.operator", None), ("target.unit", None),
    ("pay.total.now * 0.5", 2), ("d.1 + a", 2), ("a if mode | contains('own car') else b", 2), ("rows | where(rate > 100) | count", 0),
]  # fmt: skip
ROW_VALUES: list[tuple[str, int | None]] = [
    ("much * price", 2), ("amount + a", 2), ("much * (land | lookup('per_diem'))", 2), ("rate - 1", 1), ("rate", 2), ("share", 1),
    ("goal.number * 1.3", 2), ("goal | number", 1), ("goal.unit", None), ("land | lookup('zone')", None), ("day + much", None), ("since + much", None), ("ends - since", 0),
    ("much / (rows | sum(much)) * 100", 2), ("'x' if ok else land", None), ("ok", None), ("much if ways | contains('own car') else price", 2),
]  # fmt: skip
TRUTHS = (
    "yes", "not yes", "yes == true", "direct == false", "yes != true", "yes == direct", "yes != direct", "yes and not direct",
    "yes is blank", "direct is filled or a > 1", "(yes if a > 1 else direct)", "yes if a > 1 else none",
    "mode | contains('own car')", "mode | contains(['train', 'own caravan'])", "'own car park' in mode", "mode is filled",
    "box | contains('own car')", "box | contains('own caravan')", "not (box | contains('own car park'))", "box is blank", "'train' in box",
    "d >= '2026-01-01'", "d < e", "d <= e + 60", "d == '2026-03-01'", "d in ['2026-03-01', '2026-01-01']", "e <= today", "(rows | sum(much)) <= d - e",
    "begins < ends", "begins <= '08:30'", "ends == '17:15'", "begins in ['08:29', '08:30']", "ends - begins >= 30", "begins + 45 <= ends",
    "rows | any(since < begins)", "rows | all(since is filled)", "(rows | first(since)) <= ends", "rows | where(since + 15 > ends) | count == 0",
    "place | lookup('per_diem') > 2", "place | lookup('zone') == 'A B'", "place | lookup('since') >= '2026-01-01'", "(place | lookup('part')) == 0.5",
    "target.operator == '≥'", "target.number > a", "target.unit in ['%', '人']", "target.number is filled", "target.unit is blank",
    "rows | any(ok)", "rows | all(ok == false)", "rows | where(ways | contains('own car')) | count >= 1", "rows | all(goal.unit != '%')",
    "rows | any(goal.number > a)", "rows | any(amount > 10)", "rows | all(amount is filled)", "rows | where(rate > 100) | count >= 1",
    "pay.total.now <= d.1 * 1.5", "rows | any(ways is blank)", "q > 100",
)  # fmt: skip
ROW_TRUTHS = (
    "ok", "ok == false", "ok and much > 1", "not ok", "ways | contains('own car')", "ways is filled", "land | lookup('per_diem') > much",
    "(goal | number) > (target | number) * 1.3", "goal.operator == '≥'", "amount > much", "rate <= 100", "day >= d", "since >= begins", "since - begins < 60", "goal.number is blank",
)  # fmt: skip
"""Conditions of the current row."""

NUMBERS = [
    None,
    None,
    0,
    1,
    2,
    2.5,
    1.005,
    0.285,
    -0.285,
    33.333,
    100,
    60,
    80,
    90,
    59.995,
    -1,
    0.1,
    0.2,
    0.3,
    "六",
    1e7,
    12345678.285,
]
TEXTS = [None, "甲", "甲 乙", " 甲  乙 ", "12.5", "007", "-3", " ", "1e3", "a"]
DAYS = [None, "2026-01-01", "2026-03-01", "1950-01-01", "2024-02-29", "2026-12-31", "三月"]
TIMES = [None, "00:00", "08:29", "08:30", "08:31", "12:00", "17:15", "23:59", "mittags", "1 day", "830"]
"""Also what the cell of a time holds that a formula leaves to the return."""
SHARES = [None, 0, 0.5, 25, 99.996, 100, 150]
LANDS = [None, "Peru", "peru", "PERU", "P*", "P?ru", "P", "Hong Kong", "~", "Hong  Kong"]


def joined(chosen: list[str], spelled: str) -> str | None:
    """The text of a cell with these entries."""
    if spelled == "boxes":
        return " ".join(("☑" if entry in chosen else "☐") + entry for entry in ENTRIES)
    return spelled.join(chosen) or None


class Draw(random.Random):
    """Invented answers; the seed decides all."""

    def number(self) -> Any:
        if self.random() < 0.15:
            return None
        return self.choice(NUMBERS) if self.random() < 0.7 else round(self.uniform(-1000, 1000), self.choice([0, 2, 3]))

    def chosen(self) -> list[str]:
        return [entry for entry in ENTRIES if self.random() < 0.3]

    def record(self) -> dict[str, Any]:
        head: dict[str, Any] = {id: self.number() for id in HEAD if HEAD[id] == "number"}
        if self.random() < 0.1:  # a product that is stored as a little less than 28.5
            head |= {"a": -0.285, "b": 100}
        head |= {"p": self.choice(SHARES), "s": self.choice(TEXTS), "d": self.choice(DAYS), "e": self.choice(DAYS)}
        head |= {id: self.choice(TIMES) for id in ("begins", "ends")}
        head |= {id: self.choice([None, True, False, True, False, "也许"]) for id in ("yes", "direct")}
        head |= {"mode": self.chosen(), "box": self.chosen(), "place": self.choice(LANDS)}
        head["target"] = self.choice([None, *MEASURED])
        rows = [
            {
                "much": self.number(), "price": self.number(), "day": self.choice(DAYS), "share": self.choice(SHARES),
                "ok": self.choice([None, True, False, "?"]), "land": self.choice(LANDS), "goal": self.choice([None, *MEASURED]),
                "ways": self.chosen(), "since": self.choice(TIMES),
            }
            for _ in range(ROWS)
        ]  # fmt: skip
        left_blank = self.choice([0, 0, 0, 1, ROWS])  # rows at the end that nobody filled in
        for row in rows[ROWS - left_blank :]:
            row.update(dict.fromkeys(row), ways=[])
        for row in rows:
            row["amount"] = AMOUNT.calculate(given(head, rows, row), 2)
            row["rate"] = RATE.calculate(given(head, rows, row), 2)
        head["q"] = QUOTA.calculate(given(head, rows), 2)
        return {"head": head, "rows": rows}


def given(head: dict[str, Any], rows: list[dict[str, Any]], row: dict[str, Any] | None = None) -> Values:
    return Values(head.get, lambda table: rows, row=row, today=datetime.date.today())


def put(sheet: Any, draw: Draw, at: tuple[int, int], value: Any, type: str, path: str) -> None:
    """Write an answer as people and perfxl write it."""
    if type == "items":
        value = joined(
            value, "boxes" if path == "box" else draw.choice(["; ", "；", ";"] if path == "mode" else [", ", ","])
        )
    if isinstance(value, bool) and draw.random() < 0.8:
        value = draw.choice([YES, YES.lower()]) if value else NO
    if type == "date" and value and value[0] == "2":
        value = datetime.date.fromisoformat(value).toordinal() - 693594
    elif type == "date" and value == "1950-01-01":
        value = 18264
    if type == "time" and value is not None:
        minutes = minutes_of(value)
        of_day = {"1 day": 1.0, "830": 830.0}.get(value, value)
        value = of_day if minutes is None else (minutes * 60 + draw.choice([0, 0, 29])) / 86400  # seconds are dropped
    if type == "percent" and value is not None:
        value = value / 100
    if isinstance(value, str):
        sheet.write_string(*at, value)
    elif isinstance(value, bool):
        sheet.write_boolean(*at, value)
    elif value is not None:
        sheet.write_number(*at, value)


def name(row: int, column: int, last: int | None = None) -> str:
    """The absolute reference of a cell, or of the cells from there to the row ``last``."""
    letter = xlsxwriter.utility.xl_col_to_name(column)
    return f"${letter}${row + 1}" + (f":${letter}${last + 1}" if last is not None else "")


def references(top: int, row: int) -> CellReferences:
    """The references of the record whose head stands in the row ``top``; ``row``: the current row of its table."""
    heads, columns = list(HEAD), list(COLUMNS)
    head_parts, row_parts = len(heads), len(columns)
    listed = ["", *LISTED]

    def part(table: str, path: str, part: str) -> str:
        at = PARTS.index(part)
        return name(row, row_parts + at) if table else name(top, head_parts + at)

    return CellReferences(
        head=lambda id: name(top, heads.index(id)),
        column=lambda table, id: name(top + 1, columns.index(id), top + ROWS),
        here=lambda table, id: name(row, columns.index(id)),
        truth_words=lambda table, id: (YES, NO),
        lookup=lambda listed_name, column: tuple(  # type: ignore[arg-type, return-value]
            f"{listed_name}!" + name(0, at, len(PLACES) - 1) for at in (0, listed.index(column))
        ),
        part=part,
        part_column=lambda table, path, part: name(top + 1, row_parts + PARTS.index(part), top + ROWS),
    )


FIRST = 25  # the column of the first formula


def write(path: Path, draw: Draw, records: list[dict[str, Any]]) -> list[tuple[int, int, str, Any]]:
    """Write the answers and formulas; return the row, column, source and expected value of each formula."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet, places = book.add_worksheet("题"), book.add_worksheet("places")
    for at, (place, row) in enumerate(PLACES.items()):
        places.write_string(at, 0, place)
        for column, (value, type) in enumerate(zip(row, LISTED.values(), strict=True), 1):
            put(places, draw, (at, column), value, "number" if type == "percent" else type, "")
    expected: list[tuple[int, int, str, Any]] = []
    for number, record in enumerate(records):
        top = number * (ROWS + 1)
        head, rows = record["head"], record["rows"]
        for line, (answers, types, target) in enumerate(
            [(head, HEAD, "target"), *((row, COLUMNS, "goal") for row in rows)]
        ):
            at, cells = top + line, references(top, top + line)
            for column, (id, type) in enumerate(types.items()):
                if id not in ("amount", "rate", "q"):
                    put(sheet, draw, (at, column), answers[id], type, id)
            for column, part in enumerate(PARTS, len(types)):
                value = None if answers[target] is None else TYPE.part(answers[target], part)
                sheet.write_formula(at, column, '=""') if value is None else sheet.write(at, column, value)
            formulas = [QUOTA] if line == 0 else [AMOUNT, RATE]
            for column, expression in enumerate(formulas, 4 if line == 0 else len(types) - 2):
                sheet.write_formula(
                    at, column, "=" + expression.excel_value(cells, 2, percent=expression is not AMOUNT)
                )
            values = given(head, rows, rows[line - 1] if line else None)
            column = FIRST
            scope = ROW if line else SCOPE
            for source, decimals in ROW_VALUES if line else VALUES:
                expression = Expression(source, scope)
                points = expression.type == "percent"
                formula = expression.excel_value(cells, decimals, points, (YES, NO))
                sheet.write_formula(at, column, "=" + formula, None, 7)
                expected.append((at, column, source, in_cell(expression, expression.calculate(values, decimals))))
                column += 1
            for source in ROW_TRUTHS if line else TRUTHS:
                expression = Expression(source, scope)
                truth = expression.excel_truth(cells)
                sheet.write_formula(at, column, f"=({truth.holds})-({truth.broken})", None, 7)
                expected.append((at, column, source, {True: 1, False: -1, None: 0}[expression.evaluate(values)]))
                column += 1
    book.close()
    return expected


def in_cell(expression: Expression, value: Any) -> Any:
    """The value of a cell whose answer is calculated to be this one."""
    if value is None:
        return ""
    if expression.type == "date":
        return float(datetime.date.fromisoformat(value).toordinal() - 693594)
    if expression.type == "time":
        return (minutes_of(value) or 0) / 1440
    if expression.type == "percent":
        return value / 100
    return (YES if value else NO) if isinstance(value, bool) else value


@pytest.mark.parametrize("seed", [1, 2])
def test_both_sides_agree(office: LibreOffice, tmp_path: Path, seed: int) -> None:
    draw = Draw(seed)
    records = [draw.record() for _ in range(30)]
    path = tmp_path / "cases.xlsx"
    expected = write(path, draw, records)
    last = len(records) * (ROWS + 1)
    with office.open(path) as document:
        document.recalculate()
        end = xlsxwriter.utility.xl_col_to_name(FIRST + len(VALUES) + len(TRUTHS))
        found = document.values("题", f"Z1:{end}{last}")
    wrong: dict[str, Any] = {}
    blanks: dict[str, set[bool]] = {}
    for row, column, source, value in expected:
        said = found[row][column - FIRST]
        same = (
            math.isclose(said, value, rel_tol=1e-12, abs_tol=1e-9)
            if isinstance(said, float) and isinstance(value, (int, float))
            else said == value
        )
        blanks.setdefault(source, set()).add(value in ("", 0))
        if not same:
            wrong.setdefault(source, (said, value, records[row // (ROWS + 1)], row % (ROWS + 1)))
    assert not wrong, "\n".join(f"{source}: {what}" for source, what in wrong.items())
    assert {source for source, kinds in blanks.items() if False not in kinds} == set()  # a value somewhere
