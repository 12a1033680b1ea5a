"""The records that count in a round, unit by unit: of each project where it stands, what it went out with, what came.

They are read from the store at one moment, a unit at a time, and stand in a temporary file while they are gone through:
so the store is held for a short time only, and the memory does not grow with the round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from perfxl.batch.spool import spool
from perfxl.rounds.board import Standing
from perfxl.rounds.desk.exported_projects import ExportScope, find_scope
from perfxl.rounds.desk.round_store import open_asked
from perfxl.rounds.export.unit_records import file_content
from perfxl.rounds.issue import unit_records
from perfxl.rounds.model import RegisteredProject, RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.rounds.states import STATES, ProjectState
from perfxl.rounds.store.store import Store


@dataclass(frozen=True)
class ProjectContent:
    """A project that is asked: its state, the record that counts, its base record; None for none.

    Of one that was approved the record that counts is the one that was approved.
    """

    project: RegisteredProject
    state: ProjectState
    record: Mapping[str, Any] | None = None
    base: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class UnitContent:
    """A unit with its projects, in the order of forms and numbers; secret ones are left out."""

    unit: RegisteredUnit
    projects: tuple[ProjectContent, ...]

    def records(self, year: int, states: Collection[ProjectState] = STATES) -> dict[str, Any]:
        """Return the records that count as a records file has them, of the projects in some states."""
        counted = [one for one in self.projects if one.record is not None and one.state in states]
        return file_content(year, self.unit, ((one.project.form, one.record or {}) for one in counted))

    def sent(self, round: Round, form: str) -> dict[str, Any]:
        """Return what went out to the unit in a form as a records file has it: without an answer."""
        own = [one for one in self.projects if one.project.form == form]
        base = {one.project.number: one.base for one in own if one.base is not None}
        return unit_records(round, self.unit, form, [one.project for one in own], base=base)


def unit_contents(round: Round) -> Iterator[UnitContent]:
    """Yield the content of a round, unit by unit, in the order of its registry. Raises RoundError, StoreError."""
    with spool() as kept:
        with open_asked(round, write=False) as (store, _), store.snapshot():
            for content in _read_units(store, find_scope(round, store, STATES)):
                kept.put(_plain(content))
        yield from map(_of_plain, kept.all())


def round_records(round: Round) -> list[Mapping[str, Any]]:
    """Return the records that count in a round, with its issue values: a records file's content for each unit."""
    return [{**content.records(round.year), **round.values} for content in unit_contents(round)]


def _read_units(store: Store, scope: ExportScope) -> Iterator[UnitContent]:
    for code, group in groupby(scope.projects, key=lambda project: project.unit):
        own = tuple(group)
        keys = [project.key for project in own]
        records = {draft.project: draft.record for draft in store.submissions_of(keys)}
        base = store.base_records(keys)
        projects = tuple(
            ProjectContent(
                project,
                scope.standings.get(project.key, Standing()).state,
                records.get(project.key),
                base.get(project.key),
            )
            for project in own
        )
        yield UnitContent(scope.units.get(code, RegisteredUnit(code, "")), projects)


def _plain(content: UnitContent) -> dict[str, Any]:
    projects = [{**vars(one), "project": vars(one.project)} for one in content.projects]
    return {"unit": vars(content.unit), "projects": projects}


def _of_plain(plain: Mapping[str, Any]) -> UnitContent:
    projects = [ProjectContent(**{**one, "project": RegisteredProject(**one["project"])}) for one in plain["projects"]]
    return UnitContent(RegisteredUnit(**plain["unit"]), tuple(projects))
