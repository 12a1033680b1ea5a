"""Files that arrived are taken in: what became of each is written with its original."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from perfxl import __version__, rules
from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import Item
from perfxl.errors import RoundError
from perfxl.rounds.arrivals import read_arrivals
from perfxl.rounds.collect import ArrivalResult, SheetResult, add_findings, decide_arrivals
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.drafts import add_draft, asked_of, former_draft, read_ledger, reason_plain
from perfxl.rounds.desk.heartbeat import renewing
from perfxl.rounds.desk.originals import check_there, keep_original, sync_originals
from perfxl.rounds.desk.round_store import open_asked
from perfxl.rounds.desk.siblings import change_siblings
from perfxl.rounds.findings import follow
from perfxl.rounds.ledger import COUNTING, KEPT, TRIED_ANEW
from perfxl.rounds.merging import TypedAnswers
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import WriteGroup
from perfxl.rounds.store.rows import Delivery, KeptSubmission, Question
from perfxl.rounds.store.store import Store
from perfxl.submission import Submission


@dataclass(frozen=True)
class TakenIn:
    """A run's results, in the order of the files, without the findings but those that hold nothing back.

    ``clock``: the time of the run before, where that is later than this one's; empty for none.
    """

    results: tuple[ArrivalResult, ...]
    clock: str = ""


def parse_time(text: str) -> str:
    """Return a time that a person typed, as the store keeps it. Raises RoundError for one that is none."""
    if not text.strip():
        return ""
    try:
        found = datetime.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise RoundError(what="bad_time", text=text) from error
    return found.astimezone().replace(microsecond=0, tzinfo=None).isoformat()


def take_in(
    round: Round,
    items: Sequence[Item],
    executor: Executor | None = None,
    progress: Progress | None = None,
    arrived: str = "",
    today: datetime.date | None = None,
) -> TakenIn:
    """Take in the files that were listed; a run that takes in nothing writes nothing.

    ``arrived``: an ISO time at which they came, where that is not now; ``today``: the day that it means in limits, None
    for the day of the check.
    """
    policy = rules.load_policy(round.rules_file)
    policy = replace(policy, today=today) if today else policy
    for name in round.forms:  # a mistake in one is said before any file is noted as one that could not be read
        round.form(name)
    with open_asked(round, write=True) as (store, registry):
        ledger = read_ledger(round, store)
        before = max((run.at for run in store.runs()), default="")
        arrivals = [*read_arrivals(items, ledger.stands, executor, renewing(store, progress))]
        check_there(round)
        decided = decide_arrivals(round, registry, ledger, arrivals, policy)
        arrivals.clear()
        noted = {(kept.digest, kept.name, kept.verdict) for kept in store.deliveries()}
        results = []
        with ExitStack() as transaction:
            writer = _Writer(round, store, arrived or now(), transaction)
            for result in add_findings(decided, registry, ledger, policy):
                if _is_new(result, noted):
                    result = writer.add(result)
                results.append(_lighten(result))
            sync_originals(round, writer.kept)
    results.sort(key=lambda result: result.place)
    return TakenIn(tuple(results), before if before > now() else "")


def _is_new(result: ArrivalResult, noted: set[tuple[str, str, str]]) -> bool:
    """Return True for a file that is not noted yet: one that could not be taken is noted once under each name.

    Of bytes that the disk or share did not give nothing came.
    """
    unread = result.reason is not None and result.reason.key in ("PackageError.unreadable", "PackageError.no_file")
    if result.verdict in ("known", "growing") or unread:
        return False
    if any(sheet.verdict in KEPT for sheet in result.sheets):
        return True
    return (result.arrival.digest, result.arrival.name, result.verdict) not in noted


def _lighten(result: ArrivalResult) -> ArrivalResult:
    """Return a result that is written, without what was read and all findings but those that hold nothing back."""
    return replace(
        result,
        arrival=replace(result.arrival, item=None, entries=(), keys=()),
        sheets=tuple(
            replace(sheet, findings=sheet.noted, sheet=replace(sheet.sheet, packed=b"", typed=TypedAnswers()))
            for sheet in result.sheets
        ),
    )


class _Writer:
    """Writes the results of a run in one transaction, which begins with the first that is new.

    What became of a file depends on the others of its run: half of them would be decided otherwise without the rest.
    """

    def __init__(self, round: Round, store: Store, arrived: str, transaction: ExitStack) -> None:
        self.round, self.store, self.arrived, self.transaction = round, store, arrived, transaction
        self.kept: list[str] = []
        self._begun: tuple[WriteGroup, int] | None = None

    def add(self, result: ArrivalResult) -> ArrivalResult:
        """Keep the original and write the result; a file that changed meanwhile is left."""
        if not keep_original(self.round, result):
            return replace(result, verdict="growing", sheets=())
        self.kept.append(result.arrival.digest)
        if self._begun is None:
            group = self.transaction.enter_context(self.store.group(whoever(), now()))
            self._begun = group, group.add_run(__version__)
        group, run = self._begun
        _write_result(group, self.store, self.round, run, self.arrived, result)
        return result


def _write_result(group: WriteGroup, store: Store, round: Round, run: int, arrived: str, result: ArrivalResult) -> None:
    """Write what became of one file: the delivery, its sheets with their findings, the questions."""
    arrival, earlier = result.arrival, result.earlier
    came = (earlier and earlier.arrived) or arrived  # looked at again, it came when it came first
    reason = _reason(round, result)
    delivery = group.add_delivery(
        Delivery(run, arrival.digest, arrival.name, arrival.name, came, result.verdict, reason)
    )
    for sheet in result.sheets:
        if sheet.verdict in KEPT:
            drafts, submission = store.submissions(sheet.key), sheet.submission
            followed = follow(former_draft(store, drafts), submission.record, sheet.findings, sheet.key)
            kept = add_draft(group, store, _kept_submission(delivery, len(drafts) + 1, sheet, submission), followed)
            if sheet.verdict == "question":
                _ask(group, store, sheet.key, kept, str(sheet.outcome.kind), sheet.outcome.facts)
        counting = [kept.id for kept in store.submissions(sheet.copier) if kept.counts] if sheet.copier else []
        if sheet.copier and counting:  # none where its file changed before it was kept: the next run asks
            _ask(group, store, sheet.copier, counting[0], "copied", {**sheet.outcome.facts, "unit": sheet.key[0]})
    for change in result.siblings:
        change_siblings(group, store, change)


def _reason(round: Round, result: ArrivalResult) -> Mapping[str, Any]:
    """Return why a file, or a sheet of it, could not be taken; empty where all were.

    ``sheets``: the projects of those that were not, by verdict; ``settled``: those whose sheets are not looked at again
    when the others are.
    """
    said = reason_plain(result.reason) if result.reason else {}
    for sheet in result.sheets:  # of these there is no submission
        if sheet.verdict not in KEPT:
            said.setdefault("sheets", {}).setdefault(sheet.verdict, []).append(list(sheet.key))
    if any(sheet.verdict in TRIED_ANEW for sheet in result.sheets):
        settled = [list(sheet.key) for sheet in result.sheets if sheet.verdict not in TRIED_ANEW]
        return {**said, "round": asked_of(round), "settled": settled}
    if result.earlier and not result.sheets and not said and result.verdict in TRIED_ANEW:  # the same bytes again
        settled = [list(key) for key in sorted(result.earlier.settled)]
        return {"round": asked_of(round), "settled": settled}
    return said


def _kept_submission(delivery: int, draft: int, sheet: SheetResult, submission: Submission) -> KeptSubmission:
    return KeptSubmission(
        delivery=delivery,
        project=sheet.key,
        draft=draft,
        sheet=submission.sheet,
        record=submission.record,
        answers=sheet.sheet.typed.digest(),
        notes=sheet.explained,
        counts=sheet.verdict in COUNTING,
    )


def _ask(
    group: WriteGroup, store: Store, key: ProjectKey, submission: int, kind: str, facts: Mapping[str, Any]
) -> None:
    """Ask a question, or have the one that is open about the project be about this sheet, too."""
    for question in store.questions():
        if question.project == key and question.closed is None:
            about = [*(id for id in question.submissions if id != submission), submission]
            group.extend_question(question.id, about, dict(facts))
            return
    group.add_question(Question(key, (submission,), kind, dict(facts)))
