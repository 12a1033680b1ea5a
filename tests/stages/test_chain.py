"""Target, July and December through LibreOffice, nothing typed twice: filled, sorted, with rows inserted and dropped."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from office.libreoffice import LibreOffice
from openpyxl.utils import coordinate_to_tuple
from stages.conftest import places, type_in_office

import perfxl
from perfxl.budget.indicator_value import parse

KEPT = ("level1", "level2", "level3", "target")


@pytest.fixture(scope="module")
def records() -> dict[str, Any]:
    """The first projects of the invented township."""
    found: dict[str, Any] = yaml.safe_load((resources.files("perfxl.examples") / "records.yaml").read_text("utf-8"))
    return {**found, "projects": found["projects"][:2]}


def reached(record: dict[str, Any], july: bool) -> dict[str, Any]:
    """What a unit types that has reached everything."""
    fiscal = record["budget"]["fiscal"]
    typed: dict[str, Any] = {"spent.fiscal": fiscal}
    typed |= {"expected.fiscal": fiscal} if july else {"adjusted.fiscal": fiscal, "done": "按目标完成。"}
    for at, row in enumerate(record["indicators"]):
        kind = parse(row["target"]).kind
        actual = row["target"].lstrip("≥≤") if kind in ("number", "date") else "达成"
        typed[f"indicators[{at}].actual"] = actual
        if july:
            typed |= {f"indicators[{at}].expected": actual, f"indicators[{at}].possibility": "确定能"}
        elif kind != "number":
            typed[f"indicators[{at}].score"] = row["points"]
    return typed


def rows_of(data: bytes) -> dict[int, list[tuple[Any, ...]]]:
    return {
        number: [tuple(row[name] for name in KEPT) for row in sheet.record["indicators"]]
        for number, sheet in places(data).items()
    }


@pytest.mark.office
def test_nothing_is_typed_twice(records: dict[str, Any], office: LibreOffice, tmp_path: Path) -> None:
    (made,) = perfxl.generate(records, prefill="all")
    approved, _ = type_in_office(office, tmp_path, made.data, {1: {"plan.june": 60}})
    (tmp_path / "approved.xlsx").write_bytes(approved)
    assert perfxl.read(approved).submissions[0].record["plan"]["june"] == 60
    (july,) = perfxl.stage("monitoring", tmp_path / "approved.xlsx").workbooks
    assert rows_of(july.data) == rows_of(approved)
    typed = {number: reached(sheet.record, july=True) for number, sheet in places(july.data).items()}
    came, _ = type_in_office(office, tmp_path, july.data, typed)
    monitored = perfxl.read(came)
    assert all(sheet.record["rate"]["total"] == 100 for sheet in monitored.submissions)
    (tmp_path / "july.xlsx").write_bytes(came)
    (december,) = perfxl.stage("self-evaluation", tmp_path / "approved.xlsx", tmp_path / "july.xlsx").workbooks
    assert rows_of(december.data) == rows_of(approved)
    sheets = places(december.data)
    typed = {number: reached(sheet.record, july=False) for number, sheet in sheets.items()}
    fewer = typed[1]["indicators[0].actual"]
    typed[1]["indicators[0].actual"] = "300人"
    came, shown = type_in_office(office, tmp_path, december.data, typed)
    by_number = places(came)
    assert {number: (sheet.record["score"], sheet.record["grade"]) for number, sheet in by_number.items()} == {
        1: (99.34, "优"), 2: (100, "优")}  # fmt: skip
    assert {number: cells["score"] for number, cells in shown.items()} == {1: 99.34, 2: 100}
    found = {one.code: one for one in perfxl.check(came).findings}
    assert (found["SE-16"].facts["before"], found["SE-16"].facts["found"]) == (fewer, "300人")


@pytest.mark.office
@pytest.mark.parametrize("stage", ["monitoring", "self-evaluation"])
@pytest.mark.parametrize("change", ["sorted", "inserted", "dropped"])
def test_rows_that_moved_are_found_or_right(
    stage: str, change: str, records: dict[str, Any], office: LibreOffice, tmp_path: Path
) -> None:
    (made,) = perfxl.stage(stage, {**records, "projects": records["projects"][1:]}).workbooks
    (sheet,) = perfxl.read(made.data).submissions
    typed = reached(sheet.record, stage == "monitoring")
    data, _ = type_in_office(office, tmp_path, made.data, {2: typed})
    (before,) = perfxl.read(data).submissions
    first, _ = coordinate_to_tuple(sheet.places["indicators[0].target"])
    last = first + len(sheet.record["indicators"]) - 1
    path = tmp_path / "moved.xlsx"
    path.write_bytes(data)
    with office.open(path) as document:
        document.unprotect(sheet.sheet)
        if change == "sorted":
            document.merge(sheet.sheet, f"A{first}:Q{last}", on=False)
            document.sort(sheet.sheet, f"A{first}:Q{last}", column=5, descending=True)
        elif change == "inserted":
            document.insert_rows(sheet.sheet, first + 2)
        else:
            document.delete_rows(sheet.sheet, first + 1)
        document.recalculate()
        document.save_as(path)
    checked = perfxl.check(path)
    (after,) = perfxl.read(path).submissions
    wanted = {row["level3"]: (row["target"], row["actual"]) for row in before.record["indicators"]}
    found = {row["level3"]: (row["target"], row["actual"]) for row in after.record["indicators"] if row["level3"]}
    assert found.items() <= wanted.items()
    assert found == wanted or any(one.severity == "error" for one in checked.findings)
    assert (found == wanted) == (change != "dropped")
