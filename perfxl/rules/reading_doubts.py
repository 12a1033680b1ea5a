"""The checks of the group RD: doubts that remain after a sheet was read, one check for each kind of doubt.

All of them stand in one table. They apply to every form, so that the answers in their examples are stand-ins
(see ``rules.example``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from perfxl.finding import Severity
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.submission import Doubt

GROUP = "RD-"
"""The beginning of their codes. Only these checks make findings on answers that are not sure."""

SHEET = "unit"
"""The place of findings on a whole sheet: the line that names the unit."""

MISSING_SHEET = "RD-16"
"""The check that a book came back whole: of no matter once its other sheets came in another file."""


class _Check(NamedTuple):
    """One check: the kind of doubt that it reports, and the parts of a doubt of this kind as an example."""

    code: str
    severity: Severity
    kind: str
    fields: tuple[str, ...] = ()
    facts: dict[str, Any] = {}  # noqa: RUF012 - never changed
    unsure: bool = False
    of_file: bool = False
    compares: bool = False

    def rule(self) -> Rule:
        """Return the check as a rule."""

        def check(subject: Subject) -> Iterator[Hit]:
            for doubt in subject.seen.doubts if subject.seen else ():
                if doubt.kind == self.kind:
                    yield Hit(() if doubt.of_file else doubt.fields or (SHEET,), doubt.facts)

        example = Doubt(self.kind, self.fields, self.facts, self.unsure, self.of_file)
        examples = {"seen.doubts": (example,)}
        return Rule(self.code, self.severity, check, bad=examples, good={"seen.doubts": ()}, compares=self.compares)


_COPY = {"sheets": ["项目01村民小组长误工补_2"]}
_OTHER = {"unit": "990002清溪县柳河镇综合服务中心", "sheet": "项目03防汛物资储备", "count": 28, "whole": 30}
_BELIEVED = {"believed": "24-990001-01-A1-H", "others": ["24-990002-03-A1-K"]}
_STRUCK_OUT = {"pieces": ["2100米"], "readings": ["2150米", "2100米2150米"]}
_RAISED = {"pieces": ["3"], "readings": ["8.6×10³平方米", "8.6×103平方米"]}
_ROWS = ("@row.2.2", "@row.3.2")

_CHECKS = (
    # all marks that identify a sheet came back
    _Check("RD-01", "hint", "lost_marks", (), {"lost": ["property", "hidden_sheet"], "baseline": False}),
    # all marks of a sheet name the same sheet, of the unit whose workbook it is
    _Check("RD-02", "error", "identity", (), _BELIEVED),
    # every answer's cell is found
    _Check("RD-03", "error", "not_found", ("@head.0", "@head.4"), unsure=True),
    # the marks of an answer's cell name the same cell
    _Check("RD-04", "warning", "dissent", ("@head.0",), {"ways": ["name"], "cell": "F6"}),
    # an answer stands in one cell
    _Check("RD-05", "error", "several", ("@head.2",), {"found": ""}, unsure=True),
    # the group to which a row belongs is known
    _Check("RD-06", "error", "misplaced", ("@row.2.0",), {"found": ""}, unsure=True),
    # nothing slid into a neighbouring cell
    _Check("RD-07", "error", "slid", ("@row.2.2", "@row.2.3"), {"way": "left"}, unsure=True),
    # no two answers are merged into one cell
    _Check("RD-08", "error", "merged", ("@head.0", "@head.1"), unsure=True),
    # the rows are the sheet's own
    _Check("RD-09", "warning", "foreign_rows", ("@row.2.2",), {"count": 1, "all": False}),
    # no row stands twice
    _Check("RD-10", "warning", "doubled_rows", _ROWS, {"keys": ["03A"]}),
    # an answer stands in one row
    _Check("RD-11", "warning", "joined_rows", ("@row.2.3",), {"rows": [16]}),
    # no row was deleted
    _Check("RD-12", "hint", "deleted_rows", (), {"count": 2, "numbers": ["07", "08"]}),
    # a sheet stands once in a workbook
    _Check("RD-13", "error", "twice", (), _COPY),
    # a sheet was not copied
    _Check("RD-14", "hint", "copy", (), _COPY),
    # one table stands on a sheet
    _Check("RD-15", "hint", "stacked", (), {"count": 2}),
    # every sheet that went out in a workbook comes back
    _Check(MISSING_SHEET, "warning", "missing_sheet", (), {"sheets": ["森林防火巡护"], "count": 1}, of_file=True),
    # the result of an answer's formula is known
    _Check("RD-17", "error", "uncalculated", ("@head.0",), {"found": ""}, unsure=True),
    # the sheet was calculated before it was saved
    _Check("RD-18", "hint", "not_calculated"),
    # no answer is a formula's error value
    _Check("RD-19", "error", "error_value", ("@head.0",), {"found": "#REF!"}, unsure=True),
    # answers are typed, not calculated
    _Check("RD-20", "hint", "formula", ("@head.0",), {"count": 1}),
    # no answer is taken from another workbook
    _Check("RD-21", "warning", "outside_formula", ("@head.0",), {"count": 1}),
    # no answer is hidden
    _Check("RD-22", "warning", "hidden_rows", ("@row.2.4",), {"rows": [14]}),
    # the sheet is not hidden
    _Check("RD-23", "warning", "hidden_sheet"),
    # everything on a sheet stands in a cell of an answer
    _Check("RD-24", "warning", "unplaced", (), {"count": 1, "cells": ["C26"], "texts": ["制表人：张三"]}),
    # a workbook holds the sheets that went out in it
    _Check("RD-25", "hint", "other_sheets", (), {"sheets": ["Sheet1"], "count": 1}, of_file=True),
    # a file comes back in the format in which it went out
    _Check("RD-26", "hint", "other_format", (), {"format": "xls"}, of_file=True),
    # a sheet holds answers of its own, not those of another sheet of the same call
    _Check("RD-27", "warning", "same_answers", (), _OTHER, compares=True),
    # an answer stands in its own cell, not beside it
    _Check("RD-28", "hint", "beside", ("@head.2",)),
    # no part of an answer is struck out
    _Check("RD-29", "error", "struck_out", ("@row.2.4",), _STRUCK_OUT, unsure=True),
    # no part of an answer is superscript, but for the exponent of a unit
    _Check("RD-30", "error", "raised", ("@row.2.4",), _RAISED, unsure=True),
    # no answer is a picture
    _Check("RD-31", "error", "picture", ("@row.2.4",), {"found": "#VALUE!"}, unsure=True),
    # no text is a check box
    _Check("RD-32", "warning", "check_box", ("@row.2.3",), {"ticked": True}, unsure=True),
)

RULES = tuple(check.rule() for check in _CHECKS)
