"""Every package that perfxl writes is one that Excel opens without repair, and the same each time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import (
    FORMS,
    cell_of,
    example,
    findings,
    flagged,
    made,
    part,
    submissions,
    with_parts,
)

from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Prefill
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.stamp import stamp_book

Judge = Callable[[bytes | Path], list[Any]]

WRONG = {
    "project-target": {"budget": {"total": 6.52, "fiscal": 60, "other": 0.123}, "plan": {"march": 90}, "purpose": None},
    "department-goals": {"overall": "  统筹  发展《三年计划。  "},
    "central-target": {"funds": {"year": {"total": 1}}, "goals": {"year": "建成《站点（12个。 "}},
}
"""Mistakes by the form: laid over its first record."""

NAMES = {
    "a formula": "=1+1",
    "an at": "@SUM(A1)",
    "a plus": "+86乡道",
    "a minus": "-12度冷库",
    "an apostrophe": "'引号",
    "slashes": "供水/排水\\管网",
    "brackets": "道路[一期]*维修?",
    "colon": "项目:甲",
    "double quotes": '“双拥”"工作"',
    "XML": "水利<甲>&乙&amp;丙</t>",
    "an escape": "_x0041_井",
    "forty characters": "四十个字的项目名称" * 4 + "到此为止",
    "spaces": " 头尾  空格 ",
    "an address": "A1",
    "a number": "2024",
}


TABS = {why: name for why, name in NAMES.items() if why != "an escape"}
"""Several in one book; the escape, which a tab's name cannot hold, has a test of its own."""


def wrong(form: str) -> dict[str, Any]:
    records = example(form)
    records["projects"] = records["projects"][:2]
    target = records["department"] if form == "department-goals" else records["projects"][0]
    target.update(WRONG[form])
    return records


def package_of(form: str, records: dict[str, Any], prefill: Prefill = "all") -> bytes:
    (book,) = made(form, records, prefill=prefill).values()
    return stamp_book(book)


# --- legal ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefill", ["given", "last", "all"])
@pytest.mark.parametrize("form", FORMS)
def test_every_generated_file_is_legal(complaints: Judge, form: str, prefill: Prefill) -> None:
    for book in made(form, prefill=prefill).values():
        assert complaints(stamp_book(book)) == []


