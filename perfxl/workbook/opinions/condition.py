"""When a flagged cell is still wrong: the condition, as an Excel formula, under which its flag stays.

A rule with a formula of its own clears its flags when it holds. Without one, a flag stands while the cell holds what
was flagged; once that is changed, only the next review can say whether it is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from perfxl import rules
from perfxl.finding import Finding
from perfxl.form.answers import without_rows
from perfxl.form.expression import CellReferences, ExpressionError, Values
from perfxl.form.expression.tree import NUMBERS
from perfxl.form.form import Form, FormRule
from perfxl.workbook.ooxml.formula import Place, Reach, blank_formula, text_literal
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.read import Reading

Condition = Callable[[Reach], str]
"""A formula without ``=``, over cells reached in one way or another: on their own sheet, or from 审核意见."""

# a string literal of a formula holds 255 UTF-16 units, two for a rare character; longer texts by length and ends
PIECE, PIECES = 100, 6


def flag_condition(reading: Reading, finding: Finding, place: Place) -> tuple[Condition, bool]:
    """The condition for one cell of a finding, and whether the finding is settled when it no longer holds."""
    if (line := _own_line(reading, finding)) and (broken := _negate(reading, line, place)):
        return broken, True
    if (issued := _issued_condition(reading, finding)) is not None:
        return (lambda reach: f"NOT({_same(reach.at(*place), issued, white_space=True)})"), True
    return _while_it_holds(reading, finding, place)


def _issued_condition(reading: Reading, finding: Finding) -> Any:
    """What a given cell went out with, as it stands in a cell: put back, the finding is settled."""
    asked = reading.located.form.fields.get(finding.field)
    issued = finding.facts.get("issued")
    return asked.kind.show(issued) if asked and asked.given and issued is not None else None


def _own_line(reading: Reading, finding: Finding) -> FormRule | None:
    """The line that found it; such a rule has a formula of its own. What a county can set differs from the sheet's."""
    concerned = _columns(finding.fields)
    for line in _lines(reading.located.form).get(finding.code, ()):
        if line.assert_.settings or _is_concerned(line, reading.located.form) != concerned:
            continue
        # a check may find more than its lines say: a blank, a text in the place of a number
        if line.assert_.evaluate(_values(reading, line.each, finding.field)) is False:
            return line
    return None


@lru_cache(maxsize=64)
def _lines(form: Form) -> Mapping[str, tuple[FormRule, ...]]:
    """The lines of each check."""
    found: dict[str, tuple[FormRule, ...]] = {}
    for rule in rules.rules(form):
        if rule.lines:
            found[rule.code] = (*found.get(rule.code, ()), *rule.lines(form))
    return found


def _is_concerned(line: FormRule, form: Form) -> tuple[str, ...]:
    return tuple(form.tables[line.each].path(id) for id in line.on) if line.each else line.on


def _columns(fields: Sequence[str]) -> tuple[str, ...]:
    """Paths without the numbers of their rows."""
    return tuple(without_rows(path) for path in fields)


def _values(reading: Reading, each: str, path: str) -> Values:
    """What the sheet's answers come to in an expression; ``each``: the table of whose row a path speaks."""
    values = _answers(reading)
    found = re.search(r"\[(\d+)\]", path)
    return values._replace(row=values.rows(each)[int(found[1])]) if each and found else values


@lru_cache(maxsize=8)
def _answers(reading: Reading) -> Values:
    form, record = reading.located.form, reading.submission.record
    return rules.Subject(form, record, rules.Unit(None, "", "")).values


def _negate(reading: Reading, line: FormRule, place: Place) -> Condition | None:
    """The rule is broken: what the line asserts does not hold, in the cells where the answers stand."""
    # Excel takes a text for nothing: as long as a number stands there as a text, the formula cannot judge
    texts = [(place, held) for place, held in _inputs(reading, line) if isinstance(held, str) and held.strip()]
    try:
        _broken_formula(reading, line, place, Reach(0, 0, 0, 0))
    except ExpressionError:
        return None

    def broken(reach: Reach) -> str:
        wrong = [f"{_broken_formula(reading, line, place, reach)}=1", f"ISERROR({reach.at(*place)})"]
        still = [_same(reach.at(*at), held, white_space=True) for at, held in texts]
        return f"OR({','.join([*wrong, *still])})"

    return broken


