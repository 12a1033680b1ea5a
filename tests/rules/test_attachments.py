"""AT-01: a file that is named comes with the workbook, in its folder or in one zip with it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import perfxl

FORM = """
form: counts
version: "1"
language: en
record: counts
fields:
  day:  {type: date, label: Day}
  scan: {type: file, label: Scan}
"""
RECORDS = {
    "year": 2026,
    "unit": {"code": "7", "name": "Mill Road"},
    "counts": {"day": "2026-03-02", "scan": "Count.pdf"},
}


@pytest.fixture
def forms(tmp_path: Path) -> Path:
    (tmp_path / "forms" / "counts").mkdir(parents=True)
    (tmp_path / "forms" / "counts" / "form.yaml").write_text(FORM, "utf-8")
    return tmp_path / "forms"


@pytest.mark.parametrize(
    ("beside", "near"),
    [
        (["count.PDF"], None),
        (["Count.pdf", "x.txt"], None),
        (["Counts.pdf"], "Counts.pdf"),
        (["other.doc"], ""),
        ([], ""),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_looked_for_beside_its_workbook(
    beside: list[str], near: str | None, packed: bool, forms: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "inbox"
    (made,) = perfxl.generate(RECORDS, form=forms / "counts", prefill="all", output=folder, forms=[forms])
    book = folder / made.name
    for name in beside:
        (book.parent / name).write_bytes(b"%PDF-1.4")
    source = folder
    if packed:
        source = tmp_path / "sent.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for file in sorted(book.parent.iterdir()):
                archive.write(file, f"from Mill Road/{file.name}")
    found = [one for one in perfxl.check(source, forms=[forms], errors="collect").findings if one.code == "AT-01"]
    assert [one.facts["near"] for one in found] == ([] if near is None else [near])


def test_a_record_alone_says_nothing_of_files(forms: Path) -> None:
    findings = perfxl.check(RECORDS, form=forms / "counts", forms=[forms]).findings
    assert not [one for one in findings if one.code == "AT-01"]
