"""Results as people write them, beside approved values of every kind: what they are, which light and which score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from perfxl.budget.stages.lights import light_of
from perfxl.budget.stages.monitored import light_rule
from perfxl.budget.stages.progress import GROWTH, rows
from perfxl.form import installed, library
from perfxl.form.answers import flatten
from perfxl.form.calculation import calculate_record
from perfxl.form.layout import count_rows, lay_out
from perfxl.rules import check, example
from perfxl.workbook.sheet.calculations import BLANK, calculation_formulas

MONITORING, EVALUATION = (installed.load(f"project-{name}") for name in ("monitoring", "self-evaluation"))
ROWS: Mapping[str, Mapping[str, Any]] = {
    "产出": {"level1": "产出指标", "level2": "质量指标", "level3": "补贴发放准确率"},
    "增长": {"level1": "效益指标", "level2": "经济效益指标", "level3": "村集体收入增长率"},
    "数量": {"level1": "产出指标", "level2": "数量指标", "level3": "补贴发放人数"},
    "成本": {"level1": "产出指标", "level2": "成本指标", "level3": "补贴支出"},
    "社会成本": {"level1": "成本指标", "level2": "社会成本指标", "level3": "对村民生产的影响"},
    "文字": {"level1": "产出指标", "level2": "时效指标", "level3": "补贴发放时间"},
}


def cases() -> Iterator[Any]:
    """The cases of the table: the kind of row, the approved value, the result, its state, light and score."""
    found = yaml.safe_load(Path(__file__).with_name("hunt_results.yaml").read_text("utf-8"))
    for kind, targets in found.items():
        for target, results in targets.items():
            for actual, state, *more in results:
                yield pytest.param(kind, str(target), actual, state, *(*more, None, None)[:2], id=f"{target}-{actual}")


@pytest.mark.parametrize(("kind", "target", "actual", "state", "light", "score"), list(cases()))
def test_a_result_is_what_it_says_or_is_asked_about(
    kind: str, target: str, actual: str, state: str, light: str | None, score: float | None
) -> None:
    cells = {**ROWS[kind], "target": target, "actual": actual}
    july = example.subject(MONITORING, {"indicators[4]": {**cells, "expected": actual}})
    row = next(row for row in rows(july) if row.index == 4)
    assert (row.state, light_of(row, light_rule(july))) == (state, light)
    december = example.subject(EVALUATION, {"indicators[4]": {**cells, "points": 10, "score": None}})
    calculated, _ = calculate_record(EVALUATION, december.record)
    assert calculated["indicators"][4]["score"] == score
    # what cannot be judged is said in July and in December, and what can is not
    wanted = {"unread": ("MO-03", "SE-08"), "impossible": ("MO-05", "SE-19"), "blank": ("MO-02", "SE-18")}
    asked = {**wanted, "left_out": ("MO-02", "SE-15")}.get(state, ())
    kinds = {"MO-02", "MO-03", "MO-05", "SE-08", "SE-15", "SE-18", "SE-19"}
    found = {one.code for subject in (july, december) for one in check(subject) if not one.field.endswith(".score")}
    assert found & kinds == set(asked)


def test_a_score_beside_what_does_not_apply_is_found_and_not_counted() -> None:
    subject = example.subject(EVALUATION, {"indicators[4].actual": "不适用"})
    assert calculate_record(EVALUATION, subject.record)[0]["score"] == 100
    assert ("SE-15", ("indicators[4].score",)) in {(one.code, one.fields) for one in check(subject)}


def test_a_date_that_was_kept_has_the_score_of_what_was_reached() -> None:
    patch = {"indicators[4]": {"target": "2024年11月", "actual": "2024年10月", "score": 5}}
    assert {one.code for one in check(example.subject(EVALUATION, patch))} == {"SE-06"}


def test_the_approved_value_counts_where_the_sheet_came_back_with_another() -> None:
    patch = {"seen.issued": {"indicators[0].target": "500人"}}
    assert {one.code for one in check(example.subject(MONITORING, patch))} == {"MO-01", "MO-07"}


@pytest.mark.parametrize("form", [MONITORING, EVALUATION], ids=lambda form: form.name)
def test_every_calculated_cell_of_a_stage_has_a_formula(form: Any) -> None:
    """One that is too long for Excel would be left out in silence."""
    layout = lay_out(form, count_rows(form, flatten(form, example.record(form))))
    assert [cell for cell, formula in calculation_formulas(layout).items() if formula == BLANK] == []


def test_the_words_of_what_may_be_beyond_a_hundred_percent_are_those_of_the_formula() -> None:
    text = library.path("project-self-evaluation", "form.yaml").read_text("utf-8")
    assert "contains([" + ", ".join(f'"{word}"' for word in GROWTH) + "])" in text


def test_money_spent_without_a_budget_is_found() -> None:
    patch = {"budget": {"total": None, "fiscal": None, "carried": None, "other": None}}
    assert {one.code for one in check(example.subject(MONITORING, patch))} == {"MO-10"}
