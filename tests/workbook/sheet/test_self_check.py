"""What the sheet finds out by itself: the same as the check on return and as the flag, in LibreOffice's recalculation."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from office.libreoffice import Document, LibreOffice
from workbook.conftest import example, flagged, made, returned

from perfxl import rules
from perfxl.form import installed as forms
from perfxl.form import library, taxonomy
from perfxl.form.answers import put
from perfxl.form.expression.excel import blank
from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.rules.policy import default_policy
from perfxl.rules.review import review
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.sheet.self_check import UNFILLED, make_self_check, named_cells
from perfxl.workbook.writing import books as generate
from perfxl.workbook.writing.stamp import stamp_book

TREE = taxonomy.load("cn-2015")
RED, AMBER, YELLOW = "#FFD6D6", "#FFE9B8", "#FFF7CC"
FORM = forms.load("project-target")


# Invented answers, many of them wrong

MONEY = st.none() | st.sampled_from([0, 1, 6.52, 6.51, 6.515, 6.524, 6.525, 0.3, -1, "六万元", "6.52万元"])
SHARES = st.none() | st.sampled_from([0, 25, 50, 75, 83.3, 99.994, 99.996, 100, 100.4, 120, -5, "一半"])
WORDS = st.none() | st.sampled_from(["发放人数", " ", "　", "《办法》", "326人", "每季度末", "≥95%", "无"])
LINES = st.fixed_dictionaries(
    {
        "level1": st.sampled_from([*TREE.level1, *TREE.level1, "别的"]),
        "level2": st.none() | st.sampled_from([*TREE.level2, *TREE.level2, "数量", "环境效益", "时间"]),
        **dict.fromkeys(("level3", "description", "target", "basis"), WORDS),
    }
)
FEW = st.lists(LINES, max_size=10)
MANY = st.builds(lambda rows, more: [*rows, *more], st.lists(LINES, min_size=6, max_size=8), FEW)


@st.composite
def projects(draw: st.DrawFn) -> dict[str, Any]:
    record = copy.deepcopy(example("project-target")["projects"][0])
    record["budget"] = {
        "total": draw(st.sampled_from([6.52, 6.52, 0.3, 7])),
        "fiscal": draw(MONEY),
        "other": draw(MONEY),
    }
    months = ("march", "june", "october", "december")
    if draw(st.booleans()):
        quarters = st.just((25, 50, 75, 100))
        put(record, "plan", dict(zip(months, draw(st.tuples(*[SHARES] * 4) | quarters), strict=True)))
    kind = draw(st.integers(0, 3))
    if kind < 2:
        record["indicators"] = draw(FEW if kind else MANY)
    elif kind == 2:
        put(record, f"indicators[{draw(st.integers(0, 7))}].level2", draw(st.sampled_from([None, *TREE.level2])))
    return record


@st.composite
def central(draw: st.DrawFn) -> dict[str, Any]:
    record = copy.deepcopy(example("central-target")["projects"][0])
    for id in ("total", "fiscal", "carried", "other"):
        if draw(st.booleans()):
            put(record, f"funds.year.{id}", draw(MONEY))
    return record


STORIES = {"project-target": (projects(), 200), "central-target": (central(), 60)}


def books(form: str, invented: Sequence[dict[str, Any]]) -> Iterator[Book]:
    records = example(form)
    records["projects"] = [{**each, "number": number} for number, each in enumerate(invented, start=1)]
    yield from made(form, records).values()


def states(document: Document, page: Page) -> list[float]:
    """What LibreOffice makes of the live checks of a sheet: the count of blanks, then the states."""
    checks = page.checks
    places = [checks.place(UNFILLED), *(checks.state(at) for at in range(len(checks.lines)))]
    first, last = min(places), max(places)
    row = document.values(page.name, f"{address(*first)}:{address(*last)}")[0]
    return [row[place[1] - first[1]] for place in places]


PARTS = [("project-target", part) for part in range(4)] + [("central-target", 0)]
"""The invented records of a form in parts of 50 or more: no test runs alone at the end."""


@lru_cache(maxsize=2)
def invented(form: str) -> tuple[dict[str, Any], ...]:
    """The same records in every process."""
    strategy, count = STORIES[form]
    records: list[dict[str, Any]] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, deadline=None, derandomize=True)
    @given(strategy)
    def collect(record: dict[str, Any]) -> None:
        records.append(record)

    collect()
    return tuple(records)


@pytest.mark.parametrize("form", STORIES)
def test_every_live_check_is_seen_both_ways(form: str) -> None:
    """Otherwise nothing would have been held against anything; what a sheet says is what LibreOffice says, below."""
    seen: dict[str, set[Any]] = {}
    for book in books(form, invented(form)):
        for page in book.pages:
            for code, lines in page.checks.by_code().items():
                seen.setdefault(code, set()).update(page.cells[page.checks.state(at)] for at in lines)
    for code, found in seen.items():
        assert found >= {1, -1}, code


@pytest.mark.office
@pytest.mark.parametrize(("form", "part"), PARTS)
def test_sheet_check_and_flag_agree(office: LibreOffice, tmp_path: Path, form: str, part: int) -> None:
    parts = sum(name == form for name, _ in PARTS)
    for book in books(form, invented(form)[part::parts]):
        judged_by_sheet_check_and_flag(office, tmp_path, book)


def judged_by_sheet_check_and_flag(office: LibreOffice, folder: Path, book: Book) -> None:
    data = stamp_book(book)
    sheet, back = folder / "sheet.xlsx", folder / "flagged.xlsx"
    sheet.write_bytes(data)
    with office.open(sheet) as document:
        document.recalculate()
        live = {page.name: states(document, page) for page in book.pages}
    found = dict(review([reading.submission for reading in returned(data)]))
    by_sheet = {submission.sheet: findings for submission, findings in found.items()}
    for page in book.pages:
        checks = page.checks
        cached = [
            page.cells[checks.place(UNFILLED)],
            *(page.cells[checks.state(at)] for at in range(len(checks.lines))),
        ]
        assert live[page.name] == cached, page.name
        for code, lines in checks.by_code().items():
            now = {live[page.name][1 + at] for at in lines}
            said = [each for each in by_sheet[page.name] if each.code == code]
            if -1 in now:
                assert said, (page.name, code)
            elif now == {1.0}:
                assert not said, (page.name, code, said)
    back.write_bytes(flagged(data))
    with office.open(back) as document:
        document.recalculate()
        said = opinion_states(document)
    assert set(said) <= {"未改"}
    assert len(said) >= sum(
        -1 in {live[page.name][1 + at] for at in lines}
        for page in book.pages
        for lines in page.checks.by_code().values()
        if page.checks.lines[lines[0]].severity != "hint"
    )


def opinion_states(document: Document) -> list[str]:
    """The states in 审核意见, each worked out by LibreOffice; a hint has none."""
    if "审核意见" not in document.sheets():
        return []
    rows = document.values("审核意见", "A4:L2000")
    headers = [str(each) for each in rows[0]]
    mark, state = headers.index("标记"), headers.index("状态")
    return [str(row[state]) for row in rows[1:] if str(row[mark]).startswith(("必改", "核实"))]


# One sheet, as a person sees it


def self_check_states(document: Document) -> dict[str, tuple[str, str]]:
    """The sheet 报前自查, of its first project: check → result, cell."""
    found: dict[str, tuple[str, str]] = {}
    for row in document.values("报前自查", "A5:E20"):
        if row[1]:
            found.setdefault(str(row[1]), (str(row[3]), str(row[4])))
    return found


@pytest.mark.office
def test_a_mistake_turns_the_self_check_and_put_right_it_turns_back(office: LibreOffice, tmp_path: Path) -> None:
    records = example("project-target")
    records["projects"] = records["projects"][:2]
    (book,) = made("project-target", records).values()
    page, path = book.pages[0], tmp_path / "自查.xlsx"
    path.write_bytes(stamp_book(book))
    where = {id: address(box.row, box.column) for id, box in page.layout.head.items()}
    plan, panel = where["plan.october"], address(*next(place for place in page.checks.formulas if place[0] > 0))
    with office.open(path) as document:
        before = self_check_states(document)
        assert {state for state, _ in before.values()} == {"符合"}
        assert document.cell(page.name, panel).text == "自查：必改 0　需核实 0　未填 0"
        document.type_text(page.name, plan, "0.2", insist=True)
        assert self_check_states(document)["支出计划是累计数"] == ("不符合", plan)
        assert document.looks(page.name)[plan].background == RED
        assert document.cell(page.name, panel).text == "自查：必改 1　需核实 0　未填 0"
        assert [document.cell("项目清单", f"{column}5").text for column in "DEF"] == ["0", "1", "0"]
        # dragged onto another cell, the broken rule does not hold
        document.drag(page.name, where["plan.october"], where["plan.march"])
        assert self_check_states(document)["支出计划是累计数"][0] != "符合"
        document.drag(page.name, where["plan.march"], where["plan.october"])
        document.type_text(page.name, where["plan.march"], "0")
        assert self_check_states(document)["支出计划是累计数"] == ("不符合", plan)
        document.type_text(page.name, plan, "0.5", insist=True)
        assert self_check_states(document) == before
        assert document.looks(page.name)[plan].background in (None, "#FFFFFF")
        document.save_as(path)
    with office.open(path) as document:  # saved by LibreOffice it lives on
        document.type_text(page.name, plan, "0.2", insist=True)
        assert self_check_states(document)["支出计划是累计数"] == ("不符合", plan)


@pytest.mark.office
def test_a_blank_is_not_filled_in_and_not_wrong(office: LibreOffice, tmp_path: Path) -> None:
    records = example("project-target")
    records["projects"] = records["projects"][:1]
    (book,) = made("project-target", records, prefill="given").values()
    path = tmp_path / "空表.xlsx"
    path.write_bytes(stamp_book(book))
    with office.open(path) as document:
        document.recalculate()
        found = self_check_states(document)
        assert {state for state, _ in found.values()} == {"未填", "符合"}
        assert {name for name, (state, _) in found.items() if state == "符合"} == {"金额过小的项目"}
        assert found["必填的格"] == ("未填", "39格")


@pytest.mark.office
def test_dragging_or_cutting_any_answer_never_makes_what_is_broken_hold(office: LibreOffice, tmp_path: Path) -> None:
    records = example("project-target")
    record = records["projects"][0]
    record["budget"] |= {"fiscal": 6.0, "other": 0.5}
    record["plan"] |= {"march": 60, "june": 50, "october": 45, "december": 95}
    records["projects"] = [record]
    (book,) = made("project-target", records).values()
    page, path = book.pages[0], tmp_path / "拖动.xlsx"
    path.write_bytes(stamp_book(book))
    numbers = [
        id
        for id, box in page.layout.head.items()
        if not box.locked and box.field and box.field.type.name in ("money", "percent")
    ]
    where = {id: address(page.layout.head[id].row, page.layout.head[id].column) for id in numbers}
    same = [
        (one, other)
        for one in numbers
        for other in numbers
        if one != other and one.split(".")[0] == other.split(".")[0]
    ]
    for one, other in same:
        with office.open(path) as document:
            before = states(document, page)
            document.drag(page.name, where[one], where[other])
            after = states(document, page)
        for at, line in enumerate(page.checks.lines, start=1):
            # a line that names neither cell is as before; one that does may become 未填, or be broken otherwise
            if before[at] == -1 and after[at] == 1:
                values = copy.deepcopy(record)
                group, target = one.split(".")[0], other.split(".")[1]
                values[group][target], values[group][one.split(".")[1]] = values[group][one.split(".")[1]], None
                subject = rules.Subject(FORM, values, rules.Unit(2024, "", ""))
                assert line.assert_.evaluate(subject.values) is True, (one, other, line.assert_.source)


# What a form of one's own may say

LINES_OF_WORDS = (
    "{code: OW-01, title: 套话, message: 写了套话。, assert: not (purpose | contains(words.stock_phrases)), on: [purpose]}",
    "{code: OW-01, title: 套话, message: 写了套话。, assert: not (indicators | any(basis | contains(words.stock_phrases))), on: [indicators]}",
    "{code: OW-01, title: 套话, message: 写了套话。, each: indicators, assert: not (basis | contains(words.stock_phrases)), on: [basis]}",
)


def with_line(line: str) -> Form:
    text = library.path("project-target", "form.yaml").read_text(encoding="utf-8")
    head, tail = text[: text.index("\nrules:")], text[text.index("\nhelp:") :]
    return forms.load_text(f"{head}\nrules:\n  - {line}{tail}")


@pytest.mark.parametrize("line", LINES_OF_WORDS)
def test_a_line_with_more_words_than_a_formula_holds_is_checked_on_return_only(line: str) -> None:
    form, fits = with_line(line), set()
    for count in range(20, 1000, 20):
        words = {**default_policy().words, "stock_phrases": tuple(f"情况情况{number:03}" for number in range(count))}
        checks = make_self_check(blank_layout(form), replace(default_policy(), words=words))
        fits.add(any(each.source in line for each in (one.assert_ for one in checks.lines)))
        assert max(map(len, checks.formulas.values())) <= 8192  # Excel: specifications and limits
    assert fits == {True, False}


def test_a_cell_without_a_name_is_blank_when_it_holds_nothing() -> None:
    cells = named_cells(FORM, default_policy())
    assert cells.blank("px.v.purpose") == "px.b.purpose"
    assert cells.blank("INDEX($A$1:$B$9,ROW(),2)") == blank("INDEX($A$1:$B$9,ROW(),2)")


EACH = """\
  - code: OW-02
    title: 描述与名称不同
    message: 描述与三级指标相同。
    severity: warning
    each: indicators
    assert: description != level3
    on: [description]
