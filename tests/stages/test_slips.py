"""Slips that stand in published forms, typed into a sheet: each is found, and whatever is typed ends in findings."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pytest
import yaml
from stages.conftest import places, type_into

import perfxl

STAGES = ("monitoring", "self-evaluation")
RIGHT: dict[str, dict[str, Any]] = {
    "monitoring": {"spent.fiscal": 3.9, "expected.fiscal": 6.52},
    "self-evaluation": {"adjusted.fiscal": 6.52, "spent.fiscal": 6.52, "done": "按目标完成。"},
}
"""What is typed into the head of the first project's sheet; its rows reach their targets."""

SLIPS: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "points that sum to 110": ("self-evaluation", {"indicators[6].points": 40}, {"SE-02", "SE-03"}),
    "13 of 8.33 points": ("self-evaluation", {"indicators[4].score": 13}, {"SE-04"}),
    "37.24 of 43.2 scored 9": (
        "self-evaluation", {"adjusted.fiscal": 43.2, "spent.fiscal": 37.24, "execution.score": 9}, {"SE-11", "SE-20"}),
    "a total of 0 with a part of 90": (
        "self-evaluation", {"adjusted.fiscal": 90, "spent.fiscal": 90, "adjusted.total": 0}, {"SE-10"}),
    "full points for a missed target": (
        "self-evaluation", {"indicators[0].actual": "163人", "indicators[0].score": 8.33, "indicators[0].reason": "外出。"},
        {"SE-05"}),
    "a total that is no sum": ("self-evaluation", {"score": 95}, {"SE-09"}),
    "a grade that does not follow": ("self-evaluation", {"grade": "差"}, {"SE-14"}),
    "a lower target": ("self-evaluation", {"indicators[0].target": "300人"}, {"SE-01"}),
    "a total of July that is no sum": ("monitoring", {"spent.total": 4.9}, {"MO-11"}),
    "a rate that does not follow": ("monitoring", {"rate.total": 0.9}, {"MO-13"}),
    "a lower target in July": ("monitoring", {"indicators[0].target": "300人"}, {"MO-01"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def sent() -> Mapping[str, bytes]:
    """The workbook of each stage for the first project of the invented township."""
    text = (resources.files("perfxl.examples") / "records.yaml").read_text("utf-8")
    records = yaml.safe_load(text)
    records["projects"] = records["projects"][:1]
    return {stage: perfxl.stage(stage, records).workbooks[0].data for stage in STAGES}


def filled(stage: str, data: bytes) -> dict[str, Any]:
    """What a unit types that has reached everything."""
    (sheet,) = places(data).values()
    typed = dict(RIGHT[stage])
    for at, row in enumerate(sheet.record["indicators"]):
        words = "发放" in row["target"]
        typed[f"indicators[{at}].actual"] = "达成" if words else row["target"].lstrip("≥≤")
        if stage == "monitoring":
            typed |= {
                f"indicators[{at}].expected": row["target"].lstrip("≥"),
                f"indicators[{at}].possibility": "确定能",
            }
        elif words:
            typed[f"indicators[{at}].score"] = row["points"]
    return typed


def codes(data: bytes) -> set[str]:
    """The checks that find something, but for hints and what nobody but LibreOffice calculated."""
    found = perfxl.check(data).findings
    return {one.code for one in found if one.severity in ("error", "warning") and one.code != "RD-18"}


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_found_where_nothing_is_wrong(stage: str, sent: Mapping[str, bytes]) -> None:
    typed = filled(stage, sent[stage])
    if stage == "monitoring":
        typed["indicators[0].actual"] = "190人"
        typed["indicators[1].actual"] = "23个"
    assert codes(type_into(sent[stage], {1: typed})) == set()


@pytest.mark.parametrize(("stage", "slip", "found"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_found(stage: str, slip: dict[str, Any], found: set[str], sent: Mapping[str, bytes]) -> None:
    typed = filled(stage, sent[stage])
    assert codes(type_into(sent[stage], {1: {**typed, **slip}})) >= found


ODD: tuple[Any, ...] = (
    "", " ", "　", "-", "——", "/", "无", "0", 0, -1, -0.0, 1e308, 1e-308, 10**15, True, "#DIV/0!", "=1/0", "=1+1", "~",
    "100%%", "１００％", "5人\n6人", "≥", "≥≥5人", "1.2.3", "不适用", "不适用：" + "长" * 600, "达成未达成", "NaN", "inf",
    "2024-13-45", datetime.date(2024, 7, 31), datetime.datetime(2024, 7, 31, 12), "12月", "45261", "一百人", "五成",
    "☑", "√", "\u200b", "=", "+", "1/3", "-5%", "105%", "0.8", "1e5人", "99999999999999999999999人", "3万元", "元",
)  # fmt: skip
"""Values of every kind, most of them no answer to anything."""


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_is_typed_ends_in_findings(stage: str, sent: Mapping[str, bytes]) -> None:
    (sheet,) = places(sent[stage]).values()
    answers = [path for path in sheet.places if "." in path and not path.endswith(("level1", "level2"))]
    answers = [path for path in answers if not path.startswith("indicators.")]
    pick = random.Random(14)
    for _ in range(20):
        typed = {path: pick.choice(ODD) for path in answers if pick.random() < 0.6}
        checked = perfxl.check(type_into(sent[stage], {1: typed}))
        assert checked.refused == ()
        assert checked.findings
