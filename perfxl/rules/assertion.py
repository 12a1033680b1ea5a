"""Checks that are one line: what must hold is an expression. A form has lines of its own; a rule may make some."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from perfxl.form.expression import Cells, ExpressionError, Values, excel
from perfxl.form.expression.python import begun, is_blank
from perfxl.form.form import Form, FormRule
from perfxl.messages.places import label
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
            yield Hit(line.on, {**facts(line, values), "parts": [*parts(line, subject.form, values)]})
        return
    table = subject.form.tables[line.each]
    for index, row in enumerate(values.rows(line.each)):
        here = values._replace(row=row)
        if begun(table.begun, row) and line.assert_.evaluate(here) is False:
            yield Hit(tuple(table.address(column, index) for column in line.on), facts(line, here))


def facts(line: FormRule, values: Values) -> dict[str, Any]:
    """The facts of a line's sentence."""
    return {name: _plain(fact.evaluate(values)) for name, fact in line.facts.items()}


def parts(line: FormRule, form: Form, values: Values | None = None) -> Iterator[list[Any]]:
    """The head's answers that the line speaks of, in its order: its visible words and, of a record, its value."""
    for id in line.assert_.fields:
        if id in form.fields:
            yield [label(id, form), _plain(values.get(id)) if values else None]


def _plain(value: Any) -> Any:
    # sums of binary fractions: 0.1 + 0.2 is 0.3; a blank is nothing in a sum
    return round(value, 6) if isinstance(value, float) else 0 if is_blank(value) else value


def _named(*ids: str) -> str:
    return ".".join(("px.v", *ids))


def _blank(cell: str) -> str:
    return cell if cell.startswith("px.v.") else excel.blank(cell)  # it has a name as long


_TRIED = Cells(_named, _named, _named, begun=_named, blank=_blank)
_BESIDE = "INDEX($A$1:$AA$999,ROW(),COLUMN($AA$1))"  # as long as what reaches a cell from another in its row


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
        _try(line, replace(_TRIED, told=policy))
    except ExpressionError as error:
        return str(error.args[1])
    return ""


def _try(line: FormRule, cells: Cells) -> None:
    """Raises ExpressionError where one of the formulas that a sheet needs of a line is none, or too long."""
    line.assert_.excel(cells)
    if line.each:
        excel.fitting(2 * len(line.assert_.excel_first(cells)))  # once to ask, once to answer
        excel.fitting(len(line.assert_.excel_here(replace(cells, here=lambda *_: _BESIDE))))
