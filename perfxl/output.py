"""Files written whole or not at all, and never over another without leave."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from perfxl.errors import OutputExists, OutputFailed


def free(paths: Iterable[Path], force: bool) -> None:
    """Makes sure that nothing stands where something is going to be written. Raises OutputExists for the first."""
    for path in paths:
        if path.exists() and (not force or path.is_dir()):
            raise OutputExists(file=str(path))


def write(path: Path, data: bytes) -> None:
    """Writes a file under another name beside its place and renames it. Raises OutputFailed, with the reason."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".perfxl-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(temporary, 0o666 & ~umask)  # a temporary file is its owner's alone
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise OutputFailed(file=str(path), problem=error.strerror or str(error)) from error
