"""The condition, as an Excel formula, under which a limit of an answer's own is still broken in a flagged cell."""

from __future__ import annotations

from dataclasses import dataclass

from perfxl.finding import Finding
from perfxl.form.answers import without_rows
from perfxl.form.expression import CellReferences
from perfxl.form.form import Field, Form, FormRule
from perfxl.form.limits import FieldLimit, limit_of
from perfxl.rules.limits import CODES, RANGE, UNDERSTOOD
from perfxl.workbook.ooxml.formula import blank_formula, text_literal
from perfxl.workbook.sheet.limit_formulas import type_formula


@dataclass(frozen=True)
class FlaggedLimit:
    """The limit that a finding is about, and the answer that has it; ``table``: empty for the head."""

    limit: FieldLimit
    field: Field
    table: str

    @property
    def line(self) -> FormRule | None:
        """The limit as a line of a form, where it is one condition that must hold."""
        if self.limit.condition is None or self.limit.name in ("required", "relevant"):
            return None
        code = CODES[self.limit.name]
        return FormRule(code, self.limit.severity, self.limit.condition, (self.field.id,), each=self.table)

    def formula(self, cells: CellReferences, cell: str) -> str:
        """Return a formula that is true while ``cell`` breaks the limit; empty where Excel cannot tell.

        ``cells``: the references from the row of that cell. Raises ExpressionError for what Excel cannot calculate.
        """
        match self.limit.name:
            case "relevant" if self.field.relevant is not None:
                holds = self.field.relevant.excel_truth(cells).holds
                return f"AND(({holds})<>1,NOT({blank_formula(cell)}))"
            case "required" if self.field.required_where is not None:
                holds = self.field.required_where.excel_truth(cells).holds
                return f"AND(({holds})=1,{blank_formula(cell)})"
            case "pattern" if self.limit.pattern is not None:
                kept = self.limit.pattern.excel(cell)
                return f"NOT(IFERROR({kept},FALSE))" if kept else ""
            case "unique" if self.table and self.limit.within == "table":
                column = cells.column(self.table, self.field.id)
                same = f"SUMPRODUCT(EXACT(TRIM({column}),TRIM({cell}))*1)"
                return f"AND(NOT({blank_formula(cell)}),{same}>1)"
        return ""


def flagged_limit(form: Form, finding: Finding) -> FlaggedLimit | None:
    """Return the limit of an answer's own that a finding is about; None for a finding about anything else."""
    named = [name for name, code in CODES.items() if code == finding.code]
    if not named or not finding.fields:
        return None
    path = without_rows(finding.field)
    name = finding.facts.get("limit", named[0])
    for table, field in _answers(form, path):
        limit = limit_of(field.limits, name)
        if limit is None and name == "required" and field.required_where is not None:
            limit = FieldLimit("required", condition=field.required_where)
        return FlaggedLimit(limit, field, table) if limit and not limit.bounds_type else None
    return None


def type_condition(form: Form, finding: Finding, cell: str) -> str:
    """Return a formula that is true while ``cell`` is filled and its type does not let it in; empty for none."""
    if finding.code not in (UNDERSTOOD, RANGE) or finding.facts.get("problem") == "decimals" or not finding.fields:
        return ""
    for _, field in _answers(form, without_rows(finding.field)):
        check = field.type.validation()
        if check is not None and check.kind in _JUDGED:
            words = [f"{cell}={text_literal(word)}" for word in field.words]
            kept = f"OR({','.join([*words, blank_formula(cell), type_formula(check, cell)])})"
            return f"NOT(IFERROR({kept},FALSE))"
    return ""


_JUDGED = ("decimal", "whole", "date", "time", "percent")
"""The validations that refuse all that cannot be understood, so that what they let in is right."""


def _answers(form: Form, path: str) -> list[tuple[str, Field]]:
    """Return the answer with this path, with its table."""
    if path in form.fields:
        return [("", form.fields[path])]
    tables = form.tables.values()
    return [(table.id, column) for table in tables for id, column in table.columns.items() if table.path(id) == path]
