"""A form whose table may have thousands of rows, and invented records for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbook.conftest import Records

from perfxl.form import installed
from perfxl.form.form import Form
from perfxl.form.search_path import forms_in
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.writing.books import issue_of, make_books

NAME = "assets"
FORM = """\
form: assets
version: "1"
label: 资产清单
record: lists[]
key: number
title: "{{ number }}.资产清单"
sheet: {name: "资产{{ number }}", columns: [10, 16, 10, 8, 12, 12, 12, 8, 12, 16], start: B2, panel: [2, 30]}
fields:
  number: {type: integer, given: true}
  keeper: {type: text, required: true, label: 保管人}
  total: {type: money, unit: 元, required: true, label: 原值合计}
tables:
  assets:
    rows: {min: 2, max: 5000}
    columns:
      tag: {type: text, label: 编号, max_length: 20}
      name: {type: text, label: 名称, max_length: 60}
      state: {type: choice, choices: [在用, 闲置, 待修, 报废], label: 状况}
      count: {type: integer, label: 数量, maximum: 9999}
      price: {type: money, unit: 元, label: 单价}
      value: {type: money, unit: 元, label: 原值}
      bought: {type: date, label: 购置日期}
      worn: {type: percent, label: 折旧率, required: false}
      place: {type: text, label: 地点, required: false}
      remark: {type: paragraph, label: 备注, required: false}
layout:
  - [{title: true, span: 8}, {mark: code, span: 2}]
  - [保管人, {field: keeper, span: 4}, 原值合计, {field: total, span: 4}]
  - {table: assets}
rules:
  - code: ST-01
    title: 单价乘数量
    each: assets
    assert: value == price * count
    on: [value]
    message: "原值{{ value }}元，不等于单价{{ price }}元乘数量{{ count }}。"
    bad: {"assets[0].value": 1}
    good: {"assets[0].value": 20}
  - code: ST-02
    title: 原值合计
    assert: (assets | sum(value)) == total
    on: [total]
    message: "合计{{ total }}元，各行相加{{ assets | sum(value) }}元。"
    bad: {total: 1}
    good: {total: 20}
"""
STATES = ("在用", "闲置", "待修", "报废")


@contextmanager
def installed_form(folder: Path, text: str = FORM) -> Iterator[Form]:
    """The form where forms are looked for."""
    (folder / NAME).mkdir()
    (folder / NAME / "form.yaml").write_text(text, "utf-8")
    before = installed.search_path()
    installed.set_search_path(before.extended(forms_in(folder)))
    yield installed.load(NAME)
    installed.set_search_path(before)


def rows(count: int, wrong: Collection[int] = ()) -> list[dict[str, Any]]:
    """The rows of a list; the value of the wrong ones is one too much, and each says so with other numbers."""
    made = []
    for at in range(count):
        number, price = at % 7 + 1, round(100.5 + at / 100, 2)
        made.append(
            {
                "tag": f"ZC-{at:05d}",
                "name": f"第{at}号设备",
                "state": STATES[at % 4],
                "count": number,
                "price": price,
                "value": round(price * number + (at in wrong), 2),
                "bought": "2021-03-15",
                "worn": 10 + at % 50,
                "place": f"{at % 30 + 1}楼",
                "remark": f"备注{at}。",
            }
        )
    return made


def records(count: int, wrong: Collection[int] = ()) -> Records:
    """A unit's list of so many rows."""
    listed = rows(count, wrong)
    one = {"number": 1, "keeper": "李青", "total": round(sum(row["value"] for row in listed), 2), "assets": listed}
    return {"year": 2024, "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"}, "lists": [one]}


def book(form: Form, count: int, wrong: Collection[int] = ()) -> Book:
    """The workbook of such a list, filled in."""
    held = records(count, wrong)
    (made,) = dict(make_books(held, form, issue_of(held), "unit", "all")).values()
    return made
