"""Answers with a tick cell for each entry: made, ticked in any spelling, read as one list, checked, flagged, corrected."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import flagged, made, reviewed
from workbook.forms.filling import answer_boxes, invented, records

import perfxl
from perfxl.form import calculation, installed
from perfxl.form.answers import flatten
from perfxl.form.search_path import forms_in
from perfxl.form.texts import all_texts
from perfxl.rules.subject import Subject, Unit
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.self_check import UNFILLED, count_unfilled
from perfxl.workbook.writing.stamp import stamp_book

FORMS = Path(__file__).parents[1] / "forms"
WAYS, NEEDS, PAYERS = (
    ("train", "plane", "car"),
    ("one", "two", "three", "four", "five", "six", "seven"),
    ("office", "host"),
)
MEALS = (None, ["noon"], ["night"], ["noon", "night"])
RIGHT: Mapping[str, Any] = {
    "day": "2026-03-02", "ways": ["train"], "seat": ["train"], "needs": ["one", "seven"], "plate": None,
    "legs": [{"town": "A", "by": ["train", "car"], "paid": ["office"]}, {"town": "B", "by": ["plane"], "note": "LH 1"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    with installed.use_search_path(installed.search_path().extended(forms_in(FORMS))):
        yield


def book(*given: Mapping[str, Any], prefill: Any = "all") -> Book:
    (only,) = made("journeys", records(installed.load("journeys"), *given), prefill=prefill).values()
    return only


def typed(cells: Mapping[str, Any], *given: Mapping[str, Any]) -> bytes:
    """A filled workbook in whose first sheet this was typed, by the paths of the cells."""
    sent = book(*(given or (RIGHT,)))
    page, target = sent.pages[0], BytesIO()
    workbook = openpyxl.load_workbook(BytesIO(stamp_book(sent)))
    for path, value in cells.items():
        box = answer_boxes(page)[path]
        workbook[page.name].cell(box.row + 1, box.column + 1).value = value
    workbook.save(target)
    return target.getvalue()


def found(data: bytes) -> set[str]:
    """What is found, and where, but that nobody calculated the sheet."""
    ((_, findings),) = reviewed(data)
    return {" ".join((one.code, *one.fields)) for one in findings if one.code != "RD-18"}


def test_any_entries_go_out_and_come_back() -> None:
    pick = random.Random(1)
    subsets = [list(chosen) for size in range(4) for chosen in combinations(WAYS, size)]
    given = [
        {
            "ways": ways or None,
            "needs": [need for need in NEEDS if pick.random() < 0.4] or None,
            "legs": [
                {
                    "town": "A",
                    "by": by or None,
                    "paid": [one for one in PAYERS if pick.random() < 0.5] or None,
                    "meal": [pick.choice(MEALS), pick.choice(MEALS)],
                    "note": None,
                }
                for by in subsets
            ],
        }
        for ways in subsets
    ]
    data = stamp_book(book(*given))
    for sent, (reading, _) in zip(given, reviewed(data), strict=True):
        back = reading.submission
        assert {id: back.record[id] for id in sent} == sent
        assert (back.notes, back.doubts, back.unplaced, back.disputed) == ((), (), (), ())


def test_a_blank_sheet_has_no_ticks_and_one_mark_for_each_cell() -> None:
    data = stamp_book(book({}, prefill="given"))
    ((reading, _),) = reviewed(data)
    assert reading.submission.record["ways"] is None
    sheet = openpyxl.load_workbook(BytesIO(data)).worksheets[1]
    assert [name for name in sheet.defined_names if name.startswith("px.legs.by")] == [
        "px.legs.by.1",
        "px.legs.by.2",
        "px.legs.by.3",
    ]
    texts = [
        cell.value
        for row in sheet.iter_rows()
        for cell in row
        if cell.value in ("Taken by", "Train", "By air", "Own car", "☑")
    ]
    assert texts.count("Taken by") == 1
    assert texts.count("By air") == 3  # over the cells of ways, of seat, and of the column
    assert "☑" not in texts


TICKS = [
    ("√", True), ("x", True), ("X", True), ("是", True), (True, True), (1, True), ("yes", True), (" ☑ ", True), ("☒", True),
    ("☐", None), ("no", None), (False, None), (0, None), ("否", None), ("", None), (None, None), ("  ", None),
]  # fmt: skip


@pytest.mark.parametrize(("held", "ticked"), TICKS)
def test_any_spelling_of_a_tick(held: Any, ticked: bool | None) -> None:
    ((reading, _),) = reviewed(typed({"ways.2": held, "legs[0].by.2": held}))
    assert reading.submission.record["ways"] == (["train", "plane"] if ticked else ["train"])
    assert reading.submission.record["legs"][0]["by"] == (list(WAYS) if ticked else ["train", "car"])


def test_what_is_no_tick_is_kept_and_found_in_its_cell(tmp_path: Path) -> None:
    data = typed({"ways.2": "perhaps: 不清楚\nplease ask", "legs[1].by.3": "?"})
    assert found(data) == {"LM-02 ways", "LM-02 legs[1].by"}
    ((reading, findings),) = reviewed(data)
    assert reading.submission.record["ways"] == "train: ☑\nplane: perhaps: 不清楚\nplease ask"
    boxes = answer_boxes(book(RIGHT).pages[0])
    cells = {one.cells[0].split("!")[1] for one in findings if one.code == "LM-02"}
    assert cells == {address(boxes[path].row, boxes[path].column) for path in ("ways.2", "legs[1].by.3")}
    (tmp_path / "typed.xlsx").write_bytes(data)
    (anew,) = perfxl.correct(tmp_path / "typed.xlsx", output=tmp_path / "anew.xlsx").files
    ((again, _),) = reviewed(tmp_path / "anew.xlsx")
    assert again.submission.record == reading.submission.record
    assert anew.changes == ()


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set()),
    ({"ways.1": None}, {"LM-01 ways"}),
    ({"ways.1": "☐"}, {"LM-01 ways"}),
    ({"legs[0].by.1": None, "legs[0].by.3": None}, {"LM-01 legs[0].by"}),
    ({"ways.3": "☑"}, {"LM-01 plate"}),
    ({"ways.3": "√", "plate": "X 1", "ways.2": "☑"}, {"JO-01 ways"}),
    ({"day": None}, {"LM-08 seat"}),
    ({"legs[0].by.2": "√"}, {"JO-02 legs[0].by"}),
    ({"legs[0].paid.1": None}, {"JO-03 legs"}),
    ({f"needs.{at}": "☑" for at in range(2, 6)}, {"LM-04 needs"}),
    ({"plate": "X 1"}, {"LM-08 plate"}),
]


@pytest.mark.parametrize(("cells", "codes"), CASES)
def test_limits_and_checks_judge_the_list(cells: Mapping[str, Any], codes: set[str]) -> None:
    assert found(typed(cells)) == codes


@pytest.mark.parametrize("text", ["Train, Own car", "☑ Train ☐ By air ☑ Own car", "car、train"])
def test_a_text_of_a_records_file_is_ticked_where_it_names_entries(text: str) -> None:
    ((reading, _),) = reviewed(stamp_book(book({**RIGHT, "ways": text, "plate": "X 1"})))
    assert reading.submission.record["ways"] == ["train", "car"]


def test_a_renamed_or_deleted_column_is_found() -> None:
    workbook = openpyxl.load_workbook(BytesIO(typed({})))
    box = answer_boxes(book(RIGHT).pages[0])["legs[0].by.2"]
    workbook.worksheets[1].cell(box.row, box.column + 1).value = "By sea"
    renamed, gone = BytesIO(), BytesIO()
    workbook.save(renamed)
    assert "IN-01 legs.by" in found(renamed.getvalue())
    workbook.worksheets[1].delete_cols(box.column + 1)
    workbook.save(gone)
    assert any(one.startswith("RD-03") and "legs.by" in one.split() for one in found(gone.getvalue()))


def test_flags_stand_on_all_cells_and_clear_when_one_is_ticked(office: LibreOffice, tmp_path: Path) -> None:
    data = typed({"ways.1": None, "legs[0].by.2": "☑"})
    (page,) = book(RIGHT).pages
    boxes = {path: address(box.row, box.column) for path, box in answer_boxes(page).items()}
    ways, by = [boxes[f"ways.{at}"] for at in (1, 2, 3)], [boxes[f"legs[0].by.{at}"] for at in (1, 2, 3)]
    (tmp_path / "flagged.xlsx").write_bytes(flagged(data))
    with office.open(tmp_path / "flagged.xlsx") as document:
        document.recalculate()
        looks = document.looks(page.name)
        assert len({looks[cell].background for cell in (*ways, *by)}) == 1
        document.write(page.name, ways[1], [["☑"]])
        document.write(page.name, boxes["legs[0].note"], [["LH 1"]])
        document.recalculate()
        after = document.looks(page.name)
        assert all(after[cell].background != looks[cell].background for cell in (*ways, *by))
        document.save_as(tmp_path / "returned.xlsx")
    ((reading, findings),) = reviewed(tmp_path / "returned.xlsx")
    assert reading.submission.record["ways"] == ["plane"]
    assert [one.code for one in findings if one.severity == "error"] == []


def test_libreoffice_and_the_return_agree(office: LibreOffice, tmp_path: Path) -> None:
    form, pick = installed.load("journeys"), random.Random(7)
    sent = book(*(invented(form, pick) for _ in range(30)))
    (tmp_path / "sent.xlsx").write_bytes(stamp_book(sent))
    with office.open(tmp_path / "sent.xlsx") as document:
        document.recalculate()

        def value(name: str, place: tuple[int, int]) -> Any:
            return document.cell(name, address(*place)).value

        unfilled = [value(page.name, page.checks.place(UNFILLED)) for page in sent.pages]
        states = [[value(page.name, page.checks.state(at)) for at in range(3)] for page in sent.pages]
        document.save_as(tmp_path / "returned.xlsx")
    assert {state for sheet in states for state in sheet} == {-1, 0, 1}
    for page, count, live, (reading, findings) in zip(
        sent.pages, unfilled, states, reviewed(tmp_path / "returned.xlsx"), strict=True
    ):
        record = reading.submission.record
        assert calculation.calculate_record(form, record)[1] == ()
        values = Subject(form, record, Unit(2026, "", "")).values
        assert count == count_unfilled(form, flatten(form, record), values), record
        broken = {line.code for line, state in zip(page.checks.lines, live, strict=True) if state == -1}
        assert broken == {one.code for one in findings} & {line.code for line in page.checks.lines}, record


FRENCH = 'Train: Le train\nBy air: "L\'avion"\nOwn car: Ma voiture\nTaken by: Moyen\n'


def test_a_translation_shows_its_own_entries(tmp_path: Path) -> None:
    folder = tmp_path / "forms" / "voyages"
    (folder / "texts").mkdir(parents=True)
    (folder / "form.yaml").write_text(
        (FORMS / "journeys" / "form.yaml").read_text("utf-8").replace("form: journeys", "form: voyages"), "utf-8"
    )
    form = installed.load("journeys")
    texts = {text for _, text in all_texts(form)} - {"Train", "By air", "Own car", "Taken by", "journeys"}
    rest = "".join(f'"{text}": "{text}"\n' for text in sorted({*texts, "voyages"}))
    (folder / "texts" / "fr.yaml").write_text(FRENCH + rest, "utf-8")
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path / "forms"))):
        told = records(form, RIGHT)
        (french,) = perfxl.generate(told, form=folder, language="fr", prefill="all", output=tmp_path / "fr")
        assert french.path
        shown = {
            str(cell.value) for row in openpyxl.load_workbook(french.path).worksheets[1].iter_rows() for cell in row
        }
        assert {"Le train", "L'avion", "Ma voiture", "Moyen"} <= shown
        (submission,) = perfxl.read(french.path).submissions
    assert submission.record["ways"] == ["train"]
    assert submission.record["legs"][0]["by"] == ["train", "car"]
