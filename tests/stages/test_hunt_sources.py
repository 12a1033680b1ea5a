"""Sources of a stage that are no approved projects, and decisions that cannot be: a sentence, and no workbook."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

import perfxl
from perfxl import messages
from perfxl.errors import PerfxlError
from perfxl.form import installed
from perfxl.form.answers import put
from perfxl.rules import example

PROJECT = example.record(installed.load("project-target"))
NAME = PROJECT["indicators"][0]["level3"]


def approved(**changes: Any) -> dict[str, Any]:
    """The records of a unit with one project; ``changes``: by path in it, with __ for a point."""
    project = copy.deepcopy(dict(PROJECT))
    for path, value in changes.items():
        put(project, path.replace("__", "."), value)
    return {"year": 2024, "unit": {"code": "990001", "name": "清溪县柳河镇人民政府本级"}, "projects": [project]}


def said(*sources: Any, **options: Any) -> str:
    """All that is said in Chinese where a stage is made of these; in English it can be said, too."""
    try:
        made = perfxl.stage("monitoring", *sources, **options)
    except PerfxlError as error:
        found: list[PerfxlError] = [error]
    else:
        found = [*made.refused, *(note for unit in made.units for note in unit.notes)]
    assert all(messages.sentence(error, "en") for error in found)
    return "\n".join(map(messages.sentence, found))


WRONG = {
    "rows that are no rows": ({"indicators": [1]}, "indicators[0]"),
    "a row that is a text": ({"indicators": ["326人"]}, "indicators[0]"),
    "money in words": ({"budget": {"total": "约5"}}, "budget.total"),
    "money that is a list": ({"budget": [5]}, "projects[0].budget"),
    "a number in words": ({"number": "一"}, "projects[0].number"),
    "no rows": ({"indicators": None}, "没有绩效指标"),
    "no number": ({"number": None}, "没有项目序号"),
    "no budget": ({"budget": None}, "没有预算数"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_record_is_said_with_its_place(case: str) -> None:
    changes, wanted = WRONG[case]
    records = approved()
    records["projects"][0].update(changes)
    assert wanted in said(records)


DECISIONS = {
    "parts without their total": ("{number: 1, budget: {fiscal: 5}}", "总额是6.52万元，各项资金合计5.00万元"),
    "a target that is blank": (f"{{number: 1, targets: {{{NAME}: ' '}}}}", f"缺少“{NAME}”"),
    "dropped without a reason": ("{number: 1, dropped: ''}", "缺少“dropped”"),
    "every project dropped": ("{number: 1, dropped: 项目取消}", "不再实施（项目取消）"),
}


@pytest.mark.parametrize("case", DECISIONS)
def test_a_decision_that_cannot_be_is_said(case: str, tmp_path: Path) -> None:
    line, wanted = DECISIONS[case]
    path = tmp_path / "调整.yaml"
    path.write_text(f"year: 2024\nmonth: 11\nprojects:\n  - {line}\n", encoding="utf-8")
    assert wanted in said(approved(), adjusted=path)


def test_an_added_project_is_looked_at_like_an_approved_one(tmp_path: Path) -> None:
    path = tmp_path / "调整.yaml"
    added = {**copy.deepcopy(dict(PROJECT)), "number": 2, "indicators": ["326人"]}
    path.write_text(yaml.safe_dump({"year": 2024, "added": [added]}, allow_unicode=True), encoding="utf-8")
    assert "added[0].indicators[0]" in said(approved(), adjusted=path)


def test_a_unit_whose_projects_were_all_dropped_stops_no_other(tmp_path: Path) -> None:
    path = tmp_path / "调整.yaml"
    path.write_text('year: 2024\nunit: "990001"\nprojects:\n  - {number: 1, dropped: 项目取消}\n', encoding="utf-8")
    other = {**approved(), "unit": {"code": "990002", "name": "清溪县桃林镇人民政府本级"}}
    made = perfxl.stage("monitoring", approved(), other, adjusted=path)
    assert [len(unit.workbooks) for unit in made.units] == [0, 1]


def test_a_folder_without_projects_is_said_and_one_beside_other_files_is_read(tmp_path: Path) -> None:
    (tmp_path / "说明.txt").write_text("附件", encoding="utf-8")
    assert "没有表格文件" in said(tmp_path)
    perfxl.records.dump(approved(), tmp_path / "批复.yaml")
    assert said(tmp_path) == ""
