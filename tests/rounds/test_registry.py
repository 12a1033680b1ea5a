"""The registry of a round: read from any list that offices keep, every mistake named, written as it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import XLS, LibreOffice
from rounds.invented_registries import Change, Grid, invent, lay_out, plain

from perfxl import messages
from perfxl.errors import RegistryError
from perfxl.form import installed
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.changes import differences
from perfxl.rounds.registry.reading import read_registry
from perfxl.rounds.registry.words import headings_of, registry_words, split_heading
from perfxl.rounds.registry.workbook import write_registry

FORM = installed.load("project-target")
SEEDS = range(120)


def mistakes(path: Path, **options: str) -> list[tuple[str, int, str]]:
    """What is wrong with a file: the kind of each mistake, its row and its column."""
    with pytest.raises(RegistryError) as caught:
        read_registry(path, FORM, **options)
    for lang in messages.languages():
        assert "{" not in messages.sentence(caught.value, lang)
    return [(mistake.what, mistake.row, mistake.column) for mistake in caught.value.mistakes]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_invented_list_is_read_as_it_was_meant(seed: int, tmp_path: Path) -> None:
    registry = invent(seed)
    grid = lay_out(registry, seed)
    # the other format starts a process for every file
    path = grid.save(tmp_path / f"名册.{'csv' if seed % 12 == 0 else 'xlsx'}")
    assert read_registry(path, FORM) == registry


@pytest.mark.parametrize("seed", SEEDS)
def test_a_registry_that_was_written_is_read_back(seed: int, tmp_path: Path) -> None:
    registry = invent(seed)
    path = tmp_path / "名册.xlsx"
    path.write_bytes(write_registry(registry, FORM))
    assert read_registry(path, FORM) == registry


def test_an_old_workbook_is_read(office: LibreOffice, tmp_path: Path) -> None:
    for seed in (3, 8):
        registry = invent(seed)
        path = lay_out(registry, seed).save(tmp_path / f"{seed}.xlsx")
        old = office.convert(path, tmp_path / f"{seed}.xls", XLS)
        assert read_registry(old, FORM) == registry


SPOILED: dict[str, tuple[str, Any]] = {
    "total": ("not_a_number", "九万"), "disclosure": ("not_in_list", "内部"), "name": ("unreadable", "#REF!"),
    "parent": ("parent_unknown", "999999"), "deadline": ("not_a_date", "3月15日"), "control": ("not_a_number", "很多"),
    "unit.name": ("code_of_two", "清溪县水利局"),
}  # fmt: skip


@pytest.mark.parametrize("seed", [seed for seed in range(500, 600) if invent(seed).projects][:84])
def test_a_mistake_is_found_in_any_list(seed: int, tmp_path: Path) -> None:
    grid = lay_out(invent(seed), seed)
    keys = [*[*SPOILED][seed % len(SPOILED) :], *SPOILED]
    key, filled = next((key, found) for key in keys if (found := rows_to_spoil(grid, key)))
    nth = filled[seed % len(filled)]
    what, value = SPOILED[key]
    grid.put(key, nth, value)
    found = mistakes(grid.save(tmp_path / "名册.xlsx"))
    place = grid.place("unit.code" if key == "unit.name" else key, nth)
    assert (what, *place) in found or (key == "parent" and ("two_values", *place) in found)
    assert {kind for kind, _, _ in found} <= {what, "two_values", "parent_unknown"}


def rows_to_spoil(grid: Grid, key: str) -> list[int]:
    """The rows in which a value can be spoiled: one is there; of a unit's name another stands in the row above."""
    filled = [at for at, row in enumerate(grid.rows) if (row, grid.columns.get(key, 0)) in grid.cells]
    return [at for at in filled if at and repeats_the_unit(grid, at)] if key == "unit.name" else filled


def repeats_the_unit(grid: Grid, nth: int) -> bool:
    """True if a row states the unit of the row above again."""
    codes = [str(grid.cells.get((grid.rows[at], grid.columns["unit.code"]), "")) for at in (nth - 1, nth)]
    return int(codes[0] or 0) == int(codes[1] or 1)


