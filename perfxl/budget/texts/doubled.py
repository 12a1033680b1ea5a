"""Characters and words that a text has twice in a row by a slip of the keyboard: 发放放, 意见意见."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.form.late_pattern import late_pattern
from perfxl.rules.words import alternatives

_HAN = "[\u4e00-\u9fff]"
_TWICE = late_pattern(rf"({_HAN}{{2,12}})\1")
_ANY_PAIR = late_pattern(rf"({_HAN})\1")
_PAIR = late_pattern(rf"{_HAN}({_HAN})\1(?=$|[，。；、：！？,;:!?()（）《》“”])")
_RIGHT = frozenset("一二三四五六七八九十百千万亿零〇两")


@lru_cache(maxsize=2048)
def doubled_words(text: str) -> tuple[tuple[str, str], ...]:
    """Return each word that a text has twice in a row, alone and with four characters of context on both sides."""
    matches = (match for match in _TWICE.finditer(text) if len(set(match[1])) > 1)
    return tuple((match[0], text[max(0, match.start() - 4) : match.end() + 4]) for match in matches)


@lru_cache(maxsize=2048)
def has_pair(text: str) -> bool:
    """Return True if a character stands twice in a row anywhere in a text."""
    return bool(_ANY_PAIR.search(text))


def doubled_at_end(text: str, right: frozenset[str]) -> Iterator[str]:
    """Yield each character that stands twice at the end of a clause, with the one before it: 发放放.

    ``right``: the pairs that are words (天天). Not yielded either are a pair behind 一 (一件件), one behind another
    pair (方方面面), and numerals.
    """
    for match in _PAIR.finditer(text):
        before, pair = match[0][0], match[0][1:]
        if pair in right or match[1] in _RIGHT or before in "一" + match[1]:
            continue
        if text[match.start() - 1 : match.start()] != before:
            yield match[0]


def doubled_in_word(text: str, words: tuple[str, ...], begins: tuple[str, ...]) -> Iterator[str]:
    """Yield each word whose last character stands twice within a clause: 发放放补贴.

    ``begins``: the words that may follow, so that the character is theirs: 检查查处.
    """
    for match in _in_word(words).finditer(text):
        if not text.startswith(begins, match.end() - 1) and text[match.end() : match.end() + 1].isalnum():
            yield match[0]


@lru_cache(maxsize=8)
def _in_word(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(alternatives(word + word[-1] for word in words if word))
