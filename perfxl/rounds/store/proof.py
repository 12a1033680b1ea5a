"""A store is proved: what its rows say against its events, its digests against the originals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfxl.rounds.store.rows import Delivery
from perfxl.rounds.store.store import Store
from perfxl.rounds.store.tables import WATCHED

NOT_KEPT = ("secret",)
"""The verdicts of deliveries of which no copy is kept: 涉密."""


@dataclass(frozen=True)
class Problem:
    """Something that is not as it must be.

    ``what``: ``file`` (the database finds its file wrong) · ``no_event`` (a row that no event added) · ``no_row`` (an
    event about a row that is gone) · ``differs`` (a row is not what its events made of it) · ``missing``, ``altered``
    (an original, or another file that a row tells of); ``unknown`` (a file of which no row tells) · ``secret_kept`` (a
    copy of what no copy is kept of); ``about`` and ``key``: the table and the row.
    """

    what: str
    about: str = ""
    key: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def check_store(store: Store, original: Callable[[str], bytes | None] | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with a store; ``original`` gives the bytes kept under a digest, or None."""
    with store.snapshot():
        found = [Problem("file", facts={"text": text}) for text in store.complaints()]
        found += _against_events(store)
        deliveries = store.deliveries()
    if original:  # outside: reading the files takes time
        found += _against_originals(deliveries, original)
    return tuple(found)


def _against_events(store: Store) -> Iterator[Problem]:
    """Replay the events and compare what they come to with the rows."""
    made: dict[tuple[str, str], dict[str, Any]] = {}
    for event in store.events():
        row = event.about, event.key
        if event.what == "added":
            made[row] = {**event.facts["after"], "rest": event.facts["rest"]}
        elif event.what == "changed":
            if row not in made:
                continue  # said below, of the row
            before = {name: made[row].get(name) for name in event.facts["before"]}
            if before != event.facts["before"]:
                yield Problem("differs", *row, {"event": event.id, "before": event.facts["before"], "found": before})
            made[row].update(event.facts["after"])
    for table in WATCHED:
        for key, state in store.states(table.name).items():
            expected = made.pop((table.name, key), None)
            if expected is None:
                yield Problem("no_event", table.name, key)
            elif expected != state:
                names = sorted(name for name in state if state[name] != expected.get(name))
                facts = {name: [expected.get(name), state[name]] for name in names}
                yield Problem("differs", table.name, key, facts)
    yield from (Problem("no_row", *row) for row in made)


def _against_originals(deliveries: Iterable[Delivery], original: Callable[[str], bytes | None]) -> Iterator[Problem]:
    # a file that could not even be read has no digest
    digests = {row.digest: row for row in deliveries if row.digest and row.verdict not in NOT_KEPT}
    for digest, row in digests.items():
        data = original(digest)
        if data is None:
            yield Problem("missing", "delivery", str(row.id), {"name": row.name, "digest": digest})
        elif hashlib.sha256(data).hexdigest() != digest:
            yield Problem("altered", "delivery", str(row.id), {"name": row.name, "digest": digest})
