"""Findings in the sender's own file: each on its cell, nothing else touched, taken away again when it is settled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import (
    FORMS,
    Records,
    cell_of,
    example,
    findings,
    flagged,
    hinted,
    made,
    part,
    raw_parts,
    reviewed,
    with_parts,
)

from perfxl import messages
from perfxl.cli import main
from perfxl.finding import Finding
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.stamp import stamp_book

MARKS = {"必改", "核实", "代改", "提示"}


def book(changes: dict[int, dict[str, Any]], count: int = 3) -> tuple[bytes, tuple[Page, ...]]:
    """A unit's book with mistakes laid over some of its projects, by their place."""
    records = example("project-target")
    records["projects"] = records["projects"][:count]
    for at, change in changes.items():
        records["projects"][at].update(change)
    (made_,) = made("project-target", records).values()
    return stamp_book(made_), made_.pages


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(data))


def flagged_with(data: bytes, *codes: str) -> bytes:
    """The workbook flagged with what these checks find alone."""
    pairs = [(reading, [each for each in found if each.code in codes]) for reading, found in reviewed(data)]
    return flag_workbook(pairs[0][0].located.sheet.workbook, pairs).data


def opinions(data: bytes) -> list[dict[str, Any]]:
    """The lines of 审核意见, by their headings."""
    sheet = opened(data)["审核意见"]
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    lines = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return [line for line in lines if re.fullmatch(r"(必改|核实|代改|提示)\d+", str(line["标记"]))]


def colours(sheet: Worksheet) -> dict[str, list[str]]:
    """The flags of a sheet: the range of each conditional format that flagging put there, its markers in order."""
    found: dict[str, list[str]] = {}
    for ranges in sheet.conditional_formatting:
        for rule in ranges.rules:
            marker = re.search(r'N\("perfxl:([\w-]+)"\)', rule.formula[0])
            if marker and marker[1] not in ("empty", "repeat", "live", "settled"):
                found.setdefault(str(ranges.sqref), []).append(marker[1])
    return found


def notes(sheet: Worksheet) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}


UNIT = "B4"
"""The line that names the unit: there stands what is said of a whole sheet, that openpyxl did not calculate it."""
PLAN = {"march": 0, "june": 50, "october": 50, "december": 95}


def test_each_finding_stands_on_its_cell_with_a_colour_a_note_and_a_line() -> None:
    data, (page, *_) = book({0: {"plan": PLAN, "purpose": None}})
    purpose, december = cell_of(page, "purpose"), cell_of(page, "plan.december")
    assert findings(data) == {("IN-06", (f"{page.name}!{purpose}",)), ("PL-03", (f"{page.name}!{december}",))}
    back = flagged(data)
    sheet = opened(back)[page.name]
    own = {range_: markers for range_, markers in colours(sheet).items() if "returned" not in markers}
    row = purpose[1:]
    assert own == {f"{purpose}:H{row}": ["IN-06"], f"A{row}": ["IN-06"], f"{december}:H{december[1:]}": ["PL-03"]}
    said = notes(sheet)
    assert set(said) == {purpose, december}
    assert said[purpose].startswith("——审核意见——\n必1 未填。")
    assert said[december].startswith("——审核意见——\n必2 ")
    assert "95%" in said[december]
    lines = opinions(back)
    assert [(line["标记"], line["单元格"], line["状态"][:1]) for line in lines] == [
        ("必改1", purpose, "="),
        ("必改2", december, "="),
    ]
    assert lines[0]["所填内容"] == "（空）"
    assert lines[1]["所填内容"] == "95%"


def test_the_deadline_is_printed_on_a_sheet_that_comes_back() -> None:
    data, _ = book({0: {"plan": PLAN}})
    back = flagged(data, "11月6日17:00")
    assert "退回修改，请于11月6日17:00前重报" in part(back, "xl/styles.xml")
    assert "退回修改，请于" not in part(flagged(data), "xl/styles.xml")


@pytest.mark.parametrize("form", FORMS)
def test_a_right_file_that_was_never_flagged_comes_back_byte_for_byte(form: str) -> None:
    for each in made(form).values():
        data = stamp_book(each)
        assert flagged_with(data) == data


