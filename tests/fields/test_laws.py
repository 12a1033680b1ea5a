"""Two laws over every kind: what the sheet lets in is understood, and read(show(value)) is the value."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.form.fields import KINDS, make
from perfxl.form.fields.base import Kind, Raw
from perfxl.form.fields.date import _day_in
from perfxl.form.fields.spelling import is_blank, is_date, serial_of, trim

OPTIONS: dict[str, list[dict[str, Any]]] = {
    "money": [{}, {"unit": "元"}, {"decimals": 4}],
    "percent": [{}, {"decimals": 1}],
    "integer": [{}, {"unit": "人"}],
    "items": [{}, {"separator": "；"}, {"separator": "、"}],
    "choice": [{"from": ["数量指标", "质量 指标", "Ａ", "A"], "synonyms": {"数量": "数量指标", "A ": "质量 指标"}}],
    "code": [{}, {"scheme": "hebei-2024"}],
}
ALL = [(name, options) for name in KINDS for options in OPTIONS.get(name, [{}])]
every_kind = pytest.mark.parametrize("kind", [make(name, options) for name, options in ALL], ids=map(str, ALL))

# Surrogates cannot be written to a file; line ends are unified when read.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")).filter(
    lambda text: text.strip() and "_x000d_" not in text.lower()
)
likely = st.text(st.sampled_from("0123456789.,%１％。，、；;（()①② \n　年月元万人≥-工作"), min_size=1)
likely = likely.filter(str.strip)


formats = st.sampled_from(
    ["General", "@", "0%", "0.00", "#,##0", "yyyy-mm-dd", 'm"月"d"日"', "h:mm", "0.0,", ";;;", '"', "["]
)


def trimmed(text: str) -> bool:
    return trim(text) == text


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Values that the kind's record may hold."""
    some = texts | likely
    if kind.name in ("text", "paragraph"):
        return some
    if kind.name == "indicator_value":
        return some.filter(trimmed)
    if kind.name == "items":
        one = some.map(str.strip).filter(bool)
        if kind.separator is None:
            return st.lists(one.map(lambda text: text.replace("\n", " ")), min_size=1, max_size=12)
        ends = f"[；;\n{kind.separator}]"
        one = one.map(lambda text: re.sub(ends, "", text).strip().rstrip("。 \t\u3000").strip()).filter(bool)
        one = one.filter(lambda text: text.rstrip("；;。 \t\n\u3000") == text)
        return st.lists(one, min_size=1, max_size=12)
    if kind.name == "code":
        return st.text(st.sampled_from("0123456789ABCDEFGHIXYZabc"), min_size=1)
    if kind.name == "choice":
        return st.sampled_from(kind.entries)
    if kind.name == "date":
        return st.dates().map(str)
    if kind.name == "integer":
        return st.integers(-(10**12), 10**12)
    if kind.name == "percent":
        return st.decimals(-1000, 1000, places=4).map(float)
    return st.decimals(-(10**9), 10**9, places=2).map(float)


def let_in(kind: Kind) -> st.SearchStrategy[Raw]:
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
        return st.sampled_from(kind.entries).map(lambda entry: Raw(entry, kind.number_format))
    if law.kind == "date":
        first, last = (serial_of(_day_in(end)) for end in (law.minimum, law.maximum))
        return st.integers(first, last).map(lambda serial: Raw(serial, kind.number_format))
    words = texts | likely
    return words.filter(lambda text: len(text) <= law.maximum).map(lambda text: Raw(text, kind.number_format))


@every_kind
@given(data=st.data())
def test_what_is_shown_is_read_as_it_was(kind: Kind, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    understood = kind.read(Raw(kind.show(value), kind.number_format))
    assert understood.value == value
    assert not understood.problem


@every_kind
@given(data=st.data())
def test_what_the_sheet_lets_in_is_understood(kind: Kind, data: st.DataObject) -> None:
    assert not kind.read(data.draw(let_in(kind))).problem


@every_kind
@given(
    value=st.none() | st.booleans() | st.integers() | st.floats() | texts | likely,
    form=formats | st.text(max_size=12),
    error=st.booleans(),
)
def test_any_cell_is_read_and_what_is_not_understood_is_kept(
    kind: Kind, value: str | float | None, form: str, error: bool
) -> None:
    raw = Raw(value, form, error and isinstance(value, str))
    understood = kind.read(raw)
    if is_blank(raw) and not raw.error:
        assert understood.value is None
    elif understood.problem:
        assert isinstance(understood.value, str)
        if isinstance(value, str):
            assert understood.value in (value, re.sub(r"(?:_x000[dD]_|\r)+\n", "\n", value))
    # once read, it stays what it is: the record can be written and read again
    shown = kind.show(understood.value)
    again = kind.read(Raw(shown, kind.number_format))
    if isinstance(value, str) and not raw.error:
        assert again.value == understood.value or "_x000" in value.lower()
    assert is_date(form) in (True, False)


@pytest.mark.parametrize(("name", "options"), ALL, ids=map(str, ALL))
def test_a_kind_describes_itself(name: str, options: dict[str, Any]) -> None:
    kind = make(name, options)
    assert kind.show(None) is None
    assert kind.read(Raw(None)).value is None
    assert kind.schema()["type"] in ("string", "number", "integer", "array")
