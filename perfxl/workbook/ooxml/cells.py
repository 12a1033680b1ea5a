"""A returned workbook: its sheets, their cells, defined names and properties. Parts are read on demand only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from perfxl.form.characters import trim_text
from perfxl.form.types.base import Raw
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.part_cache import PartCache
from perfxl.workbook.ooxml.parts import (
    SharedStrings,
    Style,
    known_styles,
    read_properties,
    read_strings,
    unescape_text,
)
from perfxl.workbook.ooxml.relations import Relation, read_relations, workbook_part
from perfxl.workbook.ooxml.rich_text import Run, Runs, read_cell_runs, read_string_runs
from perfxl.workbook.ooxml.rich_values import read_rich_values
from perfxl.workbook.ooxml.sheet_reader import Cell, Grid, Merge, read_grid
from perfxl.workbook.ooxml.xml import LARGE, walk_elements, whole_number


class DefinedName(NamedTuple):
    """A defined name.

    ``sheet``: the index of the sheet that it is local to, None for the whole workbook; ``text``: its formula.
    """

    name: str
    sheet: int | None
    text: str


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook part lists it: index from 0, name, state (``visible``, ``hidden`` …) and part.

    ``part`` is empty for a sheet that is no worksheet, like a chart sheet.
    """

    index: int
    name: str
    state: str
    part: str


