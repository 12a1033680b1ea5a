"""The files that arrived in a round, read: what they are, whose sheets they hold, when they were saved."""

from __future__ import annotations

import datetime
import pickle
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import Item, Listed, Place, name_others, places_of, walk_items
from perfxl.batch.issue_values import OWN, as_text
from perfxl.batch.other_files import LEFT_BEHIND
from perfxl.errors import PackageError, PerfxlError
from perfxl.form import installed
from perfxl.messages import one_line
from perfxl.rounds.archives import unpack
from perfxl.rounds.merging import TypedAnswers, typed_answers
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.limits import current_limits
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import walk_elements
from perfxl.workbook.opinions.opinion_key import SheetKeys, sheet_keys
from perfxl.workbook.opinions.replies import Entry, read_replies
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook

CORE = "docProps/core.xml"
"""The part in which a program writes when it saved the workbook (ECMA-376 part 2, 8)."""

_SECRET = re.compile(r"(?:绝密|机密|秘密)\s*★")  # GB/T 9704—2012, 7.2.2: the degree of secrecy, a star, the years


@dataclass(frozen=True)
class ArrivedSheet:
    """A form sheet that arrived: whose it is, by its marks, and what was typed into it.

    ``unit`` and ``code`` are the codes of its unit and project, ``name`` the project's name; ``number``: 0 for a unit's
    own form; ``said``: the issue values as texts; ``packed``: the submission, which is large, and is wanted again only
    where it is checked or kept.
    """

    sheet: str
    form: str
    version: str
    year: int | None
    phase: str
    unit: str
    number: int
    code: str
    name: str
    typed: TypedAnswers
    packed: bytes = field(repr=False)
    said: tuple[tuple[str, str], ...] = ()

    def submission(self) -> Submission:
        """Return what was read of the sheet."""
        submission: Submission = pickle.loads(zlib.decompress(self.packed))  # noqa: S301 - of ``pack_sheet`` alone
        return submission


@dataclass(frozen=True)
class Arrival:
    """A file that arrived, read.

    ``name``: below the inbox, ``zip:member`` for one in a zip; ``digest``: the SHA-256 of its bytes, empty where it
    could not even be read; ``changed``: the ISO time of the file; ``saved``: the ISO time at which its workbook says it
    was saved, empty for none; ``error``: why it could not be opened or holds no form; ``secret``: it says that it is;
    ``growing``: it changed while it was read; ``entries``: the lines of its 审核意见 in which something is explained;
    ``keys``: what names each sheet in such lines, empty without any; ``item``: the file itself.
    """

    name: str
    digest: str
    changed: str = ""
    saved: str = ""
    sheets: tuple[ArrivedSheet, ...] = ()
    entries: tuple[Entry, ...] = ()
    keys: tuple[SheetKeys, ...] = ()
    error: PerfxlError | None = None
    secret: bool = False
    growing: bool = False
    item: Item | None = field(default=None, repr=False)

    def explanations(self, at: int) -> tuple[tuple[str, str], ...]:
        """Return what is explained of one of its sheets: the code of what is explained, the text.

        A line that names no project is about the only sheet, or about the file, which is noted with the first one.
        """
        number = self.sheets[at].number
        lines = (entry for entry in self.entries if _number_of(entry) == number or (not at and not _number_of(entry)))
        return tuple(sorted({(code, entry.explanation) for entry in lines for code in entry.key.codes}))


def list_arrived(sources: Sequence[str | Path], scratch: Path | None = None) -> Listed:
    """List the files that are named by path or URL, or lie in folders (an inbox) and zips, whatever they are.

    A folder that is the only place is left out of the files' names. What programs leave behind is counted. ``scratch``:
    a folder below which .rar and .7z are unpacked; without one they stay closed. Raises PackageError for a place that
    is not there.
    """
    listed = Listed([], [], [])
    places = [place for source in sources for place in places_of(source)]
    for place in places:
        found = [entry for item in _walk(place) for entry in unpack(item, scratch)]
        left = [item for item in found if item.other == LEFT_BEHIND]
        named = one_line(str(place))
        inside = "" if len(places) > 1 else named if named.endswith("/") else f"{named}/"
        kept = [replace(item, label=item.label.removeprefix(inside)) for item in found if item.other != LEFT_BEHIND]
        listed.items.extend(kept)
        listed.others.extend(name_others(left, one_line(place.name)))
    return listed


