"""Things of an OpenDocument spreadsheet's sheets beside their cells' texts: notes, links, drawings, form controls.

Section numbers are those of ODF 1.3 part 3.
"""

from __future__ import annotations

import re

from perfxl.workbook.ooxml.drawings import Control, Drawn
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.other_formats.values import ForeignThings

SHAPES = frozenset(
    (
        "frame", "custom-shape", "rect", "line", "polyline", "polygon", "path", "regular-polygon", "circle", "ellipse",
        "connector", "caption", "measure", "control", "page-thumbnail", "scene",
    )
)  # fmt: skip
"""The elements of drawn things (10.3 to 10.5)."""

ASIDE = SHAPES | {"annotation", "tracked-changes", "shapes", "dde-links", "forms", "g"}
"""The elements within a sheet whose texts are not those of its cells."""

_CONTROLS = {
    "checkbox": "Checkbox", "radio": "Radio", "listbox": "List", "combobox": "Drop", "button": "Button",
    "image-frame": "Control", "frame": "GBox", "fixed-text": "Label", "text": "Edit", "textarea": "Edit",
    "value-range": "Spin", "number": "Edit", "date": "Edit", "time": "Edit", "formatted-text": "Edit",
}  # fmt: skip
_STATES = {"checked": 1, "unknown": 2}
_CELL = re.compile(r".*\.(\$?[A-Z]{1,3}\$?\d{1,7})")

Attributes = dict[str, str]


class ThingReader:
    """The handlers of the elements aside from the cells of one sheet."""

    def __init__(self, things: ForeignThings, charts: frozenset[str]) -> None:
        self.things = things
        self._charts = charts
        self._controls: dict[str, Control] = {}
        self._open: list[str] = []
        self._at: Place | None = None
        self._kind = self._name = self._author = self._field = ""
        self._texts: list[str] = []
        self._shape = 0

    def start(self, tag: str, attributes: Attributes, at: Place | None) -> None:
        """Handle the start of an element. ``at``: the cell in which it stands, None for none."""
        self._open.append(tag)
        if "forms" in self._open:
            self._start_in_form(tag, attributes)
        elif tag == "annotation":
            self._at, self._kind, self._author, self._texts = at, "note", "", []
        elif not self._shape and tag in SHAPES:
            self._shape = len(self._open)
            self._at = at
            self._kind, self._name, self._texts = "shape", attributes.get("name", ""), []
            if tag == "control":
                self._kind, self._field = "control", attributes.get("control", "")
        elif self._shape:
            self._start_in_shape(tag, attributes)
        self._start_text(tag)

    def _start_in_form(self, tag: str, attributes: Attributes) -> None:
        """Note a form control (13.5); the drawing refers to it by its id, and has its place."""
        id = attributes.get("id", "")
        if tag in _CONTROLS and id:
            link = _CELL.fullmatch(attributes.get("linked-cell", ""))
            self._controls[id] = Control(
                shape="",
                kind=_CONTROLS[tag],
                label=attributes.get("label", "") or attributes.get("title", ""),
                checked=_STATES.get(attributes.get("current-state") or attributes.get("state", ""), 0)
                or int(attributes.get("current-selected", attributes.get("selected")) == "true"),
                value=attributes.get("current-value", "") if tag in ("value-range", "listbox") else "",
                link=link[1] if link else "",
            )

    def _start_in_shape(self, tag: str, attributes: Attributes) -> None:
        """Note of what kind the thing is by what its frame holds: the first of several alternatives (10.4.2)."""
        if self._kind != "shape":
            return
        if tag == "image":
            self._kind = "picture"
        elif tag in ("object", "object-ole"):
            href = attributes.get("href", "").removeprefix("./").rstrip("/")
            self._kind = "chart" if href in self._charts else "embedded"
        elif tag in ("plugin", "applet", "floating-frame"):
            self._kind = "embedded"

    def _start_text(self, tag: str) -> None:
        """Begin a line of a text."""
        if tag in ("p", "h") and any(self._texts):
            self._texts.append("\n")
        elif tag in ("s", "tab", "line-break"):
            self._texts.append({"s": " ", "tab": "\t", "line-break": "\n"}[tag])
        elif tag == "chart" and self._kind == "embedded":
            self._kind = "chart"  # in a file of one part, an object stands where it is drawn

    def characters(self, text: str) -> None:
        """Handle a piece of text."""
        if self._open[-1] == "creator":
            self._author += text
        elif self._open[-1] in ("title", "desc") and len(self._open) == self._shape + 1 and text.strip():
            self._name = text.strip()
        elif not {"p", "h"}.isdisjoint(self._open) and self._kind not in ("chart", "embedded"):
            self._texts.append(re.sub("[ \t\r\n]+", " ", text))

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        text = "".join(self._texts).strip()
        if tag == "annotation" and self._at is not None and not self._shape:
            self.things.add_note(self._at, text, self._author)
        elif len(self._open) == self._shape:
            self._shape = 0
            self.things.add_drawn(self._drawn(text))
        self._open.pop()

    def _drawn(self, text: str) -> Drawn:
        """Return the thing that ends."""
        if self._kind == "control":
            control = self._controls.get(self._field)
            return Drawn(self._at, "control", self._name, control)
        kind = "text" if text and self._kind == "shape" else self._kind
        return Drawn(self._at, kind, text if kind == "text" else self._name)


def split_target(href: str) -> tuple[str, str]:
    """Return the target of a link outside of the workbook, and its place in the target: ``#Sheet.A1`` is in the book.

    A place in the workbook is in Excel's notation.
    """
    target, _, location = href.partition("#")
    sheet, dot, cell = location.rpartition(".")
    if not target and dot and re.fullmatch(r"\$?[A-Z]{1,3}\$?\d{1,7}(?::.*)?", cell):
        return "", f"{sheet.lstrip('$')}!{cell}"
    return target, location
