"""The suggestions of a definition: words that a drop-down list offers for answers that are typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfxl.form.definition.calculations import read_given_condition
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.expression import Expression, Scope
from perfxl.form.form import Field, Suggestions, Table, scope_of
from perfxl.form.source import Entries, Node
from perfxl.form.types.base import Raw


def add_suggestions(
    top: Entries, fields: Mapping[str, Field], tables: Mapping[str, Table], issue: tuple[str, ...], mistakes: Mistakes
) -> tuple[dict[str, Field], dict[str, Table]]:
    """Return the answers with their suggestions, and the tables with those of their columns."""
    whole = scope_of(fields, tables, "", issue)
    head = _add(top.mapping("fields"), fields, whole, mistakes, fields)
    made: dict[str, Table] = {}
    for id, table in tables.items():
        nodes = top.mapping("tables")[id].mapping()["columns"].mapping()
        scope = scope_of(fields, tables, id, issue)
        made[id] = replace(table, columns=_add(nodes, table.columns, scope, mistakes, {**fields, **table.columns}))
    return head, made


def _add(
    nodes: Mapping[str, Node],
    fields: Mapping[str, Field],
    scope: Scope,
    mistakes: Mistakes,
    answers: Mapping[str, Field],
) -> dict[str, Field]:
    """Return fields with their suggestions; without those that are wrong."""
    made = dict(fields)
    for id, field in fields.items():
        if "suggest" in (entries := nodes[id].mapping()):
            with mistakes.caught():
                made[id] = replace(field, suggest=_read(field, entries["suggest"], scope, mistakes, answers))
    return made


def _read(field: Field, node: Node, scope: Scope, mistakes: Mistakes, answers: Mapping[str, Field]) -> Suggestions:
    """Read the suggestions of an answer. Raises FormError."""
    check = field.type.validation()
    if not field.open or field.type.value_type != "text" or check is None or check.kind != "text_length":
        raise node.mistake("suggest_not_typed", field=field.id)
    keys = Entries(node.mapping()) if isinstance(node.value, dict) else Entries({"entries": node})
    listed: list[str] = []
    for item in keys["entries"].sequence():
        entry = item.text()
        if entry in listed:
            raise item.mistake("entry_twice", found=entry)
        most = field.type.limits().max_length
        if most is not None and len(entry) > most:
            raise item.mistake("too_long", length=len(entry), limit=most)
        if problem := field.type.read(Raw(entry)).problem:
            raise item.mistake("unreadable_example", field=field.id, example=entry, problem=problem)
        listed.append(entry)
    if not listed:
        raise node.mistake("missing_key", key="entries")
    when: Expression | None = None
    if "when" in keys:
        when = read_given_condition(keys["when"], scope, mistakes, answers)
    return Suggestions(tuple(listed), when)
