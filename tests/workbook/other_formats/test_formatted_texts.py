"""Struck-out and raised text in other formats: the runs arrive in the plain package."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
from workbook.other_formats.as_other_formats import record, wide
from workbook.reading.test_formatting import invented

from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.limits import LIMITS
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.rich_text import Run, Runs, plain_text
from perfxl.workbook.other_formats import html, ods, spreadsheetml, xlsb
from perfxl.workbook.other_formats.values import ForeignBook, ForeignFile
from perfxl.workbook.other_formats.written import write_package
from perfxl.workbook.reading.formatting import show_runs
from perfxl.workbook.reading.opening import open_bytes

PAGE = "<html><head><style>.x1{{text-decoration:line-through}}</style></head><body><table>{}</table></body></html>"
SHEET = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">'
    '<Styles><Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style></Styles>'
    '<Worksheet ss:Name="A"><Table><Row>{}</Row></Table></Worksheet></Workbook>'
)
FLAT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
    '<office:automatic-styles><style:style style:name="T1" style:family="text"><style:text-properties '
    'style:text-line-through-style="solid"/></style:style><style:style style:name="T2" style:family="text">'
    '<style:text-properties style:text-position="super 58%"/></style:style><style:style style:name="T3" style:family="text">'
    '<style:text-properties style:text-position="33% 58%"/></style:style><style:style style:name="ce1" '
    'style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet><table:table table:name=\"A\"><table:table-row>{}"
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document>"
)  # fmt: skip


def page(*cells: str) -> str:
    return PAGE.format("<tr>" + "".join(cells) + "</tr>")


def ods_cell(style: str, inner: str) -> str:
    return f'<table:table-cell table:style-name="{style}" office:value-type="string"><text:p>{inner}</text:p></table:table-cell>'


CASES = [
    ("表.xls", page("<td><s>2100米</s>2150米</td>"), "2150米", "struck_out"),
    ("表.xls", page("<td><del>2100米</del> 2150米</td>"), "2150米", "struck_out"),
    ("表.xls", page("<td>8.6×10<sup>3</sup>平方米</td>"), "8.6×10³平方米", "raised"),
    ("表.xls", page("<td>500m<sup>2</sup></td>"), "500m²", ""),
    ("表.xls", page("<td>CO<sub>2</sub></td>"), "CO2", None),
    ("表.xls", page('<td class="x1">2150米</td>'), "2150米", "struck_out"),
    ("表.xls", SHEET.format('<Cell><ss:Data ss:Type="String"><html:S>2100米</html:S>2150米</ss:Data></Cell>'), "2150米", "struck_out"),
    ("表.xls", SHEET.format('<Cell><ss:Data ss:Type="String">10<html:Sup>3</html:Sup></ss:Data></Cell>'), "10³", "raised"),
    # as Excel writes it: HTML is the default namespace within the text
    ("表.xls", SHEET.format('<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">500<Font html:Size="11">m</Font><Sup>2</Sup></ss:Data></Cell>'), "500m²", ""),
    ("表.xls", SHEET.format('<Cell ss:StyleID="s1"><Data ss:Type="String">2150米</Data></Cell>'), "2150米", "struck_out"),
    ("表.fods", FLAT.format(ods_cell("", '<text:span text:style-name="T1">2100米</text:span>2150米')), "2150米", "struck_out"),
    ("表.fods", FLAT.format(ods_cell("", '8.6×10<text:span text:style-name="T2">3</text:span>')), "8.6×10³", "raised"),
    ("表.fods", FLAT.format(ods_cell("", '8.6×10<text:span text:style-name="T3">3</text:span>')), "8.6×10³", "raised"),
    ("表.fods", FLAT.format(ods_cell("ce1", "2150米")), "2150米", "struck_out"),
    ("表.fods", FLAT.format(ods_cell("", "2150米")), "2150米", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "shown", "doubt"), CASES)
def test_a_formatted_text(name: str, text: str, shown: str, doubt: str | None) -> None:
    workbook = Workbook(open_bytes(text.encode(), name))
    sheet = workbook.sheet(workbook.sheets[0])
    if doubt is None and (0, 0) not in sheet.formatted:
        assert sheet.value(0, 0) == shown
        return
    found = show_runs(sheet.formatted[0, 0])
    assert (found.text.strip(), found.doubt) == (shown, doubt or "")


# Invented texts, each of pieces that are struck out, raised or lowered, in every format


def in_html(run: Run) -> str:
    tag = "s" if run.struck else {1: "sup", -1: "sub", 0: ""}[run.raised]
    return f"<{tag}>{run.text}</{tag}>" if tag else run.text


def in_spreadsheetml(run: Run) -> str:
    tag = "html:S" if run.struck else {1: "html:Sup", -1: "html:Sub", 0: ""}[run.raised]
    return f"<{tag}>{run.text}</{tag}>" if tag else run.text


def in_document(run: Run) -> str:
    style = "T1" if run.struck else {1: "T2", -1: "T4", 0: ""}[run.raised]
    text = run.text.replace(" ", "<text:s/>")
    return f'<text:span text:style-name="{style}">{text}</text:span>' if style else text


LOWERED = '<style:style style:name="T4" style:family="text"><style:text-properties style:text-position="sub 58%"/></style:style></office:automatic-styles>'


def as_page(texts: Sequence[Runs]) -> str:
    return page(*(f"<td>{''.join(map(in_html, text))}</td>" for text in texts))


def as_spreadsheetml(texts: Sequence[Runs]) -> str:
    return SHEET.format(
        "".join(
            f'<Cell><ss:Data ss:Type="String">{"".join(map(in_spreadsheetml, text))}</ss:Data></Cell>' for text in texts
        )
    )


def as_document(texts: Sequence[Runs]) -> str:
    cells = (ods_cell("", "".join(map(in_document, text))) for text in texts)
    return FLAT.format("".join(cells)).replace("</office:automatic-styles>", LOWERED)


PARTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FONTS = (Run(""), Run("", True), Run("", False, 1), Run("", False, -1))


def as_xlsb(texts: Sequence[Runs], font: int = 0) -> bytes:
    """A binary workbook: the texts by turns shared and in their cells, each piece with a font of its own.

    ``font``: the number of the cells' font.
    """
    cells, shared = b"", b""
    for at, text in enumerate(texts):
        changes, start = b"", 0
        for run in text:
            number = 1 if run.struck else {0: 0, 1: 2, -1: 3}[run.raised]
            changes += struct.pack("<HH", start, number)
            start += len(run.text)
        rich = b"\1" + wide(plain_text(text)) + struct.pack("<L", len(text)) + changes
        head = struct.pack("<LL", at, 0)
        if at % 2:
            cells += record(62, head + rich)
        else:
            cells += record(7, head + struct.pack("<L", at // 2))
            shared += record(19, rich)
    fonts = b"".join(
        record(43, struct.pack("<4H", 220, 8 if one.struck else 0, 400, one.raised % 3) + bytes(8)) for one in FONTS
    )
    format = record(47, struct.pack("<HHHHHBBHH", 0, 0, font, 0, 0, 0, 0, 0x1000, 0))
    targets = {"worksheet": "sheet1", "styles": "styles", "sharedStrings": "strings"}
    related = "".join(
        f'<Relationship Id="{kind}" Type="{PARTS}/{kind}" Target="{name}.bin"/>' for kind, name in targets.items()
    )
    parts = {
        "_rels/.rels": f'<Relationships><Relationship Id="a" Type="{PARTS}/officeDocument" Target="xl/workbook.bin"/></Relationships>'.encode(),
        "xl/_rels/workbook.bin.rels": f"<Relationships>{related}</Relationships>".encode(),
        "xl/workbook.bin": record(156, struct.pack("<LL", 0, 1) + wide("worksheet") + wide("A")),
        "xl/styles.bin": fonts + record(617) + format + record(618),
        "xl/strings.bin": shared,
        "xl/sheet1.bin": record(0, struct.pack("<LLHBBB", 0, 0, 300, 0, 0, 0) + bytes(4)) + cells,
    }
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


FORMATS: dict[str, tuple[Callable[[Sequence[Runs]], str | bytes], Callable[[ForeignFile], ForeignBook]]] = {
    "html": (as_page, html.read),
    "spreadsheetml": (as_spreadsheetml, spreadsheetml.read),
    "fods": (as_document, ods.read),
    "xlsb": (as_xlsb, xlsb.read),
}


@pytest.mark.parametrize("origin", FORMATS)
def test_invented_texts_show_the_same_in_every_format(origin: str) -> None:
    """250 texts in a row. A page has no blank pieces at the ends of a text, and one space for many."""
    write, read = FORMATS[origin]
    texts = [text for text in invented(300) if plain_text(text).strip()][:250]
    data = write(texts)
    book = read(ForeignFile(data.encode() if isinstance(data, str) else data, "表", LIMITS))
    workbook = Workbook(Package(write_package(book), "表"))
    sheet = workbook.sheet(workbook.sheets[0])
    for column, text in enumerate(texts):
        found = sheet.formatted.get((0, column)) or (Run(str(sheet.value(0, column))),)
        one, other = show_runs(found), show_runs(text)
        assert (squeezed(one.text), one.doubt) == (squeezed(other.text), other.doubt), text
        assert squeezed(one.other) == squeezed(other.other), text


def test_a_struck_cell_of_a_binary_workbook() -> None:
    for font in (0, 1):
        book = xlsb.read(ForeignFile(as_xlsb([(Run("2150米"),)], font), "表", LIMITS))
        assert [cell.struck for cell in book.sheets[0].cells.values()] == [bool(font)]


def squeezed(text: str) -> str:
    return " ".join(text.split())
