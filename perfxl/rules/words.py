"""Words as the checks compare them: lists of words as patterns, texts without white space."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=256)
def word_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of these words, the longest that fits; nothing where there are none."""
    return re.compile(alternatives(words))


def alternatives(words: Iterable[str]) -> str:
    """The words as a part of a pattern, the longest first; what never fits where there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


def parse_dated(entries: Iterable[str]) -> dict[str, int]:
    """The entries of a list of words with a year, 脱贫攻坚=2020; one without a year says nothing."""
    pairs = (entry.partition("=") for entry in entries)
    return {squeeze(word): int(year) for word, _, year in pairs if year.strip().isdecimal() and word.strip()}


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """A text for comparing: no white space, full-width signs as half-width ones."""
    return "".join(unicodedata.normalize("NFKC", text).split())
