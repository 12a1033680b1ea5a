"""What slid leaves the locks behind; a row of the form's own that stands directly below a table does not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Protection
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import submissions

from perfxl.form import installed
from perfxl.submission import Submission
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

FORM = """\
form: {name}
version: "1"
label: 物资领用单
record: lists[]
key: number
title: "{{{{ number }}}}.物资领用单"
sheet: {{name: "领用{{{{ number }}}}", columns: [12, 16, 12, 16], start: B2}}
fields:
  number: {{kind: integer, given: true}}
  taker:  {{kind: text, required: true, label: 领用人}}
{fields}
tables:
  goods:
    rows: {{min: 3, spare: {spare}, max: 9}}
    columns:
      name:  {{kind: text, label: 物资, span: 2}}
      count: {{kind: integer, label: 数量, required: true}}
      use:   {{kind: text, label: 用途}}
layout:
  - [{{title: true, span: 3}}, {{mark: code}}]
  - [{{text: "{{{{ unit.code }}}}{{{{ unit.name }}}}", style: plain, span: 4}}]
  - [领用人, {{field: taker, span: 3}}]
  - {{table: goods}}
{below}
"""
BELOW = {
    "one field": ("  - [经办人, {field: clerk}, 电话, {field: phone}]", ("clerk", "phone")),
    "one field to the edge": ("  - [备注, {field: remark, span: 3}]", ("remark",)),
    "two rows": ("  - [{text: 备注, rows: 2}, {field: remark, span: 3, rows: 2}]\n  - []", ("remark",)),
    "fields at both ends": ("  - [{field: clerk}, 经办人, 电话, {field: phone}]", ("clerk", "phone")),
    "no field": ("  - [{text: 以上物资已领用。, span: 4}]", ()),
}
GOODS = [{"name": "编织袋", "count": 200, "use": "防汛"}, {"name": "铁锹", "count": 12, "use": "清沟"}]
LAST = {"clerk": "陈会计", "phone": "0335-7712345", "remark": "月底前归还铁锹"}


@pytest.fixture(params=[(below, spare) for below in BELOW for spare in (0, 2)], ids=str)
def sent(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A filled-in workbook of a form with these rows directly below its table."""
    words, spare = request.param
    below, fields = BELOW[words]
    name = f"goods-{list(BELOW).index(words)}-{spare}"
    lines = "\n".join(f"  {id}: {{kind: text}}" for id in fields)
    (tmp_path / "form.yaml").write_text(FORM.format(name=name, fields=lines, below=below, spare=spare), "utf-8")
    known = installed.folder
    monkeypatch.setattr(installed, "folder", lambda asked: tmp_path if asked == name else known(asked))
    names = installed.names()
    monkeypatch.setattr(installed, "names", lambda: (*names, name))
    record = {"number": 1, "taker": "李青", "goods": GOODS, **{id: LAST[id] for id in fields}}
    records: dict[str, Any] = {
        "year": 2024,
        "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"},
        "lists": [record],
    }
    form = installed.load(name)
    (book,) = dict(make_books(records, form, issue_of(records), "unit", "all")).values()
    return stamp_book(book)


def changed(data: bytes, change: Callable[[Worksheet], object]) -> Submission:
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(next(sheet for sheet in book.worksheets if sheet.title.startswith("领用")))
    target = io.BytesIO()
    book.save(target)
    (found,) = submissions(target.getvalue())
    return found


def slid(found: Submission) -> list[str]:
    return [doubt.facts["way"] for doubt in found.doubts if doubt.kind == "slid"]


def test_a_row_below_a_table_is_no_slid_row(sent: bytes) -> None:
    (found,) = submissions(sent)
    assert slid(found) == []
    assert found.record["goods"] == GOODS
    assert {id: found.record[id] for id in LAST if id in found.record} == {
        id: text for id, text in LAST.items() if id in found.record
    }


def test_nor_when_the_row_keys_are_gone(sent: bytes) -> None:
    def clear_keys(sheet: Worksheet) -> None:
        for row in sheet["A1:A30"]:
            row[0].value = None

    assert slid(changed(sent, clear_keys)) == []


def test_a_column_that_slid_down_into_a_label_is_told(sent: bytes) -> None:
    """The cells of one column moved down by one: an open cell stands where the form has a locked one."""

    def push(sheet: Worksheet) -> None:
        row = 1 + max(
            cell.row for cell in sheet["A"] if cell.value and len(str(cell.value)) == 3 and str(cell.value)[0] == "0"
        )
        locked = [
            at for at in "BDE" if sheet[f"{at}{row}"].protection.locked and type(sheet[f"{at}{row}"]).__name__ == "Cell"
        ]
        for at in locked[:1]:
            sheet[f"{at}{row}"].protection = Protection(locked=False)
        if not locked:
            pytest.skip("every column has a field below it")

    assert slid(changed(sent, push)) == ["down"]