"""


@pytest.mark.office
def test_a_line_about_each_row_colours_the_rows_in_which_it_is_broken(office: LibreOffice, tmp_path: Path) -> None:
    """A county's own form may say of every row what must hold there; unused rows are left alone."""
    text = library.path("project-target", "form.yaml").read_text(encoding="utf-8")
    form = forms.load_text(text.replace("rules:\n", f"rules:\n{EACH}", 1))
    records = example("project-target")
    record = records["projects"][0]
    for row in (1, 4):
        record["indicators"][row]["description"] = record["indicators"][row]["level3"]
    records["projects"] = [record]
    ((_, book),) = generate.make_books(records, form, generate.issue_of(records), "project", "all")
    (page,), path = book.pages, tmp_path / "逐行.xlsx"
    path.write_bytes(stamp_book(book))
    table = page.layout.tables["indicators"]
    cells = [address(row, table.columns["description"]) for row in range(table.first, table.last + 1)]
    with office.open(path) as document:
        document.recalculate()
        looks = document.looks(page.name)
        assert [cell for cell in cells if looks[cell].background == AMBER] == [cells[1], cells[4]]
        assert "需核实 1" in document.cell(page.name, address(*panel_place(page))).text
        document.type_text(page.name, cells[1], "行政村的个数")
        assert [
            cell for cell, look in document.looks(page.name).items() if cell in cells and look.background == AMBER
        ] == [cells[4]]
        found = [row for row in document.values("报前自查", "A5:E25") if row[3] == "不符合"]
        assert [(row[0], row[4]) for row in found] == [("核实性", cells[4])]
        document.type_text(page.name, cells[4], "补贴发到账户的时间")
        assert not [row for row in document.values("报前自查", "A5:E25") if row[3] == "不符合"]


def panel_place(page: Page) -> tuple[int, int]:
    """The cell of the panel that says how many mistakes there are."""
    return next(place for place in page.checks.formulas if place[0] > page.layout.mark_row)
