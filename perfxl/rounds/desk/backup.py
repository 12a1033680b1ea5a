"""A round as one file: its store, what it is made of, what came and what went out; and a round made of such a file."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import DAMAGED
from perfxl.errors import FormError, OutputExists, OutputFailed, RoundError, StoreError, reason_of
from perfxl.form.source import read_text
from perfxl.rounds.desk.round_store import is_begun
from perfxl.rounds.round import FILE, STORE, Round, open_round, text_with_store
from perfxl.rounds.store import opening
from perfxl.workbook.sheet.file_name import is_reserved

KEPT = ("issued", "originals", "returned")
"""The folders of a round that are in a backup: what lies in the inbox and was taken in is among the originals."""
OWN_FORMS = "forms"

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same round gives the same bytes
_PIECE = 1 << 20
_PACKED = (".xlsx", ".xlsm", ".xlsb", ".ods", ".zip", ".jpg", ".png")


def write_backup(round: Round, target: Path, progress: Progress | None = None) -> int:
    """Write a round as one zip, while it may be in use; return the number of files in it.

    Whatever its database, the store in it is an SQLite file, so that it can be restored anywhere. It is copied first:
    whatever it tells of is there by then, since originals are written before their rows.
    Raises OutputExists, OutputFailed, StoreError.
    """
    files.check_free([target], force=False)
    with _scratch(target) as folder:
        copied, told = folder / STORE, folder / FILE
        if is_begun(round):
            opening.backup(round.store, copied)
        files.write_file(told, text_with_store(read_text(round.folder / FILE), "").encode())
        members = [(path, path.name) for path in (copied, told) if path.exists()]
        members += [(path, path.relative_to(round.folder).as_posix()) for path in _files_of(round)]
        made = folder / "backup.zip"
        try:
            with zipfile.ZipFile(made, "w", allowZip64=True) as archive:
                for done, (path, name) in enumerate(members, start=1):
                    _add(archive, path, name)
                    if progress:
                        progress(done, len(members))
            with made.open("rb+") as stream:
                os.fsync(stream.fileno())
            made.replace(target)
        except (OSError, ValueError) as error:
            raise OutputFailed(file=str(target), reason=reason_of(error), written=()) from error
    return len(members)


def restore_backup(source: Path, target: Path, progress: Progress | None = None, store: str = "") -> Round:
    """Make the folder of a round from its backup, whole or not at all. ``store``: the URL of a database for its store.

    Raises OutputExists for a folder in which something is, RoundError for a file that is no backup, or damaged,
    OutputFailed, StoreError.
    """
    _check_new(target)
    if store:
        opening.check_new(store)
    with _scratch(target) as scratch:
        folder = scratch / target.name
        try:
            with zipfile.ZipFile(source) as archive:
                members = _check_members(archive, source)
                _check_room(scratch, members, target)
                for done, member in enumerate(members, start=1):
                    _extract(archive, member, folder)
                    if progress:
                        progress(done, len(members))
        except OutputFailed:
            raise
        except DAMAGED as error:
            missing = isinstance(error, OSError) and not source.is_file()
            what = "no_backup" if missing else "damaged_backup"
            raise RoundError(what=what, file=str(source)) from error
        round = _check_round(folder, source, store)
        for key in round.folders:
            round.path(key).mkdir(exist_ok=True)
        try:
            if target.is_dir():
                target.rmdir()
            folder.rename(target)
        except OSError as error:
            raise OutputFailed(file=str(target), reason=reason_of(error), written=()) from error
    return open_round(target)


def _files_of(round: Round) -> Iterator[Path]:
    """Yield the files of a round that are kept beside its store, in the order of their names."""
    rules = round.rules_file
    if rules is not None and rules.is_file() and rules.resolve().is_relative_to(round.folder.resolve()):
        yield round.folder / rules.resolve().relative_to(round.folder.resolve())
    for folder in (round.folder / OWN_FORMS, *map(round.path, KEPT)):
        for here, folders, names in os.walk(folder):
            folders.sort()
            for path in (Path(here, name) for name in sorted(names)):
                if not path.name.startswith(files.TEMPORARY) and stat.S_ISREG(path.lstat().st_mode):
                    yield path


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Add a file piece by piece; one that is packed already is stored as it is."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_STORED if path.suffix.lower() in _PACKED else zipfile.ZIP_DEFLATED
    info.file_size = path.stat().st_size  # so that zip64 is used where it is needed
    with path.open("rb") as stream, archive.open(info, "w") as member:
        shutil.copyfileobj(stream, member, _PIECE)


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """Yield a folder beside the target, on the same disk, that is removed in the end."""
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=target.absolute().parent, prefix=files.TEMPORARY))
    except (OSError, ValueError) as error:
        raise OutputFailed(file=str(target), reason=reason_of(error), written=()) from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _check_new(target: Path) -> None:
    """Make sure that a folder is not there, or empty."""
    try:
        if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
            raise OutputExists(file=str(target))
    except (OSError, ValueError) as error:
        raise OutputFailed(file=str(target), reason=reason_of(error), written=()) from error


def _check_members(archive: zipfile.ZipFile, source: Path) -> list[zipfile.ZipInfo]:
    """Return the files of a backup. Raises RoundError for one that lies outside, is no plain file, or stands twice."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    names: set[str] = set()
    for info in members:
        path, mode = PurePosixPath(info.filename), info.external_attr >> 16
        outside = path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in info.filename
        unfit = any(is_reserved(part) or part != part.rstrip(" .") for part in path.parts)
        no_file = (mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG)) or info.flag_bits & 1
        if outside or unfit or no_file or str(path).lower() in names:
            raise RoundError(what="foreign_member", file=str(source), member=info.filename)
        names.add(str(path).lower())
    if FILE not in names:
        raise RoundError(what="no_backup", file=str(source))
    return members


def _check_room(folder: Path, members: list[zipfile.ZipInfo], target: Path) -> None:
    if sum(info.file_size for info in members) > shutil.disk_usage(folder).free:
        raise OutputFailed(file=str(target), reason="no_space", written=())


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write one file of a backup; its checksum is checked at its end."""
    path = folder.joinpath(*PurePosixPath(member.filename).parts)
    with archive.open(member) as stream:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            target = path.open("xb")
        except OSError as error:
            raise OutputFailed(file=str(path), reason=reason_of(error), written=()) from error
        with target:
            while piece := stream.read(_PIECE):
                try:
                    target.write(piece)
                except OSError as error:
                    raise OutputFailed(file=str(path), reason=reason_of(error), written=()) from error


def _check_round(folder: Path, source: Path, store: str) -> Round:
    """Return the round that was unpacked, its store proved to be whole; ``store``: the URL that it is to have."""
    try:
        round = open_round(folder)
        kept = folder / STORE
        if kept.exists():
            unpacked = kept.rename(folder / f"{files.TEMPORARY}{STORE}")
            opening.restore(unpacked, store or kept)
            unpacked.unlink()
        if store:
            files.write_file(folder / FILE, text_with_store(read_text(folder / FILE), store).encode())
    except StoreError as error:
        if error.facts["what"] in ("damaged", "missing"):
            raise RoundError(what="damaged_backup", file=str(source)) from error
        of_copy = error.facts["file"] == str(folder / f"{files.TEMPORARY}{STORE}")
        raise StoreError(**{**error.facts, **({"file": str(source)} if of_copy else {})}) from error
    except FormError as error:
        raise RoundError(what="damaged_backup", file=str(source)) from error
    return round
