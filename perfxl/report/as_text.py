"""Findings, submissions and corrections as lines for a person who reads a screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perfxl import messages
from perfxl.finding import REMARK, SEVERITIES, Finding
from perfxl.form import installed as forms
from perfxl.report.console import say, show_line
from perfxl.rules import Policy
from perfxl.submission import Submission

if TYPE_CHECKING:
    from perfxl.batch.check import CheckedFiles
    from perfxl.batch.correct import CorrectedFile

SHOWN = 3
"""So many cells of a finding are shown in a line of text; of more the first, and how many."""


def show(checked: CheckedFiles, lang: str) -> None:
    """Print a line for each finding, below the sheet it is on; and, as a sentence, the number of each severity."""
    for line in finding_lines(checked.findings, lang):
        show_line(line)
    say(checked_line(checked, lang))


def read_lines(submission: Submission, doubts: Sequence[Finding], lang: str) -> Iterator[str]:
    """Describe a sheet that was read: the answers understood, the doubts, the texts that belong to no field."""
    facts = {
        "file": submission.file,
        "sheet": submission.sheet,
        "form": forms.load(submission.form, submission.version).label,
        "filled": sum(_filled(submission.record)),
        "notes": len(submission.notes),
    }
    yield from finding_lines([finding for finding in doubts if finding.of_file], lang)
    yield messages.say("report.read.sheet", facts, lang)
    for note in submission.notes:
        facts = {
            "cell": note.cell,
            "raw": note.raw,
            "understood": note.understood,
            "how": [messages.say(f"types.how.{word}", {}, lang) for word in note.how],
            "problem": messages.say(f"types.problem.{note.problem}", {}, lang) if note.problem else "",
        }
        yield messages.say("report.read.note", facts, lang)
    yield from (_finding_line(finding, lang) for finding in doubts if not finding.of_file)
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
    """Yield a line for each finding, and before the first one of a sheet the file and the sheet."""
    place = ""
    for finding in found:
        about = {"file": finding.file, "sheet": sheet_words(finding, lang)}
        if place != (place := messages.say("report.check.place", about, lang)):
            yield place
        yield _finding_line(finding, lang)


def sheet_words(finding: Finding, lang: str) -> str:
    """Return the name of the sheet that a finding is about, or words for the whole file."""
    return messages.say("places.file", {}, lang) if finding.of_file else finding.sheet


def _finding_line(finding: Finding, lang: str) -> str:
    words = finding_words(finding, lang)
    if len(cells := words["cells"]) > SHOWN:
        words["cells"] = [messages.say("places.several", {"first": cells[0], "count": len(cells)}, lang)]
    return messages.say("report.check.line", words, lang)


def finding_words(finding: Finding, lang: str) -> dict[str, Any]:
    """Return the words of a finding: its severity, cells, sentence, code, and the answer to it."""
    return {
        "severity": messages.say(f"report.severity.{finding.severity}", {}, lang),
        "cells": [cell.rpartition("!")[2] for cell in finding.cells],
        "message": messages.message(finding, lang),
        "code": messages.words(finding, lang).title if finding.code == REMARK else finding.code,
        "said": messages.say("report.check.said", _said(finding), lang),
    }


def _said(finding: Finding) -> dict[str, str]:
    """Return the answer of people to a finding, where that settles it."""
    state = "answered" if finding.answered else "withdrawn" if finding.withdrawn else ""
    return {"state": state, "explanation": finding.explanation.strip() if finding.answered else ""}


def tally_line(found: Sequence[Finding], lang: str) -> str:
    """Count the findings of each severity that nobody answered, and those that somebody did."""
    counts = Counter(finding.severity for finding in found if finding.open)
    facts: dict[str, int] = {severity: counts[severity] for severity in SEVERITIES}
    facts |= {
        "answered": sum(finding.answered for finding in found),
        "withdrawn": sum(finding.withdrawn for finding in found),
    }
    return messages.say("report.check.tally", facts, lang)


def checked_line(checked: CheckedFiles, lang: str) -> str:
    """Count the findings of a call, and the files that could not be checked; where nothing was checked, only these."""
    left = len(checked.refused)
    unchecked = messages.say("report.check.unchecked", {"files": left}, lang) if left else ""
    return "　".join(filter(None, [tally_line(checked.findings, lang) if checked.checked else "", unchecked]))


def change_lines(file: CorrectedFile, policy: Policy, lang: str) -> Iterator[str]:
    """List the changes of a workbook, each as it was and as it is, in the cells of the new workbook."""
    yield messages.say("report.correct.dry", {"file": file.source, "name": file.name}, lang)
    for change in (change for change in file.changes if not change.listed):
        facts = {
            "sheet": change.sheet,
            "cell": change.cell,
            "place": change.place(lang),
            "before": change.before,
            "after": change.after,
            "basis": change.basis(policy, lang).split("\n"),
        }
        yield messages.say("report.correct.change", facts, lang)
