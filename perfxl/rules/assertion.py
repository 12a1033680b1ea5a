"""Checks that consist of one line, an expression that must hold.

A form may have lines of its own, and a rule may produce some.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from string import ascii_uppercase
from typing import Any

from perfxl import extensions, messages
from perfxl.errors import FormError
from perfxl.form.definition.mistakes import first_of
from perfxl.form.expression import CellReferences, Expression, ExpressionError, Values, excel
from perfxl.form.expression.python import is_begun, is_blank
from perfxl.form.form import Form, FormRule
from perfxl.form.languages import NumberSigns
from perfxl.form.plain_parts import PlainParts
from perfxl.form.types.number import spelled
from perfxl.messages.places import label
from perfxl.rules.policy import Policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


@lru_cache(maxsize=64)
def rules_of_lines(form: Form) -> tuple[Rule, ...]:
    """Return the form's own lines as rules."""
    return tuple(_rule(line) for line in form.rules)


def refuse_bad_codes(form: Form) -> None:
    """Raise FormError where ``find_bad_codes`` finds one; it carries the others."""
    if found := tuple(find_bad_codes(form)):
        raise first_of(found)


def find_bad_codes(form: Form) -> Iterator[FormError]:
    """Yield a mistake for a line with a code that the form cannot use, or without the message or facts that it needs.

    The letters of a code (``MN``) belong to the set of checks that uses them. A line either has a code of the general
    checks or of a set that the form names, gives the facts of that code's message and has no message; or the letters of
    its code belong to no set, and it has a message of its own.
    """
    usable = frozenset().union(*(messages.codes(checks) for checks in (_GENERAL, *form.checks)))
    taken = _taken_letters()
    for line in form.rules:
        letters = line.code.partition("-")[0]
        known = line.code in usable or (letters in taken and line.code in messages.codes(taken[letters]))
        missing = _missing_facts(line) if known and line.words is None else set()
        if missing or (line.words is None and line.code in usable):
            if missing:
                told = {"code": line.code, "title_of": line.code}
                yield form.mistake("missing_facts", line=line.line, **told, facts=sorted(missing))
        elif letters in taken:
            checks = taken[letters]
            named = checks in (_GENERAL, *form.checks)
            own = f"{own_letters(form.name)}{line.code[len(letters) :]}"
            facts = {"letters": letters, "own": own, "checks": checks}
            yield form.mistake("code_of_a_set", line=line.line, code=line.code, known=known, named=named, **facts)
        elif line.words is None:
            yield form.mistake("no_sentence", line=line.line, code=line.code, key="message")


def _taken_letters() -> dict[str, str]:
    """Return the letters of codes that belong to a set of checks, each with its set; the general checks win."""
    taken: dict[str, str] = {}
    for checks in reversed((_GENERAL, *extensions.found("perfxl.checks"))):
        taken |= dict.fromkeys((code.partition("-")[0] for code in messages.codes(checks)), checks)
    return taken


def own_letters(name: str) -> str:
    """Return two letters for the codes of a form's own checks, made of its name; no set of checks has them."""
    letters = "".join(sign for sign in name.upper() if "A" <= sign <= "Z") or "XX"
    tried = [f"{letters[0]}{sign}" for sign in f"{letters[1:]}{ascii_uppercase}"]
    taken = _taken_letters()
    return next((pair for pair in tried if pair not in taken), tried[0])


_GENERAL = ""
"""Stands for the general checks where sets of checks are named."""

_ADDED_FACTS = {"place", "places", "where", "suggestion"}
"""The facts that every message gets when it is said; a line about the form's head also gets ``parts``."""


def _missing_facts(line: FormRule) -> set[str]:
    """Return the facts that the message of the line's code needs and the line does not give."""
    needed = {name for part in ("what", "todo") for name in messages.facts_of(f"rules.{line.code}.{part}")}
    return needed - {*line.facts, *_ADDED_FACTS} - (set() if line.each else {"parts"})


def _rule(line: FormRule) -> Rule:
    """Return a line as a rule."""

    def check(subject: Subject) -> Iterator[Hit]:
        return find_broken(line, subject)

    return Rule(line.code, line.severity, check, bad=line.bad, good=line.good, lines=lambda _: (line,))


def find_broken(line: FormRule, subject: Subject) -> Iterator[Hit]:
    """Yield a hit where a line does not hold: one for the form, or one for each row of its table."""
    values = subject.values
    if not line.each:
        if line.assert_.evaluate(values) is False:
            told = facts(line, values, subject.form.signs)
            yield Hit(line.on, {**told, "parts": [*parts(line, subject.form, values)]})
        return
    table = subject.form.tables[line.each]
    for index, row in enumerate(values.rows(line.each)):
        here = values._replace(row=row)
        if is_begun(table.begun, row) and line.assert_.evaluate(here) is False:  # None: it cannot be judged
            yield Hit(tuple(table.address(column, index) for column in line.on), facts(line, here, subject.form.signs))


