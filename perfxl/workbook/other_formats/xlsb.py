"""A binary workbook (.xlsb): a package whose parts are BIFF12 records (MS-XLSB), read here.

No maintained library gives number formats, without which 1 and 100% cannot be told apart: calamine and pyxlsb give
values only. Section numbers are those of MS-XLSB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from perfxl.workbook.ooxml.cells import OTHER_SHEETS
from perfxl.workbook.ooxml.formula import absolute_address, quote_sheet
from perfxl.workbook.ooxml.formula import text_literal as literal
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import BUILTIN, Style, read_properties
from perfxl.workbook.ooxml.relations import read_relations, workbook_part
from perfxl.workbook.ooxml.rich_text import Run
from perfxl.workbook.ooxml.sheet_reader import Merge
from perfxl.workbook.other_formats.values import (
    ForeignBook,
    ForeignCell,
    ForeignCells,
    ForeignFile,
    ForeignName,
    ForeignSheet,
    Value,
    formatted_runs,
)
from perfxl.workbook.other_formats.xlsb_records import read_records, read_text
from perfxl.workbook.other_formats.xlsb_things import read_things, related_kinds

# 2.3.2: the types of the records that are read
_ROW, _BLANK, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED = range(8)
_FORMULA_TEXT, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR = 8, 9, 10, 11
_STRING, _NAME, _FONT, _FORMAT, _STYLE, _RICH = 19, 39, 43, 44, 47, 62
_PROPERTIES, _SHEET, _MERGE, _SELF, _EXTERNAL = 153, 156, 176, 357, 362
_LINKS = range(355, 362)
_STYLES, _STYLES_END = 617, 618

_STATES = {0: "visible", 1: "hidden", 2: "veryHidden"}
# 2.5.97.2: BErr
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read(source: ForeignFile) -> ForeignBook:
    """Return the workbook. Raises PackageError, ``cannot_convert`` for one that is damaged."""
    package = Package(source.data, source.file, source.limits)
    try:
        return _read_workbook(source, package)
    except (struct.error, IndexError, UnicodeDecodeError, KeyError) as error:
        raise source.refusal("cannot_convert") from error


def _read_workbook(source: ForeignFile, package: Package) -> ForeignBook:
    """Return the workbook of a package. Raises other errors than PackageError for records that are damaged."""
    part = workbook_part(package)
    related = read_relations(package, part)
    beside = {relation.kind: relation.target for relation in related.values() if relation.target in package.entries}
    strings = _read_strings(package, beside.get("sharedStrings", ""))
    styles = _read_styles(package, beside.get("styles", ""))
    sheets: list[ForeignSheet] = []
    names: list[_Named] = []
    places: list[tuple[int, int, int]] = []
    links: list[int] = []
    epoch_1904 = False
    for kind, data in read_records(package.read(part)):
        if kind == _SHEET:
            state, _, at = *struct.unpack_from("<LL", data), 8
            id, at = read_text(data, at)
            title, _ = read_text(data, at)
            target = related[id].target if id in related else ""
            other = id in related and related[id].kind in OTHER_SHEETS
            if not other and target not in package.entries:
                raise source.refusal("missing_sheet", sheet=title)
            records = b"" if other else package.read(target)
            sheet = _read_sheet(source, title, _STATES.get(state, "visible"), records, strings, styles)
            sheets.append(sheet if other else replace(sheet, things=read_things(package, target, records)))
        elif kind == _PROPERTIES:
            epoch_1904 = bool(data[0] & 1)
        elif kind == _NAME:
            names.append(_read_name(data))
        elif kind == _EXTERNAL:
            places = list(struct.iter_unpack("<Lll", data[4 : 4 + 12 * struct.unpack_from("<L", data)[0]]))
        elif kind in _LINKS:
            links.append(kind)
    own = [first if link < len(links) and links[link] == _SELF else -1 for link, first, _ in places]
    titles = [sheet.name for sheet in sheets]
    references = ((name, _reference(name.formula, own, titles)) for name in names)
    defined = tuple(ForeignName(name.name, name.sheet, text) for name, text in references if text)
    others = tuple(related_kinds(package, related.values()))
    return ForeignBook(tuple(sheets), defined, _custom_properties(package), epoch_1904, others)


class _Formats(NamedTuple):
    """The formats of cells, and those of the fonts to which they and the pieces of texts refer, by number."""

    cells: Sequence[Style]
    fonts: Sequence[Run]


class _Text(NamedTuple):
    """A text, and where in it which font begins; nothing of the latter for a text of one font."""

    text: str
    changes: Sequence[tuple[int, int]] = ()


def _read_strings(package: Package, part: str) -> list[_Text]:
    """Return the shared strings."""
    records = read_records(package.read(part)) if part else ()
    return [_read_rich_text(data, 0) for kind, data in records if kind == _STRING]


def _read_rich_text(data: bytes, at: int) -> _Text:
    """Return a RichStr (2.5.121): flags, a text, its changes of font; a phonetic text after these is ignored."""
    text, end = read_text(data, at + 1)
    if not data[at] & 1:
        return _Text(text)
    (count,) = struct.unpack_from("<L", data, end)
    return _Text(text, [struct.unpack_from("<HH", data, end + 4 + 4 * number) for number in range(count)])


def _runs(text: _Text, first: Run, fonts: Sequence[Run]) -> Iterator[Run]:
    """Yield the pieces of a text. ``first``: the font of the cell, which the text begins with."""
    starts = [0, *(start for start, _ in text.changes), len(text.text)]
    own = [first, *(fonts[font] if font < len(fonts) else Run("", False) for _, font in text.changes)]
    for (start, end), font in zip(pairwise(starts), own, strict=True):
        yield font._replace(text=text.text[start:end])


def _read_styles(package: Package, part: str) -> _Formats:
    """Return the formats: BrtFmt (2.4.653), BrtFont (2.4.149), BrtXF (2.4.876)."""
    codes, styles, fonts, inside = dict(BUILTIN), list[Style](), list[Run](), False
    for kind, data in read_records(package.read(part)) if part else ():
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", data)[0]] = read_text(data, 2)[0]
        elif kind == _FONT:
            _, flags, _, script = struct.unpack_from("<4H", data)
            fonts.append(Run("", bool(flags & 8), {1: 1, 2: -1}.get(script, 0)))
        elif kind in (_STYLES, _STYLES_END):
            inside = kind == _STYLES
        elif kind == _STYLE and inside:
            format, font = struct.unpack_from("<HH", data, 2)
            struck = font < len(fonts) and bool(fonts[font].struck)
            styles.append(Style(codes.get(format, "General"), bool(data[13] & 0x10), struck))
    return _Formats(styles, fonts)


def _read_sheet(
    source: ForeignFile, name: str, state: str, data: bytes, strings: list[_Text], formats: _Formats
) -> ForeignSheet:
    """Return a sheet, read from the records of its part. Raises PackageError: ``too_many_merges``."""
    cells, merges, hidden, row = ForeignCells(source), list[Merge](), set[int](), -1
    for kind, record in read_records(data):
        if kind == _ROW:
            (row,) = struct.unpack_from("<L", record)
            if record[11] & 0x10:  # fDyZero
                hidden.add(row)
        elif kind == _MERGE:
            first, last, left, right = struct.unpack_from("<4L", record)
            merges.append(Merge(first, left, last, right))
            if len(merges) > source.limits.merges:
                raise source.refusal("too_many_merges", limit=source.limits.merges)
        elif kind <= _FORMULA_ERROR or kind == _RICH:
            column, format = struct.unpack_from("<LL", record)
            number = format & 0xFFFFFF
            style = formats.cells[number] if number < len(formats.cells) else Style("General", True)
            value, runs = _value(kind, record, strings), tuple[Run, ...]()
            if isinstance(value, _Text):
                runs = formatted_runs(_runs(value, Run("", style.struck), formats.fonts)) if value.changes else ()
                value = value.text
            formula = "" if _FORMULA_TEXT <= kind <= _FORMULA_ERROR else None
            error = kind in (_ERROR, _FORMULA_ERROR)
            cells.put(row, column, ForeignCell(value, style.format, style.locked, style.struck, error, formula, runs))
    return ForeignSheet(name, cells, tuple(merges), frozenset(hidden), state)


def _value(kind: int, data: bytes, strings: list[_Text]) -> Value | _Text:
    """Return the value of a cell record."""
    if kind == _RK:
        return _rk_number(*struct.unpack_from("<L", data, 8))
    if kind in (_ERROR, _FORMULA_ERROR):
        return _ERRORS.get(data[8], "#N/A")
    if kind in (_BOOL, _FORMULA_BOOL):
        return bool(data[8])
    if kind in (_REAL, _FORMULA_NUMBER):
        return float(struct.unpack_from("<d", data, 8)[0])
    if kind in (_TEXT, _FORMULA_TEXT):
        return read_text(data, 8)[0]
    if kind == _RICH:
        return _read_rich_text(data, 8)
    if kind == _SHARED:
        (at,) = struct.unpack_from("<L", data, 8)
        return strings[at] if at < len(strings) else None
    return None


def _rk_number(packed: int) -> float:
    """Return an RkNumber (2.5.122): bit 0 divides by 100; bit 1 marks an integer, else it is a double's high half."""
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        (number,) = struct.unpack("<d", struct.pack("<LL", 0, packed & 0xFFFFFFFC))
    return number / 100 if packed & 1 else number


