"""Compilation of an expression to Excel formulas.

A condition becomes two formulas: one is 1 where it surely holds, the other is 1 where it surely does not; both are 0
where it is not applicable. Logic is done with the arithmetic of 0 and 1, since AND and OR do not work row by row.

A formula over a table's rows stands inside SUMPRODUCT, the only function that calculates with whole columns in every
version of Excel. Neither IF nor IFERROR works row by row there (before Excel 2021), so that an error value in one row
makes the whole formula an error: it is not applicable then. A text in place of a number counts as no number: a number
format turns it into 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from perfxl.form.expression import tree
from perfxl.form.expression.python import (
    DECIMALS,
    FINEST,
    FIRST_SERIAL,
    LAST_SERIAL,
    NOTHING,
    Told,
    fold_spaces,
    round_half_up,
)
from perfxl.form.expression.scope import JoinedEntries
from perfxl.form.expression.tree import AnswerReference, ExpressionError, Node

LONGEST = 8000
"""The most characters a formula may have.

Excel accepts 8,192 (its specifications and limits); the rest is left for what is put around the formula.
"""


TOO_LONG = "too long"
"""Stands in place of the piece that Excel does not have where all are there and the formula is too long."""


def blank(cell: str) -> str:
    """Return a formula that is 1 where a cell (or, row by row, each cell of a range) is empty or only white space."""
    for space in ('"　"', '"\u00a0"', "CHAR(9)", "CHAR(10)"):
        cell = f'SUBSTITUTE({cell},{space},"")'
    return f"(LEN(TRIM({cell}))=0)"


def _no_truth_words(table: str, path: str) -> tuple[str, str]:
    raise ExpressionError("not_in_excel", path)


def _no_lookup(name: str, column: str) -> tuple[str, str]:
    raise ExpressionError("not_in_excel", "lookup")


def _no_part(table: str, path: str, part: str) -> str:
    raise ExpressionError("not_in_excel", f"{path}.{part}")


@dataclass(frozen=True)
class CellReferences:
    """The references by which formulas reach answers.

    ``head``: the cell of a head's answer, by its id. ``column``: the range of a column's cells, by table and column.
    ``here``: the cell of a column in the current row, by table and column. ``told``: the county's word lists and
    limits. ``begun``: a formula that is 1 in each row of a table that was begun, by the table; None to make it from the
    columns. ``blank``: a formula that is 1 where a cell is empty, by its reference.

    ``truth_words``: the two texts by which the cell of a logical answer says true and false, by table (empty for the
    head) and path. ``lookup``: the two ranges, of one column each, of a list's entries and of one of its columns, by
    the list's name and the column; they hold the values of ``LookupList.rows``: percent in points, dates as serials.
    ``part``: the cell with a part of an answer, by table, path and part, where the table's is that of the current row;
    ``part_column``: the range of such cells. They hold a number or a text as the type says, and an empty text where
    the answer has no such part. Without the first four, expressions that need them raise ExpressionError
    ``not_in_excel``. The cells of an answer whose entries are ticked apart have the paths ``ways.1``, ``ways.2`` …
    """

    head: Callable[[str], str]
    column: Callable[[str, str], str]
    here: Callable[[str, str], str]
    told: Told = NOTHING
    begun: Callable[[str], str] | None = None
    blank: Callable[[str], str] = blank
    truth_words: Callable[[str, str], tuple[str, str]] = _no_truth_words
    lookup: Callable[[str, str], tuple[str, str]] = _no_lookup
    part: Callable[[str, str, str], str] = _no_part
    part_column: Callable[[str, str, str], str] = _no_part

    @property
    def row_by_row(self) -> CellReferences:
        """The references for formulas that calculate with whole columns."""
        return replace(self, here=self.column, part=self.part_column)


@dataclass(frozen=True)
class Truth:
    """A condition as two formulas: 1 where it holds, and 1 where it is broken; both 0 where it is not applicable."""

    holds: str
    broken: str


@dataclass(frozen=True)
class _Value:
    """The formula of a number or a text, and a formula that is 1 where that value is applicable."""

    value: str
    known: str


def compile_truth(node: Node, cells: CellReferences) -> Truth:
    """Return the formulas of a condition.

    Raises ExpressionError ``not_in_excel`` for what Excel cannot calculate, and for formulas that are too long.
    """
    truth = _Compiler(cells).logical(node)
    check_length(len(truth.holds) + len(truth.broken))  # both stand in the one formula of a check's state
    return truth


def compile_value(
    node: Node,
    cells: CellReferences,
    decimals: int | None,
    percent: bool,
    words: tuple[str, str] | None,
    shown: Mapping[str, str],
) -> str:
    """Return the formula of a value, for a cell that is calculated; an empty text where the value is not applicable."""
    type, compiler = tree.type_of(node), _Compiler(cells)
    if type == "logical":
        truth = compiler.logical(node)
        yes, no = ("TRUE", "FALSE") if words is None else map(_literal, words)
        formula = f'IF({truth.holds},{yes},IF({truth.broken},{no},""))'
    elif type == "items":
        raise ExpressionError("not_in_excel", type)
    else:
        result = compiler.text(node, shown) if type == "text" else compiler.number(node)
        value, known = result.value, [result.known]
        if type in tree.MOMENTS:
            first, last = (FIRST_SERIAL, LAST_SERIAL) if type == "date" else (0, tree.DAY_MINUTES - 1)
            value = f"INT(ROUND({value},{DECIMALS}))"
            known.append(f"({value}>={first})*({value}<={last})")
            value = value if type == "date" else f"{value}/{tree.DAY_MINUTES}"
        elif type != "text":
            if decimals == 0:  # LibreOffice rounds 28.499999999999996, which is 0.285 * 100, as it is stored
                value = f"ROUND({value},{FINEST})"
            value = value if decimals is None else f"ROUND({value},{decimals})"
            value = f"{value}/100" if percent else value
        applicable = _all_of(known)
        formula = value if applicable == "1" else f'IF({applicable},{value},"")'
    formula = f'IFERROR({formula},"")'
    check_length(len(formula))
    return formula


def check_length(length: int) -> None:
    """Raise ExpressionError ``not_in_excel`` where a formula of this many characters is too long."""
    if length > LONGEST:
        raise ExpressionError("not_in_excel", TOO_LONG)


def every_row(node: Node, table: str, columns: tuple[AnswerReference, ...], cells: CellReferences) -> Truth:
    """Return the formulas of a condition that must hold in every row of a table that was begun."""
    return compile_truth(tree.Rows("all", table, columns, None, node), cells)


def broken_rows(node: Node, columns: tuple[AnswerReference, ...], cells: CellReferences) -> str:
    """Return a formula, for use inside SUMPRODUCT, that is 1 in every row that was begun and breaks the condition."""
    inside = _Compiler(cells.row_by_row, rows=True)
    return _all_of([inside.begun(columns), inside.logical(node).broken])


def broken_here(node: Node, columns: Iterable[AnswerReference], cells: CellReferences) -> str:
    """Return a formula that is 1 where the current row was begun and breaks the condition."""
    begun = _any_of([f"(1-{cells.blank(cells.here(*place))})" for column in columns for place in places_of(column)])
    return _all_of([f"IFERROR({begun}*1,0)", _Compiler(cells).logical(node).broken])


_MANY = 8
"""From more answers than these on, they are judged together: one by one the formula would soon be too long."""


class _Compiler:
    """The compiler of nodes to formulas. ``rows``: its formulas calculate with whole columns, row by row."""

    def __init__(self, cells: CellReferences, rows: bool = False) -> None:
        self.cells = cells
        self.rows = rows

    def logical(self, node: Node) -> Truth:
        """Compile a condition."""
        match node:
            case tree.Compare():
                return self.compare(node)
            case tree.Many(every, parts):
                truths = [self.logical(part) for part in parts]
                holds, broken = [truth.holds for truth in truths], [truth.broken for truth in truths]
                if every:
                    return Truth(_all_of(holds), _any_of(broken))
                return Truth(_any_of(holds), _all_of(broken))
            case tree.Not(part):
                inner = self.logical(part)
                return Truth(inner.broken, inner.holds)
            case tree.If(test, then, other):
                condition, one, two = (self.logical(part) for part in (test, then, other))
                return Truth(
                    _any_of([_all_of([condition.holds, one.holds]), _all_of([condition.broken, two.holds])]),
                    _any_of([_all_of([condition.holds, one.broken]), _all_of([condition.broken, two.broken])]),
                )
            case tree.Const():
                return Truth("0", "0")
            case tree.LogicalConst(held):
                return Truth("1", "0") if held else Truth("0", "1")
            case AnswerReference():
                return self.truth_of(node)
            case tree.Blank(AnswerReference() as answer) if answer.joined and answer.joined.apart:
                ticked = self.ticked(answer, answer.joined, answer.joined.entries)
                return Truth(ticked.broken, ticked.holds)
            case tree.Blank(item):
                empty = self.empty(item)
                return Truth(self.safe(f"{empty}*1"), self.safe(f"(1-{empty})"))
            case tree.In() | tree.Contains():
                return self.in_list(node)
            case tree.Rows("all" | "any"):
                return self.of_rows(node)
        raise ExpressionError("not_in_excel", type(node).__name__.lower())

    def safe(self, formula: str) -> str:
        """Turn an error into 0, which is not applicable; row by row an error cannot be caught."""
        return formula if self.rows else f"IFERROR({formula},0)"

    def compare(self, node: tree.Compare) -> Truth:
        """Compile a comparison of two texts or of two numbers."""
        if "text" in (tree.type_of(node.left), tree.type_of(node.right)):
            shown = tree.shown_by(node.left) or tree.shown_by(node.right)
            one, other = self.text(node.left, shown), self.text(node.right, shown)
            same = f"EXACT({one.value},{other.value})"
            holds, broken = (same, f"(1-{same})") if node.sign == "==" else (f"(1-{same})", same)
        else:
            one, other = self.number(node.left), self.number(node.right)
            sides = [f"ROUND({side.value},{DECIMALS})" for side in (one, other)]
            holds, broken = (
                f"({sides[0]}{_EXCEL_SIGNS[sign]}{sides[1]})" for sign in (node.sign, _OPPOSITES[node.sign])
            )
        known = [one.known, other.known]
        return Truth(self.safe(_all_of([*known, holds])), self.safe(_all_of([*known, broken])))

    def truth_of(self, answer: AnswerReference) -> Truth:
        """Compile a logical answer: its cell holds one of two words, or a logical value that was typed or pasted."""
        cell = self.cell(answer)
        yes, no = map(_literal, self.cells.truth_words(answer.table, answer.path))
        # an empty cell equals FALSE; ISLOGICAL would tell it, but not row by row in LibreOffice
        holds, broken = f"(({cell}={yes})+({cell}=TRUE)>0)", f"(({cell}={no})+({cell}=FALSE)*(LEN({cell})>0)>0)"
        return Truth(self.safe(holds), self.safe(broken))

    def empty(self, item: AnswerReference | tree.AnswerPart) -> str:
        """Return a formula that is 1 where an answer, or a part of one, is blank; with boxes, where none is ticked."""
        if isinstance(item, AnswerReference) and item.joined is not None and not item.joined.separator:
            return f"ISERROR(FIND({_literal(item.joined.ticked)},{self.cell(item)}))"
        return self.blank(item)

    def blank(self, item: AnswerReference | tree.AnswerPart) -> str:
        """Return a formula that is true where a cell shows nothing; a part is a formula's own, without stray spaces."""
        cell = self.cell(item)
        return f"(LEN({cell})=0)" if isinstance(item, tree.AnswerPart) else self.cells.blank(cell)

    def in_entries(self, answer: AnswerReference, joined: JoinedEntries, listed: tree.WordList) -> Truth:
        """Compile a test that an answer with several entries has one of a list among them."""
        chosen = [str(entry) for entry in self.entries(listed) if entry in joined.entries]
        if joined.apart:
            any_, wanted = (self.ticked(answer, joined, entries) for entries in (joined.entries, chosen))
            return Truth(wanted.holds, _all_of([any_.holds, wanted.broken]))
        entries = [fold_spaces(tree.shown_beside(answer, entry)) for entry in chosen]
        text, before, after = _delimited(self.cell(answer), joined)
        found = [f"ISNUMBER(FIND({_literal(before + entry + after)},{text}))" for entry in entries]
        known, test = f"(1-{self.empty(answer)})", _any_of(found)
        return Truth(self.safe(_all_of([known, test])), self.safe(_all_of([known, f"(1-{test})"])))

    def ticked(self, answer: AnswerReference, joined: JoinedEntries, entries: Iterable[str]) -> Truth:
        """Compile a test that one of these entries is ticked in its cell; other signs than perfxl's say nothing."""
        places = places_of(answer)
        cells = [self.place(*places[at]) for at, entry in enumerate(joined.entries) if entry in entries]
        if not cells:
            return Truth("0", "1")
        held = cells[0] if len(cells) == 1 else f"({'&'.join(cells)})"
        unticked = blank(f'SUBSTITUTE({held},{_literal(joined.unticked)},"")')
        return Truth(f"ISNUMBER(FIND({_literal(joined.ticked)},{held}))*1", self.safe(f"{unticked}*1"))

    def in_list(self, node: tree.In | tree.Contains) -> Truth:
        """Compile a test that a value is in a list, or that a text contains a text of a list."""
        if isinstance(node, tree.Contains):
            if isinstance(node.text, AnswerReference) and node.text.joined is not None:
                return self.in_entries(node.text, node.text.joined, node.pieces)
            item, entries = self.text(node.text), self.entries(node.pieces)
            test = _any_of([f"ISNUMBER(FIND({_literal(entry)},{item.value}))" for entry in entries])
            if len(entries) > 2 and not self.rows:  # shorter, but row by row it would be a column by a row
                test = f"SUMPRODUCT(ISNUMBER(FIND({{{','.join(map(_literal, entries))}}},{item.value}))*1)>0"
        else:
            if tree.type_of(node.item) == "text":
                item = self.text(node.item, tree.shown_by(node.item))
                value = item.value
            else:
                item = self.number(node.item)
                value = f"ROUND({item.value},{DECIMALS})"
            entries = tuple(tree.shown_beside(node.item, entry) for entry in self.entries(node.listed))
            listed = ",".join(
                _literal(fold_spaces(entry) if isinstance(entry, str) else round_half_up(entry)) for entry in entries
            )
            test = f"ISNUMBER(MATCH({value},{{{listed}}},0))" if entries else "0"
        return Truth(self.safe(_all_of([item.known, f"({test})"])), self.safe(_all_of([item.known, f"(1-({test}))"])))

    def entries(self, listed: tree.WordList) -> tuple[float | str, ...]:
        """Return the entries of a list, whether written in the expression or set by the county."""
        return self.cells.told.words[listed.name] if listed.name else listed.values

    def cell(self, answer: AnswerReference | tree.AnswerPart) -> str:
        """Return the reference of an answer or of a part of one: of the head, or of the current row."""
        if isinstance(answer, tree.AnswerPart):
            return self.cells.part(answer.item.table, answer.item.path, answer.name)
        return self.place(answer.table, answer.path)

    def place(self, table: str, path: str) -> str:
        """Return the reference of a cell of the head, or of the current row."""
        return self.cells.here(table, path) if table else self.cells.head(path)

    # Numbers

    def number(self, node: Node) -> _Value:
        """Compile a number: it is applicable where its answers are all numbers or blank, and one of them is filled."""
        formula, answers, known = self.calculate(node)
        cells = [self.cell(answer) for answer in answers]
        if len(cells) == 1:
            known = [*known, f"ISNUMBER({cells[0]})"]
        elif len(cells) > _MANY and not self.rows:
            # a text in one of the cells makes the number not applicable; T() is empty for anything else
            known = [*known, blank("&".join(f"T({cell})" for cell in cells)), f"(COUNT({','.join(cells)})>0)"]
        elif cells:
            known = [*known, *(f"(ISNUMBER({cell})+{self.cells.blank(cell)}>0)" for cell in cells)]
            known.append("(" + "+".join(f"ISNUMBER({cell})" for cell in cells) + ">0)")
        return _Value(formula, _all_of(known))

    def calculate(self, node: Node) -> tuple[str, list[AnswerReference], list[str]]:
        """Compile a number without the conditions on its answers.

        Returns its formula, the answers of which one must be filled, and the other formulas that must be 1 for the
        number to be applicable.
        """
        match node:
            case tree.Const(None):
                return "0", [], ["0"]
            case tree.Const(value):
                return _literal(value or 0.0), [], []
            case tree.Limit(name):
                return f"{self.cells.told.limits[name]:f}", [], []
            case AnswerReference():
                cell = self.cell(node)
                known = [f"ISNUMBER({cell})"] if node.type in tree.MOMENTS else []
                return self.numeric(node), [node], [*known, *self.within_a_day(cell, node)]
            case tree.Day():
                return ("TODAY()" if node.value is None else _literal(node.serial)), [], []
            case tree.Clock(minutes):
                return str(minutes), [], []
            case tree.AnswerPart():
                return self.numeric(node), [], [f"ISNUMBER({self.cell(node)})"]
            case tree.Lookup():
                number = self.looked_up(node)
                return number.value, [], [number.known]
            case tree.Arithmetic(sign, left, right):
                one, other = self.calculate(left), self.calculate(right)
                answers = dict.fromkeys([*one[1], *other[1]])
                return f"({one[0]}{sign}{other[0]})", list(answers), [*one[2], *other[2]]
            case tree.If(test, then, other):
                return self.conditional(test, self.number(then), self.number(other))
            case tree.Call() | tree.Rows():
                number = self.call(node) if isinstance(node, tree.Call) else self.number_of_rows(node)
                return number.value, [], [number.known]
        raise AssertionError(node)

    def conditional(self, test: Node, one: _Value, two: _Value) -> tuple[str, list[AnswerReference], list[str]]:
        """Compile ``one if test else two``, in the parts that ``calculate`` returns."""
        condition = self.logical(test)
        if self.rows:
            value = f"({condition.holds}*{one.value}+{condition.broken}*{two.value})"
        else:
            value = f"IF({condition.holds},{one.value},{two.value})"
        known = _any_of([_all_of([condition.holds, one.known]), _all_of([condition.broken, two.known])])
        return value, [], [known]

    def numeric(self, answer: AnswerReference | tree.AnswerPart) -> str:
        """Return the formula of an answer's number, or of a part that is one.

        A percent cell holds a fraction, which becomes points; a number from 2 on, such as 25 typed without a percent
        format, is taken for points already, but not in a cell that is calculated.
        """
        cell = self.cell(answer)
        table = answer.item.table if isinstance(answer, tree.AnswerPart) else answer.table
        if self.rows and table:
            # a cell that is calculated to be blank holds an empty text
            filler = f"&REPT(0,LEN({cell})=0)" if isinstance(answer, tree.AnswerPart) or answer.calculated else ""
            number = f'VALUE(TEXT({cell},"{_TEXT_AS_ZERO}"){filler})'
        else:
            number = f"N({cell})"
        return self.counted(number, answer)

    def counted(self, number: str, answer: AnswerReference | tree.AnswerPart) -> str:
        """Return what the number in a cell counts as: a fraction as percent points, or as the minutes of a time."""
        if answer.type == "time":  # half a second is added, as the reader rounds to a second and drops seconds
            return f"INT({number}*{tree.DAY_MINUTES}+1/120)"
        return self.points(number, answer) if answer.type == "percent" else number

    def within_a_day(self, cell: str, answer: AnswerReference | tree.AnswerPart) -> list[str]:
        """Return the conditions that the cell of a time is a fraction of a day; 830 is left to the return."""
        return [f"({cell}>=0)*({cell}<1)"] if answer.type == "time" else []

    def points(self, fraction: str, answer: AnswerReference | tree.AnswerPart) -> str:
        """Return the percent points of the number in a cell; see ``numeric``."""
        if isinstance(answer, tree.AnswerPart):
            return fraction
        if answer.calculated:
            return f"({fraction}*100)"
        if self.rows and answer.table:
            return f"({fraction}*(1+99*({fraction}<2)))"
        return f"IF({fraction}<2,{fraction}*100,{fraction})"

    # Texts

    def text(self, node: Node, shown: Mapping[str, str] = tree.NOTHING) -> _Value:
        """Compile a text as a record has it, or as a cell shows it: ``shown`` for a value that it shows otherwise."""
        match node:
            case tree.Const(value):
                text = fold_spaces(shown.get(str(value), str(value or "")))
                return _Value(_literal(text), "0" if value is None else "1")
            case tree.If(test, then, other) if not self.rows:
                value, _, known = self.conditional(test, self.text(then, shown), self.text(other, shown))
                return _Value(value, _all_of(known))
            case AnswerReference() | tree.AnswerPart():
                cell = self.cell(node)
                found = _Value(f"TRIM({cell})", f"(1-{self.blank(node)})")
            case tree.Lookup():
                found = self.looked_up(node)
            case tree.Call():
                found = self.call(node)
            case tree.Rows():
                found = self.first(node)
            case _:
                raise ExpressionError("not_in_excel", "if")
        return replace(found, value=self.reworded(found.value, tree.shown_by(node), shown))

    def reworded(self, text: str, shown: Mapping[str, str], wanted: Mapping[str, str]) -> str:
        """Return the formula of a text that cells show in one way (``shown``) as others show it (``wanted``)."""
        pairs = {shown.get(value, value): wanted.get(value, value) for value in (*shown, *wanted)}
        differing = [(fold_spaces(one), fold_spaces(other)) for one, other in pairs.items() if one != other]
        if not differing:
            return text
        if self.rows:  # INDEX does not work row by row
            raise ExpressionError("not_in_excel", differing[0][0])
        ones, others = (",".join(map(_literal, words)) for words in zip(*differing, strict=True))
        return f"IFERROR(INDEX({{{others}}},MATCH({text},{{{ones}}},0)),{text})"

    def looked_up(self, node: tree.Lookup) -> _Value:
        """Compile the value that a list has for an entry, which is compared with its letters in their case."""
        if self.rows:
            raise ExpressionError("not_in_excel", "lookup")
        keys, column = self.cells.lookup(node.listed.name, node.column)
        # MATCH would take * and ? for wildcards, and small letters for capitals
        same = f"EXACT(TRIM({keys}),TRIM({self.cell(node.item)}))"
        value = f"INDEX({column},SUMPRODUCT({same}*(ROW({keys})-MIN(ROW({keys}))+1)))"
        found = f"(SUMPRODUCT({same}*1)=1)"
        if tree.type_of(node) == "text":
            filled, formula = f"1-{self.cells.blank(value)}", f"TRIM({value})"
        else:
            filled, formula = f"ISNUMBER({value})", f"N({value})"
        return _Value(formula, f"IF({found},{filled},0)")

    def call(self, node: tree.Call) -> _Value:
        """Compile a function of one value."""
        numbers = [str(int(constant)) for constant in node.also if isinstance(constant, float)]
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
        """Compile a function of a text. ``numbers``: its constants that are numbers, as written in formulas."""
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
                return self.number_of_text(item)
            case _:
                return self.check_character(node, item)

    def number_of_text(self, item: _Value) -> _Value:
        """Compile the number that a text spells: digits with at most one point, and a sign before them."""
        # VALUE alone is not enough: it also accepts dates (1.2.3), percents and thousands separators
        text = item.value
        positions = ",".join(str(position) for position in range(2, _MAX_DIGITS + 1))
        character = f"MID({text},{{{positions}}},1)"
        others = f'SUMPRODUCT((LEN({character})>0)*ISERROR(FIND({character},"0123456789.")))'
        first = f'ISNUMBER(FIND(LEFT({text},1),"+-0123456789."))'
        points = f'(LEN({text})-LEN(SUBSTITUTE({text},".",""))<=1)'
        plain = f"(LEN({text})<={_MAX_DIGITS})*{first}*({others}=0)*{points}"
        return _Value(f"VALUE({text})", _all_of([item.known, plain, f"IFERROR(ISNUMBER(VALUE({text})),FALSE)"]))

    def check_character(self, node: tree.Call, item: _Value) -> _Value:
        """Compile the check character of a code, with or without its last character (see ``code_scheme``)."""
        scheme = node.scheme
        if scheme is None or scheme.constant is None:
            raise ExpressionError("not_in_excel", node.name)
        length = scheme.length - 1
        positions = ",".join(str(position) for position in range(1, length + 1))
        weights = ",".join(str(pow(scheme.multiplier, index, scheme.modulus)) for index in range(length))
        alphabet = _literal(scheme.alphabet)
        total = f"SUMPRODUCT((FIND(MID({item.value},{{{positions}}},1),{alphabet})-1)*{{{weights}}})"
        value = f"MID({alphabet},MOD({scheme.constant}-{total},{scheme.modulus})+1,1)"
        length_fits = f"((LEN({item.value})={length})+(LEN({item.value})={length + 1})>0)"
        return _Value(value, _all_of([item.known, length_fits]))

    # A table's rows

    def begun(self, columns: Iterable[AnswerReference]) -> str:
        """Return a formula that is 1 in each row in which one of these columns, all of one table, is filled."""
        columns = tuple(columns)
        if self.cells.begun:
            return self.cells.begun(columns[0].table)
        places = (place for column in columns for place in places_of(column))
        return _any_of([f"(1-{self.cells.blank(self.cells.column(*place))})" for place in places])

    def resolve(self, node: tree.Rows) -> tuple[_Compiler, str, str]:
        """Prepare a function of a table's rows.

        Returns a compiler that works row by row, a formula that is 1 in each row that was begun, and one that is 1 in
        those of them that ``where`` selects. Raises ExpressionError ``not_in_excel`` for a function of rows inside
        another.
        """
        if self.rows:
            raise ExpressionError("not_in_excel", node.function)
        inside = _Compiler(self.cells.row_by_row, rows=True)
        begun = inside.begun(node.columns)
        if node.where is None:
            return inside, begun, begun
        return inside, begun, _all_of([begun, inside.logical(node.where).holds])

    def of_rows(self, node: tree.Rows) -> Truth:
        """Compile ``all`` or ``any``; not applicable where no row is selected."""
        inside, _, selected = self.resolve(node)
        assert node.of is not None
        truth = inside.logical(node.of)
        holds, broken = (f"SUMPRODUCT({_all_of([selected, formula])}*1)" for formula in (truth.holds, truth.broken))
        counted = f"SUMPRODUCT({selected}*1)"
        if node.function == "all":
            return Truth(self.safe(f"({holds}={counted})*({counted}>0)"), self.safe(f"({broken}>0)*1"))
        return Truth(self.safe(f"({holds}>0)*1"), self.safe(f"({broken}={counted})*({counted}>0)"))

    def number_of_rows(self, node: tree.Rows) -> _Value:
        """Compile ``count``, ``sum`` or ``first`` as a number."""
        if node.function == "first":
            return self.first(node)
        inside, begun, selected = self.resolve(node)
        if node.function == "count":
            return _Value(f"SUMPRODUCT({selected}*1)", f"(SUMPRODUCT({begun}*1)>0)")
        assert isinstance(node.of, (AnswerReference, tree.AnswerPart))
        column = inside.cell(node.of)
        unreadable = _all_of([selected, f"(1-{self.cells.blank(column)})", f"(1-ISNUMBER({column}))"])
        filled = _all_of([selected, f"ISNUMBER({column})"])
        known = [f"(SUMPRODUCT({unreadable})=0)", f"(SUMPRODUCT({filled})>0)"]
        if node.of.type == "percent":
            return _Value(f"SUMPRODUCT({_all_of([selected, inside.numeric(node.of)])})", _all_of(known))
        # the column is an argument of its own: SUMPRODUCT then counts a text in it as 0
        return _Value(f"SUMPRODUCT({selected}*1,{column})", _all_of(known))

    def first(self, node: tree.Rows) -> _Value:
        """Compile the answer of a column in the first row that is selected."""
        inside, _, selected = self.resolve(node)
        assert isinstance(node.of, (AnswerReference, tree.AnswerPart))
        column = inside.cell(node.of)
        cell = f"INDEX({column},{first_row(selected, column)}-SUMPRODUCT(MIN(ROW({column})))+1)"
        if node.of.type == "text":
            return _Value(f"TRIM({cell})", f"(1-{self.cells.blank(cell)})")
        if node.of.type not in tree.NUMBERS:
            raise ExpressionError("not_in_excel", node.function)
        known = _all_of([f"ISNUMBER({cell})", *self.within_a_day(cell, node.of)])
        return _Value(self.counted(f"N({cell})", node.of), known)


