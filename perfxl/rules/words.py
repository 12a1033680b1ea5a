"""Comparison of words and texts: patterns for lists of words, texts without white space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=256)
def word_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that finds any of these words, the longest that fits; without words it finds nothing."""
    return re.compile(alternatives(words))


def alternatives(words: Iterable[str]) -> str:
    """Return the words as alternatives of a pattern, the longest first; without words a pattern that never fits."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


def parse_dated(entries: Iterable[str]) -> dict[str, int]:
    """Return the year of each word in a list of entries such as 脱贫攻坚=2020; entries without a year are ignored.

    The words (here "poverty alleviation campaign") are squeezed.
    """
    pairs = (entry.partition("=") for entry in entries)
    return {squeeze(word): int(year) for word, _, year in pairs if year.strip().isdecimal() and word.strip()}


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """Return a text as it is compared: without white space, full-width signs as half-width ones (NFKC)."""
    # in pieces: the time of NFKC grows with the square of a run of combining characters
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    return "".join("".join(unicodedata.normalize("NFKC", piece) for piece in pieces).split())


_PIECE = 1_000  # characters
