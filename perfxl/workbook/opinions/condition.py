"""The condition, as an Excel formula, under which a flagged cell is still wrong and its flag stays.

A line of a form that Excel can calculate clears its flags as soon as it holds; a value that was sent out, as soon as it
is put back; a rule may have a condition of its own (``Rule.still``). In all other cases a flag stays while the cell
holds the value that was flagged: once that is changed, only the next review can tell whether it is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeGuard

from perfxl import rules
from perfxl.finding import Finding
from perfxl.form.answers import without_rows
from perfxl.form.calculation import decimals_of, in_order, path_of
from perfxl.form.characters import is_blank_text, utf16_length
from perfxl.form.expression import CellReferences, ExpressionError, Values
from perfxl.form.expression.excel import check_length
from perfxl.form.expression.tree import NUMBERS
from perfxl.form.form import Form, FormRule
from perfxl.rules.asked import co01_calculated
from perfxl.rules.numbers import blank
from perfxl.workbook.ooxml.formula import Place, Reach, blank_formula, text_literal
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.opinions.limit_condition import FlaggedLimit, flagged_limit, type_condition
from perfxl.workbook.opinions.line_formula import LineFormula
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet.calculations import formula_of
from perfxl.workbook.sheet.drop_down_lists import lookup_names
from perfxl.workbook.sheet.reach import ticked_text

Condition = Callable[[Reach], str]
"""Makes a formula without ``=`` for a Reach, which decides whether cells are referred to from their own sheet or from
审核意见 (the sheet of review opinions)."""

# a string literal of a formula holds 255 UTF-16 units, two for a rare character: longer texts are compared in pieces
PIECE_LENGTH, MOST_PIECES = 100, 6


def flag_condition(reading: Reading, finding: Finding, place: Place) -> tuple[Condition, bool]:
    """Return the condition under which one cell of a finding stays flagged, and whether its end settles the finding.

    The second value is False where the end of the condition shows only that the cell has been changed.
    """
    form = reading.located.form
    rule = _find_rule(finding.code, form)
    if (line := _broken_line(reading, finding)) and (broken := _broken_condition(reading, line, place)):
        return broken, True
    calculated = co01_calculated.CODE in (rule.code, *rule.limits)
    if calculated and (wrong := _miscalculated_condition(reading, finding, place)):
        return wrong, True
    if (issued := _issued_value(reading, finding)) is not None:
        return (lambda reach: f"NOT({_equality_formula(reach.at(*place), issued, compare_white_space=True)})"), True
    if (limited := flagged_limit(form, finding)) and (broken := _limit_condition(reading, finding, limited, place)):
        return broken, True
    if type_condition(form, finding, ""):
        return (lambda reach: type_condition(form, finding, reach.at(*place))), True
    if still := rule.still(finding.facts) if callable(rule.still) else rule.still:
        value = None if _ticks_beside(reading, finding, place) else reading.located.sheet.raw(*place).value
        return (lambda reach: _still_formula(still, _held(reading, finding, place, reach), value)), True
    return _unchanged_condition(reading, finding, rule, place, line), rule.until_changed


@lru_cache(maxsize=512)
def _find_rule(code: str, form: Form) -> rules.Rule:
    return rules.find_rule(code, form)


def _miscalculated_condition(reading: Reading, finding: Finding, place: Place) -> Condition | None:
    """Return the condition that a cell shows something else than its answer comes to now.

    None for a sum, and for an answer that Excel cannot calculate.
    """
    form, id = reading.located.form, without_rows(finding.field)
    answer = next((one for one in in_order(form) if path_of(form, one) == id), None)

    def wrong(reach: Reach) -> str:
        assert answer is not None
        value = formula_of(answer, form, cell_references(reading, reach, place[0]))
        cell, asked = reach.at(*place), answer.field.type
        if (decimals := decimals_of(asked)) is None:
            return f'IFERROR(NOT(EXACT({cell}&"",{value}&"")),TRUE)'
        half = 0.5 * 10.0 ** -(decimals + (2 if asked.value_type == "percent" else 0))
        # an empty text in place of one of the two is an error: right where the other is empty as well
        return f"NOT(IFERROR(ABS({cell}-{value})<={half:.9f},LEN({cell})=0))"

    try:
        if answer is None:
            return None
        check_length(len(wrong(reach_of(reading, qualified=True))))
    except ExpressionError:
        return None
    return wrong


def _limit_condition(reading: Reading, finding: Finding, limited: FlaggedLimit, place: Place) -> Condition | None:
    """Return the condition that a cell still breaks a limit of its answer; None where Excel cannot tell."""
    if limited.line:
        return _broken_condition(reading, LineFormula(limited.line, reading.located.form), place)

    def broken(reach: Reach) -> str:
        held = _held(reading, finding, place, reach) if limited.limit.name == "required" else reach.at(*place)
        return limited.formula(cell_references(reading, reach, place[0]), held)

    try:
        formula = broken(reach_of(reading, qualified=True))
        check_length(len(formula))
    except ExpressionError:
        return None
    return broken if formula else None


def _issued_value(reading: Reading, finding: Finding) -> Any:
    """Return the value with which a field was sent out that units must not change, as a cell shows it.

    None for findings about other fields. Once that value is put back, the finding is settled.
    """
    field = reading.located.form.given.get(without_rows(finding.field))
    issued = finding.facts.get("issued")
    return field.type.show(issued) if field and not field.ticks and issued is not None else None


def _broken_line(reading: Reading, finding: Finding) -> LineFormula | None:
    """Return the line of the form that the answers break and that the finding is about; None without one.

    A line that uses settings is passed over: the county that reviews may have other ones than those written into the
    sheet.
    """
    if not (lines := _lines_by_code(reading.located.form).get(finding.code)):
        return None
    concerned = tuple(map(without_rows, finding.fields))
    for formula in lines:
        line = formula.line
        if line.assert_.settings or formula.concerned != concerned:
            continue
        # a check may find more than its lines say: a blank, a text in the place of a number
        if line.assert_.evaluate(_values(reading, line.each, finding.field)) is False:
            return formula
    return None


@lru_cache(maxsize=64)
def _lines_by_code(form: Form) -> Mapping[str, tuple[LineFormula, ...]]:
    """Return the lines of each check of a form, by the code of the check."""
    lines: dict[str, tuple[LineFormula, ...]] = {}
    for rule in rules.rules(form):
        if rule.lines:
            lines[rule.code] = (*lines.get(rule.code, ()), *(LineFormula(line, form) for line in rule.lines(form)))
    return lines


def _values(reading: Reading, each: str, path: str) -> Values:
    """Return the sheet's answers as values of an expression.

    ``each``: the table, one of whose rows ``path`` names and which becomes the current row; empty for the head.
    """
    values = _sheet_values(reading)
    index = re.search(r"\[(\d+)\]", path)
    return values._replace(row=values.rows(each)[int(index[1])]) if each and index else values


@lru_cache(maxsize=8)
def _sheet_values(reading: Reading) -> Values:
    form, record = reading.located.form, reading.submission.record
    return rules.Subject(form, record, rules.Unit(None, "", "")).values  # no expression asks about the unit


def _broken_condition(reading: Reading, formula: LineFormula, place: Place) -> Condition | None:
    """Return the condition that a line is broken, that its cell holds an error, or that a number is still a text.

    None where the line cannot be written as an Excel formula.
    """
    line = formula.line
    # Excel ignores a text among numbers: as long as a number stands there as a text, the formula cannot judge
    texts = [(at, value) for at, value in _head_number_cells(reading, line) if isinstance(value, str) and value.strip()]
    held = reading.located.sheet.raw(*place).value
    # what Excel takes for an answer, and a number of a row that stands there as a text
    if _shows_nothing(held) or (_is_of_number(line) and isinstance(held, str) and held.strip()):
        texts += [(place, held)] if (place, held) not in texts else []

    def broken(reach: Reach) -> str:
        cells = cell_references(reading, reach, place[0])
        wrong = [f"{formula.broken(cells)}=1", f"ISERROR({reach.at(*place)})"]
        unchanged = [_exact_formula(reach.at(*at), value.replace("\r\n", "\n")) for at, value in texts]
        return f"OR({','.join([*wrong, *unchanged])})"

    try:  # to learn whether Excel can calculate it; the references from another sheet are the longest
        elsewhere = broken(reach_of(reading, qualified=True))
        check_length(len(elsewhere))
    except ExpressionError:
        return None
    return lambda reach: elsewhere if reach.prefix else broken(reach)


def _is_of_number(line: FormRule) -> bool:
    """Return whether a line is about the numbers of one column alone."""
    columns = line.assert_.scope.tables.get(line.each, {})
    return len(line.on) == 1 and columns.get(line.on[0]) in NUMBERS


def reach_of(reading: Reading, qualified: bool = False) -> Reach:
    """Return the Reach of a sheet's cells for formulas on that sheet; ``qualified``: on another one."""
    located = reading.located
    name = located.sheet.name if qualified else ""
    return Reach(*located.sheet.corner, located.marks.mark_row, located.marks.mark_column, name)


