"""Location of the answers on a returned sheet by a vote of three ways to find them; cell addresses are never trusted.

A field of the head is found by its row id and column id (the marks), by its defined name, and by its visible label; a
table's column likewise, and the table's rows by their row keys. Where the ways disagree, the majority is believed and
the dissent is reported. Of two fields located in one cell, the one with more votes has it. A field without a majority,
or with as many votes for its cell as another field, counts as not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from perfxl.form.characters import squeeze
from perfxl.form.form import Field, Form
from perfxl.form.layout import Box, blank_layout
from perfxl.form.table_rows import SumsRow
from perfxl.form.ticks import cell_ids, on_sheet
from perfxl.submission import Doubt
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import Merge
from perfxl.workbook.reading.ballots import Way, cast_ballot, elect, find_dissent, find_swapped, majority, ways_against
from perfxl.workbook.reading.marks import SheetMarks, find_marks
from perfxl.workbook.reading.merges import find_shared_cells
from perfxl.workbook.reading.recognise import RecognisedSheet, parse_target, recognise_sheets
from perfxl.workbook.reading.rows import KEY, TableRow, find_rows
from perfxl.workbook.reading.sums import find_sums
from perfxl.workbook.reading.words import Header, Words, anchors, header_words, headers, panel_words, words_below
from perfxl.workbook.sheet.names import row_ids

BELOW_ALL = 1 << 30
"""A row below every row that a sheet can have."""


@dataclass(frozen=True, eq=False)
class LocatedTable:
    """The place of a table on a sheet, counted from 0.

    ``top``: the last row of its labels, -1 where that was not found; ``columns``: the column of each field; ``rows``:
    its rows; ``shared``: the blank cells beneath a merge down a column, each with the first cell, which serves its row,
    too; ``sums``: the rows of sums, as the form has them; ``last``: the last row of its header.
    """

    top: int
    columns: Mapping[str, int]
    rows: tuple[TableRow, ...]
    shared: Mapping[Place, Place]
    sums: Mapping[int, SumsRow]
    last: int


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

    ``head``: the cells of the head's fields; ``varying_texts``: the cells of the title (``title``), of the line that
    names the unit (``unit``) and of other texts that vary, by the text as the form has it, with its ``{ }``;
    ``unfound``: the paths of fields and columns without a cell of their own, and the ids of tables without a header.
    """

    recognised: RecognisedSheet
    head: Mapping[str, Place]
    tables: Mapping[str, LocatedTable]
    varying_texts: Mapping[str, Place]
    marks: SheetMarks
    panel: Panel
    unfound: tuple[str, ...]
    doubts: tuple[Doubt, ...]

    @property
    def sheet(self) -> Worksheet:
        """The returned sheet."""
        return self.recognised.sheet

    @cached_property
    def row_keys(self) -> Mapping[int, str]:
        """The keys (行码) of the rows that have one."""
        column = self.marks.mark_column
        texts = {row: text for (row, at), text in self.sheet.texts.items() if at == column}
        return {row: text for row, text in texts.items() if KEY.fullmatch(text)}

    def row_key(self, place: Place) -> str:
        """Return the row key of the row of a table in which a cell stands; empty for none."""
        return self.keys_beside.get(place, self.row_keys.get(place[0], ""))

    def key_column(self, place: Place) -> int:
        """Return the column of the row keys of the table in which a cell stands; that of the marks for others."""
        return self._columns_beside.get(place, self.marks.mark_column)

    @cached_property
    def keys_beside(self) -> Mapping[Place, str]:
        """The row key of each cell of the tables that stand to the right of another."""
        beside = [table for id, table in self.tables.items() if self.form.rank(id)]
        sums = {(row, at): "" for table in beside for row in table.sums for at in table.columns.values()}
        keys = {(row.row, at): row.key for table in beside for row in table.rows for at in table.columns.values()}
        return {**sums, **keys}

    @cached_property
    def _columns_beside(self) -> Mapping[Place, int]:
        """The column of row keys of each cell of the tables that stand to the right of another."""
        return {
            (row.row, at): keys
            for id, table in self.tables.items()
            if self.form.rank(id) and (keys := self.marks.keys_of(self.form.rank(id)).column) >= 0
            for row in table.rows
            for at in table.columns.values()
        }

    @property
    def form(self) -> Form:
        """The form that stands on the sheet, as its records hold it."""
        return self.recognised.form

    @property
    def cells_form(self) -> Form:
        """The same as the sheet asks it, with a cell for each answer: of those with tick columns one for each entry."""
        return on_sheet(self.form)

    def cells_of(self, table: str, asked: Field, row: int) -> list[Place]:
        """Return the cells of an answer; ``row``: where it stands, if in a table."""
        if not table:
            return [self.head[id] for id in cell_ids(asked) if id in self.head]
        columns = self.tables[table].columns
        return [(row, columns[id]) for id in cell_ids(asked) if id in columns]

    def varying_text(self, key: str) -> str:
        """Return a text that varies as it stands on the sheet (``title``, ``unit``); empty where it was not found."""
        return self.sheet.text(*self.varying_texts[key]) if key in self.varying_texts else ""


