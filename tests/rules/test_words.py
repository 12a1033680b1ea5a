"""The words of every rule, in every language."""

from __future__ import annotations

import re

import pytest

from perfxl import messages, rules
from perfxl.errors import UnknownCode
from perfxl.finding import Finding
from perfxl.form import installed as forms
from perfxl.form.form import Form
from perfxl.rules import example
from perfxl.rules.rule import Rule

FORMS = [form for name in forms.names() if example.has_example(form := forms.load(name))]
ASKED = [pytest.param(form, rule, id=f"{form.name}-{rule.code}") for form in FORMS for rule in rules.rules(form)]
LANGUAGES = messages.languages()
FORM = forms.load("project-target")


def test_the_languages_have_the_same_keys() -> None:
    for file in ("rules", "places"):
        assert len({messages.text_keys(file, lang) for lang in LANGUAGES}) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("form", "rule"), ASKED)
def test_a_rule_has_its_words(form: Form, rule: Rule, lang: str) -> None:
    for part in ("title", "what", "todo", "why"):
        assert messages.has_text(f"rules.{rule.code}.{part}", lang), part
    # what was issued or is calculated is put back, and said, when a workbook is written anew
    put_back = rule.code in ("ID-07", "ID-08", "CO-01") or not {"ID-08", "CO-01"}.isdisjoint(rule.limits)
    assert (rule.severity == "fix" or put_back) == messages.has_text(f"rules.{rule.code}.done", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_words_without_a_rule(lang: str) -> None:
    asked = {rule.code for form in FORMS for rule in rules.rules(form)}
    asked |= {rule.code for rule in rules.general_rules()}  # no shipped form calculates
    assert {key.split(".")[1] for key in messages.text_keys("rules", lang)} == asked


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("form", "rule"), ASKED)
def test_the_bad_example_is_said(form: Form, rule: Rule, lang: str) -> None:
    for finding in rules.check(example.subject(form, rule.bad)):
        for done in (False, True):
            words = messages.words(finding, lang, done)
            assert words.title
            assert words.what
            assert words.todo
            assert "  " not in words.what
        sentence = messages.message(finding, lang)
        assert sentence.count("\n") == 0
        assert "None" not in sentence


@pytest.mark.parametrize(("form", "rule"), ASKED)
def test_a_note_is_short(form: Form, rule: Rule) -> None:
    for finding in rules.check(example.subject(form, rule.bad)):
        words = messages.words(finding)
        assert len(words.what + words.todo) <= 90, words
        assert len(words.title) <= 14


@pytest.mark.parametrize("key", sorted(messages.text_keys("rules")))
def test_chinese_manner(key: str) -> None:
    """No 您, 我们, exclamation mark, rule code or English; full-width punctuation; no space (look.md §3)."""
    if key.endswith(".where"):
        return
    source = str(messages._entry(key, "zh-CN"))
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source)
    text = re.sub("WPS|Word|Excel|Ctrl\\+S", "", text)  # what people call them themselves (look.md §4, §6)
    assert not re.search(r"[A-Za-z]", text)
    assert not re.search(r"您|我们|[!！,;:?()'\"\s]", text)
    assert key.endswith(".title") or re.search(r"[。}]$", source)


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        ({"budget.other": 10.0},
         "财政资金6.52＋其他资金10.00＝16.52万元，比预算数6.52万元多10.00万元。没有其他资金的，该格留空。"),
        ({"indicators[5].level3": "补贴预算金额", "indicators[5].target": "65200万元"},
         "“补贴预算金额”填65200万元，是预算数6.52万元的1万倍；65200元＝6.52万元。请改填“≤6.52万元”。"),
        ({"indicators[5].target": "220元/人"},
         "220元/人×326人＝7.17万元，预算数6.52万元，少0.65万元。请核对标准、数量和预算数。"),
        ({"plan.october": 45},
         "资金支出计划应填累计数，不得前大后小：6月底50%，10月底45%，少5个百分点。其间不安排支出的，10月底填50%。"),
        ({"seen.issued": {"budget.total": 5.21}},
         "预算数下达5.21万元，报回6.52万元，多1.31万元。请改回；认为下达数有误的，请与预算股联系。"),
        ({"indicators[4].level2": "质量指标", "indicators[4].level3": "补贴发放公示率"},
         "产出指标缺“时效指标”（现有数量2条、质量3条、成本1条）。请在备用行补填1条，二级指标选“时效指标”。"),
        ({"indicators[2].basis": "防汛物资储备方案",
          "unit.projects": [{"number": 2, "name": "防汛物资储备经费", "code": ""}]},
         "质量指标第1条·依据：写有“防汛物资储备”，那是项目2“防汛物资储备经费”的内容。"
         "请核对是否复制后未改；确属本项目的，在“出错说明”写明。"),
        ({"indicators[7].target": "95%"}, "服务对象满意度指标第1条·指标值：满意度填“95%”，缺“≥”。请改填“≥95%”。"),
        ({"plan.march": -5}, "资金支出计划·3月底：填的是-5%，应在0至100%之间。请填到该月底的累计百分数，直接填25即25%。"),
        ({"indicators": []},
         "绩效指标一条也没有。请填写，至少包括数量、质量、时效、成本、经济效益或社会效益或生态效益或可持续影响、服务对象满意度各1条。"),
        ({"indicators[1].target": "#DIV/0!", "seen.doubts": [
            {"kind": "error_value", "fields": ["indicators[1].target"], "facts": {"found": "#DIV/0!"}, "unsure": True}]},
         "数量指标第2条·指标值：填的是公式错误值#DIV/0!，看不出原来的内容。请删去公式，直接填写。"),
        ({"seen.doubts": [{"kind": "not_calculated"}]},
         "本表公式未重新计算，自查结果不是最新的；所填内容已按原样读取。请用WPS打开后按Ctrl+S保存再报。"),
        ({"seen.doubts": [{"kind": "slid", "fields": ["indicators[2].level3"], "facts": {"way": "left"}, "unsure": True}]},
         "质量指标第1条·三级指标：本行的内容像是左移了一格，不能确定各格原来在哪里，未参加其他审核。请逐格核对，移回原处后再报。"),
        ({"seen.doubts": [{"kind": "not_found", "fields": ["indicators.target", "budget.fiscal"], "unsure": True}]},
         "指标值等2处：找不到填写的格，表头和行列都对不上，按未读到处理。请在下发的原文件里补填，不要删除行、列和表头。"),
        ({"indicators[1].basis": "无"},
         "数量指标第2条·依据：只填“无”，等于未填指标值的依据。请写文件名和文号；测算的写算式，如326人×200元。"),
        ({"indicators[1].target": "2023/3/15"},
         "数量指标第2条·指标值：数量指标填“2023/3/15”，是日期，与指标类别不符。"
         "请填个数、长度、面积等，或改选二级指标。"),
        ({"goals": ["为326名村民小组长发放误工补贴，新建老年食堂3处，建成快检室8个，购置巡逻车2辆，新建公厕5座。"]},
         "绩效目标：写了“新建老年食堂3处”“建成快检室8个”“购置巡逻车2辆”等4件事，没有指标衡量。"
         "请补上指标，或在“出错说明”写明。"),
        ({"goals": ["为326名村民小组长发放误工补贴，改造河东片区沿街商铺门头牌匾和背街小巷内破损路灯线路及雨污管网。"]},
         "绩效目标：写了以“改造河东片区沿街商铺门头牌匾和背街小巷内”开头的一句，没有指标衡量。"
         "请补上指标，或在“出错说明”写明由哪条指标衡量。"),
        ({"plan.june": None}, "资金支出计划·6月底：未填。请填到该月底的累计百分数，直接填25即25%。"),
    ],
)  # fmt: skip
def test_sentences(patch: dict[str, object], sentence: str) -> None:
    (finding,) = rules.check(example.subject(FORM, patch))
    assert messages.message(finding) == sentence


