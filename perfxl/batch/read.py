"""Read workbooks: the records in them, with all that is known of each answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from perfxl.batch.arguments import Errors, Progress, check_arguments
from perfxl.batch.inbox import Item
from perfxl.batch.known_forms import with_forms
from perfxl.batch.sources import Source, list_sources
from perfxl.batch.workers import run_all
from perfxl.errors import NothingToDo, OtherFile, PackageError, PerfxlError
from perfxl.form import installed
from perfxl.form.search_path import SearchPath
from perfxl.rules import Policy
from perfxl.rules.policy import default_policy
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.opinions.replies import AnsweredFindings, Findings, Replies, add_replies, read_replies
from perfxl.workbook.opinions.workbook_review import review_workbooks
from perfxl.workbook.reading.read import Reading, read_workbook
from perfxl.workbook.sheet.file_name import safe_name

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


class _Sheets:
    """The form sheets that a call read, as records. ``search``: where forms were looked for."""

    submissions: Any
    search: SearchPath

    def records(self) -> dict[str, Any]:
        """Return the records of all sheets as one records file holds them, which ``generate`` takes.

        Raises NothingToDo for none, for more than one unit or year, or where a record comes twice.
        """
        with installed.use_search_path(self.search):
            return gather_records(self.submissions)

    def records_of_units(self) -> dict[str, dict[str, Any]]:
        """Return for each unit what a records file of it holds, by a name for that file: 907001柳溪镇.

        A unit of which several years came has a file for each: 907001柳溪镇_2024. Raises NothingToDo for no sheet, or
        where a record comes twice.
        """
        with installed.use_search_path(self.search):
            return gather_by_unit(self.submissions)


@dataclass(frozen=True, eq=False)
class ReadFiles(_Sheets):
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


@dataclass(frozen=True, eq=False)
class ReadSheets(_Sheets):
    """The form sheets of a call without their workbooks, of which many do not fit into memory; see ``ReadFiles``."""

    submissions: tuple[Submission, ...]
    refused: tuple[PerfxlError, ...] = ()
    others: tuple[OtherFile, ...] = ()
    search: SearchPath = field(default_factory=installed.search_path, repr=False)


def read_sheets(sources: Iterable[Source], progress: Progress | None = None) -> ReadSheets:
    """Read workbooks file by file, on all cores where there are many, and keep no workbook."""
    listed = list_sources(sources)
    read, unread = run_all(submissions_of_items, listed.items, progress)
    submissions = tuple(submission for found in read for submission in found)
    return ReadSheets(submissions, (*listed.refused, *unread), tuple(listed.others))


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


@with_forms
def read(
    *sources: Source,
    forms: Collection[str | Path] = (),
    errors: Errors = "raise",
    progress: Progress | None = None,
) -> ReadFiles:
    """Read workbooks: files, folders, zips, or the bytes of a file. ``forms``: folders of further forms.

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


def split_errors(results: Mapping[int, Work | PerfxlError]) -> tuple[dict[int, Work], dict[int, PerfxlError]]:
    """Divide results by the places of their files into those that are there and the errors of the others."""
    made = {at: result for at, result in results.items() if not isinstance(result, PerfxlError)}
    return made, {at: result for at, result in results.items() if isinstance(result, PerfxlError)}


def place_results(
    items: Mapping[int, Item], opened: ReadFiles, results: Iterable[Work]
) -> tuple[dict[int, Work], dict[int, PerfxlError]]:
    """Return the result of each file that was read, and the error of each other, by the places of the files."""
    read_items = {id(file.item) for file in opened.files}
    places = [at for at, item in items.items() if id(item) in read_items]
    others = [at for at, item in items.items() if id(item) not in read_items]
    return dict(zip(places, results, strict=True)), dict(zip(others, opened.refused, strict=True))


def gather_records(submissions: Sequence[Submission]) -> dict[str, Any]:
    """Return the records of these sheets as one records file holds them.

    Raises NothingToDo for none, for more than one unit or year, or where a record comes twice.
    """
    if not submissions:
        raise NothingToDo(what="nothing_read")
    senders = sorted({(sheet.year, sheet.unit_code, sheet.unit_name) for sheet in submissions}, key=str)
    if len({(sheet.year, sheet.sender) for sheet in submissions}) > 1:
        raise NothingToDo(what="several_units", units=[f"{year} {code}{name}" for year, code, name in senders])
    year, code, name = senders[0]
    said = _issue_values(submissions)
    found: dict[Any, Submission] = {}
    for submission in submissions:
        key = _key(submission)
        if key in found:
            raise NothingToDo(what="twice", sheet=submission.sheet, first=found[key].file, second=submission.file)
        found[key] = submission
    return {"year": year, "unit": {"code": code, "name": name}, **said, **_by_root(found.values())}


def gather_by_unit(submissions: Sequence[Submission]) -> dict[str, dict[str, Any]]:
    """Return the records of these sheets as records files of one unit and year each, by the names of these files.

    Raises NothingToDo for none, or where a record comes twice.
    """
    if not submissions:
        raise NothingToDo(what="nothing_read")
    by_sender: dict[str, dict[int | None, list[Submission]]] = {}
    for sheet in submissions:
        by_sender.setdefault(sheet.sender, {}).setdefault(sheet.year, []).append(sheet)
    found: dict[str, dict[str, Any]] = {}
    for years in by_sender.values():
        for year, sheets in years.items():
            content = gather_records(sheets)
            unit = f"{content['unit']['code']}{content['unit']['name']}"
            found[_free_name(safe_name(f"{unit}_{year}" if len(years) > 1 else unit), found)] = content
    return found


def _free_name(name: str, taken: Collection[str]) -> str:
    """Return a name, with a number where it is taken; on many systems a name is the same in other letters' case."""
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 2)))
    lower = {one.lower() for one in taken}
    return next(one for one in names if one.lower() not in lower)


def _issue_values(submissions: Sequence[Submission]) -> dict[str, Any]:
    """Return the issue values of these sheets. Raises NothingToDo where two have another one."""
    said: dict[str, Any] = {}
    for submission in submissions:
        for name in installed.load(submission.form, submission.version).issue:
            value = submission.issued.get(name, submission.said.get(name))
            if value is not None and said.setdefault(name, value) != value:
                raise NothingToDo(what="several_values", name=name, values=[said[name], value], sheet=submission.sheet)
    return {name: value for name, value in said.items() if name != "year"}


def _key(submission: Submission) -> tuple[Any, ...]:
    """Return what no two records of a file share: for one of several its key, and its code or name."""
    form, record = installed.load(submission.form, submission.version), submission.record
    if not form.many:
        return (form.root,)
    key = record.get(form.key)
    if key is None or not form.fields[form.key].given:  # what people number themselves, a check looks at
        return form.root, submission.file, submission.sheet
    return form.root, key, form.code(record) or record.get("name")


def _by_root(submissions: Iterable[Submission]) -> dict[str, Any]:
    """Return the records under the tops of the file: first those of which a unit has one, then others by number."""
    single: dict[str, Any] = {}
    several: dict[str, list[Any]] = {}
    for submission in submissions:
        form = installed.load(submission.form, submission.version)
        if form.many:
            several.setdefault(form.root, []).append((form.number(submission.record), submission.record))
        else:
            single[form.root] = submission.record
    ordered = {root: sorted(numbered, key=itemgetter(0)) for root, numbered in several.items()}
    return {**single, **{root: [record for _, record in numbered] for root, numbered in ordered.items()}}
