"""The scores of results as people write them, as LibreOffice calculates them in the sheet: those of the return."""

from __future__ import annotations

import copy
from typing import Any

from office.libreoffice import LibreOffice
from stages.test_hunt_results import EVALUATION, ROWS, cases
from workbook.conftest import cell_of

from perfxl.form.calculation import calculate_record
from perfxl.form.plain_parts import is_plain
from perfxl.rules import example
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book


def test_a_sheet_scores_as_the_return_does(office: LibreOffice, tmp_path: Any) -> None:
    asked = [case.values for case in cases() if case.values[0] != "文字" and case.values[3] in ("number", "impossible")]
    # a row for each; the sheet groups them by their classes
    rows = [
        {**ROWS[kind], "description": f"{kind}{target}{actual}", "target": target, "actual": actual, "points": 10}
        for kind, target, actual, *_ in sorted(asked, key=lambda case: list(ROWS).index(case[0]))
    ]
    record = {**copy.deepcopy(dict(example.record(EVALUATION))), "indicators": rows}
    top = {"year": 2024, "unit": {"code": "990001", "name": "清溪县柳河镇人民政府本级"}, EVALUATION.root: [record]}
    ((_, book),) = make_books(top, EVALUATION, issue_of(top), "unit", "all")
    (page,) = book.pages
    path = tmp_path / "自评.xlsx"
    path.write_bytes(stamp_book(book))
    calculated, _ = calculate_record(EVALUATION, record)
    wanted = {
        row["description"]: row["score"]
        if all(is_plain(EVALUATION, ("indicators", id), row) for id in ("target", "actual"))
        else None
        for row in calculated["indicators"]
    }
    first, last = (cell_of(page, "description", at) for at in (0, len(rows) - 1))
    with office.open(path) as document:
        document.recalculate()
        names = document.values(page.name, f"{first}:{last}")
        column = cell_of(page, "score", 0).rstrip("0123456789")
        scores = document.values(page.name, f"{column}{first[1:]}:{column}{last[1:]}")
    found = {str(name[0]): score[0] if score[0] != "" else None for name, score in zip(names, scores, strict=True)}
    assert found == wanted
    assert sum(score is not None for score in found.values()) > 20
