"""Findings, submissions and corrections as lines for a person who reads a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from perfxl import messages
from perfxl.batch.correct import CorrectedFile
from perfxl.finding import REMARK, SEVERITIES, Finding
from perfxl.form import installed as forms
from perfxl.report.console import say
from perfxl.rules import Policy
from perfxl.submission import Submission

SHOWN = 3
"""So many cells of a finding are shown in a line of text; of more the first, and how many."""


def show(found: Sequence[Finding], lang: str) -> None:
    """Prints a line for each finding, below the sheet it is on; and, as a sentence, how many there are."""
    for line in finding_lines(found, lang):
        click.echo(line)
    say(tally_line(found, lang))


def read_lines(submission: Submission, doubts: Sequence[Finding], lang: str) -> Iterator[str]:
    """A sheet read: how its answers were understood, what of the reading is in doubt, what belongs to no field."""
    facts = {
        "file": submission.file,
        "sheet": submission.sheet,
        "form": forms.load(submission.form).label,
        "filled": sum(_filled(submission.record)),
        "notes": len(submission.notes),
    }
    yield messages.say("report.read.sheet", facts, lang)
    for note in submission.notes:
        facts = {
            "cell": note.cell,
            "raw": note.raw,
            "understood": note.understood,
            "how": [messages.say(f"kinds.how.{word}", {}, lang) for word in note.how],
            "problem": messages.say(f"kinds.problem.{note.problem}", {}, lang) if note.problem else "",
        }
        yield messages.say("report.read.note", facts, lang)
    yield from (_finding_line(each, lang) for each in doubts)
    for unplaced in submission.unplaced:
        yield messages.say("report.read.unplaced", {"cell": unplaced.cell, "text": unplaced.text}, lang)


def _filled(value: Any) -> Iterator[bool]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _filled(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _filled(inner)
    else:
        yield value is not None


def finding_lines(found: Sequence[Finding], lang: str) -> Iterator[str]:
    place = ""
    for each in found:
        if place != (place := messages.say("report.check.place", {"file": each.file, "sheet": each.sheet}, lang)):
            yield place
        yield _finding_line(each, lang)


def _finding_line(each: Finding, lang: str) -> str:
    words = finding_words(each, lang)
    if len(cells := words["cells"]) > SHOWN:
        words["cells"] = [messages.say("places.several", {"first": cells[0], "count": len(cells)}, lang)]
    return messages.say("report.check.line", words, lang)


def finding_words(each: Finding, lang: str) -> dict[str, Any]:
    return {
        "severity": messages.say(f"report.severity.{each.severity}", {}, lang),
        "cells": [cell.rpartition("!")[2] for cell in each.cells],
        "message": messages.message(each, lang),
        "code": messages.words(each, lang).title if each.code == REMARK else each.code,
        "said": messages.say("report.check.said", _said(each), lang),
    }


def _said(each: Finding) -> dict[str, str]:
    """What people said of a finding, where that settles it."""
    state = "answered" if each.answered else "withdrawn" if each.withdrawn else ""
    return {"state": state, "explanation": each.explanation.strip() if each.answered else ""}


def tally_line(found: Sequence[Finding], lang: str) -> str:
    """How many of each severity there are that nobody answered, and how many somebody did."""
    counts = Counter(each.severity for each in found if each.open)
    facts: dict[str, int] = {severity: counts[severity] for severity in SEVERITIES}
    facts |= {"answered": sum(each.answered for each in found), "withdrawn": sum(each.withdrawn for each in found)}
    return messages.say("report.check.tally", facts, lang)


def change_lines(each: CorrectedFile, policy: Policy, lang: str) -> Iterator[str]:
    """The list of before and after."""
    yield str(each.opened.item.label)
    for change in (change for change in each.made.changes if not change.listed):
        facts = {
            "sheet": change.reading.submission.sheet,
            "cell": change.cell,
            "place": change.place(lang),
            "before": change.before,
            "after": change.after,
            "basis": change.basis(policy, lang).split("\n"),
        }
        yield messages.say("report.correct.change", facts, lang)
