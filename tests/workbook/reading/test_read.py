"""Reading: what was generated comes back as it was, however the file spells its XML."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from workbook.invented import central_records

from perfxl.errors import PackageError
from perfxl.form import installed as forms
from perfxl.form.answers import get, put
from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.records import load
from perfxl.submission import Submission
from perfxl.workbook.ooxml import cells, sheet_reader
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Limits, Package
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.book import Book, By
from perfxl.workbook.sheet.page import make_page
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.stamp import stamp_book

RECORDS = load(str(files("perfxl.examples") / "records.yaml"))
ISSUE = issue_of(RECORDS, phone="0319-8160001")


def submissions(data: bytes) -> list[Submission]:
    return [reading.submission for reading in read_workbook(Workbook(Package(data, "some.xlsx")))]


def whole(form: Form, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as it is read: what is absent is null."""
    found = copy.deepcopy(dict(record))
    for id, asked in form.fields.items():
        if not asked.given or id in blank_layout(form).head:  # what is given and not shown may be absent
            put(found, id, get(found, id))
    return found


def comes_back(name: str, records: Mapping[str, Any], by: By) -> None:
    form = forms.load(name)
    wanted = [records["department"]] if form.record == "department" else records["projects"]
    found = [each for _, book in make_books(records, form, ISSUE, by, "all") for each in submissions(stamp_book(book))]
    assert [each.record for each in found] == [whole(form, record) for record in wanted]
    for each in found:
        assert (each.lost, each.disputed, each.unplaced, each.doubts) == ((), (), (), ())
        assert not [note for note in each.notes if note.problem]


@pytest.mark.parametrize("by", ["unit", "project"])
@pytest.mark.parametrize("name", ["project-target", "department-goals"])
def test_the_examples_come_back(name: str, by: By) -> None:
    comes_back(name, RECORDS, by)


words = st.none() | st.text(st.sampled_from("甲乙丙1２a<&>\"'_x=. \n"), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and text
)
level1 = {"产出指标": ["数量指标", "质量指标"], "效益指标": ["社会效益指标"]}
aims = st.fixed_dictionaries({"level3": words, "target": st.sampled_from([None, "≥95%", "217人"])})


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    group = draw(st.sampled_from(list(level1)))
    sides = {side: {"level2": draw(st.sampled_from(level1[group])), **draw(aims)} for side in ("mid", "year")}
    return {"level1": group, **sides}


central = central_records(st.text(st.sampled_from("甲乙丙丁〔1-"), min_size=1, max_size=30), words, rows())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(projects=st.lists(central, min_size=1, max_size=3), by=st.sampled_from(["unit", "project"]))
def test_invented_records_of_the_central_form_come_back(projects: list[Any], by: By) -> None:
    for at, project in enumerate(projects, start=1):
        project["number"] = at
    comes_back("central-target", {**RECORDS, "projects": projects}, by)


# --- however it is spelled ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def filled() -> dict[str, bytes]:
    form = forms.load("project-target")
    project = {**RECORDS["projects"][0], "purpose": " 前后\n有空 _x0041_ <&> "}
    return compile_book(Book(form, ISSUE, (make_page(form, project, ISSUE, "all"),), listed=False))


def spelled(change: Callable[[str, bytes], bytes]) -> bytes:
    return write_zip(pack(name, change(name, data)) for name, data in filled().items())


def indented(name: str, data: bytes) -> bytes:
    tree = etree.fromstring(data)
    etree.indent(tree)
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)


def prefixed(name: str, data: bytes) -> bytes:
    if not name.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/styles", "xl/workbook.xml")):
        return data
    data = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", data)
    return data.replace(b'xmlns="http', b'xmlns:x="http', 1)


def references(name: str, data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data), encoding="ASCII", xml_declaration=True)


def utf16(name: str, data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data), encoding="UTF-16", xml_declaration=True)


def no_references(name: str, data: bytes) -> bytes:
    """Rows and cells without their addresses: legal, where none is left out."""
    return data if b"worksheet" not in data else re.sub(rb'<row r="\d+"', b"<row", data)


def inline(name: str, data: bytes) -> bytes:
    if not name.startswith("xl/worksheets/"):
        return data
    items = re.findall(rb"<si>(.*?)</si>", filled()["xl/sharedStrings.xml"], re.DOTALL)
    return re.sub(rb' t="s"><v>(\d+)</v>', lambda match: b' t="inlineStr"><is>' + items[int(match[1])] + b"</is>", data)


