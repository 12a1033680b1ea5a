"""IN-22: what a goal promises is measured by an indicator; a promise without one is never looked at again.

A promise is a clause of a goal with something to it besides words that fit everything; it is found when the
indicators have not one pair of its characters, and not a third of these. Clauses that only lead up to one (通过…)
are none.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.budget.texts.likeness import bare, clauses, pairs, without
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_COLUMNS = ("level3", "description", "target")
_LONG = 4
"""So many characters at least make a promise."""


def check(subject: Subject) -> Iterator[Hit]:
    if not indicators(subject):
        return
    measured = " ".join(row.text(column) for row in indicators(subject) for column in _COLUMNS)
    goals = [text for path, text in subject.texts if path == "goals"]
    found = [clause for goal in goals for clause in clauses(goal) if _missing(subject, clause, measured)]
    if found:
        yield Hit(("goals",), {"promise": found[0], "count": len(found), "promises": found})


def _missing(subject: Subject, clause: str, measured: str) -> bool:
    if clause.startswith(subject.words("lead_ins")):
        return False
    content = without(clause, subject.words("promise_words"))
    own = set(bare(content))
    return (
        len(bare(content)) >= _LONG and len(own & set(measured)) * 3 < len(own) and not pairs(content) & pairs(measured)
    )


RULE = Rule(
    code="IN-22",
    severity="warning",
    check=check,
    needs=("goals", "indicators.level3"),
    bad={"goals": ["为326名村民小组长发放误工补贴，改造老旧办公用房，满意度达到95%以上。"]},
    good={"goals": ["根据上级部署，为326名村民小组长发放误工补贴，确保村组工作正常开展。"]},
    together=True,
)
