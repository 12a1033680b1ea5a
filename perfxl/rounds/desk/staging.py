"""A round of a later stage (monitoring, self-evaluation): what another round approved goes out in another form.

The records of the new round are made of the former one's before anything is written; where anything is wrong with them
nothing is. They stay in a temporary file, so that the memory does not grow with the round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from perfxl import rules
from perfxl.batch import output as files
from perfxl.batch.issue_values import issue_values
from perfxl.batch.spool import Spool, spool
from perfxl.batch.stage import InstalledStage, load_stage, strange_units
from perfxl.errors import OutputExists, PerfxlError, RoundError
from perfxl.form import installed
from perfxl.form.base_record import needs_base
from perfxl.form.form import Form
from perfxl.form.source import read_text
from perfxl.json_data import as_kept
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.registering import RegistryPreview
from perfxl.rounds.desk.round_store import is_begun, open_asked
from perfxl.rounds.desk.unit_contents import ProjectContent, UnitContent, unit_contents
from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.changes import RegistryChange, base_differences, differences, replace_form
from perfxl.rounds.registry.records_files import project_of
from perfxl.rounds.round import Round, begin_round, finish_round, is_round, open_round
from perfxl.rounds.states import ProjectState
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.store import Store
from perfxl.rules.policy import write_policy

_APPROVED: ProjectState = "approved"
RULES, SCHEME, ADJUSTED = "rules.yaml", "scheme.yaml", "adjusted.yaml"
"""The names of files that a round of a stage keeps."""


@dataclass(frozen=True)
class StageOrder:
    """The wish of whoever makes a round of a stage.

    ``scheme``: how it judges, a name or a file, empty for the usual one; ``adjusted``: a file of what was decided after
    approval; ``values``: issue values that are said.
    """

    stage: str
    scheme: str = ""
    adjusted: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


class Unapproved(NamedTuple):
    """A project of a former round that was not approved, with its unit in words, and its state there."""

    unit: str
    project: RegisteredProject
    state: ProjectState


@dataclass(frozen=True)
class StagedRecords:
    """The result of making the records of a stage from a former round.

    ``registry``: what is asked; ``values``: its issue values; ``left_out``: the projects that are not asked, since
    nothing of them was approved; ``unreported``: those that are, but without figures of the stage before, since these
    were not approved; ``notes``, ``mistakes``: by the unit they are about.
    """

    registry: Registry
    values: Mapping[str, Any]
    left_out: tuple[Unapproved, ...]
    unreported: tuple[Unapproved, ...]
    notes: tuple[tuple[str, PerfxlError], ...]
    mistakes: tuple[tuple[str, PerfxlError], ...]
    _records: Spool = field(repr=False)

    def base_records(self) -> Iterator[dict[ProjectKey, Mapping[str, Any]]]:
        """Yield the base records of the registry's projects, unit by unit."""
        for unit in self._records.all():
            yield {(code, form, number): record for code, form, number, record in unit}


def open_former(folder: Path, year: int | None = None) -> Round:
    """Return the round of which another one is made. Raises RoundError for no round, or of another year."""
    if not is_round(folder):
        raise RoundError(what="no_former", file=str(folder))
    found = open_round(folder.absolute())
    if year not in (None, found.year):
        raise RoundError(what="other_year", file=str(folder), found=found.year, year=year)
    return found


def stage_order(round: Round) -> StageOrder:
    """Return the order of a round of a stage, as its file has it. Raises RoundError for a round of none."""
    if not round.stage:
        raise RoundError(what="no_stage", file=str(round.folder))
    scheme = str(round.folder / round.scheme) if round.scheme.endswith((".yaml", ".yml")) else round.scheme
    adjusted = round.folder / round.adjusted if round.adjusted else None
    used = scheme or rules.load_policy(round.rules_file).scheme
    return StageOrder(round.stage, used, adjusted, round.values)


def files_of(order: StageOrder, former: Round) -> dict[str, bytes]:
    """Return the files that a round of a stage keeps, so that it needs nothing outside of its folder: by their names.

    The county's rules are those of the former round. Raises FormError for a mistake in one.
    """
    kept = {}
    if former.rules_file:
        kept[RULES] = write_policy(rules.load_policy(former.rules_file), rules.own_severities()).encode()
    if order.scheme.endswith((".yaml", ".yml")):
        kept[SCHEME] = read_text(Path(order.scheme)).encode()
    if order.adjusted:
        kept[ADJUSTED] = read_text(order.adjusted).encode()
    return kept


