"""PL-04: a value of the plan that was typed as a text, without % or with spaces; understood, and spelled anew."""

from collections.abc import Iterator

from perfxl.rules.numbers import plain_number, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    if subject.seen is None:
        return
    found = {
        path: plain_number(points) + "%"
        for path, how in subject.seen.how.items()
        if how and path.startswith("plan.") and (points := subject.number(path)) is not None
    }
    if found:
        corrected = [float(to_number(subject.get(path)) or 0) for path in found]
        facts = {"values": list(found.values()), "count": len(found), "corrected": corrected}
        yield Hit(tuple(found), facts, next(iter(found.values())))


RULE = Rule(
    code="PL-04",
    severity="fix",
    check=check,
    needs=("plan.march",),
    bad={"seen.how": {"plan.june": ["percent_sign", "trimmed"], "plan.december": ["percent_points"]}},
    good={"seen.how": {"budget.fiscal": ["unit"], "plan.june": []}},
)
