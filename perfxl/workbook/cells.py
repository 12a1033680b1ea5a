"""The cells of a returned workbook: values, number formats, locks, formulas, names. Only what is asked is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from weakref import WeakValueDictionary
from xml.parsers import expat

from perfxl.form.fields.base import Raw
from perfxl.workbook.package import Package, Relation, Remembered, parse, parser

# ECMA-376 part 1, 18.8.30; ids 31 and 55–58 as WPS and Excel use them for Chinese dates without a format code
BUILTIN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"',
    30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: 'yyyy"年"m"月"', 56: 'm"月"d"日"',
    57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip


class Style(NamedTuple):
    """What of a cell's format matters: its number format code, whether it is locked."""

    format: str
    locked: bool


class Cell(NamedTuple):
    """A cell as it stands in the part.

    ``type``: ``s``, ``str``, ``n``, ``b``, ``e`` or ``inlineStr``; ``style``: the place of its format.
    """

    type: str
    text: str | None
    style: int
    formula: str | None


class Merge(NamedTuple):
    """A merged range by its corners, rows and columns from 0."""

    row: int
    column: int
    last_row: int
    last_column: int


class Name(NamedTuple):
    """A defined name: on which sheet (index in the workbook), None for the whole workbook; what it stands for."""

    name: str
    sheet: int | None
    text: str


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook lists it."""

    index: int
    name: str
    state: str
    part: str


@dataclass(eq=False)
class Sheet:
    """One sheet's cells by (row, column), from 0; those with a value or a format only."""

    entry: SheetEntry
    workbook: Workbook
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The tab's name."""
        return self.entry.name

    def raw(self, row: int, column: int) -> Raw:
        """What a cell holds; a blank where there is none."""
        cell = self.cells.get((row, column))
        return BLANK if cell is None else self.workbook.raw(cell)

    def value(self, row: int, column: int) -> str | float | int | bool | None:
        """A cell's value; None where there is none."""
        cell = self.cells.get((row, column))
        return self.workbook.value(cell) if cell is not None else None

    def text(self, row: int, column: int) -> str:
        """A cell's text without the white space around it; empty for a number or a blank."""
        return self.texts.get((row, column), "")

    def locked(self, row: int, column: int) -> bool:
        """Whether the cell's own format locks it."""
        cell = self.cells.get((row, column))
        return self.workbook.styles[cell.style].locked if cell and cell.style < len(self.workbook.styles) else True

    @cached_property
    def corner(self) -> tuple[int, int]:
        """The last row and the last column that hold a cell."""
        return max((row for row, _ in self.cells), default=0), max((column for _, column in self.cells), default=0)

    @cached_property
    def texts(self) -> dict[tuple[int, int], str]:
        """Every cell that holds a text, trimmed."""
        value = self.workbook.value
        found = {at: value(cell) for at, cell in self.cells.items() if cell.text is not None}
        return {at: text for at, each in found.items() if isinstance(each, str) and (text := each.strip())}


BLANK = Raw(None)


