"""What other formats have beside the texts of cells arrives: notes, links, pictures, shapes, controls, and where they are."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from io import BytesIO
from xml.sax.saxutils import escape as xml
from xml.sax.saxutils import quoteattr

import pytest
from workbook.conftest import some
from workbook.correcting.test_correct import OUTSIDE, table
from workbook.other_formats.as_other_formats import excel_page, record, spreadsheetml, wide, xlsb

from perfxl.rules.policy import default_policy
from perfxl.workbook.correcting.correct import CorrectedWorkbook, CorrectionSource, correct_workbooks, split_by_form
from perfxl.workbook.correcting.things import find_links, find_things
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.limits import LIMITS
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.replies import read_replies
from perfxl.workbook.other_formats import html, ods
from perfxl.workbook.other_formats import spreadsheetml as sheet_xml
from perfxl.workbook.other_formats import xlsb as binary
from perfxl.workbook.other_formats.values import ForeignBook, ForeignFile
from perfxl.workbook.other_formats.written import write_package
from perfxl.workbook.other_formats.xls_drawings import read_drawn
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook


@dataclass(frozen=True)
class Put:
    """Something put on a sheet: its kind, its cell, its text or name, and who wrote it."""

    kind: str
    at: Place
    text: str = ""
    author: str = ""

    def said(self, where: bool = True, named: bool = True) -> tuple[str, str]:
        """The line that tells of it. ``where``: the format tells its cell; ``named``: it tells its name."""
        cell = address(*self.at) if where else ""
        name = f"“{self.text}”" if self.text and named else ""
        if self.kind == "note":
            return f"{cell}（{self.author}{'的' if self.author else ''}批注）", self.text
        if self.kind == "link":
            return f"{cell}（链接）", self.text
        if self.kind == "text":
            return f"{cell}（图形里的文字）" if where else "图形里的文字", self.text
        if self.kind == "box":
            return cell, f"（复选框{name}没有带来，请看原表；状态：已选）"
        words = {"picture": "图片", "chart": "图表", "shape": "图形", "embedded": "嵌入的文件"}
        return cell, f"（{words[self.kind]}{name}没有带来，请看原表）"


TEXTS = ("现场照片", "请核对\n谢谢", "a<b & “c”", "2150米", "_x000D_不是换行", "附: 1", "陈会计")
TARGETS = ("https://example.org/%E9%99%84?a=1&b=2", "附件.docx", "mailto:a@example.org", "https://example.org/x#第2节")
KINDS = ("note", "link", "picture", "chart", "text", "shape", "box", "embedded")


def invented(kinds: tuple[str, ...], count: int = 60) -> Iterator[list[Put]]:
    """Sheets with some things on them, one on a cell, the same in every run."""
    dice = random.Random(11)
    for _ in range(count):
        places = dice.sample([(row, column) for row in range(12) for column in range(6)], dice.randint(1, 6))
        put = []
        for at in places:
            kind = dice.choice(kinds)
            texts = TARGETS if kind == "link" else TEXTS
            text = dice.choice(texts)
            text = text.replace("\n", " ") if kind not in ("note", "text") else text
            put.append(Put(kind, at, text, dice.choice(("", "王会计")) if kind == "note" else ""))
        yield put


def told(book: ForeignBook) -> list[tuple[str, str]]:
    workbook = Workbook(Package(write_package(book), "表"))
    (entry,) = workbook.sheets
    things = (*find_things(workbook, entry, (), "zh-CN"), *find_links(workbook.sheet(entry), (), "zh-CN"))
    return sorted((thing.cell, thing.text) for thing in things)


def source(data: bytes) -> ForeignFile:
    return ForeignFile(data, "表", LIMITS)


# SpreadsheetML, pages -----------------------------------------------------------------------------------------------------


def as_spreadsheetml(put: list[Put]) -> bytes:
    cells = []
    for one in sorted(put, key=lambda one: one.at):
        href = f" ss:HRef={quoteattr(one.text)}" if one.kind == "link" else ""
        author = f" ss:Author={quoteattr(one.author)}" if one.author else ""
        text = xml(one.text).replace("\n", "&#10;")
        note = f'<Comment{author}><ss:Data xmlns="http://www.w3.org/TR/REC-html40"><B>{text}</B></ss:Data></Comment>'
        cells.append(
            f'<Row ss:Index="{one.at[0] + 1}"><Cell ss:Index="{one.at[1] + 1}"{href}><Data ss:Type="String">值</Data>'
            f"{note if one.kind == 'note' else ''}</Cell></Row>"
        )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return f'<Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="A"><Table>{"".join(cells)}</Table></Worksheet></Workbook>'.encode()


def test_notes_and_links_of_spreadsheetml() -> None:
    for put in invented(("note", "link")):
        book = sheet_xml.read(source(as_spreadsheetml(put)))
        assert told(book) == sorted(one.said() for one in put), put
        assert {at: cell.value for at, cell in book.sheets[0].cells.items()} == {one.at: "值" for one in put}


def in_page(one: Put) -> str:
    text = escape(one.text)
    return {
        "note": f"<comment>{text}</comment>",
        "link": f'<a href="{text}">值</a>',
        "picture": f'<img src="x.png" alt="{text}">',
        "box": '<input type="checkbox" checked>',
        "embedded": f'<object data="x.pdf" title="{text}"><p>看不到</p></object>',
    }[one.kind]


def test_things_in_the_cells_of_a_page() -> None:
    for put in invented(("note", "link", "picture", "box", "embedded")):
        cells = {one.at: in_page(one) for one in put}
        rows = ("".join(f"<td>{cells.get((row, column), '')}</td>" for column in range(6)) for row in range(12))
        page = f"<html><body><table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table></body></html>"
        book = html.read(source(page.encode()))
        wanted = [Put(one.kind, one.at, one.text).said(named=one.kind != "box") for one in put]
        assert told(book) == sorted(wanted), put
        assert {cell.value for cell in book.sheets[0].cells.values()} <= {"值"}


# OpenDocument -------------------------------------------------------------------------------------------------------------

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in (("office", "office"), ("table", "table"), ("text", "text"), ("draw", "drawing"), ("form", "form"),
                        ("svg", "svg-compatible"), ("chart", "chart"), ("dc", "dc"), ("xlink", "xlink"))
)  # fmt: skip


def paragraphs(text: str) -> str:
    return "".join(f"<text:p>{xml(line)}</text:p>" for line in text.split("\n"))


def in_document(one: Put, at: int) -> str:
    title = f"<svg:title>{xml(one.text)}</svg:title>"
    chart = "<office:document><office:chart><chart:chart><chart:title><text:p>销量</text:p></chart:title></chart:chart></office:chart></office:document>"
    creator = f"<dc:creator>{xml(one.author)}</dc:creator>" if one.author else ""
    return {
        "note": f'<office:annotation draw:name="x">{creator}<dc:date>2024-01-02</dc:date>{paragraphs(one.text)}</office:annotation>',
        "link": f"<text:p><text:a xlink:href={quoteattr(one.text)}>值</text:a></text:p>",
        "picture": f'<draw:frame draw:name="图 1">{title}<draw:image xlink:href="x.png"><text:p/></draw:image></draw:frame>',
        "chart": f'<draw:frame draw:name="图 2"><draw:object>{chart}</draw:object><draw:image/>{title}</draw:frame>',
        "embedded": f'<draw:frame><draw:object xlink:href="./Object 1"/><draw:image/>{title}</draw:frame>',
        "text": f"<draw:custom-shape>{paragraphs(one.text)}</draw:custom-shape>",
        "shape": f"<draw:g><draw:line>{title}</draw:line></draw:g>",
        "box": f'<draw:control draw:control="c{at}"/>',
    }[one.kind]


def as_fods(put: list[Put], on_sheet: bool = False) -> bytes:
    """The things in their cells, or on the sheet as a whole."""
    forms = "".join(
        f'<form:checkbox form:id="c{at}" form:label={quoteattr(one.text)} form:current-state="checked"/>'
        for at, one in enumerate(put)
        if one.kind == "box"
    )
    held = {one.at: in_document(one, at) for at, one in enumerate(put)}
    shapes = f"<table:shapes>{''.join(held.values())}</table:shapes>" if on_sheet else ""
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string">{"" if on_sheet else held.get((row, column), "")}</table:table-cell>'
            for column in range(6)
        )
        + "</table:table-row>"
        for row in range(12)
    )
    return (
        f'<office:document {SPACES}><office:body><office:spreadsheet><table:table table:name="A"><office:forms><form:form>'
        f"{forms}</form:form></office:forms>{shapes}{rows}</table:table></office:spreadsheet></office:body></office:document>"
    ).encode()


def test_things_in_the_cells_of_a_document() -> None:
    for put in invented(KINDS):
        book = ods.read(source(as_fods(put)))
        assert told(book) == sorted(one.said() for one in put), put
        # the text in a shape is not the cell's
        assert {cell.value for cell in book.sheets[0].cells.values()} <= {"值"}


def test_things_on_the_sheet_of_a_document() -> None:
    for put in invented(tuple(kind for kind in KINDS if kind not in ("note", "link"))):
        assert told(ods.read(source(as_fods(put, on_sheet=True)))) == sorted(one.said(where=False) for one in put), put


@pytest.mark.parametrize(
    ("href", "said"),
    [("#甲.B2", "甲!B2"), ("#'甲 1'.$B$2", "'甲 1'!$B$2"), ("#$甲.A1:B2", "甲!A1:B2"), ("#第2节", "第2节"), ("x.ods#甲.A1", "x.ods#甲.A1")],
)  # fmt: skip
def test_a_link_within_a_document(href: str, said: str) -> None:
    assert told(ods.read(source(as_fods([Put("link", (0, 0), href)])))) == [("A1（链接）", said)]


# .xlsb ---------------------------------------------------------------------------------------------------------------------

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def as_xlsb(put: list[Put]) -> bytes:
    """A binary workbook of one sheet, with records of notes and links, and the drawing parts of an .xlsx."""
    relations, parts, links = [], {}, b""
    for at, one in enumerate(put):
        if one.kind == "link":
            target, _, location = one.text.partition("#")
            relations.append((f"rIdL{at}", "hyperlink", quoteattr(target) + ' TargetMode="External"'))
            corner = struct.pack("<4L", one.at[0], one.at[0], one.at[1], one.at[1])
            links += record(494, corner + wide(f"rIdL{at}") + wide(location) + wide("") + wide(""))
    if notes := [one for one in put if one.kind == "note"]:
        authors = list(dict.fromkeys(one.author for one in notes))
        listed = b"".join(
            record(635, struct.pack("<5L", authors.index(one.author), one.at[0], one.at[0], one.at[1], one.at[1]) + bytes(16))
            + record(637, b"\0" + wide(one.text)) + record(636)
            for one in notes
        )  # fmt: skip
        parts["xl/comments1.bin"] = record(628) + b"".join(record(632, wide(author)) for author in authors) + listed
        relations.append(("rIdN", "comments", '"/xl/comments1.bin"'))
    if pictures := [one for one in put if one.kind == "picture"]:
        anchors = "".join(
            f"<o><from><col>{one.at[1]}</col><row>{one.at[0]}</row></from><pic><cNvPr name={quoteattr(one.text)}/></pic></o>"
            for one in pictures
        ).replace("<o>", "<oneCellAnchor>").replace("</o>", "</oneCellAnchor>")  # fmt: skip
        parts["xl/drawings/drawing1.xml"] = f"<wsDr>{anchors}</wsDr>".encode()
        relations.append(("rIdD", "drawing", '"/xl/drawings/drawing1.xml"'))
    rows = record(145) + record(146) + links
    parts["xl/worksheets/sheet1.bin"] = record(129) + rows + record(130)
    listed_ = "".join(
        f'<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target={target}/>' for id, kind, target in relations
    )
    parts["xl/worksheets/_rels/sheet1.bin.rels"] = f"<Relationships>{listed_}</Relationships>".encode()
    parts["_rels/.rels"] = (
        f'<Relationships><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.bin"/></Relationships>'.encode()
    )
    parts["xl/_rels/workbook.bin.rels"] = (
        f'<Relationships><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    ).encode()
    parts["xl/workbook.bin"] = record(156, struct.pack("<LL", 0, 1) + wide("rId1") + wide("A"))
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def test_things_of_a_binary_workbook() -> None:
    for put in invented(("note", "link", "picture")):
        assert told(binary.read(source(as_xlsb(put)))) == sorted(one.said() for one in put), put


# .xls ----------------------------------------------------------------------------------------------------------------------

NUMBERS = {"picture": 8, "chart": 5, "text": 6, "shape": 0x1E, "box": 0x0B, "embedded": 8}


def biff(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def as_records(put: list[Put]) -> bytes:
    """The records of a sheet of an .xls; a chart has a stream of its own within them."""
    made = biff(0x809, bytes(16)) + biff(0x200, bytes(14))
    for number, one in enumerate(put, start=1):
        row, column = one.at
        anchor = struct.pack("<HHL9H", 0, 0xF010, 18, 0, column, 0, row, 0, column + 1, 0, row + 1, 0)
        made += biff(0xEC, b"\x0f\0\x04\xf0" + bytes(4) + anchor)
        structures = struct.pack("<HHHHH12x", 0x15, 0x12, NUMBERS[one.kind], number, 0x2011)
        if one.kind == "box":
            structures += struct.pack("<HH12xHH8s", 0x0A, 12, 0x12, 8, struct.pack("<HHHH", 1, 0, 0, 2))
        if one.kind == "embedded":
            structures += struct.pack("<HHH", 0x08, 2, 1) + struct.pack("<HH4x", 0x09, 4)
        made += biff(0x5D, structures + bytes(4))
        if one.kind == "chart":
            made += biff(0x809, bytes(16)) + biff(0x5D, structures) + biff(0x0A)
        if one.kind in ("text", "box"):
            text = one.text.encode("utf-16-le")
            made += biff(0xEC, bytes(8)) + biff(0x1B6, struct.pack("<HH6xHHH", 0, 0, len(one.text), 16, 0) + bytes(4))
            made += biff(0x3C, b"\1" + text[:4]) + biff(0x3C, b"\1" + text[4:]) + biff(0x3C, bytes(16))
    arrow = struct.pack("<HHHHH12x", 0x15, 0x12, 0x14, 99, 0x2101)  # of a drop-down list, which nobody drew
    note = struct.pack("<HHHHH12x", 0x15, 0x12, 0x19, 98, 0x4011)
    return made + biff(0x5D, arrow) + biff(0x5D, note) + biff(0x0A) + biff(0x5D, note[:4] + b"\x08" + note[5:])


def test_objects_of_an_old_workbook() -> None:
    for put in invented(tuple(NUMBERS)):
        found = list(read_drawn(b"before" + as_records(put), 6))
        kinds = [("control" if one.kind == "box" else one.kind) for one in put]
        assert [(one.kind, one.at) for one in found] == list(zip(kinds, (one.at for one in put), strict=True))
        assert [one.text for one in found] == [one.text if one.kind in ("text", "box") else "" for one in put]
        assert [one.control.checked for one in found if one.control] == [1] * kinds.count("control")


def test_cut_records_stop_nothing() -> None:
    whole = as_records(next(invented(tuple(NUMBERS))))
    for end in range(0, len(whole), 3):
        assert len(list(read_drawn(whole[:end], 0))) <= 6


# To the person -------------------------------------------------------------------------------------------------------------

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "spreadsheetml": lambda data: spreadsheetml(data).replace(
        b"</Data></Cell>", '</Data><Comment ss:Author="王会计"><ss:Data>请核对</ss:Data></Comment></Cell>'.encode(), 1
    ),
    "html": lambda data: excel_page(data).replace(
        b"</td>", '<img alt="照片"><a href="https://example.org">附</a></td>'.encode("gbk"), 1
    ),
    "xlsb": lambda data: with_macros(xlsb(data)),
}
SAID = {
    "spreadsheetml": [("的批注）", "请核对")],
    "html": [("", "（图片“照片”没有带来，请看原表）"), ("（链接）", "https://example.org")],
    "xlsb": [("", "（宏没有带来，请看原表）")],
}


def with_macros(data: bytes) -> bytes:
    stream = BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
        relations = archive.read("xl/_rels/workbook.bin.rels").decode()
        one = '<Relationship Id="rIdV" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>'
    parts = {"xl/_rels/workbook.bin.rels": relations.replace("</Relationships>", f"{one}</Relationships>")}
    target = BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            after.writestr(name, parts.get(name, before.read(name)))
    return target.getvalue()


@pytest.mark.parametrize("origin", FORMS)
def test_what_was_not_carried_is_listed(origin: str) -> None:
    workbook = Workbook(open_bytes(FORMS[origin](some(1, by="project")), "报回"))
    source = CorrectionSource(workbook, read_workbook(workbook), read_replies(workbook))
    (made,) = correct_workbooks(split_by_form(source, default_policy()), default_policy(), ())
    assert isinstance(made, CorrectedWorkbook)
    listed = [(row["单元格"] or "", row["内容"]) for row in table(made.data, OUTSIDE)]
    for end, text in SAID[origin]:
        assert any(cell.endswith(end) and content == text for cell, content in listed), listed
