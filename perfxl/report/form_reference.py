"""The page of the form language: every key, every type of answer and every option, from the table of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from perfxl import messages
from perfxl.form import types
from perfxl.form.definition.keys import SECTIONS, Key, Shape
from perfxl.form.definition.options import type_options
from perfxl.report.as_markdown import plain
from perfxl.report.form_words import language_words


def reference_page(lang: str) -> str:
    """Return the page in Markdown."""
    say = partial(_say, lang)
    command = f"perfxl form schema --format markdown --lang {lang}"
    lines = [f"# {say('title')}", "", say("intro", {"command": command})]
    head = [say(word) for word in ("key", "about", "shape", "default", "example")]
    for name, keys in SECTIONS.items():
        lines += [
            "",
            f"## {say('section', {'name': name})}",
            "",
            *_table(head, (_key_row(name, key, lang) for key in keys)),
        ]
    lines += ["", f"## {say('types')}", ""]
    lines += _table([say("type"), say("about"), say("options")], (_type_row(name, lang) for name in types.types()))
    lines += ["", f"## {say('options')}", ""]
    head = [say(word) for word in ("key", "type", "about", "shape", "default")]
    lines += _table(head, _option_rows(lang))
    return "\n".join(lines)


def _say(lang: str, word: str, facts: Mapping[str, Any] | None = None) -> str:
    return messages.say(f"language.reference.{word}", facts or {}, lang)


def _table(head: list[str], rows: Iterator[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines]


def _key_row(name: str, key: Key, lang: str) -> list[str]:
    star = "\\*" if key.required else ""
    about = plain(language_words(f"keys.{name}.{key.name}", lang))
    return [f"`{key.name}`{star}", about, _shape(key.shape, lang), _code(key.default), _code(key.example)]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _type_row(name: str, lang: str) -> list[str]:
    options = ", ".join(f"`{option}`" for option in types.options(types.types()[name]) if option != "example")
    return [f"`{name}`", plain(language_words(f"types.{name}", lang)), options]


def _option_rows(lang: str) -> Iterator[list[str]]:
    """Yield a row for each option, and for each way of giving it where types differ."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name, answer_type in types.types().items():
        for option in type_options(answer_type):
            row = (option.name, _shape(option.shape, lang), _code(_default(option.default)))
            rows.setdefault(row, []).append(name)
    every = len(types.types())
    for (name, shape, default), names in sorted(rows.items()):
        whose = "" if len(names) == every else ", ".join(f"`{name}`" for name in names)
        yield [f"`{name}`", whose, plain(language_words(f"options.{name}", lang)), shape, default]


def _default(value: object) -> str:
    return "" if value in (None, "", ()) or isinstance(value, Mapping) else str(value)


def _shape(shape: Shape, lang: str) -> str:
    """Return a shape in words."""
    alternatives = [_one_shape(one, lang) for one in (shape, *shape.either)]
    return messages.say("language.shape.or", {"shapes": alternatives}, lang)


def _one_shape(shape: Shape, lang: str) -> str:
    facts = {
        "minimum": shape.minimum,
        "words": [f"`{word}`" for word in shape.words],
        "items": _shape(shape.items, lang) if shape.items else "",
        "section": f"`{shape.section}`",
    }
    return messages.say(f"language.shape.{shape.kind}", facts, lang)
