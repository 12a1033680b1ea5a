"""The words about a project of a round, and about a unit: what is known of it and what a person may decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfxl import messages
from perfxl.errors import RoundError
from perfxl.form.installed import load
from perfxl.rounds.desk.deciding import Decided
from perfxl.rounds.desk.dossier import UnitDossier
from perfxl.rounds.dossier import NumberedFinding, NumberedRemark, ProjectDossier
from perfxl.rounds.findings import as_finding, must_be_done
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.moment import moment
from perfxl.rounds.rulings import TAKEN_BACK
from perfxl.rounds.store.rows import KeptDecision, KeptFinding, Question


def finding_sentence(kept: KeptFinding, lang: str) -> str:
    """Return the sentence of a finding as it is kept: where, what, what to do."""
    return messages.one_line(messages.message(as_finding(kept), lang))


def decided_sentence(decided: Decided, lang: str) -> str:
    """Return what a decision came to, with the finding that it is about."""
    facts = {**decided.facts}
    if one := decided.finding:
        facts |= {"finding": one.number, "sentence": finding_sentence(one.finding, lang)}
        facts["state"] = _state_words(one.finding, lang)
    if decided.facts.get("kind"):
        facts["question"] = messages.say(f"rounds.question.{facts['kind']}", _NO_NUMBERS, lang)
    return messages.say(f"decisions.decided.{decided.what}", facts, lang)


def missed_sentence(why: str | RoundError, lang: str) -> str:
    """Return why a row of a list was not followed."""
    known = f"decisions.list.why.{why}"
    return messages.say(known, {}, lang) if isinstance(why, str) else messages.sentence(why, lang)


_NO_NUMBERS = {"changed": "", "of": "", "unit": ""}


def unit_lines(dossier: UnitDossier, lang: str) -> Iterator[str]:
    """Yield what is known of a unit: a line for each project, below it what must still be done."""
    unit = dossier.unit
    facts = {"unit": unit.code, "name": unit.name, "deadline": moment(dossier.deadline, lang)}
    yield messages.say("decisions.unit", facts, lang)
    for project in dossier.projects:
        yield _project_line(project, lang)
        for one in project.to_do:
            yield from _finding_lines(one, lang, brief=True)
        for remark in project.open_remarks:
            yield _remark_line(remark, project, lang)
    if dossier.projects:
        yield messages.say("decisions.more", {"unit": unit.code}, lang)


def project_lines(dossier: ProjectDossier, lang: str) -> Iterator[str]:
    """Yield what is known of a project: its drafts, its question, its findings and remarks, what was decided."""
    yield _project_line(dossier, lang)
    for draft in dossier.drafts:
        delivery = dossier.deliveries[draft.delivery]
        facts = {
            "draft": draft.draft, "arrived": delivery.arrived.replace("T", " "), "file": delivery.name,
            "sheet": draft.sheet, "counts": draft.counts,
        }  # fmt: skip
        yield messages.say("decisions.draft", facts, lang)
    if question := dossier.question:
        yield messages.say("decisions.question", {"question": _question_words(question, lang)}, lang)
        yield from (f"    {line}" for line in _answers(dossier.key, lang))
    for question in dossier.put_aside:
        yield messages.say("decisions.aside", {"question": _question_words(question, lang)}, lang)
    for one in dossier.findings:
        yield from _finding_lines(one, lang)
    for remark in dossier.remarks:
        if remark.remark.state != TAKEN_BACK:
            yield _remark_line(remark, dossier, lang)
    for text in dossier.other_explanations:
        yield messages.say("decisions.other_explanation", {"text": text}, lang)
    for decision in dossier.decisions:
        yield messages.say("decisions.made", _decision_facts(decision, lang), lang)


def _project_line(dossier: ProjectDossier, lang: str) -> str:
    unit, _, number = dossier.key
    counts = {
        severity: sum(one.finding.severity == severity for one in dossier.to_do) for severity in ("error", "warning")
    }
    facts = {
        "unit": unit, "number": number, "name": dossier.name, "drafts": len(dossier.drafts), **counts,
        "state": messages.say(f"rounds.state.{dossier.state}", {}, lang), "remarks": len(dossier.open_remarks),
        "aside": len(dossier.put_aside),
        "named": dossier.counting is not None and dossier.ruling.named == dossier.counting.id,
    }  # fmt: skip
    return messages.say("decisions.project", facts, lang)


def _finding_lines(one: NumberedFinding, lang: str, brief: bool = False) -> Iterator[str]:
    """Yield a finding, below it what the unit explained and what was decided; ``brief``: the first line alone."""
    facts = {
        "finding": one.number,
        "mark": messages.say(f"decisions.marks.{one.finding.severity}", {}, lang),
        "state": _state_words(one.finding, lang),
        "cell": one.finding.cell.rpartition("!")[2],
        "sentence": finding_sentence(one.finding, lang),
    }
    yield messages.say("decisions.finding_line", facts, lang)
    if one.explanation and not brief:
        refused = one.explanation.refused if one.finding.severity == "warning" else ""
        yield messages.say("decisions.explanation", {"text": one.explanation.text, "refused": refused}, lang)
    if one.decision and not brief:
        yield "    " + messages.say("decisions.made", _decision_facts(one.decision, lang), lang).strip()


def _state_words(kept: KeptFinding, lang: str) -> str:
    """Return the state of a finding; of a hint, which asks for nothing, none until it is decided on."""
    settled = kept.state != "open" or must_be_done(kept)
    return messages.say(f"decisions.finding.{kept.state if settled else 'none'}", {}, lang)


def _remark_line(one: NumberedRemark, dossier: ProjectDossier, lang: str) -> str:
    remark = one.remark
    record = next(draft.record for draft in dossier.drafts if draft.id == remark.submission)
    place = remark.cell or (messages.place(remark.field, load(dossier.key[1]), record, lang) if remark.field else "")
    facts = {**vars(remark), "number": one.number, "at": remark.at[:10]}
    return messages.say("decisions.remark_line", {**facts, "place": place}, lang)


def _question_words(question: Question, lang: str) -> str:
    return messages.say(f"rounds.question.{question.kind}", {**_NO_NUMBERS, **question.facts}, lang)


def _answers(key: ProjectKey, lang: str) -> Iterator[str]:
    """Yield the commands that answer the question about a project, each with what it means."""
    facts = {"unit": key[0], "number": key[2]}
    yield from (messages.say(f"decisions.answers.{word}", facts, lang) for word in ANSWERS)


ANSWERS = ("new", "old", "aside", "unit")
"""The words by which a question is answered."""


def _decision_facts(decision: KeptDecision, lang: str) -> dict[str, Any]:
    word = messages.say(f"decisions.words.{decision.what}", {}, lang)
    return {"word": word, "who": decision.who, "at": decision.at.replace("T", " "), "why": decision.why}


def unit_plain(dossier: UnitDossier, lang: str) -> dict[str, Any]:
    """Return what is known of a unit as JSON data."""
    projects = [project_plain(project, lang) for project in dossier.projects]
    return {**vars(dossier.unit), "deadline": dossier.deadline, "projects": projects}


def project_plain(dossier: ProjectDossier, lang: str) -> dict[str, Any]:
    """Return what is known of a project as JSON data."""
    unit, form, number = dossier.key
    question = dossier.question
    return {
        "unit": unit,
        "form": form,
        "number": number,
        "name": dossier.name,
        "registered": dossier.registered,
        "state": dossier.state,
        "drafts": [_draft_plain(dossier, at) for at in range(len(dossier.drafts))],
        "question": _question_plain(question, lang) if question else None,
        "put_aside": [_question_plain(one, lang) for one in dossier.put_aside],
        "findings": [_finding_plain(one, lang) for one in dossier.findings],
        "remarks": [
            {"number": one.number, **{name: value for name, value in vars(one.remark).items() if name != "id"}}
            for one in dossier.remarks
            if one.remark.state != TAKEN_BACK
        ],
        "other_explanations": list(dossier.other_explanations),
        "decisions": [_decision_plain(decision) for decision in dossier.decisions],
    }


def _draft_plain(dossier: ProjectDossier, at: int) -> dict[str, Any]:
    draft = dossier.drafts[at]
    delivery = dossier.deliveries[draft.delivery]
    return {
        "draft": draft.draft,
        "file": delivery.name,
        "digest": delivery.digest,
        "arrived": delivery.arrived,
        "sheet": draft.sheet,
        "counts": draft.counts,
    }


def _question_plain(question: Question, lang: str) -> dict[str, Any]:
    facts = dict(question.facts)
    words = _question_words(question, lang)
    return {"kind": question.kind, "facts": facts, "opened": question.opened, "sentence": words}


def _finding_plain(one: NumberedFinding, lang: str) -> dict[str, Any]:
    kept = one.finding
    return {
        "number": one.number,
        "code": kept.code,
        "severity": kept.severity,
        "state": kept.state,
        "must_be_done": must_be_done(kept),
        "fields": list(kept.fields),
        "cell": kept.cell,
        "sentence": finding_sentence(kept, lang),
        "explanation": one.explanation.text if one.explanation else "",
        "refused": one.explanation.refused if one.explanation else "",
        "decision": _decision_plain(one.decision) if one.decision else None,
    }


def _decision_plain(decision: KeptDecision) -> dict[str, Any]:
    return {"what": decision.what, "who": decision.who, "at": decision.at, "why": decision.why}
