"""What is calculated comes back calculated anew: over invented records, in LibreOffice, and where it was typed over."""

from __future__ import annotations

import copy
import io
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from office.libreoffice import LibreOffice
from workbook.conftest import cell_of, flagged, made, returned, reviewed
from workbook.reading.test_table_rows import book as with_sums
from workbook.writing.test_stamp import agree

from perfxl.form import calculation, plain_parts, types
from perfxl.form import installed as forms
from perfxl.form.answers import flatten
from perfxl.form.search_path import forms_in
from perfxl.rules.review import review_records
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet import part_cells
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.calculations import calculated_boxes, calculation_values
from perfxl.workbook.sheet.page import make_page
from perfxl.workbook.writing.books import issue_of
from perfxl.workbook.writing.stamp import stamp_book

COUNT = int(os.environ.get("PERFXL_CLAIMS", "30"))
"""The number of invented claims that LibreOffice calculates."""

CLAIM: dict[str, Any] = {
    "number": 1,
    "score_by": "number",
    "promise": "≥95.5%",
    "departed": "2026-03-01",
    "returned": "2026-03-09",
    "region": "Asia",
    "country": "China",
    "km": 10.5,
    "per_km": 0.3,
    "advance": 40.0,
    "legs": [
        {"mode": "train", "nights": 2, "rate": 33.33, "rebate": 10, "aim": "5%"},
        {"mode": "plane", "nights": 1, "rate": 12.5, "rebate": None},
    ],
    "goals": [
        {"group": "home", "kind": "number", "wanted": 5, "found": 3.5, "rest": None},
        {"group": "home", "kind": "words", "wanted": None, "found": 1, "rest": 7},
        {"group": "away", "kind": "number", "wanted": 2, "found": 2, "rest": None},
    ],
}
OURS = {
    "days": 8, "due": "2026-03-31", "total": 75.64, "payable": 35.64, "share": 52.9, "grade": "small", "long": True,
    "score": 9.46, "daily": 41.5, "since": "2024-01-01",
    "sign": "≥", "twice": 191,
}  # fmt: skip
LEGS = [(59.99, 82.76, "by rail"), (12.5, 17.24, "by air")]
GOALS = [(1.5, 7), (7, 2), (0, 0.667)]


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The forms of these tests are found."""
    places = forms_in(Path(__file__).parents[1] / "forms")
    with forms.use_search_path(forms.search_path().extended(places)):
        yield


def records(*claims: dict[str, Any]) -> dict[str, Any]:
    return {"year": 2026, "unit": {"code": "907001", "name": "River"}, "claims": [copy.deepcopy(one) for one in claims]}


def book(*claims: dict[str, Any], prefill: Any = "all") -> Book:
    (made_book,) = made("claim", records(*(claims or (CLAIM,))), prefill=prefill).values()
    return made_book


def changed(data: bytes, changes: dict[str, Any]) -> bytes:
    """The workbook of one claim with other contents in some cells, as another program saves it."""
    opened = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
    for at, value in changes.items():
        opened["Claim 1"][at] = value
    stream = io.BytesIO()
    opened.save(stream)
    return stream.getvalue()


def check_claim(record: Any) -> None:
    """The record holds what is calculated for the claim above."""
    assert {id: record[id] for id in OURS} == OURS
    assert [(leg["allowance"], leg["part"], leg["word"]) for leg in record["legs"]] == LEGS
    assert [(goal["rest"], goal["factor"]) for goal in record["goals"]] == GOALS


def codes(data: bytes) -> list[tuple[str, str]]:
    ((_, found),) = reviewed(data)
    return [(one.code, ",".join(one.fields)) for one in found if one.severity != "hint"]


def test_a_sheet_has_what_the_record_has_not() -> None:
    data = stamp_book(book())
    (reading,) = returned(data)
    check_claim(reading.submission.record)
    assert (reading.submission.doubts, reading.submission.notes, reading.submission.miscalculated) == ((), (), ())
    assert codes(data) == []


@pytest.mark.parametrize("prefill", ["given", "last", "all"])
def test_stamping_writes_what_xlsxwriter_writes(prefill: str) -> None:
    agree(book(CLAIM, {**CLAIM, "number": 2, "score_by": "person", "score": 3}, prefill=prefill))


def test_calculated_cells_are_locked_and_asked_for_nowhere() -> None:
    page = book(prefill="given").pages[0]
    for box, answer in calculated_boxes(page.layout):
        assert (box.locked, box.required, page.cells[box.row, box.column]) == (True, False, None), answer.field.id
    (reading,) = returned(stamp_book(book(prefill="given")))
    assert reading.submission.miscalculated == ()
    assert reading.submission.record["legs"] == []


def test_what_is_calculated_in_some_rows_is_open_in_the_others() -> None:
    page = book(CLAIM).pages[0]
    rest = [box for box in page.layout.boxes if box.field and box.field.id == "rest" and box.role == "answer"]
    assert [(box.locked, box.required) for box in rest[:3]] == [(True, False), (False, True), (False, False)]
    by_person = book({**CLAIM, "score_by": "person"}).pages[0]
    assert [one.pages[0].layout.head["score"].locked for one in (book(CLAIM),)] == [True]
    assert (by_person.layout.head["score"].locked, by_person.layout.head["score"].required) == (False, True)


TYPED: dict[str, tuple[str, int | None, Any, tuple[str, str, str]]] = {
    "another number": ("allowance", 0, 70, ("70.00", "59.99", "other")),
    "a percentage": ("share", None, 0.5, ("50.0%", "52.9%", "other")),
    "a text": ("grade", None, "large", ("large", "small", "other")),
    "a word": ("long", None, "否", ("否", "是", "other")),
    "nothing": ("days", None, None, ("", "8", "gone")),
    "a text in place of a number": ("total", None, "many", ("many", "75.64", "other")),
    "an error": ("total", None, "#REF!", ("#REF!", "75.64", "error")),
    "a row that is not used": ("allowance", 3, 4, ("4.00", "", "other")),
}
"""Where something is typed: the answer and its row; what is typed; what is found there, what it comes to, the problem."""


@pytest.mark.parametrize(("id", "row", "value", "found"), TYPED.values(), ids=TYPED)
def test_what_was_typed_over(id: str, row: int | None, value: Any, found: tuple[str, str, str]) -> None:
    at = cell_of(book().pages[0], id, row)
    data = changed(stamp_book(book()), {at: value})
    ((reading, all_found),) = reviewed(data)
    check_claim(reading.submission.record)
    (one,) = (finding for finding in all_found if finding.severity != "hint")
    assert (one.code, one.cells) == ("CO-01", (f"Claim 1!{at}",))
    assert (one.facts["found"], one.facts["value"], one.facts["problem"]) == found


def test_the_value_itself_may_stand_in_place_of_the_formula() -> None:
    page = book().pages[0]
    data = changed(stamp_book(book()), {cell_of(page, "total"): 75.64, cell_of(page, "share"): 0.529})
    assert codes(data) == []


def test_an_answer_that_only_people_understand_is_calculated_with() -> None:
    data = changed(stamp_book(book()), {cell_of(book().pages[0], "nights", 0): "2晚"})
    assert [code for code, _ in codes(data)] == ["LM-02"]
    data = changed(stamp_book(book()), {cell_of(book().pages[0], "rate", 0): "33.33 EUR"})
    (reading,) = returned(data)
    check_claim(reading.submission.record)


def test_a_check_uses_what_is_calculated() -> None:
    page = book().pages[0]
    data = changed(stamp_book(book()), {cell_of(page, "rate", 0): 900, cell_of(page, "total"): 1})
    assert codes(data) == [("CO-01", "total"), ("TR-01", "total"), ("TR-02", "legs[0].nights")]


def test_records_may_leave_out_what_is_calculated() -> None:
    form = forms.load("claim")
    assert review_records(records(CLAIM), form, "records.yaml") == []
    (one,) = review_records(records({**CLAIM, "total": 76.0}), form, "records.yaml")
    assert (one.code, one.fields, one.facts["value"]) == ("CO-01", ("total",), "75.64")
    full, wrong = calculation.calculate_record(form, CLAIM)
    check_claim(full)
    assert wrong == ()
    assert calculation.calculate_record(form, full) == (full, ())


SUMS = {"C5": ("works.sums.plan.number", "440", "442"), "D11": ("works.sums[0].plan.money", "1.00", "69.30")}


@pytest.mark.parametrize(("at", "found"), SUMS.items())
def test_a_sum_that_was_typed_over(at: str, found: tuple[str, str, str]) -> None:
    opened = openpyxl.load_workbook(io.BytesIO(stamp_book(with_sums("quarterly"))))
    opened.worksheets[0][at] = float(found[1])
    stream = io.BytesIO()
    opened.save(stream)
    ((reading, all_found),) = reviewed(stream.getvalue())
    (one,) = (finding for finding in all_found if finding.code == "CO-01")
    assert (one.fields[0], one.facts["found"], one.facts["value"]) == found
    assert one.cells == (f"{reading.submission.sheet}!{at}",)
    assert one.facts["places"][0][0] in ("合计", "民生·小计")


# --- in LibreOffice -------------------------------------------------------------------------------------------------


def _maybe(pick: random.Random, value: Any, blank: float = 0.2) -> Any:
    return None if pick.random() < blank else value


SPELLINGS = (
    None,
    "≥95%",
    "217人",
    "2万元",
    "<0.5天",
    "80%",
    "12",
    "及时",
    "10-20天",
    "95%以上",
    "1.2.3",
    "九成",
    "100 %",
    ">3次/月",
)


def invented(pick: random.Random, number: int) -> dict[str, Any]:
    """A claim of numbers that are hard to round, blanks, and texts in place of numbers."""

    def money() -> Any:
        amount = pick.choice([0, 0.005, 1.005, 2.675, round(pick.uniform(0, 400), pick.choice([0, 2, 3]))])
        return _maybe(pick, "about 5" if pick.random() < 0.05 else amount)

    region, country = pick.choice([("Asia", "China"), ("Europe", "France"), ("Europe", "Åland (*)"), (None, None)])
    day = f"2026-{pick.randint(1, 12):02d}-{pick.randint(1, 28):02d}"
    legs = [
        {
            "mode": _maybe(pick, pick.choice(["train", "plane"])),
            "aim": pick.choice(SPELLINGS),
            "nights": _maybe(pick, pick.randint(0, 9)),
            "rate": money(),
            "rebate": _maybe(pick, pick.choice([0, 5, 12.5, 33.3, 100])),
        }
        for _ in range(pick.randint(0, 6))
    ]
    goals = [
        {
            "group": pick.choice(["home", "away"]),
            "kind": pick.choice(["number", "words"]),
            "wanted": _maybe(pick, pick.randint(0, 9)),
            "found": _maybe(pick, round(pick.uniform(-9, 9), 2)),
            "rest": pick.choice([None, 4]),
        }
        for _ in range(pick.randint(0, 3))
    ]
    return {
        "number": number,
        "score_by": pick.choice(["number", "person"]),
        "promise": pick.choice(SPELLINGS),
        "departed": _maybe(pick, day),
        "returned": _maybe(pick, f"2026-12-{pick.randint(1, 31):02d}"),
        "region": region,
        "country": country,
        "km": _maybe(pick, round(pick.uniform(0, 900), 1)),
        "per_km": 0.3,
        "advance": money(),
        "score": pick.choice([None, 7.25]),
        "legs": [leg for leg in legs if any(value is not None for value in leg.values())],
        "goals": sorted(goals, key=lambda goal: ["home", "away"].index(goal["group"])),
    }


def aims(claim: dict[str, Any]) -> list[Any]:
    """The answers of a claim of which parts are named."""
    return [claim["promise"], *(leg["aim"] for leg in claim["legs"])]


def shown(reading: Reading) -> Callable[[Any], Any]:
    """What a calculated cell shows, where it shows something."""
    sheet = reading.located.sheet
    return lambda at: sheet.raw(*at).value or None if sheet.raw(*at).value != 0 else 0


@pytest.mark.office
def test_the_sheet_calculates_what_we_do(office: LibreOffice, tmp_path: Path) -> None:
    pick, form = random.Random(20), forms.load("claim")
    claims = [invented(pick, number) for number in range(1, COUNT + 1)]
    readings: list[Reading] = []
    for number, made_book in enumerate(made("claim", records(*claims)).values()):
        path = tmp_path / f"claims{number}.xlsx"
        path.write_bytes(stamp_book(made_book))
        with office.open(path) as document:
            document.recalculate()
            document.save_as(tmp_path / "saved.xlsx")
        readings += returned(tmp_path / "saved.xlsx")
    issue, compared = issue_of(records(*claims)), 0
    for claim, reading in zip(claims, readings, strict=True):
        assert reading.submission.miscalculated == (), claim
        layout = make_page(form, claim, issue, "all").layout
        wanted = calculation_values(layout, calculation.calculate(form, flatten(form, claim)))
        by_place = {(box.row, box.column): answer for box, answer in calculated_boxes(layout)}
        plain = all(plain_parts.is_plain(form, ("", "promise"), {"promise": spelled}) for spelled in aims(claim))
        for at, value in wanted.items():
            answer = by_place[at]
            if answer.field.id in ("sign", "twice", "half") and not plain:
                continue
            assert calculation.is_same(answer.field.type, shown(reading)(at), value, value), (
                at,
                answer.field.id,
                claim,
            )
            compared += value is not None
    assert compared > 8 * COUNT


PLAIN = {
    "≥95%": (2, 95.0, "≥", "%"),
    " 217人 ": (3, 217.0, None, "人"),
    "2万元": (1, 2.0, None, "万元"),
    "<0.5天": (3, 0.5, "<", "天"),
    "12": (2, 12.0, None, None),
    ">3次/月": (1, 3.0, ">", "次/月"),
    "": (0, None, None, None),
    "及时": (0, None, None, None),
    "10-20天": (2, None, None, None),
    "95%以上": (2, None, None, None),
    "1.2.3": (5, None, None, None),
    "12345678901234567890": (20, None, None, None),
}


@pytest.mark.parametrize(("text", "parts"), PLAIN.items())
def test_plain_spellings_have_parts(text: str, parts: tuple[Any, ...]) -> None:
    assert tuple(plain_parts.plain_parts(text)) == parts


@pytest.mark.office
def test_the_helper_cells_part_them_the_same_way(office: LibreOffice, tmp_path: Path) -> None:
    texts = [text for text in (*PLAIN, *SPELLINGS) if text]
    path = tmp_path / "parts.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet()
    for row, text in enumerate(texts):
        sheet.write_string(row, 0, text)
        cells = [f"${letter}${row + 1}" for letter in "BCDE"]
        for column, formula in enumerate(part_cells.parting_formulas(f"$A${row + 1}", cells), start=1):
            sheet.write_formula(row, column, f"={formula}")
    workbook.close()
    with office.open(path) as document:
        document.recalculate()
        (tab,) = document.sheets()
        found = document.values(tab, f"B1:E{len(texts)}")
    assert [tuple(value if value != "" else None for value in row) for row in found] == [
        tuple(plain_parts.plain_parts(text)) for text in texts
    ]


COUNTED = ("62500元", "6.25万元", "<3公里", "3000米", "0.8", "80%", "80", "1", "1.5", "0", "0.2万人", "20人", "5吨", "-3人",
           "0.9公顷", "8平方米", "3次", "及时", "10-20人", "", "5亿元", "0.000001万元")  # fmt: skip
BESIDE = ("21.45万元", "≥95%", "10公里", "≥3人", "1000公斤", "0.5公顷", "及时", "", "12", "≤200元")
IN_UNIT = {("62500元", "21.45万元"): 6.25, ("0.8", "≥95%"): 80.0, ("1", "≥95%"): 100.0, ("1.5", "≥95%"): 1.5,
           ("3000米", "10公里"): 3.0, ("80", "≥3人"): 80.0, ("80%", "≥3人"): None, ("20人", "及时"): 20.0}  # fmt: skip
"""Numbers in the unit of the value beside them; none where the units do not agree."""


@pytest.mark.office
def test_a_number_is_counted_in_the_unit_beside_it(office: LibreOffice, tmp_path: Path) -> None:
    asked = types.make("indicator_value", {"unit_of": "beside"})
    pairs = [(text, beside) for text in COUNTED for beside in BESIDE]
    path = tmp_path / "units.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet()
    for row, pair in enumerate(pairs):
        own, like = ([f"${letter}${row + 1}" for letter in letters] for letters in ("CDEF", "GHIJ"))
        sheet.write_row(row, 0, pair)
        formulas = part_cells.parting_formulas(f"$A${row + 1}", own, like, asked.units)
        formulas += part_cells.parting_formulas(f"$B${row + 1}", like)
        for column, formula in enumerate(formulas, start=2):
            sheet.write_formula(row, column, f"={formula}")
    workbook.close()
    with office.open(path, hidden=True) as document:
        document.recalculate()
        (tab,) = document.sheets()
        found = document.values(tab, f"C1:F{len(pairs)}")
    shown = {
        pair: tuple(value if value != "" else None for value in row) for pair, row in zip(pairs, found, strict=True)
    }
    assert shown == {(text, beside): tuple(plain_parts.plain_parts(text, asked, beside)) for text, beside in pairs}
    assert {pair: shown[pair][1] for pair in IN_UNIT} == IN_UNIT
    for text, beside in pairs:  # what a sheet counts, the return counts alike, or asks about; it understands more
        number, told = shown[text, beside][1], asked.part(text, "number", beside)
        assert number is None or told == number or (told is None and text[:1] in "<>≤≥"), (text, beside)


@pytest.mark.office
def test_a_flag_goes_when_the_value_is_right(office: LibreOffice, tmp_path: Path) -> None:
    at = cell_of(book().pages[0], "total")
    path = tmp_path / "flagged.xlsx"
    path.write_bytes(flagged(changed(stamp_book(book()), {at: 70})))
    with office.open(path) as document:
        document.recalculate()
        wrong = document.visible_color("Claim 1", at)
        document.write("Claim 1", at, [[75.64]])
        document.recalculate()
        assert wrong != document.visible_color("Claim 1", at)
        document.write("Claim 1", cell_of(book().pages[0], "km"), [[11.5]])
        document.recalculate()
        assert document.visible_color("Claim 1", at) == wrong
