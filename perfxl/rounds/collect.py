"""Files that arrived are taken in: every file gets a verdict, every sheet a fate; nothing is lost or overwritten.

A run reads everything first and then decides in the order in which the workbooks were saved, so that the end does not
depend on which process finishes first. All of it is a function from what is known to what is new; the store is written
afterwards, in the order of the decisions, in one transaction.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from perfxl.batch.issue_values import as_text
from perfxl.errors import PackageError, PerfxlError
from perfxl.finding import Finding, Severity
from perfxl.form import installed
from perfxl.form.characters import squeeze
from perfxl.rounds.arrivals import Arrival, ArrivedSheet
from perfxl.rounds.batch_answers import BatchAnswers, has_batch_answers
from perfxl.rounds.findings import add_explanations
from perfxl.rounds.ledger import COUNTING, KEPT, TRIED_ANEW, VERDICTS, EarlierDelivery, Ledger, ProjectHistory, Verdict
from perfxl.rounds.merging import (
    Draft,
    Fate,
    Originals,
    Outcome,
    TypedAnswers,
    decide,
    join_explained,
    latest,
    typed_in_blank,
)
from perfxl.rounds.model import ProjectKey, RegisteredProject, Registry
from perfxl.rounds.round import Round
from perfxl.rounds.unit_review import (
    SiblingChange,
    UnitDrafts,
    bare_record,
    is_of_unit,
    review_sheets,
    sibling_changes,
)
from perfxl.rules.policy import Policy
from perfxl.rules.review import review
from perfxl.submission import Submission

_VERDICTS: Mapping[Fate, Verdict] = {"blank": "blank", "same": "same", "draft": "taken", "question": "question"}
_NO_FORM = ("is_records",)  # what a PackageError says of a file that nobody took for a workbook


@dataclass(frozen=True)
class SheetResult:
    """The result for one sheet: its project, its outcome, what was read, and the findings of a new draft.

    ``copier``: another project whose counting draft seems to hold this sheet's answers; ``tally``: the findings by
    severity.
    """

    key: ProjectKey
    verdict: Verdict
    outcome: Outcome
    sheet: ArrivedSheet
    explained: tuple[tuple[str, str], ...] = ()
    copier: ProjectKey | None = None
    findings: tuple[Finding, ...] = ()
    tally: Mapping[Severity, int] = field(default_factory=dict)

    @property
    def submission(self) -> Submission:
        """What was read of the sheet."""
        return self.sheet.submission()

    @property
    def noted(self) -> tuple[Finding, ...]:
        """The findings about the book or the unit, which hold no project back."""
        return tuple(finding for finding in self.findings if is_of_unit(finding.code, finding.fields, self.key[1]))


@dataclass(frozen=True)
class ArrivalResult:
    """The result for one file: its verdict, and that of each sheet; ``reason``: why it could not be taken.

    ``place``: among the files of the run; ``earlier``: the delivery of the same bytes that came first; ``siblings``:
    the findings that change on drafts which go on counting.
    """

    arrival: Arrival
    verdict: Verdict
    sheets: tuple[SheetResult, ...] = ()
    reason: PerfxlError | None = None
    place: int = 0
    earlier: EarlierDelivery | None = None
    siblings: tuple[SiblingChange, ...] = ()

    @property
    def lies_there(self) -> bool:
        """True for a file that was taken in by an earlier run, and stays in the inbox under its name."""
        earlier = self.earlier if self.verdict == "known" else None
        return earlier is not None and earlier.arrived != "" and earlier.name == self.arrival.name


def decide_arrivals(
    round: Round, registry: Registry, ledger: Ledger, arrivals: Sequence[Arrival], policy: Policy
) -> list[ArrivalResult]:
    """Return what becomes of each file, in the order in which it is decided and to be written."""
    decided: list[ArrivalResult] = []
    seen = dict(ledger.deliveries)
    unread = [arrival for arrival in arrivals if arrival.error or not ledger.stands(arrival.digest)]
    fates = _Fates(round, registry, ledger, policy) if unread else None
    if fates:
        fates.find_unordered(unread)
    for at in sorted(range(len(arrivals)), key=lambda at: _age(arrivals[at])):
        arrival = arrivals[at]
        earlier = seen.get(arrival.digest)
        if (earlier and earlier.stands and not arrival.error) or not fates:
            result = _repeat(arrival, earlier)
        else:
            result = fates.decide_arrival(arrival, earlier)
        decided.append(replace(result, place=at))
        if arrival.digest and result.verdict not in ("growing", "known"):
            seen[arrival.digest] = _as_earlier(result)
    return decided


def _age(arrival: Arrival) -> tuple[str, str, str, str]:
    """Return the sort key of an arrival: when its workbook was saved, when its file was, what it holds; its name."""
    return arrival.saved or arrival.changed, arrival.changed, arrival.digest, arrival.name


def _as_earlier(result: ArrivalResult) -> EarlierDelivery:
    """Return a file that was just decided about as the next run will find it: the same bytes come to the same there."""
    earlier = result.earlier or EarlierDelivery(result.arrival.name, "", result.verdict)
    settled = frozenset(sheet.key for sheet in result.sheets if sheet.verdict not in TRIED_ANEW)
    return replace(
        earlier, verdict=result.verdict, error=result.reason, stands=True, settled=settled or earlier.settled
    )


def _repeat(arrival: Arrival, earlier: EarlierDelivery | None) -> ArrivalResult:
    """Return the result for bytes that came before: what could not be taken is said again, of this file."""
    if earlier and earlier.verdict in (*TRIED_ANEW, "secret"):
        return ArrivalResult(arrival, earlier.verdict, reason=_said_of(arrival, earlier.error), earlier=earlier)
    return ArrivalResult(arrival, "known", earlier=earlier)


def _said_of(arrival: Arrival, error: PerfxlError | None) -> PerfxlError | None:
    """Return an error as it is said of a file that has the same bytes as the one of which it was said first."""
    return type(error)(**{**error.facts, "file": arrival.name}) if error and "file" in error.facts else error


class _Fates:
    """Decides about arrivals one after the other; what it decided counts for the next."""

    def __init__(self, round: Round, registry: Registry, ledger: Ledger, policy: Policy) -> None:
        self.round, self.registry, self.policy = round, registry, policy
        self.units = {unit.code for unit in registry.units}
        self.projects = {project.key: project for project in registry.projects}
        self.histories = dict(ledger.projects)
        self.unordered: set[ProjectKey] = set()
        self.originals = Originals(
            (key, history.known.counting.typed) for key, history in self.histories.items() if history.known.counting
        )

    def find_unordered(self, arrivals: Sequence[Arrival]) -> None:
        """Note the projects of which several differing sheets came at once and nobody knows which is the latest."""
        found: defaultdict[ProjectKey, list[tuple[TypedAnswers, tuple[str, str]]]] = defaultdict(list)
        for arrival in arrivals:
            for sheet in filter(self._is_of_round, arrival.sheets):
                key = self._key(sheet)
                if sheet.typed != self._blank(key[1]):
                    found[key].append((sheet.typed, (arrival.saved, arrival.changed)))
        for key, came in found.items():
            times: list[tuple[TypedAnswers, tuple[str, str]]] = []
            for typed, time in came:  # of sheets that say the same, the latest one
                same = next((at for at, (other, _) in enumerate(times) if other == typed), None)
                if same is None:
                    times.append((typed, time))
                else:
                    times[same] = typed, max(time, times[same][1])
            if latest([time for _, time in times]) is None:
                self.unordered.add(key)

    def decide_arrival(self, arrival: Arrival, earlier: EarlierDelivery | None = None) -> ArrivalResult:
        """Return what becomes of a file; ``earlier``: its delivery out of which not all could be taken."""
        keys = [self._key(sheet) for sheet in arrival.sheets]
        if arrival.secret or any(self._is_secret(key) for key in keys):
            return ArrivalResult(replace(arrival, sheets=(), entries=(), keys=()), "secret")
        if arrival.growing:
            return ArrivalResult(replace(arrival, sheets=()), "growing")
        if arrival.error is not None:
            return ArrivalResult(arrival, _verdict_of(arrival.error), reason=arrival.error, earlier=earlier)
        sheets = []
        for at, (sheet, key) in enumerate(zip(arrival.sheets, keys, strict=True)):
            if earlier and key in earlier.settled:
                sheets.append(SheetResult(key, "known", Outcome("same"), sheet))
                continue
            others = [other for place, other in enumerate(arrival.sheets) if place != at and keys[place] == key]
            differ = any(other.typed != sheet.typed for other in others)
            draft = Draft(sheet.typed, arrival.explanations(at))
            sheets.append(self._decide_sheet(sheet, key, draft, "two_sheets" if differ else None))
        verdict = min((sheet.verdict for sheet in sheets), key=VERDICTS.index)
        # what was read is in the results, and is not held twice
        return ArrivalResult(replace(arrival, sheets=()), verdict, tuple(sheets), earlier=earlier)

    def _blank(self, form: str) -> TypedAnswers:
        """Return what stands in a form as the round issues it."""
        return typed_in_blank(self.policy.form(installed.load(form)))

    def _key(self, sheet: ArrivedSheet) -> ProjectKey:
        """Return the project of a sheet: by its marks, else by its code, else by its name."""
        key = sheet.unit, sheet.form, sheet.number
        if key in self.projects or not installed.load(sheet.form).many:
            return key
        return self._by("code", sheet.code, sheet) or self._by("name", squeeze(sheet.name), sheet) or key

    def _by(self, word: Literal["code", "name"], text: str, sheet: ArrivedSheet) -> ProjectKey | None:
        """Return the only project of the sheet's unit (of any, where it says none) that has this code or name."""

        def is_it(project: RegisteredProject) -> bool:
            said = project.code if word == "code" else squeeze(project.name)
            return said == text and project.form == sheet.form and project.unit == (sheet.unit or project.unit)

        found = [project.key for project in self.registry.projects if is_it(project)] if text else []
        return found[0] if len(found) == 1 else None

    def _is_secret(self, key: ProjectKey) -> bool:
        project = self.projects.get(key)
        return project is not None and project.disclosure == "secret"

    def _decide_sheet(
        self, sheet: ArrivedSheet, key: ProjectKey, draft: Draft, beside: Literal["two_sheets", "order"] | None
    ) -> SheetResult:
        if key[0] not in self.units:
            return SheetResult(key, "not_ours", Outcome("question"), sheet)
        if not self._is_of_round(sheet):
            return SheetResult(key, "not_this", Outcome("question"), sheet)
        history = self.histories.get(key, ProjectHistory())
        known = replace(history.known, issued=self._blank(key[1]), registered=key in self.projects)
        copied_from, copier = self._find_copy(key, sheet)
        outcome = decide(known, draft, copied_from, beside or ("order" if key in self.unordered else None))
        draft = join_explained(known.counting, draft)
        verdict = _VERDICTS[outcome.fate]
        if outcome.fate == "draft":
            earlier = (*known.earlier, known.counting) if known.counting else known.earlier
            known = replace(known, counting=draft, earlier=earlier)
            self.histories[key] = ProjectHistory(known, sheet)
            self.originals.add(key, sheet.typed)
            if is_older(sheet.version, installed.load(key[1]).version):
                verdict = "old_form"
        elif outcome.fate == "question":
            known = replace(known, pending=(*known.pending, draft), asked=outcome.kind)
            self.histories[key] = replace(history, known=known)
        copier = copier if outcome.fate == "draft" else None
        if copier:
            self._ask_copier(copier)
        return SheetResult(key, verdict, outcome, sheet, draft.explained, copier)

    def _find_copy(self, key: ProjectKey, sheet: ArrivedSheet) -> tuple[str, ProjectKey | None]:
        """Return the unit from which a sheet seems copied, or else the project whose counting draft seems copied of it.

        The copy is the one that does not fit, by what is wrong in each alone; a common wording that fits is no copy.
        """
        other = self.originals.find(key[0], sheet.typed)
        theirs = self.histories[other].sheet if other else None
        if other is None or theirs is None:
            return "", None
        wrong, wrong_there = self._count_errors(sheet), self._count_errors(theirs)
        if wrong >= wrong_there:
            return (other[0] if wrong else ""), None
        return "", None if self.histories[other].copied else other

    def _ask_copier(self, key: ProjectKey) -> None:
        """Note that a person is asked whether the counting draft of a project is another unit's.

        Where a question about it is open already, that one is asked, as the store has it.
        """
        history = self.histories[key]
        asked = history.known.asked or "copied"
        known = replace(history.known, asked=asked)
        self.histories[key] = replace(history, known=known, copied=asked == "copied")

    def _count_errors(self, sheet: ArrivedSheet) -> int:
        """Return in how many ways the answers of a sheet by themselves have something that must be put right.

        Of a draft of an earlier run nothing else is known.
        """
        ((_, findings),) = review([replace(bare_record(sheet.submission()), issued={})], self.policy)
        return sum(finding.severity == "error" for finding in findings)

    def _is_of_round(self, sheet: ArrivedSheet) -> bool:
        """Return whether a sheet is of the round's year, forms, phase and issue values.

        One that does not say its phase or a value may be.
        """
        wanted = {name: as_text(value) for name, value in self.round.values.items()}
        of_values = all(wanted.get(name, value) == value for name, value in sheet.said)
        of_phase = sheet.phase in ("", self.round.phase) and of_values
        return sheet.year == self.round.year and sheet.form in self.round.forms and of_phase


