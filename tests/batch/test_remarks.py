"""The reviewer's working list of many files is made unit by unit, in one process or in several."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfxl.batch import workers
from perfxl.batch.remarks import make_worklist
from perfxl.rules.policy import default_policy

FILLED = Path(__file__).parents[2] / "examples" / "filled"


def test_several_processes_make_the_same_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"no workbook")
    sources = [FILLED, tmp_path]
    monkeypatch.setattr(workers, "MANY", 1000)
    alone = make_worklist(sources, default_policy())
    monkeypatch.setattr(workers, "MANY", 2)
    several = make_worklist(sources, default_policy())
    assert alone.data == several.data
    assert alone.data is not None
    assert alone.files == several.files == len(list(FILLED.glob("*.xlsx")))
    assert [error.facts for error in alone.refused] == [error.facts for error in several.refused]
    assert len(alone.refused) == 1


def test_without_any_workbook_there_is_no_list(tmp_path: Path) -> None:
    made = make_worklist([tmp_path], default_policy())
    assert (made.data, made.files, len(made.refused)) == (None, 0, 1)
