"""Data that is gone through again without being held in memory: a temporary file, a line for each value."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from perfxl.rounds.store.json_data import dumps


class Spool:
    """Values of JSON data in a temporary file."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def put(self, value: Any) -> None:
        """Keep a value, after those that are kept."""
        self._stream.write(dumps(value) + "\n")

    def all(self) -> Iterator[Any]:
        """Yield the values in the order in which they were put."""
        self._stream.seek(0)
        for line in self._stream:
            yield json.loads(line)


@contextmanager
def spool() -> Iterator[Spool]:
    """Yield a spool, which is gone at the end."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stream:
        yield Spool(stream)
