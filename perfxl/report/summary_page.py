"""A summary as one HTML page that needs nothing else: its tables one below the other, and scripts for a search."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from perfxl import messages
from perfxl.report.html_page import html_page
from perfxl.summary import SummaryRow, SummaryTable, TableValue, ValueKind


def summary_page(tables: Sequence[SummaryTable], lang: str) -> str:
    """Return the tables as an HTML page; the sum of all units stands first, as on the board of a round."""
    return html_page(
        "summary_page.html",
        lang,
        tables=[(table, _total_first(table.rows)) for table in tables],
        shown=_shown,
        words={
            "find": messages.say("report.summary.find", {}, lang),
            "none": messages.say("report.summary.none", {}, lang),
        },
    )


def _total_first(rows: Sequence[SummaryRow]) -> list[SummaryRow]:
    return sorted(rows, key=lambda row: row.level != "total")


def _shown(value: TableValue, kind: ValueKind) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Decimal) or kind in ("money", "rate", "points"):
        return f"{value:,.2f}"
    return f"{value:,}"
