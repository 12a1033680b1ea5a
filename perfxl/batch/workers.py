"""Many files: those of one unit are worked on together, the units by all workers there are.

Rules across the projects of a unit need its files side by side. Those of two units are needed together only for a form
with answers that must differ in a whole batch. Which form and unit a file is of stands in its document property, so
that no sheet is parsed to tell.

What starts processes is imported where there is work for them: that takes as long as to check a sheet.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import Item
from perfxl.batch.results import Results
from perfxl.errors import PerfxlError
from perfxl.form.installed import load
from perfxl.rules.answer_limits import differs_in_batch
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.identity import PRINTED, PROPERTY, parse_mark

if TYPE_CHECKING:
    from concurrent.futures import Executor

Result = TypeVar("Result")

MANY = 24
"""So many files are worth the start of further processes (measured: 0.5 s, and a unit's book takes 0.2 s)."""


def group_by_unit(items: Sequence[Item]) -> list[tuple[int, ...]]:
    """Return the places of the files of each unit; a file that cannot be read stands alone.

    The files of a form that compares units are one group.
    """
    found: dict[str, list[int]] = {}
    for at, item in enumerate(items):
        found.setdefault(_unit_of(item) or f"?{at}", []).append(at)
    return [tuple(places) for places in found.values()]


def _unit_of(item: Item) -> str:
    try:
        workbook = Workbook(item.package())
        mark = parse_mark(workbook.properties.get(PROPERTY, ""))
        if mark and _compares_units(mark.form):
            return f"={mark.form}"
        code = PRINTED.search(mark.printed) if mark else None
        return code["unit"] if code else read_workbook(workbook)[0].submission.unit_code
    except PerfxlError:
        return ""


def _compares_units(form: str) -> bool:
    """Return whether a form has answers that must differ between units; one that is not installed has none."""
    try:
        return differs_in_batch(load(form))
    except PerfxlError:
        return False


def run_by_unit(work: Callable[[Mapping[int, Item]], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Do the work on each unit's files, given by their places; yield the results in the order in which they are done.

    ``work`` and what it gives must be picklable; it goes to each worker once.
    """
    if not _is_worth_it(len(items)):
        yield work(dict(enumerate(items)))
        return
    from concurrent.futures import as_completed

    from perfxl.batch.executors import open_workers

    units = group_by_unit(items)
    with open_workers(len(units), work) as workers:
        # no list of them is held: each has its result
        for job in as_completed([workers.do({at: items[at] for at in places}) for places in units]):
            yield job.result()


def _is_worth_it(count: int) -> bool:
    """Return whether so many files, or pieces of work as large as one, are given away: to a cluster, or processes."""
    if count < MANY:
        return False
    from perfxl.batch.executors import are_named

    return are_named() or (os.cpu_count() or 1) > 1


@contextmanager
def processes(pieces: int) -> Iterator[Executor | None]:
    """Yield workers for so many pieces of work, each as large as a file; None where they are not worth it."""
    if not _is_worth_it(pieces):
        yield None
        return
    from perfxl.batch.executors import open_workers

    with open_workers(pieces) as workers:
        yield workers


UnitWork = Callable[[Mapping[int, Item]], tuple[Mapping[int, Result], Mapping[int, PerfxlError]]]
"""Work on a unit's files: it gives a result or an error for each, by their places."""


def run_all(
    work: UnitWork[Sequence[Result | PerfxlError]],
    items: Sequence[Item],
    results: Results[Result],
    progress: Progress | None = None,
) -> None:
    """Work on all files; put what becomes of each behind what is in ``results``."""
    first = results.next
    for made, errors in _run(work, items, progress):
        for at, several in made.items():
            results.put(first + at, several)
        for at, error in errors.items():
            results.put(first + at, [error])


def run_each(
    work: UnitWork[Result],
    items: Sequence[Item],
    take: Callable[[int, Result], object],
    progress: Progress | None = None,
) -> list[PerfxlError]:
    """Work on all files; return the errors of files that cannot be read, in the files' order.

    ``take``: called with the place of a file and its result as soon as it is there, in any order.
    """
    refused: dict[int, PerfxlError] = {}
    for made, errors in _run(work, items, progress):
        for at, result in made.items():
            take(at, result)
        refused |= errors
    return [refused[at] for at in sorted(refused)]


def _run(
    work: UnitWork[Result], items: Sequence[Item], progress: Progress | None
) -> Iterator[tuple[Mapping[int, Result], Mapping[int, PerfxlError]]]:
    """Yield what the work gives for each unit, as it is done."""
    done = 0
    for made, errors in run_by_unit(work, items) if items else ():
        yield made, errors
        done += len(made) + len(errors)
        if progress:
            progress(done, len(items))
