"""The lists in a registry's workbook: the headings found by their words, and the rows below as cells by column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.types.base import Raw
from perfxl.form.types.spelling import is_blank
from perfxl.rounds.registry import words
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import column_letters
from perfxl.workbook.reading.answer import is_uncalculated

_FARTHEST = 60  # the rows that are searched for headings: titles and notes above them are few
_NUMBERING = re.compile("[甲乙丙丁戊己庚辛壬癸]|栏次|行次|[0-9]{1,2}(?:=[0-9+]+)?")


@dataclass(frozen=True)
class RegistryCell:
    """One value of a registry as it stands in the file, with its place.

    ``row``: the row, or the line of a YAML file, from 1; ``column``: the column's letters, empty in a YAML file;
    ``heading``: the words above it; ``money``: the unit in which its column's amounts are, empty where none is said;
    ``uncalculated``: True for a formula without a result.
    """

    raw: Raw
    row: int
    column: str = ""
    heading: str = ""
    money: str = ""
    uncalculated: bool = False

    @property
    def filled(self) -> bool:
        """True if there is anything in it."""
        return self.uncalculated or self.raw.error or not is_blank(self.raw)


@dataclass(frozen=True)
class RegistryRow:
    """A row of a list: its filled cells by the columns' names, and whether it is a record, a total or a subtotal."""

    number: int
    cells: Mapping[str, RegistryCell]
    role: Literal["record", "total", "subtotal"] = "record"


@dataclass(frozen=True)
class RegistryTable:
    """One list of units or projects.

    ``sheet``: its tab's name, empty in a YAML file; ``columns``: the columns that it has, with their letters;
    ``doubled``: the columns that two headings name, with both headings' letters; ``stated``: totals that a sentence
    beside the list states, as cells; ``notes``: the units of money that notes above it state; ``ignored``: the headings
    above values that name no column.
    """

    sheet: str
    rows: tuple[RegistryRow, ...]
    columns: Mapping[str, str]
    header: int = 0
    doubled: tuple[tuple[str, str, str], ...] = ()
    stated: tuple[RegistryCell, ...] = ()
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def has_projects(self) -> bool:
        """True if its rows are projects, not units alone."""
        return not {"project.name", "project.code"}.isdisjoint(self.columns)


class _Heading(NamedTuple):
    """A heading that is known: the column it names, its place, its words and its unit of money.

    ``low``: True where its words stand in the lower of two rows alone.
    """

    name: str
    column: int
    text: str
    money: str
    low: bool


class _Header(NamedTuple):
    """The headings of a list, and the first and last row that they stand in.

    ``whole``: True if it has two rows and every word of the lower one belongs to a heading that is known.
    """

    first: int
    last: int
    headings: tuple[_Heading, ...]
    whole: bool

    @property
    def names(self) -> set[str]:
        """The columns that are named."""
        return {heading.name for heading in self.headings}

    @property
    def holds(self) -> bool:
        """True if it names a unit's code or name and at least one more column, and needs the rows that it has."""
        needed = self.first == self.last or not all(heading.low for heading in self.headings)
        return needed and len(self.names) > 1 and not {"unit.code", "unit.name"}.isdisjoint(self.names)

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """The order in which headers are preferred: by the columns named; of equals no row of data, and no title."""
        return len(self.names), self.whole, self.first == self.last


def find_tables(workbook: Workbook, form: Form) -> tuple[RegistryTable, ...]:
    """Return the lists in the visible sheets of a workbook, at most one a sheet."""
    sheets = (workbook.sheet(entry) for entry in workbook.sheets if entry.part and entry.state == "visible")
    return tuple(table for sheet in sheets if (table := _read_table(sheet, form)) is not None)


def _read_table(sheet: Worksheet, form: Form) -> RegistryTable | None:
    """Return the list of a sheet; None if it has none."""
    lines: dict[int, dict[int, str]] = {}
    for (row, column), text in sorted(sheet.texts.items()):
        lines.setdefault(row, {})[column] = text
    header = _find_header(sheet, lines, words.headings_of(form))
    if header is None:
        return None
    columns: dict[str, _Heading] = {}
    doubled = []
    for heading in header.headings:
        first = columns.setdefault(heading.name, heading)
        if first is not heading:
            doubled.append((heading.text, column_letters(first.column), column_letters(heading.column)))
    # a heading speaks for its own column alone
    own = {(row, heading.column) for heading in header.headings for row in (header.first, header.last)}
    above = (text for at, text in sorted(sheet.texts.items()) if at[0] <= header.last and at not in own)
    notes = tuple(dict.fromkeys(money for text in above if (money := words.money_of_note(text))))
    headings = [
        heading._replace(money=heading.money or (notes[0] if len(notes) == 1 else "")) for heading in columns.values()
    ]
    return RegistryTable(
        sheet=sheet.name,
        rows=tuple(_read_rows(sheet, lines, header, headings)),
        columns={heading.name: column_letters(heading.column) for heading in headings},
        header=header.last + 1,
        doubled=tuple(doubled),
        stated=tuple(
            RegistryCell(Raw(total), at[0] + 1, column_letters(at[1]))
            for at, text in sorted(sheet.texts.items())
            if (total := words.stated_total(text))
        ),
        notes=notes,
        ignored=_ignored_headings(sheet, lines, header),
    )


