"""What is drawn on a sheet: each thing once, with its text and its place; notes and empty drawings are none."""

from __future__ import annotations

import html
import random
import re

import pytest
from hostile.zips import zipped
from mutations.furniture import DRAWING, SPACES, box

from perfxl.workbook.ooxml.drawings import Control, Drawn, read_drawing, read_vml
from perfxl.workbook.ooxml.package import Package

NAMES = ["图片 1", "现场 & 照片", "", "a<b"]
TEXTS = ["附注", "第一段\n第二段", "1 < 2 & 3"]


def escaped(text: str) -> str:
    return html.escape(text)


def thing(chance: random.Random) -> tuple[str, tuple[str, str] | None]:
    """The XML of a thing, and what is to be said of it: its kind and text; None for what stands for a control."""
    name = chance.choice(NAMES)
    head = f'<xdr:nvPr><xdr:cNvPr id="2" name="{escaped(name)}"/></xdr:nvPr>'
    kind = chance.choice(["picture", "chart", "diagram", "slicer", "shape", "line", "text", "control", "ink"])
    if kind == "picture":
        return f"<xdr:pic>{head}<xdr:blipFill/></xdr:pic>", (kind, name)
    if kind in ("chart", "diagram", "slicer"):
        data = (
            f'<a:graphic><a:graphicData uri="{DRAWING}/{kind}"><c:{kind} xmlns:c="urn:c"/></a:graphicData></a:graphic>'
        )
        return f"<xdr:graphicFrame>{head}{data}</xdr:graphicFrame>", (kind, name)
    if kind == "text":
        text = chance.choice(TEXTS)
        lines = "".join(f"<a:p><a:r><a:t>{escaped(line)}</a:t></a:r></a:p>" for line in text.split("\n"))
        return f"<xdr:sp>{head}<xdr:txBody><a:bodyPr/>{lines}</xdr:txBody></xdr:sp>", (kind, text)
    if kind == "control":
        hidden = '<a14:compatExt xmlns:a14="urn:a14" spid="_x0000_s1025"/>'
        return f'<xdr:sp><xdr:nvPr><xdr:cNvPr id="2" name="复选框 1">{hidden}</xdr:cNvPr></xdr:nvPr></xdr:sp>', None
    tag = {"shape": "sp", "line": "cxnSp", "ink": "contentPart"}[kind]
    return f"<xdr:{tag}>{head}</xdr:{tag}>", ("ink" if kind == "ink" else "shape", name)


