"""The summary of the stages over the units of a county: how the projects stand, what is to be asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from perfxl.budget.stages.comparison import comparison_table
from perfxl.budget.stages.lights import LIGHTS, Light
from perfxl.budget.stages.results import EvaluatedProject, MonitoredProject, MonitoredRow
from perfxl.budget.stages.summary_words import Columns, columns_of, say, shown
from perfxl.budget.stages.tallies import MonitoringTally, percent, tally_evaluation, tally_monitoring
from perfxl.rules.numbers import plain_number
from perfxl.summary import StageSheet, SummaryRow, SummaryTable, TableValue, UnitLine

MONITORING, EVALUATION = "monitoring", "self-evaluation"
GRADES = ("优", "良", "中", "差")
_ALARMS: tuple[Light, ...] = ("red", "yellow")

Sheets = Sequence[StageSheet]

_OF_MONITORING: Columns = {
    "unit": ("text", 26), "projects": ("count", 6.5), "reported": ("count", 6.5), "red": ("count", 5.5),
    "yellow": ("count", 5.5), "green": ("count", 5.5), "blue": ("count", 5.5), "unfilled": ("count", 6.5),
    "budget": ("money", 14), "spent": ("money", 14), "rate": ("rate", 10), "missing": ("count", 8.5),
}  # fmt: skip
_OF_ALARMS: Columns = {
    "unit": ("text", 18), "project": ("text", 18), "indicator": ("text", 17), "target": ("text", 13),
    "actual": ("text", 13), "progress": ("rate", 9.5), "light": ("word", 5), "reason": ("text", 30),
    "possibility": ("text", 11),
}  # fmt: skip
_OF_EVALUATION: Columns = {
    "unit": ("text", 26), "projects": ("count", 6.5), **dict.fromkeys(GRADES, ("count", 5.5)),
    "undecided": ("count", 6.5), "mean": ("points", 9), "weighted": ("points", 11), "lowest": ("text", 34),
}  # fmt: skip
_OF_SCORES: Columns = {
    "unit": ("text", 20), "project": ("text", 24), "adjusted": ("money", 12), "spent": ("money", 12),
    "rate": ("rate", 9.5), "score": ("points", 8.5), "grade": ("word", 6), "other_score": ("points", 11),
    "other_grade": ("word", 6), "remark": ("text", 22),
}  # fmt: skip


def monitoring_tables(sheets: Mapping[str, Sheets], lines: Sequence[UnitLine], lang: str) -> tuple[SummaryTable, ...]:
    """Return the summary of monitoring by unit, and the list of the red and the yellow indicators."""
    own = sheets[MONITORING]
    months = sorted({sheet.result.months for sheet in own})
    facts = {
        "year": own[0].year,
        "months": [f"{first}—{last}" for first, last in months],
        "hows": sorted({sheet.result.how for sheet in own}),
    }
    rows = tuple(_alarm_rows(own, lang))
    alarms = Counter(str(row.values[list(_OF_ALARMS).index("light")]) for row in rows)
    words = {light: say(f"light.{light}", lang) for light in LIGHTS}
    return (
        SummaryTable(
            say("monitoring.name", lang),
            say("monitoring.title", lang, facts),
            tuple(_monitoring_notes(tally_monitoring(sheet.result for sheet in own), facts, lang)),
            columns_of("monitoring", _OF_MONITORING, lang, facts),
            _unit_rows(own, lines, _monitoring_values),
        ),
        SummaryTable(
            say("alarms.name", lang),
            say("alarms.title", lang, facts),
            (say("alarms.note", lang, {light: alarms[words[light]] for light in _ALARMS}),),
            columns_of("alarms", _OF_ALARMS, lang, facts),
            rows,
            {words["red"]: "error", words["yellow"]: "warning"},
        ),
    )


def _monitoring_notes(tally: MonitoringTally, facts: Mapping[str, object], lang: str) -> Iterator[str]:
    for key, counts in (("lights", tally.rows), ("projects", tally.with_money), ("money", tally.money)):
        said = {str(light or "dark"): counts[light] for light in (*LIGHTS, None)}
        yield say(f"monitoring.notes.{key}", lang, said)
    dark = tally.lights[None] - (tally.projects - tally.reported)
    yield say(
        "monitoring.notes.reasons", lang, {"needed": tally.needed, "missing": tally.missing, "dark": max(dark, 0)}
    )
    rates = {"all": shown(tally.rate), "reported": shown(tally.rate_reported), "count": tally.reported}
    yield say("monitoring.notes.rate", lang, {**facts, **rates})


def _monitoring_values(sheets: Sheets) -> tuple[TableValue, ...]:
    tally = tally_monitoring(sheet.result for sheet in sheets)
    lights = (tally.lights[light] for light in (*LIGHTS, None))
    return (
        tally.projects, tally.reported, *lights, tally.budget, tally.spent if tally.reported else None,
        tally.rate if tally.reported else None, tally.missing,
    )  # fmt: skip


def _alarm_rows(sheets: Sheets, lang: str) -> Iterator[SummaryRow]:
    for sheet in sheets:
        result: MonitoredProject = sheet.result
        for row in result.rows:
            if row.light in _ALARMS:
                yield _alarm_row(sheet, row, lang)
        if result.money in _ALARMS:
            money = MonitoredRow(
                name=say("alarms.money", lang),
                target=say("alarms.amount", lang, {"amount": shown(result.budget)}),
                actual=say("alarms.amount", lang, {"amount": shown(result.spent)}),
                light=result.money,
                progress=result.money_progress,
                needs_reason=False,
                causes=(),
                reason=result.money_note,
                possibility="",
            )
            yield _alarm_row(sheet, money, lang)


def _alarm_row(sheet: StageSheet, row: MonitoredRow, lang: str) -> SummaryRow:
    reason = row.reason or (say("alarms.no_reason", lang) if row.needs_reason else "")
    causes = say("alarms.causes", lang, {"causes": row.causes, "reason": reason}) if row.causes else reason
    light = say(f"light.{row.light}", lang)
    return SummaryRow(
        (
            sheet.unit_name, sheet.project, row.name, row.target, row.actual, row.progress, light, causes,
            row.possibility,
        )
    )  # fmt: skip


def evaluation_tables(sheets: Mapping[str, Sheets], lines: Sequence[UnitLine], lang: str) -> tuple[SummaryTable, ...]:
    """Return the summary of self-evaluation by unit, the projects' scores, and what became of each target."""
    own = sheets[EVALUATION]
    facts = {"year": own[0].year, "less": sorted({one.result.less for one in own if one.result.less})}
    made = [
        SummaryTable(
            say("evaluation.name", lang),
            say("evaluation.title", lang, facts),
            tuple(_evaluation_notes([sheet.result for sheet in own], lang)),
            columns_of("evaluation", _OF_EVALUATION, lang, facts),
            _unit_rows(own, lines, lambda chosen: _evaluation_values(chosen, lang)),
        ),
        SummaryTable(
            say("scores.name", lang),
            say("scores.title", lang, facts),
            (say("scores.note", lang, facts),),
            columns_of("scores", _OF_SCORES, lang, facts),
            tuple(_score_row(sheet, lang) for sheet in own),
            {GRADES[-1]: "error", GRADES[-2]: "warning"},
        ),
    ]
    if sheets.get(MONITORING):
        made.append(comparison_table(sheets[MONITORING], own, lang))
    return tuple(made)


