"""Who does the work on many files: processes of this machine, or the workers of a cluster where one was named.

Which of them is said once for a command or a call (``use_workers``); the verbs do not know.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from perfxl.form.installed import search_path, set_search_path
from perfxl.form.search_path import SearchPath

Result = TypeVar("Result")
Work = Callable[[Any], Any]
"""What is done on every piece; it and what it gives must be picklable."""


class Job(Future[Any]):
    """A piece of work that was given away.

    ``lost``: the error that says that its worker was ended, as for want of memory; it is done by the one who asks then.
    ``gone``: what is raised where all workers are gone.
    """

    def __init__(self, work: Callable[[], Any], lost: type[Exception], gone: Exception) -> None:
        super().__init__()
        self._work, self._lost, self._gone = work, lost, gone

    def result(self, timeout: float | None = None) -> Any:
        """Return what was made of it. Raises what the work raises."""
        try:
            return super().result(timeout)
        except self._lost:
            return self._work()
        except CancelledError as error:
            raise self._gone from error

    def settle(self, done: Future[Any]) -> None:
        """Take over how it ended where it was done."""
        if done.cancelled():
            self.cancel()
        if not self.set_running_or_notify_cancel():
            return
        if error := done.exception():
            self.set_exception(error)
        else:
            self.set_result(done.result())


class Workers(Executor, ABC):
    """Processes that take pieces of work; what one of them loses is done here. See ``Job`` for the two errors.

    ``work``: what they are begun for; ``stand_in``: what is sent in its place with every piece, since each of them was
    given it once.
    """

    def __init__(self, work: Work | None, stand_in: Any, lost: type[Exception], gone: Exception) -> None:
        self._work, self._stand_in, self._lost, self._gone = work, stand_in, lost, gone

    def do(self, piece: Any) -> Job:
        """Have done on a piece what these workers were begun for."""
        assert self._work is not None
        return self._give(partial(self._work, piece), self._stand_in, piece)

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Job:
        """Have any other work done."""
        return self._give(partial(work, *args, **options), work, *args, **options)

    def map(
        self, fn: Callable[..., Result], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[Result]:
        """Have work done on pieces, ``chunksize`` of them by one worker at a time; yield the results in order."""
        pieces = list(zip(*iterables, strict=False))
        chunks = [pieces[at : at + chunksize] for at in range(0, len(pieces), chunksize)]
        return chain.from_iterable(super().map(partial(_do_several, fn), chunks, timeout=timeout))

    def _give(self, work: Callable[[], Any], sent: Any, *args: Any, **options: Any) -> Job:
        job = Job(work, self._lost, self._gone)
        try:
            self._send(sent, *args, **options).add_done_callback(job.settle)
        except BrokenExecutor as error:
            job.set_exception(error)
        return job

    @abstractmethod
    def _send(self, work: Any, /, *args: Any, **options: Any) -> Future[Any]:
        """Send a piece of work to a worker."""


class Processes(Workers):
    """Processes on all cores of this machine, not more than there are pieces of work.

    They are started at once: one that is forked later has all that this process has read by then, and its database.
    """

    def __init__(self, pieces: int, work: Work | None = None) -> None:
        super().__init__(work, _do, BrokenExecutor, CancelledError())
        count = min(os.cpu_count() or 1, pieces)
        self._pool = ProcessPoolExecutor(count, initializer=_begin_worker, initargs=(search_path(), work))
        self._pool.submit(os.getpid)

    def _send(self, work: Any, /, *args: Any, **options: Any) -> Future[Any]:
        return self._pool.submit(work, *args, **options)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


_work_here: Work | None = None


def _begin_worker(search: SearchPath, work: Work | None) -> None:
    """Look for forms where the process above does, leave Ctrl-C to it, and end when it is gone.

    It ends the others once each has done its unit. One that was killed tells nobody, and the others would wait for
    work for ever.
    """
    global _work_here
    _work_here = work
    set_search_path(search)
    gc.freeze()  # what is there by now stays, so that no cycles are looked for in it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if above := multiprocessing.parent_process():
        above.join()
        os._exit(1)


def _do(piece: Any) -> Any:
    """Do on a piece what this process was begun for."""
    assert _work_here is not None
    return _work_here(piece)


def _do_several(work: Callable[..., Result], pieces: Sequence[tuple[Any, ...]]) -> list[Result]:
    return [work(*piece) for piece in pieces]


Opener = Callable[[Work | None], Workers]
"""Opens the workers of a cluster for some work."""

_OTHERS: ContextVar[Opener | None] = ContextVar("workers", default=None)


@contextmanager
def use_workers(opener: Opener) -> Iterator[None]:
    """Have work on many files done by these workers until the block ends."""
    token = _OTHERS.set(opener)
    try:
        yield
    finally:
        _OTHERS.reset(token)


def are_named() -> bool:
    """Return whether other workers were named than processes of this machine."""
    return _OTHERS.get() is not None


def scratch_in(folder: Path) -> Path | None:
    """Return where files are put that are worked on but once: a folder that the workers see, too; None for any."""
    return folder if _OTHERS.get() else None


@contextmanager
def open_workers(pieces: int, work: Work | None = None) -> Iterator[Workers]:
    """Yield the workers for so many pieces of work; what is not begun when the block ends is not done."""
    opener = _OTHERS.get()
    workers = opener(work) if opener else Processes(pieces, work)
    try:
        yield workers
    finally:
        workers.shutdown(cancel_futures=True)
