"""Where the answers stand on a returned sheet: three marks are asked and take a vote; addresses are never trusted.

A head field is found by its row id and column id (the marks), by its defined name, and by its visible label; a table's
column likewise, its rows by their row keys. Where the marks disagree, the majority is believed and the dissent is said;
where none has one, or where two fields are pointed at one cell, the field counts as not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
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
    """Where a table stands: its header row (-1 where it was not found), its columns, its rows. Counted from 0."""

    top: int
    columns: Mapping[str, int]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class Panel:
    """Where the panel's words stand: their column, -1 without any; the rows in which some stand in another column."""

    column: int = -1
    strays: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class LocatedSheet:
    """A form sheet that was recognised, and where everything on it stands. Rows and columns from 0.

    ``lines``: the cells of the title, of the line that names the unit, and of other words that vary; ``disputed``: the
    answers that were not found, or named elsewhere by every mark.
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
        """The sheet that came back."""
        return self.recognised.sheet

    @property
    def form(self) -> Form:
        """The form that it is."""
        return self.recognised.form

    def line(self, word: str) -> str:
        """What stands in a line that varies (``title``, ``unit``); empty where it was not found."""
        return self.sheet.text(*self.lines[word]) if word in self.lines else ""


def locate_sheets(workbook: Workbook) -> Iterator[LocatedSheet]:
    """Every form of the workbook, in its order."""
    return map(_locate_sheet, recognise_sheets(workbook))


def _locate_sheet(found: RecognisedSheet) -> LocatedSheet:
    marks = find_marks(found.sheet, found.form)
    named = {name[3:]: merge for name, text in found.names.items() if (merge := parse_target(text))}
    head, dissent, disputed = _head(found, marks, named)
    tables, against, missing = _tables(found, marks, named)
    disputed += missing
    return LocatedSheet(
        recognised=found,
        head=head,
        tables=tables,
        lines=dict(_lines(found.form, marks)),
        marks=marks,
        panel=_panel(found.words),
        disputed=tuple(disputed),
        doubts=(*found.doubts, *_doubts(disputed, {**dissent, **against})),
    )


def _head(
    found: RecognisedSheet, marks: SheetMarks, named: Mapping[str, Merge]
) -> tuple[dict[str, Place], dict[str, tuple[Way, ...]], list[str]]:
    """The cells of the head's fields, the ways that named other cells, and the fields that have no cell."""
    form, words = found.form, found.words
    ballots = {
        id: cast_ballot(found.sheet, words, form, anchor, marks, named.get(id)) for id, anchor in anchors(form).items()
    }
    head, disputed = elect(ballots, words, form, marks)
    return head, {**dict(find_dissent(ballots, head)), **dict(find_swapped(ballots, head, form))}, disputed


def _tables(
    found: RecognisedSheet, marks: SheetMarks, named: Mapping[str, Merge]
) -> tuple[dict[str, LocatedTable], dict[str, tuple[Way, ...]], list[str]]:
    """The tables, the ways that named other columns, and the columns and tables that were not found."""
    form, words = found.form, found.words
    tops = {table: _header_row(words, form, table, named, marks) for table in form.tables}
    tables: dict[str, LocatedTable] = {}
    against: dict[str, tuple[Way, ...]] = {}
    missing: list[str] = []
    for table, asked in form.tables.items():
        votes = dict(_column_votes(words, form, table, tops[table], marks, named))
        columns = _elect_columns(votes)
        missing += [asked.path(id) for id in votes if id not in columns] + ([table] if tops[table] < 0 else [])
        against |= {asked.path(id): ways for id, at in columns.items() if (ways := ways_against(votes[id], at))}
        end = _end(words, form, table, tops, marks)
        rows = find_rows(found.sheet, asked, tops[table], end, marks.keys, columns) if tops[table] >= 0 else ()
        tables[table] = LocatedTable(tops[table], columns, rows)
    return tables, against, missing


