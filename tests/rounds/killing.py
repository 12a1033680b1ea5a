"""A round of twelve units, whose commands are ended at any moment by the process itself: ``python killing.py …``.

Its store is a file, or in a PostgreSQL server of its own.

Every call that leaves something behind is numbered (a file renamed or synced, a statement, a commit), before it and after
it. The n-th kills the process that makes it, as a power cut would; or finds the disk full. The round is then carried on,
and must end as one that nothing disturbed.
"""

from __future__ import annotations

import copy
import datetime
import errno
import hashlib
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import sys
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from rounds import stores
from rounds.postgresql import rounds_in, server
from rounds.test_store import old_store
from workbook.conftest import example

from perfxl.batch import output, workers
from perfxl.cli import main
from perfxl.errors import StoreError
from perfxl.form import installed
from perfxl.rounds import arrivals
from perfxl.rounds.desk import returning
from perfxl.rounds.desk.backup import restore_backup
from perfxl.rounds.desk.originals import original_path
from perfxl.rounds.issue import unit_records
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import FILE, Round, create_round, open_round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.proof import check_store
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

FORM = installed.load("project-target")
TOWNSHIP = example("project-target")["projects"][:2]
UNITS = tuple(RegisteredUnit(f"9070{at:02}", f"清溪县柳溪镇第{at}站") for at in range(1, 13))
NOON = 1_710_000_000
"""The time of the first file."""


def registry() -> Registry:
    """Twelve units with two projects each, named after the unit."""
    return Registry(
        UNITS,
        tuple(
            RegisteredProject(
                unit.code, FORM.name, one["number"], "", f"{unit.name}{one['name']}",
                {"budget.total": one["budget"]["total"]},
            )
            for unit in UNITS
            for one in TOWNSHIP
        ),
    )  # fmt: skip


def filled(round: Round, unit: RegisteredUnit, like: RegisteredUnit | None = None, **changes: Any) -> bytes:
    """The workbook of a unit, filled in; ``changes``: other answers of its first project; ``like``: with whose words."""
    records = unit_records(round, unit, FORM.name, [one for one in registry().projects if one.unit == unit.code])
    for record, whole in zip(records["projects"], copy.deepcopy(TOWNSHIP), strict=True):
        record |= {key: value for key, value in whole.items() if key not in ("number", "code", "name")}
        for row in record["indicators"]:
            row |= {column: f"{(like or unit).name}{row[column]}" for column in ("level3", "description", "basis")}
    records["projects"][0] |= changes
    ((_, made),) = make_books(records, FORM, issue_of(records, phase=round.phase, draft=round.draft), "unit", "all")
    return stamp_book(made)


def hand_in_registry(round: Round) -> None:
    """The file of the registry, which lies in the round."""
    rows = ["单位代码,单位名称,序号,项目名称,预算数（万元）"]
    names = {unit.code: unit.name for unit in UNITS}
    rows += (
        f"{one.unit},{names[one.unit]},{one.number},{one.name},{one.given['budget.total']}"
        for one in registry().projects
    )
    (round.folder / "名册.csv").write_text("\n".join(rows), encoding="utf-8")


def drop_first(round: Round) -> None:
    """The first wave: a file of most units, some of them twice, in folders, with files that are none of ours."""
    inbox = round.path("inbox")
    books = {unit.code: filled(round, unit) for unit in UNITS[:10]}
    files = {f"{code}.xlsx": data for code, data in books.items()}
    files |= {f"0改/{unit.code}.xlsx": filled(round, unit, purpose="") for unit in UNITS[:4]}
    files["又一份.xlsx"] = b""  # as the first of all
    files["照片.xlsx"], files["损坏.xlsx"] = b"\xff\xd8\xff\xe0", b"PK\x03\x04"
    files["抄.xlsx"] = filled(round, UNITS[8], like=UNITS[5], purpose="")
    second = {key: TOWNSHIP[1][key] for key in ("purpose", "goals", "indicators")}
    files |= {f"一样/{unit.code}.xlsx": filled(round, unit, **second) for unit in UNITS[6:8]}
    files["同时/甲.xlsx"] = filled(round, UNITS[10], purpose="用于甲。")
    files["同时/乙.xlsx"] = filled(round, UNITS[10], purpose="用于乙。")
    drop(inbox, files, {"0改": 5_000, "一样": 6_000})


