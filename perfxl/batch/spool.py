"""Data that is gone through again without being held in memory: a temporary file, a line for each value."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any


class Spool:
    """Values of JSON data in a temporary file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def put(self, value: Any) -> int:
        """Keep a value, after those that are kept; return its place."""
        place = self._stream.seek(0, io.SEEK_END)
        self._stream.write(json.dumps(value, allow_nan=False, default=_plain).encode() + b"\n")
        return place

    def at(self, place: int) -> Any:
        """Return the value at a place."""
        self._stream.seek(place)
        return json.loads(self._stream.readline())

    def all(self) -> Iterator[Any]:
        """Yield the values in the order in which they were put."""
        self._stream.seek(0)
        for line in self._stream:
            yield json.loads(line)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is no JSON data")


@contextmanager
def spool() -> Iterator[Spool]:
    """Yield a spool, which is gone at the end."""
    with tempfile.TemporaryFile() as stream:
        yield Spool(stream)
