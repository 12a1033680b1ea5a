"""The returns of a round: what went back to each unit, and which of it was sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from perfxl.rounds.model import RegisteredUnit
from perfxl.rounds.store.rows import KeptDecision

RETURN = "return"
"""The decisions about what was returned to a unit; their key is the unit's code: returned, sent, not_sent."""


@dataclass(frozen=True)
class ReturnEntry:
    """One return of a unit.

    ``id``: the row of the decision; ``files`` and ``digests``: its workbooks and its notice, below the folder of what
    is returned; ``drafts``: the rows of the drafts for whose sake they go; ``sent``: by whom and when, empty while it
    was not; ``current``: one of these drafts counts still.
    """

    id: int
    unit: RegisteredUnit
    who: str
    at: str
    files: tuple[str, ...]
    digests: tuple[str, ...]
    projects: tuple[str, ...]
    drafts: tuple[int, ...]
    errors: int
    warnings: int
    current: bool = True
    sent: str = ""

    @property
    def waits(self) -> bool:
        """True while it is to be sent: it was not, and no newer drafts came in the meantime."""
        return self.current and not self.sent

    def plain(self) -> dict[str, Any]:
        """Return the entry as JSON data."""
        names = ("at", "who", "files", "projects", "errors", "warnings", "current", "sent")
        return {"unit": self.unit.code, "name": self.unit.name, **{name: getattr(self, name) for name in names}}


def list_returns(
    decisions: Sequence[KeptDecision], units: Mapping[str, RegisteredUnit], counting: Collection[int]
) -> tuple[ReturnEntry, ...]:
    """Return every return there has been, in that order.

    ``units``: by their codes; ``counting``: the rows of the drafts that count now.
    """
    entries: dict[str, list[ReturnEntry]] = {}
    ticked: dict[int, str] = {}
    for decision in decisions:
        if decision.about != RETURN:
            continue
        code = decision.key
        if decision.what == "returned":
            told = dict(decision.after)
            files, drafts = told.pop("files"), tuple(told.pop("drafts"))
            entry = ReturnEntry(
                id=decision.id,
                unit=units.get(code) or RegisteredUnit(code, ""),
                who=decision.who,
                at=decision.at,
                files=tuple(one["file"] for one in files),
                digests=tuple(one["digest"] for one in files),
                projects=tuple(told["projects"]),
                drafts=drafts,
                errors=told["errors"],
                warnings=told["warnings"],
                current=any(draft in counting for draft in drafts),
            )
            entries.setdefault(code, []).append(entry)
        elif decision.what in ("sent", "not_sent"):
            upto = int(decision.after or 0)
            for entry in entries.get(code, ()):
                if decision.what == "not_sent" and entry.id > upto:
                    ticked.pop(entry.id, None)
                elif entry.id <= upto:
                    ticked.setdefault(entry.id, f"{decision.who}　{decision.at}")
    ordered = sorted((entry for own in entries.values() for entry in own), key=lambda entry: entry.id)
    return tuple(replace(entry, sent=ticked.get(entry.id, "")) for entry in ordered)


def sent_until(decisions: Sequence[KeptDecision], unit: str) -> tuple[int, int]:
    """Return the last return of a unit that was sent, and the one that was before that tick; 0 for none."""
    ticks = [one for one in decisions if (one.about, one.key) == (RETURN, unit) and one.what in ("sent", "not_sent")]
    if not ticks:
        return 0, 0
    now = int(ticks[-1].after or 0)
    before = next((int(one.before or 0) for one in reversed(ticks) if one.what == "sent" and one.after == now), 0)
    return now, before
