"""The whole job once, on the invented township that ships with perfxl: blanks out, filled ones in, flags on them."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from perfxl import messages, report
from perfxl import output as files
from perfxl.finding import SEVERITIES
from perfxl.workbook.generate import generate


def demonstrate(directory: Path, force: bool, lang: str) -> int:
    """Writes ``directory`` and prints what happened and where the files are; 0, for its mistakes are planted."""
    examples = resources.files("perfxl.examples")
    out, back, returned = (directory / name for name in ("1-下发", "2-报回", "3-退回"))

    def say(key: str, **facts: object) -> None:
        click.echo(messages.say(f"report.demo.{key}", facts, lang))

    with resources.as_file(examples / "records.yaml") as records:
        written = [*generate(records, out, force=force), *generate(records, out, form="department-goals", force=force)]
    say("blanks", records="examples/records.yaml", files=len(written), folder=out)

    filled = sorted((each for each in (examples / "filled").iterdir() if each.name.endswith(".xlsx")), key=lambda e: e.name)
    files.free([back / each.name for each in filled], force)
    for each in filled:
        files.write(back / each.name, each.read_bytes())
    inbox = report.opened([back], lang)
    say("filled", files=len(filled), sheets=sum(len(each.submissions) for each in inbox.opened))

    flagged = report.flag_all(inbox.opened, returned, force=force)
    say("flagged", folder=returned)
    Console().print(_table(flagged, lang))
    return 0


def _table(flagged: tuple[report.Returned, ...], lang: str) -> Table:
    """The findings of each form sheet, counted."""
    table = Table(title=messages.say("report.demo.title", {}, lang))
    for key in ("file", "sheet"):
        table.add_column(messages.say(f"report.demo.head.{key}", {}, lang), overflow="fold")
    for key in ("errors", "warnings", "fixes", "hints"):
        table.add_column(messages.say(f"report.demo.head.{key}", {}, lang), justify="right")
    whole: Counter[str] = Counter()
    for each in flagged:
        for submission in each.opened.submissions:
            counts = Counter(found.severity for found in each.findings if found.sheet == submission.sheet)
            whole.update(counts)
            if counts or len(each.opened.submissions) == 1:
                table.add_row(each.path.name, submission.sheet, *(str(counts[severity] or "") for severity in SEVERITIES))
    table.add_section()
    table.add_row(messages.say("report.demo.total", {}, lang), "", *(str(whole[severity]) for severity in SEVERITIES))
    return table