def _walk(place: Place) -> list[Item]:
    """Return the files at a place; a zip that cannot be opened is one of them, and so is what no server gives."""
    if isinstance(place, Path) and not place.exists():
        raise PackageError(file=str(place), what="dead_link" if place.is_symlink() else "no_file")
    try:
        return walk_items(place, zips=1)
    except PackageError as error:
        return [Item(one_line(str(place)), PurePosixPath(place.name), place, refusal=error)]


def read_arrivals(
    items: Sequence[Item],
    known: Callable[[str], bool] = lambda digest: False,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[Arrival]:
    """Read files in their order; one whose digest is ``known`` is not opened."""
    listed = [(item, _digest(item), item.stamp()) for item in items]
    settled = [item.refusal is None and known(digest) for item, digest, _ in listed]
    unread = [entry for entry, is_settled in zip(listed, settled, strict=True) if not is_settled]
    read = iter(executor.map(_read_arrival, unread) if executor else map(_read_arrival, unread))
    for done, ((item, digest, _), is_settled) in enumerate(zip(listed, settled, strict=True), start=1):
        arrival = Arrival(item.label, digest) if is_settled else next(read)
        yield replace(arrival, item=item)
        if progress:
            progress(done, len(items))


def _digest(item: Item) -> str:
    """Return the SHA-256 of a file's bytes; empty where they cannot be had."""
    data = read_bytes(item)
    return "" if data is None else sha256(data).hexdigest()


def read_bytes(item: Item) -> bytes | None:
    """Return the bytes of a file, or of a zip's entry, as they came; None where they cannot be had or are too many."""
    try:
        return item.content()
    except PackageError:
        return None


def _read_arrival(listed: tuple[Item, str, tuple[int, int] | None]) -> Arrival:
    """Read one file, given with its digest and stamp; an error is part of the result."""
    item, digest, stamp = listed
    arrival = Arrival(item.label, digest, item.time(), secret=bool(_SECRET.search(item.label)))
    try:
        arrival = _read_workbook(item, arrival)
    except PerfxlError as error:
        named = type(error)(**{**error.facts, "file": item.label}) if "file" in error.facts else error
        arrival = replace(arrival, error=named)
    return replace(arrival, growing=arrival.growing or item.stamp() != stamp)


def _read_workbook(item: Item, arrival: Arrival) -> Arrival:
    """Return an arrival with what its workbook holds. Raises PerfxlError."""
    if item.refusal:
        raise item.refusal
    data = item.content()
    if sha256(data).hexdigest() != arrival.digest:
        return replace(arrival, growing=True)
    workbook = Workbook(open_bytes(data, item.label, current_limits()))
    with workbook.package.work():
        if arrival.secret or _says_secret(workbook):
            return replace(arrival, secret=True)
        readings = read_workbook(workbook)
        entries = _explanations(workbook)
    sheets = tuple(pack_sheet(reading.submission) for reading in readings)
    keys = tuple(map(sheet_keys, readings)) if entries else ()
    return replace(arrival, saved=_saved_time(workbook.package), sheets=sheets, entries=entries, keys=keys)


def _says_secret(workbook: Workbook) -> bool:
    """Return True if a cell of any sheet bears a degree of secrecy, such as 机密★10年."""
    stars = [entry for entry in workbook.sheets if workbook.may_hold(entry, ("★",))]
    return any(_SECRET.search(text) for entry in stars if entry.part for text in workbook.sheet(entry).texts.values())


def pack_sheet(submission: Submission) -> ArrivedSheet:
    """Return a sheet that was read, without what neither checks nor the store ask for."""
    form = installed.load(submission.form, submission.version)
    notes = tuple(replace(note, raw=None, understood=None) for note in submission.notes if note.problem or note.how)
    slim = replace(submission, unplaced=(), notes=notes)
    return ArrivedSheet(
        sheet=submission.sheet,
        form=submission.form,
        version=submission.version,
        year=submission.year,
        phase=submission.phase,
        unit=submission.unit_code,
        number=form.number(submission.record) if form.many else 0,
        code=(form.code(submission.record) or "") if form.many else "",
        name=str(submission.record.get("name") or "") if form.many else "",
        typed=typed_answers(form, submission.record),
        packed=zlib.compress(pickle.dumps(slim)),
        said=tuple(
            (name, as_text(value))
            for name in form.issue
            if name not in OWN and (value := submission.issued.get(name, submission.said.get(name))) is not None
        ),
    )


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
