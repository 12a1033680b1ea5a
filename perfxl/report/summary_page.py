"""A summary as one HTML page that needs nothing else: its tables one below the other, and scripts for a search."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from perfxl import messages
from perfxl.report.board_page import STYLE
from perfxl.summary import SummaryRow, SummaryTable, TableValue, ValueKind

_TEMPLATE = Path(__file__).with_name("summary_page.html")


def summary_page(tables: Sequence[SummaryTable], lang: str) -> str:
    """Return the tables as an HTML page; the sum of all units stands first, as on the board of a round."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        lang=lang,
        style=STYLE.read_text(encoding="utf-8").rstrip(),
        tables=[(table, _total_first(table.rows)) for table in tables],
        shown=_shown,
        words={
            "find": messages.say("report.summary.find", {}, lang),
            "none": messages.say("report.summary.none", {}, lang),
        },
    )
    return messages.harmless(page)


def _total_first(rows: Sequence[SummaryRow]) -> list[SummaryRow]:
    return sorted(rows, key=lambda row: row.level != "total")


def _shown(value: TableValue, kind: ValueKind) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Decimal) or kind in ("money", "rate", "points"):
        return f"{value:,.2f}"
    return f"{value:,}"
