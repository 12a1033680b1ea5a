"""Entries of lists in several languages: a cell shows its own language's, the record has the entry, any is read."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import perfxl
from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import installed
from perfxl.form.search_path import forms_in
from perfxl.form.texts import all_texts, in_language, missing, readable, stale
from perfxl.form.types.base import Raw
from perfxl.form.types.choice import Choice

FORM = """
form: survey
version: "1"
language: en
label: Survey of paths
record: survey
title: Survey of paths
choices:
  kinds: {road: {paved: Paved road, dirt: Dirt road}, trail: {marked: Marked trail, wild: Wild trail}}
  uses: [walking, cycling, "10"]
  seasons: {file: seasons.csv}
fields:
  state:  {type: choice, label: State, choices: {good: Good, poor: In poor state}}
  uses:   {type: choice, label: Used for, choices: uses, multiple: true, separator: ";"}
  season: {type: choice, label: Season, choices: seasons}
  why:    {type: text, label: Reasons}
tables:
  paths:
    label: Paths
    groups: {by: kind, rows: 2, spare: 0}
    columns:
      kind:   {type: choice, label: Kind, choices: kinds}
      detail: {type: choice, label: Detail, choices: kinds, within: kind}
      length: {type: integer, label: Length}
rules:
  - code: SU-01
    title: Reasons are given
    assert: state != "poor" or why is not blank
    on: [why]
    message: The state is poor, and nothing is said about it.
  - code: SU-02
    title: Cyclists need a road
    assert: not (uses | contains("cycling")) or paths | where(kind == "road" and length is not blank) | count > 0
    on: [uses]
    message: There is no road to cycle on.
"""
FRENCH = """
Survey of paths: Enquête sur les chemins
State: État
Good: Bon
In poor state: En mauvais état
Used for: Utilisé pour
walking: Promenade
cycling: Vélo
Season: Saison
Reasons: Raisons
Paths: Chemins
Kind: Genre
Detail: Détail
Length: Longueur
road: Route
trail: Sentier
Paved road: Route goudronnée
Dirt road: Route de terre
Marked trail: Sentier balisé
Wild trail: Sentier sauvage
Reasons are given: Raisons données
The state is poor, and nothing is said about it.: L'état est mauvais, sans explication.
Cyclists need a road: Une route pour les vélos
There is no road to cycle on.: Aucune route pour les vélos.
"""
ROWS = [
    {"kind": "road", "detail": "dirt", "length": 12},
    {"kind": "trail", "detail": "wild", "length": 3},
]
RECORDS: Mapping[str, Any] = {
    "year": 2026,
    "unit": {"code": "P4", "name": "Parks"},
    "survey": {"state": "poor", "uses": ["walking", "cycling"], "season": "spring", "why": None, "paths": ROWS},
}
SPELLINGS = [  # typed, entry
    ("Good", "good"), ("good", "good"), ("Bon", "good"), ("bon。", "good"), ("In poor state", "poor"),
    ("En mauvais état", "poor"), ("EN MAUVAIS ÉTAT", "poor"), ("Mauvais", None),
]  # fmt: skip


def place(folder: Path, french: str = FRENCH, form: str = FORM) -> None:
    here = folder / "forms" / "survey"
    (here / "texts").mkdir(parents=True, exist_ok=True)
    (here / "form.yaml").write_text(form, "utf-8")
    (here / "texts" / "fr.yaml").write_text(french, "utf-8")
    (here / "seasons.csv").write_text("season\nspring\nautumn\n", "utf-8")


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    place(tmp_path)
    before = installed.search_path()
    installed.set_search_path(before.extended(forms_in(tmp_path / "forms")))
    yield
    installed.set_search_path(before)


def made(folder: Path, language: str | None, name: str = "out") -> Path:
    (workbook,) = perfxl.generate(RECORDS, form="survey", prefill="all", language=language, output=folder / name)
    assert workbook.path is not None
    return workbook.path


def shown(path: Path) -> set[str]:
    """What the cells of a workbook's form sheet and of its lists hold."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    return {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_cells_and_lists_show_the_translation_and_records_have_the_entry(tmp_path: Path) -> None:
    french, english = made(tmp_path, "fr"), made(tmp_path, None, "english")
    texts = {"En mauvais état", "Promenade;Vélo", "Route", "Sentier", "Route de terre", "Sentier sauvage", "spring"}
    assert texts <= shown(french)
    assert not shown(french) & {"In poor state", "walking;cycling", "road", "trail", "Dirt road", "Good", "Paved road"}
    assert {"In poor state", "walking;cycling", "road", "Dirt road"} <= shown(english)
    for path in (french, english):
        (submission,) = perfxl.read(path).submissions
        assert submission.record == {**RECORDS["survey"], "paths": submission.record["paths"]}
        assert [row for row in submission.record["paths"] if row["length"]] == ROWS
        assert not submission.notes
        assert not submission.doubts


