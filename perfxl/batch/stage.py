"""Make the workbooks of a later stage: records that were approved in one form become given answers of another.

What a stage asks is a form; how its records come of the approved ones is brought by an entry point (``perfxl.stages``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from perfxl import extensions, records
from perfxl.batch import output as files
from perfxl.batch.arguments import check_arguments
from perfxl.batch.generate import GeneratedWorkbook, books_of, generate
from perfxl.batch.inbox import list_items
from perfxl.batch.known_forms import with_forms
from perfxl.batch.read import records_of_items
from perfxl.batch.sheet_records import SheetRecords
from perfxl.batch.sources import RulesSource, load_rules
from perfxl.batch.spool import Spool, spool
from perfxl.batch.workers import run_each
from perfxl.errors import NothingToDo, PerfxlError, StageError
from perfxl.form import installed
from perfxl.records import ENDINGS
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
        held = _gather(sources, kept)
        refused = [*held.refused, *strange_units(made_of, decided, (unit.code for unit in held.units))]
        if len(held.years) > 1:
            refused.append(NothingToDo(what="several_years", years=held.years))
        staged: list[StagedUnit] = []
        for unit in held.units:
            made = made_of.make(held.content(unit), used, decided, values)
            refused += made.mistakes
            if not refused:
                folder = None if output is None else Path(output)
                staged.append(
                    StagedUnit(_unit_name(made.records), _write(made.records, sent, folder, pending), made.notes)
                )
        if refused:
            pending.give_up()
            return StagedWorkbooks(refused=tuple(refused))
    return StagedWorkbooks(tuple(staged), (), tuple(held.from_records))


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


@dataclass(frozen=True)
class _Unit:
    """A unit of a year, and the places of its records in the temporary file."""

    code: str
    year: Any
    places: list[int]


@dataclass(frozen=True)
class _Held:
    """The records of all sources; ``from_records``: the records files among these."""

    kept: Spool
    units: Collection[_Unit]
    refused: Sequence[PerfxlError]
    from_records: Sequence[str]

    @property
    def years(self) -> list[str]:
        """The years of the records."""
        return sorted({str(unit.year) for unit in self.units})

    def content(self, unit: _Unit) -> dict[str, Any]:
        """Return what a records file of a unit would hold."""
        whole: dict[str, Any] = {}
        for place in unit.places:
            for key, value in self.kept.at(place).items():
                whole.setdefault(key, value)
        return whole


def _gather(sources: Iterable[str | Path | Mapping[str, Any]], kept: Spool) -> _Held:
    """Return the records of each unit, and what is wrong with the sources.

    Records of one unit and year that stand in several sources come together.
    """
    units: dict[tuple[str, Any], _Unit] = {}
    tops: dict[tuple[str, Any], set[str]] = {}
    refused: list[PerfxlError] = []
    taken: list[str] = []
    for source in sources:
        try:
            for content, file in _records_in(source):
                said = content.get("unit") or {}
                key = (str(said.get("code") or said.get("name") or ""), content.get("year"))
                unit = units.setdefault(key, _Unit(str(said.get("code") or ""), content.get("year"), []))
                here = {top for top, value in content.items() if top != "unit" and isinstance(value, (list, Mapping))}
                for top in sorted(here & tops.setdefault(key, set())):
                    raise NothingToDo(what="records_twice", root=top, file=file)
                tops[key] |= here
                unit.places.append(kept.put(content))
                taken += [file] if file.lower().endswith(ENDINGS) and _is_approved(content) else []
        except PerfxlError as error:
            refused.append(error)
    return _Held(kept, units.values(), refused, taken)


def _is_approved(content: Mapping[str, Any]) -> bool:
    """Return False for records that only tell what was reported in an earlier stage."""
    reported = {installed.load(load_stage(name).form).root for name in stages()}
    return any(isinstance(value, (list, dict)) for key, value in content.items() if key not in ("unit", *reported))


def _records_in(source: str | Path | Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the records of a source, unit by unit, with the name of the file."""
    if isinstance(source, Mapping):
        content = records.with_dates_as_texts(source)
        for mistake in (*records.find_unfit_values(content), *records.check_shape(content, records.shape(content))):
            raise mistake
        yield content, ""
        return
    path = Path(source)
    inside = sorted(path.iterdir()) if files.is_folder(path) else [path]
    written = [one for one in inside if one.suffix.lower() in ENDINGS]
    for file in written:
        yield records.load(file), str(file)
    if not written or len(written) < len(inside):
        yield from _read_workbooks(path, alone=not written)


def _read_workbooks(path: Path, alone: bool) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the records in the workbooks of a folder or file; ``alone``: that there are some is expected."""
    listed = list_items(path)
    with spool() as kept:
        sheets = SheetRecords(kept)
        unread = run_each(records_of_items, listed.items, sheets.put_all)
        for refused in (*(listed.refused if alone else ()), *unread):
            raise refused
        for sender in sheets.senders():
            yield sheets.content(sender), str(path)


def _unit_name(content: Mapping[str, Any]) -> str:
    unit = content.get("unit") or {}
    return f"{unit.get('code') or ''}{unit.get('name') or ''}"
