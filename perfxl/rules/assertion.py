"""Checks that are one line: what must hold is an expression. A form has lines of its own; a rule may make some."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from perfxl.form.expression import Cells, ExpressionError, Values
from perfxl.form.expression.python import begun, is_blank
from perfxl.form.form import Form, FormRule
from perfxl.rules.base import Hit, Rule, Subject
from perfxl.rules.policy import Policy


@lru_cache(maxsize=64)
def rules(form: Form) -> tuple[Rule, ...]:
    """The form's lines as rules."""
    return tuple(_rule(line) for line in form.rules)


def _rule(line: FormRule) -> Rule:
    def check(subject: Subject) -> Iterator[Hit]:
        return broken(line, subject)

    return Rule(line.code, line.severity, check, bad=line.bad, good=line.good, lines=lambda _: (line,))


def broken(line: FormRule, subject: Subject) -> Iterator[Hit]:
    """Where the line does not hold, with its facts."""
    values = subject.values
    if not line.each:
        if line.assert_.evaluate(values) is False:
            yield Hit(line.on, facts(line, values))
        return
    table = subject.form.tables[line.each]
    for index, row in enumerate(values.rows(line.each)):
        here = values._replace(row=row)
        if begun(table.begun, row) and line.assert_.evaluate(here) is False:
            yield Hit(tuple(table.address(column, index) for column in line.on), facts(line, here))


def facts(line: FormRule, values: Values) -> dict[str, Any]:
    """The facts of a line's sentence."""
    return {name: _plain(fact.evaluate(values)) for name, fact in line.facts.items()}


def _plain(value: Any) -> Any:
    # sums of binary fractions: 0.1 + 0.2 is 0.3; a blank is nothing in a sum
    return round(value, 6) if isinstance(value, float) else 0 if is_blank(value) else value


_TRIED = Cells(str, lambda table, column: column, lambda table, column: column)


def only_returned(line: FormRule, form: Form, policy: Policy) -> str:
    """Why Excel cannot calculate a line, so that it is a check on return only: a piece of it; empty where it can."""
    for name in line.assert_.fields:
        if name in form.fields and name not in form.shown:
            return name
    for table, column in line.assert_.columns:
        groups = form.tables[table].groups
        if groups and column == groups.by:  # it stands once for a whole group
            return column
    try:
        line.assert_.excel(replace(_TRIED, told=policy))
    except ExpressionError as error:
        return str(error.args[1])
    return ""
