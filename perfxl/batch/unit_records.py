"""The records of units, from records files, their content, and returned workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfxl import records
from perfxl.batch import output
from perfxl.batch.inbox import list_items
from perfxl.batch.read import gather_records, open_items
from perfxl.batch.spool import Spool
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.records import ENDINGS
from perfxl.submission import Submission


@dataclass(frozen=True)
class GatheredRecords:
    """The records of units in a spool.

    ``refused``: what is wrong with the sources; ``files``: the records files among them, each with the keys under which
    it has records.
    """

    kept: Spool
    places: tuple[tuple[int, ...], ...]
    refused: tuple[PerfxlError, ...]
    files: tuple[tuple[str, frozenset[str]], ...]

    def units(self) -> Iterator[dict[str, Any]]:
        """Yield the records of each unit and year, as a records file has them, in the order of the sources."""
        for places in self.places:
            merged: dict[str, Any] = {}
            for place in places:
                merged = {**self.kept.at(place), **merged}
            yield merged


def gather_by_sender(sources: Iterable[str | Path | Mapping[str, Any]], kept: Spool) -> GatheredRecords:
    """Put the records of units into a spool; those of one unit and year in several sources come together."""
    places: dict[tuple[str, Any], list[int]] = {}
    held: dict[tuple[str, Any], set[str]] = {}
    refused: list[PerfxlError] = []
    files: list[tuple[str, frozenset[str]]] = []
    for source in sources:
        try:
            for content, file in _records_in(source):
                unit = content.get("unit") or {}
                sender = str(unit.get("code") or unit.get("name") or ""), content.get("year")
                roots = {key for key, value in content.items() if key != "unit" and isinstance(value, (list, Mapping))}
                if twice := held.setdefault(sender, set()) & roots:
                    raise NothingToDo(what="records_twice", root=min(twice), file=file)
                held[sender] |= roots
                places.setdefault(sender, []).append(kept.put(content))
                files += [(file, frozenset(roots))] if file.lower().endswith(ENDINGS) else []
        except PerfxlError as error:
            refused.append(error)
    return GatheredRecords(kept, tuple(map(tuple, places.values())), tuple(refused), tuple(files))


def _records_in(source: str | Path | Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the records of a source, unit by unit, with the name of the file."""
    if isinstance(source, Mapping):
        content = records.with_dates_as_texts(source)
        for mistake in (*records.find_unfit_values(content), *records.check_shape(content, records.shape(content))):
            raise mistake
        yield content, ""
        return
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
    read = open_items(listed.items)
    for refused in (*(listed.refused if alone else ()), *read.refused):
        raise refused
    by_sender: dict[tuple[Any, str], list[Submission]] = {}
    for submission in read.submissions:
        by_sender.setdefault((submission.year, submission.sender), []).append(submission)
    for submissions in by_sender.values():
        yield gather_records(submissions), str(path)
