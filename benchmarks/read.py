"""Reading a workbook that came back: from a file to a record (perfxl), or to cells with what a checker needs."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
import python_calamine

from benchmarks.files import in_turn, records, save_in_libreoffice, with_other_styles, write_workbooks
from benchmarks.measure import Peers, comparison, measure
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading import read as reading
from perfxl.workbook.reading.opening import open_package


def tables(times: int) -> Iterator[str]:
    """Yield a table for files whose styles were seen before, for those whose were not, and for LibreOffice's."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        made = write_workbooks(records(), folder / "made")
        yield comparison("read", measure(peers(made), times))
        yield comparison("read, styles not seen before", measure(peers(with_other_styles(made, folder / "a")), times))
        if saved := save_in_libreoffice(made, folder):
            other = with_other_styles(saved, folder / "b")
            yield comparison("read, saved by LibreOffice, styles not seen before", measure(peers(other), times))


def peers(paths: Sequence[Path]) -> Peers:
    """Only the first two know formats, locks and names; the next read values alone. All take the files in turn."""
    return {
        "perfxl: read": in_turn(reading.read_submissions, paths),
        "openpyxl: load and walk": in_turn(openpyxl_reader, paths),
        "openpyxl: read-only, values": in_turn(openpyxl_values, paths),
        "calamine: values": in_turn(calamine_values, paths),
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
