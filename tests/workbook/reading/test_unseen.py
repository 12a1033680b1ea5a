"""Look-alike, filling and control characters in a returned workbook: read, judged and flagged as the sheet shows them."""

from __future__ import annotations

import io
import random
from typing import Any

import openpyxl
import pytest
from workbook.conftest import findings, flagged, part, reviewed, some, submissions

from perfxl.form.answers import get
from perfxl.form.characters import visible_text
from perfxl.rules.policy import clean_word, default_policy
from perfxl.workbook.opinions.explanation import refusal_of

UNSEEN = "\x07\x1f\u200b\u3164\u2060\ufeff\u2800\ufffc\u180e"
OWN = ("TX-01", "TX-02")
ALIKE: dict[str, list[str]] = {}
for _code in (*range(0x2E80, 0x2FD6), *range(0xF900, 0xFAD9)):
    ALIKE.setdefault(visible_text(chr(_code)), []).append(chr(_code))


def typed(changes: dict[str, str]) -> bytes:
    """The workbook with texts typed into the cells of some answers, by their path; openpyxl escapes controls itself."""
    data = some()
    (submission,) = submissions(data)
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[submission.sheet]
    for path, text in changes.items():
        sheet[submission.places[path].partition(":")[0]] = "".join(
            f"_x{ord(sign):04X}_" if sign < " " and sign != "\n" else sign for sign in text
        )
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def respelled(text: str, chance: random.Random, share: float) -> str:
    signs = [chance.choice([sign, *ALIKE.get(sign, ())]) for sign in text]
    return "".join(sign + (chance.choice(UNSEEN) if chance.random() < share else "") for sign in signs)


def test_look_alikes_are_understood_and_logged() -> None:
    (plain,) = submissions(some())
    rows = plain.record["indicators"]
    paths = {f"indicators[{at}].{id}": rows[at][id] for at in (0, 1) for id in ("level2", "target")}
    chance = random.Random(3)
    spelled = {path: "".join(chance.choice(ALIKE.get(sign, [sign])) for sign in text) for path, text in paths.items()}
    changed = {path for path in paths if spelled[path] != paths[path]}
    (submission,) = submissions(typed(spelled))
    assert {path: get(submission.record, path) for path in paths} == paths
    notes = {note.field: note for note in submission.notes if "look_alike" in note.how}
    assert notes.keys() == changed
    assert len(changed) >= 2
    assert {note.raw for note in notes.values()} == {spelled[path] for path in changed}  # what was typed is kept


def test_fillers_are_no_answer_and_flagged_while_they_stand() -> None:
    fillers = {f"indicators[{at}].basis": sign for at, sign in enumerate("\x07\u3164\ufffc")}
    data = typed(fillers)
    (submission,) = submissions(data)
    assert [get(submission.record, path) for path in fillers] == [None] * 3
    found = {(code, cells) for code, cells in findings(data) if code == "BS-01"}
    assert found == {("BS-01", tuple(f"{submission.sheet}!{submission.places[path]}" for path in fillers))}
    sheet = part(flagged(data), "xl/worksheets/sheet2.xml")
    formulas = [text for text in sheet.split("<formula>")[1:] if "BS-01" in text.partition("</formula>")[0]]
    for sign in ("CHAR(7)", '"\u3164"', '"\ufffc"'):
        assert any(f",{sign}" in formula or f"&amp;{sign}" in formula for formula in formulas), sign


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_in_other_characters_is_the_same_to_every_check(seed: int) -> None:
    """All texts of a sheet at once: some 60 answers for each seed."""
    plain = some()
    (submission,) = submissions(plain)
    chance = random.Random(seed)
    changes: dict[str, str] = {}
    texts: dict[str, Any] = {}
    for path in submission.places:
        value = get(submission.record, path)
        if isinstance(value, str):
            texts[path] = value
            changes[path] = respelled(value, chance, share=0.05 * seed)
    data = typed(changes)
    (other,) = submissions(data)
    assert {path: visible_text(get(other.record, path)) for path in texts} == texts
    assert {pair for pair in findings(data) if pair[0] not in OWN} == findings(typed({}))
    said = {finding.code: finding.facts for _, found in reviewed(data) for finding in found}
    assert bool(said.keys() & set(OWN)) == (seed > 0)
    assert all(sign.startswith("U+") for facts in said.values() for sign in facts.get("signs", ()))


def test_a_stock_phrase_is_known_by_what_is_shown() -> None:
    policy = default_policy()
    phrase = policy.words["stock_phrases"][0]
    for sign in UNSEEN:
        assert refusal_of(sign.join(phrase), policy) == "stock"
    assert clean_word(f"⽣态{UNSEEN}  效益\ud800") == "生态 效益"
