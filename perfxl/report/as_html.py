"""Findings as one HTML page that needs nothing else."""

from __future__ import annotations

import html
from collections.abc import Sequence

from perfxl import messages
from perfxl.finding import Finding
from perfxl.report.as_text import finding_words, tally_line
from perfxl.report.console import data
from perfxl.workbook.sheet.colours import FLAG_FILLS

_STYLE = (
    "body{font:14px serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px 8px}"
    + "".join(f".{severity} td:first-child{{background:{fill}}}" for severity, fill in FLAG_FILLS.items() if fill)
)


def show(found: Sequence[Finding], lang: str) -> None:
    """Print the page."""
    data(_page(found, lang))


def _page(found: Sequence[Finding], lang: str) -> str:
    """Return the findings as one HTML page that needs nothing else."""
    columns = ("severity", "file", "sheet", "cells", "message", "code")
    heads = "".join(f"<th>{html.escape(messages.say(f'report.html.{key}', {}, lang))}</th>" for key in columns)
    rows = []
    for finding in found:
        words = {**finding_words(finding, lang), "file": finding.file, "sheet": finding.sheet}
        words["cells"] = " ".join(words["cells"])
        words["message"] += words["said"]
        cells = "".join(f"<td>{html.escape(str(words[key]))}</td>" for key in columns)
        rows.append(f'<tr class="{finding.severity}">{cells}</tr>\n')
    title = html.escape(messages.say("report.html.title", {}, lang))
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n<p>{html.escape(tally_line(found, lang))}</p>\n"
        f"<table>\n<tr>{heads}</tr>\n{''.join(rows)}</table></body>\n</html>"
    )
