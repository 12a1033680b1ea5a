"""Data in a temporary file comes back as it was put, by its place and in order; files of a call are written together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.batch import output as files
from perfxl.batch.sheet_records import SheetRecord, SheetRecords
from perfxl.batch.spool import spool
from perfxl.errors import NothingToDo, OutputExists, OutputFailed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=6))
def test_values_come_back_by_their_places_and_in_order(values: list[Any]) -> None:
    with spool() as kept:
        places = [kept.put(value) for value in values]
        assert list(kept.all()) == values
        for place, value in reversed(list(zip(places, values, strict=True))):
            assert kept.at(place) == value
        places.append(kept.put("last"))
        assert (kept.at(places[-1]), list(kept.all())) == ("last", [*values, "last"])


def sheet(unit: str, year: int, number: int, file: str = "a.xlsx") -> SheetRecord:
    record = {"number": number, "code": f"C{number}", "name": f"项目{number}"}
    return SheetRecord(unit, year, unit, f"{unit}镇", "project-target", "", {}, record, file, f"表{number}")


def test_sheets_come_back_unit_by_unit_in_the_order_of_their_files() -> None:
    """Workers are done in any order: 3 is read before 0."""
    with spool() as kept:
        sheets = SheetRecords(kept)
        for file, one in (
            (3, sheet("1001", 2024, 2)),
            (1, sheet("1002", 2025, 1)),
            (0, sheet("1001", 2024, 1)),
            (2, sheet("1002", 2024, 1)),
            (4, sheet("1001", 2025, 1)),
        ):
            sheets.put(one, file)
        found = {name: [one["number"] for one in content["projects"]] for name, content in sheets.contents()}
        assert list(found.items()) == [
            ("10011001镇_2024", [1, 2]),
            ("10011001镇_2025", [1]),
            ("10021002镇_2025", [1]),
            ("10021002镇_2024", [1]),
        ]
        with pytest.raises(NothingToDo) as caught:
            sheets.only_content()
        assert caught.value.facts["what"] == "several_units"
        assert len(caught.value.facts["units"]) == 4
        sheets.put(sheet("1001", 2025, 1, "b.xlsx"), 5)
        with pytest.raises(NothingToDo) as caught:
            list(sheets.contents())
        assert (caught.value.facts["first"], caught.value.facts["second"]) == ("a.xlsx", "b.xlsx")


def inside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_take_their_places_together(tmp_path: Path) -> None:
    with files.write_together(force=False) as pending:
        for name in "ab":
            pending.write(tmp_path / "out" / name, name.encode())
        assert not {"a", "b"} & set(inside(tmp_path / "out"))
    assert inside(tmp_path / "out") == ["a", "b"]
    assert pending.paths == [tmp_path / "out" / "a", tmp_path / "out" / "b"]


def write(folder: Path, force: bool = False, then: Callable[[files.PendingFiles], object] = lambda _: None) -> None:
    with files.write_together(force) as pending:
        for name in "ab":
            pending.write(folder / name, name.encode())
        then(pending)


def test_no_file_stays_where_one_cannot_be_written_or_all_are_given_up(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("before", encoding="utf-8")
    with pytest.raises(OutputExists):
        write(tmp_path)
    write(tmp_path, force=True, then=files.PendingFiles.give_up)
    assert inside(tmp_path) == ["b"]
    assert (tmp_path / "b").read_text(encoding="utf-8") == "before"


def test_those_that_had_taken_their_places_are_named(tmp_path: Path) -> None:
    """The last one goes first: here it is in its place when the first one finds a folder in its own."""
    with pytest.raises(OutputFailed) as caught:
        write(tmp_path, then=lambda _: (tmp_path / "a").mkdir())
    assert caught.value.facts["written"] == [str(tmp_path / "b")]
    assert inside(tmp_path) == ["a", "b"]
