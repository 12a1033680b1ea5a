"""The proof of a published document: what it says is read back and compared with the records that were approved.

Compared is each answer that a document shows, as ``extract`` reads it: without white space around a text and line
breaks inside it, which no reader can tell from those of the layout. A project is found by its code, else by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfxl.budget.documents.content import DocumentPlace, ExtractionNote, compact, join, lines_in
from perfxl.budget.documents.extract import Extraction, extract, read_document
from perfxl.budget.documents.readers.text import text_content
from perfxl.form.answers import get, without_rows
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.messages.places import locate
from perfxl.records import unit_label

_UNSAID = ("budget.control", "areas.parts.projects", "contact.person", "contact.phone")
"""The answers that no published document has."""
KINDS = ("year", "code", "name", "unit", "number", "title", "unplaced")
"""The differences beside the answers of a form."""
_TOLD = ("tracked_changes", "comments", "footnotes", "hidden_text", "pictures")
"""The notes of a reader about what is in a file beside the text that was compared."""


@dataclass(frozen=True)
class Difference:
    """An answer that a document has otherwise than the records: the project, the label, both texts.

    ``project``: empty for the department's goals; ``approved``, ``published``: empty for nothing; ``kind``: for what
    is no answer of a form (one of ``KINDS``), then without a label; ``where``: the place of a text without one.
    """

    project: str
    label: str
    approved: str
    published: str
    kind: str = ""
    where: DocumentPlace | None = None


@dataclass(frozen=True)
class DocumentProof:
    """The outcome of a proof: how much was compared, and what differs; amounts in 万元 (ten thousand yuan).

    ``notes``: what the file holds beside that nobody should publish: tracked changes, comments, hidden text.
    """

    projects: int
    indicators: int
    amount: Decimal
    differences: tuple[Difference, ...]
    notes: tuple[ExtractionNote, ...] = ()


def verify_document(path: str | Path, units: Sequence[Mapping[str, Any]]) -> DocumentProof:
    """Compare a document with the records in it, unit by unit as records files have them.

    Raises DocumentError for a document that cannot be read.
    """
    taken = extract(read_document(path), file=str(path))
    approved = [project for unit in units for project in unit.get("projects") or ()]
    differences = [
        *_unit_differences(units, taken),
        *_department_differences(units, taken.units),
        *_project_differences(units, taken.units),
        *_further_texts(taken, units),
    ]
    amounts = (get(project, "budget.total") for project in approved)
    return DocumentProof(
        len(approved),
        sum(len(project.get("indicators") or ()) for project in approved),
        sum((Decimal(str(amount)) for amount in amounts if isinstance(amount, (int, float))), Decimal(0)),
        tuple(differences),
        tuple(note for note in taken.notes if note.what in _TOLD),
    )


def _unit_differences(units: Sequence[Mapping[str, Any]], taken: Extraction) -> Iterator[Difference]:
    """Compare the year where the document has one, and the unit of a document of one unit."""
    read = taken.units[0]
    pairs = []
    if not {"year_from_codes", "year_unknown"} & {note.what for note in taken.notes}:
        pairs.append(("year", "year"))
    if len(units) == len(taken.units) == 1:
        pairs += [("code", "unit.code"), ("name", "unit.name")]
    for kind, path in pairs:
        approved, published = _as_read(get(units[0], path)), _as_read(get(read, path))
        if approved != published:
            yield Difference("", "", approved, published, kind)


def _department_differences(
    units: Sequence[Mapping[str, Any]], read: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    yield from _record_differences("", load("department-goals"), _department(units), _department(read))


def _department(units: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the goals of the first unit that has any: a document shows no others."""
    return next((unit["department"] for unit in units if unit.get("department")), {})


def _project_differences(units: Sequence[Mapping[str, Any]], read: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Compare the projects, each with that of its code or name; where there are several units, its unit too."""
    form, left = load("project-target"), list(_with_units(read))
    for unit, project in _with_units(units):
        name = str(project.get("name") or "")
        found = next((one for key in ("code", "name") for one in left if _same(project, one[1], key)), None)
        if found is None:
            yield Difference(name, form.label, name, "")
            continue
        left.remove(found)
        if found[0] != unit and (len(units) > 1 or len(read) > 1):
            yield Difference(name, "", unit, found[0], "unit")
        yield from _record_differences(name, form, project, found[1])
    for _, project in left:
        yield Difference(str(project.get("name") or ""), form.label, "", str(project.get("name") or ""))


def _with_units(units: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((unit_label(unit), project) for unit in units for project in unit.get("projects") or ())


def _further_texts(taken: Extraction, units: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Yield the texts that are in the document and in no record: beside its own headings, behind its contents."""
    told = {unit_label(unit) for unit in units}
    for note in taken.notes:
        if note.what == "name_differs":
            name = str(note.facts["name"])
            yield Difference(name, "", name, str(note.facts["title"]), "title")
    for line in taken.unplaced:
        if not line.front and line.text not in told:
            yield Difference("", "", "", line.text, "unplaced", line.place)


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
            texts = mine.get(path, ""), theirs.get(path, "")
            if path == form.key:  # which has no label of its own
                yield Difference(project, "", *texts, "number")
            else:
                yield Difference(project, _label(path, form, approved), *texts)


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
    return join(line.text for block in text_content(str(value)).blocks for line in lines_in(block))
