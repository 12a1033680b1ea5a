"""This year's records paired with last year's: by the lasting part of their codes, by name, else by likeness.

Every pair is one to one. Where two are equally good nothing is guessed: they are named, and the record stays unpaired.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from perfxl.form import code_scheme, library
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.last_year import OldTextReader
from perfxl.form.source import parse
from perfxl.form.types.code import Code

How = Literal[
    "alone", "number", "code_and_name", "renamed", "name", "likeness", "new", "code_or_name", "several", "taken"
]
"""By which mark a record has its former one.

``alone``: a unit has one record only; ``number``: the form has neither codes nor names; ``code_and_name``, ``name``:
these are the same; ``renamed``: the code is, the name is not; ``likeness``: the names are alike. Without a former one:
``new``; ``code_or_name``: code and name are two records'; ``several``: two are equally good; ``taken``: the one that it
resembles is another record's.
"""

DOUBTFUL = frozenset(("renamed", "likeness", "code_or_name", "several", "taken"))
"""The marks that a person must look at."""


class Marks(NamedTuple):
    """What a record is known by: its number, code and name, blank where it has none."""

    number: int
    code: str
    name: str


@dataclass(frozen=True)
class Pair:
    """A record of this year, by its place, with the former one, or None.

    ``likeness``: of the names, 0 to 100; ``rivals``: the places of the former records that it might be as well;
    ``beside``: the places of the listed records that these might be, too.
    """

    how: How
    former: int | None = None
    likeness: float = 0
    rivals: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


class NameLimits(NamedTuple):
    """The data of last-year.yaml; ``counted``, ``places``: patterns of what makes two names those of two records."""

    least_likeness: float
    clear_lead: float
    other_words: float
    counted: re.Pattern[str]
    places: re.Pattern[str]


@lru_cache(maxsize=1)
def limits() -> NameLimits:
    """Return the limits that ship with perfxl."""
    file = "last-year.yaml"
    numbers, words = ("least_likeness", "clear_lead", "other_words"), ("counted", "places", "no_places")
    entries = parse(library.path(file).read_text(encoding="utf-8"), file).entries((*numbers, *words))
    counted, places, no_places = ("|".join(item.text() for item in entries.sequence(name)) for name in words)
    return NameLimits(
        least_likeness=entries["least_likeness"].number(),
        clear_lead=entries["clear_lead"].number(),
        other_words=entries["other_words"].number(),
        counted=re.compile(rf"([一二三四五六七八九十\d]+)(?:{counted})"),
        places=re.compile(rf"(?<![\u4e00-\u9fff])(?!.{{0,2}}(?:{no_places}))([\u4e00-\u9fff]{{1,3}})(?:{places})"),
    )


def scheme_of(form: Form) -> code_scheme.CodeScheme | None:
    """Return the scheme of a form's codes, None where it names none."""
    kind = form.fields["code"].type if "code" in form.fields else None
    return code_scheme.load(kind.scheme) if isinstance(kind, Code) and kind.scheme else None


def lasting_code(code: str, scheme: code_scheme.CodeScheme | None) -> str:
    """Return the part of a code that stays over the years: its serial; the whole code where it is of no scheme."""
    bare = squeeze(code).upper()
    return scheme.part(bare, "serial") if scheme and code_scheme.matches(bare, scheme) else bare


class Names:
    """The names of two years as they are compared."""

    def __init__(self, reader: OldTextReader) -> None:
        self.reader = reader
        self.plain = lru_cache(maxsize=None)(self._plain)
        self.core = lru_cache(maxsize=None)(lambda name: reader.core(self.plain(name)))

    def _plain(self, name: str) -> str:
        return self.reader.plain_name(name) or squeeze(name)

    def likeness(self, one: str, other: str) -> float:
        """Return how alike the words are that say what two names are about, 0 to 100."""
        from rapidfuzz import fuzz

        short, long = sorted((self.core(one), self.core(other)), key=len)
        if not short or _are_apart(short, long):
            return 0
        ratio = fuzz.ratio(short, long)
        return ratio if _stands_in(short, long) else max(0, ratio - limits().other_words)


def _stands_in(short: str, long: str) -> bool:
    """Return True if the characters of a text stand in another one, in their order."""
    rest = iter(long)
    return all(sign in rest for sign in short)


def _are_apart(one: str, other: str) -> bool:
    """Return True if two names have numbers before the same words, or places, and none in common."""
    for pattern in (limits().counted, limits().places):
        mine, theirs = {*pattern.findall(one)}, {*pattern.findall(other)}
        if mine and theirs and not mine & theirs:
            return True
    return False


def pair_records(listed: Sequence[Marks], former: Sequence[Marks], form: Form, reader: OldTextReader) -> list[Pair]:
    """Return the pair of each listed record of a unit; the surest mark decides first."""
    return _Pairing(listed, former, form, reader).pair()


