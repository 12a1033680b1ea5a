"""Words are made here and nowhere else: a key, the facts and a language become a sentence.

One folder per language (``zh-CN``), one YAML file per subject, or a folder of them; ``rules.RD-02.what`` is the entry
``RD-02: {what: …}`` of ``rules/RD.yaml``. A package that brings checks or types of answer has the words of these in a
folder ``messages`` of its own, arranged likewise; one that brings a language is such a folder of a language. What a
language lacks is said in another one (``instead_of``). A text may hold Jinja; its facts must all be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from perfxl import extensions
from perfxl.errors import PerfxlError
from perfxl.finding import REMARK, Finding
from perfxl.form.characters import OBEYED, shorten
from perfxl.messages.conditions import in_words
from perfxl.messages.places import Place, locate

if TYPE_CHECKING:
    import jinja2

    from perfxl.form.form import Form

DEFAULT = "zh-CN"

Id = TypeVar("Id", bound=str)

_OWN = Path(__file__).parent
_SHIPPED = ("zh-CN", "en")


@dataclass(frozen=True)
class Words:
    """A finding in words: the check's short name, what was found with its numbers, what to do."""

    title: str
    what: str
    todo: str

    @property
    def ended(self) -> str:
        """The sentence about what was found, ended by a full stop where more follows."""
        needed = self.todo and self.what and self.what.rstrip()[-1:] not in "。；，：、？！.;,:?!"
        stop = "。" if _CHINESE.search(self.what) else "."
        return f"{self.what}{stop}" if needed else self.what


_CHINESE = re.compile("[\u3400-\u9fff]")


def instead_of(lang: str) -> str:
    """Return the language in which is said what another one lacks: English, for the kinds of Chinese the default."""
    return DEFAULT if lang.split("-")[0] == DEFAULT.split("-")[0] else "en"


def languages() -> tuple[str, ...]:
    """List the languages there are words in."""
    own = (path.parent.name for path in _OWN.glob("*/errors.yaml"))
    return tuple(sorted({*own, *extensions.found("perfxl.languages")}))


def has_text(key: str, lang: str = DEFAULT) -> bool:
    """Return True if there is a text under this key."""
    return isinstance(_said(key, lang), str)


def say(key: str, facts: Mapping[str, Any] | None = None, lang: str = DEFAULT) -> str:
    """Return the text under ``file.dotted.path`` with its facts filled in. Raises KeyError where there is none."""
    text = source(key, lang)
    return _template(text).render(facts or {}) if "{" in text else text


@lru_cache(maxsize=2048, typed=True)
def say_again(key: str, lang: str, **facts: Any) -> str:
    """Return what ``say`` does, remembered: for short texts that are the same in many files; the facts are hashable."""
    return say(key, facts, lang)


@lru_cache(maxsize=4096)
def source(key: str, lang: str = DEFAULT) -> str:
    """Return the text under a key as it is written, with its Jinja. Raises KeyError where there is none."""
    found = _said(key, lang)
    if not isinstance(found, str):
        raise KeyError(f"{lang}: {key}")
    return found


@lru_cache(maxsize=512)
def spellings(key: str) -> frozenset[str]:
    """Return a text that needs no facts as it is in every language: a workbook may have been made in any of them."""
    return frozenset(say(key, {}, lang) for lang in languages())


def ids_by_word(key: str, ids: Iterable[Id]) -> Mapping[str, Id]:
    """Return which of the entries below a key is meant by a word of any language: ``mark`` by 标记 and by Mark."""
    return {word: id for id in ids for word in spellings(f"{key}.{id}")}


@lru_cache(maxsize=256)
def facts_of(key: str) -> frozenset[str]:
    """Return the names of the facts that the text under a key needs."""
    from jinja2 import meta

    return frozenset(meta.find_undeclared_variables(_environment().parse(source(key))))


def codes(checks: str = "") -> frozenset[str]:
    """Return the codes that a set of checks has words for; for an empty name those of the general checks."""
    folder = extensions.message_folder(extensions.found("perfxl.checks")[checks].module) if checks else _OWN
    return frozenset(_read(folder / DEFAULT, "rules")) if folder else frozenset()


