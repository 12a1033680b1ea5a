"""Words are made here and nowhere else: a key, the facts and a language become a sentence.

One folder per language (``zh-CN``), one YAML file per subject, or a folder of them; ``rules.MN-02.what`` is the entry
``MN-02: {what: …}`` of ``rules/MN.yaml``. A text may hold Jinja; its facts must all be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfxl.errors import PerfxlError
from perfxl.finding import REMARK, Finding
from perfxl.messages.places import Place, locate

if TYPE_CHECKING:
    import jinja2

    from perfxl.form.form import Form

DEFAULT = "zh-CN"


@dataclass(frozen=True)
class Words:
    """A finding in words: the check's short name, what was found with its numbers, what to do."""

    title: str
    what: str
    todo: str

    @property
    def ended(self) -> str:
        """What was found, with the full stop that people leave out where more follows."""
        needed = self.todo and self.what and self.what.rstrip()[-1:] not in "。；，：、？！.;,:?!"
        return f"{self.what}。" if needed else self.what


def languages() -> tuple[str, ...]:
    """The languages there are words in."""
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/errors.yaml")))


def has(key: str, lang: str = DEFAULT) -> bool:
    """Is there a text under this key?"""
    return isinstance(_entry(key, lang), str)


def say(key: str, facts: Mapping[str, Any] | None = None, lang: str = DEFAULT) -> str:
    """The text under ``file.dotted.path`` with its facts filled in. Raises KeyError where there is none."""
    source = _entry(key, lang)
    if not isinstance(source, str):
        raise KeyError(f"{lang}: {key}")
    return _template(source).render(facts or {}) if "{" in source else source


def words(finding: Finding, lang: str = DEFAULT, done: bool = False) -> Words:
    """A finding's words; ``done``: a safe correction that has been made already."""
    key = f"rules.{finding.code}"
    facts = _facts(finding, lang)
    if finding.code == REMARK:
        return Words(say("places.remark", {}, lang), str(facts["what"]), str(facts["todo"]))
    if done and has(f"{key}.done", lang):
        return Words(say(f"{key}.title", {}, lang), say(f"{key}.done", facts, lang), say("places.done", {}, lang))
    return Words(*(say(f"{key}.{part}", facts, lang).strip() for part in ("title", "what", "todo")))


def message(finding: Finding, lang: str = DEFAULT) -> str:
    """A finding in one sentence: where, what, what to do."""
    found, facts = words(finding, lang, finding.done), _facts(finding, lang)
    # a sentence that speaks of its places itself says so: `where: own`
    where = "" if _entry(f"rules.{finding.code}.where", lang) == "own" else facts["where"]
    return say("places.message", {"where": where, "what": found.ended, "todo": found.todo}, lang)


def place(path: str, form: Form, record: Mapping[str, Any], lang: str = DEFAULT) -> str:
    """A path in the form's own words: 质量指标第2条·描述, 资金支出计划·10月底."""
    return _place(locate(path, form, record), lang)


def sentence(error: PerfxlError, lang: str = DEFAULT) -> str:
    """A mistake in the input or in the call as one sentence."""
    return one_line(say(f"errors.{error.key}", error.facts, lang))


_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str) -> str:
    """A text, such as a file's name, with what breaks a line, turns it or cannot be shown written as ``\\u202e``."""
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def keys(file: str, lang: str = DEFAULT) -> frozenset[str]:
    """All keys of a file of a language."""
    return frozenset(_keys(file, _file(file, lang)))


def _facts(finding: Finding, lang: str) -> dict[str, Any]:
    places = [_place(Place(*found), lang) for found in finding.facts.get("places", ())]
    several = {"first": places[0] if places else "", "count": len(places)}
    where = say("places.several", several, lang) if len(places) > 1 else several["first"]
    return {"suggestion": finding.suggestion, **finding.facts, "place": several["first"], "where": where}


@lru_cache(maxsize=4096)
def _place(found: Place, lang: str) -> str:
    facts = {"group": found.group, "nth": found.nth, "label": _short(found.label, lang)}
    return say("places.row" if found.nth else "places.field", facts, lang)


def _short(label: str, lang: str) -> str:
    short = _file("places", lang).get("short", {}).get(label, label)
    return str(short)


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
    import yaml

    folder = Path(__file__).parent / lang
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = {}
    for path in sorted(folder.glob(f"{name}/*.yaml")) or [folder / f"{name}.yaml"]:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=loader) if path.is_file() else None  # noqa: S506 - it is a safe loader
        found.update(loaded if isinstance(loaded, Mapping) else {})
    return found


@lru_cache(maxsize=1024)
def _template(source: str) -> jinja2.Template:
    return _environment().from_string(source)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters.update(money=money, number=number, percent=percent)
    return environment


def money(value: Any) -> str:
    """An amount with two decimals: 538.69."""
    return f"{Decimal(str(value)):.2f}"


def number(value: Any) -> str:
    """A number without trailing zeros: 5386900, 0.5."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Any) -> str:
    """Percent points as people write them: 50%."""
    return f"{number(value)}%"