def cell_references(reading: Reading, reach: Reach, row: int = 0) -> CellReferences:
    """Return the functions by which formulas refer to the answers of a returned sheet, and to its issue values.

    ``row``: the row of the sheet, from 0, to which a line about a table is applied. The functions raise ExpressionError
    ("not_in_excel") for an answer that was not found on the sheet.
    """

    located, said = reading.located, reading.submission.said

    def head(id: str) -> str:
        if isinstance(value := said.get(id), (int, float)):
            return repr(value)
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

    def looked_up(name: str, heading: str) -> tuple[str, str]:
        return lookup_names(located.form, name, heading)

    return CellReferences(head, column, here, truth_words=located.form.truth_words, lookup=looked_up)


def _head_number_cells(reading: Reading, line: FormRule) -> Iterator[tuple[Place, Any]]:
    """Yield the cells of the numbers in the head that a line's assertion uses, each with its present value."""
    for id in line.assert_.fields:
        if line.assert_.scope.answers.get(id) in NUMBERS and (place := reading.located.head.get(id)):
            yield place, reading.located.sheet.raw(*place).value


def _unchanged_condition(
    reading: Reading, finding: Finding, rule: rules.Rule, place: Place, line: LineFormula | None
) -> Condition:
    """Return the condition that the cell still holds the value that was flagged.

    For a rule whose cells are wrong only together, all of them must be unchanged; so must be the answers with which a
    line of the form compares it, those for which it is wrong (``Rule.beside``) and, for an entry that is not below the
    one above it, that one. ``line``: the line of the form that is broken.
    """
    others = [*_compared_places(reading, line, place), *_places_above(reading, finding, place)]
    others += [other for other in _places_beside(reading, rule, place) if other != place]
    others += [other for other in _ticks_beside(reading, finding, place) if other != place]
    places = _finding_places(reading, finding) if rule.together else [place, *others]
    flagged = [(at, reading.located.sheet.raw(*at)) for at in places]

    def unchanged(reach: Reach) -> str:
        same = [
            f"ISERROR({reach.at(*at)})" if raw.error else _equality_formula(reach.at(*at), raw.value, rule.white_space)
            for at, raw in flagged
        ]
        return same[0] if len(same) == 1 else f"AND({','.join(same)})"

    return unchanged


