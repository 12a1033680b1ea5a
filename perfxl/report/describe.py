"""Descriptions of the installed forms, and of the checks that they are asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from perfxl import messages, records
from perfxl.errors import NothingToDo
from perfxl.finding import SEVERITIES
from perfxl.form import installed
from perfxl.form.form import Field, Form
from perfxl.messages import one_line
from perfxl.messages.calculation_words import describe_answer
from perfxl.report.console import data, say, show_line
from perfxl.rules import Policy, catalogue, return_only_lines
from perfxl.rules.policy import OFF, word_for_severity


def explain_check(code: str, policy: Policy, lang: str) -> str:
    """Return a check in words: what it requires, why, how grave it is here, what breaks it, what it is told.

    Raises UnknownCode.
    """
    check = catalogue.check(code)
    facts = {
        "code": check.code,
        "title": check.title(lang),
        "severity": word_for_severity(policy.severity(check.code, check.severity), lang),
        "must": check.must(policy, lang),
        "why": check.why(lang),
        "forms": check.labels,
        "bad": [{"place": place, "value": catalogue.text_of(value)} for place, value in check.breaking(lang)],
        "settings": [
            {
                "name": setting.name,
                "about": setting.about,
                "words": policy.words.get(setting.name, ()),
                "limit": policy.limits.get(setting.name),
            }
            for setting in check.settings
        ],
    }
    return messages.say("report.explained", facts, lang).rstrip()


def print_checks(policy: Policy, lang: str) -> None:
    """Print all checks, one a line, with their severity and requirement; then the number of each severity."""
    counts = Counter(policy.severity(check.code, check.severity) or OFF for check in catalogue.checks())
    for check in catalogue.checks():
        facts = {
            "code": check.code,
            "severity": word_for_severity(policy.severity(check.code, check.severity), lang),
            "title": check.title(lang),
            "must": check.must(policy, lang),
        }
        show_line(messages.say("report.rules.check", facts, lang))
    tally: dict[str, object] = {severity: counts[severity] for severity in (*SEVERITIES, OFF)}
    say(messages.say("report.rules.tally", {**tally, "checks": len(catalogue.checks()), "pack": policy.pack}, lang))


def print_forms(name: str, json_schema: bool, policy: Policy, lang: str) -> None:
    """Print the installed forms, one a line, or one form's answers, or its schema."""
    if name and json_schema:
        data(json.dumps(records.schema(installed.load_named(name)), ensure_ascii=False, indent=2))
    elif json_schema:
        raise NothingToDo(what="which_form", known=installed.names())
    elif name:
        for line in _describe_form(installed.load_named(name), policy, lang):
            show_line(line)
    else:
        for form in installed.forms():
            data("\t".join(map(one_line, (form.name, form.version, form.label))))
        for mistake in installed.mistakes().values():
            say(messages.sentence(mistake, lang))


def _describe_form(form: Form, policy: Policy, lang: str) -> Iterator[str]:
    yield messages.say("report.form", {"name": form.name, "version": form.version, "label": form.label}, lang)
    required = _required(form, policy, lang)
    for id, asked in catalogue.answers(form).items():
        yield _field_line(form, asked, id, _label(id, asked, form, lang), lang)
        yield from required.pop(id, ())
    if common := required.pop("", ()):
        yield messages.say("report.common", {}, lang)
        yield from common
    for line, why in return_only_lines(form, policy):
        yield messages.say("report.only_returned", {"code": line.code, "line": line.line, "why": why}, lang)


def _label(id: str, asked: Field, form: Form, lang: str) -> str:
    return messages.place(id, form, {}, lang) if id in form.fields else "·".join(asked.label)


def _required(form: Form, policy: Policy, lang: str) -> dict[str, list[str]]:
    """Return the lines on the checks that are made, by the answers they concern; under "" those on many or all."""
    found: dict[str, list[str]] = {}
    for check in catalogue.checks_of(form):
        severity = policy.severity(check.code, check.severity)
        ids = catalogue.answers_concerned(check.code, form)
        if severity and ids is not None and (must := check.must(policy, lang, form)):
            facts = {"code": check.code, "severity": word_for_severity(severity, lang), "must": must}
            for id in ids if 0 < len(ids) <= catalogue.MANY else ("",):
                found.setdefault(id, []).append(messages.say("report.required", facts, lang))
    return found


def _field_line(form: Form, field: Field, path: str, label: str, lang: str) -> str:
    need = "given" if field.given else "calculated" if not field.open else "required" if field.required else "optional"
    if field.required_where is not None:
        need = "required_where"
    facts = {
        "path": path,
        "label": label,
        "need": messages.say(f"report.need.{need}", {}, lang),
        "says": describe_answer(form, path, field.type.facts(), lang),
    }
    return messages.say("report.field", facts, lang)
