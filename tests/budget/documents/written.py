"""Documents of the published layout, written by programs other than ours, for the tests of reading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.shared import Cm, Pt
from docx.table import Table

HEADINGS = ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"]
KEYS = ["level1", "level2", "level3", "description", "target", "basis"]
_DIGITS = "一二三四五六七八九"


@dataclass(frozen=True)
class Make:
    """How a document is made."""

    title_in_table: bool = False
    merged: tuple[int, ...] = (0,)  # columns whose equal cells are merged downward
    one_table: bool = False  # head and indicators are one table
    repeat: bool = True  # the heading is repeated on each page
    borders: bool = True
    part1: bool = True
    blank: bool = False  # equal cells are left blank instead of merged


def write_document(records: dict[str, Any], path: Path, make: Make = Make()) -> Path:
    """Write a Word document of the records with python-docx."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    document.styles["Normal"].font.size = Pt(10.5)
    if make.part1 and records["department"]:
        add_part1(document, records["department"])
    document.add_paragraph("第二部分")
    document.add_paragraph("预算项目绩效目标")
    for project in records["projects"]:
        add_project(document, project, records["unit"], make)
    document.save(str(path))
    return path


def add_part1(document: Document, department: dict[str, Any]) -> None:
    """Add Part 1."""

    def add(text: str, indent: bool = True) -> None:
        for line in text.split("\n"):
            paragraph = document.add_paragraph(line)
            paragraph.paragraph_format.first_line_indent = Pt(21) if indent else None

    document.add_paragraph("第一部分")
    document.add_paragraph("部门整体绩效目标")
    add("一、总体绩效目标")
    add(department["overall"])
    add("二、分项绩效目标")
    for number, area in enumerate(department["areas"], 1):
        tens, ones = divmod(number, 10)
        counted = ("十" if tens == 1 else "") + (_DIGITS[ones - 1] if ones else "")
        add(f"（{counted}）、{area['name']}")
        for nth, part in enumerate(area["parts"], 1):
            if part["name"]:
                add(f"{nth}、{part['name']}")
            add(f"绩效目标：{part['goal']}")
            add(f"绩效指标：{'；'.join(part['indicators'])}。")
    add("三、工作保障措施")
    for nth, measure in enumerate(department["measures"], 1):
        add(f"{nth}、{measure}")


def head_rows(project: dict[str, Any], unit: dict[str, Any]) -> list[list[tuple[str, int]]]:
    """Return the rows of the head: each cell's text and width, seven columns in all."""
    plan = [f"{project['plan'][month]}%" for month in ("march", "june", "october", "december")]
    money = {key: "" if value is None else f"{value:.2f}" for key, value in project["budget"].items()}
    goals = "\n".join(f"{nth}.{goal}" for nth, goal in enumerate(project["goals"], 1))
    months = ["3月底", "6月底", "10月底", "12月底"]
    return [
        [(f"{unit['code']}{unit['name']}", 5), ("单位：万元", 2)],
        [("项目编码", 1), (project["code"], 2), ("项目名称", 1), (project["name"], 3)],
        [("预算规模及资金用途", 1), ("预算数", 1), (money["total"], 1), ("其中：财政资金", 1), (money["fiscal"], 1),
         ("其他资金", 1), (money["other"], 1)],
        [("", 1), (project["purpose"], 6)],
        [("资金支出计划（%）", 1), *zip(months, (1, 2, 1, 2), strict=True)],
        [("", 1), *zip(plan, (1, 2, 1, 2), strict=True)],
        [("绩效目标", 1), (goals, 6)],
    ]  # fmt: skip


