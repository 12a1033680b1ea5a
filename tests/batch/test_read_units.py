"""The tables of several units are read into a folder: a records file for each."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from rounds.test_round_commands import run
from workbook.conftest import example

import perfxl
from perfxl.errors import NothingToDo
from perfxl.records import load

FORM = "department-goals"


def sent(code: str, name: str, year: int = 2024) -> tuple[dict[str, Any], bytes]:
    """Records of a unit, and its workbook filled with them."""
    records = {**copy.deepcopy(dict(example(FORM))), "year": year, "unit": {"code": code, "name": name}}
    return records, perfxl.generate(records, form=FORM, prefill="all")[0].data


@pytest.fixture
def came(tmp_path: Path) -> Path:
    for at, unit in enumerate((("1001", "柳溪镇"), ("1002", "A站"), ("", "1002a站"), ("1003", "柳河镇"))):
        (tmp_path / "came").mkdir(exist_ok=True)
        (tmp_path / "came" / f"{at}.xlsx").write_bytes(sent(*unit)[1])
    (tmp_path / "came" / "later.xlsx").write_bytes(sent("1003", "柳河镇", 2025)[1])
    return tmp_path / "came"


def test_a_folder_gets_a_file_for_each_unit_and_year(came: Path, tmp_path: Path) -> None:
    status, out, err = run("read", came, "-o", tmp_path / "数据")
    assert status == 0, err
    names = ["1001柳溪镇", "1002A站", "1002a站-2", "1003柳河镇_2024", "1003柳河镇_2025"]
    assert sorted(Path(line).stem for line in out.split()) == names
    for at, name in zip((0, 1, 2, 3, "later"), names, strict=True):
        assert load(tmp_path / "数据" / f"{name}.yaml") == perfxl.read(came / f"{at}.xlsx").records()
    assert run("read", came, "-o", tmp_path / "数据")[0] == 2, "nothing is written over"
    assert run("read", came, "-o", tmp_path / "数据", "--force")[0] == 0
    one = tmp_path / "数据" / "1001柳溪镇.yaml"
    made = run("generate", one, "-o", tmp_path / "again", "--form", FORM, "--prefill", "all")
    assert made[0] == 0, made


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_one_file_for_several_units_is_refused_with_what_to_do(lang: str, came: Path, tmp_path: Path) -> None:
    status, _, err = run("read", came, "-o", tmp_path / "all.json", "--lang", lang)
    assert (status, (tmp_path / "all.json").exists()) == (2, False)
    assert "1001柳溪镇" in err
    assert "-o" in err


def test_one_unit_is_a_file_or_a_folder_of_one(tmp_path: Path) -> None:
    records, data = sent("1001", "柳溪镇")
    (tmp_path / "a.xlsx").write_bytes(data)
    (tmp_path / "there.json").mkdir()
    for output in ("one.json", "folder", "there.json"):
        assert run("read", tmp_path / "a.xlsx", "-o", tmp_path / output)[0] == 0
    assert json.loads((tmp_path / "one.json").read_text(encoding="utf-8")) == perfxl.read(data).records()
    for folder in ("folder", "there.json"):
        assert load(tmp_path / folder / "1001柳溪镇.yaml")["unit"] == records["unit"]


def test_the_same_sheet_twice_is_refused() -> None:
    data = sent("1001", "柳溪镇")[1]
    with pytest.raises(NothingToDo) as caught:
        perfxl.read(data, data).records_of_units()
    assert caught.value.facts["what"] == "twice"
    with pytest.raises(NothingToDo):
        perfxl.read().records_of_units()
