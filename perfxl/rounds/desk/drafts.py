"""The files that came to a round, and the drafts of its projects with what was decided about them, from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

from perfxl import __version__, errors
from perfxl.errors import PerfxlError
from perfxl.form import installed
from perfxl.rounds.arrivals import ArrivedSheet, pack_sheet
from perfxl.rounds.findings import FollowedFinding, FormerDraft
from perfxl.rounds.ledger import TRIED_ANEW, CountingDraft, EarlierDelivery, Ledger, ProjectHistory, Verdict
from perfxl.rounds.merging import Draft, DraftHistory, QuestionKind, typed_answers
from perfxl.rounds.model import ProjectKey, RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import TAKEN_BACK, About, Ruling, find_rulings, standing_decisions
from perfxl.rounds.store.group import WriteGroup, project_key
from perfxl.rounds.store.rows import Delivery, KeptDecision, KeptSubmission, Question
from perfxl.rounds.store.store import Store
from perfxl.submission import Submission


def drafts_by_project(store: Store) -> dict[ProjectKey, tuple[KeptSubmission, ...]]:
    """Return all drafts of each project of which something came, the newest last."""
    found: dict[ProjectKey, tuple[KeptSubmission, ...]] = {}
    for draft in _all_drafts(store):
        found[draft.project] = (*found.get(draft.project, ()), draft)
    return found


def _all_drafts(store: Store) -> Iterator[KeptSubmission]:
    """Yield all drafts, one unit after the other: records are large."""
    for unit in dict.fromkeys(draft.project[0] for draft in store.arrivals()):
        yield from store.drafts_of(unit)


def former_draft(store: Store, drafts: Sequence[KeptSubmission]) -> FormerDraft | None:
    """Return the draft of a project that counts, with what its findings were explained; None where none counts."""
    counting = next((draft for draft in drafts if draft.counts), None)
    if counting is None:
        return None
    explained = store.explanations(counting.project) if counting.findings else ()
    return FormerDraft(counting.record, counting.findings, {one.finding: one for one in explained})


def add_draft(group: WriteGroup, store: Store, submission: KeptSubmission, followed: Sequence[FollowedFinding]) -> int:
    """Add a draft of a project with its findings and what explains them."""
    findings = tuple(one.finding for one in followed)
    added = group.add_submission(replace(submission, findings=findings))
    if any(one.explanation for one in followed):
        (kept,) = (draft for draft in store.submissions(submission.project) if draft.id == added)
        for finding, one in zip(kept.findings, followed, strict=True):
            if one.explanation:
                group.add_explanation(replace(one.explanation, finding=finding.id))
    return added


def reviewed_drafts(
    store: Store, drafts: Iterable[KeptSubmission], standing: Mapping[About, Sequence[KeptDecision]]
) -> frozenset[int]:
    """Return the drafts about which a person has decided or remarked something that stands, by their rows."""
    remarked = {remark.submission for remark in store.remarks() if remark.state != TAKEN_BACK}
    named = {ruling.named for ruling in find_rulings(standing).values() if ruling.named is not None}
    decided = {key for (about, key), decisions in standing.items() if about == "finding" and decisions}
    if not decided:
        return frozenset(remarked | named)
    found = {draft.id for draft in drafts if any(str(finding.id) in decided for finding in draft.findings)}
    return frozenset(remarked | named | found)


def _explained(draft: KeptSubmission) -> tuple[tuple[str, str], ...]:
    """Return the explanations of a draft, each with the code that names what is explained."""
    return tuple((code, text) for code, text in draft.notes)


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
        standing = standing_decisions(self._store.decisions())
        rulings, reviewed = find_rulings(standing), reviewed_drafts(self._store, _all_drafts(self._store), standing)
        units = {unit.code: unit for unit in self._store.registry().units}
        asked: defaultdict[ProjectKey, list[Question]] = defaultdict(list)
        for question in self._store.questions():
            asked[question.project].append(question)
        kept: defaultdict[ProjectKey, list[_Kept]] = defaultdict(list)
        for draft in _all_drafts(self._store):
            one = _Kept(self._round, draft, units.get(draft.project[0]), draft.id in reviewed)
            kept[draft.project].append(one)
        return {
            key: _history(drafts, rulings.get(project_key(key), Ruling()), asked[key]) for key, drafts in kept.items()
        }


class _Kept:
    """A draft as the store has it, as the collector compares and checks it."""

    def __init__(self, round: Round, kept: KeptSubmission, unit: RegisteredUnit | None, reviewed: bool) -> None:
        self.id, self.counts = kept.id, kept.counts
        form = installed.load(kept.project[1])
        self.draft = Draft(typed_answers(form, kept.record), _explained(kept), reviewed=reviewed)
        self.sheet: ArrivedSheet | None = None
        if kept.counts:
            self.sheet = pack_sheet(bare_submission(round, kept, unit))


def bare_submission(round: Round, kept: KeptSubmission, unit: RegisteredUnit | None) -> Submission:
    """Return a draft as the store has it, to be checked beside others; ``unit``: None for one that is asked no more."""
    form, control = installed.load(kept.project[1]), unit.control if unit else None
    return Submission(
        file="",
        sheet=kept.sheet,
        form=form.name,
        version=form.version,
        year=round.year,
        unit_code=kept.project[0],
        unit_name=unit.name if unit else "",
        record=kept.record,
        issued={"unit.control": control} if control is not None else {},
    )


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
    copied = any(
        question.kind == "copied" and counting is not None and counting.id in question.submissions for question in asked
    )
    return ProjectHistory(known, counting.sheet if counting else None, copied)


def _deliveries(round: Round, store: Store) -> dict[str, EarlierDelivery]:
    """Return the files that came, by their digests: the first delivery of each, and what the last look came to."""
    asked, deliveries = asked_of(round), store.deliveries()
    runs = store.runs_since_registry()
    current = {run.id for run in store.runs() if run.version == __version__ and run.id in runs}
    first: dict[str, Delivery] = {}
    last: dict[str, Delivery] = {}
    for delivery in deliveries:
        if delivery.digest:
            first.setdefault(delivery.digest, delivery)
            last[delivery.digest] = delivery
    drafts = _counting_drafts(store, {delivery.id: delivery.digest for delivery in deliveries})
    return {
        digest: EarlierDelivery(
            name=first[digest].name,
            arrived=first[digest].arrived,
            verdict=cast(Verdict, found.verdict),
            error=error_of(found.reason),
            stands=not _may_differ(found) or (found.run in current and _is_asked_alike(found, asked)),
            settled=frozenset((unit, form, number) for unit, form, number in found.reason.get("settled", ())),
            drafts=tuple(drafts.get(digest, ())),
        )
        for digest, found in last.items()
    }


def _may_differ(delivery: Delivery) -> bool:
    """Return True for a delivery of which another look may come to something else, as perfxl or the registry do."""
    return delivery.verdict in TRIED_ANEW or "settled" in delivery.reason


def _is_asked_alike(delivery: Delivery, asked: Sequence[Any]) -> bool:
    """Return whether a delivery was looked at as it would be now; other forms may be known by now in any case."""
    needs_form = delivery.reason.get("error") == errors.UnusableForm.__name__
    return not needs_form and delivery.reason.get("round", asked) == asked


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
    values = [dict(round.values)] if round.values else []
    return [round.year, round.phase, list(round.forms), *values]


def reason_plain(error: PerfxlError) -> dict[str, Any]:
    """Return an error as JSON data, its kind and its facts, of which a sentence in any language is made."""
    return {"error": type(error).__name__, "facts": {key: _fact_plain(fact) for key, fact in error.facts.items()}}


def _fact_plain(fact: Any) -> Any:
    if isinstance(fact, tuple):
        return [reason_plain(item) if isinstance(item, PerfxlError) else item for item in fact]
    return fact


def error_of(reason: Mapping[str, Any]) -> PerfxlError | None:
    """Return the error that ``reason_plain`` kept; None where a delivery was taken."""
    kind = getattr(errors, str(reason.get("error")), None)
    if not isinstance(kind, type) or not issubclass(kind, PerfxlError):
        return None
    return kind(**{key: _read_fact(fact) for key, fact in reason["facts"].items()})


def _read_fact(fact: Any) -> Any:
    if isinstance(fact, list) and any(isinstance(item, Mapping) and "error" in item for item in fact):
        return tuple(error_of(item) for item in fact)
    return fact
