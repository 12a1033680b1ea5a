"""The originals of the files that arrived, each kept under the digest of its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from perfxl.batch import output as files
from perfxl.errors import RoundError
from perfxl.rounds.arrivals import read_bytes
from perfxl.rounds.collect import ArrivalResult
from perfxl.rounds.round import FILE, Round


def original_path(round: Round, digest: str) -> Path:
    """Return where an original is kept."""
    return round.path("originals") / digest[:2] / digest[2:]


def keep_original(round: Round, result: ArrivalResult) -> bool:
    """Keep a file under its digest, but no copy of a secret one. Return False where it holds something else by now.

    It lasts once its folders are synced, too. Raises OutputFailed where it cannot be written.
    """
    arrival = result.arrival
    if result.verdict == "secret" or not arrival.digest or arrival.item is None:
        return True
    check_there(round)
    target = original_path(round, arrival.digest)
    if not _holds(target, arrival.digest):
        data = read_bytes(arrival.item)
        if data is None or sha256(data).hexdigest() != arrival.digest:
            return False
        files.write_file(target, data, sync=True)
    return True


def check_there(round: Round) -> None:
    """Raise RoundError for a share that dropped out: folders of the same name would be made in its place."""
    sign = round.store if isinstance(round.store, Path) else round.folder / FILE
    if not sign.exists():
        raise RoundError(what="gone", file=str(round.folder))


def sync_originals(round: Round, digests: Iterable[str]) -> None:
    """Have the originals of these digests last."""
    folders = {original_path(round, digest).parent for digest in digests}
    files.sync_folders(sorted(folder for folder in {*folders, *(one.parent for one in folders)} if folder.is_dir()))


def _holds(path: Path, digest: str) -> bool:
    try:
        return sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False
