"""Pictures that stand in cells instead of over them.

Excel keeps such a picture as a rich value of the cell (``vm="1"``, [MS-XLSX] 2.3.6), and an error value for programs
that know none; WPS writes a formula, ``DISPIMG("ID_…",1)``.
"""

from __future__ import annotations

import re

from perfxl.workbook.ooxml.edit import to_utf8
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.relations import read_relations, workbook_part
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.ooxml.xml import walk_mixed

_SIGN = re.compile(rb"""\svm\s*=\s*["']|DISPIMG""")
_FORMULA = re.compile(r"^=?(?:_xlfn\.)?DISPIMG\(")
_PICTURES = frozenset(("_localImage", "_webimage", "_imageurl"))
"""The structures of rich values that are pictures; others are errors, stocks, places and the like."""


def find_cell_pictures(package: Package, part: str) -> list[Place]:
    """Return the cells of a sheet that hold a picture. A sheet without any is not parsed.

    A rich value whose structure is not in the file is taken for a picture if its cell holds an error value.
    """
    data = to_utf8(package.read(part))
    if not _SIGN.search(data):
        return []
    places: list[Place] = []
    kinds: list[str] | None = None
    cell: dict[str, str] = {}
    pieces: list[str] | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal cell, pieces, kinds
        if tag == "c":
            cell = attributes
            number = cell.get("vm", "")
            if number.isdecimal():
                kinds = _rich_kinds(package) if kinds is None else kinds
                kind = kinds[int(number) - 1] if 0 < int(number[:9]) <= len(kinds) else ""
                if kind in _PICTURES or (not kind and cell.get("t") == "e"):
                    _add(places, cell)
        elif tag == "f":
            pieces = []

    def end(tag: str) -> None:
        nonlocal pieces
        if tag == "f" and pieces is not None:
            if _FORMULA.match("".join(pieces)):
                _add(places, cell)
            pieces = None

    def characters(text: str) -> None:
        if pieces is not None:
            pieces.append(text)

    walk_mixed(package, part, start, end, characters, data)
    return places


def _add(places: list[Place], cell: dict[str, str]) -> None:
    place = parse_range(cell.get("r", ""))
    if place:
        places.append((place.row, place.column))


def _rich_kinds(package: Package) -> list[str]:
    """Return the structure's name of each rich value that a cell's ``vm`` counts; empty where the file lacks it."""
    related = {relation.kind: relation.target for relation in read_relations(package, workbook_part(package)).values()}
    parts = [related.get(kind, "") for kind in ("sheetMetadata", "rdRichValue", "rdRichValueStructure")]
    metadata, values, structures = (
        _elements(package, part, tags)
        for part, tags in zip(parts, (("rc", "rvb", "valueMetadata"), ("rv",), ("s",)), strict=True)
    )
    names = [attributes.get("t", "") for _, attributes in structures]
    kinds = [names[at] if 0 <= (at := _number(one, "s")) < len(names) else "" for _, one in values]
    blocks = [_number(attributes, "i") for tag, attributes in metadata if tag == "rvb"]
    start = next((at for at, (tag, _) in enumerate(metadata) if tag == "valueMetadata"), len(metadata))
    counted = [_number(attributes, "v") for tag, attributes in metadata[start:] if tag == "rc"]
    found = (blocks[block] if 0 <= block < len(blocks) else -1 for block in counted)
    return [kinds[value] if 0 <= value < len(kinds) else "" for value in found]


def _elements(package: Package, part: str, tags: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of these names in a part, in their order; none if there is no such part."""
    found: list[tuple[str, dict[str, str]]] = []
    if part in package.entries:
        walk_mixed(package, part, lambda tag, attributes: found.append((tag, attributes)) if tag in tags else None)
    return found


def _number(attributes: dict[str, str], name: str) -> int:
    """Return an attribute as a number; -1 if it is none."""
    text = attributes.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
