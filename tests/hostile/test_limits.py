"""Each limit is reached by a file, with a small limit; all together keep the memory; an administrator may set them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from click.testing import CliRunner
from hostile.conftest import Judge
from hostile.files import BOOK_RELS, STYLES, into, many, merges, part, rows, tail
from hostile.zips import parts_of, zipped

import perfxl
from perfxl.cli import main
from perfxl.errors import FormError, PackageError
from perfxl.finding import Finding
from perfxl.submission import Submission
from perfxl.workbook.flagging.sender_package import SenderPackage
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.limits import LIMITS, VARIABLE, Limits, current_limits
from perfxl.workbook.opinions import workbook_review
from perfxl.workbook.reading.opening import open_bytes, read_file
from perfxl.workbook.reading.read import read_workbook

LARGE = rows(many(60_000, '<row x@="1"/>'))
"""1.5 MB of rows with as many names: what is asked about large parts only."""

REACHED = {
    "parts": (3, "too_many_parts", None),
    "part": (10_000, "part_too_large", None),
    "whole": (50_000, "too_large_inside", None),
    "ratio": (2, "inflated", None),
    "depth": (5, "too_deep", rows(b"<x>" * 9 + b"</x>" * 9)),
    "token": (1_000_000, "token_too_long", rows(b"<!--" + b"0123456789" * 120_000 + b"-->")),
    "words": (10_000, "too_many_words", LARGE),
    "rows": (1_000, "too_many_rows", LARGE),
    "cells": (100, "too_many_cells", None),
    "held": (120, "too_many_cells_in_all", None),
    "merges": (3, "too_many_merges", None),
    "strings": (9, "too_many_strings", None),
    "characters": (500, "too_many_characters", None),
    "styles": (9, "too_many_styles", part(STYLES, lambda data: data + b"<!-- unknown yet -->")),
    "names": (9, "too_many_names", None),
    "sheets": (2, "too_many_sheets", None),
    "relations": (2, "too_many_relations", part(BOOK_RELS, lambda data: data + b"<!-- unknown yet -->")),
    "seconds": (0, "too_slow", rows(many(60_000, '<row x="@"/>'))),
}


@pytest.mark.parametrize("limit", REACHED)
def test_a_limit_is_reached(limit: str, good: bytes) -> None:
    most, what, made = REACHED[limit]
    small = replace(LIMITS, **{limit: most}, **({"ratio_from": 1_000} if limit == "ratio" else {}))
    data = made(good) if made else good
    read_workbook(Workbook(open_bytes(good, "表.xlsx")))
    with pytest.raises(PackageError) as caught:
        read_workbook(Workbook(open_bytes(data, "表.xlsx", small)))
    assert caught.value.facts["what"] == what


@pytest.mark.parametrize("verb", ["check", "flag", "correct"])
def test_the_seconds_hold_for_the_whole_work_on_a_file(
    verb: str, good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that never seems to end costs one file its turn, in one sentence; the others are worked on."""
    slow, sound = tmp_path / "慢.xlsx", tmp_path / "好.xlsx"
    slow.write_bytes(good)
    sound.write_bytes(good)
    review = workbook_review.review

    def spend(*given: Any) -> Iterator[tuple[Submission, list[Finding]]]:
        for submission, found in review(*given):
            until = process_time() + (1.2 if submission.file == str(slow) else 0)
            while process_time() < until:
                pass
            yield submission, found

    told = tmp_path / "limits.yaml"
    told.write_text("seconds: 1\n", "utf-8")
    monkeypatch.setenv(VARIABLE, str(told))
    monkeypatch.setattr(workbook_review, "review", spend)
    output = [] if verb == "check" else ["-o", str(tmp_path / "out")]
    result = CliRunner().invoke(main, [verb, str(slow), str(sound), *output])
    sentence = f"{slow}：用了1秒还没有处理完，不再处理，请删去无关的工作表和过长的文字再报。\n"
    assert (result.exit_code, sentence in result.stderr) == (2, True), result.stderr
    assert result.stderr.count("用了1秒") == 1
    assert "好" in result.output


def test_files_kept_in_memory_begin_anew_with_each_call(good: bytes) -> None:
    kept = perfxl.read(good)
    package = kept.files[0].workbook.package
    package.spent = package.limits.seconds + 1.0
    assert perfxl.check(kept).refused == ()


