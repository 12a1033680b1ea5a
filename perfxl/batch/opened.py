"""The verbs over many files: read, check, flag, correct all. Nothing is printed here; one bad file stops no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from perfxl.batch.inbox import Item
from perfxl.errors import PerfxlError
from perfxl.rules import Policy
from perfxl.rules.policy import default_policy
from perfxl.rules.review import review
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.opinions.replies import AnsweredFindings, Findings, Replies, add_replies, read_replies
from perfxl.workbook.reading.read import Reading, read_workbook

Work = TypeVar("Work")

RECORDS = (".yaml", ".yml", ".json")
"""How the names of records files end."""


@dataclass(frozen=True, eq=False)
class OpenedFile:
    """One file that was read: its workbook, what its form sheets hold, what people wrote into its 审核意见."""

    item: Item
    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """The form sheets' records."""
        return tuple(reading.submission for reading in self.readings)


@dataclass(frozen=True, eq=False)
class Inbox:
    """All files of a call: those that were read, and why each of the others could not be."""

    opened: tuple[OpenedFile, ...]
    refused: tuple[PerfxlError, ...]

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """The form sheets of all files."""
        return tuple(submission for file in self.opened for submission in file.submissions)


def open_items(items: Iterable[Item]) -> Inbox:
    """Reads every file."""
    found: list[OpenedFile] = []
    refused: list[PerfxlError] = []
    for item in items:
        try:
            workbook = Workbook(item.package())
            found.append(OpenedFile(item, workbook, read_workbook(workbook), read_replies(workbook)))
        except PerfxlError as error:
            refused.append(error)
    return Inbox(tuple(found), tuple(refused))


def answer_files(opened: Sequence[OpenedFile], policy: Policy | None) -> Iterator[tuple[OpenedFile, AnsweredFindings]]:
    for file, findings in zip(opened, review_files(opened, policy), strict=True):
        yield file, add_replies(findings, file.replies, policy or default_policy())


def review_files(opened: Sequence[OpenedFile], policy: Policy | None) -> list[Findings]:
    """What the rules find in each file, by its sheets; all are held against each other."""
    found = review([each for file in opened for each in file.submissions], policy)
    by_sheet = {id(submission): tuple(findings) for submission, findings in found}
    return [[(reading, by_sheet[id(reading.submission)]) for reading in file.readings] for file in opened]


def place_results(
    items: Mapping[int, Item], inbox: Inbox, made: Iterable[Work]
) -> tuple[dict[int, Work], dict[int, PerfxlError]]:
    """What was made of each file that could be read, and why the others could not, by the files' places."""
    read = {id(each.item) for each in inbox.opened}
    places = [at for at, item in items.items() if id(item) in read]
    others = [at for at, item in items.items() if id(item) not in read]
    return dict(zip(places, made, strict=True)), dict(zip(others, inbox.refused, strict=True))
