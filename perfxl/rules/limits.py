"""The checks of the group LM: the limits that a form sets to its answers, one check for each kind of limit.

The sheet refuses what breaks a limit, but pasting and other programs pass its validation by; so the same limits are
judged on return. All of them stand in one table. A rule that says one of them better about some answers names it in
``Rule.limits``, and then speaks alone about these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from perfxl.finding import Severity
from perfxl.form.answers import without_rows
from perfxl.form.characters import shorten
from perfxl.form.expression import Values
from perfxl.form.expression.python import Row, is_begun
from perfxl.form.form import Field, Table
from perfxl.form.limits import LimitName, limit_of
from perfxl.form.types.base import AnswerType, Raw, Validation
from perfxl.form.types.choice import Choice
from perfxl.form.types.number import spelled
from perfxl.form.types.text_format import FORMATS
from perfxl.messages.conditions import condition_facts
from perfxl.rules.answer_limits import (
    Asked,
    Broken,
    broken_limits,
    irrelevant,
    limited_answers,
    own_words,
    required_hits,
)
from perfxl.rules.choice_limits import wrong_entries
from perfxl.rules.numbers import blank, excess_digits, plain_number, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

GROUP = "LM-"
"""The beginning of their codes."""

REQUIRED, UNDERSTOOD, RANGE, LENGTH, SHAPE, LIST = "LM-01", "LM-02", "LM-03", "LM-04", "LM-05", "LM-06"
UNIQUE, RELEVANT, CONSTRAINT = "LM-07", "LM-08", "LM-09"
"""The codes, as the form language numbers its limits: a required answer, one that is understood, the range and the
decimals of a number or a date, the length of a text and the number of items, its pattern or format, the entries of a
list, what may stand only once, what is not asked for, a condition."""

CODES: Mapping[LimitName, str] = {
    "required": REQUIRED, "minimum": RANGE, "maximum": RANGE, "min_length": LENGTH, "max_length": LENGTH,
    "min_items": LENGTH, "max_items": LENGTH, "pattern": SHAPE, "unique": UNIQUE, "relevant": RELEVANT,
    "constraint": CONSTRAINT,
}  # fmt: skip
"""The code of the check of each limit."""

SEVERITY: Severity = "error"
"""The severity of all of them: the sheet refuses what breaks a limit."""

_CODE_BY_VALIDATION = {"text_length": LENGTH, "list": LIST, "custom": UNDERSTOOD}


def code_of_refusal(kind: AnswerType, validation: Validation) -> str:
    """Return the code of the check that judges what the data validation of a type of answer refuses."""
    if kind.value_type == "logical" or kind.ticks:  # the list of two words is no list of entries: a record has neither
        return UNDERSTOOD
    if getattr(kind, "format", None):
        return SHAPE
    return _CODE_BY_VALIDATION.get(validation.kind, RANGE)


class _Broken(NamedTuple):
    """A limit that one answer breaks. ``facts``: what is wrong, for the sentence."""

    code: str
    path: str
    asked: Field
    facts: dict[str, Any]
    suggestion: str | None = None
    severity: Severity | None = None


def _find_required(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for each required answer of the head that is blank, and one for each such column of a table.

    In a table the rows count that were begun; where there is none, the table itself is found.
    """
    by_condition = required_hits(subject)
    for id, asked in subject.form.fields.items():
        always = asked.required and asked.open and subject.sure(id) and blank(subject.get(id))
        if always or id in by_condition:
            yield _required_hit(asked, (id,), subject.values)
    for table in subject.form.tables.values():
        yield from _find_required_cells(subject, table, by_condition)


