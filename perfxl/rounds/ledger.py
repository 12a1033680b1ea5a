"""The knowledge of a round before a run: the files that came, and the history of each project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from perfxl.errors import PerfxlError
from perfxl.rounds.arrivals import ArrivedSheet
from perfxl.rounds.merging import DraftHistory
from perfxl.rounds.model import ProjectKey

Verdict = Literal[
    "taken", "old_form", "question", "known", "same", "blank", "unreadable", "no_form", "not_ours", "not_this",
    "secret", "growing",
]  # fmt: skip
"""收到 a new draft; 旧表样 one on an older version of the form; 待确认 a person is asked; 已有 the same bytes, or the
same answers, again; 空表 blank; 打不开 cannot be opened; 其他文件 no form of perfxl's; 非本单位表 of a unit that is not
in the round; 非本次表 of another year, form, phase or issue value; 涉密 secret; 还在写入 left for the next run."""

VERDICTS: tuple[Verdict, ...] = (
    "question", "unreadable", "not_ours", "not_this", "no_form", "secret", "growing", "old_form", "taken", "same",
    "blank", "known",
)  # fmt: skip
"""In the order of how much they ask of a person: a file has the first of its sheets'."""

TRIED_ANEW: tuple[Verdict, ...] = ("unreadable", "no_form", "not_ours", "not_this")
"""Verdicts that stand only for this version of perfxl and this registry: another one may know such files or sheets."""

KEPT: tuple[Verdict, ...] = ("taken", "old_form", "question")
"""Verdicts of the sheets that are kept as drafts."""

COUNTING: tuple[Verdict, ...] = ("taken", "old_form")
"""Verdicts of the sheets that count at once."""


class CountingDraft(NamedTuple):
    """The draft of a project that counts now; ``own``: it is out of the delivery at hand."""

    key: ProjectKey
    draft: int
    own: bool


@dataclass(frozen=True)
class EarlierDelivery:
    """The first delivery of the same bytes.

    ``arrived``: an ISO time; ``error``: why it could not be taken; ``stands``: it is of no use to look at it again;
    ``settled``: the projects whose sheets were taken out of it, though others could not be; ``drafts``: those that
    count now of the projects whose sheets it had.
    """

    name: str
    arrived: str
    verdict: Verdict
    error: PerfxlError | None = None
    stands: bool = True
    settled: frozenset[ProjectKey] = frozenset()
    drafts: tuple[CountingDraft, ...] = ()


@dataclass(frozen=True)
class ProjectHistory:
    """The history of a project: its drafts; the sheet of the one that counts.

    ``copied``: a person was asked before whether its counting draft is another unit's.
    """

    known: DraftHistory = field(default_factory=DraftHistory)
    sheet: ArrivedSheet | None = None
    copied: bool = False


@dataclass(frozen=True)
class Ledger:
    """The knowledge before a run: the files that came, by their digests, and the projects' histories."""

    deliveries: Mapping[str, EarlierDelivery] = field(default_factory=dict)
    projects: Mapping[ProjectKey, ProjectHistory] = field(default_factory=dict)

    def stands(self, digest: str) -> bool:
        """Return True for the bytes of an earlier delivery that are not looked at again."""
        earlier = self.deliveries.get(digest)
        return earlier is not None and earlier.stands
