"""What is approved in a round, unit by unit as records files have it, with what is said of its publication."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfxl.form import installed
from perfxl.form.answers import put
from perfxl.rounds.desk.round_store import registry_of
from perfxl.rounds.desk.unit_contents import UnitContent, unit_contents
from perfxl.rounds.model import RegisteredProject
from perfxl.rounds.round import Round


class ApprovedRecords:
    """The approved records of a round; ``waiting``: the projects seen so far that are not approved."""

    def __init__(self, round: Round) -> None:
        self._round = round
        self.name = round.folder.resolve().name
        self.waiting = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the records of each unit that has any; a secret project as no more than that it is there."""
        secret: dict[str, list[RegisteredProject]] = {}
        for project in registry_of(self._round).projects:
            if project.disclosure == "secret":
                secret.setdefault(project.unit, []).append(project)
        self.waiting = 0
        for content in unit_contents(self._round):
            self.waiting += sum(one.state != "approved" for one in content.projects)
            made = self._records(content, secret.pop(content.unit.code, []))
            if any(isinstance(value, list) for value in made.values()):
                yield {**made, **self._round.values}

    def _records(self, content: UnitContent, secret: list[RegisteredProject]) -> dict[str, Any]:
        made = content.records(self._round.year, {"approved"})
        closed = {
            (one.project.form, one.project.number) for one in content.projects if one.project.disclosure == "closed"
        }
        for form in map(installed.load, self._round.forms):
            if form.many and form.root in made:
                made[form.root] = [
                    {**record, "disclosure": "closed"} if (form.name, form.number(record)) in closed else record
                    for record in made[form.root]
                ]
        for project in secret:
            form = installed.load(project.form)
            hidden: dict[str, Any] = {"disclosure": "secret"}
            for path, value in project.given.items():
                put(hidden, path, value)
            if form.many:
                made.setdefault(form.root, []).append(hidden)
        return made
