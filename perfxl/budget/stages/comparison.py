"""Target, July and December of each indicator side by side, where both stages are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from perfxl.budget.stages.results import EvaluatedRow, MonitoredRow
from perfxl.budget.stages.summary_words import Columns, columns_of, say
from perfxl.form.characters import squeeze
from perfxl.summary import StageSheet, SummaryRow, SummaryTable

Row = TypeVar("Row", MonitoredRow, EvaluatedRow)

_OF_COMPARISON: Columns = {
    "unit": ("text", 18), "project": ("text", 20), "indicator": ("text", 20), "target": ("text", 15),
    "july": ("text", 15), "progress": ("rate", 9.5), "light": ("word", 5), "december": ("text", 15),
    "score": ("points", 8), "points": ("points", 8),
}  # fmt: skip


def comparison_table(monitored: Sequence[StageSheet], evaluated: Sequence[StageSheet], lang: str) -> SummaryTable:
    """Return the target, July and December of each indicator, known by its name in its project."""
    july = {(sheet.unit, sheet.number): sheet for sheet in monitored}
    december = {(sheet.unit, sheet.number): sheet for sheet in evaluated}
    rows: list[SummaryRow] = []
    for key in dict.fromkeys((*july, *december)):
        sheet = december.get(key) or july[key]
        before = _by_name(july[key].result.rows) if key in july else {}
        after = _by_name(december[key].result.rows) if key in december else {}
        names = dict.fromkeys((*before, *after))
        rows += [_comparison_row(sheet, before.get(name), after.get(name), lang) for name in names]
    facts = {"year": evaluated[0].year, "months": sorted({one.result.months[1] for one in july.values()})}
    return SummaryTable(
        say("comparison.name", lang),
        say("comparison.title", lang, facts),
        (say("comparison.note", lang, facts),),
        columns_of("comparison", _OF_COMPARISON, lang, facts),
        tuple(rows),
        {say("light.red", lang): "error", say("light.yellow", lang): "warning"},
    )


def _by_name(rows: Iterable[Row]) -> dict[tuple[str, int], Row]:
    """Return rows by their name, and by their place among those of the same name."""
    found: dict[tuple[str, int], Row] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        name = squeeze(row.name)
        found[name, seen[name]] = row
        seen[name] += 1
    return found


def _comparison_row(
    sheet: StageSheet, july: MonitoredRow | None, december: EvaluatedRow | None, lang: str
) -> SummaryRow:
    named = december or july
    assert named is not None
    target = named.target
    if july and december and squeeze(july.target) != squeeze(december.target):
        target = say("comparison.changed", lang, {"before": july.target, "after": december.target})
    light = say(f"light.{july.light}", lang) if july and july.light else None
    return SummaryRow(
        (
            sheet.unit_name, sheet.project, named.name, target, july.actual if july else None,
            july.progress if july else None, light, december.actual if december else None,
            december.score if december else None, december.points if december else None,
        )
    )  # fmt: skip
