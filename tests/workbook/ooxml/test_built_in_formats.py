"""The number formats that a file leaves to the program, and those that it states itself under the same ids."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import openpyxl
import pytest
from workbook.conftest import example, made

from perfxl.form.types.base import Raw
from perfxl.form.types.number_format import nature, shown_text
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.parts import BUILTIN
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.writing.compile import compile_book

STYLES, SHEET = "xl/styles.xml", "xl/worksheets/sheet1.xml"
OWN = ['0"米"', '[>1]0"%";0%', "0.00%", 'yyyy"年"m"月"', "0", "@", "#,##0.00", '0;-0;"无"']
IDS = [*range(1, 59)]
# 18.8.30, the table for zh-cn, and what 45 of 2024 (a date) or its time of day shows under each
SHOWN = {
    14: "2024/3/9", 22: "2024/3/9 18:30", 27: "2024年3月", 28: "3月9日", 29: "3月9日", 30: "3-9-24", 31: "2024年3月9日",
    32: "18时30分", 33: "18时30分00秒", 34: "18时30分", 35: "18时30分00秒", 36: "2024年3月", 45: "30:00",
    47: "30:00", 50: "2024年3月", 51: "3月9日", 52: "2024年3月", 53: "3月9日", 54: "3月9日", 55: "18时30分",
    56: "18时30分00秒", 57: "2024年3月", 58: "3月9日",
}  # fmt: skip


def _workbook(stated: dict[int, str], number: float) -> Workbook:
    """A workbook with a cell under each id, in row 3001; ``stated``: the number formats that the file has itself."""
    records = example("project-target")
    records["projects"] = records["projects"][:1]
    (book,) = made("project-target", records, by="project").values()
    parts = compile_book(book)
    styles = parts[STYLES].decode()
    first = len(re.findall("<xf ", styles.partition("<cellXfs")[2].partition("</cellXfs>")[0]))
    formats = "".join(f"<numFmt numFmtId='{id}' formatCode={quoteattr(code)}/>" for id, code in stated.items())
    used = "".join(f'<xf numFmtId="{id}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for id in IDS)
    styles = re.sub("(<numFmts[^>]*>)", lambda found: found[1] + formats, styles)
    parts[STYLES] = styles.replace("</cellXfs>", f"{used}</cellXfs>").encode()
    cells = "".join(
        f'<c r="{openpyxl.utils.get_column_letter(id)}3001" s="{first + at}"><v>{number!r}</v></c>'
        for at, id in enumerate(IDS)
    )
    row = f'<row r="3001">{cells}</row></sheetData>'.encode()
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", row)
    return Workbook(open_bytes(write_zip(pack(name, data) for name, data in parts.items()), "表.xlsx"))


def _raws(workbook: Workbook) -> dict[int, Raw]:
    sheet = workbook.sheet(workbook.sheets[0])
    return {id: sheet.raw(3000, id - 1) for id in IDS}


def test_what_is_left_to_the_program_is_as_in_chinese_excel() -> None:
    raws = _raws(_workbook({}, 45360.770833333336))
    assert {id: raw.format for id, raw in raws.items()} == {id: BUILTIN.get(id, "General") for id in IDS}
    assert {id: shown_text(raws[id]) for id in SHOWN} == SHOWN
    assert {id for id, raw in raws.items() if nature(raw).date} == {*SHOWN, 15, 16, 17, 18, 19, 20, 21, 46}


def test_a_format_of_the_file_wins_over_the_built_in_one() -> None:
    chance = random.Random(58)
    for number in (2150, 0.95, 30, 45360):
        stated = {id: chance.choice(OWN) for id in chance.sample(IDS, 40)}
        raws = _raws(_workbook(stated, number))
        for id, raw in raws.items():
            code = stated.get(id, BUILTIN.get(id, "General"))
            assert raw.format == code
            assert shown_text(raw) == shown_text(Raw(number, code))


def _read_again(code: str, id: int, cells: dict[str, float]) -> Submission:
    """A project's sheet with numbers under a number format that has this id in the file."""
    records = example("project-target")
    records["projects"] = records["projects"][:1]
    (book,) = made("project-target", records, by="project").values()
    data = write_zip(pack(name, part) for name, part in compile_book(book).items())
    (reading,) = read_workbook(Workbook(open_bytes(data, "表.xlsx")))
    changed = openpyxl.load_workbook(BytesIO(data))
    for path, number in cells.items():
        cell = changed[reading.submission.sheet][reading.submission.places[path]]
        cell.value, cell.number_format = number, code
    changed.save(saved := BytesIO())
    with zipfile.ZipFile(saved) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    styles = parts[STYLES].decode()
    (own,) = (format["numFmtId"] for format in _formats(styles) if format["formatCode"] == code)
    parts[STYLES] = styles.replace(f'numFmtId="{own}"', f'numFmtId="{id}"').encode()
    again = write_zip(pack(name, part) for name, part in parts.items())
    (reading,) = read_workbook(Workbook(open_bytes(again, "表.xlsx")))
    return reading.submission


def _formats(styles: str) -> Iterator[dict[str, str]]:
    return (element.attrib for element in ElementTree.fromstring(styles).iter() if element.tag.endswith("}numFmt"))


@pytest.mark.parametrize(
    ("code", "id", "number", "target", "march"),
    [
        ('0"米"', 58, 2150, "2150米", "2150米"),
        ('0"米"', 14, 0.95, "0.95米", "0.95米"),
        ('[>1]0"%";0%', 200, 0.3, "30%", 30),
        ('[>1]0"%";0%', 57, 30, "30%", 30),
        ('[>=100]0.0"亿元";0.00"万元"', 31, 250, "250.0亿元", "250.0亿元"),
    ],
)
def test_an_answer_is_what_its_cell_shows(code: str, id: int, number: float, target: str, march: float | str) -> None:
    found = _read_again(code, id, {"indicators[0].target": number, "plan.march": number}).record
    assert (found["indicators"][0]["target"], found["plan"]["march"]) == (target, march)
