"""The same workbook as different programs spell it: one record, at the same places."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import openpyxl
import openpyxl.worksheet.worksheet
import pytest
import xlsxwriter
from hostile import zips
from workbook.conftest import example, made

from perfxl.errors import PackageError
from perfxl.form.types.number_format import nature
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.writing.compile import compile_book

Change = Callable[[str, bytes], bytes]
BOOK, SHEET = "xl/workbook.xml", "xl/worksheets/sheet1.xml"


def parts() -> dict[str, bytes]:
    records = example("project-target")
    records["projects"] = records["projects"][:1]
    (book,) = made("project-target", records, by="project").values()
    return compile_book(book)


PARTS = parts()


def spelled(change: Change) -> bytes:
    return write_zip(pack(name, change(name, data)) for name, data in PARTS.items())


def read(data: bytes) -> Submission:
    (found,) = read_workbook(Workbook(open_bytes(data, "表.xlsx")))
    return found.submission


def replaced(
    pattern: str, new: str, only: str = r"xl/worksheets/|xl/workbook.xml|xl/sharedStrings|xl/styles"
) -> Change:
    def change(name: str, data: bytes) -> bytes:
        return re.sub(pattern.encode(), new.encode(), data) if re.match(only, name) else data

    return change


def strict(name: str, data: bytes) -> bytes:
    """ISO 29500 strict, as Excel saves it on request: other namespaces, other relations."""
    for old, new in (
        (
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        (
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties",
        ),
        (
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
        (
            b"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
            b"http://purl.oclc.org/ooxml/officeDocument/customProperties",
        ),
    ):
        data = data.replace(old, new)
    return data


def targets(pattern: str) -> Change:
    return replaced(r'Target="worksheets/', f'Target="{pattern}', r"xl/_rels/workbook")


def absolute(name: str, data: bytes) -> bytes:
    data = (
        data.replace(b'Target="xl/', b'Target="/xl/').replace(b'Target="docProps/', b'Target="/docProps/')
        if name == "_rels/.rels"
        else data
    )
    return re.sub(rb'Target="(?=\w)', b'Target="/xl/', data) if name == "xl/_rels/workbook.xml.rels" else data


def phonetic(name: str, data: bytes) -> bytes:
    """Readings above the words, as Japanese and some Chinese files have them: never part of the text."""
    return re.sub(
        rb"(<si><t[^>]*>[^<]*</t>)</si>",
        rb'\1<rPh sb="0" eb="1"><t>pin yin</t></rPh><phoneticPr fontId="1"/></si>',
        data,
    )


def runs(name: str, data: bytes) -> bytes:
    pattern, new = (
        r"<si><t([^>]*)>([^<&]{2})([^<&]+)</t></si>",
        r'<si><r><t\1>\2</t></r><r><rPr><b/></rPr><t xml:space="preserve">\3</t></r></si>',
    )
    return re.sub(pattern, new, data.decode()).encode() if name == "xl/sharedStrings.xml" else data


DIALECTS: dict[str, Change] = {
    "strict": strict,
    "a dimension that says A1": replaced(r'<dimension ref="[^"]*"', '<dimension ref="A1"'),
    "no dimension": replaced(r"<dimension[^>]*/>", ""),
    "rows without numbers": replaced(r'<row r="\d+"', "<row"),
    "absolute targets": absolute,
    "targets with a dot": targets("./worksheets/"),
    "targets by way of elsewhere": targets("../xl/theme/../worksheets/"),
    "targets with backslashes": replaced(r'Target="worksheets/', r'Target="worksheets\\\\', r"xl/_rels/workbook"),
    "targets in capitals": targets("Worksheets/"),
    "a sign of the order of bytes": lambda name, data: b"\xef\xbb\xbf" + data,
    "line ends of old Macs": replaced(r"><", ">\r<"),
    "line ends of Windows": replaced(r"><(row|c|sheetData|si|xf)\b", ">\r\n  <\\1"),
    "sections": replaced(r"<t>([^<&]+)</t>", r"<t><![CDATA[\1]]></t>"),
    "comments in the texts": replaced(r"<t>(\w)", r"<t>\1<!-- x -->"),
    "readings": phonetic,
    "runs": runs,
    "other programs' own": replaced(r"</c>", '<extLst><ext uri="x"><v>9</v><t>9</t></ext></extLst></c>', r"xl/worksheets"),
    "other programs' own in the workbook": replaced(
        r"<sheets>", '<mc:AlternateContent xmlns:mc="urn:x"><mc:Choice Requires="x15"><x/></mc:Choice></mc:AlternateContent><sheets>', BOOK
    ),
    "attributes in single quotes": replaced(r'="([^"\']*)"', r"='\1'", r"xl/worksheets/|xl/sharedStrings"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_reads_alike(name: str) -> None:
    data = spelled(DIALECTS[name])
    plain, found = read(spelled(lambda _, part: part)), read(data)
    assert found.record == plain.record
    assert (found.places, found.lost, found.disputed) == (plain.places, plain.lost, plain.disputed)


@pytest.mark.parametrize("change", [str.upper, lambda name: f"/{name}", lambda name: name.replace("/", "\\")])
def test_names_of_parts_are_spelled_in_other_ways(change: Callable[[str], str]) -> None:
    good = spelled(lambda _, part: part)
    data = zips.each(good, lambda entry: zips.Entry(change(entry.name.decode()).encode(), entry.data))
    assert read(data).plain() == read(good).plain()


def cell(xml: str, before: Change = lambda _, part: part) -> tuple[Workbook, object]:
    """A cell put below the form: the workbook, and what the cell holds."""
    row = f'<row r="3001">{xml}</row></sheetData>'.encode()
    data = spelled(lambda name, part: before(name, part.replace(b"</sheetData>", row) if name == SHEET else part))
    workbook = Workbook(open_bytes(data, "表.xlsx"))
    return workbook, workbook.sheet(workbook.sheets[0]).raw(3000, 0)


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ('<c r="A3001" t="d"><v>2024-10-31</v></c>', 45596),
        ('<c r="A3001" t="d"><v>2024-10-31T12:00:00</v></c>', 45596.5),
        ('<c r="A3001" t="d"><v>十月</v></c>', "十月"),
        ('<c r="A3001"><v>1e400</v></c>', "1e400"),
        ('<c r="A3001"><v>nan</v></c>', "nan"),
        ('<c r="A3001"><v>-0</v></c>', 0),
        ('<c r="A3001" t="b"><v>TRUE</v></c>', True),
        ('<c r="A3001" t="str"><f>T(1)</f><v></v></c>', ""),
        ('<c r="A3001"><f>T(1)</f></c>', None),
        ('<c r="A3001" t="str"><v>a_x000D_b</v></c>', "a\rb"),
        ('<c r="A3001" t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>', "甲乙"),
    ],
)
def test_what_a_cell_holds(xml: str, value: object) -> None:
    raw = cell(xml)[1]
    assert raw.value == value  # type: ignore[attr-defined]


def test_dates_since_1904() -> None:
    workbook, raw = cell(
        '<c r="A3001" t="d"><v>2024-10-31</v></c>', replaced(r"<workbookPr", '<workbookPr date1904="1"', BOOK)
    )
    assert workbook.epoch == 1904
    assert (raw.value, raw.epoch) == (45596 - 1462, 1904)  # type: ignore[attr-defined]


def test_formulas_are_told_from_values() -> None:
    workbook, _ = cell(
        '<c r="A3001"><f t="shared" ref="A3001:B3001" si="0">1+1</f><v>2</v></c><c r="B3001"><f t="shared" si="0"/><v>2</v></c><c r="C3001"><v>2</v></c>'
    )
    cells = workbook.sheet(workbook.sheets[0]).cells
    assert [cells[3000, at].formula for at in range(3)] == ["1+1", "", None]


def test_hidden_columns() -> None:
    workbook, _ = cell(
        "", replaced(r"<cols>.*</cols>", '<cols><col min="2" max="4" hidden="1"/><col min="9" max="9"/></cols>', SHEET)
    )
    assert workbook.sheet(workbook.sheets[0]).hidden_columns == {1, 2, 3}


def test_a_shared_string_that_is_missing_is_no_blank() -> None:
    with pytest.raises(PackageError):
        cell('<c r="A3001" t="s"><v>99999</v></c>')


# Whole files as other programs write them --------------------------------------------------------------------------------------

Parts = dict[str, bytes]
STRINGS, STYLES, TYPES = "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def each_sheet(parts: Parts, pattern: str, new: str) -> Parts:
    change = replaced(pattern, new, "xl/worksheets/sheet")
    return {name: change(name, data) for name, data in parts.items()}


def wps(parts: Parts) -> Parts:
    """WPS: one cell as the dimension, dates by numbers alone, properties of its own, a picture in a cell."""
    parts = each_sheet(parts, r'<dimension ref="[^"]*"', '<dimension ref="A1"')
    kso = '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="90" name="KSOProductBuildVersion"><vt:lpwstr>2052-12.1.0.16729</vt:lpwstr></property><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="91" name="ICV"><vt:lpwstr/></property></Properties>'
    parts["docProps/custom.xml"] = parts["docProps/custom.xml"].replace(b"</Properties>", kso.encode())
    formats = "".join(
        f'<xf numFmtId="{id}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for id in (31, 55, 56, 57, 58)
    )
    parts[STYLES] = parts[STYLES].replace(b"</cellXfs>", f"{formats}</cellXfs>".encode())
    at = len(re.findall(rb"<xf ", parts[STYLES].partition(b"<cellXfs")[2].partition(b"</cellXfs>")[0])) - 5
    dates = "".join(f'<c r="A{column}3001" s="{at + number}"><v>45596</v></c>' for number, column in enumerate("ABCDE"))
    picture = '<c r="AF3001" t="str"><f>_xlfn.DISPIMG("ID_9A",1)</f><v>=DISPIMG("ID_9A",1)</v></c>'
    row = f'<row r="3001">{dates}{picture}</row></sheetData>'
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", row.encode())
    parts["xl/cellimages.xml"] = b'<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>'
    link = '<Relationship Id="rId90" Type="http://www.wps.cn/officeDocument/2020/cellImage" Target="cellimages.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>", link.encode()
    )
    return parts


def tencent(parts: Parts) -> Parts:
    """Tencent Docs: a prefix before every element, A1:A1 as the dimension."""

    def change(name: str, data: bytes) -> bytes:
        if MAIN.encode() not in data:
            return data
        data = re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", data)
        return data.replace(f'xmlns="{MAIN}"'.encode(), f'xmlns:x="{MAIN}"'.encode())

    parts = each_sheet(parts, r'<dimension ref="[^"]*"', '<dimension ref="A1:A1"')
    return {name: change(name, data) for name, data in parts.items()}


def google(parts: Parts) -> Parts:
    """Google Sheets: no document properties at all, the shared strings in an order of its own, no counts."""
    parts = {name: data for name, data in parts.items() if not name.startswith("docProps/")}
    parts["_rels/.rels"] = re.sub(rb'<Relationship [^>]*Target="docProps/[^>]*/>', b"", parts["_rels/.rels"])
    parts[TYPES] = re.sub(rb'<Override PartName="/docProps/[^>]*/>', b"", parts[TYPES])
    items = re.findall(rb"<si>.*?</si>", parts[STRINGS], re.DOTALL)
    parts[STRINGS] = f'<sst xmlns="{MAIN}">'.encode() + b"".join(reversed(items)) + b"</sst>"
    last = len(items) - 1

    def moved(found: re.Match[bytes]) -> bytes:
        return found[1] + b"%d" % (last - int(found[2]))

    for name, data in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(rb'(<c [^>]*t="s"[^>]*><v>)(\d+)', moved, data)
    return parts


def easy_excel(parts: Parts) -> Parts:
    """Apache POI as EasyExcel drives it: no dimension, every text in its cell, no shared strings, no theme."""
    texts = re.findall(rb"<si>(.*?)</si>", parts.pop(STRINGS), re.DOTALL)
    parts = {name: data for name, data in parts.items() if "theme" not in name}
    for name in ("xl/_rels/workbook.xml.rels", TYPES):
        parts[name] = re.sub(rb"<(?:Relationship|Override) [^>]*(?:sharedStrings|theme)[^>]*/>", b"", parts[name])

    def inline(found: re.Match[bytes]) -> bytes:
        return found[1] + b't="inlineStr"' + found[2] + b"<is>" + texts[int(found[3])] + b"</is>"

    for name, data in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(rb'(<c [^>]*)t="s"([^>]*>)<v>(\d+)</v>', inline, data)
    return each_sheet(parts, "<dimension[^>]*/>", "")


def poi(parts: Parts) -> Parts:
    """Apache POI itself: strings without a count, the workbook's parts by absolute names."""
    parts[STRINGS] = re.sub(rb' (?:uniqueC|c)ount="\d+"', b"", parts[STRINGS])
    return {name: absolute(name, data) for name, data in parts.items()}


