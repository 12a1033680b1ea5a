"""Other formats come into the same cells: .xls, .xlsb, OpenDocument, SpreadsheetML, pages, CSV; and what is no workbook."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from office.libreoffice import ODS, XLS, LibreOffice
from workbook.conftest import FORMS, made, some, submissions
from workbook.conftest import example as records
from workbook.other_formats import as_other_formats

from perfxl import messages
from perfxl.cli import main
from perfxl.errors import PackageError, UnknownWorkbook
from perfxl.submission import Submission
from perfxl.workbook.ooxml import foreign
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.formula import absolute_range, address
from perfxl.workbook.ooxml.limits import LIMITS
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.other_formats import KINDS, convert_package, kind_of
from perfxl.workbook.other_formats.__main__ import convert
from perfxl.workbook.other_formats.values import ForeignFile
from perfxl.workbook.reading.opening import open_bytes, open_package
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.writing.stamp import stamp_book

RETURNED = Path(__file__).parents[2] / "returned" / "formats"
CASES: dict[str, dict[str, Any]] = yaml.safe_load((RETURNED / "cases.yaml").read_text("utf-8"))


def read(data: bytes, name: str = "报回") -> list[Submission]:
    return [reading.submission for reading in read_workbook(Workbook(open_bytes(data, name)))]


# One record, whatever program saved it -------------------------------------------------------------------------------------

FODS, PAGE = "OpenDocument Spreadsheet Flat XML", "HTML (StarCalc)"
SAVED = {
    "xls": (".xls", XLS),
    "et": (".et", XLS),
    "ods": (".ods", ODS),
    "fods": (".fods", FODS),
    "html": (".html", PAGE),
}
CSV = "Text - txt - csv (StarCalc):44,34,{},1,,0,false,true,false"
ENCODINGS = {"UTF-8": 76, "GB18030": 85}  # as LibreOffice counts them


def filled() -> dict[str, Callable[[], bytes]]:
    """Workbooks full of answers: of each form, of one project and of a unit."""
    return {
        "one project": lambda: some(1, by="project"),
        "a unit's projects": lambda: some(3),
        **{form: lambda form=form: stamp_book(next(iter(made(form).values()))) for form in FORMS[1:]},  # type: ignore[misc]
    }


@pytest.fixture(scope="module", params=list(filled()))
def book(request: pytest.FixtureRequest) -> bytes:
    return filled()[request.param]()


def same(found: list[Submission], wanted: list[Submission], marks: bool = True) -> None:
    assert [each.record for each in found] == [each.record for each in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert (one.form, one.version, one.year, one.unit_code) == (
            other.form,
            other.version,
            other.year,
            other.unit_code,
        )
        if marks:  # sheets, cells, what was issued, which marks are left: as in the .xlsx
            assert (one.sheet, one.places, one.issued, one.lost) == (
                other.sheet,
                other.places,
                other.issued,
                other.lost,
            )


@pytest.mark.parametrize("origin", SAVED)
def test_saved_by_libreoffice(origin: str, book: bytes, office: LibreOffice, tmp_path: Path) -> None:
    source = tmp_path / "表.xlsx"
    source.write_bytes(book)
    suffix, filter = SAVED[origin]
    path = office.convert(source, tmp_path / f"表{suffix}", filter)
    workbook = Workbook(open_package(path))
    assert workbook.package.origin == ("xls" if origin == "et" else origin)
    # a page holds no hidden row, sheet or name: found by labels and by the printed code
    same([each.submission for each in read_workbook(workbook)], submissions(book), marks=origin != "html")


def test_a_township_as_xls(township: dict[str, Any], office: LibreOffice, tmp_path: Path) -> None:
    (whole,) = made("project-target", township).values()
    source = tmp_path / "表.xlsx"
    source.write_bytes(stamp_book(whole))
    for suffix, filter in (SAVED["xls"], SAVED["ods"]):
        same(read(office.convert(source, tmp_path / f"表{suffix}", filter).read_bytes()), submissions(source))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", FORMS)
def test_a_csv_of_the_sheet(form: str, encoding: str, office: LibreOffice, tmp_path: Path) -> None:
    """A CSV holds the first sheet alone, as texts: what is shown of the numbers, the labels and the printed code."""
    book = stamp_book(next(iter(made(form, by="unit" if form == "department-goals" else "project").values())))
    source = tmp_path / "表.xlsx"
    source.write_bytes(book)
    path = office.convert(source, tmp_path / "表.csv", CSV.format(ENCODINGS[encoding]))
    assert path.read_bytes().decode(encoding)
    same(read(path.read_bytes()), submissions(book)[:1], marks=False)


WRITTEN = {"xlsb": as_other_formats.xlsb, "spreadsheetml": as_other_formats.spreadsheetml}


@pytest.mark.parametrize("origin", WRITTEN)
def test_written_as_the_format_says(origin: str, book: bytes) -> None:
    data = WRITTEN[origin](book)
    assert open_bytes(data, "表").origin == origin
    same(read(data), submissions(book))


def test_the_binary_workbook_is_one(office: LibreOffice, tmp_path: Path) -> None:
    """What the tests write as .xlsb is judged by LibreOffice and by calamine."""
    book = some(1, by="project")
    path = tmp_path / "表.xlsb"
    path.write_bytes(as_other_formats.xlsb(book))
    wanted = {
        address(cell.row, cell.column): cell.value
        for cell in as_other_formats.told(book).sheets[0].cells
        if cell.value is not None
    }
    other = python_calamine.CalamineWorkbook.from_path(path)
    first = other.get_sheet_by_index(0)
    top, left = first.start
    held = {
        address(top + row, left + column): value
        for row, cells in enumerate(first.to_python())
        for column, value in enumerate(cells)
    }
    assert {place: value for place, value in held.items() if value != ""} == {
        k: v for k, v in wanted.items() if v != ""
    }
    with office.open(path) as document:
        shown = document.cells(document.sheets()[0])
        assert {place: cell.value for place, cell in shown.items() if cell.value != ""} == {
            k: v for k, v in wanted.items() if v != ""
        }


@pytest.mark.parametrize("encoding", ["gb2312", "utf-8"])
@pytest.mark.parametrize("form", FORMS)
def test_the_page_of_excel(form: str, encoding: str) -> None:
    book = stamp_book(next(iter(made(form).values())))
    page = as_other_formats.excel_page(book, encoding)
    assert open_bytes(page, "表.xls").origin == "html"
    same(read(page), submissions(book)[:1], marks=False)


def test_formats_locks_and_states_come_along() -> None:
    """What the ordinary reader knows of the cells, beside their values, is the same in every format that holds it."""
    book = some(2)
    plain = Workbook(Package(book, "表.xlsx"))
    for origin, write in WRITTEN.items():
        other = Workbook(open_bytes(write(book), "表"))
        assert other.properties == plain.properties
        assert [(entry.name, entry.state) for entry in other.sheets] == [
            (entry.name, entry.state) for entry in plain.sheets
        ]
        for one, two in zip(plain.sheets, other.sheets, strict=True):
            want, found = plain.sheet(one), other.sheet(two)
            assert found.hidden_rows == want.hidden_rows
            assert sorted(found.merges) == sorted(want.merges)
            for at, cell in want.cells.items():
                if want.value(*at) not in (None, ""):
                    assert (found.raw(*at), found.locked(*at)) == (want.raw(*at), want.locked(*at)), (origin, at, cell)


# Small files with a story -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_a_small_file(name: str) -> None:
    case, path = CASES[name], RETURNED / name
    if "error" in case:
        with pytest.raises(PackageError) as caught:
            open_package(path)
        assert caught.value.facts["what"] == case["error"]
        for lang in messages.languages():
            assert messages.sentence(caught.value, lang).startswith(str(path))
        return
    workbook = Workbook(open_package(path))
    assert workbook.package.origin == case["origin"]
    assert {entry.name: entry.state for entry in workbook.sheets} == case["sheets"]
    sheet = workbook.sheet(workbook.sheets[0])
    held = {address(*at): at for at in sheet.cells if sheet.value(*at) is not None}
    assert {place: cell_of(sheet, at) for place, at in held.items()} == {
        place: value if isinstance(value, list) else [value, "General"] for place, value in case["cells"].items()
    }
    assert {absolute_range(*merge) for merge in sheet.merges} == set(case.get("merges", ()))
    assert {row + 1 for row in sheet.hidden_rows} == set(case.get("hidden", ()))
    assert {place for place, at in held.items() if not sheet.locked(*at)} == set(case.get("unlocked", ()))
    assert {address(*at) for at, cell in sheet.cells.items() if cell.formula is not None} == set(
        case.get("formulas", ())
    )
    assert {each.name: each.text for each in workbook.names} == case.get("names", {})
    assert workbook.properties.items() >= case.get("properties", {}).items()
    epoch = b'date1904="1"' in workbook.package.read("xl/workbook.xml")
    assert epoch == case.get("epoch_1904", False)


def cell_of(sheet: Any, at: tuple[int, int]) -> list[Any]:
    raw = sheet.raw(*at)
    return ["error", raw.value] if raw.error else [raw.value, raw.format]


def test_every_small_file_has_its_story() -> None:
    assert {path.name for path in RETURNED.iterdir()} == {*CASES, "cases.yaml"}
    assert all(case["story"] for case in CASES.values())
    assert all((RETURNED / name).stat().st_size < 15_000 for name in CASES)


# What is no workbook ----------------------------------------------------------------------------------------------------------


def ole(*streams: str) -> bytes:
    """The head of a compound file and a directory with these streams."""
    entries = b"".join((name.encode("utf-16-le") + b"\0\0").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return foreign.COMPOUND + bytes(504) + entries.ljust(1024, b"\0")


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return stream.getvalue()


MAIL = "From: 907001@example.cn\r\nSubject: 报表\r\nMIME-Version: 1.0\r\n\r\n请查收".encode()
FOREIGN: Mapping[str, tuple[bytes, str]] = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "is_pdf"),
    "jpeg": (b"\xff\xd8\xff\xe1\0\x10Exif\0\0", "is_picture"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is_picture"),
    "gif": (b"GIF89a\1\0\1\0", "is_picture"),
    "bmp": (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", "is_picture"),
    "webp": (b"RIFF\x24\0\0\0WEBPVP8 ", "is_picture"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "is_picture"),
    "tiff": (b"II*\0\x08\0\0\0", "is_picture"),
    "mp4": (b"\0\0\0\x18ftypmp42\0\0\0\0", "is_film"),
    "rtf": (b"{\\rtf1\\ansi ", "is_rtf"),
    "rar": (b"Rar!\x1a\x07\x01\0", "is_rar"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\x04", "is_7z"),
    "gz": (gzip.compress(b"x"), "is_archive"),
    "tar": (b"a.xlsx".ljust(257, b"\0") + b"ustar\0" + b"00" + bytes(247), "is_archive"),
    "a zip of workbooks": (zipped(a_xlsx=b"PK"), "is_zip"),
    "doc": (ole("1Table", "WordDocument"), "not_a_workbook"),
    "ppt": (ole("PowerPoint Document"), "not_a_workbook"),
    "msg": (ole("__properties_version1.0"), "is_mail"),
    "eml": (MAIL, "is_mail"),
    "encrypted xlsx": (ole("EncryptionInfo", "EncryptedPackage"), "encrypted"),
    "another compound file": (ole("FileHeader", "DocInfo"), "is_compound"),
    "an xls that is a head only": (ole("Workbook"), "cannot_convert"),
    "odt": (zipped(mimetype=b"application/vnd.oasis.opendocument.text", content_xml=b"<o:document-content xmlns:o='o'/>"), "not_a_workbook"),
    "encrypted ods of today": (zipped(mimetype=b"x", **{"encrypted-package": b"x"}), "encrypted"),
    "ofd": (zipped(OFD_xml=b"<OFD/>"), "is_ofd"),
    "numbers": (zipped(Index__Document_iwa=b"x"), "is_numbers"),
    "lnk": (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0", "is_shortcut"),
    "url": (b"[InternetShortcut]\r\nURL=http://example.cn/\r\n", "is_shortcut"),
    "sqlite": (b"SQLite format 3\0\x10\0", "is_database"),
    "mdb": (b"\0\x01\0\0Standard Jet DB\0", "is_database"),
    "exe": (b"MZ\x90\0\x03\0\0\0", "is_program"),
    "elf": (b"\x7fELF\x02\x01\x01\0", "is_program"),
    "an unfinished download": (bytes(20_000), "unfinished"),
    "xml": ("<?xml version='1.0'?><表/>".encode(), "is_xml"),
    "noise": (bytes(range(256)) * 4, "not_zip"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_no_workbook_says_what_it_is(name: str) -> None:
    data, what = FOREIGN[name]
    with pytest.raises(PackageError) as caught:
        open_bytes(data, "柳溪镇.xlsx")
    assert caught.value.facts["what"] == what
    for lang in messages.languages():
        assert messages.sentence(caught.value, lang).startswith("柳溪镇.xlsx")


def test_a_text_that_begins_like_a_program() -> None:
    assert open_bytes("MZ村,1\r\n".encode(), "a.csv").origin == "csv"


# The process -------------------------------------------------------------------------------------------------------------------


def test_a_plain_workbook_pays_nothing() -> None:
    """No reader of other formats, nor what it needs, is imported for an .xlsx."""
    words = "import sys, perfxl.workbook.reading.opening as p; from perfxl.workbook.ooxml.cells import Workbook; " \
        "Workbook(p.open_bytes(sys.stdin.buffer.read(), 'a')); " \
        "print([m for m in sys.modules if m.startswith(('perfxl.workbook.other_formats', 'xlrd', 'olefile', 'subprocess', 'html.'))])"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-P", "-c", words], input=some(1, by="project"), capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[]", done.stderr


def test_the_callers_folder_is_not_asked_for_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of returned files anybody can put an xlrd.py."""
    for name in ("xlrd", "csv", "json", "perfxl"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(7)")
    monkeypatch.chdir(tmp_path)
    assert open_bytes((RETURNED / "xlwt写的.xls").read_bytes(), "a.xls").origin == "xls"
    assert open_bytes((RETURNED / "Excel存的.csv").read_bytes(), "a.csv").origin == "csv"


def repeated(rows: int, columns: int, text: str = "字") -> bytes:
    """A flat OpenDocument sheet with one cell, over and over."""
    return (
        '<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:t="t" xmlns:x="x"><office:body>'
        f'<office:spreadsheet><t:table t:name="a"><t:table-row t:number-rows-repeated="{rows}"><t:table-cell '
        f't:number-columns-repeated="{columns}" office:value-type="string"><x:p>{text}</x:p></t:table-cell></t:table-row></t:table>'
        "</office:spreadsheet></office:body></office:document>"
    ).encode()


def tall_page(rows: int) -> bytes:
    return b"<table>" + b"<tr><td rowspan=9999 colspan=16000>x" * rows + b"</table>"


HOSTILE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "a cell over the whole sheet": (lambda: repeated(1_048_576, 16_384), "too_many_cells"),
    "a long text over and over": (lambda: repeated(1_000, 1_000, "字" * 100_000), "too_large_inside"),
    "cells that reach down": (lambda: tall_page(100_000), "too_many_merges"),
    "deep elements": (lambda: repeated(1, 1).replace(b"<x:p>", b"<x:p>" + b"<x:a>" * 100), "too_deep"),
    "tables in tables": (lambda: b"<table><tr><td>" * 500_000, "too_deep"),
    "tags and nothing else": (lambda: b"<b>" * 500_000, "is_html"),
    "rows without end": (lambda: b"a,b,c\n" * 1_000_000, "too_many_cells"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_soon(name: str) -> None:
    make, what = HOSTILE[name]
    data = make()
    started = time.monotonic()
    with pytest.raises(PackageError) as caught:
        open_bytes(data, "a.xls")
    assert caught.value.facts["what"] == what
    assert time.monotonic() - started < 10


def test_what_takes_too_long_or_too_much_is_ended() -> None:
    slow = b"<table>" + b"<tr><td>a</td></tr>" * 1_000_000
    with pytest.raises(PackageError) as caught:
        convert_package(slow, "a.xls", replace(LIMITS, seconds=1))
    assert caught.value.facts == {"file": "a.xls", "what": "too_slow", "limit": 1}
    if sys.platform == "linux":
        with pytest.raises(PackageError) as caught:
            convert_package(b"<table>" + b"<tr><td>" * 2_000_000, "a.xls", replace(LIMITS, memory=60_000_000))
        assert caught.value.facts["what"] in ("too_much_memory", "cannot_convert")


# Broken in every way --------------------------------------------------------------------------------------------------------------

BROKEN = settings(
    max_examples=60, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    """A file of each format."""
    book = some(1, by="project")
    return {
        "xls": (RETURNED / "xlwt写的.xls").read_bytes(),
        "xlsb": as_other_formats.xlsb(book),
        "fods": (RETURNED / "手写的.fods").read_bytes(),
        "spreadsheetml": (RETURNED / "两种写法的XML表格.xls").read_bytes(),
        "html": (RETURNED / "Excel存的网页.xls").read_bytes(),
        "csv": (RETURNED / "Excel存的.csv").read_bytes(),
    }


def test_a_sample_of_each_format(samples: dict[str, bytes]) -> None:
    assert {*samples, "ods"} == set(KINDS)
    for kind, data in samples.items():
        assert outcome(kind, data) == "read"


def outcome(kind: str, data: bytes) -> str:
    """What becomes of the bytes, in this process: a package that can be opened and read, or a PackageError."""
    try:
        package = Package(convert(kind, ForeignFile(data, "a", LIMITS)), "a")
        workbook = Workbook(package)
        for entry in workbook.sheets:
            sheet = workbook.sheet(entry)
            json.dumps([sheet.value(*at) for at in sheet.cells], ensure_ascii=False).encode()
    except PackageError as error:
        return messages.sentence(error, "zh-CN")
    return "read"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ods"])
@BROKEN
@given(
    share=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
)
@example(share=0.5, changes=[])
def test_any_bytes_changed_or_cut_off(
    kind: str, samples: dict[str, bytes], share: float, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(samples[kind][: int(len(samples[kind]) * (share if not changes else 1))])
    for place, byte in changes:
        data[int(len(data) * place)] = byte
    outcome(kind, bytes(data))


@settings(
    max_examples=25, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_bytes_changed_as_a_user_gives_them(samples: dict[str, bytes], data: st.DataObject) -> None:
    """The same through the whole way: the kind found by the bytes, the work done in the other process."""
    kind = data.draw(st.sampled_from(sorted(samples)))
    broken = bytearray(samples[kind])
    for place, byte in data.draw(
        st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6)
    ):
        broken[int(len(broken) * place)] = byte
    said = ""
    try:
        read_workbook(Workbook(open_bytes(bytes(broken), "a")))
    except (PackageError, UnknownWorkbook) as error:
        said = messages.sentence(error, "zh-CN")
    assert said.startswith("a：") or not said


HEADS = [data[:16] for data, _ in FOREIGN.values()]


@given(head=st.sampled_from([b"", *HEADS]), data=st.binary(max_size=600))
def test_any_bytes_are_of_some_kind(head: bytes, data: bytes) -> None:
    if kind_of(head + data) not in KINDS:  # those are tried above
        with pytest.raises(PackageError) as caught:
            convert_package(head + data, "a")
        assert messages.sentence(caught.value, "zh-CN").startswith("a：")


# The commands ------------------------------------------------------------------------------------------------------------------


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def wrong() -> bytes:
    """A unit's book with a mistake, a note beside the form and a sheet of its own, as SpreadsheetML."""
    found = records("project-target")
    found["projects"] = found["projects"][:2]
    found["projects"][0]["plan"]["march"] = 90
    found["projects"][0]["budget"]["total"] = 999.5
    (book,) = made("project-target", found).values()
    data = as_other_formats.spreadsheetml(stamp_book(book))
    extra = '<Worksheet ss:Name="底稿"><Table><Row><Cell><Data ss:Type="String">另有底稿三页</Data></Cell></Row></Table></Worksheet></Workbook>'
    return data.replace(b"</Workbook>", extra.encode())


def test_flagging_writes_the_form_anew(wrong: bytes, tmp_path: Path) -> None:
    source = tmp_path / "in" / "柳溪镇.xls"
    source.parent.mkdir()
    source.write_bytes(wrong)
    status, out, err = run("flag", source, "-o", tmp_path / "out")
    target = tmp_path / "out" / "柳溪镇.xlsx"
    assert (status, out) == (1, f"{target}\n")
    assert f"{source}不是.xlsx" in err.splitlines()[0]
    assert source.read_bytes() == wrong
    flagged = Workbook(open_package(target))
    assert flagged.package.origin == ""
    assert [each.record for each in submissions(target)] == [each.record for each in read(wrong)]
    texts = {text for entry in flagged.sheets if entry.part for text in flagged.sheet(entry).texts.values()}
    assert "另有底稿三页" in texts
    # what is found in the file is found in what was written, and flagging that again changes nothing
    assert {line for line in run("check", source)[1].splitlines() if "强制性" in line} <= set(
        run("check", target)[1].splitlines()
    )
    assert run("flag", target, "-o", tmp_path / "again")[0] == 1
    assert (tmp_path / "again" / "柳溪镇.xlsx").read_bytes() == target.read_bytes()


def test_a_reviewers_list_finds_the_file_by_its_own_name(wrong: bytes, tmp_path: Path) -> None:
    source = tmp_path / "柳溪镇.xls"
    source.write_bytes(wrong)
    assert run("remarks", source, "-o", tmp_path / "意见.xlsx")[0] == 0
    status, _, err = run("flag", source, "-o", tmp_path / "out", "--remarks", tmp_path / "意见.xlsx")
    assert status == 1
    assert "没有采用" not in err


def test_correcting_gives_a_clean_xlsx(wrong: bytes, tmp_path: Path) -> None:
    source = tmp_path / "柳溪镇.ods.xml"
    source.write_bytes(wrong)
    status, out, _ = run("correct", source, "-o", tmp_path / "out")
    assert (status, out) == (1, f"{tmp_path / 'out' / '柳溪镇.ods.xlsx'}\n")


def test_two_formats_of_one_name_are_not_written_over_each_other(wrong: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.xls").write_bytes(wrong)
    (folder / "a.xlsx").write_bytes(some(1))
    for verb in ("flag", "correct"):
        status, out, err = run(verb, folder, "-o", tmp_path / "out")
        assert (status, out) == (2, "")
        assert "a.xlsx" in err
    assert not (tmp_path / "out").exists()


def test_a_workbook_under_the_wrong_name_is_flagged_under_the_right_one(tmp_path: Path) -> None:
    source = tmp_path / "柳溪镇.xls"
    source.write_bytes(some(1))
    status, out, _ = run("flag", source, "-o", tmp_path / "out")
    assert (status, out) == (0, f"{tmp_path / 'out' / '柳溪镇.xlsx'}\n")


class InGbk(zipfile.ZipInfo):
    """A member whose name is spelled in GBK, as the zips of Chinese Windows have it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def test_a_zip_of_other_formats_with_names_in_gbk(tmp_path: Path) -> None:
    path = tmp_path / "报送.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(InGbk("柳溪镇/项目.xls"), as_other_formats.spreadsheetml(some(1)))
        archive.writestr(InGbk("柳溪镇/网页.htm"), as_other_formats.excel_page(some(1)))
        archive.writestr(InGbk("柳溪镇/说明.docx"), b"PK")
    assert "柳溪镇/项目.xls".encode("gb18030") in path.read_bytes()
    status, out, _ = run("read", path, "--json")
    found = json.loads(out)
    assert status == 0
    assert [each["record"] for each in found] == [submissions(some(1))[0].record] * 2
    status, out, _ = run("flag", path, "-o", tmp_path / "out")  # one project twice: that is wrong
    assert (status, out.split()) == (1, [str(tmp_path / "out" / name) for name in ("网页.xlsx", "项目.xlsx")])
