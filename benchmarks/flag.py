"""Flagging a workbook that came back: from its file to one with cells coloured, a note on each, and a list of them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, PatternFill

from benchmarks.measure import Peers
from benchmarks.sample import parts
from perfxl import messages
from perfxl.finding import Finding
from perfxl.rules.review import review
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.read import read_workbook

COLOURS = {"error": "FFC7CE", "warning": "FFEB9C", "fix": "DDEBF7"}
HEADERS = ("标记", "单元格", "审核意见", "修改要求")


def peers(path: Path) -> Peers:
    """The findings and their cells are known, from the review; the workbook is opened anew each time."""
    reading = read_workbook(Workbook(open_package(path)))[0]
    found = findings(path)
    return {
        "perfxl: open, flag": lambda: flag_workbook(Workbook(open_package(path)), [(reading, found)]).data,
        "perfxl: open, read anew, flag": lambda: flagged(path, found),
        "openpyxl: load, edit, save": lambda: openpyxl_flagged(path, found),
        "floor: inflate, parse, deflate": floor(path, flagged(path, found)),
    }


def findings(path: Path) -> list[Finding]:
    """What the rules say of the workbook."""
    reading = read_workbook(Workbook(open_package(path)))[0]
    return [each for _, found in review([reading.submission]) for each in found]


def flagged(path: Path, found: list[Finding]) -> bytes:
    reading = read_workbook(Workbook(open_package(path)))[0]
    return flag_workbook(reading.located.sheet.workbook, [(reading, found)]).data


def openpyxl_flagged(path: Path, found: list[Finding]) -> bytes:
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