def words(finding: Finding, lang: str = DEFAULT, done: bool = False) -> Words:
    """Return a finding's words; ``done``: a safe correction that has been made already."""
    key = f"rules.{finding.code}"
    facts = _facts(finding, lang)
    if own := facts.get("own_words"):  # of a form's own check, made where its values were known
        if not own["title"]:  # a limit of an answer has a sentence, but no title
            return _own_words(own["message"], key, facts, lang)
        return Words(own["title"], own["message"], own["advice"])
    if finding.code == REMARK:
        return Words(say("places.remark", {}, lang), str(facts["what"]), str(facts["todo"]))
    if done and has_text(f"{key}.done", lang):
        return Words(say(f"{key}.title", {}, lang), say(f"{key}.done", facts, lang), say("places.done", {}, lang))
    return Words(*(say(f"{key}.{part}", facts, lang).strip() for part in ("title", "what", "todo")))


def _own_words(sentence: str, key: str, facts: Mapping[str, Any], lang: str) -> Words:
    """Return the words of a limit that has a sentence of its own: with what was typed and the limit beside it."""
    title, what, todo = (say(f"{key}.{part}", facts, lang).strip() for part in ("title", "what", "todo"))
    numbers = [str(facts[name]) for name in ("found", "bound") if facts.get(name) not in (None, "")]
    if all(re.search(rf"(?<![\w.]){re.escape(number)}(?!\w|[.,]\w)", sentence, re.ASCII) for number in numbers):
        return Words(title, sentence, todo)
    ended = Words(title, sentence, what).ended
    return Words(title, f"{ended} {what}" if ended[-1].isascii() else f"{ended}{what}", todo)


def message(finding: Finding, lang: str = DEFAULT) -> str:
    """Return a finding in one sentence: where, what, what to do."""
    found, facts = words(finding, lang, finding.done), _facts(finding, lang)
    # a sentence that speaks of its places itself says so: `where: own`
    where = "" if _entry(f"rules.{finding.code}.where", lang) == "own" else facts["where"]
    return say("places.message", {"where": where, "what": found.ended, "todo": found.todo}, lang).rstrip()


def place(path: str, form: Form, record: Mapping[str, Any], lang: str = DEFAULT) -> str:
    """Return a path in the form's own words: 质量指标第2条·描述, 资金支出计划·10月底."""
    return place_words(locate(path, form, record), lang)


def sentence(thing: Finding | PerfxlError, lang: str = DEFAULT) -> str:
    """Return a finding or an error as one sentence: where it is, what is wrong, what to do.

    ``lang``: one of ``languages()``; what it lacks is said in English. Raises TypeError for another thing,
    ValueError for another language.
    """
    if lang not in languages():
        raise ValueError(f"lang is one of {', '.join(map(repr, languages()))}, not {lang!r}")
    if isinstance(thing, Finding):
        return message(thing, lang)
    if isinstance(thing, PerfxlError):
        facts = {name: fact if name == "file" else _cut(fact, lang) for name, fact in thing.facts.items()}
        if facts.get("file") == "":
            facts = {**facts, "file": say("places.records", {}, lang)}
        if "reason" in facts:
            facts = {**facts, "reason": say(f"system.{facts['reason']}", {}, lang), "word": facts["reason"]}
        if "title_of" in facts:
            facts = {**facts, "title": say(f"rules.{facts['title_of']}.title", {}, lang)}
        return one_line(say(f"errors.{thing.key}", facts, lang))
    raise TypeError(f"a Finding or a PerfxlError has a sentence, not {type(thing).__name__}")


_LONGEST_FACT = 200


def _cut(fact: Any, lang: str) -> Any:
    """Return a fact as it stands in a sentence: of a very long text the beginning, of several errors the sentences."""
    if isinstance(fact, tuple):
        return tuple(sentence(item, lang) if isinstance(item, PerfxlError) else item for item in fact)
    return shorten(fact, _LONGEST_FACT) if isinstance(fact, str) else fact


_UNSEEN = re.compile(f"[\x00-\x08\x0b-\x1f{OBEYED}]")


def harmless(text: str) -> str:
    """Return a text with whatever a terminal obeys, turns the words or cannot be shown written as ``\\u202e``."""
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str) -> str:
    """Return a harmless text in which a line break stands as ``\\n``, a tabulator as ``\\t``."""
    return harmless(text.replace("\r\n", "\n")).replace("\n", "\\n").replace("\t", "\\t")


def text_keys(file: str, lang: str = DEFAULT) -> frozenset[str]:
    """Return all keys of a file of a language."""
    return frozenset(_keys(file, _file(file, lang)))


