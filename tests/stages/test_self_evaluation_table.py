"""The end of the year of the published document's projects: scores, totals, grades and bands, figure for figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import LibreOffice
from stages.conftest import differing, figures, numbers_typed, places, type_in_office, type_into, wanted

import perfxl
from perfxl.budget.indicator_value import parse
from perfxl.budget.stages.checks.explained import needs_explanation
from perfxl.budget.stages.checks.points import band_of, check_band, check_limit
from perfxl.budget.stages.progress import Row, rows
from perfxl.budget.stages.words import rounded
from perfxl.form import installed
from perfxl.rules.policy import default_policy
from perfxl.rules.subject import Subject, Unit, as_shown
from perfxl.submission import Submission

FORM = "project-self-evaluation"
FUNDS = {"adjusted": "adjusted", "spent": "executed"}
LESS = ("ratio", "linear")
USUAL = "ratio"
WORDS = {None: "", "met": "达成", "partly": "部分达成", "missed": "未达成"}

OTHERWISE = {
    (6, 0, "executed"): "538.96",
    (6, 0, "rate"): "100.05",
    (9, 3, "points"): "12.50",
    (9, 6, "points"): "10.00",
    (11, 5, "band_low"): "0.00",
}
"""By project, row and column, with the value that comes out. Project 6: the unit typed 538.69 万元 as total of a fund of
538.96; here a total is calculated: 538.96 of 538.69 is 100.05 %. Project 9: the points of a
row that does not apply stay in their cell, and leave the sum alone. Project 11: a late date is judged by the unit in the
bands of 部分达成 and 未达成, so that the lowest score is that of the latter: 0."""

TYPED = ("typed_score", "typed_execution_score", "typed_total")
"""Columns with what the unit typed; most of these answers are calculated here, and nobody can type them."""


OVERTYPED = 10
"""The project whose points were typed anew, so that they sum to 110."""


def decided(less: str) -> str:
    """What the county decided: schemes and points of single projects, and the parts of a budget approved as a whole."""
    lines = ["{number: 11, budget: {fiscal: 50, carried: 20}}"]
    for project in figures("self-evaluation"):
        number, rest = project["number"], ""
        if project["weights"] != "cn-2015":
            name = project["weights"]
            rest = f"scheme: {name}" if less == USUAL else f"scheme: {{like: {name}, less: {less}}}"
        elif project["points_given"] and number != OVERTYPED:
            rest = f"points: { {row['level3']: row['points'] for row in project['indicators']} }"
        lines += [f"{{number: {number}, {rest}}}"] if rest else []
    return "\n".join(("year: 2024", "projects:", *(f"- {line}" for line in lines)))


@pytest.fixture(scope="module", params=LESS)
def less(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sent(less: str, approved: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The unit's workbook for the end of the year."""
    folder = tmp_path_factory.mktemp("decided")
    (folder / "decided.yaml").write_text(decided(less), encoding="utf-8")
    (folder / "scheme.yaml").write_text(f"like: cn-2015\nless: {less}\n", encoding="utf-8")
    scheme = "" if less == USUAL else str(folder / "scheme.yaml")
    (only,) = perfxl.stage("self-evaluation", approved, adjusted=folder / "decided.yaml", scheme=scheme).workbooks
    return only.data


@pytest.fixture(scope="module")
def typed() -> dict[int, dict[str, Any]]:
    """What the unit types, by project and answer."""
    return {project["number"]: dict(_answers(project)) for project in figures("self-evaluation")}


