"""A group of writes: one transaction, in which every change leaves an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from perfxl import json_data
from perfxl.rounds.model import ProjectKey, Registry
from perfxl.rounds.states import SUPERSEDED
from perfxl.rounds.store.rows import (
    Delivery,
    Explanation,
    IssuedWorkbook,
    KeptDecision,
    KeptFinding,
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

_INSERT = {table: insert(table) for table in METADATA.tables.values()}
_COUNTING = select(SUBMISSION.c.id).where(SUBMISSION.c.project == bindparam("project"), SUBMISSION.c.counts)
_IS_KNOWN = select(PROJECT.c.key).where(PROJECT.c.key == bindparam("project"))


def project_key(key: ProjectKey) -> str:
    """Return the key of a project as the tables have it: ``907001/project-target/1``."""
    return "/".join(map(str, key))


def parse_project_key(text: str) -> ProjectKey:
    """Return the key of a project that ``project_key`` wrote; a unit's code may have a ``/`` in it."""
    unit, form, number = text.rsplit("/", 2)
    return unit, form, int(number)


class WriteGroup:
    """The writes of one person, or of one run of the collector, at one time. The methods return the row's number."""

    def __init__(self, connection: Connection, who: str, at: str, run: int | None) -> None:
        self._connection = connection
        self._by = {"who": who, "at": at}
        self._run = run
        self._ids: dict[Table, int] = {}
        self._events: list[dict[str, Any]] = []

    def put_registry(self, registry: Registry) -> None:
        """Take a registry in: what is new is added, what changed is changed, what it lacks is dropped and stays."""
        units = {
            unit.code: {**vars(unit), "state": "active", "position": position}
            for position, unit in enumerate(registry.units)
        }
        projects: dict[Any, dict[str, Any]] = {
            project_key(project.key): {**vars(project), "state": "active", "position": position, "merged_into": None}
            for position, project in enumerate(registry.projects)
        }
        self._put(UNIT, units)
        self._put(PROJECT, projects)
        self.add_base_records(registry.base_records)

    def add_base_records(self, records: Mapping[ProjectKey, Mapping[str, Any]]) -> None:
        """Add base records of projects that are known; the last one of a project holds."""
        self._add_all(BASE, [{"project": project_key(key), "record": record} for key, record in records.items()])

    def merge_project(self, project: ProjectKey, into: ProjectKey) -> None:
        """Note that another project has this one now."""
        self._change(PROJECT, project_key(project), state="merged", merged_into=project_key(into))

    def add_run(self, version: str) -> int:
        """Add a run of the collector, to which everything belongs that this group writes from now on."""
        self._run = self._add(RUN, {**self._by, "version": version, "undone": False})
        return self._run

    def undo_run(self, run: int) -> None:
        """Take a run back: what it changed is as it was before, and what it added counts no longer, but stays."""
        if self._connection.execute(select(RUN.c.undone).where(RUN.c.id == run)).scalar_one():
            return
        events = select(EVENT).where(EVENT.c.run == run).order_by(EVENT.c.id.desc())
        for row in self._connection.execute(events).mappings().all():
            if row["what"] == "changed":
                self._change(METADATA.tables[row["about"]], row["key"], **row["facts"]["before"])
            elif row["what"] == "added" and row["about"] == SUBMISSION.name:
                self._change(SUBMISSION, row["key"], counts=False)
            elif row["what"] == "added" and row["about"] == FINDING.name:  # of a draft that may go on counting
                self._change(FINDING, row["key"], state=SUPERSEDED)
        self._change(RUN, run, undone=True)

    def add_issued(self, issued: IssuedWorkbook) -> int:
        """Add a workbook that was issued."""
        return self._add(ISSUED, {**vars(issued), "at": issued.at or self._by["at"]})

    def add_delivery(self, delivery: Delivery) -> int:
        """Add a file that arrived."""
        return self._add(DELIVERY, vars(delivery))

    def add_submission(self, submission: KeptSubmission) -> int:
        """Add a submission with its findings. One that counts takes the place of the draft that counted.

        A project that nobody asked for is kept as such (``unasked``); its unit must be known.
        """
        key = project_key(submission.project)
        unit, form, number = submission.project
        if not self._connection.execute(_IS_KNOWN, {"project": key}).first():
            texts = dict.fromkeys(("code", "name", "renamed_from"), "")
            extra: dict[str, Any] = {
                "disclosure": "open",
                "state": "unasked",
                "given": {},
                "merged_into": None,
                "position": 0,
            }
            self._add(PROJECT, {"key": key, "unit": unit, "form": form, "number": number, **texts, **extra})
        if submission.counts:
            self.set_counting(submission.project, None)
        values = {**vars(submission), "project": key}
        added = self._add(SUBMISSION, values)
        self.add_findings(added, submission.findings)
        return added

    def set_counting(self, project: ProjectKey, submission: int | None) -> None:
        """Have this submission of a project count, or none, in the place of the one that did."""
        for key in self._connection.execute(_COUNTING, {"project": project_key(project)}).scalars().all():
            if key != submission:
                self._change(SUBMISSION, key, counts=False)
        if submission is not None:
            self._change(SUBMISSION, submission, counts=True)

    def add_findings(self, submission: int, findings: Sequence[KeptFinding]) -> None:
        """Add findings to a submission that is kept."""
        self._add_all(FINDING, [{**vars(finding), "submission": submission} for finding in findings])

    def set_finding(self, finding: int, state: str) -> None:
        """Note what became of a finding."""
        self._change(FINDING, finding, state=state)

    def add_explanation(self, explanation: Explanation) -> int:
        """Add what a unit explained."""
        return self._add(EXPLANATION, {**vars(explanation), **self._signed(explanation)})

    def add_remark(self, remark: KeptRemark) -> int:
        """Add what an officer remarked."""
        return self._add(REMARK, {**vars(remark), **self._signed(remark)})

    def set_remark(self, remark: int, state: str) -> None:
        """Note what became of a remark."""
        self._change(REMARK, remark, state=state)

    def add_decision(self, decision: KeptDecision) -> int:
        """Add what a person decided."""
        return self._add(DECISION, {**vars(decision), **self._signed(decision)})

    def add_question(self, question: Question) -> int:
        """Ask a person."""
        opened, run = question.opened or self._by["at"], question.run or self._run
        values = {**vars(question), "project": project_key(question.project), "opened": opened, "run": run}
        return self._add(QUESTION, values)

    def extend_question(self, question: int, submissions: Sequence[int], facts: Mapping[str, Any]) -> None:
        """Have an open question be about these submissions: a further draft came while nobody had answered."""
        self._change(QUESTION, question, submissions=list(submissions), facts=dict(facts))

    def close_question(self, question: int, decision: int | None) -> None:
        """Close a question by a person's decision, or open it again where that is taken back."""
        self._change(QUESTION, question, closed=decision)

    def add_event(self, what: str, about: str, key: int | str | ProjectKey, facts: Mapping[str, Any]) -> None:
        """Note something that happened to a row and changed no row: a workbook was returned, a notice was sent."""
        if what in ("added", "changed"):
            raise ValueError(f"{what!r} is the word of the store's own events")
        self._note(what, about, project_key(key) if isinstance(key, tuple) else key, facts)

    def write_events(self) -> None:
        """Write the events of the group; called once, at its end."""
        if self._events:
            first = self._next(EVENT, len(self._events))
            rows = [{"id": number, **event} for number, event in enumerate(self._events, first)]
            self._connection.execute(_INSERT[EVENT], rows)
            self._events.clear()

    def _signed(self, signed: Explanation | KeptRemark | KeptDecision) -> dict[str, str]:
        return {"who": signed.who or self._by["who"], "at": signed.at or self._by["at"]}

    def _put(self, table: Table, wanted: Mapping[str, dict[str, Any]]) -> None:
        """Bring a table of the registry to this content; what is not in it is dropped, unless it was merged."""
        primary = next(iter(table.primary_key)).name
        known = {row[primary]: row for row in self._connection.execute(select(table)).mappings()}
        self._add_all(
            table, [{"renamed_from": "", **row, primary: key} for key, row in wanted.items() if key not in known]
        )
        for key, old in known.items():
            if key in wanted:
                renamed = old["name"] and old["name"] != wanted[key]["name"]
                name = {"renamed_from": old["name"]} if renamed and "renamed_from" in table.c else {}
                new = {column: wanted[key][column] for column in WATCHED[table] if column in wanted[key]}
                self._change_row(table, key, old, {**new, **name})
            elif old["state"] == "active":
                self._change_row(table, key, old, {"state": "dropped"})

    def _next(self, table: Table, count: int) -> int:
        """Return the first of as many free numbers."""
        if table not in self._ids:
            self._ids[table] = self._connection.execute(select(func.max(table.c.id))).scalar() or 0
        self._ids[table] += count
        return self._ids[table] - count + 1

    def _add(self, table: Table, values: dict[str, Any]) -> int:
        return self._add_all(table, [values])

    def _add_all(self, table: Table, rows: list[dict[str, Any]]) -> int:
        """Add rows with an event each; return the number of the first."""
        if not rows:
            return 0
        first = self._next(table, len(rows)) if "id" in table.c else 0
        primary = next(iter(table.primary_key)).name
        if first:
            rows = [{**row, "id": number} for number, row in enumerate(rows, first)]
        self._connection.execute(
            _INSERT[table], [{column.name: row[column.name] for column in table.c} for row in rows]
        )
        for row in rows:
            after = {name: row[name] for name in WATCHED[table]}
            rest = json_data.digest([row[name] for name in REST[table]])
            self._note("added", table.name, row[primary], {"after": after, "rest": rest})
        return first

    def _change(self, table: Table, key: object, **after: Any) -> None:
        """Change watched columns of a row, with an event that has both; where nothing differs nothing is written."""
        primary = next(iter(table.primary_key))
        key = int(str(key)) if primary.name == "id" else key
        columns = [table.c[name] for name in after if name in WATCHED[table]]
        row = self._connection.execute(select(*columns).where(primary == key)).mappings().first()
        if row is None or len(columns) < len(after):
            raise KeyError(f"{table.name} {key}: {', '.join(after)}")
        self._change_row(table, key, row, after)

    def _change_row(self, table: Table, key: object, row: Mapping[Any, Any], after: Mapping[str, Any]) -> None:
        changed = {name: value for name, value in after.items() if row[name] != json_data.as_kept(value)}
        if changed:
            primary = next(iter(table.primary_key))
            self._connection.execute(update(table).where(primary == key).values(changed))
            self._note("changed", table.name, key, {"before": {name: row[name] for name in changed}, "after": changed})

    def _note(self, what: str, about: str, key: object, facts: Mapping[str, Any]) -> None:
        # copied: what the caller changes later is not what happened
        event = {**self._by, "run": self._run, "what": what, "about": about, "key": str(key), "facts": dict(facts)}
        self._events.append(event)
