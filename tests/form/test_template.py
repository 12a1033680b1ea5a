"""A form's texts take about as long as they are: whatever repeats, multiplies or calls is refused or stopped."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from pathlib import Path

import pytest
from form.test_mistakes import GOOD
from jinja2 import TemplateError, TemplateSyntaxError

import perfxl
from perfxl import messages
from perfxl.errors import FormError
from perfxl.form.installed import load_text
from perfxl.form.template import fill_text, uses

VALUES = {"a": 3, "b": "甲乙", "c": {"d": 1.5}, "rows": [{"what": "x" * 100} for _ in range(99)], "long": "y" * 30_000}

FILLED = {
    "{{ a }}.{{ b }}": "3.甲乙",
    "{{ '%02d' % a }}": "03",
    "{{ a * 100 }}{{ c.d + 1 }}": "3002.5",
    "{{ b.strip() | upper }}{{ none | default('无') }}": "甲乙None",
    "{% if a > 2 %}多{% else %}少{% endif %}": "多",
    "{% for row in rows %}{{ loop.index if loop.last }}{% endfor %}": "99",
    "{{ b ~ a }}{{ b[0] }}{{ b[:1] }}": "甲乙3甲甲",
}

NEVER = [
    "{% for i in range(10**9) %}x{% endfor %}", "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{% for r in rows %}{% for s in rows %}x{% endfor %}{% endfor %}", "{% for r in rows recursive %}{{ loop(rows) }}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% set b = b ~ b %}{{ b }}", "{{ 10**10**10 }}", "{{ 'x'.ljust(10**9) }}",
    "{{ b | center(1000000000) }}", "{{ b | replace('', b) }}", "{{ b | indent(99999999) }}", "{{ b.format(a) }}", "{{ range(9) }}",
    "{{ lipsum(n=99999) }}", "{{ b.__class__.__mro__ }}{{ b.__class__() }}", "{{ cycler('a') }}", "{{ rows | tojson }}",
    "{% include 'x' %}", "{% import 'x' as x %}", "{% block b %}{% endblock %}", "{% filter upper %}x{% endfilter %}",
    "{% call b() %}x{% endcall %}", "{{ b | map('upper') | list }}", "{{ '%s' | format(b) }}", "{{ b | batch(9) }}", "{{ b.join(rows) }}",
    "{{ " + "(" * 3_000 + "a" + ")" * 3_000 + " }}", "x" * 9_990 + "{{ a }}{{ a }}",
]  # fmt: skip
STOPPED = ["{{ 'x' * 1000000000 }}", "{{ b * a }}", "{{ rows * 9999 }}", "{{ '%999999999d' % a }}", "{{ '%*d' % (999999999, a) }}",
           "{% for r in rows %}{{ long }}{% endfor %}", "{{ a % 0 }}", "{{ b + a }}", "{{ '%d' % b }}"]  # fmt: skip
FAILURES = (TemplateError, TypeError, ValueError, ArithmeticError)


@pytest.mark.parametrize("text", FILLED)
def test_what_a_form_needs_is_there(text: str) -> None:
    uses(text)
    assert fill_text(text, {**VALUES, "none": None}) == FILLED[text]


@pytest.mark.parametrize("text", NEVER, ids=range(len(NEVER)))
def test_what_no_text_may_hold(text: str) -> None:
    began = time.process_time()
    with pytest.raises(TemplateSyntaxError):
        uses(text)
    with pytest.raises(FormError) as caught:
        load_text(GOOD.replace("填{{ year }}年的。", repr(text) if '"' in text else f'"{text}"'), "f.yaml")
    assert (caught.value.what, caught.value.line) == ("not_jinja", 36)
    assert len(messages.sentence(caught.value)) < 600
    assert time.process_time() - began < 1


@pytest.mark.parametrize("text", STOPPED)
def test_what_is_stopped_while_it_is_filled_in(text: str, tmp_path: Path) -> None:
    began = time.process_time()
    uses(text)
    with pytest.raises(FAILURES):
        fill_text(text, VALUES)
    assert time.process_time() - began < 1


def test_a_form_that_cannot_be_filled_in(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "form.yaml").write_text(GOOD.replace("丁", "\"{{ 'x' * 1000000000 }}\""), encoding="utf-8")
    held = {"year": 2024, "projects": [{"code": "99019924P00731210115X"}]}
    with pytest.raises(FormError) as caught:
        perfxl.generate(held, form=tmp_path / "f")
    assert caught.value.what == "unfillable"
    for lang in ("zh-CN", "en"):
        assert messages.sentence(caught.value, lang)


PIECES = ["a", "b", "c.d", "rows", "long", "'x'", "999999999", "1e9", "range", "(", ")", "*", "**", "~", "%", "+", "|", "upper", "center",
          "replace", "for", "in", "if", "endfor", "endif", "set", "=", "[", "]", ",", "{{", "}}", "{%", "%}", "join", "loop", "recursive"]  # fmt: skip


def test_any_template_ends_soon_and_small() -> None:
    dice = random.Random(5)
    shapes = [
        "{{{{ {} }}}}",
        "{{% for r in {} %}}{{{{ {} }}}}{{% endfor %}}",
        "{{% if {} %}}{{{{ {} }}}}{{% endif %}}",
        "{}",
    ]
    filled = 0
    for _ in range(400):
        shape = dice.choice(shapes)
        text = shape.format(
            *(" ".join(dice.choices(PIECES, k=dice.choice([1, 1, 3, 5]))) for _ in range(shape.count("{}")))
        )
        began = time.process_time()
        try:
            uses(text)
            assert len(fill_text(text, VALUES)) <= 1_000_000
            filled += 1
        except FAILURES:
            pass
        assert time.process_time() - began < 0.5, text
    assert filled > 40


@pytest.mark.parametrize("number", ["1e999999999", "-1E-99999999", Decimal("9e401")])
def test_a_number_that_cannot_be_written_out(number: object) -> None:
    for shown in (messages.money, messages.number, messages.percent):
        with pytest.raises(ValueError, match="400 digits"):
            shown(number)
