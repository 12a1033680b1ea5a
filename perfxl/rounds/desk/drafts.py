"""The files that came to a round, and the drafts of its projects with what was decided about them, from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from perfxl import __version__, errors
from perfxl.errors import PerfxlError
from perfxl.form import installed
from perfxl.rounds.arrivals import ArrivedSheet, pack_sheet
from perfxl.rounds.ledger import TRIED_ANEW, CountingDraft, EarlierDelivery, Ledger, ProjectHistory, Verdict
from perfxl.rounds.merging import Draft, DraftHistory, QuestionKind, typed_answers
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.rows import Delivery, KeptDecision, KeptSubmission, Question
from perfxl.rounds.store.store import Store
from perfxl.submission import Submission


@dataclass(frozen=True)
class Ruling:
    """The drafts of a project that were passed, returned, named to be returned last, by their rows; None for none."""

    approved: int | None = None
    returned: int | None = None
    named: int | None = None


def rulings_of(store: Store) -> dict[str, Ruling]:
    """Return what was decided about the drafts of each project. A decision holds for the draft that counted then."""
    return last_rulings(store.decisions())


def last_rulings(decisions: Iterable[KeptDecision]) -> dict[str, Ruling]:
    """Return what these decisions, in their order, come to for each project."""
    found: dict[str, Ruling] = {}
    for decision in decisions:
        ruling = found.get(decision.key, Ruling())
        if decision.about == "project" and decision.what in ("approved", "taken_back"):
            found[decision.key] = replace(ruling, approved=decision.after if decision.what == "approved" else None)
        elif decision.about == "project" and decision.what == "returned":
            found[decision.key] = replace(ruling, returned=decision.after)
        elif decision.about == "project" and decision.what == "to_return":
            found[decision.key] = replace(ruling, named=decision.after)
    return found


def drafts_by_project(store: Store) -> dict[ProjectKey, tuple[KeptSubmission, ...]]:
    """Return all drafts of each project of which something came, the newest last."""
    counting = {kept.project: kept for kept in store.submissions()}
    asked = {question.project for question in store.questions()}
    several = {key for key, kept in counting.items() if kept.draft > 1} | asked
    return {key: store.submissions(key) if key in several else (counting[key],) for key in {*counting, *several}}


def read_ledger(round: Round, store: Store) -> Ledger:
    """Return what the collector has to know of the files and projects that came before."""
    histories = _Histories(round, store)
    return Ledger(_deliveries(round, store), histories)


class _Histories(Mapping[ProjectKey, ProjectHistory]):
    """The histories of the projects, read when a sheet is to be decided about: mostly, nothing new came."""

    def __init__(self, round: Round, store: Store) -> None:
        self._round, self._store = round, store

    def __getitem__(self, key: ProjectKey) -> ProjectHistory:
        return self._read[key]

    def __iter__(self) -> Iterator[ProjectKey]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    @cached_property
    def _read(self) -> dict[ProjectKey, ProjectHistory]:
        rulings = rulings_of(self._store)
        reviewed = _reviewed(self._store)
        controls = {unit.code: unit.control for unit in self._store.registry().units}
        asked: defaultdict[ProjectKey, list[Question]] = defaultdict(list)
        for question in self._store.questions():
            asked[question.project].append(question)
        kept: defaultdict[ProjectKey, list[_Kept]] = defaultdict(list)
        # one unit after the other: records are large
        for unit in dict.fromkeys(draft.project[0] for draft in self._store.arrivals()):
            for draft in self._store.drafts_of(unit):
                one = _Kept(self._round, draft, controls.get(unit), draft.id in reviewed)
                kept[draft.project].append(one)
        return {
            key: _history(drafts, rulings.get(project_key(key), Ruling()), asked[key]) for key, drafts in kept.items()
        }


def _reviewed(store: Store) -> set[int]:
    """Return the submissions about which a person remarked, or of which she decided on a finding."""
    found = {remark.submission for remark in store.remarks()}
    decided = {decision.key for decision in store.decisions() if decision.about == "finding"}
    if decided:
        found |= {kept.id for kept in store.submissions() if any(str(one.id) in decided for one in kept.findings)}
    return found


class _Kept:
    """A draft as the store has it, as the collector compares and checks it."""

    def __init__(self, round: Round, kept: KeptSubmission, control: float | None, reviewed: bool) -> None:
        self.id, self.counts = kept.id, kept.counts
        form = installed.load(kept.project[1])
        self.draft = Draft(typed_answers(form, kept.record), tuple(kept.notes), reviewed=reviewed)
        self.sheet: ArrivedSheet | None = None
        if kept.counts:
            self.sheet = pack_sheet(bare_submission(round, kept, control))


def bare_submission(round: Round, kept: KeptSubmission, control: float | None) -> Submission:
    """Return a draft as the store has it, to be checked beside others; ``control``: its unit's control total."""
    form = installed.load(kept.project[1])
    return Submission(
        file="", sheet=kept.sheet, form=form.name, version=form.version, year=round.year, unit_code=kept.project[0],
        unit_name="", record=kept.record, issued={"unit.control": control} if control is not None else {},
    )  # fmt: skip


