"""The commands that begin a round and take its registry in; each calls its verb and prints what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from perfxl import messages, rules
from perfxl.batch import output as files
from perfxl.batch.issue_values import split_settings
from perfxl.batch.stage import load_stage
from perfxl.errors import NothingToDo
from perfxl.form import installed
from perfxl.report.console import data, say, show_line
from perfxl.report.issue import preview_plain, registry_change_lines, registry_plain
from perfxl.rounds.desk import registering, staging
from perfxl.rounds.desk.registering import RegistryPreview
from perfxl.rounds.desk.round_store import registry_of
from perfxl.rounds.desk.staging import StagedRecords, StageOrder
from perfxl.rounds.registry.workbook import write_registry
from perfxl.rounds.round import create_round, find_round, plan_round
from perfxl.rounds.store.opening import open_store

PHASE = "一上"
"""The phase of a round that is told none."""


def new(folder: Path, year: int, forms: Sequence[str], told: Mapping[str, str], lang: str) -> int:
    """Make the folder of a round, and say what to do next. ``told``: phase, deadline, office, telephone, store."""
    chosen = tuple(forms) or (installed.DEFAULT,)
    phase = told["phase"] or PHASE
    named = {key: told[key] for key in ("deadline", "office", "phone", "store")}
    made = create_round(folder, year, phase, chosen, lang=lang, **named)
    say(messages.say("rounds.new", {"folder": folder, "inbox": made.folders["inbox"]}, lang))
    return 0


def new_of_stage(folder: Path, former: Path, year: int | None, told: Mapping[str, Any], lang: str) -> int:
    """Make the round of a stage from what another round approved, and say what does not go along.

    ``told``: the options of the call; office and telephone are those of the former round where they are not said. With
    anything wrong all that is wrong is said, and nothing is made.
    """
    order = StageOrder(told["stage"], told["scheme"], told["adjusted"], split_settings(told["settings"]))
    source, stage = staging.open_former(former, year), load_stage(order.stage)
    kept = staging.files_of(order, source)
    own = order.scheme and (staging.SCHEME if staging.SCHEME in kept else order.scheme)
    named = {"rules": staging.RULES, "adjusted": staging.ADJUSTED}
    facts: dict[str, Any] = {
        "forms": [stage.form], "stage": order.stage, "scheme": own,
        **{key: name for key, name in named.items() if name in kept}, "deadline": told["deadline"],
        "office": told["office"] or source.office, "phone": told["phone"] or source.phone, "store": told["store"],
    }  # fmt: skip
    phase = told["phase"] or stage.phase
    plan_round(folder, source.year, phase, lang, facts)  # raises
    used = replace(order, scheme=order.scheme or rules.load_policy(source.rules_file).scheme)
    with staging.stage_records(source, used) as staged:
        for line in _staged_lines(staged, lang):
            say(line)
        if staged.mistakes:
            return 2
        round, text = plan_round(folder, source.year, phase, lang, {**facts, "values": dict(staged.values)})
        staging.write_stage_round(round, text, kept, staged)
        counts = {"units": len({one.unit for one in staged.registry.projects}), "left": len(staged.left_out)}
        asked = len(staged.registry.asked())
    say(messages.say("rounds.stage.new", {"folder": folder, "former": source.name, "projects": asked, **counts}, lang))
    return 0


def stage_registry(former: Path, dry_run: bool, as_json: bool, folder: Path, lang: str) -> int:
    """Take into the round of a stage what another round has approved since."""
    round = find_round(folder)
    order = staging.stage_order(round)
    with staging.stage_records(staging.open_former(former, round.year), order) as staged:
        if not as_json or staged.mistakes:
            for line in _staged_lines(staged, lang):
                say(line)
        if staged.mistakes:
            return 2
        preview = staging.take_records(round, staged, write=not dry_run)
    _show_preview(preview, dry_run, as_json, lang)
    return 0


def _staged_lines(staged: StagedRecords, lang: str) -> Iterator[str]:
    """Yield the lines about what does not go along, what is said beside, and what is wrong."""
    for kind, projects in (("left_out", staged.left_out), ("unreported", staged.unreported)):
        for unit, group in groupby(projects, key=lambda one: one.unit):
            shown = [
                {
                    "number": one.project.number,
                    "name": one.project.name,
                    "state": messages.say(f"rounds.state.{one.state}", {}, lang),
                }
                for one in group
            ]
            yield messages.say(f"rounds.stage.{kind}", {"unit": unit, "projects": shown}, lang)
    for unit, error in (*staged.notes, *staged.mistakes):
        yield f"{unit}　{messages.sentence(error, lang)}" if unit else messages.sentence(error, lang)


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
    if preview.changes and not dry_run:
        registering.import_registry(round, preview.registry)
    _show_preview(preview, dry_run, as_json, lang)
    return 0


def _show_preview(preview: RegistryPreview, dry_run: bool, as_json: bool, lang: str) -> None:
    """Say what a registry has changed, or would."""
    if as_json:
        data(json.dumps(preview_plain(preview, not dry_run), ensure_ascii=False, indent=2))
    else:
        for line in registry_change_lines(preview, lang):
            show_line(line)
    if preview.listed.named_above:
        say(messages.say("rounds.registry.named_above", {"names": preview.listed.named_above}, lang))
    if preview.listed.ignored:
        say(messages.say("rounds.registry.ignored", {"headings": preview.listed.ignored}, lang))
    counts = {"units": len(preview.listed.units), "projects": len(preview.listed.projects)}
    facts = {**counts, "changes": len(preview.changes)}
    say(messages.say("rounds.registry.dry" if dry_run else "rounds.registry.done", facts, lang))


def take_over(folder: Path, lang: str) -> int:
    """Take the right to write from a machine that fell silent."""
    round = find_round(folder)
    with open_store(round.store, write=True, take_over=True) as store:
        say(messages.say("rounds.taken_over", {"file": store.name}, lang))
    return 0
