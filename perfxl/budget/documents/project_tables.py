"""Part 2 of a published document: one project's head table and indicator table.

The head is read by its labels: the cells between two labels belong to the first of them.
The indicator table is read by its own heading: each row has as many cells as the heading. So an empty
line inside a cell, a missing row or any number of rows does no harm, and cells that do not fit are reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

from perfxl.budget.documents.lines import (
    DocumentCell,
    DocumentLine,
    ExtractionNote,
    UnplacedLine,
    compact,
    join,
    rows_of,
    sections,
    unplaced,
    unplaced_cells,
)

_TITLE = re.compile(r"^(?:(\d{1,4})\s*[.．、]\s*)?(\S.*?)绩效目标表$")
_UNIT = re.compile(r"^(\d{6})\s*(\D.*)$")
_MONEY_UNIT = re.compile(r"^单位:(万元|元)$")
_MONTH = re.compile(r"^(\d{1,2})月底$")
_ITEM = re.compile(r"^(?:(\d{1,2})\s*[.．、]|[（(](\d{1,2})[）)])\s*")
_LABELS = {
    "项目编码": "code", "项目名称": "name", "预算规模及资金用途": "", "预算数": "total",
    "其中:财政资金": "fiscal", "财政资金": "fiscal", "其他资金": "other", "其它资金": "other",
    "资金支出计划(%)": "", "资金支出计划": "", "绩效目标": "goals",
}  # fmt: skip
_MONTHS = {3: "march", 6: "june", 10: "october", 12: "december"}
_COLUMNS = {
    "一级指标": "level1", "二级指标": "level2", "三级指标": "level3", "绩效指标描述": "description",
    "指标描述": "description", "指标值": "target", "绩效指标值": "target", "指标值确定依据": "basis",
}  # fmt: skip
_FIRST_COLUMN = "一级指标"


@dataclass(frozen=True)
class NamedUnit:
    """A unit's code and name as they stand above a table, with the line and its text."""

    code: str
    name: str
    line: int
    text: str


@dataclass(frozen=True)
class Project:
    """One project's table as a record, and the unit that the table names."""

    record: dict[str, Any]
    unit: NamedUnit | None


@dataclass
class _Result:
    """The reports about one project: lines without a place, and notes; ``place`` is the table's title."""

    place: str
    unplaced: list[UnplacedLine] = field(default_factory=list)
    notes: list[ExtractionNote] = field(default_factory=list)

    def leave(self, cells: Iterable[DocumentCell]) -> None:
        """Report cells that have no place in the record."""
        self.unplaced.extend(unplaced_cells(cells))

    def note(self, what: str, line: int | None, **facts: object) -> None:
        """Note something about this project."""
        self.notes.append(ExtractionNote(what, line, {"place": self.place, **facts}))


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


def projects_of(
    lines: Sequence[DocumentLine],
) -> tuple[list[Project], tuple[UnplacedLine, ...], tuple[ExtractionNote, ...]]:
    """Return the projects from the lines of Part 2, the lines that found no place, and notes.

    A heading without a table (a line of a table of contents) is reported and makes no project.
    """
    starts = [index for index, line in enumerate(lines) if is_title(line)]
    parts = list(sections(lines, starts))
    tables = [part for part in parts if _has_cell(part)]
    read = [_project(part) for part in tables]
    above = lines[: starts[0]] if starts else lines
    left = [*unplaced(above)]
    left += chain.from_iterable(unplaced(part) for part in parts if not _has_cell(part))
    left += chain.from_iterable(result.unplaced for _, result in read)
    notes = tuple(chain.from_iterable(result.notes for _, result in read))
    return [project for project, _ in read], tuple(sorted(left, key=lambda item: item.line)), notes


def _has_cell(lines: Iterable[DocumentLine]) -> bool:
    """Return True if any of the lines opens a table cell."""
    return any(line.cell for line in lines)


def is_title(line: DocumentLine) -> bool:
    """Return True for the title of a project's table: ``6.村级支出绩效目标表``."""
    return not line.cell and bool(_TITLE.match(line.text))


