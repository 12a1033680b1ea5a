"""What the commands show: tables and sentences on standard error, data on standard output; and their exit status."""

from __future__ import annotations

import html
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import click

from perfxl import messages, records, rules
from perfxl import output as files
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.finding import SEVERITIES, Finding
from perfxl.form import form as form_module
from perfxl.form.schema import record_schema
from perfxl.inbox import Item, items
from perfxl.submission import Submission
from perfxl.workbook.cells import Workbook
from perfxl.workbook.flag import flag as flagged
from perfxl.workbook.generate import Written, load_records
from perfxl.workbook.read import Reading, readings
from perfxl.workbook.review import review, review_records


@dataclass(frozen=True, eq=False)
class Opened:
    """One file that was read: its workbook and what its form sheets hold."""

    item: Item
    workbook: Workbook
    readings: tuple[Reading, ...]

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """The form sheets' records."""
        return tuple(reading.submission for reading in self.readings)


@dataclass(frozen=True, eq=False)
class Inbox:
    """All files of a call: those that were read, and the sentence for each that could not be."""

    opened: tuple[Opened, ...]
    refused: tuple[PerfxlError, ...]


def opened(paths: Iterable[Path], lang: str) -> Inbox:
    """Reads every file; one that cannot be read is said and does not stop the others."""
    found: list[Opened] = []
    refused: list[PerfxlError] = []
    listed = list(items(paths))
    with _progress(listed, messages.say("report.reading", {}, lang)) as waiting:
        for item in waiting:
            try:
                workbook = Workbook(item.package())
                found.append(Opened(item, workbook, readings(workbook)))
            except PerfxlError as error:
                refused.append(error)
    for error in refused:
        click.echo(messages.sentence(error, lang), err=True)
    return Inbox(tuple(found), tuple(refused))


def _progress(listed: Sequence[Item], label: str) -> Any:
    """A bar on a terminal, where there is something to wait for."""
    stream = sys.stderr if len(listed) > 20 and sys.stderr.isatty() else open_nothing()
    return click.progressbar(listed, label=label, file=stream)


def open_nothing() -> Any:
    """A stream that swallows what is written."""
    import io

    return io.StringIO()


def generated(written: Sequence[Written], output: Path, lang: str) -> None:
    """Says what was written."""
    for each in written:
        click.echo(each.path)
    facts = {"files": len(written), "sheets": sum(each.sheets for each in written), "output": output}
    click.echo(messages.say("report.generated", facts, lang), err=True)


def read(paths: Sequence[Path], as_json: bool, output: Path | None, force: bool, lang: str) -> int:
    """The submissions, as JSON, as a records file, or as a table."""
    if output:
        files.free([output], force)
    inbox = opened(paths, lang)
    submissions = [each for file in inbox.opened for each in file.submissions]
    if as_json:
        click.echo(json.dumps([each.plain() for each in submissions], ensure_ascii=False, indent=2))
    if output:
        files.write(output, records.dumps(gathered(submissions)).encode())
        facts = {"output": output, "sheets": len(submissions)}
        click.echo(messages.say("report.read.done", facts, lang), err=True)
    if not as_json and not output:
        for each in submissions:
            _show(each, lang)
    return 2 if inbox.refused else 0


def gathered(submissions: Sequence[Submission]) -> dict[str, Any]:
    """The records file that these submissions make. Raises NothingToDo for none, or for more than one unit or year."""
    if not submissions:
        raise NothingToDo(what="nothing_read")
    senders = sorted({(each.year, each.unit_code, each.unit_name) for each in submissions}, key=str)
    if len({sender[:2] for sender in senders}) > 1:
        units = "、".join(f"{year} {code}{name}" for year, code, name in senders)
        raise NothingToDo(what="several_units", units=units)
    year, code, name = senders[0]
    whole: dict[str, Any] = {"year": year, "unit": {"code": code, "name": name}}
    projects = []
    for each in submissions:
        if form_module.load(each.form).record == "department":
            whole["department"] = each.record
        else:
            projects.append(each.record)
    return {**whole, "projects": sorted(projects, key=lambda record: record.get("number") or 0)}