def test_a_safe_correction_is_said_as_done() -> None:
    (finding,) = rules.check(example.subject(FORM, {"indicators[0].basis": "清政办【2022】18号"}))
    done = messages.words(finding, done=True)
    assert done.what + done.todo == (
        "文号年份应使用六角括号，已将“清政办【2022】18号”代改为“清政办〔2022〕18号”。不同意的请告知。"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", forms.names())
def test_a_line_of_a_form_gives_the_facts_of_its_sentence(name: str, lang: str) -> None:
    for line in forms.load(name).rules:
        facts = {**dict.fromkeys(line.facts, 1), "parts": [["预算数", 2], ["财政资金", 1]]}
        assert messages.words(Finding(line.code, line.severity, line.on, facts), lang).what


def test_places() -> None:
    record = example.record(FORM)
    assert messages.place("indicators[3].description", FORM, record) == "质量指标第2条·描述"
    assert messages.place("plan.october", FORM, record) == "资金支出计划·10月底"
    assert messages.place("budget.fiscal", FORM, record) == "财政资金"
    assert messages.place("goals[0]", FORM, record) == "绩效目标"
    assert messages.place("indicators[99].basis", FORM, record).endswith("第100条·依据")


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"rules\.XX-99\.what"):
        messages.say("rules.XX-99.what")
    with pytest.raises(KeyError, match=r"errors\.NoSuch"):
        messages.say("errors.NoSuch", lang="xx")


@pytest.mark.parametrize(("lang", "instead"), [("xx", "en"), ("fr-CA", "en"), ("zh-TW", "zh-CN")])
def test_what_a_language_lacks_is_said_in_english_or_chinese(lang: str, instead: str) -> None:
    mistake = UnknownCode(code="X", near="")
    assert messages.say(f"errors.{mistake.key}", mistake.facts, lang) == messages.sentence(mistake, instead)


@pytest.mark.parametrize(("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), ("1", "1 file")])
def test_counts_in_english(count: int | str, said: str) -> None:
    assert messages.counted(count, "file") == said


def test_a_fact_that_is_not_there_is_an_error() -> None:
    with pytest.raises(Exception, match="undefined"):
        messages.words(Finding("MN-02", "error", ("budget.other",), {}))


def test_numbers_in_words() -> None:
    assert [messages.money(value) for value in (538.69, 10, 0.005)] == ["538.69", "10.00", "0.00"]
    assert [messages.number(value) for value in (5386900.0, 0.5, "1354", 1e7)] == ["5386900", "0.5", "1354", "10000000"]
    assert messages.percent(50.0) == "50%"
