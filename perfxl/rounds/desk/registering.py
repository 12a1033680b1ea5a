"""The registry of a round, taken into its store and read from it."""

from __future__ import annotations

from perfxl.errors import RoundError, StoreError
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.model import Registry
from perfxl.rounds.round import Round
from perfxl.rounds.store.opening import open_store


def import_registry(round: Round, registry: Registry) -> None:
    """Take a registry into the store; what it lacks is dropped there and stays readable."""
    is_begun(round)
    with open_store(round.store, write=True, make=True) as store, store.group(whoever(), now()) as group:
        group.put_registry(registry)


def registry_of(round: Round) -> Registry:
    """Return the registry of a round. Raises RoundError where there is none yet."""
    registry = known_registry(round)
    if not registry.units:
        raise RoundError(what="no_registry", file=str(round.folder))
    return registry


def known_registry(round: Round) -> Registry:
    """Return the registry of a round, an empty one where there is none yet."""
    if not is_begun(round):
        return Registry()
    with open_store(round.store, write=False) as store:
        return store.registry()


def is_begun(round: Round) -> bool:
    """Return False for a round that has no store yet, or one whose making was cut off.

    Raises StoreError where the one is gone that knew of the originals: a new one would not.
    """
    try:
        open_store(round.store, write=False).close()
    except StoreError as error:
        if error.facts["what"] == "missing" and not any(round.path("originals").glob("??/*")):
            return False
        if error.facts["what"] != "older":
            raise
    return True