@pytest.mark.parametrize("change", [indented, prefixed, references, utf16, no_references, inline])
def test_any_spelling_of_the_xml_reads_alike(change: Callable[[str, bytes], bytes]) -> None:
    (plain,) = submissions(spelled(lambda name, data: data))
    (found,) = submissions(spelled(change))
    assert found.plain() == plain.plain()
    assert (found.places, found.lost, found.disputed) == (plain.places, plain.lost, plain.disputed)
    assert plain.record["purpose"] == " 前后\n有空 _x0041_ <&> "


CELL = st.sampled_from(
    [
        *("<c/>", '<c r="B2" s="1"/>', '<c t="s"><v>0</v></c>', '<c r="C1"><v>1.5</v></c>'),
        *('<c r="AAAA1"><v>1</v></c>', '<c t="str"><f>T(1)</f><v>甲&amp;乙</v></c>'),
        *("<c><f>A1</f></c>", '<c><f>A1+"x"</f><v>7</v></c>', "<c><f/></c>"),
        *("<c><v/></c>", "<c><v>a&#10;b</v></c>", '<c t="b"><v>1</v></c>', '<c t="e"><v>#REF!</v></c>'),
        *(
            '<c r="D4" s="3" />',
            '<c r="E4" s="3" t="str"><f ca="1">A1&amp;"x"</f><v>&#x7532;&#10;&quot;&#38;lt;&amp;#65;</v></c>',
        ),
        *('<c r="F4"><f t="shared" si="0"/><v/></c>', '<c r="G4"><f/></c>', '<c r="H4" t="n"><v>1</v><v>2</v></c>'),
        *('<c r="I4"><f>A1</f></c>', '<c r="J4"><f>A1</f><f>B1</f></c>', '<c r="K4"><v/>x</c>', '<c r="L4">x</c>'),
        *('<c r="M4" t="inlineStr"><is><t xml:space="preserve"> 甲\r\n </t></is></c>', '<c r="N4" vm="1"><v>1</v></c>'),
        *('<c s="1" r="O4"><v>1</v></c>', '<c r="P4"><v><x/></v></c>', '<c r="Q4"><v>a<!-- b -->c</v></c>'),
        *('<c r="XFD5"><v>1</v></c>', '<c r="XFE5"><v>1</v></c>', '<c r="b6"><v>1</v></c>', '<c r="$R$4"><v>1</v></c>'),
        *('<c r="S4"><v><![CDATA[<c r="T4"/>]]></v></c>', '<c r="U4"></c>', '<c r="V4" t="inlineStr"><is/></c>'),
        '<c t="inlineStr"><is><t>甲</t></is></c>',
        '<c t="inlineStr"><is><r><rPr><b/></rPr><t>甲</t></r><r><t>乙</t></r></is></c>',
    ]
)
ROW = st.tuples(st.sampled_from(["<row>", '<row r="7">', '<row hidden="1">']), st.lists(CELL, max_size=4))
TAIL = st.sampled_from(
    ["", '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>', "<headerFooter><oddFooter>甲</oddFooter></headerFooter>",
     '<conditionalFormatting sqref="A1"><cfRule><formula>1</formula></cfRule></conditionalFormatting>',
     "<dataValidations><dataValidation><formula1>1</formula1></dataValidation></dataValidations>", "<extLst/>",
     "<mergeCells><mergeCell ref='C1:D2'/></mergeCells>", '<mergeCells><mergeCell x="1" ref="C1:D2" /></mergeCells>']
)  # fmt: skip


def read_usual_or_any(grid: sheet_reader.Grid, package: Package, part: str, data: bytes) -> None:
    if not sheet_reader._read_usual(grid, package, part, data):
        grid.__init__()  # type: ignore[misc]
        sheet_reader._read_any(grid, package, part, data)


HEADS = ["", '<?xml version="1.0" encoding="UTF-8"?>\r\n', "\ufeff", "<!-- <sheetData> -->", "<?x <sheetData>?>"]
COLS = ["", '<cols><col min="2" max="3" hidden="1"/></cols>', "<cols><col min='2' max='3' hidden='true'></col></cols>"]


