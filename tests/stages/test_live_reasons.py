"""The yellow of a reason that is asked for, live in the sheet, and what the return asks for: the same, row by row.

Rows and figures are invented, in spellings that formulas understand. What they do not understand (五成, 约20人, dates)
has no yellow cell, and is asked for on return alone. Nor is a reason asked for live where a target was only passed by
far, which a scheme may demand: that comes after the first look at the figures.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import LibreOffice
from stages.conftest import places

import perfxl
from perfxl.budget.stages.checks.explained import needs_explanation
from perfxl.budget.stages.checks.reasons import needs_reason
from perfxl.budget.stages.progress import Row, rows
from perfxl.budget.stages.records import MONITORING, SELF_EVALUATION, Stage
from perfxl.form import installed
from perfxl.rules.policy import default_policy
from perfxl.rules.subject import Subject, Unit, as_shown
from perfxl.submission import Submission
from perfxl.workbook.sheet.colours import REQUIRED_FILL

COUNT = int(os.environ.get("PERFXL_REASONS", "4"))
"""The number of invented projects for each stage and scheme."""

CLASSES = (
    ("产出指标", "数量指标"), ("产出指标", "质量指标"), ("产出指标", "时效指标"), ("产出指标", "成本指标"),
    ("效益指标", "社会效益指标"), ("满意度指标", "服务对象满意度指标"),
)  # fmt: skip
TARGETS = (("", "108", "人"), ("≥", "45", "个"), ("", "2", "万元"), ("≤", "200", "元"), ("<", "30", "天"), ("≥", "95", "%"),
           ("", "100", "%"), ("", "1860", "平方米"), ("≥", "10", "年"), ("", "12.5", "公里"), ("=", "6", "次"))  # fmt: skip
SHARES = (0, 0.3, 0.34, 0.349, 0.35, 0.46, 0.47, 0.5833, 0.6, 0.799, 0.8, 0.95, 1, 1.1, 1.2, 1.21, 2, 3)
IN_OTHER_UNITS = {"万元": ("元", 10_000), "元": ("万元", 0.0001), "公里": ("米", 1000), "平方米": ("公顷", 0.0001)}
WORDS = ("达成", "达成目标", "部分达成", "部分达成目标并具有一定效果", "未达成", "未达成目标且效果较差", None)


def invented_row(pick: random.Random, at: int) -> tuple[dict[str, Any], Any]:
    """A row, and what became of it."""
    level1, level2 = CLASSES[at * len(CLASSES) // 18]
    row = {"level1": level1, "level2": level2, "level3": f"第{at}项", "description": "数"}
    if pick.random() < 0.2:
        return {**row, "target": pick.choice(("及时保障", "较上年提高"))}, pick.choice(WORDS)
    sign, number, unit = pick.choice(TARGETS)
    actual = round(float(number) * pick.choice(SHARES), 4)
    other, factor = IN_OTHER_UNITS.get(unit, (unit, 1))
    if pick.random() < 0.3:
        unit_typed, actual = other, actual * factor
    else:
        unit_typed = pick.choice((unit, unit, ""))
    typed = f"{round(actual, 6):.6f}".rstrip("0").rstrip(".")
    return {**row, "target": f"{'' if sign == '=' else sign}{number}{unit}"}, pick.choice(
        (f"{typed}{unit_typed}",) * 9 + (None,)
    )


def invented(pick: random.Random, number: int) -> tuple[dict[str, Any], list[Any]]:
    made = [invented_row(pick, at) for at in range(18)]
    project = {"number": number, "code": f"99019924P{number:011d}", "name": f"第{number}项目", "goals": ["做好。"]}
    project |= {"budget": {"total": 6.5, "fiscal": 6.5, "other": None}, "indicators": [row for row, _ in made]}
    return project, [actual for _, actual in made]


def filled(stage: Stage, projects: list[tuple[dict[str, Any], list[Any]]], scheme: str) -> Mapping[str, Any]:
    """The records of a stage in which the figures were filled in, and no reason."""
    unit = {"code": "990001", "name": "清溪县柳溪镇"}
    made = stage.make({"year": 2024, "unit": unit, "projects": [project for project, _ in projects]}, scheme)
    assert made.mistakes == ()
    records = []
    for record, (_, actuals) in zip(made.records[stage.root], projects, strict=True):
        table = [{**row, "actual": actual} for row, actual in zip(record["indicators"], actuals, strict=True)]
        records.append({**record, "indicators": table})
    return {**made.records, stage.root: records}


def subject_of(sheet: Submission) -> Subject:
    unit = Unit(sheet.year, sheet.unit_code, sheet.unit_name, {}, {}, default_policy())
    return Subject(installed.load(sheet.form), as_shown(sheet.record), unit)


def asked_on_return(row: Row, subject: Subject) -> bool:
    if subject.form.name == MONITORING.form:
        return needs_reason(row, subject)
    return needs_explanation(row, subject)


CASES = [(MONITORING, ""), (MONITORING, "all"), (SELF_EVALUATION, ""), (SELF_EVALUATION, "linear")]


@pytest.mark.office
@pytest.mark.parametrize(("stage", "way"), CASES, ids=["monitoring", "prorated", "self-evaluation", "linear"])
def test_a_reason_is_asked_for_live_where_the_return_asks(
    stage: Stage, way: str, office: LibreOffice, tmp_path: Path
) -> None:
    pick = random.Random(f"{stage.form}{way}")
    scheme = tmp_path / "scheme.yaml"
    scheme.write_text(f"like: cn-2015\n{'lights: {how: prorate-all}' if way == 'all' else 'less: linear'}\n", "utf-8")
    records = filled(stage, [invented(pick, at + 1) for at in range(COUNT)], str(scheme) if way else "")
    (made,) = perfxl.generate(records, form=stage.form, prefill="all")
    path = tmp_path / "made.xlsx"
    path.write_bytes(made.data)
    live: dict[tuple[int, int], bool] = {}
    with office.open(path) as document:
        document.recalculate()
        sheets = places(made.data)
        for number, sheet in sheets.items():
            looks = document.looks(sheet.sheet)
            for at in range(len(sheet.record["indicators"])):
                look = looks[sheet.places[f"indicators[{at}].reason"]]
                live[number, at] = look.background == REQUIRED_FILL
    wanted, texts = {}, {}
    for number, sheet in sheets.items():
        subject = subject_of(sheet)
        for row in rows(subject):
            wanted[number, row.index] = asked_on_return(row, subject)
            texts[number, row.index] = (row.text("level2"), row.text("target"), row.text("actual"))
    assert {texts[at]: (live[at], wanted[at]) for at in live if live[at] != wanted[at]} == {}
    assert len(set(wanted.values())) == 2
