"""A line's formula with the cells put in is the one that its compiler makes for these cells."""

from __future__ import annotations

from functools import partial

import pytest

from perfxl import rules
from perfxl.form.expression import CellReferences, ExpressionError
from perfxl.form.form import Form, FormRule
from perfxl.form.installed import load
from perfxl.workbook.opinions.line_formula import LineFormula
from perfxl.workbook.sheet.drop_down_lists import lookup_names

FORMS = ("project-target", "central-target", "project-monitoring", "project-self-evaluation")


def _lines(form: Form) -> list[FormRule]:
    return [line for rule in rules.rules(form) if rule.lines for line in rule.lines(form) if not line.assert_.settings]


def _references(form: Form, same: bool) -> CellReferences:
    """References that are told apart by what they refer to, or are all the same."""

    def refer(kind: str, *path: str) -> str:
        return "$A$1" if same else f"{kind}({','.join(path)})"

    return CellReferences(
        head=partial(refer, "head"),
        column=partial(refer, "column"),
        here=partial(refer, "here"),
        truth_words=form.truth_words,
        lookup=partial(lookup_names, form),
    )


def _compiled(line: FormRule, cells: CellReferences) -> str:
    try:
        return line.assert_.excel_here(cells) if line.each else line.assert_.excel(cells).broken
    except ExpressionError as error:
        return repr(error)


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_it_is_what_the_compiler_makes(name: str, same: bool) -> None:
    form = load(name)
    lines = _lines(form)
    assert lines
    cells = _references(form, same)
    for line in lines:
        formula = LineFormula(line, form)
        try:
            made = formula.broken(cells)
        except ExpressionError as error:
            made = repr(error)
        assert made == _compiled(line, cells)


def test_a_formula_too_long_with_its_cells_is_refused() -> None:
    form = load("project-target")
    line = next(line for line in _lines(form) if not line.each and len(line.assert_.fields) > 1)
    far = CellReferences(head=lambda id: id * 2000, column=lambda table, id: id, here=lambda table, id: id)
    with pytest.raises(ExpressionError):
        line.assert_.excel(far)
    with pytest.raises(ExpressionError):
        LineFormula(line, form).broken(far)
