"""``perfxl form lint``: mistakes of the definition, of the codes of checks and of translations, in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import installed, skeleton
from perfxl.form.search_path import form_at
from perfxl.rules.assertion import own_letters
from perfxl.rules.lint import mistakes_of


def lint(folder: Path, text: str, name: str = "visit") -> tuple[FormError, ...]:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "form.yaml").write_text(text, encoding="utf-8")
    return mistakes_of(form_at(folder / name))


def small() -> str:
    words = {key.rpartition(".")[2]: messages.say(key, {}, "en") for key in messages.text_keys("skeleton", "en")}
    return skeleton.new_form("visit", "VI", "en", words, lambda _: "")


def line_of(text: str, piece: str) -> int:
    return next(at for at, line in enumerate(text.splitlines(), 1) if piece in line)


SENTENCE = '    message: "The costs of'
WORDS = ("title", "message", "advice")

# what is written instead of what; the kind of mistake; what the sentence says in English
CASES: dict[str, tuple[dict[str, str], str, str]] = {
    "a check without a sentence": ({SENTENCE: "    # "}, "no_sentence", "VI-01 is a check of your own and has no sentence; add “message: …”. Only perfxl's own codes bring their words with them."),
    "a check with no words at all": ({SENTENCE: "    # ", "    title:": "    # ", "    advice:": "    # "}, "no_sentence", "add “message: …”"),
    "a set's code without facts": ({"VI-01": "MN-02", SENTENCE: "    # ", "    title:": "    # ", "    advice:": "    # ", "\nfields:": "\nchecks: [budget]\nfields:"}, "missing_facts", "MN-02 is perfxl's check “Sum of the sources”, whose sentence needs the facts difference, sum, total; add “facts:”, or take a code of your own."),
    "a foreign prefix": ({"VI-01": "MN-77"}, "code_of_a_set", "MN is a prefix of the checks “budget”, and there is no MN-77; take letters of your own, such as VI-77."),
    "a code of a set that is not named": ({"VI-01": "MN-02"}, "code_of_a_set", "add “checks: [budget]” to have MN-02, or take letters of your own, such as VI-02."),
    "a code of a set with words of its own": ({"VI-01": "MN-02", "\nfields:": "\nchecks: [budget]\nfields:"}, "code_of_a_set", "MN-02 has its own sentence; leave out title, message and advice, or take letters of your own"),
    "letters of the checks of every form": ({"VI-01": "RD-99"}, "code_of_a_set", "RD is a prefix of perfxl's checks of every form, and there is no RD-99; take letters of your own, such as VI-99."),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "what", "said"), CASES.values(), ids=CASES)
def test_a_mistake_of_a_code(changes: dict[str, str], what: str, said: str, tmp_path: Path) -> None:
    text = small()
    for old, new in changes.items():
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    (error,) = lint(tmp_path, text)
    assert (error.what, error.line) == (what, line_of(text, "- code:"))
    sentence = messages.sentence(error, "en")
    assert sentence.startswith(f"{tmp_path}/visit/form.yaml, line {error.line}: ")
    assert said in sentence
    chinese = messages.sentence(error, "zh-CN")
    assert "form.yaml第" in chinese
    assert chinese.endswith("。")


def test_all_mistakes_are_told_in_one_pass_by_line(tmp_path: Path) -> None:
    text = (
        small()
        .replace("record: visit[]", "record: Visit[]")
        .replace("VI-01", "MN-77")
        .replace("{mark: code, span: 2}", "x, y")
    )
    found = lint(tmp_path, text)
    assert [error.what for error in found] == ["not_allowed", "no_mark", "code_of_a_set"]
    assert [error.line for error in found] == sorted(error.line for error in found)


def test_a_form_without_a_mistake(tmp_path: Path) -> None:
    assert lint(tmp_path, small()) == ()
    assert [mistakes_of(installed.place(name)) for name in installed.names()] == [()] * len(installed.names())


def test_a_translation_is_judged_with_its_form(tmp_path: Path) -> None:
    assert lint(tmp_path, small()) == ()
    (tmp_path / "visit" / "texts").mkdir()
    translation = tmp_path / "visit" / "texts" / "fr.yaml"
    translation.write_text('Name: Nom\nNmae: Nom\n"Visits {{ number }}": "Visites {{ numero }}"\n', encoding="utf-8")
    found = lint(tmp_path, small() + " ")
    assert [(error.what, error.line) for error in found] == [("unknown_text", 2), ("not_in_source", 3)]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    assert lint(tmp_path, small()) == ()
    place = form_at(tmp_path / "visit")
    (tmp_path / "visit" / "form.yaml").unlink()
    assert [error.what for error in mistakes_of(place)] == ["no_file"]


@pytest.mark.parametrize(
    ("name", "letters"), [("visit", "VI"), ("travel", "TR"), ("mn-list", "ML"), ("表", "XX"), ("rd", "RA"), ("x", "XA")]
)
def test_letters_for_codes_belong_to_nobody(name: str, letters: Any) -> None:
    assert own_letters(name) == letters
