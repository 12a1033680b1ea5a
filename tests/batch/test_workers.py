"""Many files on all cores: what is made of them does not depend on how many processes there are, or on their end."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from perfxl.batch import output, workers
from perfxl.batch.executors import Processes
from perfxl.batch.inbox import Item
from perfxl.errors import OutputExists


def gone(here: int, places: tuple[int, ...]) -> tuple[int, ...]:
    """Ends every process but the one that asks."""
    if os.getpid() != here:
        os._exit(9)
    return places


def test_what_a_process_left_that_was_ended_is_done_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "表.xlsx").write_bytes(b"PK")
    items = [Item(str(at), PurePosixPath(f"{at}.xlsx"), tmp_path / "表.xlsx") for at in range(workers.MANY)]
    done = [at for places in workers.run_by_unit(partial(gone, os.getpid()), items) for at in places]
    assert sorted(done) == list(range(workers.MANY))


def test_what_is_given_away_piece_by_piece_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the steps of a round give it, some of it when the processes are gone already."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with workers.processes(workers.MANY) as pool:
        assert pool
        given = [(at,) for at in range(workers.MANY)]
        assert [*pool.map(partial(gone, os.getpid()), given)] == given
        assert pool.submit(gone, os.getpid(), (1,)).result() == (1,)


def test_processes_begin_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is forked later has all that was read until then."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with workers.processes(workers.MANY) as pool:
        assert isinstance(pool, Processes)
        assert pool._pool._processes


def test_what_a_process_had_written_before_it_was_ended_is_no_clash(tmp_path: Path) -> None:
    target = tmp_path / "表.xlsx"
    output.write_free(target, b"one", force=False)
    output.write_free(target, b"one", force=False)
    with pytest.raises(OutputExists):
        output.write_free(target, b"other", force=False)
    assert target.read_bytes() == b"one"
    output.write_free(target, b"other", force=True)
    assert target.read_bytes() == b"other"
