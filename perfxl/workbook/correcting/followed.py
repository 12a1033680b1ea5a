"""What people wrote into 审核意见, of the same answers where these stand once their sheet is written anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from perfxl import rules
from perfxl.finding import REMARK
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
    """What people said with the keys and cells that it has now; ``moves``: where the rows of each sheet went."""
    if not replies.entries and not replies.typed:
        return replies
    whats = {read_remark(each.texts).what.strip() for each in replies.entries if each.key.held}
    about = [*((code,) for code in rules.own_severities()), *((REMARK, what) for what in whats)]
    codes: dict[str, str] = {}
    for old, new, move in zip(before, after, moves, strict=True):
        for path in old.submission.places:
            now = moved_path(path, move)
            if opinion_key.field_code(old, path) != opinion_key.field_code(new, now):
                codes |= {
                    opinion_key.field_code(old, path, *each): opinion_key.field_code(new, now, *each) for each in about
                }
    typed = tuple(_move_remark(texts, before, after, moves) for texts in replies.typed)
    return Replies(tuple(_rekey(each, codes) for each in replies.entries), typed)


def _rekey(entry: Entry, codes: Mapping[str, str]) -> Entry:
    key = replace(entry.key, codes=tuple(dict.fromkeys(codes.get(code, code) for code in entry.key.codes)))
    return replace(entry, key=key.sealed(decision_text(entry.decision)))


def _move_remark(
    texts: Mapping[str, str], before: Sequence[Reading], after: Sequence[Reading], moves: Sequence[Moves]
) -> Mapping[str, str]:
    """A remark that was typed below the list, with the cell that it means now."""
    found = remark_finding(read_remark(texts), before)
    if isinstance(found, str) or not found[1].fields:
        return texts
    number = next(number for number, each in enumerate(before) if each is found[0])
    place = cell_of(after[number], moved_path(found[1].field, moves[number]))
    return {**texts, "cell": address(*place)} if place else texts
