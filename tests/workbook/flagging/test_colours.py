"""What a person sees, judged by LibreOffice: a blank's colours, flags that go away by themselves, marks in print."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import Document, LibreOffice
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from workbook.conftest import cell_of, example, findings, flagged, hinted, inputs, made, part, returned, some

from perfxl import rules
from perfxl.form import installed as forms
from perfxl.rules import example as rule_example
from perfxl.rules.policy import default_policy
from perfxl.rules.review import review
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.stamp import stamp_book

YELLOW, BLUE = "#FFF7CC", "#EAF3FB"
RED, AMBER, PALE = "#FFD6D6", "#FFE9B8", "#FFF4D6"
NONE = {None, "#FFFFFF"}
OWN_FILL = "#CCFFCC"
BLUE_FLAG = "#DCE9FA"
OWN_NOTE = "已与镇财政所电话核对，OK\n王，11/3"


@pytest.mark.parametrize("form", ["project-target", "department-goals", "central-target"])
def test_a_blank_shows_what_is_still_to_be_filled_in(office: LibreOffice, tmp_path: Path, form: str) -> None:
    """Yellow what must be, blue what may be; filled in it turns white."""
    records = example(form)
    records["projects"] = records["projects"][:1]
    (book,) = made(form, records, prefill="given").values()
    (page,) = book.pages
    path = tmp_path / "blank.xlsx"
    path.write_bytes(stamp_book(book))
    with office.open(path) as document:
        looks = document.looks(page.name)
        empty = {cell: box for cell, box in inputs(page).items() if page.cells[box.row, box.column] is None}
        assert {cell: looks[cell].background for cell in empty} == {
            cell: YELLOW if box.required else BLUE for cell, box in empty.items()
        }
        first = list(empty)[:3]
        for cell in first:
            document.type_text(page.name, cell, "1", insist=True)
        after = document.looks(page.name)
        # a live check may have its own to say of what was typed
        assert {after[cell].background for cell in first}.isdisjoint({YELLOW, BLUE})
        assert after[list(empty)[-1]].background == looks[list(empty)[-1]].background


# --- one workbook's way: filled in with mistakes, flagged, put right in part, flagged again, put right --------------


@dataclass
class Story:
    """One workbook on its way to and fro, as files; ``cells``: where the mistakes are."""

    page: Page
    cells: dict[str, str]
    filled: Path
    back: Path
    half: Path
    second: Path
    right: Path
    third: Path
    looks: dict[str, dict[str, Any]]
    states: dict[str, dict[str, str]]
    printed: dict[str, str]


def look(document: Document, story: Story, when: str) -> None:
    """Keeps what is seen now: colours, the states of 审核意见, the printed text."""
    story.looks[when] = document.looks(story.page.name)
    lines = document.values("审核意见", "A1:J30")
    story.states[when] = {str(line[0]): str(line[9]) for line in lines if re.fullmatch(r"(必改|核实)\d+", str(line[0]))}
    story.printed[when] = document.printed_text()


@pytest.fixture(scope="module")
def story(office: LibreOffice, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    records = example("project-target")
    records["projects"] = records["projects"][:2]
    records["projects"][0]["plan"] = {"march": 0, "june": 50, "october": 50, "december": 100}
    (book,) = made("project-target", records).values()
    page = book.pages[0]
    sent = folder / "sent.xlsx"
    sent.write_bytes(stamp_book(book))
    assert findings(sent) == set()
    files = [folder / f"{name}.xlsx" for name in ("filled", "back", "half", "second", "right", "third")]
    told = Story(page, cells_of(page), *files, looks={}, states={}, printed={})
    cells = told.cells
    with office.open(sent) as document:
        document.type_text(page.name, cells["other"], "10")
        document.type_text(page.name, cells["december"], "95%")
        document.clear(page.name, cells["blank"])
        document.type_text(page.name, cells["share"], "≥980%")
        document.type_text(page.name, cells["mark"], "清溪县管理办法》")
        document.save_as(told.filled)
    mark(told.filled, page.name, cells["share"], cells["mark"])
    told.back.write_bytes(flagged(told.filled, "11月6日17:00"))
    with office.open(told.back) as document:
        look(document, told, "flagged")
        document.clear(page.name, cells["other"])
        document.type_text(page.name, cells["share"], "≥98%")
        look(document, told, "half")
        document.save_as(told.half)
    told.second.write_bytes(flagged(told.half, "11月6日17:00"))
    with office.open(told.second) as document:
        look(document, told, "second")
        document.type_text(page.name, cells["december"], "100%")
        document.type_text(page.name, cells["blank"], "《清溪县统计年鉴》")
        document.type_text(page.name, cells["mark"], "《清溪县管理办法》")
        document.save_as(told.right)
    told.third.write_bytes(flagged(told.right))
    with office.open(told.third) as document:
        look(document, told, "third")
    return told


def cells_of(page: Page) -> dict[str, str]:
    table = page.layout.tables["indicators"]
    rows = [
        row for row in range(len(table.slots)) if page.cells[table.first + row, table.columns["level3"]] is not None
    ]
    target = next(
        row for row in rows if re.fullmatch(r"≥\d+%", str(page.cells[table.first + row, table.columns["target"]]))
    )
    free = [row for row in rows if row != target]
    return {
        "fiscal": cell_of(page, "budget.fiscal"),
        "other": cell_of(page, "budget.other"),
        "december": cell_of(page, "plan.december"),
        "share": cell_of(page, "target", target),
        "blank": cell_of(page, "basis", free[0]),
        "mark": cell_of(page, "basis", free[1]),
    }


def mark(path: Path, sheet: str, *cells: str) -> None:
    """A person's own note and fill on some cells."""
    workbook = openpyxl.load_workbook(path)
    for cell in cells:
        workbook[sheet][cell].comment = Comment(OWN_NOTE, "王")
        workbook[sheet][cell].fill = PatternFill("solid", fgColor=f"FF{OWN_FILL[1:]}")
    workbook.save(path)


