"""IN-25: the purpose says what the money buys; a copy of the goals leaves that open.

A copy is a purpose in almost the same words as a goal, or as all goals together, or one that is contained in them. The
clauses before the goal proper (通过…项目的开展, by carrying out the project …) make no difference. The county's limit
``same_text`` says how alike, in percent.
"""

from collections.abc import Iterator

from perfxl.budget.texts.likeness import bare, clauses, ratio
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_FEWEST_CHARACTERS = 8
"""Shorter purposes are not judged."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find a purpose that copies the goals."""
    purpose = _core(subject, str(subject.get("purpose") or ""))
    goals = [_core(subject, text) for path, text in subject.texts if path == "goals"]
    if len(purpose) < _FEWEST_CHARACTERS or not goals:
        return
    share = max(ratio(purpose, goal) for goal in (*goals, "".join(goals)))
    if purpose in "".join(goals):
        share = 100.0
    if share >= subject.limit("same_text"):
        yield Hit(("purpose",), {"share": int(share)})


def _core(subject: Subject, text: str) -> str:
    """Return a text without punctuation and without the clauses that only lead up to the rest."""
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
