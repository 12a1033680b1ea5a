"""IN-23: the goals state at least one figure, besides years and document numbers.

Goals that only list amounts of money say what is spent and not what is reached: these are to be put right or explained;
one such goal among others is a hint.
"""

from collections.abc import Iterator

from perfxl.budget.indicators import figures
from perfxl.budget.texts.likeness import bare, clauses, without
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_DIGITS = late_pattern(r"\d+年?")
_USE = late_pattern("(?:全部|均|主要)?用于|支出")
_LONGEST_LABEL = 8
"""Characters beside an amount that only label it: 村级办公经费14.4万元."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find goals without any figure, or with amounts of money alone."""
    goals = [text for path, text in subject.texts if path == "goals"]
    if goals and not any(map(figures.stated, goals)):
        yield Hit(("goals",), {"count": len(goals), "found": ""})
        return
    listed = [amounts for goal in goals if (amounts := _only_amounts(subject, goal))]
    if listed:
        found = "、".join(amount for amounts in listed for amount in amounts[:2])
        alone = len(listed) == len(goals)
        yield Hit(("goals",), {"count": len(listed), "found": found}, severity="warning" if alone else "hint")


def _only_amounts(subject: Subject, goal: str) -> list[str]:
    """Return the amounts of money in a goal that states nothing else but what they are for."""
    acts = (*subject.words("definite_acts"), *subject.words("task_words"))
    amounts: list[str] = []
    for clause in clauses(goal.replace("、", "，")):
        if clause.startswith(subject.words("lead_ins")):
            continue
        found = figures.MONEY.findall(clause)
        if not found and amounts and _USE.match(clause):
            continue
        rest = without(figures.MONEY.sub(" ", clause), subject.words("promise_words"))
        label = _DIGITS.sub("", bare(rest))
        if not found or len(label) > _LONGEST_LABEL or any(act in label for act in acts):
            return []
        amounts += found
    return amounts


RULE = Rule(
    code="IN-23",
    severity="hint",
    check=check,
    needs=("goals",),
    bad={"goals": ["2024年为村民小组长足额发放误工补贴，稳定村组工作队伍。"]},
    good={"goals": ["为三百二十六名村民小组长足额发放误工补贴。"]},
)
