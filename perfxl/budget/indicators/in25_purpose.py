"""IN-25: the purpose says what the money buys; a copy of the goal leaves that open.

A copy is a goal, or all of them, in almost the same words, or a purpose that stands whole in them; the words before
the goal proper (通过…项目的开展) make no difference. How alike, is a limit.
"""

from collections.abc import Iterator

from perfxl.budget.texts.likeness import bare, clauses, ratio
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_LONG = 8
"""Shorter purposes are too short to be told."""


def check(subject: Subject) -> Iterator[Hit]:
    purpose = _core(subject, str(subject.get("purpose") or ""))
    goals = [_core(subject, text) for path, text in subject.texts if path == "goals"]
    if len(purpose) < _LONG or not goals:
        return
    share = max(ratio(purpose, goal) for goal in (*goals, "".join(goals)))
    if purpose in "".join(goals):
        share = 100.0
    if share >= subject.limit("same_text"):
        yield Hit(("purpose",), {"share": int(share)})


def _core(subject: Subject, text: str) -> str:
    """A text without signs and without the clauses that only lead up to it."""
    parts = [part for part in clauses(text) if not part.startswith(subject.words("lead_ins"))]
    return bare("".join(parts))


RULE = Rule(
    code="IN-25",
    severity="hint",
    check=check,
    needs=("purpose", "goals"),
    bad={"purpose": "为326名村民小组长足额发放误工补贴", "goals": ["为326名村民小组长足额发放误工补贴。"]},
    good={"purpose": "发放村民小组长误工补贴", "goals": ["为326名村民小组长足额发放误工补贴，准确率达到100%。"]},
)
