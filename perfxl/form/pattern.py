"""Patterns of a text: a small, safe subset of regular expressions, judged alike by Python and by an Excel formula.

A pattern says literals, ``\\d``, classes (``[A-Z0-9_-]``, ``[^/]``), groups, alternatives ``a|b``, ``?``, ``{n}`` and
``{n,m}``. It always describes the whole text. Without ``*`` and ``+`` what it describes is finite, so that Excel can
say it, too; and it is matched by following all ways at once, so that the time is in proportion to the text.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from perfxl.form.late_pattern import late_pattern

_MOST_STEPS = 1_000  # signs that a pattern may describe, its repetitions written out
_MOST_WAYS = 64  # alternatives of fixed length that are worth a formula
_LONGEST_FORMULA = 8_192  # of Excel
_WIDEST = 30_000  # characters of a range: all usual Chinese ones are 21,000
_LONGEST_CLASS = 200  # characters in a text of a formula, of which Excel takes 255
_CLASSES = {"d": string.digits, "w": string.ascii_letters + string.digits + "_"}
_SPECIAL = frozenset("()[]{}|?*+.^$")
_DEEPEST = 12  # groups within groups
_COUNT = late_pattern(r"\{([0-9]{1,4})(?:,([0-9]{1,4}))?\}")


class PatternMistake(ValueError):
    """A text that is no pattern of the language.

    ``args[0]``: the reason in one word: ``endless`` (``*``, ``+``, ``{2,}``), ``unsupported``, ``unclosed``, ``range``
    (``[Z-A]``, ``{3,2}``), ``empty``, ``too_large``; ``args[1]``: the piece that is wrong; ``args[2]``: its position.
    """


class Signs(NamedTuple):
    """The characters that may stand in one place; all others where ``other``."""

    known: frozenset[str]
    other: bool = False

    def allow(self, sign: str) -> bool:
        """Return whether a character may stand here."""
        return (sign in self.known) is not self.other


class _Repeated(NamedTuple):
    """A piece that stands from ``least`` to ``most`` times."""

    piece: _Piece
    least: int
    most: int


class _Series(NamedTuple):
    """Pieces one behind the other."""

    pieces: tuple[_Piece, ...]


class _Either(NamedTuple):
    """Pieces of which one stands."""

    pieces: tuple[_Piece, ...]


_Piece = Signs | _Repeated | _Series | _Either


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0

    def whole(self) -> _Piece:
        """Read the whole pattern."""
        if not self.source:
            raise PatternMistake("empty", "", 0)
        piece = self.either()
        if self.at < len(self.source):  # a closing bracket that opened nowhere
            raise self.problem("unclosed")
        return piece

    def either(self) -> _Piece:
        """Read alternatives."""
        ways = [self.series()]
        while self.next == "|":
            self.at += 1
            ways.append(self.series())
        return ways[0] if len(ways) == 1 else _Either(tuple(ways))

    def series(self) -> _Piece:
        """Read pieces up to the end of an alternative."""
        pieces = []
        while self.next not in ("", "|", ")"):
            pieces.append(self.counted())
        if not pieces:
            raise self.problem("empty")
        return pieces[0] if len(pieces) == 1 else _Series(tuple(pieces))

    def counted(self) -> _Piece:
        """Read one piece and how often it stands."""
        piece = self.one()
        if self.next == "?":
            self.at += 1
            piece = _Repeated(piece, 0, 1)
        elif self.next == "{":
            match = _COUNT.match(self.source, self.at)
            if not match:
                raise self.problem("endless" if re.match(r"\{[0-9]+,\}", self.source[self.at :]) else "unsupported")
            least, most = int(match[1]), int(match[2] or match[1])
            if least > most or not most:
                raise self.problem("range", match[0])
            self.at = match.end()
            piece = _Repeated(piece, least, most)
        if self.next in ("?", "*", "+", "{"):
            raise self.problem("endless" if self.next in "*+" else "unsupported")
        return piece

    def one(self) -> _Piece:
        """Read a character, a class or a group."""
        sign = self.next
        if sign == "(":
            return self.group()
        if sign == "[":
            return self.choice()
        if sign == "\\":
            return Signs(self.escaped())
        if sign in _SPECIAL:
            raise self.problem("endless" if sign in "*+" else "unsupported")
        self.at += 1
        return Signs(frozenset(sign))

    def group(self) -> _Piece:
        """Read a group in brackets."""
        start = self.at
        self.at += 3 if self.source.startswith("(?:", start) else 1
        if self.next == "?":
            raise self.problem("unsupported", self.source[start : start + 3])
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.problem("too_large")
        piece = self.either()
        self.depth -= 1
        if self.next != ")":
            self.at = start
            raise self.problem("unclosed", "(")
        self.at += 1
        return piece

    def choice(self) -> Signs:
        """Read a class in square brackets."""
        start = self.at
        self.at += 1
        other = self.next == "^"
        self.at += other
        known: set[str] = set()
        while self.next != "]":
            if self.next in ("", "["):
                raise PatternMistake("unclosed" if not self.next else "unsupported", self.source[start:], start)
            known |= self.span()
        self.at += 1
        if not known:
            raise PatternMistake("empty", self.source[start : self.at], start)
        return Signs(frozenset(known), other)

    def span(self) -> frozenset[str]:
        """Read a character of a class, or a range of them."""
        start = self.at
        first = self.member()
        # a hyphen at the end of a class is a hyphen
        if self.next != "-" or self.source[self.at + 1 : self.at + 2] in ("]", ""):
            return first
        self.at += 1
        last = self.member()
        if len(first) > 1 or len(last) > 1 or min(first) > min(last):
            raise PatternMistake("range", self.source[start : self.at], start)
        if ord(min(last)) - ord(min(first)) > _WIDEST:
            raise PatternMistake("too_large", self.source[start : self.at], start)
        return frozenset(map(chr, range(ord(min(first)), ord(min(last)) + 1)))

    def member(self) -> frozenset[str]:
        """Read one character of a class, which may be escaped."""
        if self.next == "\\":
            return self.escaped()
        sign = self.next
        self.at += 1
        return frozenset(sign)

    def escaped(self) -> frozenset[str]:
        r"""Read an escaped character: ``\d``, ``\w``, or a sign that would else have a meaning."""
        sign = self.source[self.at + 1 : self.at + 2]
        if not sign or (sign.isalnum() and sign not in _CLASSES):
            raise self.problem("unsupported", "\\" + sign)
        self.at += 2
        return frozenset(_CLASSES.get(sign, sign))

    @property
    def next(self) -> str:
        """The character that follows; empty at the end."""
        return self.source[self.at : self.at + 1]

    def problem(self, reason: str, piece: str = "") -> PatternMistake:
        """Return the mistake to raise at this position."""
        return PatternMistake(reason, piece or self.next, self.at)


@dataclass(frozen=True)
class Pattern:
    """A pattern as it is written in a form. Raises PatternMistake where it is none."""

    source: str

    def __post_init__(self) -> None:
        if _steps(self._piece) > _MOST_STEPS:
            raise PatternMistake("too_large", self.source, 0)

    @cached_property
    def _piece(self) -> _Piece:
        return _Parser(self.source).whole()

    def fullmatch(self, text: str) -> bool:
        """Return whether the whole text is as the pattern says, in time proportional to its length."""
        return len(text) in _after(self._piece, text, frozenset((0,)))

    def excel(self, here: str) -> str | None:
        """Return the condition in Excel that a value is as the pattern says; None where no formula can say it.

        ``here``: the formula of the value. Small and capital letters differ, as in Python. No formula says a class of
        all other characters, one of more than some 200, or more than some dozens of alternatives once what may be
        missing is written out.
        """
        ways = _ways(self._piece)
        if ways is None or any(not _is_sayable(signs) for way in ways for signs in way):
            return None
        formula = _any_of([_as_formula(way, here) for way in dict.fromkeys(ways)])
        return formula if len(formula) <= _LONGEST_FORMULA else None


def _steps(piece: _Piece) -> int:
    """Return how many characters a piece describes, its repetitions written out."""
    if isinstance(piece, Signs):
        return 1
    if isinstance(piece, _Repeated):
        return piece.most * _steps(piece.piece)
    return sum(map(_steps, piece.pieces))


def _after(piece: _Piece, text: str, starts: frozenset[int]) -> frozenset[int]:
    """Return the positions in a text behind a piece that may begin at any of these."""
    if not starts:
        return starts
    if isinstance(piece, Signs):
        return frozenset(at + 1 for at in starts if at < len(text) and piece.allow(text[at]))
    if isinstance(piece, _Either):
        return frozenset().union(*(_after(way, text, starts) for way in piece.pieces))
    if isinstance(piece, _Series):
        for part in piece.pieces:
            starts = _after(part, text, starts)
        return starts
    found = starts if not piece.least else frozenset()
    for times in range(1, piece.most + 1):
        starts = _after(piece.piece, text, starts)
        found |= starts if times >= piece.least else frozenset()
    return found


_Way = tuple[Signs, ...]


def _ways(piece: _Piece) -> list[_Way] | None:
    """Return the series of places that a piece may be, each of a fixed length; None where they are too many."""
    if isinstance(piece, Signs):
        return [(piece,)]
    if isinstance(piece, _Either):
        several = [_ways(part) for part in piece.pieces]
        return _few([way for ways in several if ways for way in ways]) if None not in several else None
    if isinstance(piece, _Series):
        return _joined([_ways(part) for part in piece.pieces])
    one = _ways(piece.piece)
    found: list[_Way] = []
    for times in range(piece.least, piece.most + 1):
        ways = _joined([one] * times)
        if ways is None or _few(found := [*found, *ways]) is None:
            return None
    return found


def _joined(parts: list[list[_Way] | None]) -> list[_Way] | None:
    """Return every series of one way for each part; None where they are too many."""
    found: list[_Way] = [()]
    for ways in parts:
        if ways is None or len(found) * len(ways) > _MOST_WAYS:
            return None
        found = [(*before, *way) for before in found for way in ways]
    return found


def _few(ways: list[_Way]) -> list[_Way] | None:
    """Return the ways, or None where they are too many for a formula."""
    return ways if len(ways) <= _MOST_WAYS else None


def _is_sayable(signs: Signs) -> bool:
    """Return whether Excel can list these characters, each of which it counts as one."""
    plain = all(" " <= sign <= "\uffff" and not "\ud800" <= sign <= "\udfff" for sign in signs.known)
    return not signs.other and plain and len(signs.known) <= _LONGEST_CLASS


def _as_formula(way: _Way, here: str) -> str:
    """Return the condition that a value consists of these places."""
    if not way:
        return f"LEN({here})=0"
    if all(len(signs.known) == 1 for signs in way):
        return f"EXACT({here},{_quote(way)})"
    return f"AND({','.join((f'LEN({here})={len(way)}', *_places(way, here)))})"


def _places(way: _Way, here: str) -> Iterator[str]:
    """Yield the conditions on the places, neighbouring constants as one."""
    at = 1
    for constant, run in groupby(way, key=lambda signs: len(signs.known) == 1):
        places = tuple(run)
        if constant:
            yield f"EXACT(MID({here},{at},{len(places)}),{_quote(places)})"
        else:
            for nth, signs in enumerate(places):
                listed = "".join(sorted(signs.known)).replace('"', '""')
                # FIND tells capital letters, takes no wildcards, and finds nothing at the end: there MID is empty
                yield f'ISNUMBER(FIND(MID({here},{at + nth},1),"{listed}"))'
        at += len(places)


def _quote(places: _Way) -> str:
    """Return constant places as a text of a formula."""
    return '"' + "".join(min(signs.known) for signs in places).replace('"', '""') + '"'


def _any_of(conditions: list[str]) -> str:
    """Return the condition that one of these holds."""
    return conditions[0] if len(conditions) == 1 else f"OR({','.join(conditions)})"
