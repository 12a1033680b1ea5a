"""What the commands over files say: data on standard output, sentences on standard error; and the exit status."""

from __future__ import annotations

import html
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from perfxl import crew, describe, handbook, messages, records
from perfxl import output as files
from perfxl.batch import (
    RECORDS,
    Flagging,
    Inbox,
    Rewritten,
    check_items,
    check_records,
    correct_all,
    flag_items,
    flagged_name,
    gathered,
    list_all,
    open_all,
    status,
    targets_of,
)
from perfxl.console import data, say
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.finding import REMARK, SEVERITIES, Finding
from perfxl.form import installed as forms
from perfxl.inbox import Item, items
from perfxl.rules import Policy, chosen, own_severities
from perfxl.rules.policy import default, written
from perfxl.rules.review import review
from perfxl.submission import Submission
from perfxl.workbook.lists import county, worklist
from perfxl.workbook.lists import plain as lists
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.writing.books import Written

Work = TypeVar("Work")

SHOWN = 3
"""So many cells of a finding are shown in a line of text; of more the first, and how many."""


def named(paths: Iterable[Path]) -> tuple[list[Item], list[PerfxlError]]:
    """The files that the paths name, and why a folder or zip names none."""
    listed: list[Item] = []
    refused: list[PerfxlError] = []
    for path in paths:
        try:
            listed += items([path])
        except PerfxlError as error:
            refused.append(error)
    return listed, refused


