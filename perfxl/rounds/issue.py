"""The workbooks of a round, issued: one for each unit and form, filled with what the registry gives."""

from __future__ import annotations

import copy
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from perfxl import rules
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.batch.issue_values import issue_values
from perfxl.errors import RecordsError
from perfxl.form import installed
from perfxl.form.answers import put
from perfxl.form.base_record import lay_over, needs_base
from perfxl.form.form import Form
from perfxl.rounds.issue_changes import sent_values
from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import Round
from perfxl.workbook.sheet.book import list_entry
from perfxl.workbook.sheet.file_name import safe_name
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

RecordsByNumber = Mapping[int, Mapping[str, Any]]
"""Records of a unit by the numbers of their projects."""
_NONE: RecordsByNumber = MappingProxyType({})
_CHUNK = 8
"""Units that a process gets at a time."""


@dataclass(frozen=True)
class WrittenWorkbook:
    """A workbook that was issued: its unit, form and draft, the file below the folder of issued workbooks, its digest.

    ``numbers``: the numbers of its projects; ``amount``: the sum of their amounts in 万元 (ten thousand yuan);
    ``given``: the values as they were sent; ``state``: written now, kept from before, or blocked by another file of
    that name, which is left alone.
    """

    unit: str
    form: str
    draft: int
    file: str
    digest: str
    numbers: tuple[int, ...]
    amount: float
    given: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    state: Literal["written", "kept", "blocked"] = field(default="kept", compare=False)


@dataclass(frozen=True)
class IssueOrder:
    """The workbooks of one form to be issued to one unit; it goes to another process.

    ``answers``: by number the records of the drafts that count, which go out again with what was filled in;
    ``base``: by number the base records.
    """

    round: Round
    unit: RegisteredUnit
    form: str
    projects: tuple[RegisteredProject, ...]
    draft: int
    answers: RecordsByNumber = field(default_factory=dict)
    base: RecordsByNumber = field(default_factory=dict)

    @property
    def printed(self) -> dict[str, str]:
        """The data of the round that every sheet has."""
        return {"phase": self.round.phase, "office": self.round.office, "phone": self.round.phone}

    @property
    def given(self) -> dict[str, Any]:
        """The values as they are sent, without answers."""
        form = installed.load(self.form)
        records = unit_records(self.round, self.unit, self.form, self.projects, base=self.base)
        return sent_values(records, form, {**self.printed, **self.round.values_of(form)})


def write_orders(
    orders: Sequence[IssueOrder], executor: Executor | None = None, progress: Progress | None = None
) -> tuple[WrittenWorkbook, ...]:
    """Write the workbooks that are ordered; one that was written before has the same bytes and is left alone.

    ``executor``: does the work on each unit, here without one. Raises RecordsError for a project that cannot be issued,
    OutputFailed where nothing can be written.
    """
    # books of as many sheets are written from one compiled frame
    by_size = sorted(range(len(orders)), key=lambda at: len(orders[at].projects))
    run = partial(executor.map, chunksize=_CHUNK) if executor else map
    made: dict[int, Sequence[WrittenWorkbook]] = {}
    for at, workbooks in zip(by_size, run(_write_workbooks, [orders[at] for at in by_size]), strict=True):
        made[at] = workbooks
        if progress:
            progress(len(made), len(orders))
    return tuple(one for at in sorted(made) for one in made[at])


def secret_projects(registry: Registry) -> tuple[RegisteredProject, ...]:
    """Return the projects of which nothing is issued."""
    return tuple(project for project in registry.projects if project.disclosure == "secret")


def unbased_projects(registry: Registry, based: Container[ProjectKey]) -> tuple[RegisteredProject, ...]:
    """Return the projects of which nothing is issued because the rows that their form gives are in no base record.

    ``based``: the projects that have one.
    """
    needing = {form for form in {project.form for project in registry.projects} if needs_base(installed.load(form))}
    asked = (project for project in registry.projects if project.disclosure != "secret")
    return tuple(project for project in asked if project.form in needing and project.key not in based)


