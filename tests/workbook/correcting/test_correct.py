"""A returned workbook written anew: nothing is lost, what is safe is corrected and told, and twice is the same as once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judges import openpyxl_judge as judge
from office.libreoffice import LibreOffice
from openpyxl.comments import Comment
from workbook.conftest import (
    FORMS,
    Records,
    cell_of,
    example,
    flagged,
    inputs,
    inside,
    made,
    part,
    returned,
    reviewed,
    span,
    submissions,
    with_parts,
    workbook,
)  # fmt: skip
from workbook.flagging.test_flag import opinions
from workbook.opinions.test_opinions import explained, line, listed, typed

from perfxl.cli import main
from perfxl.finding import Decision
from perfxl.form import installed as forms
from perfxl.form.answers import get
from perfxl.rules import own_severities, select_codes
from perfxl.rules.policy import Policy, default_policy
from perfxl.workbook.correcting import correct
from perfxl.workbook.correcting.correct import CorrectedWorkbook, CorrectionSource, correct_workbooks, split_by_form
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.opinions.line import group_findings, group_key
from perfxl.workbook.opinions.replies import Orders, Ruled, add_replies, by_code, read_replies
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

CHANGES, OUTSIDE = "代改清单", "表外内容"


def corrected(
    *files: bytes, only: tuple[str, ...] = (), leave: tuple[str, ...] = (), **options: Any
) -> list[CorrectedWorkbook]:
    """Each workbook corrected, all of them together."""
    policy: Policy = options.pop("policy", default_policy())
    sources = []
    for data in files:
        book = workbook(data)
        sources += split_by_form(CorrectionSource(book, read_workbook(book), read_replies(book)), policy)
    found = correct_workbooks(sources, policy, select_codes(only, leave), **options)
    assert all(isinstance(each, CorrectedWorkbook) for each in found), found
    return [each for each in found if isinstance(each, CorrectedWorkbook)]


def one(data: bytes, **options: Any) -> CorrectedWorkbook:
    (found,) = corrected(data, **options)
    return found


def unit(*changes: Mapping[str, Any], **issue: Any) -> tuple[bytes, tuple[Page, ...]]:
    """A unit's book of as many projects, with answers laid over each."""
    records = example("project-target")
    records["projects"] = records["projects"][: len(changes)]
    for project, change in zip(records["projects"], changes, strict=True):
        project.update(change)
    (book,) = made("project-target", records).values()
    return stamp_book(book), book.pages


def bases(*texts: str) -> dict[str, Any]:
    """The first project's indicators with these bases."""
    rows = [dict(row) for row in example("project-target")["projects"][0]["indicators"]]
    for row, text in zip(rows, texts, strict=False):
        row["basis"] = text
    return {"indicators": rows}


SLIPS = {
    "purpose": "  用于发放村民小组长 履职期间的误工补贴,稳定村组工作队伍。",
    "plan": {"march": "２５％", "june": 50, "october": 75, "december": 100},
    **bases("清政办【2022】18号。", "清政办[2022]18号"),
}


def table(data: bytes, name: str) -> list[dict[str, Any]]:
    """The rows of 代改清单 or 表外内容, by their headings; none where there is no such sheet."""
    book = openpyxl.load_workbook(BytesIO(data))
    if name not in book.sheetnames:
        return []
    rows = list(book[name].iter_rows(min_row=4, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:-1]]


def changed(data: bytes) -> list[tuple[Any, ...]]:
    heads = ("位置", "原填", "改为")
    return [tuple(row[head] for head in heads) for row in table(data, CHANGES)]


