"""The rows of a stage keep the numbers of their row keys: those of a target sheet made of the same record."""

from __future__ import annotations

from pathlib import Path

import perfxl
from perfxl import records
from perfxl.workbook.sheet.identity import key_number

EXAMPLES = Path(__file__).parents[2] / "examples"


def numbers(folder: Path) -> dict[tuple[str, int], int]:
    """The number of each row's key, by the number of its project and its place in the record."""
    found: dict[tuple[str, int], int] = {}
    for sheet in perfxl.read(folder).files[0].readings:
        rows = sheet.located.tables["indicators"].rows
        keys = [key_number(row.key) for row in rows]
        names = [cells.get("level3") for cells in sheet.submission.record["indicators"]]
        texts = [
            sheet.located.sheet.text(row.row, sheet.located.tables["indicators"].columns["level3"]) for row in rows
        ]
        filled = [key for key, text in zip(keys, texts, strict=True) if text]
        assert len(filled) == len(names)
        found |= {(sheet.submission.record["number"], at): key for at, key in enumerate(filled)}
    return found


def test_the_numbers_are_those_of_the_target(tmp_path: Path) -> None:
    content = records.load(EXAMPLES / "records.yaml")
    perfxl.generate({**content, "department": None}, prefill="all", output=tmp_path / "target")
    perfxl.stage("monitoring", content, output=tmp_path / "july")
    perfxl.stage("self-evaluation", content, output=tmp_path / "december")
    target = numbers(tmp_path / "target")
    assert len(target) == 111
    assert numbers(tmp_path / "july") == target
    assert numbers(tmp_path / "december") == target
    assert not perfxl.read(tmp_path / "july").files[0].readings[0].submission.doubts