@dataclass(eq=False)
class Worksheet:
    """One sheet's cells by (row, column), from 0; only those with a value or a format."""

    entry: SheetEntry
    workbook: Workbook
    cells: Mapping[tuple[int, int], Cell]
    merges: Sequence[Merge]
    hidden_rows: Set[int]
    hidden_columns: Set[int] = frozenset()
    rich: bool = False
    """True if some texts in its part may be struck out, raised or lowered."""
    rich_pictures: Set[tuple[int, int]] = frozenset()
    """Its cells that hold a picture as a rich value."""

    @property
    def name(self) -> str:
        """The tab's name."""
        return self.entry.name

    def raw(self, row: int, column: int) -> Raw:
        """Return a cell's value with its number format; a blank if there is no such cell."""
        cell = self.cells.get((row, column))
        return BLANK if cell is None else self.workbook.raw(cell)

    def value(self, row: int, column: int) -> str | float | int | bool | None:
        """Return a cell's value; None if it has none."""
        cell = self.cells.get((row, column))
        return self.workbook.value(cell) if cell is not None else None

    def text(self, row: int, column: int) -> str:
        """Return a cell's text without the white space around it; empty for a number or a blank."""
        return self.texts.get((row, column), "")

    def locked(self, row: int, column: int) -> bool:
        """Return True if the cell's own format locks it, or it has no format."""
        cell = self.cells.get((row, column))
        return cell is None or cell.style not in self.workbook.unlocked_styles

    def band(self, first: int, last: int) -> Worksheet:
        """Return the rows from ``first`` to before ``last`` as a sheet of their own, their numbers unchanged."""
        return replace(
            self,
            cells={at: cell for at, cell in self.cells.items() if first <= at[0] < last},
            merges=[merge for merge in self.merges if first <= merge.row < last],
        )

    @cached_property
    def open(self) -> bool:
        """True if the cells with a value are either all locked or all unlocked.

        The sheet's pattern of locks was lost then, as it is where only values were pasted.
        """
        styles = {cell.style for cell in self.cells.values() if cell.text is not None}
        unlocked = styles & self.workbook.unlocked_styles
        return bool(styles) and (not unlocked or len(unlocked) == len(styles))

    @cached_property
    def keeps_blanks(self) -> bool:
        """True if the file contains cells with a format and no value, which some programs leave out."""
        return any(cell.text is None for cell in self.cells.values())

    @cached_property
    def formulas(self) -> Mapping[tuple[int, int], str]:
        """The formulas by their cells."""
        return {at: cell.formula for at, cell in self.cells.items() if cell.formula is not None}

    @cached_property
    def corner(self) -> tuple[int, int]:
        """The last row and the last column that have a cell."""
        return max((row for row, _ in self.cells), default=0), max((column for _, column in self.cells), default=0)

    @cached_property
    def texts(self) -> dict[tuple[int, int], str]:
        """The texts of all cells that have one, without what shows nothing around them."""
        texts: dict[tuple[int, int], str] = {}
        value, shared = self.workbook.value, self.workbook.shown_strings
        for at, cell in self.cells.items():
            type, text, _, _ = cell
            if text is None or (type == "n" and text.isdecimal() and len(text) < _LONG):
                continue  # most numbers, which value() makes at a cost
            if type == "s" and text.isdecimal() and len(text) < 10 and (index := int(text)) < len(shared):
                if shared[index]:
                    texts[at] = shared[index]
                continue
            held = value(cell)
            if isinstance(held, str) and (shown := trim_text(held)):
                texts[at] = shown
        return texts

    @cached_property
    def formatted(self) -> Mapping[tuple[int, int], Runs]:
        """The cells of whose text a part is struck out, raised or lowered, and those that are struck out as a whole."""
        workbook = self.workbook
        struck = workbook.struck_styles
        if struck:
            struck &= {cell.style for cell in self.cells.values() if cell.text is not None}
        if not (self.rich or workbook.rich_strings or struck):
            return {}
        own = read_cell_runs(workbook.package, self.entry.part) if self.rich or struck else {}
        found = {at: self._cell_runs(at, cell, own, cell.style in struck) for at, cell in self.cells.items()}
        return {at: runs for at, runs in found.items() if any(run.struck or run.raised for run in runs)}

    def _cell_runs(self, at: tuple[int, int], cell: Cell, own: Mapping[tuple[int, int], Runs], struck: bool) -> Runs:
        """Return the runs of a cell; its whole text as one where its font is struck out.

        ``own``: the runs of the texts that stand in the sheet's part.
        """
        if cell.text is None:
            return ()
        shared = self.workbook.string_runs if cell.type == "s" and cell.text.strip() else {}
        runs = shared.get(int(cell.text), ()) if shared else own.get(at, ())
        if not struck:
            return runs
        whole = runs or (Run(str(self.workbook.value(cell))),)
        return tuple(run._replace(struck=True) if run.struck is None else run for run in whole)

    @cached_property
    def plain(self) -> bool:
        """True if no cell without a formula shows anything but its value, as a picture or a text struck out in part."""
        return not (self.formatted or self.placed_pictures)

    @property
    def pictures(self) -> Set[tuple[int, int]]:
        """The cells that hold a picture instead of a value: placed in the cell, or the result of a formula."""
        return {*self.placed_pictures, *filter(self.holds_picture, self.formulas)}

    def holds_picture(self, at: tuple[int, int]) -> bool:
        """Return True if a cell holds a picture instead of a value."""
        if at in self.placed_pictures:
            return True
        if at not in self.formulas:
            return False
        formula = self.formulas[at].upper()
        # a search for words costs much in the long formulas of calculated cells
        return ("IMAGE" in formula or "DISPIMG" in formula) and _PICTURE.search(formula) is not None

    @cached_property
    def placed_pictures(self) -> Set[tuple[int, int]]:
        """The cells with pictures that are no formulas: rich values, and the texts that stand for one in WPS."""
        texts = {at for at, text in self.texts.items() if text[0] in "=_Dd" and _PICTURE_TEXT.match(text)}
        return self.rich_pictures | texts


_PICTURE = re.compile(r"\b(?:DISPIMG|IMAGE)\s*\(")
"""The functions whose result is a picture: WPS's for one in the cell, Excel's and Google's for one by its address."""
_PICTURE_TEXT = re.compile(r"=?(?:_xl\w{1,4}\.){0,2}DISPIMG\s*\(\s*\"", re.IGNORECASE)
"""The beginning of the text that stands for a picture in WPS, where a program kept no formula."""
_LONG = 300  # digits: 1e308 is the largest number that there is, and a longer one is a text
BLANK = Raw(None)
_raw: Callable[[type[Raw], tuple[Any, str, bool, int]], Raw] = tuple.__new__
"""A constructor of Raw at half the cost of its own."""


