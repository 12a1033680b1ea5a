"""Checks, and the reading of answers, take time in proportion to a text's length, whatever stands in it.

PERFXL_LONG=1 makes the whole test: more invented texts, and all of them as long as a cell can be.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from perfxl import rules
from perfxl.budget.indicator_value import parse
from perfxl.form import installed as forms
from perfxl.form import types
from perfxl.form.form import Form
from perfxl.form.types.base import Raw
from perfxl.rules import example
from perfxl.rules.subject import Subject, Unit

WHOLE = os.environ.get("PERFXL_LONG") == "1"
CELL = 32_767
"""The most characters of a cell."""
LONG = CELL if WHOLE else 8_000
FLOOR = 0.1
"""Seconds from which the growth is judged: less is noise."""
PROJECT = forms.load("project-target")
FORMS = [form for name in forms.names() if example.has_example(form := forms.load(name))]

BEGIN = ("", "甲", "1", "对", "满意度", "依据", "《", '"', "〔2024〕", "2024-01-01", "2024年", "第", "全镇", "，", "(")
UNIT = (
    "《", "》", "《甲》", "（", "()", "“", '"', '"中', "、", "，", "甲，", "甲、乙，", "甲乙，", " ", "　", "中 ", "\n", "\r", "_x000D_", "中", "对",
    "达到", "达到达", "无", "-", "--", "十", "1", "1.", "1.1.1.", "1,", "100%", "100%100%", "2020年", "〔2020〕", "政〔2020〕1号和", "号", "第1条",
    "经验和", "一是", "1、", "（1）", "①", "百分之", "1人", "每季度", "元/人", "以上(含)", "镇", "的", "。", "中中中中中中.", "\u0301\u0316", "a", "😀",
    "了", "防汛", "，。；：、！？",
)  # fmt: skip
END = ("", "x", "号", "》", '"', ")", "。", "满意", "第1稿", "\n1")


def repeated(begin: str, unit: str, end: str) -> Callable[[int], str]:
    """A shape of text: what makes one of so many characters."""
    return lambda length: begin + (unit * (length // len(unit) + 1))[: length - len(begin) - len(end)] + end


def at_random(seed: int) -> Callable[[int], str]:
    """Random Chinese for an even seed, a jumble of signs for an odd one."""
    letters = (
        "《》（）()“”〔〕、，。；：对和及的年月日号第条1234567890%人个元万 \n中"
        if seed % 2
        else "".join(map(chr, range(0x4E00, 0x9FA5)))
    )
    return lambda length: "".join(random.Random(seed).choices(letters, k=length))


def shapes() -> dict[str, Callable[[int], str]]:
    """Each unit alone and many between an invented beginning and end, the same ones every time."""
    draw = random.Random(1)
    invented = [
        (draw.choice(BEGIN), draw.choice(UNIT) + draw.choice(("", draw.choice(UNIT))), draw.choice(END))
        for _ in range(300)
    ]
    plain = [("", unit, "x") for unit in UNIT]
    chosen = [*plain, *invented] if WHOLE else [*plain[::6], *invented[:6]]
    made = {repr("…".join(shape)): repeated(*shape) for shape in chosen}
    return {**made, "Chinese": at_random(2), "signs": at_random(3)}


SHAPES = shapes()
SERIAL = itertools.count(1)


def filled(value: Any, text: Callable[[], str]) -> Any:
    """A record with this text in the place of every text but the classes of indicators."""
    if isinstance(value, dict):
        return {key: held if key in ("level1", "level2") else filled(held, text) for key, held in value.items()}
    if isinstance(value, list):
        return [filled(held, text) for held in value]
    return text() if isinstance(value, str) else value


def subject(form: Form, make: Callable[[int], str], length: int) -> Subject:
    """The form's example, each text of this length; all are near copies of one another."""
    whole, count, mark = make(length), iter(range(length)), f"末{next(SERIAL)}"  # nothing was seen before and kept
    record = filled(dict(example.record(form)), lambda: whole[: (at := 7 * next(count))] + mark + whole[at:])
    known = example.subject(form).unit
    records = {**known.records, form.root: (record,)}
    return Subject(form, record, Unit(known.year, known.code, known.name, records, known.known, known.policy))


def seconds(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def growth(work: Callable[[int], Callable[[], object]], length: int) -> float:
    """How many times as long it takes with twice the text; 1 where it takes hardly any time."""
    twice = seconds(work(2 * length))
    return 1 if twice < FLOOR else twice / seconds(work(length))


def steadied(work: Callable[[int], Callable[[], object]], length: int) -> float:
    """The growth, measured again where it looks too large: a busy machine makes single times long."""
    return next((found for _ in range(5) if (found := growth(work, length)) <= 2.5), 99.0)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_text_takes_the_checks_twice_the_time(form: Form, shape: str) -> None:
    def work(length: int) -> Callable[[], object]:
        made = subject(form, SHAPES[shape], length)
        return lambda: rules.check(made)

    assert steadied(work, LONG // 4) <= 2.5


@pytest.mark.parametrize("shape", SHAPES if WHOLE else [*SHAPES][::9])
def test_a_cell_s_fill_in_every_answer_is_checked_within_ten_seconds(shape: str) -> None:
    made = subject(PROJECT, SHAPES[shape], CELL)
    assert seconds(lambda: rules.check(made)) < 10


ITEMS = ("办", "办理甲事项", "为38个村发放", "完成率100%", "1.", "《甲》", "满意度95%")


@pytest.mark.parametrize("item", ITEMS if WHOLE else ITEMS[2:3])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_as_many_items_as_a_cell_holds_are_checked_within_ten_seconds(form: Form, item: str) -> None:
    """Where the text is short, the number of its pieces is what multiplies; the other answers are full, too."""
    made = subject(form, repeated("", item, ""), CELL)
    record = in_many_items(made.record, [item] * (CELL // (len(item) + 1)))
    whole = Subject(form, record, made.unit)
    assert seconds(lambda: rules.check(whole)) < 10


def in_many_items(value: Any, items: list[str]) -> Any:
    """A record with these items in the place of every list of texts."""
    if isinstance(value, dict):
        return {key: in_many_items(held, items) for key, held in value.items()}
    if isinstance(value, list):
        return list(items) if value and isinstance(value[0], str) else [in_many_items(held, items) for held in value]
    return value


@pytest.mark.parametrize("name", sorted(types.types()))
def test_twice_the_text_takes_a_kind_of_answer_twice_the_time(name: str) -> None:
    kind = next((asked.type for form in FORMS for asked in form.asked if asked.type.name == name), None)
    kind = kind or types.make(name, {})

    def work(length: int) -> Callable[[], object]:
        texts = [make(length) for make in SHAPES.values()]
        return lambda: [kind.show(kind.read(Raw(text)).value) for text in texts]

    assert steadied(work, LONG) <= 2.5


def test_twice_the_text_takes_an_indicator_s_value_twice_the_time() -> None:
    def work(length: int) -> Callable[[], object]:
        texts = [make(length) for make in SHAPES.values()]
        return lambda: [parse(text).how for text in texts]

    assert steadied(work, LONG) <= 2.5
