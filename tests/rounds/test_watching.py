"""The inbox is watched: what comes is taken in once it no longer grows, and the end is that of one run over all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path

import pytest
from rounds.stores import copy_round
from rounds.test_collect import OTHER, UNIT, book
from rounds.test_round_commands import folder, rows, run

from perfxl.rounds.desk.watching import watch
from perfxl.rounds.round import find_round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.proof import check_store

__all__ = ["folder", "rows"]


class _Over(Exception):
    """The script of a test is at its end."""


def test_a_look_is_taken_once_files_are_the_same_after_a_while(tmp_path: Path) -> None:
    looks: list[int] = []
    told: list[tuple[int, list[Path]]] = []
    step = 0

    def wait() -> None:
        nonlocal step
        step += 1
        if step in (1, 2):  # it grows
            with (tmp_path / "a.xlsx").open("ab") as stream:
                stream.write(b"more")
        if step == 5:
            (tmp_path / "~$a.xlsx").touch()
            (tmp_path / "new.zip").write_bytes(b"zip")
        if step == 8:
            (tmp_path / "a.xlsx").unlink()
        if step == 12:
            tmp_path.rename(tmp_path.with_name("gone"))
        if step == 14:
            tmp_path.with_name("gone").rename(tmp_path)
        if step == 16:
            raise _Over

    def look() -> bool:
        looks.append(step)
        return step != 6  # as when another desk was writing

    with pytest.raises(_Over):
        watch(look, [tmp_path], wait, lambda lost: told.append((step, list(lost))))
    assert looks == [3, 6, 7], "after it was the same twice; anew where it was not done; not for what is gone"
    assert told == [(12, [tmp_path]), (14, [])], "once, and once more when it is there again"


@pytest.mark.store("sqlite", "postgresql")
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a process alone there")
def test_what_comes_is_taken_in_until_ctrl_c(folder: Path, tmp_path: Path) -> None:
    assert run("round", "issue", "--in", folder)[0] == 0
    alone = tmp_path / "一次" / folder.name
    copy_round(folder, alone)
    round = find_round(folder)
    whole = book(round)
    command = [sys.executable, "-c", "from perfxl.cli import main; main()", "round", "collect", "--watch"]
    log = (tmp_path / "out").open("w+b")
    words = [*command, "--every", "0.2", "--in", str(folder)]
    # what a shell starts in the background ignores Ctrl-C, and so would this
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(words, stdout=log, stderr=log, preexec_fn=heard)
    try:
        inbox = round.path("inbox")
        with (inbox / "报.xlsx").open("wb") as slow:  # copied piece by piece
            for at in range(0, len(whole), len(whole) // 5):
                slow.write(whole[at : at + len(whole) // 5])
                slow.flush()
                time.sleep(0.1)
        _wait_for(log, "报.xlsx")
        with zipfile.ZipFile(tmp_path / "later.zip", "w") as archive:
            archive.writestr("中心.xlsx", book(round, unit=OTHER))
        (tmp_path / "later.zip").rename(inbox / "later.zip")
        _wait_for(log, "中心.xlsx")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) in (0, 1)
    finally:
        process.kill()
        log.close()
    shutil.copytree(round.path("inbox"), find_round(alone).path("inbox"), dirs_exist_ok=True)
    assert run("round", "collect", "--in", alone)[0] in (0, 1)
    kept = []
    for place in (folder, alone):
        with open_store(find_round(place).store, write=True) as store:  # the lease was given back
            assert check_store(store) == ()
            kept.append({(draft.project, draft.counts, repr(draft.record)) for draft in store.submissions()})
    assert kept[0] == kept[1]
    assert {project[0] for project, *_ in kept[0]} == {UNIT.code, OTHER.code}


def _wait_for(log: object, text: str) -> None:
    for _ in range(600):
        if text in Path(getattr(log, "name")).read_text("utf-8"):  # noqa: B009 - of any file
            return
        time.sleep(0.1)
    raise AssertionError(Path(getattr(log, "name")).read_text("utf-8"))  # noqa: B009


def test_options_that_do_not_go_with_it(folder: Path) -> None:
    assert run("round", "collect", "--every", 3, "--in", folder)[0] == 2
    assert "--json" in run("round", "collect", "--watch", "--json", "--in", folder)[2]
