"""Decisions and remarks by a list: the findings of the drafts that count, filled in and taken in again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from perfxl import messages
from perfxl.errors import RoundError
from perfxl.finding import Decision, Ruling
from perfxl.form import installed
from perfxl.form.characters import squeeze
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.deciding import Order, decide_within
from perfxl.rounds.desk.dossier import read_dossiers
from perfxl.rounds.dossier import NumberedFinding, ProjectDossier
from perfxl.rounds.findings import as_finding
from perfxl.rounds.model import RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import TAKEN_BACK
from perfxl.rounds.store.group import WriteGroup
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import KeptFinding
from perfxl.rounds.store.store import Store
from perfxl.workbook.lists.worklist import Worklist, WorklistBook, read_worklist, write_worklist
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.opinions.line import decision_text
from perfxl.workbook.opinions.opinion import LiveState, Opinion, OpinionPlace, OpinionReplies, OpinionText
from perfxl.workbook.opinions.opinion_key import OpinionKey, letters
from perfxl.workbook.opinions.remarks import Remark
from perfxl.workbook.reading.opening import open_package

_VERBS: Mapping[Ruling, str] = {"upheld": "uphold", "accepted": "accept", "withdrawn": "withdraw"}
_RULINGS: Mapping[str, Ruling] = {ruling: ruling for ruling in _VERBS}


@dataclass(frozen=True)
class WrittenList:
    """A list as a workbook, and how many projects and findings stand in it."""

    data: bytes
    projects: int
    findings: int


@dataclass
class TakenList:
    """What came of a list: how many decisions and remarks are new, how many rows say what was known.

    ``missed``: the cells of rows that could not be followed, with the word or the error for why.
    """

    decided: int = 0
    remarks: int = 0
    known: int = 0
    missed: dict[str, str | RoundError] = field(default_factory=dict)


def write_list(round: Round, unit: str = "") -> WrittenList:
    """Return the list of the drafts that count, of all units or of one. Raises RoundError."""
    with open_store(round.store, write=False) as store, store.snapshot():
        registry = store.registry()
        units = [registry.unit(unit)] if unit else registry.units
        dossiers = _dossiers(store, units)
    books = tuple(_book(one, dossiers[one.code]) for one in units if one.code in dossiers)
    count = sum(len(book.opinions) for book in books)
    return WrittenList(write_worklist(books, "decisions.list"), sum(map(len, dossiers.values())), count)


def take_list(round: Round, source: Path, who: str = "") -> TakenList:
    """Take in a list that was filled in; a row without a decision changes nothing. Raises ListError, PackageError."""
    filled = read_worklist(Workbook(open_package(source)))
    taken = TakenList(missed=dict(filled.problems))
    with open_store(round.store, write=True) as store:
        units = store.registry().units
        dossiers = _dossiers(store, units)
        if not filled.ruled and not filled.remarks:
            return taken
        with store.group(who or whoever(), now()) as group:
            desk = _ListDesk(round, store, group, taken)
            desk.take_decisions(filled, [one for own in dossiers.values() for one in own])
            desk.take_remarks(filled, [(one.label, dossiers.get(one.code, ())) for one in units])
    return taken


@dataclass(frozen=True)
class _ListDesk:
    """Takes the rows of a list in, one after the other, in one group of writes."""

    round: Round
    store: Store
    group: WriteGroup
    taken: TakenList

    def take_decisions(self, filled: Worklist, dossiers: Sequence[ProjectDossier]) -> None:
        """Decide as the rows say about the findings that they name, or about those that follow these."""
        named = {_code(row): (dossier, one) for dossier in dossiers for one, row in _rows_of(dossier)}
        for ruled in filled.ruled:
            found = named.get(ruled.key.codes[0])
            if found is None:
                self.taken.missed[ruled.cell] = "gone"
                continue
            dossier, one = found
            if one.finding.state == ruled.decision.ruling:
                self.taken.known += 1
            else:
                order = Order(_VERBS[ruled.decision.ruling], finding=one.number, who=ruled.decision.by)
                self.taken.decided += self._decide(ruled.cell, dossier, order)

    def take_remarks(self, filled: Worklist, units: Sequence[tuple[str, Sequence[ProjectDossier]]]) -> None:
        """Make the remarks of the rows, each of which names its unit where the list is of several."""
        listed = [(label, own) for label, own in units if own]
        waiting = dict(filled.remarks)
        for label, own in listed:
            for cell, remark in filled.orders(label, alone=len(listed) == 1).remarks.items():
                if waiting.pop(cell, None):
                    self._take_remark(cell, remark, own)
        self.taken.missed.update((cell, "file" if named else "which") for cell, (named, _) in waiting.items())

    def _take_remark(self, cell: str, remark: Remark, dossiers: Sequence[ProjectDossier]) -> None:
        wanted = squeeze(remark.project)
        found = [one for one in dossiers if wanted in (squeeze(_title(one)), squeeze(one.name), str(one.key[2]))]
        found = list(dossiers) if not wanted and len(dossiers) == 1 else found
        if len(found) != 1:
            self.taken.missed[cell] = "project"
            return
        what = remark.what.strip() or remark.todo.strip()
        if any(one.remark.what == what and one.remark.state != TAKEN_BACK for one in found[0].remarks):
            self.taken.known += 1
            return
        by = remark.by.partition("　")[0]
        order = Order("remark", text=remark.what, todo=remark.todo, place=remark.cell, who=by)
        self.taken.remarks += self._decide(cell, found[0], order)

    def _decide(self, cell: str, dossier: ProjectDossier, order: Order) -> bool:
        """Return whether a row was followed; what speaks against it is kept with its cell."""
        try:
            decide_within(self.round, self.store, self.group, dossier, order)
        except RoundError as error:  # raised before anything is written
            self.taken.missed[cell] = error
            return False
        return True


def _rows_of(dossier: ProjectDossier) -> Iterator[tuple[NumberedFinding, int]]:
    """Yield the findings of the draft that counts with their rows, and with those of the findings that they follow."""
    follows = {finding.id: finding.follows for draft in dossier.drafts for finding in draft.findings}
    for one in dossier.findings:
        row: int | None = one.finding.id
        while row is not None:
            yield one, row
            row = follows.get(row)


def _dossiers(store: Store, units: Sequence[RegisteredUnit]) -> dict[str, tuple[ProjectDossier, ...]]:
    """Return the projects of units that have a draft that counts, by the codes of the units."""
    codes = {unit.code for unit in units}
    keys = sorted(draft.project for draft in store.arrivals() if draft.counts and draft.project[0] in codes)
    found: dict[str, tuple[ProjectDossier, ...]] = {}
    for dossier in read_dossiers(store, keys):
        found[dossier.key[0]] = (*found.get(dossier.key[0], ()), dossier)
    return found


def _book(unit: RegisteredUnit, dossiers: Sequence[ProjectDossier]) -> WorklistBook:
    lines = tuple(_opinion(dossier, one) for dossier in dossiers for one in dossier.findings)
    return WorklistBook(unit.label, tuple(map(_title, dossiers)), lines)


def _title(dossier: ProjectDossier) -> str:
    return f"{dossier.key[2]}.{dossier.name}"


def _code(finding: int) -> str:
    """Return the code by which a finding is known again: its row is no other's."""
    return letters("finding", str(finding))


def _opinion(dossier: ProjectDossier, one: NumberedFinding) -> Opinion:
    """Return the line of a finding."""
    kept, decision = one.finding, one.decision
    finding = as_finding(kept)
    words = messages.words(finding)
    text = decision_text(Decision(_RULINGS[decision.what], decision.who, decision.at[:10]) if decision else None)
    return Opinion(
        number=one.number,
        severity=finding.severity,
        key=str(OpinionKey((_code(kept.id),), letters("about", words.what))),
        where=OpinionPlace(_title(dossier), "", _place(dossier, kept), (kept.cell.rpartition("!")[2],), ""),
        text=OpinionText(words.what, words.todo),
        replies=OpinionReplies(one.explanation.text if one.explanation else "", text),
        live=LiveState("open"),
    )


def _place(dossier: ProjectDossier, kept: KeptFinding) -> str:
    """Return where a finding is, in the form's words."""
    if not kept.fields or dossier.counting is None:
        return ""
    return messages.place(kept.fields[0], installed.load(dossier.key[1]), dossier.counting.record)
