"""One project's table in a published document: the head and the indicators.

The head is read by its labels: the cells between two labels belong to the first of them. The indicators are read by
the heading of their table (``indicator_rows``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from perfxl.budget.documents.content import (
    Block,
    DocumentCell,
    DocumentPlace,
    DocumentRow,
    ExtractionNote,
    UnplacedLine,
    compact,
    join,
    unplaced,
)
from perfxl.budget.documents.indicator_rows import IndicatorRows, indicators_of
from perfxl.budget.documents.labels import HEAD_LABELS, MONEY_UNIT, MONTH, MONTHS, UNIT, heading_of
from perfxl.budget.documents.project_sections import ProjectSection
from perfxl.form.characters import fold

_ITEM = re.compile(r"^(?:(\d{1,2})\s*[.．、]|[（(](\d{1,2})[）)])\s*")
_ONE_CELL = {"goals", "other", "purpose", "scope"}  # below these labels a row holds one text
_ENDED = re.compile(r"[。；;！!]$")


@dataclass(frozen=True)
class NamedUnit:
    """A unit's code and name as they stand above a table, with their place and text."""

    code: str
    name: str
    place: DocumentPlace
    text: str


@dataclass(frozen=True)
class Project:
    """One project's table as a record, the unit that the table names, and the place of its beginning."""

    record: dict[str, Any]
    unit: NamedUnit | None
    place: DocumentPlace
    title: str


@dataclass
class Findings:
    """The reports about one project: lines without a place, and notes; ``place`` is the table's title."""

    place: str
    unplaced: list[UnplacedLine] = field(default_factory=list)
    notes: list[ExtractionNote] = field(default_factory=list)

    def leave(self, cells: Iterable[DocumentCell]) -> None:
        """Report cells that have no place in the record."""
        self.unplaced.extend(piece for cell in cells for piece in unplaced(cell.lines))

    def note(self, what: str, where: DocumentPlace | None, **facts: object) -> None:
        """Note something about this project."""
        self.notes.append(ExtractionNote(what, where, {"place": self.place, **facts}))


@dataclass(frozen=True)
class _Entry:
    """A label of the head with the cells up to the next label: ``beside`` it in its own row, ``below`` it in others."""

    key: str
    label: DocumentCell
    beside: tuple[DocumentCell, ...]
    below: tuple[DocumentCell, ...]

    @property
    def cells(self) -> tuple[DocumentCell, ...]:
        """All cells of the entry, without its label."""
        return self.beside + self.below


def amount(text: str, unit: str = "万元") -> float | None:
    """Return an amount in 万元 (10,000 yuan), or None if the text is no number.

    A unit after the number has precedence over ``unit``, the table's own.
    """
    match = re.fullmatch(r"(-?[\d,]*\.?\d+|\d+\.)(万元?|元)?", compact(text))
    if not match:
        return None
    try:
        value = Decimal(match[1].replace(",", ""))
    except InvalidOperation:
        return None
    return float(value / 10000 if (match[2] or unit) == "元" else value)


def percent(text: str) -> int | float | None:
    """Return the number of ``25%``, ``25`` or ``16.7%`` without the sign, or None if the text is no number."""
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?)%?", compact(text))
    if not match:
        return None
    value = Decimal(match[1])
    return int(value) if value == value.to_integral_value() else float(value)


def goals_of(lines: Iterable[str]) -> tuple[list[str], list[tuple[int, int]], bool]:
    """Return numbered lines as items without their numbers.

    Also returned: the gaps in the numbers, as (expected, found), and True if several items stood in one line.
    """
    pieces = [piece for line in lines for piece in _numbered_pieces(line)]
    items: list[list[str]] = []
    jumps: list[tuple[int, int]] = []
    for piece, _ in pieces:
        match = _ITEM.match(piece)
        expected = len(items) + 1
        if match and _is_number(match, piece, expected):
            number = int(match[1] or match[2])
            jumps += [(expected, number)] if number != expected else []
            items.append([piece[match.end() :]])
        elif items:
            items[-1].append(piece)
        else:
            items.append([piece])
    return [text for text in map(join, items) if text], jumps, any(separated for _, separated in pieces)


