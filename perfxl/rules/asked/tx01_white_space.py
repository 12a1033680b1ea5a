"""TX-01: texts without white space before and after them, which breaks comparing, sorting and merging.

Removing it is a safe correction.
"""

from collections.abc import Iterator
from dataclasses import replace

from perfxl.rules.corrections import propose_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for all texts with white space at their ends, with the corrected texts."""
    hit = next(propose_corrections(subject, str.strip), Hit(()))
    # answers whose white space the reader of the sheet has removed already
    trimmed = [path for path, _ in subject.texts if subject.seen and "trimmed" in subject.seen.how.get(path, ())]
    fields = tuple(dict.fromkeys((*hit.fields, *trimmed)))
    if fields:
        corrected = dict(zip(hit.fields, hit.facts.get("corrected", ()), strict=False))
        values = [corrected.get(path, subject.get(path)) for path in fields]
        yield replace(hit, fields=fields, facts={"count": len(fields), "corrected": values})


RULE = Rule(
    code="TX-01",
    severity="fix",
    check=check,
    bad={"purpose": " 用于发放村民小组长履职期间的误工补贴。　"},
    good={"purpose": "用于发放村民小组长履职期间的误工补贴。"},
    white_space=True,
)
