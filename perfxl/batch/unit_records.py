"""The records of units, from what a call names: records files, their content, returned workbooks, folders of these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perfxl import records
from perfxl.batch import output
from perfxl.batch.inbox import list_items
from perfxl.batch.read import records_of_items
from perfxl.batch.sheet_records import SheetRecords
from perfxl.batch.spool import Spool, spool
from perfxl.batch.urls import is_url, shown_url
from perfxl.batch.workers import run_each
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.records import ENDINGS

RecordsSource = str | Path | Mapping[str, Any]
"""A records file, a workbook, or a folder or zip of these by its path; or the content of a records file."""


@dataclass
class GatheredUnit:
    """A unit of a year: its code, and the places of its records in the spool.

    ``file``: the last one with records of it, "" where they came as content; ``roots``: the keys that hold records.
    """

    code: str
    year: Any
    places: list[int] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    file: str = ""


@dataclass(frozen=True)
class GatheredRecords:
    """The records of units, in the order of the sources; they stand in a spool.

    ``refused``: what is wrong with the sources; ``files``: the records files among them, each with the keys under which
    it has records.
    """

    kept: Spool
    units: Sequence[GatheredUnit]
    refused: tuple[PerfxlError, ...]
    files: Sequence[tuple[str, frozenset[str]]]

    def content(self, unit: GatheredUnit) -> dict[str, Any]:
        """Return what a records file of a unit would hold; of values besides records the first one counts."""
        whole: dict[str, Any] = {}
        for place in unit.places:
            for key, value in self.kept.at(place).items():
                whole.setdefault(key, value)
        return whole

    def contents(self) -> Iterator[dict[str, Any]]:
        """Yield the content of all units."""
        return map(self.content, self.units)


def gather_units(sources: Iterable[RecordsSource], kept: Spool) -> GatheredRecords:
    """Put the records of units into a spool; those of one unit and year in several sources come together."""
    units: dict[tuple[str, Any], GatheredUnit] = {}
    refused: list[PerfxlError] = []
    files: list[tuple[str, frozenset[str]]] = []
    for source in sources:
        try:
            for content, file in _records_in(source):
                said = content.get("unit") or {}
                code, year = str(said.get("code") or ""), content.get("year")
                unit = units.setdefault((code or str(said.get("name") or ""), year), GatheredUnit(code, year))
                roots = {key for key, value in content.items() if key != "unit" and isinstance(value, (list, Mapping))}
                if twice := unit.roots & roots:
                    raise NothingToDo(what="records_twice", root=min(twice), file=file)
                unit.roots |= roots
                unit.file = file
                unit.places.append(kept.put(content))
                files += [(file, frozenset(roots))] if file.lower().endswith(ENDINGS) else []
        except PerfxlError as error:
            refused.append(error)
    return GatheredRecords(kept, tuple(units.values()), tuple(refused), files)


def _records_in(source: RecordsSource) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the records of a source, unit by unit, with the name of the file."""
    if isinstance(source, Mapping):
        content = records.with_dates_as_texts(source)
        for mistake in (*records.find_unfit_values(content), *records.check_shape(content, records.shape(content))):
            raise mistake
        yield content, ""
        return
    if is_url(source):
        raise NothingToDo(what="path_only", file=shown_url(str(source)))
    path = Path(source)
    inside = sorted(path.iterdir()) if output.is_folder(path) else [path]
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
