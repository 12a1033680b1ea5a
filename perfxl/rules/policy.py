"""The policy of a county: the checks it makes, their severities, and the word lists and limits they use.

Packs of policies come with perfxl; a county's own file changes one of them. A file lists only the differences from its
pack, and a pack only those from the rules' own severities and from the word lists and limits in templates/settings::

    pack: 一般
    severities: {IN-15: 提示, MN-12: 不查}
    limits: {trivial_amount: 2}
    taxonomy: {project-target: cn-2021}
    scheme: cn-2021
    words: {carried_over: [结转, 续建], stock_phrases: {add: [同意], without: [属实]}}
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from perfxl import messages
from perfxl.errors import FormError
from perfxl.finding import SEVERITIES, Severity
from perfxl.form import installed, library, scheme, taxonomy
from perfxl.form.characters import visible_text
from perfxl.form.definition.fields import add_place
from perfxl.form.form import Form
from perfxl.form.setting import settings
from perfxl.form.sheet_form import with_taxonomy
from perfxl.form.source import Entries, Node, nearest, parse, read_text
from perfxl.form.texts import reword

ORDINARY = "一般"
"""The pack (ordinary) that is used where none is named."""

AT = "@"
"""Stands between a check's code and the one answer for which a severity is given."""

OFF: Literal["off"] = "off"
"""Stands for the severity of a check that is not made."""


@dataclass(frozen=True)
class Policy:
    """The checks to make, and the word lists and limits they use.

    ``severities``: by code, only where it differs from the rule's own severity, or ``off``; ``words`` and ``limits``:
    all word lists and limits by their names. ``today``: the day that ``today`` means in limits, None for the day on
    which they are judged. ``taxonomies``: by form, the ids of those that replace the forms' own. ``scheme``: the id of
    the one by which later stages are judged, empty for the usual one.

    A severity may also be given to the check of one answer alone: ``LM-03@travel.returned``.
    """

    pack: str
    severities: Mapping[str, Severity | Literal["off"]]
    words: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, Decimal]
    today: date | None = None
    taxonomies: Mapping[str, str] = field(default_factory=dict)
    scheme: str = ""

    def __hash__(self) -> int:
        return self._hash  # caches have it in their keys

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, tuple(getattr(self, own.name) for own in fields(self))  # hashes of texts differ elsewhere

    @cached_property
    def _hash(self) -> int:
        named = (self.severities, self.words, self.limits, self.taxonomies)
        return hash((self.pack, self.today, self.scheme, *(frozenset(one.items()) for one in named)))

    def form(self, form: Form) -> Form:
        """Return a form as the county uses it: with its taxonomy."""
        return with_taxonomy(form, self.taxonomy(form))

    def taxonomy(self, form: Form) -> str:
        """Return the id of the taxonomy that replaces a form's own, empty for none.

        A form that extends another one, whose answers it shows again, has the taxonomy of that one.
        """
        if form.name in self.taxonomies or not form.base or form.taxonomy != form.base.form.taxonomy:
            return self.taxonomies.get(form.name, "")
        return self.taxonomy(form.base.form)

    def severity(self, code: str, own: Severity) -> Severity | None:
        """Return the severity of a check under this policy; None where it is not made.

        ``own``: the severity of the rule itself.
        """
        severity = self.severities.get(code, own)
        return None if severity == OFF else severity

    def severity_at(self, code: str, own: Severity, place: str) -> Severity | None:
        """Return the severity of what a check says of one answer; None where it says nothing.

        ``own``: the severity there; the policy lowers it, and raises it only for this answer alone. ``place``: the form
        and the answer: ``travel.returned``.
        """
        severity = self.severities.get(f"{code}{AT}{place}")
        if severity is None:
            severity = self.severities.get(code, own)
            if severity != OFF and SEVERITIES.index(severity) < SEVERITIES.index(own):
                severity = own
        return None if severity == OFF else severity

    @cached_property
    def judged_places(self) -> frozenset[str]:
        """The codes of the checks for which single answers have severities of their own."""
        return frozenset(name.partition(AT)[0] for name in self.severities if AT in name)


def _rebuild(*values: Any) -> Policy:
    return one_of_equals(Policy(*values))


