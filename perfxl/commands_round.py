"""The commands of a round: each calls its verb at the round's desk and prints what came of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.workers import processes
from perfxl.commands import exit_status, say_refusals, show_progress
from perfxl.errors import NothingToDo
from perfxl.form import installed
from perfxl.report.console import data, say, show_line
from perfxl.report.round import arrival_lines, arrivals_plain, board_lines, registry_change_lines
from perfxl.rounds.arrivals import list_arrived
from perfxl.rounds.desk import collecting, deciding, issuing, registering, returning, standings
from perfxl.rounds.registry.changes import differences
from perfxl.rounds.registry.reading import read_registry
from perfxl.rounds.registry.workbook import write_registry
from perfxl.rounds.round import create_round, find_round
from perfxl.rounds.store.opening import open_store


def new(
    folder: Path, year: int, phase: str, forms: Sequence[str], deadline: str, office: str, phone: str, lang: str
) -> int:
    """Make the folder of a round, and say what to do next."""
    chosen = tuple(forms) or (installed.DEFAULT,)
    made = create_round(folder, year, phase, chosen, deadline, office, phone, lang)
    say(messages.say("rounds.new", {"folder": folder, "inbox": made.folders["inbox"]}, lang))
    return 0


def registry(
    source: Path | None, form: str, money: str, target: Path | None, dry_run: bool, folder: Path, lang: str
) -> int:
    """Import a registry into the round, showing what changes, or write it out."""
    round = find_round(folder)
    asked = round.form(form)
    if target is not None:
        files.check_free([target], force=False)
        files.write_file(target, write_registry(registering.registry_of(round), asked))
        say(messages.say("rounds.registry.written", {"file": target}, lang))
        return 0
    if source is None:
        raise NothingToDo(what="no_registry")
    found = read_registry(source, asked, money)
    held = registering.known_registry(round)
    changes = differences(held, found)
    for line in registry_change_lines(changes, lang):
        show_line(line)
    if changes and not dry_run:
        registering.import_registry(round, found)
    counts = {"units": len(found.units), "projects": len(found.projects), "changes": len(changes)}
    say(messages.say("rounds.registry.dry" if dry_run else "rounds.registry.done", counts, lang))
    return 0


def issue(folder: Path, lang: str) -> int:
    """Write the workbooks of a round, and say which."""
    round = find_round(folder)
    units = len(registering.registry_of(round).units)
    with show_progress(lang) as progress, processes(units) as executor:
        issued = issuing.issue(round, executor, progress)
    for workbook in issued.workbooks:
        show_line(round.path("issued") / workbook.file)
    for project in issued.secret:
        facts = {"unit": project.unit, "number": project.number, "name": project.name}
        say(messages.say("rounds.issue.secret", facts, lang))
    sheets = sum(len(workbook.numbers) for workbook in issued.workbooks)
    amount = sum(workbook.amount for workbook in issued.workbooks)
    facts = {"files": len(issued.workbooks), "sheets": sheets, "amount": amount}
    say(messages.say("rounds.issue.done", facts, lang))
    return 0


def collect(as_json: bool, folder: Path, lang: str) -> int:
    """Take in what lies in the inbox, and say what became of each file; the status is that of ``check``."""
    round = find_round(folder)
    listed = list_arrived(round.path("inbox"))
    with show_progress(lang) as progress, processes(len(listed.items)) as executor:
        results = collecting.take_in(round, listed.items, executor, progress)
    say_refusals([*listed.refused, *listed.others], lang)
    if as_json:
        data(json.dumps(arrivals_plain(results), ensure_ascii=False, indent=2))
    else:
        for line in arrival_lines(results, lang):
            show_line(line)
    counts = Counter(result.verdict for result in results)
    say(messages.say("rounds.collect.done", {"counts": counts, "files": len(results)}, lang))
    unread = [result.reason for result in results if result.verdict == "unreadable" and result.reason]
    findings = (finding for result in results for sheet in result.sheets for finding in sheet.findings)
    return exit_status(findings, [*listed.refused, *unread])


def give_back(folder: Path, lang: str) -> int:
    """Write the flagged copies that go back, and say which."""
    returned = returning.give_back(find_round(folder))
    for workbook in returned:
        show_line(workbook.path)
    facts = {"files": len(returned), "projects": sum(len(workbook.numbers) for workbook in returned)}
    say(messages.say("rounds.return.done", facts, lang))
    return 0


def status(as_json: bool, folder: Path, lang: str) -> int:
    """Show the board of a round."""
    round = find_round(folder)
    board = standings.status(round)
    if as_json:
        data(json.dumps([line.plain() for line in board], ensure_ascii=False, indent=2))
        return 0
    for line in board_lines(round, board, lang):
        show_line(line)
    return 0


def decide(unit: str, number: int, what: str, form: str, why: str, folder: Path, lang: str) -> int:
    """Note a decision about a project."""
    round = find_round(folder)
    deciding.decide(round, (unit, round.form(form).name, number), what, why)
    say(messages.say(f"rounds.decided.{what}", {"unit": unit, "number": number}, lang))
    return 0


def take_over(folder: Path, lang: str) -> int:
    """Take the right to write from a machine that fell silent."""
    round = find_round(folder)
    open_store(round.store, write=True, take_over=True).close()
    say(messages.say("rounds.taken_over", {"file": round.store}, lang))
    return 0
