"""Every hostile or odd file: what becomes of it, in which time and memory; never a traceback, nothing half written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hostile.conftest import Judge
from hostile.files import ALL, SHEET, zips

from perfxl import messages
from perfxl.errors import PackageError, UnknownWorkbook
from perfxl.workbook.cells import Workbook
from perfxl.workbook.package import opened
from perfxl.workbook.read import readings

SECONDS, MEGABYTES = 2, 500
"""What a file that is refused may take; one that is read may take longer, as there is so much of it."""

PATIENCE = 20


def sentence(data: bytes, file: str) -> tuple[str, str]:
    """The kind of the refusal and its sentence; ``read`` for a file that is read."""
    try:
        readings(Workbook(opened(data, file)))
    except (PackageError, UnknownWorkbook) as error:
        return str(error.facts.get("what", error.key)), messages.sentence(error, "zh-CN")
    return "read", ""


def within(answer: dict[str, Any], seconds: float) -> None:
    assert answer["traceback"] == ""
    assert answer["status"] in (0, 1, 2)
    assert answer["megabytes"] < MEGABYTES
    assert answer["seconds"] < seconds


@pytest.mark.parametrize("name", ALL)
def test_what_becomes_of_a_file(name: str, good: bytes, judge: Judge, tmp_path: Path) -> None:
    file = ALL[name]
    path = tmp_path / "表.xlsx"
    path.write_bytes(file.made(good))
    answer = judge("check", path)
    within(answer, PATIENCE if file.checked == "read" else SECONDS)
    if file.checked == "read":
        assert answer["status"] == 1
        assert str(path) not in answer["err"]
    else:
        assert answer["status"] == 2
        said = messages.say(f"errors.PackageError.{file.checked}", Facts(file=str(path)))
        assert answer["err"].splitlines()[0].startswith(said[: said.index("：") + 1])
        assert sentence(path.read_bytes(), str(path)) == (file.checked, answer["err"].splitlines()[0])
        assert (answer["out"], len(answer["err"].splitlines())) == ("", 2)
        return
    output = tmp_path / "out" / "表.xlsx"
    flagged = judge("flag", path, "-o", output)
    within(flagged, PATIENCE)
    if file.flagged:
        assert flagged["status"] == 2
        assert not output.exists()
    else:
        assert (flagged["status"], flagged["out"]) == (1, f"{output}\n")
        assert not [each for each in zips.parts_of(output.read_bytes()) if ".." in each or each.startswith("/")]


class Facts(dict[str, object]):
    """Any fact a sentence asks for: what is compared stands before it."""

    def __missing__(self, key: str) -> object:
        return "…"


@pytest.mark.parametrize("verb", ["correct", "read"])
@pytest.mark.parametrize("name", ["a merge over the whole sheet", "the first and the last cell of all", "a million validations"])
def test_the_other_verbs_end_as_well(verb: str, name: str, good: bytes, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(ALL[name].made(good))
    within(judge(verb, path, "-o", tmp_path / ("out" if verb == "correct" else "out.yaml")), PATIENCE)


def test_the_table_holds_files_that_are_another_thing_than_the_good_one(good: bytes) -> None:
    assert zips.parts_of(good)[SHEET]
    assert {file.checked for file in ALL.values()} > {"read", "too_deep", "overlapping_parts", "token_too_long", "doubled_cell"}
