"""Records files as a registry: their units and records are asked for, and the records go out as base records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from perfxl.batch.form_records import list_records, load_records
from perfxl.batch.output import is_folder
from perfxl.errors import FormError, RecordsError, RegistryError, RegistryMistake
from perfxl.form.answers import get
from perfxl.form.form import Form
from perfxl.form.schema import DISCLOSURES
from perfxl.form.source import parse, read_text
from perfxl.records import ENDINGS
from perfxl.rounds.model import Disclosure, ProjectKey, RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.pairing import ProjectMarks, number_projects
from perfxl.rounds.registry.words import given_fields

_NOTHING = Registry()
_MOST_BYTES = 50_000_000
_FIRST_KEYS = re.compile(r"^[\"']?(year|unit)[\"']?\s*:", re.MULTILINE)


def records_files(source: Path) -> tuple[Path, ...]:
    """Return the records files that a source is: itself, or those of a folder; none where it is a list of units.

    A records file has a unit and a year at its top, a registry in YAML has units. Raises NothingToDo for a folder
    without records files, FormError for a file that cannot be read.
    """
    if is_folder(source):
        return tuple(list_records([source]))
    ending = source.suffix.lower()
    is_records = ending in ENDINGS and (ending == ".json" or _FIRST_KEYS.search(read_text(source, _MOST_BYTES)))
    return (source,) if is_records else ()


def read_records_registry(
    files: Sequence[Path], form: Form, old: Registry = _NOTHING, known: Sequence[RegisteredProject] = ()
) -> Registry:
    """Read records files as a registry of the units in them.

    ``old``: what the round asks now; a unit keeps what no records file says of it, such as its contact, and a project
    how it is published. Of secret projects no base record is taken. ``known``: every project that there ever was,
    those that are asked now first. Raises RecordsError, or RegistryError with every mistake in the projects' numbers.
    """
    units: dict[str, RegisteredUnit] = {}
    first: dict[str, Path] = {}
    projects: list[RegisteredProject] = []
    bases: dict[ProjectKey, Mapping[str, Any]] = {}
    mistakes: list[RegistryMistake] = []
    for file in files:
        content = load_records(file, form)
        if not form.records(content):  # the unit is asked for other forms
            continue
        unit = _unit_of(content, file, old)
        if unit.code in units:
            facts = {"unit": unit.label, "first": str(first[unit.code])}
            raise RecordsError(file=str(file), place="", what="unit_twice", **facts)
        units[unit.code], first[unit.code] = unit, file
        mine = [project for project in known if (project.unit, project.form) == (unit.code, form.name)]
        records = [record for _, record in form.records(content)]
        numbers, found = _number(form, unit, records, mine)
        mistakes += _placed(found, file, form, alone=len(files) == 1)
        for number, record in zip(numbers, records, strict=True):
            project = project_of(unit, form, number, record, mine)
            projects.append(project)
            if project.disclosure != "secret":
                bases[project.key] = record
    if not units:
        raise RecordsError(file=str(files[0]), place="", what="nothing_for_form", form=form.name)
    if mistakes:
        raise RegistryError(file=str(files[0].parent if len(files) > 1 else files[0]), mistakes=tuple(mistakes))
    return Registry(tuple(units.values()), tuple(projects), bases)


def _unit_of(content: Mapping[str, Any], file: Path, old: Registry) -> RegisteredUnit:
    """Return the unit of a records file; one without a code has its name for a code."""
    told = content.get("unit") or {}
    code, name = (str(told.get(key) or "") for key in ("code", "name"))
    if not code and not name:
        raise RecordsError(file=str(file), place="unit", what="missing_key", key="code")
    known = next((unit for unit in old.units if unit.code == (code or name)), RegisteredUnit(code or name, name))
    control = told.get("control")
    return replace(known, name=name or known.name or code, control=known.control if control is None else control)


_Found = tuple[int, dict[str, Any]]
"""A mistake in the marks of a record: the place of the record among those of its file, and the facts."""


def _number(
    form: Form, unit: RegisteredUnit, records: Sequence[Mapping[str, Any]], known: Sequence[RegisteredProject]
) -> tuple[tuple[int, ...], list[_Found]]:
    """Return the number of each record, and what is wrong about them."""
    if not form.many:
        return (0,) * len(records), []
    marks = [ProjectMarks(form.code(record), _name_of(form, record), _stated(form, record)) for record in records]
    numbering = number_projects(known, marks)
    found: list[_Found] = []
    seen: dict[int, int] = {}
    for at, (one, number, own) in enumerate(zip(marks, numbering.numbers, numbering.known, strict=True)):
        if form.numbered and one.number is None:
            found.append((at, {"what": "number_missing", "name": one.name}))
        elif one.number is not None and seen.setdefault(one.number, at) != at:
            facts = {"value": str(one.number), "part": "number", "unit": unit.name, "first": seen[one.number]}
            found.append((at, {"what": "project_twice", "first_sheet": "", **facts}))
        elif own is not None and one.number not in (None, number):
            found.append((at, {"what": "number_differs", "name": one.name, "found": one.number, "number": number}))
        elif at in numbering.holders:
            other = numbering.holders[at].name
            found.append((at, {"what": "number_taken", "name": one.name, "found": one.number, "other": other}))
    return numbering.numbers, found


def _stated(form: Form, record: Mapping[str, Any]) -> int | None:
    """Return the number that a record states; None where it states none, or people number the records themselves."""
    return (form.number(record) or None) if form.numbered else None


def _name_of(form: Form, record: Mapping[str, Any]) -> str:
    """Return what a project is called: its name, or that of its form where records have none."""
    name, key = record.get("name"), get(record, form.key) if form.key else None
    return str(name) if name else f"{form.label} {'' if key is None else key}".strip()


def project_of(
    unit: RegisteredUnit, form: Form, number: int, record: Mapping[str, Any], known: Sequence[RegisteredProject]
) -> RegisteredProject:
    """Return the project of a record; what it is given are single values of the head."""
    values = ((id, get(record, id)) for id in given_fields(form) if form.fields[id].given)
    given = {id: value for id, value in values if value is not None and not isinstance(value, (list, Mapping))}
    before: Disclosure = next((project.disclosure for project in known if project.number == number), "open")
    disclosure = DISCLOSURES.get(str(record.get("disclosure")), before)
    return RegisteredProject(unit.code, form.name, number, form.code(record), _name_of(form, record), given, disclosure)


def _placed(found: Iterable[_Found], file: Path, form: Form, alone: bool) -> Iterator[RegistryMistake]:
    """Yield mistakes with the lines of their records; ``alone``: the file is the only one, which need not be named."""
    lines: tuple[int, ...] | None = None
    for at, facts in found:
        lines = _lines_of(file, form) if lines is None else lines
        place = {"sheet": "" if alone else file.name, "row": _line(lines, at), "column": ""}
        if "first" in facts:
            facts = {**facts, "first": _line(lines, facts["first"])}
        yield RegistryMistake(**place, **facts)


def _line(lines: Sequence[int], at: int) -> int:
    return lines[at] if at < len(lines) else 0


def _lines_of(file: Path, form: Form) -> tuple[int, ...]:
    """Return the lines at which the records of a file begin; none where it is not written as perfxl's own YAML."""
    try:
        nodes = parse(read_text(file, _MOST_BYTES), str(file)).mapping()[form.root].sequence()
    except (FormError, KeyError):
        return ()
    return tuple(node.line for node in nodes)