@lru_cache(maxsize=16)
def one_of_equals(policy: Policy) -> Policy:
    """Return the first of the policies that equal this one: much is kept that was made by a policy's words."""
    return policy


def packs() -> Mapping[str, str]:
    """Return the installed packs: the label of each, with the name of its file without ``.yaml``."""
    by_label = {}
    for name in library.names("packs"):
        source = library.path("packs", f"{name}.yaml").read_text(encoding="utf-8")
        entries = parse(source, name).entries(("label", "severities"), ("words", "limits"))
        by_label[entries.text("label")] = name
    return by_label


@lru_cache(maxsize=8)
def default_policy(pack: str = ORDINARY) -> Policy:
    """Return the policy of a pack, given by its label."""
    defaults = settings()
    plain = Policy(
        pack=pack,
        severities={},
        words={name: setting.words for name, setting in defaults.items() if setting.limit is None},
        limits={name: setting.limit for name, setting in defaults.items() if setting.limit is not None},
    )
    file = f"{packs()[pack]}.yaml"
    entries = parse(library.path("packs", file).read_text(encoding="utf-8"), file).mapping()
    return _apply_changes(plain, Entries(entries), None)


def read_policy(text: str, file: str, own: Mapping[str, Severity]) -> Policy:
    """Return a county's own policy from the text of its file.

    ``file``: the name of the file, for messages; ``own``: the severity that every check has by itself, by code.
    Raises FormError with the file and the line.
    """
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        raise FormError(file=file, line=1, what="empty_policy")
    entries = parse(text, file).entries((), ("pack", "severities", "words", "limits", "taxonomy", "scheme"))
    pack = entries.one_of("pack", tuple(packs()), ORDINARY)
    taxonomies = {form: _parse_taxonomy(form, node) for form, node in entries.mapping("taxonomy").items()}
    used = _parse_scheme(entries["scheme"]) if "scheme" in entries else ""
    return replace(_apply_changes(default_policy(pack), entries, own), taxonomies=taxonomies, scheme=used)


def _parse_scheme(node: Node) -> str:
    """Return the id of the scheme that a file names: by its name, in a file beside this one, or here."""
    if isinstance(node.value, dict):
        return scheme.read(node).id
    if node.text().endswith((".yaml", ".yml")):
        return scheme.load(str(Path(node.file).parent / node.text())).id
    try:
        return scheme.load(node.text()).id
    except FormError as error:
        raise add_place(node, error) from error


def _parse_taxonomy(name: str, node: Node) -> str:
    """Return the id of the taxonomy that a file gives to a form: by its name, in a file beside this one, or here."""
    if name not in installed.names():
        raise node.mistake("unknown_form", form=name, near=nearest(name, installed.names()), known=installed.names())
    form = installed.load(name)
    if not form.taxonomy:
        raise node.mistake("no_classes", form=name)
    if isinstance(node.value, dict):
        return _own_taxonomy(form, node)
    if node.text().endswith((".yaml", ".yml")):
        path = Path(node.file).parent / node.text()
        return _own_taxonomy(form, parse(read_text(path), str(path)))
    try:
        return taxonomy.load(node.text()).id
    except FormError as error:
        raise add_place(node, error) from error


def _own_taxonomy(form: Form, node: Node) -> str:
    """Return the id of a county's own taxonomy. Raises FormError, also for a text that the form does not have."""
    classes = taxonomy.read(node)
    if "texts" in node.mapping() and (wrong := reword(form, node.mapping()["texts"].mapping()).mistakes):
        raise wrong[0]
    return classes.id


def _apply_changes(policy: Policy, entries: Entries, own: Mapping[str, Severity] | None) -> Policy:
    """Return the policy with the changes of a file.

    Without ``own``, as for packs, which are read before any rule is, the codes and severities in it are not checked.
    """
    severities = {code: _parse_severity(code, node, own) for code, node in entries.mapping("severities").items()}
    words = {name: _parse_words(name, node, policy.words) for name, node in entries.mapping("words").items()}
    limits = {name: _parse_limit(name, node, policy.limits) for name, node in entries.mapping("limits").items()}
    return replace(
        policy,
        severities={**policy.severities, **severities},
        words={**policy.words, **words},
        limits={**policy.limits, **limits},
    )