def _show(submission: Submission, lang: str) -> None:
    facts = {
        "file": submission.file,
        "sheet": submission.sheet,
        "form": form_module.load(submission.form).label,
        "filled": sum(_filled(submission.record)),
        "notes": len(submission.notes),
        "lost": len(submission.lost),
    }
    click.echo(messages.say("report.read.sheet", facts, lang))
    for note in submission.notes:
        how = "、".join(messages.say(f"kinds.how.{word}", {}, lang) for word in note.how)
        problem = messages.say(f"kinds.problem.{note.problem}", {}, lang) if note.problem else ""
        facts = {"cell": note.cell, "raw": note.raw, "understood": note.understood, "how": how, "problem": problem}
        click.echo(messages.say("report.read.note", facts, lang))
    for unplaced in submission.unplaced:
        click.echo(messages.say("report.read.unplaced", {"cell": unplaced.cell, "text": unplaced.text}, lang))
    for field in submission.disputed:
        click.echo(messages.say("report.read.disputed", {"field": field}, lang))


def _filled(value: Any) -> Iterator[bool]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _filled(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _filled(inner)
    else:
        yield value is not None


def check(
    paths: Sequence[Path], form: str, form_at: str, select: Sequence[str], ignore: Sequence[str], lang: str
) -> int:
    """The findings, in one of three formats. 1 where something must be fixed, 2 where a file could not be read."""
    rules_known(select, ignore)
    found: list[Finding] = []
    refused = 0
    workbooks = [path for path in paths if path.suffix.lower() not in (".yaml", ".yml", ".json")]
    for path in paths:
        if path not in workbooks:
            asked = form_module.load(form)
            found += review_records(load_records(path, asked), asked, str(path), select, ignore)
    if workbooks:
        inbox = opened(workbooks, lang)
        refused = len(inbox.refused)
        submissions = [each for file in inbox.opened for each in file.submissions]
        found += [each for _, findings in review(submissions, select, ignore) for each in findings]
    _write(found, form_at, lang)
    return status(found, refused)


def rules_known(*lists: Sequence[str]) -> None:
    """Raises UnknownCode for a code or group that no rule has."""
    known = {code for name in form_module.names() for code in rules.codes(form_module.load(name))}
    groups = {code.split("-")[0] for code in known}
    for code in (code for codes in lists for code in codes):
        if code not in known and code not in groups:
            rules.rule(code, form_module.load("project-target"))


def status(found: Iterable[Finding], refused: int) -> int:
    """The exit status of a call."""
    return 2 if refused else 1 if any(each.severity == "error" for each in found) else 0


def _write(found: Sequence[Finding], form_at: str, lang: str) -> None:
    if form_at == "json":
        click.echo(json.dumps([plain(each, lang) for each in found], ensure_ascii=False, indent=2))
    elif form_at == "html":
        click.echo(page(found, lang))
    else:
        place = ""
        for each in found:
            if place != (place := f"{each.file}　{each.sheet}"):
                click.echo(place)
            click.echo(messages.say("report.check.line", _line(each, lang), lang))
        click.echo(tally(found, lang), err=True)


def _line(each: Finding, lang: str) -> dict[str, Any]:
    severity = messages.say(f"report.severity.{each.severity}", {}, lang)
    cells = "、".join(cell.rpartition("!")[2] for cell in each.cells[:3])
    return {"severity": severity, "cells": cells, "message": messages.message(each, lang), "code": each.code}


def tally(found: Sequence[Finding], lang: str) -> str:
    """How many of each severity there are."""
    counts = Counter(each.severity for each in found)
    return messages.say("report.check.tally", {severity: counts[severity] for severity in SEVERITIES}, lang)


def plain(each: Finding, lang: str) -> dict[str, Any]:
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
    }


def _number(value: Any) -> Any:
    """Decimals as numbers, anything else as its text."""
    from decimal import Decimal

    return float(value) if isinstance(value, Decimal) else str(value)


def page(found: Sequence[Finding], lang: str) -> str:
    """The findings as one HTML page that needs nothing else."""
    heads = [messages.say(f"report.html.{key}", {}, lang) for key in ("severity", "sheet", "cell", "message", "code")]
    rows = []
    for each in found:
        line = _line(each, lang)
        cells = (line["severity"], each.sheet, line["cells"], line["message"], each.code)
        inside = "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
        rows.append(f'<tr class="{each.severity}">{inside}</tr>')
    title = html.escape(messages.say("report.html.title", {}, lang))
    style = (
        "body{font:14px serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px 8px}"
        ".error td:first-child{background:#FFD6D6}.warning td:first-child{background:#FFE9B8}"
        ".fix td:first-child{background:#DCE9FA}"
    )
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>'
        f"<body><h1>{title}</h1><p>{html.escape(tally(found, lang))}</p>"
        f"<table><tr>{''.join(f'<th>{html.escape(head)}</th>' for head in heads)}</tr>{''.join(rows)}</table></body></html>"
    )


