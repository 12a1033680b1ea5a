"""A round whose county has another taxonomy: what is issued has it, what comes back blank is blank, siblings are judged by it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rounds.test_collect import FORM, UNIT, drop, filled, registry

from perfxl import rules
from perfxl.form import taxonomy
from perfxl.rounds.arrivals import list_arrived, read_arrivals
from perfxl.rounds.collect import ArrivalResult, add_findings, decide_arrivals
from perfxl.rounds.desk.drafts import bare_submission
from perfxl.rounds.issue import list_orders, write_orders
from perfxl.rounds.ledger import Ledger
from perfxl.rounds.round import Round, create_round
from perfxl.rounds.store.rows import KeptSubmission
from perfxl.rules.review import review
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

CLASSES = taxonomy.load("cn-2021")


@pytest.fixture
def round(tmp_path_factory: pytest.TempPathFactory) -> Round:
    folder = tmp_path_factory.mktemp("county") / "2024一上"
    made = replace(create_round(folder, 2024, "一上", deadline="2024-03-15"), rules="county.yaml")
    (folder / "county.yaml").write_text("taxonomy: {project-target: cn-2021}\n", "utf-8")
    return made


def take(round: Round) -> dict[str, ArrivalResult]:
    items, policy = list_arrived([round.path("inbox")]).items, rules.load_policy(round.rules_file)
    known = Ledger()
    decided = decide_arrivals(round, registry(), known, [*read_arrivals(items, known.stands)], policy)
    return {
        result.arrival.name.rpartition("/")[2]: result for result in add_findings(decided, registry(), known, policy)
    }


def filled_book(round: Round) -> bytes:
    """The unit's first workbook, its answers in the classes of the county."""
    records = filled(round, UNIT, (1,))
    above = {below: level1 for level1, below in CLASSES.pairs}
    for row in records["projects"][0]["indicators"]:
        row["level2"] = row["level2"] if row["level2"] in above else "经济成本指标"
        row["level1"] = above[row["level2"]]
    form = rules.load_policy(round.rules_file).form(FORM)
    issue = issue_of(records, phase=round.phase, draft=round.draft, office=round.office, phone=round.phone)
    ((_, made),) = make_books(records, form, issue, "unit", "all")
    return stamp_book(made)


def test_what_is_issued_and_comes_back_is_known_as_what_it_is(round: Round) -> None:
    issued = write_orders([*list_orders(round, registry())])
    drop(round, "空的.xlsx", (round.path("issued") / issued[1].file).read_bytes())
    drop(round, "填好.xlsx", filled_book(round))
    results = take(round)
    assert {name: result.verdict for name, result in results.items()} == {"空的.xlsx": "blank", "填好.xlsx": "taken"}
    (sheet,) = results["填好.xlsx"].sheets
    assert sheet.sheet.submission().taxonomy == "cn-2021"
    assert not {finding.code for finding in sheet.findings} & {"IN-02", "IN-03"}


def test_a_kept_draft_is_judged_by_the_classes_of_the_county(round: Round) -> None:
    drop(round, "填好.xlsx", filled_book(round))
    (sheet,) = take(round)["填好.xlsx"].sheets
    record = sheet.sheet.submission().record
    bare = bare_submission(round, KeptSubmission(1, sheet.key, 1, sheet.sheet.sheet, record, "", (), True), UNIT)
    for file, found in ((round.rules_file, False), (None, True)):
        ((_, findings),) = review([bare], rules.load_policy(file))
        assert ("IN-02" in {finding.code for finding in findings}) == found