def _answers(project: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from numbers_typed(project["funds"], FUNDS).items()
    yield "done", "按目标完成。"
    for row in project["indicators"]:
        at = f"indicators[{row['index'] - 1}]"
        applies = row["applicable"]
        actual, reason = (row["actual"], row["explanation"]) if applies else ("不适用", row["reason_not_applicable"])
        is_number = parse(row["target"]).kind == "number"  # whose score is calculated
        given = {"actual": actual, "reason": reason, "score": None if is_number else row["score"]}
        given |= {"points": row["points"]} if project["number"] == OVERTYPED else {}
        yield from ((f"{at}.{name}", value) for name, value in given.items() if value is not None)


def judged(sheet: Submission, **scheme: Any) -> Subject:
    """A sheet as checks see it, with other settings of its scheme."""
    record = {**sheet.record, "scheme": {**sheet.record["scheme"], **scheme}}
    unit = Unit(sheet.year, sheet.unit_code, sheet.unit_name, {}, {}, default_policy())
    return Subject(installed.load(FORM), as_shown(record), unit)


def plain(value: Any) -> str:
    return "" if value is None else f"{value:.2f}"


def yes(found: bool) -> str:
    return "yes" if found else "no"


def of_row(row: Row, subject: Subject, less: str) -> dict[str, str]:
    kind, target = row.target.kind, row.target
    band = band_of(row, subject)
    return {
        "level2": row.text("level2"),
        "level3": row.text("level3"),
        "target": row.text("target"),
        "operator_read": (target.operator or ("≤" if row.less else "=")) if kind in ("number", "date") else "",
        "target_number": f"{target.number:f}" if kind == "number" else "",
        "unit": target.unit,
        "actual": "" if row.state == "left_out" else row.text("actual"),
        "points": plain(row.cells["points"]),
        f"score_{less}": plain(row.cells["score"]),
        "word": WORDS["partly" if row.late else row.word],
        "band_low": plain(band[0] if band else None),
        "band_high": plain(band[1] if band else None),
        "explanation_given": yes(bool(row.text("reason")) and row.state != "left_out"),
        "explain_below": yes(row.is_short),
        "explain_above_20": yes(needs_explanation(row, subject) and not row.is_short),
    }


def in_band(subject: Subject) -> dict[int, str]:
    """Whether each row with a word has a score within its band, by row from 1."""
    outside = {hit.fields[0] for check in (check_band, check_limit) for hit in check(subject)}
    return {
        row.index + 1: yes(row.path("score") not in outside)
        for row in rows(subject)
        if band_of(row, subject) and row.cells["score"] is not None
    }


def of_project(sheet: Submission, less: str) -> dict[tuple[int, str], str]:
    """All that the table says of a project and its rows, with scores of one rule for what should be low."""
    record, subject = sheet.record, judged(sheet)
    found = {
        (row.index + 1, name): value for row in rows(subject) for name, value in of_row(row, subject, less).items()
    }
    found |= {(at, "in_band"): word for at, word in in_band(subject).items()}
    found |= {(at, "in_band_80_50"): word for at, word in in_band(judged(sheet, partly=50)).items()}
    other = judged(sheet, above=30)
    found |= {
        (row.index + 1, "explain_above_30"): yes(needs_explanation(row, other) and not row.is_short)
        for row in rows(other)
    }
    rate = record["execution"]["rate"]
    project = {
        "level3": record["name"],
        "scheme": record["scheme"]["name"],
        "initial": plain(record["budget"]["total"]),
        "adjusted": plain(record["adjusted"]["total"]),
        "executed": plain(record["spent"]["total"]),
        "rate": plain(rate),
        "execution_points": f"{record['execution']['points']:g}",
        "execution_score": plain(record["execution"]["score"]),
        "points_total": plain(points_of(record)),
        f"total_{less}": plain(record["score"]),
        f"grade_{less}": record["grade"] or "",
        "total_state": state_of(record),
        "explain_rate_below_90": yes(rate is not None and rate < record["scheme"]["low_rate"]),
    }
    return {**found, **{(0, name): value for name, value in project.items()}}


def points_of(record: Mapping[str, Any]) -> float:
    """The points of the rows that apply, and those for the money: of what the total is a share."""
    applying = [row for row in record["indicators"] if row["actual"] != "不适用"]
    return float(record["execution"]["points"] + sum(row["points"] for row in applying))


def state_of(record: Mapping[str, Any]) -> str:
    """Why there is a grade, or none."""
    if record["points"] != 100:
        return "points"
    if record["grade"] is None:
        return "incomplete"
    return "complete" if points_of(record) == 100 else "rescaled"


def left_out(column: str, less: str) -> bool:
    """Whether a column is of the other rule, names the scheme whose rule is another here, or holds what nobody can type."""
    of_other = column.endswith(LESS) and not column.endswith(less)
    return column in TYPED or of_other or (column == "scheme" and less != USUAL)


def test_every_figure_of_the_table(less: str, sent: bytes, typed: dict[int, dict[str, Any]]) -> None:
    found = {number: of_project(sheet, less) for number, sheet in places(type_into(sent, typed)).items()}
    other = differing("self-evaluation", found)
    assert {at: value for at, value in other.items() if not left_out(at[2], less)} == OTHERWISE


@pytest.mark.office
def test_the_sheet_calculates_the_same(
    less: str, office: LibreOffice, tmp_path: Path, sent: bytes, typed: dict[int, dict[str, Any]]
) -> None:
    data, shown = type_in_office(office, tmp_path, sent, typed)
    found = {number: of_project(sheet, less) for number, sheet in places(data).items()}
    other = differing("self-evaluation", found)
    assert {at: value for at, value in other.items() if not left_out(at[2], less)} == OTHERWISE
    for number, lines in wanted("self-evaluation").items():
        cells = shown[number]
        for line in lines:
            at = int(line["indicator"])
            columns = SHOWN if at == 0 else {f"indicators[{at - 1}].score": f"score_{less}"}
            for answer, column in columns.items():
                value = found[number][at, column.format(less=less)]
                cell = cells.get(answer)
                assert value == in_words(cell, 100 if answer.endswith("rate") else 1), (number, at, column, cell)


SHOWN = {
    "execution.rate": "rate",
    "execution.score": "execution_score",
    "score": "total_{less}",
    "grade": "grade_{less}",
}


def in_words(cell: Any, factor: int) -> str:
    """What a calculated cell says, as the table writes it."""
    if cell is None or isinstance(cell, str):
        return (cell or "").removeprefix("等级：")
    return f"{rounded(Fraction(str(cell)) * factor):f}"
