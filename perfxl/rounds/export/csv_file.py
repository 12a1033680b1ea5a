"""A flat table as a CSV file, as Excel and WPS open it: in UTF-8 with its mark, every text in quotes.

Quotes do not keep a spreadsheet from taking a text for a formula: ``"=1+1"`` is calculated all the same. So a text that
begins like one has an apostrophe before it, and one that begins with an apostrophe a second one: whoever takes one
apostrophe off the beginning of a text that has it holds what was typed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import BinaryIO

from perfxl.form.characters import squeeze
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import ExportTable, Value

_BLANK = re.compile(r"\s*[\t\r]")
"""Signs that some programs leave out before they look for a formula."""
_FORMULA = ("=", "+", "-", "@")


def write_csv(table: ExportTable, projects: Iterable[ExportedProject], stream: BinaryIO) -> None:
    """Write a table."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([column.heading for column in table.columns])
    for project in projects:
        writer.writerows(map(csv_value, row) for row in table.rows(project))
    text.detach()


def csv_value(value: Value) -> Value:
    """Return a value as it is written: a text that a spreadsheet would take for a formula has an apostrophe before."""
    if not isinstance(value, str):
        return value
    begins = value.startswith("'") or _BLANK.match(value) or squeeze(value[:200]).startswith(_FORMULA)
    return f"'{value}" if begins else value
