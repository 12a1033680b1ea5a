"""What became of many files: results and errors in the order of the files, in a temporary file where they are many."""

from __future__ import annotations

import pickle
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar, overload

from perfxl.errors import PerfxlError

Result = TypeVar("Result")

HELD = 4 << 20
"""So many bytes of results are held in memory."""


class Results(Sequence[Result]):
    """Results that come file by file, in any order. They must be picklable, and are read anew each time.

    Errors among them stand in ``refused``, in the order of the files, too.
    """

    def __init__(self) -> None:
        # open for as long as these results are
        self._stream = tempfile.SpooledTemporaryFile(max_size=HELD)  # noqa: SIM115
        self._end = 0
        self._pieces: dict[int, tuple[int, int]] = {}  # where the results of a file stand, and their number
        self._errors: dict[int, list[PerfxlError]] = {}

    @property
    def files(self) -> int:
        """The number of files that gave a result, or nothing; those that gave only errors are not counted."""
        return len(self._pieces)

    @property
    def refused(self) -> list[PerfxlError]:
        """The errors."""
        return [error for file in sorted(self._errors) for error in self._errors[file]]

    @property
    def next(self) -> int:
        """The place behind all files that are there."""
        return max((*self._pieces, *self._errors), default=-1) + 1

    def put(self, file: int, results: Iterable[Result | PerfxlError]) -> None:
        """Keep what became of a file, given by its place among all files, which is taken once."""
        assert file not in self._pieces
        assert file not in self._errors
        made: list[Result] = []
        errors: list[PerfxlError] = []
        for one in results:
            if isinstance(one, PerfxlError):
                errors.append(one)
            else:
                made.append(one)
        if errors:
            self._errors[file] = errors
        if made or not errors:
            self._pieces[file] = (self._end, len(made))
        if made:
            self._stream.seek(self._end)
            pickle.dump(made, self._stream, pickle.HIGHEST_PROTOCOL)
            self._end = self._stream.tell()

    def __len__(self) -> int:
        return sum(count for _, count in self._pieces.values())

    def __iter__(self) -> Iterator[Result]:
        for place, count in self._in_order():
            if count:
                yield from self._read(place)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Result]: ...

    def __getitem__(self, index: int | slice) -> Result | Sequence[Result]:
        if isinstance(index, slice):
            return tuple(self)[index]
        at = range(len(self))[index]
        pieces = self._in_order()
        ends = list(accumulate(count for _, count in pieces))
        piece = bisect_right(ends, at)
        place, count = pieces[piece]
        return self._read(place)[at - ends[piece] + count]

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has equal results in the same order."""
        if not isinstance(other, (Results, tuple, list)):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{len(self)} results of {self.files} files>"

    def _in_order(self) -> list[tuple[int, int]]:
        return [self._pieces[file] for file in sorted(self._pieces)]

    def _read(self, place: int) -> list[Result]:
        self._stream.seek(place)
        found: list[Result] = pickle.load(self._stream)  # noqa: S301  (what put wrote)
        return found
