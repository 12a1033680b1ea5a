"""What is installed, in words: forms, and the rules that they are asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from perfxl import messages, records, rules
from perfxl.console import data
from perfxl.errors import NothingToDo
from perfxl.form import installed
from perfxl.form.form import Field, Form
from perfxl.rules import example


def explained(code: str, lang: str) -> str:
    """A rule in words: what it is, why, its severity, an example of what breaks it. Raises UnknownCode."""
    wanted = code.strip().upper()
    for name in sorted(installed.names(), key=lambda name: name != installed.DEFAULT):
        form = installed.load(name)
        if wanted in rules.codes(form):
            rule = rules.rule(wanted, form)
            facts = {
                "code": rule.code,
                "title": messages.say(f"rules.{rule.code}.title", {}, lang),
                "severity": messages.say(f"report.severity.{rule.severity}", {}, lang),
                "why": messages.say(f"rules.{rule.code}.why", {}, lang),
                "form": form.label,
                "bad": list(_broken_by(rule, form, lang)),
            }
            return messages.say("report.explained", facts, lang).rstrip()
    rules.rule(code, installed.load(installed.DEFAULT))  # raises, with the nearest code
    raise AssertionError(code)


def _broken_by(rule: rules.Rule, form: Form, lang: str) -> Iterator[dict[str, Any]]:
    """The answers that break the rule, by their places on the sheet; what surrounds a form is left out."""
    record = example.record(form) if example.exists(form) else {}
    for path, value in rule.bad.items():
        if not path.startswith(("unit.", "seen.")):
            yield {"place": messages.place(path, form, record, lang), "value": value}


def forms(name: str, json_schema: bool, lang: str) -> None:
    """The installed forms, one a line; or one form's answers, or its schema."""
    if name and json_schema:
        data(json.dumps(records.schema(installed.load(name)), ensure_ascii=False, indent=2))
    elif json_schema:
        raise NothingToDo(what="which_form", known=installed.names())
    elif name:
        click.echo("\n".join(_described(installed.load(name), lang)))
    else:
        for form in map(installed.load, installed.names()):
            click.echo(f"{form.name}\t{form.version}\t{form.label}")


def _described(form: Form, lang: str) -> Iterator[str]:
    yield messages.say("report.form", {"name": form.name, "version": form.version, "label": form.label}, lang)
    for field in form.fields.values():
        yield _field_line(field, field.id, messages.place(field.id, form, {}, lang), lang)
    for table in form.tables.values():
        for id, column in table.columns.items():
            yield _field_line(column, table.path(id), "·".join(column.label), lang)


def _field_line(field: Field, path: str, label: str, lang: str) -> str:
    need = "given" if field.given else "required" if field.required else "optional"
    facts = {
        "path": path,
        "label": label,
        "need": messages.say(f"report.need.{need}", {}, lang),
        "says": messages.say(f"kinds.describe.{field.kind.name}", field.kind.facts(), lang),
    }
    return messages.say("report.field", facts, lang)
