"""Taxonomies: classes of answers on two levels, as data (templates/taxonomies).

The levels are 一级指标 (level 1), each with its 二级指标 (level 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import yaml

from perfxl.errors import FormError
from perfxl.form import library
from perfxl.form.choice_list import ChoiceList
from perfxl.form.types.base import Raw
from perfxl.form.types.choice import Choice

LIST = "taxonomy"
"""The name of the list that a form's taxonomy declares."""

ENDING = "指标"
"""The ending that a name may have or lack: 数量 (quantity) is 数量指标."""


@dataclass(frozen=True)
class Taxonomy:
    """Classes on two levels.

    ``levels``: level 1 → its entries of level 2, both in canonical order. ``required``: groups of level 2; a project
    needs at least one entry of each group. ``synonyms``: another name → the canonical name.
    """

    id: str
    levels: Mapping[str, tuple[str, ...]] = field(hash=False)
    required: tuple[tuple[str, ...], ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)

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


@lru_cache(maxsize=16)
def load(name: str) -> Taxonomy:
    """Load a taxonomy by its name. Raises FormError ``unknown_taxonomy``."""
    known = library.names("taxonomies")
    if name not in known:
        raise FormError(file=None, line=None, what="unknown_taxonomy", name=name, known=known)
    data = yaml.safe_load(library.path("taxonomies", f"{name}.yaml").read_text("utf-8"))
    return Taxonomy(
        id=name,
        levels={above: tuple(below) for above, below in data["levels"].items()},
        required=tuple(tuple(group) for group in data["required"]),
        synonyms=data.get("synonyms", {}),
    )