def _verdict_of(error: PerfxlError) -> Verdict:
    opened = not isinstance(error, PackageError) or error.facts["what"] in _NO_FORM
    return "no_form" if opened else "unreadable"


def is_older(version: str, than: str) -> bool:
    """Return True if a form's version is older than another, such as 2024.1 than 2024.10."""
    numbers = [[int(number) for number in re.findall(r"\d+", text)] for text in (version, than)]
    return bool(numbers[0]) and numbers[0] < numbers[1]


def add_findings(
    results: Sequence[ArrivalResult], registry: Registry, ledger: Ledger, policy: Policy
) -> Iterator[ArrivalResult]:
    """Yield the results with the findings of every sheet that is kept.

    Checks across sheets see the drafts that count when all is taken in, one for each project.
    """
    units = _Units(results, registry, ledger, policy)
    for result in results:
        kept = [at for at, sheet in enumerate(result.sheets) if sheet.verdict in KEPT]
        siblings: tuple[SiblingChange, ...] = ()
        for unit in dict.fromkeys(result.sheets[at].key[0] for at in kept):
            siblings += (*units.review(unit), *units.review_others(unit))
        found = {at: units.found.pop((result.place, at)) for at in kept}
        found |= add_explanations(result.arrival, found, policy)
        sheets = tuple(
            replace(sheet, findings=found[at], tally=Counter(finding.severity for finding in found[at]))
            if at in found
            else sheet
            for at, sheet in enumerate(result.sheets)
        )
        yield replace(result, sheets=sheets, siblings=siblings)


