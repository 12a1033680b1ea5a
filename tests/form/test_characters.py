"""Characters that show nothing, and characters that show the same as others: laws over Unicode, and agreement."""

from __future__ import annotations

import random
from collections.abc import Callable
from unicodedata import category, decomposition, name

import pytest

from perfxl.form import taxonomy
from perfxl.form.characters import fold, invisible_signs, is_blank_text, is_invisible, squeeze, trim_text, visible_text
from perfxl.form.types import make, types
from perfxl.form.types.base import Raw
from perfxl.form.types.choice import Choice
from perfxl.rules.numbers import blank

PLANES = (*range(0x30000), *range(0xE0000, 0xE1000), *range(0x10FF00, 0x110000))
"""All code points that are assigned, or decided to show nothing."""
DRAWN = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
NAMED = ("FILLER", "VARIATION SELECTOR", "BLANK", "GRAPHEME JOINER", "NULL NOTEHEAD", "OBJECT REPLACEMENT", "INHERENT")
UNSEEN = (
    "\x00\x07\x1b\x1f\x7f\x9f\xad\u034f\u061c\u115f\u180e\u200b\u200d\u202e\u2060\u2800\u3164\ufe0f\ufeff\uffa0\ufffc"
)
UNSEEN += "\U000e0001\U000e0041\U000e0100"

SHOWN = [  # what is typed, as it is shown, as it is compared
    ("⽣态", "生态", "生态"),
    ("2150⽶", "2150米", "2150米"),
    ("1430⼾", "1430户", "1430户"),
    ("⻓度", "长度", "长度"),
    ("⻔⼝", "门口", "门口"),
    ("\uf90a", "金", "金"),
    ("𝟐𝟏", "21", "21"),
    ("ｅ\u0301", "ｅ\u0301", "é"),
    ("2\u200b1\x0750", "2150", "2150"),
    ("９５％", "９５％", "95%"),
    ("（一）", "（一）", "(一)"),
    ("一\u3000二", "一\u3000二", "一 二"),
    ("−5", "−5", "-5"),
    ("10³", "10³", "10³"),
    ("12㎡", "12㎡", "12㎡"),
    ("½", "½", "½"),
    ("①⑴⒈㈠", "①⑴⒈㈠", "①⑴⒈㈠"),
    ("Ⅰ类Ⅱ类", "Ⅰ类Ⅱ类", "Ⅰ类Ⅱ类"),
    ("……", "……", "……"),
    ("5℃№", "5℃№", "5℃№"),
    ("戶長", "戶長", "戶長"),  # traditional Chinese is no look-alike
    ("\ue000", "\ue000", "\ue000"),  # private use: unknown, and kept
]


@pytest.mark.parametrize(("typed", "shown", "compared"), SHOWN)
def test_a_text_is_shown_and_compared(typed: str, shown: str, compared: str) -> None:
    assert visible_text(typed) == shown
    assert fold(typed) == compared


def test_what_shows_nothing_is_blank() -> None:
    """By category, or by what Unicode's name of the character says."""
    wrong = []
    for code in PLANES:
        sign = chr(code)
        kind, called = category(sign), name(sign, "")
        by_kind = kind in ("Cc", "Cf", "Zs", "Zl", "Zp") and code not in DRAWN
        by_name = kind != "Po" and called != "BLANK SYMBOL" and any(word in called for word in NAMED)
        by_range = 0xE0000 <= code < 0xE1000 or 0xFFF0 <= code <= 0xFFF8 or 0xFDD0 <= code <= 0xFDEF or code == 0x2065
        if is_blank_text(sign) != (by_kind or by_name or by_range or code & 0xFFFE == 0xFFFE):
            wrong.append((hex(code), kind, called))
    assert wrong == []


def test_folding_twice_is_folding_once() -> None:
    changing = [chr(code) for code in PLANES if decomposition(chr(code)) or 0x2E80 <= code < 0x2F00]
    chance = random.Random(1)
    texts = [*changing, *("".join(chance.sample(changing, 5)) for _ in range(500))]
    assert len(texts) > 6000
    for text in texts:
        for work in (visible_text, fold, squeeze):
            assert work(work(text)) == work(text), text
        assert fold(visible_text(text)) == fold(text)


def test_what_means_something_else_is_not_folded() -> None:
    kept = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>")
    signs = [chr(code) for code in PLANES if decomposition(chr(code)).startswith(kept)]
    assert len(signs) > 500
    assert [sign for sign in signs if fold(sign) != sign] == []


def test_radicals_become_ideographs() -> None:
    radicals = [chr(code) for code in range(0x2E81, 0x2FD6) if name(chr(code), "") and code != 0x2E9A]
    assert len(radicals) == 114 + 214
    assert [sign for sign in radicals if not name(visible_text(sign)).startswith("CJK UNIFIED")] == []


