"""The store of a round, opened with what it asks; apart from the reading of registries, so that this is quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from perfxl.errors import RoundError, StoreError
from perfxl.rounds.model import Registry
from perfxl.rounds.round import Round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.store import Store


def registry_of(round: Round, write: bool = False) -> Registry:
    """Return the registry of a round. Raises RoundError where there is none yet.

    ``write``: for a verb that will write, so that an older store is brought up to date first.
    """
    with open_asked(round, write) as (_, registry):
        return registry


@contextmanager
def open_asked(round: Round, write: bool) -> Iterator[tuple[Store, Registry]]:
    """Open the store of a round, with its registry. Raises RoundError where there is none yet."""
    try:
        opened = open_store(round.store, write=write)
    except StoreError as error:
        if _is_unbegun(round, error):
            raise RoundError(what="no_registry", file=str(round.folder)) from error
        raise
    with opened as store:
        registry = store.registry()
        if not registry.units:
            raise RoundError(what="no_registry", file=str(round.folder))
        yield store, registry


def is_begun(round: Round) -> bool:
    """Return False for a round that has no store yet, or one whose making was cut off.

    Raises StoreError where the one is gone that knew of the originals: a new one would not.
    """
    try:
        open_store(round.store, write=False).close()
    except StoreError as error:
        if error.facts["what"] != "older" and not _is_unbegun(round, error):
            raise
        return error.facts["what"] == "older"
    return True


def _is_unbegun(round: Round, error: StoreError) -> bool:
    return error.facts["what"] == "missing" and not any(round.path("originals").glob("??/*"))
