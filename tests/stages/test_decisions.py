"""What was decided after approval, and what no workbook of a stage can be made of: a sentence each."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

import perfxl
from perfxl import messages
from perfxl.errors import FormError

HEAD = "year: 2024\n"


@pytest.fixture(scope="module")
def approved() -> Mapping[str, Any]:
    """The invented township's projects."""
    found: Mapping[str, Any] = yaml.safe_load((resources.files("perfxl.examples") / "records.yaml").read_text("utf-8"))
    return found


@pytest.fixture
def changed(approved: Mapping[str, Any]) -> dict[str, Any]:
    """Two of these projects, to be changed."""
    return {**copy.deepcopy(dict(approved)), "projects": copy.deepcopy(approved["projects"][:2])}


def staged(records: Mapping[str, Any], decided: str, folder: Path, name: str = "self-evaluation") -> Any:
    path = folder / "decided.yaml"
    path.write_text(decided, encoding="utf-8")
    return perfxl.stage(name, records, adjusted=path if decided else None)


def sentences(errors: tuple[perfxl.PerfxlError, ...]) -> Iterator[str]:
    """What is said, in the first language; complete in every one."""
    for error in errors:
        for lang in messages.languages():
            assert not re.search(r"None|Undefined|\{\{", messages.sentence(error, lang)), messages.sentence(error, lang)
        yield messages.sentence(error)


# what is done to the approved records, what was decided, what is said
REFUSED: dict[str, tuple[Mapping[str, Any], str, str]] = {
    "nothing approved": ({"projects": []}, "", "没有已批复的项目"),
    "a project without a number": ({"number": None}, "", "没有项目序号"),
    "a project without rows": ({"indicators": []}, "", "没有绩效指标"),
    "a class without rows": ({"keep": 4}, "", "分值合计60.00分，不是100分，没有效益指标、满意度指标"),
    "points that are not 100": ({}, "projects:\n- {number: 1, points: {KEY: 99}}", "不是100分"),
    "decisions of another year": ({}, "projects: []", "2023年度的调整，批复的数据是2024"),
    "a project that is not there": (
        {},
        "projects:\n- {number: 77, dropped: 取消}",
        "第3行：批复的数据里没有第77号项目",
    ),
    "a row that is not there": ({}, "projects:\n- {number: 1, targets: {幸福感: 5人}}", "没有三级指标“幸福感”"),
    "a row that is there twice": ({"twice": True}, "projects:\n- {number: 1, targets: {KEY: 5人}}", "有几条“KEY”"),
}


@pytest.mark.parametrize(("change", "decided", "said"), REFUSED.values(), ids=REFUSED)
def test_nothing_is_made_of_it(
    change: Mapping[str, Any], decided: str, said: str, changed: dict[str, Any], tmp_path: Path
) -> None:
    first = changed["projects"][0]
    rows = first["indicators"]
    key = rows[0]["level3"]
    if "projects" in change:
        changed["projects"] = []
    if "keep" in change:
        first["indicators"] = [row for row in rows if row["level1"] == "产出指标"]
    if "twice" in change:
        rows[1]["level3"] = key
    first |= {name: value for name, value in change.items() if name in ("number", "indicators")}
    head = HEAD if "2023" not in said else "year: 2023\n"
    made = staged(changed, (head + decided).replace("KEY", key) if decided else "", tmp_path)
    assert made.workbooks == ()
    (sentence,) = sentences(made.refused)
    assert said.replace("KEY", key) in sentence


# what is wrong in the file itself, the kind of mistake, its line
MISTAKES: dict[str, tuple[str, str, int]] = {
    "no year": ("projects: []", "missing_key", 1),
    "no number": (f"{HEAD}projects:\n- {{dropped: 取消}}", "missing_key", 3),
    "a number that is none": (f"{HEAD}projects:\n- {{number: 零}}", "not_a_number", 3),
    "a project twice": (f"{HEAD}projects:\n- {{number: 1}}\n- {{number: 1}}", "repeated_key", 4),
    "a month that is none": (f"{HEAD}month: 13\n", "wrong_option", 2),
    "a fund that is none": (f"{HEAD}projects:\n- {{number: 1, budget: {{rest: 3}}}}", "unknown_key", 3),
    "an amount that is none": (f"{HEAD}projects:\n- {{number: 1, budget: {{total: 三万}}}}", "not_a_number", 3),
    "a scheme that is none": (f"{HEAD}projects:\n- {{number: 1, scheme: cn-2014}}", "unknown_scheme", 3),
    "a scheme whose points are 60": (
        f"{HEAD}projects:\n- {{number: 1, scheme: {{like: cn-2015, weights: {{产出指标: 50}}}}}}", "points_not_100", 3),
    "an added project that is none": (f"{HEAD}added: [村道养护]", "not_a_mapping", 2),
}  # fmt: skip


@pytest.mark.parametrize(("decided", "what", "line"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_file(decided: str, what: str, line: int, changed: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(FormError) as caught:
        staged(changed, decided, tmp_path)
    assert (caught.value.facts["what"], caught.value.facts["line"]) == (what, line)
    assert "decided.yaml" in str(*sentences((caught.value,)))


def test_what_was_decided_stands_in_the_workbook(changed: dict[str, Any], tmp_path: Path) -> None:
    first, second = changed["projects"]
    row, other = first["indicators"][:2]
    decided = {
        "year": 2024,
        "month": 11,
        "projects": [
            {
                "number": first["number"],
                "targets": {row["level3"]: "≥90人"},
                "points": {row["level3"]: 13.33, other["level3"]: 3.33},
                "budget": {"total": 5.5, "fiscal": 5.5},
            },
            {"number": second["number"], "dropped": "项目取消"},
        ],
        "added": [{**copy.deepcopy(second), "number": 90, "name": "应急抢修", "budget": {"total": None}}],
    }
    made = staged(changed, yaml.safe_dump(decided, allow_unicode=True), tmp_path)
    assert made.refused == ()
    said = list(sentences(made.units[0].notes))
    for words in ("不再实施（项目取消）", "90.应急抢修没有预算数", "增加了1个项目"):
        assert any(words in sentence for sentence in said), (words, said)
    (one, added) = perfxl.read(made.workbooks[0].data).submissions
    assert (added.record["number"], added.record["name"]) == (90, "应急抢修")
    assert one.record["budget"]["total"] == 5.5
    found = one.record["indicators"]
    assert found[0]["target"] == "≥90人"
    assert found[0]["description"] == f"{row['description']}（原{row['target']}，11月调整为≥90人）"
    assert [line["points"] for line in found[:2]] == [13.33, 3.33]
    assert found[2]["target"] == first["indicators"][2]["target"]
