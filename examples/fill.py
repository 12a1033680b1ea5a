"""Fills the township's forms as people do, with mistakes: makes examples/filled and the list of what was planted.

    python examples/fill.py

The blanks are generated from examples/records.yaml, opened in LibreOffice, typed into and saved by it. It needs a
checkout (the driver is tests/office), LibreOffice Calc and python3-uno; it takes about a minute. Where an answer
stands is asked of perfxl, so that it may be run again when a form has changed. What each person does wrong is said in
BOOKS, and in no other place: the README beside the workbooks is made from it, and tests/test_examples.py holds the
workbooks against it.
"""

from __future__ import annotations

import copy
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from perfxl import records
from perfxl.batch.generate import generate
from perfxl.finding import Finding
from perfxl.form.answers import Answers, flatten, nest, put
from perfxl.form.form import Field
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.read import Reading, read_workbook
from perfxl.workbook.writing.books import By

HERE = Path(__file__).resolve().parent
RECORDS = HERE / "records.yaml"
FILLED = HERE / "filled"


@dataclass(frozen=True)
class Slip:
    """One thing that a person types otherwise than the records have it.

    ``code``: the check that finds it, empty where perfxl understands what was meant; ``typed``: path in the record →
    the text, empty for a cell left blank; ``at``: the paths of the finding where they are not those typed;
    ``means``: what the record then holds where it is not what was typed; ``pasted``: it comes in past the validation.
    """

    why: str
    code: str
    typed: Mapping[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = ()
    means: Mapping[str, Any] = field(default_factory=dict)
    pasted: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The paths of its finding."""
        return self.at or tuple(self.typed)


@dataclass(frozen=True)
class Sheet:
    """One form sheet as it comes back: which project (0: the department), and what a person did to it.

    ``rename``: the tab's new name; ``unprotect``: the lock is taken off; ``extra``: an indicator typed into a row
    inserted behind the indicator of that number; ``note``: a note and a yellow fill of the person's own, by path;
    ``untouched``: it comes back as it went out, and what is found in it has the blank's own paths.
    """

    number: int
    slips: tuple[Slip, ...] = ()
    rename: str = ""
    unprotect: bool = False
    extra: tuple[int, Mapping[str, str]] | None = None
    note: tuple[str, str] | None = None
    untouched: bool = False


@dataclass(frozen=True)
class Book:
    """One workbook as it comes back: its file, who sends it, the sheets in which anything is special."""

    file: str
    person: str
    unit: Mapping[str, str]
    sheets: tuple[Sheet, ...]
    projects: tuple[int, ...] = tuple(range(1, 17))
    form: str = "project-target"


UNIT = "unit"
"""The path of the unit's code and name at the head of a sheet: in no record, and issued."""

TOWN = {"code": "907001", "name": "清溪县柳溪镇人民政府本级"}
CENTRE = {"code": "907002", "name": "清溪县柳溪镇综合服务中心"}

BOOKS = (
    Book(
        "907001清溪县柳溪镇人民政府本级.xlsx",
        "the township's finance clerk: all 16 projects, mostly right",
        TOWN,
        (
            Sheet(
                1,
                (
                    Slip(
                        "200元/人 was agreed: 220元/人 × 326人 is not the budget",
                        "MN-04",
                        {"indicators[5].target": "220元/人"},
                        ("indicators[5].target", "indicators[0].target", "budget.total"),
                    ),
                    Slip(
                        "with what is planned late in projects 5, 6 and 13, the unit is slower than the year",
                        "PL-09",
                        {},
                        (UNIT,),
                    ),
                ),
            ),
            Sheet(
                2,
                (
                    Slip("takes the lock off and changes the budget that was issued", "ID-08", {"budget.total": "25"}),
                    Slip("and makes up the funds for it", "", {"budget.fiscal": "25"}),
                    Slip(
                        "so that the total cost is no longer the budget",
                        "MN-03",
                        {},
                        ("indicators[4].target", "budget.total"),
                    ),
                    Slip("the unit by the name that people call it", "ID-07", {UNIT: "907001清溪县柳溪镇政府"}),
                ),
                unprotect=True,
            ),
            Sheet(
                4,
                (
                    Slip(
                        "18 for 8: the sources add up to more than the budget",
                        "MN-02",
                        {"budget.other": "18"},
                        ("budget.fiscal", "budget.other"),
                    ),
                    Slip("a description is forgotten", "IN-06", {"indicators[5].description": ""}),
                ),
            ),
            Sheet(
                5,
                (
                    Slip(
                        "all of it in December, though the work is done in September",
                        "PL-06",
                        {"plan.march": "0%", "plan.june": "0%", "plan.october": "0%"},
                        ("plan.october",),
                    ),
                ),
            ),
            Sheet(
                6,
                (
                    Slip("the third value is less than the second", "PL-02", {"plan.october": "45%"}),
                    Slip("the satisfaction has no ≥", "IN-15", {"indicators[5].target": "90%"}),
                ),
            ),
            Sheet(
                8,
                (
                    Slip(
                        "680 old people in the goals, 860 in the indicators",
                        "IN-24",
                        {
                            "goals": "1.为680名高龄老人发放生活津贴，津贴发放准确率达到100%。\n"
                            "2.津贴每月发放，高龄老人政策知晓比例达到90%以上，满意度达到95%以上。"
                        },
                        ("goals", "indicators[0].target"),
                        means={
                            "goals": [
                                "为680名高龄老人发放生活津贴，津贴发放准确率达到100%。",
                                "津贴每月发放，高龄老人政策知晓比例达到90%以上，满意度达到95%以上。",
                            ]
                        },
                    ),
                ),
            ),
            Sheet(9, (Slip("a cost without its unit", "IN-17", {"indicators[3].target": "1500"}),), rename="防火"),
            Sheet(11, (Slip("the date of last year's table", "PL-08", {"indicators[3].target": "2023年8月"}),)),
            Sheet(
                12,
                (
                    Slip("half a training", "IN-18", {"indicators[0].target": "20.5次"}),
                    Slip(
                        "》 without 《",
                        "BS-04",
                        {"indicators[4].basis": "清溪县培训费管理办法》（清财行〔2021〕15号）"},
                    ),
                ),
            ),
            Sheet(
                13,
                (
                    Slip(
                        "counted to the end of September, where the form asks for October",
                        "PL-05",
                        {"plan.october": "75%"},
                    ),
                ),
            ),
            Sheet(14, (Slip("the office's goals speak of no such thing", "XP-01", {}, ("name",)),)),
            Sheet(
                16,
                extra=(
                    1,
                    {
                        "level2": "数量指标",
                        "level3": "阻水杂物清运次数",
                        "description": "河道阻水杂物集中清运的次数",
                        "target": "4次",
                        "basis": "河道清淤施工合同",
                    },
                ),
            ),
        ),
    ),
    Book(
        "07.生活垃圾清运(1).xlsx",
        "one who types and pastes in full width, with units and thousands",
        CENTRE,
        (
            Sheet(
                7,
                (
                    Slip(
                        "元 and thousands in a cell of 万元",
                        "",
                        {"budget.fiscal": "1,186,000元"},
                        means={"budget.fiscal": 118.6},
                        pasted=True,
                    ),
                    Slip(
                        "percents in full width, pasted as texts",
                        "PL-04",
                        {
                            "plan.march": "１６．７％",
                            "plan.june": "５０％",
                            "plan.october": "８３．３％",
                            "plan.december": "１００％",
                        },
                        means={"plan.march": 16.7, "plan.june": 50, "plan.october": 83.3, "plan.december": 100},
                        pasted=True,
                    ),
                    Slip(
                        "indicator values in full width",
                        "",
                        {"indicators[0].target": "３８个", "indicators[2].target": "≥９５％"},
                    ),
                    Slip(
                        "the total cost in 万元 with the number of 元",
                        "MN-09",
                        {"indicators[4].target": "≤1,186,000万元"},
                        ("indicators[4].target", "budget.total"),
                    ),
                    Slip("the purpose is left blank", "IN-06", {"purpose": ""}),
                    Slip("a basis is left blank", "BS-01", {"indicators[3].basis": ""}),
                ),
            ),
        ),
        (7,),
    ),
    Book(
        "10.消防站装备购置.xlsx",
        "one who copies from last year's tables; with a note and a yellow cell of their own",
        CENTRE,
        (
            Sheet(
                10,
                (
                    Slip("a basis of another project", "BS-05", {"indicators[2].basis": "公共厕所管护服务合同"}),
                    Slip(
                        "document numbers in the old brackets",
                        "BS-03",
                        {
                            "indicators[0].basis": "《清溪县乡镇消防站建设标准》（清应急【2023】20号）",
                            "indicators[1].basis": "《清溪县乡镇消防站建设标准》（清应急[2023]20号）",
                        },
                    ),
                    Slip(
                        "a comma of the English keyboard",
                        "TX-04",
                        {"purpose": "购置水罐车和个人防护器材,补齐消防站装备缺口。"},
                    ),
                    Slip(
                        "a full stop behind what is no sentence",
                        "TX-03",
                        {"indicators[4].basis": "政府采购实施计划。"},
                        means={"indicators[4].basis": "政府采购实施计划。"},
                    ),
                ),
                note=("indicators[2].target", "县应急局可能另定标准，等回复。"),
            ),
        ),
        (10,),
    ),
    Book(
        "15.公共厕所管护 最终版.xlsx",
        "one who is careless with sums, order and blanks",
        CENTRE,
        (
            Sheet(
                15,
                (
                    Slip("7.29 for 7.92", "MN-02", {"budget.fiscal": "7.29"}, ("budget.fiscal", "budget.other")),
                    Slip("the third value is less than the second", "PL-02", {"plan.october": "45%"}),
                    Slip(
                        "blanks around texts",
                        "TX-01",
                        {
                            "purpose": "　　支付公共厕所的保洁、清掏和水电费用，改善如厕环境。",
                            "indicators[0].description": "纳入管护的公共厕所个数  ",
                        },
                        means={
                            "purpose": "　　支付公共厕所的保洁、清掏和水电费用，改善如厕环境。",
                            "indicators[0].description": "纳入管护的公共厕所个数  ",
                        },
                    ),
                    Slip("100% satisfied", "IN-15", {"indicators[5].target": "100%"}),
                    Slip("元 in a table of 万元", "MN-05", {"indicators[3].target": "≤79200元"}),
                    Slip("what nobody can look up", "BS-02", {"indicators[4].basis": "往年经验"}),
                    Slip("the row of 时效 is left alone", "IN-03", {"indicators[2]": ""}, ("indicators",)),
                    Slip("which leaves five indicators", "IN-04", {}, ("indicators",)),
                ),
            ),
        ),
        (15,),
    ),
    Book(
        "13.独居老人助餐服务.xlsx",
        "nobody: the blank comes back as it went out",
        CENTRE,
        (
            Sheet(
                13,
                (
                    Slip("no funds", "MN-01", {}, ("budget.fiscal",)),
                    Slip("no purpose", "IN-06", {}, ("purpose",)),
                    Slip("no plan", "PL-01", {}, ("plan.march", "plan.june", "plan.october", "plan.december")),
                    Slip("no goals", "IN-06", {}, ("goals",)),
                    Slip("no indicators", "IN-03", {}, ("indicators",)),
                ),
                untouched=True,
            ),
        ),
        (13,),
    ),
    Book(
        "部门整体绩效目标.xlsx",
        "the township's office: the department's goals",
        TOWN,
        (
            Sheet(
                0,
                (
                    Slip("a goal is forgotten", "IN-06", {"areas[2].parts[1].goal": ""}),
                    Slip(
                        "blanks between words",
                        "TX-02",
                        {"areas[6].parts[0].goal": "改造文化广场，增加健身器材，  开展群众喜爱的 文体活动。"},
                    ),
                    Slip(
                        "the allowance for conscripts' families is not thought of, so that project 14 serves no area",
                        "",
                        {
                            "areas[7].name": "国防动员",
                            "areas[7].parts[0].goal": "落实国防动员责任，做好国防教育和民兵训练。",
                            "areas[7].parts[0].indicators": "国防教育覆盖率≥95%；民兵训练4次",
                        },
                        means={"areas[7].parts[0].indicators": ["国防教育覆盖率≥95%", "民兵训练4次"]},
                    ),
                ),
            ),
        ),
        (0,),
        "department-goals",
    ),
)


@dataclass(frozen=True, eq=False)
class Filling:
    """A form sheet and what is typed into it: the blank as perfxl reads it, the right record, the sheet's doings."""

    book: Book
    blank: Reading
    right: dict[str, Any]
    sheet: Sheet

    @property
    def name(self) -> str:
        """The tab, as it comes back."""
        return self.sheet.rename or self.blank.submission.sheet

    @property
    def answers(self) -> Answers:
        """The right record by cells."""
        return flatten(self.blank.located.form, self.right)

    @cached_property
    def insertions(self) -> dict[int, int]:
        """The rows that a person inserts: before which of the blank's rows (from 0), how many."""
        located = self.blank.located
        found = {}
        for table in located.form.tables:  # a blank may have too few rows: more are inserted above its last one
            missing = len(self.answers.rows[table]) - len(located.tables[table].rows)
            if missing > 0 and not located.form.tables[table].groups:
                found[located.tables[table].rows[-1].row] = missing
        if self.sheet.extra:
            found[_rows(located, "indicators", self.answers)[self.sheet.extra[0]] + 1] = 1
        return found

    def shifted(self, row: int) -> int:
        """Where one of the blank's rows stands after that."""
        return row + sum(count for before, count in self.insertions.items() if before <= row)

    @cached_property
    def extra_row(self) -> int:
        """The row of the extra indicator."""
        assert self.sheet.extra
        return self.shifted(_rows(self.blank.located, "indicators", self.answers)[self.sheet.extra[0]]) + 1

    def rows(self, table: str) -> tuple[int, ...]:
        """The row on the filled sheet (from 0) of each of the record's rows."""
        located, count = self.blank.located, len(self.answers.rows[table])
        if located.form.tables[table].groups:
            return tuple(self.shifted(row) for row in _rows(located, table, self.answers))
        listed = [row.row for row in located.tables[table].rows]
        first, last = self.shifted(listed[0]), self.shifted(listed[-1])
        return tuple(range(first, last + 1))[:count]

    def places(self) -> dict[str, str]:
        """Every path of the record, and its cell on the filled sheet; a table's is its first heading."""
        if self.sheet.untouched:
            return dict(self.blank.submission.places)
        located = self.blank.located
        found = {id: address(self.shifted(row), column) for id, (row, column) in located.head.items()}
        found |= {word: address(*at) for word, at in located.varying_texts.items() if word == "unit"}
        for id, table in located.tables.items():
            found[id] = address(self.shifted(table.rows[0].row - 1), min(table.columns.values()))
        rows = {table: self.rows(table) for table in located.form.tables}
        for (table, index, column), path in nest(located.form, self.answers)[1].items():
            found[path] = address(rows[table][index], located.tables[table].columns[column])
        return found

    def expected(self) -> dict[str, Any]:
        """The record that perfxl reads from the filled sheet: the right one, with what was typed otherwise."""
        if self.sheet.untouched:
            return without_untouched(self.blank.submission)
        record = copy.deepcopy(self.right)
        gone = []
        for slip in self.sheet.slips:
            for path, text in slip.typed.items():
                if path == UNIT:
                    continue
                if path.endswith("]"):
                    gone.append(int(path[:-1].partition("[")[2]))
                else:
                    asked = self.blank.located.form.fields.get(path)
                    put(record, path, slip.means[path] if path in slip.means else _meant(text, asked))
        if self.sheet.extra:
            after, cells = self.sheet.extra
            record["indicators"].insert(after + 1, {"level1": record["indicators"][after]["level1"], **cells})
        for index in sorted(gone, reverse=True):
            del record["indicators"][index]
        return record


@dataclass(frozen=True)
class Planted:
    """A planted mistake: where it stands, what was typed, which check finds it in which cells."""

    file: str
    sheet: str
    typed: Mapping[str, str]
    why: str
    code: str
    cells: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, tuple[str, ...], str]:
        """What a finding is compared by."""
        return self.file, self.sheet, self.cells, self.code


