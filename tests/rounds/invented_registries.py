"""Invented registries, and the lists in which offices keep them: drawn from a seed, with what each must be read as."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.words import registry_words

FORM = "project-target"
TOWNSHIPS = ("柳溪镇人民政府", "元氏街道办事处", "清溪县教育局", "白果乡人民政府", "110指挥中心", "县总工会")
PROJECTS = (
    "村民小组长误工补贴",
    "道路硬化（二期）",
    "公共厕所改造",
    "河道清淤",
    "2024年防火物资",
    "小计算机采购",
    "合作社扶持",
    "路灯",
)
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
NOT_MONEY = (
    "running",
    "number",
    "code",
    "name",
    "disclosure",
    "secret",
    "unit",
    "parent",
    "contact",
    "phone",
    "deadline",
)
KEYS = {
    "code": "project.code", "name": "project.name", "number": "project.number", "running": "project.running",
    "disclosure": "project.disclosure", "secret": "project.secret", "unit.code": "unit.code", "unit.name": "unit.name",
    "parent": "unit.parent", "contact": "unit.contact", "phone": "unit.phone", "deadline": "unit.deadline",
    "control": "unit.control", "total": "given.budget.total", "fiscal": "given.budget.fiscal", "other": "given.budget.other",
}  # fmt: skip
MONEY = ("control", "total", "fiscal", "other")


@dataclass
class Grid:
    """A list as it stands in a sheet: values by (row, column) from 1, merges, and where everything is.

    ``rows``: the row of each project or bare unit; ``columns``: the column of each key.
    """

    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    header: int = 0
    money: str = "万元"

    def place(self, key: str, nth: int = 0) -> tuple[int, str]:
        """The row and the column letters of a record's value."""
        return self.rows[nth], get_column_letter(self.columns[key])

    def put(self, key: str, nth: int, value: Any) -> None:
        self.cells[self.rows[nth], self.columns[key]] = value

    def save(self, path: Path) -> Path:
        rows = max(row for row, _ in self.cells)
        columns = max(column for _, column in self.cells)
        if path.suffix == ".csv":
            with path.open("w", encoding="gb18030", newline="") as stream:
                lines = [[self.cells.get((row, at)) for at in range(1, columns + 1)] for row in range(1, rows + 1)]
                csv.writer(stream).writerows(lines)
            return path
        book = openpyxl.Workbook()
        sheet = book.active
        for (row, column), value in self.cells.items():
            sheet.cell(row, column, value)
        for first, left, last, right in self.merges:
            sheet.merge_cells(start_row=first, start_column=left, end_row=last, end_column=right)
        book.save(path)
        return path


def invent(seed: int) -> Registry:
    """A registry: every unit with a code and name, some with nothing else."""
    rng = random.Random(seed)
    units, projects = [], []
    for at, name in enumerate(rng.sample(TOWNSHIPS, rng.randint(1, 4))):
        code = f"{907001 + at * rng.choice((1, 1000))}"
        if any(unit.code == code for unit in units):
            code = f"{908001 + at}"
        own = []
        for number, title in enumerate(rng.sample(PROJECTS, rng.randint(0, 5)), start=1):
            fiscal, other = (Decimal(rng.randint(1, 90000)) / 100 for _ in range(2))
            given: dict[str, float] = {"budget.total": float(fiscal + other), "budget.fiscal": float(fiscal)}
            if rng.random() < 0.6:
                given["budget.other"] = float(other)
            own.append(RegisteredProject(
                code, FORM, number, f"1300{seed:04d}24P{at}{number:03d}" if rng.random() < 0.8 else "", title, given,
                rng.choice(("open", "open", "closed", "secret")),
            ))  # fmt: skip
        total = sum((Decimal(str(project.given["budget.total"])) for project in own), Decimal(0))
        units.append(RegisteredUnit(
            code, name,
            parent=units[0].code if units and rng.random() < 0.5 else "",
            contact=rng.choice(("", "张三", "李 四")),
            phone=rng.choice(("", "0335-7051234", "13900001111")),
            control=float(total + rng.randint(0, 3)) if rng.random() < 0.5 else None,
            deadline=rng.choice(("", "2024-03-15")),
        ))  # fmt: skip
        projects += own
    return Registry(tuple(units), tuple(projects))