def _doubts(disputed: Sequence[str], dissent: Mapping[str, tuple[Way, ...]]) -> Iterator[Doubt]:
    """What was not found, and where the marks name different cells; one doubt for each kind of dissent."""
    if disputed:
        yield Doubt("not_found", tuple(disputed), {}, unsure=True)
    for ways in dict.fromkeys(dissent.values()):
        yield Doubt("dissent", tuple(id for id in dissent if dissent[id] == ways), {"ways": list(ways)})


# --- the tables -----------------------------------------------------------------------------------------------------


def _column_votes(
    words: Words, form: Form, table: str, top: int, marks: SheetMarks, named: Mapping[str, Merge]
) -> Iterator[tuple[str, dict[Way, int]]]:
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
    """The column of each answer; of two that are pointed at one, the one that more ways name."""
    claims: dict[int, list[tuple[int, str]]] = {}
    for id, ballot in votes.items():
        winner = majority(ballot)
        if winner is not None:
            claims.setdefault(winner, []).append(([*ballot.values()].count(winner), id))
    best = {at: sorted(each, reverse=True) for at, each in claims.items()}
    won = {each[0][1]: at for at, each in best.items() if len(each) == 1 or each[0][0] > each[1][0]}
    return {id: won[id] for id in votes if id in won}


def _header_row(words: Words, form: Form, table: str, named: Mapping[str, Merge], marks: SheetMarks) -> int:
    """The row that holds most of the table's labels; where two hold as many, the one its name stands under.

    Without the labels, the row above its name, or above the first row key of a form's only table; -1 for none.
    """
    wanted = {header.label for header in headers(form, table).values() if header.label}
    rows = Counter(row for label in wanted for row, _ in words.get(label, ()))
    expected = named[table].row - 1 if table in named else -1
    if expected < 0 and len(form.tables) == 1:
        expected = min(marks.keys, default=0) - 1
    rows = Counter({row: count for row, count in rows.items() if 2 * count > len(wanted)})
    return min(rows, key=lambda row: (-rows[row], abs(row - expected), row), default=expected)


def _end(words: Words, form: Form, table: str, tops: Mapping[str, int], marks: SheetMarks) -> int:
    """The first row below a table in which something else of the form stands."""
    top = tops[table]
    ends = [row for row in marks.ids.values() if row > top]
    ends += [other for id, other in tops.items() if id != table and other > top]
    for label in words_below(form, table):
        ends += [row for row, _ in words.get(label, ()) if row > top and row not in marks.keys]
    return min(ends, default=1 << 30)


def _panel(words: Words) -> Panel:
    """Where the words of the panel stand."""
    places = [place for text in panel_words() for place in words.get(text, ())]
    if not places:
        return Panel()
    column = Counter(column for _, column in places).most_common(1)[0][0]
    return Panel(column, frozenset(row for row, at in places if at != column))


def _lines(form: Form, marks: SheetMarks) -> Iterator[tuple[str, Place]]:
    """Where the title stands, the line that names the unit, and what else varies from sheet to sheet."""
    for word, (row_id, column_id) in _line_ids(form).items():
        row, column = marks.ids.get(row_id), marks.columns.get(column_id)
        if row is not None and column is not None:
            yield word, (row, column)


@lru_cache(maxsize=64)
def _line_ids(form: Form) -> Mapping[str, tuple[str, str]]:
    """The row id and column id of the title, of the line that names the unit, and of other words that vary."""
    blank = blank_layout(form)
    ids = row_ids(blank)
    found: dict[str, tuple[str, str]] = {}
    for box in blank.boxes:
        unit = all(word in box.text for word in ("unit.code", "unit.name"))
        word = "title" if box.role == "title" else "unit" if unit else box.text if "{" in box.text else ""
        if word:
            found.setdefault(word, (ids[box.row], f"c{box.column - blank.first_column + 1}"))
    return found
