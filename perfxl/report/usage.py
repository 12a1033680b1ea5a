"""Mistakes in a call, in words of ours: click has English ones alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import click

from perfxl import messages


def language(words: Sequence[str], usual: str = messages.DEFAULT) -> str:
    """Return the language that a call asks for, as far as it can be told of one that is wrong; else the usual one."""
    asked = [after for word, after in pairwise(words) if word == "--lang"]
    asked += [word.partition("=")[2] for word in words if word.startswith("--lang=")]
    return next((lang for lang in asked if lang in messages.languages()), usual)


def sentence(error: click.ClickException, lang: str) -> str:
    """Return what is wrong with a call in one sentence, and where its usage stands."""
    what, facts = _what(error)
    context = getattr(error, "ctx", None)
    facts = {**facts, "command": context.command_path if context else "perfxl"}
    wrong = messages.say(f"usage.{what}", facts, lang)
    return messages.one_line(messages.say("usage.see", {**facts, "wrong": wrong}, lang))


def _what(error: click.ClickException) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of mistake, and its facts."""
    if isinstance(error, click.NoSuchOption):
        return "no_option", {"option": error.option_name, "near": error.possibilities or ()}
    if isinstance(error, click.BadOptionUsage):
        return ("takes_none" if "not take" in error.message else "needs_one"), {"option": error.option_name}
    if isinstance(error, click.MissingParameter) and error.param:
        return "missing", {"name": _name(error.param)}
    if isinstance(error, click.BadParameter) and error.param:
        return _bad_value(error.param)
    if name := getattr(error, "command_name", ""):
        return "no_command", {"name": name}
    if extra := re.match(r"Got unexpected extra arguments? \((.*)\)", error.message, re.DOTALL):
        return "extra", {"words": extra[1]}
    return "wrong", {}


def _bad_value(param: click.Parameter) -> tuple[str, Mapping[str, Any]]:
    kind, facts = param.type, {"name": _name(param)}
    if isinstance(kind, click.Choice) or param.name == "lang":
        allowed = kind.choices if isinstance(kind, click.Choice) else messages.languages()
        return "not_one_of", {**facts, "allowed": [str(word) for word in allowed]}
    if isinstance(kind, click.IntRange):
        return "not_in_range", {**facts, "minimum": kind.min, "maximum": kind.max}
    if getattr(kind, "takes_urls", None) is False:
        return "no_url", facts
    if most := getattr(kind, "most", 0):
        return "too_long", {**facts, "limit": most}
    return "bad_value", facts


def _name(param: click.Parameter) -> str:
    """Return a parameter as it is typed: the longest of an option's names, the word of an argument."""
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.human_readable_name