@pytest.mark.parametrize("kind", sorted(types()))
def test_a_text_of_unseen_characters_is_blank_in_every_kind(kind: str) -> None:
    asked = make(kind, {"choices": ["甲", "乙"]} if kind == "choice" else {})
    chance = random.Random(2)
    for text in (*UNSEEN, *("".join(chance.choices(UNSEEN + " \n\u3000", k=4)) for _ in range(50))):
        assert asked.read(Raw(text)) == (None, (), ""), ascii(text)
        assert blank(text)


ANSWERS = {  # kind → options and spellings that are understood
    "money": ({}, ["538.69", "1,234.5", "538.69万元", "-3"]),
    "integer": ({"unit": "个"}, ["45", "45个"]),
    "percent": ({}, ["25%", "百分之95", "33.3"]),
    "date": ({}, ["2024-11-05", "2024年11月5日", "二〇二四年十一月五日"]),
    "code": ({}, ["99019924P00442810250C"]),
    "choice": ({"choices": ["数量指标", "服务对象满意度（%）"]}, ["数量指标", "1.数量", "服务对象满意度〔%〕"]),
    "indicator_value": ({}, ["≥95%", "2150米", "2023年11月", "及时保障", "100元/人·月"]),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_unseen_character_changes_no_answer(kind: str) -> None:
    options, spellings = ANSWERS[kind]
    asked = make(kind, options)
    for spelling in spellings:
        plain = asked.read(Raw(spelling))
        assert not plain.problem
        for sign in UNSEEN:
            for at in range(len(spelling) + 1):
                understood = asked.read(Raw(spelling[:at] + sign + spelling[at:]))
                assert (understood.value, understood.problem) == (plain.value, ""), (spelling, at, ascii(sign))
                assert "invisible" in understood.how


@pytest.mark.parametrize("kind", ["text", "paragraph"])
def test_a_text_is_kept_as_it_was_typed(kind: str) -> None:
    for typed in ("⽣态\u200b环境", " \ufeff道路", "10³㎡"):
        assert make(kind, {}).read(Raw(typed)) == (typed, (), "")


def test_trimming_leaves_the_inside() -> None:
    for sign in UNSEEN + " \n\u3000":
        assert trim_text(f"{sign} 甲{sign}乙\n{sign}") == f"甲{sign}乙"
    assert invisible_signs("甲\u200b乙\U000e0041\u200b") == ["U+200B", "U+E0041"]


def _look_alike(text: str, chance: random.Random) -> str:
    return "".join(chance.choice([sign, *ALIKE.get(sign, ())]) for sign in text)


ALIKE: dict[str, list[str]] = {}
for _code in (*range(0x2E80, 0x2FD6), *range(0xF900, 0xFAD9)):
    ALIKE.setdefault(visible_text(chr(_code)), []).append(chr(_code))

VARIATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    _look_alike,
    lambda text, chance: "".join(sign + chance.choice(["", "", chance.choice(UNSEEN)]) for sign in text),
    lambda text, chance: "".join(chance.choice(["", "", " ", "\u3000", "\n"]) + sign for sign in text),
    lambda text, chance: text.removesuffix("指标"),
    lambda text, chance: chance.choice(["1.", "（二）", "①", "３、", "'"]) + text,
    lambda text, chance: text + chance.choice(["：", "。", "；", "x", "类"]),
    lambda text, chance: text.replace(chance.choice(text), "", 1) if text else text,
)


@pytest.mark.parametrize("level", [1, 2])
def test_list_and_taxonomy_agree(level: int) -> None:
    """Over invented spellings: what the drop-down list takes for an entry is that entry to the taxonomy, no more."""
    tree = taxonomy.load("cn-2021")
    entries = tree.level1 if level == 1 else tree.level2
    asked = Choice(choices=entries, synonyms=tree.names(level))
    chance, taken = random.Random(level), 0
    for _ in range(600):
        text = chance.choice([*entries, *tree.names(level)])
        for vary in chance.sample(VARIATIONS, chance.randint(1, 3)):
            text = vary(text, chance)
        understood = asked.read(Raw(text))
        # the other level of a pair that has this entry
        pair = next((pair for pair in tree.pairs if pair[level - 1] == understood.value), None)
        above, below = pair or tree.pairs[0]
        assert tree.canonical(*((text, below) if level == 1 else (above, text))) == pair, ascii(text)
        taken += pair is not None
    assert 100 < taken < 600


def test_invisible_is_no_white_space() -> None:
    assert not any(is_invisible(sign) for sign in " \t\n\r\v\f\x85\u00a0\u2028\u3000")
