"""Similarity of two Chinese texts, measured by their characters, so that no dictionary of words is needed."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz

from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.words import word_pattern

_SIGNS = late_pattern(r"[^\w%]|_")
_ENDS = late_pattern(r"[，。；;,、\n]")
_NUMBER = late_pattern(r"^[0-9一二三四五六七八九十]{1,2}[.、．)）]")
_KEPT, _PAIRS = 2048, 512  # the texts of a large unit's projects; of more, a county's, none is asked for again


@lru_cache(maxsize=_KEPT)
def bare(text: str) -> str:
    """Return a text without white space and punctuation, its full-width characters made half-width."""
    return _SIGNS.sub("", squeeze(text))


@lru_cache(maxsize=_KEPT)
def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a text; a pair never spans a punctuation mark."""
    parts = _SIGNS.split(squeeze(text))
    return frozenset(part[i : i + 2] for part in parts for i in range(len(part) - 1))


@lru_cache(maxsize=_KEPT)
def without(text: str, words: tuple[str, ...]) -> str:
    """Return a text with each of the words replaced by a space; the longest word that fits is taken first."""
    return word_pattern(words).sub(" ", text)


def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of a text, split at its punctuation, without the item number at its beginning."""
    return tuple(piece for part in _ENDS.split(_NUMBER.sub("", text.strip())) if (piece := squeeze(part)))


COMPARED = 2_000
"""The most characters of a text that are compared: the time grows with the square of them, and no answer needs more."""


@lru_cache(maxsize=_PAIRS)
def ratio(one: str, other: str) -> float:
    """Return the share of two texts that is the same in the same order, 0 to 100; punctuation does not count.

    Of long texts the first ``COMPARED`` characters are compared.
    """
    return fuzz.ratio(bare(one)[:COMPARED], bare(other)[:COMPARED])