def key(finding: Finding) -> tuple[str, str, tuple[str, ...], str]:
    """A finding, as it is compared with what was planted."""
    cells = tuple(cell.rpartition("!")[2] for cell in finding.cells)
    return Path(finding.file).name, finding.sheet, cells, finding.code


def fillings(book: Book, blank: Path) -> list[Filling]:
    """The form sheets of a blank book, each with its record and what its person does."""
    held = records.load(RECORDS)
    special = {sheet.number: sheet for sheet in book.sheets}
    projects = {project["number"]: project for project in held["projects"]}
    found = []
    for reading in read_workbook(Workbook(open_package(blank))):
        number = reading.submission.record.get("number") or 0
        right = projects[number] if number else held["department"]
        found.append(Filling(book, reading, right, special.get(number, Sheet(number))))
    return found


def planted(filling: Filling) -> Iterator[Planted]:
    """What is planted in a sheet; what is understood all the same has no code and no cells of a finding."""
    places = filling.places()
    for slip in filling.sheet.slips:
        typed = {places.get(path) or _row_name(places, path): text for path, text in slip.typed.items()}
        cells = tuple(places[path] for path in slip.fields) if slip.code else ()
        yield Planted(filling.book.file, filling.name, typed, slip.why, slip.code, cells)


def without_untouched(submission: Submission) -> dict[str, Any]:
    """A record without the indicators that hold nothing but the levels a blank begins with, or that nobody began."""
    record = dict(submission.record)
    if "indicators" in record:
        kept = [row for row in record["indicators"] if any(row[id] for id in row if id not in ("level1", "level2"))]
        record["indicators"] = kept
    return record


