"""The pieces of a carried text that are of last year: its times, its document numbers, amounts of money."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from perfxl.budget.texts.last_year import LAST_YEAR
from perfxl.form.last_year import LastYear, PlainReader, old_pieces, without_years

CASES = yaml.safe_load((Path(__file__).parent / "old_texts.yaml").read_text(encoding="utf-8"))
NAMES = ("清财农〔2022〕144号水毁修复", "清财农〔2024〕37号水毁修复")
LAST = LastYear(frozenset((2023, 2024)), 2025, frozenset([(Decimal("86.5"), Decimal(865000))]), NAMES)
KINDS = ("year", "document", "amount", "same_amount")


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:12] for case in CASES])
def test_pieces_of_last_year(case: dict[str, Any]) -> None:
    text = case["text"]
    found: dict[str, list[str]] = {}
    for piece in old_pieces(text, LAST, LAST_YEAR):
        found.setdefault(piece.kind, []).append(text[piece.start : piece.end])
    assert found == {kind: case[kind] for kind in KINDS if case.get(kind)}


def test_a_form_without_a_set_of_checks_knows_of_years_alone() -> None:
    text = "清财农〔2024〕91号，86.5万元，2024年11月"
    assert [text[one.start : one.end] for one in old_pieces(text, LAST, PlainReader())] == ["〔2024〕", "2024年11月"]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("2024年度 村级 支出", "村级支出"),
        ("（２０２３年）义务兵优待金", "义务兵优待金"),
        ("2023-2024学年营养餐", "营养餐"),
        ("二〇二四年文明村创建", "文明村创建"),
        ("2024", ""),
        ("110国道养护", "110国道养护"),
    ],
)
def test_names_without_years(name: str, plain: str) -> None:
    assert without_years(name) == plain


def test_project_names_without_document_numbers() -> None:
    assert LAST_YEAR.plain_name("清财农【2022】144号一事一议项目") == "一事一议项目"
    assert LAST_YEAR.plain_name("水毁修复（清财农〔2024〕37号）") == "水毁修复"
    assert LAST_YEAR.core("防汛物资储备专项经费") == "防汛物资储备"


@pytest.mark.parametrize(
    "text",
    ["(2024" + " " * 30_000, "2024年" + " " * 30_000 + "-", "2024-" * 6000, "1," * 15_000, "二〇" * 15_000, "〔2024〕" * 5000 + "号"],
    ids=["spaces in brackets", "spaces", "spans", "commas", "numerals", "brackets"],
)  # fmt: skip
def test_a_long_text_is_gone_through_once(text: str) -> None:
    """Each would take minutes if a pattern went back for every character; none is timed."""
    assert [piece.kind for piece in old_pieces(text, LAST, LAST_YEAR) if piece.kind == "same_amount"] == []
    LAST_YEAR.plain_name(text)
