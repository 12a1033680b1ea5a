"""Last year in texts: its years and dates; names without them, by which records of two years are compared.

What only a set of checks knows of a text (a budget: document numbers, amounts of money) it brings by an entry point
(``perfxl.last_year``), as an ``OldTextReader``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

from perfxl.form.characters import in_half_width, squeeze
from perfxl.form.late_pattern import late_pattern

PieceKind = Literal["year", "document", "amount", "same_amount"]
"""``same_amount``: an amount of money that last year's record gave in a field of its own."""

YEAR = r"(?<![\d.])((?:19|20)\d\d)"
"""Matches a year that is no part of a longer number."""


class OldPiece(NamedTuple):
    """A piece of a text that is of last year: where it begins and ends in it, and its kind."""

    start: int
    end: int
    kind: PieceKind


class LastYear(NamedTuple):
    """What is known of last year: ``years``, those that are pointed at; ``this``: the year of now.

    ``amounts``: last year's amounts of money, each as its field has it and in the smallest unit (万元 and 元).
    ``names``: the record's name last year, and now.
    """

    years: frozenset[int]
    this: int
    amounts: frozenset[tuple[Decimal, Decimal]] = frozenset()
    names: tuple[str, str] = ("", "")


class OldTextReader(Protocol):
    """Reads the texts of a record of last year."""

    def plain_name(self, name: str) -> str:
        """Return a name without what changes from year to year; empty where nothing else stands in it."""
        ...

    def core(self, name: str) -> str:
        """Return a plain name without words that any record may have."""
        ...

    def find(self, text: str, last: LastYear) -> Iterable[OldPiece]:
        """Yield the pieces of a text that are of last year, beside its years and dates."""
        ...


class PlainReader:
    """Reads texts of which nothing more is known than that years stand in them."""

    def plain_name(self, name: str) -> str:
        """Return a name without white space, signs and years."""
        return without_years(name)

    def core(self, name: str) -> str:
        """Return the name: any of its words may be the one that counts."""
        return name

    def find(self, text: str, last: LastYear) -> Iterable[OldPiece]:
        """Find nothing more."""
        return ()


_NUMERALS = "〇○零一二三四五六七八九"
_DIGITS = dict(zip(map(ord, _NUMERALS), "000123456789", strict=True))
_JOIN = r"\s*+[-—–~至到]+\s*+"
_MONTH = r"(?:1[0-2]|0?[1-9])(?!\d)"
_SPAN = late_pattern(rf"{YEAR}\s*+年?(?:\s*+{_MONTH}\s*+月)?{_JOIN}((?:19|20)\d\d)(?!\d)\s*+年?度?")
_DATE = late_pattern(
    rf"{YEAR}\s*+(?:学?年度?(?:\s*+{_MONTH}\s*+月(?:份|\s*+\d{{1,2}}\s*+[日号])?)?|版"
    rf"|[./-]\s*+{_MONTH}(?:[./-]\s*+\d{{1,2}})?(?!\s*+(?:\.?\d|[百千万亿]*元)))"
)
_IN_BRACKETS = late_pattern(r"[【\[(〔]\s*+((?:19|20)\d\d)\s*+年?\s*+[】\])〕]")
_SHORT = late_pattern(rf"(?<!\d)(\d\d)\s*+年\s*+{_MONTH}\s*+月(?:\s*+\d{{1,2}}\s*+[日号])?")
_WRITTEN = late_pattern(rf"(?<![{_NUMERALS}十])((?:一九|二[〇○零])[{_NUMERALS}]{{2}})\s*+年度?")
_SIGNS = late_pattern(r"\W|_")
_YEAR_IN_NAME = late_pattern(rf"{YEAR}(?:{_JOIN}(?:19|20)\d\d)?(?!\d)\s*+(?:学?年度?)?|(?<!\d)\d\d\s*+年度")


def without_years(name: str) -> str:
    """Return a name without white space, signs and years, 2024年度 and 二〇二四年 among them."""
    return _SIGNS.sub("", _WRITTEN.sub("", _YEAR_IN_NAME.sub("", squeeze(name))))


def find_years(text: str, last: LastYear) -> Iterator[OldPiece]:
    """Yield the years and dates of last year in a text: 2024年, 2024年11月, 2024.11, 24年11月, 〔2024〕, 二〇二四年.

    A span of years that reaches the year of now (2023—2025年) is none of them.
    """
    half = in_half_width(text)
    lasting = []
    for span in _SPAN.finditer(half):
        first, end = int(span[1]), int(span[2])
        if end >= last.this:
            lasting.append(span.span())
        elif last.years.intersection(range(first, end + 1)):
            yield OldPiece(*span.span(), "year")
    for pattern in (_DATE, _IN_BRACKETS, _SHORT, _WRITTEN):
        for found in pattern.finditer(half):
            year = int(found[1].translate(_DIGITS))
            year += last.this // 100 * 100 if year < 100 else 0
            if year in last.years and not any(start <= found.start() < end for start, end in lasting):
                yield OldPiece(*found.span(), "year")


def old_pieces(text: str, last: LastYear, reader: OldTextReader) -> list[OldPiece]:
    """Return all pieces of a text that are of last year, in their order; of two that overlap the first, longer one."""
    kept: list[OldPiece] = []
    for piece in sorted({*find_years(text, last), *reader.find(text, last)}, key=lambda one: (one.start, -one.end)):
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
    return kept
