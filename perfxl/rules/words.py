"""Comparison of words and texts: patterns for lists of words; the fold by which all texts are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from perfxl.form.characters import squeeze


@lru_cache(maxsize=256)
def word_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that finds any of these words, the longest that fits; without words it finds nothing."""
    return re.compile(alternatives(words))


def has_any(text: str, words: Iterable[str]) -> bool:
    """Return True if a text has one of these words."""
    return any(map(text.__contains__, words))


def alternatives(words: Iterable[str]) -> str:
    """Return the words as alternatives of a pattern, the longest first; without words a pattern that never fits."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


def parse_dated(entries: Iterable[str]) -> dict[str, int]:
    """Return the year of each word in a list of entries such as 脱贫攻坚=2020; entries without a year are ignored.

    The words (here "poverty alleviation campaign") are squeezed.
    """
    pairs = (entry.partition("=") for entry in entries)
    return {squeeze(word): int(year) for word, _, year in pairs if year.strip().isdecimal() and word.strip()}
