"""The process that reads one workbook of another format: it receives its bytes and writes a plain package.

Its arguments are the format and the limits as JSON. The first line of its output is ``{}``, followed by the package,
or else the facts of a PackageError. Every failure of a reader is reported in this way, or by a missing first line.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import suppress
from importlib import import_module

from perfxl.errors import PackageError
from perfxl.workbook.ooxml.limits import Limits
from perfxl.workbook.other_formats.values import ForeignBook, ForeignFile
from perfxl.workbook.other_formats.written import write_package


def read(kind: str, source: ForeignFile) -> ForeignBook:
    """Return the workbook, read by its format's reader. Raises PackageError; any other error means a damaged file."""
    module = import_module(f"perfxl.workbook.other_formats.{'ods' if kind == 'fods' else kind}")
    book: ForeignBook = module.read(source)
    return book


def convert(kind: str, source: ForeignFile) -> bytes:
    """Return the plain package. Raises PackageError, ``cannot_convert`` for every other error of a reader."""
    try:
        return write_package(read(kind, source))
    except (PackageError, MemoryError):
        raise
    except Exception as error:  # a hostile file can cause any exception in any reader: one message for all
        raise source.refusal("cannot_convert") from error


def main(kind: str, limits: Limits, data: bytes) -> bytes:
    """Return the output of the process: the package after ``{}``, or the facts of the error."""
    try:
        package = convert(kind, ForeignFile(data, "", limits))
    except MemoryError:
        return json.dumps({"what": "too_much_memory", "limit": limits.memory}).encode() + b"\n"
    except PackageError as error:
        facts = {name: value for name, value in error.facts.items() if name != "file"}
        return json.dumps(facts, default=str).encode() + b"\n"
    return b"{}\n" + package


def confine(limits: Limits) -> None:
    """Limit memory and time, and suppress core dumps, on systems that support such limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "wb")
    sys.stdout = io.StringIO()  # keeps what a library prints out of the output
    allowed = Limits(**json.loads(sys.argv[2]))
    confine(allowed)
    out.write(main(sys.argv[1], allowed, sys.stdin.buffer.read()))
    out.flush()
    os._exit(0)  # skips the interpreter's cleanup, which is not needed
