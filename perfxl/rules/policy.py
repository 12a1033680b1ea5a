"""How a county checks: which checks, how grave, with which words and limits. Packs ship; a county's file changes one.

A file says only what differs from its pack, and a pack only what differs from the rules themselves::

    pack: 一般
    severities: {IN-15: 提示, MN-12: 不查}
    limits: {trivial_amount: 2}
    words: {carried_over: [结转, 续建], stock_phrases: {add: [同意], without: [属实]}}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import yaml

from perfxl import messages
from perfxl.errors import FormError
from perfxl.finding import SEVERITIES, Severity
from perfxl.form import library
from perfxl.form.setting import settings
from perfxl.form.source import Entries, Node, nearest, parse

ORDINARY = "一般"
"""The pack that counts where none is named."""

OFF: Literal["off"] = "off"
"""In the place of a severity: the check is not made."""


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


def packs() -> Mapping[str, str]:
    """The packs there are: what people call each, and the name of its file."""
    return {
        parse(library.path("packs", f"{name}.yaml").read_text(encoding="utf-8"), name).entries(
            ("label", "severities"), ("words", "limits")
        ).text("label"): name
        for name in library.names("packs")
    }  # fmt: skip


@lru_cache(maxsize=8)
def default_policy(pack: str = ORDINARY) -> Policy:
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
    return _apply_changes(plain, Entries(entries), None)


def read_policy(text: str, file: str, own: Mapping[str, Severity]) -> Policy:
    """A county's own policy. ``own``: all checks there are, each with the severity it comes with.

    Raises FormError with the file and the line.
    """
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        raise FormError(file=file, line=1, what="empty_policy")
    entries = parse(text, file).entries((), ("pack", "severities", "words", "limits"))
    pack = entries.one_of("pack", tuple(packs()), ORDINARY)
    return _apply_changes(default_policy(pack), entries, own)


def _apply_changes(policy: Policy, entries: Entries, own: Mapping[str, Severity] | None) -> Policy:
    severities = {code: _severity(code, node, own) for code, node in entries.mapping("severities").items()}
    words = {name: _words(name, node, policy.words) for name, node in entries.mapping("words").items()}
    limits = {name: _limit(name, node, policy.limits) for name, node in entries.mapping("limits").items()}
    return replace(
        policy,
        severities={**policy.severities, **severities},
        words={**policy.words, **words},
        limits={**policy.limits, **limits},
    )


def _severity(code: str, node: Node, own: Mapping[str, Severity] | None) -> Severity | Literal["off"]:
    if own is not None and code not in own:
        raise node.mistake("unknown_check", code=code, nearest=nearest_code(code, own))
    words, found = severity_words(), node.text()
    if found not in words:
        raise node.mistake("unknown_severity", found=found, nearest=nearest(found, words))
    if own is not None and not may_have_severity(code, words[found], own):
        raise node.mistake("unsafe_fix", code=code)
    return words[found]


def nearest_code(code: str, known: Collection[str]) -> str:
    """The code that was probably meant: MN-2 is MN-02; else one that looks like it, or an empty text."""
    wanted = code.strip().upper()
    if numbered := re.fullmatch(r"([A-Z]+)[-_ ]?0*(\d+)", wanted):
        padded = f"{numbered[1]}-{numbered[2]:0>2}"
        return padded if padded in known else nearest(padded, known)
    return nearest(wanted, known)


def may_have_severity(code: str, severity: Severity | Literal["off"], own: Mapping[str, Severity]) -> bool:
    """Whether a check can be made so grave: only one that is a safe correction as it comes can be corrected safely."""
    return severity != "fix" or own[code] == "fix"


@lru_cache(maxsize=1)
def severity_words() -> Mapping[str, Severity | Literal["off"]]:
    """Every word for a severity, in every language: 强制性, must be fixed, error."""
    return dict(_severity_words())


def _severity_words() -> Iterator[tuple[str, Severity | Literal["off"]]]:
    for each in (*SEVERITIES, OFF):
        for lang in messages.languages():
            yield messages.say(f"report.severity.{each}", {}, lang), each
        yield each, each


def _words(name: str, node: Node, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if name not in known:
        raise node.mistake("unknown_words", name=name, nearest=nearest(name, known))
    if not isinstance(node.value, dict):
        return unique(map(_word, node.sequence()))
    entries = node.entries((), ("add", "without"))
    without = set(map(_word, entries.sequence("without")))
    return unique(word for word in (*known[name], *map(_word, entries.sequence("add"))) if word not in without)


LONGEST = 100
"""Characters of a word in a list."""


def _word(node: Node) -> str:
    found = word(node.text())
    if not found:
        raise node.mistake("not_a_text", found=repr(node.text()))
    if len(found) > LONGEST:
        raise node.mistake("too_long", limit=LONGEST, length=len(found))
    return found


def word(text: str) -> str:
    """A word as lists hold it: without white space around it, no more than a space inside, nothing that is no sign."""
    shown = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs"))
    return " ".join(shown.split())


def unique(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, where it stands first."""
    return tuple(dict.fromkeys(words))