def write_stage_round(round: Round, text: str, kept: Mapping[str, bytes], staged: StagedRecords) -> None:
    """Make the folder of a round of a stage that was planned; its own file is the last, so that it is whole or none.

    ``kept``: see ``files_of``. Raises OutputExists for a file of such a name that has other content, OutputFailed.
    """
    paths = {round.folder / name: data for name, data in kept.items()}
    for path, data in paths.items():
        if path.exists() and read_text(path).encode() != data:
            raise OutputExists(file=str(path))
    begin_round(round, text)
    for path, data in paths.items():
        files.write_file(path, data)
    take_records(round, staged)
    finish_round(round)


@contextmanager
def stage_records(former: Round, order: StageOrder) -> Iterator[StagedRecords]:
    """Make the records of a stage from what was approved in a former round.

    Raises RoundError where that has none of the forms, or nothing is approved in it; FormError for a mistake in a file;
    RecordsError for an issue value that the form has not.
    """
    stage = load_stage(order.stage)
    sources = _find_sources(former, stage)
    with spool() as kept:
        maker = _Maker(former, stage, order, sources, kept)
        for content in unit_contents(former):
            maker.add(content)
        if not maker.projects and not maker.mistakes:
            raise RoundError(what="nothing_approved", file=str(former.folder), count=len(maker.left_out))
        maker.mistakes[:0] = [("", error) for error in strange_units(stage, order.adjusted, maker.units)]
        yield StagedRecords(
            _registry_of(former, stage, maker.projects, sources),
            maker.values,
            tuple(maker.left_out),
            tuple(maker.unreported),
            tuple(maker.notes),
            tuple(maker.mistakes),
            kept,
        )


def take_records(round: Round, staged: StagedRecords, write: bool = True) -> RegistryPreview:
    """Take the records of a stage into a round, and say what that changes. What is no longer made is dropped.

    Without ``write`` nothing is taken in.
    """
    begun = is_begun(round)
    if not begun and not write:
        return RegistryPreview(staged.registry, staged.registry, differences(Registry(), staged.registry))
    with open_store(round.store, write=write, make=write) as store:
        old = store.registry()
        made = replace_form(old, _as_known(old, staged.registry), load_stage(round.stage).form)
        changes = [*differences(old, made)]
        said = {(one.project.key, one.path) for one in changes if one.project}
        found = _base_changes(store, old, made, staged)
        changes += [one for one in found if one.project and (one.project.key, one.path) not in said]
        dropped = [one.project.key for one in changes if one.kind == "dropped" and one.project]
        reported = store.counted().intersection(dropped)
        if write and changes:
            with store.group(whoever(), now()) as group:
                group.put_registry(made)
                for records in staged.base_records():
                    group.add_base_records(_fresh(store, records))
    return RegistryPreview(made, staged.registry, tuple(changes), reported)


@dataclass(frozen=True)
class _Sources:
    """The forms of a former round that a stage is made of.

    ``approved``: their drafts are the approved records; ``given``: forms that went out with approved records, which
    grew from these: of them the base records are.
    """

    approved: frozenset[str]
    given: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.approved | self.given


def _find_sources(former: Round, stage: InstalledStage) -> _Sources:
    forms = [installed.load(name) for name in former.forms]
    approved = frozenset(form.name for form in forms if form.root == stage.source)
    given = frozenset(form.name for form in forms if needs_base(form) and _grows_from(form, stage.source))
    if not approved and not given:
        facts = {"forms": [form.label for form in forms], "asked": installed.load(stage.form).label}
        raise RoundError(what="other_forms", file=str(former.folder), **facts)
    return _Sources(approved, frozenset() if approved else given)


def _grows_from(form: Form, root: str) -> bool:
    base = form.base
    return base is not None and (base.form.root == root or _grows_from(base.form, root))