@settings(max_examples=600, deadline=None)
@given(
    head=st.sampled_from(HEADS),
    cols=st.sampled_from(COLS),
    sheet=st.lists(ROW, max_size=4),
    between=st.sampled_from(["", "", "", "\n", '<row r="9" hidden="1"/>', "<x/>", "甲"]),
    tails=st.lists(TAIL, max_size=4),
)
def test_the_quick_way_and_the_other_find_the_same(
    head: str, cols: str, sheet: list[tuple[str, list[str]]], between: str, tails: list[str]
) -> None:
    """Also where elements stand in an order that the schema does not know."""
    rows_ = between.join(f"{start}{''.join(found)}</row>" for start, found in sheet)
    data = f"{head}<worksheet>{cols}<sheetData>{rows_}</sheetData>{''.join(tails)}</worksheet>".encode()
    package = Package(write_zip(pack(name, part) for name, part in filled().items()), "some.xlsx")

    def found(read: Callable[[sheet_reader.Grid, Package, str, bytes], None]) -> sheet_reader.Grid | None:
        try:
            read(held := sheet_reader.Grid(), package, "xl/worksheets/sheet1.xml", data)
        except PackageError:  # a cell that comes twice, or one that no sheet has
            return None
        return held

    assert found(read_usual_or_any) == found(sheet_reader._read_any)


# --- limits and damage ----------------------------------------------------------------------------------------------


def with_sheet(edit: Callable[[bytes], bytes]) -> bytes:
    return spelled(lambda name, data: edit(data) if name == "xl/worksheets/sheet1.xml" else data)


@pytest.mark.parametrize(
    ("what", "edit"),
    [
        ("damaged_part", lambda data: data[: len(data) // 2]),
        ("damaged_part", lambda data: data[:-5]),
        ("damaged_part", lambda data: data.replace(b"</formula1></data", b"</formula2></data", 1)),
        ("damaged_part", lambda data: data.replace(b"</worksheet>", b"<x></worksheet>")),
        ("doctype", lambda data: data.replace(b"<worksheet", b"<!DOCTYPE worksheet><worksheet", 1)),
        ("too_deep", lambda data: data.replace(b"<sheetData>", b"<x>" * 70 + b"</x>" * 70 + b"<sheetData>")),
    ],
    ids=["half", "end", "validation", "tail", "doctype", "deep"],
)
def test_a_damaged_sheet_is_refused(what: str, edit: Callable[[bytes], bytes]) -> None:
    with pytest.raises(PackageError) as caught:
        submissions(with_sheet(edit))
    assert caught.value.facts["what"] == what


def test_too_many_cells_and_merges() -> None:
    data = write_zip(pack(name, part) for name, part in filled().items())
    for limits, what in ((Limits(cells=100), "too_many_cells"), (Limits(merges=3), "too_many_merges")):
        with pytest.raises(PackageError) as caught:
            list(read_workbook(Workbook(Package(data, "some.xlsx", limits))))
        assert caught.value.facts["what"] == what


@pytest.mark.parametrize("flip", [0, 1, 2])
def test_a_part_whose_bytes_changed_is_refused(flip: int) -> None:
    """A wrong checksum, a wrong size, another name before the bytes."""
    data = bytearray(spelled(lambda name, part: part))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    directory = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    at = [directory + 16, directory + 24, info.header_offset + 30][flip]
    data[at] ^= 1
    with pytest.raises(PackageError) as caught:
        submissions(bytes(data))
    assert caught.value.facts["what"] == "damaged_part"


def test_a_form_sheet_without_names_is_found_and_other_sheets_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    read = Workbook.sheet

    def watched(workbook: Workbook, entry: cells.SheetEntry) -> cells.Worksheet:
        parsed.append(entry.name)
        return read(workbook, entry)

    monkeypatch.setattr(Workbook, "sheet", watched)
    for change in (lambda name, data: data, inline):
        parsed.clear()
        (plain,) = submissions(spelled(change))
        assert parsed == [plain.sheet, "识别信息"]

        def nameless(name: str, data: bytes, change: Callable[[str, bytes], bytes] = change) -> bytes:
            data = change(name, data)
            return re.sub(rb"<definedNames>.*</definedNames>", b"", data) if name == "xl/workbook.xml" else data

        (found,) = submissions(spelled(nameless))
        assert found.record == plain.record
        assert found.lost == ("name",)


def test_a_file_on_disk(tmp_path: Path) -> None:
    from perfxl.workbook.reading.read import read_submissions as read_file

    path = tmp_path / "表.xlsx"
    path.write_bytes(spelled(lambda name, data: data))
    (found,) = read_file(path)
    assert found.file == str(path)
