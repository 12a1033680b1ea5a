"""What 填表说明 says of a form's answers: generated, so that it never differs from what is let in and checked."""

from __future__ import annotations

from collections.abc import Iterator

from perfxl import messages
from perfxl.form.form import Field, Form
from perfxl.messages.places import plain
from perfxl.rules import reading
from perfxl.rules.catalogue import MANY, answers, answers_concerned, checks_of
from perfxl.rules.policy import Policy, default_policy

AT_ONCE = 10
"""So many sentences stand in one cell: a row cannot be higher than 409 points."""

TOLD = ("error", "warning")
"""So grave are the checks of which 填表说明 speaks: the others ask nothing of a unit."""


def describe_answers(form: Form, policy: Policy | None = None) -> Iterator[tuple[str, str, str]]:
    """Every answer that the form asks for: its label, whether it must be filled in, what may be and what must.

    At the end what concerns many answers, or the whole form. ``policy``: how the form will be checked; checks that
    are not made ask nothing.
    """
    labels = {id: label for id, asked in _shown(form) if (label := _label(form, asked))}
    own, common = _required(form, policy or default_policy())
    grouped = {table.groups.by for table in form.tables.values() if table.groups}
    for id, asked in _shown(form):
        if id in labels:
            need = "given" if asked.given else "required" if asked.required else "optional"
            # where the level above groups the rows it stands there already
            facts = {**asked.kind.facts(), **({"within": ""} if asked.within in grouped else {})}
            says = [messages.say(f"kinds.describe.{asked.kind.name}", facts)]
            if id in own:
                says.append("".join(own[id]))
            yield labels[id], messages.say(f"sheet.help.{need}"), "\n".join(says)
    for at in range(0, len(common), AT_ONCE):
        label, need = (messages.say(f"sheet.help.{key}") for key in ("all", "common"))
        yield label, need, "".join(common[at : at + AT_ONCE])


def _shown(form: Form) -> Iterator[tuple[str, Field]]:
    """The answers that stand on the sheet, but for the words that group a table's rows: nobody types these."""
    by = {table.path(table.groups.by) for table in form.tables.values() if table.groups}
    return ((id, asked) for id, asked in answers(form).items() if id in form.shown or id not in (*form.fields, *by))


def _required(form: Form, policy: Policy) -> tuple[dict[str, list[str]], list[str]]:
    """The sentences of the checks: those of a few answers by the sheet's first of these, and the others.

    Of what only the bureau fills in a unit need not be told, nor of how a sheet is read: its help says how to fill it.
    """
    own: dict[str, list[str]] = {}
    common: list[str] = []
    filled = [id for id, asked in _shown(form) if not asked.given and _label(form, asked)]
    for check in checks_of(form):
        must = check.must(policy, form=form)
        if not must or policy.severity(check.code, check.severity) not in TOLD:
            continue
        if check.code.startswith(reading.GROUP):
            continue
        found = answers_concerned(check.code, form)
        ids = [id for id in filled if id in (found or ())]
        if ids or found == ():
            (own.setdefault(ids[0], []) if 0 < len(ids) <= MANY else common).append(must)
    return own, common


def _label(form: Form, asked: Field) -> str:
    parts = asked.label or (label_of(form, asked),)
    return "·".join(plain(part).replace("\n", "") for part in parts)


def label_of(form: Form, asked: Field) -> str:
    """The words that stand before a head field in its row, empty where there are none."""
    for row in form.layout:
        before = ""
        for piece in row.pieces:
            if piece.role == "field" and piece.field == asked.id:
                return before
            before = piece.text if piece.role == "text" and piece.style == "label" else ""
    return ""
