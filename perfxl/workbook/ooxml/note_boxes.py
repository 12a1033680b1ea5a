"""The boxes of notes (批注), drawn in VML (ECMA-376 part 4, 19); Excel shows no note without a box and its size."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from perfxl.workbook.ooxml.drawings import SHAPE
from perfxl.workbook.ooxml.edit import quote_attribute
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.package import Package

_WIDTH_PT, _LINE_PT, _CHARACTERS = 230, 15, 21  # a box: its width, the height and the characters of a line

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
)
_SHAPE_TYPE = (
    '<v:shapetype{spaces} id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = re.compile(SHAPE.pattern + rb"\s*", re.DOTALL)
_BOX = re.compile(
    rb"""<(?P<tag>(?:\w+:)?ClientData)\s[^<>]*\bObjectType\s*=\s*["']Note["'][^<>]*>.*?</(?P=tag)\s*>""", re.DOTALL
)
_ROW, _COLUMN = (re.compile(rb"<(?:\w+:)?%s\s*>\s*(\d{1,7})\s*</" % name) for name in (b"Row", b"Column"))


def _place_of_box(drawn: bytes) -> Place | None:
    """Return the cell whose note a piece of a drawing shows; None if it shows no note."""
    box = _BOX.search(drawn)
    row, column = (pattern.search(box[0]) if box else None for pattern in (_ROW, _COLUMN))
    return (int(row[1]), int(column[1])) if row and column else None


def draw_boxes(
    data: bytes | None, gone: Set[Place], boxes: Mapping[Place, str], number: int, package: Package, part: str
) -> bytes:
    """Return the drawing without the boxes of notes that are gone, and with a box for each note that has none.

    ``boxes``: the texts of all notes. It is edited as text, since VML is not always well-formed XML. Raises
    PackageError if it has no root.
    """
    data = data if data and data.strip() else f"{_VML_HEAD.format(number=number)}</xml>".encode()
    if gone:
        data = _SHAPE.sub(lambda shape: b"" if _place_of_box(shape[0]) in gone else shape[0], data)
    drawn = {_place_of_box(box[0]) for box in _BOX.finditer(data)}
    missing = sorted(boxes.keys() - drawn)
    if not missing:
        return data
    data = re.sub(rb"<xml\b([^<>]*)/>", rb"<xml\1></xml>", data, count=1)
    root, end = re.search(rb"<xml\b[^<>]*>", data), data.rfind(b"</xml")
    if root is None or end < root.end():
        raise package.refusal("damaged_part", part=part)
    # openpyxl does not declare namespaces that it does not use; other programs declare them at each shape
    undeclared = {name: space for name, space in _SPACES.items() if not _declares(root[0], name, space)}
    spaces = "".join(f' xmlns:{name}="{space}"' for name, space in undeclared.items())
    first = max(map(int, re.findall(rb"_x0000_s(\d{1,9})", data)), default=1024 * number) + 1
    shapes = "" if re.search(rb"""\bid=["']_x0000_t202["']""", data) else _SHAPE_TYPE.format(spaces=spaces)
    shapes += "".join(_shape_xml(first + at, place, boxes[place], spaces) for at, place in enumerate(missing))
    return data[:end] + shapes.encode() + data[end:]


def _declares(root: bytes, prefix: str, space: str) -> bool:
    return re.search(rf"""xmlns:{prefix}\s*=\s*["']{space}["']""".encode(), root) is not None


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
