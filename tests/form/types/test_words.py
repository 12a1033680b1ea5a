"""Every kind has its words in every language, and they fit where Excel puts them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import perfxl
from perfxl import messages
from perfxl.budget.indicator_value import parse
from perfxl.form.types import make, types
from perfxl.form.types.base import HOW
from perfxl.form.types.text_format import FORMATS

FOLDER = Path(perfxl.__file__).parent
LANGUAGES = ("zh-CN", "en")
NEEDED: dict[str, dict[str, Any]] = {"choice": {"choices": ["甲", "乙"], "within": "level1"}}
MORE = [("items", {"separator": "；", "max_items": 6}), ("integer", {"unit": "人"}), ("money", {"decimals": 0})]
MORE += [("text", {"format": name}) for name in FORMATS]
MORE += [
    ("date", {"precision": "month", "minimum": "2026-01"}),
    ("date", {"precision": "year"}),
    ("boolean", {"style": "box"}),
]
MORE += [
    ("decimal", {"minimum": 0, "decimals": 1}),
    ("decimal", {"minimum": 0, "maximum": 24}),
    ("decimal", {"maximum": 9}),
]
MORE += [("time", {"minimum": "07:00"}), ("decimal", {"unit": "吨", "decimals": 0}), ("money", {"unit": "EUR"})]
ALL = [*((name, NEEDED.get(name, {})) for name in types()), *MORE]


def words(language: str) -> dict[str, Any]:
    return dict(messages._file("types", language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "options"), ALL, ids=str)
def test_a_kind_is_described_and_its_refusal_fits(language: str, name: str, options: dict[str, Any]) -> None:
    say = messages._environment().from_string
    facts, own = make(name, options).facts(), words(language)
    assert say(own["describe"][name]).render(facts)
    refusal = {part: say(text).render(facts) for part, text in own["refusal"][name].items()}
    assert 0 < len(refusal["title"]) <= 32
    assert 0 < len(refusal["text"]) <= 255
    if language == "zh-CN":
        said = say(own["describe"][name]).render(facts) + refusal["title"] + refusal["text"]
        example = str(facts.get("example") or "-")
        said = said.replace(example, "").replace("http://", "").replace("https://", "")
        assert not re.search("[a-z]", said.replace("Alt", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tolerance_and_every_problem_has_a_word(language: str) -> None:
    own = words(language)
    assert set(own["how"]) == set(HOW)
    assert set(own["describe"]) == set(own["refusal"]) == set(types())
    sources = "".join(path.read_text("utf-8") for path in (FOLDER / "form" / "types").glob("*.py"))
    cases = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
    said = {row[3] for table in cases for row in table["rows"] if len(row) > 3}
    assert said == {problem for problem in own["problem"] if f'"{problem}"' in sources}
    taken = {how for table in cases for row in table["rows"] for how in (*row, [])[2]}
    taken |= {*parse("不低于95%").how}
    of_the_reader = "".join(path.read_text("utf-8") for path in (FOLDER / "workbook").rglob("*.py"))
    for word in {*own["problem"]} - said | {*HOW} - taken:
        assert f'"{word}"' in of_the_reader