def amount(text: str, unit: str = "万元") -> float | None:
    """Return an amount in 万元 (10,000 yuan), or None if the text is no number.

    A unit after the number has precedence over ``unit``, the table's own.
    """
    match = re.fullmatch(r"(-?[\d,]*\.?\d+|\d+\.)(万元|元)?", compact(text))
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
    for index, piece in enumerate(re.split(r"(?<=[。；;])\s*(?=\d{1,2}[.．、]\D)", line)):
        if piece.strip():
            yield piece.strip(), index > 0


def _is_number(match: re.Match[str], piece: str, expected: int) -> bool:
    """Return True if ``3.`` at the beginning of a line is an item's number and not the 3 of ``3.5万元``."""
    return int(match[1] or match[2]) == expected or not piece[match.end() :][:1].isdigit()


def _project(lines: Sequence[DocumentLine]) -> tuple[Project, _Result]:
    """Return the project in the lines from its title to the next one's, and the reports about it."""
    title = _TITLE.match(lines[0].text)
    assert title is not None  # the caller cut the lines at titles
    result = _Result(place=lines[0].text)
    rows = rows_of(lines[1:])
    table = next((i for i, row in enumerate(rows) if compact(row[0].text) == _FIRST_COLUMN), len(rows))
    record, unit = _head(rows[:table], title, lines[0].number, result)
    record["indicators"] = _indicators(rows[table:], result)
    _note_missing(record, lines[0].number, result)
    return Project(record, unit), result


def _head(
    rows: Sequence[tuple[DocumentCell, ...]], title: re.Match[str], line: int, result: _Result
) -> tuple[dict[str, Any], NamedUnit | None]:
    """Return the record of the head table, still without indicators, and the unit that stands above it."""
    entries, above = _entries(rows, result)
    unit, money = _unit_and_money(above, result)
    if money == "元":
        result.note("money_unit", line, unit=money)
    budget = {key: _amount(entries.get(key), money, result) for key in ("total", "fiscal", "other")}
    name = _text(entries.get("name"), result)
    if name is not None and name != title[2].strip():
        result.note("name_differs", line, title=title[2].strip(), name=name)
    record = {
        "number": int(title[1]) if title[1] else None,
        "code": _text(entries.get("code"), result),
        "name": name or title[2].strip(),
        "budget": budget,
        "purpose": _purpose(entries.get("other")),
        "plan": _plan(entries, result),
        "goals": _goals(entries.get("goals"), result),
    }
    return record, unit


def _entries(rows: Sequence[tuple[DocumentCell, ...]], result: _Result) -> tuple[dict[str, _Entry], list[DocumentCell]]:
    """Return the head's entries by their keys, and the cells above the first label; a repeated label is reported."""
    above: list[DocumentCell] = []
    labels: list[tuple[str, DocumentCell, list[DocumentCell], list[DocumentCell]]] = []  # key, label, beside, below
    for row in rows:
        labels_above = len(labels)
        for cell in row:
            key = _key_of_label(cell)
            if key is not None:
                labels.append((key, cell, [], []))
            elif labels:
                _, _, beside, below = labels[-1]
                (beside if len(labels) > labels_above else below).append(cell)
            else:
                above.append(cell)
    entries: dict[str, _Entry] = {}
    for key, label, beside, below in labels:
        entry = _Entry(key, label, tuple(beside), tuple(below))
        if key and key in entries:
            result.leave((label, *entry.cells))
        elif not key:
            result.leave(entry.cells)
        else:
            entries[key] = entry
    return entries, above


def _key_of_label(cell: DocumentCell) -> str | None:
    """Return the key of a label; empty for one that is followed by further labels, None for a cell that is no label."""
    text = compact(cell.text)
    month = _MONTH.match(text)
    return f"plan:{month[1]}" if month else _LABELS.get(text)


def _unit_and_money(cells: Iterable[DocumentCell], result: _Result) -> tuple[NamedUnit | None, str]:
    """Return the unit's code and name, and the table's unit of money (万元 where none is given)."""
    unit, money = None, "万元"
    for cell in cells:
        if unit is None and (match := _UNIT.match(cell.text)):
            unit = NamedUnit(match[1], match[2], cell.number, cell.text)
        elif match := _MONEY_UNIT.match(compact(cell.text)):
            money = match[1]
        else:
            result.leave([cell])
    return unit, money


