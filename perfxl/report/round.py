"""The words about a round: what became of the files that arrived, its board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from perfxl import messages
from perfxl.form import installed
from perfxl.rounds.collect import ArrivalResult, SheetResult
from perfxl.rounds.ledger import TRIED_ANEW, EarlierDelivery, Verdict
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round


def arrival_lines(round: Round, results: Sequence[ArrivalResult], lang: str) -> Iterator[str]:
    """Yield a line for each file, below it one for each sheet that asks something of a person."""
    for result in results:
        facts = {
            "file": result.arrival.name,
            "verdict": messages.say(f"rounds.verdict.{result.verdict}", {}, lang),
            "sheets": len(result.sheets),
            "remarks": [*_remarks(result, lang)],
        }
        yield messages.say("rounds.collect.file", facts, lang)
        mixed = len({sheet.verdict for sheet in result.sheets}) > 1
        for sheet in result.sheets:
            if sheet.verdict == "question" or (mixed and sheet.verdict in TRIED_ANEW):
                question = _question(sheet, lang) if sheet.verdict == "question" else ""
                yield _sheet_line(round, sheet.key, sheet.sheet.sheet, sheet.verdict, question, lang)
            if sheet.copier:
                question = messages.say("rounds.question.copied", {"unit": sheet.key[0]}, lang)
                yield _sheet_line(round, sheet.copier, str(sheet.copier[2]), "question", question, lang)
        for finding in (finding for sheet in result.sheets for finding in sheet.noted):
            yield messages.say("rounds.collect.noted", {"what": messages.message(finding, lang)}, lang)


def _sheet_line(round: Round, key: ProjectKey, sheet: str, verdict: Verdict, question: str, lang: str) -> str:
    word = messages.say(f"rounds.verdict.{verdict}", {}, lang)
    facts = {"verdict": word, "unit": key[0], "sheet": sheet, "question": question, "answer": how_to_answer(round, key)}
    return messages.say("rounds.collect.sheet", facts, lang)


def how_to_answer(round: Round, key: ProjectKey) -> str:
    """Return the command by which an open question about a project is answered."""
    form = f" --form {key[1]}" if key[1] != round.forms[0] else ""
    return f"perfxl round decide {key[0]} {key[2]} new|old{form}"


def _question(sheet: SheetResult, lang: str) -> str:
    return messages.say(f"rounds.question.{sheet.outcome.kind}", sheet.outcome.facts, lang)


def _remarks(result: ArrivalResult, lang: str) -> Iterator[str]:
    """Yield what is to be said of a file beside its verdict."""
    if result.reason:
        sentence = messages.sentence(result.reason, lang)
        yield sentence.removeprefix(str(result.reason.facts.get("file"))).lstrip("：: ")  # the line names the file
    if result.verdict == "known" and result.earlier:
        yield messages.say("rounds.collect.remark.earlier", _earlier_facts(result.earlier), lang)
    elif result.earlier and not result.sheets:
        yield messages.say("rounds.collect.remark.again", {"date": result.earlier.arrived[:10]}, lang)
    if unchanged := [sheet.key[2] for sheet in result.sheets if sheet.outcome.facts.get("sent_back")]:
        yield messages.say("rounds.collect.remark.unchanged", {"numbers": unchanged}, lang)
    if result.verdict in ("old_form", "secret", "growing"):
        yield messages.say(f"rounds.collect.remark.{result.verdict}", {}, lang)
    if units := dict.fromkeys(sheet.key[0] for sheet in result.sheets if sheet.verdict == "not_ours"):
        yield messages.say("rounds.collect.remark.not_ours", {"units": [*units]}, lang)
    if others := [sheet.sheet for sheet in result.sheets if sheet.verdict == "not_this"]:
        facts = {
            "years": [*dict.fromkeys(other.year for other in others)],
            "phases": [*filter(None, dict.fromkeys(other.phase for other in others))],
            "forms": [*dict.fromkeys(installed.load(other.form).label for other in others)],
        }
        yield messages.say("rounds.collect.remark.not_this", facts, lang)


def _earlier_facts(earlier: EarlierDelivery) -> dict[str, Any]:
    """Return the facts about the first delivery of the same bytes, and the drafts that count now."""
    others = [{"number": draft.key[2], "draft": draft.draft} for draft in earlier.drafts if not draft.own]
    own = bool(earlier.drafts) and not others
    return {"date": earlier.arrived[:10], "file": earlier.name, "own": own, "others": others}


def arrivals_plain(round: Round, results: Sequence[ArrivalResult]) -> list[dict[str, Any]]:
    """Return what became of the files as JSON data."""
    return [
        {
            "file": result.arrival.name,
            "digest": result.arrival.digest,
            "verdict": result.verdict,
            "reason": str(result.reason) if result.reason else None,
            "earlier": _earlier_facts(result.earlier) if result.earlier else None,
            "sheets": [_sheet_plain(round, sheet) for sheet in result.sheets],
        }
        for result in results
    ]


def _sheet_plain(round: Round, sheet: SheetResult) -> dict[str, Any]:
    plain: dict[str, Any] = {"unit": sheet.key[0], "form": sheet.key[1], "number": sheet.key[2]}
    plain |= {"verdict": sheet.verdict, "question": None, "findings": sum(sheet.tally.values())}
    plain["unit_findings"] = [{"code": finding.code, **finding.facts} for finding in sheet.noted]
    if sheet.verdict == "question":
        facts = {"changed": 0, "of": 0, "unit": "", **sheet.outcome.facts}
        plain |= {"question": sheet.outcome.kind, "changed": facts["changed"], "of": facts["of"]}
        plain |= {"copied_from": facts["unit"] or None, "answer": how_to_answer(round, sheet.key)}
    if sheet.copier:
        plain["copier"] = {
            "unit": sheet.copier[0],
            "number": sheet.copier[2],
            "answer": how_to_answer(round, sheet.copier),
        }
    return plain
