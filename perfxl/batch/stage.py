"""Make the workbooks of a later stage: records that were approved in one form become given answers of another.

What a stage asks is a form; how its records come of the approved ones is brought by an entry point (``perfxl.stages``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from perfxl import extensions
from perfxl.batch import output as files
from perfxl.batch.arguments import check_arguments
from perfxl.batch.generate import GeneratedWorkbook, books_of, generate
from perfxl.batch.known_forms import with_forms
from perfxl.batch.sources import RulesSource, load_rules
from perfxl.batch.spool import spool
from perfxl.batch.unit_records import gather_units
from perfxl.errors import NothingToDo, PerfxlError, StageError
from perfxl.form import installed
from perfxl.records import unit_label
from perfxl.rules.subject import Subject
from perfxl.summary import StageSheet, SummaryTable, UnitLine
from perfxl.workbook.writing.stamp import stamp_book


class MadeRecords(Protocol):
    """The records of a unit for a stage; ``mistakes``: why there are none; ``notes``: what is said beside them."""

    @property
    def records(self) -> Mapping[str, Any]:
        """The content of a records file."""
        ...

    @property
    def mistakes(self) -> tuple[PerfxlError, ...]:
        """What is wrong."""
        ...

    @property
    def notes(self) -> tuple[PerfxlError, ...]:
        """What is said beside."""
        ...


class InstalledStage(Protocol):
    """A stage that an installed package brings."""

    @property
    def form(self) -> str:
        """The name of the form of its workbooks."""
        ...

    @property
    def phase(self) -> str:
        """The phase that is printed on its workbooks where none is said."""
        ...

    @property
    def source(self) -> str:
        """The top of the approved records in a records file."""
        ...

    def units_decided(self, adjusted: Path) -> frozenset[str]:
        """Return the codes of the units that a file of decisions names, "" for a decision that names none.

        Raises FormError.
        """
        ...

    def make(
        self, records: Mapping[str, Any], scheme: str, adjusted: Path | None, given: Mapping[str, Any]
    ) -> MadeRecords:
        """Return the records of this stage for the approved records of a unit. Raises FormError."""
        ...

    @property
    def result(self) -> Callable[[Subject], Any]:
        """The function that returns what came of a sheet."""
        ...

    @property
    def tables(self) -> Callable[[Mapping[str, Sequence[StageSheet]], Sequence[UnitLine], str], Sequence[SummaryTable]]:
        """The function that returns the tables of its summary in a language, from the sheets of every stage."""
        ...


@dataclass(frozen=True)
class StagedUnit:
    """A unit's workbooks of a stage, and what was said while they were made."""

    unit: str
    workbooks: tuple[GeneratedWorkbook, ...]
    notes: tuple[PerfxlError, ...] = ()


@dataclass(frozen=True)
class StagedWorkbooks:
    """What a stage was made of: ``units``; ``refused``: why nothing was made; ``from_records``: files that were taken
    as approved because they are records.
    """

    units: tuple[StagedUnit, ...] = ()
    refused: tuple[PerfxlError, ...] = ()
    from_records: tuple[str, ...] = ()

    @property
    def workbooks(self) -> tuple[GeneratedWorkbook, ...]:
        """All workbooks."""
        return tuple(workbook for unit in self.units for workbook in unit.workbooks)


def stages() -> tuple[str, ...]:
    """Return the names of the installed stages."""
    return tuple(extensions.found("perfxl.stages"))


def load_stage(name: str) -> InstalledStage:
    """Return an installed stage. Raises NothingToDo for a name that nobody brings."""
    if name not in stages():
        raise NothingToDo(what="unknown_stage", name=name, known=stages())
    stage: InstalledStage = extensions.load("perfxl.stages", name)
    return stage


@with_forms
def stage(
    name: str,
    *sources: str | Path | Mapping[str, Any],
    scheme: str = "",
    adjusted: str | Path | None = None,
    values: Mapping[str, str | float] = MappingProxyType({}),
    rules: RulesSource = None,
    forms: Collection[str | Path] = (),
    output: str | Path | None = None,
    force: bool = False,
    **options: Any,
) -> StagedWorkbooks:
    """Make the workbooks of a stage from approved records: records files or their content, or returned workbooks.

    ``scheme``: how the stage judges, a name or a file, else that of ``rules``; ``adjusted``: a file of decisions after
    approval; ``values``: issue values; ``output``: a folder, without which nothing is written; ``options``: those of
    ``generate``. Where anything is wrong nothing is written, and ``refused`` says all that is.
    """
    check_arguments(output=output, force=force)
    made_of = load_stage(name)
    sent = {"form": made_of.form, "values": values, "rules": rules, **options}
    sent["phase"] = options.get("phase") or made_of.phase
    used = scheme or load_rules(rules).scheme
    decided = Path(adjusted) if adjusted is not None else None
    folder = Path(output) if output is not None else None
    with spool() as kept, files.write_together(force) as pending:
        held = gather_units(sources, kept)
        refused = [*held.refused, *strange_units(made_of, decided, (unit.code for unit in held.units))]
        years = sorted({str(unit.year) for unit in held.units})
        if len(years) > 1:
            refused.append(NothingToDo(what="several_years", years=years))
        staged: list[StagedUnit] = []
        for unit in held.units:
            made = made_of.make(held.content(unit), used, decided, values)
            refused += made.mistakes
            if not refused:
                workbooks = _write(made.records, sent, folder, pending)
                staged.append(StagedUnit(unit_label(made.records), workbooks, made.notes))
        if refused:
            pending.give_up()
            return StagedWorkbooks(refused=tuple(refused))
    reported = {installed.load(load_stage(name).form).root for name in stages()}
    taken = [file for file, roots in held.files if roots - reported]  # else it tells what an earlier stage reported
    return StagedWorkbooks(tuple(staged), (), tuple(taken))


def _write(
    content: Mapping[str, Any], sent: Mapping[str, Any], folder: Path | None, pending: files.PendingFiles
) -> tuple[GeneratedWorkbook, ...]:
    """Write a unit's workbooks below a folder, or keep them where there is none; none where nothing is left to ask."""
    if not content.get(installed.load(sent["form"]).root):  # every project was dropped
        return ()
    if folder is None:
        return generate(content, **sent)
    written = []
    for name, book in books_of(content, **sent):
        pending.write(folder / name, stamp_book(book))
        written.append(GeneratedWorkbook.of(name, book, path=folder / name))
    return tuple(written)


def strange_units(stage: InstalledStage, adjusted: Path | None, known: Iterable[str]) -> list[PerfxlError]:
    """Return a mistake for each unit that a file of decisions names and nothing is made for.

    A decision that names no unit is one where there are several. Raises FormError.
    """
    units = {*known, ""} if adjusted else {""}
    named = stage.units_decided(adjusted) if adjusted else frozenset[str]()
    found = [StageError(what="unknown_unit", file=str(adjusted), unit=code) for code in sorted(named - units)]
    unnamed = "" in named and len(units - {""}) > 1
    return [*found, *([StageError(what="unit_unsaid", file=str(adjusted))] if unnamed else ())]
