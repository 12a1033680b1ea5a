"""What people do to a form before it comes back, alone and in pairs: nothing is read wrongly in silence, nothing lost.

Every change is done in LibreOffice (tests/office/person.py); survival.py judges what is read. PERFXL_ALL_PAIRS=1 makes
pairs of all changes, not of those alone that stand for the others.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from office.libreoffice import LibreOffice
from office.person import CHANGES, Change
from workbook.survival import CASES, Case, case, survive


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """The workbooks that are changed, made once."""
    folder: Path = tmp_path_factory.mktemp("survival")
    made: dict[str, Case] = {}

    def one(name: str) -> Case:
        if name not in made:
            made[name] = case(name, folder)
        return made[name]

    return one


SINGLES = [(name, change) for name in CASES for change in CHANGES.values() if CASES[name].form in change.forms]


@pytest.mark.parametrize(("name", "change"), SINGLES, ids=[f"{name}-{change.id}" for name, change in SINGLES])
def test_one_change(office: LibreOffice, cases: Callable[[str], Case], name: str, change: Change) -> None:
    verdict = survive(office, cases(name), change)
    assert (verdict.silent, verdict.lost) == ([], [])
    assert verdict.result in change.expected


PAIRED = [each for each in CHANGES.values() if each.pairs or os.environ.get("PERFXL_ALL_PAIRS") == "1"]
PAIRS = [("project", change) for change in PAIRED] + [("unit", change) for change in PAIRED if change.unit_pairs]


@pytest.mark.parametrize(("name", "first"), PAIRS, ids=[f"{name}-{change.id}" for name, change in PAIRS])
def test_pairs_of_changes(office: LibreOffice, cases: Callable[[str], Case], name: str, first: Change) -> None:
    """Each pair once, in the order in which the changes are listed; every second one the other way round."""
    failed = {}
    for second in PAIRED[PAIRED.index(first) :]:
        ordered = (first, second) if (PAIRED.index(first) + PAIRED.index(second)) % 2 else (second, first)
        verdict = survive(office, cases(name), *ordered)
        if verdict.silent or verdict.lost:
            failed[tuple(each.id for each in ordered)] = [*verdict.silent, *verdict.lost][:3]
    assert failed == {}