@dataclass(frozen=True, eq=False)
class Returned:
    """A file that was flagged: where it was written, its findings."""

    path: Path
    opened: Opened
    findings: tuple[Finding, ...]


def flag(
    paths: Sequence[Path],
    output: Path,
    deadline: str,
    select: Sequence[str],
    ignore: Sequence[str],
    force: bool,
    lang: str,
) -> int:
    """Writes a flagged copy of every file, and says what was found in each."""
    rules_known(select, ignore)
    inbox = opened(paths, lang)
    returned = flag_all(inbox.opened, output, deadline, select, ignore, force)
    for each in returned:
        click.echo(each.path)
        click.echo(f"  {tally(each.findings, lang)}", err=True)
    found = [finding for each in returned for finding in each.findings]
    return status(found, len(inbox.refused))


def flag_all(
    opened_: Sequence[Opened],
    output: Path,
    deadline: str = "",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    force: bool = False,
) -> tuple[Returned, ...]:
    """Writes the flagged copies below ``output``, or to it where it is named as one workbook."""
    targets = _targets([each.item.name for each in opened_], output)
    files.free(targets, force)
    found = review([each for file in opened_ for each in file.submissions], select, ignore)
    by_sheet = {id(submission): tuple(findings) for submission, findings in found}
    returned = []
    for file, target in zip(opened_, targets, strict=True):
        pairs = [(reading, by_sheet[id(reading.submission)]) for reading in file.readings]
        files.write(target, flagged(file.workbook, pairs, deadline).data)
        returned.append(Returned(target, file, tuple(each for _, findings in pairs for each in findings)))
    return tuple(returned)


def _targets(names: Sequence[PurePosixPath], output: Path) -> list[Path]:
    if output.suffix.lower() in (".xlsx", ".xlsm") and not output.is_dir():
        if len(names) > 1:
            raise NothingToDo(what="one_file", count=len(names), file=str(output))
        return [output] * len(names)
    targets = [output / name for name in names]
    doubled = [str(target) for target, count in Counter(targets).items() if count > 1]
    if doubled:
        raise NothingToDo(what="same_name", file=doubled[0])
    return targets


def explained(code: str, lang: str) -> str:
    """A rule in words: what it is, why, its severity, an example of what breaks it."""
    wanted = code.strip().upper()
    for name in form_module.names():
        form = form_module.load(name)
        if wanted in rules.codes(form):
            rule = rules.rule(wanted, form)
            facts = {
                "code": rule.code,
                "title": messages.say(f"rules.{rule.code}.title", {}, lang),
                "severity": messages.say(f"report.severity.{rule.severity}", {}, lang),
                "why": messages.say(f"rules.{rule.code}.why", {}, lang),
                "form": form.label,
                "bad": dict(rule.bad),
            }
            return messages.say("report.explained", facts, lang)
    rules.rule(code, form_module.load("project-target"))  # raises, with the nearest code
    raise AssertionError(code)


def forms(name: str, json_schema: bool, lang: str) -> str:
    """The installed forms, one a line; or one form's answers, or its schema."""
    if not name:
        listed = (form_module.load(each) for each in form_module.names())
        return "\n".join(f"{form.name}\t{form.version}\t{form.label}" for form in listed)
    form = form_module.load(name)
    if json_schema:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": form.label, **record_schema(form)}
        return json.dumps(schema, ensure_ascii=False, indent=2)
    lines = [f"{form.name} {form.version}　{form.label}"]
    for field in form.fields.values():
        lines.append(_described(field, field.id, lang))
    for table in form.tables.values():
        lines += [_described(field, table.path(id), lang) for id, field in table.columns.items()]
    return "\n".join(lines)


def _described(field: form_module.Field, path: str, lang: str) -> str:
    need = "given" if field.given else "required" if field.required else "optional"
    facts = {
        "path": path,
        "label": "·".join(field.label),
        "need": messages.say(f"report.need.{need}", {}, lang),
        "says": messages.say(f"kinds.describe.{field.kind.name}", field.kind.facts(), lang),
    }
    return messages.say("report.field", facts, lang)