def add_project(document: Document, project: dict[str, Any], unit: dict[str, Any], make: Make) -> None:
    """Add the title and the tables of one project."""
    title = f"{project['number']}.{project['name']}绩效目标表"
    rows = head_rows(project, unit)
    if make.title_in_table:
        rows.insert(0, [(title, 7)])
    else:
        document.add_paragraph(title)
    top = len(rows)
    grid = [HEADINGS, *([row[key] or "" for key in KEYS] for row in project["indicators"])]
    if make.one_table:
        rows += [list(zip(row, (1, 1, 1, 2, 1, 1), strict=True)) for row in grid]
        table = _table(document, rows, 7, make)
        _merge_down(table, range(top + 1, len(rows)), [0, 1, 2, 3, 5, 6], grid[1:], make)
    else:
        table = _table(document, rows, 7, make)
        document.add_paragraph()
        below = _table(document, [[(text, 1) for text in row] for row in grid], 6, make)
        _merge_down(below, range(1, len(grid)), range(6), grid[1:], make)
    for at in range(top):
        if rows[at][0][0] in {"预算规模及资金用途", "资金支出计划（%）"}:
            table.cell(at, 0).merge(table.cell(at + 1, 0))
    document.add_paragraph()


def _table(document: Document, rows: list[list[tuple[str, int]]], columns: int, make: Make) -> Table:
    """Add a table of cells with texts and widths."""
    table = document.add_table(rows=len(rows), cols=columns)
    if make.borders:
        table.style = "Table Grid"
    for at, row in enumerate(rows):
        column = 0
        cells = table.rows[at].cells
        for text, span in row:
            cell = cells[column].merge(cells[column + span - 1]) if span > 1 else cells[column]
            cell.text = text
            column += span
        properties = table.rows[at]._tr.get_or_add_trPr()
        properties.append(docx.oxml.OxmlElement("w:cantSplit"))
        if make.repeat and row[0][0] == HEADINGS[0]:
            properties.append(docx.oxml.OxmlElement("w:tblHeader"))
    return table


def _merge_down(table: Table, rows: range, columns: Any, texts: list[list[str]], make: Make) -> None:
    """Merge equal cells downward, or leave all but the first blank."""
    for key, column in enumerate(columns):
        if key not in make.merged:
            continue
        start = 0
        for at in range(1, len(texts) + 1):
            if at < len(texts) and all(texts[at][one] == texts[start][one] for one in {0, key}):
                table.cell(rows[at], column).text = ""
                continue
            if at - start > 1 and not make.blank:
                table.cell(rows[start], column).merge(table.cell(rows[at - 1], column))
                table.cell(rows[start], column).text = texts[start][key]
            start = at


def text_of(records: dict[str, Any]) -> str:
    """Return the text that Word saves of such a document: a cell is a line behind a tab, a row ends in an empty line."""
    department, unit = records["department"], records["unit"]
    lines = ["第一部分", "部门整体绩效目标", "", "一、总体绩效目标", department["overall"], "二、分项绩效目标"]
    for number, area in enumerate(department["areas"], 1):
        lines.append(f"（{_DIGITS[number - 1]}）、{area['name']}")
        for nth, part in enumerate(area["parts"], 1):
            lines += [f"{nth}、{part['name']}"] if part["name"] else []
            lines += [f"绩效目标：{part['goal']}", f"绩效指标：{'；'.join(part['indicators'])}。"]
    lines += ["三、工作保障措施", *(f"{nth}、{text}" for nth, text in enumerate(department["measures"], 1))]
    lines += ["", "第二部分", "", "预算项目绩效目标", ""]
    for project in records["projects"]:
        lines.append(f"{project['number']}.{project['name']}绩效目标表")
        for row in head_rows(project, unit):
            lines += [*(f"\t{text}" for text, _ in row), ""]
        lines += ["", ""]
        last = ""
        for cells in (HEADINGS, *([indicator[key] for key in KEYS] for indicator in project["indicators"])):
            lines += [f"\t{'' if cells[0] == last else cells[0]}", *(f"\t{text}" for text in cells[1:]), ""]
            last = cells[0]
        lines += ["", ""]
    return "\n".join(lines) + "\n"
