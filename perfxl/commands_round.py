"""The commands of a round: each calls its verb at the round's desk and prints what came of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.workers import processes
from perfxl.commands import exit_status, say_refusals
from perfxl.errors import NothingToDo, RoundError
from perfxl.form import installed
from perfxl.report import dossier as words
from perfxl.report.console import data, say, show_line
from perfxl.report.issue import issue_notes, issued_plain, preview_plain, registry_change_lines, registry_plain
from perfxl.report.progress import show_progress
from perfxl.report.returned import problem_sentence, problems_plain, returned_lines, returned_plain, sending_lines
from perfxl.report.round import arrival_lines, arrivals_plain
from perfxl.rounds.arrivals import list_arrived
from perfxl.rounds.desk import (
    collecting,
    deciding,
    decision_list,
    dossier,
    exporting,
    issuing,
    registering,
    returning,
    undoing,
    verifying,
)
from perfxl.rounds.desk.backup import restore_backup, write_backup
from perfxl.rounds.desk.exporting import ExportOrder
from perfxl.rounds.desk.handout import write_handout
from perfxl.rounds.export.document import document_schema
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
    source: Path | None,
    form: str,
    money: str,
    target: Path | None,
    dry_run: bool,
    as_json: bool,
    folder: Path,
    lang: str,
) -> int:
    """Import a registry into the round, showing what changes, or write it out."""
    round = find_round(folder)
    asked = round.form(form)
    if target is not None:
        files.check_free([target], force=False)
        files.write_file(target, write_registry(registering.registry_of(round), asked))
        say(messages.say("rounds.registry.written", {"file": target}, lang))
        return 0
    if source is None and as_json:
        data(json.dumps(registry_plain(registering.registry_of(round)), ensure_ascii=False, indent=2))
        return 0
    if source is None:
        raise NothingToDo(what="no_registry")
    preview = registering.preview(round, source, asked, money, write=not dry_run)
    if as_json:
        data(json.dumps(preview_plain(preview, not dry_run), ensure_ascii=False, indent=2))
    else:
        for line in registry_change_lines(preview, lang):
            show_line(line)
    if preview.changes and not dry_run:
        registering.import_registry(round, preview.registry)
    if preview.listed.named_above:
        say(messages.say("rounds.registry.named_above", {"names": preview.listed.named_above}, lang))
    if preview.listed.ignored:
        say(messages.say("rounds.registry.ignored", {"headings": preview.listed.ignored}, lang))
    counts = {"units": len(preview.listed.units), "projects": len(preview.listed.projects)}
    facts = {**counts, "changes": len(preview.changes)}
    say(messages.say("rounds.registry.dry" if dry_run else "rounds.registry.done", facts, lang))
    return 0


def issue(units: Sequence[str], changed: bool, zips: bool, as_json: bool, folder: Path, lang: str) -> int:
    """Write the workbooks of a round, and say which; the status is 2 where a file of that name stood in the way."""
    round = find_round(folder)
    registry = registering.registry_of(round, write=True)
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


def collect(paths: Sequence[Path], arrived: str, as_json: bool, folder: Path, lang: str) -> int:
    """Take in what is named, else what lies in the inbox, and say what became of each file.

    The status is that of ``check``.
    """
    round = find_round(folder)
    came = collecting.parse_time(arrived)
    with TemporaryDirectory(prefix="perfxl-") as scratch:
        inbox = [round.path("inbox")] if round.path("inbox").exists() else []
        listed = list_arrived(paths or inbox, Path(scratch))
        with show_progress(lang, "collecting") as progress, processes(len(listed.items)) as executor:
            taken = collecting.take_in(round, listed.items, executor, progress, came)
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
    return 2 if unread else int(any(sheet.tally.get("error") for sheet in sheets))


def give_back(
    unit: str, numbers: Sequence[int], form: str, deadline: str, as_json: bool, folder: Path, lang: str
) -> int:
    """Write the flagged workbooks that go back, and say which; what could not be written is said, too."""
    round = find_round(folder)
    named = [(unit, round.form(form).name, number) for number in numbers]
    units = len(registering.registry_of(round, write=True).units)
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


def show_dossier(unit: str, number: int | None, form: str, as_json: bool, folder: Path, lang: str) -> int:
    """Show what is known of a unit, or of one of its projects."""
    round = find_round(folder)
    registering.registry_of(round)
    if number is None:
        of_unit = dossier.unit_dossier(round, unit)
        plain, lines = words.unit_plain(of_unit, lang), words.unit_lines(of_unit, lang)
    else:
        of_project = dossier.dossier_of(round, unit, number, form)
        plain, lines = words.project_plain(of_project, lang), words.project_lines(of_project, lang)
    if as_json:
        data(json.dumps(plain, ensure_ascii=False, indent=2))
        return 0
    for line in lines:
        show_line(line)
    return 0


def take_over(folder: Path, lang: str) -> int:
    """Take the right to write from a machine that fell silent."""
    round = find_round(folder)
    open_store(round.store, write=True, take_over=True).close()
    say(messages.say("rounds.taken_over", {"file": round.store}, lang))
    return 0


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


def backup(target: Path, folder: Path, lang: str) -> int:
    """Write the round as one file."""
    with show_progress(lang, "copying") as progress:
        count = write_backup(find_round(folder), target, progress)
    say(messages.say("rounds.backup.done", {"file": target, "files": count}, lang))
    return 0


def restore(source: Path, target: Path, lang: str) -> int:
    """Make the folder of a round from its backup."""
    with show_progress(lang, "copying") as progress:
        round = restore_backup(source, target, progress)
    say(messages.say("rounds.backup.restored", {"folder": target, "name": round.name}, lang))
    return 0


def verify(as_json: bool, folder: Path, lang: str) -> int:
    """Say what is wrong with a round; the status is 1 where something is."""
    problems = verifying.verify(find_round(folder))
    if as_json:
        data(json.dumps(problems_plain(problems), ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            show_line(problem_sentence(problem, lang))
    hints = sum(problem.what in verifying.HINTS for problem in problems)
    say(messages.say("rounds.verify.done", {"problems": len(problems) - hints, "hints": hints}, lang))
    return 1 if len(problems) > hints else 0


def decide(spoken: Mapping[str, Any], as_json: bool, folder: Path, lang: str) -> int:
    """Note a decision about a project or a unit, as it was typed: the options of the command by their names."""
    round = find_round(folder)
    registering.registry_of(round, write=True)
    unit, number, what, why, who = (spoken[name] for name in ("unit", "number", "what", "why", "who"))
    if number is None:
        until = spoken["until"].date().isoformat() if what == "extend" else ""
        facts = deciding.extend(round, unit, until, why, who)
        plain, sentence = dict(facts), messages.say("decisions.extended", facts, lang)
    else:
        given = {name: spoken[name] for name in ("what", "why", "finding", "remark", "draft", "text", "todo", "place")}
        made = deciding.decide(round, unit, number, deciding.Order(unit=spoken["other"], **given), spoken["form"], who)
        plain, sentence = {"form": made.key[1], **made.facts}, words.decided_sentence(made, lang)
    if as_json:
        data(json.dumps({"what": what, **plain, "sentence": sentence}, ensure_ascii=False, indent=2))
    say(sentence)
    return 0


def approve(spoken: Mapping[str, Any], as_json: bool, folder: Path, lang: str) -> int:
    """Pass several projects of a unit, those that are named or all that wait for it; 2 where one cannot pass yet."""
    round = find_round(folder)
    registering.registry_of(round, write=True)
    unit, form, order = spoken["unit"], spoken["form"], deciding.Order("approve", why=spoken["why"])
    passed: list[dict[str, Any]] = []
    refused: list[RoundError] = []
    for number, own in [(number, form) for number in spoken["numbers"]] or deciding.find_ready(round, unit, form):
        try:
            made = deciding.decide(round, unit, number, order, own, spoken["who"])
        except RoundError as error:
            refused.append(error)
            continue
        sentence = words.decided_sentence(made, lang)
        passed.append({"what": "approve", "form": made.key[1], **made.facts, "sentence": sentence})
        say(sentence)
    say_refusals(refused, lang)
    if as_json:
        data(json.dumps(passed, ensure_ascii=False, indent=2))
    return 2 if refused else 0


def decide_by_list(given: Mapping[str, Any], as_json: bool, folder: Path, lang: str) -> int:
    """Write the list of the findings to be decided on, or take one in that was filled in; 1 where a row was not."""
    round = find_round(folder)
    registering.registry_of(round, write=not given["target"])
    if target := given["target"]:
        files.check_free([target], force=False)
        written = decision_list.write_list(round, given["other"])
        files.write_file(target, written.data)
        facts: dict[str, Any] = {"projects": written.projects, "findings": written.findings}
        missed: dict[str, str] = {}
    else:
        taken = decision_list.take_list(round, given["source"], given["who"])
        missed = {cell: words.missed_sentence(why, lang) for cell, why in taken.missed.items()}
        facts = {"decided": taken.decided, "remarks": taken.remarks, "known": taken.known}
    file = str(target or given["source"])
    for cell, why in missed.items():
        say(messages.say("decisions.list.missed", {"file": file, "cell": cell, "why": why}, lang))
    if as_json:
        data(json.dumps({"file": file, **facts, "missed": missed}, ensure_ascii=False, indent=2))
    say(messages.say("decisions.list.written" if target else "decisions.list.done", {"file": file, **facts}, lang))
    return 1 if missed else 0


def export(folder: Path, output: Path | None, as_json: bool, json_schema: bool, order: ExportOrder) -> int:
    """Write what the round holds into files, and say which; or its JSON document, or the schema of that, to stdout."""
    round = find_round(folder)
    if json_schema:
        data(json.dumps(document_schema(round), ensure_ascii=False, indent=2))
    elif as_json:
        for line in exporting.export_lines(round, order):
            data(line)
    else:
        with show_progress(order.lang, "exporting") as progress:
            exported = exporting.export(round, order, output, progress)
        for path in exported.paths:
            show_line(path)
        say(messages.say("rounds.export.done", {**vars(exported), "files": len(exported.paths)}, order.lang))
    return 0
