"""TX-01: texts without white space or invisible characters around them, which break comparing, sorting and merging.

Removing them is a safe correction.
"""

from collections.abc import Iterator
from dataclasses import replace

from perfxl.form.characters import invisible_signs, trim_text, without_invisible
from perfxl.rules.corrections import propose_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for all texts with something unseen at their ends, with the corrected texts."""
    subject = subject.verbatim
    hit = next(propose_corrections(subject, trim_text), Hit(()))
    how = subject.seen.how if subject.seen else {}
    # answers from which the reader of the sheet has removed it already
    read = {path: steps for path, _ in subject.texts if (steps := _REMOVED.intersection(how.get(path, ())))}
    fields = tuple(dict.fromkeys((*hit.fields, *read)))
    if fields:
        corrected = dict(zip(hit.fields, hit.facts.get("corrected", ()), strict=False))
        values = [corrected.get(path, subject.get(path)) for path in fields]
        around = "".join(_around(text) for path, text in subject.texts if path in hit.fields)
        signs = invisible_signs(around)
        removed = frozenset[str]().union(*read.values())
        facts = {
            "spaces": "trimmed" in removed or bool(without_invisible(around)),
            "invisible": "invisible" in removed or bool(signs),
            "signs": signs,
        }
        yield replace(hit, fields=fields, facts={"count": len(fields), "corrected": values, **facts})


_REMOVED = frozenset(("trimmed", "invisible"))


def _around(text: str) -> str:
    """Return what stands at the ends of a text and shows nothing."""
    before, _, after = text.partition(trim_text(text))
    return before + after


RULE = Rule(
    code="TX-01",
    severity="fix",
    check=check,
    bad={"purpose": " 用于发放村民小组长履职期间的误工补贴。　"},
    good={"purpose": "用于发放村民小组长履职期间的误工补贴。"},
    white_space=True,
)
