"""Things of a sheet of another format beside its cells, as the parts in which an .xlsx has it.

So a list of what was not carried needs to know one format only. No program ever shows these parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perfxl.workbook.ooxml.drawings import Control, Drawn
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.other_formats.values import ForeignNote, ForeignThings
from perfxl.workbook.other_formats.written_xml import HEAD, MAIN, escape_text, quote_attribute, relations_part

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_LEAVES = {"picture": "pic", "text": "sp", "shape": "sp", "ink": "contentPart"}


class WrittenThings(NamedTuple):
    """The element of a sheet's links, and the parts of what else belongs to it; both empty for nothing."""

    links: str
    parts: dict[str, str]


def write_things(things: ForeignThings, number: int) -> WrittenThings:
    """Return the parts of a sheet's things. ``number``: the sheet's number from 1."""
    parts: dict[str, str] = {}
    relations: list[tuple[str, str]] = []

    def add(kind: str, name: str, text: str) -> None:
        relations.append((kind, f"../{name}"))
        parts[f"xl/{name}"] = text

    if things.notes:
        add("comments", f"comments{number}.xml", _comments_part(things.notes))
    if drawn := [one for one in things.drawn if one.control is None]:
        add("drawing", f"drawings/drawing{number}.xml", _drawing_part(drawn))
    if controls := [(one.at, one.control) for one in things.drawn if one.control]:
        add("vmlDrawing", f"drawings/vmlDrawing{number}.vml", _controls_part(controls))
    relations += [(kind, "") for kind in dict.fromkeys(things.related)]
    links = []
    for link in things.links:
        location = f" location={quote_attribute(link.location)}" if link.location else ""
        if link.target:
            relations.append(("hyperlink", link.target))
        id = f' r:id="rId{len(relations)}"' if link.target else ""
        links.append(f'<hyperlink ref="{address(*link.at)}"{id}{location}/>')
    if relations:
        parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = relations_part(*relations)
    return WrittenThings(f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "", parts)


def _comments_part(notes: Sequence[ForeignNote]) -> str:
    """Return the part of a sheet's notes."""
    authors = {author: at for at, author in enumerate(dict.fromkeys(note.author for note in notes))}
    listed = "".join(
        f'<comment ref="{address(*note.at)}" authorId="{authors[note.author]}"><text>'
        f'<r><t xml:space="preserve">{escape_text(note.text)}</t></r></text></comment>'
        for note in notes
    )
    named = "".join(f"<author>{escape_text(author)}</author>" for author in authors)
    return f'{HEAD}<comments xmlns="{MAIN}"><authors>{named}</authors><commentList>{listed}</commentList></comments>'


def _drawing_part(drawn: Sequence[Drawn]) -> str:
    """Return the part of what is drawn on a sheet, without its form controls."""
    spaces = f'xmlns:xdr="{_DRAWING}/spreadsheetDrawing" xmlns:a="{_DRAWING}/main"'
    return f"{HEAD}<xdr:wsDr {spaces}>{''.join(map(_anchor, drawn))}</xdr:wsDr>"


def _anchor(drawn: Drawn) -> str:
    """Return the element of a drawn thing; it has no corner where its cell is not known."""
    corner = ""
    if drawn.at:
        corner = f"<xdr:from><xdr:col>{drawn.at[1]}</xdr:col><xdr:row>{drawn.at[0]}</xdr:row></xdr:from>"
    leaf = _LEAVES.get(drawn.kind, "graphicFrame")
    name = "" if drawn.kind == "text" else drawn.text
    inner = f'<xdr:cNvPr id="1" name={quote_attribute(name)}/>'
    if drawn.kind == "text":
        inner += "".join(f"<a:p><a:t>{_plain(line)}</a:t></a:p>" for line in drawn.text.split("\n"))
    elif leaf == "graphicFrame":
        inner += f'<a:graphicData uri="{drawn.kind}"/>'
    return f"<xdr:oneCellAnchor>{corner}<xdr:{leaf}>{inner}</xdr:{leaf}></xdr:oneCellAnchor>"


def _controls_part(controls: Sequence[tuple[Place | None, Control]]) -> str:
    """Return the part of a sheet's form controls, in VML."""
    spaces = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'
    shapes = "".join(_control(number, *one) for number, one in enumerate(controls, start=1))
    return f"<xml {spaces}>{shapes}</xml>"


def _control(number: int, at: Place | None, control: Control) -> str:
    fields = {
        "Anchor": f"{at[1]},0,{at[0]},0,{at[1]},0,{at[0]},0" if at else "",
        "Checked": str(control.checked),
        "Sel": control.value,
        "FmlaLink": control.link,
    }
    listed = "".join(f"<x:{name}>{_plain(text)}</x:{name}>" for name, text in fields.items() if text)
    return (
        f'<v:shape id="_x0000_s{number}"><v:textbox>{_plain(control.label)}</v:textbox>'
        f'<x:ClientData ObjectType="{control.kind}">{listed}</x:ClientData></v:shape>'
    )


def _plain(text: str) -> str:
    """Return a text as XML, without the escapes of cells and notes, which VML and DrawingML do not know."""
    return quote_attribute(text)[1:-1]
