"""The findings, decisions and remarks that the store has of a draft, as they are flagged in a workbook.

What is flagged is what the store says: the same findings, in the same state, with the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from perfxl import messages
from perfxl.finding import RULINGS, Decision, Finding
from perfxl.rounds.findings import as_finding
from perfxl.rounds.states import SUPERSEDED
from perfxl.rounds.store.rows import Explanation, KeptDecision, KeptFinding, KeptRemark
from perfxl.workbook.correcting.change import Moves, moved_path
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.line import sheet_title
from perfxl.workbook.opinions.opinion_key import OpinionKey
from perfxl.workbook.opinions.remarks import Remark
from perfxl.workbook.opinions.replies import Entry, Orders, Replies, Ruled, by_code
from perfxl.workbook.reading.read import Reading


@dataclass(frozen=True)
class Opinions:
    """The opinions of people about a unit's drafts.

    ``explanations`` and ``decisions``: the last ones, by the rows of the findings; ``remarks``: the open ones by the
    rows of the drafts that count now.
    """

    explanations: Mapping[int, Explanation] = field(default_factory=dict)
    decisions: Mapping[int, KeptDecision] = field(default_factory=dict)
    remarks: Mapping[int, tuple[KeptRemark, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class DraftSheet:
    """A draft on a sheet of the workbook that goes back: its sheet, its findings as kept, its row in the store.

    ``moves``: the moves of its rows where the sheet was written anew.
    """

    reading: Reading
    findings: tuple[KeptFinding, ...]
    submission: int
    moves: Moves | None = None


def make_finding(kept: KeptFinding, reading: Reading, moves: Moves | None = None, explanation: str = "") -> Finding:
    """Return a finding of the store on a sheet; ``moves``: the moves of its rows since it was found."""
    submission = reading.submission
    fields = tuple(moved_path(path, moves or {}) for path in kept.fields)
    cells = dict.fromkeys(submission.places[path] for path in fields if path in submission.places)
    return replace(
        as_finding(kept),
        fields=fields,
        file=submission.file,
        sheet=submission.sheet if fields else "",
        cells=tuple(f"{submission.sheet}!{cell}" for cell in cells),
        explanation=explanation,
    )


def findings_of(sheet: DraftSheet, opinions: Opinions) -> tuple[Finding, ...]:
    """Return the findings of a draft with their explanations; decisions are added by ``orders_of``."""
    return tuple(
        make_finding(kept, sheet.reading, sheet.moves, _explanation(kept, opinions))
        for kept in sheet.findings
        if kept.state != SUPERSEDED
    )


def orders_of(sheets: Sequence[DraftSheet], opinions: Opinions) -> Orders:
    """Return what officers decided and remarked about the drafts in a workbook, as their working list would say it."""
    ruled = by_code(ruling for sheet in sheets for ruling in _rulings(sheet, opinions))
    remarks = [remark for sheet in sheets for remark in _remarks(sheet, opinions)]
    return Orders(ruled, {f"{at}": remark for at, remark in enumerate(remarks)})


def undecided(replies: Replies) -> Replies:
    """Return what stands in a unit's 审核意见 without decisions and remarks of officers, which the store alone has.

    Explanations, and rows that were typed below the list, stay.
    """
    entries = tuple(
        Entry(replace(entry.key, held="", seal=""), {**entry.texts, "decision": ""}, None) for entry in replies.entries
    )
    return Replies(entries, replies.typed)


def _explanation(kept: KeptFinding, opinions: Opinions) -> str:
    found = opinions.explanations.get(kept.id)
    return found.text if found else ""


def _rulings(sheet: DraftSheet, opinions: Opinions) -> Iterator[Ruled]:
    for kept in sheet.findings:
        ruling = next((word for word in RULINGS if word == kept.state), None)
        if ruling is None:
            continue
        finding = make_finding(kept, sheet.reading, sheet.moves)
        about = opinion_key.words_letters((messages.words(finding, done=finding.done).what,))
        key = OpinionKey(opinion_key.finding_codes(opinion_key.sheet_keys(sheet.reading), finding), about)
        made = opinions.decisions.get(kept.id)
        yield Ruled(key, Decision(ruling, made.who if made else "", made.at[:10] if made else ""))


def _remarks(sheet: DraftSheet, opinions: Opinions) -> Iterator[Remark]:
    for kept in opinions.remarks.get(sheet.submission, ()):
        path = moved_path(kept.field, sheet.moves or {})
        cell = sheet.reading.submission.places.get(path, "" if sheet.moves is not None else kept.cell)
        cell = cell.rpartition("!")[2]
        where = cell if parse_range(cell) else ""
        yield Remark("", sheet_title(sheet.reading), where, kept.what, kept.todo, f"{kept.who}　{kept.at[:10]}")
