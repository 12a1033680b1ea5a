"""What goes out comes back: a record that is generated and read is the same record, whatever was done to the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import FORMS, Records, example, listed, made, submissions

from perfxl.form import installed as forms
from perfxl.form.answers import get
from perfxl.workbook.sheet.book import By
from perfxl.workbook.writing.stamp import stamp_book


def records_of(form: str, data: bytes | Path) -> list[Any]:
    found = submissions(data)
    for each in found:
        assert (each.form, each.disputed, each.unplaced, each.doubts) == (form, (), (), ())
        assert not [note for note in each.notes if note.problem]
    return [each.record for each in found]


@pytest.mark.parametrize("by", ["unit", "project"])
@pytest.mark.parametrize("form", FORMS)
def test_generated_whole_and_read_is_the_same_record(form: str, by: By) -> None:
    records = example(form)
    read = [record for book in made(form, records, by).values() for record in records_of(form, stamp_book(book))]
    assert read == listed(records, forms.load(form))
    assert len(read) >= 1


@pytest.mark.parametrize("form", FORMS)
def test_a_blank_holds_what_was_given_and_nothing_else(form: str) -> None:
    loaded = forms.load(form)
    records = example(form)
    given = [id for id, asked in loaded.fields.items() if asked.given]
    read = [
        record
        for book in made(form, records, prefill="given").values()
        for record in records_of(form, stamp_book(book))
    ]
    for record, sent in zip(read, listed(records, loaded), strict=True):
        assert {id: get(record, id) for id in given} == {id: get(sent, id) for id in given}
        assert all(get(record, id) is None for id in loaded.fields if id not in given)


@pytest.mark.parametrize("by", ["unit", "project"])
def test_a_published_document_comes_back_whole(township: Records, by: By) -> None:
    """16 projects and the unit's own goals, with every space that the document has."""
    for form in ("project-target", "department-goals"):
        books = made(form, township, by)
        read = [record for book in books.values() for record in records_of(form, stamp_book(book))]
        assert read == listed(township, forms.load(form))
        assert len(read) == {"project-target": 16, "department-goals": 1}[form]


# --- after LibreOffice has had the file -----------------------------------------------------------------------------


def saved(office: LibreOffice, folder: Path, form: str, records: Records) -> Path:
    """The one book of these records as LibreOffice saves it."""
    (book,) = made(form, records).values()
    path = folder / f"{form}.xlsx"
    path.write_bytes(stamp_book(book))
    return office.convert(path, folder / f"{form}-saved.xlsx")


@pytest.mark.parametrize("form", FORMS)
def test_saved_by_libreoffice_it_is_still_the_same(office: LibreOffice, tmp_path: Path, form: str) -> None:
    records = example(form)
    assert records_of(form, saved(office, tmp_path, form, records)) == listed(records, forms.load(form))


@pytest.mark.parametrize("form", ["project-target", "department-goals"])
def test_a_published_document_survives_libreoffice(
    office: LibreOffice, tmp_path: Path, form: str, township: Records
) -> None:
    assert records_of(form, saved(office, tmp_path, form, township)) == listed(township, forms.load(form))


def last_row(range_: str) -> int:
    return int(re.search(r"\d+$", range_)[0])


@pytest.mark.parametrize("form", FORMS)
def test_renamed_and_with_rows_put_in_it_is_still_the_same(office: LibreOffice, tmp_path: Path, form: str) -> None:
    """The sheet is called otherwise, a row stands above the form, and one inside each table."""
    records = example(form)
    records["projects"] = records["projects"][:2]
    (book,) = made(form, records).values()
    path = tmp_path / "book.xlsx"
    path.write_bytes(stamp_book(book))
    with office.open(path) as document:
        for at, page in enumerate(book.pages, start=1):
            document.unprotect(page.name)
            last = last_row(document.used(page.name))
            for table in sorted(page.layout.tables.values(), key=lambda table: -table.first):
                document.insert_rows(page.name, table.first + 3)  # before the table's third row, from the lowest up
            document.insert_rows(page.name, 1)
            assert last_row(document.used(page.name)) == last + len(page.layout.tables) + 1
            document.rename(page.name, f"2024年 第{at}张 (2)")
        moved = document.save_as(tmp_path / "moved.xlsx")
    found = submissions(moved)
    assert [each.sheet for each in found] == [f"2024年 第{at}张 (2)" for at in range(1, len(book.pages) + 1)]
    assert records_of(form, moved) == listed(records, forms.load(form))
