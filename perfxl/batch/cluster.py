"""Work on a Dask cluster: a scheduler, and workers on as many machines as an office has.

The workers read and write the same folders as the one who asks, under the same paths: a share. What differs is said
before any work: an address that nobody answers at, other versions, a folder that a worker does not see.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import pickle
import re
import socket
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from perfxl import __version__
from perfxl.batch.executors import Work, Workers, use_workers
from perfxl.batch.output import TEMPORARY
from perfxl.errors import ClusterError
from perfxl.form.installed import search_path, use_search_path
from perfxl.form.search_path import SearchPath
from perfxl.workbook.ooxml.limits import VARIABLE

PATIENCE = 10
"""Seconds in which a scheduler answers and a worker is there."""

ABSENCE = 60
"""Seconds for which no worker may be there in the middle: as long as a nanny needs to start another."""

_ADDRESS = re.compile(r"(tcp|tls)://[^\s@/]+:\d{1,5}")
_PACKAGE = "perfxl"


@contextmanager
def use_cluster(address: str, *folders: str | Path) -> Iterator[None]:
    """Have work on many files done by the workers of a Dask cluster until the block ends.

    ``address``: that of its scheduler, ``tcp://host:port``; ``folders``: those that are read and written, which each
    worker must see under the same paths, beside the present folder. Raises ClusterError where the cluster cannot be
    reached, has no workers, has another version of perfxl or Python, or does not see a folder, and, at the work itself,
    where it is lost.
    """
    with _connected(address) as client:
        try:
            _check_versions(client, address)
            _check_folders(client, address, folders)
        except OSError as error:
            raise ClusterError(what="gone", address=address) from error
        with use_workers(partial(ClusterWorkers, client, address)):
            yield


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Yield a client of the scheduler. Raises ClusterError where nobody answers, or no worker is there."""
    if not _ADDRESS.fullmatch(address):
        raise ClusterError(what="bad_address")
    try:
        distributed = import_module("distributed")  # late: it takes a second
    except ImportError as error:
        raise ClusterError(what="not_installed", address=address) from error
    with _quiet():
        try:
            with ThreadPoolExecutor(1) as aside:  # not among the tasks of a caller, as in a notebook
                aside.submit(lambda: asyncio.run(_ask_scheduler(address))).result()
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise ClusterError(what="unreachable", address=address) from error
        try:
            with suppress(TimeoutError):
                client.wait_for_workers(1, timeout=PATIENCE)
            yield client
        finally:
            with suppress(OSError, TimeoutError):
                client.close(timeout=PATIENCE)


async def _ask_scheduler(address: str) -> None:
    """Have a scheduler say who it is; a client would wait for ever for what is none.

    Raises OSError where nobody does in time, ValueError or TypeError for an address that cannot be.
    """
    distributed = import_module("distributed")
    options = distributed.Security().get_connection_args("client")
    async with asyncio.timeout(PATIENCE), distributed.rpc(address, connection_args=options) as scheduler:
        await scheduler.identity()


