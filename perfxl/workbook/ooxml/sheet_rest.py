"""The rest of a worksheet part: everything but its cells."""

from __future__ import annotations

import re
from typing import NamedTuple

from perfxl.workbook.ooxml.edit import cells_end, to_utf8
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.part_cache import PartCache
from perfxl.workbook.ooxml.xml import walk_mixed


class Element(NamedTuple):
    """An element beside the cells: its name, the names of the elements around it, its attributes, its text."""

    name: str
    around: tuple[str, ...]
    attributes: dict[str, str]
    text: str

    def relation(self) -> str:
        """Return the id of the relationship that the element refers to; empty if it refers to none."""
        return next((value for key, value in self.attributes.items() if key.endswith(":id")), "")


_TEXTS = frozenset(("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"))
_UNREAD = re.compile(rb"<((?:\w+:)?(?:dataValidations|conditionalFormatting))(?:\s(?:[^<>\"'/]|\"[^\"]*\"|'[^']*')*)?>")
_CELLS = re.compile(rb"<((?:\w+:)?)sheetData[\s/>]")


@PartCache
def read_rest(package: Package, part: str) -> list[Element]:
    """Return the elements of a worksheet part, in the order of their starts, without the cells.

    Data validations and conditional formats are not looked into. Raises PackageError if the part is damaged, or has
    more elements than the limit.
    """
    data = to_utf8(package.read(part))
    cells = _CELLS.search(data)
    if cells and (after := cells_end(data, cells[1])) > 0:
        data = data[: cells.start()] + data[after:]
    data = _cut_unread(data)
    found: list[Element] = []
    open_: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if "dataValidations" not in open_ and "conditionalFormatting" not in open_:
            found.append(Element(tag, tuple(open_), attributes, ""))
            if len(found) > package.limits.elements:
                raise package.refusal("too_many_elements", part=part, limit=package.limits.elements)
        open_.append(tag)

    def end(tag: str) -> None:
        open_.pop()

    def characters(text: str) -> None:
        if open_ and open_[-1] in _TEXTS:
            found[-1] = found[-1]._replace(text=found[-1].text + text)

    walk_mixed(package, part, start, end, characters, data)
    return found


def _cut_unread(data: bytes) -> bytes:
    """Return a part with nothing in its data validations and conditional formats, which make up most of a form's sheet.

    Unchanged where the tags might stand in a comment.
    """
    if b"<!" in data or data.rfind(b"<?") > 3:
        return data
    pieces, at = [], 0
    while (tag := _UNREAD.search(data, at)) and (end := data.find(b"</" + tag[1] + b">", tag.end())) >= 0:
        pieces.append(data[at : tag.end()])
        at = end
    return b"".join((*pieces, data[at:]))
