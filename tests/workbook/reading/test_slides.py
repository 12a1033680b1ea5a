"""What slid leaves the locks behind; a row of the form's own that stands directly below a table does not."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Protection
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import submissions

from perfxl.form import installed
from perfxl.form.form import Form
from perfxl.form.search_path import forms_in
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
  number: {{type: integer, given: true}}
  taker:  {{type: text, required: true, label: 领用人}}
{fields}
tables:
  goods:
    rows: {{min: 3, spare: {spare}, max: 9}}
    columns:
      name:  {{type: text, label: 物资, span: 2}}
      count: {{type: integer, label: 数量, required: true}}
      use:   {{type: text, label: 用途}}
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


Install = Callable[[str, str], Form]
"""Puts a form where forms are looked for, by its name and its text."""


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    before = installed.search_path()

    def put(name: str, text: str) -> Form:
        (tmp_path / name).mkdir()
        (tmp_path / name / "form.yaml").write_text(text, "utf-8")
        installed.set_search_path(before.extended(forms_in(tmp_path)))
        return installed.load(name)

    yield put
    installed.set_search_path(before)


def filled_in(form: Form, record: dict[str, Any]) -> bytes:
    """A workbook of this record."""
    records: dict[str, Any] = {
        "year": 2024,
        "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"},
        "lists": [record],
    }
    (book,) = dict(make_books(records, form, issue_of(records), "unit", "all")).values()
    return stamp_book(book)


@pytest.fixture(params=[(below, spare) for below in BELOW for spare in (0, 2)], ids=str)
def sent(request: pytest.FixtureRequest, install: Install) -> bytes:
    """A filled-in workbook of a form with these rows directly below its table."""
    words, spare = request.param
    below, fields = BELOW[words]
    name = f"goods-{list(BELOW).index(words)}-{spare}"
    lines = "\n".join(f"  {id}: {{type: text}}" for id in fields)
    form = install(name, FORM.format(name=name, fields=lines, below=below, spare=spare))
    return filled_in(form, {"number": 1, "taker": "李青", "goods": GOODS, **{id: LAST[id] for id in fields}})


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


# Invented: forms of several tables, each with rows of labels and fields of any width below it

TABLE = """\
  {id}:
    rows: {{min: 2, spare: {spare}, max: 6}}
    columns:
      name:  {{type: text, label: 物资{at}, span: 2}}
      count: {{type: integer, label: 数量{at}, required: true}}
      use:   {{type: text, label: 用途{at}}}
"""
TABLES = 12


@dataclass
class Invented:
    """A form that is made up, and its record. ``under``: for each table the columns below it that begin a label."""

    text: str
    record: dict[str, Any]
    under: dict[str, list[str]]


def invented(dice: random.Random, name: str) -> Invented:
    fields, tables, layout, under = [], [], [], {}
    record: dict[str, Any] = {"number": 1, "taker": "李青"}
    for at in range(TABLES):
        id = f"goods{at}"
        tables.append(TABLE.format(id=id, at=at, spare=dice.randint(0, 2)))
        layout.append(f"  - {{table: {id}}}")
        filled = dice.randint(1, 3)
        record[id] = [{"name": f"袋{at}{row}", "count": 10 * at + row + 1, "use": "防汛"} for row in range(filled)]
        for line in range(dice.randint(1, 2)):
            pieces, column, columns = [], 0, []
            while column < 4:
                span = dice.randint(1, 4 - column)
                if dice.random() < 0.5:
                    columns += ["BCDE"[column]]
                    pieces.append(f"{{text: 说明{at}{line}{column}, span: {span}}}")
                else:
                    field = f"f{at}{line}{column}"
                    fields.append(f"  {field}: {{type: text}}")
                    pieces.append(f"{{field: {field}, span: {span}}}")
                    record[field] = dice.choice((None, f"答{at}{line}{column}"))
                column += span
            layout.append(f"  - [{', '.join(pieces)}]")
            if line == 0:
                under[id] = [column for column in columns if column != "C"]  # the second of the first answer's two
    head, _, rest = FORM.partition("tables:")
    _, _, grid = rest.partition("layout:")
    text = head.format(name=name, fields="\n".join(fields)) + "tables:\n" + "".join(tables)
    text += "layout:" + grid.format(below="").replace("  - {table: goods}\n", "\n".join(layout) + "\n")
    return Invented(text, record, under)


def table_ends(sheet: Worksheet) -> list[int]:
    """The row below each table, as the row keys tell."""
    keys = [row for row in range(1, sheet.max_row + 1) if re.fullmatch(r"\d\d[A-Z]", str(sheet.cell(row, 1).value))]
    return [row + 1 for row in keys if row + 1 not in keys]


def test_invented_rows_below_tables(install: Install) -> None:
    """Seventeen forms of twelve tables: nothing slid as they went out; in a third of them one column did."""
    dice = random.Random(12)
    for number in range(17):
        made = invented(dice, f"goods-invented-{number}")
        data = filled_in(install(f"goods-invented-{number}", made.text), made.record)
        (found,) = submissions(data)
        assert slid(found) == [], made.text
        assert {id: found.record[id] for id in made.record} == made.record
        if number % 3:
            continue
        pushed = dice.choice([id for id in made.under if made.under[id]])
        column = dice.choice(made.under[pushed])

        def push(sheet: Worksheet, at: int = int(pushed.removeprefix("goods")), column: str = column) -> None:
            sheet[f"{column}{table_ends(sheet)[at]}"].protection = Protection(locked=False)

        told = [doubt for doubt in changed(data, push).doubts if doubt.kind == "slid"]
        assert [(doubt.facts["way"], doubt.fields[0].partition("[")[0]) for doubt in told] == [("down", pushed)], (
            made.text
        )
