"""Findings as one HTML page that needs nothing else."""

from __future__ import annotations

import html

from perfxl import messages
from perfxl.batch.check import CheckedFiles
from perfxl.report.as_text import checked_line, finding_words, sheet_words
from perfxl.report.console import data
from perfxl.workbook.sheet.colours import FLAG_FILLS

_STYLE = (
    "body{font:14px serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px 8px}"
    + "".join(f".{severity} td:first-child{{background:{fill}}}" for severity, fill in FLAG_FILLS.items() if fill)
)


def show(checked: CheckedFiles, lang: str) -> None:
    """Print the page."""
    data(_page(checked, lang))


def _page(checked: CheckedFiles, lang: str) -> str:
    """Return the findings as one HTML page that needs nothing else."""
    columns = ("severity", "file", "sheet", "cells", "message", "code")
    heads = "".join(f"<th>{html.escape(messages.say(f'report.html.{key}', {}, lang))}</th>" for key in columns)
    rows = []
    for finding in checked.findings:
        words = {**finding_words(finding, lang), "file": finding.file, "sheet": sheet_words(finding, lang)}
        words["cells"] = " ".join(words["cells"])
        words["message"] += words["said"]
        cells = "".join(f"<td>{html.escape(str(words[key]))}</td>" for key in columns)
        rows.append(f'<tr class="{finding.severity}">{cells}</tr>\n')
    refused = "".join(f"<p>{html.escape(messages.sentence(refusal, lang))}</p>\n" for refusal in checked.refused)
    title = html.escape(messages.say("report.html.title", {}, lang))
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n<p>{html.escape(checked_line(checked, lang))}</p>\n"
        f"{refused}"
        f"<table>\n<tr>{heads}</tr>\n{''.join(rows)}</table></body>\n</html>"
    )
