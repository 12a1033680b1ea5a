"""The proof of a published document: what it says is read back and compared with the records that were approved.

Compared is each answer that a document shows, as ``extract`` reads it: without white space around a text and line
breaks inside it, which no reader can tell from those of the layout. A project is found by its code, else by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfxl.budget.documents.extract import Extraction, extract, read_document
from perfxl.budget.documents.lines import compact, join, lines_of
from perfxl.form.answers import get, without_rows
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.messages.places import locate

_UNSAID = ("budget.control", "areas.parts.projects", "contact.person", "contact.phone")
"""The answers that no published document has."""


@dataclass(frozen=True)
class Difference:
    """An answer that a document has otherwise than the records: the project, the label, both texts.

    ``project``: empty for the department's goals; ``approved``, ``published``: empty for nothing.
    """

    project: str
    label: str
    approved: str
    published: str


@dataclass(frozen=True)
class DocumentProof:
    """The outcome of a proof: how much was compared, and what differs; amounts in 万元 (ten thousand yuan)."""

    projects: int
    indicators: int
    amount: Decimal
    differences: tuple[Difference, ...]


def verify_document(path: str | Path, units: Sequence[Mapping[str, Any]]) -> DocumentProof:
    """Compare a document with the records in it, unit by unit as records files have them.

    Raises DocumentError for a document that cannot be read.
    """
    text = read_document(path)
    taken = extract(text, file=str(path))
    guessed = {"year_from_codes", "year_unknown"} & {note.what for note in taken.notes}
    read = {**taken.records, "year": units[0].get("year")} if guessed and units else taken.records
    approved = [project for unit in units for project in unit.get("projects") or ()]
    differences = [
        *_unit_differences(units, read),
        *_department_differences(units, read),
        *_project_differences(approved, read.get("projects") or ()),
        *_further_texts(taken, text, units),
    ]
    amounts = (get(project, "budget.total") for project in approved)
    return DocumentProof(
        len(approved),
        sum(len(project.get("indicators") or ()) for project in approved),
        sum((Decimal(str(amount)) for amount in amounts if isinstance(amount, (int, float))), Decimal(0)),
        tuple(differences),
    )


def _unit_differences(units: Sequence[Mapping[str, Any]], read: Mapping[str, Any]) -> Iterator[Difference]:
    """Compare the year, and the unit of a document of one unit."""
    pairs = [("年度", [unit.get("year") for unit in units[:1]], [read.get("year")])]
    if len(units) == 1:
        pairs += [
            (label, [get(units[0], f"unit.{key}")], [get(read, f"unit.{key}")])
            for key, label in (("code", "单位代码"), ("name", "单位名称"))
        ]
    for label, approved, published in pairs:
        if _as_read(approved[0]) != _as_read(published[0]):
            yield Difference("", label, _as_read(approved[0]), _as_read(published[0]))


def _department_differences(units: Sequence[Mapping[str, Any]], read: Mapping[str, Any]) -> Iterator[Difference]:
    approved: Mapping[str, Any] = next((unit["department"] for unit in units if unit.get("department")), {})
    yield from _record_differences("", load("department-goals"), approved, read.get("department") or {})


def _project_differences(
    approved: Sequence[Mapping[str, Any]], published: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    form, left = load("project-target"), list(published)
    for project in approved:
        found = next((other for key in ("code", "name") for other in left if _same(project, other, key)), None)
        if found is None:
            yield Difference(str(project.get("name") or ""), form.label, str(project.get("name") or ""), "")
            continue
        left.remove(found)
        yield from _record_differences(str(project.get("name") or ""), form, project, found)
    for project in left:
        yield Difference(str(project.get("name") or ""), form.label, "", str(project.get("name") or ""))


def _further_texts(taken: Extraction, text: str, units: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Yield the texts that are in the document and in no record: beside its own headings, behind its contents."""
    told = {f"{get(unit, 'unit.code') or ''}{get(unit, 'unit.name') or ''}" for unit in units}
    for note in taken.notes:
        if note.what == "name_differs":
            yield Difference(str(note.facts["name"]), "表名", str(note.facts["name"]), str(note.facts["title"]))
        if note.what == "unit_differs" and note.facts["found"] not in told:
            yield Difference(str(note.facts["place"]), "单位", str(note.facts["taken"]), str(note.facts["found"]))
    start = _first_line(text)
    for line in taken.unplaced:
        if line.line > start and line.text not in told:
            yield Difference("", f"第{line.line}行", "", line.text)


def _first_line(text: str) -> int:
    """Return the number of the line at which Part 1 begins, or the first table, where there is no Part 1."""
    lines = lines_of(text)
    parts = [line.number for line in lines if compact(line.text) == "第一部分"]
    return max(parts, default=next((line.number for line in lines if line.cell), 0))


def _same(one: Mapping[str, Any], other: Mapping[str, Any], key: str) -> bool:
    return bool(one.get(key)) and compact(str(one[key])) == compact(str(other.get(key) or ""))


def _record_differences(
    project: str, form: Form, approved: Mapping[str, Any], published: Mapping[str, Any]
) -> Iterator[Difference]:
    """Compare the answers of a record, one after the other."""
    asked = _asked(form)
    mine, theirs = (
        {path: text for path, text in _texts(record, "") if without_rows(path) in asked}
        for record in (approved, published)
    )
    for path in dict.fromkeys((*mine, *theirs)):
        if mine.get(path, "") != theirs.get(path, ""):
            yield Difference(project, _label(path, form, approved), mine.get(path, ""), theirs.get(path, ""))


def _asked(form: Form) -> Mapping[str, int]:
    """Return the paths, without numbers of rows, of the answers that a document shows; to how many lists each has."""
    found = dict.fromkeys(form.fields, 0)
    for table in form.tables.values():
        found |= {table.path(id): len(table.lists) for id in table.columns}
    return {path: lists for path, lists in found.items() if path not in _UNSAID}


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the answers of a record with their paths, as a reader of documents has them; a blank is left out."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield from _texts(held, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for at, held in enumerate(value):
            yield from _texts(held, f"{path}[{at}]")
    elif text := _as_read(value):
        yield path, text


def _label(path: str, form: Form, record: Mapping[str, Any]) -> str:
    """Return the words for an answer: 质量指标第2条·指标值; of one with several entries without their number."""
    extra = path.count("[") > _asked(form)[without_rows(path)]
    place = locate(path[: path.rindex("[")] if extra else path, form, record)
    group = f"{place.group}第{place.nth}条" if place.nth else place.group
    return "·".join(filter(None, (group, place.label)))


def _as_read(value: Any) -> str:
    """Return an answer as a reader of documents has it."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, (int, float)):
        return f"{Decimal(str(value)).normalize():f}"
    return join(line.text for line in lines_of(str(value)))
