"""A mistake in a definition is one sentence with file, line and what is allowed, in every language."""

from __future__ import annotations

from typing import Any

import pytest
from form.test_lists import MISTAKES as WRONG_LISTS
from rules.test_policy import ITS_OWN

from perfxl import messages
from perfxl.errors import FormError, UnknownForm
from perfxl.form import installed as forms
from perfxl.form import template
from perfxl.form.installed import load_text

GOOD = """\
form: f
version: 2024.10
label: 表
record: projects[]
title: "{{ year }}.{{ code }}"
sheet: {name: "{{ code }}", columns: [9, 9, 9, 9], start: B2}
taxonomy: cn-2015
fields:
  code: {type: code, scheme: hebei-2024, given: true}
  nature: {type: choice, choices: [新增, 延续]}
  much.total:
    type: money
    label: 总额
    example: 538.69
  much.rest: {type: money, hint: {title: 其余, text: 没有的不填。}}
tables:
  rows:
    groups:
      by: level1
      begin: {level2: [数量指标, 质量指标]}
      spare: [2, 1, 1]
      max: 60
    columns:
      level1: {type: choice, choices: taxonomy}
      level2: {type: choice, choices: taxonomy, within: level1, span: 2}
      what: {type: text, max_length: 20}
layout:
  - [{title: true, span: 3}, {mark: code}]
  - {height: 20, cells: [甲, {field: nature}, 乙, {text: 丙, style: plain, align: right}]}
  - [{field: much.total, rows: 2}, {field: much.rest, span: 3}]
  - [{text: 丁, span: 3}]
  - {table: rows}
rules:
  - {code: MN-02, assert: much.total >= much.rest, on: [much.rest], facts: {rest: much.rest}}
help:
  - 填{{ year }}年的。
"""

WHAT = ", span: 2}\n      what: {type: text, max_length: 20}"