class Workbook:
    """A package understood as a workbook. Sheets are read when they are asked for."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = package.workbook
        self.relations: Mapping[str, Relation] = package.relations(self.part)
        self.sheets: list[SheetEntry] = []
        self.names: list[Name] = []
        self._read_workbook()
        # weak, since a sheet knows its workbook: neither has to wait for the garbage collection
        self._sheets: WeakValueDictionary[int, Sheet] = WeakValueDictionary()

    def _read_workbook(self) -> None:
        name: dict[str, str] | None = None
        texts: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal name
            tag = tag.rpartition(":")[2]
            if tag == "sheet":
                self._add_sheet(attributes)
            elif tag == "definedName":
                name = attributes
                texts.clear()

        def end(tag: str) -> None:
            nonlocal name
            if name is not None and tag.rpartition(":")[2] == "definedName":
                local = name.get("localSheetId", "")
                self.names.append(Name(name.get("name", ""), int(local) if local.isdigit() else None, "".join(texts)))
                name = None

        reader = parser(self.package, self.part)
        reader.StartElementHandler, reader.EndElementHandler = start, end
        reader.CharacterDataHandler = texts.append
        parse(reader, self.package.read(self.part), self.package, self.part)
        limits = self.package.limits
        if len(self.sheets) > limits.sheets:
            raise self.package.refused("too_many_sheets", count=len(self.sheets), limit=limits.sheets)
        if len(self.names) > limits.names:
            raise self.package.refused("too_many_names", count=len(self.names), limit=limits.names)

    def _add_sheet(self, attributes: dict[str, str]) -> None:
        id = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
        relation = self.relations.get(id)
        part = relation.target if relation and relation.kind == "worksheet" else ""
        state = attributes.get("state", "visible")
        self.sheets.append(SheetEntry(len(self.sheets), attributes.get("name", ""), state, part))

    def sheet(self, entry: SheetEntry) -> Sheet:
        """A sheet's cells; the same as long as somebody holds them."""
        sheet = self._sheets.get(entry.index)
        if sheet is None:
            sheet = self._sheets[entry.index] = _read_sheet(self, entry)
        return sheet

    def may_hold(self, entry: SheetEntry, words: tuple[str, ...]) -> bool:
        """Whether one of these words may stand on a sheet. No only where that is certain; the sheet is not parsed."""
        if not entry.part or entry.index in self._sheets:
            return True
        data = self.package.read(entry.part)
        if not _PLAIN_START.match(data) or any(sign in data for sign in _INDIRECT):
            return True
        if any(word.encode() in data for word in words):
            return True
        if not self._strings_may_hold(words):
            return False
        shared = {at for word in words for at, text in enumerate(self.strings) if word in text}
        return bool(shared) and not shared.isdisjoint(_shared(self.package, entry.part))

    def _strings_may_hold(self, words: tuple[str, ...]) -> bool:
        """Whether one of these words may stand in the shared strings, which are not parsed for it."""
        part = self.related("sharedStrings")
        data = self.package.read(part) if part else b""
        plain = _PLAIN_STRINGS.match(data) and not any(sign in data for sign in _INDIRECT)
        return bool(data) and (not plain or any(word.encode() in data for word in words))

    def related(self, kind: str) -> str:
        """The part of that kind beside the workbook; empty where there is none."""
        for relation in self.relations.values():
            if relation.kind == kind and relation.target in self.package.entries:
                return relation.target
        return ""

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings; phonetic runs are left out."""
        part = self.related("sharedStrings")
        return _read_strings(self.package, part) if part else []

    @cached_property
    def styles(self) -> list[Style]:
        """The cell formats."""
        part = self.related("styles")
        return _known_styles(self.package, part) if part else []

    @cached_property
    def properties(self) -> dict[str, str]:
        """The custom document properties that are texts."""
        for relation in self.package.relations("").values():
            if relation.kind == "custom-properties" and relation.target in self.package.entries:
                return _read_properties(self.package, relation.target)
        return {}

    def raw(self, cell: Cell) -> Raw:
        """A cell's value with its number format."""
        styles = self.styles
        format = styles[cell.style].format if cell.style < len(styles) else "General"
        return Raw(self.value(cell), format, cell.type == "e" and cell.text is not None)

    def value(self, cell: Cell) -> str | float | int | bool | None:
        """A cell's value; an error value as its text."""
        type, text = cell.type, cell.text
        if text is None:
            return None
        if type == "s":
            strings = self.strings
            index = int(text) if text.isdigit() else -1
            return strings[index] if 0 <= index < len(strings) else None
        if type == "n":
            return _number(text)
        if type == "b":
            return text.strip() in ("1", "true")
        return text if type == "e" else unescaped(text)


