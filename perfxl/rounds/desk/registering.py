"""The registry of a round, taken into its store and read from it."""

from __future__ import annotations

from perfxl.errors import RoundError, StoreError
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.model import Registry
from perfxl.rounds.round import Round
from perfxl.rounds.store.opening import open_store


def import_registry(round: Round, registry: Registry) -> None:
    """Take a registry into the store; what it lacks is dropped there and stays readable."""
    _check_not_lost(round)
    with open_store(round.store, write=True, make=True) as store, store.group(whoever(), now()) as group:
        group.put_registry(registry)


def registry_of(round: Round) -> Registry:
    """Return the registry of a round. Raises RoundError where there is none yet."""
    _check_not_lost(round)
    if not round.store.exists():
        raise RoundError(what="no_registry", file=str(round.folder))
    with open_store(round.store, write=False) as store:
        registry = store.registry()
    if not registry.units:
        raise RoundError(what="no_registry", file=str(round.folder))
    return registry


def _check_not_lost(round: Round) -> None:
    """Raise StoreError where the store is gone, or emptied, that knows of the originals: a new one would not."""
    try:
        empty = round.store.stat().st_size == 0
    except OSError:
        empty = not round.store.exists()
    if empty and any(round.path("originals").glob("??/*")):
        raise StoreError(what="missing", file=str(round.store))
