"""The vote on where a head field stands: marks, names and labels each name a cell, and the majority is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from perfxl.form.form import Form
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.reading.marks import SheetMarks
from perfxl.workbook.reading.words import Anchor, Words, anchors, labels

Way = Literal["marks", "name", "label"]
"""The ways to find a cell."""


Ballot = dict[Way, Place]


def cast_ballot(
    sheet: Worksheet, words: Words, form: Form, anchor: Anchor, marks: SheetMarks, named: Merge | None
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


def elect(
    ballots: Mapping[str, Ballot], words: Words, form: Form, marks: SheetMarks
) -> tuple[dict[str, Place], list[str]]:
    """The cell of each field; and the fields that have none."""
    known = {place for label in labels(form) for place in words.get(label, ())}
    won: dict[Place, list[tuple[int, str]]] = {}
    winner: Place | None
    for id, ballot in ballots.items():
        winner = majority(ballot)
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


def majority(ballot: Mapping[Way, Place] | Mapping[Way, int]) -> Any:
    """What most ways name; None where each names another, or none anything."""
    votes = [*ballot.values()]
    if not votes:
        return None
    if votes.count(votes[0]) == len(votes):
        return votes[0]
    (winner, count), *others = Counter(votes).most_common()
    return None if others and others[0][1] == count else winner


def find_dissent(ballots: Mapping[str, Ballot], head: Mapping[str, Place]) -> Iterator[tuple[str, tuple[Way, ...]]]:
    """The fields of which a way names another cell, and those whose cell another field's way names."""
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


def ways_against(ballot: Mapping[Way, Place] | Mapping[Way, int], believed: object) -> tuple[Way, ...]:
    """The ways that named something else than what is believed."""
    return tuple(way for way, named in ballot.items() if named != believed)
