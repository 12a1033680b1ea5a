"""Where the answers stand on a returned sheet: three marks are asked and take a vote; addresses are never trusted.

A head field is found by its row id and column id (the marks), by its defined name, and by its visible label; a table's
column likewise, its rows by their row keys. Where the marks disagree, the majority is believed and the dissent is said;
where none has one, or where two fields are pointed at one cell, the field counts as not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.submission import Doubt
from perfxl.workbook.ooxml.cells import Sheet, Workbook
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.reading.ballots import Way, cast_ballot, elect, find_dissent, find_swapped, majority, ways_against
from perfxl.workbook.reading.marks import SheetMarks, find_marks
from perfxl.workbook.reading.recognise import Recognised, recognised, target
from perfxl.workbook.reading.rows import Row, rows_of
from perfxl.workbook.reading.words import Words, anchors, below, headers, panel_words
from perfxl.workbook.sheet.identity import Identity
from perfxl.workbook.sheet.names import row_ids


@dataclass(frozen=True, eq=False)
class Located:
    """A form sheet that was recognised, and where everything on it stands. Rows and columns from 0.

    ``disputed``: what was not found, or named elsewhere by every mark; ``strays``: what looks like a row key and stands
    in another column than they, by its row; ``panel_column``: where the panel stands, -1 without one;
    ``panel_strays``: the rows in which its words stand elsewhere.
    """

    sheet: Sheet
    form: Form
    version: str
    identity: Identity | None
    printed: str
    given: Mapping[str, object]
    sent: Mapping[str, str]
    head: Mapping[str, Place]
    columns: Mapping[str, Mapping[str, int]]
    tops: Mapping[str, int]
    rows: Mapping[str, tuple[Row, ...]]
    headers: Mapping[str, str]
    shown: Mapping[str, str]
    shown_at: Mapping[str, str]
    lines: Mapping[str, Place]
    mark_row: int
    key_column: int
    strays: Mapping[int, str]
    panel_column: int
    panel_strays: frozenset[int]
    lost: tuple[str, ...]
    disputed: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def locate(workbook: Workbook) -> Iterator[Located]:
    """Every form of the workbook, in its order."""
    return map(_located, recognised(workbook))


def _located(found: Recognised) -> Located:
    sheet, form, words = found.sheet, found.form, found.words
    marks = find_marks(sheet, form)
    named = {name[3:]: merge for name, text in found.names.items() if (merge := target(text))}
    known = found.known
    tops = {table: _header_row(words, form, table, named, marks) for table in form.tables}
    ends = {table: _end(words, form, table, tops, marks) for table in form.tables}
    ballots = {
        id: cast_ballot(sheet, words, form, anchor, marks, named.get(id)) for id, anchor in anchors(form).items()
    }
    head, disputed = elect(ballots, words, form, marks)
    columns: dict[str, dict[str, int]] = {}
    dissent = {**dict(find_dissent(ballots, head)), **dict(find_swapped(ballots, head, form))}
    for table in form.tables:
        votes = dict(_column_votes(words, form, table, tops[table], marks, named))
        columns[table] = _won(votes)
        path = form.tables[table].path
        disputed += [path(id) for id in votes if id not in columns[table]] + ([table] if tops[table] < 0 else [])
        dissent |= {path(id): against for id, at in columns[table].items() if (against := ways_against(votes[id], at))}
    rows = {
        table: rows_of(sheet, form.tables[table], tops[table], ends[table], marks.keys, columns[table])
        if tops[table] >= 0
        else ()
        for table in form.tables
    }
    lines = dict(_lines(form, marks))
    panel = Counter(column for _, column in _panel(words)).most_common(1)[0][0] if _panel(words) else -1
    doubts = [*found.doubts]
    if disputed:
        doubts.append(Doubt("not_found", tuple(disputed), {}, unsure=True))
    for ways in dict.fromkeys(dissent.values()):
        concerned = tuple(id for id in dissent if dissent[id] == ways)
        doubts.append(Doubt("dissent", concerned, {"ways": list(ways)}))
    return Located(
        sheet=sheet,
        form=form,
        version=found.version,
        identity=known.identity if known else None,
        printed=found.printed,
        given=known.given if known else {},
        sent=known.sent if known else {},
        head=head,
        columns=columns,
        tops=tops,
        rows=rows,
        headers=dict(_headers(sheet, tops, columns)),
        shown={word: text for word, at in lines.items() if word in ("title", "unit") and (text := sheet.text(*at))},
        shown_at={word: address(*at) for word, at in lines.items() if word == "unit"},
        lines=lines,
        mark_row=marks.mark_row,
        key_column=marks.key_column,
        strays=marks.strays,
        panel_column=panel,
        panel_strays=frozenset(row for row, column in _panel(words) if column != panel),
        lost=found.lost,
        disputed=tuple(disputed),
        doubts=tuple(doubts),
    )


# --- the head -------------------------------------------------------------------------------------------------------

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


def _won(votes: Mapping[str, Mapping[Way, int]]) -> dict[str, int]:
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
    for label in below(form, table):
        ends += [row for row, _ in words.get(label, ()) if row > top and row not in marks.keys]
    return min(ends, default=1 << 30)


def _panel(words: Words) -> list[Place]:
    """Where the words of the panel stand."""
    return [place for text in panel_words() for place in words.get(text, ())]


def _headers(
    sheet: Sheet, tops: Mapping[str, int], columns: Mapping[str, Mapping[str, int]]
) -> Iterator[tuple[str, str]]:
    for table, places in columns.items():
        for id, column in places.items():
            yield f"{table}.{id}", sheet.text(tops[table], column)


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
