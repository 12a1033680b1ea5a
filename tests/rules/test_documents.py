"""Published documents were approved: what they hold must pass, and their known slips must be found.

The documents are no part of this project; PERFXL_DOCUMENTS names a folder that has them.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from perfxl import rules
from perfxl.documents.extract import extract
from perfxl.finding import Finding
from perfxl.form import installed as forms

FOLDER = Path(os.environ.get("PERFXL_DOCUMENTS", ""))
TOWNSHIP = FOLDER / "shuangwang-2024.txt"

pytestmark = pytest.mark.skipif(
    not os.environ.get("PERFXL_DOCUMENTS") or not TOWNSHIP.is_file(),
    reason="PERFXL_DOCUMENTS names no folder with shuangwang-2024.txt",
)


@pytest.fixture(scope="module")
def found() -> dict[int, list[Finding]]:
    records = extract(TOWNSHIP.read_text(encoding="utf-8")).records
    form = forms.load("project-target")
    unit = rules.Unit(records["year"], records["unit"]["code"], records["unit"]["name"], tuple(records["projects"]))
    return {record["number"]: rules.check(rules.Subject(form, record, unit)) for record in unit.projects}


def test_nothing_is_an_error(found: dict[int, list[Finding]]) -> None:
    assert not [(number, each) for number, findings in found.items() for each in findings if each.severity == "error"]


def test_no_unit_is_drowned(found: dict[int, list[Finding]]) -> None:
    assert len(found) == 16
    for findings in found.values():
        assert Counter(each.severity for each in findings)["warning"] <= 5


def test_the_known_slips(found: dict[int, list[Finding]]) -> None:
    warnings = {
        (number, each.code, each.fields)
        for number, findings in found.items()
        for each in findings
        if each.severity == "warning"
    }
    assert warnings == {
        (3, "BS-05", ("indicators[1].basis",)),
        (9, "BS-04", ("indicators[0].basis", "indicators[1].basis", "indicators[3].basis")),
        (9, "IN-15", ("indicators[5].target",)),
        (11, "ID-04", ("code",)),
    }


def test_the_safe_corrections(found: dict[int, list[Finding]]) -> None:
    fixes = {number: {each.code for each in findings if each.severity == "fix"} for number, findings in found.items()}
    assert {number for number, codes in fixes.items() if "BS-03" in codes} == {4, 6, 7, 8, 9, 10, 11, 12}
    assert {number for number, codes in fixes.items() if "TX-02" in codes} == {4}
