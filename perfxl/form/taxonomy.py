"""A list of classes on two levels (一级指标 → 二级指标), as data (templates/taxonomies)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import yaml

from perfxl.errors import FormError
from perfxl.form import library

ENDING = "指标"
"""Names may stand with or without it: 数量 is 数量指标."""


@dataclass(frozen=True)
class Taxonomy:
    """A scheme of classes.

    ``levels``: level 1 → its level 2, both in canonical order. ``required``: groups of level 2, of
    each of which a project needs at least one. ``synonyms``: another name → canonical name.
    """

    id: str
    levels: Mapping[str, tuple[str, ...]] = field(hash=False)
    required: tuple[tuple[str, ...], ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def level1(self) -> tuple[str, ...]:
        """All of level 1, in order."""
        return tuple(self.levels)

    @property
    def level2(self) -> tuple[str, ...]:
        """All of level 2, in order, each once."""
        return tuple(dict.fromkeys(name for below in self.levels.values() for name in below))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All pairs, in canonical order."""
        return tuple((above, name) for above, below in self.levels.items() for name in below)

    def names(self, level: int) -> dict[str, str]:
        """Every other name of an entry of level 1 or 2 → the entry: what ``choice`` takes as synonyms."""
        entries = self.level1 if level == 1 else self.level2
        known = {short: entry for entry in entries if (short := entry.removesuffix(ENDING)) != entry}
        known.update((entry + ENDING, entry) for entry in entries if not entry.endswith(ENDING))
        for other, entry in self.synonyms.items():
            if entry in entries:
                short = other.removesuffix(ENDING)
                known.update(dict.fromkeys((other, short, short + ENDING), entry))
        return {name: entry for name, entry in known.items() if name not in entries}

    def canonical(self, level1: str | None, level2: str | None) -> tuple[str, str] | None:
        """The pair by its canonical names, whatever names it came by; None where there is no such pair."""
        above = self._entry(level1, 1)
        below = self._entry(level2, 2)
        return (above, below) if above and below and below in self.levels[above] else None

    def _entry(self, name: str | None, level: int) -> str | None:
        bare = "".join(unicodedata.normalize("NFKC", name or "").split())
        if bare in (self.level1 if level == 1 else self.level2):
            return bare
        return self.names(level).get(bare)


@lru_cache(maxsize=16)
def load(name: str) -> Taxonomy:
    """The taxonomy of that name; raises FormError ``unknown_taxonomy``."""
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
