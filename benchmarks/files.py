"""The workbooks that are read and flagged: no two alike, as XlsxWriter writes them, or saved again by LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from perfxl.examples.county_units import invent_county

from benchmarks.sample import book, compiled
from perfxl.workbook.reading.opening import open_bytes

STYLES = "xl/styles.xml"
COUNT = 48
"""So many that none of them is remembered when its turn comes again (perfxl remembers 32 parts)."""


def records() -> list[Mapping[str, Any]]:
    """Return the records of as many projects of an invented county."""
    return [project.record for unit in invent_county(6, COUNT, seed=1).asked for project in unit.projects]


def write_workbooks(filled: Iterable[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write a workbook for each record, with shared strings as office programs save them."""
    folder.mkdir()
    paths = []
    for at, record in enumerate(filled):
        paths.append(folder / f"{at}.xlsx")
        paths[-1].write_bytes(compiled(book(dict(record))))
    return paths


def save_in_libreoffice(paths: Sequence[Path], folder: Path) -> list[Path]:
    """Return the workbooks opened and saved by LibreOffice; none where it is not installed."""
    if not shutil.which("soffice"):
        return []
    words = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*words, "--outdir", str(folder), *map(str, paths)], check=True, capture_output=True)
    return [folder / path.name for path in paths]


def with_other_styles(paths: Sequence[Path], folder: Path) -> list[Path]:
    """Return copies of workbooks, no two of which have the same bytes as their styles."""
    folder.mkdir()
    for at, path in enumerate(paths):
        package = open_bytes(path.read_bytes(), "")
        styles = package.read(STYLES) + f"<!--{at}-->".encode()
        (folder / path.name).write_bytes(package.replace_parts({STYLES: styles}))
    return [folder / path.name for path in paths]


def in_turn(run: Callable[[Path], object], paths: Sequence[Path]) -> Callable[[], object]:
    """Return a function that does something with the next of the files, at each call."""
    turn = cycle(paths)
    return lambda: run(next(turn))