def worked(
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
        for some, others in crew.worked(work, listed):
            made |= some
            refused |= others
            if waiting is not None:
                waiting.update(len(some) + len(others))
    return [made[at] for at in sorted(made)], [refused[at] for at in sorted(refused)]


def opened(paths: Iterable[Path], lang: str) -> Inbox:
    """Reads every file; one that cannot be read is said and does not stop the others."""
    listed, refused = named(paths)
    waits = len(listed) > 20 and sys.stderr.isatty()
    label = messages.say("report.reading", {}, lang)
    with click.progressbar(listed, label=label, file=sys.stderr) if waits else nullcontext(listed) as waiting:
        inbox = open_all(waiting)
    inbox = Inbox(inbox.opened, (*refused, *inbox.refused))
    _say_why(inbox.refused, lang)
    return inbox


def _say_why(refused: Iterable[PerfxlError], lang: str) -> None:
    """Why files could not be read, or not be written."""
    for refusal in refused:
        say(messages.sentence(refusal, lang))


def extract(document: Path, output: Path, year: int | None, force: bool, lang: str) -> int:
    """The records in a published document, and what was noticed in taking them."""
    from perfxl.budget.documents.extract import extract as take
    from perfxl.budget.documents.read import read_document

    files.free([output], force)
    taken = take(read_document(document), year, file=str(document))
    files.write(output, records.written(taken.records, output))
    projects = taken.records.get("projects") or []
    facts = {
        "output": output,
        "projects": len(projects),
        "indicators": sum(len(each.get("indicators") or ()) for each in projects),
        "total": sum(each["budget"].get("total") or 0 for each in projects),
        "areas": len((taken.records.get("department") or {}).get("areas") or ()),
    }
    say(messages.say("report.extract.done", facts, lang))
    for note in taken.notes:
        say(messages.say(f"report.extract.notes.{note.what}", {**note.facts, "line": note.line}, lang))
    for piece in taken.unplaced:
        say(messages.say("report.extract.unplaced", {"line": piece.line, "text": piece.text}, lang))
    return 0


def generated(written: Sequence[Written], output: Path, lang: str) -> None:
    """Says what was written."""
    for each in written:
        click.echo(each.path)
    facts = {"files": len(written), "sheets": sum(each.sheets for each in written), "output": output}
    say(messages.say("report.generated", facts, lang))


def read(paths: Sequence[Path], as_json: bool, output: Path | None, force: bool, lang: str) -> int:
    """The submissions, as JSON, as a records file, or as a table."""
    if output:
        files.free([output], force)
    inbox = opened(paths, lang)
    if as_json:
        data(json.dumps([each.plain() for each in inbox.submissions], ensure_ascii=False, indent=2))
    if output and (inbox.submissions or not inbox.refused):
        files.write(output, records.written(gathered(inbox.submissions), output))
        facts = {"output": output, "sheets": len(inbox.submissions)}
        say(messages.say("report.read.done", facts, lang))
    if not as_json and not output:
        for each, found in review(inbox.submissions, chosen(default(), select=["RD"])):
            click.echo("\n".join(_read_lines(each, found, lang)))
    return status((), inbox.refused)


def _read_lines(submission: Submission, doubts: Sequence[Finding], lang: str) -> Iterator[str]:
    """A sheet read: how its answers were understood, what of the reading is in doubt, what belongs to no field."""
    facts = {
        "file": submission.file,
        "sheet": submission.sheet,
        "form": forms.load(submission.form).label,
        "filled": sum(_filled(submission.record)),
        "notes": len(submission.notes),
    }
    yield messages.say("report.read.sheet", facts, lang)
    for note in submission.notes:
        facts = {
            "cell": note.cell,
            "raw": note.raw,
            "understood": note.understood,
            "how": [messages.say(f"kinds.how.{word}", {}, lang) for word in note.how],
            "problem": messages.say(f"kinds.problem.{note.problem}", {}, lang) if note.problem else "",
        }
        yield messages.say("report.read.note", facts, lang)
    yield from (_finding_line(each, lang) for each in doubts)
    for unplaced in submission.unplaced:
        yield messages.say("report.read.unplaced", {"cell": unplaced.cell, "text": unplaced.text}, lang)


def _filled(value: Any) -> Iterator[bool]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _filled(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _filled(inner)
    else:
        yield value is not None


def check(paths: Sequence[Path], form: str, form_at: str, policy: Policy, lang: str) -> int:
    """The findings on workbooks and records files, in one of three formats."""
    forms.load(form)
    found: list[Finding] = []
    refused: list[PerfxlError] = []
    for path in paths:
        if path.suffix.lower() in RECORDS:
            try:
                found += check_records(path, form, policy)
            except PerfxlError as error:
                refused.append(error)
    listed, unnamed = named(path for path in paths if path.suffix.lower() not in RECORDS)
    checked, unread = worked(partial(check_items, policy), listed, lang)
    refused += [*unnamed, *unread]
    _say_why(refused, lang)
    found += [each for findings in checked for each in findings]
    if form_at == "json":
        data(json.dumps([_plain(each, lang) for each in found], ensure_ascii=False, indent=2))
    elif form_at == "html":
        data(_page(found, lang))
    elif form_at == "markdown":
        data(handbook.findings(found, lang))
    else:
        for line in _finding_lines(found, lang):
            click.echo(line)
        say(_tally(found, lang))
    return status(found, refused)


def _finding_lines(found: Sequence[Finding], lang: str) -> Iterator[str]:
    place = ""
    for each in found:
        if place != (place := messages.say("report.check.place", {"file": each.file, "sheet": each.sheet}, lang)):
            yield place
        yield _finding_line(each, lang)


def _finding_line(each: Finding, lang: str) -> str:
    words = _in_words(each, lang)
    if len(cells := words["cells"]) > SHOWN:
        words["cells"] = [messages.say("places.several", {"first": cells[0], "count": len(cells)}, lang)]
    return messages.say("report.check.line", words, lang)


def _in_words(each: Finding, lang: str) -> dict[str, Any]:
    return {
        "severity": messages.say(f"report.severity.{each.severity}", {}, lang),
        "cells": [cell.rpartition("!")[2] for cell in each.cells],
        "message": messages.message(each, lang),
        "code": messages.words(each, lang).title if each.code == REMARK else each.code,
        "said": messages.say("report.check.said", _said(each), lang),
    }


def _said(each: Finding) -> dict[str, str]:
    """What people said of a finding, where that settles it."""
    state = "answered" if each.answered else "withdrawn" if each.withdrawn else ""
    return {"state": state, "explanation": each.explanation.strip() if each.answered else ""}


def _tally(found: Sequence[Finding], lang: str) -> str:
    """How many of each severity there are that nobody answered, and how many somebody did."""
    counts = Counter(each.severity for each in found if each.open)
    facts: dict[str, int] = {severity: counts[severity] for severity in SEVERITIES}
    facts |= {"answered": sum(each.answered for each in found), "withdrawn": sum(each.withdrawn for each in found)}
    return messages.say("report.check.tally", facts, lang)


def _plain(each: Finding, lang: str) -> dict[str, Any]:
    """A finding as JSON data."""
    facts = {key: value for key, value in each.facts.items() if key != "places"}
    return {
        "file": each.file,
        "sheet": each.sheet,
        "cell": each.cell,
        "field": each.field,
        "code": each.code,
        "severity": each.severity,
        "message": messages.message(each, lang),
        "suggestion": each.suggestion,
        "facts": json.loads(json.dumps(facts, default=_number)),
        "cells": list(each.cells),
        "fields": list(each.fields),
        "explanation": each.explanation,
        "answered": each.answered,
        "decision": asdict(each.decision) if each.decision else None,
    }


def _number(value: Any) -> Any:
    """Decimals as numbers, anything else as its text."""
    return float(value) if isinstance(value, Decimal) else str(value)


_STYLE = (
    "body{font:14px serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px 8px}"
    ".error td:first-child{background:#FFD6D6}.warning td:first-child{background:#FFE9B8}"
    ".fix td:first-child{background:#DCE9FA}"
)


def _page(found: Sequence[Finding], lang: str) -> str:
    """The findings as one HTML page that needs nothing else."""
    columns = ("severity", "file", "sheet", "cells", "message", "code")
    heads = "".join(f"<th>{html.escape(messages.say(f'report.html.{key}', {}, lang))}</th>" for key in columns)
    rows = []
    for each in found:
        words = {**_in_words(each, lang), "file": each.file, "sheet": each.sheet}
        words["cells"] = " ".join(words["cells"])
        words["message"] += words["said"]
        cells = "".join(f"<td>{html.escape(str(words[key]))}</td>" for key in columns)
        rows.append(f'<tr class="{each.severity}">{cells}</tr>\n')
    title = html.escape(messages.say("report.html.title", {}, lang))
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n<p>{html.escape(_tally(found, lang))}</p>\n"
        f"<table>\n<tr>{heads}</tr>\n{''.join(rows)}</table></body>\n</html>"
    )


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
    filled = worklist.read(Workbook(open_package(remarks))) if remarks else None
    listed, refused = named(paths)
    files.free(targets_of([flagged_name(each.name) for each in listed], output), force)
    flagging = Flagging(output, deadline, policy, filled, len(listed) == 1, force)
    made, unread = worked(partial(flag_items, flagging), listed, lang)
    returned = [each for of_file in made for each in of_file]
    refused += unread
    _say_why(refused, lang)
    for each in returned:
        click.echo(each.path)
        if each.anew:
            say(messages.say("report.flag.anew", {"file": each.anew}, lang))
        if each.disarmed:
            say(messages.say("report.flag.disarmed", {"file": each.disarmed}, lang))
        say(f"  {_tally(each.findings, lang)}")
    missed = filled.missed([(each.orders, each.missed) for each in returned]) if filled else {}
    for cell, why in missed.items():
        say(messages.say("report.flag.missed", {"file": remarks, "cell": cell, "why": why}, lang))
    return status((finding for each in returned for finding in each.findings), refused)


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
    inbox = opened(paths, lang)
    made, refused = correct_all(inbox.opened, output, policy, safe, deadline, force, dry)
    _say_why(refused, lang)
    for each in made:
        if dry:
            click.echo("\n".join(_change_lines(each, policy, lang)))
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
        say(f"  {_tally([found for found in each.made.findings if not found.done], lang)}")
    return status((found for each in made for found in each.made.findings), (*inbox.refused, *refused))


def _change_lines(each: Rewritten, policy: Policy, lang: str) -> Iterator[str]:
    """The list of before and after."""
    yield str(each.opened.item.label)
    for change in (change for change in each.made.changes if not change.listed):
        facts = {
            "sheet": change.reading.submission.sheet,
            "cell": change.cell,
            "place": change.place(lang),
            "before": change.before,
            "after": change.after,
            "basis": change.basis(policy, lang).split("\n"),
        }
        yield messages.say("report.correct.change", facts, lang)


def remarks(paths: Sequence[Path], output: Path, policy: Policy, force: bool, lang: str) -> int:
    """Writes the reviewer's working list of these files."""
    files.free([output], force)
    inbox = opened(paths, lang)
    if inbox.opened:
        files.write(output, list_all(inbox.opened, policy))
        say(messages.say("report.remarks.done", {"output": output, "files": len(inbox.opened)}, lang))
    return status((), inbox.refused)


def rules(
    policy: Policy, to: Path | None, source: Path | None, output: Path | None, form_at: str, force: bool, lang: str
) -> int:
    """The checks: listed, written as a workbook to edit, or read back from one into a county's file."""
    if to and source:
        raise NothingToDo(what="to_and_from")
    if source:
        return _rules_from(source, output, force, lang)
    if to:
        files.free([to], force)
        files.write(to, lists.write(county.tabs(policy)))
        say(messages.say("report.rules.saved", {"output": to}, lang))
    elif form_at == "markdown":
        data(handbook.checks(lang))
    else:
        describe.checks(policy, lang)
    return 0


def _rules_from(source: Path, output: Path | None, force: bool, lang: str) -> int:
    if output:
        files.free([output], force)
    policy, mistakes = county.policy_of(Workbook(open_package(source)))
    for mistake in mistakes:
        say(messages.sentence(mistake, lang))
    if mistakes:
        return 2
    text = written(policy, own_severities(), lang)
    if output:
        files.write(output, text.encode())
        say(messages.say("report.rules.saved", {"output": output}, lang))
    else:
        data(text.rstrip("\n"))
    return 0