def _limit(name: str, node: Node, known: Collection[str]) -> Decimal:
    if name not in known:
        raise node.mistake("unknown_limit", name=name, nearest=nearest(name, known))
    return Decimal(str(node.number()))


def write_policy(policy: Policy, own: Mapping[str, Severity], lang: str = messages.DEFAULT) -> str:
    """The county's file of a policy: what differs from its pack, with comments. ``read_policy`` reads the same."""
    return "\n".join((*_file_lines(policy, own, lang), ""))


def _file_lines(policy: Policy, own: Mapping[str, Severity], lang: str) -> Iterator[str]:
    pack = default_policy(policy.pack)
    yield f"# {messages.say('report.rules.file', {'pack': policy.pack}, lang)}"
    yield f"pack: {_scalar(policy.pack)}"
    severities = [code for code in own if policy.severity(code, own[code]) != pack.severity(code, own[code])]
    words = [name for name, each in policy.words.items() if each != pack.words[name]]
    limits = [name for name, each in policy.limits.items() if each != pack.limits[name]]
    if severities:
        yield "severities:"
    for code in severities:
        before, after = (severity_word(each.severity(code, own[code]), lang) for each in (pack, policy))
        title = messages.say(f"rules.{code}.title", {}, lang) if messages.has_text(f"rules.{code}.title", lang) else ""
        comment = messages.say("report.rules.before", {"title": title, "before": before}, lang)
        yield f"  {code}: {after}  # {comment}"
    if words:
        yield "words:"
    for name in words:
        yield _about(name, lang)
        yield f"  {name}: {_change(pack.words[name], policy.words[name])}"
    if limits:
        yield "limits:"
    for name in limits:
        yield _about(name, lang)
        yield f"  {name}: {policy.limits[name]:f}"


def _about(name: str, lang: str) -> str:
    setting = settings()[name]
    facts = {"about": setting.about, "rules": setting.rules}
    return f"  # {messages.say('report.rules.about', facts, lang)}"


def _change(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """A word list as a flow of YAML: what is added and left out; the whole list where that does not give its order."""
    add = [word for word in after if word not in before]
    without = [word for word in before if word not in after]
    if after != (*(word for word in before if word in after), *add) or not before:
        return _yaml_list(after)
    changes = {"add": add, "without": without}
    return "{" + ", ".join(f"{key}: {_yaml_list(words)}" for key, words in changes.items() if words) + "}"


def _yaml_list(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_scalar, words))}]"


def _scalar(word: str) -> str:
    """A word as YAML has it: Chinese ones plain, as people write them, any other quoted."""
    if all("\u4e00" <= sign <= "\u9fff" for sign in word):
        return word
    return yaml.safe_dump(word, default_style='"', allow_unicode=True, width=10**6).strip()


def severity_word(severity: Severity | None, lang: str = messages.DEFAULT) -> str:
    """The word for a severity; for None, that the check is not made."""
    return messages.say(f"report.severity.{severity or OFF}", {}, lang)
