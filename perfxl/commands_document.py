"""The commands that take documents: `perfxl extract`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfxl import messages, records
from perfxl.batch import output as files
from perfxl.budget.documents.extract import extract as records_in
from perfxl.budget.documents.extract import read_document, tally
from perfxl.errors import DocumentError
from perfxl.form import installed
from perfxl.messages.places import answer_label
from perfxl.records import ENDINGS, unit_label
from perfxl.report.console import say
from perfxl.workbook.sheet.file_name import safe_name

if TYPE_CHECKING:
    from perfxl.budget.documents.content import DocumentPlace, ExtractionNote

_FORM = "project-target"
_DEPARTMENT = "department-goals"


def extract(document: Path, output: Path, year: int | None, force: bool, lang: str) -> int:
    """Write the records in a published document, and say what was noticed in taking them.

    The status is 1 where something of the document found no place.
    """
    if not files.is_folder(output) and output.suffix.lower() in ENDINGS:
        files.check_free([output], force)
    taken = records_in(read_document(document), year, file=str(document))
    targets = _targets(taken.units, document, output)
    if len(targets) > 1:
        say(messages.say("documents.several", {"units": len(targets)}, lang))
    with files.write_together(force) as pending:
        for path, unit in targets:
            pending.write(path, records.to_bytes(unit, path))
    for path, unit in targets:
        say(messages.say("documents.done", {"output": path, **tally(unit)}, lang))
    for note in taken.notes:
        say(_sentence(note, lang))
    for piece in taken.unplaced:
        say(messages.say("documents.unplaced", {"where": _where(piece.place, lang), "text": piece.text}, lang))
    if not taken.is_complete:
        say(messages.say("documents.incomplete", {}, lang))
    return 0 if taken.is_complete else 1


def _targets(units: Sequence[dict[str, Any]], document: Path, output: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return where the records of each unit are written: into a file for one unit, into a folder for several.

    Raises ``DocumentError`` for several units and a file.
    """
    is_file = output.suffix.lower() in ENDINGS and not files.is_folder(output)
    if len(units) == 1 and not files.is_folder(output):
        return [(output, units[0])]
    if is_file or output.is_file():
        names = "、".join(map(unit_label, units))
        raise DocumentError(file=str(document), what="several_units", units=names)
    return [(output / f"{safe_name(unit_label(unit) or str(at))}.yaml", unit) for at, unit in enumerate(units, 1)]


def _sentence(note: ExtractionNote, lang: str) -> str:
    """Return a note in words: fields by the labels of their form."""
    facts = dict(note.facts)
    if note.where:
        facts["where"] = _where(note.where, lang)
    if "field" in facts:
        facts["field"] = _label(str(facts["field"]))
    if "section" in facts:
        facts["section"] = messages.say(f"documents.sections.{facts['section']}", {}, lang)
    if "layout" in facts:
        facts["layout"] = messages.say(f"documents.layouts.{facts['layout']}", {}, lang)
    return messages.say(f"documents.notes.{note.what}", facts, lang)


def _where(place: DocumentPlace, lang: str) -> str:
    """Return a place in words."""
    return messages.say(f"documents.places.{place.kind}", place._asdict(), lang)


def _label(path: str) -> str:
    """Return what a field is called on its form."""
    if path.startswith("areas."):
        return answer_label("areas", path, installed.load(_DEPARTMENT))
    form = installed.load(_FORM)
    table, _, column = path.partition(".")
    if table not in form.tables:
        return answer_label("", path, form)
    return answer_label(table, column, form) if column else form.tables[table].label