@pytest.mark.parametrize("program", [wps, tencent, google, easy_excel, poi])
def test_a_program_writes_it_in_its_own_way(program: Callable[[Parts], Parts]) -> None:
    changed = program(dict(PARTS))
    assert changed != PARTS
    plain, found = (
        read(spelled(lambda _, part: part)),
        read(write_zip(pack(name, data) for name, data in changed.items())),
    )
    assert found.record == plain.record
    assert (found.places, found.lost, found.disputed) == (plain.places, plain.lost, plain.disputed)


def test_dates_of_wps_are_dates() -> None:
    workbook = Workbook(open_bytes(write_zip(pack(name, data) for name, data in wps(dict(PARTS)).items()), "表.xlsx"))
    sheet = workbook.sheet(workbook.sheets[0])
    assert [nature(sheet.raw(3000, at)).date for at in range(26, 31)] == [True] * 5


def openpyxl_saves(data: bytes) -> bytes:
    """A script of somebody's that loads the workbook and saves it."""
    book = openpyxl.load_workbook(BytesIO(data))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def form_cells(data: bytes) -> openpyxl.worksheet.worksheet.Worksheet:
    book = openpyxl.load_workbook(BytesIO(data), data_only=True)
    return book[Workbook(open_bytes(data, "表.xlsx")).sheets[0].name]