def locate_sheets(workbook: Workbook) -> Iterator[LocatedSheet]:
    """Locate every form of a workbook, in the order of its sheets."""
    return map(_locate_sheet, recognise_sheets(workbook))


def _locate_sheet(recognised: RecognisedSheet) -> LocatedSheet:
    marks = find_marks(recognised.sheet, recognised.form)
    targets = ((name.removeprefix("px."), parse_target(text)) for name, text in recognised.names.items())
    named = {name: target for name, target in targets if target}
    head, dissent, unfound = _locate_head(recognised, marks, named)
    tables, dissent_in_tables, unfound_in_tables = _locate_tables(recognised, marks, named)
    unfound += unfound_in_tables
    return LocatedSheet(
        recognised=recognised,
        head=head,
        tables=tables,
        varying_texts=dict(_locate_varying_texts(recognised.form, marks)),
        marks=marks,
        panel=_locate_panel(recognised.words),
        unfound=tuple(unfound),
        doubts=(*recognised.doubts, *_location_doubts(unfound, {**dissent, **dissent_in_tables})),
    )


def _locate_head(
    recognised: RecognisedSheet, marks: SheetMarks, named: Mapping[str, Merge]
) -> tuple[dict[str, Place], dict[str, tuple[Way, ...]], list[str]]:
    """Return the cells of the head's fields, the ways that named other cells, and the fields that have no cell.

    ``named``: the ranges of the sheet's defined names.
    """
    form, words = on_sheet(recognised.form), recognised.words
    ballots = {
        id: cast_ballot(recognised.sheet, words, form, anchor, marks, named.get(id))
        for id, anchor in anchors(form).items()
    }
    head, unfound = elect(ballots, words, form, marks)
    dissent = {**dict(find_dissent(ballots, head)), **dict(find_swapped(ballots, head, form))}
    dissent = {form.fields[id].whole.id: ways for id, ways in dissent.items()}
    return head, dissent, list(dict.fromkeys(form.fields[id].whole.id for id in unfound))