def _parse_severity(code: str, node: Node, own: Mapping[str, Severity] | None) -> Severity | Literal["off"]:
    """Return the severity that a file gives to a check; raise FormError for one that it cannot have."""
    code, at, place = code.partition(AT)
    if own is not None and code not in own:
        raise node.mistake("unknown_check", code=code, near=nearest_code(code, own))
    if own is not None and at and place not in (known := _places()):
        raise node.mistake("unknown_place", found=place, near=nearest(place, known))
    text = node.text()
    words = _SEVERITIES if text in _SEVERITIES else severity_by_word()
    if text not in words:
        raise node.mistake("unknown_severity", found=text, near=nearest(text, words))
    if own is not None and not may_have_severity(code, words[text], own):
        raise node.mistake("unsafe_fix", code=code)
    return words[text]


_SEVERITIES: Mapping[str, Severity | Literal["off"]] = {severity: severity for severity in (*SEVERITIES, OFF)}
"""The words of the engine itself, which need no language."""


def _places() -> tuple[str, ...]:
    """Return every answer of the installed forms with its form: ``travel.returned``, ``travel.legs.nights``."""
    found: list[str] = []
    for name in installed.names():
        found += [f"{name}.{path}" for path in installed.load(name).by_path]
    return tuple(found)


def nearest_code(code: str, known: Collection[str]) -> str:
    """Return the code that was probably meant: MN-02 for MN-2, else a similar one, else an empty text."""
    wanted = code.strip().upper()
    if numbered := re.fullmatch(r"([A-Z]+)[-_ ]?0*(\d+)", wanted):
        padded = f"{numbered[1]}-{numbered[2]:0>2}"
        return padded if padded in known else nearest(padded, known)
    return nearest(wanted, known)


def may_have_severity(code: str, severity: Severity | Literal["off"], own: Mapping[str, Severity]) -> bool:
    """Return whether a check may have a severity: ``fix`` (safe correction) only if it is the check's own severity."""
    return severity != "fix" or own[code] == "fix"


@lru_cache(maxsize=1)
def severity_by_word() -> Mapping[str, Severity | Literal["off"]]:
    """Map every word for a severity to it: 强制性, must be fixed and ``error`` all mean ``error``.

    Where two severities have the same word in different languages, the later one has it.
    """
    return dict(_severity_words())


def _severity_words() -> Iterator[tuple[str, Severity | Literal["off"]]]:
    """Yield every word for a severity, in all languages, with the severity."""
    for severity in (*SEVERITIES, OFF):
        for lang in messages.languages():
            yield messages.say(f"report.severity.{severity}", {}, lang), severity
        yield severity, severity


