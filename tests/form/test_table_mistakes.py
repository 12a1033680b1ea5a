"""Mistakes in the tables of a definition: sums, groups and fixed lines, each as one sentence in every language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form.installed import load_text

FORMS = Path(__file__).parents[1] / "workbook" / "forms"

# form, what is written instead of what, the kind of mistake, some of its facts
MISTAKES: dict[str, tuple[str, str, str, str, dict[str, Any]]] = {
    "a choice added up": (
        "quarterly", "合计, sum: [plan.number,", "合计, sum: [kind,", "no_number",
        {"field": "kind", "type": "choice", "table": "works", "numbers": ["plan.number", "plan.money"]},
    ),
    "an unknown column added up": (
        "quarterly", "小计, sum: [plan.number,", "小计, sum: [plan.numbr,", "unknown_field", {"near": "plan.number"},
    ),
    "groups by no list": ("quarterly", "by: area", "by: task", "no_list", {"field": "task", "lists": ["area", "kind"]}),
    "subtotals above": (
        "quarterly", "subtotal: {label: 小计,", "subtotal: {place: first, label: 小计,", "not_allowed", {"near": "last"},
    ),
    "an unknown key": ("quarterly", "key: task", "key: tsk", "unknown_field", {"near": "task"}),
    "an unknown line in a check": (
        "staff", "assert: women <= total", "assert: woman <= total", "unknown_line", {"table": "pay", "near": "women"},
    ),
    "an unknown line it is about": (
        "staff", "on: [women]", "on: [womn]", "unknown_line", {"line_name": "womn", "near": "women"},
    ),
    "a check across no table": ("staff", "across: pay", "across: pays", "unknown_field", {"near": "pay"}),
    "an unknown column of a line": ("staff", "indent: 1, cells: {before", "indent: 1, cels: {before", "unknown_key", {"near": "cells"}),
    "a line that has rows as well": ("staff", "    lines:\n", "    rows: {max: 3}\n    lines:\n", "lines_and_rows", {"key": "rows"}),
    "a table of lines nowhere": ("staff", "  - {table: pay}\n", "", "table_nowhere", {"field": "pay"}),
    "a wrong column, told once": ("staff", "now:    {type: money, decimals: 0,", "now:    {type: money, decimls: 0,", "unknown_key", {"near": "decimals"}),
    "an answer of the head that repeats": ("hours", "max_length: 20}", "max_length: 20, times: 3}", "times_in_head", {}),
    "a number without digits": ("hours", "numbering: W-00", "numbering: W-", "no_zeros", {"found": "W-"}),
    "a line that cannot name fields": ("staff", "money:   {heading", "Money:   {heading", "bad_id", {"id": "Money"}),
    "a row of no table": ("balance", "[assets, debts]}", "[]}", "row_of_no_table", {}),
    "an unknown table beside another": ("balance", "[assets, debts]}", "[assets, debt]}", "unknown_field", {"near": "debts"}),
    "a table beside itself": ("balance", "[assets, debts]}", "[assets, assets]}", "row_too_wide", {"covered": 6}),
    "tables wider than the sheet": ("balance", "label: Value,", "label: Value, span: 2,", "row_too_wide", {"covered": 6}),
    "fixed lines beside rows that repeat": (
        "fixed", "    lines:\n      barn: {what: Same}\n      all: {heading: Others}\n      inn: {what: Inn}\n      shed: {what: Shed}\n",
        "    rows: {max: 3}\n", "lines_beside_rows", {"table": "land", "other": "house"},
    ),
    "an unknown table beside fixed lines": ("fixed", "[land, house]", "[land, hause]", "unknown_field", {"near": "house"}),
}  # fmt: skip


def mistakes_of(form: str, *changes: tuple[str, str]) -> list[FormError]:
    """All mistakes of a form with these texts replaced by others."""
    text = (FORMS / form / "form.yaml").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    with pytest.raises(FormError) as raised:
        load_text(text, f"{form}/form.yaml")
    return [raised.value, *getattr(raised.value, "others", ())]


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_sentence(case: str) -> None:
    form, old, new, what, facts = MISTAKES[case]
    (error,) = mistakes_of(form, (old, new))
    assert error.facts["what"] == what
    assert {name: error.facts[name] for name in facts} == facts
    for language in ("en", "zh-CN"):
        sentence = messages.sentence(error, language)
        assert sentence.startswith(f"{form}/form.yaml")
        assert "{{" not in sentence
        assert "None" not in sentence


def test_the_first_column_has_no_room_for_a_label_before_its_sum() -> None:
    changes = (
        ("{type: text, label: 工作任务, max_length: 40}", "{type: integer, label: 工作任务}"),
        ("小计, sum: [", "小计, sum: [task, "),
    )
    (error,) = mistakes_of("quarterly", *changes)
    assert (error.facts["what"], error.facts["field"], error.facts["label"]) == ("no_room_for_label", "task", "小计")


def test_lines_that_no_column_has_together() -> None:
    changes = ("now: {type: percent}}", "now: none}"), ("assert: women <= total", "assert: women <= bonus")
    (error,) = mistakes_of("staff", *changes)
    assert (error.facts["what"], error.facts["lines"]) == ("across_nothing", ["bonus", "women"])
