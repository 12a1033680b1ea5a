"""Drop-down lists of every kind: their names and formulas, what LibreOffice then takes, and what is read back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from form.test_lists import FOLDER, TEXT, trip
from office.libreoffice import LibreOffice
from openpyxl import load_workbook
from workbook.conftest import address, workbook

from perfxl import messages
from perfxl.form import installed
from perfxl.form.answers import flatten as answers_of
from perfxl.form.form import Form
from perfxl.form.search_path import SearchPath, form_at
from perfxl.rules.review import review
from perfxl.workbook.ooxml.formula import address as cell_address
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.drop_down_lists import drop_down_lists
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

RECORDS: dict[str, Any] = {
    "year": 2026,
    "unit": {"code": "907001", "name": "柳溪镇"},
    "trip": {
        "county": "平原县", "town": "柳溪镇", "village": "东村",
        "mode": ["火车", "自驾（含租车）"], "needs": ["电脑", "翻译"],
        "trips": [
            {"ref": "A1", "region": "Asia", "country": "Japan", "purpose": "IT"},
            {"ref": "A2", "region": "A* (other, small)", "country": "N'Djamena", "purpose": "OT"},
        ],
        "costs": [{"trip": "A2", "purpose": "住宿"}, {"trip": "A1", "purpose": "餐饮"}],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def form() -> Form:
    return trip()


@pytest.fixture
def known() -> Iterator[Callable[[Path], Form]]:
    """Makes the form in a folder known, until the test ends."""
    before = installed.search_path()
    yield lambda folder: _make_known(before, folder)
    installed.set_search_path(before)


def _make_known(before: SearchPath, folder: Path) -> Form:
    installed.set_search_path(before.extended([form_at(folder)]))
    return installed.load("trip")


def made(form: Form, records: dict[str, Any] = RECORDS) -> Book:
    (book,) = dict(make_books(records, form, issue_of(records), "unit", "all")).values()
    return book


def cell(book: Book, table: str, field: str, row: int = 0) -> str:
    boxes = [box for box in book.pages[0].layout.boxes if box.field and box.field.id == field and box.table == table]
    return address([box for box in boxes if box.role in ("field", "answer")][row])


def test_every_list_has_a_legal_name_and_the_package_is_valid(
    form: Form, tmp_path: Path, complaints: Callable[[bytes], list[Any]]
) -> None:
    data = stamp_book(made(form))
    assert complaints(data) == []
    names = load_workbook(BytesIO(data)).defined_names
    wanted = {name for column in drop_down_lists(form) for name in column.names}
    assert wanted <= set(names)
    assert {"px.c1", "px.c1.2", "px.c1.2.3", "px.c2.3.a2", "px.list.mode", "px.list.purpose"} <= wanted


def test_what_the_drop_down_lists_offer(form: Form) -> None:
    book = made(form)
    sheet = load_workbook(BytesIO(stamp_book(book))).worksheets[0]
    sources = {str(area): check.formula1 for check in sheet.data_validations.dataValidation for area in check.sqref}
    here = "INDEX($A$1:$I$11,ROW(),COLUMN($C$1))"
    assert sources["C3"] == "px.c2"
    assert sources["E3"] == 'INDIRECT("px.c2.2."&MATCH(px.v.county,px.c2,0))'
    assert sources["G3"] == (
        'INDIRECT("px.c2.3."&SUMPRODUCT(EXACT(px.c2.3.a1,px.v.county)*EXACT(px.c2.3.a2,px.v.town)*ROW(px.c2.3.a1)))'
    )
    # MATCH would take the * of an entry for any characters
    assert sources[cell(book, "trips", "country")] == f'INDIRECT("px.c1.2."&SUMPRODUCT(EXACT(px.c1,{here})*ROW(px.c1)))'
    trips = next(source for area, source in sources.items() if area.startswith(cell(book, "costs", "trip")))
    assert trips == "px.column.trips.ref"
    assert max(map(len, sources.values())) <= 255


def test_the_lists_of_the_shipped_forms_are_as_they_were() -> None:
    columns = drop_down_lists(installed.load("central-target"))
    names = [name for column in columns for name in column.names]
    assert names == ["px.l1", "px.l2", "px.l2.1", "px.l2.2", "px.l2.3", "px.list.nature"]
    assert all(list(column.names.values()) == [(0, len(column.entries) - 1)] for column in columns)


@pytest.mark.office
def test_the_second_list_follows_the_first(office: LibreOffice, form: Form, tmp_path: Path) -> None:
    book = made(form, {**RECORDS, "trip": {"trips": [{"ref": "A1"}, {"ref": "A2"}]}})
    path = tmp_path / "trip.xlsx"
    path.write_bytes(stamp_book(book))
    with office.open(path) as document:
        sheet = document.sheets()[0]

        def takes(table: str, field: str, text: str, row: int = 0) -> bool:
            at = cell(book, table, field, row)
            return document.type_text(sheet, at, text).value == text

        taken = (
            ("", "county", "平原县", True), ("", "town", "石桥镇", False), ("", "town", "清河镇", True),
            ("", "village", "西村", False), ("", "village", "东村", True), ("", "county", "山区县", True),
            ("", "town", "石桥镇 ", False), ("", "town", "石桥镇", True), ("", "village", "*村", True),
            ("", "village", "东村", False), ("", "mode", "☐火车 ☑飞机 ☑自驾（含租车）", True), ("", "mode", "轮船", False),
            ("trips", "region", "A* (other, small)", True), ("trips", "country", "Japan", False),
            ("trips", "country", "N'Djamena", True), ("trips", "purpose", "IT", False),
            ("trips", "purpose", "信息化", True), ("costs", "trip", "A2", True), ("costs", "trip", "A3", False),
            ("costs", "purpose", "住宿", True), ("costs", "purpose", "信息化", False),
        )  # fmt: skip
        for *typed, wanted in taken:
            assert takes(*typed) is wanted, typed
        # the list of another column's answers grows with these
        document.type_text(sheet, cell(book, "trips", "ref", 2), "A3")
        assert takes("costs", "trip", "A3")


STATES: dict[str, tuple[dict[str, Any], list[int]]] = {
    "what is shown stands for an entry": ({"mode": ["飞机"], "needs": ["电脑", "翻译"], "trips": [{"ref": "A", "purpose": "IT"}]}, [1, 1]),
    "another entry": ({"mode": ["火车", "飞机"], "needs": ["电脑"], "trips": [{"ref": "A", "purpose": "FU"}]}, [-1, -1]),
    "nothing of it": ({"mode": ["火车"], "needs": ["电脑"], "trips": [{"ref": "A"}]}, [0, 1]),
}  # fmt: skip


@pytest.mark.office
@pytest.mark.parametrize(("record", "states"), STATES.values(), ids=STATES)
def test_the_live_checks_know_what_is_chosen(
    record: dict[str, Any], states: list[int], office: LibreOffice, form: Form, tmp_path: Path
) -> None:
    book = made(form, {**RECORDS, "trip": record})
    checks = book.pages[0].checks
    places = [checks.state(at) for at, line in enumerate(checks.lines) if line.code.startswith("CC-")]
    path = tmp_path / "trip.xlsx"
    path.write_bytes(stamp_book(book))
    with office.open(path) as document:
        document.recalculate()
        found = [document.cell(document.sheets()[0], cell_address(*place)).value for place in places]
    assert found == states
    results = checks.results(answers_of(form, record))
    assert [results[place] for place in places] == states


def test_what_is_chosen_comes_back(known: Callable[[Path], Form]) -> None:
    (reading,) = read_workbook(workbook(stamp_book(made(known(FOLDER)))))
    record = reading.submission.record
    assert record == RECORDS["trip"]
    ((_, found),) = review([reading.submission])
    assert [(finding.code, finding.fields) for finding in found] == []


WRONG: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "another town's village": ({"village": "南村"}, {("village", "南村")}),
    "a town of another county": ({"town": "石桥镇"}, {("town", "石桥镇")}),
    "a village without a town": ({"town": None, "village": "南村"}, set()),
    "no village": ({"village": "北村"}, {("village", "北村")}),
    "what is shown": ({"trips.0.purpose": "信息化"}, set()),
    "capitals": ({"trips.0.region": "ASIA"}, set()),
    "a value that is none": ({"trips.0.purpose": "XX"}, {("trips[0].purpose", "XX")}),
    "a country elsewhere": ({"trips.0.country": "France"}, {("trips[0].country", "France")}),
    "two wrong of several": ({"mode": ["火车", "轮船", "骆驼"]}, {("mode", "轮船"), ("mode", "骆驼")}),
    "several as a text": ({"mode": "火车、轮船"}, {("mode", "轮船")}),
    "no trip of this number": ({"costs.0.trip": "A9"}, {("costs[0].trip", "A9")}),
}


@pytest.mark.parametrize(("changes", "wanted"), WRONG.values(), ids=WRONG)
def test_a_wrong_entry_is_found(
    changes: dict[str, Any], wanted: set[tuple[str, str]], known: Callable[[Path], Form]
) -> None:
    records = copy.deepcopy(RECORDS)
    for path, value in changes.items():
        *parts, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = records["trip"]
        for part in parts:
            place = place[part]
        place[last] = value
    (reading,) = read_workbook(workbook(stamp_book(made(known(FOLDER), records))))
    ((_, found),) = review([reading.submission])
    assert {(finding.fields[0], finding.facts["found"]) for finding in found if finding.code == "LM-06"} == wanted
    assert {finding.code for finding in found} <= {"LM-06", "CC-01"}


def test_a_wrong_pair_is_told_with_the_entries_that_are_allowed(known: Callable[[Path], Form]) -> None:
    records = copy.deepcopy(RECORDS)
    records["trip"]["trips"][0]["country"] = "France"
    (reading,) = read_workbook(workbook(stamp_book(made(known(FOLDER), records))))
    ((_, (finding,)),) = review([reading.submission])
    assert (finding.facts["above"], finding.facts["allowed"]) == ("Asia", ["China", "Japan"])
    assert "可选的是China、Japan" in messages.message(finding)


def test_a_list_of_thousands(tmp_path: Path, known: Callable[[Path], Form]) -> None:
    rows = "".join(f"省{at // 100:02},县{at:04}\n" for at in range(5000))
    folder = tmp_path / "trip"
    folder.mkdir()
    (folder / "regions.csv").write_text(f"region,country\n{rows}", "utf-8")
    (folder / "form.yaml").write_text(TEXT, "utf-8")
    records = copy.deepcopy(RECORDS)
    for row, country in zip(records["trip"]["trips"], ("县4999", "县 0500号"), strict=True):
        row |= {"region": "省49", "country": country}
    data = stamp_book(made(known(folder), records))
    assert len(data) < 200_000
    (reading,) = read_workbook(workbook(data))
    assert [row["country"] for row in reading.submission.record["trips"]] == ["县4999", "县 0500号"]
    ((_, (finding,)),) = review([reading.submission])
    assert (finding.code, finding.fields, finding.suggestion) == ("LM-06", ("trips[1].country",), None)
