"""Schemes of judging: those that come with perfxl, a county's own, and what is wrong with one."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import scheme
from perfxl.form.source import parse
from perfxl.rules import load_policy, own_severities
from perfxl.rules.policy import write_policy
from perfxl.workbook.lists import county
from perfxl.workbook.lists import list_workbook as lists
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package

LIKE = "like: cn-2015\n"

# what a county writes, the kind of mistake, its line, some of its facts
MISTAKES: dict[str, tuple[str, str, int, dict[str, Any]]] = {
    "like one that is none": ("label: own\nlike: cn-2014", "unknown_scheme", 2, {"near": "cn-2021"}),
    "points that are 60": (f"{LIKE}weights:\n  产出指标: 50", "points_not_100", 2, {"total": 60.0, "execution": 10.0}),
    "points that are 110": (f"{LIKE}execution: 20", "points_not_100", 1, {"total": 110.0, "execution": 20.0}),
    "bands": (f"{LIKE}bands: {{met: 50}}", "not_in_order", 2, {"values": ["60", "50", "100"]}),
    "a band beyond all points": (f"{LIKE}bands: {{met: 101}}", "not_in_order", 2, {"values": ["60", "101", "100"]}),
    "grades": (f"{LIKE}grades: {{good: 95}}", "not_in_order", 2, {"values": ["60", "95", "90", "100"]}),
    "lights": (f"{LIKE}lights:\n  yellow: 90", "not_in_order", 2, {"values": ["90", "80", "120"]}),
    "a month before January": (f"{LIKE}months: {{first: 0}}", "not_in_order", 2, {"values": ["1", "0", "7", "12"]}),
    "a month after December": (f"{LIKE}months: {{last: 13}}", "not_in_order", 2, {"values": ["1", "1", "13", "12"]}),
    "months that go back": (f"{LIKE}months: {{first: 8}}", "not_in_order", 2, {"values": ["1", "8", "7", "12"]}),
    "half a month": (f"{LIKE}months: {{last: 7.5}}", "not_a_number", 2, {}),
    "a rule that is none": (f"{LIKE}less: half", "not_allowed", 2, {}),
    "lights that are none": (f"{LIKE}lights: {{how: by-eye}}", "not_allowed", 2, {}),
    "a number below nothing": (f"{LIKE}explain: {{above: -3}}", "not_a_number", 2, {}),
    "a key that is none": (f"{LIKE}limits: {{above: 3}}", "unknown_key", 2, {}),
    "a part that is missing": ("execution: 10\nweights: {产出指标: 90}", "missing_key", 1, {"key": "bands"}),
}


@pytest.mark.parametrize(("text", "what", "line", "facts"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake(text: str, what: str, line: int, facts: dict[str, Any]) -> None:
    with pytest.raises(FormError) as caught:
        scheme.read(parse(text, "own.yaml"))
    error = caught.value
    assert (error.facts["what"], error.facts["line"], error.facts["file"]) == (what, line, "own.yaml")
    assert {key: error.facts[key] for key in facts} == facts
    for lang in messages.languages():
        said = messages.sentence(error, lang)
        assert "own.yaml" in said
        assert not re.search(r"None|Undefined|\{\{", said)


def test_a_name_that_is_none_is_said_without_a_file() -> None:
    with pytest.raises(FormError) as caught:
        scheme.load("cn-2014")
    assert messages.sentence(caught.value).startswith("没有评分办法“cn-2014”，是不是“cn-2021”。")


def test_a_circle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / f"{name}.yaml").write_text(f"like: {other}\n", encoding="utf-8")
    monkeypatch.setattr("perfxl.form.library.names", lambda _: ("one", "two"))
    monkeypatch.setattr("perfxl.form.library.path", lambda _, name: tmp_path / name)
    with pytest.raises(FormError) as caught:
        scheme.read(parse("like: one", "own.yaml"))
    assert (caught.value.facts["what"], caught.value.facts["name"]) == ("scheme_circle", "one")
    assert "绕回" in messages.sentence(caught.value)


@pytest.mark.parametrize("name", scheme.names())
def test_those_that_come_with_perfxl(name: str) -> None:
    found = scheme.load(name)
    assert found.id == name
    assert found.execution + sum(found.weights.values()) == 100
    assert str(int(found.execution)) in found.label


OWN = "weights: {产出指标: 60, 效益指标: 20, 满意度指标: 10}"


@pytest.mark.parametrize("way", ["named", "beside", "here"])
def test_a_county_names_one_in_its_rules_file(way: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(f"{LIKE}less: linear\n{OWN}\n", encoding="utf-8")
    said = {"named": "cn-2021", "beside": "own.yaml", "here": f"{{like: cn-2015, less: linear, {OWN}}}"}[way]
    rules = tmp_path / "county.yaml"
    rules.write_text(f"pack: 一般\nscheme: {said}\n", encoding="utf-8")
    policy = load_policy(rules)
    if way == "named":
        assert policy.scheme == "cn-2021"
    else:
        found = scheme.load(policy.scheme)
        assert (found.less, found.weights["产出指标"], found.label) == (
            "linear", Decimal(60), "产出指标60、效益指标20、满意度指标10")  # fmt: skip
        assert scheme.load(found.id) == found
    # written anew, as `perfxl rules --from … --to …` does, it is the same
    rules.write_text(write_policy(policy, own_severities()), encoding="utf-8")
    assert load_policy(rules).scheme == policy.scheme
    # and so it is after people had it as a workbook
    data = lists.write_tabs(county.policy_tabs(policy))
    read, mistakes = county.read_policy_workbook(Workbook(Package(data, "rules.xlsx")))
    assert (mistakes, read.scheme) == ((), policy.scheme)


def test_a_wrong_one_in_a_rules_file_has_its_line(tmp_path: Path) -> None:
    rules = tmp_path / "county.yaml"
    rules.write_text("pack: 一般\nscheme: cn-2014\n", encoding="utf-8")
    with pytest.raises(FormError) as caught:
        load_policy(rules)
    assert messages.sentence(caught.value).startswith(f"{rules}第2行：没有评分办法“cn-2014”")
