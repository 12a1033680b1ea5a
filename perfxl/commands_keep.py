"""The commands that write what a round holds into files, and look whether all of it is there."""

from __future__ import annotations

import json
from pathlib import Path

from perfxl import messages
from perfxl.report.console import data, say, show_line
from perfxl.report.progress import show_progress
from perfxl.report.returned import problem_sentence, problems_plain
from perfxl.rounds.desk import (
    exporting,
    verifying,
)
from perfxl.rounds.desk.backup import restore_backup, write_backup
from perfxl.rounds.desk.exporting import ExportOrder
from perfxl.rounds.export.document import document_schema
from perfxl.rounds.round import find_round


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


def backup(target: Path, folder: Path, lang: str) -> int:
    """Write the round as one file."""
    with show_progress(lang, "copying") as progress:
        count = write_backup(find_round(folder), target, progress)
    say(messages.say("rounds.backup.done", {"file": target, "files": count}, lang))
    return 0


def restore(source: Path, target: Path, store: str, lang: str) -> int:
    """Make the folder of a round from its backup; ``store``: the URL of a database for its store."""
    with show_progress(lang, "copying") as progress:
        round = restore_backup(source, target, progress, store)
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
