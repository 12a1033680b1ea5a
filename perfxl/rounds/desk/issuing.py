"""The workbooks of a round are issued, and noted in its store."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from perfxl.batch.arguments import Progress
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.heartbeat import renewing
from perfxl.rounds.desk.registering import registry_of
from perfxl.rounds.issue import WrittenWorkbook, issue_workbooks, secret_projects
from perfxl.rounds.model import RegisteredProject
from perfxl.rounds.round import Round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import IssuedWorkbook


@dataclass(frozen=True)
class IssuedRound:
    """The result of issuing: the workbooks of the whole round, and the projects of which nothing is."""

    workbooks: tuple[WrittenWorkbook, ...]
    secret: tuple[RegisteredProject, ...]


def issue(round: Round, executor: Executor | None = None, progress: Progress | None = None) -> IssuedRound:
    """Write the workbooks of a round that are not written yet, and note them in the store."""
    registry = registry_of(round)
    with open_store(round.store, write=True) as store:
        workbooks = issue_workbooks(round, registry, executor, renewing(store, progress))
        known = {(one.file, one.digest) for one in store.issued()}
        fresh = [one for one in workbooks if (one.file, one.digest) not in known]
        if fresh:
            with store.group(whoever(), now()) as group:
                for one in fresh:
                    given = {"form": one.form, "numbers": list(one.numbers)}
                    group.add_issued(IssuedWorkbook(one.unit, one.draft, one.digest, one.file, given))
    return IssuedRound(workbooks, secret_projects(registry))
