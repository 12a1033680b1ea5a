"""The store of a round: what goes in comes out, every change leaves an event, and no moment of death harms it."""

from __future__ import annotations

import hashlib
import os
import platform
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from rounds import stores
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import perfxl
from perfxl import json_data
from perfxl.errors import OutputExists, StoreError
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.store import lease, opening
from perfxl.rounds.store.group import parse_project_key, project_key
from perfxl.rounds.store.opening import REVISIONS, backup, open_store, restore
from perfxl.rounds.store.proof import Problem, check_store
from perfxl.rounds.store.rows import (
    Delivery,
    Explanation,
    IssuedWorkbook,
    KeptDecision,
    KeptFinding,
    KeptProject,
    KeptRemark,
    KeptSubmission,
    Question,
)
from perfxl.rounds.store.store import Store
from perfxl.rounds.store.tables import METADATA, REST, UNIT, WATCHED

pytestmark = pytest.mark.store("sqlite", "postgresql")
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has neither fork nor signals nor limits of this kind")
NOON = "2024-01-15T12:00:00+08:00"
FORM = "project-target"


def registry(units: int = 2, projects: int = 3) -> Registry:
    """Invented townships with projects."""
    codes = [f"9070{unit:02d}" for unit in range(1, units + 1)]
    return Registry(
        tuple(RegisteredUnit(code, f"柳溪镇{code}", "907", "张三", "12345678", 100.5, "2024-02-01") for code in codes),
        tuple(
            RegisteredProject(code, FORM, number, f"P{number}", f"项目{number}", {"budget": {"total": 1.5 * number}})
            for code in codes
            for number in range(1, projects + 1)
        ),
    )


def delivery(run: int, data: bytes = b"a", **other: Any) -> Delivery:
    digest = hashlib.sha256(data).hexdigest()
    return replace(Delivery(run, digest, "柳溪镇.xlsx", "收表箱", NOON, "received", {"sheets": 1}), **other)


def submission(delivered: int, number: int = 1, draft: int = 1, **other: Any) -> KeptSubmission:
    findings = (
        KeptFinding("MN-02", "error", ("budget.total", "budget.fiscal"), "F6", {"sum": 10.5, "total": 12}),
        KeptFinding("RD-01", "warning", (), "", {}, "answered"),
    )
    record = {"name": "修路", "measures": [{"target": "≥95%"}, {"target": None}]}
    notes = ({"field": "name", "raw": " 修路", "how": ["trimmed"]},)
    kept = KeptSubmission(delivered, ("907001", FORM, number), draft, "1.修路", record, "ab12", notes, True, findings)
    return replace(kept, **other)