def list_orders(round: Round, registry: Registry, leave_out: Container[ProjectKey] = ()) -> Iterator[IssueOrder]:
    """Yield what is to be issued, in the order of the registry's units; of secret projects nothing is."""
    units = {unit.code: unit for unit in registry.units}
    asked = [project for project in registry.projects if project.disclosure != "secret" and project.unit in units]
    asked = [project for project in asked if project.key not in leave_out]
    places = {code: at for at, code in enumerate(units)}
    asked.sort(key=lambda project: (places[project.unit], round.forms.index(project.form), project.number))
    for (unit, form), projects in groupby(asked, key=lambda project: (project.unit, project.form)):
        yield IssueOrder(round, units[unit], form, tuple(projects), round.draft)


def unit_records(
    round: Round,
    unit: RegisteredUnit,
    form: str,
    projects: Sequence[RegisteredProject],
    answers: RecordsByNumber = _NONE,
    base: RecordsByNumber = _NONE,
) -> dict[str, Any]:
    """Return the records file from which a unit's workbook is generated.

    ``answers``: the records that are laid below what the registry gives; ``base``: the base records.
    """
    asked = installed.load(form)
    made = [
        issued_record(asked, project, answers.get(project.number), base.get(project.number)) for project in projects
    ]
    return {"year": round.year, "unit": unit.told, asked.root: made if asked.many else made[0]}


def issued_record(
    form: Form,
    project: RegisteredProject,
    answers: Mapping[str, Any] | None = None,
    base: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the record with which a project is issued: its given values, above its base record and its answers."""
    record: dict[str, Any] = copy.deepcopy(dict(answers or {})) if base is None else lay_over(form, base, answers or {})
    own: Mapping[str, Any] = {"number": project.number, "code": project.code or None, "name": project.name}
    for path, value in {**(own if project.number else {}), **project.given}.items():
        if value is not None:
            put(record, path, value)
    return record


def _write_workbooks(order: IssueOrder) -> tuple[WrittenWorkbook, ...]:
    """Write the workbooks of one unit and form where they are not there yet; a unit of many projects has several."""
    round, name, policy = order.round, order.unit.label, rules.load_policy(order.round.rules_file)
    form = policy.form(installed.load(order.form))
    records = unit_records(round, order.unit, order.form, order.projects, order.answers, order.base)
    try:
        values = issue_values(form, records, round.values_of(form))
        issue = issue_of(records, policy=policy, draft=order.draft, values=values, **order.printed)
        books = [book for _, book in make_books(records, form, issue, "unit", "all" if order.answers else "given")]
    except RecordsError as error:
        raise RecordsError(**{**error.facts, "file": name}) from error
    given, made = order.given, []
    for at, book in enumerate(books, start=1):
        numbers = tuple(page.identity.number for page in book.pages)
        mine = [record for record in given["records"] if not form.many or form.number(record) in numbers]
        amount = sum(_amount(page) for page in book.pages)
        file = f"{safe_name(name)}/{_file_name(order, at if len(books) > 1 else 0)}.xlsx"
        data = stamp_book(book)
        made.append(
            WrittenWorkbook(
                unit=order.unit.code,
                form=form.name,
                draft=order.draft,
                file=file,
                digest=sha256(data).hexdigest(),
                numbers=numbers,
                amount=amount,
                given={**given, "records": mine, "numbers": list(numbers), "amount": amount},
                state=_write(round.path("issued") / file, data),
            )
        )
    return tuple(made)


def _file_name(order: IssueOrder, volume: int) -> str:
    """Return the name of a workbook without its ending: ``907001柳溪镇_2024绩效目标_一上_第2稿-3``."""
    form = installed.load(order.form)
    # the sign of the draft is that of a round's later issues: the first has none
    draft = f"_第{order.draft}稿" if order.draft > 1 else ""
    number = f"-{volume}" if volume else ""
    whole = f"{order.unit.label}_{order.round.year}{form.label}_{order.round.phase}"
    return safe_name(whole) + draft + number


def _write(target: Path, data: bytes) -> Literal["written", "kept", "blocked"]:
    """Write a workbook where there is none; what stands there with other content may have been sent and stays."""
    if target.is_file():
        return "kept" if _holds(target, data) else "blocked"
    files.write_file(target, data)
    return "written"


def _amount(page: Page) -> float:
    """Return the amount of a project, as the 项目清单 has it; 0 where it has none."""
    amount = list_entry(page)[2]
    return float(amount) if isinstance(amount, (int, float)) else 0.0


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False
