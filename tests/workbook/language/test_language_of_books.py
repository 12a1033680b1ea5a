"""The language of workbooks: an English form's, a translation's, and Chinese as ever; what comes back is read in all."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
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
from perfxl.form.texts import all_texts, in_language
from perfxl.workbook.sheet.look import text_height

HERE = Path(__file__).parent
CJK = re.compile("[\u2e80-\u2fff\u3001-\u303f\u3040-\u9fff\uf900-\ufaff\uff01-\uffef]")
RECORDS: Mapping[str, Any] = {
    "year": 2026,
    "unit": {"code": "LIB7", "name": "City Library"},
    "loans": [
        {
            "number": number,
            "borrower": borrower,
            "purpose": purpose,
            "returned": "2026-05-04",
            "room": "B12",
            "state": "damaged",
            "note": None,
            "items": [
                {"item": "Projector", "quantity": 3, "broken": 5},
                {"item": " Screen", "quantity": "many", "broken": 0},
            ],
        }
        for number, borrower, purpose in ((1, "Ada Moss", "Reading  evening "), (2, "Ben Orr", None))
    ],
}


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    """The form in a folder of forms, with its translation."""
    (tmp_path / "forms" / "loans" / "texts").mkdir(parents=True)
    shutil.copy(HERE / "form.yaml", tmp_path / "forms" / "loans")
    shutil.copy(HERE / "fr.yaml", tmp_path / "forms" / "loans" / "texts")
    before = installed.search_path()
    installed.set_search_path(before.extended(forms_in(tmp_path / "forms")))
    yield
    installed.set_search_path(before)


def made(folder: Path, records: Mapping[str, Any] = RECORDS, **options: Any) -> Path:
    (workbook,) = perfxl.generate(records, form="loans", prefill="all", output=folder / "out", force=True, **options)
    assert workbook.path is not None
    return workbook.path


def foreign(path: Path) -> dict[str, set[str]]:
    """The parts of a package in which such characters stand; the theme names a font for every script there is."""
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    return {name: found for name, text in texts.items() if "theme" not in name and (found := set(CJK.findall(text)))}


def shown(path: Path) -> list[str]:
    """Every text that a cell of a workbook holds."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize("lang", ["", "fr"])
def test_a_workbook_has_one_language(tmp_path: Path, lang: str) -> None:
    path = made(tmp_path, language=lang or None)
    assert foreign(path) == {}
    flagged = perfxl.flag(path, output=tmp_path / "flagged.xlsx", deadline="4 May")
    codes = {finding.code for file in flagged.files for finding in file.findings}
    assert {"LO-01", "LO-02", "LM-01", "LM-02", "TX-01"} <= codes
    assert foreign(tmp_path / "flagged.xlsx") == {}
    perfxl.correct(path, output=tmp_path / "corrected.xlsx")
    assert foreign(tmp_path / "corrected.xlsx") == {}
    for file in ("flagged.xlsx", "corrected.xlsx"):
        assert not [text for text in shown(tmp_path / file) if "\u3000" in text and not text.startswith("=")]


def test_no_text_of_the_form_stays_in_its_own_language(tmp_path: Path) -> None:
    """Not even the titles and advice of its checks, on the self-check sheet."""
    form = installed.load("loans")
    sources = {text for _, text in all_texts(form)} - {text for _, text in all_texts(in_language(form, "fr"))}
    assert {rule.words.title for rule in form.rules if rule.words} <= sources
    assert sources.isdisjoint(shown(made(tmp_path, language="fr")))


def test_flagging_goes_on_in_the_language_of_the_workbook(tmp_path: Path) -> None:
    path = made(tmp_path, language="fr")
    for target in ("once.xlsx", "twice.xlsx"):
        perfxl.flag(path, output=tmp_path / target)
        path = tmp_path / target
    assert (tmp_path / "once.xlsx").read_bytes() == (tmp_path / "twice.xlsx").read_bytes()
    said = " ".join(shown(path))
    assert "Sur 3 pièces prêtées, 5 sont hors d'usage" in said
    assert "are on loan" not in said


def test_what_was_filled_in_is_read_whatever_the_language(tmp_path: Path) -> None:
    records = [perfxl.read(made(tmp_path, language=lang)).submissions for lang in (None, "fr")]
    own, french = ([submission.record for submission in found] for found in records)
    assert own == french
    assert [submission.language for submission in records[1]] == ["fr", "fr"]


