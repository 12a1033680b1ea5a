"""Reading a workbook that came back: from a file to a record (perfxl), or to cells with what a checker needs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
import python_calamine

from benchmarks.measure import Peers
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading import read as reading
from perfxl.workbook.reading.opening import open_package


def peers(paths: Sequence[Path]) -> Peers:
    """Only the first two know formats, locks and names; calamine reads values alone. All take the files in turn."""

    def turns(run: Callable[[Path], object]) -> Callable[[], object]:
        turn = cycle(paths)
        return lambda: run(next(turn))

    return {
        "perfxl: read": turns(reading.read_submissions),
        "openpyxl: load and walk": turns(openpyxl_reader),
        "openpyxl: read-only, values": turns(openpyxl_values),
        "calamine: values": turns(calamine_values),
        "floor: inflate and parse": floor(paths[0]),
    }


def openpyxl_reader(path: Path) -> int:
    workbook = openpyxl.load_workbook(path)
    seen: list[tuple[Any, ...]] = [(name, defined.attr_text) for name, defined in workbook.defined_names.items()]
    for sheet in workbook.worksheets:
        seen += [(name, defined.attr_text) for name, defined in sheet.defined_names.items()]
        for row in sheet.iter_rows():
            seen += [(cell.value, cell.number_format, cell.protection.locked) for cell in row]
    return len(seen)


def openpyxl_values(path: Path) -> int:
    workbook = openpyxl.load_workbook(path, read_only=True)
    seen = [value for sheet in workbook.worksheets for row in sheet.iter_rows(values_only=True) for value in row]
    workbook.close()
    return len(seen)


def calamine_values(path: Path) -> int:
    workbook = python_calamine.CalamineWorkbook.from_path(path)
    return sum(len(workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in workbook.sheet_names)


def floor(path: Path) -> Callable[[], None]:
    """Inflates the parts that perfxl reads, and has expat look at them without telling anybody."""
    workbook = Workbook(open_package(path))
    reading.read_workbook(workbook)
    package = workbook.package
    packed = [package.part(name).packed for name in package.names if name in package._plain]

    def look() -> None:
        for each in packed:
            expat.ParserCreate().Parse(zlib.decompress(each, -15), True)

    return look
