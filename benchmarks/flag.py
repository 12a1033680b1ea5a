"""Flagging a workbook that came back: from its file to one with cells coloured, a note on each, and a list of them."""

from __future__ import annotations

import io
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, PatternFill

from benchmarks.files import in_turn, records, write_workbooks
from benchmarks.measure import Peers, comparison, measure
from benchmarks.sample import parts, spoiled
from perfxl import messages
from perfxl.finding import Finding
from perfxl.rules.review import review
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.read import read_workbook

COLOURS = {"error": "FFC7CE", "warning": "FFEB9C", "fix": "DDEBF7"}
FINDINGS, FEW = 12, 2
HEADERS = ("标记", "单元格", "审核意见", "修改要求")


def tables(times: int) -> Iterator[str]:
    """Yield a table for workbooks with twelve findings each, and for the first two of them."""
    with tempfile.TemporaryDirectory() as place:
        paths = write_workbooks(map(spoiled, records()), Path(place) / "made")
        found = {path: findings(path) for path in paths}
        series = measure(peers({path: several for path, several in found.items() if len(several) >= FINDINGS}), times)
        yield comparison(f"flag, {FINDINGS} findings", series)


def peers(found: Mapping[Path, Sequence[Finding]]) -> Peers:
    """The findings and their cells are known, from the review; the workbook is opened anew each time."""
    paths = [*found]
    readings = {path: read_workbook(Workbook(open_package(path)))[0] for path in paths}

    def flag(path: Path, count: int = FINDINGS) -> bytes:
        return flag_workbook(Workbook(open_package(path)), [(readings[path], [*found[path]][:count])]).data

    return {
        "perfxl: open, flag": in_turn(flag, paths),
        f"perfxl: {FEW} findings alone": in_turn(partial(flag, count=FEW), paths),
        "perfxl: open, read anew, flag": in_turn(lambda path: flagged(path, found[path][:FINDINGS]), paths),
        "openpyxl: load, edit, save": in_turn(lambda path: openpyxl_flagged(path, found[path][:FINDINGS]), paths),
        f"openpyxl: {FEW} findings alone": in_turn(lambda path: openpyxl_flagged(path, found[path][:FEW]), paths),
        "floor: inflate, parse, deflate": floor(paths[0], flagged(paths[0], found[paths[0]][:FINDINGS])),
    }


def findings(path: Path) -> list[Finding]:
    """What the rules say of the workbook."""
    reading = read_workbook(Workbook(open_package(path)))[0]
    return [each for _, found in review([reading.submission]) for each in found]


def flagged(path: Path, found: Sequence[Finding]) -> bytes:
    """Return the workbook, read and flagged."""
    reading = read_workbook(Workbook(open_package(path)))[0]
    return flag_workbook(reading.located.sheet.workbook, [(reading, found)]).data


def openpyxl_flagged(path: Path, found: Sequence[Finding]) -> bytes:
    """The same with openpyxl: conditional formats that clear when the cell changes, notes, a sheet that lists them."""
    rule: Any = FormulaRule
    workbook = openpyxl.load_workbook(path)
    listed = workbook.create_sheet("审核意见")
    listed.append(HEADERS)
    for number, each in enumerate(found, start=1):
        said = messages.words(each)
        listed.append((str(number), each.cell, said.what, said.todo))
        for cell in listed[listed.max_row]:
            cell.alignment = Alignment(wrap_text=True, vertical="center")
        for place in each.cells if each.severity in COLOURS else ():
            tab, _, at = place.partition("!")
            sheet = workbook[tab]
            fill = PatternFill(bgColor=COLOURS[each.severity], fill_type="solid")
            held = str(sheet[at].value or "").replace('"', '""')[:255]
            sheet.conditional_formatting.add(at, rule(formula=[f'{at}&""="{held}"'], fill=fill))
            sheet[at].comment = Comment(f"{said.what}\n{said.todo}", "审核")
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def floor(path: Path, result: bytes) -> Callable[[], None]:
    """Inflates and parses what is read and changed, deflates what is changed or new."""
    workbook = Workbook(open_package(path))
    read_workbook(workbook)
    package = workbook.package
    read = {*package._plain}
    new = parts(result)
    changed = [name for name in new if name not in package.entries or new[name] != package.read(name)]
    packed = [package.part(name).packed for name in package.names if name in read or name in changed]

    def work() -> None:
        for each in packed:
            expat.ParserCreate().Parse(zlib.decompress(each, -15), True)
        for name in changed:
            deflater = zlib.compressobj(1, zlib.DEFLATED, -15, 6)
            deflater.compress(new[name])
            deflater.flush()

    return work
