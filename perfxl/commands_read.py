"""The command that reads workbooks: what was found is shown, or becomes records files, unit by unit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Literal

from perfxl import messages, records
from perfxl.batch import output as files
from perfxl.batch.inbox import Item
from perfxl.batch.read import submissions_of_items
from perfxl.batch.sheet_records import SheetRecord, SheetRecords
from perfxl.batch.sources import list_sources
from perfxl.batch.spool import Spool, spool
from perfxl.batch.workers import run_each
from perfxl.errors import PerfxlError
from perfxl.report.as_text import read_lines
from perfxl.report.console import data_list, say, show_line
from perfxl.report.outcome import exit_status, say_refusals
from perfxl.report.progress import show_progress
from perfxl.rules import select_policy
from perfxl.rules.policy import default_policy
from perfxl.rules.review import review

Shown = Literal["json", "lines", "nothing"]


class _Found:
    """The results of all files, kept in temporary files: what is shown of each, and its records."""

    def __init__(self, shown: Spool, sheets: SheetRecords) -> None:
        self._shown = shown
        self._places: dict[int, int] = {}
        self.sheets = sheets
        self.count = 0

    def take(self, file: int, result: tuple[Sequence[str], Sequence[SheetRecord]]) -> None:
        """Keep what a file gave."""
        shown, sheets = result
        self._places[file] = self._shown.put(shown)
        self.count += len(sheets)
        self.sheets.put_all(file, sheets)

    def shown(self) -> Iterator[str]:
        """Yield what is shown, in the order of the files."""
        for file in sorted(self._places):
            yield from self._shown.at(self._places[file])


def read(paths: Sequence[str | Path], as_json: bool, output: Path | None, force: bool, lang: str) -> int:
    """Show what was read as JSON or in lines, or write it as a records file, or one for each unit in a folder.

    Files are gone through unit by unit, so that the memory does not grow with their number.
    """
    if output and not files.is_for_several(output):
        files.check_free([output], force)
    listed = list_sources(paths)
    shown: Shown = "json" if as_json else "nothing" if output else "lines"
    with ExitStack() as stack:
        found = _Found(stack.enter_context(spool()), SheetRecords(stack.enter_context(spool())))
        with show_progress(lang) as progress:
            unread = run_each(partial(_results, shown, lang), listed.items, found.take, progress)
        refused = [*listed.refused, *unread]
        say_refusals([*refused, *listed.others], lang)
        _show(shown, found.shown())
        if output and (found.count or not refused):
            _write(found.sheets, output, force)
            say(messages.say("report.read.done", {"output": output, "sheets": found.count}, lang))
    return exit_status((), refused)


def _results(
    shown: Shown, lang: str, items: Mapping[int, Item]
) -> tuple[dict[int, tuple[list[str], list[SheetRecord]]], dict[int, PerfxlError]]:
    """Return for each file of a unit, by its place, what is shown of its sheets, and their records."""
    made, refused = submissions_of_items(items)
    results: dict[int, tuple[list[str], list[SheetRecord]]] = {
        at: ([], list(map(SheetRecord.of, several))) for at, several in made.items()
    }
    file_of = {id(submission): at for at, several in made.items() for submission in several}
    submissions = [submission for several in made.values() for submission in several]
    if shown == "json":
        for submission in submissions:
            results[file_of[id(submission)]][0].append(json.dumps(submission.plain(), ensure_ascii=False, indent=2))
    elif shown == "lines":
        policy = select_policy(default_policy(), select=["RD"])
        for submission, findings in review(submissions, policy):
            results[file_of[id(submission)]][0].extend(read_lines(submission, findings, lang))
    return results, refused


def _show(shown: Shown, pieces: Iterator[str]) -> None:
    """Print the lines, or the pieces of JSON as one list."""
    if shown == "lines":
        for line in pieces:
            show_line(line)
    elif shown == "json":
        data_list(pieces)


def _write(sheets: SheetRecords, output: Path, force: bool) -> None:
    """Write the records file, or one for each unit into a folder; of these it is said which."""
    if not files.is_for_several(output):
        files.write_file(output, records.to_bytes(sheets.only_content(), output))
        return
    with files.write_together(force) as pending:
        for name, content in sheets.contents():
            path = output / f"{name}.yaml"
            pending.write(path, records.to_bytes(content, path))
    for path in pending.paths:
        show_line(path)
