"""What a round holds is exported: read from the store at one moment, then written in one or several formats.

In between the projects stand in a temporary file, a line for each: so the store is held for a short time only, and the
memory does not grow with the round.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from perfxl import messages, records
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.batch.spool import Spool, spool
from perfxl.errors import RoundError
from perfxl.form import installed
from perfxl.rounds.desk.exported_projects import ExportScope, exported_projects, find_scope
from perfxl.rounds.desk.round_store import open_asked
from perfxl.rounds.export.columnar import write_duckdb, write_parquet
from perfxl.rounds.export.csv_file import write_csv
from perfxl.rounds.export.database import write_database
from perfxl.rounds.export.document import document_lines
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import ExportTable, export_tables
from perfxl.rounds.export.unit_records import unit_files
from perfxl.rounds.export.workbook import write_tables
from perfxl.rounds.round import Round
from perfxl.rounds.states import ProjectState
from perfxl.workbook.sheet.file_name import safe_name

ExportFormat = Literal["xlsx", "csv", "json", "sqlite", "records", "duckdb", "parquet"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)


@dataclass(frozen=True)
class ExportOrder:
    """The wish of whoever exports.

    ``states``: of the projects, none for all of which something came; ``lang``: of the headings; ``force``: files that
    are there are written over.
    """

    formats: tuple[ExportFormat, ...] = ("xlsx",)
    states: tuple[ProjectState, ...] = ()
    lang: str = messages.DEFAULT
    force: bool = False


@dataclass(frozen=True)
class ExportedRound:
    """The result of an export: the files, and the numbers of projects that are in them, did not come, are secret."""

    paths: tuple[Path, ...]
    projects: int
    missing: int
    secret: int


class _Projects:
    """The projects of an export, which are gone through as often as the formats need."""

    def __init__(
        self, kept: Spool, round: Round, scope: ExportScope, order: ExportOrder, progress: Progress | None
    ) -> None:
        self.kept, self.round, self.scope = kept, round, scope
        came = {project.form for project in scope.projects}
        self.tables = export_tables((installed.load(name) for name in round.forms if name in came), order.lang)
        passes = {"json": 1, "records": 2}
        self._steps = 1 + sum(passes.get(format, len(self.tables)) for format in order.formats)
        self._done = 0
        self._progress = progress

    def fill(self, projects: Iterable[ExportedProject]) -> None:
        """Keep the projects."""
        for project in projects:
            self.kept.put(project.plain())
            self._step()

    def all(self) -> Iterator[ExportedProject]:
        """Yield the projects."""
        for project in self.kept.all():
            yield ExportedProject(**project)
            self._step()

    def of(self, table: ExportTable) -> Iterator[ExportedProject]:
        """Yield the projects of a table's form."""
        return (project for project in self.all() if project.form == table.form.name)

    def _step(self) -> None:
        self._done += 1
        if self._progress:
            count = len(self.scope.projects)
            self._progress(min(self._done // self._steps, count), count)


def export(
    round: Round, order: ExportOrder, folder: Path | None = None, progress: Progress | None = None
) -> ExportedRound:
    """Write the files of an export into a folder, else into that of the round's exports.

    Raises RoundError where there is nothing to export, OutputExists for a file that is there, unless ``force``.
    """
    with _kept_projects(round, order, progress) as projects:
        scope = projects.scope
        if not scope.projects:
            states = [messages.say(f"rounds.state.{state}", {}, order.lang) for state in order.states]
            raise RoundError(what="nothing_to_export", file=str(round.folder), states=states)
        target = folder or round.path("exports")
        paths = {format: _paths(projects, format, target) for format in order.formats}
        written = tuple(path for several in paths.values() for path in several)
        files.check_free(written, order.force)
        for format in order.formats:
            _write(projects, format, paths[format])
        return ExportedRound(written, len(scope.projects), scope.missing, len(scope.secret))


def export_lines(round: Round, order: ExportOrder) -> Iterator[str]:
    """Yield the lines of the JSON document."""
    with _kept_projects(round, order, None) as projects:
        yield from document_lines(round, tuple(projects.scope.units.values()), projects.all())


@contextmanager
def _kept_projects(round: Round, order: ExportOrder, progress: Progress | None) -> Iterator[_Projects]:
    with spool() as kept:
        with open_asked(round, write=False) as (store, _), store.snapshot():
            scope = find_scope(round, store, order.states)
            projects = _Projects(kept, round, scope, order, progress)
            projects.fill(exported_projects(store, scope))
        yield projects


def _paths(projects: _Projects, format: ExportFormat, folder: Path) -> list[Path]:
    """Return the files of a format."""
    name = safe_name(projects.round.name)
    if format in ("csv", "parquet"):
        return [folder / f"{name}_{table.name}.{format}" for table in projects.tables]
    if format == "records":
        return [folder / "records" / file for file, _ in _unit_files(projects)]
    return [folder / f"{name}.{format}"]


def _unit_files(projects: _Projects) -> Iterator[tuple[str, dict[str, object]]]:
    return unit_files(projects.round, projects.scope.units, projects.all())


def _write(projects: _Projects, format: ExportFormat, paths: Sequence[Path]) -> None:
    """Write the files of a format."""
    if format == "records":
        for path, (_, content) in zip(paths, _unit_files(projects), strict=True):
            files.write_file(path, records.to_bytes(content, path))
    elif format == "csv":
        for path, table in zip(paths, projects.tables, strict=True):
            with files.stream_file(path) as stream:
                write_csv(table, projects.of(table), stream)
    elif format == "parquet":
        for path, table in zip(paths, projects.tables, strict=True):
            _write_by_path(path, partial(write_parquet, table, projects.of(table)))
    elif format in ("sqlite", "duckdb"):
        write = write_database if format == "sqlite" else write_duckdb
        _write_by_path(paths[0], partial(write, projects.tables, projects.of))
    else:
        with files.stream_file(paths[0]) as stream:
            if format == "xlsx":
                write_tables(projects.tables, projects.of, stream)
            else:
                for line in document_lines(projects.round, tuple(projects.scope.units.values()), projects.all()):
                    stream.write(line.encode() + b"\n")


def _write_by_path(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file by a library that takes a path, whole or not at all."""
    with tempfile.TemporaryDirectory() as place, files.stream_file(path) as stream:
        made = Path(place) / f"export{path.suffix}"
        write(made)
        with made.open("rb") as whole:
            shutil.copyfileobj(whole, stream)