LISTS: dict[str, list[list[Any]]] = {
    "code and name in one cell": [
        ["2024年项目表"],
        ["单位", "项目", "2024年预算数（万元）", "控制数(万元)"],
        ["907001柳溪镇", "路灯", 6.5, 20],
        [None, "修路", 9.5],
        ["907002 白果乡", "路灯", 4],
    ],
    "a row with the sum of each unit": [
        ["单位代码", "单位名称", "项目名称", "预算数", "控制数", "单位：万元"],
        ["907001", "柳溪镇", None, 16, 20],
        [None, None, "路灯", 6.5],
        [None, None, "修路", 9.5],
        ["907002", "白果乡", None, 4],
        [None, None, "路灯", 4],
    ],
    "subtotals above": [
        ["单位编码", "预算单位", "项目名称", "金额\n（元）", "控制数（万元）"],
        ["合计", None, None, 200000],
        ["柳溪镇小计", None, None, 160000],
        ["907001", "柳溪镇", "路灯", 65000, 20],
        [None, None, "修路", "9.5万元"],
        ["白果乡小计", None, None, 40000],
        ["907002", "白果乡", "路灯", 40000],
    ],
    "headings on every page": [
        ["单位代码", "单位名称", "项目名称", "预算数（万元）", "控制数（万元）"],
        ["907001", "柳溪镇", "路灯", 6.5, 20],
        ["单位代码", "单位名称", "项目名称", "预算数（万元）", "控制数（万元）"],
        ["907001", "柳溪镇", "修路", 9.5],
        ["907002", "白果乡", "路灯", 4],
    ],
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_other_shapes(name: str, tmp_path: Path) -> None:
    rows = enumerate(LISTS[name], start=1)
    grid = Grid(
        {(row, at): value for row, values in rows for at, value in enumerate(values, start=1) if value is not None}
    )
    found = read_registry(grid.save(tmp_path / "名册.xlsx"), FORM)
    assert found.units == (RegisteredUnit("907001", "柳溪镇", control=20.0), RegisteredUnit("907002", "白果乡"))
    assert [(project.unit, project.number, project.name, project.given) for project in found.projects] == [
        ("907001", 1, "路灯", {"budget.total": 6.5}), ("907001", 2, "修路", {"budget.total": 9.5}),
        ("907002", 1, "路灯", {"budget.total": 4.0}),
    ]  # fmt: skip


def test_projects_name_units_that_another_tab_has(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    projects, units = book.active, book.create_sheet("单位")
    for row in (
        ["单位名称", "项目名称", "预算数（万元）"],
        ["白果乡", "路灯", 4],
        ["柳溪镇", "路灯", 6.5],
        ["水利局", "清淤", 1],
    ):
        projects.append(row)
    for row in (["单位代码", "单位名称", "控制数（万元）"], ["907001", "柳溪镇", 20], ["907002", "白果乡", None]):
        units.append(row)
    path = tmp_path / "名册.xlsx"
    book.save(path)
    assert mistakes(path) == [("code_missing", 4, "A")]
    projects.delete_rows(4)
    book.save(path)
    found = read_registry(path, FORM)
    assert [unit.code for unit in found.units] == ["907001", "907002"]
    assert [(project.unit, project.given["budget.total"]) for project in found.projects] == [
        ("907002", 4.0),
        ("907001", 6.5),
    ]


MISTAKES: dict[str, tuple[Change, list[tuple[str, int, str]]]] = {
    "a code with two names": (lambda grid: grid.put("unit.name", 1, "柳溪乡"), [("code_of_two", 4, "A")]),
    "a name with two codes": (lambda grid: grid.put("unit.code", 1, "907003"), [
        ("unit_name_twice", 4, "A"), ("two_values", 4, "H")][:1]),
    "no name": (lambda grid: grid.put("unit.name", 2, None), [("name_missing", 5, "")]),
    "no code": (lambda grid: grid.put("unit.code", 2, None), [("code_missing", 5, "B")]),
    "no unit": (lambda grid: [grid.put(key, nth, None) for key in ("unit.code", "unit.name") for nth in (0, 1)], [
        ("unit_missing", 3, ""), ("unit_missing", 4, ""), ("parent_unknown", 5, "C")]),
    "an unknown unit above": (lambda grid: grid.put("parent", 2, "907009"), [("parent_unknown", 5, "C")]),
    "units above each other": (lambda grid: grid.put("parent", 0, "白果乡"), [
        ("parent_circle", 3, "C"), ("parent_circle", 5, "C")]),
    "an amount that is none": (lambda grid: grid.put("total", 1, "九万"), [("not_a_number", 4, "G")]),
    "an amount below zero": (lambda grid: grid.put("total", 1, -9.5), [("below_zero", 4, "G")]),
    "an error value": (lambda grid: grid.put("name", 1, "#REF!"), [("unreadable", 4, "F")]),
    "a formula without a result": (lambda grid: grid.put("total", 1, "=SUM(Z1:Z9)"), [("not_calculated", 4, "G")]),
    "two control totals": (lambda grid: grid.put("control", 1, 21), [("two_values", 4, "H")]),
    "projects above the control total": (lambda grid: [grid.put("control", nth, 15) for nth in (0, 1)], [("above_control", 3, "H")]),
    "a code twice in a unit": (lambda grid: grid.put("code", 1, "A1"), [("project_twice", 4, "E")]),
    "a name twice in a unit": (lambda grid: grid.put("name", 1, "路 灯"), [("project_twice", 4, "F")]),
    "a number twice in a unit": (lambda grid: grid.put("number", 1, 1), [("project_twice", 4, "D")]),
    "no number beside numbers": (lambda grid: grid.put("number", 1, None), [("number_missing", 4, "")]),
    "the number 0": (lambda grid: grid.put("number", 1, 0), [("not_a_number", 4, "D")]),
    "no project name": (lambda grid: grid.put("name", 1, None), [("project_name_missing", 4, "F")]),
    "half a date": (lambda grid: grid.put("deadline", 0, "3月15日"), [("not_a_date", 3, "I")]),
    "an unknown word of publication": (lambda grid: grid.put("disclosure", 2, "内部"), [("not_in_list", 5, "J")]),
    "another total": (lambda grid: grid.cells.update({(6, 7): 20.5}), [("total_differs", 6, "G")]),
    "a total in another unit": (lambda grid: grid.cells.update({(6, 7): 200000}), [("ten_thousand", 6, "G")]),
    "a total in a sentence": (lambda grid: grid.cells.update({(1, 1): "合计200,000.00万元"}), [("ten_thousand", 1, "A")]),
    "no unit of money": (lambda grid: grid.cells.update({(1, 9): None}), [("no_money_unit", 2, "G"), ("no_money_unit", 2, "H")]),
    "a unit of money for one column": (lambda grid: grid.cells.update({(1, 9): None, (2, 7): "预算数（单位：万元）"}), [("no_money_unit", 2, "H")]),
    "two units of money": (lambda grid: grid.cells.update({(1, 8): "单位：元"}), [("two_money_units", 2, "")]),
    "a heading twice": (lambda grid: grid.cells.update({(2, 11): "项目代码"}), [("heading_twice", 2, "K")]),
    "no heading of a unit": (lambda grid: grid.cells.update({(2, 1): "甲", (2, 2): "乙"}), [("no_headings", 0, "")]),
    "headings alone": (lambda grid: [grid.cells.pop(at) for at in list(grid.cells) if at[0] > 2], [("nothing_in_it", 0, "")]),
    "a unit's own sum": (lambda grid: grid.cells.update({(7, 1): "907002", (7, 7): 5}), [("total_differs", 7, "G")]),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place(name: str, tmp_path: Path) -> None:
    change, expected = MISTAKES[name]
    registry, grid = plain()
    path = grid.save(tmp_path / "名册.xlsx")
    assert read_registry(path, FORM) == registry, "nothing is wrong before"
    change(grid)
    assert mistakes(grid.save(path)) == expected


def test_all_mistakes_come_in_one_pass(tmp_path: Path) -> None:
    _, grid = plain()
    wrong = (
        "a code with two names",
        "an unknown unit above",
        "a number twice in a unit",
        "half a date",
        "another total",
    )
    for name in wrong:
        MISTAKES[name][0](grid)
    expected = sorted(mistake for name in wrong for mistake in MISTAKES[name][1])
    assert sorted(mistakes(grid.save(tmp_path / "名册.xlsx"))) == expected


def test_a_sentence_lists_twenty_and_counts_the_rest(tmp_path: Path) -> None:
    _, grid = plain()
    for row in range(7, 37):
        grid.cells.update(
            {(row, 1): "907001", (row, 2): "柳溪镇", (row, 4): row, (row, 6): f"项目{row}", (row, 7): "很多"}
        )
    with pytest.raises(RegistryError) as caught:
        read_registry(grid.save(tmp_path / "名册.xlsx"), FORM)
    assert len(caught.value.mistakes) == 30
    said = messages.sentence(caught.value)
    assert said.count("不是能用的数") == 20
    assert "第7行G列：“预算数”里的“很多”不是能用的数，请填数字；" in said
    assert said.endswith("；还有10处。")


@pytest.mark.parametrize(("asked", "factor"), [("元", 10000), ("万元", 1)])
def test_the_unit_of_money_is_taken_from_the_call_where_the_file_says_none(
    asked: str, factor: int, tmp_path: Path
) -> None:
    registry, grid = plain()
    grid.cells[1, 9] = None
    path = grid.save(tmp_path / "名册.xlsx")
    found = read_registry(path, FORM, asked)
    amounts = [project.given["budget.total"] for project in registry.projects]
    assert [project.given["budget.total"] * factor for project in found.projects] == pytest.approx(amounts)


def test_a_call_that_contradicts_the_file_is_refused(tmp_path: Path) -> None:
    registry, grid = plain()
    path = grid.save(tmp_path / "名册.xlsx")
    assert mistakes(path, money_unit="元") == [("money_differs", 2, "H")]
    assert read_registry(path, FORM, "万元") == registry


def test_a_list_of_units_has_each_once(tmp_path: Path) -> None:
    grid = Grid({(1, 1): "单位代码", (1, 2): "单位名称", (1, 3): "主管部门"})
    rows = (("907001", "柳溪镇", "柳溪镇"), ("907002", "白果乡", "907001柳溪镇"), ("907001", "柳溪镇", None))
    for row, values in enumerate(rows, start=2):
        grid.cells.update({(row, at): value for at, value in enumerate(values, start=1)})
    path = grid.save(tmp_path / "名册.xlsx")
    assert mistakes(path) == [("code_twice", 4, "A")]
    del grid.cells[4, 1], grid.cells[4, 2]
    units = read_registry(grid.save(path), FORM).units
    assert [unit.parent for unit in units] == ["", "907001"], "the uppermost unit names itself"


RUNNING: list[tuple[tuple[Any, Any, Any], list[int]]] = [
    ((1, 2, 3), [1, 2, 1]),  # numbers the rows of the list
    ((1, 2, 1), [1, 2, 1]),  # numbers each unit's projects
    ((2, 1, 1), [2, 1, 1]),
    ((1, 3, 1), [1, 3, 1]),  # one was dropped
    ((1, None, 2), [1, 2, 1]),  # numbers the units
    (("一", None, "二"), [1, 2, 1]),
]


@pytest.mark.parametrize(("written", "meant"), RUNNING)
def test_a_running_number_numbers_projects_where_it_begins_anew(
    written: tuple[Any, ...], meant: list[int], tmp_path: Path
) -> None:
    _, grid = plain()
    grid.cells[2, grid.columns["number"]] = "序号"
    for nth, number in enumerate(written):
        grid.put("number", nth, number)
    found = read_registry(grid.save(tmp_path / "名册.xlsx"), FORM)
    assert [project.number for project in found.projects] == meant


YAML = """money: 元
units:
- code: 0907001
  name: 柳溪镇
  control: 200000
  projects:
  - {number: 1, code: 1e5, name: 路灯, budget: {total: 65000}, disclosure: 公开}
  - {number: 2, name: 修路, budget.total: 9.5万元, disclosure: 涉密}
- {code: '907002', name: 白果乡, parent: 柳溪镇, deadline: 2024-03-15}
"""


ABOVE: dict[str, tuple[Any, ...]] = {
    "a name": ("主管部门", "清溪县教育局", None, RegisteredUnit("清溪县教育局", "清溪县教育局")),
    "a code and a name in one": ("主管部门", "205清溪县教育局", None, RegisteredUnit("205", "清溪县教育局")),
    "a code beside a name": ("主管部门代码", "205", "清溪县教育局", RegisteredUnit("205", "清溪县教育局")),
    "a code alone": ("主管部门代码", "205", None, None),
    "a code beside the name of another unit": ("主管部门代码", "205", "一中", None),
    "a code of another unit beside a name": ("主管部门", "205001清溪县教育局", None, None),
}


@pytest.mark.parametrize("case", ABOVE)
def test_a_unit_that_others_name_above_them_needs_no_row(case: str, tmp_path: Path) -> None:
    heading, above, name, unit = ABOVE[case]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([heading, "主管部门名称", "单位代码", "单位名称", "项目名称", "预算数（元）"])
    for code, own in (("205001", "一中"), ("205002", "二中")):
        sheet.append([above, name, code, own, "校舍修缮", 65000])
    path = tmp_path / "名册.xlsx"
    book.save(path)
    if unit is None:
        assert mistakes(path) == [("parent_unknown", 2, "A"), ("parent_unknown", 3, "A")]
        return
    found = read_registry(path, FORM)
    assert found.named_above == (unit.name,)
    assert found.units[2] == unit
    assert [one.parent for one in found.units[:2]] == [unit.code] * 2
    written = tmp_path / "改.xlsx"
    written.write_bytes(write_registry(found, FORM))
    again = read_registry(written, FORM)
    assert sorted(again.units, key=str) == sorted(found.units, key=str)
    assert not again.named_above


def test_yaml_is_read_and_its_mistakes_have_lines(tmp_path: Path) -> None:
    path = tmp_path / "名册.yaml"
    path.write_text(YAML, encoding="utf-8")
    first = RegisteredProject("0907001", FORM.name, 1, "1e5", "路灯", {"budget.total": 6.5})
    second = replace(first, number=2, code="", name="修路", given={"budget.total": 9.5}, disclosure="secret")
    assert read_registry(path, FORM) == Registry(
        (
            RegisteredUnit("0907001", "柳溪镇", control=20.0),
            RegisteredUnit("907002", "白果乡", "0907001", deadline="2024-03-15"),
        ),
        (first, second),
    )
    path.write_text(YAML.replace("number: 2", "number: 1").replace("parent: 柳溪镇", "parent: 柳"), encoding="utf-8")
    assert mistakes(path) == [("project_twice", 8, ""), ("parent_unknown", 9, "")]
    for text in ("", "# 空\n", "units: []\n"):
        path.write_text(text, encoding="utf-8")
        assert mistakes(path) == [("nothing_in_it", 0, "")]


@pytest.mark.parametrize("name", installed.names())
def test_every_form_has_its_registry(name: str, tmp_path: Path) -> None:
    """Where a unit has one record of a form, every unit is asked for it; headings name the form's own fields."""
    form = installed.load(name)
    project = RegisteredProject("907001", name, 1 if form.many else 0, "", "路灯" if form.many else form.label)
    registry = Registry((RegisteredUnit("907001", "柳溪镇"),), (project,))
    path = tmp_path / "名册.xlsx"
    path.write_bytes(write_registry(registry, form))
    assert read_registry(path, form) == registry


def test_a_workbook_to_edit_is_one_that_excel_opens(complaints: Callable[[bytes], list[Any]]) -> None:
    data = write_registry(invent(5), FORM)
    assert complaints(data) == []
    assert write_registry(invent(5), FORM) == data


def test_every_heading_names_its_column() -> None:
    for column, words in registry_words().headings.items():
        for word in words:
            assert headings_of(FORM)[split_heading(word).words] == column
            for spelling in (f" {word[0]} {word[1:]}", f"*{word}", f"{word}：", f"{word}（元）", f"{word}(单位:万元)"):
                assert headings_of(FORM)[split_heading(spelling).words] == column


CHANGES: list[tuple[str, Callable[[Registry], Registry], list[tuple[str, str, Any, Any]]]] = [
    ("nothing", lambda old: old, []),
    ("another order", lambda old: Registry(old.units[::-1], old.projects[::-1]), []),
    ("an amount", lambda old: with_project(old, 0, given={"budget.total": 7.0}), [("changed", "budget.total", 6.5, 7.0)]),
    ("no amount", lambda old: with_project(old, 0, given={}), [("changed", "budget.total", 6.5, None)]),
    ("a project's name", lambda old: with_project(old, 0, name="灯"), [("changed", "name", "路灯", "灯")]),
    ("a project's code", lambda old: with_project(old, 0, code="A9"), [("changed", "code", "A1", "A9")]),
    ("another number", lambda old: with_project(old, 0, number=9), [
        ("dropped", "", "路灯", None), ("added", "", None, "路灯")]),
    ("a unit's name", lambda old: replace(old, units=(replace(old.units[0], name="柳溪乡"), old.units[1])), [
        ("changed", "name", "柳溪镇", "柳溪乡")]),
    ("a unit less", lambda old: Registry(old.units[:1], old.projects[:2]), [
        ("dropped", "", "白果乡", None), ("dropped", "", "路灯", None)]),
]  # fmt: skip


def with_project(registry: Registry, at: int, **changes: Any) -> Registry:
    projects = list(registry.projects)
    projects[at] = replace(projects[at], **changes)
    return replace(registry, projects=tuple(projects))


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_what_importing_again_would_change(
    change: Callable[[Registry], Registry], expected: list[tuple[str, str, Any, Any]]
) -> None:
    old, _ = plain()
    found = differences(old, change(old))
    assert [(found.kind, found.path, found.before, found.after) for found in found] == expected


def test_a_grid_can_be_wrong() -> None:
    """The generator makes lists of many shapes: else the laws above say little."""
    grids: list[Grid] = [lay_out(invent(seed), seed) for seed in SEEDS]
    assert {grid.money for grid in grids} == {"元", "万元"}
    assert len({tuple(grid.columns) for grid in grids}) > 100
    assert {grid.header for grid in grids} == {4, 5, 6}
