"""A file that a verb made: written to a path, or kept in memory where it was not to be written."""

from __future__ import annotations

from pathlib import Path


class MadeFile:
    """What the results of verbs that make files share; a dataclass derived from it has these two fields.

    ``path``: where the file was written, its bytes then being there and no more kept; None where it was not.
    """

    path: Path | None
    kept: bytes | None

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        if self.kept is not None:
            return self.kept
        assert self.path is not None
        return self.path.read_bytes()