def _locate_tables(
    recognised: RecognisedSheet, marks: SheetMarks, named: Mapping[str, Merge]
) -> tuple[dict[str, LocatedTable], dict[str, tuple[Way, ...]], list[str]]:
    """Return the tables, the ways that named other columns, and the columns and tables that were not found."""
    form, words = on_sheet(recognised.form), recognised.words
    tops = {id: _header_row(words, form, id, named, marks) for id in form.tables}
    tables: dict[str, LocatedTable] = {}
    dissent: dict[str, tuple[Way, ...]] = {}
    unfound: list[str] = []
    for table_id, table in form.tables.items():
        top = tops[table_id]
        votes = dict(_column_votes(recognised, table_id, top, marks, named))
        columns = _elect_columns(votes)
        paths = {id: table.path(column.whole.id) for id, column in table.columns.items()}
        unfound += [*dict.fromkeys(paths[id] for id in votes if id not in columns)] + ([table_id] if top < 0 else [])
        dissent |= {paths[id]: ways for id, at in columns.items() if (ways := ways_against(votes[id], at))}
        end = _end_row(words, form, table_id, tops, marks)
        keys = marks.keys_of(form.rank(table_id)).keys
        last = _last_header_row(recognised.sheet, form, table_id, top, keys, columns.values())
        sums = find_sums(words, form, table_id, (last, end), marks, columns) if top >= 0 else {}
        rows = find_rows(recognised.sheet, table, (last, end), keys, columns, sums) if top >= 0 else ()
        shared = find_shared_cells(recognised.sheet, table, columns, rows)
        tables[table_id] = LocatedTable(top, columns, rows, shared, sums, last)
    return tables, dissent, unfound


def _location_doubts(unfound: Sequence[str], dissent: Mapping[str, tuple[Way, ...]]) -> Iterator[Doubt]:
    """Report the answers that were not found and those for which the ways name different cells.

    There is one doubt for each set of ways that dissent.
    """
    if unfound:
        yield Doubt("not_found", tuple(unfound), {}, unsure=True)
    for ways in dict.fromkeys(dissent.values()):
        yield Doubt("dissent", tuple(id for id in dissent if dissent[id] == ways), {"ways": list(ways)})


# --- the tables -----------------------------------------------------------------------------------------------------


def _column_votes(
    recognised: RecognisedSheet, table: str, top: int, marks: SheetMarks, named: Mapping[str, Merge]
) -> Iterator[tuple[str, dict[Way, int]]]:
    """Yield the columns of a table, each with the column of the sheet that each way names for it."""
    words, texts = recognised.words, recognised.sheet.texts
    for id, header in headers(recognised.form, table).items():
        votes: dict[Way, int] = {}
        if header.column_id in marks.columns:
            votes["marks"] = marks.columns[header.column_id]
        if header.name in named:
            votes["name"] = named[header.name].column
        labelled = words.get(header.label, ()) if header.label else ()
        under = [column for row, column in labelled if row == top - header.up]
        if header.up or header.outer:
            under = [column for column in under if _has_path(texts, header, top, column)]
        if len(under) == header.times:
            votes["label"] = under[header.nth]
        yield id, votes


def _has_path(texts: Mapping[Place, str], header: Header, top: int, column: int) -> bool:
    """Return True if a label in this column is a header's: below it is none, above it are the outer parts.

    Each of these may stand there for several columns.
    """
    row = top - header.up
    if any((below, column) in texts for below in range(row + 1, top + 1)):
        return False
    above = (_text_left(texts, (row - level, column)) for level in range(len(header.outer), 0, -1))
    return all(squeeze(text) == outer or not outer for text, outer in zip(above, header.outer, strict=True))


def _text_left(texts: Mapping[Place, str], place: Place) -> str:
    """Return the text in a cell, or in the nearest one to its left that has any; empty for none."""
    row, column = place
    return next((texts[row, at] for at in range(column, -1, -1) if (row, at) in texts), "")


_PUT_IN = 10
"""The most rows that people put into a header."""


def _last_header_row(
    sheet: Worksheet, form: Form, table: str, top: int, keys: Mapping[int, str], columns: Iterable[int]
) -> int:
    """Return the last row above a table's first key in which its labels or letters stand, and nothing else.

    ``top``: the last row of its labels, as they say; ``keys``: its row keys; ``columns``: the columns of its answers.
    """
    own = form.tables[table]
    if top < 0 or own.header_rows == 1:
        return top
    words = header_words(form, table)
    end = top + own.header_rows + _PUT_IN
    first = min((row for row in keys if top < row < end), default=end)
    values = ((row, [sheet.value(row, at) for at in columns]) for row in range(top + 1, first))
    filled = ((row, [value for value in found if value not in (None, "")]) for row, found in values)
    header = (row for row, found in filled if found and all(squeeze(str(value)) in words for value in found))
    return max(header, default=top)


