"""The originals of the files that arrived, each kept under the digest of its bytes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from perfxl.batch import output as files
from perfxl.rounds.arrivals import read_bytes
from perfxl.rounds.collect import ArrivalResult
from perfxl.rounds.round import Round


def original_path(round: Round, digest: str) -> Path:
    """Return where an original is kept."""
    return round.path("originals") / digest[:2] / digest[2:]


def keep_original(round: Round, result: ArrivalResult) -> bool:
    """Keep a file under its digest, but no copy of a secret one. Return False where it holds something else by now."""
    arrival = result.arrival
    if result.verdict == "secret" or not arrival.digest or arrival.item is None:
        return True
    target = original_path(round, arrival.digest)
    if not target.exists():
        data = read_bytes(arrival.item)
        if data is None or sha256(data).hexdigest() != arrival.digest:
            return False
        files.write_file(target, data)
    return True
