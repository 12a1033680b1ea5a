"""The reviewer's working list of many files: every finding, with room for decisions and remarks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from perfxl import messages
from perfxl.batch.arguments import Progress
from perfxl.batch.inbox import Item
from perfxl.batch.read import ReadFiles, answer_files, open_items, place_results
from perfxl.batch.results import Results
from perfxl.batch.sources import Source, list_sources
from perfxl.batch.workers import run_all
from perfxl.errors import OtherFile, PerfxlError
from perfxl.rules import Policy
from perfxl.workbook.flagging.flag import make_opinions
from perfxl.workbook.lists import worklist
from perfxl.workbook.lists.worklist import WorklistBook
from perfxl.workbook.opinions.line import group_findings, sheet_title


@dataclass(frozen=True)
class MadeWorklist:
    """A working list as a workbook's bytes, None where no file could be read, and the number of files in it.

    ``refused``: the errors of other files; ``others``: what lay beside workbooks.
    """

    data: bytes | None
    files: int
    refused: tuple[PerfxlError, ...]
    others: tuple[OtherFile, ...]


def make_worklist(sources: Iterable[Source], policy: Policy, progress: Progress | None = None) -> MadeWorklist:
    """Return the working list of these files, which are gone through unit by unit; no workbook is kept."""
    listed = list_sources(sources)
    found: Results[tuple[WorklistBook, str]] = Results()
    run_all(partial(_books_of_items, policy), listed.items, found, progress)
    lang = next((lang for _, lang in found if lang), messages.DEFAULT)
    data = worklist.write_worklist([book for book, _ in found], lang=lang) if found else None
    return MadeWorklist(data, len(found), (*listed.refused, *found.refused), tuple(listed.others))


def _books_of_items(
    policy: Policy, items: Mapping[int, Item]
) -> tuple[dict[int, list[tuple[WorklistBook, str] | PerfxlError]], dict[int, PerfxlError]]:
    """Return what the list has of each file, with its language, and errors, by the places of the files."""
    opened = open_items(items.values())
    return place_results(items, opened, ([book] for book in _books(opened, policy)))


def _books(opened: ReadFiles, policy: Policy) -> Iterator[tuple[WorklistBook, str] | PerfxlError]:
    """Yield what the list has of each file, or the error that it took too long."""
    for file, answered in answer_files(opened.files, policy):
        if isinstance(answered, PerfxlError):
            yield answered
            continue
        lines = tuple(make_opinions(answered, group_findings(answered.findings), policy))
        projects = tuple(sheet_title(reading) for reading in file.readings)
        yield WorklistBook(file.name, projects, lines), file.readings[0].located.form.language
