"""Notes (批注) in somebody else's workbook.

perfxl's texts follow a marker line after a person's own text, so that they can be removed again. A note needs two
parts, its text and a drawing of its box (ECMA-376 part 1, 18.7, and part 4, 19 for VML); Excel shows nothing without a
stored box size. Threaded comments are other parts and left alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from perfxl import messages
from perfxl.workbook.ooxml.edit import (
    DECLARATION,
    Span,
    Splice,
    add_prefix,
    apply_splices,
    children_of,
    escape_text,
    outline,
    quote_attribute,
)
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import unescape_text
from perfxl.workbook.ooxml.sheet_reader import parse_range

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

_WIDTH_PT, _LINE_PT, _CHARACTERS = 230, 15, 21  # a note's box: its width, the height and the characters of a line


@dataclass(frozen=True)
class Notes:
    """The two parts after a change; None for a part that is not needed and was not there before."""

    comments: bytes | None
    drawing: bytes | None


def change_notes(
    comments: bytes | None,
    drawing: bytes | None,
    ours: Mapping[Place, str],
    package: Package,
    part: str,
    number: int = 1,
) -> Notes:
    """Return the notes of one sheet with the texts ``ours`` instead of those that perfxl put there before.

    The texts of people stay as they are. ``number``: the sheet's number from 1; the boxes of different sheets are
    numbered in different thousands, as Excel does. Raises PackageError if the comments are damaged.
    """
    old = _read_notes(comments, package, part) if comments else []
    prefix = old[0].prefix if old else ""
    own = {note.at: note.own for note in old}
    gone = [note.at for note in old if not note.own and note.at not in ours]
    new = [at for at in ours if at not in own]
    if not ours and not any(note.ours for note in old):
        return Notes(comments, drawing)
    return Notes(
        _write_comments(comments, old, ours, package, part, prefix), _draw_notes(drawing, gone, new, ours, number)
    )


@dataclass(frozen=True)
class _Note:
    """One note as it is in the file: its cell, and its places in the part.

    ``own``: the XML of the person's own runs; ``ours``: whether a text of perfxl follows; ``prefix``: the namespace
    prefix of its elements, with the colon.
    """

    at: Place
    own: str
    ours: bool
    span: Span
    text: Span
    prefix: str


def own_text(comments: bytes, package: Package, part: str) -> dict[Place, str]:
    """Return the texts that people wrote into the notes of a sheet, by cell, without those of perfxl."""
    texts = {
        note.at: "".join(html.unescape(match[2]) for match in _TEXT.finditer(note.own))
        for note in _read_notes(comments, package, part)
    }
    return {at: unescape_text(text).strip() for at, text in texts.items() if text.strip()}


def _marker() -> str:
    """Return the line that begins perfxl's part of a note."""
    return messages.say("sheet.note.start")


def _read_notes(data: bytes, package: Package, part: str) -> list[_Note]:
    """Read the notes of a comments part."""
    spans = outline(data, 5, package, part)
    children = children_of(spans)
    places = {span.start: index for index, span in enumerate(spans)}
    notes = []
    for index, span in enumerate(spans):
        place = parse_range(span.attributes.get("ref", "")) if span.name == "comment" else None
        texts = [child for child in children.get(index, ()) if child.name == "text"]
        if place and texts:
            runs = children.get(places[texts[0].start], ())
            own, ours = _split_own_runs([data[run.start : run.end].decode() for run in runs])
            prefix = span.tag.rpartition(":")[0]
            notes.append(_Note((place.row, place.column), own, ours, span, texts[0], f"{prefix}:" if prefix else ""))
    return notes


_TEXT = re.compile(r"(<(?:\w+:)?t(?:\s[^<>]*)?>)([^<]*(?:<![^<]*)*)(</(?:\w+:)?t>)")


def _split_own_runs(runs: list[str]) -> tuple[str, bool]:
    """Return the XML of the person's runs, which are all before the marker line, and whether there is such a line.

    Another program may have joined the runs on saving, or divided them anywhere: the marker is searched for in their
    joined texts.
    """
    # character references are undone: some programs write every break, or every Chinese character, as one
    texts = [html.unescape(match[2]) if (match := _TEXT.search(run)) else "" for run in runs]
    end = "".join(texts).find(_marker())
    if end < 0:
        return "".join(runs), False
    # the line break before the marker is perfxl's; on saving it may have come to the end of the person's own run
    whole = "".join(texts)[:end]
    left = len(re.sub(r"(?:_x000D_)?\r?\n$", "", whole))
    kept = []
    for run, text in zip(runs, texts, strict=True):
        own = text[:left]
        left -= len(own)
        if own and (match := _TEXT.search(run)):
            kept.append(run[: match.start(2)] + html.escape(own, quote=False) + run[match.end(2) :])
    return "".join(kept), True


