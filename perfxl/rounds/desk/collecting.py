"""Files that arrived are taken in: what became of each is written with its original."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from hashlib import sha256
from typing import Any

from perfxl import __version__, messages, rules
from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import Item
from perfxl.finding import Finding
from perfxl.form import installed
from perfxl.rounds.collect import ArrivalResult, SheetResult, age_of, collect
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.drafts import read_ledger
from perfxl.rounds.desk.heartbeat import renewing
from perfxl.rounds.desk.originals import keep_originals
from perfxl.rounds.desk.registering import registry_of
from perfxl.rounds.merging import typed_answers
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import WriteGroup
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery, KeptFinding, KeptSubmission, Question
from perfxl.rounds.store.store import Store


def take_in(
    round: Round, items: Sequence[Item], executor: Executor | None = None, progress: Progress | None = None
) -> tuple[ArrivalResult, ...]:
    """Take in the files of the inbox; a run that takes in nothing writes nothing.

    All that a run decides is one transaction, in the order in which it was decided: what one file became depends on the
    others of the run, and half of them would be decided differently without the rest.
    """
    registry = registry_of(round)
    policy = rules.load_policy(round.rules_file)
    with open_store(round.store, write=True) as store:
        ledger = read_ledger(round, store)
        results = collect(round, registry, ledger, items, policy, executor, renewing(store, progress))
        noted = {(kept.digest, kept.name, kept.verdict) for kept in store.deliveries()}
        fresh = [result for result in results if _was_read(result) and _note_of(result) not in noted]
        fresh.sort(key=lambda result: age_of(result.arrival))
        keep_originals(round, fresh)
        if fresh:
            with store.group(whoever(), now()) as group:
                run = group.add_run(__version__)
                for result in fresh:
                    _write_result(group, store, run, result)
    return results


def _was_read(result: ArrivalResult) -> bool:
    """Return False for a file known before, and for one whose bytes the disk or share did not give: nothing came."""
    unread = result.reason is not None and result.reason.key == "PackageError.unreadable"
    return result.verdict != "known" and bool(result.arrival.digest) and not unread


def _note_of(result: ArrivalResult) -> tuple[str, str, str]:
    """Return by what a file is known that could not be taken, so that it is noted once."""
    return result.arrival.digest, result.arrival.name, result.verdict


def _write_result(group: WriteGroup, store: Store, run: int, result: ArrivalResult) -> None:
    """Write what became of one file: the delivery, its sheets with their findings, the questions."""
    arrival = result.arrival
    reason: dict[str, Any] = {"sentence": messages.sentence(result.reason)} if result.reason else {}
    for sheet in result.sheets:  # of these there is no submission
        if sheet.verdict not in ("taken", "question"):
            reason.setdefault("sheets", {}).setdefault(sheet.verdict, []).append(list(sheet.key))
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
    suggestion = {"suggestion": finding.suggestion} if finding.suggestion else {}  # a part of its sentence
    return KeptFinding(finding.code, finding.severity, finding.fields, finding.cell, {**finding.facts, **suggestion})


def _answers_digest(sheet: SheetResult) -> str:
    typed = typed_answers(installed.load(sheet.submission.form), sheet.submission.record)
    return sha256(repr(sorted(typed.items())).encode()).hexdigest()
