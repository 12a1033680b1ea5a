"""The table of keys said: a sentence for each key, the JSON Schema for editors, a form to begin with."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from form.test_mistakes import GOOD

from perfxl import messages, records
from perfxl.form import installed, skeleton, types
from perfxl.form.definition.keys import SECTIONS
from perfxl.form.definition.options import type_options
from perfxl.form.language_schema import language_schema
from perfxl.report.form_words import language_words

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "zh-CN")
SCHEMA = language_schema(partial(language_words, lang="en"))
FORMS = [
    file for file in sorted(ROOT.rglob("form.yaml")) if not {"site", "build", "node_modules"} & set(file.parts)
]  # the type of answer that tests/outside/site brings is not installed here


def complaints(text: str) -> list[str]:
    """What the schema says of a definition, read as an editor reads it: YAML 1.2."""
    return [
        str(error.message) for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(records.parse_yaml(text, ""))
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_has_a_sentence_and_every_sentence_a_key(lang: str) -> None:
    """A new key is a line in definition/keys.py, and one in messages/<language>/language.yaml."""
    keys = {f"keys.{section}.{key.name}" for section, keys in SECTIONS.items() for key in keys}
    options = {f"options.{option.name}" for kind in types.types().values() for option in type_options(kind)}
    named = {f"types.{name}" for name in types.types()}
    said = {key.removeprefix("language.") for key in messages.text_keys("language", lang)}
    said = {key for key in said if key.partition(".")[0] in ("keys", "options", "types")}
    needed = keys | options | named
    assert (sorted(needed - said), sorted(said - needed)) == ([], [])
    for key in needed:
        assert language_words(key, lang).rstrip()[-1] in ".。", key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_section_has_a_heading(lang: str) -> None:
    headings = [messages.say("language.reference.section", {"name": name}, lang) for name in SECTIONS]
    assert [name for name, heading in zip(SECTIONS, headings, strict=True) if heading == name] == []
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(("section", "key"), [(section, key) for section, keys in SECTIONS.items() for key in keys])
def test_the_examples_of_the_table_are_of_their_shape(section: str, key: Any) -> None:
    if key.required and section in ("form", "sheet"):
        return  # an example of these is a piece
    held = (
        SCHEMA["properties"]
        if section == "form"
        else SCHEMA["definitions"]["field_text" if section == "field" else section]["properties"]
    )
    schema = {**held[key.name], "definitions": SCHEMA["definitions"]}
    for text in filter(None, (key.example, key.default)):
        value = records.parse_yaml(text, "")
        errors = [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(value)]
        # pieces of a rule, of groups, of a sheet leave out what must be there; a type is named by its word
        assert all(
            "required property" in error or key.name == "type" or "valid under any" in error for error in errors
        ), errors


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.parent.name)
def test_an_editor_takes_every_form_that_the_loader_takes(file: Path) -> None:
    assert complaints(file.read_text(encoding="utf-8")) == []


def test_an_editor_takes_the_definition_without_a_mistake() -> None:
    assert complaints(GOOD) == []


SEEN = {
    "a key misspelt": ("given: true", "givne: true"),
    "a key misspelt on top": ("tables:", "tabels:"),
    "a type that is a format": ("type: code, scheme: hebei-2024", "type: email"),
    "an old word": ("type: money\n    label", "kind: money\n    label"),
    "an entry twice": ("[新增, 延续]", "[新增, 新增]"),
    "a number among the entries": ("[新增, 延续]", "[新增, 2026]"),
    "an option of another type": ("max_length: 20", "scheme: x"),
    "a word that cannot stand there": ("align: right", "align: up"),
    "half a span": ("span: 3}]\n  - {table", "span: 1.5}]\n  - {table"),
    "a flag that is a word": ("given: true", "given: maybe"),
    "no version": ("version: 2024.10\n", ""),
    "a pattern without words": ("max_length: 20", 'pattern: "[A-Z]{2}"'),
    "a rule about nothing": (", on: [much.rest]", ""),
}


@pytest.mark.parametrize(("old", "new"), SEEN.values(), ids=SEEN)
def test_an_editor_sees(old: str, new: str) -> None:
    assert GOOD.count(old) == 1
    assert complaints(GOOD.replace(old, new))


def test_every_property_has_its_sentence() -> None:
    for name, held in {"form": SCHEMA, **SCHEMA["definitions"]}.items():
        for key, schema in held["properties"].items():
            assert schema.get("description"), (name, key)


# A form to begin with ---------------------------------------------------------------------------------------------------


def small(lang: str, name: str = "visit") -> str:
    words = {key.rpartition(".")[2]: messages.say(key, {}, lang) for key in messages.text_keys("skeleton", lang)}
    return skeleton.new_form(name, "VI", lang, words, partial(language_words, lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_new_form_works_as_it_is(lang: str) -> None:
    text = small(lang)
    form = installed.load_text(text, "visit/form.yaml")
    assert complaints(text) == []
    assert (form.language, form.root, form.rules[0].code) == (lang, "visit", "VI-01")
    assert {asked.type.name for asked in form.asked} >= {"text", "date", "money", "choice", "paragraph"}
    assert form.tables
    assert "$" not in text.replace("$schema", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_comments_of_a_new_form_are_the_sentences_of_the_keys(lang: str) -> None:
    text = small(lang)
    comments = " ".join(line.strip().removeprefix("# ") for line in text.splitlines() if line.strip().startswith("# "))
    for key in ("keys.form.version", "keys.rule.advice", "options.max_length", "keys.cell.mark"):
        assert language_words(key, lang).replace(" ", "") in comments.replace(" ", "")
    assert all(len(line) <= 120 for line in text.splitlines())
    uncommented = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
    assert yaml.safe_load(uncommented) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("visit", True), ("travel-claim", True), ("a1", True), ("x" * 41, False), ("", False), ("Visit", False), ("1a", False),
     ("a b", False), ("../a", False), ("表", False), ("a-", False), ("con.x", False)],
)  # fmt: skip
def test_what_may_name_a_form(name: str, wanted: bool) -> None:
    assert skeleton.is_form_name(name) is wanted


def test_a_form_like_another_has_another_name_and_the_line_for_editors() -> None:
    text = skeleton.renamed(GOOD, "g")
    assert text.splitlines()[0] == skeleton.SCHEMA_LINE.strip()
    assert installed.load_text(text, "g/form.yaml").name == "g"
    assert skeleton.renamed(text, "h").count("yaml-language-server") == 1
