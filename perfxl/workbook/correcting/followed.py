"""Companions of an answer when its sheet is written anew: the entries of 审核意见 (review comments), and doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from perfxl import rules
from perfxl.finding import REMARK
from perfxl.submission import Doubt
from perfxl.workbook.correcting.change import Moves, cell_of, moved_path
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.line import decision_text
from perfxl.workbook.opinions.remarks import read_remark, remark_finding
from perfxl.workbook.opinions.replies import Entry, Replies
from perfxl.workbook.reading.read import Reading


def move_replies(
    replies: Replies, before: Sequence[Reading], after: Sequence[Reading], moves: Sequence[Moves]
) -> Replies:
    """Return the replies with the keys and cells that their answers have now.

    ``before`` and ``after``: the same sheets before and after they were written; ``moves``: the moves of their rows.
    """
    if not replies.entries and not replies.typed:
        return replies
    remarks = {read_remark(entry.texts).what.strip() for entry in replies.entries if entry.key.held}
    subjects = [*((code,) for code in rules.own_severities()), *((REMARK, remark) for remark in remarks)]
    codes: dict[str, str] = {}
    for old, new, move in zip(before, after, moves, strict=True):
        was, is_now = opinion_key.sheet_keys(old), opinion_key.sheet_keys(new)
        for path in old.submission.places:
            now = moved_path(path, move)
            if opinion_key.field_code(was, path) != opinion_key.field_code(is_now, now):
                codes |= {
                    opinion_key.field_code(was, path, *subject): opinion_key.field_code(is_now, now, *subject)
                    for subject in subjects
                }
    typed = tuple(_move_remark(texts, before, after, moves) for texts in replies.typed)
    return Replies(tuple(_rekey_entry(entry, codes) for entry in replies.entries), typed)


def unsure_doubts(reading: Reading, moves: Moves | None = None) -> tuple[Doubt, ...]:
    """Return the doubts that a sheet written anew cannot show: those that make answers unsure, and whose sheet it is.

    ``moves``: the moves of its rows.
    """
    return tuple(
        replace(doubt, fields=tuple(moved_path(path, moves or {}) for path in doubt.fields))
        for doubt in reading.submission.doubts
        if doubt.unsure or doubt.kind == "identity"
    )


def with_doubts(reading: Reading, doubts: Sequence[Doubt]) -> Reading:
    """Return the reading of a sheet written anew with the doubts that remain of the returned one.

    So no check judges an answer that is unsure, nothing corrects it, and a person hears of it.
    """
    own = reading.submission.doubts
    added = tuple(doubt for doubt in doubts if doubt not in own)
    return replace(reading, submission=replace(reading.submission, doubts=(*own, *added))) if added else reading


def _rekey_entry(entry: Entry, codes: Mapping[str, str]) -> Entry:
    """Return the entry with a new key, sealed again; ``codes``: old code → new code."""
    key = replace(entry.key, codes=tuple(dict.fromkeys(codes.get(code, code) for code in entry.key.codes)))
    return replace(entry, key=key.sealed(decision_text(entry.decision)))


def _move_remark(
    texts: Mapping[str, str], before: Sequence[Reading], after: Sequence[Reading], moves: Sequence[Moves]
) -> Mapping[str, str]:
    """Return a remark that was typed below the list with the cell that it means now."""
    made = remark_finding(read_remark(texts), before)
    if isinstance(made, str):
        return texts
    about, finding = made
    if not finding.fields:
        return texts
    number = next(number for number, reading in enumerate(before) if reading is about)
    place = cell_of(after[number], moved_path(finding.field, moves[number]))
    return {**texts, "cell": address(*place)} if place else texts
