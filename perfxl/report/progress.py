"""The line on the terminal while many files are worked on: how many are done, how many a second, how long it takes."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from perfxl import messages
from perfxl.batch.arguments import Progress

Doing = Literal["reading", "checking", "flagging", "issuing", "collecting", "returning", "copying", "exporting"]

FEWEST = 20
"""So many files are done before anybody looks for a line."""
_REFRESH = 1.0  # seconds: figures that change faster cannot be read


@contextmanager
def show_progress(lang: str, doing: Doing = "reading") -> Iterator[Progress]:
    """Show a line on the terminal while more than twenty files are worked on; it goes when they are done."""
    if not sys.stderr.isatty():
        yield lambda done, count: None
        return
    from rich.console import Console  # late: it is needed on a terminal alone
    from rich.live import Live

    began = shown = time.monotonic()
    # no thread of its own: worker processes are forked meanwhile
    with Live(
        console=Console(file=sys.stderr, highlight=False), auto_refresh=False, transient=True,
        redirect_stdout=False, redirect_stderr=False,
    ) as live:  # fmt: skip

        def advance(done: int, count: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if count > FEWEST and now - shown >= _REFRESH:
                shown = now
                live.update(progress_line(doing, done, count, now - began, lang), refresh=True)

        yield advance


def progress_line(doing: Doing, done: int, count: int, seconds: float, lang: str) -> str:
    """Return the words; ``seconds``: since the work began."""
    rate = done / seconds if seconds else 0.0
    facts = {
        "doing": doing,
        "done": done,
        "count": count,
        "rate": (f"{rate:.1f}" if rate < 10 else f"{rate:.0f}") if rate else "",
        "left": math.ceil((count - done) / rate) if rate else 0,
    }
    return messages.say("report.progress", facts, lang)
