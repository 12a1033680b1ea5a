"""Data that is gone through again without being held in memory: a temporary file, a line for each value."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any


class Spool:
    """Values of JSON data in a temporary file."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def put(self, value: Any) -> None:
        """Keep a value, after those that are kept."""
        self._stream.write(json.dumps(value, allow_nan=False, default=_plain) + "\n")

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
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stream:
        yield Spool(stream)
