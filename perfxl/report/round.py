"""The words about a round: what became of the files that arrived, its board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len

from perfxl import messages
from perfxl.rounds.board import BoardLine, total
from perfxl.rounds.collect import ArrivalResult, SheetResult
from perfxl.rounds.round import Round
from perfxl.rounds.states import STATES


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


def board_lines(round: Round, board: Sequence[BoardLine], lang: str) -> Iterator[str]:
    """Yield the board as a table: a unit a line, its state, its projects by state; the sums at the end."""
    words = {state: messages.say(f"rounds.state.{state}", {}, lang) for state in (*STATES, "partial")}
    heads = [messages.say(f"rounds.board.{key}", {}, lang) for key in ("unit", "state", "projects")]
    rows = [[*heads, *(words[state] for state in STATES)]]
    for line in board:
        name = "　" * line.depth + f"{line.code}{line.name}"
        late = messages.say("rounds.board.late", {}, lang) if line.late else ""
        state = f"{words[line.state]}{late}" if line.state else ""
        rows.append([name, state, str(line.projects), *(str(line.counts.get(state, 0) or "") for state in STATES)])
    sums = total(board)
    rows.append([messages.say("rounds.board.sum", {}, lang), "", str(sum(sums.values())), *map(str, sums.values())])
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    yield messages.say("rounds.board.title", {"name": round.name, "deadline": round.deadline}, lang)
    for row in rows:
        cells = (text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
