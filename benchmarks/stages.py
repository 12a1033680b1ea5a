"""July and December of a county: CPU time and memory of making, reading, checking and summing up workbooks.

Every unit of an invented county (examples/county_units.py) has ten approved projects; in what comes back every value is
the approved one, but for one row in ten.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from perfxl.examples.county_units import invent_county

import perfxl
from benchmarks.command import Cost, run
from perfxl.budget.stages.records import MONITORING, SELF_EVALUATION, Stage

STAGES: Mapping[str, Stage] = {"monitoring": MONITORING, "self-evaluation": SELF_EVALUATION}


def measure_stages(units: int) -> Iterator[Cost]:
    """Yield the cost of each command for so many units."""
    approved = [
        {
            "year": 2024,
            "unit": {"code": unit.code, "name": unit.name},
            "projects": [one.record for one in unit.projects],
        }
        for unit in invent_county(units, 10 * units, seed=1).asked
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "approved").mkdir()
        for records in approved:
            path = folder / "approved" / f"{records['unit']['code']}.yaml"
            path.write_text(yaml.dump(records, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
        yield run("publish", "publish", str(folder / "approved"), "-o", str(folder / "published"))
        for name, stage in STAGES.items():
            yield run(f"{name}: make", "stage", name, str(folder / "approved"), "-o", str(folder / name))
            returned = folder / f"{name}-returned"
            for records in approved:
                filled = fill(stage.make(records).records, stage.root)
                perfxl.generate(filled, form=stage.form, prefill="all", output=returned)
            yield run(f"{name}: read", "read", str(returned), "-o", str(folder / f"{name}-read"))
            yield run(f"{name}: check", "check", str(returned), "--format", "json")
            yield run(f"{name}: summary", "stage", "summary", str(returned), "-o", str(folder / f"{name}.xlsx"))


def fill(records: Mapping[str, Any], root: str) -> Mapping[str, Any]:
    """Return the records of a stage as units fill them in."""
    return {**records, root: [_fill(record, root == MONITORING.root) for record in records[root]]}


def _fill(record: Mapping[str, Any], july: bool) -> Mapping[str, Any]:
    money = {"fiscal": record["budget"]["fiscal"], "carried": None, "other": None}
    head = {"spent": money, "expected": money} if july else {"spent": money, "adjusted": money, "done": "按目标完成。"}
    return {**record, **head, "indicators": [_fill_row(at, row, july) for at, row in enumerate(record["indicators"])]}


def _fill_row(at: int, row: Mapping[str, Any], july: bool) -> Mapping[str, Any]:
    words = not any(sign.isdigit() for sign in str(row["target"]))
    actual = "达成" if words else "1" if at % 10 == 9 else str(row["target"]).lstrip("≥≤")
    if july:
        return {**row, "actual": actual, "expected": actual, "possibility": "确定能"}
    return {**row, "actual": actual, "score": row["points"] if words else None}