def test_the_limit_of_bytes(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(good)
    assert read_file(path, Limits(file=len(good))) == good
    with pytest.raises(PackageError) as caught:
        read_file(path, Limits(file=len(good) - 1))
    assert caught.value.facts["what"] == "too_large"


def test_the_limit_of_elements(good: bytes) -> None:
    with pytest.raises(PackageError) as caught:
        SenderPackage(Workbook(open_bytes(good, "表.xlsx", Limits(elements=20))))
    assert caught.value.facts["what"] == "too_many_elements"


def test_every_limit_has_a_test() -> None:
    assert {each.name for each in fields(Limits)} == {*REACHED, "file", "elements", "ratio_from", "memory"}


def test_blank_cells_with_a_format_are_no_reason_to_refuse(good: bytes) -> None:
    """Somebody formatted whole columns: what is filled is read as ever, what is blank need not be kept."""
    data = rows(many(50_000, '<row><c s="1"/><c s="1" x="@"/></row>'))(good)
    (plain,) = read_workbook(Workbook(open_bytes(good, "表.xlsx")))
    (found,) = read_workbook(Workbook(open_bytes(data, "表.xlsx", Limits(cells=2_000))))
    assert found.submission.record == plain.submission.record
    assert found.submission.places == plain.submission.places


def test_a_file_of_limits(good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, path = tmp_path / "limits.yaml", tmp_path / "表.xlsx"
    path.write_bytes(good)
    monkeypatch.setenv(VARIABLE, str(told))
    told.write_text("# 本县的上限\nsheets: 2\nseconds: 60\n", "utf-8")
    assert current_limits() == Limits(sheets=2, seconds=60)
    result = CliRunner().invoke(main, ["read", str(path)])
    assert (result.exit_code, result.stderr) == (2, f"{path}：工作表超过上限2张，请删去无关的工作表再报。\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sheats: 2", "第1行：不认识“sheats”，是不是“sheets”？"),
        ("sheets: 多", "第1行：这里应是不小于1的数，现在是'多'。"),
        ("sheets: 0", "第1行：这里应是不小于1的数，现在是0。"),
        ("- 1", "第1行：这里应是“键: 值”，现在是list。"),
        (None, "：没有这个文件。"),
    ],
)
def test_a_file_of_limits_that_is_wrong(
    text: str | None, sentence: str, good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, path = tmp_path / "wrong.yaml", tmp_path / "表.xlsx"
    path.write_bytes(good)
    if text is not None:
        told.write_text(text, "utf-8")
    monkeypatch.setenv(VARIABLE, str(told))
    with pytest.raises(FormError):
        current_limits()
    result = CliRunner().invoke(main, ["check", str(path)])
    assert (result.exit_code, result.stderr.startswith(f"{told}{sentence}")) == (2, True), result.stderr


FULL = {
    "cells and their texts": lambda good: rows(many(190_000, '<row><c t="str"><v>甲乙丙丁@😀</v></c></row>'))(good),
    "merges": lambda good: merges(many(45_000, '<mergeCell ref="A#:B#"/>'))(good),
    "styles": lambda good: part(STYLES, lambda data: data.replace(b"</cellXfs>", many(60_000, '<xf numFmtId="#"/>') + b"</cellXfs>"))(good),
    "relations": lambda good: part(BOOK_RELS, lambda data: data.replace(b"</Relationships>", many(90_000, '<Relationship Id="n@#" Type="x" Target="y#"/>') + b"</Relationships>"))(good),
    "names": lambda good: into("xl/workbook.xml", b"</definedNames>", many(19_000, '<definedName name="n@">甲乙丙丁@😀</definedName>'))(good),
    "formats": tail(many(100_000, '<conditionalFormatting sqref="A#"/>')),
}  # fmt: skip


@pytest.mark.parametrize("verb", ["check", "flag", "correct"])
def test_a_file_that_is_as_large_as_it_may_be(verb: str, good: bytes, judge: Judge, tmp_path: Path) -> None:
    """Every limit nearly reached at once: the memory holds."""
    data = good
    for make in FULL.values():
        data = make(data)
    assert len(data) < LIMITS.file
    assert sum(map(len, parts_of(data).values())) < LIMITS.whole
    assert zipped(parts_of(data).items())
    path = tmp_path / "表.xlsx"
    path.write_bytes(data)
    answer = judge(verb, path, *([] if verb == "check" else ["-o", tmp_path / "out"]))
    assert answer["traceback"] == ""
    assert answer["megabytes"] < 500
