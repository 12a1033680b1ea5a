"""Published documents were approved: what they hold must pass, and their known slips must be found.

The documents are no part of this project; PERFXL_DOCUMENTS names a folder that has them.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from perfxl import rules
from perfxl.budget.documents.extract import extract
from perfxl.budget.unit.unit_records import department_of, projects_of
from perfxl.finding import Finding
from perfxl.form import installed as forms

FOLDER = Path(os.environ.get("PERFXL_DOCUMENTS", ""))
TOWNSHIP = FOLDER / "shuangwang-2024.txt"

pytestmark = pytest.mark.skipif(
    not os.environ.get("PERFXL_DOCUMENTS") or not TOWNSHIP.is_file(),
    reason="PERFXL_DOCUMENTS names no folder with shuangwang-2024.txt",
)


PROJECT, DEPARTMENT = forms.load("project-target"), forms.load("department-goals")


@pytest.fixture(scope="module")
def unit() -> rules.Unit:
    held = extract(TOWNSHIP.read_text(encoding="utf-8")).records
    records = {"projects": tuple(held["projects"]), "department": (held["department"],)}
    return rules.Unit(held["year"], held["unit"]["code"], held["unit"]["name"], records)


@pytest.fixture(scope="module")
def found(unit: rules.Unit) -> dict[int, list[Finding]]:
    """By project; 0: the department's own goals."""
    projects = {record["number"]: rules.check(rules.Subject(PROJECT, record, unit)) for record in projects_of(unit)}
    department = department_of(unit)
    assert department
    return {0: rules.check(rules.Subject(DEPARTMENT, department, unit)), **projects}


def of(severity: str, found: dict[int, list[Finding]]) -> set[tuple[int, str, tuple[str, ...]]]:
    return {
        (at, each.code, each.fields) for at, findings in found.items() for each in findings if each.severity == severity
    }


def test_every_check_of_the_catalogue_ran(unit: rules.Unit) -> None:
    """Also what 一般 does not check: with every check switched on, each is asked of a form, and none breaks down."""
    own = rules.own_severities()
    on = replace(unit.policy, severities=dict.fromkeys(own, "hint"))
    every = replace(unit, policy=on)
    records = [(PROJECT, record) for record in projects_of(unit)] + [(DEPARTMENT, department_of(unit))]
    subjects = [rules.Subject(form, record, every) for form, record in records if record is not None]
    others = ("MO", "SE", "DE", "CO")  # of the stages, which come later
    asked = {rule.code for subject in subjects for rule in rules.rules(subject.form)}
    assert asked == {code for code in own if code[:2] not in others}
    assert {each.severity for subject in subjects for each in rules.check(subject)} == {"hint"}


def test_nothing_is_an_error(found: dict[int, list[Finding]]) -> None:
    assert of("error", found) == set()


def test_no_unit_is_drowned(found: dict[int, list[Finding]]) -> None:
    assert len(found) == 1 + 16
    for findings in found.values():
        assert Counter(each.severity for each in findings)["warning"] <= 5


def test_the_known_slips(found: dict[int, list[Finding]]) -> None:
    assert of("warning", found) == {
        (0, "BS-04", ("areas[12].parts[0].goal",)),
        (0, "TX-06", ("areas[14].parts[0].goal",)),
        (0, "TX-06", ("areas[5].parts[0].goal", "areas[15].parts[0].goal")),
        (1, "IN-10", ("indicators[5].description", "indicators[5].level3")),
        (1, "PL-06", ("plan.october",)),
        (2, "IN-22", ("goals",)),
        (3, "BS-05", ("indicators[1].basis",)),
        (3, "IN-10", ("indicators[6].description", "indicators[6].level3")),
        (3, "XP-01", ("name",)),
        (4, "IN-10", ("indicators[5].description", "indicators[5].level3")),
        (7, "MN-06", ("indicators[3].target", "indicators[0].target")),
        (8, "PL-07", ("indicators[2].target", "plan.march", "plan.october")),
        (9, "BS-04", ("indicators[0].basis", "indicators[1].basis", "indicators[3].basis")),
        (9, "IN-15", ("indicators[5].target",)),
        (9, "XP-01", ("name",)),
        (10, "PL-06", ("plan.october",)),
        (11, "ID-04", ("code",)),
        (11, "PL-06", ("plan.october",)),
        (11, "PL-08", ("indicators[4].target",)),
        (12, "BS-08", ("indicators[1].basis",)),
        (12, "IN-10", ("indicators[5].description", "indicators[5].level3")),
        (13, "IN-10", ("indicators[4].description", "indicators[4].level3")),
        (15, "PL-06", ("plan.october",)),
        (16, "PL-06", ("plan.october",)),
    }


def test_the_safe_corrections(found: dict[int, list[Finding]]) -> None:
    fixes = {at: {each.code for each in findings if each.severity == "fix"} for at, findings in found.items()}
    assert {at: codes for at, codes in fixes.items() if codes} == {
        0: {"TX-02", "TX-03", "TX-04"},
        1: {"TX-03"},
        2: {"TX-03"},
        3: {"IN-05", "TX-03"},
        4: {"BS-03", "TX-02"},
        5: {"IN-05"},
        6: {"BS-03", "BS-11", "TX-03"},
        7: {"BS-03"},
        8: {"BS-03"},
        9: {"BS-03"},
        10: {"BS-03", "TX-03"},
        11: {"BS-03"},
        12: {"BS-03", "TX-03"},
    }