def xlsxwriter_writes(data: bytes) -> bytes:
    """A system that puts out the form's cells row by row, in XlsxWriter's constant memory: no marks but those in cells."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "in_memory": False})
    sheet = book.add_worksheet("绩效目标")
    for row in form_cells(data).iter_rows():
        for cell in row:
            if cell.value is not None:
                sheet.write_string(cell.row - 1, cell.column - 1, cell.value) if isinstance(
                    cell.value, str
                ) else sheet.write(cell.row - 1, cell.column - 1, cell.value)
    book.close()
    return stream.getvalue()


def numbers_exports(data: bytes) -> bytes:
    """Apple Numbers: a summary first, a sheet for each table, with the table's name above it; names and locks are gone."""
    book = openpyxl.Workbook()
    summary, sheet = book.active, book.create_sheet("绩效目标 - 表格 1")
    summary.title = "导出汇总"
    summary["B3"] = "此文稿导出自 Numbers 表格。每个表格都已转换为 Excel 工作表。"
    sheet["A1"] = "表格 1"
    source = form_cells(data)
    for row in source.iter_rows():
        for cell in row:
            new = sheet.cell(cell.row + 1, cell.column)
            new.value, new.number_format = cell.value, cell.number_format
            new.data_type = cell.data_type
    for merged in source.merged_cells.ranges:
        sheet.merge_cells(
            start_row=merged.min_row + 1,
            end_row=merged.max_row + 1,
            start_column=merged.min_col,
            end_column=merged.max_col,
        )
    sheet.merge_cells("A1:F1")
    return saved(book)


@pytest.mark.parametrize("program", [openpyxl_saves, xlsxwriter_writes, numbers_exports])
def test_a_program_writes_it_anew(program: Callable[[bytes], bytes]) -> None:
    good = spelled(lambda _, part: part)
    assert read(program(good)).record == read(good).record
