"""A file becomes a package: read under limits, one in another format made into a plain package first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from perfxl.errors import PackageError
from perfxl.workbook.ooxml import foreign
from perfxl.workbook.ooxml.limits import LIMITS, Limits, current_limits
from perfxl.workbook.ooxml.package import Package


def open_package(path: Path) -> Package:
    """The package of a file, under the limits that hold here.

    Raises PackageError for what is no package, FormError for limits that are wrong.
    """
    held = current_limits()
    return open_bytes(read_file(path, held), str(path), held)


def open_bytes(data: bytes, file: str, limits: Limits = LIMITS) -> Package:
    """The package of a file's bytes; of a workbook in another format one made of it. Raises PackageError."""
    if data[:2] == b"PK":
        package = Package(data, file, limits)
        if not foreign.is_other_zip(package.entries):
            return package
    # nothing of it is imported for a plain workbook
    from perfxl.workbook.other_formats import convert_package

    return convert_package(data, file, limits)


def read_file(path: Path, limits: Limits = LIMITS) -> bytes:
    """A file's bytes. Raises PackageError for one that is missing, empty, too large, or a pipe, a device, a socket."""
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
        raise PackageError(file=file, what="unreadable", problem=getattr(error, "strerror", None) or "") from error
    if not data:
        raise PackageError(file=file, what="empty")
    if len(data) > limits.file:  # it has grown since
        raise PackageError(file=file, what="too_large", size=len(data), limit=limits.file)
    return data