class Workbook:
    """A package as a workbook. Sheets are read when they are asked for.

    Raises PackageError if the package is no workbook, or has more sheets or names than the limits allow.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = workbook_part(package)
        self.relations: Mapping[str, Relation] = read_relations(package, self.part)
        self.sheets: list[SheetEntry] = []
        self.names: list[DefinedName] = []
        self._missing: list[str] = []
        self._held: dict[tuple[str, ...], bool] = {}  # whether the shared strings may hold words that were asked for
        self.epoch = 1900
        """The date system: 1900, or 1904 (ECMA-376 part 1, 18.17.4.1)."""
        self._read_workbook()
        # weak references, since a sheet refers to its workbook: neither has to wait for the garbage collector
        self._sheets: WeakValueDictionary[int, Worksheet] = WeakValueDictionary()

    def _read_workbook(self) -> None:
        """Read the sheets, the defined names and the date system from the workbook part."""
        name: dict[str, str] | None = None
        texts: list[str] = []
        limits = self.package.limits

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal name
            if tag == "definedName":
                name = attributes
                texts.clear()
            elif tag == "sheet":
                self._add_sheet(attributes)
                if len(self.sheets) > limits.sheets:
                    raise self.package.refusal("too_many_sheets", limit=limits.sheets)
            elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self.epoch = 1904

        def end(tag: str) -> None:
            nonlocal name
            if name is not None and tag == "definedName":
                self._add_name(name, "".join(texts))
                name = None

        def characters(text: str) -> None:
            if name is not None:
                texts.append(text)

        walk_elements(
            self.package, self.part, start, end, characters, _LIVE_NAME.sub(b"", self.package.read(self.part))
        )
        if not self.sheets:
            raise self.package.refusal("damaged_part", part=self.part)
        if self._missing:  # read as a blank one, it would be taken for a form without answers
            raise self.package.refusal("missing_sheet", sheet=self._missing[0])

    def _add_name(self, attributes: dict[str, str], text: str) -> None:
        local = attributes.get("localSheetId", "")
        self.names.append(DefinedName(attributes.get("name", ""), int(local) if local.isdigit() else None, text))
        if len(self.names) > self.package.limits.names:
            raise self.package.refusal("too_many_names", limit=self.package.limits.names)

    def _add_sheet(self, attributes: dict[str, str]) -> None:
        id = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
        relation = self.relations.get(id)
        name = attributes.get("name", "")
        other = relation is not None and relation.kind in OTHER_SHEETS
        part = relation.target if relation and not other else ""
        if not other and part not in self.package.entries:
            self._missing.append(name)
        if part and any(sheet.part == part for sheet in self.sheets):
            raise self.package.refusal("doubled_sheet", part=part)
        state = attributes.get("state", "visible")
        self.sheets.append(SheetEntry(len(self.sheets), name, state, part))

    def sheet(self, entry: SheetEntry) -> Worksheet:
        """Return a sheet with its cells. It is the same object as long as somebody keeps a reference to it."""
        sheet = self._sheets.get(entry.index)
        if sheet is None:
            grid = read_grid(self.package, entry.part) if entry.part else Grid()
            others = sum(len(other.cells) + len(other.merges) for other in self._sheets.values())
            if len(grid.cells) + len(grid.merges) + others > self.package.limits.held:
                raise self.package.refusal("too_many_cells_in_all", limit=self.package.limits.held)
            if not self.styles and any(cell.style for cell in grid.cells.values()):
                raise self.package.refusal("missing_part", part="styles.xml")  # is 0.3 a part of one, or of a hundred?
            pictures = self._take_rich_values(grid, entry.part) if "vm" in grid.rich else frozenset()
            sheet = Worksheet(
                entry,
                self,
                grid.cells,
                grid.merges,
                grid.hidden_rows,
                grid.hidden_columns,
                not grid.rich.isdisjoint(_RICH_TEXT),
                pictures,
            )
            self._sheets[entry.index] = sheet
        return sheet

    def _take_rich_values(self, grid: Grid, part: str) -> Set[tuple[int, int]]:
        """Return the cells that hold pictures; a cell with another rich value gets the text that stands for it."""
        values = read_rich_values(self.package, part, self.related)
        for at, value in values.items():
            if value.text and not value.picture:
                grid.cells[at] = Cell("str", value.text, grid.cells[at].style, grid.cells[at].formula)
        return frozenset(at for at, value in values.items() if value.picture)

    def may_hold(self, entry: SheetEntry, words: tuple[str, ...]) -> bool:
        """Return False only if it is certain that a sheet contains none of these words. The sheet is not parsed."""
        if not entry.part or entry.index in self._sheets:
            return True
        data = self.package.read(entry.part)
        if len(data) > LARGE or not _PLAIN_START.match(data) or any(sign in data for sign in _INDIRECT):
            return True
        if any(word.encode() in data for word in words):
            return True
        if words not in self._held:
            self._held[words] = self._strings_may_hold(words)
        if not self._held[words]:
            return False
        wanted = {at for word in words for at, text in enumerate(self.strings) if word in text}
        shown = _shown_strings(self.package, entry.part)
        return bool(wanted) and (shown is None or not wanted.isdisjoint(shown))

    def _strings_may_hold(self, words: tuple[str, ...]) -> bool:
        """Return False only if it is certain that the shared strings, which are not parsed, contain none of the words.

        It is False, too, if there are no shared strings.
        """
        part = self.related("sharedStrings")
        data = self.package.read(part) if part else b""
        plain = len(data) <= LARGE and _PLAIN_STRINGS.match(data) and not any(sign in data for sign in _INDIRECT)
        return bool(data) and (not plain or any(word.encode() in data for word in words))

    def related(self, kind: str) -> str:
        """Return the part of that kind to which the workbook part has a relationship; empty if there is none."""
        for relation in self.relations.values():
            if relation.kind == kind and relation.target in self.package.entries:
                return relation.target
        return ""

    def _needed(self, kind: str) -> str:
        """Return the part of that kind; empty if the workbook part states none. Raises PackageError if it is lost."""
        part = self.related(kind)
        if not part and any(relation.kind == kind for relation in self.relations.values()):
            raise self.package.refusal("missing_part", part=f"{kind}.xml")
        return part

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings, without phonetic runs."""
        return self._shared.texts

    @cached_property
    def shown_strings(self) -> list[str]:
        """The shared strings without what shows nothing around them."""
        return list(map(trim_text, self.strings))

    @property
    def rich_strings(self) -> bool:
        """True if some of the shared strings may have pieces that are struck out, raised or lowered."""
        return self._shared.rich

    @cached_property
    def _shared(self) -> SharedStrings:
        part = self._needed("sharedStrings")
        return read_strings(self.package, part) if part else SharedStrings([])

    @cached_property
    def string_runs(self) -> Mapping[int, Runs]:
        """The pieces of those shared strings that have formats of their own, by the number of the string."""
        part = self._needed("sharedStrings")
        return read_string_runs(self.package, part) if part else {}

    @cached_property
    def styles(self) -> list[Style]:
        """The cell formats."""
        part = self._needed("styles")
        return known_styles(self.package, part) if part else []

    @cached_property
    def unlocked_styles(self) -> Set[int]:
        """The cell formats that do not lock their cell."""
        return frozenset(at for at, style in enumerate(self.styles) if not style.locked)

    @cached_property
    def struck_styles(self) -> Set[int]:
        """The cell formats whose font is struck out."""
        return frozenset(at for at, style in enumerate(self.styles) if style.struck)

    @cached_property
    def properties(self) -> dict[str, str]:
        """The custom document properties as texts, by name."""
        for relation in read_relations(self.package, "").values():
            if relation.kind == "custom-properties" and relation.target in self.package.entries:
                return read_properties(self.package, relation.target)
        return {}

    def raw(self, cell: Cell) -> Raw:
        """Return a cell's value with its number format."""
        type, text, style, _ = cell
        styles = self.styles
        format = styles[style].format if 0 <= style < len(styles) else "General"
        return _raw(Raw, (self.value(cell), format, type == "e" and text is not None, self.epoch))

    def value(self, cell: Cell) -> str | float | int | bool | None:
        """Return a cell's value; an error value as its text.

        Raises PackageError for a shared string that is not there.
        """
        type, text = cell.type, cell.text
        if text is None:
            return None
        if type == "s":
            strings = self.strings
            if text.isdecimal() and len(text) < 10 and int(text) < len(strings):
                return strings[int(text)]
            return self._shared_string(text)
        if type == "n":
            return _parse_number(text)
        if type == "b":
            return text.strip().lower() in ("1", "true")
        if type == "d":
            return _serial_day(text, self.epoch)
        return text if type == "e" else unescape_text(text)

    def _shared_string(self, text: str) -> str | None:
        """Return a shared string by its number with white space around it; None if there is white space only.

        Raises PackageError if there is no such string: the text that was typed is lost.
        """
        if not (text := text.strip()):
            return None
        strings = self.strings
        index = whole_number(text)
        if 0 <= index < len(strings):
            return strings[index]
        raise self.package.refusal("damaged_part", part=self.related("sharedStrings") or "sharedStrings.xml")


