"""Mistakes planted in the example forms, one at a time: each gives one sentence, with its line and what to write."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from perfxl import messages
from perfxl.form.search_path import forms_in
from perfxl.rules import lint

FORMS = Path(__file__).parents[2] / "examples" / "forms"

# the form; what is replaced (a regular expression) and by what; the sentence; how many lines below the replaced
# text's first line it points
PLANTED: dict[str, tuple[str, str, str, str, int]] = {
    "a check without a sentence": (
        "equipment", r'\n    message: "\{\{ what \}\}: .*', "",
        "EQ-01 is a check of your own and has no sentence; add “message: …”. Only perfxl's own codes bring their words with them.", -6),
    "a code of perfxl without its facts": (
        "project-evaluation", r"- code: ZP-01\n    title: .*\n(    assert: .*\n    on: .*\n)    message: .*\n    advice: .*\n", r"- code: MN-02\n\1",
        "MN-02 is perfxl's check “Sum of the sources”, whose sentence needs the facts difference, sum, total; add “facts:”, or take a code of your own.", 0),
    "two columns of one label": (
        "equipment", "label: Description,", "label: Asset tag,",
        "two columns of “equipment” are called “Asset tag” (the other in line OTHER); once moved they could not be told apart. Rename one, or write a path: label: [Asset tag, …].", 0),
    "a form called otherwise than its folder": (
        "equipment", "form: equipment\n", "form: equipmnt\n",
        "the form is called “equipmnt”, its folder “equipment”; give both one name.", 0),
    "no identity mark": (
        "equipment", r", \{mark: code, span: 4\}\]", ", {text: x, span: 4}]",
        "no cell is {mark: code}; add one to a row near the title, such as [{text: …, span: 4}, {mark: code, span: 4}]. Copies and prints are known by it.", -2),
    "rows: min above max": (
        "equipment", r"\{min: 30, spare: 10, max: 400\}", "{min: 500, spare: 10, max: 400}",
        "“min: 500” is above “max: 400”; raise max or lower min.", 0),
    "minimum above maximum": (
        "equipment", "minimum: 1\n", "minimum: 900\n",
        "“minimum: 900” is above “maximum: 500” (line OTHER), so nothing could be filled in; exchange them.", 0),
    "an entry twice": ("equipment", r"\[in use, idle, to repair", "[in use, idle, idle", "“idle” stands twice in the list; delete one.", 0),
    "a number in a list": (
        "quarterly", r"\[民生, 产业, 生态, 治理\]", "[民生, 产业, 生态, 2026]",
        '2026 is a number, but entries are texts; write "2026" in quotes, or ask with “type: integer”.', 0),
    "a key misspelt": ("equipment", "max_length: 60\n    required: true", "max_length: 60\n    requred: true", "unknown key “requred”, did you mean “required”?", 1),
    "a type that is a format": ("equipment", "type: text, format: email,", "type: email,", "there is no type “email”; write “type: text, format: email”.", 0),
    "an old word": ("equipment", r"counted: \{type: date", "counted: {kind: date", "“kind” is now “type”; write “type: date”.", 0),
    "an answer that is not in the layout": (
        "equipment", r"\{ask: email[^}]*\}", "x",
        "“email” stands nowhere in the layout; add {ask: email} to a row, or “given: true” if nobody need see it.", 99),
    "= for ==": ("equipment", "assert: quantity == 1 if", "assert: quantity = 1 if", "“quantity = 1 if category == \"VE\" else none”: one = compares nothing; write ==.", 0),
    "an unknown name in a message": (
        "travel", r'"\{\{ legs \| sum\(nights\) \}\} nights', '"{{ legs | sum(night) }} nights',
        "the message names “legs.night”, did you mean “nights”? Columns of legs: region, country, nights, rate, allowance.", 0),
    "braces without quotes": (
        "travel", 'title: ".*"\n', "title: {{ number }} {{ traveller }}\n",
        'a text that begins with {{ must stand in quotes: title: "{{ number }} {{ traveller }}".', 0),
    "a tab name that Excel refuses": (
        "equipment", "name: Equipment,", "name: Equipment/IT,",
        "“Equipment/IT” cannot name a tab: Excel allows none of / \\ ? * [ ] : and at most 31 characters; write “Equipment IT”.", 0),
    "within a number": (
        "travel", "within: region", "within: nights",
        "“country” stands within “nights”, which is no choice of “places”; that list's levels are region, country: write “within: region”.", 0),
    "a circle of calculations": (
        "travel", r"\+ km \* per_km", "+ km * per_km + payable",
        "“total” is calculated from “payable” (line OTHER), and “payable” from “total”; break the circle.", 0),
    "calculated and required": (
        "travel", r"calculation: total - advance", "calculation: total - advance, required: true",
        "“payable” is calculated, so nobody can fill it in; delete “required”.", 0),
    "a pattern without words": (
        "equipment", r'pattern: \{value: ("\[A-Z\]\{2\}\[0-9\]\{4\}"), message: .*\}', r"pattern: \1",
        "a pattern needs “message:” in words, such as “Two capital letters and four digits”; nobody can read [A-Z]{2}[0-9]{4} in a cell.", 0),
    "a default that is not in the list": ("equipment", "default: in use", "default: in-use", "the default “in-use” is not in the list “state”, did you mean “in use”?", 0),
    "an impossible day": ("equipment", "minimum: 2026-01-01", "minimum: 2026-02-30", "2026-02-30 is no day; February 2026 ends on 2026-02-28.", 0),
    "an unknown key field": ("travel", "key: number", "key: numbr", "the key “numbr” is no field, did you mean “number”?", 0),
    "an unknown line": ("staff-and-pay", r"managers \+ experts", "managers + expert", "“pay” has no line “expert”, did you mean “experts”?", 0),
    "the total of a choice": (
        "equipment", r"sum: \[quantity, amount\]", "sum: [quantity, state]",
        "“state” is a choice and cannot be added up; numbers in “equipment”: quantity, price, amount.", 0),
    "a column of the base again": (
        "project-evaluation", r"(      )(actual:  \{type: indicator_value,)", r"\1target: {type: text}\n\1\2",
        "“indicators.target” comes from project-target 2024.1 (extends); name the new column otherwise, or drop the old one.", 0),
    "letters of perfxl's checks": ("equipment", "code: EQ-01", "code: MN-77", "MN is a prefix of the checks “budget”, and there is no MN-77; take letters of your own, such as EQ-77.", 0),
}  # fmt: skip


@pytest.mark.parametrize(("form", "old", "new", "sentence", "below"), PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake(form: str, old: str, new: str, sentence: str, below: int, tmp_path: Path) -> None:
    shutil.copytree(FORMS / form, tmp_path / form)
    text = (FORMS / form / "form.yaml").read_text("utf-8")
    planted, times = re.subn(old, new, text, count=1)
    assert times == 1
    (tmp_path / form / "form.yaml").write_text(planted, "utf-8")
    (place,) = forms_in(tmp_path / form)
    (mistake,) = lint.mistakes_of(place)
    said = messages.sentence(mistake, "en").partition(", line ")[2]
    line, _, words = said.partition(": ")
    assert re.sub(r"line \d+\)", "line OTHER)", words) == sentence
    found = re.search(old, text)
    assert found
    if below != 99:  # it points to the answer, not to the layout
        first = len(found[0]) - len(found[0].lstrip("\n"))
        assert int(line) == text[: found.start() + first].count("\n") + 1 + below
    assert messages.sentence(mistake, "zh-CN").endswith(("。", "？"))
