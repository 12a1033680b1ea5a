"""The things drawn on a sheet: pictures, charts, text boxes and shapes (DrawingML), form controls (VML).

See ECMA-376 part 1, 20.5, and part 4, 19. A drawing without anything in it, as some programs write it, has none.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from perfxl.workbook.ooxml.edit import to_utf8
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import walk_mixed, whole_number


class Drawn(NamedTuple):
    """A thing on a sheet: the cell of its upper left corner, None if it has none; its kind; its text or name.

    ``kind``: ``picture``, ``chart``, ``diagram``, ``slicer``, ``ink``, ``text`` (a shape with a text), ``shape``, or
    ``control``.
    """

    at: Place | None
    kind: str
    text: str = ""
    control: Control | None = None


class Control(NamedTuple):
    """A form control: its number among the shapes, its kind as VML names it (``Checkbox``), its label and its state.

    ``checked``: 1 if it is ticked, 0 if not, 2 if undecided; ``value``: the number of a scroll bar, or of the chosen
    entry of a list, as written; ``link``: the cell that holds the state.
    """

    shape: str
    kind: str
    label: str = ""
    checked: int = 0
    value: str = ""
    link: str = ""


_LEAVES = {"pic": "picture", "graphicFrame": "shape", "sp": "shape", "cxnSp": "shape", "contentPart": "ink"}
# words in the name of what a frame holds; the last two are those of other formats
_GRAPHICS = ("chart", "diagram", "slicer", "embedded", "control")


def read_drawing(package: Package, part: str) -> list[Drawn]:
    """Return the things of a DrawingML part, in their order. Raises PackageError if the part is damaged.

    Of alternatives for older programs, only the first is looked at; the shapes that stand for form controls are left
    out.
    """
    reader = _DrawingReader()
    walk_mixed(package, part, reader.start, reader.end, reader.characters, to_utf8(package.read(part)))
    return reader.drawn


class _DrawingReader:
    """The handlers that read a DrawingML part."""

    def __init__(self) -> None:
        self.drawn: list[Drawn] = []
        self._open: list[str] = []
        self._corner: dict[str, str] = {}
        self._kind = self._name = ""
        self._control = False
        self._texts: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note what an element begins."""
        self._open.append(tag)
        if "Fallback" in self._open:
            return
        if tag.endswith("Anchor"):
            self._corner = {}
        elif tag in _LEAVES and not self._kind:
            self._kind, self._name, self._control, self._texts = _LEAVES[tag], "", False, []
        elif tag == "cNvPr" and self._kind:
            self._name = attributes.get("descr") or attributes.get("title") or attributes.get("name", "")
        elif tag == "compatExt":
            self._control = True
        elif tag == "graphicData":
            uri = attributes.get("uri", "")
            self._kind = next((kind for kind in _GRAPHICS if kind in uri), self._kind)
        elif tag == "p" and self._texts:
            self._texts.append("\n")

    def end(self, tag: str) -> None:
        """Finish a thing."""
        self._open.pop()
        if "Fallback" in self._open or tag not in _LEAVES or self._open.count(tag) or not self._kind:
            return
        if not self._control:
            text = "".join(self._texts).strip()
            kind = "text" if text and self._kind == "shape" else self._kind
            self.drawn.append(Drawn(self._at(), kind, text or self._name))
        self._kind = ""

    def characters(self, text: str) -> None:
        """Take a text of a shape, or a number of its corner."""
        if "Fallback" in self._open:
            return
        if self._open[-1] == "t" and self._kind:
            self._texts.append(text)
        elif self._open[-1] in ("col", "row") and "from" in self._open:
            self._corner[self._open[-1]] = self._corner.get(self._open[-1], "") + text.strip()

    def _at(self) -> Place | None:
        return _place(self._corner.get("row", ""), self._corner.get("col", ""))


def _place(row: str, column: str) -> Place | None:
    """Return the cell in a row and a column that are written as numbers; None if one is no number."""
    place = whole_number(row), whole_number(column)
    return place if min(place) >= 0 else None


SHAPE = re.compile(
    rb"<(?P<tag>(?:\w+:)?(?:shape|rect|roundrect|oval|line))\b(?:(?!<(?P=tag)\b).)*?</(?P=tag)\s*>", re.DOTALL
)
"""Matches a shape of a VML drawing."""

_DATA = re.compile(rb"""<(?:\w+:)?ClientData\s[^<>]*?\bObjectType\s*=\s*["'](\w+)["'][^<>]*>(.*)""", re.DOTALL)
_FIELD = re.compile(rb"<(?:\w+:)?(\w+)\s*(?:/>|>([^<>]*)</)")
_ID = re.compile(rb"""\bid\s*=\s*["']\w*?_s(\d+)["']""")
_LABEL = re.compile(rb"<(?:\w+:)?textbox\b[^<>]*>(.*?)</(?:\w+:)?textbox\s*>", re.DOTALL)
_NOT_LISTED = frozenset((b"Note", b"Pict"))  # notes; the pictures of embedded objects, which are listed as such
_CONTROLS = frozenset(
    ("Checkbox", "Radio", "Drop", "List", "Spin", "Scroll", "Button", "GBox", "Label", "Edit", "Dialog")
)


def read_vml(data: bytes) -> list[Drawn]:
    """Return the form controls and old shapes of a VML drawing, without its notes.

    It is read as text, since VML is not always well-formed XML.
    """
    found = []
    for shape in SHAPE.finditer(data):
        client = _DATA.search(shape[0])
        if client is None or client[1] in _NOT_LISTED:
            continue
        fields = {name.decode(): text.decode("utf-8", "replace").strip() for name, text in _FIELD.findall(client[2])}
        id, label = _ID.search(shape[0]), _LABEL.search(shape[0])
        text = _plain_text(label[1]) if label else ""
        kind = client[1].decode()
        if kind not in _CONTROLS:
            found.append(Drawn(_corner(fields), "text" if text else "shape", text))
            continue
        checked = fields.get("Checked", "0")
        control = Control(
            shape=id[1].decode() if id else "",
            kind=kind,
            label=text,
            checked=int(checked) if checked in ("1", "2") else 0,
            value=fields.get("Sel") or fields.get("Val", ""),
            link=html.unescape(fields.get("FmlaLink", "")),
        )
        found.append(Drawn(_corner(fields), "control", text, control))
    return found


def _corner(fields: dict[str, str]) -> Place | None:
    """Return the cell of a shape's upper left corner: the anchor lists column, offset, row, offset, and so on."""
    numbers = [number.strip() for number in fields.get("Anchor", "").split(",")]
    return _place(numbers[2], numbers[0]) if len(numbers) == 8 else None


def _plain_text(markup: bytes) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", markup.decode("utf-8", "replace"))).split())


_KINDS = {"CheckBox": "Checkbox", "EditBox": "Edit", "Scroll": "Scroll"}  # as the properties name them otherwise


def read_control(package: Package, part: str, shape: str, name: str) -> Control:
    """Return a form control of its own part of properties ([MS-XLSX] 2.4.24), which newer programs go by.

    ``shape``, ``name``: as the sheet's list of controls states them. Raises PackageError if the part is damaged.
    """
    root: dict[str, str] = {}
    walk_mixed(package, part, lambda tag, attributes: root.update(attributes) if tag == "formControlPr" else None)
    kind = root.get("objectType", "")
    return Control(
        shape=shape,
        kind=_KINDS.get(kind, kind),
        label=name,
        checked={"Checked": 1, "Mixed": 2}.get(root.get("checked", ""), 0),
        value=root.get("sel") or root.get("val", ""),
        link=root.get("fmlaLink", ""),
    )
