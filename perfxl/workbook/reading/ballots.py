"""The vote on the cell of a head field: marks, names and labels each name a cell, and the majority is believed.

A head field is an answer that stands once on the form, outside of its tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from perfxl.form.form import Form
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import Merge
from perfxl.workbook.reading.marks import SheetMarks
from perfxl.workbook.reading.words import Anchor, Words, anchors, labels

Way = Literal["marks", "name", "label"]
"""The ways to find a cell: by the hidden row and column ids, by a defined name, by the visible label."""


Ballot = dict[Way, Place]
"""The cell that each way names for one field; a way that finds nothing is missing."""


def cast_ballot(
    sheet: Worksheet, words: Words, form: Form, anchor: Anchor, marks: SheetMarks, named: Merge | None
) -> Ballot:
    """Return the cell that each way names for a field; a way that finds nothing abstains.

    The label's vote gives way: if another way names a cell that can still belong to the label (see ``_reaches``), the
    label votes for it too, so that a row or column put in between causes no dissent.

    ``words``: the texts of the sheet and where they stand; ``named``: the range of the field's defined name.
    """
    ballot: Ballot = {}
    if anchor.row_id in marks.row_ids and anchor.column_id in marks.columns:
        ballot["marks"] = marks.row_ids[anchor.row_id], marks.columns[anchor.column_id]
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
            label = places[anchor.nth]
            reached = (other for other in ballot.values() if _reaches(words, form, label, anchor, other))
            place = next(reached, place)
        ballot["label"] = place
    return ballot


def _reaches(words: Words, form: Form, label: Place, anchor: Anchor, place: Place) -> bool:
    """Return True if a cell may hold a label's answer.

    It stands beside or below the label, as in the form, with no other label in between.
    """
    others = {at for text in labels(form) for at in words.get(text, ())} - {label}
    (row, column), (to_row, to_column) = label, place
    if place in others or any(row < other <= to_row and across == column for other, across in others):
        return False
    if anchor.right:
        beside = to_row >= row + anchor.down and to_column > column
        return beside and not any(other == to_row and column < across < to_column for other, across in others)
    under = to_row > row and to_column >= column
    return under and not any(other == row and column < across <= to_column for other, across in others)


def elect(
    ballots: Mapping[str, Ballot], words: Words, form: Form, marks: SheetMarks
) -> tuple[dict[str, Place], list[str]]:
    """Return the cell of each field, and the fields that have none.

    Of two fields that win the same cell, the one with more votes has it; with equal votes neither has.
    """
    label_places = {place for label in labels(form) for place in words.get(label, ())}
    claims_by_place: dict[Place, list[tuple[int, str]]] = {}
    winner: Place | None
    for id, ballot in ballots.items():
        winner = majority(ballot)
        # where the answer's row was deleted, its label points at the next label: no answer stands in a label's cell
        if winner is None or winner in label_places:
            continue
        votes = sum(place == winner for place in ballot.values())
        # a label that votes alone does not prevail over marks that place something else there
        if ballot.keys() == {"label"} and marks.denies(anchors(form)[id], winner):
            continue
        claims_by_place.setdefault(winner, []).append((votes, id))
    head: dict[str, Place] = {}
    for place, claims in claims_by_place.items():
        claims.sort(reverse=True)
        if len(claims) == 1 or claims[0][0] > claims[1][0]:
            head[claims[0][1]] = place
    return {id: head[id] for id in ballots if id in head}, [id for id in ballots if id not in head]


def majority(ballot: Mapping[Way, Place] | Mapping[Way, int]) -> Any:
    """Return the cell or column that most ways name; None for a tie or without any vote."""
    votes = [*ballot.values()]
    if not votes:
        return None
    if votes.count(votes[0]) == len(votes):
        return votes[0]
    (winner, count), *others = Counter(votes).most_common()
    return None if others and others[0][1] == count else winner


def find_dissent(ballots: Mapping[str, Ballot], head: Mapping[str, Place]) -> Iterator[tuple[str, tuple[Way, ...]]]:
    """Yield the fields about which the ways disagree, with the ways that dissent.

    A field is listed if a way names another cell for it, or if a way of another field names its cell.
    """
    claimed: dict[Place, tuple[Way, ...]] = {}
    for id, ballot in ballots.items():
        place = head.get(id)
        for way, named in ballot.items():
            if named != place:
                claimed[named] = (*claimed.get(named, ()), way)
    for id, place in head.items() if claimed else ():
        if against := (*ways_against(ballots[id], place), *claimed.get(place, ())):
            yield id, tuple(dict.fromkeys(against))


def find_swapped(
    ballots: Mapping[str, Ballot], head: Mapping[str, Place], form: Form
) -> Iterator[tuple[str, tuple[Way, ...]]]:
    """Yield the fields of a form row that are known by their labels alone and stand in the wrong order."""
    fields_by_row: dict[str, list[tuple[int, str]]] = {}
    for id, ballot in ballots.items():
        if id in head and ballot.keys() == {"label"}:
            anchor = anchors(form)[id]
            fields_by_row.setdefault(anchor.row_id, []).append((int(anchor.column_id[1:]), id))
    for fields in fields_by_row.values():
        ids = [id for _, id in sorted(fields)]
        if ids != sorted(ids, key=lambda id: head[id][1]):
            yield from ((id, ("label",)) for id in ids)


def ways_against(ballot: Mapping[Way, Place] | Mapping[Way, int], believed: object) -> tuple[Way, ...]:
    """Return the ways that named something other than what is believed."""
    return tuple(way for way, named in ballot.items() if named != believed)