def test_nothing_changes_but_what_a_flag_needs() -> None:
    """Compared as the parts are deflated: not even the compression of the others is touched."""
    data, pages = book({1: {"plan": PLAN}})
    back = flagged_with(data, "PL-03")
    before, after = raw_parts(data), raw_parts(back)
    assert {name for name in before if before[name] != after[name]} == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/worksheets/sheet3.xml",
    }
    assert set(after) - set(before) == {
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
        f"xl/worksheets/sheet{len(pages) + 6}.xml",
        "xl/worksheets/_rels/sheet3.xml.rels",
    }
    # of the sheet itself all that people filled in, their widths, locks and validations stay as they were
    old, new = part(data, "xl/worksheets/sheet3.xml"), part(back, "xl/worksheets/sheet3.xml")
    assert old.partition("</sheetData>")[0] == new.partition("</sheetData>")[0]
    for name in ("sheetProtection", "mergeCells", "dataValidations", "pageSetup", "headerFooter"):
        element = re.compile(rf"<{name}\b.*?(?:</{name}>|/>)", re.DOTALL)
        assert element.findall(old) == element.findall(new)


@pytest.mark.parametrize("form", FORMS)
def test_flagging_twice_is_flagging_once(form: str) -> None:
    """A blank has the most to be said of."""
    for each in made(form, prefill="given").values():
        once = flagged(stamp_book(each))
        assert flagged(once) == once
        assert findings(once) == findings(stamp_book(each)) != set()


def test_flags_come_first_in_the_file_and_in_rank_and_no_rank_stands_twice() -> None:
    """LibreOffice obeys the order in the file, Excel the number."""
    data, _ = book({0: {"plan": PLAN, "purpose": None}})
    xml = part(flagged(data), "xl/worksheets/sheet2.xml")
    rules = re.findall(r"<cfRule .*?</cfRule>", xml, re.DOTALL)
    ranks = [int(re.search(r'priority="(\d+)"', rule)[1]) for rule in rules]
    assert ranks == list(range(1, len(rules) + 1))
    kinds = [re.search(r"perfxl:([\w-]+)", rule)[1] for rule in rules]
    blank = [kind in ("empty", "repeat", "live") for kind in kinds]
    assert blank == sorted(blank)
    assert kinds[0] not in ("empty", "repeat", "live", "returned")


def test_put_right_it_is_free_of_flags_marks_and_notes() -> None:
    """Only 审核意见 stays, and says that there is nothing; a colour of an empty cell is that of a blank again."""
    data, pages = book({})
    wrong, _ = book({0: {"plan": PLAN}, 2: {"plan": PLAN}})
    back = flagged(wrong)
    # what the unit puts right: its cells are those of the right book
    for at in (2, 4):
        name = f"xl/worksheets/sheet{at}.xml"
        rows = re.search("<sheetData>.*</sheetData>", part(data, name), re.DOTALL)[0]
        head, _, rest = part(back, name).partition("<sheetData>")
        back = replaced(back, name, head + rows + rest.partition("</sheetData>")[2])
    settled = flagged(back)
    workbook = opened(settled)
    for page in pages:
        assert colours(workbook[page.name]) == {}
        assert notes(workbook[page.name]) == {}
    assert opinions(settled) == []
    assert "没有审核意见。" in [cell.value for cell in workbook["审核意见"]["A"]]
    assert flagged(settled) == settled
    for at in (2, 4):
        name = f"xl/worksheets/sheet{at}.xml"
        left = re.sub(r"<legacyDrawing [^>]*/>", "", part(settled, name))
        assert left == part(data, name)


def replaced(data: bytes, name: str, text: str) -> bytes:
    return with_parts(data, {name: text})


def test_the_numbers_run_through_a_unit_s_book_of_sixteen_sheets() -> None:
    changes = {at: {"plan": PLAN, "purpose": None} if at % 2 else {"plan": PLAN} for at in range(16)}
    data, pages = book(changes, 16)
    back = flagged_with(data, "PL-03", "IN-06")
    lines = opinions(back)
    assert [line["标记"] for line in lines] == [f"必改{number}" for number in range(1, 25)]
    assert [line["项目"].partition(".")[0] for line in lines] == sorted(
        (str(at + 1) for at in range(16) for _ in range(2 if at % 2 else 1)), key=int
    )
    workbook = opened(back)
    seen = [
        int(number)
        for page in pages
        for text in notes(workbook[page.name]).values()
        for number in re.findall(r"^必(\d+) ", text, re.MULTILINE)
    ]
    assert sorted(seen) == list(range(1, 25))


