"""Laws over every kind.

What the sheet lets in is understood; read(show(value)) is the value; any cell is read; what is understood
otherwise than it stands there is said; no number changes its magnitude in silence.
"""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.form.characters import trim_text, visible_text
from perfxl.form.choice_list import ChoiceLevel, ChoiceList
from perfxl.form.types import make, types
from perfxl.form.types.base import HOW, AnswerType, Raw
from perfxl.form.types.date import _day_in
from perfxl.form.types.items import Items
from perfxl.form.types.number import decimal, is_number
from perfxl.form.types.number_format import nature, serial_of
from perfxl.form.types.percent import Percent, as_fractions
from perfxl.form.types.spelling import in_numerals, is_blank, is_error_text, numeral, unify_line_ends
from perfxl.form.types.text_format import FORMATS
from perfxl.form.types.time import minutes_of

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "money": [{}, {"unit": "元"}, {"decimals": 4}],
    "percent": [{}, {"decimals": 1}],
    "integer": [{}, {"unit": "人"}],
    "items": [{}, {"separator": "；"}, {"separator": "、"}],
    "choice": [
        {"choices": ["数量指标", "质量 指标", "Ａ", "A"], "synonyms": {"数量": "数量指标", "A ": "质量 指标"}},
        {
            "choices": ChoiceLevel(
                ChoiceList("c", (("IT",), ("FU",), ("a",)), shown={"IT": "Computers", "a": "IT（其他）"})
            )
        },
        {"choices": ["数量", "own car", "car", "car, hired", "25%"], "multiple": True},
        {"choices": ["数量", "own car", "1、2"], "multiple": True, "style": "boxes"},
        {"choices": ["A", "a、b", "b"], "multiple": True, "separator": "/"},
    ],
    "code": [{}, {"scheme": "hebei-2024"}],
    "boolean": [{}, {"style": "box"}],
    "decimal": [{"unit": "km", "decimals": 1, "minimum": 0.5, "maximum": 24}],
    "time": [{"minimum": "07:00", "maximum": "19:30"}],
    "date": [{}, {"precision": "month"}, {"precision": "year", "maximum": "2030"}],
    "text": [{}, {"format": "email"}, {"format": "iban"}, {"format": "phone"}, {"format": "phone-cn"}],
}
OPTIONS["money"] += [
    {"unit": {"currency": "USD", "factor": 1000, "label": "US$ thousand"}},
]
FORMATTED = {
    "email": ["liu.he@example.org", "a+b@x-y.example.cn"],
    "url": ["https://example.org", "http://example.org/a?b=1#c", "https://例子.中国/公示"],
    "iban": ["GB82WEST12345698765432", "DE89370400440532013000", "NO9386011117947"],
    "uuid": ["3e4666bf-d5e5-4aa7-b8ce-cefe41c7568a"],
    "phone": ["+49 30 901820", "(030) 901820", "901820"],
    "phone-cn": ["13900001111", "0316-6123456", "010-65551234", "400-123-4567"],
    "uscc": ["91110000600037341L"],
    "cn-id": ["11010519491231002X"],
}
"""Texts of each format in the one spelling; a formula checks less than the reader, so that nothing else is let in."""
FILES = ["count.pdf", "盘点表（扫描）.pdf", "a", ".hidden", "2026-03.tar.gz"]
ALL = [(name, options) for name in types() for options in OPTIONS.get(name, [{}])]
every_kind = pytest.mark.parametrize("kind", [make(name, options) for name, options in ALL], ids=map(str, ALL))

# Surrogates cannot be written to a file; line ends are unified when read; an error value is none of a person's texts.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")).filter(
    lambda text: trim_text(text) and "_x000d_" not in text.lower() and not is_error_text(text)
)
likely = st.text(
    st.sampled_from("0123456789.,%１％。，、；;（()①②一二 \n\v\u200b　年月日元万人≥-E+工作·•'"), min_size=1
)
likely = likely.filter(lambda text: trim_text(text) and not re.fullmatch(r"[-+]?\d(\.\d+)?E\+\d{1,3}", trim_text(text)))
# what people type and programs leave, in pieces
pieces = [
    "25%",
    "百分之",
    "二十五",
    "1,354",
    "538.69",
    "万元",
    "2024年11月5日",
    "二〇二四年",
    "8:30",
    "下午",
    "EUR",
    "€",
    "thousand",
    "√",
    "Yes",
    "a@b.cn",
    "https://",
    "C:\\\\",
    ".pdf",
    "#REF!",
    "1.3E+19",
    "数量",
    "指标",
    "☑",
    "☐",
    "own car",
    ", ",
]
spelled = st.lists(
    st.sampled_from([*pieces, *"0１.。，、；（）①一≥＝ \t\v\u200b\ufeff　\r\n'％人"]), min_size=1, max_size=6
).map("".join)
anything = st.text(st.characters()) | spelled | likely | st.just("甲_x000D_") | st.just("_x000D_")

