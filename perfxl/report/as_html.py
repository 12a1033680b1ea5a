"""Findings as one HTML page that needs nothing else."""

from __future__ import annotations

import html
from collections.abc import Iterator

from perfxl import messages
from perfxl.batch.check import CheckedFiles
from perfxl.finding import Finding
from perfxl.report.as_text import checked_line, finding_words, sheet_words
from perfxl.report.console import data
from perfxl.workbook.sheet.colours import FLAG_FILLS

_STYLE = (
    "body{font:14px serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px 8px}"
    + "".join(f".{severity} td:first-child{{background:{fill}}}" for severity, fill in FLAG_FILLS.items() if fill)
)


def show(checked: CheckedFiles, lang: str) -> None:
    """Print the page."""
    for line in _page(checked, lang):
        data(line)


_COLUMNS = ("severity", "file", "sheet", "cells", "message", "code")


def _page(checked: CheckedFiles, lang: str) -> Iterator[str]:
    """Yield the lines of the page."""
    heads = "".join(f"<th>{html.escape(messages.say(f'report.html.{key}', {}, lang))}</th>" for key in _COLUMNS)
    title = html.escape(messages.say("report.html.title", {}, lang))
    yield f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n<p>{html.escape(checked_line(checked, lang))}</p>"
    yield from (f"<p>{html.escape(messages.sentence(refusal, lang))}</p>" for refusal in checked.refused)
    yield f"<table>\n<tr>{heads}</tr>"
    yield from (_row(finding, lang) for finding in checked.findings)
    yield "</table></body>\n</html>"


def _row(finding: Finding, lang: str) -> str:
    words = {**finding_words(finding, lang), "file": finding.file, "sheet": sheet_words(finding, lang)}
    words["cells"] = " ".join(words["cells"])
    words["message"] += words["said"]
    cells = "".join(f"<td>{html.escape(str(words[key]))}</td>" for key in _COLUMNS)
    return f'<tr class="{finding.severity}">{cells}</tr>'