_RICH_TEXT = ("strike", "vertAlign")

# the kinds of sheets without cells to read (ECMA-376 part 1, 12.3; [MS-OFFMACRO2] 2.2.1)
OTHER_SHEETS = frozenset(("chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"))


_LIVE_NAME = re.compile(rb'<definedName name="px\.[vbku]\.[\w.]*"[^<>]*>[^<>]*</definedName>')
"""A name by which a live formula reaches an answer.

Most of a form's names are such, and they say nothing that the cells do not say.
"""

# the start of a worksheet whose elements have no prefix, in an encoding with ASCII's letters
_PLAIN_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>)?\s*<worksheet\b")
_PLAIN_STRINGS = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>)?\s*<sst\b")
# signs that a text may be written so that its bytes are not found in the part: character references, CDATA sections,
# comments, and runs that divide the text
_INDIRECT = (b"&#", b"<!", b"<r>", b"<r ")
_TYPED = re.compile(rb"""t\s{0,9}=\s{0,9}["']s["']""")
_SHARED = re.compile(_TYPED.pattern + rb"""[^<>]{0,99}>\s{0,99}<v[^<>]{0,99}>\s{0,99}(\d{1,9})\s{0,99}<""")


def _parse_number(text: str) -> float | int | str:
    """Return the number that a text states, an integer if it is whole; the text itself if it is no number."""
    try:
        value = float(text)
    except ValueError:
        return text
    if value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value if isfinite(value) else text  # 1e400 or nan, which no sheet can hold: as it was typed


def _serial_day(text: str, epoch: int) -> float | int | str:
    """Return the serial number of a date in ISO 8601 (ECMA-376 part 1, 18.18.11, type d), as other files hold it.

    A text that is no date is returned as it is.
    """
    try:
        moment = datetime.fromisoformat(text.strip().removesuffix("Z")).replace(tzinfo=None)
    except ValueError:
        return text
    days = (moment - (datetime(1904, 1, 1) if epoch == 1904 else datetime(1899, 12, 30))) / timedelta(days=1)
    return int(days) if days.is_integer() else days


@PartCache
def _shown_strings(package: Package, part: str) -> frozenset[int] | None:
    """Return the numbers of the shared strings that a sheet shows; None if they are not certain."""
    data = package.read(part)
    numbers = _SHARED.findall(data)
    return frozenset(map(int, numbers)) if len(numbers) == len(_TYPED.findall(data)) else None
