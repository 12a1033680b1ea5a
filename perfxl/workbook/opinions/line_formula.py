"""A line of a form as an Excel formula that is compiled once, with gaps for the cells of each sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from perfxl.form.expression import CellReferences
from perfxl.form.expression.excel import Truth, check_length
from perfxl.form.form import Form, FormRule
from perfxl.workbook.sheet.drop_down_lists import lookup_names

Reference = tuple[str, ...]
"""A reference that a formula needs: a function of ``CellReferences`` and what it is called with."""


@dataclass(frozen=True, eq=False)
class LineFormula:
    """The formula that is 1 where a line of a form is broken: for the whole sheet, or for the current row of a table.

    It is compiled at its first use; then only the references to the cells of a sheet are put in.
    """

    line: FormRule
    form: Form

    @cached_property
    def concerned(self) -> tuple[str, ...]:
        """The paths of the answers that the line concerns, without row numbers."""
        line = self.line
        return tuple(self.form.tables[line.each].path(id) for id in line.on) if line.each else line.on

    def broken(self, cells: CellReferences) -> str:
        """Return the formula for these cells; ``cells.here`` are those of the current row.

        Raises ExpressionError ``not_in_excel`` for what Excel cannot calculate, for an answer without a cell, and for a
        formula that is too long.
        """
        texts = {gap: getattr(cells, name)(*path) for gap, (name, *path) in self._compiled[1].items()}
        if len(set(texts.values())) < len(texts):  # what would stand twice in a formula is left out by the compiler
            return self._checked(self._compile(cells))
        return self._checked(Truth(*(_fill(pieces, texts) for pieces in self._compiled[0])))

    @cached_property
    def _compiled(self) -> tuple[tuple[list[str], list[str]], Mapping[str, Reference]]:
        """The formulas that the line holds and is broken, cut at their gaps, and the reference that each gap needs."""
        gaps: dict[Reference, str] = {}

        def gap(name: str, *path: str) -> str:
            return gaps.setdefault((name, *path), f"\0{len(gaps)}\0")

        truth = self._compile(
            CellReferences(
                head=partial(gap, "head"),
                column=partial(gap, "column"),
                here=partial(gap, "here"),
                truth_words=self.form.truth_words,
                lookup=partial(lookup_names, self.form),
            )
        )
        cut = (_GAP.split(truth.holds), _GAP.split(truth.broken))
        return cut, {at: reference for reference, at in gaps.items()}

    def _compile(self, cells: CellReferences) -> Truth:
        if self.line.each:  # nothing says that the condition of a row holds
            return Truth("", self.line.assert_.excel_here(cells))
        return self.line.assert_.excel(cells)

    def _checked(self, truth: Truth) -> str:
        """Return the formula that the line is broken, unless both are too long for Excel, as its compiler judges."""
        if not self.line.each:
            check_length(len(truth.holds) + len(truth.broken))
        return truth.broken


_GAP = re.compile("(\0\\d+\0)")


def _fill(pieces: list[str], texts: Mapping[str, str]) -> str:
    """Return a formula whose gaps, which are every second of its pieces, are filled with these texts."""
    filled = list(pieces)
    filled[1::2] = [texts[gap] for gap in pieces[1::2]]
    return "".join(filled)
