"""July of the published document's projects: what comes back is what was worked out elsewhere, figure for figure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import LibreOffice
from stages.conftest import differing, figures, numbers_typed, places, type_in_office, type_into, wanted

import perfxl
from perfxl.budget.stages.checks.reasons import needs_reason
from perfxl.budget.stages.lights import light_of, money_light, progress_of, worst
from perfxl.budget.stages.monitored import light_rule
from perfxl.budget.stages.progress import Row, rows
from perfxl.budget.stages.words import rounded
from perfxl.form import installed
from perfxl.rules.policy import default_policy
from perfxl.rules.subject import Subject, Unit, as_shown
from perfxl.submission import Submission

FORM = "project-monitoring"
FUNDS = {"spent": "executed", "expected": "expected"}

OTHERWISE = {(12, 0, "rate_total"): "112.50", (12, 0, "budget_progress"): "192.86"}
"""The unit typed 9.10 万元 as total of 8.00 and 1.00; here a total is calculated, and so 9.00 of 8.00 is 112.50 %, and
9.00 of the 4.6667 that are due is 192.86 %. By project and row, with the value that comes out."""

DECIDED = "year: 2024\nprojects:\n- {number: 11, budget: {fiscal: 50, carried: 20}}\n"
"""The table parts the budget of one project, which was approved as a whole, into this year's and what was carried over."""

HOW = {"prorate_all": "prorate-all", "by_kind": "by-kind"}


@pytest.fixture(scope="module")
def sent(approved: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The unit's workbook for July."""
    decided = tmp_path_factory.mktemp("decided") / "decided.yaml"
    decided.write_text(DECIDED, encoding="utf-8")
    (made,) = perfxl.stage("monitoring", approved, adjusted=decided).workbooks
    return made.data


@pytest.fixture(scope="module")
def typed(sent: bytes) -> dict[int, dict[str, Any]]:
    """What the unit types, by project and answer."""
    found: dict[int, dict[str, Any]] = {}
    for project in figures("monitoring"):
        answers = numbers_typed(project["funds"], FUNDS)
        for row in project["indicators"]:
            at = f"indicators[{row['index'] - 1}]"
            own = {name: row[name] for name in ("actual", "expected", "reason", "remark")}
            own |= {"causes": row["ticks"] or None, "possibility": "、".join(row["possibility"]) or None}
            answers |= {f"{at}.{name}": value for name, value in own.items() if value is not None}
        found[project["number"]] = answers
    return found


@pytest.fixture(scope="module")
def returned(sent: bytes, typed: dict[int, dict[str, Any]]) -> dict[int, Submission]:
    return places(type_into(sent, typed))


def judged(sheet: Submission, **scheme: Any) -> Subject:
    """A sheet as checks see it, with other settings of its scheme."""
    record = {**sheet.record, "scheme": {**sheet.record["scheme"], **scheme}}
    unit = Unit(sheet.year, sheet.unit_code, sheet.unit_name, {}, {}, default_policy())
    return Subject(installed.load(FORM), as_shown(record), unit)


def plain(value: Fraction | float | None) -> str:
    return "" if value is None else f"{rounded(Fraction(value)):f}" if isinstance(value, Fraction) else f"{value:.2f}"


def yes(found: bool) -> str:
    return "yes" if found else "no"


def base_of(row: Row) -> str:
    """By what a row is judged: the share of the year, the whole target, a ceiling, a date, a word."""
    if row.state != "number":
        return row.state if row.state in ("date", "word") else ""
    return "ceiling" if row.less else "7/12" if row.is_flow else "1"


def of_row(row: Row, subject: Subject) -> dict[str, str]:
    """What the table says of a row, whatever the lights are."""
    kind, target = row.target.kind, row.target
    return {
        "level2": row.text("level2"),
        "level3": row.text("level3"),
        "target": row.text("target"),
        "operator_read": (target.operator or ("≤" if row.less else "=")) if kind in ("number", "date") else "",
        "target_number": f"{target.number:f}" if kind == "number" else target.period,
        "unit": target.unit,
        "actual": row.text("actual"),
        "base": base_of(row),
        "reason_given": yes(bool(row.text("reason"))),
        "reason_required": yes(needs_reason(row, subject)),
    }


def lights(sheet: Submission) -> dict[tuple[int, str], str]:
    """The lights of both schemes, by row and column of the table; 0 for the project."""
    found: dict[tuple[int, str], str] = {}
    for name, how in HOW.items():
        subject = judged(sheet, lights=how)
        rule = light_rule(subject)
        for row in rows(subject):
            progress = progress_of(row, rule)
            found[row.index + 1, f"progress_{name}"] = plain(progress)
            found[row.index + 1, f"light_{name}"] = light_of(row, rule) or ""
        found[0, f"worst_{name}"] = worst(light_of(row, rule) for row in rows(subject)) or ""
    return found


def of_project(sheet: Submission) -> dict[tuple[int, str], str]:
    """All that the table says of a project and its rows."""
    record, subject = sheet.record, judged(sheet)
    rule, all_rows = light_rule(subject), rows(subject)
    found = {(row.index + 1, name): value for row in all_rows for name, value in of_row(row, subject).items()}
    found |= lights(sheet)
    for column, settings in {"prorate_all": {"lights": "prorate-all"}, "hebei": {"ahead_reason": 15}}.items():
        other = judged(sheet, **settings)
        found |= {(row.index + 1, f"reason_required_{column}"): yes(needs_reason(row, other)) for row in rows(other)}
    found |= {(0, f"rate_{fund}"): plain(rate) for fund, rate in record["rate"].items()}
    spent, budget = (subject.number(path) for path in ("spent.total", "budget.total"))
    money = money_light(*(Fraction(one) if one is not None else None for one in (spent, budget)), rule)
    due = Fraction(budget or 0) * rule.share
    progress = Fraction(spent) / due * 100 if spent is not None and due else None
    return {
        **found,
        (0, "level3"): record["name"],
        (0, "reason_required"): yes(any(needs_reason(row, subject) for row in all_rows)),
        (0, "budget_progress"): plain(progress),
        (0, "budget_light"): money or "",
        (0, "worst_by_kind_with_budget"): worst([money, *(light_of(row, rule) for row in all_rows)]) or "",
    }


def test_every_figure_of_the_table(returned: dict[int, Submission]) -> None:
    found = {number: of_project(sheet) for number, sheet in returned.items()}
    assert differing("monitoring", found) == OTHERWISE


@pytest.mark.office
def test_the_sheet_calculates_the_same(
    office: LibreOffice, tmp_path: Path, sent: bytes, typed: dict[int, dict[str, Any]]
) -> None:
    data, shown = type_in_office(office, tmp_path, sent, typed)
    returned = places(data)
    for number, lines in wanted("monitoring").items():
        for fund in ("total", "fiscal", "carried", "other"):
            value = OTHERWISE.get((number, 0, f"rate_{fund}"), lines[0][f"rate_{fund}"])
            cell = shown[number].get(f"rate.{fund}")
            assert value == ("" if cell is None else f"{rounded(Fraction(str(cell)) * 100):f}"), (number, fund)
            assert value == plain(returned[number].record["rate"][fund])
