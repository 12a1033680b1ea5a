"""What becomes of a sheet that arrives, and in which state a project and a unit then are: tables, and laws over invented answers."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from workbook.conftest import example

from perfxl.form import installed as forms
from perfxl.rounds import merging
from perfxl.rounds.merging import Draft, DraftHistory, Originals, decide, latest, typed_answers
from perfxl.rounds.states import STATES, ProjectFacts, project_state, unit_state

FORM = forms.load("project-target")
RECORD: Mapping[str, Any] = example("project-target")["projects"][0]
OTHER: Mapping[str, Any] = example("project-target")["projects"][1]


def blank() -> dict[str, Any]:
    """A record as it is issued: given answers alone, and the classes of its rows."""
    record = {key: copy.deepcopy(RECORD[key]) for key in ("number", "code", "name")}
    record["budget"] = {"total": RECORD["budget"]["total"]}
    return {
        **record,
        "indicators": [{"level1": row["level1"], "level2": row["level2"]} for row in RECORD["indicators"]],
    }


def changed(share: float) -> dict[str, Any]:
    """The record with this share of its texts in other words."""
    record: dict[str, Any] = copy.deepcopy(dict(RECORD))
    cells = [(row, column) for row in record["indicators"] for column in ("level3", "description", "target", "basis")]
    for row, column in cells[: round(share * len(cells))]:
        row[column] = f"改{row[column]}"
    return record


def draft(record: Mapping[str, Any], **facts: Any) -> Draft:
    return Draft(typed_answers(FORM, record), **facts)


ISSUED = typed_answers(FORM, blank())
COUNTING = draft(RECORD)
FATES = {
    "the first": (DraftHistory(ISSUED), draft(RECORD), "draft", None),
    "as issued": (DraftHistory(ISSUED), draft(blank()), "blank", None),
    "as issued, after a draft": (DraftHistory(ISSUED, COUNTING), draft(blank()), "blank", None),
    "as issued, but explained": (DraftHistory(ISSUED), draft(blank(), explained=("去年结转",)), "draft", None),
    "again": (DraftHistory(ISSUED, COUNTING), draft(RECORD), "same", None),
    "again, after it was returned": (DraftHistory(ISSUED, draft(RECORD, sent_back=True)), draft(RECORD), "same", None),
    "again, with an explanation": (
        DraftHistory(ISSUED, COUNTING),
        draft(RECORD, explained=("按合同支付",)),
        "draft",
        None,
    ),
    "a tenth changed": (DraftHistory(ISSUED, COUNTING), draft(changed(0.1)), "draft", None),
    "nearly all changed": (DraftHistory(ISSUED, COUNTING), draft(changed(1)), "question", "much_changed"),
    "nothing of it left": (DraftHistory(ISSUED, COUNTING), draft(OTHER), "question", "much_changed"),
    "while reviewed": (
        DraftHistory(ISSUED, draft(RECORD, reviewed=True)),
        draft(changed(0.1)),
        "question",
        "in_review",
    ),
    "reviewed and returned": (
        DraftHistory(ISSUED, draft(RECORD, reviewed=True, sent_back=True)),
        draft(changed(0.1)),
        "draft",
        None,
    ),
    "after approval": (
        DraftHistory(ISSUED, COUNTING, approved=True),
        draft(changed(0.1)),
        "question",
        "after_approval",
    ),
    "the same after approval": (DraftHistory(ISSUED, COUNTING, approved=True), draft(RECORD), "same", None),
    "an earlier one": (DraftHistory(ISSUED, draft(changed(0.2)), (COUNTING,)), draft(RECORD), "question", "old_draft"),
    "not in the registry": (DraftHistory(registered=False), draft(RECORD), "question", "unknown_project"),
}


@pytest.mark.parametrize("case", FATES)
def test_fates(case: str) -> None:
    known, arrived, fate, kind = FATES[case]
    outcome = decide(known, arrived)
    assert (outcome.fate, outcome.kind) == (fate, kind)


def test_what_a_reviewer_or_an_approval_holds_is_never_overwritten() -> None:
    """Whatever arrives: the draft that counts goes on counting."""
    rng = random.Random(12)
    for _ in range(300):
        known = DraftHistory(ISSUED, draft(RECORD, reviewed=rng.random() < 0.5), approved=rng.random() < 0.5)
        arrived = draft(changed(rng.random()), explained=("说明",) * rng.randint(0, 1))
        outcome = decide(
            known,
            arrived,
            copied_from=rng.choice(["", "907002"]),
            beside=rng.choice([None, None, "two_sheets", "order"]),
        )
        if known.approved or (known.counting and known.counting.reviewed):
            assert outcome.fate != "draft"


def test_rows_that_moved_and_other_spellings_are_no_change() -> None:
    rng = random.Random(3)
    for _ in range(100):
        record: dict[str, Any] = copy.deepcopy(dict(RECORD))
        rng.shuffle(record["indicators"])
        row = rng.choice(record["indicators"])
        row["description"] = f" {row['description']}　"
        assert decide(DraftHistory(ISSUED, COUNTING), draft(record)).fate == "same"


def test_additions_are_free() -> None:
    half = copy.deepcopy(dict(RECORD))
    half["indicators"] = half["indicators"][:2]
    half["goals"] = None
    outcome = decide(DraftHistory(ISSUED, draft(half)), draft(RECORD))
    assert (outcome.fate, outcome.facts["changed"]) == ("draft", 0)


def test_fewer_than_five_answers_never_ask() -> None:
    few = {**blank(), "purpose": "用于修路", "plan": {"march": 10}}
    assert decide(DraftHistory(ISSUED, draft({**few, "indicators": []})), draft(OTHER)).fate == "draft"


def test_a_copy_of_another_units_answers_is_found() -> None:
    originals = Originals(
        [(("907001", "f", 1), typed_answers(FORM, RECORD)), (("907003", "f", 2), typed_answers(FORM, OTHER))]
    )
    assert originals.find("907002", typed_answers(FORM, RECORD)) == ("907001", "f", 1)
    assert originals.find("907002", typed_answers(FORM, changed(0.05))) == ("907001", "f", 1)
    assert originals.find("907002", typed_answers(FORM, changed(0.6))) is None
    assert originals.find("907001", typed_answers(FORM, RECORD)) is None
    assert originals.find("907002", typed_answers(FORM, blank())) is None
    outcome = decide(DraftHistory(ISSUED), draft(RECORD), copied_from="907001")
    assert (outcome.fate, outcome.kind, outcome.facts["unit"]) == ("question", "copied", "907001")


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([("", "2024-03-01")], 0),
        ([("2024-03-01", "2024-03-05"), ("2024-03-02", "2024-03-06")], 1),
        ([("2024-03-02", "2024-03-05"), ("2024-03-01", "2024-03-06")], None),  # they contradict each other
        ([("2024-03-01", "2024-03-05"), ("2024-03-01", "2024-03-06")], None),
        ([("", "2024-03-05"), ("", "2024-03-04")], 0),
        ([("", "2024-03-05"), ("", "2024-03-05")], None),
    ],
)
def test_which_was_saved_last(times: list[tuple[str, str]], expected: int | None) -> None:
    assert latest(times) == expected


PROJECTS = yaml.safe_load(
    """
    missing: [{}, {todo: 3}, {sent_back: true}]
    question: [{questions: 1}, {drafts: 1, questions: 2, sent_back: true}]
    returned: [{drafts: 1, sent_back: true, named: true}, {drafts: 2, sent_back: true, todo: 4}]
    review: [{drafts: 1, todo: 1}]
    ready: [{drafts: 1}, {drafts: 5}, {drafts: 2, sent_back: true}]
    approved: [{drafts: 1, approved: true}, {drafts: 2, approved: true, questions: 1, todo: 2}]
    """
)


@pytest.mark.parametrize("state", PROJECTS)
def test_the_state_of_a_project(state: str) -> None:
    assert {project_state(ProjectFacts(**facts)) for facts in PROJECTS[state]} == {state}


def test_the_state_of_a_unit() -> None:
    assert unit_state(["missing", "missing"]) == "missing"
    assert unit_state(["missing", "approved"]) == "partial"
    for at, first in enumerate(STATES[1:], start=1):
        for other in STATES[at:]:
            assert unit_state([other, first, other]) == first


def test_what_is_typed_leaves_given_answers_out() -> None:
    typed = {id for id, _ in typed_answers(FORM, RECORD).cells()}
    assert not {"name", "code", "number", "budget.total", "indicators.level1"} & typed
    assert merging.count_typed(ISSUED) == len(RECORD["indicators"])  # the classes of the rows