def lay_out(registry: Registry, seed: int) -> Grid:
    """The registry as one list, a project a row: columns in any order, any headings, one or two rows of them, sums."""
    rng = random.Random(seed * 7919 + 1)
    grid = Grid(money=rng.choice(("元", "万元")))
    two_rows, numbers = rng.random() < 0.5, rng.choice(("number", "running", "through", ""))
    groups = [
        ["unit.code", "unit.name"],
        ["code", "name"],
        ["total", "fiscal", "other"],
        ["control"],
        ["parent"],
        ["contact"],
        ["phone"],
        ["deadline"],
    ]
    groups.append(
        ["secret"]
        if rng.random() < 0.3 and all(p.disclosure != "closed" for p in registry.projects)
        else ["disclosure"]
    )
    if numbers:
        groups.append(["number" if numbers == "number" else "running"])
    rng.shuffle(groups)
    for key in (key for group in groups for key in group):
        grid.columns[key] = len(grid.columns) + 1
    top = _above(grid, rng)
    grid.header = top + (1 if two_rows else 0)
    by_heading = rng.random() < 0.5
    for group in groups:
        _head(grid, group, top, two_rows, rng, by_heading)
    if not by_heading:
        grid.cells[top - 1, len(grid.columns)] = rng.choice(("单位：{}", "金额单位:{}", "单 位： {}")).format(
            grid.money
        )
    row = grid.header + 1
    if rng.random() < 0.2:
        for at in range(1, len(grid.columns) + 1):
            grid.cells[row, at] = "甲乙丙丁"[at - 1] if at < 5 else at - 4
        row += 1
    _fill(grid, registry, row, rng, numbers)
    return grid


def _above(grid: Grid, rng: random.Random) -> int:
    """Put titles and notes above; return the row in which the headings begin."""
    grid.cells[1, 1] = rng.choice(("清溪县2024年项目名册", "2024年预算项目表（共若干项目）", "附件1"))
    if rng.random() < 0.5:
        grid.merges.append((1, 1, 1, len(grid.columns)))
    if rng.random() < 0.4:
        grid.cells[2, 1] = "填报单位：元氏县财政局"
    return rng.randint(4, 5)


def _head(grid: Grid, group: list[str], top: int, two_rows: bool, rng: random.Random, by_heading: bool) -> None:
    """Put a group's headings into one row, or two."""
    words = {key: rng.choice(registry_words().headings[KEYS[key]]) for key in group}
    unit = rng.choice(("（{}）", "({})", "/{}", "（单位：{}）")).format(grid.money) if by_heading else ""
    upper = {"unit.code": ("单位", {"unit.code": "代码", "unit.name": "名称"}), "code": ("项目", {"code": "编码", "name": "名 称"}),
             "total": (f"预算金额{unit}", {"total": "合计", "fiscal": "其中：财政资金", "other": "其他资金"})}  # fmt: skip
    if two_rows and group[0] in upper and rng.random() < 0.7:
        first, below = upper[group[0]]
        left = grid.columns[group[0]]
        grid.cells[top, left] = first
        grid.merges.append((top, left, top, left + len(group) - 1))
        grid.cells.update({(top + 1, grid.columns[key]): text for key, text in below.items()})
        return
    for key, text in words.items():
        mark = rng.choice(("", "", "*", "其中：" if key == "fiscal" else ""))
        grid.cells[top, grid.columns[key]] = f"{mark}{text}{unit if key in MONEY else ''}"
        if two_rows:
            grid.merges.append((top, grid.columns[key], top + 1, grid.columns[key]))


def _fill(grid: Grid, registry: Registry, row: int, rng: random.Random, numbers: str) -> None:
    """Put the rows: each unit's projects, a row for a unit without any, sums above or below."""
    sums, carried, repeated = rng.choice(("", "bottom", "top", "sub")), rng.random() < 0.6, rng.random() < 0.5
    words = next(key for key in grid.columns if key in NOT_MONEY or key.startswith("unit."))
    if sums == "top":
        _sum(grid, row, "合  计", registry.projects, words)
        row += 1
    through = 0
    for unit in registry.units:
        projects = [project for project in registry.projects if project.unit == unit.code]
        first = row
        for nth, project in enumerate(projects or [None]):
            grid.rows.append(row)
            if nth == 0 or not carried:
                _put_unit(grid, row, unit, rng, registry, whole=nth == 0 or repeated)
            through += 1
            if project is None and numbers == "through":
                grid.cells[row, grid.columns["running"]] = through
            elif project is not None:
                _put_project(grid, row, project, rng, {"through": through}.get(numbers, project.number))
            row += 1
        if carried and row - first > 1:
            grid.merges += [
                (first, grid.columns[key], row - 1, grid.columns[key]) for key in ("unit.code", "unit.name", "control")
            ]
        if sums == "sub" and projects:
            _sum(grid, row, rng.choice(("小计", "小计：", f"{unit.name}小计")), projects, words)
            row += 1
    if sums in ("bottom", "sub"):
        _sum(grid, row, "合计", registry.projects, words)
        row += 1
    if rng.random() < 0.3:
        grid.cells[row + 1, 1] = "注：本表由财政局填写"
        grid.cells[row + 2, 1] = "制表人：张三　　　审核：李四"


