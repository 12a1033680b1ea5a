"""Opening of a file as a package, under limits; a file in another format is converted to a plain package first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from perfxl.errors import PackageError, reason_of
from perfxl.workbook.ooxml import foreign
from perfxl.workbook.ooxml.limits import LIMITS, Limits, current_limits
from perfxl.workbook.ooxml.package import Package


def open_package(path: Path) -> Package:
    """Return the package of a file, under the limits that are in force.

    Raises PackageError for a file that is no package, FormError for limits that are wrong.
    """
    limits = current_limits()
    return open_bytes(read_file(path, limits), str(path), limits)


def open_bytes(data: bytes, file: str, limits: Limits = LIMITS) -> Package:
    """Return the package of a file's bytes, or a package converted from a workbook in another format.

    ``file``: the file's name, for messages. Raises PackageError.
    """
    if not data:
        raise PackageError(file=file, what="empty")
    if data[:2] == b"PK":
        package = Package(data, file, limits)
        if not foreign.is_other_zip(package.entries):
            return package
    # imported here, so that a plain workbook does not load the code for other formats
    from perfxl.workbook.other_formats import convert_package

    return convert_package(data, file, limits)


def read_file(path: Path, limits: Limits = LIMITS) -> bytes:
    """Return a file's bytes.

    Raises PackageError for a file that is missing, unreadable, empty or too large, and for a pipe, device or socket.
    """
    file = str(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PackageError(file=file, what="no_plain_file")
        # it may have become a pipe since: opening one would wait for whoever writes into it
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise PackageError(file=file, what="no_plain_file")
            if state.st_size > limits.file:
                raise PackageError(file=file, what="too_large", size=state.st_size, limit=limits.file)
            data = stream.read(limits.file + 1)
    except FileNotFoundError as error:
        raise PackageError(file=file, what="dead_link" if path.is_symlink() else "no_file") from error
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise PackageError(file=file, what="unreadable", reason=reason_of(error)) from error
    if len(data) > limits.file:  # it has grown since
        raise PackageError(file=file, what="too_large", size=len(data), limit=limits.file)
    return data
