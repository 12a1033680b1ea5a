"""What the tests of workbooks share: the examples as records, the books made of them, and what comes of reading them."""

from __future__ import annotations

import copy
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter, range_boundaries

from perfxl.batch.form_records import load_records
from perfxl.budget.documents.extract import extract
from perfxl.finding import Finding, Severity
from perfxl.form import installed as forms
from perfxl.form.answers import get, put
from perfxl.form.form import Form
from perfxl.form.layout import Box, blank_layout
from perfxl.messages import places
from perfxl.rules.review import review
from perfxl.submission import Submission
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.reading.read import Reading, read_workbook
from perfxl.workbook.sheet.book import Book, By
from perfxl.workbook.sheet.page import Page, Prefill
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

FORMS = ("project-target", "department-goals", "central-target")
Records = dict[str, Any]

CENTRAL: Records = {
    "year": 2024,
    "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"},
    "projects": [
        {
            "number": 1,
            "name": "乡镇水文监测站点建设",
            "department": "[126]清溪县水利局",
            "agency": "柳溪镇水务站",
            "nature": "延续项目",
            "period": "3年",
            "funds": {
                "mid": {"total": 360.0, "fiscal": 300.5, "carried": None, "other": 59.5},
                "year": {"total": 120.0, "fiscal": 100.0, "carried": 12.25, "other": 7.75},
            },
            "goals": {"mid": "建成水文监测站点12个，\n雨情水情按时上报。", "year": "建成水文监测站点4个。"},
            "indicators": [
                _row
                for level1, level2, level3, mid, year in (
                    ("产出指标", "数量指标", "建设站点数量", "12个", "4个"),
                    ("产出指标", "数量指标", "安装雨量计数量", "24台", "8台"),
                    ("产出指标", "质量指标", "站点验收合格率", "100%", "100%"),
                    ("产出指标", "时效指标", "站点建成时间", "2026年10月", "2024年10月"),
                    ("产出指标", "成本指标", "单个站点成本", "≤30万元", "≤30万元"),
                    ("效益指标", "社会效益指标", "预警信息按时发布比例", "≥98%", "≥95%"),
                    ("效益指标", "可持续影响指标", "站点设计使用年限", "≥15年", "≥15年"),
                    ("满意度指标", "服务对象满意度指标", "沿河居民满意度", "≥95%", "≥90%"),
                )
                for _row in [
                    {
                        "level1": level1,
                        "mid": {"level2": level2, "level3": level3, "target": mid},
                        "year": {"level2": level2, "level3": level3, "target": year},
                    }
                ]
            ],
        }
    ],
}
"""An invented project in the words of the central form, since the examples have none."""


def example(form: str) -> Records:
    """The records that a form's sheets are made of: the invented township's, or the project above."""
    if form == "central-target":
        return copy.deepcopy(CENTRAL)
    with resources.as_file(resources.files("perfxl.examples") / "records.yaml") as path:
        return load_records(path, forms.load(form))


def listed(records: Mapping[str, Any], form: Form) -> list[Any]:
    """The records that have a sheet of their own; what a record leaves out is null, as it is when it is read."""
    found = copy.deepcopy([records["department"]] if form.record == "department" else records["projects"])
    for record in found:
        for id, asked in form.fields.items():
            if not asked.given or id in blank_layout(form).head:  # what is given and not shown may be absent
                put(record, id, get(record, id))
    return found


def made(form: str, records: Records | None = None, by: By = "unit", prefill: Prefill = "all") -> dict[str, Book]:
    """The books of a records file, by their path."""
    loaded = forms.load(form)
    held = example(form) if records is None else records
    return dict(make_books(held, loaded, issue_of(held), by, prefill))


def some(count: int = 1, by: By = "unit", prefill: Prefill = "all") -> bytes:
    """One workbook of the township's first projects."""
    records = example("project-target")
    records["projects"] = records["projects"][:count]
    (book,) = made("project-target", records, by, prefill).values()
    return stamp_book(book)


