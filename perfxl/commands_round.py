"""The commands that begin a round and take its registry in; each calls its verb and prints what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from perfxl import messages
from perfxl.batch import output as files
from perfxl.errors import NothingToDo
from perfxl.form import installed
from perfxl.report.console import data, say, show_line
from perfxl.report.issue import preview_plain, registry_change_lines, registry_plain
from perfxl.rounds.desk import (
    registering,
)
from perfxl.rounds.desk.round_store import registry_of
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
        files.write_file(target, write_registry(registry_of(round), asked))
        say(messages.say("rounds.registry.written", {"file": target}, lang))
        return 0
    if source is None and as_json:
        data(json.dumps(registry_plain(registry_of(round)), ensure_ascii=False, indent=2))
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


def take_over(folder: Path, lang: str) -> int:
    """Take the right to write from a machine that fell silent."""
    round = find_round(folder)
    open_store(round.store, write=True, take_over=True).close()
    say(messages.say("rounds.taken_over", {"file": round.store}, lang))
    return 0
