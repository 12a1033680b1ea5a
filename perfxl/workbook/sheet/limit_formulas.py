"""The limits of an answer's own as Excel formulas: what may stand in its cell, where it is asked for, what is broken.

A formula is about the cell to which a validation or a conditional format applies. It reaches the other answers by their
value names or, in the same row of a table, beside it. What Excel cannot judge is judged on return.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from perfxl.finding import SEVERITIES, Severity
from perfxl.form.expression import CellReferences, Expression, ExpressionError
from perfxl.form.expression.tree import DAY_ZERO
from perfxl.form.form import Field, Form
from perfxl.form.layout import Layout
from perfxl.form.limits import FieldLimit
from perfxl.form.types.base import Validation
from perfxl.form.types.time import minutes_of
from perfxl.rules import validation_severity
from perfxl.rules.limits import CODES
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Reach, blank_formula, text_literal
from perfxl.workbook.sheet.reach import layout_reach
from perfxl.workbook.sheet.self_check import named_cells


@dataclass(frozen=True)
class Kept:
    """A limit that a sheet judges. ``formula``: true where it is kept; ``limit``: None for that of the type."""

    formula: str
    severity: Severity
    limit: FieldLimit | None = None


class LimitFormulas:
    """The formulas of one answer's limits, in its cell on a sheet.

    ``table``: empty for the head; ``sheet``: the sheet's name where the formulas stand in a defined name.
    """

    def __init__(self, layout: Layout, policy: Policy, table: str, field: Field, sheet: str = "") -> None:
        self.layout, self.policy, self.table, self.field = layout, policy, table, field
        self.reach = layout_reach(layout, sheet)
        self.cells = _references(layout.form, layout, policy, self.reach, (table, field.id))

    @property
    def path(self) -> str:
        """The answer's path from the record on."""
        id = self.field.whole.id
        return self.layout.form.tables[self.table].path(id) if self.table else id

    def severity(self, limit: FieldLimit) -> Severity | None:
        """Return the severity of a limit under the policy."""
        return self.policy.severity_at(CODES[limit.name], limit.severity, f"{self.layout.form.name}.{self.path}")

    def refuses_unasked(self) -> bool:
        """Return whether the sheet refuses what is not asked for."""
        return any(one.limit and one.limit.name == "relevant" and one.severity == "error" for one in self.kept())

    def relevant(self) -> str:
        """Return a formula that is 1 where the answer is asked for; empty where it always is, or Excel cannot tell."""
        return self._holds(self.field.relevant)

    def required(self) -> str:
        """Return a formula that is 1 where a condition requires the answer, in a row only where that was begun."""
        where = self._holds(self.field.required_where)
        if not where or not self.table:
            return where
        begun = self.layout.form.tables[self.table].begun
        filled = "+".join(f"(1-{self.cells.blank(self.cells.here(self.table, id))})" for id in begun)
        return f"(({filled})>0)*{where}"

    def _holds(self, condition: Expression | None) -> str:
        if condition is None:
            return ""
        try:
            return f"({condition.excel_truth(self.cells).holds})"
        except ExpressionError:
            return ""

    def kept(self) -> Iterator[Kept]:
        """Yield the limits that the sheet can judge and the policy makes, each with its formula."""
        for limit in self.field.limits:
            severity = self.severity(limit)
            formula = self._formula(limit)
            if formula and severity:
                yield Kept(formula, severity, limit)

    def _formula(self, limit: FieldLimit) -> str:
        """Return a formula that is true where a limit is kept; empty where Excel cannot judge it."""
        here = self.reach.here()
        if limit.name == "relevant":
            return f"{where}=1" if (where := self.relevant()) else ""
        if limit.bounds_type or limit.name in ("required", "min_items", "max_items"):
            return ""
        if limit.pattern is not None:
            return limit.pattern.excel(here) or ""
        if limit.name == "unique":
            return self._unique(here)
        try:
            return f"({limit.condition.excel_truth(self.cells).broken})=0" if limit.condition else ""
        except ExpressionError:
            return ""

    def _unique(self, here: str) -> str:
        """Return a formula that is true where no other row of the table holds the same."""
        if not self.table:
            return ""
        column = self.cells.column(self.table, self.field.id)
        same = f"EXACT(TRIM({column}),TRIM({here}))*(ROW({column})<>ROW())"
        return f"OR(LEN(TRIM({here}))=0,SUMPRODUCT({same})=0)"

    def refusing(self) -> tuple[list[Kept], Severity | None]:
        """Return the limits that the one validation of the cell judges, and their severity; none for a list.

        All errors stand in it, else those of the gravest severity.
        """
        check = self.field.type.validation()
        kept = [] if check is not None and check.kind == "list" else list(self.kept())
        if check is not None and check.kind != "list":
            severity = validation_severity(self.field.type, self.layout.form, self.policy, self.path)
            if severity:
                kept.insert(0, Kept(type_formula(check, self.reach.here()), severity))
        gravest = min((one.severity for one in kept), key=SEVERITIES.index, default=None)
        return [one for one in kept if one.severity == gravest], gravest

    def may_stand(self, kept: list[Kept]) -> str:
        """Return a formula that is true for what may stand in the cell, as far as these limits say."""
        here = self.reach.here()
        asked = [one.formula for one in kept if one.limit and one.limit.name == "relevant"]
        formulas = [one.formula for one in kept if one.formula not in asked]
        formula = f"AND({','.join(formulas)})" if formulas else "TRUE"
        if self.field.also:
            formula = f"OR({','.join([*(f'{here}={text_literal(word)}' for word in self.field.words), formula])})"
        return f"AND({','.join([*asked, formula])})" if asked else formula

    def is_broken(self, kept: Kept) -> str:
        """Return a condition that a limit is broken by what stands in the cell."""
        here = self.reach.here()
        words = [f"{here}<>{text_literal(word)}" for word in self.field.words]
        return f"AND({','.join([f'NOT({blank_formula(here)})', *words, f'NOT({kept.formula})'])})"


