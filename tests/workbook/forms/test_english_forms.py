"""Equipment and travel, forms in English: filled in at LibreOffice, returned, checked, flagged and written anew.

What LibreOffice calculates, refuses and counts agrees with the return on invented records; each limit is broken alone.
"""

from __future__ import annotations

import datetime
import os
import random
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import address, flagged, made, reviewed
from workbook.forms.filling import (
    FORMS,
    answer_boxes,
    content,
    example,
    held,
    invented,
    paste,
    records,
    type_record,
)

import perfxl
from perfxl.form import calculation
from perfxl.form import installed as forms
from perfxl.form.answers import flatten, put
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

SHEETS = 50
"""The most sheets of one of these books."""


ENGLISH = ("equipment", "travel")
CHINESE = re.compile("[\u3001-\u9fff\uff00-\uffef]")
MISTAKES: Mapping[str, Any] = parse_yaml(
    Path(__file__).with_name("english_mistakes.yaml").read_text(encoding="utf-8"), "english_mistakes.yaml"
)
"""For each form the mistakes, by what is wrong: the changes to its example, and the findings of these."""


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The example forms are found."""
    with forms.use_search_path(forms.search_path().extended(forms_in(FORMS))):
        yield


def book(form: str, *given: Any, prefill: Any = "all") -> Book:
    (only,) = made(form, records(forms.load(form), *given), prefill=prefill).values()
    return only


def changed(form: str, changes: Mapping[str, Any]) -> Any:
    record = example(form)
    for path, value in changes.items():
        put(record, path, value)
    return record


def found(data: bytes | Path) -> list[list[str]]:
    """The findings of each sheet as `code path path`, but for the hint that nobody saved it in Excel."""
    return [
        sorted(" ".join((one.code, *one.fields)) for one in findings if one.code != "RD-18")
        for _, findings in reviewed(data)
    ]


@pytest.mark.parametrize("form", ENGLISH)
def test_out_and_back_is_the_same(form: str) -> None:
    (sent,) = perfxl.generate(records(forms.load(form), example(form)), form=form, prefill="all")
    back = perfxl.read(sent.data).records()
    (again,) = perfxl.generate(back, form=form, prefill="all")
    assert again.data == sent.data
    assert found(sent.data) == [[]]
    (corrected,) = perfxl.correct(sent.data).files
    assert perfxl.read(corrected.data).records() == back


@pytest.mark.parametrize("form", ENGLISH)
def test_nothing_chinese_stands_in_an_english_book(form: str) -> None:
    wrong = changed(form, {"iban": "GB82"} if form == "travel" else {"email": "x"})
    definition = forms.load(form)
    (blank,) = perfxl.generate(records(definition, example(form)), form=form)
    (filled,) = perfxl.generate(records(definition, wrong), form=form, prefill="all")
    for data in (blank.data, flagged(filled.data)):
        opened = openpyxl.load_workbook(BytesIO(data))
        texts = [sheet.title for sheet in opened] + [
            str(text)
            for sheet in opened
            for cells in sheet.iter_rows()
            for cell in cells
            for text in (cell.value, cell.comment and cell.comment.text, cell.number_format)
        ]
        texts += [
            str(text)
            for sheet in opened
            for one in sheet.data_validations.dataValidation
            for text in (one.prompt, one.promptTitle, one.error, one.errorTitle)
        ]
        texts += [str(sheet.oddFooter.left.text) + str(sheet.oddFooter.right.text) for sheet in opened]
        assert [text for text in texts if CHINESE.search(text)] == []


@pytest.mark.parametrize(("form", "mistake"), [(form, one) for form in ENGLISH for one in MISTAKES[form]])
def test_a_limit_broken_alone_is_the_only_finding(form: str, mistake: str) -> None:
    case = MISTAKES[form][mistake]
    sent = book(form, example(form))
    (page,) = sent.pages
    opened = openpyxl.load_workbook(BytesIO(stamp_book(sent)))
    boxes = answer_boxes(page)
    for path, value in case["change"].items():
        field = boxes[path].field
        assert field
        opened[page.name][address(boxes[path])] = content(field, value) if value is not None else None
    stream = BytesIO()
    opened.save(stream)
    assert found(stream.getvalue()) == [case["found"]]
    back = perfxl.read(stream.getvalue()).records()
    (again,) = perfxl.generate(back, form=form, prefill="all")
    assert perfxl.read(again.data).records() == back


def test_dates_of_python_are_taken() -> None:
    form, record = forms.load("travel"), example("travel")
    days = {id: datetime.date.fromisoformat(record[id]) for id in ("departed", "returned")}
    made_of = [perfxl.generate(records(form, one), form="travel", prefill="all") for one in (record, {**record, **days})]
    assert made_of[0][0].data == made_of[1][0].data


def test_a_tag_of_another_department_is_found() -> None:
    form = forms.load("equipment")
    other = {**records(form, example("equipment")), "unit": {"code": "907002", "name": "Liuxi Fire Station"}}
    other[form.root]["equipment"] = [{**other[form.root]["equipment"][1], "tag": "IT0042"}]
    sent = [
        perfxl.generate(one, form="equipment", prefill="all")[0] for one in (records(form, example("equipment")), other)
    ]
    checked = perfxl.check(*(one.data for one in sent))
    assert [(one.code, one.fields) for one in checked.findings if one.code != "RD-18"] == [
        ("LM-07", ("equipment[0].tag",)),
        ("LM-07", ("equipment[0].tag",)),
    ]


@pytest.mark.parametrize("form", ENGLISH)
def test_a_person_fills_in_the_blank(office: LibreOffice, tmp_path: Path, form: str) -> None:
    sent = book(form, example(form), prefill="given")
    (page,) = sent.pages
    (tmp_path / "blank.xlsx").write_bytes(stamp_book(sent))
    boxes = answer_boxes(page)
    with office.open(tmp_path / "blank.xlsx") as document:
        assert type_record(document, page, example(form)) == []
        for path, box in boxes.items():
            if box.locked and not box.index:
                before = document.cell(page.name, address(box)).value
                assert document.type_text(page.name, address(box), "7", insist=True).value == before, path
        document.save_as(tmp_path / "returned.xlsx")
    back = perfxl.read(tmp_path / "returned.xlsx").records()
    (whole,) = perfxl.generate(records(forms.load(form), example(form)), form=form, prefill="all")
    assert back == perfxl.read(whole.data).records()
    assert found(tmp_path / "returned.xlsx") == [[]]


@pytest.mark.parametrize("form", ENGLISH)
def test_flags_stand_and_clear(office: LibreOffice, tmp_path: Path, form: str) -> None:
    cases = [case for case in MISTAKES[form].values() if case.get("together")]
    right = example(form)
    wrong = {path: value for case in cases for path, value in case["change"].items()}
    sent = book(form, changed(form, wrong))
    (page,) = sent.pages
    data = stamp_book(sent)
    ((_, findings),) = reviewed(data)
    assert sorted(" ".join((one.code, *one.fields)) for one in findings if one.code != "RD-18") == sorted(
        text for case in cases for text in case["found"]
    )
    (tmp_path / "flagged.xlsx").write_bytes(flagged(data))
    cells = {
        cell.split("!")[1]: colours.FLAG_FILLS["error" if one.severity == "error" else "warning"]
        for one in findings
        for cell in one.cells
        if one.severity != "hint"
    }
    with office.open(tmp_path / "flagged.xlsx") as document:
        document.recalculate()
        looks = document.looks(page.name)
        assert {cell: looks[cell].background for cell in cells} == cells
        paste(document, page, {path: held(right, path) for path in wrong})
        document.recalculate()
        looks = document.looks(page.name)
        assert [cell for cell in cells if looks[cell].background in colours.FLAG_FILLS.values()] == []
        document.save_as(tmp_path / "returned.xlsx")
    assert [one for one in found(tmp_path / "returned.xlsx")[0] if not one.startswith("RD-")] == []


@pytest.mark.parametrize("form", ENGLISH)
def test_libreoffice_and_the_return_agree(office: LibreOffice, tmp_path: Path, form: str) -> None:
    definition, pick = forms.load(form), random.Random(COUNT)
    given = [invented(definition, pick) for _ in range(COUNT)]
    size = SHEETS if definition.many else 1
    sets = [given[at : at + size] for at in range(0, COUNT, size)]
    compared = 0
    for told in sets:
        sent = book(form, *told)
        (tmp_path / "sent.xlsx").write_bytes(stamp_book(sent))
        with office.open(tmp_path / "sent.xlsx", hidden=not definition.many) as document:
            document.recalculate()
            refused = {page.name: set(document.show_invalid(page.name)) for page in sent.pages}
            unfilled = [document.cell(page.name, cell_name(*page.checks.place(UNFILLED))).value for page in sent.pages]
            broken = {
                page.name: {
                    line.code
                    for at, line in enumerate(page.checks.lines)
                    if document.cell(page.name, cell_name(*page.checks.state(at))).value == -1
                }
                for page in sent.pages
            }
            document.save_as(tmp_path / "returned.xlsx")
        for page, count, (reading, findings) in zip(
            sent.pages, unfilled, reviewed(tmp_path / "returned.xlsx"), strict=True
        ):
            record = reading.submission.record
            assert reading.submission.miscalculated == (), record
            assert calculation.calculate_record(definition, record)[1] == ()
            values = Subject(definition, record, Unit(2026, "", "")).values
            assert count == count_unfilled(definition, flatten(definition, record), values), record
            assert broken[page.name] == {one.code for one in findings} & {one.code for one in page.checks.lines}
            assert differences(page, refused[page.name], findings, record) == [], record
            compared += len(record)
    assert compared


def differences(page: Any, refused: set[str], findings: Any, record: Any) -> list[Any]:
    """The cells that the sheet refuses and the return lets pass, or the other way round.

    An entry whose list is empty, since nothing is chosen above it, is refused; what is found then is the blank above.
    Decimals beyond those that are asked for are found on return alone.
    """
    wrong = []
    for path, box in answer_boxes(page).items():
        cell = address(box)
        judged = [
            one.code
            for one in findings
            if f"{page.name}!{cell}" in one.cells
            and one.severity == "error"
            and one.facts.get("problem") != "decimals"
            and one.code in ("LM-02", "LM-03", "LM-04", "LM-05", "LM-06", "LM-07", "LM-08", "LM-09")
        ]
        field = box.field
        assert field
        if field.within and held(record, path.removesuffix(field.id) + field.within) is None:
            continue
        if not box.locked and (cell in refused) != bool(judged):
            wrong.append((path, cell, "refused" if cell in refused else "let in", judged))
    return wrong
