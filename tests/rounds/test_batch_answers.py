"""What may stand only once in a whole round is found beside the drafts of other units, whenever these came or count."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from form.test_inheritance import write

import perfxl
from perfxl.form import installed
from perfxl.form.search_path import forms_in
from perfxl.rounds.arrivals import list_arrived
from perfxl.rounds.batch_answers import BatchAnswers
from perfxl.rounds.desk import collecting
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.desk.siblings import counting_answers, let_count
from perfxl.rounds.desk.undoing import undo
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import Round, create_round
from perfxl.rounds.store.opening import open_store
from perfxl.rules.review import review
from perfxl.submission import Submission

pytestmark = pytest.mark.store("sqlite", "postgresql")
STOCK = """\
form: stock
version: "1"
language: en
label: Stock
record: stocks[]
key: number
title: "Stock {{ number }}"
fields:
  number: {type: integer, given: true, label: No}
  book: {type: text, label: Book, unique: batch}
tables:
  things:
    label: Things
    rows: {min: 1, spare: 2, max: 9}
    columns:
      tag: {type: text, label: Tag, unique: batch}
      what: {type: text, label: What}
"""
UNITS = tuple(RegisteredUnit(f"100{at}", name) for at, name in enumerate(("Mill", "Marsh", "Moor"), start=1))
NUMBERS = (1, 2)


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    write(tmp_path / "forms", {"stock": STOCK})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path / "forms"))):
        yield


@pytest.fixture
def round(tmp_path: Path) -> Round:
    made = create_round(tmp_path / "round", 2026, "July", ("stock",))
    projects = (RegisteredProject(one.code, "stock", at, "", f"Stock {at}") for one in UNITS for at in NUMBERS)
    import_registry(made, Registry(UNITS, tuple(projects)))
    return made


Stocks = dict[tuple[str, int], tuple[str, ...]]
"""The book, then the tags, of each project."""


def books(stocks: Stocks, unit: RegisteredUnit) -> bytes:
    records = [
        {"number": number, "book": book, "things": [{"tag": tag, "what": f"{number}{tag}"} for tag in tags]}
        for (code, number), (book, *tags) in sorted(stocks.items())
        if code == unit.code
    ]
    held = {"year": 2026, "unit": {"code": unit.code, "name": unit.name}, "stocks": records}
    return perfxl.generate(held, form="stock", prefill="all", phase="July")[0].data


def collect(round: Round, stocks: Stocks) -> None:
    """Take in a workbook of each unit of which something is in ``stocks``."""
    inbox = round.path("inbox")
    for old in inbox.iterdir():
        old.unlink()
    for unit in UNITS:
        if any(code == unit.code for code, _ in stocks):
            (inbox / f"{unit.code}.xlsx").write_bytes(books(stocks, unit))
    collecting.take_in(round, list_arrived([inbox]).items)


Found = set[tuple[str, int, str, tuple[str, ...], tuple[str, ...]]]


def kept(round: Round) -> Found:
    """What the round says of the drafts that count."""
    with open_store(round.store, write=False) as store:
        return {
            (*draft.project[::2], one.facts["found"], one.fields, tuple(one.facts["others"]))
            for draft in store.submissions()
            for one in draft.findings
            if one.code == "LM-07" and one.state == "open"
        }


def checked(stocks: Stocks) -> Found:
    """What ``check`` says of the same answers in one call."""
    came = perfxl.read(*(books(stocks, unit) for unit in UNITS if any(code == unit.code for code, _ in stocks)))
    return {
        (str(sheet.unit_code), sheet.record["number"], one.facts["found"], one.fields, tuple(one.facts["others"]))
        for sheet, findings in review(came.submissions)
        for one in findings
        if one.code == "LM-07"
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_round_finds_what_one_check_of_all_would(seed: int, round: Round) -> None:
    """Invented stocks come in several runs, are put right and spoiled anew; an undone run leaves no trace."""
    invent = random.Random(seed)
    asked = [(unit.code, number) for unit in UNITS for number in NUMBERS]
    stands: Stocks = {}
    for _ in range(3):
        came: Stocks = {}
        for key in invent.sample(asked, invent.randrange(1, 5)):
            came[key] = tuple(invent.choice("ABCDEFG") for _ in range(invent.randrange(2, 4)))
        before, found = dict(stands), kept(round)
        collect(round, came)
        with open_store(round.store, write=False) as store:
            stands = {one.project[::2]: answers(one.record) for one in store.submissions()}
        assert kept(round) == checked(stands)
    undo(round)
    assert kept(round) == found == checked(before)


def answers(record: dict[str, Any]) -> tuple[str, ...]:
    return record["book"], *(row["tag"] for row in record["things"])


def test_another_draft_that_counts_changes_what_is_found_in_other_units(round: Round) -> None:
    collect(round, {("1001", 1): ("A", "x"), ("1002", 1): ("B", "x"), ("1003", 1): ("C", "y")})
    tags = {("1001", 1, "x", ("things[0].tag",), ("Marsh",)), ("1002", 1, "x", ("things[0].tag",), ("Mill",))}
    assert kept(round) == tags
    key = ("1002", "stock", 1)
    with open_store(round.store, write=True) as store:
        (old,) = store.submissions(key)
        with store.group("Ann", "2026-07-15T08:00:00") as group:
            record = {"number": 1, "book": "C", "things": [{"tag": "z"}]}
            new = group.add_submission(replace(old, record=record, counts=False, draft=2, findings=()))
        for submission, found in (
            (new, {("1002", 1, "C", ("book",), ("Moor",)), ("1003", 1, "C", ("book",), ("Marsh",))}),
            (old.id, tags),
            (None, set()),
        ):
            with store.group("Ann", "2026-07-16T08:00:00") as group:
                let_count(round, store, group, key, submission)
            assert kept(round) == found
        assert counting_answers(round, store).drafts.keys() == {("1001", "stock", 1), ("1003", "stock", 1)}


def test_nothing_is_kept_of_forms_without_such_answers() -> None:
    sheet = Submission(
        file="", sheet="", form="project-target", version="2024.1", year=2024, unit_code="1", unit_name="", record={}
    )
    assert BatchAnswers().replaced({("1", "project-target", 1): sheet}).drafts == {}
