"""Laws of the summary, over counties made by chance: parts and wholes agree, what is blank counts for nothing."""

from __future__ import annotations

import random
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest
import yaml

import perfxl
from perfxl.summary import SummaryTable

FORMS = {
    "monitoring": "project-monitoring",
    "self_evaluations": "project-self-evaluation",
}
EXAMPLES = {
    root: yaml.safe_load(files("perfxl.templates").joinpath(f"{form}/example.yaml").read_text("utf-8"))
    for root, form in FORMS.items()
}
ACTUALS = (
    None, "", "—", "/", "0", "０", "-3人", "190人", "190", "1e3", "100%", "0.8", "150%", "≥95%", "达成", "部分达成目标", "未达成",
    "不适用", "一般", "45261", "2024年3月", "200元/人", "250元/人", "0.02万元/人", "326人左右", "九成", "=1+1", "人",
)  # fmt: skip
AMOUNTS = (None, 0, 0.01, 3.8, 6.52, 7, 1e9)


def chance_record(root: str, number: int, chance: random.Random) -> dict[str, Any]:
    made = deepcopy(EXAMPLES[root][root][0]) | {"number": number, "name": f"项目{number}"}
    empty = chance.random() < 0.2
    for fund in ("spent", "expected", "adjusted"):
        if fund in made:
            made[fund] = {} if empty else {"fiscal": chance.choice(AMOUNTS), "other": chance.choice(AMOUNTS)}
    made["budget"]["total"] = chance.choice((None, 0, 6.52, 6.52, 800))
    for row in made["indicators"]:
        row["actual"] = None if empty else chance.choice((row["actual"], chance.choice(ACTUALS)))
        if empty:
            row |= dict.fromkeys({"score", "expected", "reason", "causes"} & row.keys())
    return made


def chance_county(seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    found = []
    for unit in range(chance.randint(1, 5)):
        for root, example in EXAMPLES.items():
            numbers = sorted(chance.sample(range(1, 20), chance.randint(1, 4)))
            records = [chance_record(root, number, chance) for number in numbers]
            found.append({**example, "unit": {"code": f"99{unit}", "name": f"单位{unit}"}, root: records})
    return found


def counts(table: SummaryTable) -> tuple[list[Any], list[list[Any]]]:
    """Return the numbers that can be added up, of all units and of each."""
    adds = [at for at, column in enumerate(table.columns) if column.kind in ("count", "money")]
    rows = [([row.values[at] or 0 for at in adds], row.level) for row in table.rows]
    units = [values for values, level in rows if level == "unit"]
    return next((values for values, level in rows if level == "total"), units[0]), units


@pytest.mark.parametrize("seed", range(6))
def test_parts_and_wholes_agree(seed: int) -> None:
    made = perfxl.stage_summary(*chance_county(seed))
    by_name = {table.name: table for table in made.tables}
    for name in ("监控汇总", "自评汇总"):
        whole, parts = counts(by_name[name])
        assert [sum(column) for column in zip(*parts, strict=True)] == whole
    for row in by_name["监控汇总"].rows:
        projects, reported, *lights = row.values[1:8]
        assert sum(lights) == projects >= reported
    for row in by_name["自评汇总"].rows:
        assert sum(row.values[2:7]) == row.values[1]
    results = [sheet.result for sheet in made.sheets if sheet.stage == "monitoring"]
    alarms = [light for one in results for light in (*(row.light for row in one.rows), one.money)]
    assert len(by_name["红黄灯清单"].rows) == sum(light in ("red", "yellow") for light in alarms)
    july = {(sheet.unit, sheet.number, row.name) for sheet in made.sheets for row in sheet.result.rows}
    assert len(by_name["指标对照"].rows) == len(july)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_blank_counts_for_nothing(seed: int) -> None:
    county = chance_county(seed)
    made = perfxl.stage_summary(*county)
    for sheet in made.sheets:
        if not sheet.result.reported:
            grade = sheet.result.score.grade if sheet.stage == "self-evaluation" else sheet.result.light_with_money
            assert grade is None
            assert not any(getattr(row, "needs_reason", False) for row in sheet.result.rows)
    blank = {(sheet.stage, sheet.unit, sheet.number) for sheet in made.sheets if not sheet.result.reported}
    for content in county:
        for root, stage in (("monitoring", "monitoring"), ("self_evaluations", "self-evaluation")):
            if root in content:
                code = content["unit"]["code"]
                content[root] = [one for one in content[root] if (stage, code, one["number"]) not in blank]
    fewer = perfxl.stage_summary(*county)
    assert [sheet for sheet in made.sheets if sheet.result.reported] == list(fewer.sheets)


@pytest.mark.parametrize("root", FORMS)
def test_a_workbook_gives_what_its_record_does(root: str) -> None:
    chance = random.Random(3)
    records = [chance_record(root, number, chance) for number in range(1, 4)]
    content = {**EXAMPLES[root], root: records}
    (book,) = perfxl.generate(content, form=FORMS[root], prefill="all")
    from_book, from_record = perfxl.stage_summary(book.data), perfxl.stage_summary(content)
    assert [sheet.result for sheet in from_book.sheets] == [sheet.result for sheet in from_record.sheets]
