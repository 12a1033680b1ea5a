"""Values that the sheet refuses, brought past its validation, are found when the workbook comes back."""

from __future__ import annotations

import copy
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import Document, LibreOffice
from rules.bad_values import Bad, breaking, paths, says
from workbook.conftest import example, made, reviewed

from perfxl.form import installed as forms
from perfxl.form.form import Form
from perfxl.rules import limits
from perfxl.workbook.writing.stamp import stamp_book


def rounds(form: Form) -> list[list[Bad]]:
    """Bad values for all typed answers at once: in each round another one of every answer.

    A blank in a row has a round of its own, since a row in which all is blank is no row.
    """
    by = {table.address(table.groups.by, 1) for table in form.tables.values() if table.groups}  # given on the sheet
    typed = [(path, asked) for path, asked in paths(form) if path not in by and not path.endswith("]")]
    alone = [(path, asked) for path, asked in typed if "[" in path]
    together = [
        [bad for bad in breaking(asked, path) if bad.code != "LM-01" or "[" not in path] for path, asked in typed
    ]
    blanks = [Bad("LM-01", path, None) for path, asked in alone if asked.required and not belongs_above(form, path)]
    return [*([bad for bad in column if bad] for column in zip_longest(*together)), *([bad] for bad in blanks)]


def dependent(form: Form, path: str) -> list[str]:
    """The answers whose list depends on the entry of this one: without it the sheet cannot offer one."""
    row, _, id = path.rpartition("].")
    return [f"{row}].{other.id}" for other in form.asked if row and other.within == id]


def belongs_above(form: Form, path: str) -> bool:
    """Whether a blank here says that the row belongs to the outer item of the row above."""
    return any(path.count("[") < len(table.lists) for table in form.tables.values() if path.startswith(table.lists[0]))


@pytest.mark.office
@pytest.mark.parametrize("name", ["project-target", "central-target", "department-goals"])
def test_a_value_typed_past_the_validation_is_found(office: LibreOffice, tmp_path: Path, name: str) -> None:
    form = forms.load(name)
    (book,) = made(name, one_record(name)).values()
    sheet, data = book.pages[0].name, stamp_book(book)
    ((reading, _),) = reviewed(data)
    refused = 0
    for number, bad_values in enumerate(rounds(form)):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(data)
        cells = [(bad, reading.submission.places[bad.path]) for bad in bad_values]
        with office.open(path) as document:
            for bad, cell in cells:
                enter(document, sheet, cell, form, bad)
            invalid = {f"{sheet}!{cell}" for cell in document.show_invalid(sheet)}
            document.save_as(path)
        ((_, found),) = reviewed(path)
        for bad, cell in cells:
            here = [finding for finding in found if f"{sheet}!{cell}" in finding.cells]
            said = [finding for finding in here if any(says(form, finding, rule.code) for rule in limits.RULES)]
            assert len(said) == 1, (bad, said)
        below = {reading.submission.places[path] for bad in bad_values for path in dependent(form, bad.path)}
        silent = invalid - {cell for finding in found for cell in finding.cells} - {f"{sheet}!{cell}" for cell in below}
        assert not silent, f"refused by the sheet and not found, with {bad_values}"
        refused += len(invalid)
    assert refused > 5


def one_record(name: str) -> dict[str, Any]:
    records = copy.deepcopy(example(name))
    if "projects" in records:
        records["projects"] = records["projects"][:1]
    return records


def enter(document: Document, sheet: str, address: str, form: Form, bad: Bad) -> None:
    """Type a bad value as a person does who does not heed the refusal."""
    kind = next(asked.type for path, asked in paths(form) if path == bad.path)
    shown = bad.value if kind.value_type in ("number", "percent", "date") else kind.show(bad.value)
    if shown in (None, ""):
        document.clear(sheet, address)
    else:
        document.type_text(sheet, address, str(shown), insist=True)