def blanks(folder: Path) -> Iterator[tuple[Book, Path]]:
    """Every book's blank, generated below ``folder``."""
    held = records.load(RECORDS)
    for number, book in enumerate(BOOKS):
        source = folder / f"{number}.yaml"
        whole = held["projects"] if book.unit == TOWN else [p for p in held["projects"] if p["number"] in book.projects]
        source.write_text(records.dumps({**held, "unit": book.unit, "projects": whole}), encoding="utf-8")
        by: By = "unit" if len(book.projects) > 1 else "project"
        output = folder / str(number)
        written = generate(source, output=output, form=book.form, by=by, phone="0000-2024001")
        yield book, output / written[0].name


def fill(document: Any, filling: Filling) -> None:
    """Types one sheet: the head, then the tables row by row; then what else the person does to it."""
    located, name = filling.blank.located, filling.blank.submission.sheet
    slips = {path: (text, slip.pasted) for slip in filling.sheet.slips for path, text in slip.typed.items()}
    answers, places = filling.answers, filling.places()
    if filling.sheet.untouched:
        return
    if filling.sheet.unprotect:
        document.unprotect(name)
    if UNIT in slips:
        document.type_text(name, places[UNIT], slips[UNIT][0])
    for row, count in sorted(filling.insertions.items(), reverse=True):
        document.insert_rows(name, row + 1, count)
    for id, asked in located.form.fields.items():
        if id in located.head and (not asked.given or id in slips):
            text, pasted = slips.get(id, (_typed(asked, answers.head[id]), False))
            _type(document, name, places[id], asked, text, pasted)
    paths = nest(located.form, answers)[1]
    for table in located.form.tables.values():
        rows = filling.rows(table.id)
        for index, row in enumerate(rows):
            for id, asked in table.columns.items():
                path = paths.get((table.id, index, id), "")
                if (table.groups and id == table.groups.by) or path.rpartition(".")[0] in slips:
                    continue
                text, pasted = slips.get(path, (_typed(asked, answers.rows[table.id][index][id]), False))
                _type(document, name, address(row, located.tables[table.id].columns[id]), asked, text, pasted)
        _clear_unused(document, filling, table.id, rows)
    if filling.sheet.extra:
        for id, text in filling.sheet.extra[1].items():
            at = address(filling.extra_row, located.tables["indicators"].columns[id])
            _type(document, name, at, located.form.tables["indicators"].columns[id], text, False)
    if filling.sheet.rename:
        document.rename(name, filling.sheet.rename)


