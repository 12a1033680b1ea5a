"""Notes (批注) in somebody else's workbook: ours stand behind a marker line after the person's own, and come off again.

A note needs two parts, its text and a drawing of its box (ECMA-376 part 1, 18.7, and part 4, 19 for VML); Excel shows
nothing without a stored box size. Threaded comments are other parts and left alone.
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
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import unescape_text

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

_WIDTH_PT, _LINE_PT, _CHARACTERS = 230, 15, 21  # of the box of a note, and how many characters stand in one line


@dataclass(frozen=True)
class Notes:
    """The two parts after the change; None where there is nothing left to say and nothing was there before."""

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
    """The notes of one sheet with ``ours`` in the place of what perfxl put there before; the person's own untouched.

    ``number``: the sheet's, from 1; boxes of different sheets are numbered in thousands of their own, as Excel does.
    """
    old = _comments(comments, package, part) if comments else []
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
    """One note as it stands: its cell, the XML of the person's own runs, whether ours follow; its place in the part."""

    at: Place
    own: str
    ours: bool
    span: Span
    text: Span
    prefix: str


def own_text(comments: bytes, package: Package, part: str) -> dict[Place, str]:
    """What people wrote into the notes of a sheet, by cell; nothing of what perfxl put there."""
    texts = {
        note.at: "".join(html.unescape(each[2]) for each in _TEXT.finditer(note.own))
        for note in _comments(comments, package, part)
    }
    return {at: unescape_text(text).strip() for at, text in texts.items() if text.strip()}


def _marker() -> str:
    return messages.say("sheet.note.start")


def _comments(data: bytes, package: Package, part: str) -> list[_Note]:
    spans = outline(data, 5, package, part)
    held = children_of(spans)
    places = {span.start: index for index, span in enumerate(spans)}
    found = []
    for index, span in enumerate(spans):
        place = parse_range(span.attributes.get("ref", "")) if span.name == "comment" else None
        texts = [each for each in held.get(index, ()) if each.name == "text"]
        if place and texts:
            runs = held.get(places[texts[0].start], ())
            own, ours = _own([data[run.start : run.end].decode() for run in runs])
            prefix = span.tag.rpartition(":")[0]
            found.append(_Note((place.row, place.column), own, ours, span, texts[0], f"{prefix}:" if prefix else ""))
    return found


_TEXT = re.compile(r"(<(?:\w+:)?t(?:\s[^<>]*)?>)([^<]*(?:<![^<]*)*)(</(?:\w+:)?t>)")


def _own(runs: list[str]) -> tuple[str, bool]:
    """The person's runs: all before the marker line; and whether there is one.

    A re-save may have joined the runs, or parted them anywhere: the marker is looked for in all their texts together.
    """
    # character references are undone: some programs write every break, or every Chinese character, as one
    texts = [html.unescape(found[2]) if (found := _TEXT.search(run)) else "" for run in runs]
    end = "".join(texts).find(_marker())
    if end < 0:
        return "".join(runs), False
    # the line break before the marker is ours; a re-save may have put it at the end of the person's own run
    whole = "".join(texts)[:end]
    left = len(re.sub(r"(?:_x000D_)?\r?\n$", "", whole))
    kept = []
    for run, text in zip(runs, texts, strict=True):
        mine = text[:left]
        left -= len(mine)
        if mine and (found := _TEXT.search(run)):
            kept.append(run[: found.start(2)] + html.escape(mine, quote=False) + run[found.end(2) :])
    return "".join(kept), True


def _write_comments(
    data: bytes | None, old: list[_Note], ours: Mapping[Place, str], package: Package, part: str, prefix: str
) -> bytes:
    if data is None or not old:
        notes = [_comment(at, "", text, 0) for at, text in sorted(ours.items())]
        return (
            DECLARATION.decode()
            + f'<comments xmlns="{MAIN}"><authors><author></author></authors>'
            + f"<commentList>{''.join(notes)}</commentList></comments>"
        ).encode()
    changes: list[Splice] = []
    for note in old:
        if note.at in ours:
            text = add_prefix("<text>", note.prefix) + _runs(note, ours[note.at]) + add_prefix("</text>", note.prefix)
            changes.append(Splice(note.text.start, note.text.end, text.encode()))
        elif note.ours and note.own:
            text = add_prefix("<text>", note.prefix) + note.own + add_prefix("</text>", note.prefix)
            changes.append(Splice(note.text.start, note.text.end, text.encode()))
        elif note.ours:
            changes.append(Splice(note.span.start, note.span.end, b""))
    there = {note.at for note in old}
    new = "".join(add_prefix(_comment(at, "", text, 0), prefix) for at, text in sorted(ours.items()) if at not in there)
    changes.append(Splice(old[-1].span.end, old[-1].span.end, new.encode()))
    return apply_splices(data, changes)


def _comment(at: Place, own: str, text: str, author: int) -> str:
    return f'<comment ref="{address(*at)}" authorId="{author}"><text>{own}{_run(text, first=not own)}</text></comment>'


def _runs(note: _Note, text: str) -> str:
    """The person's runs and ours. A bare text beside runs is made a run: the format shows one or the other."""
    own = re.sub(
        r"^<((?:\w+:)?)t(\s[^>]*)?>(.*)</(?:\w+:)?t>$", r"<\1r><\1t\2>\3</\1t></\1r>", note.own, flags=re.DOTALL
    )
    return own + add_prefix(_run(text, first=not own), note.prefix)


def _run(text: str, first: bool) -> str:
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
    """The drawing with boxes for new notes and without those of notes that went. VML is not always sound XML."""
    if data is None:
        data = f"{_VML_HEAD.format(number=number)}</xml>".encode()

    named = {(b"%d" % row, b"%d" % column) for row, column in gone}

    def kept(match: re.Match[bytes]) -> bytes:
        row = re.search(rb"<x:Row>\s*(\d+)\s*</x:Row>", match[0])
        column = re.search(rb"<x:Column>\s*(\d+)\s*</x:Column>", match[0])
        return b"" if row and column and (row[1], column[1]) in named else match[0]

    if gone:
        data = _SHAPE.sub(kept, data)
    ids = [int(id) for id in re.findall(rb'id="_x0000_s(\d{1,9})"', data)]
    first = max(ids, default=1024 * number) + 1
    # openpyxl declares no namespace for what it does not use
    missing = (f' xmlns:{name}="{space}"' for name, space in _SPACES.items() if f"xmlns:{name}=".encode() not in data)
    spaces = "".join(missing)
    shapes = "".join(_shape(first + at, place, ours[place], spaces) for at, place in enumerate(sorted(new)))
    head, closing, tail = data.rpartition(b"</xml>")
    return head + shapes.encode() + closing + tail


def _shape(id: int, at: Place, text: str, spaces: str) -> str:
    row, column = at
    lines = 1 + sum(max(1, -(-len(line) // _CHARACTERS)) for line in text.split("\n"))
    height = lines * _LINE_PT + 12
    size = f"width:{_WIDTH_PT}pt;height:{height}pt"
    style = f"position:absolute;margin-left:60pt;margin-top:2pt;{size};z-index:1;visibility:hidden"
    # left column, offset, top row, offset, right column, offset, bottom row, offset; the size in the style is believed
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
