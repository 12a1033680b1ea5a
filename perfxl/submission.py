"""A submission: one form sheet that came back, read; every answer with its cell and how it was understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perfxl.form.calculation import Miscalculation


@dataclass(frozen=True)
class AnswerNote:
    """A note on an answer that was not spelled as perfxl spells it, or could not be understood.

    ``field``: the path in the record; ``cell``: its address on the sheet; ``raw``: what was typed, verbatim;
    ``how``: the tolerances used; ``problem``: empty, or why the answer was kept as it stands.
    """

    field: str
    cell: str
    raw: Any
    understood: Any
    how: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Unplaced:
    """Something on the sheet that belongs to no field: listed, never dropped."""

    cell: str
    text: str


@dataclass(frozen=True)
class Doubt:
    """Something about how a sheet was read that a person should know: what the checks of the group RD say.

    ``kind``: which; ``fields``: the paths concerned, none for the sheet as a whole; ``facts`` for the sentence.
    ``unsure``: the answers at these paths may belong elsewhere, or are not known: no other check judges them.
    ``of_file``: it is about the file as a whole, and only noted with the first of its sheets.
    """

    kind: str
    fields: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    unsure: bool = False
    of_file: bool = False

    def plain(self) -> dict[str, Any]:
        """Return the doubt as JSON data."""
        return {"kind": self.kind, "fields": list(self.fields), "of_file": self.of_file, **self.facts}


@dataclass(frozen=True, eq=False)
class Submission:
    """One sheet's record with all that is known of it.

    ``places``: the cell of every path (``measures[3].target`` → ``G15``), blank answers too; ``title``, ``unit``,
    ``headers``: what stood in the locked cells; ``issued``: what the sheet went out with; ``lost``: the identity marks
    that did not come back (``property``, ``name``, ``hidden_sheet``, ``corner``, ``printed``); ``disputed``: fields
    that were not found, or of which every mark named another cell; ``doubts``: what is to be said about the reading;
    ``phase`` and ``draft``: of the sending to which the sheet belongs (一上, 1), empty and None where nothing tells;
    ``language``: of the sheet's words, empty for the form's own; ``taxonomy``: the id of the one that the sheet was
    made with in the place of the form's own, empty for that, None where the county's file is to say it;
    ``miscalculated``: the calculated cells that show something else than their answers come to; ``said``: the issue
    values that its checks calculate with, as they stand on the sheet; ``beside``: the names of the files that came with
    it, None where that is not known or no answer names one; ``untouched``: the answers in which last year's text still
    stands as it went out, to be looked at.
    """

    file: str
    sheet: str
    form: str
    version: str
    year: int | None
    unit_code: str
    unit_name: str
    record: Mapping[str, Any]
    notes: tuple[AnswerNote, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    unit: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    issued: Mapping[str, Any] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    phase: str = ""
    draft: int | None = None
    language: str = ""
    taxonomy: str | None = None
    miscalculated: tuple[Miscalculation, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    beside: frozenset[str] | None = None
    untouched: tuple[str, ...] = ()

    @property
    def sender(self) -> str:
        """The word for the unit that is no other unit's: its code, or the name of one that has no code."""
        return self.unit_code or self.unit_name

    def plain(self) -> dict[str, Any]:
        """Return the submission as JSON data: ``file, sheet, form, version, year, unit, phase, draft, record…``."""
        notes = [
            {
                "field": note.field,
                "cell": note.cell,
                "raw": note.raw,
                "understood": note.understood,
                "how": list(note.how),
            }
            for note in self.notes
        ]
        return {
            "file": self.file,
            "sheet": self.sheet,
            "form": self.form,
            "version": self.version,
            "year": self.year,
            "unit": {"code": self.unit_code, "name": self.unit_name},
            "phase": self.phase,
            "draft": self.draft,
            "record": self.record,
            "notes": notes,
            "lost": list(self.lost),
            "disputed": list(self.disputed),
            "doubts": [doubt.plain() for doubt in self.doubts],
            "unplaced": [{"cell": piece.cell, "text": piece.text} for piece in self.unplaced],
        }
