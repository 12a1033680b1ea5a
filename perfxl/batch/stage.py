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
from perfxl.batch.unit_records import gather_by_sender
from perfxl.errors import NothingToDo, PerfxlError, StageError
from perfxl.form import installed
from perfxl.rules.subject import Subject
from perfxl.summary import StageSheet, SummaryTable, UnitLine


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
    with spool() as kept:
        gathered = gather_by_sender(sources, kept)
        units, refused = list(gathered.units()), list(gathered.refused)
    reported = {installed.load(load_stage(name).form).root for name in stages()}
    taken = [file for file, roots in gathered.files if roots - reported]  # else it tells what an earlier stage reported
    years = sorted({str(unit.get("year")) for unit in units})
    if len(years) > 1:
        refused.append(NothingToDo(what="several_years", years=years))
    used = scheme or load_rules(rules).scheme
    decided = Path(adjusted) if adjusted is not None else None
    refused += strange_units(made_of, decided, (str((unit.get("unit") or {}).get("code") or "") for unit in units))
    made: list[MadeRecords] = []
    for unit in units:
        found = made_of.make(unit, used, decided, values)
        refused += found.mistakes
        made.append(found)
    if refused:
        return StagedWorkbooks(refused=tuple(refused))
    sent = {"form": made_of.form, "values": values, "rules": rules, **options}
    sent["phase"] = options.get("phase") or made_of.phase
    root = installed.load(made_of.form).root
    going = [unit for unit in made if unit.records.get(root)]  # of the others every project was dropped
    if output is not None:
        names = [name for unit in going for name, _ in books_of(unit.records, **sent)]
        files.check_free([Path(output) / one for one in names], force)
    staged = [
        StagedUnit(
            _unit_name(unit.records),
            generate(unit.records, output=output, force=force, **sent) if unit.records.get(root) else (),
            unit.notes,
        )
        for unit in made
    ]
    return StagedWorkbooks(tuple(staged), (), tuple(taken))


def strange_units(stage: InstalledStage, adjusted: Path | None, known: Iterable[str]) -> list[PerfxlError]:
    """Return a mistake for each unit that a file of decisions names and nothing is made for.

    A decision that names no unit is one where there are several. Raises FormError.
    """
    units = {*known, ""} if adjusted else {""}
    named = stage.units_decided(adjusted) if adjusted else frozenset[str]()
    found = [StageError(what="unknown_unit", file=str(adjusted), unit=code) for code in sorted(named - units)]
    unnamed = "" in named and len(units - {""}) > 1
    return [*found, *([StageError(what="unit_unsaid", file=str(adjusted))] if unnamed else ())]


def _unit_name(content: Mapping[str, Any]) -> str:
    unit = content.get("unit") or {}
    return f"{unit.get('code') or ''}{unit.get('name') or ''}"
