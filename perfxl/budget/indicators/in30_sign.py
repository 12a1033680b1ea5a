"""IN-30: the sign of a value agrees with what it measures.

A share that is good when it is high (合格率, pass rate) has no ≤; what should not happen (事故, accidents) has no ≥;
and ≥0 is kept by any result. A satisfaction is left to IN-15. Names that speak of work against what should not happen
(投诉处理, handling of complaints) are not judged.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.budget.indicator import Indicator, indicators
from perfxl.form.characters import squeeze
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import alternatives, has_any


def check(subject: Subject) -> Iterator[Hit]:
    """Find values whose sign contradicts the name, and those that any result keeps."""
    for row in indicators(subject):
        if problem := _problem(subject, row):
            facts = {"problem": problem, "name": row.text("level3"), "found": row.text("target")}
            yield Hit((row.path("target"), row.path("level3")), facts, _suggestion(subject, row, problem))


def _problem(subject: Subject, row: Indicator) -> str:
    """Return "good", "bad" or "zero" for a sign that is wrong, else ""."""
    value = row.value
    if value is None or value.kind != "number" or value.number is None or row.belongs("服务对象满意度"):
        return ""
    if value.operator == "≥" and value.number == 0:
        return "zero"
    name = squeeze(row.text("level3"))
    if value.operator in ("≤", "<") and value.unit == "%":
        return "good" if _ends_well(subject.words("good_rates")).search(name) else ""
    return "bad" if value.operator in ("≥", ">") and value.number > 0 and _is_bad(subject, row) else ""


@lru_cache(maxsize=8)
def _ends_well(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of names ending with one of these rates, not its contrary (不合格率, rate of failures)."""
    return re.compile(f"(?<![不未非无失])(?:{alternatives(words)})$")


def _is_bad(subject: Subject, row: Indicator) -> bool:
    """Return True if a name means something that should not happen."""
    name, description = squeeze(row.text("level3")), row.text("description")
    if any(has_any(text, subject.words("remedies")) for text in (name, description)):
        return False
    endings = _endings(subject.words("happening"))
    words = subject.words("bad_things")
    return name.endswith(words) or endings.sub("", name).endswith(words)


@lru_cache(maxsize=8)
def _endings(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{alternatives(words)})+$")


def _suggestion(subject: Subject, row: Indicator, problem: str) -> str | None:
    """Return the value with the right sign; None for a zero of something that should happen."""
    assert row.value is not None
    assert row.value.number is not None
    number = f"{plain_number(row.value.number)}{row.value.unit}"
    if problem == "zero":
        return number if _is_bad(subject, row) else None
    return f"{'≥' if problem == 'good' else '≤'}{number}"


RULE = Rule(
    code="IN-30",
    severity="warning",
    check=check,
    needs=("indicators.level3", "indicators.target"),
    bad={"indicators[3].target": "≤98%"},
    good={"indicators[3].level3": "补贴对象复核不合格率", "indicators[3].target": "≤2%"},
    together=True,
)
