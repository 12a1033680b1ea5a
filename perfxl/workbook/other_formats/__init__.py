"""Workbooks of other formats, converted to plain .xlsx packages, so that one reader reads them all.

The format of a file is recognised by its bytes, never by its name. The conversion runs in a process of its own
(``__main__``), with a limit of time and, where the system has one, of memory: readers of old binary formats can be
made to use up both, or to crash the process they run in. None of this is imported for a plain .xlsx.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from perfxl.errors import PackageError, reason_of
from perfxl.workbook.ooxml import foreign
from perfxl.workbook.ooxml.limits import LIMITS, Limits
from perfxl.workbook.ooxml.package import Package

START = 5
"""Seconds that the process may take in addition to its reading time: to start on a busy machine."""
_ROOT = Path(__file__).parents[3]


def convert_package(data: bytes, file: str, limits: Limits = LIMITS) -> Package:
    """Return the package of a workbook's bytes; its ``origin`` is the format of the file. Raises PackageError.

    The ``what`` of the error is ``too_slow``, ``too_much_memory``, ``cannot_convert`` or one of those of the formats.
    """
    origin = foreign.is_other_zip(Package(data, file, limits).entries) if data[:2] == b"PK" else kind_of(data)
    if origin in _OFFICE:
        raise PackageError(file=file, what="not_a_workbook", kind=_OFFICE[origin])
    if origin not in KINDS:
        raise PackageError(file=file, what=_REFUSED.get(origin, f"is_{origin}"))
    return Package(_run_converter(data, origin, file, limits), file, limits, origin)


KINDS = ("xls", "xlsb", "ods", "fods", "spreadsheetml", "html", "csv")
"""The formats that are read, each by the module of its name (.fods by that of .ods)."""

_OFFICE = {"doc": "Word", "ppt": "PowerPoint"}
_REFUSED = {"encrypted": "encrypted", "zeros": "unfinished", "": "not_zip"}
_ROOTS = {"workbook": "spreadsheetml", "document": "fods"}
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)")


def kind_of(data: bytes) -> str:
    """Return the format of a file that is not a zip archive, or what it is instead; empty if it is not recognised."""
    recognised = foreign.recognise_format(data)
    if recognised:
        return recognised
    head = _head(data)
    if head.lstrip().startswith("<"):
        markup = re.sub(r"<!--.*?(?:-->|$)|<\?.*?(?:\?>|$)", "", head, flags=re.DOTALL)
        root = _ELEMENT.search(markup)
        name = root[1].rpartition(":")[2].lower() if root else ""
        if name in _ROOTS and ("office:spreadsheet" in head or "oasis:names:tc:opendocument" in head):
            return _ROOTS[name]
        page = "<!doctype html" in markup.lower() or name in _PAGE or not head.lstrip().startswith("<?xml")
        return "html" if page else "xml"
    return "csv" if head and not _CONTROL.search(head) else ""


_PAGE = frozenset(("html", "head", "body", "meta", "title", "table", "style", "div", "center", "form", "script", "p"))
_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def _head(data: bytes) -> str:
    """Return the beginning of the file as text, for recognising its format only.

    Every encoding that stores ASCII characters as single bytes shows them as they are.
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:16_384].decode(encoding, "replace")
    return data[:16_384].removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\x7f", "")


def _run_converter(data: bytes, kind: str, file: str, limits: Limits) -> bytes:
    """Return the plain package, made by another process. Raises the PackageError that it reports or ended with."""
    import subprocess

    command = [sys.executable, "-m", __name__, kind, json.dumps(asdict(limits))]
    try:
        # run in the folder that contains perfxl, not the caller's: -m would import modules from there first
        process = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds + START, cwd=_ROOT)
    except subprocess.TimeoutExpired as error:
        raise PackageError(file=file, what="too_slow", limit=limits.seconds) from error
    except OSError as error:
        raise PackageError(file=file, what="unreadable", reason=reason_of(error)) from error
    if process.returncode == -getattr(signal, "SIGXCPU", 0) < 0:
        raise PackageError(file=file, what="too_slow", limit=limits.seconds)
    first_line, _, package = process.stdout.partition(b"\n")
    try:
        facts = json.loads(first_line)
    except ValueError as error:  # the process was killed, or crashed, before it could report anything
        raise PackageError(file=file, what="cannot_convert") from error
    if facts:
        raise PackageError(file=file, **facts)
    return package
