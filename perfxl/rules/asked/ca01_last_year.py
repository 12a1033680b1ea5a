"""CA-01: texts that were carried over from last year were looked at: those that stand as they went out are asked about.

Whoever keeps such a text says so in an explanation; a text that is changed by one character was looked at.
"""

from collections.abc import Iterator

from perfxl.form.form import Form
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

CODE = "CA-01"

NEEDS = "@carried"
"""Stands among the answers that the rule needs for any text that may be carried over."""


def applies_to(form: Form) -> bool:
    """Return whether a form asks for texts that are carried over from last year."""
    return any(field.carried for field in form.by_path.values())


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for each text of the head that is last year's, and one for all such texts of a table."""
    found: dict[str, list[str]] = {}
    for path in subject.seen.untouched if subject.seen else ():
        if subject.sure(path):
            found.setdefault(path.partition("[")[0] if "[" in path else path, []).append(path)
    for paths in found.values():
        yield Hit(tuple(paths), {"count": len(paths)})


RULE = Rule(
    code=CODE,
    severity="warning",
    check=check,
    needs=(NEEDS,),
    bad={"seen.untouched": {"purpose": "用于发放村民小组长误工补贴。"}},
    good={"seen.untouched": {}},
    white_space=True,
    until_changed=True,
)
