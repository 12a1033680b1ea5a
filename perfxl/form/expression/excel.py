"""An expression as Excel formulas: one that is 1 where it surely holds, one that is 1 where it surely does not.

Logic is arithmetic of 0 and 1, since AND and OR do not work row by row. Over a table's rows everything stands within
SUMPRODUCT, which alone calculates with whole columns in every Excel; there neither IF nor IFERROR works row by row
(before 2021), so that an error value in one row makes the whole formula an error, which is not applicable. A text in
the place of a number is none: a number format makes 0 of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from perfxl.form.expression import tree
from perfxl.form.expression.python import DECIMALS, NOTHING, Told, fold_spaces, round_half_up
from perfxl.form.expression.tree import AnswerReference, ExpressionError, Node

LONGEST = 8000
"""Characters of a formula; Excel takes 8,192 (specifications and limits), and something stands around it."""


def blank(cell: str) -> str:
    """1 where a cell, or each of some cells, holds nothing, or white space only."""
    for space in ('"　"', '"\u00a0"', "CHAR(9)", "CHAR(10)"):
        cell = f'SUBSTITUTE({cell},{space},"")'
    return f"(LEN(TRIM({cell}))=0)"


@dataclass(frozen=True)
class CellReferences:
    """How formulas reach answers.

    ``head``: the cell of an answer of the head; ``column``: all of a table's cells of a column; ``here``: the cell of a
    column in the row that is looked at; ``begun``: what is 1 in each row of a table that was begun, by default made of
    its columns; ``blank``: what is 1 where a cell holds nothing.
    """

    head: Callable[[str], str]
    column: Callable[[str, str], str]
    here: Callable[[str, str], str]
    told: Told = NOTHING
    begun: Callable[[str], str] | None = None
    blank: Callable[[str], str] = blank


@dataclass(frozen=True)
class Truth:
    """Two formulas: 1 where it holds, 1 where it does not; both 0 where that is not applicable."""

    holds: str
    broken: str


@dataclass(frozen=True)
class _Value:
    """A number's or a text's formula, and one that is 1 where it is applicable."""

    value: str
    known: str


def compile_truth(node: Node, cells: CellReferences) -> Truth:
    """The formulas of something that holds or does not. Raises ExpressionError ``not_in_excel``."""
    found = _Excel(cells).logical(node)
    check_length(len(found.holds) + len(found.broken))  # both stand in the formula of a state
    return found


def check_length(length: int) -> None:
    """Raises ExpressionError ``not_in_excel`` for more characters than a formula can have."""
    if length > LONGEST:
        raise ExpressionError("not_in_excel", str(LONGEST))


def every_row(node: Node, table: str, columns: tuple[AnswerReference, ...], cells: CellReferences) -> Truth:
    """The formulas of something that holds, or does not, of every row of a table that was begun."""
    return compile_truth(tree.Rows("all", table, columns, None, node), cells)


def broken_rows(node: Node, columns: tuple[AnswerReference, ...], cells: CellReferences) -> str:
    """What is 1 in every row that was begun and of which it does not hold, for use within SUMPRODUCT."""
    inside = _Excel(replace(cells, here=cells.column), rows=True)
    return _times([inside.begun(columns), inside.logical(node).broken])


def broken_here(node: Node, columns: Iterable[AnswerReference], cells: CellReferences) -> str:
    """1 where it does not hold of the row that is looked at, and that was begun."""
    begun = _either([f"(1-{cells.blank(cells.here(each.table, each.path))})" for each in columns])
    return _times([f"IFERROR({begun}*1,0)", _Excel(cells).logical(node).broken])


class _Excel:
    """``rows``: formulas calculate with whole columns."""

    def __init__(self, cells: CellReferences, rows: bool = False) -> None:
        self.cells = cells
        self.rows = rows

    def logical(self, node: Node) -> Truth:
        match node:
            case tree.Compare():
                return self.compare(node)
            case tree.Many(every, parts):
                found = [self.logical(part) for part in parts]
                all_, any_ = _times, _either
                join = (all_, any_) if every else (any_, all_)
                return Truth(join[0]([each.holds for each in found]), join[1]([each.broken for each in found]))
            case tree.Not(part):
                inner = self.logical(part)
                return Truth(inner.broken, inner.holds)
            case tree.If(test, then, other):
                asked, one, two = (self.logical(each) for each in (test, then, other))
                return Truth(
                    _either([_times([asked.holds, one.holds]), _times([asked.broken, two.holds])]),
                    _either([_times([asked.holds, one.broken]), _times([asked.broken, two.broken])]),
                )
            case tree.Const():
                return Truth("0", "0")
            case tree.Blank(item):
                empty = self.cells.blank(self.cell(item))
                return Truth(self.safe(f"{empty}*1"), self.safe(f"(1-{empty})"))
            case tree.In() | tree.Contains():
                return self.in_list(node)
            case tree.Rows():
                return self.of_rows(node)
        raise AssertionError(node)

    def safe(self, formula: str) -> str:
        """An error is not applicable; row by row it cannot be caught."""
        return formula if self.rows else f"IFERROR({formula},0)"

    def compare(self, node: tree.Compare) -> Truth:
        if "text" in (tree.type_of(node.left), tree.type_of(node.right)):
            one, other = self.text(node.left), self.text(node.right)
            same = f"EXACT({one.value},{other.value})"
            holds, broken = (same, f"(1-{same})") if node.sign == "==" else (f"(1-{same})", same)
        else:
            one, other = self.number(node.left), self.number(node.right)
            sides = [f"ROUND({side.value},{DECIMALS})" for side in (one, other)]
            holds, broken = (f"({sides[0]}{_EXCEL[sign]}{sides[1]})" for sign in (node.sign, _OPPOSITE[node.sign]))
        known = [one.known, other.known]
        return Truth(self.safe(_times([*known, holds])), self.safe(_times([*known, broken])))

    def in_list(self, node: tree.In | tree.Contains) -> Truth:
        if isinstance(node, tree.Contains):
            item, entries = self.text(node.text), self.entries(node.pieces)
            found = _either([f"ISNUMBER(FIND({_literal(entry)},{item.value}))" for entry in entries])
        else:
            item = self.text(node.item) if tree.type_of(node.item) == "text" else self.number(node.item)
            value = item.value if tree.type_of(node.item) == "text" else f"ROUND({item.value},{DECIMALS})"
            entries = self.entries(node.listed)
            listed = ",".join(
                _literal(fold_spaces(each) if isinstance(each, str) else round_half_up(each)) for each in entries
            )
            found = f"ISNUMBER(MATCH({value},{{{listed}}},0))" if entries else "0"
        return Truth(self.safe(_times([item.known, f"({found})"])), self.safe(_times([item.known, f"(1-({found}))"])))

    def entries(self, listed: tree.WordList) -> tuple[float | str, ...]:
        return self.cells.told.words[listed.name] if listed.name else listed.values

    def cell(self, answer: AnswerReference) -> str:
        if not answer.table:
            return self.cells.head(answer.path)
        return self.cells.here(answer.table, answer.path)

    # Numbers

    def number(self, node: Node) -> _Value:
        """A number; applicable where all its answers are numbers or blank, and one of them is filled."""
        formula, answers, known = self.calculate(node)
        cells = [self.cell(each) for each in answers]
        if len(cells) == 1:
            known = [*known, f"ISNUMBER({cells[0]})"]
        elif cells:
            known = [*known, *(f"(ISNUMBER({cell})+{self.cells.blank(cell)}>0)" for cell in cells)]
            known.append("(" + "+".join(f"ISNUMBER({cell})" for cell in cells) + ">0)")
        return _Value(formula, _times(known))

    def calculate(self, node: Node) -> tuple[str, list[AnswerReference], list[str]]:
        """A number's formula, the answers of which one must be filled, what else must be 1 for it to be applicable."""
        match node:
            case tree.Const(None):
                return "0", [], ["0"]
            case tree.Const(value):
                return _literal(value or 0.0), [], []
            case tree.Limit(name):
                return f"{self.cells.told.limits[name]:f}", [], []
            case AnswerReference():
                return self.numeric(node), [node], []
            case tree.Arithmetic(sign, left, right):
                one, other = self.calculate(left), self.calculate(right)
                both = dict.fromkeys([*one[1], *other[1]])
                return f"({one[0]}{sign}{other[0]})", list(both), [*one[2], *other[2]]
            case tree.If(test, then, other):
                return self.conditional(test, self.number(then), self.number(other))
            case tree.Call() | tree.Rows():
                found = self.call(node) if isinstance(node, tree.Call) else self.number_of_rows(node)
                return found.value, [], [found.known]
        raise AssertionError(node)

    def conditional(self, test: Node, one: _Value, two: _Value) -> tuple[str, list[AnswerReference], list[str]]:
        asked = self.logical(test)
        if self.rows:
            value = f"({asked.holds}*{one.value}+{asked.broken}*{two.value})"
        else:
            value = f"IF({asked.holds},{one.value},{two.value})"
        known = _either([_times([asked.holds, one.known]), _times([asked.broken, two.known])])
        return value, [], [known]

    def numeric(self, answer: AnswerReference) -> str:
        """An answer's cell as a number; a percent cell holds a fraction, 25 typed without a format is points."""
        cell = self.cell(answer)
        if self.rows and answer.table:
            number = f'VALUE(TEXT({cell},"{_OR_0}"))'
            return f"({number}*(1+99*({number}<2)))" if answer.type == "percent" else number
        number = f"N({cell})"
        return f"IF({number}<2,{number}*100,{number})" if answer.type == "percent" else number

    # Texts

    def text(self, node: Node) -> _Value:
        match node:
            case tree.Const(value):
                return _Value(_literal(fold_spaces(str(value or ""))), "0" if value is None else "1")
            case AnswerReference():
                cell = self.cell(node)
                return _Value(f"TRIM({cell})", f"(1-{self.cells.blank(cell)})")
            case tree.Call():
                return self.call(node)
            case tree.If(test, then, other) if not self.rows:
                value, _, known = self.conditional(test, self.text(then), self.text(other))
                return _Value(value, _times(known))
            case tree.Rows():
                return self.first(node)
        raise ExpressionError("not_in_excel", type(node).__name__)

    def call(self, node: tree.Call) -> _Value:
        numbers = [str(int(each)) for each in node.also if isinstance(each, float)]
        if node.name == "round":
            item = self.number(node.item)
            return _Value(f"ROUND({item.value},{numbers[0]})", item.known)
        if node.name in ("year", "month", "day"):
            item = self.number(node.item)
            return _Value(f"{node.name.upper()}({item.value})", item.known)
        if tree.type_of(node.item) == "items" or (self.rows and node.name in ("number", "check_character")):
            raise ExpressionError("not_in_excel", node.name)
        item = self.text(node.item)
        return self.of_text(node, item, numbers)

    def of_text(self, node: tree.Call, item: _Value, numbers: list[str]) -> _Value:
        text = item.value
        match node.name:
            case "length":
                return _Value(f"LEN({text})", item.known)
            case "count_of":
                piece = _literal(str(node.also[0]))
                return _Value(f'((LEN({text})-LEN(SUBSTITUTE({text},{piece},"")))/LEN({piece}))', item.known)
            case "left" | "right" | "mid":
                return _Value(f"{node.name.upper()}({','.join([text, *numbers])})", item.known)
            case "number":
                # VALUE takes dates (1.2.3), percents and thousands as well
                signs = ",".join(str(at) for at in range(2, _DIGITS + 1))
                each = f"MID({text},{{{signs}}},1)"
                others = f'SUMPRODUCT((LEN({each})>0)*ISERROR(FIND({each},"0123456789.")))'
                first = f'ISNUMBER(FIND(LEFT({text},1),"+-0123456789."))'
                points = f'(LEN({text})-LEN(SUBSTITUTE({text},".",""))<=1)'
                plain = f"(LEN({text})<={_DIGITS})*{first}*({others}=0)*{points}"
                return _Value(f"VALUE({text})", _times([item.known, plain, f"IFERROR(ISNUMBER(VALUE({text})),FALSE)"]))
            case _:
                return self.check_character(node, item)

    def check_character(self, node: tree.Call, item: _Value) -> _Value:
        scheme = node.scheme
        if scheme is None or scheme.constant is None:
            raise ExpressionError("not_in_excel", node.name)
        length = scheme.length - 1
        places = ",".join(str(at) for at in range(1, length + 1))
        weights = ",".join(str(pow(scheme.multiplier, at, scheme.modulus)) for at in range(length))
        alphabet = _literal(scheme.alphabet)
        total = f"SUMPRODUCT((FIND(MID({item.value},{{{places}}},1),{alphabet})-1)*{{{weights}}})"
        value = f"MID({alphabet},MOD({scheme.constant}-{total},{scheme.modulus})+1,1)"
        length_fits = f"((LEN({item.value})={length})+(LEN({item.value})={length + 1})>0)"
        return _Value(value, _times([item.known, length_fits]))

    # A table's rows

    def begun(self, columns: Iterable[AnswerReference]) -> str:
        columns = tuple(columns)
        if self.cells.begun:
            return self.cells.begun(columns[0].table)
        return _either([f"(1-{self.cells.blank(self.cells.column(each.table, each.path))})" for each in columns])

    def resolve(self, node: tree.Rows) -> tuple[_Excel, str, str]:
        """Row by row: the compiler, the rows that were begun, and of these the ones that are meant."""
        if self.rows:
            raise ExpressionError("not_in_excel", node.function)
        inside = _Excel(replace(self.cells, here=self.cells.column), rows=True)
        begun = inside.begun(node.columns)
        return inside, begun, begun if node.where is None else _times([begun, inside.logical(node.where).holds])

    def of_rows(self, node: tree.Rows) -> Truth:
        inside, _, meant = self.resolve(node)
        assert node.of is not None
        found = inside.logical(node.of)
        holds, broken = (f"SUMPRODUCT({_times([meant, formula])}*1)" for formula in (found.holds, found.broken))
        counted = f"SUMPRODUCT({meant}*1)"
        if node.function == "all":
            return Truth(self.safe(f"({holds}={counted})*({counted}>0)"), self.safe(f"({broken}>0)*1"))
        return Truth(self.safe(f"({holds}>0)*1"), self.safe(f"({broken}={counted})*({counted}>0)"))

    def number_of_rows(self, node: tree.Rows) -> _Value:
        if node.function == "first":
            return self.first(node)
        _, begun, meant = self.resolve(node)
        if node.function == "count":
            return _Value(f"SUMPRODUCT({meant}*1)", f"(SUMPRODUCT({begun}*1)>0)")
        assert isinstance(node.of, AnswerReference)
        if node.of.type == "percent":
            raise ExpressionError("not_in_excel", node.function)
        column = self.cells.column(node.table, node.of.path)
        unreadable = f"(SUMPRODUCT({_times([meant, f'(1-{self.cells.blank(column)})', f'(1-ISNUMBER({column}))'])})=0)"
        filled = f"(SUMPRODUCT({_times([meant, f'ISNUMBER({column})'])})>0)"
        # as an argument of its own, a text in the column counts as nothing
        return _Value(f"SUMPRODUCT({meant}*1,{column})", _times([unreadable, filled]))

    def first(self, node: tree.Rows) -> _Value:
        _, _, meant = self.resolve(node)
        assert isinstance(node.of, AnswerReference)
        column = self.cells.column(node.table, node.of.path)
        cell = f"INDEX({column},{first_row(meant, column)}-SUMPRODUCT(MIN(ROW({column})))+1)"
        if node.of.type == "text":
            return _Value(f"TRIM({cell})", f"(1-{self.cells.blank(cell)})")
        if node.of.type == "percent":
            raise ExpressionError("not_in_excel", node.function)
        return _Value(f"N({cell})", f"ISNUMBER({cell})")


def first_row(meant: str, column: str) -> str:
    """The number of the first row of a column that is meant."""
    return f"({_BEYOND}-SUMPRODUCT(MAX(({meant})*({_BEYOND}-ROW({column})))))"


_OR_0 = "0.000000000;-0.000000000;0;\\0"  # as a number format makes of a text 0, row by row, which N cannot
_DIGITS = 40  # a number of more is told from none by no formula here
_BEYOND = 2000000  # more than a sheet has rows
_EXCEL = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}


def _times(formulas: Iterable[str]) -> str:
    """1 where all of them are."""
    found = list(dict.fromkeys(each for each in formulas if each != "1"))
    if "0" in found:
        return "0"
    return "*".join(found) if found else "1"


def _either(formulas: Iterable[str]) -> str:
    """1 where one of them is."""
    found = [each for each in dict.fromkeys(formulas) if each != "0"]
    if not found:
        return "0"
    return found[0] if len(found) == 1 else f"({'+'.join(found)}>0)"


def _literal(value: float | str) -> str:
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return f"{value:.15g}"