@pytest.fixture
def where(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Path | str:
    """The place of a store that is to be made: a file, or a schema in PostgreSQL."""
    return str(request.getfixturevalue("postgresql").url()) if database == "postgresql" else tmp_path / "store.sqlite3"


@pytest.fixture
def store(where: Path | str) -> Iterator[Store]:
    """A store in which a registry was taken in and a run delivered a project."""
    with open_store(where, write=True, make=True) as opened:
        with opened.group("王五", NOON) as group:
            group.put_registry(registry())
            run = group.add_run("0.1.0")
            group.add_submission(submission(group.add_delivery(delivery(run))))
        yield opened


def numbered(kept: KeptSubmission, number: int, first: int) -> KeptSubmission:
    """The submission with the numbers that the store gave it and its findings."""
    findings = (replace(finding, id=first + place, submission=number) for place, finding in enumerate(kept.findings))
    return replace(kept, id=number, findings=tuple(findings))


# What goes in comes out -------------------------------------------------------------------------------------------------


def test_everything_comes_back_as_it_was_given(store: Store, where: Path | str) -> None:
    explanation = Explanation(1, "年中追加", "short")
    remark = KeptRemark(1, "名称不规范", "请改", "name", "B3")
    decision = KeptDecision("extend", "unit", "907001", {"deadline": ""}, {"deadline": "2024-03-01"}, "停电")
    question = Question(("907001", FORM, 1), (1,), "other_draft", {"changed": 12})
    issued = IssuedWorkbook("907001", 1, "cd", "下发/柳溪镇.xlsx", {"1": {"name": "修路"}})
    with store.group("李四", "2024-01-16") as group:
        assert [group.add_explanation(explanation), group.add_remark(remark), group.add_decision(decision)] == [1] * 3
        assert [group.add_question(question), group.add_issued(issued)] == [1, 1]
    signed = {"who": "李四", "at": "2024-01-16", "id": 1}
    store.close()
    with open_store(where, write=False) as again:
        assert again.registry() == registry()
        assert again.deliveries() == (delivery(1, id=1),)
        assert again.submissions() == (numbered(submission(1), 1, 1),)
        assert again.explanations() == (replace(explanation, **signed),)
        assert again.remarks() == (replace(remark, **signed),)
        assert again.decisions() == (replace(decision, **signed),)
        assert again.questions() == (replace(question, opened="2024-01-16", id=1),)
        assert again.issued() == (replace(issued, at="2024-01-16", id=1),)
        assert check_store(again) == ()


CHARACTERS = 'ab"\\/%？柳😀\u3000\u202e\x00\x1f\r\n\ufffe\U0010ffff'


def test_texts_come_back_verbatim(store: Store) -> None:
    """What people type, and what names of files hold: half characters, NUL, what looks like the store's own spelling."""
    invent = random.Random(1)
    halves = ("", "\ud83d", "\udcce")
    texts = ["".join(invent.choices(CHARACTERS + invent.choice(halves), k=invent.randrange(12))) for _ in range(300)]
    texts += ["json:", 'json:"a"', "json:x", "", " ", "\0", "\ud800"]
    with store.group("王五", NOON) as group:
        for text in texts:
            kept = submission(group.add_delivery(delivery(1, name=text)), counts=False, record={text: [text]})
            group.add_explanation(Explanation(group.add_submission(kept), text))
    assert [row.name for row in store.deliveries()[1:]] == texts
    assert [row.record for row in store.submissions(("907001", FORM, 1))[1:]] == [{text: [text]} for text in texts]
    assert [row.text for row in store.explanations()] == texts
    assert check_store(store) == ()


def test_unknown_values_are_refused() -> None:
    for value in (float("nan"), float("inf"), {1, 2}, object()):
        with pytest.raises((TypeError, ValueError)):
            json_data.dumps(value)


# The registry -----------------------------------------------------------------------------------------------------------


def test_the_registry_never_loses_a_project(store: Store) -> None:
    before = registry()
    new = replace(before.projects[1], name="修桥")
    dropped = before.projects[2]
    asked = (new, *before.projects[:1], *before.projects[3:])
    with store.group("王五", "2024-01-16") as group:
        group.merge_project(dropped.key, into=new.key)
        group.put_registry(Registry(before.units[:1], asked[:2]))
    assert store.registry() == Registry(before.units[:1], asked[:2])
    kept = {row.project.key: row for row in store.projects()}
    assert kept[new.key] == KeptProject(new, "active", None, "项目2")
    assert kept[dropped.key] == KeptProject(dropped, "merged", new.key)
    assert [kept[project.key].state for project in before.projects[3:]] == ["dropped"] * 3
    with store.group("王五", "2024-01-17") as group:
        group.put_registry(before)
    assert store.registry() == before
    assert check_store(store) == ()


def test_the_same_registry_again_changes_nothing(store: Store) -> None:
    events = store.events()
    with store.group("王五", "2024-01-16") as group:
        group.put_registry(registry())
    assert store.events() == events


def test_a_project_that_nobody_asked_for_is_kept(store: Store) -> None:
    with store.group("王五", NOON) as group:
        group.add_submission(submission(1, 9))
    assert store.registry() == registry()
    assert [row.state for row in store.projects() if row.project.number == 9] == ["unasked"]


# Laws -------------------------------------------------------------------------------------------------------------------

BASE: dict[Any, Any] = {("907001", FORM, 1): {"name": "修路"}, ("907002", FORM, 3): {"measures": [{"target": "≥95%"}]}}
WRITES: dict[str, Any] = {
    "a registry": lambda group: group.put_registry(registry(3)),
    "base records": lambda group: group.put_registry(replace(registry(), base_records=BASE)),
    "a run": lambda group: group.add_run("0.1.0"),
    "an undone run": lambda group: group.undo_run(1),
    "a merge": lambda group: group.merge_project(("907001", FORM, 1), ("907001", FORM, 2)),
    "an issued workbook": lambda group: group.add_issued(IssuedWorkbook("907001", 1, "a", "a.xlsx")),
    "a delivery": lambda group: group.add_delivery(delivery(1)),
    "a submission": lambda group: group.add_submission(submission(1, 2)),
    "a draft that supersedes": lambda group: group.add_submission(submission(1)),
    "no draft that counts": lambda group: group.set_counting(("907001", FORM, 1), None),
    "a finding's state": lambda group: group.set_finding(1, "answered"),
    "an explanation": lambda group: group.add_explanation(Explanation(1, "已核对")),
    "a remark": lambda group: group.add_remark(KeptRemark(1, "看不清")),
    "a decision": lambda group: group.add_decision(KeptDecision("pass", "project", "907001/project-target/1")),
    "a question": lambda group: group.add_question(Question(("907001", FORM, 1), (1,), "tie")),
    "something else": lambda group: group.add_event("returned", "submission", 1, {"digest": "ab"}),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_change_leaves_an_event(write: Any, store: Store, where: Path | str) -> None:
    """Events are appended; who, when and what are in them, and all rows that were there are there."""
    before, events = stores.rows(where), store.events()
    with store.group("赵六", "2024-01-20") as group:
        write(group)
    after = stores.rows(where)
    added = store.events()[len(events) :]
    assert store.events()[: len(events)] == events
    assert added
    assert {(event.who, event.at) for event in added} == {("赵六", "2024-01-20")}
    changed = {name for name, found in after.items() if name != "event" and found != before[name]}
    assert changed <= {event.about for event in added}
    assert all(len(after[name]) >= len(found) for name, found in before.items())
    assert check_store(store) == ()


def test_a_group_that_fails_leaves_nothing(store: Store, where: Path | str) -> None:
    before = stores.rows(where)
    with suppress(ZeroDivisionError), store.group("赵六", NOON) as group:
        for write in WRITES.values():
            write(group)
        1 / 0  # noqa: B018
    assert stores.rows(where) == before


def test_the_last_base_record_of_a_project_holds(store: Store) -> None:
    for records in (BASE, {("907001", FORM, 1): {"name": "修桥"}}):
        with store.group("王五", NOON) as group:
            group.put_registry(replace(registry(), base_records=records))
    assert store.based() == {*BASE}
    assert store.base_records([("907001", FORM, 1), ("907001", FORM, 2)]) == {("907001", FORM, 1): {"name": "修桥"}}
    assert store.base_records([*BASE])[("907002", FORM, 3)] == BASE["907002", FORM, 3]


def test_one_draft_of_a_project_counts(store: Store) -> None:
    project = ("907001", FORM, 1)
    with store.group("王五", NOON) as group:
        second = group.add_submission(submission(1, draft=2))
        third = group.add_submission(submission(1, draft=3, counts=False))
    assert [row.id for row in store.submissions()] == [second]
    assert [row.counts for row in store.submissions(project)] == [False, True, False]
    with store.group("王五", NOON) as group:
        group.set_counting(project, third)
    assert [row.draft for row in store.submissions()] == [3]


def test_what_an_undone_run_added_is_not_read(store: Store) -> None:
    project = ("907001", FORM, 1)
    with store.group("王五", NOON) as group:
        run = group.add_run("0.1.0")
        newer = group.add_submission(submission(group.add_delivery(delivery(run, b"b")), draft=2))
        group.add_explanation(Explanation(3, "已核对"))
        group.add_remark(KeptRemark(newer, "看不清"))
        group.add_question(Question(project, (1, newer), "tie"))
    assert [row.id for row in store.submissions()] == [newer]
    with store.group("李四", NOON) as group:
        group.undo_run(run)
    assert [row.id for row in store.submissions()] == [1]
    assert [row.id for row in store.submissions(project)] == [1]
    assert (store.explanations(), store.remarks(), store.questions()) == ((), (), ())
    assert [row.undone for row in store.runs()] == [False, True]
    assert check_store(store) == ()


def test_a_question_is_closed_by_a_decision(store: Store) -> None:
    with store.group("王五", NOON) as group:
        asked = group.add_question(Question(("907001", FORM, 1), (1,), "old_draft"))
        group.extend_question(asked, (1, 2), {"changed": 3})
        group.close_question(asked, group.add_decision(KeptDecision("counts", "question", str(asked))))
    (question,) = store.questions()
    assert (question.submissions, question.facts, question.closed) == ((1, 2), {"changed": 3}, 1)


class Plain:
    """What the store should say, as plain as can be: the draft that counts, findings' states and open questions."""

    def __init__(self) -> None:
        self.counts: dict[int, int | None] = {}
        self.states: dict[int, str] = {}
        self.open: dict[int, int] = {}

    def copy(self) -> Plain:
        other = Plain()
        other.counts, other.states, other.open = dict(self.counts), dict(self.states), dict(self.open)
        return other


def act(group: Any, plain: Plain, invent: random.Random, delivered: int, number: int) -> None:
    """Do one invented thing to a project, in the store and in the plain one."""
    project, chance = ("907001", FORM, number), invent.random()
    if chance < 0.5:
        counts = invent.random() < 0.7
        kept = submission(delivered, number, invent.randrange(9), counts=counts)
        found = group.add_submission(kept)
        if counts:
            plain.counts[number] = found
        plain.states |= {2 * found - 1: "open", 2 * found: "answered"}
    elif chance < 0.6:
        group.set_counting(project, None)
        plain.counts[number] = None
    elif chance < 0.8 and plain.states:
        finding, state = invent.choice(sorted(plain.states)), invent.choice(("open", "answered", "withdrawn"))
        group.set_finding(finding, state)
        plain.states[finding] = state
    elif number in plain.open:
        group.close_question(plain.open.pop(number), group.add_decision(KeptDecision("counts", "project", str(number))))
    else:
        plain.open[number] = group.add_question(Question(project, (), "tie"))


def test_invented_rounds_end_as_a_plain_account_says(where: Path | str) -> None:
    """240 projects through 30 runs of 40 things each; every fourth run is taken back whole."""
    invent, plain = random.Random(3), Plain()
    with open_store(where, write=True, make=True) as store:
        with store.group("王五", NOON) as group:
            group.put_registry(registry(1, 240))
        for turn in range(30):
            before = plain.copy()
            with store.group("王五", NOON) as group:
                run = group.add_run("0.1.0")
                delivered = group.add_delivery(delivery(run))
                for _ in range(40):
                    act(group, plain, invent, delivered, invent.randrange(1, 241))
            if turn % 4 == 3:
                with store.group("李四", NOON) as group:
                    group.undo_run(run)
                    group.undo_run(run)
                before.states = {key: before.states.get(key, "") for key in plain.states}
                plain = before
                plain.states = {key: state for key, state in plain.states.items() if state}
        counting = {row.project[2]: row.id for row in store.submissions()}
        assert counting == {number: found for number, found in plain.counts.items() if found}
        states = store.states("finding")
        assert {key: states[str(key)]["state"] for key in plain.states} == plain.states
        assert {row.project[2]: row.id for row in store.questions() if row.closed is None} == plain.open
        assert check_store(store) == ()


# Proof ------------------------------------------------------------------------------------------------------------------

TAMPERED = {
    "a state": ("UPDATE finding SET state = 'withdrawn' WHERE id = 1", ("differs", "finding", "1")),
    "a draft that counts": ("UPDATE submission SET counts = false", ("differs", "submission", "1")),
    "a name": ("UPDATE unit SET name = '别名' WHERE code = '907001'", ("differs", "unit", "907001")),
    "a row that is gone": ("DELETE FROM finding WHERE id = 2", ("no_row", "finding", "2")),
    "a row without event": ("DELETE FROM event WHERE about = 'delivery'", ("no_event", "delivery", "1")),
}


@pytest.mark.parametrize(("change", "expected"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_changed_by_hand_is_found(
    change: str, expected: tuple[str, str, str], store: Store, where: Path | str
) -> None:
    stores.change(where, change)
    assert expected in [(found.what, found.about, found.key) for found in check_store(store)]


@pytest.mark.store("sqlite")
def test_a_broken_reference_is_found(store: Store, tmp_path: Path) -> None:
    """PostgreSQL lets nobody make one."""
    with sqlite3.connect(tmp_path / "store.sqlite3") as connection:
        connection.execute("UPDATE submission SET delivery = 7")
    assert "file" in [found.what for found in check_store(store)]


@pytest.mark.store("sqlite")
def test_every_column_is_proved(store: Store, tmp_path: Path) -> None:
    """A change by hand of any column, in any table, is found."""
    with store.group("王五", NOON) as group:
        for name in ("base records", "an issued workbook", "an explanation", "a remark", "a decision", "a question"):
            WRITES[name](group)
    assert check_store(store) == ()
    for table, columns in WATCHED.items():
        for name in (*columns, *REST[table]):
            value = {"JSON": "json('[7]')", "BOOLEAN": f"NOT {name}"}.get(str(table.c[name].type), "7")
            with sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None) as connection:
                kept = connection.execute(f"SELECT rowid, {name} FROM {table.name}").fetchall()
                connection.execute(f"UPDATE {table.name} SET {name} = {value} WHERE rowid = {kept[0][0]}")
                found = {(problem.what, problem.about) for problem in check_store(store)}
                connection.execute(f"UPDATE {table.name} SET {name} = ? WHERE rowid = ?", (kept[0][1], kept[0][0]))
            assert ("differs", table.name) in found, (table.name, name)
    assert check_store(store) == ()


def test_originals_are_proved(store: Store) -> None:
    with store.group("王五", NOON) as group:
        group.add_delivery(delivery(1, b"secret", verdict="secret"))
        group.add_delivery(delivery(1, b"b", name="b.xlsx"))
    originals = {hashlib.sha256(data).hexdigest(): data for data in (b"a", b"b")}
    assert check_store(store, originals.get) == ()
    digest = hashlib.sha256(b"b").hexdigest()
    facts = {"name": "b.xlsx", "digest": digest}
    assert check_store(store, {**originals, digest: b"c"}.get) == (Problem("altered", "delivery", "3", facts),)
    assert check_store(store, {**originals, digest: None}.get) == (Problem("missing", "delivery", "3", facts),)


# Schemas ----------------------------------------------------------------------------------------------------------------


def old_store(where: Path | str, revision: str = "0001") -> None:
    """A store as an earlier perfxl made it."""
    address = opening.parse_address(where)
    with stores.connected(where, write=True) as connection:
        if address.file is None:
            opening.postgresql.make_schema(connection, address.schema)
        opening._migrate(connection, revision)
        connection.execute(text("INSERT INTO unit VALUES ('907001', '柳溪镇', '', '', '', '', 'active', NULL, 0)"))
        after = {"name": "柳溪镇", "state": "active", "control": None, "position": 0}
        facts = {"after": {**dict.fromkeys(WATCHED[UNIT], ""), **after}, "rest": json_data.digest([])}
        event = "INSERT INTO event VALUES (1, NULL, '2024', '王五', 'added', 'unit', '907001', :facts)"
        connection.execute(text(event), {"facts": json_data.dumps(facts)})


def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_list_of_schemas_is_that_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(Path(opening.__file__).parent / "migrations"))
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_an_older_store_is_migrated(where: Path | str) -> None:
    old_store(where)
    with pytest.raises(StoreError) as caught:
        open_store(where, write=False)
    assert caught.value.what == "older"
    with open_store(where, write=True) as store:
        assert store.registry().units == (RegisteredUnit("907001", "柳溪镇"),)
        assert check_store(store) == ()
    assert stores.ask(where, "SELECT asked FROM unit_progress") == []


@pytest.mark.store("sqlite")
def test_an_older_file_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    old_store(path)
    open_store(path, write=True).close()
    assert {name.name for name in tmp_path.iterdir()} == {"store.sqlite3", "store.0001.sqlite3"}
    restore(tmp_path / "store.0001.sqlite3", tmp_path / "again.sqlite3")
    with open_store(tmp_path / "again.sqlite3", write=True) as store:
        assert len(store.registry().units) == 1


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("write", [True, False])
def test_a_newer_store_is_not_touched(write: bool, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    data, time = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(StoreError) as caught:
        open_store(path, write)
    assert caught.value.what == "newer"
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (data, time)
    assert [name.name for name in tmp_path.iterdir()] == ["store.sqlite3"]


def test_the_tables_are_made_for_postgresql_too() -> None:
    for table in METADATA.sorted_tables:
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for index in table.indexes:
            assert "= 1" not in str(CreateIndex(index).compile(dialect=postgresql.dialect()))


VIEWS = {
    "current_draft": "SELECT project, submission, draft, open_errors, open_warnings, open_remarks, open_questions FROM {} ORDER BY project LIMIT 2",
    "open_finding": "SELECT unit_code, project_name, cell, code, severity FROM {}",
    "open_question": "SELECT project, kind FROM {}",
    "unit_progress": "SELECT unit_code, asked, submitted, open_errors, open_questions FROM {} ORDER BY unit_code",
}
SEEN = {
    "current_draft": [
        ("907001/project-target/1", 1, 1, 1, 0, 1, 1),
        ("907001/project-target/2", None, None, 0, 0, 0, 0),
    ],
    "open_finding": [("907001", "项目1", "F6", "MN-02", "error")],
    "open_question": [("907001/project-target/1", "tie")],
    "unit_progress": [("907001", 3, 1, 1, 1), ("907002", 3, 0, 0, 0)],
}


@pytest.mark.parametrize("view", VIEWS)
def test_views(view: str, store: Store, where: Path | str) -> None:
    with store.group("王五", NOON) as group:
        WRITES["a question"](group)
        WRITES["a remark"](group)
    assert stores.ask(where, VIEWS[view].format(view)) == SEEN[view]


@pytest.mark.store("sqlite")
def test_the_page_names_every_table_and_view(store: Store, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "rounds-store.md").read_text(encoding="utf-8")
    with sqlite3.connect(tmp_path / "store.sqlite3") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            assert name == "alembic_version" or f"`{name}`" in page
            assert name == "alembic_version" or [column for column in columns if f"`{column}`" not in page] == [], name


# Who writes -------------------------------------------------------------------------------------------------------------

DIES = "import sys; from perfxl.rounds.store.opening import open_store; import os; open_store(sys.argv[1], write=True, make=True); os._exit(0)"


def url_of(where: Path | str) -> str:
    """The place of a store as a process is told it."""
    return f"sqlite:///{where}" if isinstance(where, Path) else where


def test_a_second_desk_reads_and_says_who_writes(store: Store, where: Path | str) -> None:
    with open_store(where, write=False) as reading:
        assert reading.registry() == registry()
    with pytest.raises(StoreError) as caught:
        open_store(where, write=True)
    assert caught.value.what == "locked_by"
    assert platform.node() in perfxl.sentence(caught.value)
    assert "take-over" not in perfxl.sentence(caught.value), "it is this machine's"
    store.close()
    open_store(where, write=True).close()


@pytest.mark.store("sqlite")
def test_a_snapshot_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    with open_store(tmp_path / "store.sqlite3", write=False) as reading:
        with reading.snapshot():
            runs = reading.runs()
            writer = Thread(target=_add_run, args=(store,))
            writer.start()
            writer.join(0.3)
            assert writer.is_alive()  # it waits
            assert reading.runs() == runs
        writer.join()
        assert len(reading.runs()) == len(runs) + 1


def _add_run(store: Store) -> None:
    with store.group("王五", NOON) as group:
        group.add_run("0.1.0")


def test_a_store_opened_for_reading_refuses_to_write(store: Store, where: Path | str) -> None:
    with open_store(where, write=False) as reading, pytest.raises(StoreError) as caught:
        reading.beat()
    assert caught.value.what == "read_only"


def test_the_lease_of_a_dead_process_is_taken_over_at_once(where: Path | str) -> None:
    subprocess.run([sys.executable, "-c", DIES, url_of(where)], check=True, timeout=60)
    open_store(where, write=True).close()


ELSEWHERE = [
    # seconds since the heartbeat, the word, whether the lease is taken
    (5, False, False),
    (5, True, False),
    (90, False, False),
    (90, True, True),
    (-90, True, True),  # its clock is ahead
]


@pytest.mark.parametrize(("silence", "word", "taken"), ELSEWHERE)
def test_the_lease_of_another_machine(
    silence: int, word: bool, taken: bool, store: Store, where: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.change(where, "UPDATE lease SET machine = 'other', process = 4000000")
    ((beat,),) = stores.ask(where, "SELECT heartbeat FROM lease")
    at = datetime.fromisoformat(beat) + timedelta(seconds=silence)
    monkeypatch.setattr(lease, "_now", at.isoformat)
    if not taken:
        with pytest.raises(StoreError) as refused:
            open_store(where, write=True, take_over=word)
        assert (refused.value.what, "take-over" in perfxl.sentence(refused.value)) == ("locked_by", True)
        return
    with open_store(where, write=True, take_over=word):
        with pytest.raises(StoreError) as caught, store.group("王五", NOON):  # it finds out before it writes
            pass
        assert caught.value.what == "locked_by"
    with pytest.raises(StoreError) as caught:
        store.beat()
    assert caught.value.what == "taken_over"


WRITER = """
import sys
from perfxl.errors import StoreError
from perfxl.rounds.store.opening import open_store
try:
    store = open_store(sys.argv[1], write=True, make=True)
except StoreError as error:
    print(error.what)
else:
    with store:
        print("writer")
        sys.stdout.flush()
        sys.stdin.readline()
"""


def test_of_two_writers_at_once_one_writes(where: Path | str) -> None:
    """They even make the store at the same time."""
    command = [sys.executable, "-c", WRITER, url_of(where)]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.stdout.readline().strip() for process in running if process.stdout]
    for process in running:
        process.communicate("\n", timeout=60)
    assert sorted(said) == ["locked_by", "locked_by", "writer"]
    assert [process.returncode for process in running] == [0, 0, 0]


# Death and full disks ---------------------------------------------------------------------------------------------------

KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from perfxl.rounds.store import opening
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.proof import check_store
sys.path.insert(0, sys.argv[2])
from rounds.test_store import NOON, delivery, old_store, registry, submission

folder, invent = Path(sys.argv[1]), random.Random(int(sys.argv[3]))

def kill_in_a_moment(work, longest):
    pipe, begun = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            work(lambda: os.write(begun, b"."))
        finally:
            os._exit(0)
    os.close(begun)
    os.read(pipe, 1)
    os.close(pipe)
    time.sleep(invent.uniform(0, longest))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

def groups(begun):
    store = open_store(path, write=True)
    begun()
    while True:
        with store.group("王五", NOON) as group:
            run = group.add_run("0.1.0")
            delivered = group.add_delivery(delivery(run))
            for number in (1, 2, 3):
                group.add_submission(submission(delivered, number))

def migrating(begun):
    begun()
    open_store(path, write=True)

written = 0
for moment in range(int(sys.argv[4])):
    if moment % 10 == 0:
        path = folder / f"{moment}.sqlite3"
        with open_store(path, write=True, make=True) as store, store.group("王五", NOON) as group:
            group.put_registry(registry())
    kill_in_a_moment(groups, 0.04)
    if moment % 2:
        with open_store(path, write=False) as store:  # looking repairs what was cut off, too
            assert store.registry() == registry()
    with open_store(path, write=True) as store:
        assert check_store(store) == ()
        runs, delivered = len(store.runs()), len(store.deliveries())
        drafts = [len(store.submissions(("907001", "project-target", number))) for number in (1, 2, 3)]
        assert drafts == [runs] * 3 and delivered == runs, (runs, delivered, drafts)
        written = max(written, runs)
assert written > 2, written
for moment in range(int(sys.argv[5])):
    path = folder / f"old{moment}.sqlite3"
    old_store(path)
    kill_in_a_moment(migrating, 0.05)
    with open_store(path, write=True) as store:
        assert len(store.registry().units) == 1 and check_store(store) == ()
print(written)
"""


@pytest.mark.store("sqlite")
@POSIX
def test_no_moment_of_death_harms_it(tmp_path: Path) -> None:
    """Killed while groups are written, and while an older store is migrated."""
    tests, memory = str(Path(__file__).parents[1]), Path("/dev/shm")
    # a process dies alike on any file system, and this one need not sync
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        command = [sys.executable, "-c", KILLED, folder, tests, "5", "50", "10"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.mark.store("sqlite")
@POSIX
def test_a_full_disk_is_said_and_leaves_whole_groups(tmp_path: Path) -> None:
    """A limit of the size of a file stands for a disk without room."""
    code = """
import resource, signal, sys
from pathlib import Path
from perfxl.errors import StoreError
from perfxl.rounds.store.opening import open_store
sys.path.insert(0, sys.argv[2])
from rounds.test_store import NOON, delivery, registry, submission
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
with open_store(path, write=True, make=True) as store:
    with store.group("王五", NOON) as group:
        group.put_registry(registry())
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100_000, resource.RLIM_INFINITY))
    try:
        while True:
            with store.group("王五", NOON) as group:
                delivered = group.add_delivery(delivery(group.add_run("0.1.0")))
                for number in (1, 2, 3):
                    group.add_submission(submission(delivered, number, record={"text": "字" * 2000}))
    except StoreError as error:
        print(error.what)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with store.group("王五", NOON) as group:
        group.add_run("0.1.0")
"""
    path = tmp_path / "store.sqlite3"
    command = [sys.executable, "-c", code, str(path), str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("full\n", 0), done.stderr
    with open_store(path, write=True) as store:
        assert check_store(store) == ()
        whole = len(store.deliveries())
        assert whole > 2
        assert [len(store.submissions(("907001", FORM, number))) for number in (1, 2, 3)] == [whole] * 3


BAD = {
    "no file": (None, False, "missing"),
    "no file, to be written": (None, True, "missing"),
    "an empty file, to be read": (b"", False, "missing"),
    "an empty file, to be written": (b"", True, "missing"),
    "a text": ("柳溪镇" * 500, False, "damaged"),
    "a text, to be written": ("柳溪镇" * 500, True, "damaged"),
}


@pytest.mark.store("sqlite")
@pytest.mark.parametrize(("content", "write", "what"), BAD.values(), ids=BAD)
def test_what_is_no_store_is_refused(content: str | bytes | None, write: bool, what: str, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(StoreError) as caught:
        open_store(path, write)
    assert caught.value.what == what
    assert all(perfxl.sentence(caught.value, lang).startswith(str(path)) for lang in ("zh-CN", "en"))
    assert path.exists() is (content is not None)


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("write", [True, False])
def test_the_database_of_another_program_is_left_alone(write: bool, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE unit (x)")
    data = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(path, write)
    assert (caught.value.what, path.read_bytes()) == ("damaged", data)


@pytest.mark.store("sqlite")
def test_scattered_damage_never_ends_in_another_error(tmp_path: Path, store: Store) -> None:
    """Bytes changed or wiped at 100 invented places; what is read past them is whole."""
    path = tmp_path / "store.sqlite3"
    store.close()
    whole, invent, said = path.read_bytes(), random.Random(9), 0
    for turn in range(100):
        data, place = bytearray(whole), invent.randrange(len(whole))
        if turn % 2:
            data[place : place + 512] = bytes(len(data[place : place + 512]))
        else:
            for _ in range(8):
                data[invent.randrange(len(data))] = invent.randrange(256)
        path.write_bytes(data)
        with suppress(StoreError), open_store(path, write=False) as damaged:
            whole_still = not check_store(damaged)
            assert not whole_still or damaged.submissions() == (numbered(submission(1), 1, 1),)
            said += whole_still
    assert 0 < said < 90


@pytest.mark.store("sqlite")
def test_damage_is_found_or_said(tmp_path: Path, store: Store) -> None:
    """Pages overwritten at 40 invented places: a StoreError or a problem, never something else that is wrong."""
    path = tmp_path / "store.sqlite3"
    store.close()
    whole, invent, said = path.read_bytes(), random.Random(7), 0
    for _ in range(40):
        page = invent.randrange(len(whole) // 4096) * 4096
        path.write_bytes(whole[:page] + invent.randbytes(4096) + whole[page + 4096 :])
        try:
            with open_store(path, write=False) as damaged:
                said += bool(check_store(damaged))
        except StoreError as error:
            said += error.what in ("damaged", "newer")
    assert said == 40


# Copies -----------------------------------------------------------------------------------------------------------------


@pytest.mark.store("sqlite")
def test_a_backup_is_restored(store: Store, tmp_path: Path) -> None:
    copy, target = tmp_path / "备份 1%.sqlite3", tmp_path / "other" / "store.sqlite3"
    source = tmp_path / "store.sqlite3"
    backup(source, copy)
    with pytest.raises(OutputExists):
        backup(source, copy)
    restore(copy, target)
    with pytest.raises(OutputExists):
        restore(copy, target)
    with open_store(target, write=True) as again:
        assert (again.events(), again.submissions()) == (store.events(), store.submissions())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "store.sqlite3", "备份 1%.sqlite3"]


@pytest.mark.store("sqlite")
def test_a_damaged_backup_is_not_restored(store: Store, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    backup(tmp_path / "store.sqlite3", copy)
    data = copy.read_bytes()
    copy.write_bytes(data[: len(data) // 2])
    with pytest.raises(StoreError) as caught:
        restore(copy, tmp_path / "again.sqlite3")
    assert caught.value.what == "damaged"
    assert not (tmp_path / "again.sqlite3").exists()


@pytest.mark.store("sqlite")
def test_a_url_names_a_store_as_a_path_does(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/store.sqlite3", write=True, make=True) as store:
        assert store.name == str(tmp_path / "store.sqlite3")
    assert project_key(("907001", FORM, 1)) == "907001/project-target/1"
    for unit in ("907001", "907/001", "教育局/体育局", "/", ""):
        assert parse_project_key(project_key((unit, FORM, 12))) == (unit, FORM, 12)
