"""BS-11: a source has one name, for example 调查问卷 (questionnaire), not 问卷调查.

The county's word list of pairs says which name is right. A basis is changed only if it is nothing but that name.
"""

from collections.abc import Iterator, Mapping

from perfxl.rules.corrections import correct_columns
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit


def check(subject: Subject) -> Iterator[Hit]:
    """Find bases that are another name of a source, and correct them."""
    names = subject.unit.once(_preferred_names)
    yield from correct_columns(subject, ("indicators.basis",), lambda text: _rename(text, names))


def _rename(text: str, names: Mapping[str, str]) -> str:
    start = len(text) - len(text.lstrip())
    body = text.strip()
    name = body[:-1] if body.endswith(("。", ".")) else body
    return text[:start] + names.get(name, name) + text[start + len(name) :]


def _preferred_names(unit: Unit) -> Mapping[str, str]:
    """Return the names to replace, each with the preferred one."""
    pairs = (pair.partition("=") for pair in unit.policy.words["source_pairs"])
    names = {before.strip(): after.strip() for before, sign, after in pairs if sign}
    # a name that is itself to be renamed would need two corrections
    return {before: after for before, after in names.items() if after not in names}


RULE = Rule(
    code="BS-11",
    severity="fix",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[7].basis": "问卷调查"},
    good={"indicators[7].basis": "村民小组长问卷调查汇总表"},
)
