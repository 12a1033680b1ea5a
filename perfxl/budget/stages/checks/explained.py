"""SE-07, SE-15: an explanation stands where a value was missed, passed by far, or does not apply."""

from collections.abc import Iterator
from fractions import Fraction

from perfxl.budget.stages.checks import EVALUATION
from perfxl.budget.stages.monitored import number_of
from perfxl.budget.stages.progress import Row, rows
from perfxl.budget.stages.words import show
from perfxl.form import scheme
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def needs_explanation(row: Row, subject: Subject) -> bool:
    """Return True for a value that was missed, or passed by more than the scheme allows."""
    return row.is_short or row.is_ahead(_above(subject))


def check_explanation(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where an explanation is asked for and there is none."""
    above = _above(subject)
    for row in rows(subject):
        if not needs_explanation(row, subject) or row.text("reason"):
            continue
        share = row.number / row.aim * 100 if row.number is not None and row.aim else None
        facts = {
            "target": row.text("target"),
            "found": row.text("actual"),
            "share": show(share) if share is not None else "",
            "above": show(above) if row.is_ahead(above) else "",
            "less": row.less,
        }
        yield Hit((row.path("reason"),), facts)


def check_left_out(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for a row that does not apply and does not say why, or has a score all the same."""
    for row in rows(subject):
        if row.state == "left_out" and not row.text("reason"):
            yield Hit((row.path("reason"),), {"score": None})
        score = subject.number(row.path("score"))
        if row.state == "left_out" and score is not None:
            yield Hit((row.path("score"),), {"score": float(score)})


def _above(subject: Subject) -> Fraction:
    return number_of(subject, "scheme.above", "explain.above", scheme.load(scheme.DEFAULT)) or Fraction(0)


RULES = (
    Rule(
        code="SE-07",
        severity="error",
        check=check_explanation,
        beside=("actual",),
        needs=EVALUATION,
        limits=("LM-01",),
        bad={"indicators[1].actual": "46个"},
        good={"indicators[1].actual": "45个"},
    ),
    Rule(
        code="SE-15",
        severity="error",
        check=check_left_out,
        beside=("actual",),
        needs=EVALUATION,
        limits=("LM-01",),
        bad={"indicators[1].actual": "不适用"},
        good={"indicators[1]": {"actual": "不适用", "reason": "本年合村并居，不再按村考核。"}},
    ),
)
