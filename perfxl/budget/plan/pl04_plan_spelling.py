"""PL-04: a value of the plan was typed as text, without % or with spaces; it was understood and is written anew."""

from collections.abc import Iterator

from perfxl.rules.numbers import plain_number, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find plan values that the reader understood although they were typed in another spelling."""
    if subject.seen is None:
        return
    respelled = {
        path: plain_number(points) + "%"
        for path, how in subject.seen.how.items()
        if how and path.startswith("plan.") and (points := subject.number(path)) is not None
    }
    if respelled:
        corrected = [float(to_number(subject.get(path)) or 0) for path in respelled]
        facts = {"values": list(respelled.values()), "count": len(respelled), "corrected": corrected}
        yield Hit(tuple(respelled), facts, next(iter(respelled.values())))


RULE = Rule(
    code="PL-04",
    severity="fix",
    check=check,
    needs=("plan.march",),
    bad={"seen.how": {"plan.june": ["percent_sign", "trimmed"], "plan.december": ["percent_points"]}},
    good={"seen.how": {"budget.fiscal": ["unit"], "plan.june": []}},
)
