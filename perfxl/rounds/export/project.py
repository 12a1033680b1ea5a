"""A project of a round as it is exported: who was asked, where it stands, the record that counts, what was said of it.

It holds JSON data alone, so that it can stand in a temporary file while the files of an export are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from perfxl.rounds.states import TO_DO


@dataclass(frozen=True)
class ExportedProject:
    """A project with the draft that counts; ``draft``, ``record`` and what came with it are empty where nothing did.

    ``state``: a word of ``states.STATES``; ``resubmitted``: it was passed, and another sheet came since (通过后又报);
    ``unit_name``, ``parent``: of the unit; ``file``, ``sheet``, ``arrived``: where the record stood and when it came;
    ``given``: the values it was issued with; ``findings``: of this draft, ``remarks``: of all drafts, with their
    states; ``questions``: those that are open; ``decisions``: about the project and about these, what was decided about
    an earlier finding that one follows, too.
    """

    unit: str
    unit_name: str
    parent: str
    form: str
    number: int
    code: str
    name: str
    disclosure: str
    state: str
    resubmitted: bool = False
    draft: int | None = None
    file: str = ""
    sheet: str = ""
    arrived: str = ""
    given: Mapping[str, Any] | None = None
    record: Mapping[str, Any] | None = None
    findings: Sequence[Mapping[str, Any]] = ()
    remarks: Sequence[Mapping[str, Any]] = ()
    questions: Sequence[Mapping[str, Any]] = ()
    decisions: Sequence[Mapping[str, Any]] = ()

    @cached_property
    def to_do(self) -> Mapping[str, int]:
        """The number of findings by severity that still have to be put right or explained."""
        return Counter(str(found["severity"]) for found in self.findings if found["state"] in TO_DO)

    def plain(self) -> dict[str, Any]:
        """Return the project as JSON data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