class _Pairing:
    """The records of a unit in both years; ``pairs``: what is decided, by the place in the list."""

    def __init__(self, listed: Sequence[Marks], former: Sequence[Marks], form: Form, reader: OldTextReader) -> None:
        self.listed, self.former = listed, former
        self.names = Names(reader)
        self.form, self.scheme = form, scheme_of(form)
        self.pairs: dict[int, Pair] = {}
        self.taken: dict[int, int] = {}  # the place of a former record → that of the listed one that has it

    def pair(self) -> list[Pair]:
        """Decide about every record."""
        if {"code", "name"}.isdisjoint(self.form.fields):
            self._by_number()
        self._by_code()
        for key in (squeeze, self.names.plain):
            self._by_name(key)
        self._by_likeness()
        return [self.pairs.get(at) or self._new(at) for at in range(len(self.listed))]

    def _take(self, at: int, former: int, how: How) -> None:
        likeness = self.names.likeness(self.listed[at].name, self.former[former].name)
        self.pairs[at] = Pair(how, former, likeness)
        self.taken[former] = at

    def _leave(self, several: Mapping[int, Sequence[int]]) -> None:
        """Leave records unpaired; ``several``: for each the former ones that it might be."""
        for at, rivals in several.items():
            beside = (other for other, theirs in several.items() if other != at and {*rivals} & {*theirs})
            self.pairs[at] = Pair("several", rivals=tuple(rivals), beside=tuple(beside))

    def _by_number(self) -> None:
        there = {marks.number: at for at, marks in enumerate(self.former)}
        for at, marks in enumerate(self.listed):
            if (one := there.pop(marks.number, None)) is not None:
                self._take(at, one, "number")

    def _by_code(self) -> None:
        here = _places(self.listed, lambda marks: lasting_code(marks.code, self.scheme))
        there = _places(self.former, lambda marks: lasting_code(marks.code, self.scheme))
        namesakes = _places(self.former, self._plain_of)
        alone = [(at[0], there[code][0]) for code, at in here.items() if len(at) == len(there.get(code, ())) == 1]
        same = [pair for pair in alone if self._plain_of(self.listed[pair[0]]) == self._plain_of(self.former[pair[1]])]
        of_two = {at: namesakes.get(self._plain_of(self.listed[at]), []) for at, _ in {*alone} - {*same}}
        if sum(map(bool, of_two.values())) > len(same) + 1:
            return  # the codes were given anew, and are no marks in this unit
        for at, one in alone:
            if (at, one) in same:
                self._take(at, one, "code_and_name")
            elif others := of_two[at]:
                self.pairs[at] = Pair("code_or_name", rivals=(one, *others))
            else:
                self._take(at, one, "renamed")

    def _plain_of(self, marks: Marks) -> str:
        return self.names.plain(marks.name)

    def _by_name(self, key: Callable[[str], str]) -> None:
        here = _places(self.listed, lambda marks: key(marks.name))
        there = _places(self.former, lambda marks: key(marks.name))
        for name, places in here.items():
            open_here = [at for at in places if at not in self.pairs]
            open_there = [one for one in there.get(name, ()) if one not in self.taken]
            if len(open_here) == len(open_there) == 1:
                self._take(open_here[0], open_there[0], "name")
            elif open_there and key == self.names.plain:
                self._leave(dict.fromkeys(open_here, open_there))

    def _by_likeness(self) -> None:
        """Take pairs of which each is the other's best by a clear lead, until there are no more."""
        least, lead = limits().least_likeness, limits().clear_lead
        here = [at for at in range(len(self.listed)) if at not in self.pairs]
        there = [one for one in range(len(self.former)) if one not in self.taken]
        points = {
            (at, one): value
            for at in here
            for one in there
            if (value := self.names.likeness(self.listed[at].name, self.former[one].name)) >= least - lead
        }
        while found := self._clear_pairs(points, least, lead):
            for at, one in found:
                self._take(at, one, "likeness")
            points = {
                (at, one): value
                for (at, one), value in points.items()
                if at not in self.pairs and one not in self.taken
            }
        rivals: dict[int, list[int]] = defaultdict(list)
        for (at, one), value in points.items():
            if value >= least:
                rivals[at].append(one)
        self._leave(rivals)

    @staticmethod
    def _clear_pairs(points: Mapping[tuple[int, int], float], least: float, lead: float) -> list[tuple[int, int]]:
        """Return the pairs that lead every other pair of either of the two clearly."""
        best: dict[tuple[str, int], list[float]] = defaultdict(list)  # the two best of each record
        for (at, one), value in points.items():
            for key in (("this", at), ("last", one)):
                best[key] = sorted((*best[key], value), reverse=True)[:2]

        def is_clear(key: tuple[str, int], value: float) -> bool:
            first, *others = best[key]
            return value == first and all(first - other >= lead for other in others)

        clear = {
            at: one
            for (at, one), value in points.items()
            if value >= least and is_clear(("this", at), value) and is_clear(("last", one), value)
        }
        return list(clear.items())

    def _new(self, at: int) -> Pair:
        """Return a record without a former one, with those it resembles although they are another's."""
        name = self.listed[at].name
        least = limits().least_likeness
        rivals = tuple(one for one in self.taken if self.names.likeness(name, self.former[one].name) >= least)
        beside = tuple(self.taken[one] for one in rivals)
        return Pair("taken" if rivals else "new", rivals=rivals, beside=beside)


def _places(records: Sequence[Marks], key: Callable[[Marks], Hashable]) -> dict[Hashable, list[int]]:
    """Return the places of the records by a key; of one without, none."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for at, marks in enumerate(records):
        if value := key(marks):
            found[value].append(at)
    return found
