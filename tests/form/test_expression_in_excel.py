"""What an expression is in Python it is in Excel: LibreOffice recalculates both formulas over invented answers."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from office.libreoffice import LibreOffice

from perfxl.form import code_scheme
from perfxl.form.expression import CellReferences, Expression, Scope, Values
from perfxl.form.expression.python import Nothing

pytestmark = pytest.mark.office

SCHEME = code_scheme.load("hebei-2024")
HEAD = {
    "a": "number",
    "b": "number",
    "c": "number",
    "p": "percent",
    "s": "text",
    "t": "text",
    "d": "date",
    "code": "text",
}
COLUMNS = {"class": "text", "name": "text", "much": "number", "day": "date", "share": "percent"}
SCOPE = Scope(HEAD, {"rows": COLUMNS}, {"rows": ("name", "much")}, schemes={"code": SCHEME})
EACH = Scope(HEAD, {"rows": COLUMNS}, {"rows": ("name", "much")}, row="rows", schemes={"code": SCHEME})
TOLD = Nothing(words={"bad": ("日常", "运转"), "none": ()}, limits={"least": Decimal("2.5")})
ROWS = 4

EXPRESSIONS = [
    Expression(source, SCOPE)
    for source in (
        "a == b + c", "a <= b <= c", "a - b < c * 2 or a == 100", "not (a == 1 and b > c)", "a / b >= 0.5", "-a != b",
        "p == 100", "p <= a", "0 <= p <= 100",
        "s == '甲  乙'", "s != t", "s in ['成本指标', '甲 乙']", "a in [1, 2.5]", "s not in ['x']", "s | contains(words.bad)",
        "'日常' in s", "s | contains(words.none)", "s is blank", "a is filled", "s is filled and a > 0",
        "s | length <= 3", "s | count_of('《') == s | count_of('》')", "s | left(1) == t | left(1)", "s | right(2) == '乙》'",
        "s | mid(2, 1) == '乙'", "t | number >= a", "a | round(0) == b | round(0)", "(a + b) | round(1) > 1",
        "d | year == 2024", "d | month <= 6 and d | day > 1", "code | right(1) == code | check_character",
        "(a | round(0)) + b > 1", "a >= limits.least", "(a == b if c > 1 else a != b)", "(s == '甲' if a is filled else none)", "(a if c == 1 else b) > 1",
        "rows | count >= 2", "rows | where(class == '成本指标') | count == 1", "rows | where(much > a) | count >= 1",
        "rows | where(class in ['成本指标', '质量指标'] and name is filled) | count <= 2", "rows | sum(much) == a",
        "rows | where(class == '成本指标') | sum(much) <= b + 1", "rows | where(class == '成本指标') | first(name) == s",
        "rows | where(class == '成本指标') | first(much) > 1", "rows | all(name is filled)", "rows | any(much > 2)",
        "rows | sum(much) / rows | count > 1", "rows | where(much + 1 > a) | count >= 1", "rows | first(much) == a",
        "rows | where(day | year == 2024) | count >= 1", "rows | first(day) <= d", "rows | where(share > 50) | count == 1",
        "rows | where(name is filled) | all(name != s)", "rows | any(name | contains(words.bad))",
    )
] + [
    Expression(source, EACH)
    for source in (
        "name is filled", "name != class", "much >= 0", "much <= a", "much + 1 > a", "day | month <= 6", "share <= 50", "name | count_of('《') == name | count_of('》')",
        "name | contains(words.bad)", "class in ['成本指标', '质量指标']", "(much > 1 if class == '成本指标' else none)",
    )
]  # fmt: skip

NUMBERS = [None, 0, 1, 2, 2.5, 1.004, 1.005, 1.006, 100, -1, 0.29, 33.333]
TEXTS = [
    None,
    "甲",
    "甲 乙",
    " 甲  乙 ",
    "《甲乙》",
    "《甲乙",
    "成本指标",
    "日常工作",
    "运转",
    "12.5",
    "007",
    " ",
    "　",
    "甲\n乙",
    "a",
    "A",
    "-3",
    "+3",
    "1e3",
    "2024/1/1",
    "1-2",
    "1,000",
    "3%",
    "1.2.3",
]
CODES = [None, "13032424P00442810250G", "13032424P00442810250A", "13032424P0044281025OG", "13032424P"]
SHARES = [None, 0, 1, 25, 50, 99.996, 100]
CLASSES = [None, "成本指标", "质量指标", "x"]
FIRST_DAY, LAST_DAY = date(1990, 1, 1).toordinal(), date(2060, 1, 1).toordinal()


class Draw(random.Random):
    """Invented answers: each value of the lists in turn often enough, and others between them. The seed decides all."""

    def number(self) -> float | None:
        return self.choice(NUMBERS) if self.random() < 0.5 else round(self.uniform(-1000, 1000), 3)

    def day(self) -> str | None:
        return None if self.random() < 0.2 else date.fromordinal(self.randint(FIRST_DAY, LAST_DAY)).isoformat()

    def row(self) -> dict[str, Any]:
        return {
            "class": self.choice(CLASSES),
            "name": self.choice(TEXTS),
            "much": "六" if self.random() < 0.1 else self.number(),
            "day": self.choice(["2024-02-30", "三月"]) if self.random() < 0.2 else self.day(),
            "share": "一半" if self.random() < 0.1 else self.choice(SHARES),
        }

    def record(self) -> dict[str, Any]:
        head = {"a": self.number(), "b": self.number(), "c": self.number(), "p": self.choice(SHARES)}
        texts = {"s": self.choice(TEXTS), "t": self.choice(TEXTS), "d": self.day(), "code": self.choice(CODES)}
        return {"head": {**head, **texts}, "rows": [self.row() for _ in range(ROWS)]}


def expected(expression: Expression, record: Mapping[str, Any]) -> bool | None:
    values = Values(record["head"].get, lambda table: record["rows"], TOLD)
    if not expression.scope.row:
        return expression.evaluate(values)
    begun = [
        row for row in record["rows"] if any(str(row[id] or "").strip() or row[id] == 0 for id in ("name", "much"))
    ]
    found = [expression.evaluate(Values(values.get, values.rows, TOLD, row)) for row in begun]
    return False if False in found else True if found and None not in found else None


def written(path: Path, records: list[dict[str, Any]]) -> None:
    """A sheet with the answers of every record below one another, and beside each record its expressions' formulas."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("题")
    for number, record in enumerate(records):
        top = number * (ROWS + 1)
        for at, (id, kind) in enumerate(HEAD.items()):
            put(sheet, top, at, record["head"][id], kind)
        for row, line in enumerate(record["rows"], start=top + 1):
            for at, id in enumerate(COLUMNS):
                put(sheet, row, at, line[id], COLUMNS[id])

        def head(id: str, top: int = top) -> str:
            return f"${chr(65 + list(HEAD).index(id))}${top + 1}"

        def column(table: str, id: str, top: int = top) -> str:
            letter = chr(65 + list(COLUMNS).index(id))
            return f"${letter}${top + 2}:${letter}${top + 1 + ROWS}"

        cells = CellReferences(head, column, column, TOLD)
        for at, expression in enumerate(EXPRESSIONS):
            truth = expression.excel(cells)
            sheet.write_formula(top, 20 + at, f"=IFERROR({truth.holds},0)-IFERROR({truth.broken},0)", None, 7)
    book.close()


