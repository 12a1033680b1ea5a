"""Readers of parts that keep what they last read: workbooks of one origin share their styles and relationships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from perfxl.workbook.ooxml.package import Package

T = TypeVar("T")


class PartCache(Generic[T]):
    """A reader of parts that knows the last few it has read: workbooks of one origin share their styles and relations.

    Parts are known by their name and bytes, large ones are not kept; what is returned must not be changed.
    """

    COUNT, SIZE = 32, 100_000

    def __init__(self, read: Callable[[Package, str], T]) -> None:
        self._read = read
        self._known: dict[tuple[str, bytes], T] = {}

    def __call__(self, package: Package, part: str) -> T:
        """What the reader makes of the part."""
        key = (part, package.read(part))
        if key not in self._known:
            made = self._read(package, part)
            if len(key[1]) > self.SIZE:
                return made
            while len(self._known) >= self.COUNT:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = made
        return self._known[key]
