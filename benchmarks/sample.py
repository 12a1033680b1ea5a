"""What is measured on: the first project of examples/records.yaml, a workbook of its own."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.records import load as load_records
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Issue, make_page
from perfxl.workbook.writing.books import issue_of
from perfxl.workbook.writing.compile import compile_book

RECORDS: dict[str, Any] = load_records(str(files("perfxl.examples") / "records.yaml"))
FORM: Form = load("project-target")
ISSUE: Issue = issue_of(RECORDS, phone="0319-8160001")
PROJECT: dict[str, Any] = RECORDS["projects"][0]
OTHER: dict[str, Any] = RECORDS["projects"][9]


def spoiled(project: Mapping[str, Any]) -> dict[str, Any]:
    """Return a project with mistakes of several kinds in it."""
    record = copy.deepcopy(dict(project))
    record["budget"] |= {"fiscal": 6.25, "other": 0.5}
    record["plan"] |= {"march": 60, "june": 50, "december": 95}
    record["purpose"] = " 用于发放补贴（误工补贴 "
    rows = record["indicators"]
    rows[0]["target"], rows[1]["target"], rows[2]["target"] = "", "105%", "若干"
    rows[3]["basis"], rows[4]["basis"] = "往年经验", ""
    rows[5]["level3"] = rows[4]["level3"]
    return record


def book(record: dict[str, Any] = PROJECT) -> Book:
    """The project's workbook, filled in."""
    return Book(FORM, ISSUE, (make_page(FORM, record, ISSUE, "all"),), listed=False)


def compiled(made: Book) -> bytes:
    """The workbook as XlsxWriter makes it, with shared strings as office programs save them."""
    return write_zip(pack(name, data) for name, data in compile_book(made).items())


def parts(data: bytes) -> dict[str, bytes]:
    """The plain bytes of a package's parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
