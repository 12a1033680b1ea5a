"""Languages as data: how each says yes and no in a cell and writes numbers (templates/languages.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from perfxl.form import library
from perfxl.form.source import parse

_FILE = "languages.yaml"
_OTHER = "en"
_SPACE = "space"


class NumberSigns(NamedTuple):
    """The signs by which a language writes numbers: the one before decimals, the one between thousands."""

    decimal: str = "."
    thousands: str = ","


POINT = NumberSigns()
"""The signs of formulas and records, of Chinese and of English."""


class Language(NamedTuple):
    """How a language says yes and no in a cell, and by which signs it writes numbers."""

    yes: str
    no: str
    signs: NumberSigns


def is_known(tag: str) -> bool:
    """Return True for a language, or its region, of which there is data: ``fr``, ``fr-CA``."""
    return tag.split("-")[0] in _data()


@lru_cache(maxsize=64)
def language_of(tag: str) -> Language:
    """Return a language by its tag, such as ``en``, ``zh-CN``; English for one that is not known."""
    data = _data()
    parts = tag.split("-") if is_known(tag) else [_OTHER]
    said: dict[str, str] = {}
    for count in range(1, len(parts) + 1):
        said |= data.get("-".join(parts[:count]), {})
    thousands = " " if said["thousands"] == _SPACE else said["thousands"]
    return Language(said["yes"], said["no"], NumberSigns(said["decimal"], thousands))


@lru_cache(maxsize=1)
def words_for_yes_and_no() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words for yes and those for no of all languages, in small letters."""
    yes, no = ({said[key].casefold() for said in _data().values() if key in said} for key in ("yes", "no"))
    return frozenset(yes - no), frozenset(no - yes)


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Mapping[str, str]]:
    entries = parse(library.path(_FILE).read_text(encoding="utf-8"), _FILE).mapping()
    return {tag: {key: node.text() for key, node in said.mapping().items()} for tag, said in entries.items()}
