"""Words of calculations and conditions in two languages: the sheets calculate alike, and what comes back is the same.

The form has every place in which an expression meets a cell that shows a translation: calculations, conditions of
answers and rows, checks, limits, sentences.
"""

from __future__ import annotations

import datetime
import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import LibreOffice

import perfxl
from perfxl.errors import FormError
from perfxl.form import installed
from perfxl.form.form import TranslationFile
from perfxl.form.layout import blank_layout
from perfxl.form.search_path import forms_in
from perfxl.form.texts import all_texts, in_language
from perfxl.rules.assertion import part_beyond_excel
from perfxl.rules.policy import default_policy
from perfxl.workbook.sheet.calculations import BLANK, calculated_boxes, calculation_formulas

COUNT = 12
"""The number of invented records."""

FORM = """
form: trips
version: "1"
language: en
label: Trips
record: trips[]
key: number
title: "Trip {{ number }}"
choices:
  mode: [train, own car, company car]
  kind: {IT: Computers, FU: Furniture}
  state: {good: In order, late: Too late}
fields:
  number:   {type: integer, given: true}
  departed: {type: date, label: Departed}
  returned: {type: date, label: Returned}
  mode:     {type: choice, choices: mode, label: Mode}
  kind:     {type: choice, choices: kind, label: Kind}
  grade:    {type: text, label: Grade, calculation: '"late" if returned - departed > 10 else "on time"'}
  stock:    {type: text, label: Stock, calculation: kind}
  state:    {type: choice, choices: state, label: State, calculation: '"late" if grade == "late" else "good"'}
  travel:   {type: text, label: Travel, calculation: 'grade if mode == "train" else "by road"'}
  letters:  {type: integer, label: Letters, calculation: grade | length}
  first:    {type: text, label: Way of the first slow leg, calculation: 'legs | where(pace == "slow") | first(way)'}
  km:       {type: decimal, label: Kilometres, also: [unknown], minimum: 2, relevant: mode == "own car", required: true}
  fuel:     {type: integer, label: Fuel, constraint: {value: 'fuel <= 10 or mode | contains("car")', message: "{{ fuel }} litres by {{ mode }}."}}
  why:      {type: text, label: Reason, example: heavy snow, required: state == "late"}
tables:
  legs:
    label: Legs
    rows: {min: 3, spare: 0, max: 3}
    columns:
      way:   {type: choice, choices: mode, label: Way}
      hours: {type: integer, label: Hours}
      pace:  {type: text, label: Pace, calculation: '"slow" if hours > 5 else "fast"'}
      note:  {type: text, label: Note, required: pace == "slow"}
rules:
  - {code: TR-01, title: No slow trains, each: legs, assert: not (pace == "slow" and way == "train"), on: [hours], message: "A {{ pace }} leg by {{ way }}."}
  - {code: TR-02, title: Few slow legs, assert: (legs | where(pace == "slow") | count) <= 1, on: [legs], message: "Too many legs: {{ grade }}."}
  - {code: TR-03, title: Same stock, assert: stock == kind, on: [kind], message: The stock is another one.}
  - {code: TR-04, title: No computers by car, assert: 'not (stock in ["IT"] and mode in ["own car", "company car"])', on: [mode], message: "{{ stock }} by {{ mode }}."}
"""
FRENCH = """
Trips: Voyages
"Trip {{ number }}": "Voyage {{ number }}"
Departed: Départ
Returned: Retour
Mode: Moyen
Kind: Genre
Grade: Note
Stock: Réserve
State: État
Travel: Trajet
Letters: Lettres
Way of the first slow leg: Moyen de la première étape lente
Kilometres: Kilomètres
Fuel: Carburant
"{{ fuel }} litres by {{ mode }}.": "{{ fuel }} litres en {{ mode }}."
Reason: Motif
Legs: Étapes
Way: Transport
Hours: Heures
Pace: Allure
Note: Remarque
No slow trains: Pas de train lent
"A {{ pace }} leg by {{ way }}.": "Une étape {{ pace }} en {{ way }}."
Few slow legs: Peu d'étapes lentes
"Too many legs: {{ grade }}.": "Trop d'étapes : {{ grade }}."
Same stock: Même réserve
The stock is another one.: La réserve est une autre.
No computers by car: Pas d'informatique en voiture
"{{ stock }} by {{ mode }}.": "{{ stock }} en {{ mode }}."
train: Train
own car: Voiture personnelle
company car: Voiture de service
Computers: Informatique
Furniture: Mobilier
In order: En règle
Too late: Trop tard
late: en retard
on time: à l'heure
by road: par la route
slow: lente
fast: rapide
unknown: inconnu
heavy snow: forte neige
"""
WORDS = {"unknown", "heavy snow", "late", "on time", "by road", "slow", "fast"}


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    here = tmp_path / "forms" / "trips"
    (here / "texts").mkdir(parents=True)
    (here / "form.yaml").write_text(FORM, "utf-8")
    (here / "texts" / "fr.yaml").write_text(FRENCH, "utf-8")
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path / "forms"))):
        yield


