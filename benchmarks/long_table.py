"""A table of 5,000 rows and ten columns through every command: CPU time and memory, beside openpyxl's.

Two forms are measured: in one all answers are typed; the other also calculates, sums up, lets a tag stand only once,
and asks for answers and limits them by conditions. Each command runs in a process of its own, as it is typed; the form
stands in a package beside it. Of the flagged and corrected workbooks, one has two mistakes and one a mistake in every
row, each with numbers of its own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.command import PERFXL, Cost, run_program, table_of

ROWS = 5000
FORM = """\
form: long_table
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
    rows: {min: MINIMUM, max: 5000}
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
CALCULATED = """\
form: long_table
version: "1"
label: 资产清单
record: lists[]
key: number
title: "{{ number }}.资产清单"
sheet: {name: "资产{{ number }}", columns: [10, 16, 10, 8, 12, 12, 12, 8, 12, 16], start: B2, panel: [2, 30]}
fields:
  number: {type: integer, given: true}
  keeper: {type: text, required: true, label: 保管人}
  total: {type: money, unit: 元, label: 原值合计, calculation: assets | sum(value)}
tables:
  assets:
    key: tag
    rows: {min: MINIMUM, max: 5000}
    totals: {label: 合计, sum: [count, value]}
    columns:
      tag: {type: text, label: 编号, unique: true, pattern: {value: "ZC-[0-9]{5}", message: 如ZC-00001。}}
      name: {type: text, label: 名称, max_length: 60, required: true}
      state: {type: choice, choices: [在用, 闲置, 待修, 报废], label: 状况, required: true}
      count: {type: integer, label: 数量, minimum: 1, maximum: 9999}
      price: {type: money, unit: 元, label: 单价, required: state == "在用"}
      value: {type: money, unit: 元, label: 原值, calculation: count * price}
      bought: {type: date, label: 购置日期, maximum: today}
      worn: {type: percent, label: 折旧率, constraint: {value: "worn <= 90 or state == '报废'", message: 已近报废。}}
      place: {type: text, label: 地点, relevant: state != "报废"}
      remark: {type: paragraph, label: 备注, max_length: {value: 200, severity: warning}}
layout:
  - [{title: true, span: 8}, {mark: code, span: 2}]
  - [保管人, {field: keeper, span: 4}, 原值合计, {field: total, span: 4}]
  - {table: assets}
rules:
  - code: ST-01
    title: 单价
    each: assets
    assert: price >= 50
    on: [price]
    message: "单价{{ price }}元，低于50元。"
    bad: {"assets[0]": {price: 1}}
    good: {"assets[0]": {price: 100}}
"""
FORMS = {"typed": FORM, "calculated": CALCULATED}
STATES = ("在用", "闲置", "待修", "报废")
PEERS = {
    "openpyxl: load and walk": """
import sys, openpyxl
for sheet in openpyxl.load_workbook(sys.argv[1]).worksheets:
    for row in sheet.iter_rows():
        for cell in row:
            cell.value, cell.number_format, cell.protection.locked
""",
    "openpyxl: load and save": "import sys, openpyxl; openpyxl.load_workbook(sys.argv[1]).save(sys.argv[2])",
}


def _records(wrong: int, rows: int = ROWS) -> dict[str, Any]:
    """Return a unit's list, the first ``wrong`` rows of which have a wrong value."""
    listed = []
    for at in range(rows):
        number, price = at % 7 + 1, round(100.5 + at / 100, 2)
        value = round(price * number + (at < wrong), 2)
        row = {"tag": f"ZC-{at:05d}", "name": f"第{at}号设备", "state": STATES[at % 4], "count": number, "price": price}
        more = {"bought": "2021-03-15", "worn": 10 + at % 50, "place": f"{at % 30 + 1}楼", "remark": f"备注{at}。"}
        listed.append({**row, "value": value, **more})
    one = {"number": 1, "keeper": "李青", "total": round(sum(row["value"] for row in listed), 2), "assets": listed}
    return {"year": 2024, "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"}, "lists": [one]}


def _as_asked(records: dict[str, Any], wrong: int) -> dict[str, Any]:
    """Return a unit's list for the form that calculates: the first ``wrong`` rows have too low a price."""
    (one,) = records["lists"]
    rows = [{**row, "price": round(1 + at / 1000, 2)} if at < wrong else row for at, row in enumerate(one["assets"])]
    without = {"报废": ("value", "place")}  # what is calculated, and what is not asked for where a thing is scrapped
    asked = [
        {id: value for id, value in row.items() if id not in without.get(row["state"], ("value",))} for row in rows
    ]
    return {**records, "lists": [{"number": one["number"], "keeper": one["keeper"], "assets": asked}]}


def _install(site: Path, form: str, minimum: int) -> None:
    """Write the package that brings the form."""
    for folder in ("long_forms", "long_forms-1.0.dist-info"):
        (site / folder).mkdir(parents=True)
    (site / "long_forms" / "__init__.py").write_text("")
    (site / "long_forms" / "form.yaml").write_text(form.replace("MINIMUM", str(minimum)), "utf-8")
    (site / "long_forms-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: long-forms\nVersion: 1.0\n"
    )
    entry = "[perfxl.forms]\nlong_table = long_forms\n"
    (site / "long_forms-1.0.dist-info" / "entry_points.txt").write_text(entry)


def measure(form: str) -> Iterator[Cost]:
    """Yield the cost of each command for one of the forms."""

    def records(wrong: int, rows: int = ROWS) -> str:
        made = _records(wrong, rows)
        return json.dumps(made if form == FORM else _as_asked(made, wrong))

    with tempfile.TemporaryDirectory() as place:
        base = Path(place)
        for name, minimum in (("blank", ROWS), ("filled", 2)):
            _install(base / name, form, minimum)
        (base / "blank.json").write_text(records(0, rows=0))
        generate = ("generate", "--form", "long_table", "-o")
        yield run_program(
            "generate, blank", PERFXL, (*generate, str(base / "0"), str(base / "blank.json")), base / "blank"
        )
        for called, wrong in (("2 mistakes", 2), (f"{ROWS} mistakes", ROWS)):
            (base / "filled.json").write_text(records(wrong))
            made, site = base / str(wrong), base / "filled"
            words = (*generate, str(made), "--prefill", "all", str(base / "filled.json"))
            yield run_program(f"generate, filled, {called}", PERFXL, words, site)
            file = next(str(path) for path in made.rglob("*.xlsx"))
            yield run_program(f"read, {called}", PERFXL, ("read", file, "--json"), site)
            yield run_program(f"check, {called}", PERFXL, ("check", file), site)
            yield run_program(f"flag, {called}", PERFXL, ("flag", file, "-o", str(base / f"{wrong}-flagged")), site)
            yield run_program(
                f"correct, {called}", PERFXL, ("correct", file, "-o", str(base / f"{wrong}-corrected")), site
            )
        for peer, program in PEERS.items():
            yield run_program(peer, program, (file, str(base / "saved.xlsx")), site)


def tables() -> Iterator[str]:
    """Yield the costs as a table for each form."""
    for name, form in FORMS.items():
        yield table_of(f"long table, {name}: {ROWS} rows of 10 columns", {"cost": list(measure(form))})
