"""Files written whole or not at all, and never over another without leave."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from perfxl.errors import OutputExists, OutputFailed, PerfxlError, reason_of
from perfxl.workbook.sheet.file_name import is_reserved

TEMPORARY = ".perfxl-"
"""The beginning of the names of what is not finished yet."""


def is_folder(path: Path) -> bool:
    """Return True for a folder that is there; False for a name that no file can have, too."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_for_several(path: Path) -> bool:
    """Return True for a folder that is there, and for a name without an ending, which becomes one."""
    return is_folder(path) or not path.suffix


def check_free(paths: Iterable[Path], force: bool) -> None:
    """Make sure, before any work is done, that these files can be written; clear away what a killed call left there.

    Raises OutputExists for the first that stands there already, be it a link to nothing, OutputFailed where no file
    can be.
    """
    folders = {_check_path(path, force) for path in paths}
    for folder in folders:
        _sweep(folder)


def write_free(path: Path, data: bytes, force: bool) -> None:
    """Write a file where none stands, unless ``force``. Raises OutputExists, OutputFailed.

    One that holds these bytes may stand there: a worker that died had written it, and its work is done again.
    """
    if not _holds(path, data):
        check_free([path], force)
        write_file(path, data)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and path.read_bytes() == data
    except (OSError, ValueError):
        return False


def _check_path(path: Path, force: bool) -> Path:
    """Return the folder that is there, below which a file can be written. Raises OutputExists, OutputFailed."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        there = path.exists() or path.is_symlink()
        if there and not force:
            raise OutputExists(file=str(path))
        if path.exists() and not path.is_file():
            raise OutputFailed(file=str(path), reason="no_plain_file", written=())
        return _check_folder(path)
    except (OSError, ValueError) as error:
        raise OutputFailed(file=str(path), reason=reason_of(error), written=()) from error


def _check_folder(path: Path) -> Path:
    """Return the folder that is there, in which a file, and the folders above it, can be made."""
    folder = next(above for above in path.absolute().parents if above.exists() or above.is_symlink())
    if not folder.exists():
        raise OutputFailed(file=str(path), reason="link_to_nothing", written=())
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "")
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "")
    if any(is_reserved(part) for part in path.absolute().relative_to(folder).parts):
        raise ValueError(path.name)
    return folder


def text_bytes(text: str) -> bytes:
    """Return a text as the bytes of a file for old Notepads, which know UTF-8 by its mark and lines by both ends."""
    return ("\ufeff" + text.replace("\n", "\r\n")).encode()


def write_file(path: Path, data: bytes, sync: bool = False) -> None:
    """Write a file whole or not at all. Raises OutputFailed, with the reason.

    A link gives way to the file: what it points to stays as it is. ``sync``: its bytes are on the disk before it has
    its name, so that no failure of power leaves an empty file; ``sync_folders`` then makes the name last.
    """
    with stream_file(path) as stream:
        stream.write(data)
        if sync:
            stream.flush()
            os.fsync(stream.fileno())


@contextmanager
def stream_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file piece by piece under another name beside its place; at the end it is renamed. Raises OutputFailed.

    Where anything goes wrong in between, nothing of it stays.
    """
    try:
        with replaced(path) as temporary, temporary.open("wb") as stream:
            yield stream
    except OSError as error:
        raise OutputFailed(file=str(path), reason=reason_of(error), written=()) from error


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield an empty file beside a path, which takes its place at the end, or is removed on any error.

    What a killed process leaves of it is swept by the next one that writes in that folder. Raises OutputFailed.
    """
    with _refusals(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep_once(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{_prefix()}{os.getpid()}-")
        os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        with _refusals(path):
            temporary.chmod(0o666 & ~umask)  # a temporary file is its owner's alone
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class PendingFiles:
    """Files that stand beside their places until all are written; see ``write_together``."""

    def __init__(self, stack: ExitStack, force: bool) -> None:
        self._stack, self._force = stack, force
        self.paths: list[Path] = []
        self.placed: list[Path] = []
        self.given_up = False

    def write(self, path: Path, data: bytes) -> None:
        """Write a file beside its place. Raises OutputExists, OutputFailed."""
        _check_path(path, self._force)
        self._stack.push(lambda kind, *_: None if kind else self.placed.append(path))
        with _refusals(path):
            self._stack.enter_context(replaced(path)).write_bytes(data)
        self.paths.append(path)

    def give_up(self) -> None:
        """Have none of the files take its place."""
        self.given_up = True


class _GivenUp(Exception):
    """The files are not wanted any more."""


@contextmanager
def write_together(force: bool) -> Iterator[PendingFiles]:
    """Write several files, which take their places at the end; where anything goes wrong before, none of them does.

    Raises OutputFailed where one cannot take its place, with those that had taken theirs.
    """
    with suppress(_GivenUp), ExitStack() as stack:
        pending = PendingFiles(stack, force)
        yield pending
        if pending.given_up:
            raise _GivenUp
        try:
            stack.close()
        except OutputFailed as error:
            raise name_written([error], pending.placed)[0] from error


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Raise what the system refuses as an OutputFailed about this file, a name that no file can have, too."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise OutputFailed(file=str(path), reason=reason_of(error), written=()) from error


def sync_folders(folders: Iterable[Path]) -> None:
    """Have the names in these folders on the disk, where the system can be asked for it. Raises OutputFailed."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    for folder in folders:
        try:
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some shares cannot, and need not
                raise OutputFailed(file=str(folder), reason=reason_of(error), written=()) from error


def name_written(refused: Sequence[PerfxlError], written: Iterable[Path | None]) -> list[PerfxlError]:
    """Return the errors of a call, the last file that could not be written with those that were."""
    told = list(refused)
    failed = [at for at, error in enumerate(told) if isinstance(error, OutputFailed)]
    if failed:
        facts = {**told[failed[-1]].facts, "written": [str(path) for path in written if path]}
        told[failed[-1]] = OutputFailed(**facts)
    return told


def _prefix() -> str:
    """Return how the temporary files begin that this machine makes: another's processes cannot be asked for."""
    return f"{TEMPORARY}{zlib.crc32(socket.gethostname().encode()):08x}-"


@lru_cache(maxsize=1024)
def _sweep_once(folder: Path) -> None:
    """Sweep a folder before this process first writes there: a folder of many files is not listed for each."""
    _sweep(folder)


def _sweep(folder: Path) -> None:
    """Remove the temporary files that a killed process of this machine left in a folder."""
    with suppress(OSError):
        for path in folder.glob(f"{_prefix()}*"):
            if not _is_running(path.name.removeprefix(_prefix()).partition("-")[0]):
                with suppress(OSError):  # on Windows no file can be removed that is open
                    path.unlink()


def _is_running(number: str) -> bool:
    """Return True if there is a process of this number, as far as that can be asked without ending it."""
    if os.name == "nt" or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it belongs to another person
        return True
    return True
