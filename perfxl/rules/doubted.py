"""The checks of the group RD: what reading a sheet left in doubt. One kind of doubt a check."""

from collections.abc import Callable, Iterator

from perfxl.rules.base import Hit, Subject

SHEET = "unit"
"""What is said of a whole sheet stands on the line that names the unit."""


def doubted(kind: str) -> Callable[[Subject], Iterator[Hit]]:
    """The check that says every doubt of this kind."""

    def check(subject: Subject) -> Iterator[Hit]:
        for doubt in subject.seen.doubts if subject.seen else ():
            if doubt.kind == kind:
                yield Hit(doubt.fields or (SHEET,), doubt.facts)

    return check
