"""Files that arrived are taken in: every file gets a verdict, every sheet a fate; nothing is lost or overwritten.

A run reads everything first and then decides in the order in which the workbooks were saved, so that the end does not
depend on which process finishes first. All of it is a function from what is known to what is new; the store is written
afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Literal

from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import Item
from perfxl.errors import PerfxlError, UnknownWorkbook
from perfxl.finding import Finding
from perfxl.form import installed
from perfxl.rounds.arrivals import Arrival, read_arrivals
from perfxl.rounds.merging import (
    Draft,
    DraftHistory,
    Fate,
    Originals,
    Outcome,
    decide,
    latest,
    typed_answers,
    typed_in_blank,
)
from perfxl.rounds.model import ProjectKey, Registry
from perfxl.rounds.round import Round
from perfxl.rules.policy import Policy
from perfxl.rules.review import review
from perfxl.submission import Submission

Verdict = Literal[
    "taken", "question", "known", "same", "blank", "unreadable", "no_form", "not_ours", "not_this", "secret"
]
"""收到 a new draft; 待确认 a person is asked; 已有 the same bytes, or the same answers, again; 空表 blank;
打不开 cannot be opened; 其他文件 no form of perfxl's; 非本单位表 of a unit that is not in the round;
非本次表 of another year, form or phase; 涉密 secret."""

VERDICTS: tuple[Verdict, ...] = (
    "question", "unreadable", "not_ours", "not_this", "no_form", "secret", "taken", "same", "blank", "known",
)  # fmt: skip
"""In the order of how much they ask of a person: a file has the first of its sheets'."""

TRIED_ANEW: tuple[Verdict, ...] = ("unreadable", "no_form", "not_ours", "not_this")
"""Files of these verdicts are looked at again by every run, since another perfxl or registry may know them."""

_VERDICTS: Mapping[Fate, Verdict] = {"blank": "blank", "same": "same", "draft": "taken", "question": "question"}


@dataclass(frozen=True)
class ProjectHistory:
    """The history of a project: its drafts, and the sheet of the one that counts, for checks of the unit."""

    known: DraftHistory = field(default_factory=DraftHistory)
    submission: Submission | None = None


@dataclass(frozen=True)
class Ledger:
    """The knowledge before a run: the digests of the files that were taken, and the projects' histories."""

    digests: frozenset[str] = frozenset()
    projects: Mapping[ProjectKey, ProjectHistory] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetResult:
    """The result for one sheet: its project, its outcome, what was read, and the findings of a new draft."""

    key: ProjectKey
    verdict: Verdict
    outcome: Outcome
    submission: Submission
    explained: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class ArrivalResult:
    """The result for one file: its verdict, and that of each sheet; ``reason``: why it could not be taken."""

    arrival: Arrival
    verdict: Verdict
    sheets: tuple[SheetResult, ...] = ()
    reason: PerfxlError | None = None