def test_five_mistakes_of_five_kinds_are_reported_at_once_with_their_cells(story: Story) -> None:
    def at(*names: str) -> tuple[str, ...]:
        return tuple(f"{story.page.name}!{story.cells[name]}" for name in names)

    assert findings(story.filled) == {
        ("MN-02", at("fiscal", "other")),
        ("PL-03", at("december")),
        ("IN-14", at("share")),
        ("BS-01", at("blank")),
        ("BS-04", at("mark")),
        ("RD-18", (f"{story.page.name}!B4",)),  # openpyxl, which adds the person's note, calculates nothing
    }


def shown(story: Story, when: str) -> dict[str, str | None]:
    return {name: story.looks[when][cell].background for name, cell in story.cells.items()}


def test_flags_are_red_and_amber_and_no_other_input_is_coloured(story: Story) -> None:
    red = dict.fromkeys(("fiscal", "other", "december", "share", "blank"), RED)
    assert shown(story, "flagged") == {**red, "mark": AMBER}
    others = set(inputs(story.page)) - set(story.cells.values())
    assert {story.looks["flagged"][cell].background for cell in others} <= NONE
    assert set(story.states["flagged"].values()) == {"未改"}
    assert len(story.states["flagged"]) == 5


def test_put_right_without_perfxl_a_colour_goes_or_turns_pale(story: Story) -> None:
    """The sum holds again: both of its amounts are free. Nobody can know that of a share: it is pale."""
    assert {shown(story, "half")[name] for name in ("fiscal", "other")} <= NONE
    assert shown(story, "half")["share"] == PALE
    still = ("december", "blank", "mark")
    assert {name: shown(story, "half")[name] for name in still} == {"december": RED, "blank": RED, "mark": AMBER}
    assert sorted(story.states["half"].values()) == sorted(["已改", "改动待复核", "未改", "未改", "未改"])