def put(sheet: Any, row: int, column: int, value: Any, kind: str) -> None:
    if value is None:
        return
    if kind == "date":
        with contextlib.suppress(ValueError):  # else a text, as it was typed
            value = date.fromisoformat(value).toordinal() - 693594
    if kind == "percent" and not isinstance(value, str):
        value = value / 100
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_sides_agree(office: LibreOffice, tmp_path: Path, seed: int) -> None:
    draw = Draw(seed)
    records = [draw.record() for _ in range(80)]
    path = tmp_path / "cases.xlsx"
    written(path, records)
    with office.open(path) as document:
        document.recalculate()
        last = len(records) * (ROWS + 1)
        found = document.values("题", f"U1:{letters(20 + len(EXPRESSIONS) - 1)}{last}")
    wrong: dict[str, Any] = {}
    for number, record in enumerate(records):
        for at, expression in enumerate(EXPRESSIONS):
            value = found[number * (ROWS + 1)][at]
            said = {1: True, -1: False, 0: None}[int(value)] if isinstance(value, float) else value
            if said != expected(expression, record):
                wrong.setdefault(expression.source, (said, expected(expression, record), record))
    assert not wrong


def letters(column: int) -> str:
    return chr(64 + column // 26) + chr(65 + column % 26) if column >= 26 else chr(65 + column)
