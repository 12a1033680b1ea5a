"""LibreOffice judges as a person would: typing obeys locks and validations, and conditional colours are seen."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter

from office import libreoffice
from office.libreoffice import ODS, XLS, XLSX, Document, LibreOffice, OfficeError, OfficeHung

SHEET = "表一"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A locked sheet: B2 takes 甲 or 乙, B3 0–100 (C3 only warns), B5:C6 is one merged text cell; row 1 hidden."""
    path = tmp_path / "表.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet, lists = workbook.add_worksheet(SHEET), workbook.add_worksheet("lists")
    lists.write_column("A1", ["甲", "乙"])
    lists.hide()
    workbook.define_name("px.list", "=lists!$A$1:$A$2")
    grey = workbook.add_format({"locked": False, "num_format": "0.00", "bg_color": "#EEEEEE"})
    text = workbook.add_format({"locked": False, "num_format": "@"})
    flag = workbook.add_format({"bg_color": "#FF0000", "bold": True, "num_format": '"必4 "0.0'})
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.write("A1", "标记")
    sheet.write("A2", "选择")
    sheet.write_blank("B2", None, text)
    sheet.write_blank("B3", None, grey)
    sheet.write_blank("C3", None, grey)
    sheet.write_formula("D3", "=B3*2")
    sheet.write_formula("D4", "=1/0")
    sheet.merge_range("B5:C6", "", text)
    percent = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100}
    assert sheet.data_validation("B2", {"validate": "list", "source": "=px.list"}) == 0
    assert sheet.data_validation("B3", percent) == 0
    assert sheet.data_validation("C3", {**percent, "error_type": "warning"}) == 0
    for place in ("B3", "B5:C6"):
        assert sheet.conditional_format(place, {"type": "formula", "criteria": "=$B$3>50", "format": flag}) == 0
    sheet.protect("", {"insert_rows": True})
    workbook.close()
    return path


@pytest.fixture
def document(office: LibreOffice, path: Path) -> Iterator[Document]:
    with office.open(path) as document:
        yield document


def test_typing_works_in_an_unlocked_cell_and_not_in_a_locked_one(document: Document) -> None:
    assert document.protected(SHEET)
    assert document.type_text(SHEET, "B2", "甲").value == "甲"
    assert document.type_text(SHEET, "A2", "别的").value == "选择"
    assert document.type_text(SHEET, "F9", "别的").value == ""
    assert document.type_text(SHEET, "A2", "别的", insist=True).value == "选择"
    document.unprotect(SHEET)
    assert document.type_text(SHEET, "A2", "别的").value == "别的"


def test_typing_obeys_validations_as_excel_does(document: Document) -> None:
    document.type_text(SHEET, "B2", "甲")
    assert document.type_text(SHEET, "B2", "丁").value == "甲"
    assert document.type_text(SHEET, "B2", "").value == ""
    assert document.type_text(SHEET, "B3", "60").value == 60
    for refused in ("500", "-5", "=50*3", "abc"):
        assert document.type_text(SHEET, "B3", refused).value == 60, refused
    assert document.type_text(SHEET, "B3", "=50+1").formula == "=50+1"
    assert document.type_text(SHEET, "C3", "500").value == "", "a warning is answered by taking the entry back"
    assert document.type_text(SHEET, "C3", "500", insist=True).value == 500


def test_a_formula_typed_into_a_text_cell_is_text(document: Document) -> None:
    typed = document.type_text(SHEET, "B5", "=1+1")
    assert (typed.value, typed.formula) == ("=1+1", None)
    document.type_text(SHEET, "B2", "乙")
    assert document.cell(SHEET, "B5").value == "=1+1", "the next cell typed into does not disturb it"


def test_invalid_cells_are_listed(document: Document) -> None:
    assert document.show_invalid(SHEET) == []
    document.type_text(SHEET, "B3", "500", insist=True)
    document.type_text(SHEET, "B2", "丁", insist=True)
    assert document.show_invalid(SHEET) == ["B2", "B3"]
    document.type_text(SHEET, "B3", "5")
    assert document.show_invalid(SHEET) == ["B2"]


