"""Writes docs/understanding.md, what people type and what is understood, from cases.yaml and meanings.yaml.

python tests/form/types/understanding.py > docs/understanding.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from perfxl import messages
from perfxl.budget.indicator_value import parse
from perfxl.form.languages import language_of
from perfxl.form.types import make
from perfxl.form.types.base import Raw

HERE = Path(__file__).parent
KINDS = {
    "text": "文字", "money": "金额", "percent": "百分数", "integer": "整数", "code": "编码", "choice": "下拉项", "date": "日期",
    "indicator_value": "指标值", "items": "分条填写", "decimal": "小数", "boolean": "是否", "time": "时间", "file": "文件名",
}  # fmt: skip
UNSEEN = {
    "\n": "⏎", "\r": "␍", "\t": "⇥", "\v": "␋", "\u3000": "□", "\u00a0": "⍽", "\u200b": "◌", "\ufeff": "◌", "\u202c": "◌",
    "|": "\\|", "_x000D_": "\\_x000D\\_", "*": "\\*",
}  # fmt: skip
HEAD = """# 所填内容怎样识别

本页由`tests/form/types/cases.yaml`和`tests/budget/meanings.yaml`生成，每一行都有测试。所填内容总是按原样保留；识别时做了什么，
写在“识别说明”里；看不准的不猜，写明原因，按原样保留。

记号：⏎换行，␍回车，⇥制表符，␋软回车，␣首尾空格，□全角空格，⍽不间断空格，◌看不见的字符。带“格式”的是数字，格式是该格的数字格式。
"""


def seen(text: str) -> str:
    """A text with what cannot be seen made visible."""
    text = re.sub("^ +| +$", lambda found: "␣" * len(found[0]), text)
    for sign, mark in UNSEEN.items():
        text = text.replace(sign, mark)
    return text or "（无）"


def typed(cell: Any) -> tuple[Raw, str]:
    """A cell of the cases, and how the page shows it."""
    raw = Raw(**cell) if isinstance(cell, dict) else Raw(cell)
    value = raw.value
    said = seen(value) if isinstance(value, str) else str(value).upper() if isinstance(value, bool) else f"{value:.15g}"
    kind = "" if isinstance(value, (str, bool)) else "数字"
    form = f"格式`{raw.format}`".replace("|", "\\|") if isinstance(cell, dict) and not raw.error else ""
    epoch = "1904起算" if raw.epoch == 1904 else ""
    note = "，".join(filter(None, (form or kind, epoch, "公式错误值" if raw.error else "")))
    return raw, f"{said}（{note}）" if note else said


def understood(value: Any) -> str:
    """A record's value in words."""
    if value is None:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return " ／ ".join(map(seen, value))
    return seen(value) if isinstance(value, str) else f"{value:.15g}"


def _line(cell: Any, kind: Any) -> str:
    raw, said = typed(cell)
    value, how, problem = kind.read(raw)
    words = [messages.say(f"types.how.{word}", {}, "zh-CN") for word in how]
    if problem:
        return f"| {said} | 按原样保留 | {messages.say(f'types.problem.{problem}', {}, 'zh-CN')} |"
    sign = "%" if kind.name == "percent" and value is not None else ""
    return f"| {said} | {understood(value)}{sign} | {'、'.join(words)} |"


def _options(options: Mapping[str, Any]) -> str:
    words = {
        "unit": "单位：{}", "separator": "各项之间用“{}”", "choices": "可选：{}", "scheme": "编码规则：{}", "format": "格式：{}",
        "precision": "写到：{}", "style": "样式：{}",
    }  # fmt: skip
    shown = {name: "、".join(each) if isinstance(each, list) else each for name, each in options.items()}
    shown |= {name: unit["label"] for name, unit in options.items() if isinstance(unit, dict) and "label" in unit}
    return "；".join(form.format(shown[name]) for name, form in words.items() if name in shown)


def _groups(tables: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    before = ""
    for table in tables:
        options = table.get("options", {})
        if table["type"] != before:
            yield f"\n## {KINDS[table['type']]}\n"
            before = table["type"]
        yield f"\n{table['story']}" + (f"（{said}）" if (said := _options(options)) else "") + "\n"
        yield "\n| 所填 | 识别为 | 识别说明 |\n|---|---|---|\n"
        kind = replace(make(table["type"], options), signs=language_of(table.get("language", "zh-CN")).signs)
        yield from (_line(row[0], kind) + "\n" for row in table["rows"])


def _meanings(meanings: Mapping[str, Any]) -> Iterator[str]:
    yield "\n## 指标值的含义\n"
    yield "\n指标值按所填保留；审核时按下表理解。\n"
    dates = {"story": "日期，写到哪一级就理解到哪一级。", "rows": meanings["dates"]}
    for group in (*meanings["numbers"], dates):
        yield f"\n{group['story']}\n\n| 所填 | 理解为 | 识别说明 |\n|---|---|---|\n"
        for row in group["rows"]:
            value = parse(row[0])
            words = "、".join(messages.say(f"types.how.{word}", {}, "zh-CN") for word in value.how)
            yield f"| {seen(row[0])} | {value.spelled} | {words} |\n"
    yield "\n其余的作为文字，不猜：" + "、".join(f"“{word}”" for word in meanings["words"]) + "。\n"


def page() -> str:
    """The whole page."""
    cases = yaml.safe_load((HERE / "cases.yaml").read_text("utf-8"))
    meanings = yaml.safe_load((HERE.parents[1] / "budget" / "meanings.yaml").read_text("utf-8"))
    return "".join((HEAD, *_groups(cases), *_meanings(meanings)))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(page())
