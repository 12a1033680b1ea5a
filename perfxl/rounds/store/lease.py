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

    @property
    def holder(self) -> str:
        """The person and the machine, as a sentence names them."""
        return f"{self.who}@{self.machine}"


def new_lease() -> Lease:
    """Return a lease for this process."""
    own, now = psutil.Process(), _now()
    try:
        who = own.username()
    except (psutil.Error, KeyError):
        who = "?"
    name, number = platform.node(), f"{uuid.getnode():012x}"
    return Lease(name, number, own.pid, own.create_time(), who, now, now, uuid.uuid4().hex)


def take(connection: Connection, own: Lease, take_over: bool) -> Lease | None:
    """Take the lease, or return the one that another holds.

    A dead process of this machine holds it no longer; another machine's gives way to a word once it is silent.
    """
    row = connection.execute(select(LEASE)).mappings().first()
    if row is not None:
        held = Lease(**{name: row[name] for name in Lease.__dataclass_fields__})
        if not (_is_dead(held, own) or (take_over and _is_silent(held))):
            return held
        connection.execute(delete(LEASE))
    connection.execute(insert(LEASE).values(id=1, **asdict(own)))
    return None


def renew(connection: Connection, own: Lease, name: str) -> None:
    """Note that the holder lives. Raises StoreError where another has taken the lease over."""
    held = LEASE.c.token == own.token
    if connection.execute(update(LEASE).where(held).values(heartbeat=_now())).rowcount == 1:
        return
    row = connection.execute(select(LEASE)).mappings().first()
    who, since = (f"{row['who']}@{row['machine']}", row["since"]) if row else ("?", "?")
    raise StoreError(what="locked_by", file=name, who=who, since=since)


def release(connection: Connection, own: Lease) -> None:
    """Give the lease back; one that was taken over stays with its holder."""
    connection.execute(delete(LEASE).where(LEASE.c.token == own.token))


def _is_dead(held: Lease, own: Lease) -> bool:
    if (held.machine, held.machine_id) != (own.machine, own.machine_id):
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
