"""审核意见 as a conversation: explanations, decisions and remarks come back, are kept, and never lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from judges.schema import complaints, schema_folder
from office.libreoffice import LibreOffice
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import cell_of, example, flagged, made, reviewed, workbook
from workbook.flagging.test_flag import PLAN, UNIT, colours, notes, opened

from perfxl.cli import main
from perfxl.finding import Decision, Finding
from perfxl.rules.policy import default_policy
from perfxl.workbook.flagging.flag import FlaggedWorkbook, flag_workbook
from perfxl.workbook.lists import worklist
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.explanation import refusal_formula, refusal_of, squeeze_explanation
from perfxl.workbook.opinions.replies import Orders, Ruled, add_replies, by_code, read_replies
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.stamp import stamp_book

SHEET = "审核意见"
WRONG = "清溪县管理办法》"
WHY = "  办法正在报批，文号下达后补上，\n依据清政办会议纪要第7期。 "
"""As people type: blanks around it, a line break."""
AMBER, RED, PALE = "#FFE9B8", "#FFD6D6", "#FFF4D6"


def book(count: int = 1, wrong: int = 3, **changes: Any) -> tuple[bytes, Page]:
    """A book in which as many bases of the first project lack half of 《》, one finding at 核实性."""
    records = example("project-target")
    records["projects"] = records["projects"][:count]
    project = records["projects"][0]
    project["indicators"] = [
        {**row, "basis": WRONG} if at < wrong else row for at, row in enumerate(project["indicators"])
    ]
    project.update(changes)
    (made_,) = made("project-target", records).values()
    return stamp_book(made_), made_.pages[0]


def ordered(data: bytes, orders: Orders, **options: Any) -> FlaggedWorkbook:
    """The workbook flagged with what a reviewer ordered."""
    pairs = reviewed(data)
    return flag_workbook(pairs[0][0].located.sheet.workbook, pairs, orders=orders, **options)


def edited(data: bytes, cells: Mapping[str, Any], sheet: str = SHEET) -> bytes:
    """The workbook with some cells typed anew."""
    book_ = opened(data)
    for cell, value in cells.items():
        book_[sheet][cell] = value
    stream = BytesIO()
    book_.save(stream)
    return stream.getvalue()


def listed(data: bytes) -> list[dict[str, Any]]:
    """The rows of 审核意见 that have a key, by their headings, each with its row."""
    sheet = opened(data)[SHEET]
    heads = {cell.value: cell.column for cell in sheet[4]}
    rows = [
        {head: sheet.cell(row, column).value for head, column in heads.items()} | {"行": row}
        for row in range(5, sheet.max_row + 1)
    ]
    return [row for row in rows if opinion_key.parse_key(str(row["意见码"] or ""))]


def column(data: bytes, heading: str) -> str:
    return next(cell.column_letter for cell in opened(data)[SHEET][4] if cell.value == heading)


def line(data: bytes, mark: str = "核实") -> dict[str, Any]:
    (found,) = (row for row in listed(data) if str(row["标记"]).startswith(mark))
    return found


def explained(data: bytes, why: str) -> bytes:
    """With this explanation typed into its line."""
    return edited(data, {f"{column(data, '出错说明（单位填写）')}{line(data)['行']}": why})


def typed(data: bytes, at: int = 0, **texts: str) -> bytes:
    """With a remark typed into one of the rows below the list."""
    sheet = opened(data)[SHEET]
    first = (
        next(row for row in range(5, sheet.max_row + 1) if str(sheet.cell(row, 1).value).startswith("人工意见（")) + 1
    )
    return edited(data, {f"{column(data, heading)}{first + at}": text for heading, text in texts.items()})


def says(data: bytes) -> str:
    """The state of the line that may be explained, as the file holds it without calculating."""
    sheet = openpyxl.load_workbook(BytesIO(data), data_only=True)[SHEET]
    return str(sheet[f"{column(data, '状态')}{line(data)['行']}"].value)


def coloured(data: bytes, page: Page, code: str = "BS-04") -> bool:
    return code in {marker for markers in colours(opened(data)[page.name]).values() for marker in markers}


# --- explanations ---------------------------------------------------------------------------------------------------


def test_an_explanation_is_asked_for_where_one_may_be_given_and_nowhere_else() -> None:
    data, _ = book(plan=PLAN)
    sheet = opened(flagged(data))[SHEET]
    at = column(flagged(data), "出错说明（单位填写）")
    must, may = line(flagged(data), "必改"), line(flagged(data))
    assert (must["出错说明（单位填写）"], sheet[f"{at}{must['行']}"].protection.locked) == ("—", True)
    assert (may["出错说明（单位填写）"], sheet[f"{at}{may['行']}"].protection.locked) == (None, False)
    assert sheet[f"{at}{may['行']}"].number_format == "@"
    (length,) = (each for each in sheet.data_validations.dataValidation if each.type == "textLength")
    assert (str(length.sqref), length.formula1) == (f"{at}{may['行']}", "200")


def test_no_code_of_a_check_stands_in_the_list() -> None:
    data, _ = book(plan=PLAN)
    texts = [str(cell.value) for row in opened(flagged(data))[SHEET].iter_rows() for cell in row]
    assert not any("BS-04" in text or "PL-03" in text for text in texts)


def test_an_explanation_is_kept_and_answers() -> None:
    data, page = book()
    back = flagged(data)
    assert coloured(back, page)
    again = flagged(explained(back, WHY))
    assert line(again)["出错说明（单位填写）"] == WHY
    assert says(again) == "已说明"
    assert not coloured(again, page)
    assert notes(opened(again)[page.name]).keys() == {UNIT}
    assert "需核实0条" in str(opened(again)[SHEET]["A3"].value)
    assert "已说明1条" in str(opened(again)[SHEET]["A3"].value)
    assert flagged(again) == again
    (pair,) = reviewed(again)
    finding, hint = add_replies([pair], read_replies(workbook(again)), default_policy()).findings[0][1]
    assert (finding.code, finding.explanation, finding.answered, finding.open) == ("BS-04", WHY, True, False)
    assert hint.code == "RD-18"  # openpyxl, that typed it, does not calculate


def test_it_stays_with_what_is_left_of_its_line() -> None:
    """One of three cells is put right: the finding has two fields now, and another number."""
    data, page = book()
    answered = explained(flagged(data), WHY)
    right = edited(answered, {cell_of(page, "basis", 0): "《清溪县管理办法》"}, page.name)
    again = flagged(right)
    assert line(again)["出错说明（单位填写）"] == WHY
    assert says(again) == "已说明"
    assert len(str(line(again)["意见码"]).partition("|")[0].split()) == 2


def test_of_what_is_put_right_the_explanation_is_kept_at_the_end() -> None:
    data, page = book(plan=PLAN)
    cells = {cell_of(page, "basis", row): "《清溪县管理办法》" for row in range(3)}
    again = flagged(edited(explained(flagged(data), WHY), cells, page.name))
    assert [row["标记"] for row in listed(again)] == ["必改1", "提示2", "核实"]
    last = listed(again)[-1]
    assert (last["状态"], last["出错说明（单位填写）"]) == ("已改", WHY)
    assert flagged(again) == again
    # and is there again when the mistake is
    wrong = flagged(edited(again, {cell_of(page, "basis", 0): WRONG}, page.name))
    assert (says(wrong), line(wrong)["出错说明（单位填写）"]) == ("已说明", WHY)


@pytest.mark.parametrize("phrase", ["核实无误", " 核实 无误。", "情况属实！", "“属实”", "无", "有依据", "。。。"])
def test_a_stock_phrase_explains_nothing(phrase: str) -> None:
    data, page = book()
    again = flagged(explained(flagged(data), phrase))
    assert line(again)["出错说明（单位填写）"] == phrase
    assert says(again) == "说明不予认可"
    assert "不能作为说明。请写明为什么这样填，依据哪个文件或怎么测算。" in line(again)["修改要求"]
    assert coloured(again, page)
    assert flagged(again) == again


def test_the_list_may_be_renamed_sorted_moved_and_deleted() -> None:
    data, page = book(2, plan=PLAN)
    answered = explained(flagged(data), WHY)
    book_ = opened(answered)
    sheet: Worksheet = book_[SHEET]
    sheet.title = "意见回复"
    first, second = (([cell.value for cell in sheet[row]]) for row in (5, 6))
    for at, (one, other) in enumerate(zip(first, second, strict=True), start=1):
        sheet.cell(5, at).value, sheet.cell(6, at).value = other, one
    stream = BytesIO()
    book_.save(stream)
    again = flagged(stream.getvalue())
    assert SHEET not in opened(again).sheetnames
    rows = list(opened(again)["意见回复"].iter_rows(min_row=5, max_row=6, values_only=True))
    assert [row[0] for row in rows] == ["必改1", "核实2"]
    assert rows[1][7] == WHY
    del book_["意见回复"]
    stream = BytesIO()
    book_.save(stream)
    assert says(flagged(stream.getvalue())) == "未改"
    assert coloured(flagged(stream.getvalue()), page)


def test_rows_added_above_do_not_move_an_explanation() -> None:
    """A row is known by its key, not by its number."""
    data, page = book(wrong=1)
    answered = explained(flagged(data), WHY)
    other = edited(answered, {cell_of(page, "basis", 2): WRONG}, page.name)
    again = flagged(other)
    # one finding with two cells, one of which was explained: it is the same finding
    assert line(again)["出错说明（单位填写）"] == WHY


def test_a_note_that_a_person_put_on_the_list_stays() -> None:
    data, _ = book()
    book_ = opened(flagged(data))
    book_[SHEET]["F5"].comment = openpyxl.comments.Comment("请看附件", "王")
    stream = BytesIO()
    book_.save(stream)
    again = flagged(stream.getvalue())
    assert opened(again)[SHEET]["F5"].comment.text == "请看附件"


POLICY = default_policy()


@given(st.text(alphabet="核实无误属情况真的 　。，！\t\n办法", max_size=8))
def test_the_sheet_refuses_what_the_return_refuses(text: str) -> None:
    """The formula takes the same signs away; here by hand what Excel does."""
    formula = refusal_formula("X", POLICY, "zh-CN")
    bare = text
    for sign in " 　\u00a0\t\n\r，。、；：！？,.;:!?“”‘’（）()—-～~…·":
        bare = bare.replace(sign, "")
    assert bare == squeeze_explanation(text)
    stock = f"|{bare}|" in formula.replace('"&"', "")
    assert bool(refusal_of(text, POLICY)) == (len(bare) < 4 or stock)


# --- decisions ------------------------------------------------------------------------------------------------------

BY = {"by": "李芳", "at": "2024-11-06"}


def ruled(data: bytes, ruling: Any, mark: str = "核实") -> Orders:
    key = opinion_key.parse_key(line(data, mark)["意见码"])
    assert key
    return Orders(by_code([Ruled(key, Decision(ruling, **BY), "审核意见!G4")]))


def test_what_is_upheld_stands_though_it_is_explained() -> None:
    data, page = book()
    answered = explained(flagged(data), WHY)
    made_ = ordered(answered, ruled(answered, "upheld"))
    assert made_.followed == {"审核意见!G4"}
    back = made_.data
    assert (says(back), line(back)["处理（财政局填写）"]) == ("说明不予认可", "维持　李芳　2024-11-06")
    assert coloured(back, page)
    assert line(back)["出错说明（单位填写）"] == WHY
    # kept without the list, and although the unit explains it anew
    assert flagged(back) == back
    assert says(flagged(explained(back, "另有说明：依据会议纪要。"))) == "说明不予认可"


def test_an_accepted_explanation_answers_even_if_it_is_short() -> None:
    data, page = book()
    answered = explained(flagged(data), "属实")
    back = ordered(answered, ruled(answered, "accepted")).data
    assert (says(back), line(back)["处理（财政局填写）"]) == ("已说明", "采纳说明　李芳　2024-11-06")
    assert not coloured(back, page)
    assert flagged(back) == back


def test_what_is_withdrawn_is_listed_last_and_not_flagged() -> None:
    data, page = book(plan=PLAN)
    back = flagged(data)
    gone = ordered(back, ruled(back, "withdrawn", "必改")).data
    assert [(row["标记"], row["状态"]) for row in listed(gone)][-1] == ("必改", "撤销")
    assert listed(gone)[-1]["处理（财政局填写）"] == "撤销　李芳　2024-11-06"
    assert not coloured(gone, page, "PL-03")
    assert line(gone)["标记"] == "核实1"
    assert flagged(gone) == gone
    # another value is another finding
    other = flagged(edited(gone, {cell_of(page, "plan.december"): 0.9}, page.name))
    assert coloured(other, page, "PL-03")


def test_a_decision_that_a_unit_types_is_not_believed() -> None:
    data, page = book()
    back = flagged(data)
    at = f"{column(back, '处理（财政局填写）')}{line(back)['行']}"
    again = flagged(edited(back, {at: "采纳说明　李芳　2024-11-06"}))
    assert (says(again), line(again)["处理（财政局填写）"]) == ("未改", None)
    assert coloured(again, page)
    decided = ordered(back, ruled(back, "upheld")).data
    turned = flagged(edited(decided, {at: "采纳说明　李芳　2024-11-06"}))
    assert line(turned)["处理（财政局填写）"] is None


def test_a_decision_on_what_is_not_found_is_said() -> None:
    data, page = book()
    back = flagged(data)
    orders = ruled(back, "withdrawn")
    cells = {cell_of(page, "basis", row): "《清溪县管理办法》" for row in range(3)}
    assert ordered(edited(back, cells, page.name), orders).followed == frozenset()


# --- remarks --------------------------------------------------------------------------------------------------------

REMARK = {
    "标记": "必改",
    "单元格": "C7",
    "审核意见": "用途写得太笼统",
    "修改要求": "请写明补给谁、补多少。",
    "处理（财政局填写）": "李芳 11/6",
}


def test_a_remark_typed_below_the_list_is_a_finding_like_any_other() -> None:
    data, page = book()
    back = flagged(typed(flagged(data), **REMARK))
    found = line(back, "必改")
    assert [(row["标记"], row["单元格"]) for row in listed(back)] == [
        ("必改1", "C7"),
        ("核实2", "H12等3处"),
        ("提示3", UNIT),
    ]
    assert (found["位置"], found["审核意见"], found["修改要求"]) == ("资金用途", REMARK["审核意见"], REMARK["修改要求"])
    assert found["处理（财政局填写）"] == "李芳 11/6"
    assert coloured(back, page, "RV-01")
    assert notes(opened(back)[page.name])["C7"] == "——审核意见——\n必1 用途写得太笼统。请写明补给谁、补多少。"
    assert flagged(back) == back
    # always as many empty rows as before
    empty = [row for row in opened(back)[SHEET].iter_rows(min_row=9, max_row=30, values_only=True) if not any(row)]
    assert len(empty) >= 6


def test_a_remark_on_what_was_changed_waits_for_a_person_and_goes_when_it_is_withdrawn() -> None:
    data, page = book(wrong=0)
    # a file without findings has no list yet: the reviewer's own list brings the remark
    remark = replace(worklist_remark(), what="用途写得太笼统", cell="C7")
    back = ordered(data, Orders(remarks={"人工意见!E4": remark})).data
    assert ordered(back, Orders(remarks={"人工意见!E4": remark})).data == back
    changed = flagged(edited(back, {"C7": "发给326名村民小组长的误工补贴。"}, page.name))
    assert line(changed)["状态"] == "改动待复核"
    assert flagged(changed) == changed
    upheld = ordered(changed, ruled(changed, "upheld")).data
    assert says(upheld) == "维持"
    assert flagged(upheld) == upheld
    gone = ordered(changed, ruled(changed, "withdrawn")).data
    assert line(gone)["状态"] == "撤销"
    assert line(gone)["处理（财政局填写）"] == "王强　2024-11-05\n撤销　李芳　2024-11-06"
    assert not coloured(gone, page, "RV-01")
    assert ordered(gone, Orders(remarks={"人工意见!E4": remark})).data == flagged(gone) == gone


def worklist_remark() -> Any:
    from perfxl.workbook.opinions.remarks import Remark

    return Remark("", "", "", "", "", "王强　2024-11-05")


def test_what_cannot_be_taken_stays_where_it_was_typed() -> None:
    data, _ = book(2)
    back = flagged(typed(flagged(data), **{**REMARK, "单元格": "C7"}))
    sheet = opened(back)[SHEET]
    at = column(back, "审核意见")
    (row,) = (row for row in range(5, sheet.max_row + 1) if sheet[f"{at}{row}"].value == REMARK["审核意见"])
    assert (sheet[f"A{row}"].value, sheet[f"{column(back, '状态')}{row}"].value) == ("必改", "未选项目")
    assert flagged(back) == back
    named = flagged(edited(back, {f"B{row}": sheet["L5"].value}))
    assert line(named, "必改")["项目"] == sheet["L5"].value


def test_remarks_choose_from_the_projects_of_the_book() -> None:
    back = flagged(book(3)[0])
    lists = [each for each in opened(back)[SHEET].data_validations.dataValidation if each.type == "list"]
    assert [each.formula1 for each in lists] == ['"必改,核实,提示"', "$L$5:$L$7"]
    assert [opened(back)[SHEET][f"L{row}"].value for row in (5, 6, 7)] == [
        f"{project['number']}.{project['name']}" for project in example("project-target")["projects"][:3]
    ]


# --- corrections made already ---------------------------------------------------------------------------------------


def test_what_was_corrected_already_is_blue_and_says_so() -> None:
    data, page = book(wrong=0)
    ((reading, _),) = reviewed(data)
    facts = {"count": 1, "corrected": ["x"], "places": [["", 0, "资金用途"]]}
    cell = reading.submission.places["purpose"]
    finding = Finding("TX-01", "fix", ("purpose",), facts, None, "", "", (f"{page.name}!{cell}",), done=True)
    made_ = flag_workbook(reading.located.sheet.workbook, [(reading, [finding])])
    found = line(made_.data, "代改")
    assert "已代为删去" in found["审核意见"]
    sheet = openpyxl.load_workbook(BytesIO(made_.data), data_only=True)[SHEET]
    assert sheet[f"{column(made_.data, '状态')}{found['行']}"].value == "已代改"
    assert "已代改1条" in str(sheet["A3"].value)
    assert coloured(made_.data, page, "RV-01") or coloured(made_.data, page, "TX-01")


# --- the reviewer's list --------------------------------------------------------------------------------------------


def test_the_list_brings_decisions_and_remarks_back() -> None:
    data, page = book()
    answered = explained(flagged(data), WHY)
    made_ = ordered(answered, Orders())
    listed_ = worklist.WorklistBook("907001.xlsx", ("1.村民小组长误工补贴",), made_.opinions)
    empty = worklist.write_worklist([listed_])
    assert empty == worklist.write_worklist([listed_])
    assert worklist.read_worklist(workbook(empty, "处理.xlsx")).orders("907001.xlsx", True) == Orders()
    book_ = opened(empty)
    lines, remarks = book_["审核意见"], book_["人工意见"]
    assert lines.column_dimensions["K"].hidden
    lines["H4"], lines["I4"], lines["J4"] = "维持", "李芳", "2024-11-06"
    for at, text in zip("ACDEFGH", ("907001", "C7", "必改", "用途写得太笼统", "请写明。", "李芳", 45602), strict=True):
        remarks[f"{at}4"] = text
    stream = BytesIO()
    book_.save(stream)
    filled = worklist.read_worklist(workbook(stream.getvalue(), "处理.xlsx"))
    orders = filled.orders("907001.xlsx", False)
    back = ordered(answered, orders)
    assert back.followed == {"审核意见!H4", "人工意见!E4"}
    assert filled.missed([(back.followed, back.missed)]) == {}
    assert line(back.data)["处理（财政局填写）"] == "维持　李芳　2024-11-06"
    assert line(back.data, "必改")["处理（财政局填写）"] == "李芳　2024-11-06"
    assert coloured(back.data, page, "RV-01")
    assert flagged(back.data) == back.data == ordered(back.data, orders).data
    assert filled.orders("907002.xlsx", False).remarks == {}
    assert filled.missed([((), {})]) == {"人工意见!E4": "file", "审核意见!H4": "gone"}
    assert filled.missed([((), {}), (back.followed, back.missed)]) == {}
    assert filled.missed([]) == {"人工意见!E4": "file"}


# --- the package ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(schema_folder() is None, reason="PERFXL_OOXML names no folder with the ECMA schemas")
@pytest.mark.parametrize("count", [1, 3, 12])
def test_the_package_obeys_the_schemas(count: int) -> None:
    data, _ = book(count, plan=PLAN)
    back = flagged(data)
    assert complaints(back) == []
    answered = explained(back, WHY)
    assert complaints(ordered(answered, ruled(answered, "upheld")).data) == []
    assert (
        complaints(
            flagged(typed(explained(back, "属实"), **REMARK, **({"项目": "1.村民小组长误工补贴"} if count > 1 else {})))
        )
        == []
    )


@pytest.mark.skipif(schema_folder() is None, reason="PERFXL_OOXML names no folder with the ECMA schemas")
def test_more_stock_phrases_than_a_formula_holds_are_refused_on_return() -> None:
    data, _ = book()
    words = {**POLICY.words, "stock_phrases": tuple(f"已按规定核实第{number}次" for number in range(900))}
    county = replace(POLICY, words=words)
    back = ordered(data, Orders(), policy=county).data
    assert complaints(back) == []
    assert says(ordered(explained(back, "已按规定核实第7次"), Orders(), policy=county).data) == "说明不予认可"


# --- in LibreOffice -------------------------------------------------------------------------------------------------


def test_a_unit_explains_and_a_reviewer_remarks(office: LibreOffice, tmp_path: Path) -> None:
    """Typed in LibreOffice, saved by it, flagged again: the conversation goes on."""
    data, page = book(plan=PLAN)
    sent, saved, second = (tmp_path / f"{name}.xlsx" for name in ("sent", "saved", "second"))
    sent.write_bytes(flagged(data))
    at, state = column(sent.read_bytes(), "出错说明（单位填写）"), column(sent.read_bytes(), "状态")
    row = line(sent.read_bytes())["行"]
    basis = cell_of(page, "basis", 0)
    with office.open(sent) as document:
        assert document.values(SHEET, f"{state}{row}") == [["未改"]]
        assert document.visible_color(SHEET, f"{at}{row}") == "#EAF3FB"
        assert document.visible_color(page.name, basis) == AMBER
        for text, says_ in (("核实无误。", "说明不予认可"), ("见会议纪要", "已说明"), ("有依据", "说明不予认可")):
            document.type_text(SHEET, f"{at}{row}", text)
            assert document.values(SHEET, f"{state}{row}") == [[says_]]
        document.type_text(SHEET, f"{at}{row}", "字" * 201)
        assert document.values(SHEET, f"{at}{row}") == [["有依据"]]
        document.type_text(SHEET, f"{at}{row - 1}", "锁着的格")
        assert document.values(SHEET, f"{at}{row - 1}") == [["—"]]
        document.type_text(SHEET, f"{at}{row}", "办法正在报批，文号下达后补上")
        for heading, text in REMARK.items():
            document.type_text(SHEET, f"{column(sent.read_bytes(), heading)}9", text)
        document.save_as(saved)
    second.write_bytes(flagged(saved.read_bytes()))
    assert flagged(second.read_bytes()) == second.read_bytes()
    with office.open(second) as document:
        rows = {each["标记"]: each for each in listed(second.read_bytes())}
        assert list(rows) == ["必改1", "必改2", "核实3"]
        assert document.values(SHEET, f"{state}5:{state}7") == [["未改"], ["未改"], ["已说明"]]
        assert rows["核实3"]["出错说明（单位填写）"] == "办法正在报批，文号下达后补上"
        assert document.visible_color(page.name, basis) in {None, "#FFFFFF"}
        assert document.visible_color(page.name, "C7") == RED
        assert "必" in document.printed_text()
        document.type_text(page.name, "C7", "发给326名村民小组长的误工补贴。")
        document.recalculate()
        assert document.visible_color(page.name, "C7") == PALE
        remark = next(each for each in rows.values() if each["审核意见"] == REMARK["审核意见"])
        assert document.values(SHEET, f"{state}{remark['行']}") == [["改动待复核"]]
        document.type_text(page.name, basis, "《清溪县管理办法》")
        document.recalculate()
        assert document.values(SHEET, f"{state}7") == [["已说明"]]  # two cells are still wrong


def test_the_reviewer_s_list_on_the_command_line(tmp_path: Path) -> None:
    data, _ = book(plan=PLAN)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "一.xlsx").write_bytes(explained(flagged(data), WHY))
    run = CliRunner().invoke
    list_, out = str(tmp_path / "处理.xlsx"), str(tmp_path / "out")
    assert run(main, ["remarks", str(tmp_path / "in"), "-o", list_]).exit_code == 0
    checked = run(main, ["check", str(tmp_path / "in")])
    assert "已说明1条" in checked.stderr
    assert "已说明：办法正在报批" in checked.stdout
    book_ = openpyxl.load_workbook(list_)
    book_["审核意见"]["H4"], book_["审核意见"]["H5"] = "撤销", "同意"
    book_["人工意见"]["A4"], book_["人工意见"]["E4"] = "没有的.xlsx", "用途写得太笼统"
    book_.save(list_)
    said = run(main, ["flag", str(tmp_path / "in"), "-o", out, "--remarks", list_])
    assert said.exit_code == 0  # what must be put right was withdrawn
    assert "强制性0条　核实性0条　可代改0条　提示1条　已说明1条　已撤销1条" in said.stderr
    assert "审核意见!H5没有采用" in said.stderr
    assert "人工意见!E4没有采用：没有这个文件。" in said.stderr
    (found, *_) = json.loads(run(main, ["check", out, "--format", "json"]).stdout)
    assert (found["code"], found["decision"]["ruling"]) == ("PL-03", "withdrawn")
    assert run(main, ["check", out]).exit_code == 0
