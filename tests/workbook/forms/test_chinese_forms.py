"""The quarterly report, staff and pay, and the self-evaluation: filled in at LibreOffice, checked, flagged, written anew.

What LibreOffice calculates, refuses and counts agrees with the return on invented records; each limit is broken alone.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import flagged, reviewed
from workbook.forms.filling import FORMS, content, held, invented_value, keyed

import perfxl
from perfxl.batch.generate import books_of
from perfxl.form import calculation
from perfxl.form import installed as forms
from perfxl.form.answers import flatten, put
from perfxl.form.form import Field, Form
from perfxl.form.search_path import forms_in
from perfxl.records import parse_yaml
from perfxl.rules.subject import Subject, Unit
from perfxl.workbook.ooxml.formula import address as cell_name
from perfxl.workbook.sheet import colours
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.self_check import UNFILLED, count_unfilled
from perfxl.workbook.writing.stamp import stamp_book

COUNT = int(os.environ.get("PERFXL_FORM_RECORDS", "30"))
"""The number of invented records of a form that LibreOffice calculates."""

CHINESE = ("quarterly", "staff-and-pay", "project-evaluation")
Records = dict[str, Any]


def _yaml(path: Path) -> Records:
    return dict(parse_yaml(path.read_text(encoding="utf-8"), path.name))


MISTAKES: Mapping[str, Any] = _yaml(Path(__file__).with_name("chinese_mistakes.yaml"))
"""For each form the mistakes, by what is wrong: the changes to its example, and the findings of these."""


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The example forms are found."""
    with forms.use_search_path(forms.search_path().extended(forms_in(FORMS))):
        yield


def example(form: str) -> Records:
    return _yaml(FORMS / form / "example.yaml")


def book(form: str, records: Records, prefill: Any = "all") -> Book:
    ((_, only),) = books_of(records, form=form, prefill=prefill)
    return only


def record_of(form: Form, records: Records) -> Records:
    """The first record of a records file."""
    return dict(form.records(records)[0][1])


def asked(form: Form, path: str) -> Field:
    """The field of an answer."""
    table, bracket, rest = path.partition("[")
    return form.tables[table].columns[rest.partition("].")[2]] if bracket else form.fields[path]


def places(data: bytes) -> dict[str, str]:
    """The cells of the first sheet's answers, by their paths."""
    (submission, *_) = perfxl.read(data).submissions
    form = forms.load(submission.form)
    cells = {path: cell.rpartition("!")[2] for path, cell in submission.places.items()}
    return {path: cell for path, cell in cells.items() if path in form.fields or ("[" in path and ".sums" not in path)}


def found(data: bytes | Path) -> list[list[str]]:
    """The findings of each sheet as `code path path`, but for the hint that nobody saved it in Excel."""
    return [
        sorted(" ".join((one.code, *one.fields)) for one in findings if one.code != "RD-18")
        for _, findings in reviewed(data)
    ]


def changed(form: str, changes: Mapping[str, Any]) -> bytes:
    """The form's example as a workbook in whose cells something else was put."""
    definition, data = forms.load(form), stamp_book(book(form, example(form)))
    cells, opened = places(data), openpyxl.load_workbook(BytesIO(data))
    (sheet,) = (one for one in opened if one.title == book(form, example(form)).pages[0].name)
    for path, value in changes.items():
        field = asked(definition, path)
        sheet[cells[path]] = calculation.show(field.type, value) if field.calculation else content(field, value) or None
    stream = BytesIO()
    opened.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("form", CHINESE)
def test_out_and_back_is_the_same(form: str) -> None:
    (sent,) = perfxl.generate(example(form), form=form, prefill="all")
    back = perfxl.read(sent.data).records()
    (again,) = perfxl.generate(back, form=form, prefill="all")
    assert again.data == sent.data
    assert found(sent.data) == [[]]
    (corrected,) = perfxl.correct(sent.data).files
    assert corrected.data
    assert perfxl.read(corrected.data).records() == back


def test_an_evaluation_begins_with_the_approved_targets() -> None:
    targets = _yaml(FORMS / "project-evaluation" / "targets.yaml")
    (sent,) = perfxl.generate(targets, form="project-evaluation")
    back = perfxl.read(sent.data).records()
    for project, target in zip(back["projects"], targets["projects"], strict=True):
        given = ("level1", "level2", "level3", "target", "points")
        assert [[row[id] for id in given] for row in project["indicators"]] == [
            [row[id] for id in given] for row in target["indicators"]
        ]


@pytest.mark.parametrize(("form", "mistake"), [(form, one) for form in CHINESE for one in MISTAKES[form]])
def test_a_limit_broken_alone_is_the_only_finding(form: str, mistake: str) -> None:
    case = MISTAKES[form][mistake]
    assert found(changed(form, case["change"])) == [case["found"]]


@pytest.mark.parametrize("form", CHINESE)
def test_a_person_fills_in_the_blank(office: LibreOffice, tmp_path: Path, form: str) -> None:
    definition, records = forms.load(form), example(form)
    whole = stamp_book(book(form, records))
    sent = book(form, records, prefill="given")
    (page,) = sent.pages
    (tmp_path / "blank.xlsx").write_bytes(stamp_book(sent))
    locked = [cell_name(box.row, box.column) for box in page.layout.boxes if box.locked]
    with office.open(tmp_path / "blank.xlsx") as document:
        for path, cell in places(whole).items():
            field, value = asked(definition, path), held(record_of(definition, records), path)
            if cell not in locked and value is not None:
                assert document.type_text(page.name, cell, keyed(field, value)).text, path
        before = document.cells(page.name)
        for cell in locked:
            document.type_text(page.name, cell, "7", insist=True)
        assert document.cells(page.name) == before
        document.save_as(tmp_path / "returned.xlsx")
    assert perfxl.read(tmp_path / "returned.xlsx").records() == perfxl.read(whole).records()
    assert found(tmp_path / "returned.xlsx") == [[]]


