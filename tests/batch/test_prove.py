"""``perfxl form prove``: what it finds where something does not hold, and nothing where all does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from form.test_form_language import small

from perfxl import messages
from perfxl.batch import office_proof
from perfxl.batch import prove as proving
from perfxl.batch.libreoffice import Judged
from perfxl.batch.proof import Proof, breaks, tried_entries, tried_values, typed_answers
from perfxl.batch.prove import prove
from perfxl.form import installed, skeleton
from perfxl.form.answers import flatten
from perfxl.form.form import Form
from perfxl.form.invented import invented_record
from perfxl.form.search_path import form_at
from perfxl.form.types.base import AnswerLimits
from perfxl.rules.edges import Edge, edges_of

Made = Any


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Made]:
    """Makes a form known: its definition, its example or none."""
    search = installed.search_path()

    def known(text: str, example: bool = True) -> Form:
        folder = tmp_path / "visit"
        folder.mkdir(exist_ok=True)
        (folder / "form.yaml").write_text(text, encoding="utf-8")
        if example:
            words = {
                key.rpartition(".")[2]: messages.say(key, {}, "en") for key in messages.text_keys("skeleton", "en")
            }
            (folder / "example.yaml").write_text(skeleton.example_of_new_form(words), encoding="utf-8")
        installed.set_search_path(search.extended([form_at(folder)]))
        return installed.load("visit")

    yield known
    installed.set_search_path(search)


def failed(proof: Proof) -> list[tuple[str, str]]:
    return [(step.what, failure.what) for step in proof.steps for failure in step.failures]


def test_a_new_form_is_proved(make: Made) -> None:
    proof = prove(make(small("en")), office=False)
    assert failed(proof) == []
    counts = {step.what: step.facts.get("count", 0) for step in proof.steps}
    assert counts == {
        "workbooks": 4, "reading": 39, "locks": 80, "pages": 0, "limits": 30, "entries": 3, "checks": 2, "no_office": 0,
    }  # fmt: skip
    assert set(proof.workbooks) == {"blank.xlsx", "filled.xlsx", "lowest.xlsx", "highest.xlsx"}


def test_a_form_without_an_example_is_proved_with_an_invented_one(make: Made) -> None:
    text = small("zh-CN").replace("good: {limit: 1000}", "")
    assert failed(prove(make(text, example=False), office=False)) == []


FAILS = {
    "a bad that is good": ("bad: {limit: 1}", "bad: {limit: 900}", ("checks", "bad_is_good")),
    "a good that is bad": ("good: {limit: 1000}", "good: {limit: 1}", ("checks", "good_is_bad")),
    "an example that is wrong": ("(costs | sum(amount)) <= limit", "(costs | sum(amount)) <= limit - 100", ("checks", "example")),
    "an entry that the example has and the list has not": ("training, inspection", "course, inspection", ("checks", "example")),
    "a sheet far too wide": ("columns: [14, 18, 14, 18]", "columns: [60, 60, 60, 60]", ("pages", "small_print")),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), FAILS.values(), ids=FAILS)
def test_what_does_not_hold_is_told(old: str, new: str, wanted: tuple[str, str], make: Made) -> None:
    text = small("en")
    assert text.count(old) == 1
    proof = prove(make(text.replace(old, new)), office=False)
    assert wanted in failed(proof)
    for failure in proof.failures:
        sentences = [messages.sentence(failure, lang) for lang in ("en", "zh-CN")]
        assert all("visit/form.yaml" in sentence for sentence in sentences)


def test_a_bad_that_is_good_is_told_with_its_own_line(make: Made) -> None:
    text = small("en").replace("bad: {limit: 1}", "bad: {limit: 900}")
    (failure,) = prove(make(text), office=False).failures
    line = next(at for at, written in enumerate(text.splitlines(), 1) if "bad:" in written)
    assert failure.line == line
    sentence = messages.sentence(failure, "en")
    assert f"line {line}: (prove) this “bad” answer does not break VI-01; give one that does" in sentence


def test_a_limit_that_nothing_finds_is_told(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks of limits are switched off: then every value beyond an edge is one that nothing finds."""
    form = make(small("en"))
    monkeypatch.setattr(proving.rules, "check", lambda subject: [])
    whats = {failure.what for failure in prove(form, office=False).failures}
    assert whats == {"limit_not_found", "no_entry_taken", "bad_is_good"}


