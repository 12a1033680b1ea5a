"""The lease of a store is renewed during work that takes minutes and writes nothing."""

from __future__ import annotations

from time import monotonic

from perfxl.batch.arguments import Progress
from perfxl.errors import StoreError
from perfxl.rounds.store.store import Store

EVERY = 15.0
"""Seconds between two renewals; after 60 without one another machine's desk may take over."""


def renewing(store: Store, progress: Progress | None) -> Progress:
    """Return a progress that renews the lease as well. It raises StoreError where another desk has taken over."""
    last = monotonic()

    def advance(done: int, count: int) -> None:
        nonlocal last
        if monotonic() - last >= EVERY:
            last = monotonic()
            try:
                store.beat()
            except StoreError as error:
                if error.facts["what"] != "busy":  # a long reader is in the way: the next time will do
                    raise
        if progress:
            progress(done, count)

    return advance