def _put_unit(grid: Grid, row: int, unit: RegisteredUnit, rng: random.Random, registry: Registry, whole: bool) -> None:
    grid.cells[row, grid.columns["unit.code"]] = rng.choice(
        (unit.code, int(unit.code), f" {unit.code}", unit.code.translate(FULL_WIDTH))
    )
    grid.cells[row, grid.columns["unit.name"]] = rng.choice((unit.name, f"{unit.name} "))
    if not whole:
        return
    names = {other.code: other.name for other in registry.units}
    if unit.parent:
        grid.cells[row, grid.columns["parent"]] = (
            unit.parent,
            names[unit.parent],
            f"{unit.parent}{names[unit.parent]}",
        )[int(unit.code) % 3]
    for key in ("contact", "phone", "deadline"):
        if value := getattr(unit, key):
            grid.cells[row, grid.columns[key]] = value
    if unit.control is not None:
        grid.cells[row, grid.columns["control"]] = _amount(unit.control, grid.money, rng)


def _put_project(grid: Grid, row: int, project: RegisteredProject, rng: random.Random, number: int) -> None:
    values: dict[str, Any] = {
        "code": project.code or None,
        "name": project.name,
        "number": project.number,
        "running": number,
    }
    words = registry_words()
    values["disclosure"] = rng.choice(
        (*words.disclosure[project.disclosure], *([None] if project.disclosure == "open" else []))
    )
    values["secret"] = rng.choice(words.secret.get(project.disclosure, ("",)))
    for key in ("total", "fiscal", "other"):
        if (value := project.given.get(f"budget.{key}")) is not None:
            values[key] = _amount(value, grid.money, rng)
    grid.cells.update(
        {(row, grid.columns[key]): value for key, value in values.items() if key in grid.columns and value is not None}
    )


def _amount(value: float, money: str, rng: random.Random) -> float | str:
    """An amount in a spelling that people use."""
    wan = Decimal(str(value))
    amount = wan * 10000 if money == "元" else wan
    return rng.choice((
        float(amount), float(amount), f"{amount:,.2f}", f"{amount:.2f}".translate(FULL_WIDTH), f"{wan}万元",
        f"{wan * 10000:f}元", f"  {amount:.2f} ",
    ))  # fmt: skip


def _sum(grid: Grid, row: int, text: str, projects: Any, words: str) -> None:
    """Put a row of sums."""
    grid.cells[row, grid.columns[words]] = text
    for key in ("total", "fiscal", "other"):
        total = sum((Decimal(str(project.given.get(f"budget.{key}", 0))) for project in projects), Decimal(0))
        grid.cells[row, grid.columns[key]] = float(total * 10000 if grid.money == "元" else total)


Change = Callable[[Grid], None]


def plain() -> tuple[Registry, Grid]:
    """One list that is the same every time: two units, three projects, columns in the order of registry.yaml."""
    keys = ("unit.code", "unit.name", "parent", "number", "code", "name", "total", "control", "deadline", "disclosure")
    grid = Grid(columns={key: at for at, key in enumerate(keys, start=1)}, header=2)
    headings = registry_words().headings
    grid.cells = {(1, 1): "名册", (1, 9): "单位：万元"} | {
        (2, at): headings[KEYS[key]][0] for key, at in grid.columns.items()
    }
    rows = (
        ("907001", "柳溪镇", None, 1, "A1", "路灯", 6.5, 20, "2024-03-15", "公开"),
        ("907001", "柳溪镇", None, 2, "A2", "修路", 9.5, 20, None, "不公开"),
        ("907002", "白果乡", "907001", 1, "B1", "路灯", 4, None, None, None),
    )
    for row, values in enumerate(rows, start=3):
        grid.rows.append(row)
        grid.cells.update({(row, at): value for at, value in enumerate(values, start=1) if value is not None})
    grid.cells |= {(6, 1): "合计", (6, 7): 20}
    units = (
        RegisteredUnit("907001", "柳溪镇", control=20.0, deadline="2024-03-15"),
        RegisteredUnit("907002", "白果乡", parent="907001"),
    )
    first = RegisteredProject("907001", FORM, 1, "A1", "路灯", {"budget.total": 6.5})
    second = replace(first, number=2, code="A2", name="修路", given={"budget.total": 9.5}, disclosure="closed")
    third = RegisteredProject("907002", FORM, 1, "B1", "路灯", {"budget.total": 4.0})
    return Registry(units, (first, second, third)), grid