def test_checks_and_the_self_check_speak_of_the_entries(tmp_path: Path) -> None:
    for language in ("fr", None):
        path = made(tmp_path, language, language or "own")
        found = {finding.code: finding for finding in perfxl.check(path, form="survey").findings}
        assert "SU-01" in found
        assert "SU-02" not in found
        formulas = "".join(text for text in shown(path) if text.startswith("="))
        assert ('"En mauvais état"' in formulas, '"In poor state"' in formulas) == (language == "fr", language is None)
        before = perfxl.read(path).submissions[0]
        perfxl.flag(path, output=tmp_path / f"{language}.xlsx")
        assert perfxl.correct(path, output=tmp_path / f"{language}-anew.xlsx").files[0].changes == ()
        for file in (f"{language}.xlsx", f"{language}-anew.xlsx"):
            (after,) = perfxl.read(tmp_path / file).submissions
            assert (after.record, after.language) == (before.record, language or "")


@pytest.mark.parametrize("language", ["", "fr"])
@pytest.mark.parametrize(("typed", "entry"), SPELLINGS)
def test_every_language_is_read_in_every_language(language: str, typed: str, entry: str | None) -> None:
    kind = readable(installed.load("survey"), language).fields["state"].type
    understood = kind.read(Raw(typed))
    assert (understood.value, understood.problem) == ((entry, "") if entry else (typed, "not_in_list"))
    assert kind.show(entry) == {"fr": {"good": "Bon", "poor": "En mauvais état"}}.get(
        language, {"good": "Good", "poor": "In poor state"}
    ).get(entry or "")


def test_entries_are_texts_of_the_form_unless_they_come_from_a_file() -> None:
    form = installed.load("survey")
    texts = {text for _, text in all_texts(form)}
    assert {"Good", "walking", "road", "Wild trail"} <= texts
    assert not texts & {"spring", "10", "good", "paved"}
    assert ("choices.uses", "walking") in all_texts(form)
    assert ("state", "Good") in all_texts(form)
    assert missing(form, "fr") == ()
    assert stale(form, "fr") == ()


def test_one_text_with_two_translations(tmp_path: Path) -> None:
    place(tmp_path, f'{FRENCH}"state::Good": Bien\n')
    kind = in_language(installed.load("survey"), "fr").fields["state"].type
    assert isinstance(kind, Choice)
    assert kind.drop_down() == ("Bien", "En mauvais état")


MISTAKES = [
    ("In poor state: En mauvais état", "In poor state: Bon", "entry_twice", {"found": "Bon"}),
    ("cycling: Vélo", "cycling: Vélo; VTT", "separator_in_entry", {"sign": ";", "entry": "Vélo; VTT"}),
    ("walking: Promenade", "waking: Promenade", "unknown_text", {"text": "waking", "near": "walking"}),
    ("Wild trail: Sentier sauvage\n", "", "untranslated", {"texts": ["Wild trail"]}),
]


@pytest.mark.parametrize(("before", "after", "what", "facts"), MISTAKES, ids=[one[2] for one in MISTAKES])
def test_mistakes(before: str, after: str, what: str, facts: Mapping[str, object], tmp_path: Path) -> None:
    assert before in FRENCH
    changed = FRENCH.replace(before, after)
    form = installed.load("survey")
    wrong = installed.replace(form, translations={"fr": installed.TranslationFile("survey/texts/fr.yaml", changed)})
    with pytest.raises(FormError) as raised:
        in_language(wrong, "fr")
    assert (raised.value.what, {name: raised.value.facts[name] for name in facts}) == (what, facts)
    if after:
        assert changed.splitlines()[raised.value.line - 1] == after
    assert all("survey/texts/fr.yaml" in perfxl.sentence(raised.value, lang) for lang in messages.languages())
    readable(wrong, "fr")  # what is amiss in a translation hinders nobody from reading
