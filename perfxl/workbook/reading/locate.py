"""Location of the answers on a returned sheet by a vote of three marks; cell addresses are never trusted.

A field of the head is found by its row id and column id (the marks), by its defined name, and by its visible label; a
table's column likewise, and the table's rows by their row keys. Where the marks disagree, the majority is believed and
the dissent is reported; where there is no majority, or where two fields are located in one cell, the field counts as
not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form.form import Form
from perfxl.form.layout import Box, blank_layout
from perfxl.submission import Doubt
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.reading.ballots import Way, cast_ballot, elect, find_dissent, find_swapped, majority, ways_against
from perfxl.workbook.reading.marks import SheetMarks, find_marks
from perfxl.workbook.reading.recognise import RecognisedSheet, parse_target, recognise_sheets
from perfxl.workbook.reading.rows import TableRow, find_rows
from perfxl.workbook.reading.words import Words, anchors, headers, panel_words, words_below
from perfxl.workbook.sheet.names import row_ids


@dataclass(frozen=True, eq=False)
class LocatedTable:
    """The place of a table on a sheet, counted from 0.

    ``top``: its header row, -1 where that was not found; ``columns``: the column of each field; ``rows``: its rows.
    """

    top: int
    columns: Mapping[str, int]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class Panel:
    """The place of the panel, the words beside the form.

    ``column``: where they stand, -1 without any; ``strays``: the rows in which some of them stand in another column.
    """

    column: int = -1
    strays: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class LocatedSheet:
    """A recognised form sheet and the places of everything on it, with rows and columns counted from 0.

    ``head``: the cells of the head's fields; ``lines``: the cells of the title, of the line that names the unit, and of
    other words that vary; ``disputed``: the answers without a cell, which were not found or were located in the cell of
    another answer.
    """

    recognised: RecognisedSheet
    head: Mapping[str, Place]
    tables: Mapping[str, LocatedTable]
    lines: Mapping[str, Place]
    marks: SheetMarks
    panel: Panel
    disputed: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    @property
    def sheet(self) -> Worksheet:
        """The returned sheet."""
        return self.recognised.sheet

    @property
    def form(self) -> Form:
        """The form that stands on the sheet."""
        return self.recognised.form

    def line(self, word: str) -> str:
        """Return the text of a line that varies (``title``, ``unit``); empty where the line was not found."""
        return self.sheet.text(*self.lines[word]) if word in self.lines else ""


def locate_sheets(workbook: Workbook) -> Iterator[LocatedSheet]:
    """Locate every form of a workbook, in the order of its sheets."""
    return map(_locate_sheet, recognise_sheets(workbook))


def _locate_sheet(recognised: RecognisedSheet) -> LocatedSheet:
    marks = find_marks(recognised.sheet, recognised.form)
    named = {name[3:]: merge for name, text in recognised.names.items() if (merge := parse_target(text))}
    head, dissent, disputed = _locate_head(recognised, marks, named)
    tables, against, missing = _locate_tables(recognised, marks, named)
    disputed += missing
    return LocatedSheet(
        recognised=recognised,
        head=head,
        tables=tables,
        lines=dict(_locate_lines(recognised.form, marks)),
        marks=marks,
        panel=_locate_panel(recognised.words),
        disputed=tuple(disputed),
        doubts=(*recognised.doubts, *_location_doubts(disputed, {**dissent, **against})),
    )


def _locate_head(
    recognised: RecognisedSheet, marks: SheetMarks, named: Mapping[str, Merge]
) -> tuple[dict[str, Place], dict[str, tuple[Way, ...]], list[str]]:
    """Return the cells of the head's fields, the ways that named other cells, and the fields that have no cell.

    ``named``: the ranges of the sheet's defined names.
    """
    form, words = recognised.form, recognised.words
    ballots = {
        id: cast_ballot(recognised.sheet, words, form, anchor, marks, named.get(id))
        for id, anchor in anchors(form).items()
    }
    head, disputed = elect(ballots, words, form, marks)
    return head, {**dict(find_dissent(ballots, head)), **dict(find_swapped(ballots, head, form))}, disputed


def _locate_tables(
    recognised: RecognisedSheet, marks: SheetMarks, named: Mapping[str, Merge]
) -> tuple[dict[str, LocatedTable], dict[str, tuple[Way, ...]], list[str]]:
    """Return the tables, the ways that named other columns, and the columns and tables that were not found."""
    form, words = recognised.form, recognised.words
    tops = {id: _header_row(words, form, id, named, marks) for id in form.tables}
    tables: dict[str, LocatedTable] = {}
    against: dict[str, tuple[Way, ...]] = {}
    missing: list[str] = []
    for table_id, table in form.tables.items():
        top = tops[table_id]
        votes = dict(_column_votes(words, form, table_id, top, marks, named))
        columns = _elect_columns(votes)
        missing += [table.path(id) for id in votes if id not in columns] + ([table_id] if top < 0 else [])
        against |= {table.path(id): ways for id, at in columns.items() if (ways := ways_against(votes[id], at))}
        end = _end_row(words, form, table_id, tops, marks)
        rows = find_rows(recognised.sheet, table, top, end, marks.keys, columns) if top >= 0 else ()
        tables[table_id] = LocatedTable(top, columns, rows)
    return tables, against, missing


def _location_doubts(disputed: Sequence[str], dissent: Mapping[str, tuple[Way, ...]]) -> Iterator[Doubt]:
    """Report the answers that were not found and those whose marks name different cells.

    There is one doubt for each set of ways that dissent.
    """
    if disputed:
        yield Doubt("not_found", tuple(disputed), {}, unsure=True)
    for ways in dict.fromkeys(dissent.values()):
        yield Doubt("dissent", tuple(id for id in dissent if dissent[id] == ways), {"ways": list(ways)})


# --- the tables -----------------------------------------------------------------------------------------------------


def _column_votes(
    words: Words, form: Form, table: str, top: int, marks: SheetMarks, named: Mapping[str, Merge]
) -> Iterator[tuple[str, dict[Way, int]]]:
    """Yield the columns of a table, each with the column of the sheet that each way names for it."""
    for id, header in headers(form, table).items():
        votes: dict[Way, int] = {}
        if header.column_id in marks.columns:
            votes["marks"] = marks.columns[header.column_id]
        if header.name in named:
            votes["name"] = named[header.name].column
        under = [column for row, column in words.get(header.label, ()) if row == top] if header.label else []
        if len(under) == header.times:
            votes["label"] = under[header.nth]
        yield id, votes


def _elect_columns(votes: Mapping[str, Mapping[Way, int]]) -> dict[str, int]:
    """Return the sheet's column of each answer.

    Of two answers that claim the same column, the one that more ways name has it; with equal votes neither has.
    """
    claims_by_column: dict[int, list[tuple[int, str]]] = {}
    for id, ballot in votes.items():
        winner = majority(ballot)
        if winner is not None:
            claims_by_column.setdefault(winner, []).append(([*ballot.values()].count(winner), id))
    elected: dict[str, int] = {}
    for at, claims in claims_by_column.items():
        claims.sort(reverse=True)
        if len(claims) == 1 or claims[0][0] > claims[1][0]:
            elected[claims[0][1]] = at
    return {id: elected[id] for id in votes if id in elected}


def _header_row(words: Words, form: Form, table: str, named: Mapping[str, Merge], marks: SheetMarks) -> int:
    """Return the row that holds most of a table's labels; -1 for none.

    Of two rows with as many labels it is the one nearest to the row above the range of the table's name. Without the
    labels it is that row, or in a form with a single table the row above the first row key.
    """
    wanted = {header.label for header in headers(form, table).values() if header.label}
    rows = Counter(row for label in wanted for row, _ in words.get(label, ()))
    expected = named[table].row - 1 if table in named else -1
    if expected < 0 and len(form.tables) == 1:
        expected = min(marks.keys, default=0) - 1
    rows = Counter({row: count for row, count in rows.items() if 2 * count > len(wanted)})
    return min(rows, key=lambda row: (-rows[row], abs(row - expected), row), default=expected)


def _end_row(words: Words, form: Form, table: str, tops: Mapping[str, int], marks: SheetMarks) -> int:
    """Return the first row below a table in which something else of the form stands; a very large one for none.

    ``tops``: the header rows of all tables.
    """
    top = tops[table]
    ends = [row for row in marks.ids.values() if row > top]
    ends += [other for id, other in tops.items() if id != table and other > top]
    for label in words_below(form, table):
        ends += [row for row, _ in words.get(label, ()) if row > top and row not in marks.keys]
    return min(ends, default=1 << 30)


def _locate_panel(words: Words) -> Panel:
    """Return the column in which most words of the panel stand, and the rows of those that stand elsewhere."""
    places = [place for text in panel_words() for place in words.get(text, ())]
    if not places:
        return Panel()
    column = Counter(column for _, column in places).most_common(1)[0][0]
    return Panel(column, frozenset(row for row, at in places if at != column))


def _locate_lines(form: Form, marks: SheetMarks) -> Iterator[tuple[str, Place]]:
    """Yield the cells of the title, of the line that names the unit, and of other words that vary."""
    for word, (row_id, column_id) in _line_ids(form).items():
        row, column = marks.ids.get(row_id), marks.columns.get(column_id)
        if row is not None and column is not None:
            yield word, (row, column)


@lru_cache(maxsize=64)
def _line_ids(form: Form) -> Mapping[str, tuple[str, str]]:
    """Return the row id and column id of the title, of the line that names the unit, and of other words that vary."""
    blank = blank_layout(form)
    ids = row_ids(blank)
    line_ids: dict[str, tuple[str, str]] = {}
    for box in blank.boxes:
        if word := _line_word(box):
            line_ids.setdefault(word, (ids[box.row], f"c{box.column - blank.first_column + 1}"))
    return line_ids


def _line_word(box: Box) -> str:
    """Return the word by which a line that varies is known; empty for words that do not vary."""
    if box.role == "title":
        return "title"
    if all(word in box.text for word in ("unit.code", "unit.name")):
        return "unit"
    return box.text if "{" in box.text else ""
