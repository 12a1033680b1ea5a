"""The laws of every rule: its own examples, alone; cases as data; and each rule file is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import perfxl
from perfxl import messages, rules
from perfxl.budget.indicator import STILL_UNFILLED
from perfxl.errors import FormError, UnknownCode
from perfxl.finding import SEVERITIES
from perfxl.form import installed as forms
from perfxl.form.form import Form
from perfxl.rules import example
from perfxl.rules.policy import default_policy
from perfxl.rules.policy import settings as told
from perfxl.rules.rule import Rule

FORMS = [form for name in forms.names() if example.has_example(form := forms.load(name))]
ASKED = [pytest.param(form, rule, id=f"{form.name}-{rule.code}") for form in FORMS for rule in rules.rules(form)]
CASES: list[dict[str, Any]] = [
    case
    for path in sorted(Path(__file__).with_name("cases").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
FORM = forms.load("project-target")
WITHOUT_EXAMPLE = ("AT-01", "CO-01", "LM-03", "LM-05", "LM-06", "LM-07", "LM-08", "LM-09")


def asked(rule: Rule, patch: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's example, with a policy that makes the check where the pack 一般 does not."""
    plain = default_policy()
    if plain.severity(rule.code, rule.severity):
        return dict(patch)
    return {**patch, "unit.policy": replace(plain, severities={**plain.severities, rule.code: rule.severity})}


def codes_found(form: Form, patch: Any = None) -> set[str]:
    return {finding.code for finding in rules.check(example.subject(form, patch))}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_nothing_is_found_in_the_example(form: Form) -> None:
    assert rules.check(example.subject(form)) == []


@pytest.mark.parametrize(("form", "rule"), ASKED)
def test_the_bad_example_breaks_this_rule_alone(form: Form, rule: Rule) -> None:
    if not rule.bad:  # one of several lines of one code
        several = any(other.bad for other in rules.rules(form) if other.code == rule.code)
        # in the forms with an example, a check of budgets says these limits better: see test_limits
        assert several or rule.code in WITHOUT_EXAMPLE, "no bad example"
        return
    if not example.is_shown_on(form, rule.bad):  # a rule of all forms shows it on another one
        assert any(example.is_shown_on(other, rule.bad) for other in FORMS)
        return
    assert codes_found(form, asked(rule, rule.bad)) == {rule.code}


@pytest.mark.parametrize(("form", "rule"), ASKED)
def test_the_good_example_does_not_break_it(form: Form, rule: Rule) -> None:
    title = "seen.title" in rule.good and form.name != FORM.name  # it is that form's
    if example.is_shown_on(form, rule.good) and not title:
        assert rule.code not in codes_found(form, asked(rule, rule.good))


def rows_of(case: dict[str, Any]) -> dict[str, Any]:
    """The indicators of a case that gives them in short: level 2, name, value, description."""
    columns = ("level1", "level2", "level3", "target", "description", "basis")
    levels = {"数量": "产出", "质量": "产出", "时效": "产出", "成本": "产出", "服务对象满意度": "满意度"}
    rows = [
        (f"{levels.get(row[0], '效益')}指标", f"{row[0]}指标", *row[1:3], row[3] if row[3:] else row[1], "台账")
        for row in case.get("rows", ())
    ]
    return {"indicators": [dict(zip(columns, row, strict=True)) for row in rows]} if rows else {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}-{case['case']}")
def test_cases(case: dict[str, Any]) -> None:
    form = forms.load(case.get("form", FORM.name))
    answers = {**case.get("with", {}), **rows_of(case)}
    found = [each for each in rules.check(example.subject(form, answers)) if each.code == case["rule"]]
    assert [list(finding.fields) for finding in found] == case["finds"]
    if "severity" in case:
        assert [finding.severity for finding in found] == [case["severity"]] * len(found)
    if "suggests" in case:
        assert [finding.suggestion for finding in found] == case["suggests"]
    for key, value in case.get("facts", {}).items():
        assert found[0].facts[key] == value


OF_FILE = {"RD-16", "RD-25", "RD-26"}
"""What they find is about the file, and stands on no answer of an innocent sheet."""


@pytest.mark.parametrize(("form", "rule"), ASKED)
def test_findings_are_plain_data(form: Form, rule: Rule) -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, list):
            return all(map(plain, value))
        return value is None or type(value) in (str, int, float, bool)

    for finding in rules.check(example.subject(form, asked(rule, rule.bad))):
        assert bool(finding.fields) is (rule.code not in OF_FILE)
        assert all(map(plain, finding.facts.values())), finding.facts
        if finding.severity == "fix":
            assert len(finding.facts["corrected"]) == len(finding.fields)


