"""Data that is gone through again without being held in memory: a temporary file, a line for each value."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from perfxl.json_data import dumps


class Spool:
    """Values of JSON data in a temporary file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._end = 0

    def put(self, value: Any) -> int:
        """Keep a value, after those that are kept; return the place where it stands."""
        place, line = self._end, dumps(value).encode() + b"\n"
        self._stream.seek(place)
        self._stream.write(line)
        self._end += len(line)
        return place

    def at(self, place: int) -> Any:
        """Return the value at a place that ``put`` gave."""
        self._stream.seek(place)
        return json.loads(self._stream.readline())

    def all(self) -> Iterator[Any]:
        """Yield the values in the order in which they were put."""
        place = 0
        while place < self._end:
            self._stream.seek(place)
            line = self._stream.readline()
            place += len(line)
            yield json.loads(line)


@contextmanager
def spool() -> Iterator[Spool]:
    """Yield a spool, which is gone at the end."""
    with tempfile.TemporaryFile() as stream:
        yield Spool(stream)