def test_formulas_are_calculated_on_opening_whatever_the_file_caches(document: Document) -> None:
    assert document.cell(SHEET, "D4").error == "#DIV/0!"
    document.type_text(SHEET, "B3", "30")
    assert document.cell(SHEET, "D3") == libreoffice.Cell(60, "60", "=B3*2", None)
    document.recalculate()
    assert document.cell(SHEET, "D3").value == 60


def test_conditional_colours_are_seen_and_clear(document: Document) -> None:
    assert document.visible_color(SHEET, "B3") == "#EEEEEE"
    assert document.visible_color(SHEET, "B5") is None
    document.type_text(SHEET, "B3", "60")
    looks = document.looks(SHEET)
    assert (looks["B3"].background, looks["B3"].bold) == ("#FF0000", True)
    assert looks["B5"].background == "#FF0000", "a merge is coloured as its first cell"
    assert looks["A1"].text == "标记", "hidden rows are seen"
    assert "C5" not in looks, "what lies under a merge is no cell"
    document.type_text(SHEET, "B3", "40")
    assert document.visible_color(SHEET, "B3") == "#EEEEEE"
    assert document._ask("looks", sheet="lists").keys() == {"A1", "A2"}
    assert not document.visible("lists"), "looking at a hidden sheet leaves it hidden"


def test_a_look_is_told_of_the_right_cell_wherever_the_sheet_begins_and_ends(
    office: LibreOffice, tmp_path: Path
) -> None:
    workbook = xlsxwriter.Workbook(str(tmp_path / "edges.xlsx"))
    sheet, empty, last = (workbook.add_worksheet(name) for name in ("first", "empty", "last"))
    empty.very_hidden()
    yellow, red = (workbook.add_format({"bg_color": color}) for color in ("#FFFF00", "#FF0000"))
    sheet.write("C5", "some", yellow)
    sheet.write_comment("C5", "a note is no text of its cell")
    for place in ("I12", "K20:K1048576"):
        sheet.conditional_format(place, {"type": "formula", "criteria": "=$C$5<>1", "format": red})
    sheet.set_row(7, None, None, {"hidden": True})
    sheet.set_column("E:F", None, None, {"hidden": True})
    sheet.merge_range("E7:G9", "across what is hidden", yellow)
    last.write("B2", "alone", yellow)
    workbook.close()
    with office.open(tmp_path / "edges.xlsx") as document:
        looks = document.looks("first")
        assert looks["C5"].text == "some"
        filled = {place: look.background for place, look in looks.items() if look.background}
        assert [filled.pop(f"K{row}") for row in range(20, 30)] == ["#FF0000"] * 10
        assert {place: color for place, color in filled.items() if not place.startswith("K")} == {
            "C5": "#FFFF00", "E7": "#FFFF00", "I12": "#FF0000"}  # fmt: skip
        assert [look.background for look in document.looks("empty").values()] in ([], [None])
        assert {place: look.background for place, look in document.looks("last").items()} == {"B2": "#FFFF00"}


def test_what_is_printed_agrees_with_the_colours_reported(document: Document, tmp_path: Path) -> None:
    document.type_text(SHEET, "B3", "40")
    assert red_points(document.render(tmp_path / "before.png", resolution=36)) == 0
    assert "必4" not in document.printed_text()
    document.type_text(SHEET, "B3", "60")
    assert red_points(document.render(tmp_path / "after.png", resolution=36)) > 100
    assert "必4 60.0" in document.printed_text()


