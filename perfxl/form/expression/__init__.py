"""Rule expressions: a small subset of Jinja's expression language, compiled to Python and to Excel.

The values are those of the record: money in the field's unit, percent in points (0–100), texts, dates. Both sides of a
comparison of numbers are rounded to two decimals, so that ``==`` on money means equal to the last shown digit. An
expression whose answers are missing is not applicable; it never counts as broken. Examples of the language::

    budget.total == budget.fiscal + budget.other     plan.march <= plan.june       a if b == 1 else none
    nature in ["新增", "延续"]    purpose | contains(words.running_costs)    "已" in goals    basis is filled
    measures | where(level2 == "成本指标") | count     funds | sum(amount)    measures | all(target is filled)
    purpose | length    amount | round(0)    basis | count_of("《")    code | right(1) == code | check_character
    limits.trivial_amount    "优" if score >= 90 else "良"    receipts and not direct    direct == false
    country | lookup("per_diem")    mode | contains("own car")    target.number >= 95 and target.unit == "%"
    departed + 60    returned - departed    counted <= today    counted >= "2026-01-01"

A logical answer that is blank is neither true nor false, so that ``not direct`` does not hold either: what is asked
only where a condition holds (``relevant``) is not asked then. A date and a number give a date, two dates the days
between them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from perfxl.form.expression import excel, parser, python, tree
from perfxl.form.expression.excel import CellReferences, Truth
from perfxl.form.expression.python import Values
from perfxl.form.expression.scope import ANY, JoinedEntries, LookupList, Scope, Type
from perfxl.form.expression.tree import NOTHING, AnswerReference, ExpressionError, Node

__all__ = [
    "ANY",
    "CellReferences",
    "Expression",
    "ExpressionError",
    "JoinedEntries",
    "LookupList",
    "Scope",
    "Truth",
    "Values",
]


@dataclass(frozen=True, eq=False)
class Expression:
    """One expression of a rule.

    ``source``: the text as written; ``scope``: the names it may use. The text is parsed when it is first needed: a
    mistake in it raises ExpressionError at ``check()``, not here. ``kept``: it is a condition that holds where it is
    not asked for: ``a if b else none`` is ``a or not b``.
    """

    source: str
    scope: Scope = ANY
    kept: bool = False

    @cached_property
    def tree(self) -> Node:
        """The parsed expression. Raises ExpressionError for what the language does not have."""
        parsed = parser.parse(self.source, self.scope)
        match parsed:
            case tree.If(test, then, tree.Const(None)) if self.kept:
                return tree.Many(False, (tree.Not(test), then))
        return parsed

    def check(self, logical: bool = False) -> tuple[str, ...]:
        """Check the expression and return the answers it names, in order.

        ``logical``: the expression must be a condition, not a number or a text. Raises ExpressionError for what the
        language does not have.
        """
        if logical and tree.type_of(self.tree) != "logical":
            raise ExpressionError("not_logical", self.source)
        return self.fields

    @cached_property
    def type(self) -> Type:
        """The type of its value: number, text, date, logical, or percent for an answer that is one.

        A calculation with percents is a number of points.
        """
        return tree.type_of(self.tree)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The ids of the head fields and of the tables that the expression names, in order, without repetition."""
        return tree.answers(self.tree)

    @cached_property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The table columns that the expression names, as pairs (table, column), in order, without repetition."""
        columns = [
            (node.table, node.path)
            for node in tree.nodes_inside(self.tree)
            if isinstance(node, AnswerReference) and node.table
        ]
        return tuple(dict.fromkeys(columns))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The texts that it may come to and that are written in it: ``late`` in ``"late" if day > due else none``."""
        constants = [node.value for node in tree.results(self.tree) if isinstance(node, tree.Const)]
        return tuple(dict.fromkeys(value for value in constants if isinstance(value, str)))

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """What cells show for its values, where these are answers that their cells show otherwise."""
        return {value: text for node in tree.results(self.tree) for value, text in tree.shown_by(node).items()}

    @cached_property
    def settings(self) -> tuple[str, ...]:
        """The names of the limits, then of the word lists, that the expression uses, without repetition."""
        limits = [node.name for node in tree.nodes_inside(self.tree) if isinstance(node, tree.Limit)]
        lists = [node.listed for node in tree.nodes_inside(self.tree) if isinstance(node, tree.In)]
        lists += [node.pieces for node in tree.nodes_inside(self.tree) if isinstance(node, tree.Contains)]
        return tuple(dict.fromkeys([*limits, *(words.name for words in lists if words.name)]))

    @cached_property
    def evaluate(self) -> Callable[[Values], Any]:
        """The expression as a function of a record's values; the function returns None where it is not applicable."""
        return python.compile_function(self.tree)

    def calculate(self, values: Values, decimals: int | None = None) -> Any:
        """Return the value of an answer that this expression calculates, as a record holds it; None for a blank.

        A number is rounded to ``decimals``, half away from zero, and whole numbers are int; a percent is in points; a
        date is a text in ISO notation.
        """
        if (made := self._calculations.get(decimals)) is None:
            made = self._calculations[decimals] = python.compile_calculation(self.tree, decimals)
        return made(values)

    @cached_property
    def _calculations(self) -> dict[int | None, Callable[[Values], Any]]:
        """The functions of ``calculate`` by decimals; looking them up by the tree would go through all of it."""
        return {}

    def excel_value(
        self,
        cells: CellReferences,
        decimals: int | None = None,
        percent: bool = False,
        words: tuple[str, str] | None = None,
        shown: Mapping[str, str] = NOTHING,
    ) -> str:
        """Return the Excel formula, without ``=``, of an answer that this expression calculates; "" for a blank.

        Where the scope names a table, it is the value in the current row (``cells.here``). ``decimals``: those to which
        a number is rounded, as in ``calculate``; ``percent``: the number is in points, and its cell holds a fraction;
        ``words``: the texts for true and false, None for Excel's logical values; ``shown``: what the cell shows for a
        text that it shows otherwise. A date is a serial. Raises ExpressionError ``not_in_excel`` for what Excel cannot
        calculate without macros.
        """
        return excel.compile_value(self.tree, cells, decimals, percent, words, shown)

    def excel_truth(self, cells: CellReferences) -> Truth:
        """Return the condition of one cell as ``excel`` does, where the scope names a table about the current row."""
        return excel.compile_truth(self.tree, cells)

    @property
    def begun(self) -> tuple[AnswerReference, ...]:
        """The columns, of the table whose rows are checked, of which one must be filled for a row to count."""
        row, joined = self.scope.row, self.scope.joined
        columns = ((path, self.scope.tables[row][path]) for path in self.scope.begun[row])
        return tuple(AnswerReference(path, type, row, joined.get((row, path))) for path, type in columns)

    def excel(self, cells: CellReferences) -> Truth:
        """Return the condition as two Excel formulas without ``=``: one that it holds, one that it is broken.

        Where the scope names a table, the formulas are about all of its rows that were begun. Raises ExpressionError
        ``not_in_excel`` for what Excel cannot calculate without macros.
        """
        if self.scope.row:
            return excel.every_row(self.tree, self.scope.row, self.begun, cells)
        return excel.compile_truth(self.tree, cells)

    def excel_here(self, cells: CellReferences) -> str:
        """Return a formula that is 1 where the condition is broken in the current row (``cells.here``)."""
        return excel.broken_here(self.tree, self.begun, cells)

    def excel_first(self, cells: CellReferences) -> str:
        """Return a formula for the number of the first row in which the condition is broken.

        Where there is no such row, the result is a number larger than that of any row.
        """
        broken = excel.broken_rows(self.tree, self.begun, cells)
        return excel.first_row(broken, cells.column(*excel.places_of(self.begun[0])[0]))