class _Units:
    """The sheets of a run by their units, each unit checked once; ``found``: by the places of file and sheet."""

    def __init__(self, results: Sequence[ArrivalResult], registry: Registry, ledger: Ledger, policy: Policy) -> None:
        self.policy = policy
        self.found: dict[tuple[int, int], tuple[Finding, ...]] = {}
        self.asked: defaultdict[str, set[ProjectKey]] = defaultdict(set)
        for key in registry.asked():
            self.asked[key[0]].add(key)
        self.kept: defaultdict[str, list[tuple[ArrivalResult, int]]] = defaultdict(list)
        for result in results:
            for at, sheet in enumerate(result.sheets):
                if sheet.verdict in KEPT:
                    self.kept[sheet.key[0]].append((result, at))
        self.done = {*self.kept}
        self.before: defaultdict[str, dict[ProjectKey, ArrivedSheet]] = defaultdict(dict)
        self.came: defaultdict[str, set[ProjectKey]] = defaultdict(set)
        for key, history in ledger.projects.items() if self.kept else ():
            self.came[key[0]].add(key)
            if history.sheet:
                self.before[key[0]][key] = history.sheet
        self.answers, self.later_answers = self._batch_answers(results)

    def _batch_answers(self, results: Sequence[ArrivalResult]) -> tuple[BatchAnswers, BatchAnswers]:
        """Return the answers that may stand only once in the round, as they count before the run and after it."""
        known = {key: sheet for drafts in self.before.values() for key, sheet in drafts.items()}
        came = {one.key: one.sheet for result in results for one in result.sheets if one.verdict in COUNTING}
        before, after = (
            {key: sheet.submission() for key, sheet in sheets.items() if has_batch_answers(key[1])}
            for sheets in (known, came)
        )
        answers = BatchAnswers().replaced(before)
        return answers, answers.replaced(after)

    def review(self, unit: str) -> tuple[SiblingChange, ...]:
        """Check the sheets of a unit, and return what changes on its other drafts; nothing the second time."""
        kept = self.kept.pop(unit, [])
        if not kept:
            return ()
        before = {key: sheet.submission() for key, sheet in self.before[unit].items()}
        complete = self.asked[unit] <= {*self.came[unit], *(result.sheets[at].key for result, at in kept)}
        after, sheets = dict(before), []
        for result, at in kept:
            submission = _with_book_doubts(result, at, complete)
            sheets.append((result.sheets[at].key, submission))
            if result.sheets[at].verdict in COUNTING:
                after[result.sheets[at].key] = submission
        submissions = [*before.values(), *(submission for _, submission in sheets)]
        earlier = UnitDrafts(before, self.answers.beside(unit, submissions))
        later = UnitDrafts(after, self.later_answers.beside(unit, submissions))
        for (result, at), findings in zip(kept, review_sheets(later, sheets, self.policy), strict=True):
            self.found[result.place, at] = tuple(findings)
        return tuple(sibling_changes(earlier, later, self.policy))

    def review_others(self, unit: str) -> Iterator[SiblingChange]:
        """Yield what changes on the drafts of units of which nothing came, since drafts of this one share answers."""
        for other in self.answers.touched(self.later_answers, unit):
            if other not in self.done:
                self.done.add(other)
                drafts = {key: sheet.submission() for key, sheet in self.before[other].items()}
                before, after = (
                    UnitDrafts(drafts, answers.beside(other, drafts.values()))
                    for answers in (self.answers, self.later_answers)
                )
                yield from sibling_changes(before, after, self.policy)


def _with_book_doubts(result: ArrivalResult, at: int, complete: bool) -> Submission:
    """Return a sheet with the doubts about its book, if it is the first of it that is kept.

    That a sheet is missing is no matter once something came of every project of the unit (``complete``).
    """
    own = result.sheets[at].submission
    doubts = tuple(doubt for doubt in own.doubts if not doubt.of_file)
    if at == next(place for place, sheet in enumerate(result.sheets) if sheet.verdict in KEPT):
        book = [doubt for doubt in result.sheets[0].submission.doubts if doubt.of_file]
        doubts += tuple(doubt for doubt in book if not (complete and doubt.kind == "missing_sheet"))
    return replace(own, doubts=doubts)