@pytest.mark.parametrize("package", ["rules.asked", "budget"])
def test_the_name_of_a_rule_file_begins_with_its_code(package: str) -> None:
    folder = Path(perfxl.__file__).parent.joinpath(*package.split("."))
    files = [path for path in folder.rglob("*.py") if re.search(r"(?m)^RULE = ", path.read_text(encoding="utf-8"))]
    named = sorted(f"{path.stem[:2].upper()}-{path.stem[2:4]}" for path in files)
    rules_found = rules.rules_of_set("budget") if package == "budget" else rules.general_rules()
    assert named == sorted(rule.code for rule in rules_found if rule.code[:2] not in ("RD", "LM"))  # in tables


def test_the_gravest_stands_first_then_the_form_order() -> None:
    patch = {"budget.other": 10.0, "plan.december": 95, "purpose": " 发放补贴。", "indicators[7].target": "95%"}
    found = rules.check(example.subject(FORM, patch))
    assert [finding.code for finding in found] == ["MN-02", "PL-03", "IN-15", "TX-01"]
    assert [SEVERITIES.index(finding.severity) for finding in found] == [0, 0, 1, 2]


def test_an_amount_that_is_no_number_silences_what_needs_it() -> None:
    patch = {"budget.total": "六万元", "indicators[5].target": "7万元"}
    assert codes_found(FORM, patch) == {"MN-01"}


def test_select_and_ignore_name_codes_and_groups() -> None:
    def found(**names: list[str]) -> list[str]:
        policy = rules.select_policy(rules.load_policy(None), **names)
        patch = {"budget.other": 10.0, "plan.december": 95, "unit.policy": policy}
        return [finding.code for finding in rules.check(example.subject(FORM, patch))]

    assert found(select=["MN"]) == ["MN-02"]
    assert found(ignore=["MN-02"]) == ["PL-03"]
    assert found(select=["MN"], ignore=["MN-02"]) == []
    with pytest.raises(UnknownCode):
        found(select=["MM"])


def test_a_code_is_found_in_any_case_or_its_neighbour_named() -> None:
    assert rules.find_rule("pl-02", FORM).code == "PL-02"
    with pytest.raises(UnknownCode) as error:
        rules.find_rule("MN-033", FORM)
    assert error.value.facts["near"] == "MN-03"


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"indicators": None, "goals": None, "plan": None, "budget": None, "number": None},
        {"indicators": [None, {}, {"level1": 1, "level2": [], "level3": {}, "target": 5}], "goals": "一条"},
        {"code": 130324, "budget": {"total": float("nan"), "fiscal": float("inf")}, "plan": {"march": True}},
        {"budget": "无", "plan": [1, 2], "indicators": "无", "purpose": 3},
    ],
)
def test_no_record_makes_a_rule_fall_over(record: dict[str, Any]) -> None:
    unit = rules.Unit(None, "", "", {"projects": (record, {"name": None, "code": 5, "number": "二"})})
    rules.check(rules.Subject(FORM, record, unit))


WILD = (
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text("0123456789", min_size=20, max_size=60)
    | st.builds("{}{}{}{}".format, st.sampled_from(["", "≥", "-"]), st.integers(0, 10**60), st.sampled_from(["", ".5"]),
                st.sampled_from(["人", "万人", "元", "亿元", "元/人", "元/人/月", "%", "日"]))
    | st.text(max_size=8)
    | st.lists(st.text(max_size=4) | st.integers() | st.none(), max_size=3)
    | st.just({})
)  # fmt: skip
PATHS = [
    *FORM.fields,
    *(f"indicators[{row}].{id}" for row in (0, 1, 5, 7) for id in FORM.tables["indicators"].columns),
]


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(PATHS), WILD, max_size=12), st.booleans(), st.just(6.52) | WILD)
def test_no_wild_value_makes_a_rule_fall_over(patch: dict[str, Any], returned: bool, issued: Any) -> None:
    around = {"seen.title": "表", "seen.issued": {"budget.total": issued, "name": "补贴"}} if returned else {}
    for finding in rules.check(example.subject(FORM, {**patch, **around})):
        assert messages.message(finding)


def test_the_sheet_knows_the_placeholders_of_the_word_list() -> None:
    """A flag on an empty answer must not clear by one of the words that the rules take for nothing."""
    assert {f"|{word}|" in STILL_UNFILLED for word in told()["placeholders"].words} == {True}


def test_a_line_of_a_form_gives_the_facts_that_its_sentence_needs() -> None:
    definition = (Path(str(forms.folder("project-target"))) / "form.yaml").read_text(encoding="utf-8")
    form = forms.load_text(definition.replace("      total: budget.total\n", ""))
    with pytest.raises(FormError) as caught:
        rules.rules(form)
    line = definition.splitlines().index("  - code: MN-02") + 1
    assert caught.value.facts == {
        "file": "form.yaml", "line": line, "what": "missing_facts", "code": "MN-02", "title_of": "MN-02", "facts": ["total"],
    }  # fmt: skip
