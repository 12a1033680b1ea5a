"""MO-07 to MO-09, MO-15: a reason stands where one is asked for, with its cause, and is each row's own."""

from collections.abc import Iterator
from fractions import Fraction

from perfxl.budget.stages.checks import MONITORING
from perfxl.budget.stages.lights import light_of, progress_of
from perfxl.budget.stages.monitored import light_rule
from perfxl.budget.stages.progress import Row, rows
from perfxl.budget.stages.words import show
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

FEWEST = 3
"""From so many rows on the same reason is asked about."""


def needs_reason(row: Row, subject: Subject) -> bool:
    """Return True for a red or a yellow light, and, where the scheme says so, for a target that was passed by far."""
    if light_of(row, light_rule(subject)) in ("red", "yellow"):
        return True
    limit = subject.number("scheme.ahead_reason")
    return limit is not None and is_far_ahead(row, Fraction(limit))


def is_far_ahead(row: Row, percent: Fraction) -> bool:
    """Return True where a count is passed at all, or a value to be reached at least by more than so many percent."""
    exact = not row.target.operator and row.target.unit != "%"
    return row.is_ahead(Fraction(0) if exact else percent)


def check_reason(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where a reason is asked for and there is none."""
    rule = light_rule(subject)
    for row in rows(subject):
        if not needs_reason(row, subject) or row.text("reason"):
            continue
        progress, light = progress_of(row, rule), light_of(row, rule)
        due = row.aim * (rule.share if rule.how == "prorate-all" or row.is_flow else 1) if row.aim else None
        facts = {
            "light": light or "",
            "target": row.text("target"),
            "found": row.text("actual"),
            "due": show(due) if due is not None else "",
            "unit": row.target.unit,
            "progress": show(progress) if progress is not None else "",
            "less": row.less and rule.how == "by-kind",
            "number": row.number is not None,
        }
        yield Hit((row.path("reason"),), facts)


def check_cause(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where a cause is chosen and no reason is written, or a reason without a cause."""
    for row in rows(subject):
        causes, reason = row.cells.get("causes") or (), row.text("reason")
        if causes and not reason:
            yield Hit((row.path("reason"),), {"causes": list(causes)})
        elif reason and not causes:
            yield Hit((row.path("causes"),), {"causes": []})


def check_ahead(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where a target is passed so far that it may have been too low."""
    limit = subject.number("scheme.ahead")
    for row in rows(subject):
        if limit is not None and row.number is not None and row.aim is not None and is_far_ahead(row, Fraction(limit)):
            ahead = row.number - row.aim
            if light_of(row, light_rule(subject)) not in ("red", "yellow") and not row.text("reason"):
                facts = {
                    "target": row.text("target"),
                    "found": row.text("actual"),
                    "ahead": show(ahead),
                    "unit": row.target.unit,
                }
                yield Hit((row.path("actual"),), facts)


def check_same(subject: Subject) -> Iterator[Hit]:
    """Yield one hit on all rows with the same reason."""
    by_reason: dict[str, list[Row]] = {}
    for row in rows(subject):
        if row.text("reason"):
            by_reason.setdefault(squeeze(row.text("reason")), []).append(row)
    for same in by_reason.values():
        if len(same) >= FEWEST:
            yield Hit(tuple(row.path("reason") for row in same), {"count": len(same), "reason": same[0].text("reason")})


_SHORT = {"actual": "100人", "causes": ["其他"], "reason": "名单正在核对，8月补发。", "possibility": "有可能"}

RULES = (
    Rule(
        code="MO-07",
        severity="error",
        check=check_reason,
        beside=("actual",),
        needs=MONITORING,
        limits=("LM-01",),
        bad={"indicators[0]": {"actual": "100人", "possibility": "有可能"}},
        good={"indicators[0]": _SHORT},
    ),
    Rule(
        code="MO-08",
        severity="warning",
        check=check_cause,
        beside=("causes", "reason"),
        needs=MONITORING,
        bad={"indicators[0].causes": ["其他"]},
    ),
    Rule(
        code="MO-09",
        severity="warning",
        check=check_ahead,
        beside=("reason",),
        needs=MONITORING,
        bad={"indicators[1].actual": "45个"},
        good={"indicators[1].actual": "38个"},
    ),
    Rule(
        code="MO-15",
        severity="warning",
        check=check_same,
        needs=MONITORING,
        together=True,
        bad={
            f"indicators[{at}]": {"causes": ["其他"], "reason": "名单正在核对。", "possibility": "有可能"}
            for at in range(3)
        },
    ),
)
