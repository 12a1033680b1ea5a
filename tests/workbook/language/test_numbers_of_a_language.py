"""Numbers in a book of a language with a comma before decimals: in its sentences, in its checks, and as typed texts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import perfxl
from perfxl.errors import FormError
from perfxl.form import installed
from perfxl.form.form import TranslationFile
from perfxl.form.languages import NumberSigns
from perfxl.form.layout import blank_layout
from perfxl.form.search_path import forms_in
from perfxl.form.texts import in_language, missing
from perfxl.workbook.sheet.calculations import calculated_boxes

FORM = """
form: rides
version: "1"
language: en
label: Rides
record: ride
title: Rides
fields:
  far:   {type: decimal, unit: km, label: Distance, minimum: 0.5, maximum: 1500.25}
  price: {type: money, unit: EUR, label: Price, default: 2.5}
  share: {type: percent, decimals: 1, label: Share, minimum: 0.5, maximum: 99.5}
  whole: {type: money, unit: EUR, label: In all, calculation: far * price * 1.5}
  less:  {type: decimal, label: Less, maximum: far / 2.5}
  more:  {type: decimal, label: More, relevant: far > 1.25}
  done:  {type: boolean, label: Done}
rules:
  - {code: RI-01, title: Dear, assert: whole <= 9000.5, on: [far], message: "{{ whole }} is {{ whole - 9000.5 }} too much."}
"""
OTHER = """
Rides: rides*
Distance: far*
Price: price*
Share: share*
In all: whole*
Less: less*
More: more*
Done: done*
Dear: dear*
"{{ whole }} is {{ whole - 9000.5 }} too much.": "{{ whole }} : {{ whole - 9000.5 }} de trop."
"""
UNKNOWN = "tlh"  # Klingon, of which there is no data
SAID = """
language::Yes: HIja
language::No: ghobe
"language::1,234.5": 1’234,5
"""
SENTENCES = {  # of the book, with a comma and with a point
    "from 0,5 to 1500,25": "from 0.5 to 1500.25",
    "from 0,5 to 99,5": "from 0.5 to 99.5",
    "such as 1234,50": "such as 1234.50",
    "2,5 unless changed": "2.5 unless changed",
    "× 1,5.": "× 1.5.",
    "divided by 2,5": "divided by 2.5",
    "is above 1,25": "is above 1.25",
}
FINDINGS = {
    "4000,25 was filled in, above the maximum 1500,25": "4000.25 was filled in, above the maximum 1500.25",
    "3000,5 was filled in, above the maximum 1600,1": "3000.5 was filled in, above the maximum 1600.1",
    "9000,56 : 0,06 de trop.": "9000.56 is 0.06 too much.",
}
ANSWERS = {"far": 4000.25, "price": 1.5, "share": 12.5, "less": 3000.5, "more": 7.5, "done": True}


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    here = tmp_path / "forms" / "rides"
    (here / "texts").mkdir(parents=True)
    (here / "form.yaml").write_text(FORM, "utf-8")
    (here / "texts" / "fr.yaml").write_text(OTHER, "utf-8")
    (here / "texts" / "de.yaml").write_text(OTHER, "utf-8")
    (here / "texts" / f"{UNKNOWN}.yaml").write_text(OTHER + SAID, "utf-8")
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path / "forms"))):
        yield


def made(language: str | None, **answers: Any) -> bytes:
    records: Mapping[str, Any] = {"year": 2026, "unit": {"code": "P4", "name": "Parks"}, "ride": answers}
    (workbook,) = perfxl.generate(records, form="rides", prefill="all", language=language)
    return workbook.data


def filled(data: bytes, changes: Mapping[str, Any]) -> bytes:
    """A workbook with other texts in cells, found by what stands in them."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value) in changes:
                cell.value = changes[str(cell.value)]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def said(data: bytes) -> str:
    """Every text of a workbook, in cells and in what Excel says beside them."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    checks = [check for sheet in book for check in sheet.data_validations.dataValidation]
    return "\n".join([*texts, *(f"{check.prompt} {check.error}" for check in checks)])


@pytest.mark.parametrize("language", [None, "fr", "de", UNKNOWN])
def test_sentences_write_numbers_as_the_language_does(language: str | None) -> None:
    data = made(language, **ANSWERS)
    words, findings = said(data), "\n".join(perfxl.sentence(one, "en") for one in perfxl.check(data).findings)
    for expected, text in ((SENTENCES, words), (FINDINGS, findings)):
        for comma, point in expected.items():
            assert (comma in text, point in text) == (language is not None, language is None), comma
    assert (": HIja" in words or "HIja" in words) == (language == UNKNOWN)


def test_a_calculated_number_that_was_typed_over() -> None:
    """CO-01 shows both numbers as cells in that language do, with the sign between thousands."""
    book = openpyxl.load_workbook(io.BytesIO(made("fr", **{**ANSWERS, "far": 900})))
    ((box, _),) = calculated_boxes(blank_layout(in_language(installed.load("rides"), "fr")))
    book.worksheets[0].cell(box.row + 1, box.column + 1).value = 1234.5
    stream = io.BytesIO()
    book.save(stream)
    data = stream.getvalue()
    (found,) = [one for one in perfxl.check(data).findings if one.code == "CO-01"]
    assert (found.facts["found"], found.facts["value"]) == ("1 234,50", "2 025,00")


@pytest.mark.parametrize("language", ["fr", "de", UNKNOWN])
def test_texts_come_back_as_numbers_or_are_asked_about(language: str) -> None:
    sent = made(language, **ANSWERS)
    changes = {"4000.25": "1,5 km", "1.5": "1.234,50", "0.125": "12,5 %", "3000.5": "1,500", "7.5": 1.5}
    data = filled(sent, changes)
    (submission,) = perfxl.read(data).submissions
    record = submission.record
    assert (record["far"], record["price"], record["share"], record["less"]) == (1.5, 1234.5, 12.5, "1,500")
    assert record["more"] == 1.5  # a number is a number
    asked = [(one.code, *one.fields) for one in perfxl.check(data).findings if one.code == "LM-02"]
    assert asked == [("LM-02", "less")]
    (corrected,) = perfxl.correct(data).files
    assert {**perfxl.read(corrected.data).submissions[0].record, "whole": None} == {**record, "whole": None}


def test_an_unknown_language_says_how_it_writes_numbers() -> None:
    form = installed.load("rides")
    assert missing(form, UNKNOWN) == missing(form, "fr") == ()
    assert in_language(form, UNKNOWN).signs == NumberSigns(",", "’")
    bare = replace(form, translations={UNKNOWN: TranslationFile("tlh.yaml", OTHER)})
    assert [text for _, text in missing(bare, UNKNOWN)] == ["language::Yes", "language::No", "language::1,234.5"]
    own = replace(form, translations={"fr": TranslationFile("fr.yaml", f"{OTHER}language::Yes: Ouais\n")})
    assert in_language(own, "fr").fields["done"].type.drop_down() == ("Ouais", "Non")


@pytest.mark.parametrize("sample", ["1,234.6", "1234", "1,234,5", "a"])
def test_a_sample_that_is_none(sample: str) -> None:
    file = TranslationFile("tlh.yaml", OTHER + SAID.replace("1’234,5", repr(sample)))
    with pytest.raises(FormError) as raised:
        in_language(replace(installed.load("rides"), translations={UNKNOWN: file}), UNKNOWN)
    assert (raised.value.what, raised.value.facts["found"]) == ("not_a_sample", sample)
