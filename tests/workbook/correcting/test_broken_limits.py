"""Each limit of the example forms is broken: flagged, written anew and read, what was typed is there or is listed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from workbook.forms.filling import FORMS

import perfxl
from perfxl.batch import office_proof, prove
from perfxl.batch.proof import MadeBook, TriedValue, tried_entries, tried_values
from perfxl.form import installed as forms
from perfxl.form.answers import flatten
from perfxl.form.form import Form
from perfxl.form.search_path import forms_in

ALONE = "PERFXL_FORM_RECORDS" in os.environ
"""Each limit is broken in a workbook of its own, which takes minutes; else one limit of each answer, all in one."""

NAMES = ("equipment", "travel", "quarterly", "staff-and-pay", "project-evaluation")


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The example forms are found."""
    with forms.use_search_path(forms.search_path().extended(forms_in(FORMS))):
        yield


def filled(form: Form) -> MadeBook:
    """The workbook of the form's example."""
    made: list[MadeBook] = []
    prove._make_workbooks(form, prove._whole_record(form), made)
    return next(one for one in made if one.name == "filled")


def groups(form: Form, sent: MadeBook) -> list[list[TriedValue]]:
    """The values that break limits, as they stand together in a workbook."""
    tried = (*tried_values(form, sent.record), *tried_entries(form, sent.record))
    broken = [one for one in tried if not one.edge.kept]
    if ALONE:
        return [[one] for one in broken]
    return [list({one.path: one for one in broken if not one.changes}.values())]


def typed(form: Form, sent: MadeBook, values: list[TriedValue]) -> bytes:
    """The workbook with these values pasted into it."""
    opened = openpyxl.load_workbook(BytesIO(sent.data))
    for value in values:
        tried = office_proof._try_of(form, sent, value.put_into(sent.record))
        assert tried
        for row, column, content in tried.trial.values:
            opened[tried.page.name].cell(row + 1, column + 1).value = content if content != "" else None
    stream = BytesIO()
    opened.save(stream)
    return stream.getvalue()


def answers(form: Form, data: bytes) -> dict[str, Any]:
    """Every answer that is not blank, by its path."""
    (submission,) = perfxl.read(data).submissions
    flat = flatten(form, submission.record)
    rows = {
        f"{id}[{at}].{key}": value
        for id in flat.rows
        for at, row in enumerate(flat.rows[id])
        for key, value in row.items()
    }
    return {path: value for path, value in {**flat.head, **rows}.items() if value is not None}


def listed(data: bytes, form_sheet: str) -> str:
    """The texts of all sheets that people see but that of the form: of 代改清单 and 表外内容."""
    opened = openpyxl.load_workbook(BytesIO(data))
    sheets = [sheet for sheet in opened if sheet.title != form_sheet and sheet.sheet_state == "visible"]
    return "\n".join(str(cell) for sheet in sheets for row in sheet.values for cell in row if cell is not None)


def found(data: bytes, paths: set[str]) -> set[tuple[str, str]]:
    """What is found at answers, as path and code."""
    return {(path, one.code) for one in perfxl.check(data).findings for path in one.fields if path in paths}


@pytest.mark.parametrize("name", NAMES)
def test_what_breaks_a_limit_is_kept_or_listed(name: str) -> None:
    form = forms.load(name)
    sent = filled(form)
    for values in groups(form, sent):
        paths = {one.path for one in values}
        (flagged,) = perfxl.flag(typed(form, sent, values)).files
        (corrected,) = perfxl.correct(flagged.data).files
        told = found(flagged.data, paths)
        assert {path for path, _ in told} == paths != set()
        assert found(corrected.data, paths) == told
        before, after = answers(form, flagged.data), answers(form, corrected.data)
        texts = listed(corrected.data, sent.book.pages[0].name)
        lost = {path: value for path, value in before.items() if after.get(path) != value and str(value) not in texts}
        assert lost == {}
        assert after.keys() == before.keys()