formats = st.sampled_from(
    ["General", "@", "0%", "0.0%", "≥0%", "0.00", "#,##0", "000000", "yyyy-mm-dd", 'm"月"d"日"', "h:mm", "[h]:mm:ss", "mm:ss",
     "aaaa", "e年", '0"人"', '0.00"万元"', '0.00"元"', "¥0.00", 'General"人"', "0.0,", '0!.0000"万"', "# ?/?", "0.00E+00",
     ";;;", '"', "[", '[>1]0"%";0%', '[>=100]0.0"亿元";0.00"万元"', "0;0", "0;-0;;@", '0;-0;"零"', "0.00;[Red]0.00",
     '0"元"0"角"', '[<1]0%;[<100]0"%";0"倍"']
)  # fmt: skip
numbers = (
    st.integers() | st.floats() | st.sampled_from([0, 1, 0.25, 60, 60.5, 45235, 73050, 20241105, 202411, 1e15, 10**400])
)


def trimmed(text: str) -> bool:
    return trim_text(text) == text


def values(kind: AnswerType) -> st.SearchStrategy[Any]:
    """Values that the kind's record may hold."""
    some = texts | likely
    if kind.name == "file":
        return st.sampled_from(FILES)
    if kind.name == "text" and kind.format:
        return st.sampled_from(FORMATTED[kind.format])
    if kind.name == "boolean":
        return st.booleans()
    if kind.name == "time":
        return st.times().map(lambda time: time.strftime("%H:%M"))
    if kind.name in ("text", "paragraph"):
        return some
    if kind.name == "indicator_value":
        return some.map(visible_text).filter(trimmed)
    if kind.name == "items":
        one = some.map(lambda text: trim_text(re.sub("[\n\v\x85\u2028\u2029]", " ", text))).filter(bool)
        if kind.separator is None:
            return st.lists(one, min_size=1, max_size=12)
        ends = f"[；;{kind.separator}]"
        one = one.map(lambda text: trim_text(re.sub(ends, "", text))).filter(bool)
        one = one.filter(lambda text: trim_text(text.rstrip("；;。 \t\n\u3000")) == text)
        return st.lists(one, min_size=1, max_size=12)
    if kind.name == "code":
        return st.text(st.sampled_from("0123456789ABCDEFGHIXYZabc"), min_size=1)
    if kind.name == "choice" and kind.multiple:
        some = st.lists(st.sampled_from(kind.entries), min_size=1, unique=True)
        return some.map(lambda chosen: [entry for entry in kind.entries if entry in chosen])
    if kind.name == "choice":
        return st.sampled_from(kind.entries)
    if kind.name == "date":
        first = datetime.date(1000, 1, 1) if kind.precision == "year" else datetime.date(1, 1, 1)
        digits = {"day": 10, "month": 7, "year": 4}[kind.precision]
        last = datetime.date(2099 if kind.precision == "year" else 9999, 12, 31)
        return st.dates(first, last).map(lambda day: str(day)[:digits])
    if kind.name == "integer":
        return st.integers(-(10**12), 10**12)
    if kind.name == "percent":
        return st.decimals(-1000, 1000, places=4).map(float)
    return st.decimals(-(10**9), 10**9, places=2).map(float)


def let_in(kind: AnswerType) -> st.SearchStrategy[Raw]:
    """Cells that the kind's validation lets in, blank ones left out."""
    law = kind.validation()
    assert law is not None
    if law.kind == "decimal":
        return st.floats(law.minimum, law.maximum).map(lambda number: Raw(number, kind.number_format))
    if law.kind == "percent":
        shares = st.floats(law.minimum / 100, law.maximum / 100) | st.floats(2, law.maximum)
        return shares.map(lambda number: Raw(number, kind.number_format))
    if law.kind == "whole":
        whole = st.integers(int(law.minimum), int(law.maximum))
        return whole.map(lambda number: Raw(float(number), kind.number_format))
    if law.kind == "list":
        return st.sampled_from(kind.drop_down()).map(lambda entry: Raw(entry, kind.number_format))
    if law.kind == "custom":
        return values(kind).map(lambda text: Raw(text, kind.number_format))
    if law.kind == "time":
        first, last = minutes_of(law.minimum) / 1440, (minutes_of(law.maximum) + 0.999) / 1440
        return st.floats(first, last).map(lambda share: Raw(share, kind.number_format))
    if law.kind == "date":
        first, last = (serial_of(_day_in(end)) for end in (law.minimum, law.maximum))
        return st.integers(first, last).map(lambda serial: Raw(serial, kind.number_format))
    words = texts | likely
    return words.filter(lambda text: len(text) <= law.maximum).map(lambda text: Raw(text, kind.number_format))


