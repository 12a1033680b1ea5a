"""How a county checks: which checks, how grave, with which words and limits. Packs ship; a county's file changes one.

A file says only what differs from its pack, and a pack only what differs from the rules themselves::

    pack: 一般
    severities: {IN-15: 提示, MN-12: 不查}
    limits: {trivial_amount: 2}
    words: {carried_over: [结转, 续建], stock_phrases: {add: [同意], without: [属实]}}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from perfxl import messages
from perfxl.finding import SEVERITIES, Severity
from perfxl.form import library
from perfxl.form.source import Entries, Node, near, parse

OFF: Literal["off"] = "off"
"""In the place of a severity: the check is not made."""


@dataclass(frozen=True)
class Setting:
    """Something a check may be told: a list of words, or a limit. ``about``: what an officer reads beside it."""

    name: str
    rules: tuple[str, ...]
    about: str
    words: tuple[str, ...] = ()
    limit: Decimal | None = None


@dataclass(frozen=True, eq=False)
class Policy:
    """What is checked, and how: each by name, where a check is not as it comes.

    ``severities``: by code, where it differs from the rule's own, or ``off``.
    """

    pack: str
    severities: Mapping[str, Severity | Literal["off"]]
    words: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, Decimal]

    def severity(self, code: str, own: Severity) -> Severity | None:
        """How grave a check is here; None where it is not made."""
        found = self.severities.get(code, own)
        return None if found == OFF else found


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


def packs() -> Mapping[str, str]:
    """The packs there are: what people call each, and the name of its file."""
    return {
        parse(library.path("packs", f"{name}.yaml").read_text(encoding="utf-8"), name).entries(
            ("label", "severities"), ("words", "limits")
        ).text("label"): name
        for name in library.names("packs")
    }  # fmt: skip


@lru_cache(maxsize=8)
def default(pack: str = "一般") -> Policy:
    """The policy of a pack."""
    found = settings()
    plain = Policy(
        pack=pack,
        severities={},
        words={name: each.words for name, each in found.items() if each.limit is None},
        limits={name: each.limit for name, each in found.items() if each.limit is not None},
    )
    file = f"{packs()[pack]}.yaml"
    entries = parse(library.path("packs", file).read_text(encoding="utf-8"), file).mapping()
    return _changed(plain, Entries(entries), None)


def read_policy(text: str, file: str, codes: Collection[str]) -> Policy:
    """A county's own policy. ``codes``: of all checks there are. Raises FormError with the file and the line."""
    entries = parse(text, file).entries((), ("pack", "severities", "words", "limits"))
    pack = entries.one_of("pack", tuple(packs()), "一般")
    return _changed(default(pack), entries, codes)


def _changed(policy: Policy, entries: Entries, codes: Collection[str] | None) -> Policy:
    severities = {code: _severity(code, node, codes) for code, node in entries.mapping("severities").items()}
    words = {_known(name, node, policy.words): _words(node, policy.words.get(name, ())) for name, node in
             entries.mapping("words").items()}  # fmt: skip
    limits = {_known(name, node, policy.limits): Decimal(str(node.number())) for name, node in
              entries.mapping("limits").items()}  # fmt: skip
    return replace(
        policy,
        severities={**policy.severities, **severities},
        words={**policy.words, **words},
        limits={**policy.limits, **limits},
    )


def _severity(code: str, node: Node, codes: Collection[str] | None) -> Severity | Literal["off"]:
    if codes is not None and code not in codes:
        raise node.mistake("unknown_key", key=code, near=near(code, codes), allowed=sorted(codes))
    words = severity_words()
    return words[node.one_of(tuple(words))]


@lru_cache(maxsize=1)
def severity_words() -> Mapping[str, Severity | Literal["off"]]:
    """Every word for a severity, in every language: 强制性, must be fixed, error."""
    return dict(_severity_words())


def _severity_words() -> Iterator[tuple[str, Severity | Literal["off"]]]:
    for each in (*SEVERITIES, OFF):
        for lang in messages.languages():
            yield messages.say(f"report.severity.{each}", {}, lang), each
        yield each, each


def _known(name: str, node: Node, known: Collection[str]) -> str:
    if name not in known:
        raise node.mistake("unknown_key", key=name, near=near(name, known), allowed=sorted(known))
    return name


def _words(node: Node, before: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(node.value, dict):
        return tuple(dict.fromkeys(each.text() for each in node.sequence()))
    entries = node.entries((), ("add", "without"))
    without = {each.text() for each in entries.sequence("without")}
    added = (each.text() for each in entries.sequence("add"))
    return tuple(dict.fromkeys(word for word in (*before, *added) if word not in without))
