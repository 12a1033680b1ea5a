"""The originals of the files that arrived, each kept under the digest of its bytes."""

from __future__ import annotations

from pathlib import Path

from perfxl.batch import output as files
from perfxl.rounds.arrivals import read_bytes
from perfxl.rounds.collect import ArrivalResult
from perfxl.rounds.round import Round


def original_path(round: Round, digest: str) -> Path:
    """Return where an original is kept."""
    return round.path("originals") / digest[:2] / digest[2:]


def keep_original(round: Round, result: ArrivalResult) -> None:
    """Keep a file under its digest; of secret ones no copy is kept."""
    arrival = result.arrival
    if result.verdict == "secret" or not arrival.digest or arrival.item is None:
        return
    target = original_path(round, arrival.digest)
    if not target.exists() and (data := read_bytes(arrival.item)) is not None:
        files.write_file(target, data)
