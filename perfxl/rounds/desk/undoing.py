"""The last run of the collector is taken back, as long as nobody has built on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfxl.errors import RoundError
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import parse_project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import CollectorRun, Event
from perfxl.rounds.store.store import Store

_WORDS = {"remark": "remark"}
"""The deeds that are no decisions, by the table in which they are kept."""


@dataclass(frozen=True)
class UndoneRun:
    """A run that was taken back: the numbers of its files, sheets and questions, which count no longer."""

    run: CollectorRun
    files: int
    sheets: int
    questions: int


def undo(round: Round, number: int | None = None) -> UndoneRun:
    """Take the last run back: its files are unknown again, and all of them stay where they are.

    ``number``: that of the run, to be sure. Raises RoundError where there is none, where a later one stands in the way,
    or where something was decided on what it brought: that is named.
    """
    with open_store(round.store, write=True) as store:
        runs = [run for run in store.runs() if not run.undone]
        if not runs or number not in (None, *(run.id for run in runs)):
            raise RoundError(what="no_run", number=number)
        last = runs[-1]
        if number not in (None, last.id):
            raise RoundError(what="later_run", number=number, last=last.id, at=last.at, who=last.who)
        own = [event for event in store.events() if event.run == last.id]
        later = tuple(_list_later(store, own))
        if later:
            raise RoundError(what="decided_since", number=last.id, decisions=later)
        with store.group(whoever(), now(), last.id) as group:  # as a part of it: nobody else changed these rows
            group.undo_run(last.id)
    added = [event.about for event in own if event.what == "added"]
    return UndoneRun(last, added.count("delivery"), added.count("submission"), added.count("question"))


def _list_later(store: Store, own: Sequence[Event]) -> Iterator[RoundError]:
    """Yield what people did since to the rows that a run wrote, each once, as a sentence says it."""
    if not own:
        return
    rows = {(event.about, event.key) for event in own if event.what in ("added", "changed")}
    projects = {event.key: event.facts["after"]["project"] for event in own if _adds(event, "submission")}
    findings = {event.key: event.facts["after"]["submission"] for event in own if _adds(event, "finding")}
    asked = {event.key: event.facts["after"]["project"] for event in own if _adds(event, "question")}
    deeds: dict[tuple[str, str, str], list[str]] = {}
    for event in store.events():
        if event.id <= own[-1].id or event.run is not None:
            continue
        if not (about := _row_of(event, rows)):
            continue
        kind, key = about
        draft = str(findings.get(key, "")) if kind == "finding" else key
        project = asked.get(key) if kind == "question" else projects.get(draft)
        done = deeds.setdefault((event.at, event.who, project or (key if kind == "project" else "")), [])
        # what follows from a decision, such as another draft that counts, has no word of its own
        done.append(str(event.facts["after"]["what"]) if _adds(event, "decision") else _WORDS.get(event.about, ""))
    for (at, who, project), several in deeds.items():
        unit, _, number = parse_project_key(project) if project else ("", "", None)
        for what in dict.fromkeys(filter(None, several)) or ("",):
            yield RoundError(what="deed", who=who, at=at.replace("T", " "), done=what, unit=unit, number=number)


def _adds(event: Event, table: str) -> bool:
    return event.what == "added" and event.about == table


def _row_of(event: Event, rows: set[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the row of the run that a later event is about; None for one that is about none of them."""
    after = event.facts.get("after", {})
    if _adds(event, "decision"):
        kind = str(after["about"])
        drafts = [("submission", str(after[side])) for side in ("after", "before")]
        about = drafts if kind == "project" else [(kind, str(after["key"]))]
        return next((row for row in about if row in rows), None)
    if _adds(event, "remark") or _adds(event, "finding"):
        row = "submission", str(after["submission"])
        return row if row in rows else None
    if _adds(event, "explanation"):
        row = "finding", str(after["finding"])
        return row if row in rows else None
    return (event.about, event.key) if (event.about, event.key) in rows and event.about != "project" else None
