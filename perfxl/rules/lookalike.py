"""Sheets with the answers of another sheet: whole tables that were copied, within a unit or from another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perfxl.form.answers import flatten
from perfxl.form.form import Field
from perfxl.form.installed import load
from perfxl.submission import Doubt, Submission

SHARE = 0.95  # of a sheet's texts that stand on the other too
FEWEST = 8  # texts: fewer say nothing
COMMON = 20  # sheets: a text on more of them is a phrase, and nobody's own
LENGTH = 4  # characters: shorter texts are numbers and words of lists


def find_lookalikes(submissions: Sequence[Submission]) -> dict[int, Doubt]:
    """For each submission, by its place, that holds another one's answers: the doubt that says whose."""
    texts = [frozenset(_texts(each)) for each in submissions]
    holders: dict[str, list[int]] = {}
    for at, own in enumerate(texts):
        for text in own:
            holders.setdefault(text, []).append(at)
    found: dict[int, Doubt] = {}
    for at, own in enumerate(texts):
        if len(own) < FEWEST:
            continue
        rare = (holders[text] for text in own if len(holders[text]) <= COMMON)
        shared = Counter(other for held in rare for other in held if not _same(submissions[other], submissions[at]))
        for other, count in shared.most_common(1):
            if count >= SHARE * len(own):
                found[at] = _doubt(submissions[other], count, len(own))
    return found


def _same(one: Submission, other: Submission) -> bool:
    """Whether both are the same table, if sent twice: by its number, which a later draft keeps, else by its code."""
    if (one.unit_code, one.form) != (other.unit_code, other.form):
        return False
    form = load(one.form)
    numbers = one.record.get(form.key), other.record.get(form.key)
    return form.code(one.record) == form.code(other.record) if None in numbers else numbers[0] == numbers[1]


def _doubt(other: Submission, count: int, whole: int) -> Doubt:
    facts = {"unit": f"{other.unit_code}{other.unit_name}", "sheet": other.sheet, "count": count, "whole": whole}
    return Doubt("same_answers", (), facts)


def _texts(each: Submission) -> Iterator[str]:
    """What was typed in words, of some length: numbers and words of lists are nobody's own."""
    form = load(each.form)
    answers = flatten(form, each.record)
    yield from _words(form.fields, answers.head)
    for table, rows in answers.rows.items():
        for row in rows:
            yield from _words(form.tables[table].columns, row)


def _words(asked: Mapping[str, Field], values: Mapping[str, Any]) -> Iterator[str]:
    for id, field in asked.items():
        if field.kind.free_text and not field.given:
            value = values.get(id)
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and len(text) >= LENGTH:
                    yield "".join(text.split())
