"""The judge of packages has no complaint about XlsxWriter's, and exactly the right one about each broken one."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
import xlsxwriter

from judges import schema
from judges.schema import Complaint, Package

Judge = Callable[[bytes], list[Complaint]]
SHEET, STYLES, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
TYPES, RELATIONS = "[Content_Types].xml", "xl/worksheets/_rels/sheet1.xml.rels"
STRINGS, NOTES, CUSTOM = "xl/sharedStrings.xml", "xl/comments1.xml", "docProps/custom.xml"
LONG = "字" * 256


@pytest.fixture(scope="module")
def good() -> bytes:
    """One of everything that perfxl writes."""
    target = BytesIO()
    workbook = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet, other = workbook.add_worksheet("表 一"), workbook.add_worksheet("lists")
    other.very_hidden()
    other.write_column("A1", ["甲", "乙"])
    workbook.set_custom_property("px", "1")
    workbook.define_name("px.list", "=lists!$A$1:$A$2")
    workbook.define_name("'表 一'!px.code", "='表 一'!$A$1")
    money = workbook.add_format({"num_format": '"必1 "#,##0.000', "locked": False})
    sheet.set_column("A:C", 12, money)
    sheet.set_row(6, 30, money)
    sheet.write("A1", "甲")
    sheet.write("B1", 1, money)
    sheet.write("A2", "丙")
    sheet.write_formula("C2", '=IF(A1="甲","是",\'表 一\'!B1)')
    sheet.merge_range("A4:B5", "并", money)
    sheet.merge_range("C4:D5", "并", money)
    assert sheet.data_validation("B1", {"validate": "list", "source": "=px.list", "input_message": "说明"}) == 0
    assert sheet.data_validation("B2:B3", {"validate": "decimal", "criteria": ">", "value": 0}) == 0
    flag = workbook.add_format({"bg_color": "red"})
    assert sheet.conditional_format("B1", {"type": "formula", "criteria": "=$B$1>1", "format": flag}) == 0
    sheet.write_comment("B1", "批注")
    sheet.write_comment("B2", "批注")
    sheet.write_url("A9", "https://example.org", string="链接")
    sheet.protect("secret")
    workbook.close()
    return target.getvalue()


def edited(package: bytes, part: str, old: str, new: str) -> bytes:
    """The package with the first `old` in a part replaced; a part is added where there is none."""
    target, found = BytesIO(), False
    with zipfile.ZipFile(BytesIO(package)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name).decode()
            if name == part:
                found = True
                assert old in text, f"{old} is not in {part}: {text[:3000]}"
                text = text.replace(old, new, 1)
            after.writestr(name, text)
        if not found:
            after.writestr(part, new)
    return target.getvalue()


def without(package: bytes, part: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            if name != part:
                after.writestr(name, before.read(name))
    return target.getvalue()


def test_a_workbook_by_xlsxwriter_has_no_complaints(complaints: Judge, good: bytes) -> None:
    assert complaints(good) == []


def test_every_kind_of_part_in_it_was_judged_by_a_schema(good: bytes) -> None:
    package = Package(good)
    kinds = {schema.kind_of(package.content_type(part) or "") for part in package.trees if part != TYPES}
    assert kinds - set(schema.SCHEMAS) == {"theme", "vmlDrawing"}
    assert {"sheet.main", "worksheet", "styles", "sharedStrings", "comments", "relationships"} < kinds
    assert {"core-properties", "extended-properties", "custom-properties"} < kinds


BROKEN = {
    "children out of order": (SHEET, "<sheetProtection", '<sheetCalcPr/><sheetCalcPr/><sheetProtection',
        "Element 'sheetCalcPr': This element is not expected."),
    "an unknown attribute": (STYLES, "<fonts ", '<fonts odd="1" ',
        "Element 'fonts', attribute 'odd': The attribute 'odd' is not allowed."),
    "a property of a wrong kind": (CUSTOM, 'pid="2"', 'pid="two"',
        "Element 'property', attribute 'pid': 'two' is not a valid value of the atomic type 'xs:int'."),
    "a wrong date": ("docProps/core.xml", "Z</dcterms:created>", "Z-</dcterms:created>", None),
    "not well-formed": (CUSTOM, "</Properties>", "", None),
    "a DOCTYPE": (CUSTOM, "<Properties", "<!DOCTYPE Properties><Properties", "has a DOCTYPE"),
    "a part without a type": ("xl/odd.bin", "", "x", None),
    "an override without a part": (TYPES, "<Override ",
        '<Override PartName="/no.xml" ContentType="text/xml"/><Override ',
        "has an override for /no.xml, which is not there"),
    "an override twice": (TYPES, "<Override ",
        '<Override PartName="/docProps/APP.xml" ContentType="text/xml"/><Override ', None),
    "a relationship to nowhere": (RELATIONS, "../comments1.xml", "../comments2.xml", None),
    "an id twice": (RELATIONS, 'Id="rId2"', 'Id="rId1"', None),
    "an id without relationship": (SHEET, '<legacyDrawing r:id="rId2"', '<legacyDrawing r:id="rId9"',
        "<legacyDrawing> refers to the relationship rId9, which is not there"),
    "an id of another kind": (SHEET, '<legacyDrawing r:id="rId2"', '<legacyDrawing r:id="rId3"',
        "<legacyDrawing> refers to the relationship rId3, which is a comments"),
    "notes without drawing": (SHEET, '<legacyDrawing r:id="rId2"/>', "", "has notes but no legacyDrawing"),
    "rows out of order": (SHEET, '<row r="2"', '<row r="1"', None),
    "a cell in another row": (SHEET, '<c r="A2"', '<c r="A3"', "cell A3 stands in row 2"),
    "cells out of order": (SHEET, '<c r="B1"', '<c r="A1"', "cell A1 comes after column A"),
    "columns that overlap": (SHEET, '<cols>', '<cols><col min="1" max="2" width="9"/>',
        "<col min=1 max=3> comes after column 2"),
    "a cell's style": (SHEET, '<c r="B1" s="1"', '<c r="B1" s="7"', "<c r=B1> has the style 7, and there are 3"),
    "a column's style": (SHEET, 'style="1"', 'style="8"', "<col min=1> has the style 8, and there are 3"),
    "a row's style": (SHEET, 'spans="1:4" s="1"', 'spans="1:4" s="8"', "<row r=7> has the style 8, and there are 3"),
    "a conditional format's style": (SHEET, 'dxfId="0"', 'dxfId="1"',
        "<cfRule priority=1> has the style 1, and there are 1"),
    "a shared string": (SHEET, '<v>0</v>', '<v>99</v>', None),
    "a count": (SHEET, '<mergeCells count="2"', '<mergeCells count="3"', "<mergeCells> says 3 and holds 2"),
    "a count of styles": (STYLES, '<cellXfs count="3"', '<cellXfs count="4"', "<cellXfs> says 4 and holds 3"),
    "a count of titles": ("docProps/app.xml", 'size="4"', 'size="5"', None),
    "a count of strings": (STRINGS, "uniqueCount=", 'uniqueCount="1" odd=', None),
    "a font": (STYLES, 'fontId="1"', 'fontId="5"', None),
    "a number format": (STYLES, '<numFmt numFmtId="164"', '<numFmt numFmtId="165"',
        "cellXfs[1] has numFmtId 164, which is not there"),
    "merges that overlap": (SHEET, 'ref="C4:D5"', 'ref="B5:D6"', "the merges A4:B5 and B5:D6 overlap"),
    "a merge of one cell": (SHEET, 'ref="C4:D5"', 'ref="C4:C4"', "the merge C4:C4 is of one cell"),
    "two validations on a cell": (SHEET, 'sqref="B2:B3"', 'sqref="D9 B1:B3"',
        "the validations of B1 and B1:B3 overlap"),
    "a long prompt": (SHEET, 'prompt="说明"', f'prompt="{LONG}"',
        "the validation of B1 has 256 characters of prompt; at most 255"),
    "a long validation": (SHEET, "<formula1>px.list", f"<formula1>{'+'.join(['px.list'] * 40)}",
        "the validation of B1 has a formula of more than 255 characters"),
    "an illegal name": (WORKBOOK, 'name="px.list"', 'name="AB12"', "'AB12' is no legal name"),
    "another illegal name": (WORKBOOK, 'name="px.list"', 'name="px-list"', "'px-list' is no legal name"),
    "a name twice": (WORKBOOK, "<definedName ", '<definedName name="PX.LIST">1</definedName><definedName ',
        "the name px.list stands 2 times"),
    "a name's sheet": (WORKBOOK, 'localSheetId="0"', 'localSheetId="2"',
        "the name px.code belongs to sheet number 2, which is not there"),
    "a name to no sheet": (WORKBOOK, ">lists!$A$1", ">list!$A$1",
        "the name px.list refers to the sheet list, which is not there"),
    "a formula to no sheet": (SHEET, "'表 一'!B1", "'表一'!B1", "C2 refers to the sheet 表一, which is not there"),
    "a long text in a formula": (SHEET, '"是"', f'"{LONG}"',
        "C2 has a text of 256 characters in a formula; at most 255"),
    "a formula that begins with =": (SHEET, "<f>", "<f>=", "C2 has a formula that begins with '='"),
    "a sheet's name": (WORKBOOK, 'name="表 一"', 'name="表/一"', None),
    "a sheet's name twice": (WORKBOOK, 'name="表 一"', 'name="LISTS"', None),
    "no visible sheet": (WORKBOOK, 'sheetId="1"', 'sheetId="1" state="hidden"', "has no visible sheet"),
    "a note twice": (NOTES, 'ref="B2"', 'ref="B1"', "B1 has 2 notes"),
    "a note's author": (NOTES, 'authorId="0"', 'authorId="1"', "the note of B1 has author 1, and there are 1"),
    "a text too long": (STRINGS, "<t>甲</t>", f"<t>{'字' * 32768}</t>", "a text has 32768 characters; at most 32767"),
}  # fmt: skip
SEVERAL = {  # where one fault is seen from several sides, or its sentence is not ours
    "a wrong date": {"docProps/core.xml: Element 'created': "},
    "not well-formed": {f"{CUSTOM}: is not well-formed: "},
    "a part without a type": {"xl/odd.bin: has no content type", "xl/odd.bin: is reached by no relationship"},
    "an override twice": {f"{TYPES}: has an override for /docProps/APP.xml, which is not there",
        f"{TYPES}: has 2 times Override /docprops/app.xml"},
    "a relationship to nowhere": {f"{RELATIONS}: rId3 leads to xl/comments2.xml, which is not there",
        f"{NOTES}: is reached by no relationship"},
    "an id twice": {f"{RELATIONS}: has 2 relationships with the id rId1", f"{RELATIONS}: Element 'Relationship', ",
        f"{SHEET}: <legacyDrawing> refers to the relationship rId2, which is not there",
        f"{SHEET}: <hyperlink> refers to the relationship rId1, which is a vmlDrawing"},
    "rows out of order": {f"{SHEET}: row 1 comes after row 1", f"{SHEET}: cell A2 stands in row 1",
        f"{SHEET}: cell C2 stands in row 1"},
    "a shared string": {f"{SHEET}: cell A1 has the shared string 99, and there are "},
    "a count of titles": {"docProps/app.xml: <vector> says 5 and holds 4"},
    "a count of strings": {f"{STRINGS}: uniqueCount says 1, and it is ", f"{STRINGS}: Element 'sst', attribute 'odd'"},
    "a font": {f"{STYLES}: cellStyleXfs[1] has fontId 5, and there are 3 fonts"},
    "a sheet's name": {f"{WORKBOOK}: '表/一' is no legal name of a sheet",
        f"{WORKBOOK}: the name px.code refers to the sheet 表 一, which is not there",
        f"{SHEET}: C2 refers to the sheet 表 一, which is not there"},
    "a sheet's name twice": {f"{WORKBOOK}: has 2 sheets with the name lists",
        f"{WORKBOOK}: the name px.code refers to the sheet 表 一, which is not there",
        f"{SHEET}: C2 refers to the sheet 表 一, which is not there"},
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_each_fault_gives_its_complaint_and_no_other(complaints: Judge, good: bytes, fault: str) -> None:
    part, old, new, sentence = BROKEN[fault]
    expected = {f"{part}: {sentence}"} if sentence else SEVERAL[fault]
    found = {str(each) for each in complaints(edited(good, part, old, new))}
    unexpected = {each for each in found if not any(each.startswith(start) for start in expected)}
    missed = {start for start in expected if not any(each.startswith(start) for each in found)}
    assert (unexpected, missed) == (set(), set())


def test_a_missing_part_is_missed(complaints: Judge, good: bytes) -> None:
    found = {str(each) for each in complaints(without(good, CUSTOM))}
    assert found == {
        f"{TYPES}: has an override for /{CUSTOM}, which is not there",
        f"_rels/.rels: rId4 leads to {CUSTOM}, which is not there",
    }
    assert "[Content_Types].xml: is missing" in {str(each) for each in complaints(without(good, TYPES))}


def test_faults_of_the_zip(complaints: Judge, good: bytes) -> None:
    def with_entry(name: str, compression: int = zipfile.ZIP_DEFLATED) -> set[str]:
        target = BytesIO(good)
        with zipfile.ZipFile(target, "a") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            archive.writestr(name, zipfile.ZipFile(BytesIO(good)).read(CUSTOM), compression)
        return {str(each) for each in complaints(target.getvalue())}

    assert with_entry(CUSTOM) == {"docprops/custom.xml: stands 2 times in the zip"}
    assert "docprops/custom.xml: stands 2 times in the zip" in with_entry("docProps/Custom.xml")
    assert "xl/extra/: is no legal name of a part" in with_entry("xl/extra/")
    assert "xl/../odd.xml: is no legal name of a part" in with_entry("xl/../odd.xml")
    assert "odd.xml: is neither stored nor deflated, or is encrypted" in with_entry("odd.xml", zipfile.ZIP_BZIP2)
    stored = BytesIO()
    with zipfile.ZipFile(BytesIO(good)) as before, zipfile.ZipFile(stored, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    damaged = stored.getvalue().replace("批注".encode(), "皮注".encode(), 1)
    assert f"{NOTES}: has a wrong checksum" in {str(each) for each in complaints(damaged)}


def test_every_rule_is_broken_by_some_fault(complaints: Judge, good: bytes) -> None:
    idle = {judge.__name__ for judge in schema.RULES} - {"entries_are_sound"}  # it has a test of its own, above
    for part, old, new, _ in BROKEN.values():
        package = Package(edited(good, part, old, new))
        idle -= {judge.__name__ for judge in schema.RULES if judge.__name__ in idle and list(judge(package))}
    assert idle == set()


def test_what_excel_allows_is_not_complained_of(complaints: Judge, good: bytes) -> None:
    assert all(map(schema.legal_name, ["px.list", "_x", "\\a", "预算.总", "A1B", "XFE1", "_xlnm.Print_Area", "Rate"]))
    assert not any(map(schema.legal_name, ["A1", "xfd1048576", "R1C1", "r", "C", "R5", "1a", "a b", "", "x" * 256]))
    extended = edited(good, SHEET, "<worksheet ", (
        '<worksheet xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" mc:Ignorable="x14ac" '))  # fmt: skip
    extended = edited(extended, SHEET, '<row r="2"', '<row x14ac:dyDescent="0.2" r="2"')
    assert complaints(extended) == []
    assert complaints(edited(good, STRINGS, "<t>甲</t>", '<t xml:space="preserve"> 甲</t>')) == []
