"""What people and programs put into a workbook beside the answers: each as Excel, WPS or Google writes it.

Everything is put on the first sheet of a workbook whose parts have no prefixes. ``said``: the lines of 表外内容 that tell
of it when the workbook is written anew, as (cell, text); none for what is meaningless.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from workbook.ooxml import test_macros as macros
from workbook.ooxml.test_macros import BOOK_RELS, MICROSOFT, OFFICE, SHEET, SHEET_RELS, Parts, put, related, typed
from workbook.ooxml.test_signature import signed

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
VML = "urn:schemas-microsoft-com:vml"
SPACES = f'xmlns:v="{VML}" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"'
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"

Line = tuple[str, str]


class Furniture(NamedTuple):
    """How it is put into the parts of a workbook, and the lines that tell of it."""

    add: Callable[[Parts], None]
    said: tuple[Line, ...] = ()


# the elements after the cells, in the order of the schema; each is put before the first that follows it
AFTER = ("hyperlinks", "headerFooter", "drawing", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls", "tableParts", "extLst")  # fmt: skip


def on_sheet(parts: Parts, element: str, xml: str) -> None:
    """Put an element into the sheet at its place."""
    data = parts[SHEET].decode()
    later = AFTER[AFTER.index(element) + 1 :]
    before = ("printOptions", "pageMargins") if element == "hyperlinks" else later
    found = re.search(rf"<(?:{'|'.join((*before, 'mc:AlternateContent'))})\b|</worksheet>", data)
    assert found
    if f"<{element}" not in data:
        parts[SHEET] = (data[: found.start()] + xml + data[found.start() :]).encode()


def linked(element: str, id: str) -> str:
    return f'<{element} xmlns:r="{OFFICE}" r:id="{id}"/>'


def notes(authors: str, listed: str, vml: str | None = "", prefix: str = "") -> Callable[[Parts], None]:
    """Notes as a program writes them; ``vml``: the boxes, None without a drawing."""

    def add(parts: Parts) -> None:
        if b'/comments"' in parts.get(SHEET_RELS, b"") or (vml is not None and b"<legacyDrawing " in parts[SHEET]):
            return
        xml = f'<{prefix}comments xmlns{":" + prefix[:-1] if prefix else ""}="{MAIN}">{authors}{listed}</{prefix}comments>'
        parts["xl/comments7.xml"] = xml.encode()
        related(parts, SHEET_RELS, "rIdNotes", f"{OFFICE}/comments", "../comments7.xml")
        typed(parts, "xl/comments7.xml", "vnd.openxmlformats-officedocument.spreadsheetml.comments+xml")
        if vml is not None:
            drawn(parts, f"<xml {SPACES}>{vml}</xml>" if not vml.startswith("<xml") else vml)

    return add


def drawn(parts: Parts, vml: str) -> None:
    if b"<legacyDrawing " in parts[SHEET]:
        return
    parts["xl/drawings/vmlDrawing7.vml"] = vml.encode()
    related(parts, SHEET_RELS, "rIdVml", f"{OFFICE}/vmlDrawing", "../drawings/vmlDrawing7.vml")
    typed(parts, "xl/drawings/vmlDrawing7.vml", "vnd.openxmlformats-officedocument.vmlDrawing")
    on_sheet(parts, "legacyDrawing", linked("legacyDrawing", "rIdVml"))


def box(row: int, column: int, id: int = 2001, prefix: str = "v", data: str = "x") -> str:
    return (
        f'<{prefix}:shape id="_x0000_s{id}" type="#_x0000_t202"><{data}:ClientData ObjectType="Note">'
        f"<{data}:Row>{row}</{data}:Row><{data}:Column>{column}</{data}:Column></{data}:ClientData></{prefix}:shape>"
    )


def control_shape(id: int, kind: str, label: str, fields: str) -> str:
    return (
        f'<v:shape id="_x0000_s{id}" type="#_x0000_t201"><v:textbox><div><font>{label}</font><br></div></v:textbox>'
        f'<x:ClientData ObjectType="{kind}"><x:Anchor>4, 15, 5, 10, 6, 15, 9, 4</x:Anchor>{fields}</x:ClientData></v:shape>'
    )


ONE_NOTE = '<commentList><comment ref="D6" authorId="0"><text><t>请核对</t></text></comment></commentList>'
A_NOTE: tuple[Line, ...] = (("D6（甲的批注）", "请核对"),)


def threaded(parts: Parts) -> None:
    """A conversation on a cell, and what older programs are given of it."""
    text = (
        "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment.\n\nComment:\n    请核对"
    )
    listed = f'<commentList><comment ref="D6" authorId="0"><text><t xml:space="preserve">{text}</t></text></comment></commentList>'
    notes("<authors><author>tc={1B1E0A5C-0000-4000-8000-000000000001}</author></authors>", listed, box(5, 3))(parts)
    space = f"{MICROSOFT}/office/spreadsheetml/2018/threadedcomments".replace("office/office", "office")
    one, two = (
        '<threadedComment ref="D6" id="{A}"><text>请核对</text></threadedComment>',
        '<threadedComment ref="D6" id="{B}" parentId="{A}"><text>已核对</text></threadedComment>',
    )
    parts["xl/threadedComments/threadedComment1.xml"] = (
        f'<ThreadedComments xmlns="{space}">{one}{two}</ThreadedComments>'.encode()
    )
    related(
        parts,
        SHEET_RELS,
        "rIdThread",
        f"{MICROSOFT}/2017/10/relationships/threadedComment",
        "../threadedComments/threadedComment1.xml",
    )
    typed(parts, "xl/threadedComments/threadedComment1.xml", "vnd.ms-excel.threadedcomments+xml")


def sheet_drawing(*things: str) -> Callable[[Parts], None]:
    """A drawing with these things, each at its anchor."""

    def add(parts: Parts) -> None:
        if "xl/drawings/drawing7.xml" in parts:
            return
        spaces = f'xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        parts["xl/drawings/drawing7.xml"] = f"<xdr:wsDr {spaces}>{''.join(things)}</xdr:wsDr>".encode()
        related(parts, SHEET_RELS, "rIdDraw", f"{OFFICE}/drawing", "../drawings/drawing7.xml")
        typed(parts, "xl/drawings/drawing7.xml", "vnd.openxmlformats-officedocument.drawing+xml")
        on_sheet(parts, "drawing", linked("drawing", "rIdDraw"))

    return add


def at(column: int, row: int, xml: str) -> str:
    corner = f"<xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    return f"<xdr:oneCellAnchor><xdr:from>{corner}</xdr:from>{xml}<xdr:clientData/></xdr:oneCellAnchor>"


def thing(tag: str, name: str, inside: str = "") -> str:
    return f'<xdr:{tag}><xdr:nv><xdr:cNvPr id="2" name="{name}"/></xdr:nv>{inside}</xdr:{tag}>'


CHART = f'<a:graphic><a:graphicData uri="{DRAWING}/chart"/></a:graphic>'
TEXT = "<xdr:txBody><a:p><a:r><a:t>附</a:t></a:r><a:r><a:t>注</a:t></a:r></a:p><a:p><a:r><a:t>第二行</a:t></a:r></a:p></xdr:txBody>"
SHAPE_OF_A_CONTROL = '<mc:AlternateContent><mc:Choice Requires="a14">' + at(
    1, 1, thing("sp", "复选框 1", '<a14:compatExt xmlns:a14="x" spid="_x0000_s1025"/>')
) + "</mc:Choice><mc:Fallback/></mc:AlternateContent>"  # fmt: skip


def header_picture(parts: Parts) -> None:
    parts["xl/drawings/vmlDrawing9.vml"] = (
        f'<xml {SPACES}><v:shape id="CH" type="#_x0000_t75"></v:shape></xml>'.encode()
    )
    related(parts, SHEET_RELS, "rIdHead", f"{OFFICE}/vmlDrawing", "../drawings/vmlDrawing9.vml")
    typed(parts, "xl/drawings/vmlDrawing9.vml", "vnd.openxmlformats-officedocument.vmlDrawing")
    on_sheet(parts, "legacyDrawingHF", linked("legacyDrawingHF", "rIdHead"))


def part_of(list_: str, kind: str, target: str, element: str = "", type: str = "xml") -> Callable[[Parts], None]:
    """A part that hangs at the sheet, the workbook or the package, with the element that refers to it."""

    def add(parts: Parts) -> None:
        folder = {SHEET_RELS: "xl/", BOOK_RELS: "xl/", "_rels/.rels": ""}[list_]
        if f"{folder}{target}" in parts:
            return
        parts[f"{folder}{target}"] = b'<x xmlns="urn:x"/>'
        id = f"rId{target.replace('/', '').partition('.')[0]}"
        related(parts, list_, id, kind if ":" in kind else f"{OFFICE}/{kind}", f"/{folder}{target}")
        typed(parts, f"{folder}{target}", type)
        if element:
            on_sheet(parts, element, linked(element, id))

    return add


def links(parts: Parts) -> None:
    """Links on cells: outside, within, and one whose address stands in its cell anyway."""
    related(parts, SHEET_RELS, "rIdLink", f'{OFFICE}/hyperlink" TargetMode="External', "https://example.org/%E9%99%84")
    listed = f'<hyperlink ref="D6" xmlns:r="{OFFICE}" r:id="rIdLink"/><hyperlink ref="E6" location="附表!A1" display="见附表"/>'
    if b"<hyperlinks>" in parts[SHEET]:
        put(parts, SHEET, "</hyperlinks>", listed)
    else:
        on_sheet(parts, "hyperlinks", f"<hyperlinks>{listed}</hyperlinks>")


def header(parts: Parts) -> None:
    """A text at the head of each printed page."""
    text = "<oddHeader>&amp;C&amp;&quot;宋体&quot;&amp;9县里留存&amp;&amp;备查</oddHeader>"
    if b"<oddHeader>" not in parts[SHEET]:
        put(parts, SHEET, "<oddFooter>", text)


def sparkline(parts: Parts) -> None:
    uri = "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}"
    ext = f'<ext uri="{uri}" xmlns:x14="{MICROSOFT}/spreadsheetml/2009/9/main"><x14:sparklineGroups/></ext>'
    on_sheet(parts, "extLst", f"<extLst>{ext}</extLst>")


def in_cell(attributes: str, inside: str) -> Callable[[Parts], None]:
    """A cell below the form."""

    def add(parts: Parts) -> None:
        if b'r="3001"' not in parts[SHEET]:
            put(parts, SHEET, "</sheetData>", f'<row r="3001"><c r="A3001" {attributes}>{inside}</c></row>')

    return add


def lost(kind: str, id: str, element: str = "") -> Callable[[Parts], None]:
    """A relationship that leads to no part."""

    def add(parts: Parts) -> None:
        if f'"{id}"'.encode() not in parts.get(SHEET_RELS, b"") and f"<{element} ".encode() not in parts[SHEET]:
            related(parts, SHEET_RELS, id, f"{OFFICE}/{kind}", f"../lost/{id}.xml")
            if element:
                on_sheet(parts, element, linked(element, id))

    return add


def tick(parts: Parts) -> None:
    """A box that was ticked, as Excel writes it: in the drawing, and in a part of its own."""
    drawn(parts, f"<xml {SPACES}>{control_shape(1025, 'Checkbox', '是', '<x:Checked>0</x:Checked>')}</xml>")
    parts["xl/ctrlProps/ctrlProp7.xml"] = (
        f'<formControlPr xmlns="{MICROSOFT}/spreadsheetml/2009/9/main" objectType="CheckBox" checked="Checked" fmlaLink="$M$3"/>'
    ).encode()
    related(parts, SHEET_RELS, "rIdTick", f"{OFFICE}/ctrlProp", "../ctrlProps/ctrlProp7.xml")
    typed(parts, "xl/ctrlProps/ctrlProp7.xml", "vnd.ms-excel.controlproperties+xml")
    macros.shown(parts, macros.control("rIdTick", 1025))


def controls(parts: Parts) -> None:
    """Controls of each kind, by their drawing alone, as Excel 2007 writes them."""
    kinds = (
        ("Radio", "否", "<x:Checked>1</x:Checked>"),
        ("Drop", "", "<x:Sel>2</x:Sel><x:FmlaLink>$M$4</x:FmlaLink>"),
        ("Scroll", "", "<x:Val>40</x:Val>"),
        ("Button", "提交", ""),
    )
    drawn(parts, f"<xml {SPACES}>{''.join(control_shape(1030 + at, *one) for at, one in enumerate(kinds))}</xml>")


def left(what: str) -> str:
    return f"（{what}没有带来，请看原表）"


FURNITURE: dict[str, Furniture] = {
    "a note without a box": Furniture(notes("<authors><author>甲</author></authors>", ONE_NOTE, None), A_NOTE),
    "a note with its box": Furniture(notes("<authors><author>甲</author></authors>", ONE_NOTE, box(5, 3)), A_NOTE),
    "a note whose box has other prefixes": Furniture(
        notes("<authors><author>甲</author></authors>", ONE_NOTE, f'<xml xmlns:ns0="{VML}" xmlns:ns2="urn:schemas-microsoft-com:office:excel">{box(5, 3, 9, "ns0", "ns2")}</xml>'), A_NOTE
    ),
    "a note and an empty drawing": Furniture(notes("<authors><author>甲</author></authors>", ONE_NOTE, f"<xml {SPACES}/>"), A_NOTE),
    "a note and single quotes": Furniture(notes("<authors><author>甲</author></authors>", ONE_NOTE.replace('"', "'"), box(5, 3).replace('"', "'")), A_NOTE),
    "notes with a prefix": Furniture(notes("<p:authors><p:author>甲</p:author></p:authors>", re.sub(r"<(/?)(?=\w)", r"<\1p:", ONE_NOTE), box(5, 3), "p:"), A_NOTE),
    "nobody's note": Furniture(notes("<authors><author></author></authors>", ONE_NOTE), (("D6（批注）", "请核对"),)),
    "no notes in a list of notes": Furniture(notes("<authors/>", "<commentList/>", None)),
    "a threaded comment": Furniture(threaded, (("D6（批注）", "请核对"), ("D6（批注）", "已核对"))),
    "a ticked box": Furniture(tick, (("E6", "（复选框“是”没有带来，请看原表；状态：已选；链接到M3）"),)),
    "old controls": Furniture(controls, (
        ("E6", "（选项按钮“否”没有带来，请看原表；状态：已选）"), ("E6", "（组合框没有带来，请看原表；状态：选了第2项；链接到M4）"),
        ("E6", "（数值调节钮没有带来，请看原表；状态：40）".replace("数值调节钮", "滚动条")), ("E6", left("按钮“提交”")),
    )),
    "an empty drawing": Furniture(sheet_drawing()),
    "a picture": Furniture(sheet_drawing(at(1, 3, thing("pic", "现场照片"))), (("B4", left("图片“现场照片”")),)),
    "a chart and a text box": Furniture(
        sheet_drawing(at(1, 3, thing("graphicFrame", "图表 1", CHART)), at(2, 4, thing("sp", "文本框 1", TEXT))),
        (("B4", left("图表“图表 1”")), ("C5（图形里的文字）", "附注\n第二行")),
    ),
    "a group of shapes": Furniture(
        sheet_drawing(at(1, 3, "<xdr:grpSp>" + thing("sp", "箭头 1") + thing("cxnSp", "线 2") + "</xdr:grpSp>")),
        (("B4", left("图形“箭头 1”")), ("B4", left("图形“线 2”"))),
    ),
    "the shape of a control": Furniture(sheet_drawing(SHAPE_OF_A_CONTROL)),
    "a picture in the header": Furniture(header_picture, (("", left("页眉页脚里的图片")),)),
    "a text in the header": Furniture(header, (("页眉页脚", "县里留存&备查"),)),
    "a background": Furniture(part_of(SHEET_RELS, "image", "media/image7.png", "picture"), (("", left("表的背景图片")),)),
    "an embedded file": Furniture(part_of(SHEET_RELS, "package", "embeddings/book7.xlsx"), (("", left("嵌入的文件")),)),
    "an embedded object": Furniture(part_of(SHEET_RELS, "oleObject", "embeddings/ole7.bin"), (("", left("嵌入的文件")),)),
    "a pivot table": Furniture(part_of(SHEET_RELS, "pivotTable", "pivotTables/pivotTable7.xml"), (("", left("数据透视表")),)),
    "a setting of a printer": Furniture(part_of(SHEET_RELS, "printerSettings", "printerSettings/printerSettings7.bin")),
    "comments of Google": Furniture(part_of(SHEET_RELS, "http://customschemas.google.com/relationships/workbookmetadata", "commentsmeta7.xml")),
    "nobody knows what": Furniture(part_of(SHEET_RELS, "http://example.org/relations/x", "x/x7.xml"), (("", left("认不出的其他内容")),)),
    "links": Furniture(links, (("D6（链接）", "https://example.org/%E9%99%84"), ("E6（链接）", "附表!A1"))),
    "a sparkline": Furniture(sparkline, (("", left("迷你图")),)),
    "a picture in a cell": Furniture(in_cell('t="e" vm="1"', "<v>#VALUE!</v>"), (("A3001", left("格里的图片")),)),
    "a picture in a cell of WPS": Furniture(in_cell('t="str"', '<f>_xlfn.DISPIMG("ID_9",1)</f><v>=DISPIMG("ID_9",1)</v>'), (("A3001", left("格里的图片")),)),
    "another workbook": Furniture(part_of(BOOK_RELS, "externalLink", "externalLinks/externalLink7.xml"), (("", left("对其他工作簿的引用")),)),
    "a connection": Furniture(part_of(BOOK_RELS, "connections", "connections.xml"), (("", left("外部数据的连接")),)),
    "data of a document system": Furniture(part_of(BOOK_RELS, "customXml", "customXml7.xml")),
    "people": Furniture(part_of(BOOK_RELS, f"{MICROSOFT}/2017/10/relationships/person", "persons/person7.xml")),
    "an order of calculation": Furniture(part_of(BOOK_RELS, "calcChain", "calcChain.xml")),
    "a sensitivity label": Furniture(part_of("_rels/.rels", f"{MICROSOFT}/2020/02/relationships/classificationlabels", "docMetadata/LabelInfo.xml"), (("", left("密级或敏感度标记")),)),
    "a signature": Furniture(signed(), (("", left("数字签名")),)),
    "a macro": Furniture(macros.project, (("", left("宏")),)),
    "a list of notes that is lost": Furniture(lost("comments", "rIdLostNotes")),
    "a drawing of notes that is lost": Furniture(lost("vmlDrawing", "rIdLostBoxes", "legacyDrawing")),
    "a drawing that is lost": Furniture(lost("drawing", "rIdLostDrawing", "drawing")),
}  # fmt: skip
