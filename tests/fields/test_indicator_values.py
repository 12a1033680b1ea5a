"""What indicator values mean: every spelling of domain.md §5, and the counts of a published document."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.form import taxonomy
from perfxl.form.fields.indicator_value import parse
from perfxl.form.fields.items import Items

NUMBERS = """
3人 | | 3 | 人 | count
45个 | | 45 | 个 | count
45个村 | | 45 | 个村 | count
1辆 | | 1 | 辆 | count
3起 | | 3 | 起 | count
742米 | | 742 | 米 | length
2100平方米 | | 2100 | 平方米 | area
2100㎡ | | 2100 | 平方米 | area
≥10年 | ≥ | 10 | 年 | duration
100% | | 100 | % | ratio
≥95% | ≥ | 95 | % | ratio
≤5% | ≤ | 5 | % | ratio
=100% | = | 100 | % | ratio
＝１００％ | = | 100 | % | ratio
>95% | > | 95 | % | ratio
＞95％ | > | 95 | % | ratio
<5% | < | 5 | % | ratio
＜5% | < | 5 | % | ratio
≧95% | ≥ | 95 | % | ratio
≦5% | ≤ | 5 | % | ratio
>=95% | ≥ | 95 | % | ratio
<=5% | ≤ | 5 | % | ratio
=>95% | ≥ | 95 | % | ratio
＞＝95% | ≥ | 95 | % | ratio
不低于95% | ≥ | 95 | % | ratio
不低于 ９５％ | ≥ | 95 | % | ratio
不超过5% | ≤ | 5 | % | ratio
不少于3次 | ≥ | 3 | 次 | count
达到100% | ≥ | 100 | % | ratio
95%以上 | ≥ | 95 | % | ratio
不低于95%以上 | ≥ | 95 | % | ratio
538.69万元以内 | ≤ | 538.69 | 万元 | money
控制在30万元以内 | ≤ | 30 | 万元 | money
≥100百分比 | ≥ | 100 | % | ratio
百分之95 | | 95 | % | ratio
　≥　95% | ≥ | 95 | % | ratio
≥95%。 | ≥ | 95 | % | ratio
1 | | 1 | |
3,309,840.00 | | 3309840.00 | |
5,386,900元 | | 5386900 | 元 | money
2万元 | | 2 | 万元 | money
0.5亿元 | | 0.5 | 亿元 | money
200元/人 | | 200 | 元/人 | money_per_head
10元/人/月 | | 10 | 元/人/月 | money_per_head_month
10元/月/人 | | 10 | 元/人/月 | money_per_head_month
100元/人天 | | 100 | 元/人/天 | money_per_head_day
7.5万元/集 | | 7.5 | 万元/集 | money_per_unit
"""
DATES = """
2023年11月 | 2023-11
2023年11月5日 | 2023-11-05
２０２３年１１月 | 2023-11
2023-11 | 2023-11
2023/11/5 | 2023-11-05
2024年 | 2024
2024年底前完成 | 2024
11月底前 | --11
12月31日前 | --12-31
"""
_ = None
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
QUALITATIVE = """
优秀 很满意 合规 持续改善 稳步提高 按统一安排执行 较去年提高 长期满足武装工作需求。 100%覆盖 80%-90% 3年内完成
约100人 不低于95%以内 维持单位正常运转 提高5%
"""


def table(text: str) -> list[list[str]]:
    return [[cell.strip(" ") for cell in line.split("|")] for line in text.strip("\n").split("\n")]


@pytest.mark.parametrize(("text", "operator", "number", "unit", "dimension"), table(NUMBERS))
def test_a_number(text: str, operator: str, number: str, unit: str, dimension: str) -> None:
    value = parse(text)
    assert (value.kind, value.operator, value.number, value.unit, value.dimension) == (
        "number", operator, Decimal(number), unit, dimension,
    )  # fmt: skip
    assert value.raw == text


@pytest.mark.parametrize(("text", "period"), table(DATES))
def test_a_date(text: str, period: str) -> None:
    assert (parse(text).kind, parse(text).period) == ("date", period)


@pytest.mark.parametrize("text", SCHEDULES)
def test_a_schedule_implies_a_plan(text: str) -> None:
    value = parse(text)
    assert value.kind == "schedule"
    assert (value.schedule, value.plan) == SCHEDULES[text]


@pytest.mark.parametrize("text", QUALITATIVE.split())
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
