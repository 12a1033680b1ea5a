"""The units of an invented county and their projects, drawn from examples/county.yaml by a seed.

No check finds an error or a warning in any project: mistakes are what people type into the sheets later.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from perfxl.form import code_scheme
from perfxl.form.installed import load

YEAR, FORM = 2024, load("project-target")
PHASE, DEADLINE, OFFICE, PHONE = "一上", "2024-03-15", "财政局绩效股", "0000-8160001"
WORDS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix("").with_name("county.yaml").read_text("utf-8"))
FEWEST, LARGE = 3, 64
"""The fewest projects of a unit; the projects of a large one, whose workbook is split when it is issued."""


@dataclass(frozen=True)
class Project:
    """A project with all that is to be typed into its sheet; ``secret``: 涉密, of which nothing is issued."""

    number: int
    code: str
    name: str
    record: Mapping[str, Any]
    secret: bool = False


@dataclass(frozen=True)
class Unit:
    """A unit with its projects; an office that has only units below it has none. ``parent``: the code of that above."""

    code: str
    name: str
    parent: str = ""
    projects: tuple[Project, ...] = ()
    contact: str = ""
    phone: str = ""

    @property
    def total(self) -> float:
        """The sum of its projects in 万元 (ten thousand yuan)."""
        return round(sum(project.record["budget"]["total"] for project in self.projects), 2)

    @property
    def control(self) -> float:
        """Its control total in 万元."""
        return round(self.total + 1, 2)


@dataclass(frozen=True)
class County:
    """All units in the order of the registry, every one after the unit above it."""

    units: tuple[Unit, ...]

    @property
    def asked(self) -> tuple[Unit, ...]:
        """The units that are asked for projects."""
        return tuple(unit for unit in self.units if unit.projects)


def invent_county(units: int, projects: int, seed: int) -> County:
    """Return a county of so many units that are asked, with so many projects in all."""
    rng = random.Random(seed)
    made: list[Unit] = []
    serials = iter(rng.sample(range(10_000, 9_999_999), projects))
    counts = iter(_share_out(units, projects, rng))
    for code, name, mark, below in _offices(units, rng):
        made.append(Unit(code, name))
        for at, title in enumerate(below, start=1):
            above = f"{code}{at - at % 4:03d}" if at % 4 and at > 4 else code  # the fourth of them leads three others
            own = tuple(_invent_projects(next(counts), mark, serials, rng))
            contact = rng.choice(WORDS["contacts"]) + rng.choice(("老师", "会计", "主任"))
            phone = f"0000-816{rng.randrange(10_000):04d}"
            made.append(Unit(f"{code}{at:03d}", title, above, own, contact, phone))
    return County(tuple(made))


def _share_out(units: int, projects: int, rng: random.Random) -> list[int]:
    """Return how many projects each unit has: few have many, and one has more than a workbook holds."""
    counts = [FEWEST] * units
    if projects >= 10 * units >= 1000:
        counts[0] = LARGE
    weights = [rng.paretovariate(1.6) for _ in counts]
    for at in rng.choices(range(units), weights, k=projects - sum(counts)):
        counts[at] += 1
    return counts


def _offices(units: int, rng: random.Random) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield the code, name, document mark and names of the units below of each office and township."""
    county, places = WORDS["county"], WORDS["townships"]
    share = max(3, -(-units // (len(WORDS["offices"]) + len(places["names"]))))
    offices = [(f"{county}{name}", mark, _below(county, name, titles)) for name, mark, titles in WORDS["offices"]]
    towns = [
        (f"{county}{name}镇", f"{name}政发", [f"{county}{name}镇{title}" for title in places["below"]])
        for name in places["names"]
    ]
    left = units
    for at, (name, mark, titles) in enumerate(offices + towns):
        here = min(left, share if at + 1 < len(offices + towns) else left)
        if here:
            yield f"{101 + at}", name, mark, _enough(titles, here)
        left -= here


def _below(county: str, name: str, titles: list[str]) -> list[str]:
    numbers = "一二三四五六七八九"
    return [f"{county}{name}本级", *(f"{county}{title.replace('N', at)}" for at, title in product(numbers, titles))]


def _enough(titles: list[str], count: int) -> list[str]:
    """Return so many names; where there are too few, numbered ones."""
    return [titles[at] if at < len(titles) else f"{titles[at % len(titles)]}{at}" for at in range(count)]


def _invent_projects(count: int, mark: str, serials: Iterator[int], rng: random.Random) -> Iterator[Project]:
    """Yield a unit's projects, no two of one name."""
    kinds, areas = WORDS["kinds"], [_place(rng) for _ in range(1 + count // 12)]
    chosen = rng.sample([*product(range(len(kinds)), range(6), dict.fromkeys(areas))], count)
    for number, (kind, subject, place) in enumerate(chosen, start=1):
        record = _invent_record(kinds[kind], kinds[kind]["subjects"][subject], place, mark, rng)
        name = record.pop("name")
        yield Project(number, _code(next(serials)), name, {"number": number, "name": name, **record})


def _place(rng: random.Random) -> str:
    return rng.choice(WORDS["places"]["first"]) + rng.choice(WORDS["places"]["second"])


def _code(serial: int) -> str:
    scheme = code_scheme.load("hebei-2024")
    begin = f"990199{YEAR % 100}P{serial:011d}"
    return f"{begin}{code_scheme.check_character(begin, scheme)}"


def _invent_record(kind: Mapping[str, Any], subject: str, place: str, mark: str, rng: random.Random) -> dict[str, Any]:
    """Return a project of a kind: its texts agree with its numbers, its money with its quantities."""
    numbers = {key: rng.randrange(*kind[key]) for key in ("n", "m") if key in kind}
    price = rng.choice(kind.get("price", [0]))
    factor = {"free": 0, "n*price": 1, "n*price*12": 12}[kind["amount"]]
    total = numbers["n"] * price * factor / 10_000 if factor else rng.randrange(300, 9000) / 100
    told = numbers | {
        "subject": subject, "place": place, "price": price, "total": f"{total:g}", "month": rng.choice((10, 11)),
        "rate": rng.randint(91, 98), "sat": rng.randint(90, 97), "low": rng.randint(80, 90), "few": rng.randint(5, 15),
        "worth": rng.randrange(2000, 6000, 100),
        "doc": f"（清{mark}〔{rng.choice((2021, 2022, 2023))}〕{rng.randint(3, 98)}号）",
    }  # fmt: skip
    other = round(total * rng.choice((0, 0, 0, 0.1, 0.25)), 2)
    levels = {"服": "满意度指标", "经": "效益指标", "社": "效益指标", "生": "效益指标", "可": "效益指标"}
    columns = ("level3", "description", "target", "basis")
    return {
        "name": kind["name"].format(**told),
        "budget": {"total": total, "fiscal": round(total - other, 2), "other": other or None},
        "purpose": kind["purpose"].format(**told),
        "plan": dict(zip(("march", "june", "october", "december"), kind["plan"], strict=True)),
        "goals": [goal.format(**told) for goal in kind["goals"]],
        "indicators": [
            {"level1": levels.get(level[0], "产出指标"), "level2": level}
            | {column: text.format(**told) for column, text in zip(columns, texts, strict=True)}
            for level, *texts in kind["rows"]
        ],
    }


def write_registry(county: County, path: Path) -> None:
    """Write the registry as a finance bureau keeps it: two rows of headings, in 元, merged, with sums and a total."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("项目名册")
        sheet.write(0, 0, f"{WORDS['county']}{YEAR}年项目支出预算名册")
        sheet.merge_range(2, 0, 2, 2, "单位")
        sheet.write_row(3, 0, ("代码", "名称", "主管部门"))
        headings = ("联系人", "联系电话", "项目序号", "项目编码", "项目名称", "是否涉密")
        for column, heading in enumerate(headings, start=3):
            sheet.merge_range(2, column, 3, column, heading)
        sheet.merge_range(2, 9, 2, 10, "预算金额（元）")
        sheet.write_row(3, 9, ("合计", "控制数"))
        row = 4
        for unit in county.units:
            row = _write_unit(sheet, row, unit)
        sheet.write_row(row, 0, ("合计", *[""] * 8, round(sum(unit.total for unit in county.units) * 10_000)))
        sheet.write(row + 2, 0, "注：本表由财政局预算股提供。")


def _write_unit(sheet: Any, row: int, unit: Unit) -> int:
    """Write a unit's rows; what stands once for it stands in its first row. Return the row after them."""
    sheet.write_row(row, 0, (unit.code, unit.name, unit.parent, unit.contact, unit.phone))
    for project in unit.projects:
        total = round(project.record["budget"]["total"] * 10_000)
        secret = "是" if project.secret else "否"
        sheet.write_row(row, 5, (project.number, project.code, project.name, secret, total))
        if project is unit.projects[0]:
            sheet.write(row, 10, round(unit.control * 10_000))
        row += 1
    return row if unit.projects else row + 1
