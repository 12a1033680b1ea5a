"""A good workbook, of which the bad ones are made, and the judge that runs perfxl on them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workbook.conftest import example, made

from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.writing.compile import compile_book


def made_good() -> bytes:
    """A project's workbook with shared strings, filled but for one answer, so that there is something to flag."""
    records = example("project-target")
    records["projects"] = [{**records["projects"][0], "purpose": None}]
    (book,) = made("project-target", records, by="project").values()
    return write_zip(pack(name, data) for name, data in compile_book(book).items())


@pytest.fixture(scope="session")
def good() -> bytes:
    return made_good()


class Judge:
    """perfxl in processes of their own: what each call said, how long it took, what memory it needed."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("judge.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, *words: object) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    if not hasattr(__import__("os"), "fork"):
        pytest.skip("needs fork")
    judge = Judge()
    yield judge
    assert judge.process.stdin is not None
    judge.process.stdin.close()
    judge.process.wait(10)
