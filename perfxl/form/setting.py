"""What the checks may be told: word lists and limits, as data (templates/settings)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfxl.form import library
from perfxl.form.source import Entries, parse


@dataclass(frozen=True)
class Setting:
    """Something a check may be told: a list of words, or a limit. ``about``: what an officer reads beside it."""

    name: str
    rules: tuple[str, ...]
    about: str
    words: tuple[str, ...] = ()
    limit: Decimal | None = None


@lru_cache(maxsize=1)
def settings() -> Mapping[str, Setting]:
    """All that checks may be told, with what it is by default."""
    found: dict[str, Setting] = {}
    for group in library.names("settings"):
        file = f"{group}.yaml"
        source = library.path("settings", file).read_text(encoding="utf-8")
        for name, node in parse(source, file).mapping().items():
            if name in found:
                raise node.mistake("repeated_key", key=name)
            found[name] = _setting(name, node.entries(("rules", "about"), ("words", "limit")))
    return found


def _setting(name: str, entries: Entries) -> Setting:
    return Setting(
        name=name,
        rules=tuple(each.text() for each in entries.sequence("rules")),
        about=entries.text("about"),
        words=tuple(each.text() for each in entries.sequence("words")),
        limit=Decimal(str(entries["limit"].number())) if "limit" in entries else None,
    )
