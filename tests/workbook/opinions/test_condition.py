"""What a form's own line says, it says on return; where Excel cannot say it, flags fall back to what was flagged."""

from __future__ import annotations

import html
import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workbook.conftest import part, raw_parts

import perfxl
from perfxl.form import installed
from perfxl.form.expression.excel import TOO_LONG
from perfxl.form.form import Form
from perfxl.form.search_path import form_at
from perfxl.rules import return_only_lines
from perfxl.rules.policy import default_policy
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

SEEDS = range(40 if os.environ.get("PERFXL_LONG") == "1" else 6)
"""Each is a form of six invented lines."""
NAME = "invented-purchase"
HEAD = {
    "number": "{type: integer, given: true}",
    "code": "{type: code, given: true, scheme: hebei-2024}",
    "name": "{type: text, given: true}",
    "total": "{type: money, unit: 元, label: 总额}",
    "part": "{type: percent, label: 进度}",
    "day": "{type: date, label: 完成日}",
    "why": "{type: text, label: 理由}",
    "points": "{type: items, label: 要点}",
    "hidden": "{type: money, unit: 元, given: true, label: 控制}",
}
COLUMNS = {
    "item": "{type: text, label: 项目}",
    "kind": "{type: choice, choices: [货物, 服务], label: 类别}",
    "value": "{type: money, unit: 元, label: 金额}",
    "count": "{type: integer, label: 数量}",
    "share": "{type: percent, label: 占比}",
    "due": "{type: date, label: 日期}",
    "note": "{type: text, label: 说明, required: false}",
}
NUMBERS = (
    "1", "2.5", "total", "hidden", "part", "rows | count", "rows | sum(value)", "rows | sum(count)", "rows | sum(share)",
    "rows | where(kind == '货物') | sum(value)", "rows | first(value)", "why | length", "day | year", "code | number",
    "limits.trivial_amount",
)  # fmt: skip
ROW_NUMBERS = ("value", "count", "share", "item | length", "note | number", "due | month")
TEXTS = ("'甲'", "why", "name", "code | check_character", "why | left(1)", "rows | first(item)")
ROW_TEXTS = ("item", "kind", "note | right(2)")
OTHERS = (
    "why is blank",
    "'甲' in points",
    "why | contains(words.stock_bases)",
    "why in ['甲', '乙']",
    "points is filled",
)


def definition(lines: list[str]) -> str:
    """The text of the invented form with these lines."""
    width = len(COLUMNS)
    shown = [f"  - [{id}名, {{field: {id}, span: {width - 1}}}]" for id in HEAD if id != "hidden"]
    return "\n".join(
        [
            f"form: {NAME}\nversion: '1'\nlabel: 采购表\nrecord: projects[]\ntitle: '{{{{ number }}}}.{{{{ name }}}}采购表'",
            f"sheet: {{name: '采购{{{{ number }}}}', columns: {[12] * width}, start: B2}}\nfields:",
            *(f"  {id}: {kind}" for id, kind in HEAD.items()),
            "tables:\n  rows:\n    label: 明细\n    rows: {min: 4, max: 40}\n    columns:",
            *(f"      {id}: {kind}" for id, kind in COLUMNS.items()),
            f"layout:\n  - [{{title: true, span: {width - 2}}}, {{mark: code, span: 2}}]",
            f"  - [{{text: '{{{{ unit.code }}}}{{{{ unit.name }}}}', style: plain, span: {width}}}]",
            *shown,
            "  - {table: rows}\nrules:",
            *(lines or ["  []"]),
        ]
    )