def _facts(finding: Finding, lang: str) -> dict[str, Any]:
    places = [place_words(Place(*found), lang) for found in finding.facts.get("places", ())]
    first = places[0] if places else ""
    where = say_again("places.several", lang, first=first, count=len(places)) if len(places) > 1 else first
    return {
        "suggestion": finding.suggestion,
        **_answer_words(finding.facts, lang),
        **finding.facts,
        "place": first,
        "where": where,
    }


_OF_ANSWERS = (("describe", "describe", "kind"), ("reason", "problem", "problem"))
"""Words about an answer: what a sentence calls them, where they stand in ``types``, and the fact that chooses one."""


def _answer_words(facts: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Return what a finding's sentence may say of an answer: its description, and why it could not be understood."""
    keys = {word: f"types.{of}.{facts[fact]}" for word, of, fact in _OF_ANSWERS if fact in facts}
    made = {word: say(key, facts, lang) for word, key in keys.items() if has_text(key, lang)}
    if facts.get("condition"):
        made["condition_words"] = in_words(facts["condition"], lambda key, inner: say(key, inner, lang))
    return made


@lru_cache(maxsize=4096)
def place_words(found: Place, lang: str) -> str:
    facts = {"group": found.group, "nth": found.nth, "label": _short(found.label, lang)}
    return say("places.row" if found.nth else "places.field", facts, lang)


def _short(label: str, lang: str) -> str:
    short = _file("places", lang).get("short", {}).get(label, label)
    return str(short)


def _said(key: str, lang: str) -> Any:
    """Return the entry of a language, else of the one that it is said in instead."""
    found = _entry(key, lang)
    return found if isinstance(found, str) or lang in _SHIPPED else _entry(key, instead_of(lang))


def _keys(prefix: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _keys(f"{prefix}.{key}", inner)
    else:
        yield prefix


@lru_cache(maxsize=4096)
def _entry(key: str, lang: str) -> Any:
    file, *path = key.split(".")
    found: Any = _file(file, lang)
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


@lru_cache(maxsize=64)
def _file(name: str, lang: str) -> Mapping[str, Any]:
    folders = [extensions.language_folder(lang) if lang not in _SHIPPED else _OWN / lang]
    folders += [folder / lang for folder in extensions.message_folders()]
    found: dict[str, Any] = {}
    for folder in filter(None, folders):
        found = _merge(_read(folder, name), found)
    return found


@lru_cache(maxsize=128)
def _read(folder: Path, name: str) -> Mapping[str, Any]:
    """Return a subject's words in a folder of one language: of one file, or of all files of a folder."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = {}
    for path in sorted(folder.glob(f"{name}/*.yaml")) or [folder / f"{name}.yaml"]:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=loader) if path.is_file() else None  # noqa: S506 - it is a safe loader
        found.update(loaded if isinstance(loaded, Mapping) else {})
    return found


def _merge(base: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One set of words over another: what both have is the upper one's."""
    mixed = dict(base)
    for key, value in above.items():
        below = mixed.get(key)
        nested = isinstance(below, Mapping) and isinstance(value, Mapping)
        mixed[key] = _merge(below, value) if nested else value  # type: ignore[arg-type]
    return mixed


@lru_cache(maxsize=1024)
def _template(source: str) -> jinja2.Template:
    template = _environment().from_string(source)
    template.globals = dict(template.globals)  # copied for each text, which takes several times as long of a ChainMap
    return template


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters.update(money=money, number=number, percent=percent, of=counted)
    return environment


def money(value: Any) -> str:
    """Return an amount with two decimals: 538.69."""
    return f"{_written_out(value):.2f}"


def number(value: Any) -> str:
    """Return a number without trailing zeros: 5386900, 0.5."""
    text = f"{_written_out(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Any) -> str:
    """Percent points as people write them: 50%."""
    return f"{number(value)}%"


def counted(count: Any, thing: str) -> str:
    """Return a number of things in English: 1 file, 3 files."""
    return f"{count} {thing if str(count) == '1' else f'{thing}s'}"


_MOST_DIGITS = 400


def _written_out(value: Any) -> Decimal:
    """Return a number that can be written out. Raises ValueError for one of very many digits, such as 1E+999999999."""
    number = Decimal(str(value))
    if number.is_finite() and abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError(f"more than {_MOST_DIGITS} digits")
    return number
