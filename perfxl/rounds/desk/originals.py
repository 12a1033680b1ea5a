"""The originals of the files that arrived, each kept under the digest of its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from perfxl.batch import output as files
from perfxl.errors import RoundError
from perfxl.rounds.arrivals import Arrival, read_bytes
from perfxl.rounds.collect import ArrivalResult
from perfxl.rounds.round import Round


def original_path(round: Round, digest: str) -> Path:
    """Return where an original is kept."""
    return round.path("originals") / digest[:2] / digest[2:]


def keep_originals(round: Round, results: Iterable[ArrivalResult]) -> None:
    """Keep files under their digests; of secret ones no copy is kept. They last when this returns.

    Raises OutputFailed where they cannot be written, RoundError for a file that is no longer what was read.
    """
    if not round.store.exists():  # a share that dropped out: folders of the same name would be made in its place
        raise RoundError(what="gone", file=str(round.folder))
    written: set[Path] = set()
    for result in results:
        if result.verdict != "secret" and (folder := _keep_original(round, result.arrival)):
            written |= {folder, folder.parent}
    files.sync_folders(sorted(written))


def _keep_original(round: Round, arrival: Arrival) -> Path | None:
    """Keep a file under its digest; return the folder that it was written to, None where it is there already."""
    target = original_path(round, arrival.digest)
    if arrival.item is None or _holds(target, arrival.digest):
        return None
    data = read_bytes(arrival.item)
    if data is None or sha256(data).hexdigest() != arrival.digest:
        raise RoundError(what="file_changed", file=arrival.name)
    files.write_file(target, data, sync=True)
    return target.parent


def _holds(path: Path, digest: str) -> bool:
    try:
        return sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False
