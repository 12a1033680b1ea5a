"""Rule expressions: a small subset of Jinja's expression language, compiled to Python and to Excel.

Values are what the record holds: money in the field's unit, percent as points (0–100), texts, days. Both sides of a
comparison of numbers are rounded to two decimals, so that ``==`` on money means equal to the last shown digit. What
has no answer is not applicable, and never broken. The language::

    budget.total == budget.fiscal + budget.other     plan.march <= plan.june       a if b == 1 else none
    nature in ["新增", "延续"]    purpose | contains(words.running_costs)    "已" in goals    basis is filled
    measures | where(level2 == "成本指标") | count     funds | sum(amount)    measures | all(target is filled)
    purpose | length    amount | round(0)    basis | count_of("《")    code | right(1) == code | check_character
    limits.trivial_amount
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from perfxl.form.expression import excel, python, tree
from perfxl.form.expression.excel import CellReferences, Truth
from perfxl.form.expression.python import Values
from perfxl.form.expression.tree import ANY, AnswerReference, ExpressionError, Node, Scope

__all__ = ["ANY", "CellReferences", "Expression", "ExpressionError", "Scope", "Truth", "Values"]


@dataclass(frozen=True, eq=False)
class Expression:
    """One expression of a rule, as written. Raises ExpressionError at ``check()`` when it is none."""

    source: str
    scope: Scope = ANY

    @cached_property
    def tree(self) -> Node:
        """What it says. Raises ExpressionError."""
        return tree.parse(self.source, self.scope)

    def check(self, logical: bool = False) -> tuple[str, ...]:
        """The answers it names, in order. Raises ExpressionError for what the language does not have.

        ``logical``: it must be something that holds or does not, not a number.
        """
        if logical and tree.type_of(self.tree) != "logical":
            raise ExpressionError("not_logical", self.source)
        return self.fields

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The ids of the head's fields and of the tables that it names, in order, once each."""
        return tree.answers(self.tree)

    @cached_property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of tables that it names: table, column."""
        found = [
            (each.table, each.path)
            for each in tree.nodes_inside(self.tree)
            if isinstance(each, AnswerReference) and each.table
        ]
        return tuple(dict.fromkeys(found))

    @cached_property
    def settings(self) -> tuple[str, ...]:
        """The word lists and limits that it names, in order, once each."""
        found = [each.name for each in tree.nodes_inside(self.tree) if isinstance(each, tree.Limit)]
        lists = [each.listed for each in tree.nodes_inside(self.tree) if isinstance(each, tree.In)]
        lists += [each.pieces for each in tree.nodes_inside(self.tree) if isinstance(each, tree.Contains)]
        return tuple(dict.fromkeys([*found, *(each.name for each in lists if each.name)]))

    @cached_property
    def evaluate(self) -> Callable[[Values], Any]:
        """Its value over a record's values; None where it is not applicable."""
        return python.compile_function(self.tree)

    @property
    def begun(self) -> tuple[AnswerReference, ...]:
        """Of the table whose rows it speaks of: the columns of which one must be filled for a row to count."""
        columns = self.scope.tables[self.scope.row]
        return tuple(AnswerReference(path, columns[path], self.scope.row) for path in self.scope.begun[self.scope.row])

    def excel(self, cells: CellReferences) -> Truth:
        """The same as Excel formulas without ``=``; about every row where it speaks of a table's rows.

        Raises ExpressionError ``not_in_excel`` for what Excel cannot calculate without macros.
        """
        if self.scope.row:
            return excel.every_row(self.tree, self.scope.row, self.begun, cells)
        return excel.compile_truth(self.tree, cells)

    def excel_here(self, cells: CellReferences) -> str:
        """A formula that is 1 where it is broken in the row that is looked at."""
        return excel.broken_here(self.tree, self.begun, cells)

    def excel_first(self, cells: CellReferences) -> str:
        """A formula for the number of the first row in which it is broken; not a row's number where there is none."""
        broken = excel.broken_rows(self.tree, self.begun, cells)
        return excel.first_row(broken, cells.column(self.scope.row, self.begun[0].path))
