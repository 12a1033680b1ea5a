"""BS-11: one source has one name: 调查问卷, not 问卷调查; a county says which in its list of pairs.

Only a basis that is nothing but that name is changed.
"""

import re
from collections.abc import Iterator, Mapping

from perfxl.rules.corrections import correct_columns
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit

_BODY = re.compile(r"(\s*)(.*?)([。.]?\s*)", re.DOTALL)


def check(subject: Subject) -> Iterator[Hit]:
    names = subject.unit.once(_names)
    yield from correct_columns(subject, ("indicators.basis",), lambda text: _named(text, names))


def _named(text: str, names: Mapping[str, str]) -> str:
    body = _BODY.fullmatch(text)
    assert body  # it takes any text
    return body[1] + names.get(body[2], body[2]) + body[3]


def _names(unit: Unit) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in unit.policy.words["source_pairs"])
    found = {before.strip(): after.strip() for before, sign, after in pairs if sign}
    # a name that is itself to be renamed would need two corrections
    return {before: after for before, after in found.items() if after not in found}


RULE = Rule(
    code="BS-11",
    severity="fix",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[7].basis": "问卷调查"},
    good={"indicators[7].basis": "村民小组长问卷调查汇总表"},
)
