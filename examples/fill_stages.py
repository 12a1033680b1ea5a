"""Fills the township's monitoring tables of July and self-evaluations of December: makes examples/stages.

    python examples/fill_stages.py

The tables are made of examples/records.yaml as `perfxl stage` makes them, and filled by a rule (what a unit that is on
its way would report) with what SLIPS and REPORTS say otherwise. It takes some seconds and needs no office. The list of
what was planted, examples/stages/README.md, comes from here, too; tests/test_stage_examples.py holds perfxl against it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import perfxl
from perfxl import records
from perfxl.batch.stage import load_stage
from perfxl.budget.indicator_value import parse
from perfxl.form.answers import put

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "stages"
DECISIONS = FOLDER / "decisions.yaml"
FILES = {"monitoring": "monitoring.xlsx", "self-evaluation": "self-evaluation.xlsx"}


@dataclass(frozen=True)
class Slip:
    """A mistake in a project's table: why it was made, what stands there by path, the check that finds it."""

    project: int
    why: str
    code: str
    typed: Mapping[str, Any]


JULY = (
    Slip(
        4,
        "far behind, and no reason",
        "MO-07",
        {"indicators[0].actual": "700米", "indicators[0].possibility": "有可能"},
    ),
    Slip(6, "neither a value nor a remark", "MO-02", {"indicators[4].actual": None}),
    Slip(7, "0.95 for 95%", "MO-04", {"indicators[2].actual": "0.95"}),
    Slip(
        11,
        "more was spent than there is",
        "MO-10",
        {"spent.fiscal": 20.75, "expected.fiscal": 20.75, "indicators[4].actual": "19.75万元"},
    ),
    Slip(11, "and the costs are another amount", "MO-14", {}),
    Slip(12, "the target of the year is passed in July", "MO-09", {"indicators[0].actual": "25次"}),
    Slip(13, "more than all", "MO-05", {"indicators[2].actual": "105%"}),
    Slip(14, "less for the year than was spent by July", "MO-12", {"spent.fiscal": 12.0, "expected.fiscal": 10.2}),
    Slip(15, "words for a number", "MO-03", {"indicators[1].actual": "运转正常"}),
    Slip(16, "a cause without a reason", "MO-08", {"indicators[0].causes": ["人员保障"]}),
)
DECEMBER = (
    Slip(2, "more points than the row has", "SE-04", {"indicators[3].score": 12.5}),
    Slip(
        3,
        "reached in part, and all points",
        "SE-06",
        {
            "indicators[3].actual": "部分达成年度指标并具有一定效果",
            "indicators[3].score": 10,
            "indicators[3].reason": "第三季度补贴迟发一个月，已补发。",
        },
    ),
    Slip(5, "far above the target, and no reason", "SE-07", {"indicators[1].actual": "11个"}),
    Slip(7, "more was spent than there is", "SE-12", {"spent.fiscal": 119.6, "indicators[4].actual": "118.6万元"}),
    Slip(7, "and the costs are another amount", "SE-13", {}),
    Slip(8, "does not apply, and no reason", "SE-15", {"indicators[5].actual": "不适用"}),
    Slip(
        10,
        "fewer than in July",
        "SE-16",
        {"indicators[1].actual": "40个", "indicators[1].reason": "6个在验收时退换，尚未到货。"},
    ),
    Slip(11, "dearer than the target, and no reason", "SE-07", {}),
    Slip(12, "much of the money is left", "SE-20", {"spent.fiscal": 8.28}),
    Slip(12, "fewer courses than in July", "SE-16", {}),
    Slip(15, "not filled in", "SE-18", {"indicators[4].actual": None}),
)

REPORTS: Mapping[str, Mapping[int, Mapping[str, Any]]] = {
    "monitoring": {
        1: {"indicators[0].actual": "190人"},
        10: {
            "indicators[0].actual": "0辆",
            "indicators[0].causes": ["其他"],
            "indicators[0].reason": "首次招标只有一家投标，已重新招标，8月开标。",
            "indicators[0].possibility": "有可能",
        },
    },
    "self-evaluation": {
        16: {
            "indicators[5].actual": "85%",
            "indicators[5].reason": "9月暴雨后上游来水浑浊，已加密监测，下年增设拦污设施。",
        },
    },
}
"""What a project reports otherwise than by the rule, rightly."""

