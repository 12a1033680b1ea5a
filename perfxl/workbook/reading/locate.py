"""Where the answers stand on a returned sheet: three marks are asked and take a vote; addresses are never trusted.

A head field is found by its row id and column id (the marks), by its defined name, and by its visible label; a table's
column likewise, its rows by their row keys. Where the marks disagree, the majority is believed and the dissent is said;
where none has one, or where two fields are pointed at one cell, the field counts as not found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.submission import Doubt
from perfxl.workbook.ooxml.cells import Sheet, Workbook
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.reading.recognise import Recognised, recognised, target
from perfxl.workbook.reading.rows import KEY, Row, rows_of
from perfxl.workbook.reading.words import Anchor, Words, anchors, below, headers, labels, panel_words
from perfxl.workbook.sheet.identity import Identity
from perfxl.workbook.sheet.names import row_ids

Way = Literal["marks", "name", "label"]
"""The ways to find a cell."""


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
    marks = _marks(sheet, form)
    named = {name[3:]: merge for name, text in found.names.items() if (merge := target(text))}
    known = found.known
    tops = {table: _header_row(words, form, table, named, marks) for table in form.tables}
    ends = {table: _end(words, form, table, tops, marks) for table in form.tables}
    ballots = {id: _ballot(sheet, words, form, anchor, marks, named.get(id)) for id, anchor in anchors(form).items()}
    head, disputed = _elected(ballots, words, form, marks)
    columns: dict[str, dict[str, int]] = {}
    dissent = {**dict(_dissent(ballots, head)), **dict(_swapped(ballots, head, form))}
    for table in form.tables:
        votes = dict(_column_votes(words, form, table, tops[table], marks, named))
        columns[table] = _won(votes)
        path = form.tables[table].path
        disputed += [path(id) for id in votes if id not in columns[table]] + ([table] if tops[table] < 0 else [])
        dissent |= {path(id): against for id, at in columns[table].items() if (against := _against(votes[id], at))}
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


@dataclass(frozen=True)
class _Marks:
    """The mark row and mark column as found: column id → column, row id → row, row key → row.

    ``mark_row`` is -1 where there is none; ``strays``: what looks like a row key in another column, by its row.
    """

    mark_row: int
    key_column: int
    columns: Mapping[str, int]
    ids: Mapping[str, int]
    keys: Mapping[int, str]
    strays: Mapping[int, str]

    def denies(self, anchor: Anchor, place: Place) -> bool:
        """Whether the marks say that another row or column of the form stands there."""
        ids = {row: id for id, row in self.ids.items()}
        columns = {column: id for id, column in self.columns.items()}
        return (
            ids.get(place[0], anchor.row_id) != anchor.row_id
            or place[0] in self.keys
            or columns.get(place[1], anchor.column_id) != anchor.column_id
        )


_SHORT = 8  # characters: no mark is longer


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    """What a short text may be: a column id, a row id, a row key, or nothing."""
    if re.fullmatch(r"[cr]\d+", text):
        return text[0]
    return "key" if KEY.fullmatch(text) else ""


def _marks(sheet: Sheet, form: Form) -> _Marks:
    found: dict[str, dict[Place, str]] = {"c": {}, "r": {}, "key": {}}
    for at, text in sheet.texts.items():
        if len(text) <= _SHORT and (kind := _kind(text)):
            found[kind][at] = text
    column_ids, row_ids_, keys = found.values()
    mark_row = Counter(row for row, _ in column_ids).most_common(1)[0][0] if column_ids else -1
    below = Counter(column for _, column in [*row_ids_, *keys])
    side = 0 if form.sheet.key == "before" else form.sheet.column + len(form.sheet.columns)
    key_column = below.most_common(1)[0][0] if below else side
    return _Marks(
        mark_row=mark_row,
        key_column=key_column,
        columns=_once((text, column) for (row, column), text in column_ids.items() if row == mark_row),
        ids=_once((text, row) for (row, column), text in row_ids_.items() if column == key_column),
        keys={row: text for (row, column), text in keys.items() if column == key_column},
        strays={row: text for (row, column), text in keys.items() if column != key_column},
    )


def _once(found: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The ids that stand in one place only."""
    listed = list(found)
    times = Counter(text for text, _ in listed)
    return {text: at for text, at in listed if times[text] == 1}


# --- the head -------------------------------------------------------------------------------------------------------

Ballot = dict[Way, Place]


def _ballot(
    sheet: Sheet, words: Words, form: Form, anchor: Anchor, marks: _Marks, named: Merge | None
) -> Ballot:
    """The cell that each way names for a field; a way that finds nothing abstains."""
    ballot: Ballot = {}
    if anchor.row_id in marks.ids and anchor.column_id in marks.columns:
        ballot["marks"] = marks.ids[anchor.row_id], marks.columns[anchor.column_id]
    if named:
        ballot["name"] = named.row, named.column
    places = words.get(anchor.label, []) if anchor.label else []
    if len(places) != anchor.times:  # somebody's answer may read like a label: that one is no locked cell
        places = [place for place in places if sheet.locked(*place)]
    if places and len(places) == anchor.times:
        row, column = places[anchor.nth]
        place = row + anchor.down, column + anchor.right
        others = set(ballot.values())
        if others and others != {place}:
            # rows or columns that were put in between move the answer away from its label, not out of its reach
            reached = (each for each in ballot.values() if _reaches(words, form, places[anchor.nth], anchor, each))
            place = next(reached, place)
        ballot["label"] = place
    return ballot