def test_the_marks_are_printed_before_the_values_and_go_with_the_colour(story: Story) -> None:
    printed = story.printed["flagged"]
    assert re.search(r"必1 \d", printed)
    assert re.search(r"必\d ≥980%", printed)
    assert re.search(r"必\d 95%", printed)
    assert re.search(r"核5 清溪县", printed)
    assert "退回修改，请于11月6日17:00前重报" in printed
    half = story.printed["half"]
    assert re.search(r"改 ≥98%", half)
    assert not re.search(r"必\d ≥980?%", half)
    assert "必1 " not in half.partition("审核意见")[0].replace("必1 财政", "")
    assert re.search(r"必\d 95%", half)


def test_the_mark_of_an_empty_cell_stands_in_its_row_key(story: Story) -> None:
    row = int(re.search(r"\d+", story.cells["blank"])[0])
    page = story.page
    key = str(page.cells[row - 1, page.layout.key_column])
    sheet = printed_sheet(story.printed["flagged"], page)
    assert key not in sheet
    others = [
        str(page.cells[other, page.layout.key_column])
        for other in range(page.layout.tables["indicators"].first, row - 1)
    ]
    assert all(other in sheet for other in others)
    number = next(number for number, cell in lines_of(story.back).items() if cell == story.cells["blank"])
    assert re.search(rf"^\s*{number}\s", sheet, re.MULTILINE)
    # once filled in the key is there again
    assert key in printed_sheet(story.printed["third"], page)


def printed_sheet(text: str, page: Page) -> str:
    """The printed page of one form sheet."""
    return next(each for each in text.split("\f") if page.title in each and "项目编码" in each)


