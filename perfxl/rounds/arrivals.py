"""The files that arrived in a round's inbox, read: what they are, whose sheets they hold, when they were saved."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import DAMAGED, Item, Listed, list_items
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.form.installed import load
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.limits import current_limits
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import walk_elements
from perfxl.workbook.opinions.opinion_key import SheetKeys, sheet_keys
from perfxl.workbook.opinions.replies import Entry, read_replies
from perfxl.workbook.reading.read import read_workbook

CORE = "docProps/core.xml"
"""The part in which a program writes when it saved the workbook (ECMA-376 part 2, 8)."""


@dataclass(frozen=True)
class Arrival:
    """A file that arrived, read.

    ``name``: below the inbox, ``zip:member`` for one in a zip; ``digest``: the SHA-256 of its bytes, empty where it
    could not even be read; ``arrived``: the ISO time of the file; ``saved``: the ISO time at which its workbook says it
    was saved, empty for none; ``error``: why it could not be opened or holds no form; ``entries``: the lines of its
    审核意见 in which something is explained; ``keys``: what names each sheet in such lines, empty without any;
    ``item``: the file itself.
    """

    name: str
    digest: str
    arrived: str = ""
    saved: str = ""
    submissions: tuple[Submission, ...] = ()
    entries: tuple[Entry, ...] = ()
    keys: tuple[SheetKeys, ...] = ()
    error: PerfxlError | None = None
    item: Item | None = field(default=None, repr=False)

    def explanations(self, submission: Submission) -> tuple[tuple[str, str], ...]:
        """Return what is explained of one of its sheets: the code of what is explained, the text.

        A line that names no project is about the only sheet, or about the file, which is noted with the first one.
        """
        number = load(submission.form).number(submission.record)
        first = submission is self.submissions[0]
        lines = (entry for entry in self.entries if _number_of(entry) == number or (first and not _number_of(entry)))
        return tuple(sorted({(code, entry.explanation) for entry in lines for code in entry.key.codes}))


def list_arrived(inbox: Path) -> Listed:
    """List the files of an inbox, by name, those in zips one by one; and what lies there beside workbooks."""
    if not inbox.is_dir():
        return Listed([], [], [])
    listed = list_items(inbox)
    return listed._replace(refused=[error for error in listed.refused if not isinstance(error, NothingToDo)])


def read_arrivals(
    items: Sequence[Item],
    known: Callable[[str], bool] = lambda digest: False,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[Arrival]:
    """Read files in their order; one whose digest is ``known`` is not opened."""
    listed = [(item, _digest(item)) for item in items]
    unread = [(item, digest) for item, digest in listed if not known(digest)]
    read = iter(executor.map(_read_arrival, unread) if executor else map(_read_arrival, unread))
    for done, (item, digest) in enumerate(listed, start=1):
        arrival = Arrival(item.label, digest) if known(digest) else next(read)
        yield replace(arrival, item=item)
        if progress:
            progress(done, len(items))


def _digest(item: Item) -> str:
    """Return the SHA-256 of a file's bytes; empty where they cannot be had."""
    data = read_bytes(item)
    return "" if data is None else sha256(data).hexdigest()


def read_bytes(item: Item) -> bytes | None:
    """Return the bytes of a file, or of a zip's entry, as they came; None where they cannot be had or are too many."""
    most = current_limits().file
    with suppress(*DAMAGED):
        if item.data is not None:
            return item.data
        if item.member is None:
            return item.path.read_bytes() if item.path.stat().st_size <= most else None
        if item.member.file_size <= most:
            with zipfile.ZipFile(item.path) as archive:
                return archive.read(item.member)
    return None


def _read_arrival(listed: tuple[Item, str]) -> Arrival:
    """Read one file, given with its digest; an error is part of the result."""
    item, digest = listed
    name, arrived = item.label, _file_time(item)
    try:
        workbook = Workbook(item.package())
        with workbook.package.work():
            readings = read_workbook(workbook)
            entries = _explanations(workbook)
    except PerfxlError as error:
        return Arrival(name, digest, arrived, error=error)
    submissions = tuple(reading.submission for reading in readings)
    keys = tuple(map(sheet_keys, readings)) if entries else ()
    return Arrival(name, digest, arrived, _saved_time(workbook.package), submissions, entries, keys)


def _file_time(item: Item) -> str:
    """Return the time of a file, or of a zip's entry, as an ISO text; empty where there is none."""
    with suppress(OSError, ValueError):
        if item.member is not None:
            return datetime.datetime(*item.member.date_time).isoformat()
        return datetime.datetime.fromtimestamp(int(item.path.stat().st_mtime)).isoformat()
    return ""


def _saved_time(package: Package) -> str:
    """Return the time at which the workbook was saved, as it says itself; empty where it says nothing."""
    texts: list[str] = []
    inside = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        inside = tag.rpartition(":")[2]

    def characters(text: str) -> None:
        if inside == "modified":
            texts.append(text)

    def end(tag: str) -> None:
        nonlocal inside
        inside = ""

    part = package.find_part(CORE)
    if part not in package.entries:
        return ""
    try:
        walk_elements(package, part, start, end, characters)
        return datetime.datetime.fromisoformat("".join(texts).strip()).isoformat()
    except (PerfxlError, ValueError):  # it decides nothing but an order
        return ""


def _explanations(workbook: Workbook) -> tuple[Entry, ...]:
    """Return the lines of a workbook's 审核意见 in which something is explained; a round knows decisions itself."""
    lines = (entry for entry in read_replies(workbook).entries if entry.explanation.strip())
    return tuple(replace(entry, decision=None) for entry in lines)


def _number_of(entry: Entry) -> int:
    """Return the number of the project that a line names, 0 where it names none."""
    number = _NUMBER.match(entry.texts.get("project", ""))
    return int(number[1]) if number else 0


_NUMBER = re.compile(r"(\d{1,4})\.")  # of the project, before its name
