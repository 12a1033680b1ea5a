"""An export as records files, one for each unit, which ``generate`` and ``check`` take as they take any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from perfxl.form import installed
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.model import RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.workbook.sheet.file_name import safe_name


def unit_files(
    round: Round, units: Mapping[str, RegisteredUnit], projects: Iterable[ExportedProject]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each unit's file and its content; ``projects``: those of one unit stand together."""
    came = (project for project in projects if project.record is not None)
    for code, own in groupby(came, key=lambda project: project.unit):
        unit = units.get(code, RegisteredUnit(code, ""))
        content = file_content(round.year, unit, ((project.form, project.record or {}) for project in own))
        yield safe_name(f"{code}{unit.name}") + ".yaml", content


def file_content(year: int, unit: RegisteredUnit, records: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return a unit's records as its records file holds them; ``records``: each with the name of its form."""
    content: dict[str, Any] = {"year": year, "unit": unit.told}
    for name, record in records:
        form = installed.load(name)
        if form.many:
            content.setdefault(form.root, []).append(record)
        else:
            content[form.root] = record
    return content
