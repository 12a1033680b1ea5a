"""The words about who is asked in a round: the changes of its registry, and what was issued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfxl import messages
from perfxl.form import installed
from perfxl.rounds.desk.handout import Handout
from perfxl.rounds.desk.issuing import IssuedRound
from perfxl.rounds.desk.registering import RegistryPreview
from perfxl.rounds.manifest import manifest_lines
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.changes import RECORD, RegistryChange
from perfxl.rounds.registry.words import column_words, registry_words
from perfxl.rounds.round import Round


def registry_change_lines(preview: RegistryPreview, lang: str) -> Iterator[str]:
    """Yield a line for each change of a registry; one for a dropped project says whether it was handed in."""
    for change in preview.changes:
        project = change.project
        facts = {
            **vars(change),
            "path": _words(change, lang),
            **{key: _shown(change.path, getattr(change, key)) for key in ("before", "after")},
            "reported": project is not None and project.key in preview.reported and change.kind == "dropped",
        }
        yield messages.say("rounds.registry.change", facts, lang)


def _words(change: RegistryChange, lang: str) -> str:
    """Return the words for what changed: the heading of its column; in other languages the path as it is."""
    if change.path == RECORD:
        return messages.say("rounds.registry.record", {}, lang)
    if not change.path or lang != messages.DEFAULT:
        return change.path
    project = change.project
    return column_words(change.path, installed.load(project.form) if project else None)


def _shown(path: str, value: Any) -> Any:
    """Return a value as a registry has it: how a project is published has words of its own."""
    return registry_words().disclosure[value][0] if path == "disclosure" and value else value


def preview_plain(preview: RegistryPreview, imported: bool) -> dict[str, Any]:
    """Return what importing a registry changes as JSON data."""
    changes = [
        {
            "kind": change.kind,
            "unit": change.unit,
            "project": _mark(change.project),
            "path": change.path,
            "before": change.before,
            "after": change.after,
            "reported": change.project is not None and change.project.key in preview.reported,
        }
        for change in preview.changes
    ]
    notes = {"ignored": list(preview.listed.ignored), "named_above": list(preview.listed.named_above)}
    counts = {"units": len(preview.listed.units), "projects": len(preview.listed.projects)}
    return {**counts, "imported": imported, "changes": changes, **notes}


def _mark(project: RegisteredProject | None) -> dict[str, Any] | None:
    if project is None:
        return None
    return {key: getattr(project, key) for key in ("form", "number", "code", "name")}


def registry_plain(registry: Registry) -> dict[str, Any]:
    """Return a registry as JSON data: units, below each its projects; amounts in 万元 (ten thousand yuan)."""
    return {"money": "万元", "units": [_unit_plain(unit, registry) for unit in registry.units]}


def _unit_plain(unit: RegisteredUnit, registry: Registry) -> dict[str, Any]:
    projects = [project for project in registry.projects if project.unit == unit.code]
    return {
        **vars(unit),
        "projects": [
            {
                **{key: getattr(project, key) for key in ("form", "number", "code", "name", "disclosure")},
                "given": dict(project.given),
            }
            for project in projects
        ],
    }


def issue_notes(round: Round, issued: IssuedRound, handout: Handout, lang: str) -> Iterator[str]:
    """Yield what is to be said of an issue: what stood in the way, what has changed, what is secret, the sums."""
    for workbook in issued.workbooks:
        if workbook.state == "blocked":
            yield messages.say("rounds.issue.blocked", {"file": round.path("issued") / workbook.file}, lang)
    for change in issued.changes:
        facts = {**vars(change), "anew": (change.unit, change.form) in issued.anew}
        counts = [(part, facts[part]) for part in ("added", "dropped", "amounts", "names", "others", "head")]
        parts = [messages.say(f"rounds.issue.part.{part}", {"count": count}, lang) for part, count in counts if count]
        yield messages.say("rounds.issue.changed", {**facts, "parts": parts}, lang)
    if issued.changes and not issued.anew:
        yield messages.say("rounds.issue.hint", {"units": len({change.unit for change in issued.changes})}, lang)
    for project in issued.secret:
        facts = {"unit": project.unit, "number": project.number, "name": project.name}
        yield messages.say("rounds.issue.secret", facts, lang)
    for project in issued.unbased:
        facts = {"unit": project.unit, "number": project.number, "name": project.name}
        yield messages.say("rounds.issue.unbased", facts, lang)
    for name in handout.unshown:
        yield messages.say("rounds.issue.unshown", {"name": name}, lang)
    standing = [workbook for workbook in issued.workbooks if workbook.state != "blocked"]
    facts = {
        "files": len(standing),
        "written": sum(workbook.state == "written" for workbook in standing),
        "sheets": sum(len(workbook.numbers) for workbook in standing),
        "amount": sum(workbook.amount for workbook in standing),
    }
    yield messages.say("rounds.issue.done", facts, lang)
    yield messages.say("rounds.issue.beside", {"file": handout.manifest, "zips": len(handout.zips)}, lang)


def issued_plain(round: Round, issued: IssuedRound, handout: Handout) -> dict[str, Any]:
    """Return what was issued as JSON data: the lines of the manifest, what has changed, what is secret."""
    return {
        "folder": str(round.path("issued")),
        "workbooks": manifest_lines(issued.registry, issued.workbooks),
        "changes": [{**vars(change), "anew": (change.unit, change.form) in issued.anew} for change in issued.changes],
        "secret": [{"unit": project.unit, **(_mark(project) or {})} for project in issued.secret],
        "unbased": [{"unit": project.unit, **(_mark(project) or {})} for project in issued.unbased],
        "zips": [path.name for path in handout.zips],
    }