def _type(document: Any, sheet: str, cell: str, asked: Field, text: str, pasted: bool) -> None:
    if document.cell(sheet, cell).value == text:
        return  # a word of a list that stands there already
    if not text:
        return
    took = document.type_text(sheet, cell, text, insist=pasted).value
    kept = took == text if isinstance(took, str) else abs(took - float(number(text))) < 1e-9
    if not kept:
        raise SystemExit(f"{sheet}!{cell} does not take {text!r} ({asked.type.name}): it now holds {took!r}")


def _clear_unused(document: Any, filling: Filling, table: str, rows: tuple[int, ...]) -> None:
    """Deletes the list's words in the rows that this project does not need."""
    groups = filling.blank.located.form.tables[table].groups
    if not groups:
        return
    located, name = filling.blank.located, filling.blank.submission.sheet
    column = located.tables[table].columns[groups.begin_column]
    for slot in located.tables[table].rows:
        row = filling.shifted(slot.row)
        if row not in rows and document.cell(name, address(row, column)).value:
            merge = next((m for m in located.sheet.merges if (m.row, m.column) == (slot.row, column)), None)
            last = merge.last_column if merge else column
            document.clear(name, f"{address(row, column)}:{address(row, last)}")


def _rows(located: LocatedSheet, table: str, answers: Answers) -> tuple[int, ...]:
    """The blank's row for each of the record's: the one begun with its word where there is one, else the next."""
    asked = located.form.tables[table]
    listed = [row.row for row in located.tables[table].rows]
    assert asked.groups
    begun, by = asked.groups.begin_column, asked.groups.by
    found: dict[int, int] = {}
    for group in dict.fromkeys(row[by] for row in answers.rows[table]):
        wanted = [(index, row[begun]) for index, row in enumerate(answers.rows[table]) if row[by] == group]
        slots = [row for row in listed if _group(located, row, located.tables[table].columns[by]) == group]
        words = {row: located.sheet.raw(row, located.tables[table].columns[begun]).value for row in slots}
        found.update(_matched(wanted, slots, words))
    return tuple(found[index] for index in range(len(answers.rows[table])))