def test_open_cells_that_should_be_locked_are_told(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    form = make(small("en"))
    monkeypatch.setattr("perfxl.workbook.ooxml.cells.Worksheet.locked", lambda self, row, column: False)
    assert ("locks", "locks") in failed(prove(form, office=False))


def test_what_was_written_otherwise_than_it_is_read_is_told(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    form = make(small("en"))
    kind = type(form.fields["person"].type)
    monkeypatch.setattr(kind, "show", lambda self, value: f"{value}!" if value else None)
    assert ("reading", "read_back") in failed(prove(form, office=False))


needs_office = pytest.mark.skipif(bool(office_proof.missing()), reason="LibreOffice, or a Python with uno, is missing")


@pytest.mark.office
@needs_office
def test_libreoffice_agrees_with_a_new_form(make: Made) -> None:
    proof = prove(make(small("en")))
    assert failed(proof) == []
    counts = {step.what: step.facts.get("count", 0) for step in proof.steps}
    assert counts["formulas"] > 20
    assert counts["refusals"] > counts["limits"]


@pytest.mark.office
@needs_office
def test_a_formula_that_comes_to_something_else_is_told(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in one book is not what the other comes to."""
    form = make(small("en"))
    worked_on = office_proof.worked_on
    monkeypatch.setattr(office_proof, "worked_on", lambda *given: [worked_on(*given)[0]] * 2)
    monkeypatch.setattr(office_proof, "_prove_refusals", lambda *given: office_proof.ProofStep("refusals", {}))
    assert {what for _, what in failed(prove(form))} == {"formula"}


JUDGEMENTS: dict[str, tuple[Any, str]] = {
    "a sheet that takes everything": (lambda one: Judged(frozenset(), tuple(one.states)), "only_return"),
    "a sheet that refuses everything": (lambda one: Judged(one.cells, tuple(one.states)), "only_sheet"),
    "a self-check that calls everything broken": (lambda one: Judged(one.refused, (0, *[-1] * one.lines)), "self_check"),
    "a self-check that calls everything kept": (lambda one: Judged(one.refused, (0, *[1] * one.lines)), "self_check"),
}  # fmt: skip


class _Trying:
    """One try with what an honest sheet says of it."""

    def __init__(self, form: Form, tried: Any) -> None:
        found = {finding.code for finding in tried.found}
        codes = [line.code for line in tried.page.checks.lines]
        self.cells, self.lines = tried.cells, len(codes)
        self.states = [0, *(-1 if code in found else 1 for code in codes)]
        broken = tried.value and office_proof._refusing_codes(form, tried)
        self.refused = tried.cells if broken else frozenset()


def test_an_honest_sheet_agrees_and_others_are_told(make: Made) -> None:
    form = make(small("en"))
    made: list[Any] = []
    proving._make_workbooks(form, proving._whole_record(form), made)
    tried = list(office_proof._tries(form, next(book for book in made if book.name == "filled")))
    trying = [_Trying(form, one) for one in tried]
    honest = [Judged(one.refused, tuple(one.states)) for one in trying]
    assert office_proof._prove_refusals(form, tried, honest).failures == ()
    for judge, what in JUDGEMENTS.values():
        step = office_proof._prove_refusals(form, tried, [judge(one) for one in trying])
        assert {failure.what for failure in step.failures} == {what}
        assert all(
            "visit/form.yaml" in messages.sentence(one, lang) for one in step.failures for lang in ("en", "zh-CN")
        )


def test_libreoffice_that_does_not_finish_is_told(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_proof, "missing", lambda: "")
    monkeypatch.setattr("perfxl.batch.libreoffice.find_soffice", lambda: "soffice")
    monkeypatch.setattr("perfxl.batch.libreoffice.find_uno_python", lambda: "/nonexistent")
    assert failed(prove(make(small("en")))) == [("formulas", "office")]


def test_what_is_missing_for_libreoffice_is_said(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    form = make(small("en"))
    monkeypatch.setattr(office_proof, "find_soffice", lambda: "")
    assert prove(form).steps[-1].what == "no_office"
    monkeypatch.setattr(office_proof, "find_soffice", lambda: "soffice")
    monkeypatch.setattr(office_proof, "find_uno_python", lambda: "")
    assert prove(form).steps[-1].what == "no_uno"
    for lang in ("en", "zh-CN"):
        assert messages.say("forms.proof.no_uno", {}, lang)


# Edges and invented records -----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class _Kind:
    """A type of answer with these limits."""

    held: AnswerLimits
    value_type: str = "number"

    def limits(self) -> AnswerLimits:
        return self.held

    def validation(self) -> None:
        return None


EDGES: dict[str, tuple[AnswerLimits, str, list[tuple[str, Any, bool]]]] = {
    "a number": (AnswerLimits(1, 60, decimals=0), "number", [("minimum", 1, True), ("minimum", 0, False), ("maximum", 60, True), ("maximum", 61, False), ("decimals", 2, True), ("decimals", 1.1, False)]),
    "money": (AnswerLimits(0.01, None, decimals=2), "number", [("minimum", 0.01, True), ("minimum", 0, False), ("decimals", 0.02, True), ("decimals", 0.011, False)]),
    "a date": (AnswerLimits("2024-03-01", "2024-12-31"), "date", [("minimum", "2024-03-01", True), ("minimum", "2024-02-29", False), ("maximum", "2024-12-31", True), ("maximum", "2025-01-01", False)]),
    "a time": (AnswerLimits("08:00", "23:59"), "text", [("minimum", "08:00", True), ("minimum", "07:59", False)]),
    "a month": (AnswerLimits("2024-03", None), "date", []),
    "a text": (AnswerLimits(max_length=3), "text", [("max_length", "aaa", True), ("max_length", "aaaa", False)]),
    "items": (AnswerLimits(max_items=1), "items", [("max_items", ["a0"], True), ("max_items", ["a0", "a1"], False)]),
    "a list": (AnswerLimits(entries=("a", "b")), "text", []),
}  # fmt: skip


@pytest.mark.parametrize(("limits", "value_type", "wanted"), EDGES.values(), ids=EDGES)
def test_both_sides_of_an_edge(limits: AnswerLimits, value_type: str, wanted: list[Any]) -> None:
    assert list(edges_of(_Kind(limits, value_type))) == [Edge(*edge) for edge in wanted]  # type: ignore[arg-type]


CONDITIONS = """form: visit
version: '1'
record: visit
title: T
fields:
  begun: {type: date, label: Begun}
  ended: {type: date, label: Ended, minimum: begun}
  own: {type: choice, label: Own, choices: [train, car]}
  km: {type: integer, label: Kilometres, maximum: 900, relevant: own == "car"}
  rest: {type: integer, label: Rest, maximum: 24, constraint: {value: rest + night <= 24, message: A day has 24 hours.}}
  night: {type: integer, label: Night, maximum: 24}
  tag: {type: text, label: Tag, pattern: {value: "[A-Z]{2}[0-9]", message: Such as IT1.}}
tables:
  goods: {columns: {code: {type: text, label: Code, unique: true}}, rows: {max: 3}}
"""
TRIED: dict[str, tuple[str, Any, bool, dict[str, Any]]] = {
    "the day before another": ("ended minimum", "2026-03-01", False, {}),
    "the day of another": ("ended minimum", "2026-03-02", True, {}),
    "asked for by another entry": ("km maximum", 901, False, {"own": "car"}),
    "not asked for": ("km relevant", 7, False, {"own": "train"}),
    "a condition that is broken": ("rest constraint", 24, False, {}),
    "a condition that holds": ("rest constraint", 5, True, {}),
    "without its pattern": ("tag pattern", "<IT1>", False, {}),
    "with its pattern": ("tag pattern", "IT1", True, {}),
    "twice": ("goods[0].code unique", "A", False, {"goods": [{"code": "A"}, {"code": "A"}], "goods[1].code": "A"}),
    "a word for a number": ("night type", "perfxl?", False, {}),
}  # fmt: skip


def test_limits_without_a_number_are_tried_with_the_answers_that_they_need(make: Made) -> None:
    form = make(CONDITIONS, example=False)
    record = {
        "begun": "2026-03-02", "ended": "2026-03-04", "own": "train", "km": 7, "rest": 5, "night": 8, "tag": "IT1",
        "goods": [{"code": "A"}],
    }  # fmt: skip
    tried = [
        (f"{one.path} {one.edge.limit}", one.edge.value, one.edge.kept, one.changes)
        for one in tried_values(form, record)
    ]
    assert [case for case in TRIED.values() if case not in tried] == []
    assert failed(prove(form, office=False)) == []


def test_an_entry_is_tried_below_the_entries_of_every_level_above() -> None:
    place = form_at(Path(__file__).parents[1] / "form" / "trip")
    with installed.use_search_path(installed.search_path().extended([place])):
        form = installed.load("trip")
        record = {**invented_record(form), "county": "平原县", "town": "柳溪镇"}
        tried = {one.edge.value: one.changes for one in tried_entries(form, record) if one.path == "village"}
    assert tried["南村"] == {"town": "石桥镇", "county": "山区县"}
    assert tried["perfxl?"] == {}


@pytest.mark.parametrize("name", installed.names())
def test_an_invented_record_keeps_every_limit(name: str) -> None:
    form = installed.load(name)
    record = invented_record(form)
    filled = flatten(form, record)
    blank = [id for id, value in filled.head.items() if value is None and not form.fields[id].within]
    assert blank == []
    assert all(filled.rows[table] for table in form.tables)
    broken = {
        (path, code)
        for path, asked in typed_answers(form)
        for code in breaks(form, record, path, proving.get(record, path))
        if not asked.within
    }
    assert broken == set()


UNUSUAL = [
    "type: integer, minimum: -5, maximum: -5",
    "type: integer, maximum: 0",
    "type: decimal, decimals: 4",
    "type: decimal, decimals: 1, minimum: -1.5, maximum: 3.5",
    "type: money, unit: JPY",
    "type: money, unit: 万元, decimals: 0",
    "type: percent, decimals: 2",
    "type: date, minimum: 2024-02-29, maximum: 2024-02-29",
    "type: date, precision: month",
    "type: time, minimum: '06:00', maximum: '06:00'",
    "type: text, max_length: 1",
    *(f"type: text, format: {name}" for name in ("email", "url", "iban", "uuid", "phone", "phone-cn", "uscc", "cn-id")),
    "type: paragraph, max_length: 2000",
    "type: items, max_items: 1",
    "type: boolean, style: box",
    "type: choice, choices: ['*', '~?', '=x', 'q\"q', 'a,b', '-']",
    "type: choice, choices: [train, plane], multiple: true, style: boxes",
    "type: file",
    "type: code",
    "type: text, min_length: 3, max_length: 20",
    "type: integer, maximum: {value: 50, severity: warning, message: Rare.}",
    "type: integer, minimum: f0 + 10",
]


@pytest.mark.parametrize("office", [False, pytest.param(True, marks=[pytest.mark.office, needs_office])])
def test_a_form_of_unusual_answers_is_proved(make: Made, office: bool) -> None:
    """Each stands in the head, and again as the only column of a table."""
    fields = "".join(f"  f{at}: {{{options}, label: L{at}}}\n" for at, options in enumerate(UNUSUAL))
    tables = "".join(
        f"  t{at}: {{columns: {{c: {{{options}, label: C{at}}}}}, rows: {{max: 2}}}}\n"
        for at, options in enumerate(UNUSUAL)
    )
    rows = "".join(f"  - [{{ask: f{at}}}]\n" for at in range(len(UNUSUAL)))
    rows += "".join(f"  - {{table: t{at}}}\n" for at in range(len(UNUSUAL)))
    head = "form: visit\nversion: '1'\nrecord: visit\ntitle: T\nsheet: {name: S, columns: [20, 20, 20], start: B2}\n"
    text = f"{head}fields:\n{fields}tables:\n{tables}layout:\n  - [{{title: true}}, {{mark: code, span: 2}}]\n{rows}"
    proof = prove(make(text, example=False), office)
    assert [str(failure) for failure in proof.failures] == []
    counts = {step.what: step.facts.get("count", 0) for step in proof.steps}
    assert counts["limits"] > 90
    assert counts["entries"] == 2 * 8
