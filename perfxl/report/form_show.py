"""A form described: what it asks, what the sheet checks, and what is checked on return only, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perfxl import messages
from perfxl.form.form import Field, Form
from perfxl.messages.calculation_words import describe_answer
from perfxl.messages.places import fixed_parts
from perfxl.rules import Policy, catalogue, limits, live_lines, reading_doubts, return_only_lines, validation_severity
from perfxl.rules.catalogue import Check
from perfxl.rules.policy import word_for_severity
from perfxl.workbook.sheet.limit_words import describe_limits, joined
from perfxl.workbook.sheet.manual import necessity


@dataclass(frozen=True)
class ShownCheck:
    """A check of some answers.

    ``sheet``: whether the sheet makes it, too. ``why``: the reason why it does not: ``file`` (it is about the file that
    came back), ``others`` (it needs other records), ``words`` (no formula says it), or the piece that is beyond Excel.
    """

    code: str
    severity: str
    must: str
    sheet: bool
    why: str = ""


@dataclass(frozen=True)
class ShownAnswer:
    """An answer that is asked for.

    ``need``: given, calculated, required, required_where (sometimes), optional; ``says``: what may be filled in, in
    words; ``excel``: what Excel does with anything else: refuses, warns, or takes it, so that it is found on return.
    """

    path: str
    label: str
    type: str
    need: str
    says: str
    excel: str
    checks: tuple[ShownCheck, ...]


@dataclass(frozen=True)
class ShownForm:
    """A form described. ``common``: the checks of many answers, or of the whole form."""

    name: str
    version: str
    label: str
    answers: tuple[ShownAnswer, ...]
    common: tuple[ShownCheck, ...]

    def plain(self) -> dict[str, Any]:
        """Return the description as JSON data."""
        return asdict(self)


def describe_form(form: Form, policy: Policy, lang: str) -> ShownForm:
    """Return the description of a form in a language."""
    checks = _checks(form, policy, lang)
    answers = tuple(
        _answer(form, path, asked, tuple(checks.get(path, ())), policy, lang)
        for path, asked in catalogue.answers(form).items()
    )
    return ShownForm(form.name, form.version, form.label, answers, tuple(checks.get("", ())))


def _answer(
    form: Form, path: str, asked: Field, checks: tuple[ShownCheck, ...], policy: Policy, lang: str
) -> ShownAnswer:
    label = messages.place(path, form, {}, lang) if path in form.fields else "·".join(fixed_parts(asked.label))
    severity = validation_severity(asked.type, form, policy)
    return ShownAnswer(
        path=path,
        label=label,
        type=asked.type.name,
        need=necessity(asked),
        says=joined([describe_answer(form, path, asked.type.facts(), lang), *describe_limits(asked, form, lang)]),
        excel="locked" if not asked.open else "refuses" if severity == "error" else "warns" if severity else "takes",
        checks=checks,
    )


def _checks(form: Form, policy: Policy, lang: str) -> Mapping[str, list[ShownCheck]]:
    """Return the checks that are made, by the answers they concern; under "" those of many or all."""
    live = {line.code for line in live_lines(form, policy)}
    beyond = {line.code: why for line, why in return_only_lines(form, policy)}
    found: dict[str, list[ShownCheck]] = {}
    for check in catalogue.checks_of(form):
        severity = policy.severity(check.code, check.severity)
        ids = catalogue.answers_concerned(check.code, form)
        if severity and ids is not None and (must := check.must(policy, lang, form)):
            word = word_for_severity(severity, lang)
            in_sheet = check.code in live or check.code.startswith(limits.GROUP)
            why = "" if in_sheet else beyond.get(check.code) or _why(check)
            shown = ShownCheck(check.code, word, must, in_sheet, why)
            for id in ids if 0 < len(ids) <= catalogue.MANY else ("",):
                found.setdefault(id, []).append(shown)
    return found


def _why(check: Check) -> str:
    """Return why the sheet does not make a check that is no line of a form."""
    if any(rule.of_unit or rule.compares for rule in check.rules):
        return "others"
    of_file = check.code.startswith(reading_doubts.GROUP) or any(
        path.startswith("seen.") for rule in check.rules for path in rule.bad
    )
    return "file" if of_file else "words"


def lines_of(shown: ShownForm, form: Form, policy: Policy, lang: str) -> Iterator[str]:
    """Yield a description as lines."""
    facts = {"name": shown.name, "version": shown.version, "label": shown.label}
    yield messages.say("forms.form", facts, lang)
    for answer in shown.answers:
        need = messages.say(f"forms.need.{answer.need}", {}, lang)
        excel = messages.say(f"forms.excel.{answer.excel}", {}, lang)
        facts = {"path": answer.path, "label": answer.label, "need": need, "says": answer.says, "excel": excel}
        yield messages.say("forms.answer", facts, lang)
        yield from (_check_line(check, lang) for check in answer.checks)
    if shown.common:
        yield messages.say("forms.common", {}, lang)
        yield from (_check_line(check, lang) for check in shown.common)
    for line, why in return_only_lines(form, policy):
        yield messages.say("forms.only_returned", {"code": line.code, "line": line.line, "why": why}, lang)


def _check_line(check: ShownCheck, lang: str) -> str:
    where = messages.say("forms.in_sheet" if check.sheet else "forms.on_return", {"why": check.why}, lang)
    facts = {"code": check.code, "severity": check.severity, "must": check.must, "where": where}
    return messages.say("forms.check", facts, lang)