def collect(
    round: Round,
    registry: Registry,
    ledger: Ledger,
    items: Sequence[Item],
    policy: Policy,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[ArrivalResult, ...]:
    """Return what becomes of each file, in the order of the files.

    ``executor``: reads the files, here without one.
    """
    arrivals = list(read_arrivals(items, ledger.digests.__contains__, executor, progress))
    fates = _Fates(round, registry, ledger, policy)
    fates.find_unordered(arrivals)
    order = sorted(range(len(arrivals)), key=lambda at: age_of(arrivals[at]))
    results: dict[int, ArrivalResult] = {}
    seen: set[str] = set(ledger.digests)
    for at in order:
        arrival = arrivals[at]
        if arrival.digest and arrival.digest in seen:
            results[at] = ArrivalResult(arrival, "known")
        else:
            results[at] = fates.decide_arrival(arrival)
        if results[at].verdict not in TRIED_ANEW:
            seen.add(arrival.digest)
    return tuple(_with_findings([results[at] for at in range(len(arrivals))], ledger, policy))


def age_of(arrival: Arrival) -> tuple[str, str, str]:
    """Return the sort key of an arrival: when its workbook was saved, when its file was, its name."""
    return arrival.saved or arrival.arrived, arrival.arrived, arrival.name


class _Fates:
    """Decides about arrivals one after the other; what it decided counts for the next."""

    def __init__(self, round: Round, registry: Registry, ledger: Ledger, policy: Policy) -> None:
        self.round, self.registry, self.policy = round, registry, policy
        self.units = {unit.code for unit in registry.units}
        self.projects = {project.key: project for project in registry.projects}
        self.histories = dict(ledger.projects)
        self.unordered: set[ProjectKey] = set()
        self.originals = Originals(
            (key[0], f"{key[1]}|{key[2]}", history.known.counting.typed)
            for key, history in self.histories.items()
            if history.known.counting
        )

    def find_unordered(self, arrivals: Sequence[Arrival]) -> None:
        """Note the projects of which several files came at once and nobody knows which is the latest."""
        times: dict[ProjectKey, dict[str, tuple[str, str]]] = {}
        for arrival in arrivals:
            for submission in filter(self._is_of_round, arrival.submissions):
                times.setdefault(self._key(submission), {})[arrival.digest] = (arrival.saved, arrival.arrived)
        self.unordered = {key for key, found in times.items() if latest([*found.values()]) is None}

    def decide_arrival(self, arrival: Arrival) -> ArrivalResult:
        """Return what becomes of a file that was not taken before."""
        if arrival.error is not None:
            verdict: Verdict = "no_form" if isinstance(arrival.error, UnknownWorkbook) else "unreadable"
            return ArrivalResult(arrival, verdict, reason=arrival.error)
        keys = [self._key(submission) for submission in arrival.submissions]
        if any(self._is_secret(key) for key in keys):
            return ArrivalResult(replace(arrival, submissions=()), "secret")
        sheets = tuple(
            self._decide_sheet(submission, key, arrival, "two_sheets" if keys.count(key) > 1 else None)
            for submission, key in zip(arrival.submissions, keys, strict=True)
        )
        verdict = min((sheet.verdict for sheet in sheets), key=VERDICTS.index)
        return ArrivalResult(arrival, verdict, sheets)

    def _key(self, submission: Submission) -> ProjectKey:
        form = installed.load(submission.form)
        number = form.number(submission.record) if form.many else 0
        key = submission.unit_code, submission.form, number
        if form.many and key not in self.projects and (code := form.code(submission.record)):
            same = [project.key for project in self.registry.projects if project.code == code]
            return same[0] if len(same) == 1 and same[0][0] == submission.unit_code else key
        return key

    def _is_secret(self, key: ProjectKey) -> bool:
        project = self.projects.get(key)
        return project is not None and project.disclosure == "secret"

    def _decide_sheet(
        self, submission: Submission, key: ProjectKey, arrival: Arrival, beside: Literal["two_sheets", "order"] | None
    ) -> SheetResult:
        if key[0] not in self.units:
            return SheetResult(key, "not_ours", Outcome("question"), submission)
        if not self._is_of_round(submission):
            return SheetResult(key, "not_this", Outcome("question"), submission)
        form = installed.load(submission.form)
        typed = typed_answers(form, submission.record)
        draft = Draft(typed, arrival.explanations(key[2]))
        history = self.histories.get(key, ProjectHistory())
        issued = history.known.issued or typed_in_blank(form)
        known = replace(history.known, issued=issued, registered=key in self.projects)
        copied = self.originals.find(key[0], typed)
        if copied and not self._has_errors(submission):  # a common wording that fits is no copy
            copied = ""
        outcome = decide(known, draft, copied, beside or ("order" if key in self.unordered else None))
        if outcome.fate == "draft":
            earlier = (*known.earlier, known.counting) if known.counting else known.earlier
            self.histories[key] = ProjectHistory(replace(known, counting=draft, earlier=earlier), submission)
            self.originals.add(key[0], f"{key[1]}|{key[2]}", typed)
        return SheetResult(key, _VERDICTS[outcome.fate], outcome, submission, draft.explained)

    def _has_errors(self, submission: Submission) -> bool:
        """Return whether a sheet by itself has something that must be put right."""
        ((_, findings),) = review([submission], self.policy)
        return any(finding.severity == "error" for finding in findings)

    def _is_of_round(self, submission: Submission) -> bool:
        """Return whether a sheet is of the round's year, forms and phase; an older one that says no phase may be."""
        of_phase = submission.phase in ("", self.round.phase)
        return submission.year == self.round.year and submission.form in self.round.forms and of_phase


def _with_findings(results: Sequence[ArrivalResult], ledger: Ledger, policy: Policy) -> Iterator[ArrivalResult]:
    """Yield the results with the findings of every sheet that is kept.

    Checks across sheets see the drafts that count now, one for each project.
    """
    kept = [sheet for result in results for sheet in result.sheets if sheet.verdict in ("taken", "question")]
    counting: dict[ProjectKey, Submission] = {
        key: history.submission for key, history in ledger.projects.items() if history.submission
    }
    for sheet in kept:
        if sheet.verdict == "taken":
            counting[sheet.key] = sheet.submission
    found = _findings_of(kept, counting, policy)
    for result in results:
        sheets = tuple(replace(sheet, findings=found.get(id(sheet.submission), ())) for sheet in result.sheets)
        yield replace(result, sheets=sheets)


def _findings_of(
    sheets: Iterable[SheetResult], counting: Mapping[ProjectKey, Submission], policy: Policy
) -> dict[int, tuple[Finding, ...]]:
    """Return the findings on sheets by the identity of what was read of them.

    A sheet that does not count is judged in the place of the draft that does.
    """
    by_unit: dict[str, list[SheetResult]] = {}
    for sheet in sheets:
        by_unit.setdefault(sheet.key[0], []).append(sheet)
    found: dict[int, tuple[Finding, ...]] = {}
    for unit, own in by_unit.items():
        beside = {key: submission for key, submission in counting.items() if key[0] == unit}
        counted = [sheet for sheet in own if beside.get(sheet.key) is sheet.submission]
        found |= _review(beside, counted, policy)
        for sheet in own:
            if sheet not in counted:
                found |= _review({**beside, sheet.key: sheet.submission}, [sheet], policy)
    return found


def _review(
    together: Mapping[ProjectKey, Submission], sheets: Sequence[SheetResult], policy: Policy
) -> dict[int, tuple[Finding, ...]]:
    """Return the findings on some sheets, checked together with the others of their unit."""
    wanted = {id(sheet.submission) for sheet in sheets}
    reviewed = review([*together.values()], policy, lambda submission: id(submission) in wanted)
    return {id(submission): tuple(findings) for submission, findings in reviewed}
