"""A person who fills in the example forms at LibreOffice, and invented answers of any form."""

from __future__ import annotations

import copy
import datetime
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from office.libreoffice import Document
from workbook.conftest import address

from perfxl.form.answers import Answers, get, nest
from perfxl.form.form import Field, Form, Table
from perfxl.form.layout import Box
from perfxl.records import parse_yaml
from perfxl.workbook.sheet.page import Page

FORMS = Path(__file__).parents[3] / "examples" / "forms"
UNIT = {"code": "907001", "name": "Liuxi Township"}
Record = dict[str, Any]


def example(form: str) -> Record:
    """The example record that stands beside the form."""
    path = FORMS / form / "example.yaml"
    return dict(parse_yaml(path.read_text(encoding="utf-8"), str(path)))


def records(form: Form, *given: Mapping[str, Any]) -> Record:
    """A records file of these records, numbered where the form numbers them."""
    held = [copy.deepcopy(dict(record)) for record in given]
    if form.many:
        for number, record in enumerate(held, start=1):
            record[form.key] = number
    return {"year": 2026, "unit": UNIT, form.root: held if form.many else held[0]}


def path_of(box: Box) -> str:
    """The path of a cell's answer in the record."""
    assert box.field
    return f"{box.table}[{box.index}].{box.field.id}" if box.table else box.field.id


def answer_boxes(page: Page) -> dict[str, Box]:
    """The cells of a sheet's answers, locked ones too, by their paths."""
    return {path_of(box): box for box in page.layout.boxes if box.field and box.role in ("field", "answer")}


def keyed(asked: Field, value: Any) -> str:
    """The keys that a person presses for a value."""
    shown = asked.type.show(value)
    if asked.type.value_type == "date" and isinstance(shown, (int, float)):
        return str(value)
    return "" if shown is None else f"{shown:g}" if isinstance(shown, float) else str(shown)


def content(asked: Field, value: Any) -> Any:
    """What a cell holds for a value."""
    shown = asked.type.show(value)
    return "" if shown is None else shown


def held(record: Mapping[str, Any], path: str) -> Any:
    """The value at a path; None beyond the last row."""
    table, bracket, rest = path.partition("[")
    if not bracket:
        return get(record, path)
    row, _, id = rest.partition("].")
    rows = record.get(table) or []
    return get(rows[int(row)], id) if int(row) < len(rows) else None


def type_record(document: Document, page: Page, record: Mapping[str, Any]) -> list[str]:
    """Type a record into the open cells, one after the other; return the cells that did not take what was typed."""
    refused = []
    for path, box in answer_boxes(page).items():
        assert box.field
        text = keyed(box.field, held(record, path))
        if not box.locked and text:
            before = document.cell(page.name, address(box)).text
            if not document.type_text(page.name, address(box), text).text and before != text:
                refused.append(path)
    return refused


def paste(document: Document, page: Page, changes: Mapping[str, Any]) -> None:
    """Put values into their cells past every validation, as pasting does."""
    boxes = answer_boxes(page)
    for path, value in changes.items():
        box = boxes[path]
        assert box.field
        document.write(page.name, address(box), [[content(box.field, value)]])


# Invented answers


def invented(form: Form, pick: random.Random) -> Record:
    """A record of answers around their limits, some blank, some wrong."""
    head = {id: invented_value(asked, pick, 0 if asked.given else 0.1) for id, asked in form.fields.items()}
    rows = {table.id: tuple(_row(table, pick) for _ in range(pick.randint(0, 5))) for table in form.tables.values()}
    record, _ = nest(form, Answers(head, rows))
    return record


def _row(table: Table, pick: random.Random) -> Mapping[str, Any]:
    row = {id: invented_value(column, pick, 0.15) for id, column in table.columns.items()}
    for id, column in table.columns.items():  # an entry of a level mostly belongs to the level above
        above = column.within and row[column.within]
        if above and pick.random() < 0.9:
            row[id] = pick.choice(column.type.listed.below((above,)))  # type: ignore[attr-defined]
    return row


def invented_value(asked: Field, pick: random.Random, blank: float) -> Any:
    """A value of the answer's type, in most cases one that it takes."""
    if not (asked.open or asked.given) or pick.random() < blank:
        return None
    kind = asked.type
    limits = kind.limits()
    if getattr(kind, "multiple", False) or kind.value_type == "items":
        return pick.sample(limits.entries, pick.randint(1, len(limits.entries))) if limits.entries else ["one"]
    if limits.entries:
        return pick.choice(limits.entries)
    if kind.value_type == "logical":
        return pick.random() < 0.7
    if kind.value_type == "date":
        day = datetime.date(2026, 3, 2) + datetime.timedelta(pick.choice([-70, -1, 0, 0, 1, 2, 3, 5, 8, 60, 61]))
        return day.isoformat()
    if kind.value_type == "number":
        whole = limits.decimals in (None, 0)
        return pick.choice((0, 1, 2, 3, 7, 60, 61, 500, 501) if whole else (0, 0.01, 0.1, 1.5, 12.35, 99.9, 780))
    example = kind.facts().get("example")
    return pick.choice([example] if example else TEXTS)


TEXTS = (
    "IT0042",
    "IT0042",
    "FU0007",
    "VE0001",
    "OT0003",
    "it0042",
    "*",
    "A fair",
    "A text long enough for any purpose",
)
