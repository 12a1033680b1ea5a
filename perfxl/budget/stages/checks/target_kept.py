"""MO-01, SE-01: the approved value of an indicator comes back as it was approved."""

from collections.abc import Iterator

from perfxl.budget.stages.checks import EVALUATION, MONITORING
from perfxl.form.characters import squeeze
from perfxl.rules.numbers import blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every approved value that is another one now."""
    for path, issued in subject.seen.issued.items() if subject.seen else ():
        if not path.endswith("].target") or not subject.sure(path):
            continue
        found = subject.get(path)
        before, after = ("" if blank(value) else str(value).strip() for value in (issued, found))
        if squeeze(before) != squeeze(after):
            yield Hit((path,), {"issued": before, "found": after}, before or None)


_BAD = {"seen.issued": {"indicators[0].target": "320人"}}
_GOOD = {"seen.issued": {"indicators[0].target": "326 人"}}

RULES = tuple(
    Rule(code=code, severity="error", check=check, needs=needs, limits=("ID-08",), bad=_BAD, good=_GOOD)
    for code, needs in (("MO-01", MONITORING), ("SE-01", EVALUATION))
)