def edited(data: bytes, edit: Callable[[openpyxl.Workbook], object]) -> bytes:
    """The workbook as another program would save it."""
    book = openpyxl.load_workbook(BytesIO(data))
    edit(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def record(data: bytes, at: int = 0) -> Mapping[str, Any]:
    return submissions(data)[at].record


# What is written ---------------------------------------------------------------------------------------------------------


OFF = Policy("一般", dict.fromkeys(own_severities(), "off"), default_policy().words, default_policy().limits)


@pytest.mark.parametrize("form", FORMS)
def test_a_sound_workbook_is_written_as_it_went_out(form: str) -> None:
    """With nothing to say of it, it is the very file, byte for byte."""
    records = example(form)
    for _, book in make_books(records, forms.load(form), issue_of(records, policy=OFF), "unit", "all"):
        assert one(stamp_book(book), policy=OFF).data == stamp_book(book)


def test_slips_are_corrected_marked_and_told() -> None:
    data, (page,) = unit(SLIPS)
    made_ = one(data)
    found = record(made_.data)
    assert found["purpose"] == "用于发放村民小组长履职期间的误工补贴，稳定村组工作队伍。"
    assert found["indicators"][0]["basis"] == found["indicators"][1]["basis"] == "清政办〔2022〕18号"
    assert found["plan"]["march"] == 25
    assert sorted(changed(made_.data)) == sorted(
        [
            ("资金支出计划·3月底", "２５％", "25%"),
            ("资金用途", SLIPS["purpose"], found["purpose"]),
            ("数量指标第1条·依据", "清政办【2022】18号。", "清政办〔2022〕18号"),
            ("数量指标第2条·依据", "清政办[2022]18号", "清政办〔2022〕18号"),
        ]
    )
    lines = [each for each in opinions(made_.data) if each["标记"].startswith("代改")]
    shown = openpyxl.load_workbook(BytesIO(made_.data), data_only=True)["审核意见"]
    states = {cell.value for row in shown.iter_rows() for cell in row if cell.value in ("未改", "已代改", "改动待复核")}
    assert "已代改" in states
    marks = {mark for row in table(made_.data, CHANGES) for mark in row["标记"].split("、")}
    assert marks == {each["标记"].replace("代改", "代") for each in lines}
    assert any("已将“清政办【2022】18号”代改为“清政办〔2022〕18号”" in each["审核意见"] for each in lines)
    shown = openpyxl.load_workbook(BytesIO(made_.data))[page.name]
    assert any(
        "代" in str(rule.dxf.numFmt.formatCode)
        for each in shown.conditional_formatting
        for rule in each.rules
        if rule.dxf and rule.dxf.numFmt
    )


def test_a_sheet_on_which_nothing_is_left_to_do_is_not_returned() -> None:
    """Its panel says where the first spelling stands; its phase line does not ask for another draft."""
    policy = Policy(
        "一般", {**OFF.severities, "BS-03": "fix", "PL-02": "error"}, default_policy().words, default_policy().limits
    )
    slip, backwards = bases("清政办【2022】18号"), {"march": 50, "june": 25, "october": 75, "december": 100}
    for changes, left in ((slip, False), ({**slip, "plan": backwards}, True)):
        styles = part(one(unit(changes)[0], policy=policy, deadline="11月6日17:00").data, "xl/styles.xml")
        assert "已代改，原填的见“代改清单”" in styles
        assert ("退回修改" in styles) == left


def test_the_reason_is_the_sentence_of_the_check_and_no_code_stands_in_the_book() -> None:
    data, _ = unit(SLIPS)
    rows = table(one(data).data, CHANGES)
    assert "文号应写成机关代字、六角括号里的年份和序号，如清政办〔2022〕18号。" in rows[-1]["依据"]
    texts = [str(value) for row in rows for value in row.values()]
    assert not [text for text in texts if re.search(r"\b[A-Z]{2}-\d\d\b", text)]


def test_what_is_only_understood_is_told_as_it_was() -> None:
    """An amount with its unit is no slip of a check's, but it is spelled otherwise now."""
    data, (page,) = unit({"budget": {"total": 6.24, "fiscal": "62,400元", "other": None, "control": None}})
    (row,) = table(one(data).data, CHANGES)
    assert (row["标记"], row["原填"], row["改为"], row["单元格"]) == (
        "识别",
        "62,400元",
        "6.24",
        cell_of(page, "budget.fiscal"),
    )
    assert row["依据"].startswith("识别说明：")


def test_what_cannot_be_understood_stays_as_it_was_typed() -> None:
    plan = {"march": "年中", "june": "约一半", "october": 75, "december": 100}
    data, _ = unit({"plan": plan, "budget": {"total": 6.24, "fiscal": "若干", "other": None, "control": None}})
    made_ = one(data)
    assert record(made_.data) == record(data)
    assert get(record(made_.data), "plan.march") == "年中"
    assert {each["所填内容"] for each in opinions(made_.data)} >= {"若干"}


def test_given_values_are_put_back_and_told() -> None:
    data, (page,) = unit({})
    cell = cell_of(page, "budget.total")
    typed_over = edited(data, lambda book: book[page.name].__setitem__(cell, 99.5))
    made_ = one(typed_over)
    assert get(record(made_.data), "budget.total") == get(record(data), "budget.total")
    (row,) = [row for row in table(made_.data, CHANGES) if row["单元格"] == cell]
    assert (row["原填"], row["改为"]) == ("99.5", f"{get(record(data), 'budget.total'):g}")
    assert [each.code for each in made_.findings if each.done] == ["ID-08"]
    assert not [each for each in made_.findings if each.code == "ID-08" and not each.done]
    assert one(made_.data).data == made_.data


def test_only_what_writing_anew_changed_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found is the same either way. A mild policy judges what was put back otherwise than correcting does."""
    times: list[int] = []
    judge_all = correct.review_workbooks

    def counted(*args: Any) -> Any:
        times[-1] += 1
        return judge_all(*args)

    monkeypatch.setattr(correct, "review_workbooks", counted)
    data, (page,) = unit({})
    put_back = edited(data, lambda book: book[page.name].__setitem__(cell_of(page, "budget.total"), 99.5))
    mild = replace(default_policy(), severities={**default_policy().severities, "ID-08": "off"})
    counts = []
    for file in (data, unit(SLIPS)[0], put_back):
        times.append(0)
        findings = one(file, policy=mild).findings
        counts.append(times[-1])
        monkeypatch.setattr(correct, "_findings_that_stand", lambda *_: None)
        assert one(file, policy=mild).findings == findings
        monkeypatch.undo()
        monkeypatch.setattr(correct, "review_workbooks", counted)
    assert counts[0] == 1
    assert min(counts[1:]) > 1


@pytest.mark.parametrize("form", FORMS)
def test_identity_and_sending_are_kept(form: str) -> None:
    records = example(form)
    loaded = forms.load(form)
    issue = issue_of(records, phase="二上", draft=3, office="绩效科", phone="0300-7654321")
    for _, book in make_books(records, loaded, issue, "unit", "all"):
        data = stamp_book(book)
        for source in (data, without_sending(data)):
            old, new = returned(data), returned(one(source).data)
            assert [each.located.recognised.identity for each in new] == [
                each.located.recognised.identity for each in old
            ]
            assert [each.located.recognised.printed for each in new] == [
                each.located.recognised.printed for each in old
            ]
            assert [each.submission.issued for each in new] == [each.submission.issued for each in old]
            shown = loaded.sheet.panel or source is data  # whom to call stands on the panel alone
            assert not shown or new[0].located.recognised.sent == returned(data)[0].located.recognised.sent
            texts = set(new[0].located.sheet.texts.values())
            assert "2024年度　二上第3稿" in texts
            assert not loaded.sheet.panel or "绩效科　0300-7654321" in texts


def without_sending(data: bytes) -> bytes:
    """As files were before it was kept on the hidden sheet."""
    book = workbook(data)
    name = book.sheets[-1].part
    return with_parts(data, {name: re.sub(r',"sent":\{.*?\}', "", part(data, name))})


def test_a_project_s_own_file_stays_one() -> None:
    records = example("project-target")
    for book in list(made("project-target", records, by="project").values())[:2]:
        names = openpyxl.load_workbook(BytesIO(one(stamp_book(book)).data)).sheetnames
        assert "项目清单" not in names


# Nothing is lost ---------------------------------------------------------------------------------------------------------


def strange(book: openpyxl.Workbook) -> None:
    """What people leave in a workbook."""
    sheet = next(each for each in book if each.title.startswith("项目0"))
    sheet["M12"] = "单价以采购结果为准"
    sheet["G14"].comment = Comment("县应急局可能另定标准", "王")
    sheet["B10"] = "总目标"  # over a label
    book["项目清单"]["C8"], book["项目清单"]["C9"] = "王芳", "李明"
    book["项目清单"]["F9"] = "请先看这里"
    draft = book.create_sheet("测算底稿")
    draft["A1"], draft["B2"] = "1354人", 270800


def test_what_belongs_to_no_field_is_carried_over() -> None:
    data, (page,) = unit({})
    made_ = one(edited(data, strange))
    rows = [(row["工作表"], row["单元格"], row["内容"]) for row in table(made_.data, OUTSIDE)]
    assert sorted(rows) == sorted(
        [
            (page.name, "M12", "单价以采购结果为准"),
            (page.name, "G14（王的批注）", "县应急局可能另定标准"),
            (page.name, "B10", "总目标"),
            ("项目清单", "F9", "请先看这里"),
            ("测算底稿", "A1", "1354人"),
            ("测算底稿", "B2", "270800"),
        ]
    )
    assert made_.left == ("测算底稿",)
    contacts = openpyxl.load_workbook(BytesIO(made_.data))["项目清单"]
    assert [contacts[f"C{row}"].value for row in (7, 8, 9)] == [None, "王芳", "李明"]
    assert one(made_.data).data == made_.data


def answers(value: Any) -> Iterator[str]:
    """Every answer of a record as a text without white space."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from answers(each)
    elif isinstance(value, list):
        for each in value:
            yield from answers(each)
    elif value is not None:
        yield "".join(str(value).split())


words = st.text(alphabet="清溪县〔【[2022]】18号。，,;；(（) 　\n1.、≥%=+-@'<&\"元万", min_size=1, max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(words, min_size=6, max_size=6), st.integers(0, 7), st.integers(0, 7))
def test_whatever_was_typed_is_there_or_was_told(texts: list[str], first: int, second: int) -> None:
    rows = [dict(row) for row in example("project-target")["projects"][0]["indicators"]]
    rows[first], rows[second] = rows[second], rows[first]
    rows[0] |= {"basis": texts[0], "target": texts[1], "level3": texts[2]}
    rows[2]["description"] = texts[3]
    plan = {"march": texts[4], "june": 50, "october": 75, "december": 100}
    data, _ = unit({"indicators": rows, "purpose": texts[5], "plan": plan})
    made_ = one(data)
    there = list(answers(record(made_.data)))
    told = [
        "".join(str(cell).split())
        for name in (CHANGES, OUTSIDE)
        for row in table(made_.data, name)
        for cell in row.values()
    ]
    for answer in answers(record(data)):
        assert answer in there or any(answer in each for each in told), answer
    again = one(made_.data)
    assert again.data == made_.data
    assert [each for each in again.changes if not each.listed] == []


# Once and twice ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deadline", ["", "11月6日17:00"])
def test_twice_is_the_same_as_once(deadline: str) -> None:
    data, _ = unit(SLIPS, {"purpose": "用于购置设备;用于维修,保养等日常工作。"}, {})
    once = one(data, deadline=deadline)
    twice = one(once.data, deadline=deadline)
    assert len(once.changes) == 5
    assert twice.data == once.data
    assert [each.listed for each in twice.changes] == [True] * 5


def test_what_was_left_alone_is_corrected_the_next_time_and_the_list_grows() -> None:
    data, _ = unit(SLIPS)
    first = one(data, only=("TX",))
    assert {each.path for each in first.changes} == {"purpose", "indicators[0].basis", "plan.march"}
    second = one(first.data)
    assert sorted(changed(second.data)) == sorted(changed(one(data).data))


def test_only_and_except() -> None:
    data, _ = unit(SLIPS)
    assert record(one(data, only=("BS-03",)).data)["purpose"].endswith("误工补贴,稳定村组工作队伍。")
    left = one(data, leave=("BS-03",))
    assert record(left.data)["indicators"][1]["basis"] == "清政办[2022]18号"
    assert any(each.code == "BS-03" and not each.done for each in left.findings)


def test_a_county_s_own_way_is_followed() -> None:
    data, _ = unit(SLIPS)
    off = Policy(
        "一般",
        {**default_policy().severities, "BS-03": "off", "TX-04": "hint"},
        default_policy().words,
        default_policy().limits,
    )
    found = record(one(data, policy=off).data)
    assert found["indicators"][1]["basis"] == "清政办[2022]18号"
    assert "," in found["purpose"]


def test_a_cell_that_was_changed_again_is_told_as_before() -> None:
    data, (page,) = unit(SLIPS)
    once = one(data).data
    cell = cell_of(page, "purpose")
    typed_over = edited(once, lambda book: book[page.name].__setitem__(cell, "用于发放误工补贴。"))
    twice = one(typed_over)
    (row,) = [row for row in table(twice.data, CHANGES) if row["位置"] == "资金用途"]
    assert (row["标记"], row["原填"]) == ("以前", SLIPS["purpose"])
    assert one(twice.data).data == twice.data


def test_a_list_that_people_spoiled_is_kept_as_it_is() -> None:
    data, _ = unit(SLIPS)
    once = one(data).data
    for spoiled in ("", "[]", "[[1]]", '[["AAAAAAAA",{}]]', "{", "[" * 5000):

        def spoil(book: openpyxl.Workbook, spoiled: str = spoiled) -> None:
            sheet = book[CHANGES]
            column = next(cell.column for cell in sheet[4] if cell.value == "代改码")
            for row in range(5, sheet.max_row):
                sheet.cell(row, column).value = spoiled

        twice = one(edited(once, spoil))
        assert sorted(changed(twice.data)) == sorted(changed(once))
        assert {row["标记"] for row in table(twice.data, CHANGES)} == {"以前"}


# What people said --------------------------------------------------------------------------------------------------------


def out_of_order() -> dict[str, Any]:
    rows = [dict(row) for row in example("project-target")["projects"][0]["indicators"]]
    rows[0], rows[2] = rows[2], rows[0]
    rows[2]["basis"] = "清溪县管理办法》"  # half of 《》: one finding at 核实性
    return {"indicators": rows}


def test_rows_are_put_in_order_and_what_was_explained_stays_with_its_row() -> None:
    data, _ = unit(out_of_order())
    sent = flagged(data)
    why = "办法正在报批，文号下达后补上。"
    made_ = one(explained(sent, why))
    assert "IN-05" in {step.code for each in made_.changes for step in each.steps}
    classes = [row["level2"] for row in record(made_.data)["indicators"][:4]]
    assert classes == sorted(classes, key=["数量指标", "质量指标", "时效指标", "成本指标"].index)
    assert line(made_.data)["出错说明（单位填写）"] == why
    assert one(made_.data).findings == made_.findings
    assert one(made_.data).data == made_.data


def test_a_remark_that_was_typed_keeps_its_cell_when_rows_move() -> None:
    data, (page,) = unit(out_of_order())
    cell = cell_of(page, "target", 0)
    target = record(data)["indicators"][0]["target"]
    sent = typed(flagged(data), 标记="核实", 单元格=cell, 审核意见="与上年不一致", 修改要求="请核对。")
    made_ = one(sent)
    (found,) = [row for row in listed(made_.data) if row["审核意见"] == "与上年不一致"]
    sheet = openpyxl.load_workbook(BytesIO(made_.data))[page.name]
    assert found["单元格"] != cell
    assert sheet[found["单元格"]].value == target
    assert one(made_.data).data == made_.data


def test_what_a_reviewer_withdrew_is_not_corrected() -> None:
    data, _ = unit(SLIPS)
    pairs = reviewed(data)
    heard = add_replies(pairs, read_replies(workbook(data)), default_policy())
    (about,) = [
        (reading, each)
        for reading, lines in group_findings(heard.findings).items()
        for each in lines
        if each.first.code == "BS-03"
    ]
    orders = Orders(by_code([Ruled(group_key(*about), Decision("withdrawn", "李芳", "2024-11-06"))]))
    back = flag_workbook(workbook(data), pairs, orders=orders).data
    made_ = one(back)
    assert record(made_.data)["indicators"][1]["basis"] == "清政办[2022]18号"
    assert record(made_.data)["purpose"].endswith("误工补贴，稳定村组工作队伍。")
    assert [each.decision for each in made_.findings if each.code == "BS-03"] == [
        Decision("withdrawn", "李芳", "2024-11-06")
    ]


# Several workbooks -------------------------------------------------------------------------------------------------------


def test_sheets_of_several_forms_in_one_file_make_several_files(office: LibreOffice, tmp_path: Path) -> None:
    """A unit copies its other table, and its first project once more, into one file: the mere copy counts once."""
    book, table_ = tmp_path / "甲.xlsx", tmp_path / "乙.xlsx"
    data, (page, _) = unit(SLIPS, {})
    book.write_bytes(data)
    table_.write_bytes(stamp_book(next(iter(made("department-goals").values()))))
    with office.open(book) as document, office.open(table_) as other:
        other.copy_sheet("部门整体绩效目标", "部门整体绩效目标", to=document)
        document.copy_sheet(page.name, "又一份")
        saved = document.save_as(tmp_path / "收到.xlsx")
    assert len(submissions(saved)) == 3
    assert run("correct", saved, "-o", tmp_path / "规范").exit_code == 0
    first, second = (submissions(tmp_path / "规范" / f"收到{part}.xlsx") for part in ("", "-2"))
    assert [each.form for each in first] == ["project-target"] * 2
    assert [each.form for each in second] == ["department-goals"]
    assert second[0].record in [each.record for each in submissions(saved)[1:]]
    again = run("correct", tmp_path / "规范", "-o", tmp_path / "再")
    assert again.exit_code == 0
    for name in ("收到.xlsx", "收到-2.xlsx"):
        assert (tmp_path / "再" / name).read_bytes() == (tmp_path / "规范" / name).read_bytes()


def test_a_record_that_no_sheet_can_be_made_of_stops_no_other() -> None:
    """Without its name, and with what was issued lost, no title can be written."""
    data, (page,) = unit({})
    cell = cell_of(page, "name")

    def spoil(book: openpyxl.Workbook) -> None:
        book[page.name][cell] = None
        del book["识别信息"]

    files = [edited(data, spoil), unit(SLIPS)[0]]
    sources = [CorrectionSource(book, read_workbook(book), read_replies(book)) for book in map(workbook, files)]
    spoiled, sound = correct_workbooks(sources, default_policy(), select_codes())
    assert isinstance(spoiled, Exception)
    assert isinstance(sound, CorrectedWorkbook)


# The command -------------------------------------------------------------------------------------------------------------


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_the_command_writes_and_tells(tmp_path: Path) -> None:
    folder = tmp_path / "收到的表"
    folder.mkdir()
    (folder / "甲.xlsm").write_bytes(edited(unit(SLIPS)[0], strange))
    (folder / "坏.xlsx").write_bytes(b"")
    dry = run("correct", folder, "-o", tmp_path / "规范", "--dry-run")
    assert "资金支出计划·3月底：“２５％”→“25%”" in dry.stdout
    assert dry.stdout.startswith(f"{folder / '甲.xlsm'}　写成甲.xlsx，下面是新表的单元格\n")
    assert not (tmp_path / "规范").exists()
    done = run("correct", folder, "-o", tmp_path / "规范")
    assert done.exit_code == 2
    assert "坏.xlsx" in done.stderr
    assert "测算底稿" in done.stderr
    assert done.stdout.split() == [str(tmp_path / "规范" / "甲.xlsx")]
    again = run("correct", tmp_path / "规范", "-o", tmp_path / "再", "--dry-run")
    assert "→" not in again.stdout
    assert run("correct", tmp_path / "规范", "-o", tmp_path / "再").exit_code < 2
    assert (tmp_path / "再" / "甲.xlsx").read_bytes() == (tmp_path / "规范" / "甲.xlsx").read_bytes()
    assert run("correct", folder / "甲.xlsm", "-o", tmp_path / "规范").exit_code == 2
    assert run("correct", folder / "甲.xlsm", "-o", tmp_path / "规范", "--force").exit_code < 2
    assert run("correct", folder / "甲.xlsm", "-o", tmp_path / "一.xlsx", "--only", "XX-01").exit_code == 2
    english = run("correct", folder / "甲.xlsm", "-o", tmp_path / "一.xlsx", "--dry-run", "--lang", "en")
    assert '"２５％" -> "25%"' in english.stdout


@pytest.mark.parametrize("form", FORMS)
def test_every_corrected_file_is_legal(complaints: Callable[[bytes], list[object]], form: str) -> None:
    for book in made(form).values():
        made_ = one(stamp_book(book))
        assert complaints(made_.data) == []


def test_a_corrected_file_with_all_its_sheets_is_legal(complaints: Callable[[bytes], list[object]]) -> None:
    data, _ = unit(SLIPS, out_of_order() | {"number": 2}, {})
    made_ = one(edited(data, strange))
    assert complaints(made_.data) == []
    assert complaints(one(made_.data).data) == []


# What was damaged is healed ----------------------------------------------------------------------------------------------


def test_what_was_pasted_over_inserted_and_unprotected_is_sound_again(office: LibreOffice, tmp_path: Path) -> None:
    """Opened, unprotected, rows inserted, cells pasted over and dragged, saved by LibreOffice; then written anew."""
    data, (page, _) = unit({}, {})
    sent = tmp_path / "下发.xlsx"
    sent.write_bytes(data)
    with office.open(sent) as document:
        document.unprotect(page.name)
        target, basis = cell_of(page, "target", 1), cell_of(page, "basis", 1)
        document.copy(page.name, "B4", "K20")  # a label beside the form
        document.copy(page.name, basis, target)  # its format and validation come along
        document.type_text(page.name, target, "38个", insist=True)
        document.insert_rows(page.name, int(re.sub(r"\D", "", target)), 2)
        document.insert_rows(page.name, 8, 1)
        damaged = document.save_as(tmp_path / "报回.xlsx")
    before = submissions(damaged)
    made_ = one(damaged.read_bytes())
    assert [each.record for each in submissions(made_.data)] == [each.record for each in before]
    assert get(before[0].record, "indicators[1].target") == "38个"
    book = openpyxl.load_workbook(BytesIO(made_.data))
    fresh = {each.name: each for each in anew(before)}
    for name, clean in fresh.items():
        sheet = book[name]
        assert judge.protection(sheet).locked
        assert judge.unlocked_cells(sheet) == set(inputs(clean))
        covered = {cell for box in inputs(clean).values() for cell in inside(span(box))}
        assert {cell for cell, each in judge.validations(sheet).items() if len(each) == 1} == covered
    assert not [each for each in submissions(made_.data) if each.lost or each.disputed]


def anew(read: Any) -> tuple[Page, ...]:
    """The pages of these records, as they would be generated."""
    records: Records = {**example("project-target"), "projects": [dict(each.record) for each in read]}
    (book,) = made("project-target", records).values()
    return book.pages


def test_libreoffice_opens_and_shows_what_was_written(office: LibreOffice, tmp_path: Path) -> None:
    data, (page,) = unit(SLIPS)
    path = tmp_path / "规范.xlsx"
    path.write_bytes(one(edited(data, strange)).data)
    with office.open(path) as document:
        assert {CHANGES, OUTSIDE, "审核意见"} <= set(document.sheets())
        assert document.visible_color(page.name, cell_of(page, "purpose")) == "#DCE9FA"
        assert document.protected(CHANGES)
        saved = document.save_as(tmp_path / "再存.xlsx")
    assert [each for each in one(saved.read_bytes()).changes if not each.listed] == []
