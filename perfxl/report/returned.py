"""The words about what goes back to units, what is to be sent, and what the proof of a round found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from perfxl import messages
from perfxl.rounds.desk.verifying import HINTS
from perfxl.rounds.moment import moment
from perfxl.rounds.returned import ReturnedUnit
from perfxl.rounds.sending import ReturnEntry
from perfxl.rounds.store.proof import Problem


def returned_lines(returned: Sequence[ReturnedUnit], lang: str) -> Iterator[str]:
    """Yield a line for each unit to which something goes back."""
    for unit in returned:
        if unit.notice is not None:
            facts = {
                "unit": unit.unit.label,
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
            "unit": entry.unit.label,
            "projects": len(entry.projects),
            "errors": entry.errors,
            "warnings": entry.warnings,
            "at": moment(entry.at[:10], lang),
            "sent": entry.sent.replace("T", " "),
            "waits": entry.waits,
        }
        yield messages.say("rounds.sending.line", facts, lang)


def problem_sentence(problem: Problem, lang: str) -> str:
    """Return a problem as one sentence: where it is, what is wrong, what to do."""
    table = messages.say(f"rounds.verify.tables.{problem.about}", {}, lang) if problem.about else ""
    changed = (f"{name} {before!r} → {after!r}" for name, (before, after) in _changes(problem))
    facts = {"table": table, "key": problem.key, "changes": messages.one_line("；".join(changed)), **problem.facts}
    return messages.one_line(messages.say(f"rounds.verify.{problem.what}", facts, lang))


def _changes(problem: Problem) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield what differs in a row, as it was written and as it is."""
    if problem.what != "differs":
        return
    if "event" in problem.facts:
        before, found = problem.facts["before"], problem.facts["found"]
        yield from ((name, (found.get(name), before[name])) for name in before)
    else:
        yield from ((name, (pair[0], pair[1])) for name, pair in problem.facts.items())


def problems_plain(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the problems as JSON data."""
    return [
        {"what": one.what, "about": one.about, "key": one.key, "facts": dict(one.facts), "hint": one.what in HINTS}
        for one in problems
    ]