def _numbered_pieces(line: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a line, split before ``2.``, ``3.`` … after a sentence's end; True for all but the first."""
    for index, piece in enumerate(re.split(r"(?<=[。；;])\s*(?=\d{1,2}[.．、](?:\D|20\d\d年))", line)):
        if piece.strip():
            yield piece.strip(), index > 0


def _is_number(match: re.Match[str], piece: str, expected: int) -> bool:
    """Return True if ``3.`` at the beginning of a line is an item's number and not the 3 of ``3.5万元``."""
    return int(match[1] or match[2]) == expected or not piece[match.end() :][:1].isdigit()


def project_of(section: ProjectSection) -> tuple[Project, Findings]:
    """Return the project in a section, and the reports about it."""
    blocks = section.blocks
    first = section.heading or next((block for block in blocks), None)
    assert first is not None  # a section has a title or a row
    rows = [block for block in blocks if isinstance(block, DocumentRow)]
    table = next((at for at, row in enumerate(rows) if heading_of(row)), len(rows))
    cut = blocks.index(rows[table]) if table < len(rows) else len(blocks)
    result = Findings(section.heading.text if section.heading and section.title and section.title.name else "")
    record, unit = _head(blocks[:cut], section, first.place, result)
    if section.heading is None:
        result.note("no_title", first.place)
    elif record["number"] is None:
        result.note("no_number", first.place)
    taken = indicators_of(blocks[cut:])
    record["indicators"] = list(taken.records)
    result.unplaced += taken.unplaced
    result.notes += (
        ExtractionNote(note.what, note.where, {"place": result.place, **note.facts}) for note in taken.notes
    )
    _note_missing(record, first.place, taken, result)
    return Project(record, unit, first.place, result.place), result


def _head(
    blocks: Sequence[Block], section: ProjectSection, place: DocumentPlace, result: Findings
) -> tuple[dict[str, Any], NamedUnit | None]:
    """Return the record of the head table, still without indicators, and the unit that stands above it."""
    entries, above = _entries(_head_rows(blocks, result), result)
    result.place = result.place or next((cell.text for cell in _cells(entries, "name", "code") if cell.text), "")
    unit, money = _unit_and_money(above, result)
    if money == "元":
        result.note("money_unit", place, unit=money)
    budget = {key: _amount(entries.get(key), money, result) for key in ("total", "fiscal", "other")}
    name = _text(entries.get("name"), result)
    titled = section.title.name if section.title else None
    if name is not None and titled is not None and not _is_same_name(titled, name):
        result.note("name_differs", place, title=titled, name=name)
    record = {
        "number": section.title.number if section.title else None,
        "code": _text(entries.get("code"), result),
        "name": name or titled,
        "budget": budget,
        "purpose": _purpose(entries, result),
        "plan": _plan(entries, result),
        "goals": _goals(entries.get("goals"), result),
    }
    return record, unit


def _cells(entries: dict[str, _Entry], *keys: str) -> Iterator[DocumentCell]:
    """Yield the cells of some entries."""
    return (cell for key in keys if key in entries for cell in entries[key].cells)


def _is_same_name(title: str, name: str) -> bool:
    """Return True if a title names this project, be it with 项目 or 项目支出 behind the name."""
    return compact(title) in {compact(name) + more for more in ("", "项目", "项目支出")}


def _head_rows(blocks: Sequence[Block], result: Findings) -> Iterator[tuple[DocumentCell, ...]]:
    """Yield the head's rows without merged cells; a line between them is the unit's, or belongs to the goal above it.

    A loose line is a goal's only where it goes on from an unfinished sentence or begins with a number.
    """
    last: DocumentCell | None = None
    labelled = False
    for block in blocks:
        if isinstance(block, DocumentRow):
            yield tuple(cell for cell in block.cells if not cell.merged)
            last = block.cells[-1]
            labelled = labelled or any(compact(cell.text) in HEAD_LABELS for cell in block.cells)
        elif not labelled and (UNIT.match(block.text) or MONEY_UNIT.search(compact(block.text))):
            yield (DocumentCell(block.place, (block,)),)
        elif block.loose and last is not None and (_ITEM.match(block.text) or not _ENDED.search(last.text)):
            last = DocumentCell(block.place, (block,), loose=True)
            yield (last,)
        else:
            result.unplaced.extend(unplaced([block]))


def _entries(rows: Iterable[Sequence[DocumentCell]], result: Findings) -> tuple[dict[str, _Entry], list[DocumentCell]]:
    """Return the head's entries by their keys, and the cells above the first label; a repeated label is reported."""
    above: list[DocumentCell] = []
    labels: list[tuple[str, DocumentCell, list[DocumentCell], list[DocumentCell]]] = []  # key, label, beside, below
    for row in rows:
        labels_above = len(labels)
        if labels and not _labelled(row) and _is_of_another(row, labels[-1][0]):
            result.leave(row)
            continue
        for cell in row:
            key = _key_of_label(cell)
            if key is not None:
                labels.append((key, cell, [], []))
            elif labels and cell.column == 0 and cell.text:
                result.leave([cell])  # where labels stand, but none that is known
            elif labels:
                _, _, beside, below = labels[-1]
                (beside if len(labels) > labels_above else below).append(cell)
            else:
                above.append(cell)
    entries: dict[str, _Entry] = {}
    for key, label, beside, below in labels:
        entry = _Entry(key, label, tuple(beside), tuple(below))
        if key in entries:
            result.leave((label, *entry.cells))
        else:
            entries[key] = entry
    return entries, above


def _is_of_another(row: Sequence[DocumentCell], key: str) -> bool:
    """Return True if a row below a label does not belong to it: it is of a table whose heading is missing.

    In a text a row below the goals begins with the blank cell of their label.
    """
    filled = sum(bool(cell.text) for cell in row)
    alone = key == "goals" and len(row) == 1 and row[0].column is None and not row[0].loose
    return key in _ONE_CELL and (filled > 1 or alone)


def _labelled(row: Iterable[DocumentCell]) -> bool:
    """Return True if a label stands in a row."""
    return any(_key_of_label(cell) is not None for cell in row)


def _key_of_label(cell: DocumentCell) -> str | None:
    """Return the key of a label, None for a cell that is no label."""
    text = compact(cell.text)
    month = MONTH.match(text)
    return f"plan:{month[1]}" if month else HEAD_LABELS.get(text)


def _unit_and_money(cells: Iterable[DocumentCell], result: Findings) -> tuple[NamedUnit | None, str]:
    """Return the unit's code and name, and the table's unit of money (万元 where none is given)."""
    unit, money = None, "万元"
    for cell in cells:
        text = cell.text
        if match := MONEY_UNIT.search(compact(text)):
            money = match[1]
            text = re.sub(r"[\s（(]*(?:金额)?\s*单\s*位\s*[：:][^：:]*$", "", text)
        if text and unit is None and (match := UNIT.match(text)):
            unit = NamedUnit(fold(match[1]), match[2].strip(), cell.place, text)
        elif text:
            result.leave([cell])
    return unit, money


def _text(entry: _Entry | None, result: Findings) -> str | None:
    """Return the text of the first filled cell of an entry, or None; further cells are reported."""
    filled = [cell for cell in entry.cells if cell.text] if entry else []
    result.leave(filled[1:])
    return filled[0].text if filled else None


def _amount(entry: _Entry | None, unit: str, result: Findings) -> float | None:
    """Return the amount in 万元 beside a label, or None; other cells are reported.

    The cells below 其他资金 (other funds) are not: they hold the purpose.
    """
    if entry is None:
        return None
    value = amount(entry.beside[0].text, unit) if entry.beside else None
    result.leave(entry.beside[0 if value is None else 1 :])
    if entry.key != "other":
        result.leave(entry.below)
    return value


def _purpose(entries: dict[str, _Entry], result: Findings) -> str | None:
    """Return the purpose: the cells below the last of the amounts, 其他资金 (other funds), or beside its own label.

    Where a page broke between the two rows, it stands beside the label of the amounts.
    """
    places = [entries["other"].below] if "other" in entries else []
    places += [entries[key].cells for key in ("purpose", "scope") if key in entries]
    filled = [cells for cells in places if any(cell.text for cell in cells)]
    for cells in filled[1:]:
        result.leave(cells)
    return join(cell.text for cell in filled[0]) if filled else None


def _plan(entries: dict[str, _Entry], result: Findings) -> dict[str, int | float | None]:
    """Return the four cumulative percentages by the months of their labels; other cells are reported.

    They stand below the labels, or each beside its own.
    """
    plan: dict[str, int | float | None] = dict.fromkeys(MONTHS.values())
    columns = [entry for key, entry in entries.items() if key.startswith("plan:")]
    if len(columns) > 1 and all(len(entry.beside) == 1 for entry in columns[:-1]):
        values = [entry.beside[0] for entry in columns if entry.beside]
        result.leave(cell for entry in columns for cell in (*entry.beside[1:], *entry.below))
    else:
        result.leave(cell for entry in columns[:-1] for cell in entry.cells)
        values = list(columns[-1].cells) if columns else []
        if "plan" in entries and not any(cell.text for cell in values):  # a page broke between labels and values
            values = list(entries["plan"].cells)
        elif "plan" in entries:
            result.leave(entries["plan"].cells)
        values = _below(columns, values)
        result.leave(values[len(columns) :])
    for entry, cell in zip(columns, values, strict=False):
        key = MONTHS.get(int(entry.key.removeprefix("plan:")))
        value = percent(cell.text)
        if key is None or value is None:
            result.leave([cell])
        else:
            plan[key] = value
    return plan


def _below(columns: Sequence[_Entry], cells: Sequence[DocumentCell]) -> list[DocumentCell]:
    """Return the cells below labels, one for each: those of the same columns, else as many as there are labels.

    A row that nobody merged has blank cells before and behind.
    """
    filled = [cell for cell in cells if cell.text]
    by_column: dict[int | None, DocumentCell] = {cell.column: cell for cell in filled if cell.column is not None}
    if len(by_column) == len(filled) and by_column.keys() <= {entry.label.column for entry in columns}:
        return [by_column.get(entry.label.column, DocumentCell(entry.label.place)) for entry in columns]
    if len(filled) == len(columns):
        return filled
    return list(cells[1:] if len(cells) > len(columns) and not cells[0].text else cells)


def _goals(entry: _Entry | None, result: Findings) -> list[str]:
    """Return the goals without their numbers; gaps in the numbers, and several goals in one line, are noted."""
    if entry is None:
        return []
    items, jumps, parted = goals_of(line.text for cell in entry.cells for line in cell.lines)
    for expected, found in jumps:
        result.note("numbering", entry.label.place, expected=expected, found=found)
    if parted:
        result.note("one_line_goals", entry.label.place)
    return items


def _note_missing(record: dict[str, Any], where: DocumentPlace, taken: IndicatorRows, result: Findings) -> None:
    """Note the fields that a project lacks; 其他资金 may be blank."""
    flat = {key: record[key] for key in ("code", "name", "purpose", "goals", "indicators")}
    flat |= {f"budget.{key}": record["budget"][key] for key in ("total", "fiscal")}
    flat |= {f"plan.{key}": value for key, value in record["plan"].items()}
    for key, value in flat.items():
        if value is None or value == []:
            result.note("missing_field", where, field=key)
    for key in taken.missing_columns:
        result.note("missing_column", where, field=f"indicators.{key}")