def _still_formula(still: str, cell: str, value: Any) -> str:
    """Return a rule's own condition, applied to a cell; an error value there counts as still wrong.

    ``value``: what the cell holds now.
    """
    return f"IFERROR({still.replace('{blank}', _blank_formula(cell, value)).replace('{cell}', cell)},TRUE)"


def _blank_formula(cell: str, value: Any) -> str:
    """Return a formula that is TRUE while a cell is blank, or holds ``value`` if that is a text that shows nothing."""
    blank = blank_formula(cell)
    return f"OR({blank},{_exact_formula(cell, value)})" if _shows_nothing(value) else blank


def _shows_nothing(value: Any) -> TypeGuard[str]:
    """Return True for a text of invisible characters, which is blank and for Excel is not."""
    return isinstance(value, str) and bool(value.strip()) and is_blank_text(value)


def _places_beside(reading: Reading, rule: rules.Rule, place: Place) -> list[Place]:
    """Return the cells, in the head and in the row of a cell, of the answers for which it is wrong."""
    located = reading.located
    found = [located.head[id] for id in rule.beside if id in located.head]
    for id, table in located.tables.items():
        if any(row.row == place[0] for row in table.rows):
            columns = located.form.tables[id].columns
            asked = [columns[name] for name in rule.beside if name in columns]
            found += [at for column in asked for at in located.cells_of(id, column, place[0])]
    return found


def _places_above(reading: Reading, finding: Finding, place: Place) -> list[Place]:
    """Return the cell of the answer above, where a finding says that the entry in a cell does not belong to it."""
    if not finding.facts.get("above"):
        return []
    form, submission = reading.located.form, reading.submission
    for path in finding.fields:
        asked = form.by_path.get(without_rows(path))
        cell = parse_range(submission.places.get(path, ""))
        if asked and asked.within and cell and (cell.row, cell.column) == place:
            above = parse_range(submission.places.get(path.removesuffix(asked.id) + asked.within, ""))
            return [(above.row, above.column)] if above else []
    return []