class _Named(NamedTuple):
    """A defined name as it is stored: its formula is still in bytes."""

    name: str
    sheet: int | None
    formula: bytes


def _read_name(data: bytes) -> _Named:
    """Return the name of a BrtName (2.4.711): flags, a key, the sheet, the name, its formula."""
    (sheet,) = struct.unpack_from("<L", data, 5)
    name, at = read_text(data, 9)
    (length,) = struct.unpack_from("<L", data, at)
    return _Named(name, None if sheet == 0xFFFFFFFF else sheet, data[at + 4 : at + 4 + length])


def _reference(formula: bytes, places: list[int], titles: list[str]) -> str:
    """Return the reference, text literal or ``#REF!`` that a name's formula consists of (2.5.97); else an empty text.

    ``places``: the sheet index of each external reference, -1 if it is not in this workbook; ``titles``: sheet names.
    """
    token = formula[:1]
    if token == b"\x17":
        (length,) = struct.unpack_from("<H", formula, 1)
        return literal(formula[3 : 3 + 2 * length].decode("utf-16-le", "replace"))
    if token in (b"\x3a", b"\x5a", b"\x7a"):
        place, row, column = struct.unpack_from("<HLH", formula, 1)
        corners = [(row, column & 0x3FFF)]
    elif token in (b"\x3b", b"\x5b", b"\x7b"):
        place, row, last_row, column, last = struct.unpack_from("<HLLHH", formula, 1)
        corners = [(row, column & 0x3FFF), (last_row, last & 0x3FFF)]
    else:
        return "#REF!" if token in (b"\x3c", b"\x5c", b"\x7c", b"\x3d", b"\x5d", b"\x7d") else ""
    sheet = places[place] if place < len(places) else -1
    if not 0 <= sheet < len(titles):
        return "#REF!"
    return f"{quote_sheet(titles[sheet])}!{':'.join(absolute_address(*corner) for corner in corners)}"


def _custom_properties(package: Package) -> Mapping[str, str]:
    """Return the custom document properties."""
    for relation in read_relations(package, "").values():
        if relation.kind == "custom-properties" and relation.target in package.entries:
            return read_properties(package, relation.target)
    return {}