def _elect_columns(votes: Mapping[str, Mapping[Way, int]]) -> dict[str, int]:
    """Return the sheet's column of each column of a table.

    Of two columns of the form that claim the same one, that with more votes has it; with equal votes neither has.
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
    """Return the last row of labels of a table's header: the one for which more than half of the labels speak.

    Of rows with as many, it is the one nearest to the expected row, which is also returned where no row has so many:
    the row above the range of the table's name, else in a form with a single table the row above the first row key,
    in both cases without the row of letters, else -1.
    """
    wanted = {(header.label, header.up) for header in headers(form, table).values() if header.label}
    rows = Counter(row + up for label, up in wanted for row, _ in words.get(label, ()))
    letters = form.tables[table].has_letters
    expected = named[table].row - 1 - letters if table in named else -1
    if expected < 0 and len(form.tables) == 1:
        expected = max(-1, min(marks.keys, default=0) - 1 - letters)
    rows = Counter({row: count for row, count in rows.items() if 2 * count > len(wanted)})
    return min(rows, key=lambda row: (-rows[row], abs(row - expected), row), default=expected)


def _end_row(words: Words, form: Form, table: str, tops: Mapping[str, int], marks: SheetMarks) -> int:
    """Return the first row below a table that belongs to another part of the form; ``BELOW_ALL`` for none.

    ``tops``: the header rows of all tables.
    """
    top = tops[table]
    ends = [row for row in marks.row_ids.values() if row > top]
    beside = form.side_by_side.get(table, (table,))
    ends += [other for id, other in tops.items() if id not in beside and other > top]
    for label in words_below(form, table):
        ends += [row for row, _ in words.get(label, ()) if row > top and row not in marks.keys]
    return min(ends, default=BELOW_ALL)


def _locate_panel(words: Words) -> Panel:
    """Return the column in which most words of the panel stand, and the rows of those that stand elsewhere."""
    places = [place for text in panel_words() for place in words.get(text, ())]
    if not places:
        return Panel()
    column = Counter(column for _, column in places).most_common(1)[0][0]
    return Panel(column, frozenset(row for row, at in places if at != column))


def _locate_varying_texts(form: Form, marks: SheetMarks) -> Iterator[tuple[str, Place]]:
    """Yield the cells of the texts that vary, by their keys (see ``LocatedSheet``)."""
    for key, (row_id, column_id) in _varying_text_ids(form).items():
        row, column = marks.row_ids.get(row_id), marks.columns.get(column_id)
        if row is not None and column is not None:
            yield key, (row, column)


@lru_cache(maxsize=64)
def _varying_text_ids(form: Form) -> Mapping[str, tuple[str, str]]:
    """Return the row id and column id of each text that varies, by its key (see ``LocatedSheet``)."""
    blank = blank_layout(form)
    ids = row_ids(blank)
    text_ids: dict[str, tuple[str, str]] = {}
    for box in blank.boxes:
        if (key := _varying_text_key(box)) and box.row in ids:  # a table's rows have no ids
            text_ids.setdefault(key, (ids[box.row], f"c{box.column - blank.first_column + 1}"))
    return text_ids


def _varying_text_key(box: Box) -> str:
    """Return the key of a text that varies (see ``LocatedSheet``); empty for a text that does not vary."""
    if box.role == "title":
        return "title"
    if all(word in box.text for word in ("unit.code", "unit.name")):
        return "unit"
    return box.text if "{" in box.text else ""
