"""Several records files are generated in one call: all or none, every mistake in one pass, no name twice."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from workbook.conftest import example

import perfxl
from perfxl import records
from perfxl.batch.form_records import list_records
from perfxl.batch.generate import generate_all
from perfxl.cli import main
from perfxl.errors import NothingToDo, OutputExists


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three units' records, and something that is none."""
    made = tmp_path / "数据"
    made.mkdir()
    for at in (1, 2, 3):
        held: dict[str, Any] = copy.deepcopy(dict(example("project-target")))
        held["unit"]["code"], held["projects"] = f"90700{at}", held["projects"][:2]
        (made / f"{at}.yaml").write_text(records.dumps(held), encoding="utf-8")
    (made / "说明.txt").write_text("不是数据", encoding="utf-8")
    return made


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["generate", *map(str, words)], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def test_a_folder_makes_what_its_files_make_one_by_one(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    listed = list_records([folder])
    with ThreadPoolExecutor(2) as executor:
        made = generate_all(listed, tmp_path / "下发", executor, lambda *done: seen.append(done), phone="0000-1234567")
    assert (seen[-1], made.refused) == ((3, 3), ())
    alone = [workbook for path in listed for workbook in perfxl.generate(path, phone="0000-1234567")]
    assert [(one.name, one.sheets, one.data) for one in made.workbooks] == [
        (one.name, one.sheets, one.data) for one in alone
    ]
    with pytest.raises(OutputExists):
        generate_all(listed, tmp_path / "下发")


def test_every_mistake_is_said_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    (folder / "2.yaml").write_text("year: [", encoding="utf-8")
    (folder / "4.json").write_text("{}", encoding="utf-8")
    status, out, err = run(folder, "-o", tmp_path / "下发")
    assert (status, out, len(err.splitlines())) == (2, "", 2)
    assert "2.yaml" in err
    assert "4.json" in err
    assert not (tmp_path / "下发").exists()


def test_no_workbook_takes_the_place_of_another(folder: Path, tmp_path: Path) -> None:
    (folder / "1之二.yaml").write_bytes((folder / "1.yaml").read_bytes())
    status, _, err = run(folder, "-o", tmp_path / "下发")
    assert (status, "907001" in err, (tmp_path / "下发").exists()) == (2, True, False)
    assert run(folder / "1.yaml", folder / "1.yaml", "-o", tmp_path / "下发")[0] == 0, (
        "a file that is named twice is one"
    )


def test_a_folder_without_records(tmp_path: Path) -> None:
    with pytest.raises(NothingToDo):
        list_records([tmp_path])
