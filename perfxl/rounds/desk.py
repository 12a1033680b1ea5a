"""The work at a round's desk: each verb reads the store, lets a function decide, and writes what was decided.

What belongs to one run is written in groups: the originals first, then the rows that tell of them, in one transaction.
"""

from __future__ import annotations

import datetime
import getpass
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from perfxl import __version__, messages, rules
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import Item
from perfxl.errors import RoundError
from perfxl.finding import Finding
from perfxl.form import installed
from perfxl.rounds.arrivals import read_bytes
from perfxl.rounds.board import BoardLine, Standing, make_board
from perfxl.rounds.collect import TRIED_ANEW, ArrivalResult, Ledger, ProjectHistory, SheetResult, collect
from perfxl.rounds.issue import WrittenWorkbook, issue_workbooks, secret_projects
from perfxl.rounds.merging import Draft, DraftHistory, Typed, typed_answers
from perfxl.rounds.model import ProjectKey, RegisteredProject, Registry
from perfxl.rounds.round import Round
from perfxl.rounds.states import ProjectFacts, project_state
from perfxl.rounds.store.group import WriteGroup, project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery, IssuedWorkbook, KeptDecision, KeptFinding, KeptSubmission, Question
from perfxl.rounds.store.store import Store
from perfxl.submission import Submission

GROUP = 50
"""The files whose rows are written in one transaction."""


@dataclass(frozen=True)
class IssuedRound:
    """The result of issuing: the workbooks of the whole round, and the projects of which nothing is."""

    workbooks: tuple[WrittenWorkbook, ...]
    secret: tuple[RegisteredProject, ...]


def now() -> str:
    """Return the time of this machine, to the second, as an ISO text."""
    return datetime.datetime.now().replace(microsecond=0).isoformat()


