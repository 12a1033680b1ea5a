"""A form that extends another takes over its answers, locked; every mistake in that is one sentence, at its own line."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import installed
from perfxl.form.form import Form
from perfxl.form.search_path import forms_in
from perfxl.records import check_shape
from perfxl.records import schema as records_schema

ROADS = """\
form: roads
version: "2026.1"
label: Roads
record: roads[]
title: "Road {{ number }}"
sheet: {name: "Road {{ number }}", columns: [18, 18, 18], start: B2}
fields:
  number: {type: integer, given: true}
  village: {type: text, required: true, max_length: 20, hint: Where it ends.}
  length: {type: decimal, unit: km, label: Length, minimum: 1}
  note: {type: paragraph}
tables:
  works:
    label: Works
    required: all
    rows: {min: 3, spare: 2, max: 9}
    columns:
      what: {type: choice, choices: [ditch, bridge], label: What}
      target: {type: decimal, label: Target}
      basis: {type: text, label: Basis}
layout:
  - [{title: true, span: 2}, {mark: code}]
  - [Number, {field: number, span: 2}]
  - [Ends in, {field: village, span: 2}]
  - [Length, {field: length, span: 2}]
  - [Note, {field: note, span: 2}]
  - {table: works}
rules:
  - {code: RO-01, title: Some length, assert: length >= 1, on: [length], message: Too short.}
"""
DONE = """\
form: done
version: "2026.1"
extends: roads@2026.1
drop: [note, works.basis]
title: "Road {{ number }}, done"
sheet: {name: "Done {{ number }}", columns: [18, 18, 18, 18], start: B2}
fields:
  built: {type: decimal, label: Built, required: true}
tables:
  works:
    columns:
      actual: {type: decimal, label: Actual, after: what, required: true}
      why: {type: text, label: Why}