def _reaches(words: Words, form: Form, label: Place, anchor: Anchor, place: Place) -> bool:
    """Whether a label's answer may stand there: on its side, with no other label in between."""
    others = {each for text in labels(form) for each in words.get(text, ())} - {label}
    row, column = label
    if place in others or any(row < down <= place[0] and across == column for down, across in others):
        return False
    if anchor.right:
        beside = place[0] >= row + anchor.down and place[1] > column
        return beside and not any(down == place[0] and column < across < place[1] for down, across in others)
    under = place[0] > row and place[1] >= column
    return under and not any(down == row and column < across <= place[1] for down, across in others)


def _elected(
    ballots: Mapping[str, Ballot], words: Words, form: Form, marks: _Marks
) -> tuple[dict[str, Place], list[str]]:
    """The cell of each field; and the fields that have none."""
    known = {place for label in labels(form) for place in words.get(label, ())}
    won: dict[Place, list[tuple[int, str]]] = {}
    winner: Place | None
    for id, ballot in ballots.items():
        winner = _vote(ballot)
        # where a row is gone, the label that is left points at the next one: no answer stands in a label's cell
        if winner is None or winner in known:
            continue
        voices = sum(place == winner for place in ballot.values())
        if voices == 1 and len(ballot) == 1 and "label" in ballot and marks.denies(anchors(form)[id], winner):
            continue
        won.setdefault(winner, []).append((voices, id))
    head: dict[str, Place] = {}
    for place, claims in won.items():
        claims.sort(reverse=True)
        if len(claims) == 1 or claims[0][0] > claims[1][0]:
            head[claims[0][1]] = place
    return {id: head[id] for id in ballots if id in head}, [id for id in ballots if id not in head]


def _vote(ballot: Mapping[Way, Place] | Mapping[Way, int]) -> Any:
    """What most ways name; None where each names another, or none anything."""
    votes = [*ballot.values()]
    if not votes:
        return None
    if votes.count(votes[0]) == len(votes):
        return votes[0]
    (winner, count), *others = Counter(votes).most_common()
    return None if others and others[0][1] == count else winner


def _dissent(ballots: Mapping[str, Ballot], head: Mapping[str, Place]) -> Iterator[tuple[str, tuple[Way, ...]]]:
    """The fields of which a way names another cell, and those whose cell another field's way names."""
    claimed: dict[Place, tuple[Way, ...]] = {}
    for id, ballot in ballots.items():
        place = head.get(id)
        for way, named in ballot.items():
            if named != place:
                claimed[named] = (*claimed.get(named, ()), way)
    for id, place in head.items() if claimed else ():
        if against := (*_against(ballots[id], place), *claimed.get(place, ())):
            yield id, tuple(dict.fromkeys(against))


def _swapped(
    ballots: Mapping[str, Ballot], head: Mapping[str, Place], form: Form
) -> Iterator[tuple[str, tuple[Way, ...]]]:
    """The fields of a line that only their labels tell apart, where these stand in another order than they should."""
    lines: dict[str, list[tuple[int, str]]] = {}
    for id, ballot in ballots.items():
        if id in head and ballot.keys() == {"label"}:
            anchor = anchors(form)[id]
            lines.setdefault(anchor.row_id, []).append((int(anchor.column_id[1:]), id))
    for found in lines.values():
        ids = [id for _, id in sorted(found)]
        if ids != sorted(ids, key=lambda id: head[id][1]):
            yield from ((id, ("label",)) for id in ids)


def _against(ballot: Mapping[Way, Place] | Mapping[Way, int], believed: object) -> tuple[Way, ...]:
    """The ways that named something else than what is believed."""
    return tuple(way for way, named in ballot.items() if named != believed)


# --- the tables -----------------------------------------------------------------------------------------------------


def _column_votes(
    words: Words, form: Form, table: str, top: int, marks: _Marks, named: Mapping[str, Merge]
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
        winner = _vote(ballot)
        if winner is not None:
            claims.setdefault(winner, []).append(([*ballot.values()].count(winner), id))
    best = {at: sorted(each, reverse=True) for at, each in claims.items()}
    won = {each[0][1]: at for at, each in best.items() if len(each) == 1 or each[0][0] > each[1][0]}
    return {id: won[id] for id in votes if id in won}


def _header_row(words: Words, form: Form, table: str, named: Mapping[str, Merge], marks: _Marks) -> int:
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


def _end(words: Words, form: Form, table: str, tops: Mapping[str, int], marks: _Marks) -> int:
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


def _lines(form: Form, marks: _Marks) -> Iterator[tuple[str, Place]]:
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
