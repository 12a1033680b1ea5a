"""The words about a round: the changes of its registry, what became of the files that arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from perfxl import messages
from perfxl.rounds.collect import ArrivalResult, SheetResult
from perfxl.rounds.registry.changes import RegistryChange


def registry_change_lines(changes: Sequence[RegistryChange], lang: str) -> Iterator[str]:
    """Yield a line for each change of a registry."""
    for change in changes:
        yield messages.say("rounds.registry.change", vars(change), lang)


def arrival_lines(results: Sequence[ArrivalResult], lang: str) -> Iterator[str]:
    """Yield a line for each file, below it one for each sheet that asks something of a person."""
    for result in results:
        facts = {
            "file": result.arrival.name,
            "verdict": messages.say(f"rounds.verdict.{result.verdict}", {}, lang),
            "sheets": len(result.sheets),
            "reason": messages.sentence(result.reason, lang) if result.reason else "",
        }
        yield messages.say("rounds.collect.file", facts, lang)
        for sheet in result.sheets:
            if sheet.verdict == "question":
                yield messages.say("rounds.collect.sheet", _question_facts(sheet, lang), lang)


def _question_facts(sheet: SheetResult, lang: str) -> dict[str, Any]:
    kind = sheet.outcome.kind or "unknown_project"
    question = messages.say(f"rounds.question.{kind}", sheet.outcome.facts, lang)
    return {"unit": sheet.key[0], "number": sheet.key[2], "sheet": sheet.submission.sheet, "question": question}


def arrivals_plain(results: Sequence[ArrivalResult]) -> list[dict[str, Any]]:
    """Return what became of the files as JSON data."""
    return [
        {
            "file": result.arrival.name,
            "digest": result.arrival.digest,
            "verdict": result.verdict,
            "reason": str(result.reason) if result.reason else None,
            "sheets": [
                {
                    "unit": sheet.key[0],
                    "form": sheet.key[1],
                    "number": sheet.key[2],
                    "verdict": sheet.verdict,
                    "question": sheet.outcome.kind,
                    "findings": len(sheet.findings),
                }
                for sheet in result.sheets
            ],
        }
        for result in results
    ]
