"""Detection of forms that stand twice in a workbook: an unchanged copy counts once, others are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perfxl.submission import Doubt, Submission


def mark_copies(submissions: Sequence[Submission], codes: Sequence[str]) -> list[Submission | None]:
    """Return the submissions of a workbook, with doubts added to those that share a printed code.

    ``codes``: the printed code of each submission, empty where it has none. None stands in the place of a mere copy:
    a submission whose record is the same as that of the first one with its code.
    """
    marked: list[Submission | None] = list(submissions)
    for code in {code for code in codes if code and codes.count(code) > 1}:
        same = [at for at, other_code in enumerate(codes) if other_code == code]
        first = submissions[same[0]]
        copies = [at for at in same[1:] if submissions[at].record == first.record]
        others = [at for at in same if at not in copies]
        for at in copies:
            marked[at] = None
        for at in others:
            sheets = [submissions[other].sheet for other in others if other != at]
            doubts = [Doubt("twice", (), {"sheets": sheets})] if sheets else []
            if at == same[0] and copies:
                doubts.append(Doubt("copy", (), {"sheets": [submissions[copy].sheet for copy in copies]}))
            marked[at] = replace(submissions[at], doubts=(*submissions[at].doubts, *doubts))
    return marked
