"""Read workbooks: the records in them, with all that is known of each answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from perfxl.batch.arguments import Errors, Progress, check_arguments
from perfxl.batch.inbox import Item
from perfxl.batch.known_forms import with_forms
from perfxl.batch.sheet_records import SheetRecord, keep_sheets
from perfxl.batch.sources import Source, list_sources
from perfxl.batch.spool import spool
from perfxl.errors import OtherFile, PackageError, PerfxlError
from perfxl.form import installed
from perfxl.form.search_path import SearchPath
from perfxl.rules import Policy
from perfxl.rules.policy import default_policy
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.opinions.replies import AnsweredFindings, Findings, Replies, add_replies, read_replies
from perfxl.workbook.opinions.workbook_review import review_workbooks
from perfxl.workbook.reading.read import Reading, read_workbook

Work = TypeVar("Work")


@dataclass(frozen=True, eq=False)
class OpenedFile:
    """One file that was read: its workbook, its form sheets, and what people wrote into its 审核意见 (review) sheet."""

    item: Item
    workbook: Workbook = field(repr=False)
    readings: tuple[Reading, ...] = field(repr=False)
    replies: Replies = field(repr=False)

    @property
    def name(self) -> str:
        """The file's name below the folder or zip that it came in."""
        return self.item.name.as_posix()

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Its form sheets, read."""
        return tuple(reading.submission for reading in self.readings)


@dataclass(frozen=True, eq=False)
class ReadFiles:
    """The files of a call: those that were read, and the error of each of the others.

    ``others``: what lay in folders and zips beside workbooks; ``search``: where forms were looked for.
    """

    files: tuple[OpenedFile, ...]
    refused: tuple[PerfxlError, ...]
    others: tuple[OtherFile, ...] = ()
    search: SearchPath = field(default_factory=installed.search_path, repr=False)

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """The form sheets of all files."""
        return tuple(submission for file in self.files for submission in file.submissions)

    def records(self) -> dict[str, Any]:
        """Return the records of all sheets as one records file holds them, which ``generate`` takes.

        Raises NothingToDo for none, for more than one unit or year, or where a record comes twice.
        """
        with installed.use_search_path(self.search), spool() as kept:
            return keep_sheets(self.submissions, kept).only_content()

    def records_of_units(self) -> dict[str, dict[str, Any]]:
        """Return for each unit what a records file of it holds, by a name for that file: 907001柳溪镇.

        A unit of which several years came has a file for each: 907001柳溪镇_2024. Raises NothingToDo for no sheet, or
        where a record comes twice.
        """
        with installed.use_search_path(self.search), spool() as kept:
            return dict(keep_sheets(self.submissions, kept).contents())


def submissions_of_items(
    items: Mapping[int, Item],
) -> tuple[dict[int, tuple[Submission, ...]], dict[int, PerfxlError]]:
    """Return the form sheets of each file, and the errors of those that cannot be read, by their places."""
    made: dict[int, tuple[Submission, ...]] = {}
    refused: dict[int, PerfxlError] = {}
    for at, item in items.items():
        opened = open_items([item])
        if opened.refused:
            refused[at] = opened.refused[0]
        else:
            made[at] = opened.files[0].submissions
    return made, refused


def records_of_items(
    items: Mapping[int, Item],
) -> tuple[dict[int, list[SheetRecord]], dict[int, PerfxlError]]:
    """Return the records of each file's form sheets, and the errors of those that cannot be read, by their places."""
    made, refused = submissions_of_items(items)
    return {at: list(map(SheetRecord.of, several)) for at, several in made.items()}, refused


@with_forms
def read(
    *sources: Source,
    forms: Collection[str | Path] = (),
    errors: Errors = "raise",
    progress: Progress | None = None,
) -> ReadFiles:
    """Read workbooks: files, folders, zips by path or URL, or the bytes of a file. ``forms``: folders of further forms.

    Raises PackageError for what cannot be opened, UnknownWorkbook for a workbook that is no form and UnusableForm for
    one of a form that cannot be used, the first one there is, unless ``errors`` is ``collect``: then these are in
    ``refused``. Raises TypeError for another source.
    """
    check_arguments(errors=errors, progress=progress)
    listed = list_sources(sources)
    opened = open_items(listed.items, progress)
    found = ReadFiles(opened.files, (*listed.refused, *opened.refused), tuple(listed.others))
    raise_first(found.refused, errors)
    return found


def raise_first(refused: Sequence[PerfxlError], errors: Errors) -> None:
    """Raise the first of these errors unless they are to be collected."""
    if refused and errors == "raise":
        raise refused[0]


def open_items(items: Iterable[Item], progress: Progress | None = None) -> ReadFiles:
    """Read every file of a list."""
    listed = list(items)
    files: list[OpenedFile] = []
    refused: list[PerfxlError] = []
    for number, item in enumerate(listed, start=1):
        try:
            workbook = Workbook(item.package())
            with workbook.package.work():
                readings, replies = read_workbook(workbook), read_replies(workbook)
            files.append(OpenedFile(item, workbook, _with_files(item, readings), replies))
        except PerfxlError as error:
            refused.append(error)
        if progress:
            progress(number, len(listed))
    return ReadFiles(tuple(files), tuple(refused))


def _with_files(item: Item, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Return what was read with the names of the files beside it, where an answer may name one of them."""
    if not any(reading.located.form.names_files for reading in readings):
        return readings
    beside = item.beside()
    return tuple(replace(reading, submission=replace(reading.submission, beside=beside)) for reading in readings)


def start_anew(files: Sequence[OpenedFile]) -> None:
    """Begin to count the time of the work on files that were read by an earlier call."""
    for file in files:
        file.workbook.package.spent = 0.0


def review_files(files: Sequence[OpenedFile], policy: Policy | None) -> list[Findings | PackageError]:
    """Check each file, all of them held against each other; return the findings by the sheets of each.

    A file that takes too long has its error instead.
    """
    return review_workbooks([(file.workbook.package, file.readings) for file in files], policy)


def answer_files(
    files: Sequence[OpenedFile], policy: Policy | None
) -> Iterator[tuple[OpenedFile, AnsweredFindings | PackageError]]:
    """Check each file and add what people explained, decided and remarked to its findings; see ``review_files``."""
    for file, found in zip(files, review_files(files, policy), strict=True):
        if isinstance(found, PackageError):
            yield file, found
        else:
            yield file, add_replies(found, file.replies, policy or default_policy())


def place_results(
    items: Mapping[int, Item], opened: ReadFiles, results: Iterable[Work]
) -> tuple[dict[int, Work], dict[int, PerfxlError]]:
    """Return the result of each file that was read, and the error of each other, by the places of the files."""
    read_items = {id(file.item) for file in opened.files}
    places = [at for at, item in items.items() if id(item) in read_items]
    others = [at for at, item in items.items() if id(item) not in read_items]
    return dict(zip(places, results, strict=True)), dict(zip(others, opened.refused, strict=True))
