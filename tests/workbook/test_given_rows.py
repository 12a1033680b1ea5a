"""Given values in the rows of a grouped table, below rows of sums; limits of answers that nobody fills in."""

from __future__ import annotations

from pathlib import Path

import pytest

import perfxl

GROUPED = """
form: stores
version: "1"
label: 库存盘点表
record: stores
choices:
  kind: [工具, 材料, 文具]
tables:
  items:
    label: 物品
    groups: {by: kind, rows: 1, spare: 1, subtotal: {label: 小计, sum: [booked, found]}}
    totals: {label: 合计, sum: [booked, found], place: first}
    columns:
      kind:   {type: choice, choices: kind, label: 类别}
      name:   {type: text, label: 名称, given: true}
      booked: {type: integer, label: 账面数, given: true}
      found:  {type: integer, label: 实盘数, required: true}
"""
STOCK = [("工具", "铁锹", 40, 38), ("工具", "锄头", 12, 12), ("材料", "水泥", 90, 90), ("文具", "账本", 25, 24)]
RECORDS = {
    "year": 2026,
    "unit": {"code": "907001", "name": "柳溪镇农具站"},
    "stores": {"items": [dict(zip(("kind", "name", "booked", "found"), row, strict=True)) for row in STOCK]},
}
LIMITED = """
form: trips
version: "1"
language: en
record: trips
fields:
  km:   {type: integer, label: Distance}
  cost: {type: decimal, label: Cost, calculation: km * 2, constraint: {value: cost <= 100, message: Rather dear.}}
"""


def put(folder: Path, name: str, text: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "form.yaml").write_text(text, "utf-8")
    return folder / name


def test_given_rows_below_sums_come_back_as_they_went_out(tmp_path: Path) -> None:
    form = put(tmp_path / "forms", "stores", GROUPED)
    known = [tmp_path / "forms"]
    (made,) = perfxl.generate(RECORDS, form=form, prefill="all", output=tmp_path / "out", forms=known)
    checked = perfxl.check(tmp_path / "out" / made.name, forms=known)
    assert [(one.code, one.fields) for one in checked.findings if one.code != "RD-18"] == []


@pytest.mark.parametrize(("km", "codes"), [(50, []), (51, ["LM-09"])])
def test_a_calculated_answer_may_have_a_limit(km: int, codes: list[str], tmp_path: Path) -> None:
    form = put(tmp_path / "forms", "trips", LIMITED)
    known = [tmp_path / "forms"]
    records = {"year": 2026, "unit": {"code": "7", "name": "Mill Road"}, "trips": {"km": km}}
    (made,) = perfxl.generate(records, form=form, prefill="all", output=tmp_path / "out", forms=known)
    checked = perfxl.check(tmp_path / "out" / made.name, forms=known)
    assert [one.code for one in checked.findings if one.code != "RD-18"] == codes
