"""The registry of a round, taken into its store and read from it."""

from __future__ import annotations

from perfxl.errors import RoundError
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.model import Registry
from perfxl.rounds.round import Round
from perfxl.rounds.store.opening import open_store


def import_registry(round: Round, registry: Registry) -> None:
    """Take a registry into the store; what it lacks is dropped there and stays readable."""
    with open_store(round.store, write=True) as store, store.group(whoever(), now()) as group:
        group.put_registry(registry)


def registry_of(round: Round, write: bool = False) -> Registry:
    """Return the registry of a round. Raises RoundError where there is none yet.

    ``write``: for a verb that will write, so that an older store is brought up to date first.
    """
    if not round.store.exists():
        raise RoundError(what="no_registry", file=str(round.folder))
    with open_store(round.store, write=write) as store:
        registry = store.registry()
    if not registry.units:
        raise RoundError(what="no_registry", file=str(round.folder))
    return registry
