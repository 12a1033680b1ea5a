"""The commands by which workbooks go out to units and come in from them: issue, collect, return."""

from __future__ import annotations

import datetime
import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from perfxl import messages
from perfxl.batch.executors import scratch_in
from perfxl.batch.output import TEMPORARY
from perfxl.batch.urls import is_url, shown_url
from perfxl.batch.workers import processes
from perfxl.errors import PerfxlError, RoundError
from perfxl.report.console import data, say, show_line
from perfxl.report.issue import issue_notes, issued_plain
from perfxl.report.outcome import exit_status, say_refusals
from perfxl.report.progress import show_progress
from perfxl.report.returned import returned_lines, returned_plain, sending_lines
from perfxl.report.round import arrival_lines, arrivals_plain
from perfxl.rounds.arrivals import list_arrived
from perfxl.rounds.desk import (
    collecting,
    issuing,
    returning,
    undoing,
    watching,
)
from perfxl.rounds.desk.handout import write_handout
from perfxl.rounds.desk.round_store import registry_of
from perfxl.rounds.round import find_round


def issue(units: Sequence[str], changed: bool, zips: bool, as_json: bool, folder: Path, lang: str) -> int:
    """Write the workbooks of a round, and say which; the status is 2 where a file of that name stood in the way."""
    round = find_round(folder)
    registry = registry_of(round, write=True)
    with show_progress(lang, "issuing") as progress, processes(len(registry.units)) as executor:
        issued = issuing.issue(round, executor, progress, changed, units)
    handout = write_handout(round, issued, zips)
    if as_json:
        data(json.dumps(issued_plain(round, issued, handout), ensure_ascii=False, indent=2))
    else:
        for workbook in issued.workbooks:
            if workbook.state != "blocked":
                show_line(round.path("issued") / workbook.file)
    for line in issue_notes(round, issued, handout, lang):
        say(line)
    return 2 if any(workbook.state == "blocked" for workbook in issued.workbooks) else 0


def watch(paths: Sequence[str | Path], today: datetime.date | None, every: float, folder: Path, lang: str) -> int:
    """Take in whatever comes into the inbox, or what is named, until Ctrl-C; the status is that of the last run.

    Raises RoundError for a URL: a server is not asked over and over.
    """
    status, told = 0, ""

    def look() -> bool:
        nonlocal status, told
        try:
            status, grows = _collect(paths, "", today, False, folder, lang)
        except PerfxlError as error:  # another desk is writing, a share is gone: perhaps not the next time
            status, sentence = 2, messages.sentence(error, lang)
            if sentence != told:
                say(sentence)
            told = sentence
            return False
        told = ""
        return not grows

    def tell(lost: Sequence[Path]) -> None:
        key = "rounds.collect.lost" if lost else "rounds.collect.reached"
        say(messages.say(key, {"places": [str(path) for path in lost]}, lang))

    for path in filter(is_url, paths):
        raise RoundError(what="watches_paths", file=shown_url(str(path)))
    watched = [*map(Path, paths)] or [find_round(folder).path("inbox")]
    say(messages.say("rounds.collect.watching", {"places": [str(path) for path in watched]}, lang))
    with suppress(_Stopped):
        watching.watch(look, watched, partial(_wait, every), tell)
    return status


class _Stopped(Exception):
    """Ctrl-C while nothing was done."""


def _wait(seconds: float) -> None:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        raise _Stopped from None


def collect(
    paths: Sequence[str | Path], arrived: str, today: datetime.date | None, as_json: bool, folder: Path, lang: str
) -> int:
    """Take in what is named, else what lies in the inbox, and say what became of each file.

    The status is that of ``check``.
    """
    return _collect(paths, arrived, today, as_json, folder, lang)[0]


