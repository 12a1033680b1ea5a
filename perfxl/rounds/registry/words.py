"""The words of registries: the headings of their columns, of totals and of publication, as data (registry.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, get_args

from perfxl.form import library
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.source import parse
from perfxl.form.types.choice import Choice
from perfxl.form.types.money import IN_YUAN
from perfxl.rounds.model import Disclosure
from perfxl.workbook.reading.words import anchors

FILE = "registry.yaml"
GIVEN = "given."
"""The beginning of the name of a column that holds an answer of the form: ``given.budget.total``."""

_UNITS = "|".join(sorted((unit for unit in IN_YUAN if unit.endswith("元")), key=len, reverse=True))
_MONEY_AT_END = re.compile(rf"[(\[/,]?(?:(?:金额)?单位:?)?(?:人民币)?({_UNITS})[)\]]?$")
_MONEY_NOTE = re.compile(rf"单位:(?:人民币)?({_UNITS})(?![\u4e00-\u9fff])")  # not 单位：元氏县
_YEAR = re.compile(r"^(?:19|20)[0-9]{2}年度?(?=.)")
_STATED = re.compile(rf"(?:合计|总计|共计|总额)[^0-9]{{0,8}}?([0-9][0-9,]*(?:\.[0-9]+)?)({_UNITS})")


@dataclass(frozen=True)
class RegistryWords:
    """The data of registry.yaml.

    ``headings``: the headings of each column, the one that is written first; ``under_amounts``: those that name a
    column only below a heading about amounts; ``disclosure``, ``secret``: the words for each kind of publication;
    ``totals``, ``subtotals``: the words of rows with sums; ``parts``: the beginnings of the names of rows that are a
    part of another; ``notes``: the beginnings of the lines below a list.
    """

    headings: Mapping[str, tuple[str, ...]]
    under_amounts: Mapping[str, tuple[str, ...]]
    disclosure: Mapping[Disclosure, tuple[str, ...]]
    secret: Mapping[Disclosure, tuple[str, ...]]
    totals: tuple[str, ...]
    subtotals: tuple[str, ...]
    parts: tuple[str, ...]
    notes: tuple[str, ...]


class HeadingText(NamedTuple):
    """A heading without what stands around it, and the unit of money that it states, empty for none."""

    words: str
    money: str


@lru_cache(maxsize=1)
def registry_words() -> RegistryWords:
    """Return the words that ship with perfxl. Raises FormError for a mistake in their file."""
    source = library.path(FILE).read_text(encoding="utf-8")
    by_name, several = ("headings", "under_amounts", "disclosure", "secret"), ("totals", "subtotals", "parts", "notes")
    entries = parse(source, FILE).entries((*by_name, *several))
    lists = {
        key: {name: tuple(item.text() for item in node.sequence()) for name, node in entries.mapping(key).items()}
        for key in by_name
    }
    rows = {key: tuple(item.text() for item in entries.sequence(key)) for key in several}
    disclosure, secret = (
        {kind: lists[key][kind] for kind in get_args(Disclosure) if kind in lists[key]}
        for key in ("disclosure", "secret")
    )
    return RegistryWords(lists["headings"], lists["under_amounts"], disclosure, secret, **rows)


def choice_of(words: Mapping[Disclosure, tuple[str, ...]]) -> Choice:
    """Return the type of answer that reads these words."""
    return Choice(choices=tuple(word for several in words.values() for word in several))


@lru_cache(maxsize=64)
def headings_of(form: Form) -> Mapping[str, str]:
    """Return the column that each heading names, by the heading's plain words.

    Beside the words of registry.yaml these are the form's own labels, and the ids of its fields; where a word stands
    for two columns, the one that registry.yaml has first, then the one that the form has first.
    """
    columns: dict[str, str] = {}
    for column, words in registry_words().headings.items():
        if not column.startswith(GIVEN) or column.removeprefix(GIVEN) in form.fields:
            for word in words:
                columns.setdefault(split_heading(word).words, column)
    own = given_fields(form)
    for id in own:
        columns.setdefault(squeeze(id), GIVEN + id)
    for id in own:
        label = anchors(form)[id].label if id in anchors(form) else ""
        for text in (label, *form.fields[id].label[-1:]):
            if text:
                columns.setdefault(split_heading(text).words, GIVEN + id)
    return columns


def given_fields(form: Form) -> tuple[str, ...]:
    """Return the fields that a registry may give a value for: those of the head, but what every project has itself."""
    return tuple(id for id in form.fields if not form.many or id not in (form.key, "code", "name"))


def heading_to_write(column: str, form: Form) -> str:
    """Return the heading under which a column is written: one that is read as that column."""
    id = column.removeprefix(GIVEN)
    label = form.fields[id].label[-1:] if column.startswith(GIVEN) else ()
    for word in (*registry_words().headings.get(column, ()), *label):
        if headings_of(form).get(split_heading(word).words) == column:
            return word
    return id


def column_words(path: str, form: Form | None) -> str:
    """Return the words for a value of a unit, or of a project of a form: the heading of its column, else its path."""
    for column in (GIVEN + path, f"project.{path}") if form else (f"unit.{path}",):
        if column in registry_words().headings:
            return registry_words().headings[column][0]
    answer = form.fields.get(path) if form else None
    return answer.label[-1] if answer and answer.label else path


def split_heading(text: str) -> HeadingText:
    """Return a heading's plain words and its unit of money: 财政资金, 万元 of 其中：2024年财政资金（万元）."""
    whole = squeeze(text)
    money = _MONEY_AT_END.search(whole)
    bare = whole[: money.start()] if money else whole
    plain = _YEAR.sub("", re.sub(r"[*:：]", "", bare).removeprefix("其中"))
    return HeadingText(plain, money[1] if money else "") if plain else HeadingText(whole, "")


def without_remark(words: str) -> str:
    """Return a heading's words without what stands in brackets behind them: ``单位代码(6位)`` is 单位代码."""
    return re.sub(r"\([^()]*\)", "", words)


def money_of_note(text: str) -> str:
    """Return the unit of money that a note states (单位：万元); empty for none."""
    found = _MONEY_NOTE.search(squeeze(text))
    return found[1] if found else ""


def stated_total(text: str) -> str:
    """Return the total with its unit that a sentence states (合计975.30万元); empty for none."""
    found = _STATED.search(squeeze(text))
    return f"{found[1]}{found[2]}" if found else ""


def sum_word(text: str) -> str:
    """Return which sum a cell's words announce: ``total``, ``subtotal``, or nothing."""
    words, bare = registry_words(), squeeze(text).rstrip(":")
    if bare in words.totals:
        return "total"
    return "subtotal" if bare in words.subtotals else ""


def amount_under(text: str) -> str:
    """Return the column that a heading names below one about amounts; empty for none. A sum is that of all amounts."""
    bare, columns = split_heading(text).words, registry_words().under_amounts
    if sum_word(bare):
        return next(iter(columns))
    return next((column for column, several in columns.items() if bare in several), "")


def is_part(name: str) -> bool:
    """Return True for the name of a row that is a part of the row above, and no project: 其中：一期."""
    return squeeze(name).startswith(registry_words().parts)


def ends_as_sum(text: str) -> bool:
    """Return True for words that end as those of a sum do: 柳溪镇小计."""
    words = registry_words()
    return squeeze(text).rstrip(":").endswith((*words.totals, *words.subtotals))


def is_note(text: str) -> bool:
    """Return True for a line below a list: 注：…, 制表人：…"""
    start, colon, _ = squeeze(text).partition(":")
    return bool(colon) and len(start) <= 8 and start.startswith(registry_words().notes)