def test_rows_sheets_and_cells_are_moved_as_people_do(document: Document) -> None:
    document.type_text(SHEET, "B3", "7")
    document.insert_rows(SHEET, 3, 2)
    assert document.cell(SHEET, "B5").value == 7
    document.delete_rows(SHEET, 3)
    assert document.cell(SHEET, "B5").value == 7, "the lock lets rows in, and none out"
    document.copy(SHEET, "B5", "A2")
    document.clear(SHEET, "A2")
    assert document.cell(SHEET, "A2").value == "选择", "nothing is pasted onto a locked cell, nor cleared"
    document.clear(SHEET, "B5")
    assert document.cell(SHEET, "B5").value == ""
    document.unprotect(SHEET)
    document.delete_rows(SHEET, 3, 2)
    for place, value in zip(("F1", "F2", "F3"), "213", strict=True):
        document.type_text(SHEET, place, value)
    document.sort(SHEET, "F1:F3", descending=True)
    assert document.values(SHEET, "F1:F3") == [[3.0], [2.0], [1.0]]
    document.copy(SHEET, "F1", "G1:G2")
    assert document.values(SHEET, "G1:G2") == [[3.0], [3.0]]
    document.drag(SHEET, "B3", "F5")
    assert document.cell(SHEET, "D3").formula == "=F5*2", "references follow what is dragged"
    document.rename(SHEET, "改名")
    document.copy_sheet("改名", "又一张")
    assert document.sheets() == ["改名", "lists", "又一张"]


@pytest.mark.parametrize(("name", "filter"), [("again.xlsx", XLSX), ("again.xls", XLS), ("again.ods", ODS)])
def test_a_workbook_saved_in_another_format_opens_again(
    office: LibreOffice, document: Document, tmp_path: Path, name: str, filter: str
) -> None:
    document.type_text(SHEET, "B3", "60")
    with office.open(document.save_as(tmp_path / name, filter)) as again:
        assert again.sheets() == [SHEET, "lists"]
        assert again.protected(SHEET)
        assert again.cell(SHEET, "D3").value == 120
        assert again.visible_color(SHEET, "B3") == "#FF0000"


def test_errors_are_sentences(office: LibreOffice, document: Document, tmp_path: Path) -> None:
    with pytest.raises(OfficeError, match="there is no sheet '无'; there are 表一, lists"):
        document.cells("无")
    with pytest.raises(OfficeError, match="open"):
        office.open(tmp_path / "none.xlsx")
    with pytest.raises(OfficeError, match="Z99 is not a cell in the used range"):
        document.visible_color(SHEET, "Z99")
    assert document.cell(SHEET, "A2").value == "选择", "an error leaves LibreOffice usable"


def test_a_hung_soffice_is_killed_and_the_next_opening_starts_anew(office: LibreOffice, path: Path) -> None:
    with LibreOffice(timeout=3) as other:
        document = other.open(path)
        group = other.group
        os.killpg(group, signal.SIGSTOP)
        with pytest.raises(OfficeHung, match="soffice did not answer 'sheets' within 3 s; it was killed"):
            document.sheets()
        assert eventually(lambda: living(group) == []), "driver and soffice are gone"
        other.timeout = 60
        with other.open(path) as again:
            assert again.sheets() == [SHEET, "lists"]
            with pytest.raises(OfficeError, match="this workbook was lost"):
                document.sheets()


def living(group: int) -> list[str]:
    """The processes of a group that are not merely waiting to be buried."""
    lines = subprocess.run(
        ["ps", "-e", "-o", "pgid=,stat=,comm="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [line for line in lines if line.split()[0] == str(group) and not line.split()[1].startswith("Z")]


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def red_points(png: Path) -> int:
    """How many points of an 8-bit RGB picture are pure red."""
    data, place, packed = png.read_bytes(), 8, b""
    while place < len(data):
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        body = data[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            assert body[8:10] == b"\x08\x02", "8 bits, RGB"
        packed += body if kind == b"IDAT" else b""
        place += length + 12
    raw, above, points = zlib.decompress(packed), bytes(width * 3), Counter[bytes]()
    for row in range(height):
        method, line = (
            raw[row * (width * 3 + 1)],
            bytearray(raw[row * (width * 3 + 1) + 1 : (row + 1) * (width * 3 + 1)]),
        )
        for index in range(len(line)):
            left, corner = (line[index - 3], above[index - 3]) if index >= 3 else (0, 0)
            guess = (0, left, above[index], (left + above[index]) // 2, paeth(left, above[index], corner))[method]
            line[index] = (line[index] + guess) & 255
        above = bytes(line)
        points.update(above[index : index + 3] for index in range(0, len(above), 3))
    return points[b"\xff\x00\x00"]


def paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))
