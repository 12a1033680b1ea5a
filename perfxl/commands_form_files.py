"""The commands that make files of forms: a new one, the proof of one, a translation."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from perfxl import messages, rules
from perfxl.batch import output as files
from perfxl.batch.proof import Proof, ProofStep
from perfxl.batch.prove import prove as prove_form
from perfxl.batch.translation import is_language, update_translation
from perfxl.commands_form import as_json_text
from perfxl.errors import NothingToDo
from perfxl.form import installed, skeleton
from perfxl.form.language_schema import language_schema
from perfxl.form.search_path import DEFINITION
from perfxl.report.console import data, say, show_line
from perfxl.report.form_words import language_words
from perfxl.rules.assertion import own_letters
from perfxl.rules.example import EXAMPLE


def new(name: str, model: str, folder: Path, force: bool, lang: str) -> int:
    """Write the folder of a new form."""
    if not skeleton.is_form_name(name):
        raise NothingToDo(what="bad_form_name", name=name)
    target = folder / name
    made = _like(name, model) if model else _small(name, lang)
    made[skeleton.SCHEMA_FILE] = f"{as_json_text(language_schema(partial(language_words, lang=lang)))}\n".encode()
    files.check_free([target / file for file in made], force)
    for file, content in made.items():
        files.write_file(target / file, content)
        show_line(target / file)
    say(messages.say("forms.made", {"folder": str(target), "dir": str(folder)}, lang))
    return 0


def _small(name: str, lang: str) -> dict[str, bytes]:
    """Return the files of a small form with comments."""
    words = {key.rpartition(".")[2]: messages.say(key, {}, lang) for key in messages.text_keys("skeleton", lang)}
    text = skeleton.new_form(name, own_letters(name), lang, words, partial(language_words, lang=lang))
    return {DEFINITION: text.encode(), EXAMPLE: skeleton.example_of_new_form(words).encode()}


def _like(name: str, model: str) -> dict[str, bytes]:
    """Return the files of a form like another one. Raises UnknownForm, or FormError where that has a mistake."""
    installed.load_named(model)  # for its mistakes
    place = installed.place_named(model)
    made = {DEFINITION: skeleton.renamed(place.text(), name).encode()}
    folder = place.folder
    for file in folder.iterdir() if folder is not None else ():
        if file.is_file() and file.name.endswith((".yaml", ".csv")) and file.name not in (DEFINITION, place.file):
            made[file.name] = file.read_bytes()
    return made


def prove(name: str, output: Path | None, office: bool, as_json: bool, force: bool, lang: str) -> int:
    """Try a form, and say what was proved; return 1 where something does not hold."""
    form = installed.load_named(name)
    rules.rules(form)  # raises where its checks have a mistake
    proof = prove_form(form, office)
    if output:
        files.check_free([output / file for file in proof.workbooks], force)
        for file, content in proof.workbooks.items():
            files.write_file(output / file, content)
    if as_json:
        data(as_json_text({"form": form.name, "steps": [_plain_step(step, lang) for step in proof.steps]}))
    else:
        _show_proof(proof, lang)
    return 1 if proof.failures else 0


def _plain_step(step: ProofStep, lang: str) -> dict[str, object]:
    failures = [messages.sentence(failure, lang) for failure in step.failures]
    return {"what": step.what, **step.facts, "failures": failures}


def _show_proof(proof: Proof, lang: str) -> None:
    for step in proof.steps:
        show_line(messages.say(f"forms.proof.{step.what}", step.facts, lang))
        for failure in step.failures:
            show_line(f"  {messages.sentence(failure, lang)}")
    say(messages.say("forms.proved", {"form": proof.form.name, "failures": len(proof.failures)}, lang))


def texts(name: str, target: str, lang: str) -> int:
    """Bring the translation of a form up to date; return 1 where it has a mistake."""
    form = installed.load_named(name)
    place = installed.place_named(name)
    if not is_language(target) or target == form.language:
        raise NothingToDo(what="no_language", lang=target, own=form.language)
    if not place.path:
        raise NothingToDo(what="not_own_form", form=form.name, file=place.file)
    updated = update_translation(form, target, lang)
    file = Path(place.file).parent / "texts" / f"{target}.yaml"
    files.write_file(file, updated.content.encode())
    show_line(file)
    for mistake in updated.mistakes:
        say(messages.sentence(mistake, lang))
    facts = {"added": updated.added, "waiting": updated.waiting, "stale": updated.stale}
    say(messages.say("forms.translated", facts, lang))
    if target not in messages.languages():
        say(messages.say("forms.texts.no_words", {"lang": target, "instead": messages.instead_of(target)}, lang))
    return 1 if updated.mistakes else 0
