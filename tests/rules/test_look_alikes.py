"""Every check sees the words that the sheet shows: look-alike and invisible characters change no finding."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

import pytest

from perfxl import rules
from perfxl.form import installed as forms
from perfxl.form.answers import put
from perfxl.form.characters import visible_text
from perfxl.form.form import Field, Form
from perfxl.form.types.base import Raw
from perfxl.rules import example
from perfxl.rules.rule import Rule
from perfxl.rules.subject import Subject, as_shown

FORMS = [form for name in forms.names() if example.has_example(form := forms.load(name))]
RULES = [pytest.param(form, rule, id=f"{form.name}-{rule.code}") for form in FORMS for rule in rules.rules(form)]
UNSEEN = "\u200b\u3164\u2060\ufeff\x07\u202c"
OWN = ("TX-01", "TX-02")
"""The checks of what is not seen, which alone may find more."""

ALIKE: dict[str, list[str]] = {}
for _code in (*range(0x2E80, 0x2FD6), *range(0xF900, 0xFAD9)):
    ALIKE.setdefault(visible_text(chr(_code)), []).append(chr(_code))


def respelled(text: str, chance: random.Random) -> str:
    """A text spelled by other characters that show the same."""
    signs = [chance.choice([sign, *ALIKE.get(sign, ())]) for sign in text]
    return "".join(sign + (chance.choice(UNSEEN) if chance.random() < 0.1 else "") for sign in signs)


def returned(asked: Field, value: Any, chance: random.Random) -> Any:
    """The value as it is read from a cell in which its texts are spelled so."""
    if isinstance(value, list):
        return [respelled(item, chance) if isinstance(item, str) else item for item in value]
    return asked.type.read(Raw(respelled(value, chance))).value if isinstance(value, str) else value


def found(subject: Subject) -> set[tuple[str, tuple[str, ...]]]:
    return {(finding.code, finding.fields) for finding in rules.check(subject) if finding.code not in OWN}


@pytest.mark.parametrize(("form", "rule"), RULES)
def test_a_check_sees_the_words_that_are_shown(form: Form, rule: Rule) -> None:
    for patch in (rule.bad, rule.good):
        subject = example.subject(form, patch)
        chance = random.Random(rule.code)
        record: dict[str, Any] = copy.deepcopy(dict(subject.record))
        for path, asked, value in subject.cells:
            if value is not None:
                put(record, path, returned(asked, value, chance))
        shown = as_shown(record)
        siblings = [shown if held is subject.record else held for held in subject.siblings]
        records = {**subject.unit.records, form.root: tuple(siblings)}
        unit = replace(subject.unit, records=records)
        other = Subject(form, shown, unit, subject.seen, record, subject.miscalculated)
        assert found(other) == found(subject)