# a worksheet whose elements have no prefix, in an encoding that has ASCII's letters
_PLAIN_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>)?\s*<worksheet\b")
_PLAIN_STRINGS = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>)?\s*<sst\b")
# ways to write a text so that its bytes do not stand in the part: references, sections, comments and runs between them
_INDIRECT = (b"&#", b"<!", b"<r>", b"<r ")
_SHARED = re.compile(rb"""t\s*=\s*["']s["'][^>]*>\s*<v[^>]*>\s*(\d{1,9})\s*<""")

_ESCAPE = re.compile("_x(?![dD][89A-Fa-f])([0-9A-Fa-f]{4})_")  # half of a surrogate pair is no character


def unescaped(text: str) -> str:
    """Undoes the format's own escapes: ``_x000D_`` is a carriage return (ECMA-376 part 1, 22.9.2.19, ST_Xstring)."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def _number(text: str) -> float | int | str:
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


@Remembered
def _shared(package: Package, part: str) -> frozenset[int]:
    """The shared strings that a sheet shows, by their number."""
    return frozenset(map(int, _SHARED.findall(package.read(part))))


@lru_cache(maxsize=16_384)
def _column_of(reference: str) -> int:
    """The column of a cell's reference, from 0."""
    return _column(reference.rstrip("0123456789"))


def _column(letters: str) -> int:
    """A column's number from 0; -1 for what is none."""
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return -1
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _read_sheet(workbook: Workbook, entry: SheetEntry) -> Sheet:
    """One pass over a sheet's part; stated dimensions and counts are never trusted."""
    sheet = Sheet(entry, workbook)
    if entry.part:
        data = _without_validations(workbook.package.read(entry.part))
        compact = b"<sheetData" in data and b"<rPh" not in data and not _GAP.search(data, data.find(b"<sheetData"))
        (_read_compact if compact else _read_any)(sheet, workbook.package, data)
        if len(sheet.cells) > workbook.package.limits.cells:
            raise workbook.package.refused("too_many_cells", limit=workbook.package.limits.cells)
    return sheet


