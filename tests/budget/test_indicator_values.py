"""What indicator values mean: every spelling in use, and the counts of a published document."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from perfxl.budget.indicator_value import parse
from perfxl.form import taxonomy
from perfxl.form.types.base import HOW
from perfxl.form.types.items import Items

MEANINGS = yaml.safe_load((Path(__file__).parent / "meanings.yaml").read_text("utf-8"))
NUMBERS = [row for group in MEANINGS["numbers"] for row in group["rows"]]
SCHEDULES = {
    "年初发放": ("start", (100, 100, 100, 100)),
    "第一季度发放": ("start", (100, 100, 100, 100)),
    "第四季度发放": ("end", (0, 0, 0, 100)),
    "年末": ("end", (0, 0, 0, 100)),
    "年底前完成": ("end", (0, 0, 0, 100)),
    "每季度末发放": ("quarterly", (25, 50, 75, 100)),
    "按季度拨付": ("quarterly", (25, 50, 75, 100)),
    "每月": ("monthly", (25, 50, 83.3, 100)),
    "每月15日前发放": ("monthly", (25, 50, 83.3, 100)),
    "每两月拨付": ("bimonthly", (16.7, 50, 83.3, 100)),
    "年中及年末拨付": ("half", (0, None, None, 100)),
    "工资按月发放，经费按季度拨付。": ("mixed", (25, 50, None, 100)),
    "按季度及时拨付": ("quarterly", (25, 50, 75, 100)),
    "及时": ("timely", None),
    "及时保障": ("timely", None),
}


@pytest.mark.parametrize(("text", "operator", "number", "unit", "dimension"), NUMBERS)
def test_a_number(text: str, operator: str, number: str, unit: str, dimension: str) -> None:
    value = parse(text)
    assert (value.kind, value.operator, value.number, value.unit, value.dimension) == (
        "number", operator, Decimal(number), unit, dimension,
    )  # fmt: skip
    assert value.raw == text


@pytest.mark.parametrize(("text", "period"), MEANINGS["dates"])
def test_a_date(text: str, period: str) -> None:
    assert (parse(text).kind, parse(text).period) == ("date", period)


@pytest.mark.parametrize("text", SCHEDULES)
def test_a_schedule_implies_a_plan(text: str) -> None:
    value = parse(text)
    assert value.kind == "schedule"
    assert (value.schedule, value.plan) == SCHEDULES[text]


@pytest.mark.parametrize("text", MEANINGS["words"])
def test_all_else_is_qualitative(text: str) -> None:
    assert parse(text).kind == "qualitative"


@pytest.mark.parametrize(
    ("text", "amount", "a_year"),
    [
        ("538.69万元", "5386900", "5386900"),
        ("5386900元", "5386900", "5386900"),
        ("0.5亿", "50000000", "50000000"),
        ("10元/人/月", "10", "120"),
        ("7.5万元/集", "75000", "75000"),
        ("200元/人", "200", "200"),
    ],
)
def test_money_in_yuan(text: str, amount: str, a_year: str) -> None:
    assert parse(text).amount == Decimal(amount)
    assert parse(text).amount_a_year == Decimal(a_year)


def test_no_money_no_amount() -> None:
    assert parse("3人").amount is None
    assert parse("及时保障").amount_a_year is None


@given(st.text() | st.text(st.sampled_from("≥0123456789.,，。%％元万/人月年底前以上内不低于 ")))
def test_any_text_can_be_parsed_and_is_kept(text: str) -> None:
    assert parse(text).raw == text
    assert parse(text).amount is None or parse(text).dimension.startswith("money")


@pytest.mark.parametrize(
    ("text", "spelled", "how"),
    [
        ("≥95%", "≥95%", ()),
        ("1,354人", "1354人", ("thousands",)),
        ("'＞＝95％", "≥95%", ("apostrophe", "full_width", "operator")),
        ("不低于 95%。", "≥95%", ("operator", "punctuation", "trimmed")),
        ("百分之九十五以上", "≥95%", ("percent_sign", "unit", "operator")),
        ("80000元整", "80000元", ("unit",)),
        ("==100%", "=100%", ("operator",)),
        ("≥95%以上", "≥95%", ("operator",)),
        ("05人", "5人", ("number_as_text",)),
        ("2023-11", "2023年11月", ("date",)),
        ("11月5日前", "11月5日", ("date",)),
        ("不晚于年底", "不晚于年底", ()),
    ],
)
def test_how_it_was_understood_is_said(text: str, spelled: str, how: tuple[str, ...]) -> None:
    assert (parse(text).spelled, parse(text).how) == (spelled, how)


@given(st.text() | st.text(st.sampled_from("≥>=0123456789.,，。％元万/人月年底前以上不低于 ")))
def test_what_is_understood_otherwise_than_it_stands_is_said(text: str) -> None:
    value = parse(text)
    assert bool(value.how) == (value.spelled != text)
    assert set(value.how) <= set(HOW)
    if value.kind == "number":
        again = parse(value.spelled)
        assert (again.operator, again.number, again.unit) == (value.operator, value.number, value.unit)


def published_values() -> list[str]:
    """The sixth cell but one of each indicator row: rows end in a blank line, cells stand on lines of their own."""
    folder = os.environ.get("PERFXL_DOCUMENTS")
    if not folder:
        pytest.skip("PERFXL_DOCUMENTS names no folder with published documents")
    text = (Path(folder) / "shuangwang-2024.txt").read_text("utf-8")
    cells = []
    for block in text.split("指标值确定依据\n")[1:]:
        lines = [line.strip() for line in block.split("绩效目标表\n")[0].split("\n")]
        lines = [line for line in lines if line and not line.startswith("[bookmark") and line not in LEVEL1]
        starts = [i for i, line in enumerate(lines) if line in LEVEL2]
        cells += [lines[i + 3] for i in starts]
    return cells


LEVEL1 = taxonomy.load("cn-2015").level1
LEVEL2 = taxonomy.load("cn-2015").level2


def test_the_published_document_has_69_numbers_of_104() -> None:
    values = [parse(text) for text in published_values()]
    kinds = Counter(value.kind for value in values)
    assert len(values) == 104
    assert (kinds["number"], kinds["date"], kinds["schedule"] + kinds["qualitative"]) == (69, 1, 34)
    assert Counter(value.operator for value in values if value.kind == "number") == {"≥": 16, "": 53}
    assert all(value.dimension for value in values if value.kind == "number")
    units = "% 人 个 辆 米 平方米 年 万元 元 元/人 元/人/月"
    assert {value.unit for value in values if value.kind == "number"} == set(units.split())


def test_the_published_document_has_77_indicator_names() -> None:
    published_values()  # skips where there is no document
    text = (Path(os.environ["PERFXL_DOCUMENTS"]) / "shuangwang-2024.txt").read_text("utf-8")
    lines = [line.removeprefix("绩效指标：") for line in text.split("\n") if line.startswith("绩效指标：")]
    assert (len(lines), sum(len(Items(separator="；").split(line)) for line in lines)) == (26, 77)
