"""An answer of every type comes back as it was, from perfxl's own file and from one that LibreOffice saved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import made, submissions

from perfxl.form import installed as forms
from perfxl.form.search_path import forms_in
from perfxl.workbook.writing.stamp import stamp_book

FORM = Path(__file__).parents[2] / "rules" / "equipment.yaml"
ITEM = {
    "number": 1, "name": "测深仪", "state": "在用", "bought": "2024-11-05", "price": 8200.5, "count": 2, "worn": 25, "tag": "SB-0042",
    "parts": ["探头", "线缆"], "notes": "存放于水务站。", "made": "2023", "due": "2026-03", "opened": "08:30", "weight": 12.5,
    "lent": False, "insured": True, "picture": "测深仪（正面）.jpg", "mail": "liu.he@example.org", "duty": 1234.5,
    "checks": [{"area": "产出指标", "class": "数量指标", "day": "2024-12-01", "hours": 3}],
}  # fmt: skip
RECORDS: dict[str, Any] = {
    "year": 2026,
    "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"},
    "items": [ITEM],
}


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    """The form is looked for among the others."""
    (tmp_path / "forms" / "equipment").mkdir(parents=True)
    shutil.copy(FORM, tmp_path / "forms" / "equipment" / "form.yaml")
    before = forms.search_path()
    forms.set_search_path(before.extended(forms_in(tmp_path / "forms")))
    yield
    forms.set_search_path(before)


def read(data: bytes | Path) -> dict[str, Any]:
    (sheet,) = submissions(data)
    assert (sheet.form, sheet.disputed, sheet.doubts) == ("equipment", (), ())
    assert [note for note in sheet.notes if note.problem] == []
    return dict(sheet.record)


def test_generated_and_read(tmp_path: Path) -> None:
    (book,) = made("equipment", RECORDS).values()
    assert read(stamp_book(book)) == ITEM


@pytest.mark.office
def test_saved_by_libreoffice(office: LibreOffice, tmp_path: Path) -> None:
    (book,) = made("equipment", RECORDS).values()
    path = tmp_path / "equipment.xlsx"
    path.write_bytes(stamp_book(book))
    assert read(office.convert(path, tmp_path / "saved.xlsx")) == ITEM