class Draw(random.Random):
    """Invented conditions and records; the seed decides all."""

    def number(self, row: bool, depth: int = 2) -> str:
        if depth and self.random() < 0.4:
            return f"({self.number(row, depth - 1)} {self.choice('+-*/')} {self.number(row, depth - 1)})"
        return f"({self.choice((*NUMBERS, *(ROW_NUMBERS if row else ())))})"

    def text(self, row: bool) -> str:
        return f"({self.choice((*TEXTS, *(ROW_TEXTS if row else ())))})"

    def condition(self, row: bool, depth: int) -> str:
        way = self.randrange(9)
        if depth and way < 3:
            return f"({self.condition(row, depth - 1)} {self.choice(('and', 'or'))} {self.condition(row, depth - 1)})"
        if depth and way == 3:
            return f"(rows | {self.choice(('all', 'any'))}({self.condition(True, depth - 1)}))"
        if depth and way == 4:
            return f"(rows | where({self.condition(True, depth - 1)}) | count > 1)"
        if way == 5:
            return f"({self.text(row)} {self.choice(('==', '!='))} {self.text(row)})"
        if way == 6:
            return f"({self.choice(OTHERS)})"
        return f"({self.number(row)} {self.choice(('==', '!=', '<', '<=', '>', '>='))} {self.number(row)})"

    def lines(self) -> Iterator[str]:
        """Six lines of which the language allows each; some are very long."""
        made = 0
        while made < 6:
            row = self.random() < 0.5
            condition = self.condition(row, self.choice((1, 2, 3, 5)))
            if self.random() < 0.2:
                pieces = (f"({self.condition(row, 1)} and total == {at})" for at in range(self.choice((5, 20, 60))))
                condition = " or ".join(pieces)
            on = self.choice([*COLUMNS]) if row else self.choice(("total", "why", "rows", "part"))
            asked = f"{'each: rows, ' if row else ''}assert: {json.dumps(condition, ensure_ascii=False)}, on: [{on}]"
            line = f"  - {{code: OW-{made + 1:02}, title: 自定, message: 不对。, {asked}}}"
            try:
                installed.load_text(definition([line]))
            except perfxl.FormError:
                continue
            made += 1
            yield line

    def record(self) -> dict[str, Any]:
        def row() -> dict[str, Any]:
            choices = {
                "item": (None, "甲", "乙丙"), "kind": (None, "货物", "服务"), "value": (None, 1, 2.5, "六"), "count": (None, 1, 2),
                "share": (None, 10, 50), "due": (None, "2024-05-06"), "note": (None, "《办法》"),
            }  # fmt: skip
            return {id: self.choice(values) for id, values in choices.items()}

        head = {"number": 1, "code": "99019924P00731210115X", "name": "采购", "part": 50, "day": "2024-01-02"}
        head |= {"total": self.choice((1, 2.5, None)), "why": self.choice(("甲", "日常工作")), "points": ["甲", "乙"]}
        return {**head, "hidden": self.choice((1, None)), "rows": [row() for _ in range(self.randint(0, 8))]}


@pytest.fixture
def use(tmp_path: Path) -> Iterator[Any]:
    """Installs the invented form with some lines."""
    before = installed.search_path()

    def install(lines: list[str]) -> Form:
        folder = tmp_path / NAME
        folder.mkdir(exist_ok=True)
        (folder / "form.yaml").write_text(definition(lines), "utf-8")
        installed.set_search_path(before.extended([form_at(folder)]))
        return installed.load(NAME)

    yield install
    installed.set_search_path(before)


def sent(form: Form, record: dict[str, Any]) -> bytes:
    records = {"year": 2024, "unit": {"code": "904001", "name": "清溪县柳溪镇"}, "projects": [record]}
    ((_, book),) = make_books(records, form, issue_of(records), "unit", "all")
    return stamp_book(book)


def longest(data: bytes) -> int:
    """The characters of the longest formula in a workbook."""
    texts = (part(data, name) for name in raw_parts(data) if name.startswith("xl/worksheets/sheet"))
    formulas = (re.findall(r"<(?:f|formula|formula1)[^>]*>([^<]*)<", text) for text in texts)
    return max(len(html.unescape(formula)) for found in formulas for formula in [*found, ""])


@pytest.mark.parametrize("seed", SEEDS)
def test_invented_lines_are_checked_flagged_and_corrected(seed: int, use: Any) -> None:
    draw = Draw(seed)
    data = sent(use([*draw.lines()]), draw.record())
    checked = perfxl.check(data)
    (flagged,) = perfxl.flag(data).files
    assert [finding.code for finding in flagged.findings] == [finding.code for finding in checked.findings]
    assert longest(flagged.data) <= 8192  # Excel: specifications and limits
    perfxl.flag(flagged.data)
    assert longest(perfxl.correct(data).files[0].data) <= 8192


SUM = "  - {code: OW-01, title: 合计, message: 合计不符。, assert: total == rows | sum(value), on: [total]}"


def test_a_sum_over_a_column_is_checked_flagged_and_corrected(use: Any) -> None:
    record = {**Draw(1).record(), "total": 5, "rows": [{"item": "甲", "value": 1}, {"item": "乙", "value": 2}]}
    data = sent(use([SUM]), record)
    assert "OW-01" in {finding.code for finding in perfxl.check(data).findings}
    assert "OW-01" in {finding.code for finding in perfxl.flag(data).files[0].findings}
    assert "OW-01" in {finding.code for finding in perfxl.correct(data).files[0].findings}


def test_a_line_that_is_too_long_for_excel_is_said_to_be_so(use: Any) -> None:
    terms = " and ".join(f"(rows | where(value > {at}) | sum(value) < {at})" for at in range(60))
    form = use([f"  - {{code: OW-01, title: 长, message: 不对。, assert: {terms!r}, on: [total]}}"])
    ((_, why),) = return_only_lines(form, default_policy())
    assert why == TOO_LONG