def lines_of(path: Path) -> dict[str, str]:
    """What stands under 单元格 in 审核意见, by the short mark."""
    sheet = openpyxl.load_workbook(path)["审核意见"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    return {str(row[0]).replace("必改", "必").replace("核实", "核"): str(row[3]) for row in rows if row[3]}


def test_flagged_again_what_was_put_right_is_clean_and_the_rest_is_not(story: Story) -> None:
    assert {code for code, _ in findings(story.half)} == {"PL-03", "BS-01", "BS-04"}
    still = {"december": RED, "blank": RED, "mark": AMBER}
    assert {name: shown(story, "second")[name] for name in still} == still
    assert {shown(story, "second")[name] for name in ("fiscal", "other")} <= NONE
    assert list(story.states["second"].values()) == ["未改"] * 3


def test_what_a_person_put_on_a_cell_is_as_it_was(story: Story) -> None:
    """The fill is seen again as soon as the flag is gone; the note stands alone again."""
    assert shown(story, "second")["share"] == OWN_FILL
    sheet = openpyxl.load_workbook(story.second)[story.page.name]
    assert sheet[story.cells["share"]].comment.text == OWN_NOTE
    assert sheet[story.cells["mark"]].comment.text.startswith(f"{OWN_NOTE}\n——审核意见——\n核3 ")
    for name in ("share", "mark"):
        assert sheet[story.cells[name]].fill.fgColor.rgb == f"FF{OWN_FILL[1:]}"
    assert shown(story, "third")["mark"] == OWN_FILL
    after = openpyxl.load_workbook(story.third)[story.page.name]
    assert after[story.cells["mark"]].comment.text == OWN_NOTE
    assert {cell.coordinate for row in after.iter_rows() for cell in row if cell.comment} == {
        story.cells["share"],
        story.cells["mark"],
    }


def test_flagging_what_another_program_saved_twice_is_flagging_it_once(story: Story) -> None:
    for path in (story.filled, story.half, story.right):
        once = flagged(path)
        assert flagged(once) == once


def test_everything_put_right_leaves_no_flag_no_mark_and_no_colour(story: Story) -> None:
    assert findings(story.right) == set()
    names = openpyxl.load_workbook(story.third)
    for sheet in names:
        rules = [rule for each in sheet.conditional_formatting for rule in each.rules]
        markers = {marker for rule in rules for marker in re.findall(r"perfxl:([\w-]+)", rule.formula[0])}
        assert markers <= {"empty", "repeat", "live"}
    colours = shown(story, "third")
    assert {colours[name] for name in ("fiscal", "december", "blank")} <= NONE
    assert story.states["third"] == {}
    assert not re.search(r"[必核代]\d", story.printed["third"])


@pytest.mark.parametrize("line", ["没有审核意见。", "请先把本文件另存到桌面再填。"])
def test_a_sentence_is_not_squeezed_into_a_narrow_column(story: Story, line: str) -> None:
    """On 审核意见 with nothing to say, and above the list of projects."""
    assert line in story.printed["third"]


# --- each kind of flag holds as long as its mistake -----------------------------------------------------------------


@pytest.fixture
def flagged_by(office: LibreOffice, tmp_path: Path) -> Callable[..., tuple[Page, Any]]:
    """One project, with its record changed, flagged and opened."""

    def made_(**changes: Any) -> tuple[Page, Any]:
        records = example("project-target")
        records["projects"] = records["projects"][:1]
        records["projects"][0].update(changes)
        (book,) = made("project-target", records).values()
        path = tmp_path / "one.xlsx"
        path.write_bytes(flagged(stamp_book(book)))
        return book.pages[0], office.open(path)

    return made_


def test_a_plan_beyond_a_hundred_percent_is_red_until_it_is_not(flagged_by: Callable[..., tuple[Page, Any]]) -> None:
    """150 % is 1.5 in its cell."""
    page, opened = flagged_by(plan={"march": 0, "june": 50, "october": 150, "december": 100})
    cell = cell_of(page, "plan.october")
    with opened as document:
        assert document.visible_color(page.name, cell) == RED
        document.type_text(page.name, cell, "90%")
        assert document.visible_color(page.name, cell) in NONE


@pytest.mark.parametrize(
    ("code", "texts"),
    [("MN-02", {"budget.fiscal": "60万", "budget.other": 6.52}), ("PL-02", {"plan.march": "60%", "plan.june": 0.5})],
)
def test_an_answer_understood_though_it_is_a_text_is_flagged_as_it_is_judged(
    office: LibreOffice, tmp_path: Path, code: str, texts: dict[str, Any]
) -> None:
    """A formula takes a pasted 60万 for nothing, the reader for 60: where the reader finds a mistake, it must show."""
    records = example("project-target")
    records["projects"] = records["projects"][:1]
    records["projects"][0]["plan"] = {"march": 0, "june": 50, "october": 50, "december": 100}
    records["projects"][0]["budget"]["total"] = 6.52
    (book,) = made("project-target", records).values()
    (page,) = book.pages
    path = tmp_path / "texts.xlsx"
    path.write_bytes(stamp_book(book))
    workbook = openpyxl.load_workbook(path)
    for field, value in texts.items():
        workbook[page.name][cell_of(page, field)] = value
    workbook.save(path)
    (cells,) = [cells for found, cells in findings(path) if found == code]
    path.write_bytes(flagged(path))
    with office.open(path) as document:
        for cell in cells:
            assert document.visible_color(page.name, cell.rpartition("!")[2]) == RED


def test_a_long_text_with_quotes_and_line_breaks_is_flagged_until_it_is_changed(
    flagged_by: Callable[..., tuple[Page, Any]],
) -> None:
    """Longer than a text in a formula may be; a change in its middle counts too."""
    goals = ['“双拥”工作按"计划"完成（第一批。' + "逐村核对名册，" * 40, "补贴发放准确率达到100%。"]
    page, opened = flagged_by(goals=goals)
    cell = cell_of(page, "goals")
    with opened as document:
        assert document.visible_color(page.name, cell) == AMBER
        text = document.cell(page.name, cell).value
        document.type_text(page.name, cell, text.replace("（第一批。", "（第一批）。"), insist=True)
        assert document.visible_color(page.name, cell) == PALE


def test_a_flag_follows_its_cell_when_rows_are_put_in(flagged_by: Callable[..., tuple[Page, Any]]) -> None:
    """The note, the colour and the line's link are about the answer, not about an address."""
    indicators = example("project-target")["projects"][0]["indicators"]
    page, opened = flagged_by(indicators=[*indicators[:-1], {**indicators[-1], "basis": "《问卷"}])
    table = page.layout.tables["indicators"]
    cell = cell_of(page, "basis", len(table.slots) - 1 - page.layout.form.tables["indicators"].groups.spare[2])
    with opened as document:
        assert document.visible_color(page.name, cell) == AMBER
        document.unprotect(page.name)
        document.insert_rows(page.name, table.first + 2)
        below = f"{cell[0]}{int(cell[1:]) + 1}"
        assert document.visible_color(page.name, below) == AMBER
        assert document.visible_color(page.name, cell) in NONE


@pytest.mark.parametrize("part_", range(3))
def test_every_rule_s_bad_example_is_seen_on_its_cells(office: LibreOffice, tmp_path: Path, part_: int) -> None:
    """Each rule on a sheet of its own: its finding alone is flagged, in the colour of its severity, by a condition that
    LibreOffice finds true."""
    form = forms.load("project-target")
    shown = [
        rule for rule in rules.rules(form) if default_policy().severity(rule.code, rule.severity) not in (None, "hint")
    ]
    alone = [
        rule
        for rule in shown
        if rule.bad
        and not any(path.startswith(("seen.", "unit.")) for path in rule.bad)
        and rule_example.is_shown_on(form, rule.bad)
    ]
    asked = alone[part_::3]  # a unit's book has at most sixty sheets
    records = {**example("project-target"), "projects": []}
    for number, rule in enumerate(asked, start=1):
        records["projects"].append({**rule_example.subject(form, rule.bad).record, "number": number})
    (book,) = made("project-target", records).values()
    pairs = []
    for reading, rule in zip(returned(stamp_book(book)), asked, strict=True):
        ((_, found),) = review([reading.submission], rules.select_policy(default_policy(), [rule.code]))
        assert found, rule.code
        pairs.append((reading, found))
    path = tmp_path / "rules.xlsx"
    path.write_bytes(flag_workbook(pairs[0][0].located.sheet.workbook, pairs).data)
    assert len(pairs) > 5
    wrong = {}
    with office.open(path) as document:
        for page, (_, found) in zip(book.pages, pairs, strict=True):
            looks = document.looks(page.name)
            for finding in found:
                cells = [cell.rpartition("!")[2] for cell in finding.cells]
                own = [cell for cell in cells if cell in inputs(page)] or cells
                wanted = {"error": RED, "warning": AMBER, "fix": BLUE_FLAG}[finding.severity]
                seen = {cell: looks[cell].background if cell in looks else "no cell" for cell in own}
                if set(seen.values()) != {wanted}:
                    wrong[page.identity.number, finding.code] = seen
        states = document.values("审核意见", "J5:J60")
    assert wrong == {}
    assert {row[0] for row in states} == {"未改", ""}


def test_a_hint_never_colours(office: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "hint.xlsx"
    path.write_bytes(hinted(some(1)))
    with office.open(path) as document:
        (sheet,) = [name for name in document.sheets() if name.startswith("项目01")]
        cells = [cell for cell, each in document.looks(sheet).items() if each.background in (RED, AMBER, "#DCE9FA")]
        assert cells == [cell for cell in cells if cell.startswith("J")]  # the legend beside the form
    assert "perfxl:TX-01" not in part(path.read_bytes(), "xl/worksheets/sheet2.xml")
