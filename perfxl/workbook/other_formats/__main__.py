"""The process that reads one workbook of another format: its bytes come in, a plain package goes out.

Called with the format and the limits as JSON. The first line of what it writes is ``{}``, followed by the package, or
else the facts of a PackageError. Whatever goes wrong in a reader is told in that way, or by having no first line.
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
    """The workbook, by the reader of its format. Raises PackageError; any other error means a damaged file."""
    module = import_module(f"perfxl.workbook.other_formats.{'ods' if kind == 'fods' else kind}")
    book: ForeignBook = module.read(source)
    return book


def convert(kind: str, source: ForeignFile) -> bytes:
    """The plain package. Raises PackageError, ``cannot_convert`` for whatever a reader stumbles over."""
    try:
        return write_package(read(kind, source))
    except (PackageError, MemoryError):
        raise
    except Exception as error:  # a hostile file finds an exception in any reader: one sentence for all of them
        raise source.refusal("cannot_convert") from error


def main(kind: str, limits: Limits, data: bytes) -> bytes:
    """What the process writes."""
    try:
        made = convert(kind, ForeignFile(data, "", limits))
    except MemoryError:
        return json.dumps({"what": "too_much_memory", "limit": limits.memory}).encode() + b"\n"
    except PackageError as error:
        facts = {word: value for word, value in error.facts.items() if word != "file"}
        return json.dumps(facts, default=str).encode() + b"\n"
    return b"{}\n" + made


def confine(limits: Limits) -> None:
    """No more memory and time than allowed, and no trace of a crash; where the system knows such limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "wb")
    sys.stdout = io.StringIO()  # what a library prints is not for the caller
    allowed = Limits(**json.loads(sys.argv[2]))
    confine(allowed)
    out.write(main(sys.argv[1], allowed, sys.stdin.buffer.read()))
    out.flush()
    os._exit(0)  # nothing here is worth taking apart