def _write_comments(
    data: bytes | None, old: list[_Note], ours: Mapping[Place, str], package: Package, part: str, prefix: str
) -> bytes:
    """Return the comments part with the texts ``ours``; ``old``: the notes that are in it."""
    if data is None or not old:
        notes = [_note_xml(at, "", text, 0) for at, text in sorted(ours.items())]
        return (
            DECLARATION.decode()
            + f'<comments xmlns="{MAIN}"><authors><author></author></authors>'
            + f"<commentList>{''.join(notes)}</commentList></comments>"
        ).encode()
    changes: list[Splice] = []
    for note in old:
        if note.at in ours:
            text = (
                add_prefix("<text>", note.prefix) + _runs_xml(note, ours[note.at]) + add_prefix("</text>", note.prefix)
            )
            changes.append(Splice(note.text.start, note.text.end, text.encode()))
        elif note.ours and note.own:
            text = add_prefix("<text>", note.prefix) + note.own + add_prefix("</text>", note.prefix)
            changes.append(Splice(note.text.start, note.text.end, text.encode()))
        elif note.ours:
            changes.append(Splice(note.span.start, note.span.end, b""))
    present = {note.at for note in old}
    new = "".join(
        add_prefix(_note_xml(at, "", text, 0), prefix) for at, text in sorted(ours.items()) if at not in present
    )
    changes.append(Splice(old[-1].span.end, old[-1].span.end, new.encode()))
    return apply_splices(data, changes)


def _note_xml(at: Place, own: str, text: str, author: int) -> str:
    runs = own + _run_xml(text, first=not own)
    return f'<comment ref="{address(*at)}" authorId="{author}"><text>{runs}</text></comment>'


def _runs_xml(note: _Note, text: str) -> str:
    """Return the person's runs and that of perfxl.

    A bare text of the person becomes a run: the format allows either a bare text or runs.
    """
    own = re.sub(
        r"^<((?:\w+:)?)t(\s[^>]*)?>(.*)</(?:\w+:)?t>$", r"<\1r><\1t\2>\3</\1t></\1r>", note.own, flags=re.DOTALL
    )
    return own + add_prefix(_run_xml(text, first=not own), note.prefix)


def _run_xml(text: str, first: bool) -> str:
    """Return a run with the marker line and perfxl's text; on a new line if it is not the ``first`` run."""
    whole = f"{'' if first else chr(10)}{_marker()}\n{text}"
    return f'<r><rPr><sz val="9"/><rFont val="宋体"/></rPr><t xml:space="preserve">{escape_text(whole)}</t></r>'


_SPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_VML_HEAD = (
    f'<xml xmlns:v="{_SPACES["v"]}" xmlns:o="{_SPACES["o"]}" '
    f'xmlns:x="{_SPACES["x"]}">'
    '<o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="{number}"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = re.compile(rb"<v:shape\b(?:(?!<v:shape\b).)*?</v:shape>\s*", re.DOTALL)


def _draw_notes(
    data: bytes | None, gone: list[Place], new: list[Place], ours: Mapping[Place, str], number: int
) -> bytes:
    """Return the drawing with boxes for new notes and without those of notes that are gone.

    It is edited as text, since VML is not always well-formed XML.
    """
    if data is None:
        data = f"{_VML_HEAD.format(number=number)}</xml>".encode()

    removed = {(b"%d" % row, b"%d" % column) for row, column in gone}

    def keep_shape(match: re.Match[bytes]) -> bytes:
        row = re.search(rb"<x:Row>\s*(\d+)\s*</x:Row>", match[0])
        column = re.search(rb"<x:Column>\s*(\d+)\s*</x:Column>", match[0])
        return b"" if row and column and (row[1], column[1]) in removed else match[0]

    if gone:
        data = _SHAPE.sub(keep_shape, data)
    ids = [int(id) for id in re.findall(rb'id="_x0000_s(\d{1,9})"', data)]
    first = max(ids, default=1024 * number) + 1
    # openpyxl does not declare namespaces that it does not use
    missing = (f' xmlns:{name}="{space}"' for name, space in _SPACES.items() if f"xmlns:{name}=".encode() not in data)
    spaces = "".join(missing)
    shapes = "".join(_shape_xml(first + at, place, ours[place], spaces) for at, place in enumerate(sorted(new)))
    head, closing, tail = data.rpartition(b"</xml>")
    return head + shapes.encode() + closing + tail


def _shape_xml(id: int, at: Place, text: str, spaces: str) -> str:
    """Return the VML of a note's box. ``spaces``: declarations of the namespaces that the drawing does not declare."""
    row, column = at
    lines = 1 + sum(max(1, -(-len(line) // _CHARACTERS)) for line in text.split("\n"))
    height = lines * _LINE_PT + 12
    size = f"width:{_WIDTH_PT}pt;height:{height}pt"
    style = f"position:absolute;margin-left:60pt;margin-top:2pt;{size};z-index:1;visibility:hidden"
    # left column, offset, top row, offset, right column, offset, bottom row, offset; programs follow the style's size
    anchor = f"{column + 1}, 12, {max(row - 1, 0)}, 8, {column + 4}, 30, {row + max(2, height // 30)}, 4"
    return (
        f'<v:shape{spaces} id="_x0000_s{id}" type="#_x0000_t202" style={quote_attribute(style)} fillcolor="#ffffe1" '
        'o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
        "</x:ClientData></v:shape>"
    )
