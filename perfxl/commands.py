"""What the commands over files say: data on standard output, sentences on standard error; and the exit status."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import click

from perfxl import messages, records
from perfxl.batch import output as files
from perfxl.batch import workers
from perfxl.batch.check import check_items, check_records
from perfxl.batch.correct import correct_files
from perfxl.batch.flag import FlagOptions, flag_items
from perfxl.batch.gather import gather_records, make_worklist
from perfxl.batch.generate import WrittenWorkbook
from perfxl.batch.inbox import Item, list_items
from perfxl.batch.opened import RECORDS, Inbox, open_items
from perfxl.batch.targets import flagged_name, target_paths
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.finding import Finding
from perfxl.form import installed as forms
from perfxl.report import as_markdown, describe
from perfxl.report.as_text import change_lines, read_lines, tally_line
from perfxl.report.console import data, say
from perfxl.rules import Policy, own_severities, select_policy
from perfxl.rules.policy import default_policy, write_policy
from perfxl.rules.review import review
from perfxl.workbook.lists import county, worklist
from perfxl.workbook.lists import plain as lists
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_package

Work = TypeVar("Work")


def list_files(paths: Iterable[Path]) -> tuple[list[Item], list[PerfxlError]]:
    """The files that the paths name, and why a folder or zip names none."""
    listed: list[Item] = []
    refused: list[PerfxlError] = []
    for path in paths:
        try:
            listed += list_items([path])
        except PerfxlError as error:
            refused.append(error)
    return listed, refused


def work_on_files(
    work: Callable[[Mapping[int, Item]], tuple[dict[int, Work], dict[int, PerfxlError]]],
    listed: Sequence[Item],
    lang: str,
) -> tuple[list[Work], list[PerfxlError]]:
    """What is made of each file, and why others cannot be read, both in the files' order."""
    made: dict[int, Work] = {}
    refused: dict[int, PerfxlError] = {}
    waits = len(listed) > 20 and sys.stderr.isatty()
    bar = click.progressbar(length=len(listed), label=messages.say("report.reading", {}, lang), file=sys.stderr)
    with bar if waits else nullcontext() as waiting:
        for some, others in workers.run_by_unit(work, listed):
            made |= some
            refused |= others
            if waiting is not None:
                waiting.update(len(some) + len(others))
    return [made[at] for at in sorted(made)], [refused[at] for at in sorted(refused)]


def open_files(paths: Iterable[Path], lang: str) -> Inbox:
    """Reads every file; one that cannot be read is said and does not stop the others."""
    listed, refused = list_files(paths)
    waits = len(listed) > 20 and sys.stderr.isatty()
    label = messages.say("report.reading", {}, lang)
    with click.progressbar(listed, label=label, file=sys.stderr) if waits else nullcontext(listed) as waiting:
        inbox = open_items(waiting)
    inbox = Inbox(inbox.opened, (*refused, *inbox.refused))
    say_refusals(inbox.refused, lang)
    return inbox


def say_refusals(refused: Iterable[PerfxlError], lang: str) -> None:
    """Why files could not be read, or not be written."""
    for refusal in refused:
        say(messages.sentence(refusal, lang))


def extract(document: Path, output: Path, year: int | None, force: bool, lang: str) -> int:
    """The records in a published document, and what was noticed in taking them."""
    from perfxl.budget.documents.extract import extract as take
    from perfxl.budget.documents.extract import tally
    from perfxl.budget.documents.read import read_document

    files.check_free([output], force)
    taken = take(read_document(document), year, file=str(document))
    files.write_file(output, records.to_bytes(taken.records, output))
    say(messages.say("documents.done", {"output": output, **tally(taken)}, lang))
    for note in taken.notes:
        say(messages.say(f"documents.notes.{note.what}", {**note.facts, "line": note.line}, lang))
    for piece in taken.unplaced:
        say(messages.say("documents.unplaced", {"line": piece.line, "text": piece.text}, lang))
    return 0


def say_generated(written: Sequence[WrittenWorkbook], output: Path, lang: str) -> None:
    """Says what was written."""
    for each in written:
        click.echo(each.path)
    facts = {"files": len(written), "sheets": sum(each.sheets for each in written), "output": output}
    say(messages.say("report.generated", facts, lang))


def read(paths: Sequence[Path], as_json: bool, output: Path | None, force: bool, lang: str) -> int:
    """The submissions, as JSON, as a records file, or as a table."""
    if output:
        files.check_free([output], force)
    inbox = open_files(paths, lang)
    if as_json:
        data(json.dumps([each.plain() for each in inbox.submissions], ensure_ascii=False, indent=2))
    if output and (inbox.submissions or not inbox.refused):
        files.write_file(output, records.to_bytes(gather_records(inbox.submissions), output))
        facts = {"output": output, "sheets": len(inbox.submissions)}
        say(messages.say("report.read.done", facts, lang))
    if not as_json and not output:
        for each, found in review(inbox.submissions, select_policy(default_policy(), select=["RD"])):
            click.echo("\n".join(read_lines(each, found, lang)))
    return exit_status((), inbox.refused)


