"""The workbooks of a round, issued: one for each unit and form, filled with what the registry gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from perfxl import rules
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.form import installed
from perfxl.form.answers import put
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import Round
from perfxl.workbook.sheet.book import list_entry
from perfxl.workbook.sheet.file_name import safe_name
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book


@dataclass(frozen=True)
class WrittenWorkbook:
    """A workbook that was issued: its unit, form and draft, the file below the folder of issued workbooks, its digest.

    ``numbers``: the numbers of its projects; ``amount``: the sum of their amounts in 万元 (ten thousand yuan).
    """

    unit: str
    form: str
    draft: int
    file: str
    digest: str
    numbers: tuple[int, ...]
    amount: float


@dataclass(frozen=True)
class _Order:
    """The workbooks of one form to be issued to one unit; it goes to another process."""

    round: Round
    unit: RegisteredUnit
    form: str
    projects: tuple[RegisteredProject, ...]


def issue_workbooks(
    round: Round,
    registry: Registry,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[WrittenWorkbook, ...]:
    """Write the workbook of every unit and form that is not there yet; return those of the whole round.

    A workbook that was written before has the same bytes and is left alone. Of secret projects nothing is issued.
    ``executor``: does the work on each unit, here without one. Raises RecordsError for a project that cannot be issued,
    OutputFailed where nothing can be written.
    """
    orders = tuple(_orders(round, registry))
    made: list[WrittenWorkbook] = []
    results = executor.map(_write_workbooks, orders) if executor else map(_write_workbooks, orders)
    for done, workbooks in enumerate(results, start=1):
        made += workbooks
        if progress:
            progress(done, len(orders))
    return tuple(made)


def secret_projects(registry: Registry) -> tuple[RegisteredProject, ...]:
    """Return the projects of which nothing is issued."""
    return tuple(project for project in registry.projects if project.disclosure == "secret")


def _orders(round: Round, registry: Registry) -> Iterator[_Order]:
    """Yield what is to be issued, in the order of the registry's units."""
    units = {unit.code: unit for unit in registry.units}
    asked = [project for project in registry.projects if project.disclosure != "secret" and project.unit in units]
    places = {code: at for at, code in enumerate(units)}
    asked.sort(key=lambda project: (places[project.unit], round.forms.index(project.form), project.number))
    for (unit, form), projects in groupby(asked, key=lambda project: (project.unit, project.form)):
        yield _Order(round, units[unit], form, tuple(projects))


def unit_records(
    round: Round, unit: RegisteredUnit, form: str, projects: Sequence[RegisteredProject]
) -> dict[str, Any]:
    """Return the records file from which a unit's workbook is generated."""
    asked = installed.load(form)
    told: dict[str, Any] = {"code": unit.code, "name": unit.name}
    if unit.control is not None:
        told["control"] = unit.control
    made = [_record(project) for project in projects]
    return {"year": round.year, "unit": told, asked.root: made if asked.many else made[0]}


def _record(project: RegisteredProject) -> dict[str, Any]:
    """Return the record with which a project is issued: its given values."""
    record: dict[str, Any] = {}
    own: Mapping[str, Any] = {"number": project.number, "code": project.code or None, "name": project.name}
    for path, value in {**(own if project.number else {}), **project.given}.items():
        if value is not None:
            put(record, path, value)
    return record


def _write_workbooks(order: _Order) -> tuple[WrittenWorkbook, ...]:
    """Write the workbooks of one unit and form where they are not there yet; a unit of many projects has several."""
    round, form = order.round, installed.load(order.form)
    policy = rules.load_policy(round.rules_file)
    records = unit_records(round, order.unit, order.form, order.projects)
    options = {"phase": round.phase, "draft": round.draft, "office": round.office, "phone": round.phone}
    books = [book for _, book in make_books(records, form, issue_of(records, policy=policy, **options))]
    made = []
    for at, book in enumerate(books, start=1):
        volume = f"-{at}" if len(books) > 1 else ""
        unit = safe_name(f"{order.unit.code}{order.unit.name}")
        name = safe_name(f"{order.unit.code}{order.unit.name}_{round.year}{form.label}_{round.phase}{volume}")
        target = round.path("issued") / unit / f"{name}.xlsx"
        data = stamp_book(book)
        if not _holds(target, data):
            files.write_file(target, data)
        made.append(
            WrittenWorkbook(
                unit=order.unit.code,
                form=form.name,
                draft=round.draft,
                file=f"{unit}/{target.name}",
                digest=sha256(data).hexdigest(),
                numbers=tuple(page.identity.number for page in book.pages),
                amount=sum(_amount(page) for page in book.pages),
            )
        )
    return tuple(made)


def _amount(page: Page) -> float:
    """Return the amount of a project, as the 项目清单 has it; 0 where it has none."""
    amount = list_entry(page)[2]
    return float(amount) if isinstance(amount, (int, float)) else 0.0


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False