@every_kind
@given(data=st.data())
def test_what_is_shown_is_read_as_it_was(kind: AnswerType, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    understood = kind.read(Raw(kind.show(value), kind.number_format))
    assert understood.value == value
    assert not understood.problem


@every_kind
@given(data=st.data())
def test_what_the_sheet_lets_in_is_understood(kind: AnswerType, data: st.DataObject) -> None:
    assert not kind.read(data.draw(let_in(kind))).problem


raws = st.builds(
    Raw,
    st.none() | st.booleans() | numbers | anything,
    formats | st.text(max_size=12),
    st.booleans(),
    st.sampled_from([1900, 1904]),
)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_read_as_it_is_shown_and_has_an_example(name: str) -> None:
    kind = make("text", {"format": name})
    for text in (*FORMATTED[name], FORMATS[name].example):
        assert kind.read(Raw(kind.show(text), kind.number_format)) == (text, (), "")


@every_kind
@given(raw=raws)
def test_any_cell_is_read_and_what_is_not_understood_is_kept(kind: AnswerType, raw: Raw) -> None:
    raw = raw._replace(error=raw.error and isinstance(raw.value, str))
    value = raw.value
    understood = kind.read(raw)
    assert set(understood.how) <= set(HOW)
    assert len(set(understood.how)) == len(understood.how)
    if is_blank(raw) and not raw.error:
        assert understood == (None, (), "")
    elif understood.problem:
        assert isinstance(understood.value, str)
        if isinstance(value, str):
            assert understood.value in (value, unify_line_ends(value))
    # once read, it stays what it is: the record can be written and read again, where a hidden text is seen
    again = kind.read(Raw(kind.show(understood.value), kind.number_format))
    if isinstance(value, str) and not raw.error and understood.problem != "hidden_value":
        assert again.value == understood.value


@every_kind
@given(raw=raws)
def test_what_is_understood_otherwise_than_it_stands_is_said(kind: AnswerType, raw: Raw) -> None:
    raw = raw._replace(error=raw.error and isinstance(raw.value, str))
    value, how, problem = kind.read(raw)
    if how or problem or is_blank(raw):
        return
    shown = kind.show(value)
    assert type(raw.value) is not bool
    if isinstance(raw.value, str):
        assert shown == unify_line_ends(raw.value) or value == unify_line_ends(raw.value)
    else:
        assert math.isclose(decimal(shown), decimal(raw.value), rel_tol=1e-14)


@every_kind
@given(number=numbers, form=formats, epoch=st.sampled_from([1900, 1904]))
def test_no_number_changes_its_magnitude_in_silence(kind: AnswerType, number: float, form: str, epoch: int) -> None:
    value, how, problem = kind.read(Raw(number, form, epoch=epoch))
    if how or problem:
        return
    if kind.name == "date" and kind.precision == "year":
        assert int(value) == number
    elif kind.name == "date" and kind.precision == "month":
        assert serial_of(datetime.date.fromisoformat(f"{value}-01")) == number
    elif kind.name == "time":
        assert math.isclose(minutes_of(value) / 1440, number, abs_tol=1e-9)
    elif kind.name == "date":
        assert serial_of(datetime.date.fromisoformat(value)) == number
    else:
        assert is_number(value)
        percent = kind.name == "percent" and nature(Raw(number, form)).percent
        assert math.isclose(value, decimal(number) * (100 if percent else 1), rel_tol=1e-14)


@given(st.lists(st.floats(0, 150) | st.sampled_from([0, 1]), max_size=6), formats, st.randoms())
def test_a_bare_one_is_understood_by_its_siblings_or_not_at_all(values: list[float], form: str, random: Any) -> None:
    kind = Percent()
    raws = [Raw(value) for value in values]
    fractions = as_fractions(raws)
    random.shuffle(raws)
    assert as_fractions([*raws, Raw(1), Raw("25%"), Raw(0.25, "0%"), Raw(None), Raw("#REF!", error=True)]) is fractions
    between, above = any(0 < value < 1 for value in values), any(value > 1 for value in values)
    assert fractions is (None if between == above else between)
    for value in values:
        alone, among = kind.read(Raw(value, form)), kind.read(Raw(value, form), fractions)
        if alone.problem != "ambiguous_percent":
            assert among == alone  # siblings decide nothing but a bare 1
        elif fractions is not None:
            assert (among.value, among.problem) == (100 if fractions else 1, "")
            assert among.how[-1] == ("percent_fraction" if fractions else "percent_points")


@given(spelled | likely)
def test_no_letter_of_an_item_is_lost(text: str) -> None:
    for separator in (None, "；", "、"):
        items = Items(separator=separator).read(Raw(text)).value
        if isinstance(items, list):
            kept = "".join(items)
            assert [sign for sign in kept if sign in LETTERS] == [sign for sign in text if sign in LETTERS]


LETTERS = "年月日元万人工作数量指标率百分之％%"


@pytest.mark.parametrize(("name", "options"), ALL, ids=map(str, ALL))
def test_a_kind_describes_itself(name: str, options: dict[str, Any]) -> None:
    kind = make(name, options)
    assert kind.show(None) is None
    assert kind.read(Raw(None)).value is None
    assert kind.schema()["type"] in ("string", "number", "integer", "array", "boolean")


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (10, "十"), (19, "十九"), (20, "二十"), (32, "三十二"), (101, "一百〇一"), (115, "一百一十五"),
     (0, "0"), (1000, "1000")],
)  # fmt: skip
def test_numbers_in_chinese(number: int, words: str) -> None:
    assert in_numerals(number) == words


def test_numbers_in_chinese_are_understood() -> None:
    assert [numeral(in_numerals(number)) for number in range(1, 101)] == list(range(1, 101))
