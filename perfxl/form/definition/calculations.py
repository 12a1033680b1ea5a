"""The calculations of a definition: they are read once all answers are known, and none may go round in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from perfxl.errors import FormError
from perfxl.form.calculation import CalculatedAnswer, calculations, sources
from perfxl.form.definition.expressions import read_expression
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.expression import Expression, Scope
from perfxl.form.form import Calculation, Field, Table, scope_of
from perfxl.form.source import Entries, Node

Nodes = Mapping[str, Node]

_FILLED_IN = ("required", "given", "default")
"""What an answer cannot be that nobody fills in."""

_COUNTED = ("number", "percent")


def read_calculations(
    top: Entries, fields: dict[str, Field], tables: dict[str, Table], issue: tuple[str, ...], mistakes: Mistakes
) -> None:
    """Read the calculations of answers into these fields and tables; ``issue``: the names of the issue values."""
    head = top.mapping("fields")
    fields.update({id: _marked(field, head[id]) for id, field in fields.items()})
    columns = {id: top.mapping("tables")[id].mapping()["columns"].mapping() for id in tables}
    for id, table in tables.items():
        marked = {name: _marked(column, columns[id][name]) for name, column in table.columns.items()}
        tables[id] = replace(table, columns=marked)
    fields.update(_read(head, fields, scope_of(fields, tables, "", issue), mistakes, fields, tables))
    for id, table in list(tables.items()):
        scope = scope_of(fields, tables, id, issue)
        tables[id] = replace(table, columns=_read(columns[id], table.columns, scope, mistakes, fields, tables))
    _note_circles(tuple(calculations(fields, tables)), {"": head, **columns}, mistakes)


def _marked(field: Field, node: Node) -> Field:
    """Return a field that is known to be calculated, before its calculation is read."""
    if "calculation" not in node.mapping():
        return field
    entry = node.mapping()["calculation"]
    partly = _is_partly(entry)
    text = entry.mapping()["value"].text() if isinstance(entry.value, dict) else entry.text()
    when = Expression(entry.mapping()["when"].text()) if partly else None
    # a table may require all of its columns: one that nobody fills in is not meant
    return replace(field, calculation=Calculation(Expression(text), when), required=field.required and partly)


def _is_partly(entry: Node) -> bool:
    """Return True for a calculation that is made in some rows only."""
    return isinstance(entry.value, dict) and "when" in entry.value


def _read(
    nodes: Nodes,
    marked: Mapping[str, Field],
    scope: Scope,
    mistakes: Mistakes,
    head: Mapping[str, Field],
    tables: Mapping[str, Table],
) -> dict[str, Field]:
    """Return the fields with their calculations; without one where it is wrong.

    ``scope``: the names that calculations may use; ``head``: the fields of the head.
    """
    fields: dict[str, Field] = {}
    for id, field in marked.items():
        fields[id] = field
        if field.calculation:
            fields[id] = replace(field, calculation=None)
            with mistakes.caught(id):
                _refuse_nested(nodes[id], tables.get(scope.row))
                _refuse_filled_in(id, nodes[id], mistakes)
                calculation = _read_calculation(field, nodes[id], scope, mistakes, {**head, **marked})
                fields[id] = replace(field, calculation=calculation)
    return fields


def _refuse_nested(node: Node, table: Table | None) -> None:
    """Raise FormError for a calculation in a table whose rows come of lists within lists."""
    if table and len(table.lists) > 1:
        raise node.mapping()["calculation"].mistake("calculation_nested", table=table.id, lists=table.each)


def _refuse_filled_in(id: str, node: Node, mistakes: Mistakes) -> None:
    """Note what an answer cannot be besides being calculated."""
    entries = Entries(node.mapping())
    partly = _is_partly(entries["calculation"])
    for key in _FILLED_IN:
        said = key in entries and not (key in ("required", "given") and entries[key].value is False)
        if said and not (partly and key == "required"):
            mistakes.note(entries[key].mistake("calculated_and", field=id, key=key))


def _read_calculation(
    field: Field, node: Node, scope: Scope, mistakes: Mistakes, answers: Mapping[str, Field]
) -> Calculation:
    """Read the calculation of a field. Raises FormError, or Consequence."""
    entry = node.mapping()["calculation"]
    entries = Entries(entry.mapping() if isinstance(entry.value, dict) else {"value": entry})
    written, tolerance = entries["value"], entries.number("tolerance", 0)
    value = read_expression(written, scope, mistakes)
    _check_settings(written, value)
    if not _fits(field, value):
        raise written.mistake("calculation_type", field=field.id, type=field.type.name, found=value.type)
    if "when" not in entries:
        return Calculation(value, None, tolerance)
    return Calculation(value, read_given_condition(entries["when"], scope, mistakes, answers), tolerance)


def read_given_condition(node: Node, scope: Scope, mistakes: Mistakes, answers: Mapping[str, Field]) -> Expression:
    """Read a condition that is decided before the workbook goes out. Raises FormError, or Consequence."""
    when = read_expression(node, scope, mistakes, logical=True)
    _check_settings(node, when)
    for name in (*when.fields, *(column for _, column in when.columns)):
        if name not in answers or not answers[name].given:
            given = [id for id, answer in answers.items() if answer.given]
            raise node.mistake("calculated_when_not_given", field=name, known=given)
    return when


def _check_settings(node: Node, expression: Expression) -> None:
    """Raise FormError where a calculation uses what a county sets, which need not be the same when it comes back."""
    if expression.settings:
        raise node.mistake("calculation_setting", name=expression.settings[0])


def _fits(field: Field, value: Expression) -> bool:
    """Return True if a field can hold the value of an expression."""
    asked = field.type.value_type
    return value.type == asked or (value.type in _COUNTED and asked in _COUNTED)


def _note_circles(calculated: tuple[CalculatedAnswer, ...], nodes: Mapping[str, Nodes], mistakes: Mistakes) -> None:
    """Note the calculations that go round in circles; none of them is then one."""
    graph = sources(calculated)
    while True:
        try:
            tuple(TopologicalSorter(graph).static_order())
            return
        except CycleError as error:
            # the error names the circle from each answer to one that is calculated from it
            circle = list(reversed(error.args[1]))[1:]
        lines = {place: nodes[place[0]][place[1]].mapping()["calculation"].line for place in circle}
        start = circle.index(min(circle, key=lambda place: lines[place]))
        circle = [*circle[start:], *circle[:start]]
        mistakes.note(_circle(circle, lines, nodes))
        mistakes.broken.update(id for _, id in circle)
        graph = {place: tuple(of for of in graph[place] if of not in circle) for place in graph if place not in circle}


def _circle(
    circle: list[tuple[str, str]], lines: Mapping[tuple[str, str], int], nodes: Mapping[str, Nodes]
) -> FormError:
    """Return the mistake of a circle, whose answers are each calculated from the next, the last from the first."""
    first, *others = circle
    node = nodes[first[0]][first[1]].mapping()["calculation"]
    steps = [{"field": id, "line": lines[table, id]} for table, id in others]
    return node.mistake("circle", field=first[1], steps=steps)