def _matched(wanted: list[tuple[int, Any]], slots: list[int], words: Mapping[int, Any]) -> dict[int, int]:
    taken, at = {}, 0
    for index, word in wanted:
        while at < len(slots) and words[slots[at]] not in (word, None):
            at += 1
        if at == len(slots):  # another order, or more of a kind than the blank has: from above, the words changed
            return {index: slots[place] for place, (index, _) in enumerate(wanted)}
        taken[index] = slots[at]
        at += 1
    return taken


def _group(located: LocatedSheet, row: int, column: int) -> Any:
    merge = next((m for m in located.sheet.merges if m.row <= row <= m.last_row and m.column == column), None)
    return located.sheet.raw(merge.row if merge else row, column).value


def _typed(asked: Field, value: Any) -> str:
    """What a person types for a value. Calc adds % itself to a digit typed into a percent cell; the driver does not."""
    if value is None:
        return ""
    if asked.type.name == "percent":
        return f"{value:g}%"
    return f"{value:g}" if asked.type.name == "money" else str(asked.type.show(value))


def number(text: str) -> float:
    """A number as it is typed: 25% is 0.25."""
    return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def _meant(text: str, asked: Field | None) -> Any:
    if asked and text and asked.type.name in ("money", "percent"):
        return float(text.rstrip("%"))
    return text or None