def _text(entry: _Entry | None, result: _Result) -> str | None:
    """Return the text of the first filled cell of an entry, or None; further cells are reported."""
    filled = [cell for cell in entry.cells if cell.text] if entry else []
    result.leave(filled[1:])
    return filled[0].text if filled else None


def _amount(entry: _Entry | None, unit: str, result: _Result) -> float | None:
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


def _purpose(entry: _Entry | None) -> str | None:
    """Return the purpose: the cells below the last of the amounts, 其他资金 (other funds)."""
    return join(cell.text for cell in entry.below) or None if entry else None


def _plan(entries: dict[str, _Entry], result: _Result) -> dict[str, int | float | None]:
    """Return the four cumulative percentages by the months of the labels above them; other cells are reported."""
    plan: dict[str, int | float | None] = dict.fromkeys(_MONTHS.values())
    columns = [entry for key, entry in entries.items() if key.startswith("plan:")]
    result.leave(cell for entry in columns[:-1] for cell in entry.cells)
    values = list(columns[-1].cells) if columns else []
    values = values[1:] if len(values) > len(columns) and not values[0].text else values
    result.leave(values[len(columns) :])
    for entry, cell in zip(columns, values, strict=False):
        key = _MONTHS.get(int(entry.key.removeprefix("plan:")))
        value = percent(cell.text)
        if key is None or value is None:
            result.leave([cell])
        else:
            plan[key] = value
    return plan


def _goals(entry: _Entry | None, result: _Result) -> list[str]:
    """Return the goals without their numbers; gaps in the numbers, and several goals in one line, are noted."""
    if entry is None:
        return []
    items, jumps, parted = goals_of(line.text for cell in entry.cells for line in cell.lines)
    for expected, found in jumps:
        result.note("numbering", entry.label.number, expected=expected, found=found)
    if parted:
        result.note("one_line_goals", entry.label.number)
    return items


def _indicators(rows: Sequence[tuple[DocumentCell, ...]], result: _Result) -> list[dict[str, str | None]]:
    """Return the indicators, with level 1 filled down; the cells of unknown columns are reported."""
    if not rows:
        return []
    keys = [_COLUMNS.get(label) for label in _labels(rows[0])]
    result.leave(cell for cell, key in zip(rows[0], keys, strict=True) if key is None)
    indicators: list[dict[str, str | None]] = []
    level1: str | None = None
    for row in _full_rows(rows[1:], len(keys), result):
        if _labels(row) == _labels(rows[0]):
            continue  # the heading, repeated on a new page
        values = {key: cell.text or None for key, cell in zip(keys, row, strict=True) if key}
        result.leave(cell for key, cell in zip(keys, row, strict=True) if key is None)
        if any(values.values()):
            level1 = values.get("level1") or level1
            indicators.append({key: values.get(key) for key in dict.fromkeys(_COLUMNS.values())} | {"level1": level1})
    return indicators


def _labels(row: Iterable[DocumentCell]) -> list[str]:
    """Return the texts of a row's cells as labels are compared."""
    return [compact(cell.text) for cell in row]


def _full_rows(
    rows: Iterable[tuple[DocumentCell, ...]], width: int, result: _Result
) -> Iterator[tuple[DocumentCell, ...]]:
    """Yield rows of ``width`` cells, joined again where an empty line inside a cell had split them.

    Cells that make no full row are reported.
    """
    pending: tuple[DocumentCell, ...] = ()
    for row in rows:
        if not row[0].opened and pending:
            pending, row = (*pending[:-1], pending[-1].followed_by(row[0])), row[1:]
        elif not row[0].opened:
            result.leave(row[:1])
            row = row[1:]
        if len(pending) + len(row) > width:
            result.leave(pending)
            pending = ()
        pending += row
        if len(pending) > width:
            result.leave(pending)
            pending = ()
        elif len(pending) == width:
            yield pending
            pending = ()
    result.leave(pending)


def _note_missing(record: dict[str, Any], line: int, result: _Result) -> None:
    """Note the fields that a project lacks; 其他资金 may be blank."""
    flat = {key: record[key] for key in ("code", "purpose", "goals", "indicators")}
    flat |= {f"budget.{key}": record["budget"][key] for key in ("total", "fiscal")}
    flat |= {f"plan.{key}": value for key, value in record["plan"].items()}
    for key, value in flat.items():
        if value is None or value == []:
            result.note("missing_field", line, field=key)
