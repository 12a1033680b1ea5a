"""The words about what goes back to units: what was returned, and what is to be sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from perfxl import messages
from perfxl.rounds.returned import ReturnedUnit
from perfxl.rounds.sending import ReturnEntry


def returned_lines(returned: Sequence[ReturnedUnit], lang: str) -> Iterator[str]:
    """Yield a line for each unit to which something goes back."""
    for unit in returned:
        if unit.notice is not None:
            facts = {
                "unit": f"{unit.unit.code}{unit.unit.name}",
                "projects": len(unit.projects),
                "errors": unit.errors,
                "warnings": unit.warnings,
            }
            yield messages.say("rounds.return.unit", facts, lang)


def returned_plain(returned: Sequence[ReturnedUnit]) -> list[dict[str, Any]]:
    """Return what was returned as JSON data."""
    return [
        {
            "unit": unit.unit.code,
            "name": unit.unit.name,
            "workbooks": [file._asdict() for file in unit.workbooks],
            "notice": unit.notice._asdict() if unit.notice else None,
            "projects": [
                {
                    "form": project.key[1],
                    "number": project.key[2],
                    "name": project.name,
                    "errors": project.errors,
                    "warnings": project.warnings,
                    "why": project.why,
                }
                for project in unit.projects
            ],
            "error": str(unit.error) if unit.error else None,
        }
        for unit in returned
    ]


def sending_lines(entries: Sequence[ReturnEntry], lang: str) -> Iterator[str]:
    """Yield a line for each return, with its tick."""
    for entry in entries:
        facts = {
            "unit": f"{entry.unit.code}{entry.unit.name}",
            "projects": len(entry.projects),
            "errors": entry.errors,
            "warnings": entry.warnings,
            "at": entry.at[:10],
            "sent": entry.sent,
            "waits": entry.waits,
        }
        yield messages.say("rounds.sending.line", facts, lang)
