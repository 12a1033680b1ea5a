"""What arrives in an inbox is taken in: real workbooks of the invented township, filled, changed, doubled, damaged."""

from __future__ import annotations

import copy
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from workbook.conftest import example

from perfxl.form import installed as forms
from perfxl.rounds.arrivals import list_arrived, read_arrivals
from perfxl.rounds.collect import ArrivalResult, add_findings, decide_arrivals
from perfxl.rounds.issue import list_orders, unit_records, write_orders
from perfxl.rounds.ledger import EarlierDelivery, Ledger, ProjectHistory
from perfxl.rounds.merging import Draft, DraftHistory
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import Round, create_round
from perfxl.rules.policy import default_policy
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

FORM = forms.load("project-target")
TOWNSHIP: Mapping[str, Any] = example("project-target")
UNIT = RegisteredUnit("907001", "清溪县柳溪镇人民政府本级")
OTHER = RegisteredUnit("907002", "清溪县柳溪镇综合服务中心")


def registry(secret: int = 0) -> Registry:
    """The township's first four projects, and the same of another unit under other names."""
    projects = [
        RegisteredProject(
            unit.code, FORM.name, record["number"], record["code"] if unit is UNIT else "", record["name"],
            {"budget.total": record["budget"]["total"]}, "secret" if record["number"] == secret else "open",
        )
        for unit in (UNIT, OTHER)
        for record in TOWNSHIP["projects"][:4]
    ]  # fmt: skip
    return Registry((UNIT, OTHER), tuple(projects))


@pytest.fixture
def round(tmp_path: Path) -> Round:
    return create_round(tmp_path / "2024一上", 2024, "一上", deadline="2024-03-15")


def filled(round: Round, unit: RegisteredUnit, numbers: tuple[int, ...]) -> dict[str, Any]:
    """The records of a unit as they were issued, filled in; another unit has other words."""
    given = [project for project in registry().projects if project.unit == unit.code and project.number in numbers]
    records = unit_records(round, unit, FORM.name, given)
    for record in records["projects"]:
        whole = copy.deepcopy(dict(TOWNSHIP["projects"][record["number"] - 1]))
        record |= {key: value for key, value in whole.items() if key not in ("number", "code", "name")}
        for row in record["indicators"] if unit is OTHER else ():
            row |= {column: f"中心{row[column]}" for column in ("level3", "description", "basis")}
    return records


def book(round: Round, unit: RegisteredUnit = UNIT, numbers: tuple[int, ...] = (1, 2, 3, 4), **changes: Any) -> bytes:
    """The unit's workbook as it was issued, filled in; ``changes``: other answers of its first project."""
    records = filled(round, unit, numbers)
    records["projects"][0] |= changes
    options = {"phase": round.phase, "draft": round.draft, "office": round.office, "phone": round.phone}
    ((_, made),) = make_books(records, FORM, issue_of(records, **options), "unit", "all")
    return stamp_book(made)


def take(round: Round, ledger: Ledger | None = None, secret: int = 0) -> dict[str, ArrivalResult]:
    items = list_arrived([round.path("inbox")]).items
    asked, known, policy = registry(secret), ledger or Ledger(), default_policy()
    decided = decide_arrivals(round, asked, known, [*read_arrivals(items, known.stands)], policy)
    results = sorted(add_findings(decided, asked, known, policy), key=lambda result: result.place)
    assert len(results) == len(items)
    return {result.arrival.name.rpartition("/")[2]: result for result in results}


def drop(round: Round, name: str, data: bytes) -> None:
    (round.path("inbox") / name).write_bytes(data)


def after(results: Mapping[str, ArrivalResult], **facts: Any) -> Ledger:
    """What is known after a run."""
    drafts = {
        sheet.key: ProjectHistory(
            DraftHistory(counting=Draft(sheet.sheet.typed, sheet.explained), **facts),
            sheet.sheet,
        )
        for result in results.values()
        for sheet in result.sheets
        if sheet.verdict == "taken"
    }
    came = {one.arrival.digest: EarlierDelivery(name, "2024-03-01", one.verdict) for name, one in results.items()}
    return Ledger(came, drafts)


