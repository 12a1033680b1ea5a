"""The whole job once, on the invented township that ships with perfxl: blanks out, filled ones in, flags on them.

Then the same as a round, which remembers who sent what.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path, PurePosixPath

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import perfxl
from perfxl import commands, messages
from perfxl.batch import output as files
from perfxl.batch.flag import FlaggedFile
from perfxl.errors import OutputExists
from perfxl.finding import SEVERITIES, Severity
from perfxl.report.console import show_line
from perfxl.rounds.arrivals import list_arrived
from perfxl.rounds.desk import collecting, deciding, issuing, registering, returning
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.desk.viewing import status
from perfxl.rounds.registry.reading import read_registry
from perfxl.rounds.round import create_round
from perfxl.rounds.states import STATES
from perfxl.rounds.store.opening import open_store

STEPS = ("1-下发", "2-报回", "3-退回", "4-批次")
"""The folders that the demonstration writes: what goes out, what comes back, what is returned with flags; a round."""

ROUND = "2024一上"
"""The round's folder, in the last of these."""

WORST = 3
"""The number of sentences that are shown, each of another sheet."""


def demonstrate(directory: Path, force: bool, lang: str) -> int:
    """Write ``directory`` and print what happened and where the files are; return 0, for its mistakes are planted.

    Raises OutputExists, before anything is written, where it was written before.
    """
    out, back, returned, rounds = (directory / name for name in STEPS)
    for folder in (out, back, returned, rounds):
        files.check_free([folder / "x"], force=True)
        if folder.exists() and not (force and folder.is_dir()):
            raise OutputExists(file=str(folder))

    examples = resources.files("perfxl.examples")
    with resources.as_file(examples / "records.yaml") as records:
        written = [
            workbook
            for form in ("project-target", "department-goals")
            for workbook in perfxl.generate(records, output=out, form=form, force=force)
        ]
    _say("blanks", lang, records="examples/records.yaml", files=len(written), folder=out)

    shipped = (file for file in (examples / "filled").iterdir() if file.name.endswith(".xlsx"))
    filled = sorted(shipped, key=lambda file: file.name)
    for file in filled:
        files.write_file(back / file.name, file.read_bytes())
    opened = commands.open_files([back / file.name for file in filled], lang)
    _say("filled", lang, files=len(filled), sheets=len(opened.submissions))
    show_line(f"   {back}")

    flagged = perfxl.flag(opened, output=returned, force=force).files
    _say("flagged", lang, folder=returned)
    console = Console(highlight=False)
    with console.capture() as drawn:
        console.print(_table(flagged, lang))
    click.echo(drawn.get(), nl=False)
    show_line(messages.say("report.demo.worst", {}, lang))
    for sheet, sentence in _worst(flagged, lang):
        show_line(f"  {sheet}")
        for line in Text(messages.one_line(sentence)).wrap(console, console.width - 4):
            show_line(f"    {line.plain.rstrip()}")
    shutil.rmtree(rounds / ROUND, ignore_errors=True)  # of the demonstration before
    _play_round(rounds / ROUND, lang)
    return 0


def _play_round(folder: Path, lang: str) -> None:
    """Play a round: each command, and what comes of it."""
    round = create_round(folder, 2024, "一上", lang=lang)
    _say("round", lang, folder=folder)
    examples = resources.files("perfxl.examples")
    with resources.as_file(examples / "registry.csv") as source:
        registry = read_registry(source, round.form())
    registering.import_registry(round, registry)
    _step("registry", lang, units=len(registry.units), projects=len(registry.projects))
    _step("issue", lang, files=len(issuing.issue(round).workbooks))
    for file in examples.joinpath("filled").iterdir():
        if file.name.endswith(".xlsx"):
            files.write_file(round.path("inbox") / file.name, file.read_bytes())
    results = collecting.take_in(round, list_arrived(round.path("inbox")).items)
    _step("collect", lang, files=len(results))
    for result in results:
        verdict = messages.say(f"rounds.verdict.{result.verdict}", {}, lang)
        _say("arrived", lang, verdict=verdict, file=PurePosixPath(result.arrival.name).name)
    returned = returning.give_back(round)
    _step(
        "return",
        lang,
        files=sum(len(unit.workbooks) for unit in returned),
        projects=sum(len(unit.projects) for unit in returned),
    )
    with open_store(round.store, write=False) as store:
        ready = min(key for key, standing in standings_of(store).items() if standing.state == "ready")
    deciding.decide(round, ready, "approve")
    _step("decide", lang, unit=ready[0], number=ready[2])
    counts = status(round).total.counts
    words = {messages.say(f"rounds.state.{state}", {}, lang): counts[state] for state in STATES if counts.get(state)}
    _step("status", lang, states=words)


def _step(key: str, lang: str, **facts: object) -> None:
    _say(f"step.{key}", lang, **facts)


def _say(key: str, lang: str, **facts: object) -> None:
    show_line(messages.say(f"report.demo.{key}", facts, lang))


def _table(flagged: Sequence[FlaggedFile], lang: str) -> Table:
    """Return a table of the files and of their form sheets in which something was found, with counts of findings."""
    # ASCII lines: neither an old console's code page nor a file lacks them, and no font makes them double-width
    table = Table(title=Text(messages.say("report.demo.title", {}, lang)), box=box.ASCII, show_edge=False)
    heads = {key: Text(messages.say(f"report.demo.head.{key}", {}, lang)) for key in ("file", "sheet")}
    table.add_column(Text("／").join(heads.values()), overflow="fold")
    for key in ("errors", "warnings", "fixes", "hints"):
        table.add_column(messages.say(f"report.demo.head.{key}", {}, lang), justify="right", no_wrap=True)
    whole: Counter[Severity] = Counter()
    for file in flagged:
        table.add_row(
            Text(messages.one_line(PurePosixPath(file.name).name), style="bold"),
            *_counts(Counter(found.severity for found in file.findings)),
        )
        for sheet in file.sheets:
            counts = Counter(found.severity for found in file.findings if found.sheet == sheet)
            whole.update(counts)
            if counts and len(file.sheets) > 1:
                table.add_row(Text(messages.one_line(f"  {sheet}")), *_counts(counts))
    table.add_section()
    table.add_row(messages.say("report.demo.total", {}, lang), *_counts(whole))
    return table


def _counts(counts: Mapping[Severity, int]) -> list[str]:
    return [str(counts.get(severity, "")) for severity in SEVERITIES]


def _worst(flagged: Sequence[FlaggedFile], lang: str) -> list[tuple[str, str]]:
    """Return a 强制性 sentence for some sheets: the first one about money, which has the arithmetic, else the first."""
    found = [finding for file in flagged for finding in file.findings if finding.severity == "error"]
    found.sort(key=lambda finding: not finding.code.startswith("MN-"))
    by_sheet = {(finding.file, finding.sheet): finding for finding in reversed(found)}
    return [(finding.sheet, messages.message(finding, lang)) for finding in reversed(by_sheet.values())][:WORST]
