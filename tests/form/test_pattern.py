"""Patterns: what is taken, what it matches, in Python as re and Excel would."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
import xlsxwriter
from office.libreoffice import LibreOffice

from perfxl.form.pattern import Pattern, PatternMistake
from perfxl.form.types.text_format import FORMATS

SAYABLE = (
    "[A-Z]{2}[0-9]{4}", r"U12|RD|[A-Z]{3}-[0-9]{3}", r"\d{2,4}", "(ab|c)?d", "[a-c]{0,2}x|yy", r"\w\.\w", '"[\'"]', "A?B?C?",
    "(?:KP|NA)-(0[1-9]|1[0-2])", r"[-+]?\d", r"[\]\\^-]{2}", "甲[一二三]{1,2}", "10|1|100", "([AB]{2}){2}", r"~\*\?", "é|E|[x-z]e",
)  # fmt: skip
ON_RETURN_ONLY = ("[^0-9]{2}", "[一-佰]{2}", "([ab]?){9}", "(a|b){7}", "\U00020000")


@pytest.mark.parametrize(
    ("source", "reason", "piece"),
    [
        ("", "empty", ""), ("a|", "empty", ""), ("()", "empty", ")"), ("[]", "empty", "[]"),
        ("a+", "endless", "+"), ("a*", "endless", "*"), ("(a+)+", "endless", "+"), ("a{2,}", "endless", "{"), ("a?+", "endless", "+"),
        ("(a", "unclosed", "("), ("a)", "unclosed", ")"), ("[ab", "unclosed", "[ab"),
        ("[b-a]", "range", "b-a"), (r"[\d-z]", "range", r"\d-z"), ("a{3,2}", "range", "{3,2}"), ("a{0}", "range", "{0}"),
        ("^a", "unsupported", "^"), ("a$", "unsupported", "$"), (".", "unsupported", "."), (r"\b", "unsupported", r"\b"),
        (r"\1", "unsupported", r"\1"), ("(?=a)", "unsupported", "(?="), ("a??", "unsupported", "?"), ("a{x}", "unsupported", "{"),
        ("[[:alpha:]]", "unsupported", "[[:alpha:]]"), ("a\\", "unsupported", "\\"), ("a{2}{3}", "unsupported", "{"),
        ("(a{99}){99}", "too_large", "(a{99}){99}"), ("(" * 20 + "a" + ")" * 20, "too_large", "("), ("[ -\uffff]", "too_large", " -\uffff"),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(source: str, reason: str, piece: str) -> None:
    with pytest.raises(PatternMistake) as caught:
        Pattern(source)
    assert caught.value.args[:2] == (reason, piece)


def texts(source: str, chance: random.Random, count: int) -> list[str]:
    """Texts near to a pattern: of its own characters, and one that matches with a slip."""
    signs = [*re.sub(r"[(){}?|,]", "", source), *"AZaz09-_ B1"]
    made = ["".join(chance.choices(signs, k=chance.randint(1, 8))) for _ in range(count // 2)]
    while len(made) < count:
        text = list(matching(source, chance))
        if chance.random() < 0.5 and text:
            at = chance.randrange(len(text))
            text[at : at + 1] = chance.choice(["", text[at].swapcase(), text[at] * 2, chance.choice(signs)])
        made.append("".join(text))
    return [text for text in made if text]


def matching(source: str, chance: random.Random) -> str:
    """A text that the pattern describes, made of its parsed pieces."""

    def make(piece: object) -> str:
        if hasattr(piece, "known"):
            return chance.choice(sorted(piece.known)) if not piece.other else "!"
        if hasattr(piece, "least"):
            return "".join(make(piece.piece) for _ in range(chance.randint(piece.least, piece.most)))
        pieces = piece.pieces if type(piece).__name__ == "_Series" else [chance.choice(piece.pieces)]
        return "".join(map(make, pieces))

    return make(Pattern(source)._piece)


@pytest.mark.parametrize("source", [*SAYABLE, *ON_RETURN_ONLY])
def test_a_pattern_matches_as_re_does(source: str) -> None:
    chance, pattern, met = random.Random(source), Pattern(source), set()
    for text in texts(source, chance, 300):
        expected = re.fullmatch(source, text, re.ASCII) is not None
        assert pattern.fullmatch(text) is expected, text
        met.add(expected)
    assert met == {True, False}


def test_no_pattern_runs_away() -> None:
    pattern = Pattern("((a?){30}){30}b")
    start = time.perf_counter()
    assert not pattern.fullmatch("a" * 100_000)
    assert time.perf_counter() - start < 5


def test_formulas_are_short_enough_or_there_is_none() -> None:
    for source in SAYABLE:
        formula = Pattern(source).excel("INDEX($A$1:$ZZ$9999,ROW(),COLUMN())")
        assert formula is not None
        assert len(formula) <= 8_192
        assert "{" not in re.sub('"[^"]*"', "", formula)  # Excel takes no array constants in a validation
    for source in (*ON_RETURN_ONLY, "[A-Za-z0-9_]{250}"):
        assert Pattern(source).excel("A1") is None


@pytest.mark.office
def test_excel_agrees_with_python(office: LibreOffice, tmp_path: Path) -> None:
    chance = random.Random(20_261_130)
    cases = [(source, text) for source in SAYABLE for text in texts(source, chance, 150)]
    expected = [Pattern(source).fullmatch(text) for source, text in cases]
    formulas = [Pattern(source).excel(f"A{row}") for row, (source, _) in enumerate(cases, start=1)]
    assert recalculated(office, tmp_path, [text for _, text in cases], formulas) == expected
    assert 0.2 < sum(expected) / len(expected) < 0.8


SPELLED = {
    "email": ["liu.he@example.org", " a@b.cn "],
    "url": ["https://example.org", "http://example.org/a"],
    "iban": ["GB82WEST12345698765432", "GB82 WEST 1234 5698 7654 32", "NO9386011117947", "gb82-west-1234-5698-7654-32"],
    "uuid": [
        "3e4666bf-d5e5-4aa7-b8ce-cefe41c7568a",
        "3E4666BFD5E54AA7B8CECEFE41C7568A",
        "{3e4666bf-d5e5-4aa7-b8ce-cefe41c7568a}",
    ],
    "phone": ["+49 30 901820", "901820"],
    "phone-cn": [
        "13900001111",
        "139-0000-1111",
        "+86 139 0000 1111",
        "0316-6123456",
        "0316-6123456转8",
        "400-123-4567",
    ],
    "uscc": ["91110000600037341L", "9111 0000 6000 3734 1L"],
    "cn-id": ["11010519491231002X", "１１０１０５194912310021"],
}
REFUSED = {
    "email": ["liu.he", "a@b", "@b.de"], "url": ["example.org"], "iban": ["GB82", "G" * 40], "uuid": ["3e4666bf"],
    "phone": ["12"], "phone-cn": ["6123456"], "uscc": ["9111000060003734"], "cn-id": ["1101051949123100"],
}  # fmt: skip


@pytest.mark.office
def test_the_sheet_lets_in_what_a_format_is_spelled_like(office: LibreOffice, tmp_path: Path) -> None:
    cases = [(name, text, True) for name in FORMATS for text in SPELLED[name]]
    cases += [(name, text, False) for name in FORMATS for text in REFUSED[name]]
    formulas = [FORMATS[name].formula.replace("{here}", f"A{row}") for row, (name, _, _) in enumerate(cases, start=1)]
    found = recalculated(office, tmp_path, [text for _, text, _ in cases], formulas)
    assert list(zip(cases, found, strict=True)) == [(case, case[2]) for case in cases]


def recalculated(office: LibreOffice, folder: Path, texts: list[str], formulas: list[str | None]) -> list[bool]:
    """What each formula says of the text beside it; an error refuses, as it does in a validation."""
    path = folder / "cases.xlsx"
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("题")
    for row, (text, formula) in enumerate(zip(texts, formulas, strict=True)):
        sheet.write_string(row, 0, text)
        sheet.write_formula(row, 1, f"=IFERROR(({formula})*1,0)", None, 7)
    book.close()
    with office.open(path) as document:
        document.recalculate()
        found = document.values("题", f"B1:B{len(texts)}")
    return [{1.0: True, 0.0: False}[value] for (value,) in found]


def test_a_formula_of_a_format_fits_into_a_validation() -> None:
    here = "INDEX($A$1:$ZZ$9999,ROW(),COLUMN())"
    assert max(len(format.formula.replace("{here}", here)) for format in FORMATS.values()) <= 255