def _row_name(places: Mapping[str, str], path: str) -> str:
    """A whole row: its cells from the first to the last."""
    row = [cell for each, cell in places.items() if each.startswith(f"{path}.") and not each.endswith(".level1")]
    return f"{row[0]}:{row[-1]}" if row else path


def note(path: Path, cell: str, text: str) -> None:
    """Puts a note and a yellow fill into a cell, as a person does who is not bound by the lock."""
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    workbook = openpyxl.load_workbook(path)
    target = workbook.worksheets[0][cell]
    target.comment = Comment(text, "综合服务中心")
    target.fill = PatternFill("solid", fgColor="FFFF00")
    workbook.save(path)


def readme(filled: list[Filling]) -> str:
    """The list of what was planted, as examples/filled/README.md."""
    lines = [
        "# Filled workbooks",
        "",
        "Made by `python examples/fill.py`, which types into LibreOffice as these people would. Do not edit by hand:",
        "this file and the workbooks come from the list in that script, and `tests/test_examples.py` holds perfxl",
        "against it. What is not listed here is as in `examples/records.yaml`.",
        "",
        f"{TOWN['code']} sends its own book and the department's goals; {CENTRE['code']}{CENTRE['name']} is a second",
        "invented unit, which runs three of the projects and sends each in a book of its own.",
        "",
        "| file | who filled it |",
        "|---|---|",
        *(f"| {book.file} | {book.person} |" for book in BOOKS),
    ]
    all_ = [each for filling in filled for each in planted(filling)]
    lines += ["", "## Planted, and found by a check", ""]
    lines += ["| file | sheet | typed | what is wrong | check | found in |", "|---|---|---|---|---|---|"]
    for each in all_:
        if each.code:
            row = (each.file, each.sheet, _shown(each), each.why, each.code, "、".join(each.cells))
            lines.append(f"| {' | '.join(row)} |")
    lines += ["", "## Understood all the same", "", "| file | sheet | typed | what is odd |", "|---|---|---|---|"]
    for each in all_:
        if not each.code:
            lines.append(f"| {each.file} | {each.sheet} | {_shown(each)} | {each.why} |")
    for filling in filled:
        lines += [f"| {filling.book.file} | {filling.name} | {what} |" for what in _doings(filling)]
    return "\n".join(lines) + "\n"


