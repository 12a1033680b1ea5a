"""The checks of a form's own in its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from perfxl.form.definition.expressions import read_expression
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.definition.texts import read_sentence
from perfxl.form.expression import Scope
from perfxl.form.form import Field, FormRule, RuleWords, Table, scope_of
from perfxl.form.source import Entries, Node


def read_rules(
    nodes: list[Node],
    fields: Mapping[str, Field],
    tables: Mapping[str, Table],
    mistakes: Mistakes,
    issue: tuple[str, ...] = (),
) -> tuple[FormRule, ...]:
    """Read the checks; ``issue``: the names of the issue values."""
    rules: list[FormRule] = []
    scope = scope_of(fields, tables, issue=issue)
    for node in nodes:
        with mistakes.caught():
            rules.append(_read_rule(node, fields, tables, mistakes, scope))
    return tuple(rules)


def _read_rule(
    node: Node,
    fields: Mapping[str, Field],
    tables: Mapping[str, Table],
    mistakes: Mistakes,
    scope: Scope,
) -> FormRule:
    """Read one check; ``scope``: the names of the whole form. Raises FormError, or Consequence."""
    entries = Entries(node.mapping())
    table = mistakes.known(entries["each"], tables, "tables") if "each" in entries else ""
    if table and len(tables[table].lists) > 1:
        raise entries["each"].mistake("not_allowed", found=table, near="", allowed=_flat_tables(tables))
    scope = replace(scope, row=table)
    answers: Mapping[str, Any] = tables[table].columns if table else {**fields, **tables}
    return FormRule(
        code=entries.text("code"),
        severity=entries.one_of("severity", ("error", "warning", "hint", "fix"), "error"),
        assert_=replace(read_expression(entries["assert"], scope, mistakes, logical=True), kept=True),
        on=tuple(_marked(item, answers, table, tables, mistakes) for item in entries.sequence("on")),
        facts={name: read_expression(value, scope, mistakes) for name, value in entries.mapping("facts").items()},
        bad=_read_answers(entries.mapping("bad")),
        good=_read_answers(entries.mapping("good")),
        line=node.line,
        each=table,
        words=_read_words(entries, scope, mistakes),
    )


def _marked(node: Node, answers: Mapping[str, Any], table: str, tables: Mapping[str, Table], mistakes: Mistakes) -> str:
    """Return the answer that a check marks; a column is named by itself, in a check of each row. Raises FormError."""
    of, _, column = node.text().partition(".")
    if node.text() not in answers and of in tables and column in tables[of].columns:
        raise node.mistake("column_on", table=of, column=column, within=of == table)
    return mistakes.known(node, answers)


def _read_answers(nodes: Mapping[str, Node]) -> dict[str, Any]:
    """Return the answers of an example; a date as it is written, as records have it."""
    return {path: _as_in_records(node.plain()) for path, node in nodes.items()}


def _as_in_records(value: Any) -> Any:
    """Return a value with its dates as texts."""
    if isinstance(value, dict):
        return {key: _as_in_records(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_in_records(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _read_words(entries: Entries, scope: Scope, mistakes: Mistakes) -> RuleWords | None:
    """Read the words that stand beside a check; None for a check whose words come from a set of checks."""
    if not any(word in entries for word in ("title", "message", "advice")):
        return None
    for word in ("title", "message"):
        if word not in entries:
            raise entries["code"].mistake("no_sentence", code=entries.text("code"), key=word)
    return RuleWords(
        title=entries.text("title"),
        message=read_sentence(entries["message"], scope, mistakes),
        advice=read_sentence(entries["advice"], scope, mistakes) if "advice" in entries else (),
    )


def _flat_tables(tables: Mapping[str, Table]) -> tuple[str, ...]:
    """Return the tables whose rows are the items of one list, not of nested ones."""
    return tuple(id for id, table in tables.items() if len(table.lists) == 1)