def _find_required_cells(subject: Subject, table: Table, by_condition: Mapping[str, Asked]) -> Iterator[Hit]:
    """Yield a hit for each column of a table in which required cells are blank, or one for a table without rows."""
    by = table.groups.by if table.groups else ""
    required = [id for id, column in table.columns.items() if column.required and column.open and id != by]
    rows = zip(subject.table_rows(table.id), subject.values.rows(table.id), strict=True)
    begun = [(row, values) for row, values in rows if is_begun(table.begun, values)]
    if (
        required
        and table.minimum
        and not begun
        and all(subject.sure(path) for row in subject.table_rows(table.id) for path, _ in row.values())
    ):
        yield Hit((table.id,), {"whole": True})
    for id, column in table.columns.items():
        cells = (row[id] for row, values in begun if not _is_calculated(column, subject.values, values))
        wanted = (
            path
            for path, value in cells
            if path in by_condition or (id in required and blank(value) and subject.sure(path))
        )
        if unfilled := tuple(dict.fromkeys(wanted)):  # outer values of nested lists stand in several rows
            yield _required_hit(column, unfilled, subject.values)


def _is_calculated(column: Field, values: Values, row: Row) -> bool:
    """Return True where the workbook calculates a column in a row, which nobody fills in then."""
    where = column.calculation.when if column.calculation else None
    return where is not None and where.evaluate(values._replace(row=row)) is True


def _required_hit(asked: Field, paths: tuple[str, ...], values: Values) -> Hit:
    """Return the hit of required answers that are blank."""
    limit = limit_of(asked.limits, "required")
    own = own_words(asked, "required", values)
    return Hit(paths, _facts(asked, {"whole": False, **own}), severity=limit.severity if limit else None)


