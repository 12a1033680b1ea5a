"""The sheet 填表说明 (instructions): generated, so that it always agrees with what is accepted and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from perfxl import messages
from perfxl.form.form import Field, Form, RuleWords
from perfxl.messages.calculation_words import describe_answer
from perfxl.messages.places import fixed_parts, plain
from perfxl.rules import limits, reading_doubts
from perfxl.rules.asked import ca01_last_year
from perfxl.rules.catalogue import MANY, answers, answers_concerned, checks_of
from perfxl.rules.policy import Policy, default_policy
from perfxl.workbook.sheet.limit_words import describe_limits, joined

AT_ONCE = 10
"""The number of sentences in one cell: a row cannot be higher than 409 points."""

TOLD = ("error", "warning")
"""The severities of the checks that 填表说明 mentions; checks of other severities ask nothing of a unit."""


def describe_answers(form: Form, policy: Policy | None = None, carries: bool = False) -> Iterator[tuple[str, str, str]]:
    """Yield the label, the necessity and the description of every answer that the form asks for.

    The description says what may be entered and what must hold. The last entries say what concerns many answers or the
    whole form. ``policy``: how the form will be checked; checks that it switches off are not mentioned. ``carries``:
    last year's texts stand on the sheets; else nothing is said of these.
    """
    lang = form.language
    labels = {id: label for id, field in _shown_fields(form) if (label := _label(form, field))}
    own, common = _check_sentences(form, policy or default_policy(), carries)
    grouped = {table.groups.by for table in form.tables.values() if table.groups}
    entries: dict[tuple[str, ...], list[str]] = {}  # the answers that are told together
    for id, field in _shown_fields(form):
        if id in labels:
            # a level above that groups the rows is on the sheet already
            facts = {**described_facts(form, field), **({"within": ""} if field.within in grouped else {})}
            described = [describe_answer(form, id, facts, lang), *describe_limits(field, form)]
            if form.base and id in form.base.answers:
                described = [messages.say("sheet.help.inherited", {"form": form.base.form.label}, lang)]
            told = (joined(described), messages.say(f"sheet.help.{necessity(field)}", {}, lang))
            entries.setdefault(((field.line and id.rpartition(".")[0]) or id, *told), []).append(id)
    for (_, words, need), ids in entries.items():
        label = plain(form.fields[ids[0]].line) if len(ids) > 1 else labels[ids[0]]
        demands = _join([sentence for id in ids for sentence in own.get(id, ())], lang)
        yield label, need, "\n".join(filter(None, (words, demands)))
    for start in range(0, len(common), AT_ONCE):
        label, need = (messages.say(f"sheet.help.{key}", {}, lang) for key in ("all", "common"))
        yield label, need, _join(common[start : start + AT_ONCE], lang)


def _join(sentences: Sequence[str], lang: str) -> str:
    """Return sentences one after the other."""
    return messages.say("sheet.sentences", {"items": sentences}, lang)


def described_facts(form: Form, field: Field) -> dict[str, Any]:
    """Return the values that the sentences about an answer need, with the label of the one that is chosen before it."""
    aboves = form.aboves(field)
    return {**field.type.facts(), **({"above": _label(form, aboves[-1])} if aboves else {})}


def necessity(field: Field) -> str:
    """Return the key of the words that say whether a field is given, required or optional."""
    if field.given:
        return "given"
    if not field.open:
        return "calculated"
    if field.required_where is not None:
        return "required_where"
    return "required" if field.required else "optional"


def _shown_fields(form: Form) -> Iterator[tuple[str, Field]]:
    """Yield the id and field of every answer on the sheet, except the words that group table rows (never typed)."""
    by = {table.path(table.groups.by) for table in form.tables.values() if table.groups}
    return ((id, field) for id, field in answers(form).items() if id in form.shown or id not in (*form.fields, *by))


def _check_sentences(form: Form, policy: Policy, carries: bool) -> tuple[dict[str, list[str]], list[str]]:
    """Return the sentences of the checks by the id of an answer, and those that concern many answers.

    A check of a few answers is listed under the one of them that comes first on the sheet. Left out are checks of
    answers that only the bureau fills in, and checks of how a sheet is read: the sheet's help says how to fill it in.
    """
    own: dict[str, list[str]] = {}
    common: list[str] = []
    filled = [id for id, field in _shown_fields(form) if field.open and _label(form, field)]
    for check in checks_of(form):
        must = check.must(policy, form.language, form)
        if not must or policy.severity(check.code, check.severity) not in TOLD:
            continue
        if check.code.startswith((reading_doubts.GROUP, limits.GROUP)):  # limits stand in the descriptions
            continue
        if check.code == ca01_last_year.CODE and not carries:
            continue
        concerned = answers_concerned(check.code, form)
        ids = [id for id in filled if id in (concerned or ())]
        if ids or concerned == ():
            told = _own_check(check.words, must, form.language) if check.words else must
            (own.setdefault(ids[0], []) if 0 < len(ids) <= MANY else common).append(told)
    return own, common


def _own_check(words: RuleWords, must: str, lang: str) -> str:
    """Return the sentences about a form's own check: its title says what must hold, its advice what to do else."""
    title = words.title.rstrip("。.")
    return messages.say("sheet.help.own_check", {"title": title, "advice": must if words.advice else ""}, lang)


def _label(form: Form, field: Field) -> str:
    """Return the label of a field on one line."""
    parts = fixed_parts(field.label) or (label_of(form, field),)
    return "·".join(plain(part).replace("\n", "") for part in parts)


def label_of(form: Form, asked: Field) -> str:
    """Return the words before a head field in its row; empty if there are none."""
    for row in form.layout:
        before = ""
        for piece in row.pieces:
            if piece.role == "field" and piece.field == asked.id:
                return before
            before = piece.text if piece.role == "text" and piece.style == "label" else ""
    return ""