def _broken_formula(reading: Reading, line: FormRule, place: Place, reach: Reach) -> str:
    """A formula that is 1 where the line does not hold; for a table's row where it does not hold there."""
    cells = cell_references(reading.located, reach, place[0])
    return line.assert_.excel_here(cells) if line.each else line.assert_.excel(cells).broken


def cell_references(located: LocatedSheet, reach: Reach, row: int = 0) -> CellReferences:
    """How formulas reach the answers of a sheet that came back; ``row``: the one that is looked at."""

    def head(id: str) -> str:
        if id not in located.head:
            raise ExpressionError("not_in_excel", id)
        return reach.at(*located.head[id])

    def column(table: str, id: str) -> str:
        rows, at = located.tables[table].rows, located.tables[table].columns.get(id)
        if not rows or at is None:
            raise ExpressionError("not_in_excel", id)
        return reach.column(rows[0].row, rows[-1].row, at)

    def here(table: str, id: str) -> str:
        if (at := located.tables[table].columns.get(id)) is None:
            raise ExpressionError("not_in_excel", id)
        return reach.at(row, at)

    return CellReferences(head, column, here)


def _inputs(reading: Reading, line: FormRule) -> Iterator[tuple[Place, Any]]:
    """The numbers' cells that a line's rule looks at, with what stands in them."""
    for id in line.assert_.fields:
        if line.assert_.scope.answers.get(id) in NUMBERS and (place := reading.located.head.get(id)):
            yield place, reading.located.sheet.raw(*place).value


def _while_it_holds(reading: Reading, finding: Finding, place: Place) -> tuple[Condition, bool]:
    """Without a formula of its own a rule's flag stands while the cell holds what was flagged."""
    rule = rules.find_rule(finding.code, reading.located.form)
    if rule.still:
        return (lambda reach: _guard(rule.still, reach.at(*place))), True
    places = _places(reading, finding) if rule.together else [place]
    held = [(each, reading.located.sheet.raw(*each)) for each in places]

    def still(reach: Reach) -> str:
        same = [
            f"ISERROR({reach.at(*each)})" if raw.error else _same(reach.at(*each), raw.value, rule.white_space)
            for each, raw in held
        ]
        return same[0] if len(same) == 1 else f"AND({','.join(same)})"

    return still, False


def _guard(still: str, cell: str) -> str:
    """A rule's own condition on a cell; an error value there is still wrong."""
    return f"IFERROR({still.replace('{blank}', blank_formula(cell)).replace('{cell}', cell)},TRUE)"


def _places(reading: Reading, finding: Finding) -> list[Place]:
    cells = (parse_range(reading.submission.places.get(path, "")) for path in dict.fromkeys(finding.fields))
    return [(cell.row, cell.column) for cell in cells if cell]


def _same(cell: str, value: Any, white_space: bool) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        return blank_formula(cell)
    if isinstance(value, bool):
        return f"IFERROR(EXACT({cell},{text_literal(str(value).upper())}),FALSE)"
    if isinstance(value, (int, float)):
        return f"IF(ISNUMBER({cell}),ABS(N({cell})-{value!r})<0.0000001,FALSE)"
    whole = value.replace("\r\n", "\n")
    if not white_space:
        whole = re.sub(r"[ 　\n\r\t]", "", whole)
        for character in ('" "', '"　"', "CHAR(10)", "CHAR(13)", "CHAR(9)"):
            cell = f'SUBSTITUTE({cell},{character},"")'
    # Excel counts UTF-16 units, as do LEN and MID
    if len(whole) <= PIECE and '"' not in whole and "\n" not in whole:
        return f"IFERROR(EXACT({cell},{text_literal(whole)}),FALSE)"
    pieces = [whole[at : at + PIECE] for at in range(0, len(whole), PIECE)]
    checks = [f"LEN({cell})={_units(whole)}"]
    ends = list(enumerate(pieces))
    for at, piece in ends if len(ends) <= PIECES else [ends[0], ends[-2]]:
        start = _units("".join(pieces[:at])) + 1
        checks.append(f"EXACT(MID({cell},{start},{_units(piece)}),{_literal(piece)})")
    return f"IFERROR(AND({','.join(checks)}),FALSE)"


def _units(value: str) -> int:
    return len(value.encode("utf-16-le")) // 2


def _literal(value: str) -> str:
    """A text in a formula; a line break stands as CHAR(10), which every program keeps."""
    parts = [text_literal(part) for part in value.split("\n")]
    return "&CHAR(10)&".join(parts)