@pytest.mark.parametrize("form", CHINESE)
def test_flags_stand_and_clear(office: LibreOffice, tmp_path: Path, form: str) -> None:
    definition, right = forms.load(form), record_of(forms.load(form), example(form))
    cases = [case for case in MISTAKES[form].values() if case.get("together")]
    wrong = {path: value for case in cases for path, value in case["change"].items()}
    data = changed(form, wrong)
    ((reading, findings),) = reviewed(data)
    assert found(data) == [sorted(text for case in cases for text in case["found"])]
    (tmp_path / "flagged.xlsx").write_bytes(flagged(data))
    fills = {"error": colours.FLAG_FILLS["error"], "warning": colours.FLAG_FILLS["warning"]}
    marked = [one for one in findings if one.severity in fills]
    cells = {cell.split("!")[1]: fills[one.severity] for one in reversed(marked) for cell in one.cells}
    name = reading.submission.sheet
    with office.open(tmp_path / "flagged.xlsx") as document:
        document.recalculate()
        looks = document.looks(name)
        assert {cell: looks[cell].background for cell in cells} == cells
        for path in wrong:
            field, cell = asked(definition, path), places(data)[path]
            document.write(name, cell, [[content(field, held(right, path))]])
        document.recalculate()
        looks = document.looks(name)
        assert [cell for cell in cells if looks[cell].background in fills.values()] == []
        document.save_as(tmp_path / "returned.xlsx")
    assert [one for one in found(tmp_path / "returned.xlsx")[0] if not one.startswith("RD-")] == []


# Invented records: what LibreOffice calculates, counts and refuses is what the return does


def invented(form: Form, records: Records, pick: random.Random) -> Records:
    """The example with other answers, around their limits, some blank, some wrong."""
    record = copy.deepcopy(record_of(form, records))
    for table in form.tables.values():
        if not table.inherited:
            groups = form.choices["area"].entries() if table.groups else [None]
            record[table.id] = [{"area": pick.choice(groups)} for _ in range(pick.randint(0, 9))]
        for row in record[table.id]:
            for id, column in table.columns.items():
                if column.open and not (table.groups and id == table.groups.by):
                    put(row, id, answer(column, pick))
    for id, field in form.fields.items():
        if field.open:
            put(record, id, answer(field, pick))
    return record


def answer(field: Field, pick: random.Random) -> Any:
    value = invented_value(field, pick, 0.15)
    return value[:200] if isinstance(value, str) else value


@pytest.mark.parametrize("form", CHINESE)
def test_libreoffice_and_the_return_agree(office: LibreOffice, tmp_path: Path, form: str) -> None:
    definition, records, pick = forms.load(form), example(form), random.Random(COUNT)
    made_up = [invented(definition, records, pick) for _ in range(COUNT)]
    if definition.many:
        numbered = [{**record, definition.key: number} for number, record in enumerate(made_up, start=1)]
        sets: list[Any] = [numbered[at : at + 40] for at in range(0, COUNT, 40)]
    else:
        sets = made_up
    for content_of_root in sets:
        sent = book(form, {**records, definition.root: content_of_root})
        (tmp_path / "sent.xlsx").write_bytes(stamp_book(sent))
        with office.open(tmp_path / "sent.xlsx", hidden=True) as document:
            document.recalculate()
            told = [
                (
                    document.cell(page.name, cell_name(*page.checks.place(UNFILLED))).value,
                    {
                        line.code
                        for at, line in enumerate(page.checks.lines)
                        if document.cell(page.name, cell_name(*page.checks.state(at))).value == -1
                    },
                    {*document.show_invalid(page.name)},
                )
                for page in sent.pages
            ]
            document.save_as(tmp_path / "returned.xlsx")
        for page, (count, broken, refused), (reading, findings) in zip(
            sent.pages, told, reviewed(tmp_path / "returned.xlsx"), strict=True
        ):
            record = reading.submission.record
            assert reading.submission.miscalculated == (), record
            assert not [one for one in findings if one.code == "CO-01"], record
            issued = {name: records.get(name) for name in definition.issue}
            values = Subject(definition, record, Unit(records["year"], "", "", known=issued)).values
            assert count == count_unfilled(definition, flatten(definition, record), values), record
            assert broken == {one.code for one in findings} & {one.code for one in page.checks.lines}, record
            assert let_in_and_found(definition, reading, findings, refused) == [], record


def let_in_and_found(form: Form, reading: Any, findings: Any, refused: set[str]) -> list[tuple[str, list[str]]]:
    """The cells that the sheet refuses and the return lets pass, or the other way round, with what is found there."""
    wrong = []
    for path, place in reading.submission.places.items():
        if ".sums" in path or not (path in form.fields or "[" in path) or not asked(form, path).open:
            continue
        cell = place.rpartition("!")[2]
        errors = [one for one in findings if one.severity == "error" and one.code in JUDGED]
        judged = [one.code for one in errors if any(other.rpartition("!")[2] == cell for other in one.cells)]
        if (cell in refused) != bool(judged):
            wrong.append((path, judged))
    return wrong


JUDGED = tuple(f"LM-{number:02}" for number in range(2, 10))
"""The checks of limits that a sheet makes as well: all but that of blanks."""
