"""A cache for readers of parts: workbooks of the same origin have the same styles and relationships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from perfxl.workbook.ooxml.package import Package

T = TypeVar("T")


class PartCache(Generic[T]):
    """A reader of parts that remembers its results for the last few parts.

    Parts are recognised by their name and bytes; results for large parts are not kept. A caller must not change the
    result.
    """

    COUNT, SIZE = 32, 100_000  # parts that are remembered, and bytes of the largest of them

    def __init__(self, read: Callable[[Package, str], T]) -> None:
        self._read = read
        self._known: dict[tuple[str, bytes], T] = {}

    def __call__(self, package: Package, part: str) -> T:
        """Return the reader's result for a part."""
        key = (part, package.read(part))
        if key not in self._known:
            result = self._read(package, part)
            if len(key[1]) > self.SIZE:
                return result
            while len(self._known) >= self.COUNT:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = result
        return self._known[key]
