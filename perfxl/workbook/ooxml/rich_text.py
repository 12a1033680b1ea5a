"""Rich text: a text in pieces, called runs, that may be struck out, raised or lowered.

The texts of a workbook are read without it, in half the time; this is a second look at parts in which such runs occur.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import unescape_text
from perfxl.workbook.ooxml.sheet_reader import CellCounter
from perfxl.workbook.ooxml.xml import Start, walk_elements


class Run(NamedTuple):
    """A piece of a text.

    ``struck``: it is struck out, None where the font of its cell decides; ``raised``: 1 for superscript, -1 for
    subscript.
    """

    text: str
    struck: bool | None = None
    raised: int = 0


Runs = tuple[Run, ...]
_RAISED = {"superscript": 1, "subscript": -1}


def plain_text(runs: Runs) -> str:
    """Return the text of the runs without their formats."""
    return "".join(run.text for run in runs)


def read_string_runs(package: Package, part: str) -> dict[int, Runs]:
    """Return the runs of each shared string that has any, by the number of the string."""
    found: dict[int, Runs] = {}
    at = -1

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal at
        at += tag == "si"

    _walk_runs(package, part, "si", begin, lambda runs: found.update({at: runs}))
    return found


def read_cell_runs(package: Package, part: str) -> dict[tuple[int, int], Runs]:
    """Return the runs of each cell of a sheet that holds any, by row and column."""
    found: dict[tuple[int, int], Runs] = {}
    cells = CellCounter()
    _walk_runs(package, part, "is", cells.start, lambda runs: found.update({cells.at: runs}))
    return found


def _walk_runs(package: Package, part: str, element: str, begin: Start, add: Callable[[Runs], None]) -> None:
    """Call ``add`` with the runs of every ``element`` that has any, and ``begin`` for all elements."""
    runs: list[Run] = []
    pieces: list[str] = []
    struck: bool | None = None
    raised = 0
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal struck, raised
        inside.append(tag)
        begin(tag, attributes)
        if tag == element:
            runs.clear()
        elif tag == "r":
            pieces.clear()
            struck, raised = None, 0
        elif tag == "rPr":
            struck = False
        elif tag == "strike":
            struck = attributes.get("val") not in ("0", "false")
        elif tag == "vertAlign":
            raised = _RAISED.get(attributes.get("val", ""), 0)

    def end(tag: str) -> None:
        inside.pop()
        if tag == "r":
            runs.append(Run(unescape_text("".join(pieces)), struck, raised))
        elif tag == element and runs:
            add(tuple(runs))

    def characters(text: str) -> None:
        if inside[-2:] == ["r", "t"]:
            pieces.append(text)

    walk_elements(package, part, start, end, characters)
