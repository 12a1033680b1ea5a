"""A round that is ended, crowded or cut off at any moment ends as one that nothing disturbed. PERFXL_KILLS=200: more."""

from __future__ import annotations

import datetime
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner
from rounds import killing, stores
from rounds.stores import copy_round

from perfxl.batch import output
from perfxl.cli import main
from perfxl.rounds import arrivals
from perfxl.rounds.desk import collecting, heartbeat
from perfxl.rounds.round import create_round, open_round
from perfxl.rounds.store import lease, sqlite
from perfxl.rounds.store.group import WriteGroup
from perfxl.rounds.store.opening import open_store

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX"),
    pytest.mark.store("sqlite", "postgresql"),
]
TESTS = Path(__file__).parents[1]
KILLS = int(os.environ.get("PERFXL_KILLS", "0"))


def test_every_moment_of_death_and_of_a_full_disk_can_be_carried_on_from(tmp_path: Path, database: str) -> None:
    """A disk is full only for a file: that of a server is its own affair."""
    of_file = database == "sqlite"
    memory = Path("/dev/shm")  # a process dies alike on any file system
    work = (memory if memory.is_dir() else tmp_path) / f"perfxl-{os.getpid()}"
    work.mkdir()
    kills, full = (max(1, KILLS // 13), max(1, KILLS // 20)) if KILLS else (1, 1)
    command = [sys.executable, killing.__file__, *map(str, (work, kills, full if of_file else 0, 20240315)), database]
    try:
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True, timeout=3_600
        )
    finally:
        shutil.rmtree(work)
    tried = [line.split()[:2] for line in done.stdout.splitlines()]
    assert done.returncode == 0, (tried[-1:], done.stderr)
    assert {name for name, _ in tried} == {*killing.STEPS, *(("migrate",) if of_file else ())}
    assert [way for _, way in tried].count("killed") >= 13


# Real processes -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, database: str) -> killing.Stage:
    """A round whose first wave lies in its inbox, and how it stands when that is taken in."""
    work = tmp_path_factory.mktemp("interrupted")
    folder = work / "2024一上"
    round = create_round(folder, 2024, "一上")
    killing.hand_in_registry(round)
    assert killing.die_within(("registry", "名册.csv"), folder)[0] == 0
    killing.drop_first(round)
    return killing.Stage(("collect",), work / "kept", folder)


@contextmanager
def collecting_in(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A collect in a process of its own that has just begun: it holds the lease and reads."""
    command = [sys.executable, "-c", "from perfxl.cli import main; main()", "round", "collect"]
    # where the tests run in the background, as `nohup … &`, they would be started deaf to Ctrl-C
    hear = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen(command, cwd=folder, preexec_fn=hear, **pipes)
    try:
        until(lambda: holder(folder) == running.pid or running.poll() is not None)
        assert running.poll() is None
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        running.communicate()


def holder(folder: Path) -> int:
    """The process that has the lease; 0 for none."""
    return next((int(process) for (process,) in stores.ask(folder, "SELECT process FROM lease")), 0)


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def say(folder: Path, *words: str) -> tuple[int, list[str]]:
    """Run a command; return its status and the lines that it said."""
    done = CliRunner().invoke(main, ["round", *words, "--in", str(folder)], catch_exceptions=False)
    return done.exit_code, done.stderr.splitlines()


def resumed(stage: killing.Stage) -> None:
    """Nothing was begun that was not finished, and the next run ends as if nothing had happened."""
    assert not list(stage.folder.rglob(".perfxl-*"))
    stage.resume()


def test_of_two_collectors_the_second_is_refused_and_everybody_may_look(stage: killing.Stage) -> None:
    stage.reset()
    with collecting_in(stage.folder) as first:
        first.send_signal(signal.SIGSTOP)
        before = killing.state(stage.folder)
        for words in (("collect",), ("issue",), ("return",), ("decide", "907001", "1", "approve")):
            status, said = say(stage.folder, *words)
            assert (status, len(said)) == (2, 1), words
            assert "正在办理" in said[0]
        assert killing.state(stage.folder) == before
        assert say(stage.folder, "status")[0] == 0
        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=60)
        assert first.returncode == stage.status
    assert killing.state(stage.folder) == stage.expected
    assert holder(stage.folder) == 0


def test_ctrl_c_leaves_nothing_half_done(stage: killing.Stage) -> None:
    for _ in range(5):
        stage.reset()
        with collecting_in(stage.folder) as running:
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=60)
        if running.returncode != stage.status:  # else it was at its end before the signal came
            break
    assert (running.returncode, len(said.strip().splitlines()) <= 1) == (130, True), said
    assert holder(stage.folder) == 0, "the lease is given back"
    resumed(stage)


def test_the_processes_of_one_that_was_killed_end_with_it(stage: killing.Stage) -> None:
    stage.reset()
    for at in range(8):  # so many that they are read by several processes
        shutil.copy2(stage.folder / "收表箱" / "907005.xlsx", stage.folder / "收表箱" / f"z{at}.xlsx")
    with collecting_in(stage.folder) as running:
        parent = psutil.Process(running.pid)
        if os.cpu_count() != 1:
            until(lambda: bool(parent.children()) or running.poll() is not None)
        children = parent.children()
        running.kill()
        running.wait()
    assert children or os.cpu_count() == 1
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))
    assert killing.die_within(stage.words, stage.folder)[0] == stage.status
    killing.prove(stage.folder)
    assert len(killing.state(stage.folder)["delivery"]) == len(stage.expected["delivery"])


def move_folder(folder: Path, away: Path) -> None:
    folder.rename(away)


def move_store(folder: Path, away: Path) -> None:
    (folder / "store.sqlite3").rename(away)


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("move", [move_folder, move_store])
def test_a_share_that_drops_out_leaves_no_trace(move: Any, stage: killing.Stage, tmp_path: Path) -> None:
    stage.reset()
    away = stage.folder.parent / "away"
    with collecting_in(stage.folder) as running:
        running.send_signal(signal.SIGSTOP)
        move(stage.folder, away)
        running.send_signal(signal.SIGCONT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "再运行一次" in said or "不见了" in said
    assert "Traceback" not in said
    if move is move_folder:
        assert not stage.folder.exists(), "no folder of that name is made anew"
        away.rename(stage.folder)
    else:
        away.rename(stage.folder / "store.sqlite3")
    resumed(stage)


def test_files_that_cannot_be_read_for_a_while_are_taken_later(
    stage: killing.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.reset()
    digest = arrivals._digest

    def half_gone(item: Any) -> str:
        if "0改" in item.label:
            shutil.rmtree(stage.folder / "收表箱" / "0改", ignore_errors=True)
        return digest(item)

    monkeypatch.setattr(arrivals, "_digest", half_gone)
    assert say(stage.folder, "collect")[0] == 2
    monkeypatch.undo()
    killing.prove(stage.folder)
    assert not [name for name in killing.state(stage.folder)["delivery"] if "0改" in name[2]], "they did not come"


def test_a_file_that_changes_while_it_is_taken_in_is_not_kept_under_another_ones_digest(
    stage: killing.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.reset()
    changed, before = stage.folder / "收表箱" / "907005.xlsx", collecting.read_ledger

    def read_ledger(*args: Any) -> Any:
        monkeypatch.setattr(arrivals, "_read_arrival", change_after(arrivals._read_arrival, changed))
        return before(*args)

    monkeypatch.setattr(collecting, "read_ledger", read_ledger)
    say(stage.folder, "collect")
    monkeypatch.undo()
    killing.prove(stage.folder)
    say(stage.folder, "collect")
    killing.prove(stage.folder)
    delivered = {row[1] for row in killing.state(stage.folder)["delivery"]}
    assert arrivals.sha256(changed.read_bytes()).hexdigest() in delivered


def change_after(read: Any, path: Path) -> Any:
    def reading(listed: Any) -> Any:
        made = read(listed)
        if listed[0].path == path:
            path.write_bytes(path.read_bytes() + b"\0")
        return made

    return reading


# What a round is found as ---------------------------------------------------------------------------------------------------


def no_store(folder: Path) -> None:
    (folder / "store.sqlite3").unlink()


def empty_store(folder: Path) -> None:
    (folder / "store.sqlite3").write_bytes(b"")


def no_database(folder: Path) -> None:
    (folder / "store.sqlite3").write_text("柳溪镇" * 500, encoding="utf-8")


def change_store(statement: str, silence: int = 0) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        heartbeat = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=silence)
        stores.change(folder, statement.format(heartbeat=heartbeat.isoformat(timespec="seconds")))

    return change


def unknown_key(folder: Path) -> None:
    with (folder / "round.yaml").open("a", encoding="utf-8") as stream:
        stream.write("colour: red\n")


def unknown_folder(folder: Path) -> None:
    text = (folder / "round.yaml").read_text(encoding="utf-8")
    (folder / "round.yaml").write_text(text.replace("issued: 下发", "issued: 下发\n  more: 又"), encoding="utf-8")


HELD = (
    "INSERT INTO lease (id, machine, machine_id, process, started, who, token, since, heartbeat)"
    " VALUES (1, '别处', 'ff', 7, 0, '王五', 'x', '2024-03-01T08:00:00+08:00', '{heartbeat}')"
)
WRITES = ("collect", "issue", "return", "decide")
READS = ("status",)
FOUND: dict[str, tuple[Callable[[Path], None], tuple[str, ...], str]] = {
    # what was done to the round; the commands that refuse it; a word of what they say
    "no store, but originals": (no_store, (*WRITES, *READS, "registry"), "用备份恢复"),
    "an empty store": (empty_store, (*WRITES, *READS, "registry"), "用备份恢复"),
    "no database": (no_database, (*WRITES, *READS, "registry"), "用备份恢复"),
    "a newer store": (change_store("UPDATE alembic_version SET version_num = '9999'"), (*WRITES, *READS), "更新版本"),
    "a newer round.yaml": (unknown_key, (*WRITES, *READS), "colour"),
    "a newer round.yaml's folder": (unknown_folder, (*WRITES, *READS), "more"),
    "held elsewhere": (change_store(HELD, 5), WRITES, "王五@别处"),
    "held elsewhere, in silence": (change_store(HELD, 90), WRITES, "take-over"),
}


@pytest.fixture(scope="module")
def taken(stage: killing.Stage) -> Path:
    """A round in which something was taken in."""
    stage.reset()
    assert killing.die_within(stage.words, stage.folder)[0] == stage.status
    return copy_round(stage.folder, stage.folder.parent / "taken")


@pytest.mark.store("sqlite")
@pytest.mark.parametrize(("change", "words", "said"), FOUND.values(), ids=FOUND)
def test_what_a_round_is_found_as_is_one_sentence_and_nothing_is_touched(
    change: Any, words: tuple[str, ...], said: str, taken: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "2024一上"
    copy_round(taken, folder)
    change(folder)
    before = everything(folder)
    arguments = {"decide": ("907001", "1", "approve"), "registry": (str(folder / "名册.csv"),)}
    for word in words:
        status, lines = say(folder, word, *arguments.get(word, ()))
        assert (status, len(lines)) == (2, 1), (word, lines)
        assert said in lines[0], (word, lines)
    assert everything(folder) == before


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("silence", "status"), [(5, 2), (90, 0)])
def test_the_word_by_which_a_silent_machine_gives_way(silence: int, status: int, taken: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2024一上"
    copy_round(taken, folder)
    change_store(HELD, silence)(folder)
    assert say(folder, "take-over")[0] == status
    assert (say(folder, "issue")[0] == 0) is (status == 0)


@pytest.mark.store("sqlite")
def test_a_program_that_holds_the_database_is_waited_for_and_then_said(
    taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2024一上"
    copy_round(taken, folder)
    monkeypatch.setattr(sqlite, "_WAIT", 0.2)
    with closing(sqlite3.connect(folder / "store.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for word in ("collect", "status"):
            status, lines = say(folder, word)
            assert (status, len(lines), "稍后再试" in lines[0]) == (2, 1, True), lines
    assert say(folder, "status")[0] == 0


@pytest.mark.store("sqlite")
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_is_read_only_can_be_looked_at(taken: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2024一上"
    copy_round(taken, folder)
    before = everything(folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        for word in ("collect", "issue", "return"):
            status, lines = say(folder, word)
            assert (status, len(lines)) == (2, 1), (word, lines)
        assert say(folder, "status")[0] == 0
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
    assert everything(folder) == before


# Long work ------------------------------------------------------------------------------------------------------------------


def test_the_lease_is_renewed_while_files_are_read(stage: killing.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.reset()
    beats: list[str] = []
    monkeypatch.setattr(heartbeat, "EVERY", 0.0)
    monkeypatch.setattr(lease, "_now", lambda: beats.append("") or "2024-03-01T08:00:00+08:00")
    say(stage.folder, "collect")
    assert len(beats) > 15, "about once a file"
    assert heartbeat.EVERY * 3 < lease.SILENT


@pytest.mark.store("sqlite")
def test_a_long_reader_does_not_end_a_collect(taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.sqlite3"
    shutil.copy2(taken / "store.sqlite3", path)
    monkeypatch.setattr(sqlite, "_WAIT", 0.1)
    monkeypatch.setattr(heartbeat, "EVERY", 0.0)
    seen: list[tuple[int, int]] = []
    with open_store(path, write=True) as store, open_store(path, write=False) as reading, reading.snapshot():
        reading.runs()
        heartbeat.renewing(store, lambda done, count: seen.append((done, count)))(1, 2)
    assert seen == [(1, 2)]


@pytest.mark.store("sqlite")
def test_what_a_killed_writer_left_is_swept_by_the_next_in_that_folder(tmp_path: Path) -> None:
    left = tmp_path / f"{output._prefix()}4000000-x"
    left.write_bytes(b"half")
    output.write_file(tmp_path / "a", b"whole", sync=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_originals_are_on_the_disk_before_the_rows_that_tell_of_them(
    stage: killing.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.reset()
    order: list[str] = []
    synced, folders, written = os.fsync, output.sync_folders, WriteGroup.write_events
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("file"), synced(handle)))
    monkeypatch.setattr(output, "sync_folders", lambda paths: (order.append("folders"), folders(paths)))
    monkeypatch.setattr(WriteGroup, "write_events", lambda self: (order.append("commit"), written(self)))
    say(stage.folder, "collect")
    assert order.count("folders") == 1
    assert order.index("folders") < order.index("commit")
    assert order[: order.index("folders")].count("file") == len(
        list(open_round(stage.folder).path("originals").glob("*/*"))
    )
