"""The whole job once, on the invented township that ships with perfxl: blanks out, filled ones in, flags on them."""

from __future__ import annotations

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

STEPS = ("1-下发", "2-报回", "3-退回")
"""The folders that the demonstration writes: what goes out, what comes back, what is returned with flags."""

WORST = 3
"""The number of sentences that are shown, each of another sheet."""


def demonstrate(directory: Path, force: bool, lang: str) -> int:
    """Write ``directory`` and print what happened and where the files are; return 0, for its mistakes are planted.

    Raises OutputExists, before anything is written, where it was written before.
    """
    out, back, returned = (directory / name for name in STEPS)
    for folder in (out, back, returned):
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
    return 0


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
