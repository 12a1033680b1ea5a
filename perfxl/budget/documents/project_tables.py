"""Part 2 of a published document: one project's head table and indicator table.

The head is read by its labels: whatever stands between two labels belongs to the first of them.
The indicator table is read by its own heading: as many cells as that has make a row. So an empty
line inside a cell, a missing row or any number of rows do no harm, and what does not fit is reported.
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
    """A unit's code and name as they stand above a table."""

    code: str
    name: str
    line: int
    text: str


@dataclass(frozen=True)
class Project:
    """One project's table: its record, and the unit it names."""

    record: dict[str, Any]
    unit: NamedUnit | None


@dataclass
class _Result:
    """What is found on the way: lines without a place, and notes."""

    place: str
    unplaced: list[UnplacedLine] = field(default_factory=list)
    notes: list[ExtractionNote] = field(default_factory=list)

    def leave(self, cells: Iterable[DocumentCell]) -> None:
        """Report cells that belong nowhere."""
        self.unplaced.extend(unplaced_cells(cells))

    def note(self, what: str, line: int | None, **facts: object) -> None:
        """Note something about this project."""
        self.notes.append(ExtractionNote(what, line, {"place": self.place, **facts}))


@dataclass(frozen=True)
class _Entry:
    """A label of the head with the cells up to the next one, those of its own row apart."""

    key: str
    label: DocumentCell
    beside: tuple[DocumentCell, ...]
    below: tuple[DocumentCell, ...]

    @property
    def cells(self) -> tuple[DocumentCell, ...]:
        """All its cells."""
        return self.beside + self.below


def projects_of(
    lines: Sequence[DocumentLine],
) -> tuple[list[Project], tuple[UnplacedLine, ...], tuple[ExtractionNote, ...]]:
    """The projects out of Part 2's lines, what found no place, and notes.

    A heading without a table (a line of a table of contents) is reported, not made a project.
    """
    starts = [index for index, line in enumerate(lines) if is_title(line)]
    parts = list(sections(lines, starts))
    read = [_project(part) for part in parts if any(line.cell for line in part)]
    above = lines[: starts[0]] if starts else lines
    left = [*unplaced(above)]
    left += [found for part in parts if not any(line.cell for line in part) for found in unplaced(part)]
    left += [found for _, result in read for found in result.unplaced]
    notes = tuple(chain.from_iterable(result.notes for _, result in read))
    return [project for project, _ in read], tuple(sorted(left, key=lambda item: item.line)), notes


def is_title(line: DocumentLine) -> bool:
    """Whether a project's table begins here: ``6.村级支出绩效目标表``."""
    return not line.cell and bool(_TITLE.match(line.text))


def amount(text: str, unit: str = "万元") -> float | None:
    """An amount in 万元; a unit behind the number has precedence over the table's. None where it is no number."""
    found = re.fullmatch(r"(-?[\d,]*\.?\d+|\d+\.)(万元|元)?", compact(text))
    if not found:
        return None
    try:
        value = Decimal(found[1].replace(",", ""))
    except InvalidOperation:
        return None
    return float(value / 10000 if (found[2] or unit) == "元" else value)


def percent(text: str) -> int | float | None:
    """``25%``, ``25`` or ``16.7%`` as the number before the sign; None where it is no number."""
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)%?", compact(text))
    if not found:
        return None
    value = Decimal(found[1])
    return int(value) if value == value.to_integral_value() else float(value)


def goals_of(lines: Iterable[str]) -> tuple[list[str], list[tuple[int, int]], bool]:
    """Numbered lines as items without their numbers.

    Also returned: where the numbers jump, as (expected, found), and whether several items stood in one line.
    """
    pieces = [piece for line in lines for piece in _numbered_pieces(line)]
    items: list[list[str]] = []
    jumps: list[tuple[int, int]] = []
    for piece, _ in pieces:
        found = _ITEM.match(piece)
        expected = len(items) + 1
        if found and _is_number(found, piece, expected):
            number = int(found[1] or found[2])
            jumps += [(expected, number)] if number != expected else []
            items.append([piece[found.end() :]])
        elif items:
            items[-1].append(piece)
        else:
            items.append([piece])
    return [text for text in map(join, items) if text], jumps, any(parted for _, parted in pieces)


def _numbered_pieces(line: str) -> Iterator[tuple[str, bool]]:
    """A line, parted before ``2.``, ``3.`` … where such a number follows a sentence's end; True for what was parted."""
    for index, piece in enumerate(re.split(r"(?<=[。；;])\s*(?=\d{1,2}[.．、]\D)", line)):
        if piece.strip():
            yield piece.strip(), index > 0


def _is_number(found: re.Match[str], piece: str, expected: int) -> bool:
    """Whether ``3.`` at a line's beginning is an item's number and not the 3 of ``3.5万元``."""
    return int(found[1] or found[2]) == expected or not piece[found.end() :][:1].isdigit()