def tick_cells(reading: Reading, path: str) -> list[Place]:
    """Return the cells of an answer with tick columns, or the one in which something else stands; else none."""
    asked = reading.located.form.by_path.get(without_rows(path))
    if asked is None or not asked.ticks:
        return []
    cell = parse_range(reading.submission.places.get(path, ""))
    if cell is None:
        return []
    if any(note.field == path and note.problem for note in reading.submission.notes):
        return [(cell.row, cell.column)]
    tables = reading.located.form.tables.values()
    table = next((table.id for table in tables if any(column is asked for column in table.columns.values())), "")
    return reading.located.cells_of(table, asked, cell.row)


def _ticks_beside(reading: Reading, finding: Finding, place: Place) -> list[Place]:
    """Return the cells of the answer whose tick stands in a flagged cell; none for any other answer."""
    cells = (tick_cells(reading, path) for path in dict.fromkeys(finding.fields))
    return next((ticks for ticks in cells if place in ticks), [])


def _held(reading: Reading, finding: Finding, place: Place, reach: Reach) -> str:
    """Return the formula of what an answer holds: its cell, or what its tick cells hold together."""
    ticks = _ticks_beside(reading, finding, place)
    return ticked_text(reach.at(*at) for at in ticks) if ticks else reach.at(*place)


def _finding_places(reading: Reading, finding: Finding) -> list[Place]:
    """Return the cells of a finding's fields."""
    cells = (parse_range(reading.submission.places.get(path, "")) for path in dict.fromkeys(finding.fields))
    return [(cell.row, cell.column) for cell in cells if cell]


def _compared_places(reading: Reading, formula: LineFormula | None, place: Place) -> list[Place]:
    """Return the other cells of a row that a line of the form compares with a flagged one; none without a line."""
    if formula is None or not (line := formula.line).each:
        return []
    at = reading.located.tables[line.each].columns
    columns = [at.get(id) for table, id in line.assert_.columns if table == line.each]
    places = [(place[0], column) for column in columns if column is not None]
    return [other for other in dict.fromkeys(places) if other != place]


def _equality_formula(cell: str, value: Any, compare_white_space: bool) -> str:
    """Return a formula that is TRUE while a cell holds this value.

    ``compare_white_space``: a change of white space counts as a change. A long text is compared by its length and its
    pieces, a very long one by its length, its first piece and its last whole one.
    """
    if blank(value):
        return _blank_formula(cell, value)
    if isinstance(value, bool):
        return f"IFERROR(EXACT({cell},{text_literal(str(value).upper())}),FALSE)"
    if isinstance(value, (int, float)):
        return f"IF(ISNUMBER({cell}),ABS(N({cell})-{value!r})<0.0000001,FALSE)"
    whole = value.replace("\r\n", "\n")
    if not compare_white_space:
        whole = re.sub(r"[ 　\n\r\t]", "", whole)
        for character in ('" "', '"　"', "CHAR(10)", "CHAR(13)", "CHAR(9)"):
            cell = f'SUBSTITUTE({cell},{character},"")'
    return _exact_formula(cell, whole)


def _exact_formula(cell: str, whole: str) -> str:
    """Return a formula that is TRUE while a cell, or a formula of it, is exactly this text."""
    # Excel counts UTF-16 units, as do LEN and MID
    if len(whole) <= PIECE_LENGTH and not re.search('["\x01-\x1f]', whole):
        return f"IFERROR(EXACT({cell},{text_literal(whole)}),FALSE)"
    pieces = [whole[at : at + PIECE_LENGTH] for at in range(0, len(whole), PIECE_LENGTH)]
    checks = [f"LEN({cell})={utf16_length(whole)}"]
    numbered = list(enumerate(pieces))
    for at, piece in numbered if len(numbered) <= MOST_PIECES else [numbered[0], numbered[-2]]:
        start = utf16_length("".join(pieces[:at])) + 1
        checks.append(f"EXACT(MID({cell},{start},{utf16_length(piece)}),{_multiline_literal(piece)})")
    return f"IFERROR(AND({','.join(checks)}),FALSE)"


def _multiline_literal(value: str) -> str:
    """Return a text as it stands in a formula; a line break becomes CHAR(10), which every program keeps.

    So do the other controls, which XML does not hold.
    """
    parts = re.split("([\x01-\x1f])", value)
    return "&".join(f"CHAR({ord(part)})" if at % 2 else text_literal(part) for at, part in enumerate(parts))
