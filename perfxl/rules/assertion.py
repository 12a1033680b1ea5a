"""Checks that are one line: what must hold is an expression. A form has lines of its own; a rule may make some."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from perfxl import extensions, messages
from perfxl.form.expression import CellReferences, Expression, ExpressionError, Values, excel
from perfxl.form.expression.python import is_begun, is_blank
from perfxl.form.form import Form, FormRule
from perfxl.messages.places import label
from perfxl.rules.policy import Policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


@lru_cache(maxsize=64)
def rules(form: Form) -> tuple[Rule, ...]:
    """The form's lines as rules."""
    return tuple(_rule(line) for line in form.rules)


def refuse_wordless(form: Form) -> None:
    """Raises FormError for a line without a sentence, and for one whose code belongs to a set of checks.

    The letters of a code (``MN``) are those of the set that has them: such a code is used where the form names the
    set and the set has words for it. Any other code is the form's own, and its words stand beside it.
    """
    general, *named = (messages.codes(checks) for checks in ("", *form.checks))
    usable = general.union(*named)
    taken = {code.partition("-")[0]: checks for checks in ("", *extensions.found("perfxl.checks"))[::-1]
             for code in messages.codes(checks)}  # fmt: skip
    for line in form.rules:
        letters = line.code.partition("-")[0]
        if line.words is None and line.code in usable:
            if missing := _missing_facts(line):
                raise form.mistake("missing_facts", line=line.line, code=line.code, facts=sorted(missing))
        elif letters in taken:
            raise form.mistake("code_of_a_set", line=line.line, code=line.code, letters=letters, checks=taken[letters])
        elif line.words is None:
            raise form.mistake("no_words", line=line.line, code=line.code)


def _missing_facts(line: FormRule) -> set[str]:
    """The facts that the sentence of the line's code needs and the line does not give."""
    needed = {name for part in ("what", "todo") for name in messages.facts_of(f"rules.{line.code}.{part}")}
    return needed - {*line.facts, "parts", "place", "places", "where", "suggestion"}


def _rule(line: FormRule) -> Rule:
    def check(subject: Subject) -> Iterator[Hit]:
        return find_broken(line, subject)

    return Rule(line.code, line.severity, check, bad=line.bad, good=line.good, lines=lambda _: (line,))


def find_broken(line: FormRule, subject: Subject) -> Iterator[Hit]:
    """Where the line does not hold, with its facts."""
    values = subject.values
    if not line.each:
        if line.assert_.evaluate(values) is False:
            yield Hit(line.on, {**facts(line, values), "parts": [*parts(line, subject.form, values)]})
        return
    table = subject.form.tables[line.each]
    for index, row in enumerate(values.rows(line.each)):
        here = values._replace(row=row)
        if is_begun(table.begun, row) and line.assert_.evaluate(here) is False:
            yield Hit(tuple(table.address(column, index) for column in line.on), facts(line, here))


def facts(line: FormRule, values: Values) -> dict[str, Any]:
    """The facts of a line's sentence; of one with its own words, the words themselves."""
    found = {name: _plain(fact.evaluate(values)) for name, fact in line.facts.items()}
    if line.words:
        own = {"message": _sentence(line.words.message, values), "advice": _sentence(line.words.advice, values)}
        found["own_words"] = {"title": line.words.title, **own}
    return found


def _sentence(pieces: tuple[str | Expression, ...], values: Values) -> str:
    """A sentence with the values of its expressions in it."""
    return "".join(piece if isinstance(piece, str) else _shown(piece.evaluate(values)) for piece in pieces)


def plain_sentence(pieces: tuple[str | Expression, ...]) -> str:
    """A sentence without the values of its expressions, where none are known: each stands as …."""
    return "".join(piece if isinstance(piece, str) else "…" for piece in pieces)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(map(_shown, value))
    plain = _plain(value)
    return messages.number(plain) if isinstance(plain, (int, float)) and not isinstance(plain, bool) else str(plain)


def parts(line: FormRule, form: Form, values: Values | None = None) -> Iterator[list[Any]]:
    """The head's answers that the line speaks of, in its order: its visible words and, of a record, its value."""
    for id in line.assert_.fields:
        if id in form.fields:
            yield [label(id, form), _plain(values.get(id)) if values else None]


def _plain(value: Any) -> Any:
    # sums of binary fractions: 0.1 + 0.2 is 0.3; a blank is nothing in a sum
    return round(value, 6) if isinstance(value, float) else 0 if is_blank(value) else value


def _value_name(*ids: str) -> str:
    return ".".join(("px.v", *ids))


def _blank(cell: str) -> str:
    return cell if cell.startswith("px.v.") else excel.blank(cell)  # it has a name as long


_TRIED = CellReferences(_value_name, _value_name, _value_name, begun=_value_name, blank=_blank)
_BESIDE = "INDEX($A$1:$AA$999,ROW(),COLUMN($AA$1))"  # as long as what reaches a cell from another in its row


def reason_return_only(line: FormRule, form: Form, policy: Policy) -> str:
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


def _try(line: FormRule, cells: CellReferences) -> None:
    """Raises ExpressionError where one of the formulas that a sheet needs of a line is none, or too long."""
    line.assert_.excel(cells)
    if line.each:
        excel.check_length(2 * len(line.assert_.excel_first(cells)))  # once to ask, once to answer
        excel.check_length(len(line.assert_.excel_here(replace(cells, here=lambda *_: _BESIDE))))