_GAP = re.compile(rb">\s")  # white space between elements, or a text that begins with it
# what follows the merged cells in a worksheet (ECMA-376 part 1, 18.3.1.99), in most forms at once
_AFTER_MERGES = frozenset(("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "pageMargins"))
_ASKED = (b"mergeCell", b"sheetData")
_cell: Callable[[type[Cell], tuple[str, str | None, int, str | None]], Cell] = tuple.__new__
"""A Cell at half of what its own constructor costs."""


def _read_compact(sheet: Sheet, package: Package, data: bytes) -> None:
    """A sheet with nothing between its elements: its texts need no watching, the ends of elements only counting."""
    cells, hidden, limits, part = sheet.cells, sheet.hidden_rows, package.limits, sheet.entry.part
    row = column = -1
    style = opened = 0
    type = "n"
    formula: str | None = None
    filled = waiting = False
    pieces: list[str] = []
    closed: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, type, formula, filled, waiting, opened
        opened += 1
        if tag == "c":
            if waiting:
                finish()
            get = attributes.get
            reference = get("r")
            column = column + 1 if reference is None else _column_of(reference)
            style = int(get("s", 0))
            type = get("t", "n")
            formula = None
            filled = False
            waiting = row >= 0 and column >= 0
        elif tag == "v":
            if formula is not None:
                formula = "".join(pieces)
            pieces.clear()
            filled = True
        elif tag == "t":
            pass
        elif tag == "row":
            finish()
            row, column = _row(attributes, row, hidden), -1
            if len(cells) > limits.cells:
                raise package.refused("too_many_cells", limit=limits.cells)
        elif tag == "is":
            pieces.clear()
            filled = True
        elif tag == "f":
            pieces.clear()
            formula = ""
        elif tag == "mergeCell":
            _merge(sheet, package, attributes)
        elif tag in _AFTER_MERGES and not any(each in data[reader.CurrentByteIndex :] for each in _ASKED):
            # nothing that follows is asked for: it must be well-formed, but nobody is told
            finish()
            reader.StartElementHandler = reader.EndElementHandler = reader.CharacterDataHandler = None
        elif opened - len(closed) <= 2:  # the worksheet or a child of it
            finish()
        elif opened - len(closed) > limits.depth:
            raise package.refused("too_deep", part=part, limit=limits.depth)

    def finish() -> None:
        nonlocal waiting, formula
        if waiting:
            if formula is not None and not filled:
                formula = "".join(pieces)
            cells[row, column] = _cell(Cell, (type, "".join(pieces) if filled else None, style, formula))
            waiting = False

    reader = parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = start, closed.append
    reader.CharacterDataHandler = pieces.append
    parse(reader, data, package, part)
    finish()


def _read_any(sheet: Sheet, package: Package, data: bytes) -> None:
    """A sheet however it is written: with prefixes, indented, with phonetic runs."""
    cells, hidden, limits, part = sheet.cells, sheet.hidden_rows, package.limits, sheet.entry.part
    row = column = -1
    style = depth = 0
    type = "n"
    value: str | None = None
    formula: str | None = None
    taking = phonetic = False
    pieces: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, type, value, formula, taking, phonetic, depth
        depth += 1
        if depth > limits.depth:
            raise package.refused("too_deep", part=part, limit=limits.depth)
        if tag == "c":
            reference = attributes.get("r")
            column = column + 1 if reference is None else _column_of(reference)
            style = int(attributes.get("s", 0))
            type = attributes.get("t", "n")
            value = formula = None
        elif tag == "v" or tag == "f":
            pieces.clear()
            taking = True
        elif tag == "t":
            taking = not phonetic
        elif tag == "is":
            pieces.clear()
        elif tag == "row":
            row, column = _row(attributes, row, hidden), -1
        elif tag == "mergeCell":
            _merge(sheet, package, attributes)
        elif tag == "rPh":
            phonetic = True

    def end(tag: str) -> None:
        nonlocal taking, value, formula, phonetic, depth
        depth -= 1
        if tag == "c":
            if row >= 0 and column >= 0:
                cells[row, column] = _cell(Cell, (type, value, style, formula))
                if len(cells) > limits.cells:
                    raise package.refused("too_many_cells", limit=limits.cells)
        elif tag == "v" or tag == "is":
            value, taking = "".join(pieces), False
        elif tag == "f":
            formula, taking = "".join(pieces), False
        elif tag == "t":
            taking = False
        elif tag == "rPh":
            phonetic = False

    def characters(text: str) -> None:
        if taking:
            pieces.append(text)

    reader = parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = _unprefixed(reader, start, end)
    reader.CharacterDataHandler = characters
    parse(reader, data, package, part)


def _row(attributes: Mapping[str, str], above: int, hidden: set[int]) -> int:
    """A row's number from 0; one that does not say its number follows the one above."""
    stated = attributes.get("r", "")
    row = int(stated) - 1 if stated.isdigit() else above + 1
    if attributes.get("hidden") in ("1", "true"):
        hidden.add(row)
    return row


def _merge(sheet: Sheet, package: Package, attributes: Mapping[str, str]) -> None:
    if merge := corners(attributes.get("ref", "")):
        sheet.merges.append(merge)
    if len(sheet.merges) > package.limits.merges:
        raise package.refused("too_many_merges", limit=package.limits.merges)


def _without_validations(sheet: bytes) -> bytes:
    """A sheet without its validations: they are most of it, not asked for, and the same in every copy of a form."""
    start = sheet.find(b"<dataValidations")
    end = sheet.find(b"</dataValidations>", start) + len(b"</dataValidations>")
    if 0 <= start < end < start + 100_000 and _well_formed(sheet[start:end]):
        return sheet[:start] + sheet[end:]
    return sheet


@lru_cache(maxsize=32)
def _well_formed(element: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(element, True)
    except expat.ExpatError:
        return False
    return True


def _unprefixed(reader: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """The handlers, given names without a prefix: some programs write ``x:row``, most do not and pay nothing for it."""

    def first(tag: str, attributes: dict[str, str]) -> None:
        prefix = len(tag.rpartition(":")[0])
        if prefix:
            reader.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
            reader.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        else:
            reader.StartElementHandler, reader.EndElementHandler = start, end
        reader.StartElementHandler(tag.rpartition(":")[2], attributes)

    return first, end


_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


@lru_cache(maxsize=4096)  # the same in every copy of a form
def corners(reference: str) -> Merge | None:
    """A range by its corners, from 0: ``$B$12:$H$23``; None where the text is none."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    rows = sorted((int(found[2]) - 1, int(found[4] or found[2]) - 1))
    columns = sorted((_column(found[1]), _column(found[3] or found[1])))
    return Merge(rows[0], columns[0], rows[1], columns[1])


def _read_strings(package: Package, part: str) -> list[str]:
    data = package.read(part)
    compact = b"<sst" in data and b"<rPh" not in data and not _GAP.search(data, data.find(b"<sst"))
    strings = (_strings_compact if compact else _strings_any)(package, part, data)
    return [unescaped(text) for text in strings] if any("_x" in text for text in strings) else strings


def _strings_compact(package: Package, part: str, data: bytes) -> list[str]:
    """The strings of a part with nothing between its elements: every text in it belongs to one."""
    strings: list[str] = []
    pieces: list[str] = []

    def end(tag: str) -> None:
        if tag == "si":
            strings.append("".join(pieces))
            pieces.clear()

    reader = parser(package, part)
    reader.EndElementHandler, reader.CharacterDataHandler = end, pieces.append
    parse(reader, data, package, part)
    return strings


def _strings_any(package: Package, part: str, data: bytes) -> list[str]:
    strings: list[str] = []
    pieces: list[str] = []
    taking = phonetic = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal taking, phonetic
        if tag == "t":
            taking = not phonetic
        elif tag == "rPh":
            phonetic = True
        elif tag == "si":
            pieces.clear()

    def end(tag: str) -> None:
        nonlocal taking, phonetic
        if tag == "t":
            taking = False
        elif tag == "si":
            strings.append("".join(pieces))
        elif tag == "rPh":
            phonetic = False

    def characters(text: str) -> None:
        if taking:
            pieces.append(text)

    reader = parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = _unprefixed(reader, start, end)
    reader.CharacterDataHandler = characters
    parse(reader, data, package, part)
    return strings


def _read_styles(package: Package, part: str) -> list[Style]:
    """The cell formats. A format without a ``protection`` of its own is locked, as Excel takes it."""
    codes = dict(BUILTIN)
    styles: list[Style] = []
    inside = False
    format = "General"
    locked = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside, format, locked
        if tag == "numFmt":
            if (id := attributes.get("numFmtId", "")).isdigit():
                codes.setdefault(int(id), attributes.get("formatCode", "General"))
        elif tag == "cellXfs":
            inside = True
        elif inside and tag == "xf":
            id = attributes.get("numFmtId", "0")
            format = codes.get(int(id) if id.isdigit() else 0, "General")
            locked = True
        elif inside and tag == "protection":
            locked = attributes.get("locked") not in ("0", "false")

    def end(tag: str) -> None:
        nonlocal inside
        if tag == "cellXfs":
            inside = False
        elif inside and tag == "xf":
            styles.append(Style(format, locked))

    reader = parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = _unprefixed(reader, start, end)
    parse(reader, package.read(part), package, part)
    return styles


_known_styles = Remembered(_read_styles)


def _read_properties(package: Package, part: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    pieces: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal name
        if tag.rpartition(":")[2] == "property":
            name = attributes.get("name", "")
            pieces.clear()

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] == "property":
            found[name] = "".join(pieces).strip()

    reader = parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = start, end
    reader.CharacterDataHandler = pieces.append
    parse(reader, package.read(part), package, part)
    return found
