"""The phase of a sending: its letter in the printed code, how it comes back, and sheets from before there were letters."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook.conftest import FORMS, example, part, returned, submissions, with_parts, workbook

import perfxl
from perfxl.form import installed
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.identity import LETTERS, PHASES, PRINTED, Identity, letter_of, parse_known, phase_of
from perfxl.workbook.sheet.page import Issue
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

IDENTITY = Identity("project-target", "2", 2024, "907001", 1, 6, "P06")


def book(form: str, phase: str = "一上", draft: int = 1, letter: str | None = None) -> Book:
    """The first workbook of the form's example, filled."""
    records = example(form)
    issue = issue_of(records, phase=phase, draft=draft, letter=letter)
    return next(book for _, book in make_books(records, installed.load(form), issue, prefill="all"))


def older(form: str, phase: str, draft: int) -> bytes:
    """A workbook as it was before the phase stood in the identity: no letter, and the words beside office and phone."""
    data = stamp_book(book(form, phase, draft, letter=""))
    name = workbook(data).sheets[-1].part
    text = re.sub(',"phase":"[^"]*","letter":""', "", part(data, name))
    return with_parts(data, {name: text.replace('"sent":{', f'"sent":{{"phase":"{phase}",')})


def without_hidden(data: bytes) -> bytes:
    """The same without its hidden sheet's content."""
    name = workbook(data).sheets[-1].part
    return with_parts(data, {name: re.sub(r"(?s)<sheetData>.*</sheetData>", "<sheetData/>", part(data, name))})


def told(data: bytes) -> set[tuple[str, int | None]]:
    return {(one.phase, one.draft) for one in submissions(data)}


def codes(data: bytes) -> list[str]:
    return [reading.located.recognised.printed for reading in returned(data)]


@pytest.mark.parametrize(
    ("phase", "sign"),
    [("一上", "A1"), ("一下", "B1"), ("二上", "C1"), ("二下", "D1"), (" 二下 ", "D1"), ("年中调整", "X1"), ("", "1")],
)
def test_the_printed_code_has_the_phase_and_the_draft(phase: str, sign: str) -> None:
    printed = replace(IDENTITY, phase=phase, letter=letter_of(phase)).printed
    assert re.fullmatch(f"24-907001-06-{sign}-[A-Z]", printed)


def test_a_code_without_a_letter_is_the_one_that_was_printed_before() -> None:
    assert IDENTITY.printed == replace(IDENTITY, phase="一上").printed == "24-907001-06-1-B"


def test_letters_are_told_apart() -> None:
    assert len({*PHASES.values()}) == len(PHASES)
    assert {*PHASES.values()} < {*LETTERS} - {letter_of("any other")}
    assert {phase: phase_of(letter) for phase, letter in PHASES.items()} == {phase: phase for phase in PHASES}


def test_the_check_letter_is_taken_over_the_phase() -> None:
    """Of many other phases, which all have the letter X, the check letters differ."""
    others = {replace(IDENTITY, phase=f"第{at}次", letter="X").printed for at in range(200)}
    assert len(others) == len(LETTERS)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=12), st.integers(1, 99), st.sampled_from(["", *LETTERS]))
def test_any_identity_comes_back(phase: str, draft: int, letter: str) -> None:
    whole = replace(IDENTITY, phase=phase.encode("utf-8", "replace").decode(), draft=draft, letter=letter)
    known, code = parse_known(whole.dumps({}, {"office": "绩效股"})), PRINTED.fullmatch(whole.printed)
    assert known
    assert known.identity == whole
    assert code
    assert (code["letter"], int(code["draft"]), code["number"]) == (letter, draft, "06")


@pytest.mark.parametrize("wrong", [{"phase": 1}, {"letter": None}, {"phase": ["一上"]}])
def test_a_hidden_text_with_a_phase_that_is_none_is_not_believed(wrong: dict[str, object]) -> None:
    assert parse_known(json.dumps({**json.loads(IDENTITY.dumps()), **wrong})) is None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("phase", "draft"), [("一上", 1), ("二上", 12), ("年中调整", 2), ("追加\n调整第1稿", 3)])
def test_phase_and_draft_come_back(form: str, phase: str, draft: int) -> None:
    data = stamp_book(book(form, phase, draft))
    assert told(data) == told(without_hidden(data)) == {(phase, draft)}
    assert {(one.plain()["phase"], one.plain()["draft"]) for one in submissions(data)} == {(phase, draft)}


@pytest.mark.parametrize("form", FORMS)
def test_older_files_are_read_and_corrected_as_before(form: str) -> None:
    data = older(form, "二上", 3)
    assert told(data) == told(without_hidden(data)) == {("二上", 3)}
    assert all(re.search(r"-3-[A-Z]$", code) for code in codes(data))
    assert not {finding.code for finding in perfxl.check(data).findings} & {"RD-01", "RD-02", "RD-09"}
    (again,) = perfxl.correct(data).files
    assert codes(again.data) == codes(data)


def test_a_letter_of_a_round_s_own_is_kept() -> None:
    data = stamp_book(book("project-target", "年中调整", 2, letter="G"))
    (again,) = perfxl.correct(data).files
    assert codes(again.data) == codes(data)
    assert all("-G2-" in code for code in codes(data))


@pytest.mark.parametrize(("phase", "found"), [("二上", True), ("一上", False)])
def test_a_sheet_of_another_phase_is_asked_about(phase: str, found: bool) -> None:
    """Visible cells alone tell them apart; a later draft of the same phase may stand beside an earlier one."""
    own, other = book("project-target"), book("project-target", phase, 2)
    mixed = replace(own, pages=(*own.pages[:2], other.pages[2]))
    doubted = [finding.sheet for finding in perfxl.check(stamp_book(mixed)).findings if finding.code == "RD-02"]
    assert doubted == [other.pages[2].name] * found


def test_an_issue_has_the_usual_letter_unless_it_names_one() -> None:
    assert Issue(2024, "907001", "清溪县柳溪镇").letter is None
    assert book("project-target").identity.letter == "A"
