"""What people do to a form before it comes back, alone and in pairs: nothing is read wrongly in silence, nothing lost.

Every change is done in LibreOffice (tests/office/person.py); survival.py judges what is read; docs/what-comes-back.md
says it for people. Pairs are made where PERFXL_PAIRS is set (1, all): they take a quarter of an hour, and are run before a release.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from office.libreoffice import LibreOffice
from office.person import CHANGES, Change
from workbook.reading.survival import survive
from workbook.reading.unique import CASES, Case, case
from workbook.reading.what_comes_back import NOT_DONE, PAGE, RESULTS, applies, lines, paired, pairs, told

CaseOf = Callable[[str], Case]


@pytest.fixture(scope="session")
def case_of(tmp_path_factory: pytest.TempPathFactory) -> CaseOf:
    """The workbooks that are changed, made once."""
    folder: Path = tmp_path_factory.mktemp("survival")
    made: dict[str, Case] = {}

    def one(name: str) -> Case:
        if name not in made:
            made[name] = case(name, folder)
        return made[name]

    return one


@pytest.fixture(scope="session")
def page() -> dict[str, list[str]]:
    return lines(PAGE.read_text(encoding="utf-8"))


SINGLES = [(name, change) for name in CASES for change in CHANGES.values() if applies(name, change)]


@pytest.mark.parametrize(("name", "change"), SINGLES, ids=[f"{name}-{change.id}" for name, change in SINGLES])
def test_one_change(
    office: LibreOffice, case_of: CaseOf, page: dict[str, list[str]], name: str, change: Change
) -> None:
    verdict = survive(office, case_of(name), change)
    assert (verdict.silent, verdict.lost) == ([], [])
    row = page[change.chinese]
    assert row[list(CASES).index(name)] == RESULTS[verdict.result], verdict.reason or verdict.wrong or verdict.missing
    if name == next(each for each in CASES if applies(each, change)):
        assert row[-1] == told(verdict), "docs/what-comes-back.md is behind"


WANTED = os.environ.get("PERFXL_PAIRS", "")
"""Which pairs are made: none, since they take a quarter of an hour; ``1``: those of the page; ``all``: of all changes."""
LISTED = {"project": list(CHANGES.values()) if WANTED == "all" else paired("project"), "unit": paired("unit")}
PAIRS = [(name, first) for name, changes in LISTED.items() for first in changes]


@pytest.mark.skipif(not WANTED, reason="takes a quarter of an hour; PERFXL_PAIRS=1 makes them")
@pytest.mark.parametrize(("name", "first"), PAIRS, ids=[f"{name}-{change.id}" for name, change in PAIRS])
def test_pairs_of_changes(office: LibreOffice, case_of: CaseOf, name: str, first: Change) -> None:
    failed = {}
    listed = LISTED[name]
    for one, other in pairs(listed[listed.index(first) :]):
        if first in (one, other):
            verdict = survive(office, case_of(name), one, other)
            if verdict.silent or verdict.lost:
                failed[one.id, other.id] = [*verdict.silent, *verdict.lost][:3]
    assert failed == {}


def test_the_page_tells_every_change_and_no_other(page: dict[str, list[str]]) -> None:
    others = {"改动", "工作簿", *(kind.chinese for kind in CASES.values())}
    assert page.keys() - others == {change.chinese for change in CHANGES.values()}
    for change in CHANGES.values():
        assert [word == NOT_DONE for word in page[change.chinese][:-1]] == [not applies(name, change) for name in CASES]


def test_of_45_changes_42_are_read_fully_right(page: dict[str, list[str]]) -> None:
    """On one project's workbook and on a unit's; moving single cells about is told apart, and is said."""
    listed = [page[change.chinese] for change in CHANGES.values() if change.group != "单元格"]
    for at, name in enumerate(CASES):
        results = [row[at] for row in listed if row[at] not in (NOT_DONE, RESULTS["impossible"])]
        assert results.count(RESULTS["right"]) * 45 >= 42 * len(results), name


def test_the_pairs_that_the_page_counts_are_the_pairs_that_are_made(page: dict[str, list[str]]) -> None:
    for name in ("project", "unit"):
        counted = [int(number) for number in page[f"{CASES[name].chinese}"]]
        assert counted[0] == sum(counted[1:]) == len(list(pairs(paired(name))))
        assert counted[-1] == 0
