"""A round is proved: its store against its own events, and against the files that lie in its folders."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from perfxl import messages
from perfxl.batch.output import TEMPORARY
from perfxl.rounds.desk.originals import original_path
from perfxl.rounds.desk.returning import returns_of
from perfxl.rounds.round import Round, language_of
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.proof import NOT_KEPT, Problem, check_store

HINTS = ("unknown",)
"""The kinds of problems that are none: a file that no row knows, as after a run that was killed."""


def verify(round: Round) -> tuple[Problem, ...]:
    """Return all that is not as it must be. It only reads, and does so while another desk writes."""
    with open_store(round.store, write=False) as store:
        proved = check_store(store, lambda digest: _read(original_path(round, digest)))
        delivered = store.states("delivery")  # those of runs that were taken back, too: their originals stay
        issued = {row.file: (row.id, row.digest) for row in store.issued()}  # the last one of a name counts
        returned = {
            file: (entry.id, digest)
            for entry in returns_of(store)
            for file, digest in zip(entry.files, entry.digests, strict=True)
        }
    own = f"{messages.say('rounds.sending.file', {}, language_of(round))}.xlsx"
    return (
        *proved,
        *_against_files(round.path("issued"), "issued", issued),
        *_against_files(round.path("returned"), "returned", returned),
        *_against_deliveries(round, delivered),
        *_unknown(round.path("returned"), "returned", {*returned, own}),
    )


def _against_files(folder: Path, about: str, files: Mapping[str, tuple[int, str]]) -> Iterator[Problem]:
    """Yield the files that were written and are gone, or hold other bytes."""
    for file, (row, digest) in files.items():
        data = _read(folder / file)
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            facts = {"name": file, "digest": digest}
            yield Problem("missing" if data is None else "altered", about, str(row), facts)


def _against_deliveries(round: Round, delivered: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield the originals that no delivery has, and those of which no copy may be kept."""
    verdicts: dict[str, set[str]] = {}
    for row in delivered.values():
        verdicts.setdefault(row["digest"], set()).add(row["verdict"])
    folder = round.path("originals")
    names = {f"{digest[:2]}/{digest[2:]}" for digest in verdicts}
    yield from _unknown(folder, "original", names)
    for key, row in delivered.items():
        if verdicts[row["digest"]] <= {*NOT_KEPT} and row["digest"]:
            path = original_path(round, row["digest"])
            if path.exists():
                yield Problem("secret_kept", "delivery", key, {"name": row["name"], "file": str(path)})


def _unknown(folder: Path, about: str, known: Collection[str]) -> Iterable[Problem]:
    """Yield the files of a folder that no row knows."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in known and not path.name.startswith(TEMPORARY):
            yield Problem("unknown", about, name, {"name": str(path)})


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