def workbook(data: bytes | Path, name: str = "报回.xlsx") -> Workbook:
    return Workbook(Package(data if isinstance(data, bytes) else data.read_bytes(), name))


def returned(data: bytes | Path) -> tuple[Reading, ...]:
    return read_workbook(workbook(data))


def submissions(data: bytes | Path) -> list[Submission]:
    return [reading.submission for reading in returned(data)]


def reviewed(data: bytes | Path) -> list[tuple[Reading, list[Finding]]]:
    """Every sheet of a workbook with what the rules find on it."""
    found = returned(data)
    judged = dict(review([reading.submission for reading in found]))
    return [(reading, judged[reading.submission]) for reading in found]


def findings(data: bytes | Path) -> set[tuple[str, tuple[str, ...]]]:
    """What the rules find in a workbook: code and cells."""
    return {(each.code, each.cells) for _, found in reviewed(data) for each in found}


def flagged(data: bytes | Path, deadline: str = "") -> bytes:
    """The workbook as it goes back, flagged."""
    pairs = reviewed(data)
    return flag_workbook(pairs[0][0].located.sheet.workbook, pairs, deadline).data


def hinted(data: bytes, severity: Severity = "hint") -> bytes:
    """The file flagged with one finding that is a hint, on the purpose of its first project."""
    (reading, *others) = returned(data)
    cell = f"{reading.located.sheet.name}!{reading.submission.places['purpose']}"
    place = places.locate("purpose", reading.located.form, reading.submission.record)
    facts = {"count": 1, "corrected": ["x"], "places": [list(place)]}
    finding = Finding("TX-01", severity, ("purpose",), facts, None, "", "", (cell,))
    pairs = [(reading, [finding]), *((other, []) for other in others)]
    return flag_workbook(reading.located.sheet.workbook, pairs).data


def address(box: Box) -> str:
    return f"{get_column_letter(box.column + 1)}{box.row + 1}"


def span(box: Box) -> str:
    """The range that a box covers."""
    last_row, last_column = box.end
    return f"{address(box)}:{get_column_letter(last_column + 1)}{last_row + 1}"


def inputs(page: Page) -> dict[str, Box]:
    """The cells that a unit fills in, as the form's layout says."""
    return {address(box): box for box in page.layout.boxes if not box.locked}


def cell_of(page: Page, field: str, row: int | None = None) -> str:
    """The cell of a head field, or of a column in a table's row (from 0 down the sheet)."""
    found = [
        box for box in page.layout.boxes if box.field and box.field.id == field and box.role in ("field", "answer")
    ]
    return address(found[row or 0])


def inside(range_: str) -> Iterator[str]:
    """The cells of a range."""
    left, top, right, bottom = range_boundaries(range_)
    for row in range(top or 1, (bottom or 1) + 1):
        yield from (f"{get_column_letter(column)}{row}" for column in range(left or 1, (right or 1) + 1))


def raw_parts(data: bytes) -> dict[str, bytes]:
    """Every part as it is deflated in the zip, byte for byte."""
    parts = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for info in archive.infolist():
            at = info.header_offset
            name, extra = struct.unpack("<HH", data[at + 26 : at + 30])
            start = at + 30 + name + extra
            parts[info.filename] = data[start : start + info.compress_size]
    return parts


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.read(name).decode()


def with_parts(data: bytes, changes: Mapping[str, str]) -> bytes:
    """The package with some parts written anew, or added."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, changes.get(name, before.read(name)))
        for name in changes.keys() - set(before.namelist()):
            after.writestr(name, changes[name])
    return target.getvalue()


@pytest.fixture(scope="session")
def township() -> Records:
    """The records of a published document, which is no part of this project: PERFXL_DOCUMENTS names its folder."""
    path = Path(os.environ.get("PERFXL_DOCUMENTS", "")) / "shuangwang-2024.txt"
    if not os.environ.get("PERFXL_DOCUMENTS") or not path.is_file():
        pytest.skip("PERFXL_DOCUMENTS names no folder with shuangwang-2024.txt")
    return extract(path.read_text(encoding="utf-8")).records