def _collect(
    paths: Sequence[str | Path], arrived: str, today: datetime.date | None, as_json: bool, folder: Path, lang: str
) -> tuple[int, bool]:
    """Return the status of a run, and whether a file was still growing."""
    round = find_round(folder)
    came = collecting.parse_time(arrived)
    with TemporaryDirectory(prefix=TEMPORARY, dir=scratch_in(round.folder)) as scratch:
        inbox = [round.path("inbox")] if round.path("inbox").exists() else []
        listed = list_arrived(paths or inbox, Path(scratch))
        with show_progress(lang, "collecting") as progress, processes(len(listed.items)) as executor:
            taken = collecting.take_in(round, listed.items, executor, progress, came, today)
    results = taken.results
    say_refusals(listed.others, lang)
    if taken.clock:
        say(messages.say("rounds.collect.clock", {"time": taken.clock}, lang))
    if as_json:
        data(json.dumps(arrivals_plain(round, results), ensure_ascii=False, indent=2, default=str))
    else:
        shown = [result for result in results if paths or not result.lies_there]
        for line in arrival_lines(round, shown, lang):
            show_line(line)
    counts = Counter(result.verdict for result in results)
    sheets = [sheet for result in results for sheet in result.sheets]
    taken_in = [sheet.tally for sheet in sheets if sheet.verdict != "question"]
    found = {f"{severity}s": sum(tally.get(severity, 0) for tally in taken_in) for severity in ("error", "warning")}
    say(messages.say("rounds.collect.done", {"counts": counts, "files": len(results), **found}, lang))
    unread = [result.reason for result in results if result.verdict == "unreadable" and result.reason]
    status = 2 if unread else int(any(sheet.tally.get("error") for sheet in sheets))
    return status, counts["growing"] > 0


def give_back(
    unit: str, numbers: Sequence[int], form: str, deadline: str, as_json: bool, folder: Path, lang: str
) -> int:
    """Write the flagged workbooks that go back, and say which; what could not be written is said, too."""
    round = find_round(folder)
    named = [(unit, round.form(form).name, number) for number in numbers]
    units = len(registry_of(round, write=True).units)
    with show_progress(lang, "returning") as progress, processes(units) as executor:
        returned = returning.give_back(round, named, unit, deadline, executor, progress)
    refused = [result.error for result in returned if result.error]
    say_refusals(refused, lang)
    if as_json:
        data(json.dumps(returned_plain(returned), ensure_ascii=False, indent=2))
    else:
        for line in returned_lines(returned, lang):
            say(line)
        for file in (file for result in returned for file in result.workbooks):
            show_line(round.path("returned") / file.file)
    done = [result for result in returned if result.notice]
    facts = {
        "units": len(done),
        "projects": sum(len(result.projects) for result in done),
        "errors": sum(result.errors for result in done),
        "warnings": sum(result.warnings for result in done),
        "folder": round.folders["returned"],
    }
    say(messages.say("rounds.return.done" if done else "rounds.return.none", facts, lang))
    return exit_status((), refused)


def sent(units: Sequence[str], all_units: bool, undo: bool, as_json: bool, folder: Path, lang: str) -> int:
    """Tick what was sent back to units, or take the tick back; show the list."""
    round = find_round(folder)
    entries = returning.mark_sent(round, units, undo) if units or all_units else returning.sending_list(round)
    if as_json:
        data(json.dumps([entry.plain() for entry in entries], ensure_ascii=False, indent=2))
    else:
        for line in sending_lines(entries, lang):
            show_line(line)
    counts = {"wait": sum(entry.waits for entry in entries), "sent": sum(bool(entry.sent) for entry in entries)}
    say(messages.say("rounds.sending.done", counts, lang))
    return 0


def undo(number: int | None, folder: Path, lang: str) -> int:
    """Take the last run of the collector back, and say what counts no longer."""
    undone = undoing.undo(find_round(folder), number)
    run = undone.run
    facts = {"number": run.id, "who": run.who, "at": run.at.replace("T", " ")}
    counts = {"files": undone.files, "sheets": undone.sheets, "questions": undone.questions}
    say(messages.say("rounds.undo.done", {**facts, **counts}, lang))
    return 0
