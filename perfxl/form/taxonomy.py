"""Taxonomies: classes of answers on two levels, as data: templates/taxonomies, or a county's own.

The levels are 一级指标 (level 1), each with its 二级指标 (level 2).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from perfxl.errors import FormError
from perfxl.form import library
from perfxl.form.choice_list import ChoiceList
from perfxl.form.source import Node, nearest, parse
from perfxl.form.types.base import Raw
from perfxl.form.types.choice import Choice

LIST = "taxonomy"
"""The name of the list that a form's taxonomy declares."""

ENDING = "指标"
"""The ending that a name may have or lack: 数量 (quantity) is 数量指标."""

LONGEST = 6_000
"""The most characters of a county's own taxonomy as JSON, which the hidden sheet of every workbook holds."""


@dataclass(frozen=True)
class Taxonomy:
    """Classes on two levels.

    ``id``: the name of one that comes with perfxl, else the whole taxonomy as JSON; ``load`` takes both. ``levels``:
    level 1 → its entries of level 2, both in canonical order. ``required``: groups of level 2; a project needs at least
    one entry of each group. ``synonyms``: another name → the canonical name.
    ``texts``: texts of a form that speak of its classes, each with the one that stands in its place.
    """

    id: str
    levels: Mapping[str, tuple[str, ...]] = field(hash=False)
    required: tuple[tuple[str, ...], ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)
    texts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @cached_property
    def listed(self) -> ChoiceList:
        """The classes as a list to choose from, as answers and groups use it."""
        levels, synonyms = ("level1", "level2"), (self.names(1), self.names(2))
        return ChoiceList(LIST, rows=self.pairs, levels=levels, synonyms=synonyms)

    @property
    def level1(self) -> tuple[str, ...]:
        """The entries of level 1, in order."""
        return tuple(self.levels)

    @property
    def level2(self) -> tuple[str, ...]:
        """The entries of level 2, in order, without repetition."""
        return tuple(dict.fromkeys(name for below in self.levels.values() for name in below))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs (level 1, level 2), in canonical order."""
        return tuple((above, name) for above, below in self.levels.items() for name in below)

    def names(self, level: int) -> dict[str, str]:
        """Return the other names of the entries of a level (1 or 2): name → entry.

        This is the form in which the kind ``choice`` takes its synonyms.
        """
        entries = self.level1 if level == 1 else self.level2
        known = {short: entry for entry in entries if (short := entry.removesuffix(ENDING)) != entry}
        known.update((entry + ENDING, entry) for entry in entries if not entry.endswith(ENDING))
        for other, entry in self.synonyms.items():
            if entry in entries:
                short = other.removesuffix(ENDING)
                known.update(dict.fromkeys((other, short, short + ENDING), entry))
        return {name: entry for name, entry in known.items() if name not in entries}

    def canonical(self, level1: str | None, level2: str | None) -> tuple[str, str] | None:
        """Return a pair by its canonical names, from names or synonyms; None where there is no such pair."""
        if level1 and level2 and level2 in self.levels.get(level1, ()):
            return level1, level2
        above = self._find_entry(level1, 1)
        below = self._find_entry(level2, 2)
        return (above, below) if above and below and below in self.levels[above] else None

    def _find_entry(self, name: str | None, level: int) -> str | None:
        """Return the entry of a level that a name stands for, in any spelling that the drop-down list understands."""
        understood = self._choices[level].read(Raw(name))
        return None if understood.problem else understood.value

    @cached_property
    def _choices(self) -> Mapping[int, Choice]:
        """The lists of the levels, as the kind ``choice`` reads them."""
        return {
            level: Choice(choices=entries, synonyms=self.names(level))
            for level, entries in ((1, self.level1), (2, self.level2))
        }


def names() -> tuple[str, ...]:
    """Return the names of the taxonomies that come with perfxl, sorted."""
    return library.names("taxonomies")


@lru_cache(maxsize=64)
def load(name: str) -> Taxonomy:
    """Load a taxonomy by its name, or from its text as JSON. Raises FormError, without a place for an unknown name."""
    if name.startswith("{"):
        return read(parse(name, ""))
    known = names()
    if name not in known:
        near = nearest(name, known)
        raise FormError(file=None, line=None, what="unknown_taxonomy", name=name, near=near, known=known)
    file = f"{name}.yaml"
    return _read(parse(library.path("taxonomies", file).read_text("utf-8"), file), name)


def read(node: Node) -> Taxonomy:
    """Read a county's own taxonomy. Raises FormError with the line."""
    made = _read(node, "")
    parts = {"levels": made.levels, "required": made.required, "synonyms": made.synonyms, "texts": made.texts}
    told = {key: part for key, part in parts.items() if part}
    id = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    if len(id) > LONGEST:
        raise node.mistake("too_long", length=len(id), limit=LONGEST)
    return Taxonomy(id, made.levels, made.required, made.synonyms, made.texts)


def _read(node: Node, id: str) -> Taxonomy:
    entries = node.entries(("levels",), ("required", "synonyms", "texts"))
    levels = {
        _text(above, below): _distinct(below, [item.text() for item in below.sequence()])
        for above, below in entries.mapping("levels").items()
    }
    if not levels:
        raise entries["levels"].mistake("no_entries")
    classes = [entry for below in levels.values() for entry in below]
    groups = [group.sequence() for group in entries.sequence("required")]
    named = tuple(dict.fromkeys((*levels, *classes)))
    return Taxonomy(
        id=id,
        levels=levels,
        required=tuple(tuple(item.one_of(classes) for item in group) for group in groups if group),
        synonyms={_text(other, entry): entry.one_of(named) for other, entry in entries.mapping("synonyms").items()},
        texts={text: other.text() for text, other in entries.mapping("texts").items()},
    )


def _distinct(node: Node, entries: list[str]) -> tuple[str, ...]:
    """Return the classes below one of level 1. Raises FormError where there is none, or one stands there twice."""
    if not entries:
        raise node.mistake("no_entries")
    twice = next((entry for at, entry in enumerate(entries) if entry in entries[:at]), None)
    if twice is not None:
        raise node.mistake("entry_twice", found=twice)
    return tuple(_text(entry, node) for entry in entries)


def _text(text: str, node: Node) -> str:
    """Return a name. Raises FormError where it shows nothing."""
    if not text.strip():
        raise node.mistake("not_a_text", found=repr(text))
    return text
