"""What the workbooks of forms of anybody's own say: instructions, panel, self-check, places, footers."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Literal

import openpyxl
import pytest
from workbook.conftest import reviewed
from workbook.forms.filling import FORMS
from workbook.forms.test_chinese_forms import CHINESE, changed, example

import perfxl
from perfxl import messages
from perfxl.batch.prove import prove
from perfxl.form import installed as forms
from perfxl.form.search_path import forms_in
from perfxl.rules import example as examples
from perfxl.workbook.sheet.manual import describe_answers


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The example forms are found."""
    with forms.use_search_path(forms.search_path().extended(forms_in(FORMS))):
        yield


TOLD = [
    ("quarterly", "填报日期", "填年月日，如2026-01-01，不早于2026-01-01。不晚于填表当天。"),
    ("quarterly", "年度计划·数量", "填整数，不小于0，最多9位。"),
    ("quarterly", "完成率·数量", "自动计算：本季累计完成 ÷ 年度计划 × 100。"),
    ("quarterly", "未达进度原因", "填文字，不超过100字。只在“完成率·数量”小于季度乘以25时填。"),
    ("staff-and-pay", "从业人员期末人数", "自动计算：管理人员 + 专业技术人员 + 一线人员 + 其他人员。"),
    ("staff-and-pay", "女性", "填数字，不小于0，不带小数。\n女性不多于总数。更正其中一个数。"),
    (
        "staff-and-pay",
        "奖金·实际·本年",
        "填数字，不小于0，不带小数。\n奖金含在工资总额内。工资总额含奖金，更正其中一个数。",
    ),
    ("project-evaluation", "总分", "自动计算：执行得分 + 得分合计。"),
    ("project-evaluation", "分值", "填数字，从0到50，最多2位小数。"),
]


@pytest.mark.parametrize(("form", "label", "text"), TOLD)
def test_the_instructions_name_answers_by_words_that_no_other_has(form: str, label: str, text: str) -> None:
    assert [says for named, _, says in describe_answers(forms.load(form)) if named == label] == [text]


@pytest.mark.parametrize("form", CHINESE)
def test_the_form_is_proved_by_its_example(form: str) -> None:
    definition = forms.load(form)
    assert prove(definition, office=False).failures == ()
    assert all(line.bad for line in definition.rules)
    assert examples.sending(definition)["unit"] == example(form)["unit"]


def test_an_example_of_a_check_changes_some_answers_of_a_row() -> None:
    definition = forms.load("quarterly")
    laid = examples.subject(definition, {"works[0]": {"plan.number": 10, "done.number": 5}}).record["works"][0]
    assert (laid["task"], laid["plan"]["number"], laid["rate"]["number"]) == ("通村道路硬化", 10, 50)


@pytest.mark.parametrize("form", CHINESE)
def test_the_panel_speaks_of_nothing_that_the_form_does_not_ask(form: str) -> None:
    (sent,) = perfxl.generate(example(form), form=form)
    opened = openpyxl.load_workbook(BytesIO(sent.data))
    texts = [str(cell.value) for sheet in opened for row in sheet.iter_rows() for cell in row if cell.value]
    has_spare_rows = not any(table.inherited for table in forms.load(form).tables.values())
    assert (messages.say("sheet.panel.blank.spare_any", {}) in texts) == has_spare_rows
    assert (messages.say("sheet.panel.blank.blue_full", {}) in texts) != has_spare_rows
    assert messages.say("sheet.panel.blank.spare", {}) not in texts


@pytest.mark.parametrize(("form", "foot"), [("quarterly", ""), ("staff-and-pay", ""), ("project-evaluation", "填报人")])
def test_a_form_with_places_to_sign_has_none_at_the_foot(form: str, foot: str) -> None:
    (sent,) = perfxl.generate(example(form), form=form)
    opened = openpyxl.load_workbook(BytesIO(sent.data))
    feet = [str(sheet.oddFooter.left.text or "") for sheet in opened if sheet.oddFooter.right.text]
    assert any(text.strip().startswith(foot) for text in feet) if foot else not any("填报人" in text for text in feet)


def test_a_row_is_named_by_its_group() -> None:
    ((_, findings),) = reviewed(changed("quarterly", {"works[3].task": None}))
    found = next(one for one in findings if one.code == "LM-01")
    assert messages.message(found, "zh-CN").startswith("产业第2条·工作任务")


@pytest.mark.parametrize(("prefill", "state"), [("all", "不涉及"), ("given", "未填")])
def test_what_does_not_apply_is_not_called_blank(prefill: Literal["all", "given"], state: str) -> None:
    (sent,) = perfxl.generate(example("project-evaluation"), form="project-evaluation", prefill=prefill)
    rows = openpyxl.load_workbook(BytesIO(sent.data), data_only=True)["报前自查"].iter_rows(values_only=True)
    assert [row[3] for row in rows if row[1] == "超额完成须说明"] == [state]
