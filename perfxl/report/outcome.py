"""The outcome of a call over many files: what was refused, and the status that says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfxl import messages
from perfxl.errors import PerfxlError
from perfxl.finding import Finding
from perfxl.report.console import say


def say_refusals(refused: Iterable[PerfxlError], lang: str) -> None:
    """Say why files could not be read, or not be written, and what lies beside them."""
    for refusal in refused:
        say(messages.sentence(refusal, lang))


def exit_status(found: Iterable[Finding], refused: Sequence[PerfxlError]) -> int:
    """Return a call's exit status: 2 where a file could not be read, 1 where something must be fixed, else 0."""
    return 2 if refused else 1 if any(finding.severity == "error" and finding.open for finding in found) else 0
