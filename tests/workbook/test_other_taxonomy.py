"""A county with another taxonomy than the form's: what goes out has it, and what comes back says so and is read by it."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import perfxl
from perfxl import messages
from perfxl.errors import UnusableForm
from perfxl.form import installed, taxonomy
from perfxl.rules import example

FORM = installed.load("project-target")
OWN = """
taxonomy:
  project-target:
    levels: {投入: [用钱, 用人], 成效: [做成, '用"好"'], 评价: [满意]}
    required: [[用钱], [做成, '用"好"'], [满意]]
    synonyms: {花钱: 用钱}
    texts:
      "从下拉中选。\\n数量、质量、时效、成本、满意度各至少1条，效益至少1条。": 用钱、满意各至少1条，成效至少1条。
"""
COUNTIES: Mapping[str, str] = {
    "cn-2021": "taxonomy: {project-target: cn-2021}",
    "sc-2023": "taxonomy: {project-target: sc-2023}",
    "of its own": OWN,
    "in a file": "taxonomy: {project-target: ours.yaml}",
}
BEGIN: Mapping[str, list[str]] = {
    "cn-2021": ["经济成本指标", "数量指标", "数量指标", "质量指标", "质量指标", "时效指标", "社会效益指标", "服务对象满意度指标"],
    "sc-2023": ["数量指标", "数量指标", "质量指标", "质量指标", "时效指标", "经济成本指标", "社会效益指标", "服务对象满意度指标"],
    "of its own": ["用钱", "做成", "满意"],
    "in a file": ["用钱", "做成"],
}  # fmt: skip
SPARE = {"cn-2021": [1, 2, 1, 1], "sc-2023": [2, 1, 1], "of its own": [1, 1, 1], "in a file": [1, 1]}


@pytest.fixture(params=COUNTIES)
def county(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "county.yaml"
    path.write_text(COUNTIES[request.param], "utf-8")
    (tmp_path / "ours.yaml").write_text("levels: {投入: [用钱], 成效: [做成]}\nrequired: [[用钱], [做成]]\n", "utf-8")
    return request.param, path


def records(classes: taxonomy.Taxonomy | None = None) -> dict[str, Any]:
    """The example project, its indicators in classes of a taxonomy; blank without one."""
    project: dict[str, Any] = copy.deepcopy(dict(example.record(FORM)))
    if classes is None:
        project = {key: project[key] for key in ("number", "code", "name")}
    else:
        above = {below: level1 for level1, below in reversed(classes.pairs)}
        rows = project["indicators"]
        for row in rows:
            level2 = next(
                (name for name in (row["level2"], classes.names(2).get(row["level2"])) if name in above), None
            )
            row["level2"] = level2 or ("经济成本指标" if "经济成本指标" in above else classes.level2[0])
            row["level1"] = above[row["level2"]]
        rows.sort(key=lambda row: classes.level2.index(row["level2"]))
        for row, group in zip(rows, classes.required, strict=False):
            if not any(other["level2"] in group for other in rows):
                row["level1"], row["level2"] = above[group[0]], group[0]
        rows.sort(key=lambda row: classes.level2.index(row["level2"]))
    return {"year": 2024, "unit": {"code": "907001", "name": "柳溪镇"}, "projects": [project]}


def others(name: str) -> taxonomy.Taxonomy:
    """A taxonomy some of whose classes the county's does not know: sc-2023 knows all of cn-2015 by other names."""
    return taxonomy.load("cn-2021" if name == "sc-2023" else "cn-2015")


def made(path: Path | None, folder: Path, content: dict[str, Any]) -> Path:
    (workbook,) = perfxl.generate(content, rules=path, prefill="all", output=folder, force=True)
    assert workbook.path is not None
    return workbook.path


def classes_of(path: Path) -> taxonomy.Taxonomy:
    return taxonomy.load(perfxl.load_rules(path).taxonomies["project-target"])


def lists(data: bytes) -> dict[str, list[str]]:
    """The entries that each list of classes offers."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = {}
    for name, defined in book.defined_names.items():
        if name.startswith("px.l"):
            ((sheet, cells),) = defined.destinations
            whole = book[sheet][cells.replace("$", "")]
            found[name] = [cell.value for row in (whole if isinstance(whole, tuple) else ((whole,),)) for cell in row]
    return found


def hidden(data: bytes) -> list[dict[str, Any]]:
    """What the hidden sheet says of each sheet."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))["识别信息"]
    return [json.loads(row[1].value) for row in sheet.iter_rows() if row[1].value]


def codes(path: Path, rules: Path | None) -> set[str]:
    return {finding.code for finding in perfxl.check(path, rules=rules).findings}


def test_a_blank_begins_with_the_classes_of_the_county(county: tuple[str, Path], tmp_path: Path) -> None:
    name, path = county
    classes = classes_of(path)
    sheet = made(path, tmp_path / "out", records())
    offered = lists(sheet.read_bytes())
    assert offered["px.l1"] == list(classes.level1)
    assert [offered[f"px.l2.{at}"] for at in range(1, len(classes.levels) + 1)] == [*map(list, classes.levels.values())]
    (submission,) = perfxl.read(sheet).submissions
    assert submission.taxonomy == classes.id
    assert [row["level2"] for row in submission.record["indicators"] if row["level2"]] == BEGIN[name]
    groups = perfxl.load_rules(path).form(FORM).tables["indicators"].groups
    assert groups is not None
    assert list(groups.spare) == SPARE[name]
    assert hidden(sheet.read_bytes())[-1]["sent"]["taxonomy"] == classes.id
    book = openpyxl.load_workbook(sheet)
    hints = {validation.prompt for tab in book for validation in tab.data_validations.dataValidation}
    assert ("用钱、满意各至少1条，成效至少1条。" in hints) == (name == "of its own")