def _shown(each: Planted) -> str:
    typed = (f"{cell} {f'`{text}`' if text else 'nothing'}" for cell, text in each.typed.items())
    return "<br>".join(typed).replace("\n", "↵") or "(follows)"


def _doings(filling: Filling) -> Iterator[str]:
    sheet = filling.sheet
    if sheet.rename:
        yield f"(the tab) | renamed from {filling.blank.submission.sheet}"
    if sheet.unprotect:
        yield "(the lock) | taken off"
    if sheet.extra:
        yield f"row {filling.extra_row + 1} `{sheet.extra[1]['level3']}` … | a row inserted in the table, with content"
    elif filling.insertions:
        row, count = next(iter(filling.insertions.items()))
        yield f"rows {row + 1} to {row + count} | inserted, since the blank has too few"
    if sheet.note:
        yield f"{filling.places()[sheet.note[0]]} | a note of the person's own (`{sheet.note[1]}`) and a yellow fill"


def main() -> None:
    """Makes examples/filled anew."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from office.libreoffice import LibreOffice  # type: ignore[import-not-found]

    done: list[Filling] = []
    with tempfile.TemporaryDirectory() as folder, LibreOffice() as office:
        finished = Path(folder) / "finished"
        finished.mkdir()
        for book, blank in blanks(Path(folder)):
            filled = fillings(book, blank)
            for filling in filled:
                if filling.sheet.note:
                    note(blank, filling.places()[filling.sheet.note[0]], filling.sheet.note[1])
            with office.open(blank) as document:
                for filling in filled:
                    fill(document, filling)
                    print(f"{book.file}  {filling.name}", flush=True)
                document.save_as(finished / book.file)
            done += filled
        (finished / "README.md").write_text(readme(done), encoding="utf-8")
        FILLED.mkdir(exist_ok=True)
        for old in FILLED.glob("*.xlsx"):
            old.unlink()
        for new in finished.iterdir():
            (FILLED / new.name).write_bytes(new.read_bytes())


if __name__ == "__main__":
    main()
