"""The right to write, which one desk has at a time. A lease is a row that its holder renews with every group."""

from __future__ import annotations

import platform
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

import psutil
from sqlalchemy import Connection, delete, insert, select, update

from perfxl.errors import StoreError
from perfxl.rounds.store.tables import LEASE

SILENT = 60.0
"""Seconds without a heartbeat after which the lease of another machine may be taken over, by an explicit word."""


@dataclass(frozen=True)
class Lease:
    """The one that writes. ``machine_id`` tells machines of one name apart, ``started`` processes of one number."""

    machine: str
    machine_id: str
    process: int
    started: float
    who: str
    since: str
    heartbeat: str
    token: str

    def refusal(self, name: str, own: Lease) -> StoreError:
        """Return the error of one that wants to write while this lease is held."""
        facts = {"who": f"{self.who}@{self.machine}", "since": self.since, "heartbeat": self.heartbeat}
        return StoreError(what="locked_by", file=name, elsewhere=not self.is_of_machine(own), **facts)

    def is_of_machine(self, own: Lease) -> bool:
        """Return True for a lease of the machine that another one is of."""
        return (self.machine, self.machine_id) == (own.machine, own.machine_id)


def new_lease() -> Lease:
    """Return a lease for this process."""
    own, now = psutil.Process(), _now()
    try:
        who = own.username()
    except (psutil.Error, KeyError):
        who = "?"
    name, number = platform.node(), f"{uuid.getnode():012x}"
    return Lease(name, number, own.pid, own.create_time(), who, now, now, uuid.uuid4().hex)


def take(connection: Connection, own: Lease, name: str, take_over: bool) -> None:
    """Take the lease of the store with that name. Raises StoreError where another holds it.

    A dead process of this machine holds it no longer; another machine's gives way to a word once it is silent.
    """
    if held := _read(connection):
        if not (_is_dead(held, own) or (take_over and _is_silent(held))):
            raise held.refusal(name, own)
        connection.execute(delete(LEASE))
    connection.execute(insert(LEASE).values(id=1, **asdict(own)))


def renew(connection: Connection, own: Lease, name: str) -> None:
    """Note that the holder lives. Raises StoreError where another has taken the lease over."""
    if connection.execute(update(LEASE).where(LEASE.c.token == own.token).values(heartbeat=_now())).rowcount == 1:
        return
    if held := _read(connection):
        raise held.refusal(name, own)
    raise StoreError(what="taken_over", file=name)


def release(connection: Connection, own: Lease) -> None:
    """Give the lease back; one that was taken over stays with its holder."""
    connection.execute(delete(LEASE).where(LEASE.c.token == own.token))


def _read(connection: Connection) -> Lease | None:
    row = connection.execute(select(LEASE)).mappings().first()
    return None if row is None else Lease(**{name: row[name] for name in Lease.__dataclass_fields__})


def _is_dead(held: Lease, own: Lease) -> bool:
    if not held.is_of_machine(own):
        return False
    try:
        return bool(abs(psutil.Process(held.process).create_time() - held.started) > 2)  # another of that number
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def _is_silent(held: Lease) -> bool:
    """Return True after a minute; a heartbeat of a clock that is far ahead says nothing."""
    return abs((datetime.fromisoformat(_now()) - datetime.fromisoformat(held.heartbeat)).total_seconds()) > SILENT


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