# what is written instead of what, the kind of mistake, its line, some of its facts
MISTAKES: dict[str, tuple[str, str, str, int, dict[str, Any]]] = {
    "nothing in it": (GOOD, "# later\n", "empty", 1, {}),
    "a colon forgotten": ("record: projects[]", "record projects[]", "not_yaml", 5, {}),
    "counted in the unit of nothing": (WHAT, "}\n      what: {type: indicator_value, unit_of: level2}", "no_unit_beside", 26, {"known": []}),
    "counted in the unit of another": (
        WHAT, "}\n      what: {type: indicator_value, unit_of: iam}\n      aim: {type: indicator_value}",
        "no_unit_beside", 26, {"near": "aim"}),
    "counted in its own unit": (
        WHAT, "}\n      what: {type: indicator_value, unit_of: what}\n      aim: {type: indicator_value}",
        "no_unit_beside", 26, {"known": ["aim"]}),
    "an alias": ("label: 表", "label: &a 表\nx: *a", "alias", 4, {"key": "a"}),
    "lists in lists": ("[新增, 延续]", "[" * 101 + "]" * 101, "too_deep", 10, {"limit": 100}),
    "a list as a key": ("label: 表", "? [a]\n: 表", "not_yaml", 3, {}),
    "a loop in a loop": ("填{{ year }}年的。", "\"{% for a in rows %}{% for b in rows %}x{% endfor %}{% endfor %}\"", "not_jinja", 36, {}),
    "a quote forgotten": ('title: "{{ year }}.{{ code }}"', 'title: "{{ year }}', "not_yaml", 6, {}),
    "a tag": ("label: 表", "label: !x 表", "not_yaml", 3, {}),
    "twice the same key": ("label: 表", "form: g", "repeated_key", 3, {"key": "form"}),
    "a wrong key on top": ("tables:", "tabels:", "unknown_key", 16, {"key": "tabels", "near": "tables"}),
    "a wrong key of a field": ("given: true", "givne: true", "unknown_key", 9, {"key": "givne", "near": "given"}),
    "an option of another kind": ("max_length: 20", "scheme: 20", "unknown_key", 26, {"key": "scheme", "near": ""}),
    "a wrong key of a sheet": ("start: B2", "strat: B2", "unknown_key", 6, {"near": "start"}),
    "a wrong key of a cell": ("style: plain", "styel: plain", "unknown_key", 29, {"near": "style"}),
    "a key of a row of a table": ("{table: rows}", "{table: rows, height: 3}", "unknown_key", 32, {"key": "height"}),
    "no version": ("version: 2024.10\n", "", "missing_key", 1, {"key": "version"}),
    "no kind": ("type: money\n    label", "label", "missing_key", 11, {"key": "type"}),
    "a choice of nothing": (", choices: [新增, 延续]", "", "missing_key", 10, {"key": "choices"}),
    "no taxonomy to choose from": ("taxonomy: cn-2015\n", "", "missing_key", 23, {"key": "taxonomy"}),
    "groups by nothing": ("by: level1\n      ", "", "missing_key", 18, {"key": "by"}),
    "a prompt without a text": (", text: 没有的不填。", "", "missing_key", 15, {"key": "text"}),
    "a rule about nothing": (", on: [much.rest]", "", "missing_key", 34, {"key": "on"}),
    "a field that is a word": ("{type: code, scheme: hebei-2024, given: true}", "code", "not_a_mapping", 9, {"found": "'code'"}),
    "a form that is a list": (GOOD, "- form\n", "not_a_mapping", 1, {"found": "list"}),
    "columns as a number": ("columns: [9, 9, 9, 9]", "columns: 9", "not_a_list", 6, {"found": "9"}),
    "cells as a mapping": ("[{text: 丁, span: 3}]", "{cells: {text: 丁}}", "not_a_list", 31, {"found": "mapping"}),
    "a label that is a mapping": ("label: 表", "label: {a: b}", "not_a_text", 3, {"found": "mapping"}),
    "a label that is nothing": ("label: 总额", "label:", "not_a_text", 13, {"found": "null"}),
    "a width that is a word": ("[9, 9, 9, 9]", "[9, 9, 九, 9]", "not_a_number", 6, {"found": "'九'", "minimum": 0}),
    "a width without end": ("[9, 9, 9, 9]", "[9, 9, .inf, 9]", "not_a_number", 6, {"found": "inf"}),
    "a span of nothing": ("span: 3}]\n  - {table", "span: 0}]\n  - {table", "not_a_number", 31, {"found": "0", "minimum": 1}),
    "half a span": ("span: 3}]\n  - {table", "span: 1.5}]\n  - {table", "not_a_number", 31, {"found": "1.5"}),
    "a span that is true": ("span: 3}]\n  - {table", "span: true}]\n  - {table", "not_a_number", 31, {"found": "True"}),
    "a height below zero": ("height: 20", "height: -20", "not_a_number", 29, {"found": "-20"}),
    "a kind that is none": ("type: code", "type: codes", "not_allowed", 9, {"found": "codes", "near": "code"}),
    "a record that is none": ("record: projects[]", "record: Projects[]", "not_allowed", 4, {"near": "projects[]"}),
    "a flag that is a word": ("given: true", "given: maybe", "not_allowed", 9, {"allowed": ("true", "false")}),
    "an alignment that is none": ("align: right", "align: up", "not_allowed", 29, {"allowed": ("left", "center", "right")}),
    "a row to begin with that the taxonomy has not": ("[数量指标,", "[数字指标,", "not_allowed", 20, {"near": "数量指标"}),
    "a column to begin with that is none": ("begin: {level2:", "begin: {level3:", "unknown_key", 20, {"key": "level3"}),
    "a table that is none": ("{table: rows}", "{table: row}", "unknown_field", 32, {"near": "rows"}),
    "a paper that is none": ("start: B2", "start: B2, paper: A3", "not_allowed", 6, {"allowed": ("A4",)}),
    "lists without brackets": ("    groups:", "    each: rows\n    groups:", "not_allowed", 18, {"found": "rows"}),
    "braces that do not close": ('"{{ code }}"', '"{{ code }"', "not_jinja", 6, {"text": "{{ code }"}),
    "braces in a help line": ("填{{ year }}年的。", "填{% year %}年的。", "not_jinja", 36, {}),
    "a rule that is no expression": (">= much.rest", ">> much.rest", "not_an_expression", 34, {}),
    "a rule that is a sum": ("much.total >= much.rest", "much.total + much.rest", "not_an_expression", 34, {"problem": "much.total + much.rest"}),
    "a rule with a function": (">= much.rest", ">= max(much.rest)", "not_an_expression", 34, {"problem": "Call"}),
    "a rule that compares words": (">= much.rest", "== '甲'", "not_an_expression", 34, {"problem": "'甲'"}),
    "a fact that is no expression": ("{rest: much.rest}", "{rest: much rest}", "not_an_expression", 34, {}),
    "a name in Chinese": ("  code:", "  编码:", "bad_id", 9, {"id": "编码"}),
    "a name with a capital": ("      what:", "      What:", "bad_id", 26, {"id": "What"}),
    "a table's name with a dash": ("  rows:", "  ro-ws:", "bad_id", 17, {"id": "ro-ws"}),
    "a field in the layout that is none": ("{field: nature}", "{field: natur}", "unknown_field", 29, {"near": "nature"}),
    "a field in a rule that is none": (">= much.rest", ">= much.rset", "unknown_field", 34, {"near": "much.rest"}),
    "a fact of a field that is none": ("{rest: much.rest}", "{rest: rest}", "unknown_field", 34, {"field": "rest"}),
    "a rule on a field that is none": ("on: [much.rest]", "on: [much]", "unknown_field", 34, {"field": "much"}),
    "within a column that is none": ("within: level1", "within: level0", "unknown_field", 25, {"field": "level0"}),
    "within a field that is none": ("延续]}", "延续], within: x}", "unknown_field", 10, {"field": "x"}),
    "a taxonomy that is none": ("cn-2015", "cn-2016", "unknown_taxonomy", 7, {"name": "cn-2016"}),
    "a code scheme that is none": ("hebei-2024", "hebei", "unknown_code_scheme", 9, {"name": "hebei"}),
    "an option with a wrong value": ("max_length: 20", "max_length: 2.5", "wrong_option", 26, {"allowed": ("integer",)}),
    "a limit that is no answer": ("max_length: 20", "max_length: 很多", "unknown_field", 26, {"field": "很多"}),
    "a limit of another type": ("max_length: 20", "minimum: 20", "no_such_limit", 26, {"key": "minimum"}),
    "a minimum above its maximum": ("label: 总额", "minimum: 900\n    maximum: {value: 500, severity: warning}", "limits_crossed", 13, {"found": "900", "bound": "500", "other": 14}),
    "a day that is none": ("type: text, max_length: 20", "type: date, maximum: 2026-02-30", "impossible_day", 26, {"year": 2026, "last": 28}),
    "a month that is none": ("type: text, max_length: 20", "type: date, maximum: 2026-13-01", "impossible_month", 26, {"month": 13}),
    "a year limited by an answer": ("type: text, max_length: 20", "type: date, precision: year, minimum: what", "bound_of_other_type", 26, {"key": "minimum"}),
    "a limit that nobody can type": ("label: 总额", "decimals: 0\n    minimum: {value: 0.1, severity: warning}", "limit_of_more_decimals", 14, {"key": "minimum", "found": "0.1", "decimals": 0}),
    "a limit of one digit too many": ("label: 总额", "decimals: 1\n    maximum: 9.25", "limit_of_more_decimals", 14, {"key": "maximum", "decimals": 1}),
    "a column that a check of the form marks": ("on: [much.rest]", "on: [rows.what]", "column_on", 34, {"table": "rows", "column": "what", "within": False}),
    "a column beside the head": (">= much.rest", ">= rows.what", "column_alone", 34, {"table": "rows", "column": "what"}),
    "a text without quotes": (">= much.rest", ">= much", "unknown_field", 34, {"field": "much"}),
    "several entries that are compared": ("choices: [新增, 延续]}", "choices: [新增, 延续], multiple: true, constraint: {value: nature == '新增', message: 甲}}", "entries_compared", 10, {"field": "nature"}),
    "a day as people write it": ("type: text, max_length: 20", "type: date, minimum: 1.3.2026", "no_constant", 26, {"found": "1.3.2026", "example": "2026-03-31"}),
    "a time as people write it": ("type: text, max_length: 20", "type: time, minimum: 9:00", "no_constant", 26, {"found": "9:00"}),
    "a time without quotes": ("type: text, max_length: 20", "type: time, constraint: {value: what > 9:00, message: 甲}", "unquoted_time", 26, {"time": "09:00"}),
    "a default above its limit": ("label: 总额", "maximum: 5\n    default: 6", "default_beyond_limits", 14, {"found": "6"}),
    "a default below zero": ("label: 总额", "default: -1", "default_beyond_limits", 13, {"found": "-1"}),
    "a default that is too long": ("max_length: 20", "max_length: 2, default: 甲乙丙", "default_beyond_limits", 26, {"limits": "max_length: 2"}),
    "a default that is no time": ("type: text, max_length: 20", "type: time, default: 25:00", "unreadable_default", 26, {"found": "25:00"}),
    "a comma in braces": ("{type: text, max_length: 20}", "{type: integer, calculation: round(1, 2)}", "unquoted_key", 26, {"key": "2)"}),
    "a type of another language": ("type: text, max_length: 20", "type: string", "not_allowed", 26, {"near": "text"}),
    "a key of another language": ("type: text, max_length: 20", "type: money, currency: EUR", "unknown_key", 26, {"near": "unit"}),
    "a number in place of a sheet": ('sheet: {name: "{{ code }}", columns: [9, 9, 9, 9], start: B2}', "sheet: 4", "not_a_mapping", 6, {"example": "{name: Claim, columns: [18, 18, 18], start: B2}"}),
    "a time limited by a number": ("type: text, max_length: 20", "type: time, minimum: much.total", "bound_of_other_type", 26, {"key": "minimum"}),
    "a time beside a number": ("type: text, max_length: 20", "type: time, constraint: {value: what > 8, message: 甲}", "moment_beside_other", 26, {"type": "time"}),
    "a number limited by a text": ("label: 总额", "minimum: nature", "bound_of_other_type", 13, {"text": "nature"}),
    "a pattern without words": ("max_length: 20", "pattern: '[A-Z]'", "limit_without_words", 26, {"value": "[A-Z]"}),
    "a pattern without end": ("max_length: 20", "pattern: {value: 'A+', message: 甲}", "bad_pattern", 26, {"cause": "endless"}),
    "a default beside the list": ("延续]}", "延续], default: 新曾}", "default_not_in_list", 10, {"near": ""}),
    "a default of another kind": ("label: 总额", "default: 很多", "unreadable_default", 13, {"found": "很多"}),
    "a list that is a word": ("choices: [新增, 延续]", "choices: taxonomi", "unknown_list", 10, {"near": "taxonomy"}),
    "an example of another kind": ("example: 538.69", "example: 很多", "unreadable_example", 14, {"field": "much.total"}),
    "an example outside the list": ("延续]}", "延续], example: 别的}", "unreadable_example", 10, {"example": "别的"}),
    "a prompt's title of 33": ("title: 其余", f"title: {'字' * 33}", "too_long", 15, {"length": 33, "limit": 32}),
    "a prompt of 256": ("没有的不填。", "字" * 256, "too_long", 15, {"length": 256, "limit": 255}),
    "more rows than keys": ("max: 60", "max: 9996", "too_many_rows", 16, {"found": 10000, "limit": 9999}),
    "no row for the marks": ("start: B2", "start: B1", "no_room_for_marks", 6, {"start": "B1", "side": "before"}),
    "no column for the keys": ("start: B2", "start: A2", "no_room_for_marks", 6, {"start": "A2"}),
    "a start that is no cell": ("start: B2", "start: 乙二", "no_room_for_marks", 6, {"start": "乙二"}),
    "a row of five": ("[{text: 丁, span: 3}]", "[{text: 丁, span: 5}]", "row_too_wide", 31, {"covered": 5, "columns": 4}),
    "a table of five": ("span: 2}\n      what", "span: 3}\n      what", "row_too_wide", 32, {"covered": 5}),
    "a cell of two things": ("{field: nature}", "{field: nature, text: 甲}", "one_of_keys", 29, {"found": "text, field"}),
    "a cell of nothing": ("{field: nature}", "{span: 1}", "one_of_keys", 29, {"found": ""}),
    "two columns to begin with": ("质量指标]}", "质量指标], what: [x]}", "one_of_keys", 20, {"found": "level2, what"}),
    "a field nowhere": ("{field: nature}", "戊", "nowhere", 10, {"field": "nature"}),
    "a title of nothing known": ("{{ year }}.{{ code }}", "{{ year }}.{{ cod }}", "unknown_name", 5, {"name": "cod", "near": "code"}),
    "a tab of a unit's colour": ('sheet: {name: "{{ code }}"', 'sheet: {name: "{{ unit.colour }}"', "unknown_name", 6, {"name": "unit.colour"}),
    "a cell of nothing known": ("text: 丙", 'text: "{{ natrue }}"', "unknown_name", 29, {"near": "nature"}),
    "help of nothing known": ("填{{ year }}年的。", "填{{ yaer }}年的。", "unknown_name", 36, {"near": "year"}),
    "a table twice": ("{table: rows}", "{table: rows}\n  - {table: rows}", "placed_times", 27, {"field": "rows", "times": 2}),
    "cells over each other": ("[{text: 丁, span: 3}]", "[{text: 丁, span: 4}]", "overlap", 31, {"field": "丁"}),
    "a value within a value": ("much.rest: {type: money,", "much: {type: money,", "clash", 11, {"field": "much", "other": "much.total"}),
    "braces without quotes": ('title: "{{ year }}.{{ code }}"', "title: {{ year }}.{{ code }}", "braces_without_quotes", 5, {"key": "title"}),
    "an old word": ("type: money\n    label", "kind: money\n    label", "old_key", 12, {"now": "type"}),
    "a format for a type": ("{type: text, max_length: 20}", "{type: email}", "format_as_type", 26, {"found": "email"}),
    "an entry twice": ("[新增, 延续]", "[新增, 新增]", "entry_twice", 10, {"found": "新增"}),
    "a number among the entries": ("[新增, 延续]", "[新增, 2026]", "number_in_list", 10, {"found": "2026"}),
    "two columns of one label": ("span: 2}\n      what: {type: text,", "label: 甲}\n      what: {type: text, label: 甲,", "label_twice", 26, {"other": 25}),
    "a form called otherwise than its folder": ("form: f", "form: g", "name_of_folder", 1, {"folder": "f"}),
    "no identification": ("{mark: code}", "己", "no_mark", 27, {"width": 4}),
    "no rows": (
        "\n    groups:\n      by: level1\n      begin: {level2: [数量指标, 质量指标]}\n      spare: [2, 1, 1]\n      max: 60\n",
        "\n    rows: {min: 0}\n", "no_rows", 18, {"table": "rows"},
    ),
    "more rows at least than at most": ("    groups:", "    rows: {min: 8, max: 7}\n    groups:", "min_above_max", 18, {"low": 8}),
    "a table nowhere": ("  - {table: rows}\n", "", "table_nowhere", 17, {"field": "rows"}),
    "a layout without widths": ("columns: [9, 9, 9, 9], ", "", "no_columns", 6, {}),
    "a footer for a page": ("start: B2}", f"start: B2, footer: {'长' * 151}}}", "long_footer", 6, {"length": 151, "limit": 150}),
    "an answer asked that is none": ("{field: nature}", "{ask: natura}", "unknown_field", 29, {"near": "nature"}),
    "a label and an answer too wide": ("{field: nature}", "{ask: nature}", "row_too_wide", 29, {"covered": 5, "columns": 4}),
    "a place to sign and an answer in one": ("{field: nature}", "{sign: 甲, field: nature}", "one_of_keys", 29, {"found": "field, sign"}),
    "a header of no rows": ("  rows:\n    groups", "  rows:\n    header: 0\n    groups", "not_a_number", 18, {}),
    "a column of a unit's colour": ("what: {type: text,", "what: {label: '{{ unit.colour }}', type: text,", "unknown_name", 26, {"name": "unit.colour"}),
    "a tab that Excel refuses": ('sheet: {name: "{{ code }}"', 'sheet: {name: "{{ code }}/IT"', "bad_tab_name", 6, {"better": "{{ code }} IT"}),
    "a single equals sign": (">= much.rest", "= much.rest", "single_equals", 34, {"text": "much.total = much.rest"}),
    "a message about nothing known": ("facts: {rest: much.rest}}", "title: 甲, message: '{{ much.tot }}'}", "unknown_in_message", 34, {"near": "much.total"}),
    "a check without a sentence": ("facts: {rest: much.rest}}", "title: 甲}", "no_sentence", 34, {"key": "message"}),
    "a key that is no field": ("record: projects[]", "record: projects[]\nkey: cod", "unknown_key_field", 5, {"near": "code"}),
    "an issue value like an answer": ("label: 表", "label: 表\nissue: [much]", "issue_value_taken", 4, {"known": False}),
    "an issue value that is known": ("label: 表", "label: 表\nissue: [phase]", "issue_value_taken", 4, {"known": True}),
    "an overview of one": ("record: projects[]", "record: projects\noverview: [code]", "overview_of_one", 5, {}),
    "a field like a table": ("  nature: {", "  rows: {", "clash", 10, {"field": "rows", "other": "rows.level1"}),
}  # fmt: skip