def drop_second(round: Round) -> None:
    """The second wave: corrections, some of projects that were returned or passed."""
    files = {f"二/{unit.code}.xlsx": filled(round, unit, purpose="用于站内设备更新。") for unit in UNITS[2:8]}
    files["二/只改一处.xlsx"] = filled(round, UNITS[11])
    drop(round.path("inbox"), files, {"二": 20_000})


def drop(inbox: Path, files: dict[str, bytes], later: dict[str, int]) -> None:
    """Put files into an inbox, each with a time of its own; those of 同时 have one."""
    first = b""
    for at, (name, data) in enumerate(files.items()):
        path = inbox / name
        path.parent.mkdir(exist_ok=True)
        folder = name.partition("/")[0]
        time = NOON if folder == "同时" else NOON + 10 * at + later.get(folder, 0)
        path.write_bytes(saved_at(data, time) or first)
        first = first or path.read_bytes()
        os.utime(path, (time, time))


def saved_at(data: bytes, time: int) -> bytes:
    """A workbook that says that it was saved at a time; other bytes as they are."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    saved = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(saved, "w") as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == arrivals.CORE:
                text = datetime.datetime.fromtimestamp(time, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                part = re.sub(rb"(modified[^>]*>)[^<]*", rb"\g<1>" + text.encode(), part)
            new.writestr(entry, part)
    return saved.getvalue()


Step = tuple[str, ...]
STEPS: dict[str, Step] = {
    "registry": ("registry", "名册.csv"),
    "issue": ("issue",),
    "collect": ("collect",),
    "return": ("return",),
    "approve": ("decide", "907010", "1", "approve"),
    "answer": ("decide", "907011", "1", "new"),
    "again": ("collect",),
    "backup": ("backup", "../备份.zip"),
    "export": ("export", "--format", "json", "--format", "csv", "--force"),
    "undo": ("undo",),
}
BEFORE: dict[str, Callable[[Round], None]] = {
    "registry": hand_in_registry,
    "collect": drop_first,
    "again": drop_second,
}
"""What people do before a step."""


def run(words: Step, folder: Path) -> int:
    """Run a command of a round in this process; return its status."""
    os.chdir(folder)
    try:
        main(["round", *words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


# Moments ----------------------------------------------------------------------------------------------------------------


class Moments:
    """Counts the calls of this process that leave something behind, and has one of them end it, or fail."""

    def __init__(self, at: int, way: str, folder: Path) -> None:
        self.at, self.way, self.count = at, way, 0
        self.largest = max([40_000, *(path.stat().st_size for path in folder.rglob("*.sqlite3"))])

    def tick(self, writes: bool = False) -> None:
        """Count a moment; the chosen one is the last. A full disk stays full: every later write fails, too."""
        self.count += 1
        if self.way == "killed" and self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.way == "disk" and writes and self.count >= self.at:
            raise OSError(errno.ENOSPC, "")
        if self.way == "store" and self.count == self.at:  # no file grows beyond what the largest one has
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest, resource.RLIM_INFINITY))

    def watch(self) -> None:
        """Have every such call of this process counted from now on."""
        for name in ("fsync", "replace", "mkdir", "unlink"):
            setattr(os, name, partial(self._call, getattr(os, name), name in ("fsync", "mkdir")))
        moments = self

        class Watched(sqlite3.Cursor):
            def execute(self, *args: Any) -> Any:
                return moments._call(super().execute, False, *args)

            def executemany(self, *args: Any) -> Any:
                return moments._call(super().executemany, False, *args)

        class Connected(sqlite3.Connection):
            def cursor(self, factory: Any = Watched) -> Any:
                return super().cursor(factory)

            def commit(self) -> None:
                moments._call(super().commit, False)

        sqlite3.dbapi2.connect = partial(sqlite3.connect, factory=Connected)  # type: ignore[attr-defined]
        self._watch_postgresql()

    def _watch_postgresql(self) -> None:
        with suppress(ImportError):
            import psycopg

            calls = ((psycopg.Cursor, "execute"), (psycopg.Cursor, "executemany"), (psycopg.Connection, "commit"))
            for kind, name in calls:
                setattr(kind, name, self._counted(getattr(kind, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            return self._call(call, False, *args, **options)

        return counted

    def _call(self, call: Callable[..., Any], writes: bool, *args: Any, **options: Any) -> Any:
        self.tick(writes)
        made = call(*args, **options)
        self.tick()
        return made


def die_within(words: Step, folder: Path, at: int = 0, way: str = "") -> tuple[int, int]:
    """Run a command in a process of its own that ends at a moment; return its status and how many moments it had."""
    inlet, outlet = os.pipe()
    if not (child := os.fork()):
        output._sweep_once.cache_clear()  # as in a process that has just begun
        moments = Moments(at, way, folder)
        moments.watch()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(folder.parent / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        status = 70
        try:
            status = run(words, folder)
        except BaseException:
            traceback.print_exc()
        finally:
            os.write(outlet, str(moments.count).encode())
            os._exit(status)
    os.close(outlet)
    with os.fdopen(inlet, "rb") as told:
        count = int(told.read() or 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), count


# How it stands ------------------------------------------------------------------------------------------------------------


def state(folder: Path) -> dict[str, Any]:
    """Everything that a round holds but its times and its runs: the rows, and the files beside the inbox by digest."""
    round = open_round(folder)
    found: dict[str, Any] = {
        table: timeless(table, rows) for table, rows in stores.rows(folder).items() if table not in PASSING
    }
    inbox = round.path("inbox")
    for path in sorted(folder.rglob("*")):
        if path.name.endswith("-journal") and path.read_bytes()[:1] == b"\0":
            continue  # one that was never begun: SQLite's next transaction removes it
        if path.is_file() and inbox not in path.parents and path != round.store:
            data = stores.without_store(folder) if path.name == FILE else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


PASSING = ("run",)
TIMES = ("at", "opened", "arrived", "run")


def timeless(table: str, rows: list[dict[str, Any]]) -> list[Any]:
    """The rows of a table without the times at which they were written, and the runs, which may be two for one."""
    left = {*TIMES}
    if table == "event":
        rows = [row for row in rows if row["about"] != "run"]
        left.add("id")  # an event more for the second run moves the numbers of the others
    return [[without_times(value) for name, value in row.items() if name not in left] for row in rows]


def without_times(value: Any) -> Any:
    """The facts of an event without the times and the run in them."""
    if isinstance(value, str) and value.startswith("{") and '"rest"' in value:
        facts = {name: fact for name, fact in json.loads(value).items() if name != "rest"}
        return {**facts, "after": {name: fact for name, fact in facts["after"].items() if name != "run"}}
    return value


def prove(folder: Path) -> None:
    """The store and its originals are whole, whoever asks; a store that was not begun yet, or is older, is left."""
    round = open_round(folder)

    def original(digest: str) -> bytes | None:
        path = original_path(round, digest)
        return path.read_bytes() if path.is_file() else None

    try:
        store = open_store(round.store, write=False)
    except StoreError as error:
        if error.what not in ("missing", "older"):
            raise
        return
    with store:
        assert check_store(store, original) == ()


def difference(name: str, expected: Any, found: Any) -> tuple[Any, ...]:
    """What is otherwise than expected: of a table, the rows that only one side has; empty for nothing."""
    if expected == found:
        return ()
    if isinstance(expected, list) and isinstance(found, list):
        lost, more = ([row for row in one if row not in other] for one, other in ((expected, found), (found, expected)))
        return name, "lost", lost[:4], "more", more[:4]
    return name, expected, found


class Stage:
    """A step of the round: the folder before it, and how it stands when nothing disturbs it."""

    def __init__(self, words: Step, kept: Path, folder: Path) -> None:
        self.words, self.kept, self.folder = words, kept, folder
        stores.copy_round(folder, kept)
        (folder.parent / "备份.zip").unlink(missing_ok=True)
        self.status, self.count = die_within(self.words, folder, -1)
        assert self.status in (0, 1, 2), (words, self.status, (folder.parent / "said").read_text())
        self.expected = state(folder)
        prove(folder)

    def reset(self) -> None:
        """Have the folder as it was before the step."""
        shutil.rmtree(self.folder, ignore_errors=True)
        stores.copy_round(self.kept, self.folder)
        (self.folder.parent / "备份.zip").unlink(missing_ok=True)

    def resume(self) -> None:
        """Prove what is left, run the command again to its end, and compare."""
        prove(self.folder)
        if self.words[0] in ("decide", "undo") and state(self.folder) == self.expected:
            return  # it was done, and a person who says it twice decides twice
        if (made := self.folder.parent / "备份.zip").exists():  # whole, or it would not have its name
            restore_backup(made, self.folder.parent / "restored")
            prove(self.folder.parent / "restored")
            shutil.rmtree(self.folder.parent / "restored")
            made.unlink()
        status, _ = die_within(self.words, self.folder)
        assert status == self.status, status
        prove(self.folder)
        found = state(self.folder)
        names = sorted({*found, *self.expected})
        differ = [difference(name, self.expected.get(name), found.get(name)) for name in names]
        assert not any(differ), [*filter(None, differ)]


def stages(work: Path) -> Iterator[tuple[str, Stage]]:
    """The steps of a round one after the other, each with the folder as the one before left it; last, an older file."""
    folder = work / "2024一上"
    round = create_round(folder, 2024, "一上", deadline="2024-03-15")
    for name in STEPS:
        BEFORE.get(name, lambda _: None)(round)
        read_once(round)
        yield name, Stage(STEPS[name], work / name, folder)
    if isinstance(round.store, Path):
        shutil.rmtree(folder)
        old_store(create_round(folder, 2024, "一上").store)
        yield "migrate", Stage(("take-over",), work / "migrate", folder)


_read = arrivals._read_arrival
_kept: dict[tuple[str, str], arrivals.Arrival] = {}


def read_once(round: Round) -> None:
    """Read the files of the inbox in this process, for all that begin here: what is tried is not how they are read."""
    for item in arrivals.list_arrived([round.path("inbox")]).items:
        key = (item.label, arrivals._digest(item))
        if key not in _kept:
            _kept[key] = _read((item, key[1], item.stamp()))
    workers.MANY = 1_000  # all moments are this process's own
    returning.GROUP = 3  # moments between two transactions are among them
    arrivals._read_arrival = lambda listed: _kept[listed[0].label, listed[1]]


def try_moments(work: Path, kills: int, full: int, seed: int) -> Iterator[tuple[str, str, int]]:
    """End every step at some of its moments, or fill the disk; yield the step, the way and the moment."""
    invent = random.Random(seed)
    for name, stage in stages(work):
        share = 4 if "collect" in stage.words else 1
        for way, count in (("killed", kills * share), ("disk", full), ("store", full)):
            for at in sorted(invent.sample(range(1, stage.count + 1), min(count, stage.count))):
                stage.reset()
                status, _ = die_within(stage.words, stage.folder, at, way)
                allowed = (-signal.SIGKILL,) if way == "killed" else (2, stage.status)
                assert status in allowed, (name, way, at, status, (work / "said").read_text())
                stage.resume()
                yield name, way, at


@contextmanager
def rounds_in_server() -> Iterator[None]:
    with server() as running, rounds_in(running):
        yield


if __name__ == "__main__":
    with rounds_in_server() if sys.argv[5] == "postgresql" else nullcontext():
        for tried in try_moments(Path(sys.argv[1]), *map(int, sys.argv[2:5])):
            print(*tried, flush=True)