def test_every_line_leads_to_its_cell() -> None:
    data, pages = book({at: {"plan": PLAN, "purpose": None} for at in range(3)})
    back = flagged(data)
    sheet = opened(back)["审核意见"]
    links = {cell.coordinate: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert len(links) == len(opinions(back)) == 6
    cells = {
        page.name: set(re.findall(r'<c r="([A-Z]+\d+)"', part(back, f"xl/worksheets/sheet{at}.xml")))
        for at, page in enumerate(pages, start=2)
    }
    for ref, location in links.items():
        name, _, cell = location.rpartition("!")
        assert name.strip("'") in opened(back).sheetnames
        assert cell in cells[name.strip("'")]
        assert re.match(r"[A-Z]+\d+", str(sheet[ref].value))[0] == cell


def test_a_hint_is_listed_and_never_coloured() -> None:
    data, (page, *_) = book({})
    back = hinted(data)
    assert "TX-01" not in {marker for markers in colours(opened(back)[page.name]).values() for marker in markers}
    (line,) = opinions(back)
    assert (line["标记"], line["状态"]) == ("提示1", "—")
    coloured = colours(opened(hinted(data, "fix"))[page.name])
    assert "TX-01" in {marker for markers in coloured.values() for marker in markers}


def test_findings_that_say_the_same_are_one_line_with_all_cells() -> None:
    indicators = example("project-target")["projects"][0]["indicators"]
    data, (page, *_) = book({0: {"indicators": [{**row, "basis": None} for row in indicators]}})
    (line,) = opinions(flagged(data))
    cells = [
        cell_of(page, "basis", row) for row in range(len(page.layout.tables["indicators"].slots)) if data_row(page, row)
    ]
    assert line["单元格"] == f"{cells[0]}等{len(cells)}处"
    sheet = opened(flagged(data))[page.name]
    assert set(notes(sheet)) == set(cells)


def data_row(page: Page, row: int) -> bool:
    """Whether a table's row holds an indicator."""
    table = page.layout.tables["indicators"]
    return page.cells[table.first + row, table.columns["level3"]] is not None


# --- what a person put there stays ----------------------------------------------------------------------------------


def test_a_person_s_note_stands_before_ours_and_alone_again_afterwards() -> None:
    data, (page, *_) = book({0: {"plan": PLAN}})
    december = cell_of(page, "plan.december")
    workbook = opened(data)
    workbook[page.name][december].comment = openpyxl.comments.Comment("王科长：已电话核对 <100%>", "王")
    workbook[page.name]["C5"].comment = openpyxl.comments.Comment("编码无误", "王")
    stream = BytesIO()
    workbook.save(stream)
    back = flagged(stream.getvalue())
    said = notes(opened(back)[page.name])
    assert said["C5"] == "编码无误"
    assert said[december].startswith("王科长：已电话核对 <100%>\n——审核意见——\n必1 ")
    assert notes(opened(flagged(back))[page.name]) == said
    sheet = next(name for name in raw_parts(back) if name.endswith("sheet2.xml"))
    right = re.sub(rf'(<c r="{december}"[^>]*><v>)0?\.95(</v>)', r"\g<1>1\2", part(back, sheet))
    assert right != part(back, sheet)
    settled = notes(opened(flagged(replaced(back, sheet, right)))[page.name])
    assert "未重新计算" in settled.pop(UNIT)
    assert settled == {december: "王科长：已电话核对 <100%>", "C5": "编码无误"}


def test_a_person_s_conditional_formats_stay_and_rank_below_ours() -> None:
    data, (page, *_) = book({0: {"plan": PLAN}})
    workbook = opened(data)
    red = openpyxl.styles.PatternFill(bgColor="FF00FF00")
    rule = openpyxl.formatting.rule.CellIsRule(operator="greaterThan", formula=["5"], fill=red)
    workbook[page.name].conditional_formatting.add("D6", rule)
    stream = BytesIO()
    workbook.save(stream)
    back = flagged(stream.getvalue())
    own = [each for each in opened(back)[page.name].conditional_formatting if str(each.sqref) == "D6"]
    assert [rule.operator for each in own for rule in each.rules] == ["greaterThan"]
    ranks = {
        str(each.sqref): rule.priority for each in opened(back)[page.name].conditional_formatting for rule in each.rules
    }
    december = cell_of(page, "plan.december")
    assert ranks["D6"] > ranks[f"{december}:H{december[1:]}"]
    assert flagged(back) == back


# --- on a published document ----------------------------------------------------------------------------------------

HOLD = {
    "ID-01", "ID-02", "ID-03", "ID-05", "ID-06", "MN-01", "MN-02", "MN-03", "MN-04", "PL-01", "PL-02", "PL-03", "IN-02",
    "IN-03", "IN-06", "IN-07", "IN-14", "IN-17", "IN-18", "BS-01",
}  # fmt: skip
"""The checks that hold on an approved document."""


@pytest.fixture(scope="module")
def published(township: Records) -> tuple[bytes, tuple[Page, ...]]:
    (made_,) = made("project-target", township).values()
    return stamp_book(made_), made_.pages


def cells_of(found: Iterable[Finding], code: str) -> list[tuple[str, ...]]:
    return [each.cells for each in found if each.code == code]


def test_what_holds_on_a_published_document_is_not_found(published: tuple[bytes, tuple[Page, ...]]) -> None:
    found = [each for _, findings_ in reviewed(published[0]) for each in findings_]
    assert [each for each in found if each.code in HOLD] == []
    assert [each for each in found if each.severity == "error"] == []


def test_the_known_slips_of_a_published_document_are_found_in_their_cells(
    published: tuple[bytes, tuple[Page, ...]], township: Records
) -> None:
    """》 without 《 in the ninth project, another project's subject in the third, last year's code in the eleventh."""
    data, pages = published
    found = {reading.submission.record["number"]: findings_ for reading, findings_ in reviewed(data)}

    def cell(number: int, field: str, index: int | None = None) -> str:
        page = pages[number - 1]
        if index is None:
            return f"{page.name}!{cell_of(page, field)}"
        wanted = township["projects"][number - 1]["indicators"][index][field]
        table = page.layout.tables["indicators"]
        rows = [row for row in range(len(table.slots)) if data_row(page, row)]
        row = rows[index]
        assert page.cells[table.first + row, table.columns[field]] == wanted
        return f"{page.name}!{cell_of(page, field, row)}"

    assert cells_of(found[9], "BS-04") == [tuple(cell(9, "basis", index) for index in (0, 1, 3))]
    assert cells_of(found[3], "BS-05") == [(cell(3, "basis", 1),)]
    assert cells_of(found[11], "ID-04") == [(cell(11, "code"),)]
    back = flagged(data)
    listed = {(line["项目"].partition(".")[0], line["单元格"]) for line in opinions(back)}
    assert ("3", cell(3, "basis", 1).rpartition("!")[2]) in listed
    assert ("11", cell_of(pages[10], "code")) in listed
    assert flagged(back) == back


# --- words and numbers in marks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "own", ["[Red]#,##0.00", "[>100]#,##0;0.00", "#,##0.00_);[Red](#,##0.00)", '"共;"0', "\\;0", "0;;;"]
)
def test_a_mark_makes_no_illegal_number_format_of_a_person_s_own(own: str) -> None:
    """A colour or a condition is the first item of its section (ECMA-376 part 1, 18.8.31); quoted, a semicolon ends none."""
    data, (page, *_) = book({0: {"budget": {"total": 6.52, "fiscal": 9.0, "other": None}}})
    workbook = opened(data)
    fiscal = cell_of(page, "budget.fiscal")
    workbook[page.name][fiscal].number_format = own
    stream = BytesIO()
    workbook.save(stream)
    back = flagged(stream.getvalue())
    codes = [rule.dxf.numFmt.formatCode for each in opened(back)[page.name].conditional_formatting for rule in each.rules
             if str(each.sqref) == fiscal and rule.dxf and rule.dxf.numFmt and "必1" in rule.dxf.numFmt.formatCode]  # fmt: skip
    assert len(codes) == 1
    for section in sections(codes[0]):
        assert not re.search(r"(?<!^)\[", section), codes[0]
    assert len(sections(codes[0])) <= 4
    assert codes[0].count('"') % 2 == 0


