"""LibreOffice, where there is one: it opens a workbook, calculates every formula anew and saves it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from perfxl.errors import ProofFailure

_SECONDS = 180
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
)
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun"><value>false</value></prop></item>
</oor:items>
"""
"""Formulas are always calculated anew: a value that stands in the file already proves nothing."""


def find_soffice() -> str:
    """Return the program's path; empty where it is not found."""
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    return on_path or next((place for place in _PLACES if Path(place).is_file()), "")


def recalculated(data: bytes, file: str) -> bytes:
    """Return a workbook as LibreOffice saves it after calculating anew; ``file``: its name in messages.

    Raises ProofFailure where that does not succeed.
    """
    with tempfile.TemporaryDirectory(prefix="perfxl-", ignore_cleanup_errors=True) as folder:
        profile, source, target = (Path(folder) / name for name in ("profile", "book.xlsx", "out"))
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        source.write_bytes(data)
        words = [find_soffice(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
        words += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target), str(source)]
        try:
            subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ProofFailure(what="office", file=file, limit=_SECONDS) from error
        made = target / source.name
        if not made.is_file():
            raise ProofFailure(what="office", file=file, limit=_SECONDS)
        return made.read_bytes()