def _project(lines: Sequence[DocumentLine]) -> tuple[Project, _Result]:
    """One project from its heading to the next one's."""
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
    """The head table's record and the unit that stands above it."""
    entries, above = _entries(rows, result)
    unit, money = _above(above, result)
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
    """The head by its labels, and the cells above the first of them. A label met twice is reported."""
    above: list[DocumentCell] = []
    found: list[tuple[str, DocumentCell, list[DocumentCell], list[DocumentCell]]] = []
    for row in rows:
        began = len(found)
        for cell in row:
            key = _label(cell)
            if key is not None:
                found.append((key, cell, [], []))
            elif found:
                _, _, beside, below = found[-1]
                (beside if len(found) > began else below).append(cell)
            else:
                above.append(cell)
    entries: dict[str, _Entry] = {}
    for key, label, beside, below in found:
        entry = _Entry(key, label, tuple(beside), tuple(below))
        if key and key in entries:
            result.leave((label, *entry.cells))
        elif not key:
            result.leave(entry.cells)
        else:
            entries[key] = entry
    return entries, above


def _label(cell: DocumentCell) -> str | None:
    """The key of a label's cell; empty for one that is followed by further labels; None for any other cell."""
    text = compact(cell.text)
    month = _MONTH.match(text)
    return f"plan:{month[1]}" if month else _LABELS.get(text)


def _above(cells: Iterable[DocumentCell], result: _Result) -> tuple[NamedUnit | None, str]:
    """The unit's code and name, and the table's money unit (万元 where none stands)."""
    unit, money = None, "万元"
    for cell in cells:
        if unit is None and (found := _UNIT.match(cell.text)):
            unit = NamedUnit(found[1], found[2], cell.number, cell.text)
        elif found := _MONEY_UNIT.match(compact(cell.text)):
            money = found[1]
        else:
            result.leave([cell])
    return unit, money


def _text(entry: _Entry | None, result: _Result) -> str | None:
    """The first filled cell of an entry; further ones are reported."""
    filled = [cell for cell in entry.cells if cell.text] if entry else []
    result.leave(filled[1:])
    return filled[0].text if filled else None


def _amount(entry: _Entry | None, unit: str, result: _Result) -> float | None:
    """The amount beside a label. What is no amount is reported; below 其他资金 stands the purpose."""
    if entry is None:
        return None
    value = amount(entry.beside[0].text, unit) if entry.beside else None
    result.leave(entry.beside[0 if value is None else 1 :])
    if entry.key != "other":
        result.leave(entry.below)
    return value


def _purpose(entry: _Entry | None) -> str | None:
    """What stands below the amounts."""
    return join(cell.text for cell in entry.below) or None if entry else None


def _plan(entries: dict[str, _Entry], result: _Result) -> dict[str, int | float | None]:
    """The four cumulative percentages, by the months of the labels above them."""
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
    """The numbered goals."""
    if entry is None:
        return []
    items, jumps, parted = goals_of(line.text for cell in entry.cells for line in cell.lines)
    for expected, found in jumps:
        result.note("numbering", entry.label.number, expected=expected, found=found)
    if parted:
        result.note("one_line_goals", entry.label.number)
    return items


def _indicators(rows: Sequence[tuple[DocumentCell, ...]], result: _Result) -> list[dict[str, str | None]]:
    """The indicator rows, level 1 filled down. Columns without a name of ours are reported."""
    if not rows:
        return []
    keys = [_COLUMNS.get(compact(cell.text)) for cell in rows[0]]
    result.leave(cell for cell, key in zip(rows[0], keys, strict=True) if key is None)
    indicators: list[dict[str, str | None]] = []
    level1: str | None = None
    for row in _full_rows(rows[1:], len(keys), result):
        if [compact(cell.text) for cell in row] == [compact(cell.text) for cell in rows[0]]:
            continue  # the heading, repeated on a new page
        values = {key: cell.text or None for key, cell in zip(keys, row, strict=True) if key}
        result.leave(cell for key, cell in zip(keys, row, strict=True) if key is None)
        if any(values.values()):
            level1 = values.get("level1") or level1
            indicators.append({key: values.get(key) for key in dict.fromkeys(_COLUMNS.values())} | {"level1": level1})
    return indicators


def _full_rows(
    rows: Iterable[tuple[DocumentCell, ...]], width: int, result: _Result
) -> Iterator[tuple[DocumentCell, ...]]:
    """Rows of ``width`` cells, put together again where an empty line inside a cell had parted them."""
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
    """Note what a project lacks; 其他资金 may be blank."""
    flat = {key: record[key] for key in ("code", "purpose", "goals", "indicators")}
    flat |= {f"budget.{key}": record["budget"][key] for key in ("total", "fiscal")}
    flat |= {f"plan.{key}": value for key, value in record["plan"].items()}
    for key, value in flat.items():
        if value is None or value == []:
            result.note("missing_field", line, field=key)
