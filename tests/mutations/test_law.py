"""The law of what is written: it opens again, and holds what the file held that it was made of.

Workbooks are changed by chance, from numbered seeds: people's and programs' furniture is put in, the parts, their names
and the zip are spelled otherwise. A longer run than that of CI is one command:

    PERFXL_MUTATIONS=1000 pytest tests/mutations

``PERFXL_MUTATIONS_FROM`` is its first seed (0), to run a single one again.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from hostile.zips import Parts, parts_of
from judges.schema import complaints, schema_folder
from mutations.furniture import FURNITURE
from mutations.spellings import NAMES, SPELLINGS, ZIPS
from workbook.conftest import FORMS, example, flagged, made
from workbook.correcting.test_correct import one

from perfxl.errors import PackageError
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.stamp import stamp_book

FIRST, COUNT = int(os.environ.get("PERFXL_MUTATIONS_FROM", "0")), int(os.environ.get("PERFXL_MUTATIONS", "360"))
SECONDS = 30


FILLED = {file.name: file for file in sorted(Path(str(resources.files("perfxl.examples"))).glob("filled/*.xlsx"))}
"""Workbooks of the invented township with the mistakes that people make."""

BASES = (*FORMS, *(f"{form} of a unit" for form in FORMS[:1]), *(f"{form} as sent" for form in FORMS), *FILLED)
"""What is mutated: each form with an answer missing, a unit's book of several, the blanks, and what people filled in."""

WAYS = ("compiled", "stamped", "flagged")


@cache
def base(name: str, way: str) -> bytes:
    """A workbook as it was before the mutation: compiled, stamped, or flagged before."""
    if name in FILLED:
        data = FILLED[name].read_bytes()
        return flagged(data) if way == "flagged" else data
    form, _, how = name.partition(" ")
    records = example(form)
    if "projects" in records:
        records["projects"] = records["projects"][: 3 if how == "of a unit" else 1]
        records["projects"][0]["period" if form == "central-target" else "purpose"] = None
    else:
        records["department"]["goals"] = None
    by = "project" if "projects" in records and how != "of a unit" else "unit"
    book = next(iter(made(form, records, by, "given" if how == "as sent" else "all").values()))
    if way == "compiled":
        return write_zip(pack(name, data) for name, data in compile_book(book).items())
    return flagged(stamp_book(book)) if way == "flagged" else stamp_book(book)


class Mutant(NamedTuple):
    """A changed workbook, whether the judge of packages knows its names, and how it was changed."""

    data: bytes
    plain: bool
    story: tuple[str, ...]


def mutant(seed: int) -> Mutant:
    """The workbook of a seed."""
    chance = random.Random(seed)
    name, way = chance.choice(BASES), chance.choice(WAYS)
    parts: Parts = parts_of(base(name, way))
    furniture = chance.sample(sorted(FURNITURE), chance.randrange(4))
    for thing in furniture:
        FURNITURE[thing].add(parts)
    spelled = chance.sample(sorted(SPELLINGS), chance.randrange(3))
    for spelling in spelled:
        parts = SPELLINGS[spelling](parts, chance)
    names = chance.choice(sorted(NAMES)) if chance.random() < 0.6 else PLAIN
    zip_ = chance.choice(sorted(ZIPS))
    data = ZIPS[zip_]({NAMES[names](part): held for part, held in parts.items()})
    return Mutant(
        data,
        names == PLAIN and not UNJUDGED & {*spelled},
        (f"seed {seed}", name, way, *furniture, *spelled, names, zip_),
    )


PLAIN = "as they are"
UNJUDGED = {"strict", "targets in capitals", "targets with backslashes", "no types of single parts"}
"""Ways in which the judge does not find the parts."""


def read(data: bytes) -> list[Submission]:
    return [reading.submission for reading in read_workbook(Workbook(open_bytes(data, "表.xlsx")))]


def openpyxl_opens(data: bytes) -> bool:
    try:
        openpyxl.load_workbook(BytesIO(data))
    except Exception:
        return False
    return True