def check(paths: Sequence[Path], form: str, form_at: str, policy: Policy, lang: str) -> int:
    """The findings on workbooks and records files, in one of the formats of ``report``."""
    forms.load(form)
    found: list[Finding] = []
    refused: list[PerfxlError] = []
    for path in paths:
        if path.suffix.lower() in RECORDS:
            try:
                found += check_records(path, form, policy)
            except PerfxlError as error:
                refused.append(error)
    listed, unnamed = list_files(path for path in paths if path.suffix.lower() not in RECORDS)
    checked, unread = work_on_files(partial(check_items, policy), listed, lang)
    refused += [*unnamed, *unread]
    say_refusals(refused, lang)
    found += [each for findings in checked for each in findings]
    import_module(f"perfxl.report.as_{form_at}").show(found, lang)
    return exit_status(found, refused)


def flag(
    paths: Sequence[Path],
    output: Path,
    deadline: str,
    policy: Policy,
    remarks: Path | None,
    force: bool,
    lang: str,
) -> int:
    """Writes a flagged copy of every file, and says what was found in each."""
    filled = worklist.read_worklist(Workbook(open_package(remarks))) if remarks else None
    listed, refused = list_files(paths)
    files.check_free(target_paths([flagged_name(each.name) for each in listed], output), force)
    flagging = FlagOptions(output, deadline, policy, filled, len(listed) == 1, force)
    made, unread = work_on_files(partial(flag_items, flagging), listed, lang)
    returned = [each for of_file in made for each in of_file]
    refused += unread
    say_refusals(refused, lang)
    for each in returned:
        click.echo(each.path)
        if each.anew:
            say(messages.say("report.flag.anew", {"file": each.anew}, lang))
        if each.disarmed:
            say(messages.say("report.flag.disarmed", {"file": each.disarmed}, lang))
        say(f"  {tally_line(each.findings, lang)}")
    missed = filled.missed([(each.orders, each.missed) for each in returned]) if filled else {}
    for cell, why in missed.items():
        say(messages.say("report.flag.missed", {"file": remarks, "cell": cell, "why": why}, lang))
    return exit_status((finding for each in returned for finding in each.findings), refused)


def correct(
    paths: Sequence[Path],
    output: Path,
    policy: Policy,
    safe: Collection[str],
    deadline: str,
    force: bool,
    dry: bool,
    lang: str,
) -> int:
    """Writes a clean workbook for every file, or only says what would be corrected; and what is still found in each."""
    inbox = open_files(paths, lang)
    made, refused = correct_files(inbox.opened, output, policy, safe, deadline, force, dry)
    say_refusals(refused, lang)
    for each in made:
        if dry:
            click.echo("\n".join(change_lines(each, policy, lang)))
        else:
            click.echo(each.path)
        counts = Counter(change.corrected for change in each.made.changes if not change.listed)
        facts = {
            "corrected": counts[True],
            "understood": counts[False],
            "listed": sum(change.listed for change in each.made.changes),
            "outside": len(each.made.outside),
        }
        say(messages.say("report.correct.done", facts, lang))
        for sheet in each.made.left:
            say(messages.say("report.correct.left", {"sheet": sheet}, lang))
        say(f"  {tally_line([found for found in each.made.findings if not found.done], lang)}")
    return exit_status((found for each in made for found in each.made.findings), (*inbox.refused, *refused))


def remarks(paths: Sequence[Path], output: Path, policy: Policy, force: bool, lang: str) -> int:
    """Writes the reviewer's working list of these files."""
    files.check_free([output], force)
    inbox = open_files(paths, lang)
    if inbox.opened:
        files.write_file(output, make_worklist(inbox.opened, policy))
        say(messages.say("report.remarks.done", {"output": output, "files": len(inbox.opened)}, lang))
    return exit_status((), inbox.refused)


def rules(
    policy: Policy, to: Path | None, source: Path | None, output: Path | None, form_at: str, force: bool, lang: str
) -> int:
    """The checks: listed, written as a workbook to edit, or read back from one into a county's file."""
    if to and source:
        raise NothingToDo(what="to_and_from")
    if source:
        return _rules_from(source, output, force, lang)
    if to:
        files.check_free([to], force)
        files.write_file(to, lists.write_tabs(county.policy_tabs(policy)))
        say(messages.say("report.rules.saved", {"output": to}, lang))
    elif form_at == "markdown":
        data(as_markdown.checks_page(lang))
    else:
        describe.print_checks(policy, lang)
    return 0


def _rules_from(source: Path, output: Path | None, force: bool, lang: str) -> int:
    if output:
        files.check_free([output], force)
    policy, mistakes = county.read_policy_workbook(Workbook(open_package(source)))
    for mistake in mistakes:
        say(messages.sentence(mistake, lang))
    if mistakes:
        return 2
    text = write_policy(policy, own_severities(), lang)
    if output:
        files.write_file(output, text.encode())
        say(messages.say("report.rules.saved", {"output": output}, lang))
    else:
        data(text.rstrip("\n"))
    return 0


def exit_status(found: Iterable[Finding], refused: Sequence[PerfxlError]) -> int:
    """A call's exit status: 2 where a file could not be read, 1 where something must be fixed, else 0."""
    return 2 if refused else 1 if any(each.severity == "error" and each.open for each in found) else 0
