"""Folders are watched: whatever is new in them, and no longer grows, is taken in.

They are listed every few seconds. The events that systems send are not used: none comes from a share.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_IGNORED = ("~$", ".")
"""The beginnings of names of what programs leave behind, or have not finished."""

_Stamp = tuple[str, int, int]
"""A file's path, its size in bytes, and the time of its last change in nanoseconds."""


def watch(
    look: Callable[[], bool],
    places: Sequence[Path],
    wait: Callable[[], object],
    tell: Callable[[Sequence[Path]], object],
) -> None:
    """Have a look taken whenever files came that are the same after a while; it goes on until ``wait`` raises.

    ``look``: returns whether it is done with all that is there; if not, it is called again after the next wait.
    ``tell``: called with the places that cannot be reached, as a share that dropped out, whenever these are others.
    """
    done: frozenset[_Stamp] = frozenset()
    before: frozenset[_Stamp] | None = None
    lost: tuple[Path, ...] = ()
    while True:
        if lost != (lost := tuple(place for place in places if not _is_reached(place))):
            tell(lost)
        here = frozenset(_stamps(places))
        if here == before and here - done and look():
            done = here
        before = here
        wait()


def _is_reached(place: Path) -> bool:
    """Return whether a place can be read; of a folder on a share that is gone, a system may still know the name."""
    try:
        place.stat()
        if place.is_dir():
            os.scandir(place).close()
    except OSError:
        return False
    return True


def _stamps(places: Sequence[Path]) -> Iterator[_Stamp]:
    for place in places:
        for path in _files(place):
            try:
                found = path.stat()
            except OSError:  # gone again, or its share is
                continue
            if stat.S_ISREG(found.st_mode):
                yield str(path), found.st_size, found.st_mtime_ns


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for here, _, names in os.walk(place):
        yield from (Path(here, name) for name in names if not name.startswith(_IGNORED))