def facts(line: FormRule, values: Values, signs: NumberSigns) -> dict[str, Any]:
    """Return the facts of a line's message; the finished message of a line that has its own is ``own_words``.

    ``signs``: those by which the form's language writes numbers.
    """
    values_of_facts = {name: _plain(fact.evaluate(values)) for name, fact in line.facts.items()}
    if line.words:
        own = {"message": line.words.message, "advice": line.words.advice}
        said = {name: sentence(pieces, values, signs) for name, pieces in own.items()}
        values_of_facts["own_words"] = {"title": line.words.title, **said}
    return values_of_facts


def sentence(pieces: tuple[str | Expression, ...], values: Values, signs: NumberSigns) -> str:
    """Return a sentence with the values of its expressions filled in, numbers with the signs of a language."""
    return "".join(piece if isinstance(piece, str) else _shown(piece, values, signs) for piece in pieces)


def plain_sentence(pieces: tuple[str | Expression, ...]) -> str:
    """Return a sentence with … in the place of every expression, for use where no values are known."""
    return "".join(piece if isinstance(piece, str) else "…" for piece in pieces)


def _shown(piece: Expression, values: Values, signs: NumberSigns) -> str:
    """Return the value of an expression as a text for a sentence, an answer as its cell shows it."""
    value = piece.evaluate(values)
    return "；".join(_word(piece.shown, one, signs) for one in (value if isinstance(value, list) else [value]))


def _word(shown: Mapping[str, str], value: Any, signs: NumberSigns) -> str:
    """Return a value as a text; ``shown``: what cells show for a value that they show otherwise."""
    if isinstance(value, str) and value in shown:
        return shown[value]
    plain = _plain(value)
    if isinstance(plain, bool) or not isinstance(plain, (int, float)):
        return str(plain)
    return spelled(messages.number(plain), signs)


def parts(line: FormRule, form: Form, values: Values | None = None) -> Iterator[list[Any]]:
    """Yield the answers of the form's head that a line mentions, as label and value (None without ``values``)."""
    for id in line.assert_.fields:
        if id in form.fields:
            yield [label(id, form), _plain(values.get(id)) if values else None]


def _plain(value: Any) -> Any:
    """Return a value for a message: floats without binary noise (0.1 + 0.2 is 0.3), a blank as 0, as sums count it."""
    if isinstance(value, float):
        return round(value, 6)
    return 0 if is_blank(value) else value


def _value_name(*ids: str) -> str:
    """Return the defined name of an answer in the workbook."""
    return ".".join(("px.v", *ids))


def _blank(cell: str) -> str:
    """Return a formula for whether a cell is blank, of the length that it has on the sheet.

    For an answer with a defined name (``px.v.…``) the sheet has a second name for whether it is blank (``px.b.…``); to
    measure the length of formulas, the first one does.
    """
    return cell if cell.startswith("px.v.") else excel.blank(cell)


_TRIAL_CELLS = CellReferences(_value_name, _value_name, _value_name, begun=_value_name, blank=_blank)
"""References for formulas that are only tried out."""

_TRIAL_BESIDE = "INDEX($A$1:$AA$999,ROW(),COLUMN($AA$1))"  # as long as the reference from a cell to one in its row


def part_beyond_excel(line: FormRule, form: Form, policy: Policy) -> str:
    """Return the piece of a line that Excel cannot calculate, empty if there is none; the line is checked on return.

    It is ``excel.TOO_LONG`` where the formula would be too long.
    """
    for name in line.assert_.fields:
        if name in form.fields and name not in form.shown:
            return name
    for table, column in line.assert_.columns:
        groups = form.tables[table].groups
        if groups and column == groups.by:  # its value is written once for a whole group
            return column
    try:
        _try_formulas(line, _trial_cells(form, policy))
    except ExpressionError as error:
        return str(error.args[1])
    return ""


def _trial_cells(form: Form, policy: Policy) -> CellReferences:
    """Return references by which only the length of formulas is tried."""

    def looked_up(name: str, heading: str) -> tuple[str, str]:
        if name not in form.choices:
            raise ExpressionError("not_in_excel", "lookup")
        return f"px.c{len(form.choices)}.k", f"px.c{len(form.choices)}.k{len(form.choices[name].columns)}"

    def part(table: str, id: str, name: str) -> str:
        if name not in PlainParts._fields:
            raise ExpressionError("not_in_excel", f"{id}.{name}")
        return f"px.p.{table}.{id}.{name}"

    trial = replace(_TRIAL_CELLS, told=policy, lookup=looked_up, truth_words=form.truth_words)
    return replace(trial, part=part, part_column=part)


def _try_formulas(line: FormRule, cells: CellReferences) -> None:
    """Raise ExpressionError where a formula that a sheet needs for a line is impossible or too long."""
    line.assert_.excel(cells)
    if line.each:
        # the formula for the first broken row stands twice in its cell: in the condition and in the result
        excel.check_length(2 * len(line.assert_.excel_first(cells)))
        excel.check_length(len(line.assert_.excel_here(replace(cells, here=lambda *_: _TRIAL_BESIDE))))
