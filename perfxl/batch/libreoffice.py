"""LibreOffice, where there is one: it calculates workbooks anew, says which values their cells refuse, lays out texts.

It is started once for several workbooks, by libreoffice_driver.py in a Python that has ``uno``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from perfxl.errors import ProofFailure, PublishingError

_SECONDS = 180
_DRIVER = Path(__file__).with_name("libreoffice_driver.py")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
)

Place = tuple[int, int]


class Trial(NamedTuple):
    """Values that are put into cells of a sheet for a moment, by row and column; ``shown``: cells to look at then."""

    sheet: str
    values: tuple[tuple[int, int, str | float], ...] = ()
    shown: tuple[Place, ...] = ()


class Judged(NamedTuple):
    """A trial's outcome: the cells that their data validation refuses, and the numbers in the cells to look at."""

    refused: frozenset[Place]
    shown: tuple[float, ...]


class OfficeBook(NamedTuple):
    """A workbook as LibreOffice saves it after calculating anew, and the outcome of each trial in it."""

    data: bytes
    judged: tuple[Judged, ...]


def find_soffice() -> str:
    """Return the program's path; empty where it is not found."""
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    return on_path or next((place for place in _PLACES if Path(place).is_file()), "")


def find_uno_python() -> str:
    """Return the path of a Python that can speak with LibreOffice: this one, its own or the system's; empty if none."""
    own = Path(find_soffice() or ".").resolve().parent
    bundled = [own / "python", own / "python.exe", own.parent / "Resources" / "python"]
    for python in (sys.executable, *map(str, bundled), "/usr/bin/python3", shutil.which("python3")):
        if python and Path(python).is_file():
            tried = subprocess.run([python, "-I", "-c", "import uno"], capture_output=True, stdin=subprocess.DEVNULL)
            if tried.returncode == 0:
                return python
    return ""


def worked_on(books: Sequence[tuple[bytes, Sequence[Trial]]], file: str) -> list[OfficeBook]:
    """Return workbooks calculated anew, and the outcome of the trials in each; ``file``: the name in messages.

    Raises ProofFailure where that does not succeed.
    """
    with tempfile.TemporaryDirectory(prefix="perfxl-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary).resolve()
        orders = [_order(folder, at, data, trials) for at, (data, trials) in enumerate(books)]
        asked = {"soffice": find_soffice(), "profile": str(folder / "profile"), "orders": orders}
        try:
            answers = json.loads(_asked_of_driver(json.dumps(asked)))
            return [
                OfficeBook(Path(order["save"]).read_bytes(), tuple(_judged(one) for one in told))
                for order, told in zip(orders, answers, strict=True)
            ]
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise ProofFailure(what="office", file=file, limit=_SECONDS) from error


class LaidOut(NamedTuple):
    """A text document as LibreOffice lays it out: the page of each entry of its contents, as printed, and the PDF."""

    pages: tuple[str, ...]
    pdf: bytes


def lay_out(documents: Sequence[bytes], pdf: bool = False) -> list[LaidOut]:
    """Return Word documents as they are laid out; ``pdf``: as PDF, else only the pages of their contents.

    Raises PublishingError where LibreOffice, or its part for texts, is not there, or does not succeed.
    """
    if not find_uno_python() or not find_soffice():
        raise PublishingError(what="no_office")
    with tempfile.TemporaryDirectory(prefix="perfxl-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary).resolve()
        orders: list[dict[str, Any]] = []
        for at, data in enumerate(documents):
            source = folder / f"{at}.docx"
            source.write_bytes(data)
            orders.append({"file": str(source), "pdf": str(source.with_suffix(".pdf")) if pdf else "", "text": True})
        asked = {"soffice": find_soffice(), "profile": str(folder / "profile"), "orders": orders}
        try:
            answers = json.loads(_asked_of_driver(json.dumps(asked)))
            return [
                LaidOut(tuple(pages), Path(order["pdf"]).read_bytes() if order["pdf"] else b"")
                for order, pages in zip(orders, answers, strict=True)
            ]
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise PublishingError(what="office_failed", limit=_SECONDS) from error


def _order(folder: Path, at: int, data: bytes, trials: Sequence[Trial]) -> dict[str, Any]:
    source = folder / f"{at}.xlsx"
    source.write_bytes(data)
    return {"file": str(source), "save": str(folder / f"{at}-anew.xlsx"), "trials": [one._asdict() for one in trials]}


def _judged(told: dict[str, Any]) -> Judged:
    return Judged(frozenset((row, column) for row, column in told["refused"]), tuple(told["shown"]))


def _asked_of_driver(order: str) -> str:
    """Return what the driver answers. It leads a group of processes, of which nothing is left running."""
    words = [find_uno_python(), "-I", str(_DRIVER)]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    ) as driver:
        try:
            return driver.communicate(order, timeout=_SECONDS)[0]
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if sys.platform == "win32":
                    driver.kill()
                else:
                    os.killpg(driver.pid, signal.SIGKILL)
