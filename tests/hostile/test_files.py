"""Every hostile or odd file: what becomes of it, in which time and memory; never a traceback, nothing half written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hostile.conftest import Judge
from hostile.files import ALL, SHEET, zips

from perfxl import messages

SECONDS, MEGABYTES = 20, 500  # CPU: under 2 s alone (docs/limits.md), but a busy machine fails no test
"""What a file that is refused may take; one that is read may take longer, as there is so much of it."""

PATIENCE = 20


FACTS = {**dict.fromkeys(("part", "sheet", "size", "limit", "count"), "\0"), "problem": "\0"}


def says(line: str, kind: str, file: Path) -> bool:
    """Whether a line is this refusal's sentence, whatever its numbers."""
    wanted = messages.say(f"errors.PackageError.{kind}", {**FACTS, "file": str(file)})
    return re.fullmatch(".*".join(map(re.escape, wanted.split("\0"))), line) is not None


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
        assert says(answer["err"].splitlines()[0], file.checked, path)
        assert (answer["out"], len(answer["err"].splitlines())) == ("", 2)
        return
    output = tmp_path / "out" / "表.xlsx"
    flagged = judge("flag", path, "-o", output)
    within(flagged, PATIENCE)
    if file.flagged:
        assert flagged["status"] == 2
        assert says(flagged["err"].splitlines()[0], file.flagged, path)
        assert not output.exists()
    else:
        assert (flagged["status"], flagged["out"]) == (1, f"{output}\n")
        assert not [each for each in zips.parts_of(output.read_bytes()) if ".." in each or each.startswith("/")]


@pytest.mark.parametrize("verb", ["correct", "read"])
@pytest.mark.parametrize(
    "name", ["a merge over the whole sheet", "the first and the last cell of all", "a million validations"]
)
def test_the_other_verbs_end_as_well(verb: str, name: str, good: bytes, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(ALL[name].made(good))
    within(judge(verb, path, "-o", tmp_path / ("out" if verb == "correct" else "out.yaml")), PATIENCE)


def test_the_table_holds_files_that_are_another_thing_than_the_good_one(good: bytes) -> None:
    assert zips.parts_of(good)[SHEET]
    assert {file.checked for file in ALL.values()} > {
        "read",
        "too_deep",
        "overlapping_parts",
        "token_too_long",
        "doubled_cell",
    }