def invented(pick: random.Random, number: int) -> dict[str, Any]:
    """A record of answers that keep and break every condition of the form, some of them blank."""
    modes = ("train", "own car", "company car", None)
    day = datetime.date(2026, 3, 1)
    legs = [
        {"way": pick.choice(modes), "hours": pick.choice((1, 5, 6, 9, None)), "note": pick.choice(("rain", None))}
        for _ in range(3)
    ]
    return {
        "number": number,
        "departed": pick.choice((day.isoformat(), None)),
        "returned": (day + datetime.timedelta(days=pick.choice((3, 10, 11, 30)))).isoformat(),
        "mode": pick.choice(modes),
        "kind": pick.choice(("IT", "FU", None)),
        "km": pick.choice((12.5, 1, "unknown", None)),
        "fuel": pick.choice((5, 20, None)),
        "why": pick.choice(("snow", None)),
        "legs": legs,
    }


def records(*trips: Mapping[str, Any]) -> dict[str, Any]:
    return {"year": 2026, "unit": {"code": "P4", "name": "Parks"}, "trips": list(trips)}


def made(language: str | None, *trips: Mapping[str, Any]) -> bytes:
    (workbook,) = perfxl.generate(records(*trips), form="trips", prefill="all", language=language)
    return workbook.data


def found(data: bytes) -> list[tuple[str, ...]]:
    """The findings, by check and answers, but for the hint that nobody saved the workbook in Excel."""
    return [(one.code, str(one.sheet), *one.fields) for one in perfxl.check(data).findings if one.code != "RD-18"]


def cells(data: bytes) -> list[dict[str, Any]]:
    """What the cells of each sheet of the form show; an empty text is a blank."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    named = [sheet for sheet in book if sheet.title[:4] in ("Trip", "Voya")]
    return [
        {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value not in (None, "")}
        for sheet in named
    ]


def test_every_formula_is_there_in_both_languages() -> None:
    form = installed.load("trips")
    assert {text for _, text in all_texts(form)} >= WORDS
    for spoken in (form, in_language(form, "fr")):
        layout = blank_layout(spoken)
        formulas = calculation_formulas(layout)
        assert {box.field.id for box, _ in calculated_boxes(layout) if box.field} == {
            "grade", "stock", "state", "travel", "letters", "first", "pace",
        }  # fmt: skip
        assert BLANK not in formulas.values()
        assert {rule.code: part_beyond_excel(rule, spoken, default_policy()) for rule in spoken.rules} == dict.fromkeys(
            ("TR-01", "TR-02", "TR-03", "TR-04"), ""
        )


def test_the_same_record_is_the_same_in_two_languages(office: LibreOffice, tmp_path: Path) -> None:
    """The records read, the findings, and what LibreOffice calculates in every cell; both sheets count alike."""
    pick = random.Random(28)
    trips = [invented(pick, number) for number in range(1, COUNT + 1)]
    read, judged, counted = [], [], []
    for language in (None, "fr"):
        data = made(language, *trips)
        sent, saved = tmp_path / f"{language}.xlsx", tmp_path / f"{language}-saved.xlsx"
        sent.write_bytes(data)
        office.convert(sent, saved)
        assert cells(saved.read_bytes()) == cells(data)
        again = [one.record for one in perfxl.read(saved).submissions]
        assert [one.record for one in perfxl.read(data).submissions] == again
        assert found(saved.read_bytes()) == found(data)
        read.append(again)
        judged.append([(code, *fields) for code, _, *fields in found(data)])
        counted.append([[value for value in one.values() if isinstance(value, (int, float))] for one in cells(data)])
    assert read[0] == read[1]
    assert judged[0] == judged[1]
    assert counted[0] == counted[1]
    assert {"en retard", "à l'heure", "lente", "Mobilier", "Trop tard", "inconnu"} <= {
        value for one in cells(data) for value in one.values()
    }
    said = " ".join(perfxl.sentence(one) for one in perfxl.check(data).findings)
    for words in (
        "Une étape lente en Train.",
        "Trop d'étapes : en retard.",
        "Informatique en Voiture personnelle.",
        "“Moyen”",
    ):
        assert words in said
    assert {code for code, *_ in judged[0]} == {"LM-01", "LM-03", "LM-08", "LM-09", "TR-01", "TR-02", "TR-04"}
    assert {row["pace"] for one in read[1] for row in one["legs"]} >= {"slow", "fast"}


def test_two_words_of_a_calculation_need_two_translations() -> None:
    twice = TranslationFile("trips/texts/fr.yaml", FRENCH.replace("on time: à l'heure", "on time: en retard"))
    with pytest.raises(FormError) as raised:
        in_language(replace(installed.load("trips"), translations={"fr": twice}), "fr")
    assert (raised.value.what, raised.value.facts["found"]) == ("word_twice", "en retard")
    assert twice.content.splitlines()[int(raised.value.line) - 1] == "on time: en retard"