def first_row(meant: str, column: str) -> str:
    """Return a formula for the number of the first row in which ``meant`` is 1.

    ``column``: a range over the same rows. Where there is no such row, the result is larger than any row number.
    """
    return f"({_BEYOND_ROWS}-SUMPRODUCT(MAX(({meant})*({_BEYOND_ROWS}-ROW({column})))))"


_TEXT_AS_ZERO = "0.000000000;-0.000000000;0;\\0"  # a number format that turns a text into 0 row by row, as N cannot
_MAX_DIGITS = (
    40  # the formula of a number spelled by a text looks at so many characters; a longer one is not applicable
)
_BEYOND_ROWS = 2000000  # more than a sheet has rows
_EXCEL_SIGNS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}


def places_of(answer: AnswerReference) -> list[tuple[str, str]]:
    """Return the table and path of an answer's cell; of all of them where its entries are ticked apart."""
    if answer.joined is None or not answer.joined.apart:
        return [(answer.table, answer.path)]
    return [(answer.table, f"{answer.path}.{number}") for number in range(1, len(answer.joined.entries) + 1)]


def _delimited(cell: str, joined: JoinedEntries) -> tuple[str, str, str]:
    """Return a formula of a cell's text in which every entry stands between signs, and the signs before and after one.

    So no entry is found inside another: ``own car`` in ``own caravan``.
    """
    text = f"TRIM({cell})"
    if not joined.separator:
        for box in (joined.ticked, joined.unticked):
            text = f'SUBSTITUTE(SUBSTITUTE({text},{_literal(" " + box)},{_literal(box)}),{_literal(box)},"|{box}")'
        return f'({text}&"|")', f"|{joined.ticked}", "|"
    sign = joined.separator.strip(" ") or joined.separator
    for other in _SEPARATORS:
        if other != sign and not any(other in joined.shown.get(entry, entry) for entry in joined.entries):
            text = f"SUBSTITUTE({text},{_literal(other)},{_literal(sign)})"
    for spaced in (f"{sign} ", f" {sign}"):
        text = f"SUBSTITUTE({text},{_literal(spaced)},{_literal(sign)})"
    return f"({_literal(sign)}&{text}&{_literal(sign)})", sign, sign


_SEPARATORS = ("；", ";", "\n")
"""Signs that end an entry beside an answer's own separator, as the reader of such cells takes them."""


def _all_of(formulas: Iterable[str]) -> str:
    """Return a formula that is 1 where all of these are 1."""
    factors = list(dict.fromkeys(formula for formula in formulas if formula != "1"))
    if "0" in factors:
        return "0"
    return "*".join(factors) if factors else "1"


def _any_of(formulas: Iterable[str]) -> str:
    """Return a formula that is 1 where at least one of these is 1."""
    terms = [formula for formula in dict.fromkeys(formulas) if formula != "0"]
    if not terms:
        return "0"
    return terms[0] if len(terms) == 1 else f"({'+'.join(terms)}>0)"


def _literal(value: float | str) -> str:
    """Return a text or a number as it is written in a formula."""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return f"{value:.15g}"