@contextmanager
def _quiet() -> Iterator[None]:
    """Have Dask log and warn of nothing: what is to be known is said in a sentence."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    levels = [logger.level for logger in loggers]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            for logger in loggers:
                logger.setLevel(logging.CRITICAL + 1)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _check_versions(client: Any, address: str) -> None:
    """Raise ClusterError where a worker has another perfxl or Python, or there is no worker."""
    found = client.get_versions(packages=[_PACKAGE])
    if not found["workers"]:
        raise ClusterError(what="no_workers", address=address)
    perfxl, python = _versions(found["client"])
    for worker, told in sorted(found["workers"].items()):
        its_perfxl, its_python = _versions(told)
        if its_perfxl is None:
            raise ClusterError(what="without_perfxl", address=address, worker=worker, here=perfxl)
        if its_perfxl != perfxl:
            raise ClusterError(what="other_perfxl", address=address, worker=worker, here=perfxl, there=its_perfxl)
        if its_python != python:
            raise ClusterError(what="other_python", address=address, worker=worker, here=python, there=its_python)


def _versions(told: Any) -> tuple[str | None, str]:
    """Return the versions of perfxl, None where it is not installed, and of Python, as far as pickles depend on it."""
    return told["packages"].get(_PACKAGE), ".".join(str(told["host"]["python"]).split(".")[:2])


def _check_folders(client: Any, address: str, folders: Collection[str | Path]) -> None:
    """Raise ClusterError where a worker does not see a folder: a file that is put there for a moment.

    Of a folder that is not there yet, the one in which it is to be is looked at. Where no file can be put, what cannot
    be read is said of each file.
    """
    with ExitStack() as stack:
        put: dict[str, str] = {}
        for folder in dict.fromkeys(map(_nearest_folder, (Path(), *folders))):
            with suppress(OSError):
                file = stack.enter_context(tempfile.NamedTemporaryFile(dir=folder, prefix=TEMPORARY))
                put[file.name] = str(folder)
        for worker, unseen in sorted(client.run(_unseen, [*put]).items()):
            for name in unseen:
                raise ClusterError(what="unseen_folder", address=address, worker=worker, folder=put[name])


def _nearest_folder(path: str | Path) -> Path:
    """Return the folder of a path that is there: itself, or the nearest one above."""
    whole = Path(path).absolute()
    return next(folder for folder in (whole, *whole.parents) if folder.is_dir())


def _unseen(names: Iterable[str]) -> list[str]:
    """Return which of these files this worker does not see."""
    return [name for name in names if not Path(name).is_file()]


@dataclass(frozen=True)
class Desk:
    """The place from which work comes; it goes to a worker with every piece.

    ``address``: of the cluster; ``folder``: where the desk stands; ``search``: where it looks for forms; ``limits``:
    its file of limits, empty for none; ``garbage``: how often it looks for garbage; ``version``: of perfxl.
    """

    address: str
    folder: str = field(default_factory=os.getcwd)
    search: SearchPath = field(default_factory=search_path)
    limits: str = field(default_factory=lambda: os.environ.get(VARIABLE, ""))
    garbage: tuple[int, int, int] = field(default_factory=gc.get_threshold)
    version: str = __version__

    @contextmanager
    def here(self) -> Iterator[None]:
        """Have this process, a worker, stand where the desk stands. Raises ClusterError for one that came later."""
        worker = socket.gethostname()
        if self.version != __version__:
            told = {"worker": worker, "here": self.version, "there": __version__}
            raise ClusterError(what="other_perfxl", address=self.address, **told)
        try:
            os.chdir(self.folder)
        except OSError as error:
            told = {"worker": worker, "folder": self.folder}
            raise ClusterError(what="unseen_folder", address=self.address, **told) from error
        os.environ[VARIABLE] = self.limits
        gc.set_threshold(*self.garbage)
        with use_search_path(self.search):
            yield


class ClusterWorkers(Workers):
    """The workers of a cluster, for a verb.

    A worker that dies is replaced by its nanny, and the scheduler has its unit done again. A unit that was lost with
    several workers is done at the desk. Where nobody is left to work for a minute, the cluster is gone.
    """

    def __init__(self, client: Any, address: str, work: Work | None = None) -> None:
        # a task of its own: its result goes to each worker once, and is made again where all that had it are gone
        held = client.submit(pickle.loads, pickle.dumps(work), pure=False) if work else None
        lost = import_module("distributed").KilledWorker
        super().__init__(work, held, lost, ClusterError(what="gone", address=address))
        self._desk, self._executor, self._ended = Desk(address), client.get_executor(pure=False), threading.Event()
        threading.Thread(target=self._watch, args=(client,), daemon=True).start()

    def _watch(self, client: Any) -> None:
        """Give up what waits once no worker has been there for some time."""
        seen = time.monotonic()
        while not self._ended.wait(ABSENCE / 10):
            with suppress(Exception):  # whatever it is that keeps the scheduler from saying who works
                if client.nthreads():
                    seen = time.monotonic()
            if time.monotonic() - seen > ABSENCE:
                self._executor.shutdown(wait=False)
                return

    def _send(self, work: Any, /, *args: Any, **options: Any) -> Future[Any]:
        try:
            sent: Future[Any] = self._executor.submit(_do, self._desk, work, args, options)
        except RuntimeError as error:  # it was given up, or the client is closed
            raise self._gone from error
        return sent

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take back what is not begun."""
        self._ended.set()
        if not cancel_futures:
            self._executor.shutdown(wait=True)
            return
        with suppress(Exception):  # a client whose scheduler died can take nothing back, and need not
            self._executor.shutdown(wait=False)


_one_at_a_time = threading.Lock()  # a worker with several threads stands in one folder


def _do(desk: Desk, work: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Do a piece of work in a worker, as the desk would do it."""
    with _one_at_a_time, desk.here():
        return work(*args, **options)