def _parse_words(name: str, node: Node, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the word list that a file gives: a whole list, or the known one with words added and left out."""
    if name not in known:
        raise node.mistake("unknown_words", name=name, near=nearest(name, known))
    if not isinstance(node.value, dict):
        return unique(map(_parse_word, node.sequence()))
    entries = node.entries((), ("add", "without"))
    without = set(map(_parse_word, entries.sequence("without")))
    return unique(word for word in (*known[name], *map(_parse_word, entries.sequence("add"))) if word not in without)


MAX_WORD_LENGTH = 100
"""The most characters that a word in a list may have."""


def _parse_word(node: Node) -> str:
    """Return one word of a list; raise FormError for one that is blank or too long."""
    cleaned = clean_word(node.text())
    if not cleaned:
        raise node.mistake("not_a_text", found=repr(node.text()))
    if len(cleaned) > MAX_WORD_LENGTH:
        raise node.mistake("too_long", limit=MAX_WORD_LENGTH, length=len(cleaned))
    return cleaned


def clean_word(text: str) -> str:
    """Return a word as lists hold it: as it is shown, and without surrogates.

    White space is removed at the ends; inside the word it becomes a single space.
    """
    shown = visible_text(text).encode("utf-8", "ignore").decode()
    return " ".join(shown.split())


def unique(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words without repeats, in the order of their first occurrence."""
    return tuple(dict.fromkeys(words))


def _parse_limit(name: str, node: Node, known: Collection[str]) -> Decimal:
    """Return the limit that a file gives."""
    if name not in known:
        raise node.mistake("unknown_limit", name=name, near=nearest(name, known))
    return Decimal(str(node.number()))


def write_policy(policy: Policy, own: Mapping[str, Severity], lang: str = messages.DEFAULT) -> str:
    """Return the text of a county's file for a policy: the differences from its pack, with comments.

    ``own``: the severity that every check has by itself, by code. ``read_policy`` reads the same policy from the text.
    """
    return "\n".join((*_file_lines(policy, own, lang), ""))


def _file_lines(policy: Policy, own: Mapping[str, Severity], lang: str) -> Iterator[str]:
    """Yield the lines of a county's file."""
    pack = default_policy(policy.pack)
    yield f"# {messages.say('report.rules.file', {'pack': policy.pack}, lang)}"
    yield f"pack: {_scalar(policy.pack)}"
    severities = [code for code in own if policy.severity(code, own[code]) != pack.severity(code, own[code])]
    of_places = {name: severity for name, severity in policy.severities.items() if AT in name}
    words = [name for name, word_list in policy.words.items() if word_list != pack.words[name]]
    limits = [name for name, limit in policy.limits.items() if limit != pack.limits[name]]
    if severities or of_places:
        yield "severities:"
    for code in severities:
        yield _severity_line(code, pack.severity(code, own[code]), policy.severity(code, own[code]), lang)
    for name, severity in of_places.items():
        yield f"  {name}: {word_for_severity(None if severity == OFF else severity, lang)}"
    if words:
        yield "words:"
    for name in words:
        yield _about_comment(name, lang)
        yield f"  {name}: {_word_changes(pack.words[name], policy.words[name])}"
    if limits:
        yield "limits:"
    for name in limits:
        yield _about_comment(name, lang)
        yield f"  {name}: {policy.limits[name]:f}"
    if policy.taxonomies:
        yield "taxonomy:"
    for form, id in policy.taxonomies.items():
        yield f"  {form}: {id}"
    if policy.scheme:
        yield f"scheme: {policy.scheme}"


def _severity_line(code: str, before: Severity | None, after: Severity | None, lang: str) -> str:
    """Return the line for a check whose severity differs from its pack, with a comment that tells the pack's."""
    title = messages.say(f"rules.{code}.title", {}, lang) if messages.has_text(f"rules.{code}.title", lang) else ""
    comment = messages.say("report.rules.before", {"title": title, "before": word_for_severity(before, lang)}, lang)
    return f"  {code}: {word_for_severity(after, lang)}  # {comment}"


def _about_comment(name: str, lang: str) -> str:
    """Return the comment that explains a word list or a limit."""
    setting = settings()[name]
    facts = {"about": setting.about, "rules": setting.rules}
    return f"  # {messages.say('report.rules.about', facts, lang)}"


def _word_changes(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """Return the changes of a word list in YAML, as the words added and left out.

    The whole list is returned where these changes would not result in its order, or where there was no list before.
    """
    add = [word for word in after if word not in before]
    without = [word for word in before if word not in after]
    if after != (*(word for word in before if word in after), *add) or not before:
        return _yaml_list(after)
    changes = {"add": add, "without": without}
    return "{" + ", ".join(f"{key}: {_yaml_list(words)}" for key, words in changes.items() if words) + "}"


def _yaml_list(words: Iterable[str]) -> str:
    """Return a list of words in YAML, in one line."""
    return f"[{', '.join(map(_scalar, words))}]"


def _scalar(word: str) -> str:
    """Return a word as a scalar of YAML: a Chinese one without quotes, as people write it, any other quoted."""
    if all("\u4e00" <= sign <= "\u9fff" for sign in word):
        return word
    return yaml.safe_dump(word, default_style='"', allow_unicode=True, width=10**6).strip()


def word_for_severity(severity: Severity | None, lang: str = messages.DEFAULT) -> str:
    """Return the word for a severity; None stands for a check that is not made."""
    return messages.say(f"report.severity.{severity or OFF}", {}, lang)
