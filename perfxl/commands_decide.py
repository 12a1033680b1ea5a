"""The commands that show what is known of a project, and note what an officer decides about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfxl import messages
from perfxl.batch import output as files
from perfxl.errors import RoundError
from perfxl.report import dossier as words
from perfxl.report.console import data, say, show_line
from perfxl.report.outcome import say_refusals
from perfxl.rounds.desk import deciding, decision_list, dossier
from perfxl.rounds.desk.round_store import registry_of
from perfxl.rounds.round import find_round


def show_dossier(unit: str, number: int | None, form: str, as_json: bool, folder: Path, lang: str) -> int:
    """Show what is known of a unit, or of one of its projects."""
    round = find_round(folder)
    registry_of(round)
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


def decide(spoken: Mapping[str, Any], as_json: bool, folder: Path, lang: str) -> int:
    """Note a decision about a project or a unit, as it was typed: the options of the command by their names."""
    round = find_round(folder)
    registry_of(round, write=True)
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
    registry_of(round, write=True)
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
    registry_of(round, write=not given["target"])
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
