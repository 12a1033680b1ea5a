"""Lists in files beside a definition: CSV with a heading for each level, and further columns for looking up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import NamedTuple

from perfxl.errors import FormError
from perfxl.form.choice_list import MOST_LEVELS, ChoiceList, Path, Value, order_paths
from perfxl.form.form_file import form_file
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import Entries, nearest

_SEPARATORS = ",;\t"
_NUMBER = late_pattern(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_LONGEST_ENTRY = 255
"""A validation compares texts of at most 255 characters."""


class _Row(NamedTuple):
    """A row of the file that is not blank: its line, and its cells by their headings."""

    line: int
    cells: Mapping[str, str]


class _ListFile:
    """A CSV file that is read; its mistakes name it as the definition's are named."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        first = text.partition("\n")[0]
        separator = max(_SEPARATORS, key=first.count)
        self.reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        self.headings = [heading.strip() for heading in next(self._lines(), [])]

    def mistake(self, what: str, line: int, **facts: object) -> FormError:
        """Return the error to raise about a line of the file."""
        return FormError(file=self.name, line=line, what=what, **facts)

    def _lines(self) -> Iterator[list[str]]:
        """Yield the lines with something in them."""
        try:
            yield from (cells for cells in self.reader if any(cell.strip() for cell in cells))
        except csv.Error as error:
            raise self.mistake("list_not_csv", self.reader.line_num, problem=str(error)) from error

    def rows(self) -> Iterator[_Row]:
        """Yield the rows below the headings."""
        if twice := next((name for name in self.headings if self.headings.count(name) > 1), None):
            raise self.mistake("list_heading_twice", 1, heading=twice)
        for cells in self._lines():
            if any(cell.strip() for cell in cells[len(self.headings) :]):
                raise self.mistake("list_wide_row", self.reader.line_num, found=len(cells), headings=len(self.headings))
            padded = [cell.strip() for cell in cells] + [""] * len(self.headings)
            yield _Row(self.reader.line_num, dict(zip(self.headings, padded, strict=False)))


def read_list_file(name: str, entries: Entries, folder: Traversable | None) -> ChoiceList:
    """Read a list from a file in the form's folder. ``entries``: ``file`` and ``levels``, else its first column."""
    node = entries["file"]
    place = node.file.replace("\\", "/").rpartition("/")[0]
    file = _ListFile(form_file(folder, node), f"{place}/{node.text()}".lstrip("/") if place else node.text())
    levels = tuple(level.text() for level in entries.sequence("levels")) or tuple(file.headings[:1])
    for level in levels:
        if level not in file.headings:
            near, known = nearest(level, file.headings), tuple(file.headings)
            raise file.mistake("list_no_column", 1, heading=level, near=near, known=known)
    if len(levels) > MOST_LEVELS or len(set(levels)) < len(levels):
        raise entries["levels"].mistake("too_many_levels", found=len(levels), limit=MOST_LEVELS)
    rows = list(file.rows())
    if not rows:
        raise file.mistake("list_no_entries", 1)
    paths = _read_paths(file, rows, levels)
    order = order_paths(paths)
    columns = {
        heading: _read_values([rows[at].cells[heading] for at in order])
        for heading in file.headings
        if heading and heading not in levels
    }
    return ChoiceList(name, rows=tuple(paths[at] for at in order), levels=levels, columns=columns)


def _read_paths(file: _ListFile, rows: list[_Row], levels: tuple[str, ...]) -> list[Path]:
    """Return the entry of each row with those above it."""
    lines: dict[Path, tuple[int, Path]] = {}
    for row in rows:
        path = tuple(row.cells[level] for level in levels)
        for level, entry in zip(levels, path, strict=True):
            if not entry:
                raise file.mistake("list_empty_cell", row.line, heading=level)
            if len(entry) > _LONGEST_ENTRY:
                raise file.mistake("list_long_entry", row.line, heading=level, length=len(entry), limit=_LONGEST_ENTRY)
        # with further columns an entry stands for its row, wherever it belongs
        key = path[-1:] if len(file.headings) > len(levels) else path
        if key in lines:
            other, before = lines[key]
            above = [] if before == path else [" · ".join(one[:-1]) for one in (path, before)]
            raise file.mistake("list_twice", row.line, found=" · ".join(key), other=other, above=above)
        lines[key] = row.line, path
    return [tuple(row.cells[level] for level in levels) for row in rows]


def _read_values(texts: list[str]) -> tuple[Value, ...]:
    """Return the values of a further column: numbers where all of them are, else texts."""
    numbers = all(_NUMBER.fullmatch(text) for text in texts if text)
    return tuple((float(text) if numbers else text) if text else None for text in texts)