def _ignored_headings(sheet: Worksheet, lines: Mapping[int, Mapping[int, str]], header: _Header) -> tuple[str, ...]:
    """Return the headings that name no column, but stand above values."""
    known = {heading.column for heading in header.headings}
    unread = sorted({column for row, column in sheet.cells if row > header.last} - known)
    # of two rows the lower one says what the column is
    found = (lines.get(header.last, {}).get(at) or lines.get(header.first, {}).get(at, "") for at in unread)
    return tuple(" ".join(text.split()) for text in found if text)


def _find_header(sheet: Worksheet, lines: Mapping[int, Mapping[int, str]], known: Mapping[str, str]) -> _Header | None:
    """Return the row, or two rows, that name most columns; None where no row names a unit's."""
    found = []
    for row in sorted(lines)[:_FARTHEST]:
        for last in (row, row + 1):
            headings = tuple(_read_headings(sheet, lines, (row, last), known))
            below = lines.get(last, {}) if last > row else {}
            whole = bool(below) and {heading.column for heading in headings} >= {*below}
            found.append(_Header(row, last, headings, whole))
    return max((header for header in found if header.holds), key=lambda header: header.rank, default=None)


def _read_headings(
    sheet: Worksheet, lines: Mapping[int, Mapping[int, str]], rows: tuple[int, int], known: Mapping[str, str]
) -> Iterator[_Heading]:
    """Yield the headings that are known, from one row or from two."""
    above = dict(lines.get(rows[0], {}))
    below = lines.get(rows[1], {}) if rows[1] > rows[0] else {}
    for merge in sheet.merges:
        if merge.row == rows[0] and (text := above.get(merge.column)):
            above.update(dict.fromkeys(range(merge.column, merge.last_column + 1), text))
    for column in sorted({*above, *below}):
        low = below.get(column, "")
        # a text file keeps of a merged heading the first cell alone
        high = above.get(column) or next((above[at] for at in range(column, -1, -1) if low and at in above), "")
        upper, lower = words.split_heading(high), words.split_heading(low)
        spellings = [upper.words + lower.words, lower.words] if low else [upper.words]
        if low and words.sum_word(low):
            spellings.append(upper.words)
        spellings = [*spellings, *map(words.without_remark, spellings)]
        found = next((spelling for spelling in spellings if spelling in known), "")
        name, money = known.get(found, ""), lower.money or upper.money
        about_amounts = bool(upper.money) or known.get(upper.words, "").startswith(words.GIVEN)
        if low and not name and about_amounts and (under := words.amount_under(low)) in known.values():
            yield _Heading(under, column, f"{high}{low}", money, False)
        elif name:
            alone = bool(low) and found in (lower.words, words.without_remark(lower.words))
            yield _Heading(name, column, low if alone else f"{high}{low}", money, alone)


def _read_rows(
    sheet: Worksheet, lines: Mapping[int, Mapping[int, str]], header: _Header, headings: list[_Heading]
) -> Iterator[RegistryRow]:
    """Yield the rows below the headings, without blank ones, notes, and headings that are repeated on a new page."""
    by_row: dict[int, dict[str, RegistryCell]] = {}
    at_column = {heading.column: heading for heading in headings}
    for (row, column), cell in sorted(sheet.cells.items()):
        heading = at_column.get(column)
        if heading is None or row <= header.last:
            continue
        raw, letters = sheet.workbook.raw(cell), column_letters(column)
        found = RegistryCell(raw, row + 1, letters, heading.text, heading.money, is_uncalculated(cell))
        if found.filled:
            by_row.setdefault(row, {})[heading.name] = found
    for row in sorted({*by_row, *(row for row in lines if row > header.last)}):
        cells, texts = by_row.get(row, {}), lines.get(row, {})
        first = texts[min(texts)] if texts else ""
        role = _role_of(cells, texts, first)
        repeated = {lines.get(at, {}).get(column) for at in (header.first, header.last) for column in texts}
        if words.is_note(first) or (texts and len(texts) == len(cells) and repeated >= {*texts.values()}):
            continue
        if cells and not (row == min(by_row) and _is_numbering(cells)):
            yield RegistryRow(row + 1, cells, role)


def _role_of(
    cells: Mapping[str, RegistryCell], texts: Mapping[int, str], first: str
) -> Literal["record", "total", "subtotal"]:
    """Return the role of a row: a sum says so in a cell of its own, or in its first words where no project follows."""
    sums = [(column, kind) for column, text in sorted(texts.items()) if (kind := words.sum_word(text))]
    if sums:
        column, kind = sums[0]
        units = {cells[name].column for name in ("unit.code", "unit.name") if name in cells}
        of_unit = not units.isdisjoint(column_letters(at) for at in range(column))
        return "subtotal" if kind == "subtotal" or of_unit else "total"
    project = [cells[name].column for name in ("project.code", "project.name") if name in cells]
    if words.ends_as_sum(first) and project in ([], [column_letters(min(texts))]):
        return "subtotal"
    return "record"


def _is_numbering(cells: Mapping[str, RegistryCell]) -> bool:
    """Return True for a row that numbers the columns: 甲 乙 1 2 3."""
    texts = [squeeze(str(cell.raw.value)) for cell in cells.values()]
    digits = [int(text) for text in texts if text.isdecimal()]
    in_order = all(second == first + 1 for first, second in pairwise(digits))
    return len(texts) > 2 and all(_NUMBERING.fullmatch(text) for text in texts) and in_order
