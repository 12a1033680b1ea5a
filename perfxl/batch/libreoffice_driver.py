"""The side of LibreOffice: it opens workbooks, types values past every validation, sees which cells it refuses, and
lays out texts.

It is run as a script by a Python that has ``uno``, outside of perfxl's environment, and imports nothing but the
standard library and ``uno``: libreoffice.py is the other end. One JSON text comes in and one goes out.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_PAUSE, _TO_END = 0.1, 10  # seconds

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"><value>0</value></prop>
<prop oor:name="ODFRecalcMode"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Input">
<prop oor:name="ReplaceCellsWarning"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale"><value>zh-CN</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun"><value>false</value></prop>
<prop oor:name="UseLocking"><value>false</value></prop></item>
</oor:items>
"""
"""Formulas are always calculated anew: a value that stands in the file already proves nothing. Nobody is there to be
asked whether pasting may overwrite; no lock file is left beside a workbook, which would keep the next soffice out."""


def start(soffice: str, profile: Path) -> tuple[subprocess.Popen[bytes], Any]:
    """Start a soffice without a window, with a profile folder of its own; return it and its component context."""
    import uno

    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    pipe = f"perfxl-{os.getpid()}-{time.time_ns()}"
    words = ["--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard"]
    process = subprocess.Popen(
        [soffice, f"-env:UserInstallation={profile.as_uri()}", *words, f"--accept=pipe,name={pipe};urp;"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    while True:  # the other end waits with a limit
        try:
            return process, resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            if process.poll() not in (None, 0):
                ended = f"soffice ended with status {process.returncode} before it could be spoken to"
                raise RuntimeError(ended) from None
            time.sleep(_PAUSE)


def end(process: subprocess.Popen[bytes], desktop: Any) -> None:
    """End a soffice that was started."""
    with contextlib.suppress(Exception):  # the connection breaks while it answers
        desktop.terminate()
    try:
        process.wait(_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()


def properties(**values: Any) -> tuple[Any, ...]:
    """Return values as LibreOffice takes them."""
    import uno

    return tuple(
        uno.createUnoStruct("com.sun.star.beans.PropertyValue", Name=name, Value=value)
        for name, value in values.items()
    )


def refused_cells(document: Any, sheet: Any) -> dict[str, tuple[int, int]]:
    """Return the row and the column of each cell that its data validation refuses, by its absolute name.

    LibreOffice draws circles around them, a thousand at most.
    """
    undo = document.UndoManager
    undo.lock()  # circles are nothing a person did
    sheet.clearArrows()
    drawn = sheet.DrawPage.Count
    sheet.showInvalid()
    circled = {}
    for index in range(drawn, sheet.DrawPage.Count):
        cell = sheet.DrawPage.getByIndex(index).Anchor
        circled[cell.AbsoluteName] = (cell.CellAddress.Row, cell.CellAddress.Column)
    sheet.clearArrows()
    undo.unlock()
    return circled


def write(cell: Any, value: str | float) -> None:
    """Put a value into a cell, as pasting from a program does: nothing is judged; "" leaves it empty."""
    if isinstance(value, str):
        cell.String = value
    else:
        cell.Value = float(value)


def _try(document: Any, trial: Mapping[str, Any]) -> dict[str, Any]:
    """Return which cells are refused while values stand in their cells, and what other cells then come to."""
    sheet = document.Sheets.getByName(trial["sheet"])
    cells = [(sheet.getCellByPosition(column, row), value) for row, column, value in trial["values"]]
    before = [cell.Value if cell.Type.value == "VALUE" else cell.String for cell, _ in cells]
    for cell, value in cells:
        write(cell, value)
    document.calculate()
    refused = sorted(refused_cells(document, sheet).values())
    shown = [sheet.getCellByPosition(column, row).Value for row, column in trial["shown"]]
    for (cell, _), value in zip(cells, before):  # noqa: B905  LibreOffice's own Python may be older than strict=
        write(cell, value)
    return {"refused": refused, "shown": shown}


def _work_on(desktop: Any, order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Open a workbook, save it as LibreOffice calculates it, and return what came of each trial in it."""
    document = desktop.loadComponentFromURL(Path(order["file"]).as_uri(), "_blank", 0, properties(Hidden=True))
    try:
        if order["save"]:
            xlsx = properties(FilterName="Calc MS Excel 2007 XML")
            document.storeToURL(Path(order["save"]).as_uri(), xlsx)
        return [_try(document, trial) for trial in order["trials"]]
    finally:
        document.close(True)


def _lay_out(desktop: Any, order: Mapping[str, Any]) -> list[str]:
    """Lay out a text document and save it as PDF where that is asked; return the pages of its contents' entries."""
    document = desktop.loadComponentFromURL(Path(order["file"]).as_uri(), "_blank", 0, properties(Hidden=True))
    try:
        if order["pdf"]:
            document.storeToURL(Path(order["pdf"]).as_uri(), properties(FilterName="writer_pdf_Export"))
            return []
        indexes = document.DocumentIndexes
        if not indexes.Count:
            return []
        indexes.getByIndex(0).update()
        lines = indexes.getByIndex(0).Anchor.String.splitlines()
        return [line.rpartition("\t")[2].strip() for line in lines if "\t" in line]
    finally:
        document.close(True)


def _work(soffice: str, profile: str, orders: Sequence[Mapping[str, Any]]) -> list[Any]:
    process, context = start(soffice, Path(profile))
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    try:
        return [(_lay_out if order.get("text") else _work_on)(desktop, order) for order in orders]
    finally:
        end(process, desktop)


if __name__ == "__main__":
    json.dump(_work(**json.load(sys.stdin)), sys.stdout)
