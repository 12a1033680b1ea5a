"""A department: its goals name projects and values; its self-evaluation is made of what its projects reported."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from office.libreoffice import LibreOffice

import perfxl
from perfxl import messages, records
from perfxl.budget.stages.department import DEPARTMENT_STAGE
from perfxl.budget.stages.goal_values import value_in
from perfxl.budget.stages.project_figures import ProjectFigures, weighted_mean
from perfxl.budget.unit.linked_projects import number_of
from perfxl.form import library, scheme
from perfxl.form.installed import load

TEMPLATES = Path(library.path("department-goals", "form.yaml")).parents[1]
FORM = load("department-self-evaluation")
EVALUATED = records.load(TEMPLATES / "project-self-evaluation" / "example.yaml")
FILLED = records.load(TEMPLATES / "department-self-evaluation" / "example.yaml")


def source(links: list[Any], **others: Any) -> dict[str, Any]:
    """The goals of a department, a part for each of ``links``, with the self-evaluation of one project."""
    parts = [{"name": None, "goal": "做好。", "indicators": ["完成率≥95%"], "projects": named} for named in links]
    goals = {"overall": "做好全年工作。", "areas": [{"name": "村级组织建设", "parts": parts}]}
    return {**copy.deepcopy(dict(EVALUATED)), "department": goals, **others}


def evaluation(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(EVALUATED["self_evaluations"][0]), **changes}


PROJECTS = [{"number": 3, "name": "助餐服务"}, {"number": 12, "name": "12处桥梁养护"}, {"number": 4, "name": "同名"},
            {"number": 5, "name": "同名"}]  # fmt: skip


@pytest.mark.parametrize(
    ("named", "number"),
    [
        ("3", 3), ("３", 3), (" 3 ", 3), ("项目3", 3), ("第3号项目", 3), ("3.助餐服务", 3), ("3：助餐", 3), ("助餐服务", 3),
        ("助 餐 服务", 3), ("12处桥梁养护", 12), ("12", 12), ("7", None), ("33", None), ("助餐", None), ("同名", None),
        ("", None), ("3助餐", None), ("99999", None),
    ],
)  # fmt: skip
def test_a_project_is_named_by_its_number_or_its_name(named: str, number: int | None) -> None:
    assert number_of(named, PROJECTS) == number


@pytest.mark.parametrize(
    ("indicator", "value"),
    [
        ("巡护到位率≥95%", "≥95%"), ("阵地修缮12处", "12处"), ("培训不超过３次", "不超过3次"), ("2024年演练2次", "2次"),
        ("满意度达到95%以上", "达到95%以上"), ("补贴200元/人", "200元/人"), ("工作任务完成率", ""), ("事故零发生", ""),
        ("至少3次培训", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_value_of_an_indicator_stands_at_its_end(indicator: str, value: str) -> None:
    assert value_in(indicator) == value


def project(number: int, adjusted: str, score: str | None) -> ProjectFigures:
    return ProjectFigures(number, "", None, Decimal(adjusted), None, Decimal(score) if score else None)


@pytest.mark.parametrize(
    ("projects", "mean"),
    [
        ([("1", "80")], "80.00"), ([("1", "80"), ("3", "100")], "95.00"), ([("0", "80"), ("2", "90")], "90.00"),
        ([("0", "80"), ("0", "90")], "85.00"), ([("2", "33.335"), ("1", "33.335")], "33.34"),
        ([("1", "80"), ("3", None)], None), ([], None),
    ],
)  # fmt: skip
def test_the_mean_of_projects(projects: list[tuple[str, str | None]], mean: str | None) -> None:
    found = weighted_mean(project(at, *one) for at, one in enumerate(projects))
    assert found == (mean and Decimal(mean))


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10_000)), min_size=1, max_size=6))
def test_the_mean_lies_among_the_scores_whatever_their_order(pairs: list[tuple[int, int]]) -> None:
    found = [project(at, str(weight), f"{score / 100:.2f}") for at, (weight, score) in enumerate(pairs)]
    mean = weighted_mean(found)
    assert mean is not None
    assert min(one.score or 0 for one in found) <= mean <= max(one.score or 0 for one in found)
    assert weighted_mean(found[::-1]) == mean


@pytest.mark.parametrize("name", scheme.names())
@pytest.mark.parametrize("parts", [1, 3, 7, 26, 60])
def test_the_points_of_all_parts_and_the_money_are_100(name: str, parts: int) -> None:
    made = DEPARTMENT_STAGE.make(source([None] * parts), name).records[FORM.root]
    points = [Decimal(str(part["points"])) for part in made["parts"]]
    assert sum(points) + Decimal(str(made["execution"]["points"])) == 100
    assert len(set(points[:-1])) <= 1


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no goals": (source([], department=None), ["no_goals"]),
    "goals without parts": (source([]), ["no_goals"]),
    "no self-evaluations": (source([["1"]], self_evaluations=[]), ["no_evaluations"]),
    "a project that is none": (source([["1", "8"]]), ["unknown_link"]),
    "a project without self-evaluation": (source([["2"]], projects=[{"number": 2, "name": "助餐"}]), ["link_not_evaluated"]),
    "a project twice": (source([["1"]], self_evaluations=[evaluation(), evaluation()]), ["evaluated_twice"]),
    "a project without a number": (source([None], self_evaluations=[evaluation(number=None)]), ["no_number"]),
    "all at once": (source([["8"], ["9"]]), ["unknown_link", "unknown_link"]),
}  # fmt: skip

NOTED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all is well": (source([["1"], None]), []),
    "named by nobody": (source([["2"]], self_evaluations=[evaluation(), evaluation(number=2)]), ["not_linked"]),
    "nothing named at all": (source([None]), ["nothing_linked"]),
    "without a score": (source([["1"]], self_evaluations=[evaluation(spent={"fiscal": None})]), ["no_score"]),
    "not evaluated": (source([["1"]], projects=[{"number": 2, "name": "助餐"}]), ["not_evaluated"]),
}


@pytest.mark.parametrize(("content", "what"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said_and_nothing_made(content: dict[str, Any], what: list[str]) -> None:
    made = DEPARTMENT_STAGE.make(content)
    assert [error.facts["what"] for error in made.mistakes] == what
    assert not made.records
    for lang in ("zh-CN", "en"):
        assert all("{" not in messages.sentence(error, lang) for error in made.mistakes)


@pytest.mark.parametrize(("content", "what"), NOTED.values(), ids=NOTED)
def test_what_is_said_beside(content: dict[str, Any], what: list[str]) -> None:
    made = DEPARTMENT_STAGE.make(content)
    assert [note.facts["what"] for note in made.notes] == what
    assert made.records


def test_a_part_without_a_score_of_its_projects_has_none() -> None:
    """Nothing is made of guesses: one of two projects is unfinished, so neither the part nor the whole is judged."""
    half = [evaluation(), evaluation(number=2, spent={"fiscal": None})]
    made = DEPARTMENT_STAGE.make(source([["1", "2"]], self_evaluations=half)).records[FORM.root]
    assert made["parts"][0]["average"] is None


def test_the_scheme_is_that_of_the_projects() -> None:
    own = evaluation()
    own["scheme"]["name"] = "execution-20"
    assert (
        DEPARTMENT_STAGE.make(source([["1"]], self_evaluations=[own])).records[FORM.root]["execution"]["points"] == 20
    )
    both = [own, evaluation(number=2)]
    assert DEPARTMENT_STAGE.make(source([["1"]], self_evaluations=both)).records[FORM.root]["execution"]["points"] == 10


# Through workbooks ----------------------------------------------------------------------------------------------------


def book(content: dict[str, Any], form: str, prefill: Any = "all") -> bytes:
    (made,) = perfxl.generate(content, form=form, prefill=prefill)
    return made.data


def test_the_figures_are_compared_with_the_projects_of_the_same_call() -> None:
    department = book(FILLED, FORM.name)
    changed = {**EVALUATED, "self_evaluations": [evaluation(spent={"fiscal": 6.51})]}
    assert perfxl.check(department).findings == ()
    assert perfxl.check(department, book(EVALUATED, "project-self-evaluation")).findings == ()
    found = [
        one
        for one in perfxl.check(department, book(changed, "project-self-evaluation")).findings
        if one.code[:2] == "DE"
    ]
    assert [(one.code, one.fields) for one in found] == [
        ("DE-01", ("projects[0].spent",)), ("DE-01", ("projects[0].score",)),
    ]  # fmt: skip
    assert (found[0].facts["total"], found[0].facts["total_now"]) == (6.52, 6.51)


def test_a_part_that_nobody_filled_in_is_found_and_leaves_no_grade() -> None:
    """The rows are given: none may be taken for a blank one that nobody used."""
    blank = copy.deepcopy(dict(FILLED))
    blank[FORM.root]["parts"][2] |= {"actual": None, "score": None}
    returned = perfxl.read(book(blank, FORM.name))
    (submission,) = returned.submissions
    assert submission.record["grade"] is None
    assert len(submission.record["parts"]) == 4
    assert {(one.code, one.fields) for one in perfxl.check(returned).findings} == {
        ("LM-01", ("parts[2].actual",)), ("LM-01", ("parts[2].score",)),
    }  # fmt: skip


def test_goals_that_went_out_before_are_read_as_they_were(tmp_path: Path) -> None:
    goals = {
        **EVALUATED,
        "department": yaml.safe_load((TEMPLATES / "department-goals" / "example.yaml").read_text("utf-8")),
    }
    before = tmp_path / "department-goals"
    before.mkdir()
    text = (TEMPLATES / "department-goals" / "versions" / "2024.1.yaml").read_text("utf-8")
    (before / "form.yaml").write_text(text, "utf-8")
    (old,) = perfxl.generate(goals, form=before, prefill="all")
    returned = perfxl.read(old.data)
    (submission,) = returned.submissions
    assert (submission.version, submission.record) == ("2024.1", goals["department"])
    assert perfxl.check(returned).findings == ()


def test_in_libreoffice_the_sheet_comes_to_what_is_read(office: LibreOffice, tmp_path: Path) -> None:
    links = source([["1"], None])
    (made,) = perfxl.stage("department", links, output=tmp_path / "made").workbooks
    assert made.path
    with office.open(made.path) as document:
        sheet = document.sheets()[0]
        for cell, text in {"G8": "全部完成。", "G10": "96%", "G11": "95.5%", "J11": "44", "C17": "周文"}.items():
            document.type_text(sheet, cell, text)
        shown = {cell: document.cell(sheet, cell).value for cell in ("D6", "F6", "H6", "K6", "J10", "I12", "J12")}
        saved = document.save_as(tmp_path / "saved.xlsx")
    assert shown == {"D6": 6.52, "F6": 6.52, "H6": 1, "K6": 10, "J10": 45, "I12": 100, "J12": 99}
    returned = perfxl.read(saved)
    (submission,) = returned.submissions
    record = submission.record
    assert [record[name] for name in ("budget", "spent", "points", "score", "grade")] == [6.52, 6.52, 100, 99, "优"]
    assert [part["score"] for part in record["parts"]] == [45, 44]
    assert perfxl.check(returned).findings == ()
