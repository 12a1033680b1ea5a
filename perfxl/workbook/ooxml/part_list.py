"""A part that lists others, the content types or a part's relationships, to which entries are added at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from perfxl.workbook.ooxml.edit import Splice, append_to, apply_splices, outline
from perfxl.workbook.ooxml.package import Package


class PartList:
    """A list of parts that is changed: it is parsed once, and written once with all changes.

    ``root``: the name of its root element; ``entries``: the attributes of its entries, those of added ones among them.
    Raises PackageError for a part that is no well-formed XML or exceeds a limit.
    """

    def __init__(self, data: bytes, package: Package, part: str) -> None:
        self._data = data
        self._whole, *self._own = outline(data, 2, package, part)
        self._changes: list[Splice] = []
        self._added: list[str] = []
        self.root = self._whole.name
        self.entries: list[Mapping[str, str]] = [span.attributes for span in self._own]

    def add(self, entry: str, **attributes: str) -> None:
        """Add an entry, an element without a prefix, at the end. ``attributes``: those of it by which it is found."""
        self._added.append(entry)
        self.entries.append(attributes)

    def remove(self, is_gone: Callable[[Mapping[str, str]], bool]) -> None:
        """Remove those entries of the part itself of whose attributes this is true."""
        gone = [span for span in self._own if is_gone(span.attributes)]
        self._own = [span for span in self._own if span not in gone]
        self._changes += [Splice(span.start, span.end, b"") for span in gone]
        self.entries = [attributes for attributes in self.entries if not is_gone(attributes)]

    def result(self) -> bytes:
        """Return the part with all changes."""
        added = [append_to(self._data, self._whole, "".join(self._added))] if self._added else []
        return apply_splices(self._data, [*self._changes, *added])