def _history(drafts: Sequence[_Kept], ruling: Ruling, asked: Sequence[Question]) -> ProjectHistory:
    """Return the history of a project from its drafts, the newest last, and the questions about it."""
    counting = next((kept for kept in drafts if kept.counts), None)
    open_ones = [question for question in asked if question.closed is None]
    pending = {id for question in open_ones for id in question.submissions}
    known = DraftHistory(
        counting=replace(counting.draft, sent_back=ruling.returned == counting.id) if counting else None,
        earlier=tuple(kept.draft for kept in drafts if not kept.counts and kept.id not in pending),
        pending=tuple(kept.draft for kept in drafts if not kept.counts and kept.id in pending),
        asked=cast(QuestionKind, open_ones[-1].kind) if open_ones else None,
        approved=counting is not None and ruling.approved == counting.id,
    )
    copied = frozenset(
        str(question.facts.get("unit"))
        for question in asked
        if question.kind == "copied" and counting and counting.id in question.submissions
    )
    return ProjectHistory(known, counting.sheet if counting else None, copied)


def _deliveries(round: Round, store: Store) -> dict[str, EarlierDelivery]:
    """Return the files that came, by their digests: the first delivery of each, and what the last look came to."""
    asked = asked_of(round)
    runs = store.runs_since_registry()
    current = {run.id for run in store.runs() if run.version == __version__ and run.id in runs}
    first: dict[str, Delivery] = {}
    last: dict[str, Delivery] = {}
    for delivery in store.deliveries():
        if delivery.digest:
            first.setdefault(delivery.digest, delivery)
            last[delivery.digest] = delivery
    drafts = _counting_drafts(store, {delivery.id: delivery.digest for delivery in store.deliveries()})
    return {
        digest: EarlierDelivery(
            name=first[digest].name,
            arrived=first[digest].arrived,
            verdict=cast(Verdict, found.verdict),
            error=error_of(found.reason),
            stands=not _may_differ(found) or (found.run in current and found.reason.get("round", asked) == asked),
            settled=frozenset((unit, form, number) for unit, form, number in found.reason.get("settled", ())),
            drafts=tuple(drafts.get(digest, ())),
        )
        for digest, found in last.items()
    }


def _may_differ(delivery: Delivery) -> bool:
    """Return True for a delivery of which another look may come to something else, as perfxl or the registry do."""
    return delivery.verdict in TRIED_ANEW or "settled" in delivery.reason


def _counting_drafts(store: Store, digests: Mapping[int, str]) -> dict[str, list[CountingDraft]]:
    """Return the drafts that count of the projects of which a sheet was in each delivery, by the delivery's digest."""
    counting, found = {}, defaultdict(set)
    for draft in store.arrivals():
        if draft.counts:
            counting[draft.project] = draft.draft, digests.get(draft.delivery, "")
        found[digests.get(draft.delivery, "")].add(draft.project)
    return {
        digest: [
            CountingDraft(project, counting[project][0], counting[project][1] == digest)
            for project in sorted(projects)
            if project in counting
        ]
        for digest, projects in found.items()
    }


def asked_of(round: Round) -> list[Any]:
    """Return by what a round tells its own sheets from others, as JSON data."""
    return [round.year, round.phase, list(round.forms)]


def reason_plain(error: PerfxlError) -> dict[str, Any]:
    """Return an error as JSON data, its kind and its facts, of which a sentence in any language is made."""
    facts = {key: list(value) if isinstance(value, tuple) else value for key, value in error.facts.items()}
    return {"error": type(error).__name__, "facts": facts}


def error_of(reason: Mapping[str, Any]) -> PerfxlError | None:
    """Return the error that ``reason_plain`` kept; None where a delivery was taken."""
    kind = getattr(errors, str(reason.get("error")), None)
    return kind(**reason["facts"]) if isinstance(kind, type) and issubclass(kind, PerfxlError) else None