def test_what_is_issued_and_comes_back_filled_is_taken(round: Round) -> None:
    issued = write_orders([*list_orders(round, registry())])
    assert [(one.unit, one.numbers) for one in issued] == [("907001", (1, 2, 3, 4)), ("907002", (1, 2, 3, 4))]
    assert write_orders([*list_orders(round, registry())]) == issued, "issuing again makes nothing twice"
    drop(round, "随便叫什么.xlsx", book(round))
    drop(round, "空的.xlsx", (round.path("issued") / issued[1].file).read_bytes())
    results = take(round)
    assert {name: result.verdict for name, result in results.items()} == {
        "随便叫什么.xlsx": "taken",
        "空的.xlsx": "blank",
    }
    assert [sheet.key for sheet in results["随便叫什么.xlsx"].sheets] == [
        ("907001", FORM.name, at) for at in (1, 2, 3, 4)
    ]
    assert not [
        finding for sheet in results["随便叫什么.xlsx"].sheets for finding in sheet.findings if finding.code == "RD-16"
    ]


def test_every_file_has_a_verdict(round: Round) -> None:
    filled = book(round)
    drop(round, "a.xlsx", filled)
    drop(round, "a(1).xlsx", filled)
    drop(round, "坏.xlsx", filled[: len(filled) // 2])
    drop(round, "去年.xlsx", book(Round(**{**vars(round), "year": 2023})))
    drop(round, "别家.xlsx", other_unit(round))
    with zipfile.ZipFile(round.path("inbox") / "包.zip", "w") as archive:
        archive.writestr("里面.xlsx", book(round, OTHER))
    found = {name: result.verdict for name, result in take(round).items()}
    assert found == {
        "a.xlsx": "known", "a(1).xlsx": "taken", "坏.xlsx": "unreadable", "去年.xlsx": "not_this", "别家.xlsx": "not_ours",
        "包.zip:里面.xlsx": "taken",
    }  # fmt: skip


def other_unit(round: Round) -> bytes:
    records = copy.deepcopy(dict(TOWNSHIP)) | {"unit": {"code": "990009", "name": "别处镇"}}
    records["projects"] = records["projects"][:1]
    ((_, made),) = make_books(records, FORM, issue_of(records, phase=round.phase), "unit", "all")
    return stamp_book(made)


def test_a_second_run_changes_nothing(round: Round) -> None:
    drop(round, "a.xlsx", book(round))
    first = take(round)
    again = take(round, after(first))
    assert [result.verdict for result in again.values()] == ["known"]


def test_what_a_person_holds_is_never_overwritten(round: Round) -> None:
    drop(round, "a.xlsx", book(round))
    for facts in ({"approved": True},):
        ledger = after(take(round), **facts)
        drop(round, "b.xlsx", book(round, purpose="用于发放村民小组长补贴，按季发放。"))
        sheets = take(round, ledger)["b.xlsx"].sheets
        assert [(sheet.verdict, sheet.outcome.kind) for sheet in sheets[:2]] == [
            ("question", "after_approval"),
            ("same", None),
        ]


def test_a_correction_of_one_project_is_a_draft_of_that_project_alone(round: Round) -> None:
    drop(round, "a.xlsx", book(round))
    ledger = after(take(round))
    drop(round, "b.xlsx", book(round, purpose="用于发放村民小组长补贴，按季发放。"))
    sheets = take(round, ledger)["b.xlsx"].sheets
    assert [sheet.verdict for sheet in sheets] == ["taken", "same", "same", "same"]
    assert sheets[0].outcome.facts["changed"] == 1


def test_of_a_secret_project_nothing_is_kept(round: Round) -> None:
    drop(round, "a.xlsx", book(round))
    result = take(round, secret=2)["a.xlsx"]
    assert (result.verdict, result.sheets, result.arrival.sheets) == ("secret", (), ())


def test_the_end_does_not_depend_on_the_names(round: Round) -> None:
    """Files under shuffled names: the same drafts count."""
    books = [book(round, numbers=numbers) for numbers in ((1,), (2,), (3, 4))] + [book(round, OTHER, (1, 2))]
    ends = []
    for seed in range(3):
        names = [f"{at}.xlsx" for at in range(len(books))]
        random.Random(seed).shuffle(names)
        for name, data in zip(names, books, strict=True):
            drop(round, name, data)
        results = take(round).values()
        ends.append(sorted((sheet.key, sheet.verdict) for result in results for sheet in result.sheets))
    assert ends[0] == ends[1] == ends[2]
