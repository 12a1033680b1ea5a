"""A workbook of data for pivot tables: any text comes back as it was, numbers are numbers, headings have filters."""

from __future__ import annotations

import errno
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from perfxl.workbook.writing.data_workbook import (
    LONGEST_TEXT,
    NUMBER,
    TEXT,
    DataColumn,
    DataSheet,
    Value,
    write_data_workbook,
)

COLUMNS = (DataColumn("编码"), DataColumn("金额（万元）", format="#,##0.00"), DataColumn("项目"))


def written(*sheets: DataSheet) -> bytes:
    stream = io.BytesIO()
    write_data_workbook(sheets, stream)
    return stream.getvalue()


def read(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30)
MARKUP = TEXTS.map("<r>{}</r>".format)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(TEXTS, st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9), TEXTS | MARKUP), max_size=4)
)
def test_every_value_comes_back_as_it_was(rows: list[tuple[str, float, str]]) -> None:
    sheet = read(written(DataSheet("数据", COLUMNS, rows)))["数据"]
    for at, row in enumerate(rows, start=2):
        found = [sheet.cell(at, column) for column in (1, 2, 3)]
        assert [cell.data_type for cell in found] == ["s", "n", "s"]
        assert (unescape(found[0].value), unescape(found[2].value)) == (row[0], row[2])
        assert found[1].value == pytest.approx(row[1], rel=1e-15, abs=0)


def test_texts_are_texts_and_the_heading_stays_in_view() -> None:
    data = written(DataSheet("数据", COLUMNS, [("007", 6.5, "=1+1"), ("99019924", "约6万", "<r>甲</r>")]))
    sheet = read(data)["数据"]
    assert [cell.value for cell in sheet[2]] == ["007", 6.5, "=1+1"]
    assert [cell.value for cell in sheet[3]] == ["99019924", "约6万", "<r>甲</r>"]
    assert b"<f>" not in data
    assert [cell.number_format for cell in sheet[2]] == ["@", "#,##0.00", "@"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C3")
    assert [cell.value for cell in sheet[1]] == [column.heading for column in COLUMNS]


def test_the_same_rows_give_the_same_bytes() -> None:
    sheets = [DataSheet("数据", COLUMNS, [("1", 2.0, "三")])]
    assert written(*sheets) == written(*sheets)


def test_it_obeys_the_schemas(complaints: Any) -> None:
    columns = (DataColumn("a\nb & <c>"), DataColumn("数", format=NUMBER), DataColumn('"引号"', format=TEXT))
    long = "长" * (LONGEST_TEXT + 5)
    sheets = (
        DataSheet("一", columns, [("\x01\uffff_x0041_", None, long), ("a", 1, " b ")]),
        DataSheet("空", columns, []),
    )
    assert complaints(written(*sheets)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("长" * LONGEST_TEXT, "长" * LONGEST_TEXT),
        ("长" * (LONGEST_TEXT + 1), "长" * (LONGEST_TEXT - 1) + "…"),
        ("𠀀" * (LONGEST_TEXT // 2), "𠀀" * (LONGEST_TEXT // 2)),
        ("𠀀" * (LONGEST_TEXT // 2 + 1), "𠀀" * (LONGEST_TEXT // 2) + "…"),
        (f"<r>{'长' * LONGEST_TEXT}</r>", f"<r>{'长' * (LONGEST_TEXT - 4)}…"),
    ],
)
def test_a_text_longer_than_a_cell_ends_in_dots(text: str, found: str) -> None:
    sheet = read(written(DataSheet("数据", COLUMNS, [(text, 1, "b")])))["数据"]
    assert sheet["A2"].value == found


def test_what_the_system_refuses_is_raised_and_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, "")

    def row_and_no_folder() -> Iterator[tuple[Value, ...]]:
        yield ("1", 2.0, "三")
        for folder in tmp_path.iterdir():
            shutil.rmtree(folder)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for rows, stream, number in (([], Full(), errno.ENOSPC), (row_and_no_folder(), io.BytesIO(), errno.ENOENT)):
        with pytest.raises(OSError, match=rf"Errno {number}\b"):
            write_data_workbook([DataSheet("数据", COLUMNS, rows)], stream)
        assert [*tmp_path.iterdir()] == []