def invented(chance: random.Random) -> tuple[bytes, list[Drawn]]:
    """A drawing, and what is to be read of it."""
    anchors, wanted = [], []
    for _ in range(chance.randrange(6)):
        things = [thing(chance) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
        inner = "".join(xml for xml, _ in things)
        if len(things) > 1:
            inner = f"<xdr:grpSp><xdr:grpSpPr/>{inner}</xdr:grpSp>"
        if chance.random() < 0.3:
            other = "<xdr:sp><xdr:nvPr><xdr:cNvPr id='9' name='旧'/></xdr:nvPr></xdr:sp>"
            inner = f"<mc:AlternateContent><mc:Choice Requires='x'>{inner}</mc:Choice><mc:Fallback>{other}</mc:Fallback></mc:AlternateContent>"
        row, column = chance.randrange(200), chance.randrange(60)
        place: tuple[int, int] | None = (row, column)
        corner = (
            f"<xdr:col>{column}</xdr:col><xdr:colOff>9</xdr:colOff><xdr:row>{row}</xdr:row><xdr:rowOff>7</xdr:rowOff>"
        )
        to = "<xdr:to><xdr:col>99</xdr:col><xdr:row>999</xdr:row></xdr:to>"
        way = chance.choice(["twoCellAnchor", "oneCellAnchor", "absoluteAnchor"])
        start = {
            "twoCellAnchor": f"<xdr:from>{corner}</xdr:from>{to}",
            "oneCellAnchor": f"<xdr:from>{corner}</xdr:from>",
        }
        if way == "absoluteAnchor":
            place = None
        anchors.append(f"<xdr:{way}>{start.get(way, '<xdr:pos/>')}{inner}<xdr:clientData/></xdr:{way}>")
        wanted += [Drawn(place, *said) for _, said in things if said]
    xml = f"<xdr:wsDr>{''.join(anchors)}</xdr:wsDr>"
    spaces = f'xmlns:xdr="{DRAWING}/spreadsheetDrawing"'
    if chance.random() < 0.4:  # the other way to write it: without a prefix
        xml, spaces = xml.replace("xdr:", ""), spaces.replace(":xdr", "")
    xml = re.sub("wsDr", f'wsDr {spaces} xmlns:a="{DRAWING}/main" xmlns:mc="urn:mc"', xml, count=1)
    return xml.encode(chance.choice(["utf-8", "utf-8-sig"])), wanted


@pytest.mark.parametrize("start", [0, 200])
def test_a_drawing_is_read_as_it_was_drawn(start: int) -> None:
    for seed in range(start, start + 200):
        data, wanted = invented(random.Random(seed))
        assert read_drawing(Package(zipped([("d.xml", data)]), "表.xlsx"), "d.xml") == wanted, seed


KINDS = ["Checkbox", "Radio", "Drop", "List", "Spin", "Scroll", "Button", "GBox", "Label", "Edit"]


def invented_controls(chance: random.Random) -> tuple[bytes, list[Drawn]]:
    """A VML drawing with controls among notes and pictures of embedded objects, and what is to be read of it."""
    shapes, wanted = [box(3, 3)], []
    for number in range(chance.randrange(1, 6)):
        kind, label = chance.choice(KINDS), chance.choice(["是", "同意 & 报送", ""])
        row, column, checked = chance.randrange(99), chance.randrange(20), chance.randrange(3)
        value, link = chance.choice(["", "2", "40"]), chance.choice(["", "$M$3", "附表!$A$1"])
        fields = f"<x:Anchor>\n {column}, 15, {row}, 10, 6, 15, 9, 4</x:Anchor><x:AutoFill>False</x:AutoFill>"
        fields += f"<x:Checked>{checked}</x:Checked>" if checked else ""
        tag = chance.choice(["Sel", "Val"])
        fields += f"<x:{tag}>{value}</x:{tag}>" if value else ""
        fields += f"<x:FmlaLink>{link}</x:FmlaLink>" if link else ""
        text = (
            f"<v:textbox><div><font>{escaped(label)}</font>{'<br>' if chance.random() < 0.3 else ''}</div></v:textbox>"
        )
        shapes.append(
            f'<v:shape id="_x0000_s{1030 + number}" type="#_x0000_t201">{text}<x:ClientData ObjectType="{kind}">{fields}</x:ClientData></v:shape>'
        )
        wanted.append(
            Drawn((row, column), "control", label, Control(str(1030 + number), kind, label, checked, value, link))
        )
    shapes.append('<v:shape id="_x0000_s1099"><x:ClientData ObjectType="Pict"/></v:shape>')
    xml = f"<xml {SPACES}>{''.join(shapes)}</xml>"
    if chance.random() < 0.3:
        xml = xml.replace("<v:", "<ns0:").replace("</v:", "</ns0:").replace("<x:", "<ns2:").replace("</x:", "</ns2:")
    if chance.random() < 0.3:
        xml = xml.replace('"', "'")
    return xml.encode(), wanted


def test_controls_are_read_with_their_state() -> None:
    for seed in range(300):
        data, wanted = invented_controls(random.Random(seed))
        assert read_vml(data) == wanted, seed


@pytest.mark.parametrize("data", [b"<xml/>", b"", b"<xml><v:shape>", box(1, 1).encode()])
def test_a_drawing_without_things(data: bytes) -> None:
    assert read_vml(data) == []
