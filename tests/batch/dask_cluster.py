"""A Dask cluster on the loopback, in processes of its own that can be killed, and work that ends the worker it is given to."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from perfxl.batch.cluster import ClusterWorkers

TESTS = Path(__file__).parents[1]
_START = "from distributed.cli.dask_{} import main; main()"


class Cluster:
    """A scheduler and workers of one thread each, which stand in another folder than the tests.

    ``before``: what each worker does first.
    """

    def __init__(self, folder: Path, workers: int, before: str = "") -> None:
        self.folder = folder
        told = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "", "--port", "0", "--no-show", "--scheduler-file", str(told))
        until(lambda: bool(_address_in(told)))
        self.address = _address_in(told)
        options = ("--nworkers", str(workers), "--nthreads", "1", "--memory-limit", "0")
        options = (*options, "--no-nanny") if before else options
        self.nanny = self._start("worker", before, self.address, *options) if workers else None

    def _start(self, what: str, before: str, *words: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "PYTHONPATH": str(TESTS)}
        command = [
            sys.executable,
            "-c",
            f"{before}\n{_START.format(what)}",
            *words,
            "--host",
            "127.0.0.1",
            "--no-dashboard",
        ]
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=env, stdout=log, stderr=log)

    def workers(self) -> list[psutil.Process]:
        """The processes of the workers."""
        assert self.nanny is not None
        return [one for one in psutil.Process(self.nanny.pid).children() if "spawn_main(" in " ".join(one.cmdline())]

    def kill_worker(self) -> None:
        """End a worker as a power cut would; its nanny starts another."""
        until(lambda: bool(self.workers()))
        self.workers()[0].kill()

    def kill_workers(self) -> None:
        """End all workers, and those who would start others."""
        assert self.nanny is not None
        for one in psutil.Process(self.nanny.pid).children():
            one.kill()
        self.nanny.kill()

    def kill_scheduler(self) -> None:
        """End the scheduler as a power cut would."""
        self.scheduler.kill()
        self.scheduler.wait()

    def end(self) -> None:
        """End all that is left."""
        for process in filter(None, (self.scheduler, self.nanny)):
            with suppress(psutil.NoSuchProcess):
                for one in psutil.Process(process.pid).children(recursive=True):
                    with suppress(psutil.NoSuchProcess):
                        one.kill()
            process.kill()
            process.wait()


@contextmanager
def running(folder: Path, workers: int = 2, before: str = "") -> Iterator[Cluster]:
    """A cluster until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder, workers, before)
    try:
        yield cluster
    finally:
        cluster.end()


def _address_in(told: Path) -> str:
    """Return the address that a scheduler wrote into its file; empty until it is there, and whole."""
    with suppress(OSError, ValueError):
        return str(json.loads(told.read_text())["address"])
    return ""


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def at_progress(place: int, act: Callable[[], None]) -> Callable[..., object]:
    """In place of the line on the terminal: does something when so many files are done."""

    @contextmanager
    def show(*_: object) -> Iterator[Callable[[int, int], None]]:
        left = [act]

        def advance(done: int, count: int) -> None:
            if done >= place and left:
                left.pop()()

        yield advance

    return show


@contextmanager
def at_piece(place: int, act: Callable[[], None]) -> Iterator[None]:
    """Does something when so many pieces of work were sent to a cluster, before the next one is."""
    send, count = ClusterWorkers._send, itertools.count()

    def send_or_act(self: ClusterWorkers, *args: Any, **options: Any) -> Future[Any]:
        if next(count) == place:
            act()
        return send(self, *args, **options)

    ClusterWorkers._send = send_or_act  # type: ignore[method-assign]
    try:
        yield
    finally:
        ClusterWorkers._send = send  # type: ignore[method-assign]


# What workers are given -----------------------------------------------------------------------------------------------


def places_at(desk: int, items: Mapping[int, Any]) -> tuple[int, ...]:
    """Ends every process but the desk's where the second file is among those that it is given."""
    if 1 in items and os.getpid() != desk:
        os._exit(9)
    return tuple(items)


class Counted:
    """Work that notes in a file each time that it is unpacked."""

    def __init__(self, notes: Path) -> None:
        self.notes = notes

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        with self.notes.open("a") as notes:
            notes.write(f"{os.getpid()}\n")

    def __call__(self, items: Mapping[int, Any]) -> int:
        time.sleep(0.02)
        return os.getpid()
