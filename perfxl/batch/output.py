"""Files written whole or not at all, and never over another without leave."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from perfxl.errors import OutputExists, OutputFailed


def check_free(paths: Iterable[Path], force: bool) -> None:
    """Make sure, before any work is done, that these files can be written.

    Raises OutputExists for the first that stands there already, OutputFailed where no file can be.
    """
    for path in paths:
        try:
            if path.is_dir():
                raise IsADirectoryError(None, "Is a directory")
            if path.exists() and not force:
                raise OutputExists(file=str(path))
            folder = next(above for above in path.absolute().parents if above.exists())
            if not folder.is_dir():
                raise NotADirectoryError(None, "Not a directory")
            if not os.access(folder, os.W_OK):
                raise PermissionError(None, "Permission denied")
        except OSError as error:
            raise OutputFailed(file=str(path), problem=error.strerror or str(error)) from error


def write_file(path: Path, data: bytes) -> None:
    """Write a file under another name beside its place and rename it. Raises OutputFailed, with the reason."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".perfxl-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)  # a temporary file is its owner's alone
            temporary.replace(path)
        except BaseException:
            temporary.unlink()
            raise
    except OSError as error:
        raise OutputFailed(file=str(path), problem=error.strerror or str(error)) from error
