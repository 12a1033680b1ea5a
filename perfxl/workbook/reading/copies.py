"""Forms of a workbook that are one and the same: a copy that nobody changed counts once, others are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perfxl.submission import Doubt, Submission


def mark_copies(submissions: Sequence[Submission], codes: Sequence[str]) -> list[Submission | None]:
    """The submissions of a workbook with what is to be said of those of one printed code; None for a mere copy."""
    found: list[Submission | None] = list(submissions)
    for code in {code for code in codes if code and codes.count(code) > 1}:
        same = [at for at, each in enumerate(codes) if each == code]
        first = submissions[same[0]]
        copies = [at for at in same[1:] if submissions[at].record == first.record]
        others = [at for at in same if at not in copies]
        for at in copies:
            found[at] = None
        for at in others:
            sheets = [submissions[each].sheet for each in others if each != at]
            doubts = [Doubt("twice", (), {"sheets": sheets})] if sheets else []
            if at == same[0] and copies:
                doubts.append(Doubt("copy", (), {"sheets": [submissions[each].sheet for each in copies]}))
            found[at] = replace(submissions[at], doubts=(*submissions[at].doubts, *doubts))
    return found
