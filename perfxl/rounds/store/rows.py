"""The rows of the store beside the registry, as values. ``id``: the number of the row, 0 for one not yet kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from perfxl.rounds.model import ProjectKey, RegisteredProject


@dataclass(frozen=True)
class KeptProject:
    """A project with what became of it: ``state`` is active, dropped, merged or unasked (came in, never asked for).

    ``merged_into``: the project that has it now; ``renamed_from``: its name before the last registry, empty for none.
    """

    project: RegisteredProject
    state: str
    merged_into: ProjectKey | None = None
    renamed_from: str = ""


@dataclass(frozen=True)
class CollectorRun:
    """A run of the collector; ``version``: that of perfxl; ``undone``: it was taken back, and nothing of it counts."""

    id: int
    at: str
    who: str
    version: str
    undone: bool


@dataclass(frozen=True)
class IssuedWorkbook:
    """A workbook that was issued to a unit; ``draft``: the number printed on it; ``given``: its form and numbers."""

    unit: str
    draft: int
    digest: str
    file: str
    given: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    id: int = 0


@dataclass(frozen=True)
class Delivery:
    """A file that arrived in a run; ``verdict`` a word, ``reason`` its sentence, in JSON; ``arrived`` an ISO time."""

    run: int
    digest: str
    name: str
    source: str
    arrived: str
    verdict: str
    reason: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def file_name(self) -> str:
        """The file's own name, without the folder or zip that it came in."""
        return PurePosixPath(self.name.replace("\\", "/").rpartition(":")[2]).name


@dataclass(frozen=True)
class KeptFinding:
    """A finding of a submission, as JSON data; ``state``: see ``rounds.states`` and RULINGS.

    ``follows``: the finding of the draft before that says the same, None where none does.
    """

    code: str
    severity: str
    fields: tuple[str, ...] = ()
    cell: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    state: str = "open"
    submission: int = 0
    follows: int | None = None
    id: int = 0


@dataclass(frozen=True)
class KeptSubmission:
    """One project's record out of a delivery; ``draft`` counts its arrivals; ``answers``: the digest of the answers.

    ``notes``: its explanations, each with the code that names what is explained; ``counts``: it is the draft that
    counts.
    """

    delivery: int
    project: ProjectKey
    draft: int
    sheet: str
    record: Mapping[str, Any]
    answers: str
    notes: tuple[Any, ...] = ()
    counts: bool = False
    findings: tuple[KeptFinding, ...] = ()
    id: int = 0


@dataclass(frozen=True)
class DraftArrival:
    """A submission without its record: its project, and the ISO time at which it came."""

    id: int
    project: ProjectKey
    draft: int
    counts: bool
    arrived: str
    delivery: int = 0


@dataclass(frozen=True)
class Explanation:
    """An explanation (出错说明) of a finding, verbatim; ``refused``: the word for why it is not taken for one."""

    finding: int
    text: str
    refused: str = ""
    who: str = ""
    at: str = ""
    id: int = 0


@dataclass(frozen=True)
class KeptRemark:
    """An officer's remark (人工意见) on a submission; ``state``: open until she closes it (done), or taken_back."""

    submission: int
    what: str
    todo: str = ""
    field: str = ""
    cell: str = ""
    state: str = "open"
    who: str = ""
    at: str = ""
    id: int = 0


@dataclass(frozen=True)
class KeptDecision:
    """A person's decision: ``about`` is a table's name and ``key`` the row's; before, after and why."""

    what: str
    about: str
    key: str
    before: Any = None
    after: Any = None
    why: str = ""
    who: str = ""
    at: str = ""
    id: int = 0


@dataclass(frozen=True)
class Question:
    """Something only a person can say; ``closed``: the decision that closed it, None while it is open."""

    project: ProjectKey
    submissions: tuple[int, ...]
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    opened: str = ""
    closed: int | None = None
    run: int | None = None
    id: int = 0


@dataclass(frozen=True)
class Event:
    """One change: who, when, in which run, what was done to which row; ``facts`` have its state before and after."""

    id: int
    at: str
    who: str
    run: int | None
    what: str
    about: str
    key: str
    facts: Mapping[str, Any]