def test_a_project_s_own_file_is_legal_and_locked_by_a_password(complaints: Judge) -> None:
    for book in list(made("project-target", by="project").values())[:2]:
        assert complaints(stamp_book(book)) == []
        locked = stamp_book(Book(book.form, book.issue, book.pages, book.listed, "秘密 pass&<"))
        assert complaints(locked) == []
        assert re.search(r'<sheetProtection password="[0-9A-F]{4}"', part(locked, "xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize("form", FORMS)
def test_every_flagged_file_is_legal(complaints: Judge, form: str) -> None:
    data = package_of(form, wrong(form))
    assert len(findings(data)) >= 1
    once = flagged(data, "11月6日17:00")
    assert once != data
    assert complaints(once) == []
    blank = package_of(form, example(form), "given")
    assert complaints(flagged(blank)) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_libreoffice_saved_is_flagged_legally(
    complaints: Judge, office: LibreOffice, tmp_path: Path, form: str
) -> None:
    """Saved, flagged, saved, flagged again: LibreOffice writes styles, notes and formats its own way. Of what it
    writes itself nothing is asked: only what flagging adds."""
    sent = tmp_path / "sent.xlsx"
    sent.write_bytes(package_of(form, wrong(form)))
    saved = office.convert(sent, tmp_path / "saved.xlsx")
    before = set(map(str, complaints(saved)))
    back = tmp_path / "back.xlsx"
    back.write_bytes(flagged(saved))
    assert set(map(str, complaints(back))) - before == set()
    again = office.convert(back, tmp_path / "again.xlsx")
    before = set(map(str, complaints(again)))
    twice = flagged(again)
    assert set(map(str, complaints(twice))) - before == set()
    assert findings(twice) == findings(saved) == findings(sent) != set()


def test_a_chain_of_calculation_never_names_a_cell_without_a_formula() -> None:
    """Excel lists in calcChain the cells that it calculates, 审核意见's states too. Where flagging takes lines away, it
    takes them away there: Excel repairs a workbook whose chain leads to a cell without formula."""
    records = wrong("project-target")
    first = flagged(package_of("project-target", records))
    sheets = dict(re.findall(r'<sheet [^>]*?name="([^"]*)" sheetId="(\d+)"', part(first, "xl/workbook.xml")))
    opinions = part(first, opinions_part(first))
    states = re.findall(r'<c r="([A-Z]+\d+)"[^>]*><f>', opinions)
    assert len(states) > 1
    links = "".join(f'<c r="{cell}" i="{sheets["审核意见"]}"/>' for cell in states)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    types = part(first, "[Content_Types].xml").replace(
        "</Types>",
        '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.spreadsheetml.calcChain+xml"/></Types>',
    )
    rels = part(first, "xl/_rels/workbook.xml.rels").replace(
        "</Relationships>",
        '<Relationship Id="rId999" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"'
        ' Target="calcChain.xml"/></Relationships>',
    )
    as_excel_saves = with_parts(
        first,
        {
            "xl/calcChain.xml": f'<calcChain xmlns="{main}">{links}</calcChain>',
            "[Content_Types].xml": types,
            "xl/_rels/workbook.xml.rels": rels,
            # and one mistake was put right: the purpose
            sheet_part(first, 1): re.sub(
                r'(<c r="C7" s="\d+")/>',
                r'\1 t="inlineStr"><is><t>发放补贴。</t></is></c>',
                part(first, sheet_part(first, 1)),
            ),
        },
    )
    assert len(findings(as_excel_saves)) == len(findings(first)) - 1
    again = flagged(as_excel_saves)
    with zipfile.ZipFile(BytesIO(again)) as archive:
        chained = archive.read("xl/calcChain.xml").decode() if "xl/calcChain.xml" in archive.namelist() else ""
    still = set(re.findall(r'<c r="([A-Z]+\d+)"[^>]*><f>', part(again, opinions_part(again))))
    assert len(still) < len(states)
    assert set(re.findall(r'<c r="([A-Z]+\d+)"', chained)) <= still


def opinions_part(data: bytes) -> str:
    return sheet_part(data, len(re.findall("<sheet ", part(data, "xl/workbook.xml"))) - 1)


def sheet_part(data: bytes, index: int) -> str:
    ids = re.findall(r'<sheet [^>]*r:id="(\w+)"', part(data, "xl/workbook.xml"))
    rels = part(data, "xl/_rels/workbook.xml.rels")
    line = next(line for line in re.findall(r"<Relationship [^>]*>", rels) if f'Id="{ids[index]}"' in line)
    return "xl/" + re.search(r'Target="(?:/xl/)?([^"]*)"', line)[1]


# --- the same -------------------------------------------------------------------------------------------------------


PROGRAM = """
import hashlib, sys
sys.path.insert(0, {tests!r})
from workbook.conftest import flagged, made, stamp_book
from workbook.writing.test_packages import package_of, wrong
for form in {forms!r}:
    data = [stamp_book(book) for book in made(form).values()] + [flagged(package_of(form, wrong(form)))]
    print(form, *(hashlib.sha256(each).hexdigest() for each in data))
"""


def test_the_same_input_gives_the_same_bytes_in_another_process_too() -> None:
    """No clock and no chance: nothing depends on the order of a set, on the time or on what was made before."""
    here = []
    for form in FORMS:
        data = [stamp_book(book) for book in made(form).values()] + [flagged(package_of(form, wrong(form)))]
        assert data[0] == stamp_book(next(iter(made(form).values())))
        here.append(" ".join([form, *(hashlib.sha256(each).hexdigest() for each in data)]))
    asked = {"capture_output": True, "text": True, "check": True, "cwd": Path(__file__).parent}
    program = PROGRAM.format(tests=str(Path(__file__).parents[2]), forms=FORMS)
    for seed, zone in (("1", "Asia/Shanghai"), ("2", "UTC")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run([sys.executable, "-P", "-c", program], **asked, env=environment)
        assert done.stdout.splitlines() == here


# --- hard names -----------------------------------------------------------------------------------------------------


def named(names: list[str]) -> dict[str, Any]:
    records = example("project-target")
    first = records["projects"][0]
    records["projects"] = [{**first, "number": number, "name": name} for number, name in enumerate(names, start=1)]
    return records


@pytest.mark.parametrize("why", NAMES)
def test_a_hard_name_makes_a_legal_sheet_and_stays_text_both_ways(complaints: Judge, why: str) -> None:
    """In the head, in the title, on the list with its link, in 审核意见 and in the notes."""
    records = named([NAMES[why]])
    records["projects"][0].update(WRONG["project-target"])
    records["projects"][0]["indicators"][0]["basis"] = None
    records["projects"][0]["indicators"][1]["basis"] = NAMES[why] + "《"
    data = package_of("project-target", records)
    assert complaints(data) == []
    (submission,) = submissions(data)
    assert submission.record["name"] == NAMES[why]
    assert submission.record["indicators"][1]["basis"] == NAMES[why] + "《"
    back = flagged(data)
    assert complaints(back) == []
    assert submissions(back)[0].record == submission.record
    for each in (data, back):
        workbook = openpyxl.load_workbook(BytesIO(each))
        for sheet in workbook:
            assert len(sheet.title) <= 31
            held = {cell.coordinate: cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
            assert NAMES[why] not in {cell.value for cell in held.values()}
            if sheet.title == "审核意见":
                assert {sheet.cell(4, cell.column).value for cell in held.values()} == {"状态"}


def test_the_same_book_by_xlsxwriter_alone_is_legal_too(complaints: Judge) -> None:
    """What stamping leaves to XlsxWriter is judged as what it stamps."""
    for book in made("project-target", named(list(TABS.values()))).values():
        data = write_zip(pack(name, content) for name, content in compile_book(book).items())
        assert complaints(data) == []
        assert [each.record["name"] for each in submissions(data)] == list(TABS.values())


def test_libreoffice_shows_hard_names_as_they_are(office: LibreOffice, tmp_path: Path) -> None:
    """And texts typed that look like formulas stay texts."""
    records = named(list(TABS.values()))
    (book,) = made("project-target", records, prefill="given").values()
    path = tmp_path / "hard.xlsx"
    path.write_bytes(stamp_book(book))
    with office.open(path) as document:
        listed = document.values("项目清单", f"B5:B{4 + len(TABS)}")
        assert [row[0] for row in listed] == list(TABS.values())
        page = book.pages[0]
        for page_, name in zip(book.pages, TABS.values(), strict=True):
            assert document.cell(page_.name, cell_of(page_, "name")) == document.cell(
                "项目清单", f"B{page_.identity.number + 4}"
            )
            assert document.cell(page_.name, cell_of(page_, "name")).value == name
        for row, text in enumerate(("=1+1", "@x", "+x", "-x", "'甲")):
            document.type_text(page.name, cell_of(page, "level3", row), text)
        saved = document.save_as(tmp_path / "saved.xlsx")
    found = [row["level3"] for row in submissions(saved)[0].record["indicators"][:5]]
    assert found[:4] == ["=1+1", "@x", "+x", "-x"]
    assert [each.record["name"] for each in submissions(saved)] == list(TABS.values())


def test_a_name_of_a_sheet_is_never_used_twice() -> None:
    """Excel takes names that differ only in case for the same; and 审核意见 is to be the flags' own."""
    records = named(["同名项目同名项目同名项目一", "同名项目同名项目同名项目二", "abc", "ABC"])
    (book,) = made("project-target", records).values()
    names = openpyxl.load_workbook(BytesIO(stamp_book(book))).sheetnames
    assert len({name.lower() for name in names}) == len(names)