def sections(code: str) -> list[str]:
    """The sections of a number format; a semicolon in quotes or after a backslash is none's end."""
    return re.findall(r'(?:[^;"\\]|\\.|"[^"]*")+', code)


def test_the_words_of_marks_are_known() -> None:
    assert {messages.say(f"sheet.marks_long.{severity}") for severity in ("error", "warning", "fix", "hint")} == MARKS


# --- what is said of how a sheet was read -----------------------------------------------------------------------------


def saved(workbook: openpyxl.Workbook) -> bytes:
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def central_saved_by_openpyxl() -> bytes:
    """A form without a line for the unit, that was not calculated."""
    (made_,) = made("central-target").values()
    return saved(opened(stamp_book(made_)))


def without_a_column() -> bytes:
    """A sheet on which nothing tells any more where 指标值 stand: no heading, no mark, no name."""
    data, (page, *_) = book({}, count=1)
    workbook = opened(data)
    sheet = workbook[page.name]
    heading = next(cell for row in sheet for cell in row if cell.value == "指标值")
    heading.value = sheet.cell(1, heading.column).value = None
    del sheet.defined_names["px.indicators.target"]
    return saved(workbook)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (central_saved_by_openpyxl, [("RD-18", "本单位", None)]),
        (without_a_column, [("RD-03", "指标值", None), ("RD-24", "本单位", UNIT), ("RD-18", "本单位", UNIT)]),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_has_no_cell_is_a_line_of_the_list_and_breaks_nothing(
    data: Callable[[], bytes], said: list[tuple[str, str, str | None]], tmp_path: Path
) -> None:
    file = tmp_path / "in" / "一.xlsx"
    file.parent.mkdir()
    file.write_bytes(data())
    # of the answers that are not known no other check says anything
    assert [each.code for _, found in reviewed(file) for each in found] == [code for code, _, _ in said]
    back = flagged(file)
    lines = opinions(back)
    assert [(line["位置"], line["单元格"]) for line in lines] == [(place, cell) for _, place, cell in said]
    assert flagged(back) == back
    for command, output in (
        ("flag", "flagged"),
        ("correct", "clean"),
        ("remarks", "list.xlsx"),
        ("check", ""),
        ("read", ""),
    ):
        result = CliRunner().invoke(main, [command, str(file), *(["-o", str(tmp_path / output)] if output else [])])
        assert result.exit_code in (0, 1), result.output
        assert output or all(line["审核意见"] in result.stdout for line in lines)
    before = {str(cell.value) for row in opened(data()).worksheets[0] for cell in row if cell.value is not None}
    clean = next((tmp_path / "clean").rglob("*.xlsx"))
    after = {str(cell.value) for sheet in openpyxl.load_workbook(clean) for row in sheet for cell in row}
    assert {text for text in before if re.search(r"[㐀-鿿]", text) and not text.startswith("=")} - after == set()
    worklist = openpyxl.load_workbook(tmp_path / "list.xlsx")["审核意见"]
    held = {str(cell.value) for row in worklist for cell in row}
    assert {line["审核意见"] for line in lines} <= held


