"""Flags of the stages, in LibreOffice: on the cell of the mistake, gone when it is put right there."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import inputs, returned

from perfxl import rules
from perfxl.form import installed
from perfxl.rules import example
from perfxl.rules.policy import default_policy
from perfxl.rules.review import review
from perfxl.rules.rule import Rule
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

RED, AMBER, PALE = "#FFD6D6", "#FFE9B8", "#FFF4D6"


def _rules(form: Any) -> list[Rule]:
    """The checks whose flag stands on one cell though another may be the wrong one."""
    policy = default_policy()
    return [
        rule
        for rule in rules.rules(form)
        if rule.code[:2] in ("MO", "SE")
        and policy.severity(rule.code, rule.severity) in ("error", "warning")
        and rule.bad
        and rule.beside
    ]


@pytest.mark.parametrize("name", ["project-monitoring", "project-self-evaluation"])
def test_a_flag_stands_on_the_mistake_until_it_is_put_right(office: LibreOffice, tmp_path: Path, name: str) -> None:
    form = installed.load(name)
    asked = _rules(form)
    clean = [{**copy.deepcopy(dict(example.record(form))), "number": at} for at, _ in enumerate(asked, 1)]
    bad = [{**example.subject(form, rule.bad).record, "number": at} for at, rule in enumerate(asked, 1)]
    top = {
        "year": 2024,
        "unit": {"code": "990001", "name": "清溪县柳河镇人民政府本级"},
        "first_month": 1,
        "last_month": 7,
    }
    if name != "project-monitoring":
        del top["first_month"], top["last_month"]
    values = tuple((key, value) for key, value in top.items() if key in form.issue and key != "year")
    issue = replace(issue_of(top), values=values)
    (book,), (right,) = (
        [one for _, one in make_books({**top, form.root: held}, form, issue, "unit", "all")] for held in (bad, clean)
    )
    pairs = []
    for reading, rule in zip(returned(stamp_book(book)), asked, strict=True):
        ((_, found),) = review([reading.submission], rules.select_policy(default_policy(), [rule.code]))
        assert found, rule.code
        pairs.append((reading, found))
    path = tmp_path / "flagged.xlsx"
    path.write_bytes(flag_workbook(pairs[0][0].located.sheet.workbook, pairs).data)
    wrong = {}
    with office.open(path) as document:
        for page, put_right, (_, found) in zip(book.pages, right.pages, pairs, strict=True):
            cells = [cell.rpartition("!")[2] for finding in found for cell in finding.cells]
            wanted = RED if found[0].severity == "error" else AMBER
            looks = document.looks(page.name)
            before = {cell: looks[cell].background for cell in cells}
            document.unprotect(page.name)
            for cell, box in inputs(page).items():
                value = put_right.cells.get((box.row, box.column))
                if page.cells.get((box.row, box.column)) != value:
                    document.type_text(page.name, cell, str(value or ""), insist=True)
            looks = document.looks(page.name)
            after = {cell: looks[cell].background for cell in cells}
            if set(before.values()) != {wanted} or wanted in after.values():
                wrong[found[0].code] = before, after
    assert wrong == {}
