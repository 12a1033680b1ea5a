"""The last run of the collector is taken back: all is as it was, and taken in again it ends the same."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from rounds.test_collect import FORM, OTHER, UNIT, book, registry
from rounds.test_return import BACKWARDS, collect
from rounds.test_round_commands import run, tables

from perfxl.rounds.desk.drafts import read_ledger
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.model import Registry
from perfxl.rounds.round import Round, create_round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.proof import check_store
from perfxl.rounds.store.rows import KeptRemark

pytestmark = pytest.mark.store("sqlite", "postgresql")
LATER = "用于发放村民小组长补贴，按季发放。"


@pytest.fixture
def round(tmp_path: Path) -> Round:
    made = create_round(tmp_path / "2024一上", 2024, "一上")
    import_registry(made, registry())
    return made


def plain(value: Any) -> Any:
    """A row without the numbers that the store gave it, and without times."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        left = {"id", "run", "delivery", "submission", "at", "opened", "arrived", "submissions"}
        return {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.name not in left}
    return value


def known(round: Round) -> dict[str, Any]:
    """What the round knows: files, drafts, questions, states; and what the next run goes by."""
    with open_store(round.store, write=False) as store:
        ledger = read_ledger(round, store)
        found = {
            "files": plain(store.deliveries()),
            "drafts": sorted(map(repr, plain(store.submissions()))),
            "questions": plain(store.questions()),
            "digests": {*ledger.deliveries},
            "histories": {
                key: (history.known.counting, history.known.earlier) for key, history in ledger.projects.items()
            },
        }
        assert check_store(store) == ()
    board = json.loads(run("round", "status", "--json", "--in", round.folder)[1])
    return {**found, "board": [{key: line[key] for key in line if key not in ("now", "last")} for line in board]}


def a_draft(round: Round) -> None:
    collect(round, 又=book(round, purpose=LATER))


def several_files(round: Round) -> None:
    collect(round, (2,), 又=book(round, purpose=LATER), 中心=book(round, OTHER), 坏=b"PK")


def a_question(round: Round) -> None:
    """Two sheets of which nobody knows which is the later."""
    for name in ("甲", "乙"):
        path = round.path("inbox") / f"{name}.xlsx"
        path.write_bytes(book(round, numbers=(1,), purpose=LATER + name))
        os.utime(path, (1_710_000_000, 1_710_000_000))
    collect(round)


def an_old_draft(round: Round) -> None:
    a_question(round)
    assert run("round", "undo", "--in", round.folder)[0] == 0
    a_question(round)


def an_unasked_project(round: Round) -> None:
    asked = registry()
    import_registry(round, Registry(asked.units, tuple(one for one in asked.projects if one.number != 4)))
    collect(round, 又=book(round, purpose=LATER), 四=book(round, OTHER))


BRINGS: dict[str, Callable[[Round], None]] = {
    "a draft": a_draft,
    "several files": several_files,
    "a question": a_question,
    "a run that was taken back before": an_old_draft,
    "a project that nobody asked for": an_unasked_project,
}


@pytest.mark.parametrize("bring", BRINGS.values(), ids=BRINGS)
def test_a_run_that_is_taken_back_leaves_nothing_and_comes_again(bring: Callable[[Round], None], round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    if bring is an_unasked_project:
        bring(round)
        assert run("round", "undo", "--in", round.folder)[0] == 0
    before = known(round)
    bring(round)
    after = known(round)
    assert after != before
    status, _, err = run("round", "undo", "--in", round.folder)
    assert status == 0, err
    assert known(round) == before
    run("round", "collect", "--in", round.folder)
    assert known(round) == after


def test_a_question_that_was_extended_is_as_it_was(round: Round) -> None:
    collect(round, 报=book(round))
    run("round", "decide", UNIT.code, 1, "approve", "--in", round.folder)
    collect(round, 又=book(round, purpose=LATER))
    before = known(round)
    with open_store(round.store, write=False) as store:
        (asked,) = store.questions()
    collect(round, 再=book(round, purpose=LATER + "再报。"))
    with open_store(round.store, write=False) as store:
        assert store.questions() != (asked,)
    assert run("round", "undo", "--in", round.folder)[0] == 0
    with open_store(round.store, write=False) as store:
        assert store.questions() == (asked,)
    assert known(round) == before


def test_runs_are_taken_back_one_after_the_other(round: Round) -> None:
    nothing = known(round)
    collect(round, 一=book(round))
    first = known(round)
    collect(round, 二=book(round, purpose=LATER))
    status, _, err = run("round", "undo", "--run", 1, "--in", round.folder)
    assert (status, "第2次" in err) == (2, True), err
    assert run("round", "undo", "--run", 2, "--in", round.folder)[0] == 0
    assert known(round) == first
    assert run("round", "undo", "--in", round.folder)[0] == 0
    assert known(round) == nothing
    rows = tables(round.folder)
    assert run("round", "undo", "--in", round.folder)[0] == 2
    assert tables(round.folder) == rows


def approve(round: Round) -> None:
    assert run("round", "decide", UNIT.code, 2, "approve", "--in", round.folder)[0] == 0


def give_back(round: Round) -> None:
    run("round", "return", "--in", round.folder)


def remark(round: Round) -> None:
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01") as group:
        group.add_remark(KeptRemark(store.submissions((UNIT.code, FORM.name, 1))[-1].id, "太短"))


def settle(round: Round) -> None:
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01") as group:
        group.set_finding(store.submissions((UNIT.code, FORM.name, 1))[-1].findings[0].id, "upheld")


@pytest.mark.parametrize(
    ("decide", "number", "said"),
    [(approve, 2, "审核通过"), (give_back, 1, "退回"), (remark, 1, "人工意见"), (settle, 1, "作了处理")],
)
def test_what_was_decided_since_is_named(decide: Callable[[Round], None], number: int, said: str, round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    decide(round)
    rows = tables(round.folder)
    status, _, err = run("round", "undo", "--in", round.folder)
    assert (status, len(err.strip().splitlines())) == (2, 1), err
    assert said in err
    assert f"{UNIT.code}的项目{number}" in err
    assert tables(round.folder) == rows


def test_the_answer_to_a_question_is_named_with_its_project_alone(round: Round) -> None:
    collect(round, 报=book(round))
    run("round", "decide", UNIT.code, 1, "approve", "--in", round.folder)
    collect(round, 又=book(round, purpose=LATER))
    run("round", "decide", UNIT.code, 1, "new", "--in", round.folder)
    err = run("round", "undo", "--in", round.folder)[2]
    assert err.count("于") == err.count(f"对{UNIT.code}的项目1以新的为准。") == 1, err


def test_a_decision_about_what_came_before_stands_in_no_way(round: Round) -> None:
    collect(round, 报=book(round))
    approve(round)
    collect(round, 中心=book(round, OTHER))
    run("round", "decide", UNIT.code, 3, "approve", "--in", round.folder)
    assert run("round", "undo", "--in", round.folder)[0] == 0