def kinds_of_complaints(data: bytes) -> set[str]:
    return {re.sub(r"\d+", "#", complaint.what) for complaint in complaints(data)} if schema_folder() else set()


def cells_with_boxes(parts: Mapping[str, bytes]) -> set[tuple[int, int]]:
    """The cells (from 0) whose notes have a box, in any drawing."""
    found: set[tuple[int, int]] = set()
    for data in parts.values():
        if b"urn:schemas-microsoft-com:vml" in data:
            rows = re.findall(rb"Row>\s*(\d+)\s*</(?:\w+:)?Row>\s*<(?:\w+:)?Column>\s*(\d+)", data)
            found |= {(int(row), int(column)) for row, column in rows}
    return found


def cells_with_notes(parts: Mapping[str, bytes]) -> set[tuple[int, int]]:
    """The cells (from 0) with a note, on the sheets where flagging wrote any."""
    found: set[tuple[int, int]] = set()
    for data in parts.values():
        if b"commentList" in data and "——审核意见——".encode() in data:
            for column, row in re.findall(rb"""<(?:\w+:)?comment\s[^<>]*?ref=["']([A-Z]+)(\d+)["']""", data):
                found.add((int(row) - 1, ord(column.decode()) - 65))
    return found


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield from flat(held, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for at, held in enumerate(value):
            yield from flat(held, f"{path}[{at}]")
    else:
        yield path, value


def broken_by_flagging(data: bytes, plain: bool, before: list[Submission]) -> Iterator[str]:
    """What of the law a flagged workbook breaks."""
    back = flagged(data)
    after = read(back)
    if [(one.record, one.places) for one in after] != [(one.record, one.places) for one in before]:
        yield "another record after flagging"
    if openpyxl_opens(data) and not openpyxl_opens(back):
        yield "openpyxl does not open it any more"
    if plain and (new := kinds_of_complaints(back) - kinds_of_complaints(data)):
        yield f"faults that the sender's file has not: {new}"
    parts = parts_of(back)
    if len({name.lower() for name in parts}) < len(parts):
        yield "a part twice"
    if without := cells_with_notes(parts) - cells_with_boxes(parts):
        yield f"notes without a box: {without}"
    if flagged(back) != back:
        yield "flagging twice is not flagging once"


def broken_by_correcting(data: bytes, _: bool, before: list[Submission]) -> Iterator[str]:
    """What of the law a workbook written anew breaks."""
    corrected = one(data)
    changed = {change.path for change in corrected.changes}
    for old, new in zip(before, read(corrected.data), strict=True):
        was, is_ = dict(flat(old.record)), dict(flat(new.record))
        lost = [path for path, value in was.items() if value is not None and is_.get(path) != value]
        if others := [path for path in lost if path not in changed]:
            yield f"changed without a word: {others}"
    if not openpyxl_opens(corrected.data):
        yield "openpyxl does not open what was written anew"
    if new_faults := kinds_of_complaints(corrected.data):
        yield f"faults of what was written anew: {new_faults}"


@pytest.mark.parametrize("broken", [broken_by_flagging, broken_by_correcting])
@pytest.mark.parametrize("start", range(FIRST, FIRST + COUNT, 10))
def test_what_is_written_opens_again_and_holds_the_same(
    start: int, broken: Callable[[bytes, bool, list[Submission]], Iterator[str]]
) -> None:
    faults: list[tuple[str, ...]] = []
    for seed in range(start, min(start + 10, FIRST + COUNT)):
        data, plain, story = mutant(seed)
        started = time.monotonic()
        try:
            before = read(data)
        except PackageError as error:
            faults.append((*story, f"refused: {error}"))  # every mutation means what it meant before
            continue
        try:
            faults += [(*story, fault) for fault in broken(data, plain, before)]
        except Exception as error:
            faults.append((*story, f"{type(error).__name__}: {error}"))
        if time.monotonic() - started > SECONDS:
            faults.append((*story, "too slow"))
    assert not faults, "\n".join(map(str, faults))