class _Maker:
    """Makes the records of a stage, unit by unit."""

    def __init__(self, former: Round, stage: InstalledStage, order: StageOrder, sources: _Sources, kept: Spool) -> None:
        self.former, self.stage, self.order, self.sources, self.kept = former, stage, order, sources, kept
        self.form = installed.load(stage.form)
        self.projects: list[RegisteredProject] = []
        self.values: dict[str, Any] = {}
        self.left_out: list[Unapproved] = []
        self.unreported: list[Unapproved] = []
        self.units: list[str] = []
        self.notes: list[tuple[str, PerfxlError]] = []
        self.mistakes: list[tuple[str, PerfxlError]] = []

    def add(self, content: UnitContent) -> None:
        """Make the records of a unit of which anything is approved."""
        approved = self._approved(content)
        if not approved.get(self.stage.source):
            return
        unit = content.unit
        self.units.append(unit.code)
        made = self.stage.make(approved, self.order.scheme, self.order.adjusted, self.order.values)
        self.notes += ((unit.label, note) for note in made.notes)
        self.mistakes += ((unit.label, mistake) for mistake in made.mistakes)
        if made.mistakes:
            return
        self.values = dict(issue_values(self.form, made.records, self.order.values))
        records = [record for _, record in self.form.records(made.records)]
        known = [one.project for one in content.projects if one.project.form in self.sources.all]
        own = [project_of(unit, self.form, self.form.number(record), record, known) for record in records]
        self.projects += own
        self.kept.put([[*project.key, record] for project, record in zip(own, records, strict=True)])

    def _approved(self, content: UnitContent) -> dict[str, Any]:
        """Return the approved records of a unit; what is not approved is noted."""
        whole = content.records(self.former.year, (_APPROVED,))
        going: list[Any] = []
        for form in sorted(self.sources.given):
            own = tuple(one for one in content.projects if one.project.form == form)
            based = replace(content, projects=tuple(one for one in own if one.base is not None))
            self.left_out += _listed(content.unit, (one for one in own if one.base is None))
            self.unreported += _listed(content.unit, (one for one in based.projects if one.state != _APPROVED))
            if based.projects:
                going += based.sent(self.former, form)[installed.load(form).root]
        if going:
            whole[self.stage.source] = going
        asked = (one for one in content.projects if one.project.form in self.sources.approved)
        self.left_out += _listed(content.unit, (one for one in asked if one.state != _APPROVED))
        return whole


def _listed(unit: RegisteredUnit, projects: Iterable[ProjectContent]) -> Iterator[Unapproved]:
    return (Unapproved(unit.label, one.project, one.state) for one in projects)


def _registry_of(
    former: Round, stage: InstalledStage, projects: Iterable[RegisteredProject], sources: _Sources
) -> Registry:
    """Return what a round of a stage asks: its projects and the secret ones, their units and those above these."""
    with open_asked(former, write=False) as (_, registry):
        secret = [
            replace(project, form=stage.form, given={})
            for project in registry.projects
            if project.disclosure == "secret" and project.form in sources.all
        ]
    asked = [*projects, *secret]
    units = {unit.code: unit for unit in registry.units}
    wanted: set[str] = set()
    for code in {project.unit for project in asked}:
        while code and code not in wanted:
            wanted.add(code)
            code = units[code].parent if code in units else ""
    kept = [replace(unit, deadline="") for unit in registry.units if unit.code in wanted]
    kept += [RegisteredUnit(code, code) for code in sorted(wanted - {*units})]
    return Registry(tuple(kept), tuple(asked))


def _as_known(old: Registry, new: Registry) -> Registry:
    """Return a registry in which units that are known stay as they are, and projects as they are published."""
    units = {unit.code: unit for unit in old.units}
    known = {project.key: project.disclosure for project in old.projects}
    projects = (replace(one, disclosure=known.get(one.key, one.disclosure)) for one in new.projects)
    return Registry(tuple(units.get(unit.code, unit) for unit in new.units), tuple(projects))


def _base_changes(store: Store, old: Registry, made: Registry, staged: StagedRecords) -> Iterator[RegistryChange]:
    """Yield what is new in the base records of projects that are asked already."""
    known = {project.key for project in old.projects}
    asked = {project.key: project for project in made.projects if project.key in known}
    for records in staged.base_records():
        again = {key: record for key, record in records.items() if key in asked}
        kept = store.base_records(again)
        yield from base_differences(kept, Registry((), tuple(asked[key] for key in again), again))


def _fresh(store: Store, records: Mapping[ProjectKey, Mapping[str, Any]]) -> dict[ProjectKey, Mapping[str, Any]]:
    """Return the base records that differ from those that are kept."""
    kept = store.base_records(records)
    return {key: record for key, record in records.items() if as_kept(record) != kept.get(key)}
