"""SE-16: a count at the end of the year is not smaller than it was in July."""

from collections.abc import Iterator, Mapping
from typing import Any

from perfxl.budget.indicator import TABLE
from perfxl.budget.stages.checks import EVALUATION
from perfxl.budget.stages.progress import Row, read_row, rows
from perfxl.budget.stages.words import show
from perfxl.budget.unit.linked_projects import mappings
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

BETWEEN = "："
"""Stands between the name of an indicator and its value in the figures of July that a sheet went out with."""


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where less is reported than in July."""
    july = earlier_values(subject)
    seen: dict[str, int] = {}
    for row in rows(subject):
        name = squeeze(row.text("level3"))
        values = july.get(name, [])
        at = seen[name] = seen.get(name, -1) + 1
        if row.number is None or at >= len(values):
            continue
        before = _number(row, values[at], subject)
        if before is not None and row.number < before and (row.is_flow or row.target.dimension == "money"):
            facts = {
                "found": row.text("actual"),
                "before": values[at],
                "less": show(before - row.number),
                "unit": row.target.unit,
            }
            yield Hit((row.path("actual"),), facts)


def earlier_values(subject: Subject) -> Mapping[str, list[str]]:
    """Return what was reported in July, by the squeezed name of each indicator, in the order of the rows.

    It is what the sheet went out with, else what the monitoring records of the unit in the same call have.
    """
    found: dict[str, list[str]] = {}
    issued = subject.get("july")
    if isinstance(issued, (list, tuple)):
        for text in issued:
            name, _, value = str(text).rpartition(BETWEEN)
            found.setdefault(squeeze(name), []).append(value)
        return found
    number = subject.get("number")
    for record in subject.unit.records.get("monitoring", ()):
        if record.get("number") == number:
            for cells in mappings(record.get(TABLE)):
                found.setdefault(squeeze(str(cells.get("level3") or "")), []).append(str(cells.get("actual") or ""))
    return found


def _number(row: Row, text: str, subject: Subject) -> Any:
    return read_row(row.index, row.cells, "", text, subject).number


RULES = (
    Rule(
        code="SE-16",
        severity="warning",
        check=check,
        needs=EVALUATION,
        bad={"july": ["补贴发放人数：330人"]},
        good={"july": ["补贴发放人数：300人"]},
    ),
)