def _find_irrelevant(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for each answer that is filled in though it is not asked for."""
    for path, answer in subject.once(irrelevant).items():
        limit = limit_of(answer.field.limits, "relevant")
        own = own_words(answer.field, "relevant", answer.values)
        facts = {"found": _text(answer.value, answer.field), "where": "", "condition": "", **own}
        if answer.field.relevant is not None:
            facts["condition"] = condition_facts(answer.field.relevant.tree, subject.form)
        yield Hit((path,), _facts(answer.field, facts), severity=limit.severity if limit else None)


def _find_broken(code: str) -> Callable[[Subject], Iterator[Hit]]:
    """Return the function that finds the answers that break a limit of this code.

    Answers of one column that break it by the same value are one hit.
    """

    def find(subject: Subject) -> Iterator[Hit]:
        alike: dict[tuple[str, str], list[_Broken]] = {}
        for broken in subject.once(_broken_limits):
            if broken.code == code:
                alike.setdefault((without_rows(broken.path), repr(broken.facts)), []).append(broken)
        for same in alike.values():
            first = same[0]
            paths = tuple(broken.path for broken in same)
            yield Hit(paths, _facts(first.asked, first.facts), first.suggestion, first.severity)
        for own in subject.once(_broken_own):
            if CODES[own.limit.name] == code and not _is_said(subject, own, code):
                facts = {"found": _text(subject.get(own.paths[0]), own.asked), **own.facts}
                if code == RANGE:
                    facts["bound"] = _text(facts["bound"], own.asked)
                yield Hit(own.paths, _facts(own.asked, facts), severity=own.limit.severity)

    return find


def _broken_own(subject: Subject) -> tuple[Broken, ...]:
    """Return the limits of their own that answers break."""
    return tuple(broken_limits(subject))


def _codes_of_types(subject: Subject) -> dict[str, str]:
    """Return the limits of their types that answers break, by their paths."""
    return {broken.path: broken.code for broken in subject.once(_broken_limits)}


def _is_said(subject: Subject, own: Broken, code: str) -> bool:
    """Return whether the type of the answer is broken already: what is no number is not too large as well."""
    said = subject.once(_codes_of_types)
    return any(said.get(path) in (UNDERSTOOD, SHAPE, code) for path in own.paths)


def _find_too_much(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for each text that is too long, each list of too many items, and each table of too many rows."""
    yield from _find_broken(LENGTH)(subject)
    for table in subject.form.tables.values():
        rows = len(subject.table_rows(table.id))
        if rows > table.maximum:
            yield Hit((table.id,), {"problem": "rows", "length": rows, "bound": table.maximum})


def _facts(asked: Field, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a hit with those of the type of answer, from which its description is made."""
    described = {name: list(fact) if isinstance(fact, tuple) else fact for name, fact in asked.type.facts().items()}
    return {**described, "kind": asked.type.name, **facts}


def _broken_limits(subject: Subject) -> tuple[_Broken, ...]:
    """Return the limits that the filled answers of a record break, in the form's order; of several entries each."""
    told = subject.once(irrelevant)
    typed = (
        (path, asked, value)
        for path, asked, value in subject.cells
        if asked.open and not blank(value) and path not in told and not (asked.also and value in asked.also)
    )
    return tuple(broken for path, asked, value in typed for broken in _broken_by(subject, path, asked, value))


def _broken_by(subject: Subject, path: str, asked: Field, value: Any) -> Iterator[_Broken]:
    """Yield the limits that an answer breaks."""
    value, problem = _understand(subject, path, asked.type, value)
    if asked.ticks and problem and subject.seen is not None:  # something else than a tick stands in a cell
        yield _Broken(UNDERSTOOD, path, asked, {"found": _text(value, asked), "problem": problem})
    elif isinstance(asked.type, Choice):
        for wrong in wrong_entries(subject, path, asked, asked.type, value):
            below = {"allowed": list(wrong.allowed)} if wrong.above else {}
            facts = {"found": _text(wrong.found, asked), "above": wrong.above, **below}
            yield _Broken(LIST, path, asked, facts, wrong.near)
        if broken := _too_long(path, asked, value):
            yield _in_own_words(broken, subject)
    elif broken := _broken_limit(path, asked, value, problem):
        yield _in_own_words(broken, subject)


def _in_own_words(broken: _Broken, subject: Subject) -> _Broken:
    """Return a broken limit with the sentence that its author wrote, if any."""
    asked = broken.asked
    name = _LIMIT_OF_PROBLEM.get(broken.facts["problem"]) if asked.limits and "problem" in broken.facts else None
    if not name:
        return broken
    beside = subject.once(_values_beside).get(broken.path, subject.values)
    return broken._replace(facts={**broken.facts, **own_words(asked, name, beside)})


def _values_beside(subject: Subject) -> dict[str, Values]:
    """Return the values that the sentences of an answer's limits may name, those of its row among them, by its path."""
    return {answer.path: answer.values for answer in limited_answers(subject)}


def _broken_limit(path: str, asked: Field, value: Any, problem: str) -> _Broken | None:
    """Return the limit that an answer breaks that is no choice; None where it keeps all."""
    limits = asked.limits_of_type
    if problem and not limits.entries:
        code = SHAPE if problem in _FORMAT_PROBLEMS else UNDERSTOOD
        return _Broken(code, path, asked, {"found": _text(value, asked), "problem": problem})
    if limits.entries:
        facts = {"found": _text(value, asked), "above": ""}
        return None if value in limits.entries else _Broken(LIST, path, asked, facts)
    return _out_of_range(path, asked, value) or _too_long(path, asked, value)


_FORMAT_PROBLEMS = frozenset(format.problem for format in FORMATS.values())
_LIMIT_OF_PROBLEM: Mapping[str, LimitName] = {
    "small": "minimum", "large": "maximum", "length": "max_length", "items": "max_items",
}  # fmt: skip


def _understand(subject: Subject, path: str, kind: AnswerType, value: Any) -> tuple[Any, str]:
    """Return a value as its kind understands it, and the problem if it does not; a sheet's answers have been read."""
    if subject.seen is not None:
        return value, subject.seen.problems.get(path, "")
    understood = kind.read(Raw(kind.show(value), kind.number_format))
    return understood.value, understood.problem


def _out_of_range(path: str, asked: Field, value: Any) -> _Broken | None:
    """Return the broken limit of a number or date that is too small, too large or has too many decimals."""
    limits, number = asked.limits_of_type, to_number(value)
    if isinstance(limits.minimum, str) or isinstance(limits.maximum, str):  # ISO dates compare as texts
        small, large = str(value) < str(limits.minimum or ""), str(value) > str(limits.maximum or "9")
    elif number is None:
        return None
    else:
        small = limits.minimum is not None and number < Decimal(str(limits.minimum))
        large = limits.maximum is not None and number > Decimal(str(limits.maximum))
    if small or large:
        problem, bound = ("small", limits.minimum) if small else ("large", limits.maximum)
        facts = {"found": _text(value, asked), "problem": problem, "bound": _text(bound, asked)}
        return _Broken(RANGE, path, asked, facts)
    # a sum of binary fractions may be off in the tenth decimal; nobody typed that
    if number is not None and limits.decimals is not None and excess_digits(number, limits.decimals) > _NOISE:
        facts = {"found": _text(value, asked), "problem": "decimals", "bound": str(limits.decimals)}
        return _Broken(RANGE, path, asked, facts)
    return None


_NOISE = Decimal("1e-6")


def _too_long(path: str, asked: Field, value: Any) -> _Broken | None:
    """Return the broken limit of a text of too many characters, or of a list of too many items."""
    limits = asked.limits_of_type
    if limits.max_items is not None and isinstance(value, (list, tuple)) and len(value) > limits.max_items:
        return _Broken(LENGTH, path, asked, {"problem": "items", "length": len(value), "bound": limits.max_items})
    length = len(str(asked.type.show(value) or "")) if limits.max_length is not None else 0
    if limits.max_length is not None and length > limits.max_length:
        return _Broken(LENGTH, path, asked, {"problem": "length", "length": length, "bound": limits.max_length})
    return None


def _text(value: Any, asked: Field) -> str:
    """Return a value of an answer as a message quotes it: a number as its language writes it, a long text shortened."""
    number = to_number(value)
    text = spelled(plain_number(number), asked.type.signs) if number is not None else str(value).strip()
    return shorten(text, _QUOTED)


_QUOTED = 60
"""The characters of an answer that a message quotes."""


def _still_blank(facts: Mapping[str, Any]) -> str:
    """Return the condition under which a required cell is still blank; none for a table without rows."""
    return "" if facts["whole"] else "{blank}"


def _still_too_long(facts: Mapping[str, Any]) -> str:
    """Return the condition under which a text is still too long; none for items, which no formula counts."""
    return f"LEN({{cell}})>{facts['bound']}" if facts["problem"] == "length" and "limit" not in facts else ""


RULES = (
    # a required answer is filled
    Rule(REQUIRED, SEVERITY, _find_required, bad={"measures": []}, still=_still_blank),
    # an answer can be understood as what is asked for
    Rule(
        UNDERSTOOD,
        SEVERITY,
        _find_broken(UNDERSTOOD),
        bad={"contact.phone": "1.39E+10", "seen.problems": {"contact.phone": "digits_lost"}},
        good={"contact.phone": "13900001111"},
    ),
    # a number or a date lies within its limits and has no more decimals than asked for
    Rule(RANGE, SEVERITY, _find_broken(RANGE)),
    # a text is not longer, a list has no more items and a table no more rows than asked for
    Rule(
        LENGTH,
        SEVERITY,
        _find_too_much,
        bad={"purpose": "用于发放村民小组长履职期间的误工补贴。" * 6},
        still=_still_too_long,
    ),
    # a text has the pattern or the format that is asked for
    Rule(SHAPE, SEVERITY, _find_broken(SHAPE)),
    # an answer is an entry of its list, below the entry that was chosen above it
    Rule(LIST, SEVERITY, _find_broken(LIST)),
    # an answer that may stand only once does
    Rule(UNIQUE, SEVERITY, _find_broken(UNIQUE), together=True, compares=True),
    # an answer that is not asked for is not filled in
    Rule(RELEVANT, SEVERITY, _find_irrelevant),
    # a condition that the form sets for an answer holds
    Rule(CONSTRAINT, SEVERITY, _find_broken(CONSTRAINT)),
)