def test_the_definition_without_a_mistake() -> None:
    form = load_text(GOOD)
    assert form.version == "2024.10"  # as it is written, not as the number that YAML takes it for
    assert form.fields["much.total"].type.example == "538.69"
    assert form.tables["rows"].columns["level2"].type.facts()["within"] == "level1"


ALSO = {"much: {type: money,": 3, "  rows: {": 2}
"""What is written that brings further mistakes with it, and how many there are then."""


@pytest.mark.parametrize(("old", "new", "what", "line", "facts"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake(old: str, new: str, what: str, line: int, facts: dict[str, Any]) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(FormError) as caught:
        load_text(GOOD.replace(old, new), "f/form.yaml")
    mistakes = (caught.value, *caught.value.others)
    assert len(mistakes) == ALSO.get(new, 1), [str(mistake) for mistake in mistakes]
    (error,) = (mistake for mistake in mistakes if mistake.facts["what"] == what)
    assert error.facts["line"] == line
    assert {key: error.facts[key] for key in facts} == facts
    sentences = [messages.sentence(error, lang) for lang in ("zh-CN", "en")]
    for sentence, word in zip(sentences, (f"f/form.yaml第{line}行：", f"f/form.yaml, line {line}: "), strict=True):
        assert sentence.startswith("f/form.yaml") if what == "empty" else sentence.startswith(word)
        assert sentence.endswith(("。", ".", "？", "?"))
        assert "\n" not in sentence
        assert "None" not in sentence


def test_a_field_placed_twice() -> None:
    with pytest.raises(FormError) as caught:
        load_text(GOOD.replace("乙,", "{field: nature},"))
    assert (caught.value.facts["what"], caught.value.facts["times"]) == ("placed_times", 2)


def test_every_kind_of_mistake_is_tried() -> None:
    known = {key.rpartition(".")[2] for key in messages.text_keys("errors") if key.startswith("errors.FormError.")}
    of_checks = {
        "missing_facts",
        "code_of_a_set",
        "bad_is_good",
        "good_is_bad",
    }  # tests/outside, tests/rules/test_lint.py, tests/batch/test_prove.py
    beside = {"too_large", "unfillable"}  # test_source, test_template
    # test_finding_forms
    of_folders = {"no_folder", "no_forms", "two_forms", "unknown_form", "wrong_forms", "wrong_version"}
    of_files = {kind for kind in known if "form_file" in kind or "_form" in kind} - of_folders  # test_form_file
    # test_language_of_books, test_translated_words, test_numbers_of_a_language
    of_translations = {"no_translation", "untranslated", "unknown_text", "not_in_source", "word_twice", "not_a_sample"}
    # test_inheritance
    of_bases = {kind for kind in known if kind.startswith(("extends_", "drop_"))}
    of_bases |= {"answer_of_base", "label_unknown", "without_extends"}
    # test_table_mistakes
    of_tables = {"no_list", "no_number", "no_room_for_label", "lines_and_rows", "unknown_line", "across_nothing"}
    of_tables |= {"times_in_head", "no_zeros", "lines_beside_rows", "row_of_no_table"}
    of_suggestions = {"suggest_not_typed"}  # tests/workbook/test_suggestions
    of_policies = {"no_classes"}  # tests/rules/test_policy
    of_schemes = {"unknown_scheme", "scheme_circle", "points_not_100", "not_in_order"}  # test_scheme
    of_ticks = {kind for kind in known if "tick" in kind} | {"no_plain_list"}  # test_tick_mistakes
    # test_calculation
    of_calculations = {
        "calculated_and", "circle", "calculation_type", "calculation_setting", "calculation_nested", "calculated_when_not_given",
    }  # fmt: skip
    others = ITS_OWN | of_checks | beside | of_folders | of_files | of_translations | of_tables | of_calculations
    others |= of_bases | of_policies | of_schemes | of_ticks | of_suggestions
    tried = {what for _, _, what, _, _ in MISTAKES.values()} | {what for _, what, _ in WRONG_LISTS.values()}
    assert tried - of_files == known - others


def test_an_alias_inside_what_it_stands_for() -> None:
    with pytest.raises(FormError) as caught:
        load_text("form: &a [*a]\n")
    assert caught.value.facts["what"] == "alias"


@pytest.mark.parametrize("name", ["project-targe", "../project-target", "", "project-target/", "taxonomies"])
def test_an_unknown_form(name: str) -> None:
    with pytest.raises(UnknownForm) as caught:
        forms.load(name)
    assert caught.value.facts["known"] == forms.names()
    assert all(name in messages.sentence(caught.value, lang) for lang in ("zh-CN", "en"))
    near = "project-target" if "project" in name else ""
    assert caught.value.facts["near"] == near


@pytest.mark.parametrize("name", forms.names())
def test_every_example_of_a_form_is_read_as_it_stands(name: str) -> None:
    from perfxl.form.types.base import Raw

    form = forms.load(name)
    for asked in (
        *form.fields.values(),
        *(column for table in form.tables.values() for column in table.columns.values()),
    ):
        if asked.type.example:
            taken = asked.type.read(Raw(asked.type.example))
            assert not taken.problem


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x", {}),
        ("{{ a }}{{ b.c }}", {"a": True, "b.c": True}),
        ("{{ b['c'] }}{{ a.strip() }}", {"b.c": True, "a.strip": True}),
        ("{{ a if a is defined and a }}{{ b.c | default('') }}", {"a": False, "b.c": False}),
        ("{% for each in rows %}{{ each.what }}{{ loop.index }}{% endfor %}", {"rows": True}),
        ("{{ '%02d' % a }}{{ a * 100 }}", {"a": True}),
    ],
)
def test_what_a_template_names(text: str, wanted: dict[str, bool]) -> None:
    assert {use.path: use.needed for use in template.uses(text)} == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("code", "code"), ("code.strip", "code"), ("much", "much"), ("much.total", "much.total"), ("rows", "rows"),
     ("unit", "unit"), ("unit.name", "unit.name"), ("cod", ""), ("much.tot", ""), ("unit.x", "")],
)  # fmt: skip
def test_what_a_template_s_name_stands_for(path: str, wanted: str) -> None:
    assert template.resolve_name(path, template.known_names(load_text(GOOD))) == wanted


def test_what_a_form_s_texts_need_of_the_record() -> None:
    form = load_text(
        GOOD.replace("甲", '"{{ much.rest if much.rest is defined }}{{ phase }}"').replace("丁", '"{{ much.rest }}"')
    )
    assert template.record_uses(form) == (template.Use("code", True), template.Use("much.rest", True))