SHARE = {"monitoring": 0.6, "self-evaluation": 0.97}
"""The part of the money that is spent."""


def report(stage: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """A project's record with what a unit that is on its way reports."""
    filled = copy.deepcopy(dict(record))
    funds = {fund: record["budget"].get(fund) for fund in ("fiscal", "carried", "other")}
    spent = {fund: round(amount * SHARE[stage], 2) if amount else None for fund, amount in funds.items()}
    filled["spent"] = spent
    if stage == "monitoring":
        filled["expected"] = funds
    else:
        filled["adjusted"] = funds
        filled["done"] = "各项任务按计划完成，资金及时支付，群众反映良好。"
    total = round(sum(amount or 0 for amount in spent.values()), 2)
    fill_row = _july_row if stage == "monitoring" else _december_row
    filled["indicators"] = [{**row, **fill_row(row, total)} for row in filled["indicators"]]
    for path, value in REPORTS[stage].get(record["number"], {}).items():
        put(filled, path, value)
    return filled


def _july_row(row: Mapping[str, Any], spent: float) -> dict[str, Any]:
    target = parse(row["target"])
    if target.kind == "date":
        return {"remark": f"{row['target']}完成，正按计划进行", "possibility": "确定能"}
    if row["level2"] == "服务对象满意度指标":
        return {"remark": "年底开展问卷调查", "possibility": "确定能"}
    if target.kind != "number":
        return {"actual": "达成目标", "expected": "达成目标", "possibility": "确定能"}
    whole = f"{target.number:f}{target.unit}"
    costs = target.operator == "≤" and target.unit == "万元"
    return {"actual": f"{spent:g}万元" if costs else whole, "expected": whole, "possibility": "确定能"}


def _december_row(row: Mapping[str, Any], spent: float) -> dict[str, Any]:
    target = parse(row["target"])
    if target.kind == "date":
        return {"actual": row["target"], "score": row["points"]}
    if target.kind != "number":
        return {"actual": "达成年度指标", "score": row["points"]}
    costs = target.operator == "≤" and target.unit == "万元"
    return {"actual": f"{spent:g}万元" if costs else f"{target.number:f}{target.unit}"}


def filled(stage: str) -> dict[str, Any]:
    """The records of a stage as the township reports them."""
    approved = records.load(HERE / "records.yaml")
    if stage == "monitoring":
        made = load_stage(stage).make(approved, "", None, {})
    else:
        july = filled("monitoring")["monitoring"]
        made = load_stage(stage).make({**approved, "monitoring": july}, "", DECISIONS, {})
    assert not made.mistakes, made.mistakes
    root = "monitoring" if stage == "monitoring" else "self_evaluations"
    reported = [report(stage, record) for record in made.records[root]]
    for slip in JULY if stage == "monitoring" else DECEMBER:
        record = next(one for one in reported if one["number"] == slip.project)
        for path, value in slip.typed.items():
            put(record, path, value)
    return {**made.records, root: reported}


def workbook(stage: str) -> bytes:
    """The township's workbook of a stage as it comes back."""
    made = load_stage(stage)
    (book,) = perfxl.generate(filled(stage), form=made.form, prefill="all", phase=made.phase, phone="0000-2024001")
    return book.data


def readme() -> str:
    """The list of what was planted, as examples/stages/README.md."""
    lines = [
        "# July and December",
        "",
        "Made by `python examples/fill_stages.py`; do not edit by hand. The approved targets of the township's 16",
        "projects are in `examples/records.yaml`; here are the monitoring of July, the self-evaluation after the",
        "year's end, and `decisions.yaml`, what was decided in November (a lower target, a project dropped, more",
        "money). What is not listed is as a unit on its way would report it.",
    ]
    for stage, slips in (("monitoring", JULY), ("self-evaluation", DECEMBER)):
        lines += ["", f"## {FILES[stage]}", "", "| project | what is wrong | check |", "|---|---|---|"]
        lines += [f"| {slip.project} | {slip.why} | {slip.code} |" for slip in slips]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Makes examples/stages anew."""
    for stage, name in FILES.items():
        (FOLDER / name).write_bytes(workbook(stage))
        print(name)
    (FOLDER / "README.md").write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    main()
