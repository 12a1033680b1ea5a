"""The list of what is to be sent back (待发清单), as a workbook: every return, with a tick once it was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfxl import messages
from perfxl.rounds.moment import moment
from perfxl.rounds.sending import ReturnEntry
from perfxl.workbook.lists.list_workbook import Column, Tab, Value, write_tabs

COLUMNS = (
    ("sent", 6.0), ("code", 10.0), ("name", 24.0), ("contact", 8.0), ("phone", 13.0), ("projects", 6.0),
    ("errors", 6.0), ("warnings", 6.0), ("date", 9.0),
)  # fmt: skip
_CENTRED = ("sent", "projects", "errors", "warnings", "date")


def write_sending_list(entries: Sequence[ReturnEntry], name: str) -> bytes:
    """Return the list as the bytes of a workbook, printed upright on A4. ``name``: the round's."""
    say = messages.say
    shown = [entry for entry in entries if entry.current]
    columns = tuple(
        Column(say(f"rounds.sending.{id}"), width, align="center" if id in _CENTRED else "") for id, width in COLUMNS
    )
    counts = {"units": len({entry.unit.code for entry in shown}), "wait": sum(entry.waits for entry in shown)}
    title = say("rounds.sending.title", {"name": name})
    note = say("rounds.sending.note", counts)
    return write_tabs((Tab(say("rounds.sending.tab"), title, note, columns, tuple(_rows(shown))),))


def _rows(entries: Sequence[ReturnEntry]) -> Iterator[tuple[Value, ...]]:
    for entry in entries:
        unit, tick = entry.unit, "√" if entry.sent else "□"
        counts = (len(entry.projects), entry.errors or None, entry.warnings or None)
        yield tick, unit.code, unit.name, unit.contact, unit.phone, *counts, moment(entry.at[:10])