def _evaluation_notes(projects: Sequence[EvaluatedProject], lang: str) -> Iterator[str]:
    tally = tally_evaluation(projects)
    ends = {
        name: shown(projects[at].score.total) if at is not None else ""
        for name, at in (("lowest", tally.lowest), ("highest", tally.highest))
    }
    graded = tally.projects - tally.grades[None]
    means = {"mean": shown(tally.mean), "weighted": shown(tally.weighted), "graded": graded, **ends}
    yield say("evaluation.notes.mean", lang, means)
    open_ones = {"undecided": tally.grades[None], "unfilled": tally.projects - tally.reported}
    yield say("evaluation.notes.undecided", lang, open_ones)
    money = {"adjusted": shown(tally.adjusted), "spent": shown(tally.spent), "rate": shown(tally.rate)}
    yield say("evaluation.notes.money", lang, money)
    differ = sum(_differs(project) for project in projects)
    if differ:
        yield say("evaluation.notes.differ", lang, {"count": differ})


def _differs(project: EvaluatedProject) -> bool:
    """Return True where the other way of counting gives another grade."""
    return project.score.grade != project.other.grade


def _evaluation_values(sheets: Sheets, lang: str) -> tuple[TableValue, ...]:
    tally = tally_evaluation(sheet.result for sheet in sheets)
    lowest = None
    if tally.lowest is not None:
        worst = sheets[tally.lowest]
        unit = worst.unit_name if len({sheet.unit for sheet in sheets}) > 1 else ""
        facts = {"unit": unit, "project": worst.project, "score": shown(worst.result.score.total)}
        lowest = say("evaluation.lowest", lang, facts)
    grades = (tally.grades[grade] for grade in (*GRADES, None))
    return tally.projects, *grades, tally.mean, tally.weighted, lowest


def _score_row(sheet: StageSheet, lang: str) -> SummaryRow:
    result: EvaluatedProject = sheet.result
    spent, adjusted = result.spent, result.adjusted
    other = result.other if _differs(result) else None
    if not result.reported:
        remark = say("scores.unfilled", lang)
    elif result.points is not None and result.points != 100:
        remark = say("scores.points", lang, {"points": plain_number(result.points)})
    else:
        remark = "" if result.score.grade else say("scores.incomplete", lang)
    return SummaryRow(
        (
            sheet.unit_name, sheet.project, adjusted, spent,
            percent(spent, adjusted) if spent is not None and adjusted else None,
            result.score.total if result.score.grade else None, result.score.grade,
            other.total if other else None, other.grade if other else None, remark,
        )
    )  # fmt: skip


def _unit_rows(
    sheets: Sheets, lines: Sequence[UnitLine], values: Callable[[Sheets], tuple[TableValue, ...]]
) -> tuple[SummaryRow, ...]:
    """Return a row for each line of units, with the values of the sheets of these units."""
    by_unit: dict[str, list[StageSheet]] = {}
    for sheet in sheets:
        by_unit.setdefault(sheet.unit, []).append(sheet)
    of_lines = ((line, [sheet for unit in line.units for sheet in by_unit.get(unit, ())]) for line in lines)
    return tuple(SummaryRow((line.name, *values(own)), line.level, line.depth) for line, own in of_lines if own)