def has_own(field: Field) -> bool:
    """Return whether an answer has limits that its type does not say."""
    return bool(field.limits or field.also)


def _references(form: Form, layout: Layout, policy: Policy, reach: Reach, own: tuple[str, str]) -> CellReferences:
    """Return the references to the answers from the cell of one of them."""
    named = named_cells(form, policy)

    def head(id: str) -> str:
        if own == ("", id):
            return reach.here()
        if id not in {**layout.head, **layout.issue_cells, **layout.unseen_cells}:
            raise ExpressionError("not_in_excel", id)
        return f"{reach.prefix}{named.head(id)}"

    def here(table: str, id: str) -> str:
        groups = form.tables[table].groups
        if groups and groups.by == id:  # its word stands once for the group
            raise ExpressionError("not_in_excel", id)
        return reach.here() if own == (table, id) else reach.beside(layout.tables[table].columns[id])

    return replace(
        named,
        head=head,
        here=here,
        column=lambda table, id: f"{reach.prefix}{named.column(table, id)}",
        begun=lambda table: f"{reach.prefix}px.v.{table}",
        blank=_blank_of(reach.prefix, named.blank),
    )


def _blank_of(prefix: str, blank: Callable[[str], str]) -> Callable[[str], str]:
    """Return the function that gives the formula for a blank, which knows the names of another sheet."""
    return lambda name: f"{prefix}{blank(name.removeprefix(prefix))}" if _is_name(prefix, name) else blank(name)


def _is_name(prefix: str, name: str) -> bool:
    return bool(prefix) and name.startswith(f"{prefix}px.v.")


def type_formula(check: Validation, here: str) -> str:
    """Return a formula that is true for what a type's validation lets in; ``here``: the cell's own value."""
    low, high = check.minimum, check.maximum
    match check.kind:
        case "decimal" | "whole":
            whole = f",INT({here})={here}" if check.kind == "whole" else ""
            return _between(here, f"{low:.15g}", f"{high:.15g}", whole)
        case "date":
            first, last = (date.fromisoformat(str(bound)).toordinal() - DAY_ZERO for bound in (low, high))
            return _between(here, str(first), str(last))
        case "time":  # the last minute to its end
            start, end = (minutes_of(bound) or 0 for bound in (low, high))
            return _between(here, repr(start / 1440), repr((end + 0.999) / 1440))
        case "percent":
            return percent_formula(check, here)
        case "text_length":
            return f"LEN({here})<={check.maximum}"
        case "custom":
            return check.formula.replace("{here}", here)
    raise AssertionError(check.kind)


def _between(here: str, low: str, high: str, more: str = "") -> str:
    return f"IF(ISNUMBER({here}),AND({here}>={low},{here}<={high}{more}),FALSE)"


def percent_formula(check: Validation, here: str) -> str:
    """Return the formula of a percentage: a fraction or, from 2 on, a number of points."""
    low, high = float(check.minimum or 0), 100.0 if check.maximum is None else float(check.maximum)
    points = max(low, 2)
    ranges = f"AND({here}>={low / 100:g},{here}<={high / 100:g}),AND({here}>={points:g},{here}<={high:g})"
    return f"IF(ISNUMBER({here}),OR({ranges}),FALSE)"
