"""Every figure of the worked-out county summary, by both ways of giving lights and of counting what should be low.

The 16 projects stand in the folder that PERFXL_STAGES names. What their unit typed as totals differs from the parts in
two projects; totals are calculated, so that five figures come out by the parts, and equal the table's with the typed
ones in their place.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import perfxl
from perfxl.budget.stages.lights import LIGHTS
from perfxl.budget.stages.results import EvaluatedProject, MonitoredProject
from perfxl.budget.stages.summary import GRADES
from perfxl.budget.stages.tallies import MonitoringTally, tally_evaluation, tally_monitoring
from perfxl.form import scheme as schemes

FOLDER = Path(os.environ.get("PERFXL_STAGES", ""))
pytestmark = pytest.mark.skipif(not os.environ.get("PERFXL_STAGES"), reason="the worked-out figures are not here")

FUNDS = ("fiscal", "carried", "other")
BY_PARTS = {
    "Σ 1-7月执行数": ("581.05", "580.95"),
    "rate on all %": ("59.58", "59.57"),
    "rate on the reported %": ("59.95", "59.94"),
    "Σ 全年执行数": ("928.66", "928.93"),
    "year rate %": ("95.25", "95.28"),
}
"""The figures that take typed totals: as the table has them, and by the parts."""


def table(name: str) -> dict[int, list[dict[str, str]]]:
    """Return the rows of the indicators by project."""
    with (FOLDER / f"{name}-expected.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["indicator"] != "0"]
    return {int(row["project"]): [one for one in rows if one["project"] == row["project"]] for row in rows}


def typed(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["projects"]  # type: ignore[no-any-return]


def text(value: Any) -> str | None:
    return None if value is None else str(value)


def amounts(funds: Mapping[str, Any], column: str) -> dict[str, Any]:
    return {fund: (funds.get(fund) or {}).get(column) for fund in FUNDS}


def head(project: Mapping[str, Any], budget: str) -> dict[str, Any]:
    funds = project["funds"]
    given = {"total": funds["total"][budget], **amounts(funds, budget)}
    return {key: project[key] for key in ("number", "code", "name")} | {"budget": given}


def row(expected: Mapping[str, str]) -> dict[str, Any]:
    return {
        "level1": "产出指标",
        "level2": expected["level2"],
        "level3": expected["level3"],
        "target": expected["target"],
    }


def monitored(lights: str = "by-kind", ahead_reason: int | None = None) -> list[MonitoredProject]:
    scheme = {"lights": lights, "yellow": 60, "green": 80, "blue": 120, "months": 7, "ahead_reason": ahead_reason}
    expected, records = table("monitoring"), []
    for project in typed("monitoring"):
        rows = [
            row(known)
            | {key: text(one[key]) for key in ("actual", "expected", "reason", "remark")}
            | {"causes": one["ticks"] or None}
            for known, one in zip(expected[project["number"]], project["indicators"], strict=True)
        ]
        spent = {"spent": amounts(project["funds"], "executed"), "expected": amounts(project["funds"], "expected")}
        records.append({**head(project, "budget"), "scheme": scheme, **spent, "indicators": rows})
    content = {"year": 2024, "unit": {"code": "1", "name": "单位"}, "first_month": 1, "last_month": 7}
    return [sheet.result for sheet in perfxl.stage_summary({**content, "monitoring": records}).sheets]


def evaluated(less: str) -> list[EvaluatedProject]:
    numbers = {"above": 20, "met": 80, "partly": 60, "excellent": 90, "good": 80, "fair": 60, "low_rate": 90}
    expected, records = table("self-evaluation"), []
    for project in typed("self-evaluation"):
        rows = [
            row(known)
            | {"actual": text(one["actual"]) if one.get("applicable", True) else "不适用"}
            | {key: one[key] for key in ("points", "score")}
            for known, one in zip(expected[project["number"]], project["indicators"], strict=True)
        ]
        funds = project["funds"]
        record = {
            **head(project, "initial"),
            "scheme": {"name": project["weights"], "less": less, **numbers},
            "adjusted": amounts(funds, "adjusted"),
            "spent": amounts(funds, "executed"),
            "execution": {"points": float(schemes.load(project["weights"]).execution)},
            "indicators": rows,
        }
        records.append(record)
    content = {"year": 2024, "unit": {"code": "1", "name": "单位"}}
    return [sheet.result for sheet in perfxl.stage_summary({**content, "self_evaluations": records}).sheets]


def with_typed_totals(name: str, projects: Sequence[Any]) -> list[Any]:
    totals = {one["number"]: one["funds"]["total"]["executed"] for one in typed(name)}
    numbers = sorted(totals)
    return [
        replace(project, spent=None if totals[number] is None else Decimal(str(totals[number])))
        for number, project in zip(numbers, projects, strict=True)
    ]


def of_monitoring(by_kind: MonitoringTally, prorated: MonitoringTally, hebei: MonitoringTally) -> dict[str, str]:
    figures: dict[str, Any] = {"projects": by_kind.projects, "projects reported": by_kind.reported}
    for how, tally in (("by-kind", by_kind), ("prorate-all", prorated)):
        for light in (*LIGHTS, None):
            figures[f"indicator rows, {how}, {light or 'no light'}"] = tally.rows[light]
    for light in (*LIGHTS, None):
        figures[f"projects by worst light, by-kind, {light or '未填'}"] = by_kind.lights[light]
        figures[f"projects by worst light with money, by-kind, {light or '未填'}"] = by_kind.with_money[light]
        if light != "blue":
            figures[f"projects by money light, {light or '未填'}"] = by_kind.money[light]
    figures |= {"reasons required, by-kind": by_kind.needed, "of these missing": by_kind.missing}
    figures |= {"reasons required, Hebei": hebei.needed, "reasons required, prorate-all": prorated.needed}
    money = {
        "Σ 年初预算数": by_kind.budget,
        "Σ 年初预算数 of the reported": by_kind.budget_reported,
        "Σ 1-7月执行数": by_kind.spent,
        "rate on all %": by_kind.rate,
        "rate on the reported %": by_kind.rate_reported,
    }
    return {name: str(value) for name, value in figures.items()} | {name: f"{one:.2f}" for name, one in money.items()}


def of_evaluation(less: str, projects: Sequence[EvaluatedProject]) -> dict[str, str]:
    tally = tally_evaluation(projects)
    figures = {f"projects {grade}, le={less}": str(tally.grades[grade]) for grade in GRADES}
    figures[f"projects without grade, le={less}"] = str(tally.grades[None])
    figures[f"mean of graded projects, le={less}"] = f"{tally.mean:.2f}"
    figures[f"mean weighted by 全年预算数, le={less}"] = f"{tally.weighted:.2f}"
    ends = [projects[at].score.total for at in (tally.highest, tally.lowest) if at is not None]
    figures[f"highest, lowest, le={less}"] = " ".join(f"{end:.2f}" for end in ends)
    money = {"Σ 全年预算数": tally.adjusted, "Σ 全年执行数": tally.spent, "year rate %": tally.rate}
    return figures | {name: f"{value:.2f}" for name, value in money.items()}


def all_figures(july: Sequence[MonitoredProject], ratio: Sequence[Any], linear: Sequence[Any]) -> dict[str, str]:
    other, hebei = tally_monitoring(monitored("prorate-all")), tally_monitoring(monitored(ahead_reason=15))
    found = of_monitoring(tally_monitoring(july), other, hebei)
    return found | of_evaluation("ratio", ratio) | of_evaluation("linear", linear)


def test_every_figure_is_the_one_that_was_worked_out() -> None:
    with (FOLDER / "summary-expected.csv").open(encoding="utf-8-sig") as file:
        expected = {one["figure"]: one["value"] for one in csv.DictReader(file)}
    july, ratio, linear = monitored(), evaluated("ratio"), evaluated("linear")
    by_parts = all_figures(july, ratio, linear)
    assert {
        name: (expected[name], by_parts.get(name)) for name in expected if by_parts.get(name) != expected[name]
    } == (BY_PARTS)
    assert set(by_parts) == set(expected)
    with_typed = [with_typed_totals("self-evaluation", one) for one in (ratio, linear)]
    assert all_figures(with_typed_totals("monitoring", july), *with_typed) == expected


def test_projects_whose_grade_depends_on_how_low_values_count() -> None:
    ratio, linear = evaluated("ratio"), evaluated("linear")
    assert [at for at, one in enumerate(ratio, start=1) if one.score.grade != one.other.grade] == [5, 8, 16]
    assert [one.other for one in ratio] == [one.score for one in linear]
    assert [one.score for one in ratio] == [one.other for one in linear]
