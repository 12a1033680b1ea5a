"""A store that is open: it reads values of the tables, and writes them by groups."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Select, Text, cast, func, select

from perfxl.errors import StoreError
from perfxl.json_data import digest
from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.store import lease, sqlite
from perfxl.rounds.store.address import StoreAddress
from perfxl.rounds.store.backend import said_plainly
from perfxl.rounds.store.copying import copy_rows
from perfxl.rounds.store.group import WriteGroup, project_key
from perfxl.rounds.store.rows import (
    CollectorRun,
    Delivery,
    DraftArrival,
    Event,
    Explanation,
    IssuedWorkbook,
    KeptDecision,
    KeptFinding,
    KeptProject,
    KeptRemark,
    KeptSubmission,
    Question,
)
from perfxl.rounds.store.tables import (
    BASE,
    DECISION,
    DELIVERY,
    EVENT,
    EXPLANATION,
    FINDING,
    ISSUED,
    METADATA,
    PROJECT,
    QUESTION,
    REMARK,
    REST,
    RUN,
    SUBMISSION,
    UNIT,
    WATCHED,
)

_T = TypeVar("_T")
_SUBMISSIONS = SUBMISSION.join(DELIVERY).join(RUN)


class Store:
    """The memory of a round. With a lease of its ``own`` it is open for writing.

    What a run added that was undone is not read, but by ``runs``, ``events`` and ``states``.
    """

    def __init__(self, engine: Engine, address: StoreAddress, own: lease.Lease | None = None) -> None:
        self._engine = engine
        self._file = address.file
        self._own = own
        self._held: ContextVar[Connection | None] = ContextVar("held", default=None)
        self.name = address.name

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def group(self, who: str, at: str, run: int | None = None) -> Iterator[WriteGroup]:
        """Write in one transaction what a person (or a run) did at an ISO time; all of it or, on any error, nothing.

        What is read within sees what the group has written.
        """
        own = self._check_writes()
        with self._writing() as connection, self._hold(connection):
            lease.renew(connection, own, self.name)
            group = WriteGroup(connection, who, at, run)
            yield group
            group.write_events()

    def beat(self) -> None:
        """Renew the lease during long work that writes nothing."""
        own = self._check_writes()
        with self._writing() as connection:
            lease.renew(connection, own, self.name)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Have all that is read within be of one moment. A writer waits as long, so let it be short."""
        with self._fresh() as connection, self._hold(connection):
            yield

    def close(self) -> None:
        """Give the lease back and close the store."""
        own, self._own = self._own, None
        if own:
            # on a full disk the lease stays, and dies with the process
            with suppress(StoreError), self._writing() as connection:
                lease.release(connection, own)
        self._engine.dispose()

    def fill(self, other: Store) -> None:
        """Take in all that another store knew at one moment; this one is new and empty."""
        own = self._check_writes()
        with other._fresh() as source, self._writing() as target:
            lease.renew(target, own, self.name)
            copy_rows(source, target)

    def complaints(self) -> list[str]:
        """Return what the database itself finds wrong with its file."""
        with self._reading() as connection:
            return sqlite.complaints(connection) if self._file else []

    def registry(self) -> Registry:
        """Return the units and projects that are asked, in the order of the registry."""
        with self._reading() as connection:
            units = connection.execute(select(UNIT).where(UNIT.c.state == "active").order_by(UNIT.c.position))
            projects = select(PROJECT).where(PROJECT.c.state == "active").order_by(PROJECT.c.position)
            return Registry(
                tuple(_value(RegisteredUnit, row) for row in units.mappings()),
                tuple(_value(RegisteredProject, row) for row in connection.execute(projects).mappings()),
            )

    def based(self) -> frozenset[ProjectKey]:
        """Return the projects that have a base record."""
        rows = select(PROJECT.c.unit, PROJECT.c.form, PROJECT.c.number).join(BASE).distinct()
        with self._reading() as connection:
            return frozenset(map(_key, connection.execute(rows).mappings()))

    def base_records(self, projects: Iterable[ProjectKey]) -> dict[ProjectKey, Mapping[str, Any]]:
        """Return the base records of some projects: those that have one, each the last that was taken in."""
        asked = [*map(project_key, projects)]
        last = select(func.max(BASE.c.id)).where(BASE.c.project.in_(asked)).group_by(BASE.c.project)
        keys = (PROJECT.c.unit, PROJECT.c.form, PROJECT.c.number)
        rows = select(BASE.c.record, *keys).join(PROJECT, BASE.c.project == PROJECT.c.key).where(BASE.c.id.in_(last))
        with self._reading() as connection:
            return {_key(row): row["record"] for row in connection.execute(rows).mappings()}

    def projects(self) -> tuple[KeptProject, ...]:
        """Return every project there has ever been, with what became of it."""
        with self._reading() as connection:
            found = connection.execute(select(PROJECT)).mappings().all()
        rows = sorted(found, key=lambda row: (row["position"], row["key"]))  # databases order texts differently
        keys = {row["key"]: (row["unit"], row["form"], row["number"]) for row in rows}
        return tuple(
            KeptProject(_value(RegisteredProject, row), row["state"], keys.get(row["merged_into"]), row["renamed_from"])
            for row in rows
        )

    def runs(self) -> tuple[CollectorRun, ...]:
        """Return the runs of the collector, those that were undone, too."""
        return self._values(CollectorRun, select(RUN).order_by(RUN.c.id))

    def runs_since_registry(self) -> frozenset[int]:
        """Return the runs that began after the registry changed last."""
        of_registry = EVENT.c.about.in_((UNIT.name, PROJECT.name)) & EVENT.c.run.is_(None)
        last = select(func.coalesce(func.max(EVENT.c.id), 0)).where(of_registry).scalar_subquery()
        begun = select(EVENT.c.key).where(EVENT.c.about == RUN.name, EVENT.c.what == "added", EVENT.c.id > last)
        with self._reading() as connection:
            return frozenset(int(key) for key in connection.execute(begun).scalars())

    def issued(self) -> tuple[IssuedWorkbook, ...]:
        """Return the workbooks that were issued, in that order."""
        return self._values(IssuedWorkbook, select(ISSUED).order_by(ISSUED.c.id))

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return the files that arrived, in that order."""
        counts = select(DELIVERY).join(RUN).where(~RUN.c.undone)
        return self._values(Delivery, counts.order_by(DELIVERY.c.id))

    def refusals(self) -> tuple[Delivery, ...]:
        """Return the files of which anything was not taken, in that order."""
        not_taken = DELIVERY.c.verdict.not_in(("taken", "question", "known", "same"))
        wanted = select(DELIVERY).join(RUN).where(~RUN.c.undone, not_taken | (cast(DELIVERY.c.reason, Text) != "{}"))
        return self._values(Delivery, wanted.order_by(DELIVERY.c.id))

    def submissions(self, project: ProjectKey | None = None) -> tuple[KeptSubmission, ...]:
        """Return the draft that counts of every project, or every draft of one project, with their findings."""
        if project is None:
            return self._submissions(SUBMISSION.c.counts)
        return self._submissions(SUBMISSION.c.project == project_key(project))

    def submissions_of(self, projects: Iterable[ProjectKey]) -> tuple[KeptSubmission, ...]:
        """Return the drafts that count of some projects: of many, a batch at a time takes little memory."""
        return self._submissions(SUBMISSION.c.counts & SUBMISSION.c.project.in_([*map(project_key, projects)]))

    def counted(self) -> frozenset[ProjectKey]:
        """Return the projects of which a draft counts."""
        rows = select(PROJECT.c.unit, PROJECT.c.form, PROJECT.c.number).join(SUBMISSION).join(DELIVERY).join(RUN)
        with self._reading() as connection:
            found = connection.execute(rows.where(SUBMISSION.c.counts, ~RUN.c.undone)).mappings()
            return frozenset(map(_key, found))

    def drafts_of(self, unit: str) -> tuple[KeptSubmission, ...]:
        """Return every draft of the projects of a unit, with their findings."""
        own = select(PROJECT.c.key).where(PROJECT.c.unit == unit)
        return self._submissions(SUBMISSION.c.project.in_(own))

    def _submissions(self, chosen: ColumnElement[bool]) -> tuple[KeptSubmission, ...]:
        ids = select(SUBMISSION.c.id).select_from(_SUBMISSIONS).where(chosen, ~RUN.c.undone)
        keys = (PROJECT.c.unit, PROJECT.c.form, PROJECT.c.number)
        rows = select(SUBMISSION, *keys).join(PROJECT, SUBMISSION.c.project == PROJECT.c.key)
        found: defaultdict[int, list[KeptFinding]] = defaultdict(list)
        with self._reading() as connection:
            wanted = select(FINDING).where(FINDING.c.submission.in_(ids)).order_by(FINDING.c.id)
            for row in connection.execute(wanted).mappings():
                found[row["submission"]].append(_value(KeptFinding, row, fields=tuple(row["fields"])))
            kept = connection.execute(rows.where(SUBMISSION.c.id.in_(ids)).order_by(SUBMISSION.c.id)).mappings()
            return tuple(
                _value(
                    KeptSubmission,
                    row,
                    project=_key(row),
                    notes=tuple(row["notes"]),
                    findings=tuple(found[row["id"]]),
                )
                for row in kept
            )

    def arrivals(self) -> tuple[DraftArrival, ...]:
        """Return all drafts of all projects without their records, in that order."""
        columns = (SUBMISSION.c.id, PROJECT.c.unit, PROJECT.c.form, PROJECT.c.number, SUBMISSION.c.draft)
        rows = select(*columns, DELIVERY.c.arrived, DELIVERY.c.id).select_from(
            _SUBMISSIONS.join(PROJECT, SUBMISSION.c.project == PROJECT.c.key)
        )
        with self._reading() as connection:
            # by its index: the column itself lies behind the records
            counting = {*connection.execute(select(SUBMISSION.c.id).where(SUBMISSION.c.counts)).scalars()}
            found = connection.execute(rows.where(~RUN.c.undone).order_by(SUBMISSION.c.id))
            return tuple(
                DraftArrival(id, (unit, form, number), draft, id in counting, arrived, delivery)
                for id, unit, form, number, draft, arrived, delivery in found
            )

    def count_findings(self, states: Sequence[str]) -> dict[int, dict[str, int]]:
        """Return how many findings in one of these states each draft has that counts: by its number and severity."""
        rows = select(FINDING.c.submission, FINDING.c.severity, func.count()).join(SUBMISSION)
        wanted = rows.where(FINDING.c.state.in_(states), SUBMISSION.c.counts)
        grouped = wanted.group_by(FINDING.c.submission, FINDING.c.severity)
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        with self._reading() as connection:
            for submission, severity, count in connection.execute(grouped):
                found[submission][severity] = count
        return found

    def count_days(self, what: str, about: str) -> dict[str, int]:
        """Return on how many days something happened to the rows of a table, by their keys (see ``add_event``)."""
        rows = select(EVENT.c.key, func.count(func.distinct(func.substr(EVENT.c.at, 1, 10))))
        with self._reading() as connection:
            happened = EVENT.c.about == about, EVENT.c.what == what
            return {row[0]: row[1] for row in connection.execute(rows.where(*happened).group_by(EVENT.c.key))}

    def explanations(self, project: ProjectKey | None = None) -> tuple[Explanation, ...]:
        """Return what units explained, or one project's, in that order; of one finding the last one stands."""
        rows = _of_project(select(EXPLANATION).select_from(EXPLANATION.join(FINDING).join(_SUBMISSIONS)), project)
        return self._values(Explanation, rows.where(~RUN.c.undone).order_by(EXPLANATION.c.id))

    def remarks(self, project: ProjectKey | None = None) -> tuple[KeptRemark, ...]:
        """Return what officers remarked, on all projects or on one, in that order."""
        rows = _of_project(select(REMARK).select_from(REMARK.join(_SUBMISSIONS)), project)
        return self._values(KeptRemark, rows.where(~RUN.c.undone).order_by(REMARK.c.id))

    def decisions(self) -> tuple[KeptDecision, ...]:
        """Return what was decided, in that order."""
        return self._values(KeptDecision, select(DECISION).order_by(DECISION.c.id))

    def questions(self) -> tuple[Question, ...]:
        """Return the questions, those that were closed, too."""
        rows = select(QUESTION, PROJECT.c.unit, PROJECT.c.form, PROJECT.c.number)
        joined = rows.join(PROJECT, QUESTION.c.project == PROJECT.c.key).outerjoin(RUN, QUESTION.c.run == RUN.c.id)
        counts = joined.where(RUN.c.undone.is_(None) | ~RUN.c.undone).order_by(QUESTION.c.id)
        with self._reading() as connection:
            found = connection.execute(counts).mappings()
            return tuple(
                _value(Question, row, project=_key(row), submissions=tuple(row["submissions"])) for row in found
            )

    def followed(self) -> dict[int, int]:
        """Return for each finding that follows one of the draft before that one, both by their rows."""
        with self._reading() as connection:
            rows = connection.execute(select(FINDING.c.id, FINDING.c.follows).where(FINDING.c.follows.is_not(None)))
            return {row[0]: row[1] for row in rows}

    def former_state(self, finding: int) -> str:
        """Return the state that a finding had before its last change; empty for one that never changed."""
        own = (EVENT.c.about == FINDING.name) & (EVENT.c.key == str(finding)) & (EVENT.c.what == "changed")
        with self._reading() as connection:
            facts = connection.execute(select(EVENT.c.facts).where(own).order_by(EVENT.c.id.desc()).limit(1)).scalar()
        return str(facts["before"]["state"]) if facts else ""

    def events(self) -> tuple[Event, ...]:
        """Return everything that changed anything, in that order."""
        return self._values(Event, select(EVENT).order_by(EVENT.c.id))

    def states(self, table: str) -> dict[str, dict[str, Any]]:
        """Return what the events of a table speak of, as it stands in its rows, by their keys; ``rest``: a digest."""
        found = METADATA.tables[table]
        primary = next(iter(found.primary_key))
        query = select(primary, *(found.c[name] for name in (*WATCHED[found], *REST[found])))
        states = {}
        with self._reading() as connection:
            for row in connection.execute(query, execution_options={"yield_per": 200}):  # records are large
                rest = row[len(WATCHED[found]) + 1 :]
                states[str(row[0])] = {**dict(zip(WATCHED[found], row[1:], strict=False)), "rest": digest(list(rest))}
        return states

    def _check_writes(self) -> lease.Lease:
        if self._own:
            return self._own
        raise StoreError(what="read_only", file=self.name)

    @contextmanager
    def _hold(self, connection: Connection) -> Iterator[None]:
        """Have all that is read within go through this connection."""
        token = self._held.set(connection)
        try:
            yield
        finally:
            self._held.reset(token)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with said_plainly(self.name), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        held = self._held.get()
        try:
            with nullcontext(held) if held else self._fresh() as connection:
                yield connection
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise StoreError(what="damaged", file=self.name) from error

    @contextmanager
    def _fresh(self) -> Iterator[Connection]:
        with said_plainly(self.name), self._engine.begin() as connection:
            yield connection

    def _values(self, kind: type[_T], query: Select[Any]) -> tuple[_T, ...]:
        with self._reading() as connection:
            found = connection.execute(query)
            columns = [*found.keys()]
            places = [columns.index(name) for name in _fields(kind)]
            return tuple(kind(*(row[place] for place in places)) for row in found)


def _of_project(rows: Select[Any], project: ProjectKey | None) -> Select[Any]:
    """Return a query about submissions for those of one project."""
    return rows if project is None else rows.where(SUBMISSION.c.project == project_key(project))


def _key(row: Any) -> ProjectKey:
    return row["unit"], row["form"], row["number"]


def _value(kind: type[_T], row: Any, **given: Any) -> _T:
    """Return a row as a value: its fields are columns of the same names, but for those that are given."""
    return kind(**{name: given[name] if name in given else row[name] for name in _fields(kind)})


def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(getattr(kind, "__dataclass_fields__"))  # noqa: B009 - of any dataclass