def test_the_labels_find_the_answers_where_marks_and_names_are_lost(tmp_path: Path) -> None:
    """Values pasted into a new workbook: nothing but the words is left, in either language."""
    for lang in (None, "fr"):
        source = openpyxl.load_workbook(made(tmp_path, language=lang))
        bare = openpyxl.Workbook()
        sheet = bare.active
        assert sheet is not None
        form = next(tab for tab in source if tab.title.startswith(("Loan", "Prêt")))
        for row in form.iter_rows(min_row=2):
            for cell in row:
                if cell.value is not None and cell.column > 1:
                    sheet.cell(cell.row, cell.column, cell.value)
        bare.save(tmp_path / "bare.xlsx")
        (submission,) = perfxl.read(tmp_path / "bare.xlsx").submissions
        assert (submission.record["room"], submission.record["state"]) == ("B12", "damaged")
        assert submission.language == (lang or "")


def test_a_chinese_workbook_says_what_it_always_said(tmp_path: Path) -> None:
    form = installed.load("project-target")
    assert form.language == "zh-CN"
    assert in_language(form, "") is form
    assert messages.say("sheet.code") == "识别码"


MISTAKES = {
    "a text that the form has no more": ("Room: Salle", "Rooms: Salle", "unknown_text", {"near": "Room"}),
    "a name that is wrong": ("à {{ borrower }}", "à {{ borower }}", "not_in_source", {"name": "borower", "near": "borrower"}),
    "an expression that is none of the sentence's": ("Sur {{ quantity }}", "Sur {{ quantite }}", "not_in_source", {"near": "quantity"}),
    "a text that is not translated": ("Room: Salle\n", "", "untranslated", {"count": 1, "texts": ["Room"]}),
    "an empty translation": ("Condition: État", "Condition:", "untranslated", {"texts": ["Condition"]}),
    "a value where there is none in the source": ("Room: Salle", "Room: '{{ number }}'", "not_in_source", {"known": []}),
    "a hint that Excel cannot show": ("À quoi sert", "À quoi sert " * 30, "too_long", {"limit": 255}),
    "a control character": ("Room: Salle", 'Room: "a\\u0007"', "not_yaml", {}),
    "no Jinja": ("Prêt {{ number }}", "Prêt {{ number", "not_jinja", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_in_a_translation_have_their_line(name: str) -> None:
    before, after, what, facts = MISTAKES[name]
    form, content = installed.load("loans"), (HERE / "fr.yaml").read_text("utf-8")
    assert before in content
    file = installed.TranslationFile("loans/texts/fr.yaml", content.replace(before, after))
    wrong = installed.replace(form, translations={"fr": file})
    with pytest.raises(FormError) as raised:
        in_language(wrong, "fr")
    assert raised.value.what == what
    assert {name: raised.value.facts[name] for name in facts} == facts
    assert raised.value.file == "loans/texts/fr.yaml"
    for lang in messages.languages():
        assert "loans/texts/fr.yaml" in perfxl.sentence(raised.value, lang)
    if what in ("unknown_text", "not_in_source"):
        lines = file.content.splitlines()
        assert after in lines[raised.value.line - 1]


def test_a_language_without_a_translation() -> None:
    with pytest.raises(FormError) as raised:
        in_language(installed.load("loans"), "de")
    assert (raised.value.what, raised.value.known) == ("no_translation", ("en", "fr"))


def test_every_text_of_a_form_can_be_translated() -> None:
    """A translation that marks every text: nothing of the sheet's own words is left without the mark."""
    form = installed.load("loans")
    texts = dict.fromkeys(text for _, text in all_texts(form))
    content = "".join(f"{text!r}: {'«' + text!r}\n".replace("'", '"') for text in texts)
    marked = in_language(installed.replace(form, translations={"xx": installed.TranslationFile("xx", content)}), "xx")
    assert all(text.startswith("«") for _, text in all_texts(marked))
    assert [field.label for field in marked.asked if field.label] == [
        tuple(f"«{part}" for part in field.label) for field in form.asked if field.label
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [("word", 1), ("two words", 1), ("x" * 21, 2), ("several words that need some more lines", 3), ("a\nb", 2)],
)
def test_heights_of_words(text: str, lines: int) -> None:
    assert text_height(text, 16.0, 10, lang="en") == pytest.approx(lines * 14.0 + 6)
