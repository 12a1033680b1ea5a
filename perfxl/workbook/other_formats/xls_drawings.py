"""The drawings on a sheet of an old binary workbook: its OBJ records, with the anchors and the texts beside them.

xlrd reads past them. Section numbers are those of MS-XLS, in which pictures, shapes and form controls are objects.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from perfxl.workbook.ooxml.drawings import Control, Drawn
from perfxl.workbook.ooxml.formula import Place, absolute_address

# 2.3: the records that are read
_END, _CONTINUE, _OBJECT, _DRAWING, _TEXT, _BEGIN = 0x0A, 0x3C, 0x5D, 0xEC, 0x1B6, 0x809
_BEGINS = (0x09, 0x209, 0x409, _BEGIN)
_ANCHOR = struct.pack("<HL", 0xF010, 18)  # OfficeArtClientAnchorSheet (2.5.193): its type and its length

# 2.5.143: FtCmo, the kinds of objects
_GROUP, _CHART, _PICTURE, _NOTE = 0, 5, 8, 0x19
_CONTROLS = {
    7: "Button", 0x0B: "Checkbox", 0x0C: "Radio", 0x0D: "Edit", 0x0E: "Label", 0x0F: "Dialog", 0x10: "Spin",
    0x11: "Scroll", 0x12: "List", 0x13: "GBox", 0x14: "Drop",
}  # fmt: skip
_OF_PROGRAM = 0x100  # the arrow of a filter or of a validation, which nobody drew

# the structures of an object that are read (2.5.140 to 2.5.155)
_FLAGS, _EMBEDDED, _SCROLL, _SCROLL_LINK, _BOX, _LIST, _BOX_LINK = 0x08, 0x09, 0x0C, 0x0E, 0x12, 0x13, 0x14
_REFERENCES = {0x24: 1, 0x44: 1, 0x64: 1, 0x3A: 3, 0x5A: 3, 0x7A: 3}  # PtgRef and PtgRef3d: where their row begins


class _Object(NamedTuple):
    """An object: its kind by number, the cell of its corner, its structures by type, and its text."""

    kind: int
    at: Place | None
    parts: dict[int, bytes]
    text: str = ""


def read_drawn(stream: bytes, at: int) -> Iterator[Drawn]:
    """Yield the things drawn on the sheet whose records begin at this offset, without its notes."""
    for object in _read_objects(stream, at):
        if object.kind in (_GROUP, _NOTE):  # what is grouped is told of by itself
            continue
        if object.kind in _CONTROLS:
            yield Drawn(object.at, "control", object.text, _control(object))
        elif object.kind == _PICTURE and _EMBEDDED in object.parts:
            active = object.parts.get(_FLAGS, b"\0")[0] & 0x10
            yield Drawn(object.at, "control" if active else "embedded")
        else:
            kind = {_CHART: "chart", _PICTURE: "picture"}.get(object.kind, "text" if object.text else "shape")
            yield Drawn(object.at, kind, object.text)


def _read_objects(stream: bytes, at: int) -> Iterator[_Object]:
    """Yield the objects of a sheet, each with the anchor before it; those of a group have the group's."""
    place: Place | None = None
    found: _Object | None = None
    depth = 0
    for kind, start, end in _records(stream, at):
        depth += (kind in _BEGINS) - (kind == _END)  # a chart has records of its own within those of the sheet
        if depth <= 0:
            break
        if depth > 1 or kind not in (_DRAWING, _OBJECT, _TEXT):
            continue
        data = stream[start:end]
        if kind == _DRAWING and (anchor := data.rfind(_ANCHOR)) >= 0 and anchor + 16 <= len(data):
            column, _, row = struct.unpack_from("<HHH", data, anchor + 8)
            place = row, column
        elif kind == _OBJECT:
            if found:
                yield found
            found = _read_object(data, place)
        elif kind == _TEXT and found and len(data) >= 12:
            found = found._replace(text=_read_text(stream, end, struct.unpack_from("<H", data, 10)[0]).strip())
    if found:
        yield found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield the type of each record from an offset, and where its data begin and end."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, at + 4 + length
        at += 4 + length


def _read_object(data: bytes, place: Place | None) -> _Object | None:
    """Return an object (2.4.181); None for what the program itself draws. Before Excel 97, OBJ is one structure."""
    if data[:4] != b"\x15\0\x12\0":
        if len(data) < 18:
            return None
        (kind,), (column, _, row) = struct.unpack_from("<H", data, 4), struct.unpack_from("<HHH", data, 10)
        return _Object(kind, (row, column), {})
    if len(data) < 10:
        return None
    kind, _, flags = struct.unpack_from("<HHH", data, 4)
    parts, at = dict[int, bytes](), 22
    while at + 4 <= len(data):
        type, length = struct.unpack_from("<HH", data, at)
        parts[type] = data[at + 4 :] if type == _LIST else data[at + 4 : at + 4 + length]  # a list states no length
        at = len(data) if type == _LIST else at + 4 + length
    return None if flags & _OF_PROGRAM else _Object(kind, place, parts)


def _read_text(stream: bytes, at: int, length: int) -> str:
    """Return the text of an object (2.4.329), which stands in the records after its own."""
    text = ""
    for kind, start, end in _records(stream, at):
        data = stream[start:end]
        if kind != _CONTINUE or len(text) >= length or not data:
            break
        text += data[1:].decode("utf-16-le" if data[0] & 1 else "latin-1", "replace")
    return text[:length].replace("\r\n", "\n").replace("\r", "\n")


def _control(object: _Object) -> Control:
    """Return a form control with its state and the cell to which it is linked."""
    box, scroll = object.parts.get(_BOX, b""), object.parts.get(_SCROLL, b"")
    checked = struct.unpack_from("<H", box)[0] if len(box) >= 2 else 0
    kind, value = _CONTROLS[object.kind], ""
    if kind in ("List", "Drop"):
        value = _chosen(object.parts.get(_LIST, b""))
    elif len(scroll) >= 6:
        value = str(struct.unpack_from("<H", scroll, 4)[0])
    link = _linked_cell(object.parts.get(_BOX_LINK) or object.parts.get(_SCROLL_LINK) or b"")
    return Control("", kind, object.text, checked if checked in (1, 2) else 0, value, link)


def _chosen(data: bytes) -> str:
    """Return the number of the chosen entry of a list (2.5.147); empty if none is chosen."""
    at = 2 + struct.unpack_from("<H", data)[0] if len(data) >= 2 else 0
    number = struct.unpack_from("<HH", data, at)[1] if 0 < at <= len(data) - 4 else 0
    return str(number) if number else ""


def _linked_cell(data: bytes) -> str:
    """Return the address that a formula of a control consists of (2.5.187): a length, 4 bytes, a token."""
    at = 6 + _REFERENCES.get(data[6], 0) if len(data) > 6 else 6
    if at == 6 or at + 4 > len(data):
        return ""
    row, column = struct.unpack_from("<HH", data, at)
    return absolute_address(row, column & 0x3FFF)
