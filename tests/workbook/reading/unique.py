"""Workbooks in which no answer stands twice, so that a value that was read tells whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from office.desk import Sketch

from perfxl.form import installed as forms
from perfxl.form.answers import Answers, flatten
from perfxl.form.form import Field, Form
from perfxl.form.layout import Box
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

Records = dict[str, Any]
Key = tuple[str, int]
"""Whose a sheet is: the unit's code and the project's number (0 on a unit's own form)."""

WORDS = "甲乙丙丁戊己庚辛壬癸"
LEVELS = (
    *(("产出指标", each) for each in ("数量指标", "数量指标", "质量指标", "时效指标", "成本指标")),
    *(("效益指标", each) for each in ("社会效益指标", "可持续影响指标")),
    ("满意度指标", "服务对象满意度指标"),
)


def _project(which: int) -> Records:
    word = WORDS[which]
    return {
        "code": f"99019924P007312101{which:02d}X",
        "name": f"{word}渠修缮",
        "budget": {"total": 500.25 + which, "fiscal": 400.5 + which, "other": 90.75 + which},
        "purpose": f"用于{word}渠清淤和护坡。",
        "plan": {"march": 2 + which, "june": 21 + which, "october": 41 + which, "december": 81 + which},
        "goals": [f"完成{word}渠清淤。", f"{word}渠护坡通过验收。"],
        "indicators": [
            {
                "level1": level1,
                "level2": level2,
                "level3": f"{word}村{WORDS[at]}项数量",
                "description": f"{word}村{WORDS[at]}项的实际完成数",
                "target": f"{which}{at}7个",
                "basis": f"{word}村{WORDS[at]}项实施方案",
            }
            for at, (level1, level2) in enumerate(LEVELS)
        ],
    }


def _central(which: int) -> Records:
    word = WORDS[which]
    return {
        "name": f"{word}站建设",
        "department": f"清溪县{word}水利局",
        "agency": f"柳溪镇{word}水务站",
        "nature": "延续项目",
        "period": f"{which + 2}年",
        "funds": {
            "mid": {"total": 900.5 + which, "fiscal": 800.5 + which, "carried": 60.5 + which, "other": 30.5 + which},
            "year": {"total": 700.5 + which, "fiscal": 500.5 + which, "carried": 150.5 + which, "other": 40.25 + which},
        },
        "goals": {"mid": f"建成{word}站点十二个。", "year": f"建成{word}站点四个。"},
        "indicators": [
            {
                "level1": level1,
                "mid": {"level2": level2, "level3": f"{word}站{WORDS[at]}中期数", "target": f"{which}{at}6个"},
                "year": {"level2": level2, "level3": f"{word}站{WORDS[at]}年度数", "target": f"{which}{at}3个"},
            }
            for at, (level1, level2) in enumerate(LEVELS)
        ],
    }


def _department(other: bool) -> Records:
    words = WORDS[5:] if other else WORDS[:5]
    return {
        "overall": f"全{words[0]}镇水利设施完好，群众用水有保障。",
        "contact": {"person": f"林{words[0]}秋", "phone": "0319-8160002" if other else "0319-8160001"},
        "areas": [
            {
                "name": f"{area}领域",
                "parts": [
                    {
                        "name": f"{area}{part}子领域",
                        "goal": f"{area}{part}目标如期完成。",
                        "indicators": [f"{area}{part}完成率", f"{area}{part}合格率"],
                        "projects": [f"{area}{part}工程"],
                    }
                    for part in words[:3]
                ],
            }
            for area in words[:3]
        ],
        "measures": [f"{word}项措施落实到人。" for word in words[:4]],
    }


def records(form: Form, projects: int, other: bool = False) -> Records:
    """Records of an invented unit, or of another one."""
    held: Records = {
        "year": 2024,
        "unit": {"code": "907002" if other else "907001", "name": f"清溪县柳溪{'乡' if other else '镇'}人民政府本级"},
        "projects": [],
    }
    if form.record == "department":
        return {**held, "department": _department(other)}
    make = _central if form.name == "central-target" else _project
    first = 5 if other else 1
    held["projects"] = [{"number": at + 1, **make(first + at)} for at in range(projects)]
    return held


@dataclass(frozen=True, eq=False)
class Truth:
    """One sheet as it was sent back: its head's values, its tables' rows."""

    key: Key
    form: Form
    page: Page
    answers: Answers

    def typed(self) -> Iterator[tuple[str, Field, Any]]:
        """Every value that a unit types and that stands nowhere else: what it is of, its field, the value."""
        for id, value in self.answers.head.items():
            asked = self.form.fields[id]
            if value is not None and not asked.given:
                yield id, asked, value
        for table, rows in self.answers.rows.items():
            for index, row in enumerate(rows):
                for id, value in row.items():
                    if value is not None and not shared(self.form, table, id):
                        yield f"{table}[{index}].{id}", self.form.tables[table].columns[id], value


def shared(form: Form, table: str, column: str) -> bool:
    """Whether a column's words stand in many rows: classes, and outer values that repeat."""
    asked = form.tables[table].columns[column]
    return asked.type.name == "choice" or asked.repeat == "hidden"


@dataclass(frozen=True)
class KindOfWorkbook:
    """A kind of workbook that people work on: its form, how many projects it holds (the middle one is changed)."""

    chinese: str
    form: str
    projects: int = 1


CASES = {
    "project": KindOfWorkbook("一项目一簿", "project-target"),
    "unit": KindOfWorkbook("一单位一簿（三个项目）", "project-target", 3),
    "department": KindOfWorkbook("部门整体绩效目标", "department-goals"),
    "central": KindOfWorkbook("申报表", "central-target"),
}


@dataclass(frozen=True)
class Case:
    """A workbook that people work on: where it stands, what it holds, what a person sees on the sheet to be changed.

    ``other``: a workbook of another unit, with its sheet ``foreign``.
    """

    name: str
    path: Path
    truths: tuple[Truth, ...]
    changed: Truth
    sketch: Sketch
    other: Path
    foreign: Truth
    foreign_sketch: Sketch


def case(name: str, folder: Path) -> Case:
    """The workbook of one of CASES, written into a folder, with another unit's."""
    kind = CASES[name]
    form = forms.load(kind.form)
    truths = _written(form, records(form, kind.projects), folder / f"{name}.xlsx")
    (foreign,) = _written(form, records(form, 1, other=True), folder / f"{name}-other.xlsx")
    changed = truths[len(truths) // 2]
    return Case(
        name=name,
        path=folder / f"{name}.xlsx",
        truths=truths,
        changed=changed,
        sketch=sketch(changed),
        other=folder / f"{name}-other.xlsx",
        foreign=foreign,
        foreign_sketch=sketch(foreign),
    )


def _written(form: Form, held: Records, path: Path) -> tuple[Truth, ...]:
    listed = [held["department"]] if form.record == "department" else held["projects"]
    ((_, book),) = make_books(held, form, issue_of(held), "unit" if len(listed) > 1 else "project", "all")
    path.write_bytes(stamp_book(book))
    return tuple(_truth(form, book, page, record) for page, record in zip(book.pages, listed, strict=True))


def _truth(form: Form, book: Book, page: Page, record: Mapping[str, Any]) -> Truth:
    return Truth((book.issue.unit_code, page.identity.number), form, page, flatten(form, record))


def sketch(truth: Truth) -> Sketch:
    """What a person sees on a sheet, of its tables the first."""
    form, layout, cells = truth.form, truth.page.layout, truth.page.cells
    table = next(iter(layout.tables.values()))
    words = [box for box in layout.boxes if box.role in ("label", "heading")]
    labels = {"title": truth.page.title}
    labels |= {id: label.text for id, box in layout.head.items() if (label := _label(box, words))}
    headers = [box for box in layout.boxes if box.role == "header" and box.table == table.id and box.field]
    rows = []
    for index, slot in enumerate(table.slots):
        values = {id: cells.get((table.first + index, column)) for id, column in table.columns.items()}
        if any(value is not None for value in values.values()):
            rows.append({id: slot.group if value is None and slot.group else value for id, value in values.items()})
    groups = form.tables[table.id].groups
    return Sketch(
        head={id: cells.get((box.row, box.column)) for id, box in layout.head.items()},
        rows=rows,
        labels={**labels, **{box.field.id: box.text for box in headers if box.field}},
        typed=[_row(form, table.id, rows[0], *words_) for words_ in (("子", "77"), ("丑", "88"))],
        columns=dict(table.columns),
        group=groups.by if groups else "",
    )


def _label(box: Box, words: list[Box]) -> Box | None:
    beside = [each for each in words if each.row <= box.row <= each.end[0] and each.end[1] + 1 == box.column]
    above = [each for each in words if each.end[0] + 1 == box.row and each.column == box.column]
    same = [each for each in [*beside, *above] if each.rows == box.rows] or [*beside, *above]
    return same[0] if same else None


def _row(form: Form, table: str, like: Mapping[str, Any], word: str, number: str) -> Records:
    """A row that a person types: the classes as in another row, every other word its own."""
    typed: Records = {}
    for at, (id, value) in enumerate(like.items()):
        target = form.tables[table].columns[id].type.name == "indicator_value"
        own = f"{number}{at}个" if target else f"{word}处{WORDS[at]}所填内容"
        typed[id] = value if shared(form, table, id) else own
    return typed
