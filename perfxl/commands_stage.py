"""The commands of the stages after the target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import perfxl
from perfxl import messages
from perfxl.batch.issue_values import split_settings
from perfxl.report.console import say, show_line
from perfxl.report.outcome import say_refusals


def make(
    name: str, sources: Sequence[Path], output: Path, lang: str, settings: Sequence[str] = (), **options: Any
) -> int:
    """Write the workbooks of a stage and say which; with anything wrong, all that is, and no workbook."""
    made = perfxl.stage(name, *sources, output=output, values=split_settings(settings), **options)
    say_refusals(made.refused, lang)
    if made.refused:
        return 2
    for file in made.from_records:
        say(messages.say("report.stage.taken_as_approved", {"file": file}, lang))
    for unit in made.units:
        for note in unit.notes:
            say(
                f"{unit.unit} {messages.sentence(note, lang)}" if len(made.units) > 1 else messages.sentence(note, lang)
            )
        for workbook in unit.workbooks:
            show_line(workbook.path)
    sheets = sum(workbook.sheets for workbook in made.workbooks)
    say(messages.say("report.generated", {"files": len(made.workbooks), "sheets": sheets, "output": output}, lang))
    return 0