def test_a_doubt_about_a_whole_column_stands_on_its_heading() -> None:
    data, (page, *_) = book({}, count=1)
    workbook = opened(data)
    sheet = workbook[page.name]
    heading = next(cell for row in sheet for cell in row if cell.value == "指标值")
    name = sheet.defined_names["px.indicators.target"]
    name.attr_text = name.attr_text.replace("$G$", "$H$")
    back = flagged(saved(workbook))
    (line,) = (line for line in opinions(back) if "指向另一格" in line["审核意见"])
    assert (line["位置"], line["单元格"]) == ("指标值", heading.coordinate)
    assert set(colours(opened(back)[page.name])[heading.coordinate]) == {"RD-04"}


def test_flags_stand_after_what_holds_nothing() -> None:
    """A Chinese Excel says of every sheet that its words have no readings, in a tag without an end."""
    data, (page, *_) = book({0: {"plan": PLAN, "purpose": None}}, count=1)
    name = reviewed(data)[0][0].located.sheet.entry.part
    empty = '<phoneticPr fontId="1" type="noConversion"/>'
    xml = part(data, name).replace("</mergeCells>", f"</mergeCells>{empty}", 1)
    back = flagged(with_parts(data, {name: xml}))
    assert f"{empty}<conditionalFormatting" in part(back, name)
    assert not re.search("<conditionalFormatting[^<>]*><conditionalFormatting", part(back, name))
    assert colours(opened(back)[page.name]) == colours(opened(flagged(data))[page.name]) != {}
