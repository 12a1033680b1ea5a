"""Detection of sheets that hold the answers of another sheet: tables copied within a unit or from another unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from perfxl.form.answers import flatten
from perfxl.form.characters import visible_text
from perfxl.form.form import Field
from perfxl.form.installed import load
from perfxl.submission import Doubt, Submission

SHARE = 0.95  # the share of a sheet's texts that must also stand on the other sheet
FEWEST = 8  # the fewest texts from which a sheet is compared
COMMON = 20  # a text that stands on more sheets than these is a common phrase and not compared
LENGTH = 4  # the fewest characters of a text; shorter ones are numbers and words of lists


def find_lookalikes(submissions: Sequence[Submission]) -> dict[int, Doubt]:
    """Return a doubt for every submission that holds another one's answers, by its index.

    The doubt names the other submission. Two versions of the same table are no copies of each other.
    """
    texts = [frozenset(_texts(submission)) for submission in submissions]
    holders: dict[str, list[int]] = {}
    for at, own in enumerate(texts):
        for text in own:
            holders.setdefault(text, []).append(at)
    doubts: dict[int, Doubt] = {}
    for at, own in enumerate(texts):
        if len(own) < FEWEST:
            continue
        rare = (holders[text] for text in own if len(holders[text]) <= COMMON)
        shared = Counter(chain.from_iterable(rare))
        enough = {other: count for other, count in shared.items() if count >= SHARE * len(own)}
        copied = [other for other in enough if not _is_same_table(submissions[other], submissions[at])]
        if copied:
            other = max(copied, key=enough.__getitem__)
            doubts[at] = _doubt(submissions[other], enough[other], len(own))
    return doubts


def _is_same_table(one: Submission, other: Submission) -> bool:
    """Return whether two submissions are the same table, sent twice.

    They are compared by the number of the table, which a later draft keeps, or else by its code.
    """
    if (one.sender, one.form) != (other.sender, other.form):
        return False
    form = load(one.form, one.version)
    numbers = one.record.get(form.key), other.record.get(form.key)
    return form.code(one.record) == form.code(other.record) if None in numbers else numbers[0] == numbers[1]


def _doubt(other: Submission, count: int, whole: int) -> Doubt:
    """Return the doubt that ``count`` of a sheet's ``whole`` texts also stand on the sheet ``other``."""
    facts = {"unit": f"{other.unit_code}{other.unit_name}", "sheet": other.sheet, "count": count, "whole": whole}
    return Doubt("same_answers", (), facts)


def _texts(submission: Submission) -> Iterator[str]:
    """Yield the longer free texts of a submission; numbers and words of lists may be the same by chance."""
    form = load(submission.form)
    answers = flatten(form, submission.record)
    yield from _free_texts(form.fields, answers.head)
    for table, rows in answers.rows.items():
        for row in rows:
            yield from _free_texts(form.tables[table].columns, row)


def _free_texts(fields: Mapping[str, Field], values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the free texts of at least LENGTH characters among some answers, without their white space."""
    for id, field in fields.items():
        if field.type.free_text and field.open:
            value = values.get(id)
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and len(text) >= LENGTH:
                    yield "".join(visible_text(text).split())  # a copy has the width of its characters, too
