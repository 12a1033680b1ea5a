"""Rich values: values of cells that are more than the plain value beside them, such as a picture or a stock.

A cell refers to one by its attribute ``vm``, and holds an error value for programs that know none (MS-XLSX 2.2.4.10,
2.3.6, 2.6.173). What it refers to stands in the parts ``metadata``, ``rdRichValue`` and ``rdRichValueStructure``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.sheet_reader import CellCounter
from perfxl.workbook.ooxml.xml import walk_elements, whole_number

Related = Callable[[str], str]
"""Returns the part to which the workbook has a relationship of a kind; empty for none."""


class RichValue(NamedTuple):
    """A rich value: its type, such as ``_localImage``, and the text that stands for it, empty where there is none."""

    type: str = ""
    text: str = ""

    @property
    def picture(self) -> bool:
        """True for a picture in the cell, also where the parts do not say what it is."""
        return not self.type or "image" in self.type.lower()


def read_rich_values(package: Package, part: str, related: Related) -> dict[tuple[int, int], RichValue]:
    """Return the rich values in place of error values on a sheet, by row and column. ``part``: the sheet's."""
    numbers = dict(_cell_numbers(package, part))
    if not numbers:
        return {}
    known = _known_values(package, related)
    return {at: known[number - 1] if 0 < number <= len(known) else RichValue() for at, number in numbers.items()}


def _cell_numbers(package: Package, part: str) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield the cells of a sheet whose error value stands for a rich value, and its number, from 1."""
    found: list[tuple[tuple[int, int], int]] = []
    cells = CellCounter()

    def start(tag: str, attributes: dict[str, str]) -> None:
        cells.start(tag, attributes)
        if tag == "c" and attributes.get("t") == "e" and "vm" in attributes:
            found.append((cells.at, whole_number(attributes["vm"])))

    walk_elements(package, part, start)
    yield from found


def _known_values(package: Package, related: Related) -> Sequence[RichValue]:
    """Return the rich values in the order of the workbook's value metadata."""
    values = _read_values(package, related("rdRichValue"), _read_structures(package, related("rdRichValueStructure")))
    indexes = _read_metadata(package, related("sheetMetadata"))
    return [values[at] if 0 <= at < len(values) else RichValue() for at in indexes]


def _read_metadata(package: Package, part: str) -> list[int]:
    """Return the index of the rich value of each value metadata block; -1 for one that refers to none."""
    types: list[str] = []
    futures: dict[str, list[int]] = {}
    blocks: list[int] = []
    inside: list[str] = []
    future: list[int] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal future
        if tag == "metadataType":
            types.append(attributes.get("name", ""))
        elif tag == "futureMetadata":
            future = futures.setdefault(attributes.get("name", ""), [])
        elif tag == "bk":
            (blocks if "valueMetadata" in inside else future).append(-1)
        elif tag.rpartition(":")[2] == "rvb" and future:
            future[-1] = whole_number(attributes.get("i", ""))
        elif tag == "rc" and "valueMetadata" in inside and blocks:
            type, at = whole_number(attributes.get("t", "")) - 1, whole_number(attributes.get("v", ""))
            own = futures.get(types[type], []) if 0 <= type < len(types) else []
            blocks[-1] = own[at] if 0 <= at < len(own) else -1
        inside.append(tag)

    def end(tag: str) -> None:
        inside.pop()

    if part:
        walk_elements(package, part, start, end)
    return blocks


def _read_structures(package: Package, part: str) -> list[tuple[str, list[str]]]:
    """Return the type of each structure of rich values, and the names of its values."""
    structures: list[tuple[str, list[str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "s":
            structures.append((attributes.get("t", ""), []))
        elif tag == "k" and structures:
            structures[-1][1].append(attributes.get("n", ""))

    if part:
        walk_elements(package, part, start)
    return structures


def _read_values(package: Package, part: str, structures: Sequence[tuple[str, list[str]]]) -> list[RichValue]:
    """Return all rich values."""
    values: list[RichValue] = []
    texts: list[str] = []
    structure = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal structure
        if tag == "rv":
            texts.clear()
            structure = whole_number(attributes.get("s", ""))
        elif tag == "v":
            texts.append("")

    def end(tag: str) -> None:
        if tag == "rv":
            type, names = structures[structure] if 0 <= structure < len(structures) else ("", [])
            values.append(RichValue(type, dict(zip(names, texts, strict=False)).get("_DisplayString", "")))

    def characters(text: str) -> None:
        if texts and len(texts[-1]) < _LONGEST:
            texts[-1] += text

    if part:
        walk_elements(package, part, start, end, characters)
    return values


_LONGEST = 32_767  # characters of a cell (Excel specifications and limits)
