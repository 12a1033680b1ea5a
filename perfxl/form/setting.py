"""The settings of the checks that a county may change: word lists and limits, as data (templates/settings)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfxl.form import library
from perfxl.form.source import Entries, parse


@dataclass(frozen=True)
class Setting:
    """One setting of the checks: a list of words, or a limit.

    ``rules``: the codes of the checks that use it. ``about``: the explanation that an officer reads beside it.
    ``words`` or ``limit``: its default.
    """

    name: str
    rules: tuple[str, ...]
    about: str
    words: tuple[str, ...] = ()
    limit: Decimal | None = None


@lru_cache(maxsize=1)
def settings() -> Mapping[str, Setting]:
    """Return all settings by name, with their defaults. Raises FormError for a name that occurs twice."""
    by_name: dict[str, Setting] = {}
    for group in library.names("settings"):
        file = f"{group}.yaml"
        source = library.path("settings", file).read_text(encoding="utf-8")
        for name, node in parse(source, file).mapping().items():
            if name in by_name:
                raise node.mistake("repeated_key", key=name)
            by_name[name] = _read_setting(name, node.entries(("rules", "about"), ("words", "limit")))
    return by_name


def _read_setting(name: str, entries: Entries) -> Setting:
    """Read one setting from its entries."""
    return Setting(
        name=name,
        rules=tuple(item.text() for item in entries.sequence("rules")),
        about=entries.text("about"),
        words=tuple(item.text() for item in entries.sequence("words")),
        limit=Decimal(str(entries["limit"].number())) if "limit" in entries else None,
    )