def whoever() -> str:
    """Return the name of the person at this machine, as the system has it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a process without a user
        return ""


def import_registry(round: Round, registry: Registry) -> None:
    """Take a registry into the store; what it lacks is dropped there and stays readable."""
    with open_store(round.store, write=True) as store, store.group(whoever(), now()) as group:
        group.put_registry(registry)


def registry_of(round: Round) -> Registry:
    """Return the registry of a round. Raises RoundError where there is none yet."""
    if not round.store.exists():
        raise RoundError(what="no_registry", file=str(round.folder))
    with open_store(round.store, write=False) as store:
        registry = store.registry()
    if not registry.units:
        raise RoundError(what="no_registry", file=str(round.folder))
    return registry


def issue(round: Round, executor: Executor | None = None, progress: Progress | None = None) -> IssuedRound:
    """Write the workbooks of a round that are not written yet, and note them in the store."""
    registry = registry_of(round)
    with open_store(round.store, write=True) as store:
        workbooks = issue_workbooks(round, registry, executor, progress)
        known = {(one.file, one.digest) for one in store.issued()}
        fresh = [one for one in workbooks if (one.file, one.digest) not in known]
        if fresh:
            with store.group(whoever(), now()) as group:
                for one in fresh:
                    given = {"form": one.form, "numbers": list(one.numbers)}
                    group.add_issued(IssuedWorkbook(one.unit, one.draft, one.digest, one.file, given))
    return IssuedRound(workbooks, secret_projects(registry))


def take_in(
    round: Round, items: Sequence[Item], executor: Executor | None = None, progress: Progress | None = None
) -> tuple[ArrivalResult, ...]:
    """Take in the files of the inbox; a run that takes in nothing writes nothing."""
    registry = registry_of(round)
    policy = rules.load_policy(round.rules_file)
    with open_store(round.store, write=True) as store:
        ledger = read_ledger(round, store)
        results = collect(round, registry, ledger, items, policy, executor, progress)
        noted = {(kept.digest, kept.name, kept.verdict) for kept in store.deliveries()}
        fresh = [result for result in results if result.verdict != "known" and _note_of(result) not in noted]
        run: int | None = None
        for at in range(0, len(fresh), GROUP):
            for result in fresh[at : at + GROUP]:
                _keep_original(round, result)
            with store.group(whoever(), now(), run) as group:
                run = group.add_run(__version__) if run is None else run
                for result in fresh[at : at + GROUP]:
                    _write_result(group, store, run, result)
    return results


def _note_of(result: ArrivalResult) -> tuple[str, str, str]:
    """Return by what a file is known that could not be taken, so that it is noted once."""
    return result.arrival.digest, result.arrival.name, result.verdict


def _keep_original(round: Round, result: ArrivalResult) -> None:
    """Keep a file under its digest; of secret ones no copy is kept."""
    arrival = result.arrival
    if result.verdict == "secret" or not arrival.digest or arrival.item is None:
        return
    target = original_path(round, arrival.digest)
    if not target.exists() and (data := read_bytes(arrival.item)) is not None:
        files.write_file(target, data)


def original_path(round: Round, digest: str) -> Path:
    """Return where an original is kept."""
    return round.path("originals") / digest[:2] / digest[2:]


def _write_result(group: WriteGroup, store: Store, run: int, result: ArrivalResult) -> None:
    """Write what became of one file: the delivery, its sheets with their findings, the questions."""
    arrival = result.arrival
    reason: Mapping[str, Any] = {"sentence": messages.sentence(result.reason)} if result.reason else {}
    delivery = group.add_delivery(
        Delivery(run, arrival.digest, arrival.name, arrival.name, arrival.arrived or now(), result.verdict, reason)
    )
    for sheet in result.sheets:
        if sheet.verdict not in ("taken", "question"):
            continue
        key = sheet.key
        kept = group.add_submission(
            KeptSubmission(
                delivery=delivery,
                project=key,
                draft=len(store.submissions(key)) + 1,
                sheet=sheet.submission.sheet,
                record=sheet.submission.record,
                answers=_answers_digest(sheet),
                notes=sheet.explained,
                counts=sheet.verdict == "taken",
                findings=tuple(_kept_finding(finding) for finding in sheet.findings),
            )
        )
        if sheet.outcome.fate == "question" and sheet.outcome.kind:
            _ask(group, store, key, kept, sheet)


def _ask(group: WriteGroup, store: Store, key: ProjectKey, submission: int, sheet: SheetResult) -> None:
    """Ask a question, or add to the one that is open about the project."""
    open_ones = [question for question in store.questions() if question.project == key and question.closed is None]
    if open_ones:
        group.extend_question(open_ones[0].id, [submission], dict(sheet.outcome.facts))
    else:
        group.add_question(Question(key, (submission,), str(sheet.outcome.kind), dict(sheet.outcome.facts)))


def _kept_finding(finding: Finding) -> KeptFinding:
    return KeptFinding(finding.code, finding.severity, finding.fields, finding.cell, dict(finding.facts))


def _answers_digest(sheet: SheetResult) -> str:
    typed = typed_answers(installed.load(sheet.submission.form), sheet.submission.record)
    return sha256(repr(sorted(typed.items())).encode()).hexdigest()


def read_ledger(round: Round, store: Store) -> Ledger:
    """Return what the collector has to know of the files and projects that came before."""
    taken = {delivery.digest for delivery in store.deliveries() if delivery.verdict not in TRIED_ANEW}
    rulings, by_project = _rulings(store), _drafts(store)
    projects = {
        key: _history(round, key, drafts, rulings.get(project_key(key), _Ruling()))
        for key, drafts in by_project.items()
    }
    return Ledger(frozenset(taken), projects)


def _drafts(store: Store) -> dict[ProjectKey, tuple[KeptSubmission, ...]]:
    """Return all drafts of each project of which something came, the newest last."""
    counting = {kept.project: kept for kept in store.submissions()}
    asked = {question.project for question in store.questions()}
    several = {key for key, kept in counting.items() if kept.draft > 1} | asked
    return {key: store.submissions(key) if key in several else (counting[key],) for key in {*counting, *several}}


def _history(round: Round, key: ProjectKey, drafts: Sequence[KeptSubmission], ruling: _Ruling) -> ProjectHistory:
    """Return the history of a project from its drafts, the newest last."""
    form = installed.load(key[1])
    typed: list[Typed] = [typed_answers(form, draft.record) for draft in drafts]
    at = next((at for at, draft in enumerate(drafts) if draft.counts), None)
    if at is None:
        return ProjectHistory()
    id = drafts[at].id
    counting = Draft(typed[at], tuple(drafts[at].notes), sent_back=ruling.returned == id)
    earlier = tuple(Draft(one, tuple(draft.notes)) for one, draft in zip(typed[:at], drafts, strict=False))
    known = DraftHistory(counting=counting, earlier=earlier, approved=ruling.approved == id)
    sheet = Submission(
        file="", sheet=drafts[at].sheet, form=key[1], version=form.version, year=round.year, unit_code=key[0],
        unit_name="", record=drafts[at].record,
    )  # fmt: skip
    return ProjectHistory(known, sheet)


@dataclass(frozen=True)
class _Ruling:
    """The drafts of a project that were passed and returned last, by their rows; None for none."""

    approved: int | None = None
    returned: int | None = None


def _rulings(store: Store) -> dict[str, _Ruling]:
    """Return what was decided about the drafts of each project. A decision holds for the draft that counted then."""
    found: dict[str, _Ruling] = {}
    for decision in store.decisions():
        ruling = found.get(decision.key, _Ruling())
        if decision.about == "project" and decision.what in ("approved", "taken_back"):
            found[decision.key] = replace(ruling, approved=decision.after if decision.what == "approved" else None)
        elif decision.about == "project" and decision.what == "returned":
            found[decision.key] = replace(ruling, returned=decision.after)
    return found


DECISIONS = {"approve": "approved", "take-back": "taken_back", "new": "new_counts", "old": "old_counts"}
"""The words of the store for what a person may decide: 审核通过 she passes the table; 取消通过 it is taken back;
以新的为准 and 以原来的为准 answer an open question."""


def decide(round: Round, key: ProjectKey, what: str, why: str = "") -> None:
    """Note a person's decision about a project, and do what follows from it. Raises RoundError where it cannot be.

    ``what``: one of DECISIONS. A question is closed by a decision alone: ``new`` lets the sheet that came last count.
    """
    with open_store(round.store, write=True) as store:
        drafts = store.submissions(key)
        asked = [question for question in store.questions() if question.project == key and question.closed is None]
        counting = next((draft.id for draft in drafts if draft.counts), None)
        approved = counting is not None and _rulings(store).get(project_key(key), _Ruling()).approved == counting
        _refuse_decision(key, what, counting, bool(asked), approved)
        with store.group(whoever(), now()) as group:
            after = max(id for one in asked for id in one.submissions) if what == "new" else counting
            made = group.add_decision(KeptDecision(DECISIONS[what], "project", project_key(key), counting, after, why))
            if what == "new":
                group.set_counting(key, after)
            for question in asked if what in ("new", "old") else ():
                group.close_question(question.id, made)


def _refuse_decision(key: ProjectKey, what: str, counting: int | None, asked: bool, approved: bool) -> None:
    """Raise RoundError for a decision that there is nothing to make about."""
    facts = {"unit": key[0], "number": key[2]}
    if what in ("new", "old") and not asked:
        raise RoundError(what="no_question", **facts)
    if what == "approve" and counting is None:
        raise RoundError(what="no_draft", **facts)
    if what == "take-back" and not approved:
        raise RoundError(what="not_approved", **facts)


def status(round: Round) -> tuple[BoardLine, ...]:
    """Return the board of a round."""
    registry = registry_of(round)
    with open_store(round.store, write=False) as store:
        standings = _standings(store)
    return make_board(registry, standings, round.deadline)


def _standings(store: Store) -> dict[ProjectKey, Standing]:
    """Return where every project stands of which something came."""
    arrived = {delivery.id: delivery.arrived for delivery in store.deliveries()}
    questions = [question.project for question in store.questions() if question.closed is None]
    rulings, by_project = _rulings(store), _drafts(store)
    standings = {}
    for key, drafts in by_project.items():
        counting = next((draft for draft in drafts if draft.counts), None)
        ruling = rulings.get(project_key(key), _Ruling())
        facts = ProjectFacts(
            drafts=len(drafts) if counting else 0,
            sent_back=counting is not None and ruling.returned == counting.id,
            todo=_count_open(counting) if counting else 0,
            questions=questions.count(key),
            approved=counting is not None and ruling.approved == counting.id,
        )
        standings[key] = Standing(project_state(facts), min(arrived[draft.delivery] for draft in drafts))
    return standings


def _count_open(draft: KeptSubmission) -> int:
    """Return how many findings of a draft must be put right or explained."""
    return sum(finding.severity in ("error", "warning") and finding.state == "open" for finding in draft.findings)
