"""The database of a store, whichever it is: what differs stands in ``sqlite`` and ``postgresql``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from perfxl import json_data
from perfxl.errors import StoreError
from perfxl.rounds.store import postgresql, sqlite
from perfxl.rounds.store.address import StoreAddress


def make_engine(address: StoreAddress, write: bool) -> Engine:
    """Return the engine of a store. Raises StoreError where the driver is not installed."""
    if address.file is not None:
        engine = create_engine(address.url, json_serializer=json_data.dumps)
        sqlite.prepare(engine, write)
        return engine
    told = {"connect_timeout": postgresql.CONNECT, "application_name": "perfxl"}
    try:
        engine = create_engine(address.url, json_serializer=json_data.dumps, connect_args=told)
    except ImportError as error:
        raise StoreError(what="no_driver", file=address.name) from error
    postgresql.prepare(engine, address.schema)
    return engine


@contextmanager
def open_engine(address: StoreAddress, write: bool) -> Iterator[Engine]:
    """Yield the engine of a store, and give it up at the end."""
    engine = make_engine(address, write)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def said_plainly(name: str) -> Iterator[None]:
    """Raise what the database says as a StoreError of the store with that name; broken laws of ours as they are."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        of_file = isinstance(error.orig, sqlite3.Error)
        raise (sqlite if of_file else postgresql).store_error(name, error.orig) from error