layout:
  - [{title: true, span: 2}, {mark: code, span: 2}]
  - [Number, {field: number}, Village, {field: village}]
  - [Length, {field: length}, Built, {field: built}]
  - {table: works}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of forms, in which they are known."""
    write(tmp_path, {"roads": ROADS, "done": DONE})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path))):
        yield tmp_path


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        file = folder / name / ("form.yaml" if "/" not in name else "")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def load(folder: Path, **texts: str) -> Form:
    """The form ``done`` of a folder, with these texts in it."""
    write(folder, texts)
    with installed.use_search_path(installed.search_path().extended(forms_in(folder, "working_folder"))):
        return installed.load_named(folder / "done")


def test_what_is_taken_over_is_locked_and_what_is_new_is_asked(folder: Path) -> None:
    form = installed.load("done")
    assert (form.record, form.key) == ("roads[]", "number")
    assert list(form.fields) == ["number", "village", "length", "built"]
    assert list(form.tables["works"].columns) == ["what", "actual", "target", "why"]
    assert {*form.given} == {"number", "village", "length", "works.what", "works.target"}
    village = form.fields["village"]
    assert (village.label, village.required, village.hint) == ((), False, None)
    assert form.base is not None
    assert form.base.answers == {*form.given}
    assert (form.rules, form.checks) == ((), ())
    table = form.tables["works"]
    assert (table.inherited, table.minimum, table.label) == (True, 1, "Works")


def test_the_records_of_the_base_are_taken_with_all_they_hold(folder: Path) -> None:
    record = {"number": 1, "note": "x", "works": [{"what": "ditch", "basis": "y", "actual": 3}], "built": 2}
    content = {"year": 2026, "roads": [record]}
    schema = records_schema(installed.load("done"))
    assert not [*check_shape(content, schema)]
    assert [*check_shape({**content, "roads": [{**record, "nothing": 1}]}, schema)]


EXTENDS = "extends: roads@2026.1"
# what is written instead of what, the kind of mistake, its line
MISTAKES: Mapping[str, tuple[str, str, str, int]] = {
    "no version": (EXTENDS, "extends: roads", "extends_no_version", 3),
    "a version that is not there": (EXTENDS, "extends: roads@2025.1", "extends_unknown_version", 3),
    "a form that is not there": (EXTENDS, "extends: road@2026.1", "unknown_form", 3),
    "itself": (EXTENDS, "extends: done@2026.1", "extends_circle", 3),
    "an answer of the base": ("  built: {type: decimal, label: Built,", "  length: {type: decimal,", "answer_of_base", 8),
    "a column of the base": ("      why: {type: text, label: Why}", "      target: {type: text}", "answer_of_base", 13),
    "nothing to drop": ("drop: [note,", "drop: [notes,", "drop_unknown", 4),
    "a label for nothing": (EXTENDS, f"{EXTENDS}\nlabels: {{lenght: How long}}", "label_unknown", 4),
    "a label for what is dropped": (EXTENDS, f"{EXTENDS}\nlabels: {{works.basis: On what}}", "label_unknown", 4),
    "a label where nothing is taken over": (EXTENDS, "record: roads[]\nlabels: {length: How long}", "without_extends", 4),
    "the key dropped": ("drop: [note,", "drop: [note, number,", "drop_needed", 4),
    "behind nothing": ("after: what", "after: wat", "unknown_field", 12),
    "behind itself": ("after: what", "after: actual", "unknown_field", 12),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "line"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake(tmp_path: Path, old: str, new: str, what: str, line: int) -> None:
    assert DONE.count(old) == 1
    with pytest.raises(FormError) as caught:
        load(tmp_path, roads=ROADS, done=DONE.replace(old, new))
    found = [(error.facts["what"], error.facts["line"]) for error in (caught.value, *caught.value.others)]
    assert (what, line) in found
    # a dropped or renamed answer also misses in the layout
    assert {kind for kind, _ in found} <= {what, "nowhere", "unknown_field"}
    for lang in ("zh-CN", "en"):
        sentence = messages.sentence(caught.value, lang)
        assert "done/form.yaml" in sentence
        assert "None" not in sentence


def test_answers_of_the_base_have_other_labels(tmp_path: Path) -> None:
    labels = "labels: {length: [Built, Length], works.target: Target of the year}"
    form = load(tmp_path, roads=ROADS, done=DONE.replace(EXTENDS, f"{EXTENDS}\n{labels}"))
    assert form.fields["length"].label == ("Built", "Length")
    assert form.tables["works"].columns["target"].label == ("Target of the year",)
    assert form.tables["works"].columns["target"].given
    assert form.tables["works"].columns["what"].label == ("What",)
    assert form.base is not None
    assert form.base.form.tables["works"].columns["target"].label == ("Target",)


def test_a_mistake_of_the_base_is_told_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(FormError) as caught:
        load(tmp_path, roads=ROADS.replace("max_length: 20", "max_lenth: 20"), done=DONE)
    assert (caught.value.facts["what"], caught.value.facts["line"]) == ("unknown_key", 9)
    assert str(caught.value.facts["file"]).endswith("roads/form.yaml")
    assert not caught.value.others


def test_what_is_dropped_may_be_asked_anew(tmp_path: Path) -> None:
    asked = DONE.replace("  built: {type: decimal, label: Built,", "  note: {type: text,").replace("built", "note")
    form = load(tmp_path, roads=ROADS, done=asked)
    assert not form.fields["note"].given
    assert form.base is not None
    assert "note" not in form.base.answers


def test_a_released_version_is_extended(tmp_path: Path) -> None:
    write(tmp_path, {"roads/versions/2026.1.yaml": ROADS.replace("label: Roads", "label: Roads of old")})
    form = load(tmp_path, roads=ROADS.replace('"2026.1"', '"2026.2"').replace("village", "hamlet"), done=DONE)
    assert form.base is not None
    assert form.base.form.label == "Roads of old"
    assert "village" in form.fields


def test_a_base_that_was_edited_is_read_anew(tmp_path: Path) -> None:
    first = load(tmp_path, roads=ROADS, done=DONE)
    again = load(tmp_path)
    other = load(tmp_path, roads=ROADS.replace("label: Roads", "label: Ways, longer"), done=DONE)
    assert again is first
    assert other.base is not None
    assert other.base.form.label == "Ways, longer"


@pytest.mark.parametrize(("count", "last", "what"), [(100, ROADS, "extends_too_often"), (3, "", "extends_circle")])
def test_many_forms_that_extend_each_other_end_soon(tmp_path: Path, count: int, last: str, what: str) -> None:
    texts = {
        f"f{at}": DONE.replace("form: done", f"form: f{at}").replace(EXTENDS, f"extends: f{(at + 1) % count}@2026.1")
        for at in range(count)
    }
    start = time.monotonic()
    with pytest.raises(FormError) as caught:
        load(tmp_path, done=DONE.replace(EXTENDS, "extends: f0@2026.1"), **texts)
    assert time.monotonic() - start < 5
    assert caught.value.facts["what"] == what
    assert not caught.value.others