def test_what_comes_back_is_judged_by_the_classes_it_was_made_with(county: tuple[str, Path], tmp_path: Path) -> None:
    name, path = county
    right = made(path, tmp_path / "right", content := records(classes_of(path)))
    (submission,) = perfxl.read(right).submissions
    assert submission.record["indicators"] == content["projects"][0]["indicators"]
    judged = {"IN-02", "IN-03", "IN-05"}
    assert not [note for note in submission.notes if note.problem]
    for rules in (path, None):  # the workbook says it, whatever the county's file says by now
        assert not codes(right, rules) & judged
    wrong = made(path, tmp_path / "wrong", records(others(name)))
    assert "IN-02" in codes(wrong, path)
    assert "IN-02" not in codes(made(None, tmp_path / "plain", records(taxonomy.load("cn-2015"))), path)


def test_of_the_same_classes_the_county_says_which_are_required(tmp_path: Path) -> None:
    sent, ours = records(taxonomy.load("cn-2015")), tmp_path / "county.yaml"
    rows = sent["projects"][0]["indicators"]
    rows[:] = [row for row in rows if row["level2"] != "时效指标"]
    levels = json.dumps(taxonomy.load("cn-2015").levels, ensure_ascii=False, default=list)
    ours.write_text(f"taxonomy: {{project-target: {{levels: {levels}, required: [[数量指标], [质量指标]]}}}}", "utf-8")
    sheet = made(None, tmp_path / "out", sent)
    assert "IN-03" in codes(sheet, None)
    assert "IN-03" not in codes(sheet, ours)


@pytest.mark.parametrize("county", ["cn-2021", "of its own"], indirect=True)
def test_it_is_flagged_and_corrected_as_what_it_is(county: tuple[str, Path], tmp_path: Path) -> None:
    _, path = county
    sheet = made(path, tmp_path / "out", records(classes_of(path)))
    before = lists(sheet.read_bytes())
    perfxl.flag(sheet, rules=path, output=tmp_path / "flagged.xlsx")
    perfxl.correct(sheet, rules=path, output=tmp_path / "corrected.xlsx")
    for file in ("flagged.xlsx", "corrected.xlsx"):
        assert lists((tmp_path / file).read_bytes()) == before
        (submission,) = perfxl.read(tmp_path / file).submissions
        assert submission.taxonomy == classes_of(path).id
    assert (tmp_path / "corrected.xlsx").read_bytes() == sheet.read_bytes()


@pytest.mark.parametrize("county", ["cn-2021", "of its own"], indirect=True)
def test_records_are_judged_by_the_classes_of_the_county(county: tuple[str, Path]) -> None:
    name, path = county
    for classes, wrong in ((classes_of(path), False), (others(name), True)):
        found = {finding.code for finding in perfxl.check(records(classes), rules=path).findings}
        assert ("IN-02" in found, bool(found & {"IN-02", "IN-03"})) == (wrong, wrong)


@pytest.mark.parametrize("name", ["cn-2015", "cn-2021", "sc-2023"])
def test_without_its_hidden_sheet_a_workbook_has_the_classes_that_stand_in_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / "county.yaml"
    path.write_text(f"taxonomy: {{project-target: {name}}}", "utf-8")
    book = openpyxl.load_workbook(made(path, tmp_path / "out", records(taxonomy.load(name))))
    del book["识别信息"]
    book.save(tmp_path / "bare.xlsx")
    (submission,) = perfxl.read(tmp_path / "bare.xlsx").submissions
    assert "hidden_sheet" in submission.lost
    assert submission.taxonomy == ("" if name == "cn-2015" else name)


def test_the_forms_own_taxonomy_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "county.yaml"
    path.write_text("taxonomy: {project-target: cn-2015}", "utf-8")
    plain = made(None, tmp_path / "plain", records()).read_bytes()
    assert made(path, tmp_path / "out", records()).read_bytes() == plain
    assert "taxonomy" not in hidden(plain)[-1]["sent"]


@pytest.mark.parametrize("said", ["cn-2099", '{"levels":', '{"levels":{"甲":[]}}', "{"])
def test_a_workbook_with_a_taxonomy_that_nobody_knows(said: str, tmp_path: Path) -> None:
    path = tmp_path / "county.yaml"
    path.write_text(COUNTIES["cn-2021"], "utf-8")
    book = openpyxl.load_workbook(made(path, tmp_path / "out", records()))
    for row in book["识别信息"].iter_rows():
        told = json.loads(row[1].value)
        told["sent"] = {**told.get("sent", {}), "taxonomy": said}
        row[1].value = json.dumps(told)
    book.save(tmp_path / "strange.xlsx")
    with pytest.raises(UnusableForm) as raised:
        perfxl.read(tmp_path / "strange.xlsx")
    for lang in messages.languages():
        assert said in perfxl.sentence(raised.value, lang)
        assert "strange.xlsx" in perfxl.sentence(raised.value, lang)
