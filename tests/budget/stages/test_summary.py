"""The summary of an invented county: sums up the tree, what is red, what became of a target, which sheets count."""

from __future__ import annotations

import io
from copy import deepcopy
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from lxml import html

import perfxl
from perfxl import messages
from perfxl.batch.unit_lines import unit_lines
from perfxl.budget.stages import summary as stages_summary
from perfxl.cli import main
from perfxl.report.summary_page import summary_page
from perfxl.report.summary_workbook import summary_workbook
from perfxl.summary import AskedProject, AskedUnit, SummaryTable

JULY = yaml.safe_load(files("perfxl.templates").joinpath("project-monitoring/example.yaml").read_text("utf-8"))
DECEMBER = yaml.safe_load(files("perfxl.templates").joinpath("project-self-evaluation/example.yaml").read_text("utf-8"))
COUNTY = (
    AskedUnit("99", "清溪县", ""),
    AskedUnit("9901", "教育局", "99"),
    AskedUnit("990101", "第一小学", "9901"),
    AskedUnit("990102", "第二小学", "9901"),
    AskedUnit("9902", "柳河镇", "99"),
)


def record(form: dict[str, Any], number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a project of the example; ``changes``: the actual value of an indicator by its place (``a0``), others."""
    (root,) = [key for key, value in form.items() if isinstance(value, list)]
    made = deepcopy(form[root][0]) | {"number": number, "name": f"项目{number}"}
    for name, value in changes.items():
        if name.startswith("a") and name[1:].isdigit():
            made["indicators"][int(name[1:])]["actual"] = value
        else:
            made[name] = value
    return made


def blank(form: dict[str, Any], number: int) -> dict[str, Any]:
    made = record(form, number)
    made |= {key: None if key == "done" else {} for key in ("spent", "expected", "adjusted", "done") if key in made}
    for row in made["indicators"]:
        row |= dict.fromkeys(row.keys() & {"actual", "expected", "causes", "reason", "possibility", "score"})
    return made


def content(
    form: dict[str, Any], unit: str, *projects: dict[str, Any], name: str = "", year: int = 2024
) -> dict[str, Any]:
    (root,) = [key for key, value in form.items() if isinstance(value, list)]
    named = name or next((one.name for one in COUNTY if one.code == unit), f"单位{unit}")
    return {**form, "year": year, "unit": {"code": unit, "name": named}, root: list(projects or [record(form)])}


def book(records: dict[str, Any], form: str, draft: int = 1) -> bytes:
    (made,) = perfxl.generate(records, form=form, prefill="all", draft=draft)
    return made.data


def refusal(*sources: Any) -> str:
    """Return why there is no summary."""
    made = perfxl.stage_summary(*sources)
    assert (made.tables, made.sheets) == ((), ())
    return "".join(map(perfxl.sentence, made.refused))


def rows_of(table: SummaryTable) -> dict[str, tuple[Any, ...]]:
    return {str(row.values[0]): row.values[1:] for row in table.rows}


def test_sums_go_up_the_tree_and_what_never_came_is_not_filled_in() -> None:
    sent = [
        content(JULY, "990101", record(JULY, 1), blank(JULY, 2)),
        content(JULY, "990102", record(JULY, 1, a0="100人")),
        content(JULY, "9901", record(JULY, 1, a2="50%")),
    ]
    asked = [
        AskedProject("9902", 3, "", "文化站", {"budget.total": 8.5, "plan.march": 25}),
        AskedProject("990101", 1, "", "项目1", {}),
    ]
    made = perfxl.stage_summary(*sent, units=COUNTY, projects=asked)
    totals = made.tables[0]
    assert [(row.level, row.depth, row.values[0]) for row in totals.rows] == [
        ("group", 0, "清溪县"),
        ("group", 1, "教育局"),
        ("unit", 2, "教育局（本级）"),
        ("unit", 2, "第一小学"),
        ("unit", 2, "第二小学"),
        ("unit", 1, "柳河镇"),
    ]
    # projects, reported, red, yellow, green, blue, unfilled
    found = {name: values[:7] for name, values in rows_of(totals).items()}
    assert found["第一小学"] == (2, 1, 0, 0, 1, 0, 1)
    assert found["第二小学"] == (1, 1, 1, 0, 0, 0, 0)
    assert found["柳河镇"] == (1, 0, 0, 0, 0, 0, 1)
    assert found["教育局"] == (4, 3, 2, 0, 1, 0, 1)
    assert found["清溪县"] == (5, 3, 2, 0, 1, 0, 2)
    assert rows_of(totals)["柳河镇"][7:] == (Decimal("8.5"), None, None, 0)
    assert rows_of(totals)["清溪县"][7:9] == (Decimal("34.58"), Decimal("11.4"))  # 4 × 6.52 + 8.5, 3 × 3.8


def test_a_blank_project_has_neither_points_nor_a_grade() -> None:
    made = perfxl.stage_summary(content(DECEMBER, "9902", record(DECEMBER, 1), blank(DECEMBER, 2)))
    (values,) = rows_of(made.tables[0]).values()
    assert values[:6] == (2, 1, 0, 0, 0, 1)
    one = rows_of(perfxl.stage_summary(content(DECEMBER, "9902", record(DECEMBER, 1))).tables[0])["柳河镇"]
    assert values[6:] == one[6:]  # the mean is that of the other one
    scores = [row.values[5:] for row in made.tables[1].rows]
    assert scores[1] == (None, None, None, None, "未填")


def test_what_is_red_or_yellow_stands_with_its_reason() -> None:
    sent = record(JULY, 1, a0="100人", a4="部分达成目标", spent={"fiscal": 1.2})
    sent["indicators"][0] |= {"causes": ["人员保障", "其他"], "reason": "名单在核对。", "possibility": "有可能"}
    made = perfxl.stage_summary(content(JULY, "9902", sent))
    found = [row.values[1:] for row in made.tables[1].rows]
    assert found == [
        ("1.项目1", "补贴发放人数", "326人", "100人", Decimal("52.59"), "红", "人员保障、其他：名单在核对。", "有可能"),
        ("1.项目1", sent["indicators"][4]["level3"], sent["indicators"][4]["target"], "部分达成目标", None, "黄",
         "未写原因", "确定能"),
        ("1.项目1", "资金支出", "6.52万元", "1.20万元", Decimal("31.55"), "红", "", ""),
    ]  # fmt: skip
    assert rows_of(made.tables[0])["柳河镇"][-1] == 1  # one reason is missing


def test_the_lowest_project_is_said_with_its_unit_where_there_are_several() -> None:
    low = record(DECEMBER, 7, a0="100人")
    made = perfxl.stage_summary(content(DECEMBER, "990101", record(DECEMBER, 1), low), content(DECEMBER, "990102"))
    found = {name: values[-1].split("（")[0] for name, values in rows_of(made.tables[0]).items()}
    assert found == {"第一小学": "7.项目7", "第二小学": "1.项目1", "合计（2个单位）": "第一小学　7.项目7"}


def test_sheets_of_other_months_or_ways_of_giving_lights_are_said() -> None:
    prorated = record(JULY, 2)
    prorated["scheme"]["lights"] = "prorate-all"
    later = {**content(JULY, "990101", prorated), "last_month": 9}
    table = perfxl.stage_summary(content(JULY, "9902"), later).tables[0]
    assert table.title == "2024年度绩效运行监控汇总表（1—7月、1—9月）"
    assert "各表的亮灯办法不同（by-kind、prorate-all）" in table.notes[-1]
    assert "各表的监控期不同" in table.notes[-1]


def test_july_and_december_stand_side_by_side() -> None:
    july, december = record(JULY, 1, a0="100人"), record(DECEMBER, 1)
    december["indicators"][0]["target"] = "330人"
    del december["indicators"][1]
    made = perfxl.stage_summary(content(JULY, "9902", july), content(DECEMBER, "9902", december))
    table = made.tables[-1]
    first, second, *_ = [row.values[2:] for row in table.rows]
    assert first[:6] == ("补贴发放人数", "326人，后为330人", "100人", Decimal("52.59"), "红", "326人")
    assert second == ("补贴覆盖村数", "38个", "22个", Decimal("99.25"), "绿", None, None, None)
    assert len(table.rows) == len(july["indicators"])
    assert [one.name for one in perfxl.stage_summary(content(DECEMBER, "9902")).tables] == ["自评汇总", "项目得分"]


def test_an_approved_value_counts_whatever_stands_in_its_place() -> None:
    sent = openpyxl.load_workbook(io.BytesIO(book(content(JULY, "9902"), "project-monitoring")))
    read = perfxl.read(book(content(JULY, "9902"), "project-monitoring")).submissions[0]
    sent[read.sheet][read.places["indicators[0].target"]] = "3人"
    changed = io.BytesIO()
    sent.save(changed)
    assert perfxl.read(changed.getvalue()).submissions[0].record["indicators"][0]["target"] == "3人"
    (sheet,) = perfxl.stage_summary(changed.getvalue()).sheets
    (known,) = perfxl.stage_summary(content(JULY, "9902")).sheets
    assert sheet.result == known.result


def test_workbooks_and_records_give_the_same() -> None:
    for form, name in ((JULY, "project-monitoring"), (DECEMBER, "project-self-evaluation")):
        records = content(form, "9902", record(form, 1), blank(form, 2))
        from_book, from_records = (perfxl.stage_summary(one) for one in (book(records, name), records))
        assert from_book.tables == from_records.tables


def test_the_newest_draft_counts_and_the_others_are_said() -> None:
    drafts = [book(content(JULY, "9902", record(JULY, 1, a0=actual)), "project-monitoring", draft)
              for draft, actual in ((2, "180人"), (1, "100人"), (3, "190人"))]  # fmt: skip
    made = perfxl.stage_summary(*drafts, drafts[2])
    (sheet,) = made.sheets
    assert (sheet.draft, sheet.result.rows[0].actual) == (3, "190人")
    assert sorted(note.facts["what"] for note in made.notes) == ["older_draft", "older_draft", "same_again"]
    other = book(content(JULY, "9902", record(JULY, 1, a0="191人")), "project-monitoring", 3)
    assert "第3稿有两份，所填不同" in refusal(drafts[2], other)
    assert "有两份，所填不同" in refusal(drafts[2], content(JULY, "9902", record(JULY, 1, a0="1人")))


def test_what_is_no_sheet_of_a_stage_is_left_out_and_said() -> None:
    target = {"year": 2024, "unit": {"code": "9902", "name": "柳河镇"}, "projects": [{"number": 1, "name": "甲"}]}
    (other,) = perfxl.generate(target)
    made = perfxl.stage_summary(other.data, content(JULY, "9902"), b"no workbook")
    assert len(made.sheets) == 1
    assert [note.facts["count"] for note in made.notes] == [1]
    assert len(made.refused) == 1
    assert "没有可汇总的；读到的是项目" in refusal(other.data)
    assert "没有可汇总的；读到的是projects" in refusal(target)
    assert "2023、2024" in refusal(content(JULY, "9902"), content(DECEMBER, "9902", year=2023))


def test_a_unit_that_no_registry_has_stands_last_and_is_said() -> None:
    made = perfxl.stage_summary(content(JULY, "5", name="水库"), content(JULY, "9902"), units=COUNTY)
    assert [row.values[0] for row in made.tables[0].rows] == ["清溪县", "柳河镇", "水库", "合计（2个单位）"]
    assert [perfxl.sentence(note) for note in made.notes] == ["名册里没有水库，列在最后。"]


def test_a_unit_above_others_without_a_sheet_of_its_own_is_there_once() -> None:
    lines = unit_lines({"990101": "第一小学", "": "无名"}, COUNTY, "zh-CN")
    assert [(line.level, line.name, line.depth) for line in lines] == [
        ("group", "清溪县", 0), ("group", "教育局", 1), ("unit", "第一小学", 2), ("unit", "无名", 0),
        ("total", "合计（2个单位）", 0),
    ]  # fmt: skip


def test_units_above_each_other_in_a_circle_are_all_there() -> None:
    units = [AskedUnit("1", "甲", "2"), AskedUnit("2", "乙", "1"), AskedUnit("3", "丙", "3"), AskedUnit("4", "丁", "")]
    found = {unit.code: unit.name for unit in units}
    own = [line.units for line in unit_lines(found, units, "zh-CN") if line.level == "unit"]
    assert sorted(own) == [("1",), ("2",), ("3",), ("4",)]


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_workbook_and_the_page_hold_what_the_tables_do(lang: str) -> None:
    nasty = record(JULY, 2, a0="100人", name="<script>alert(1)</script>=1+1")
    sent = (content(JULY, "9902", record(JULY, 1), nasty), content(JULY, "990101"), content(DECEMBER, "9902"))
    tables = perfxl.stage_summary(*sent, units=COUNTY, language=lang).tables
    sheets = openpyxl.load_workbook(io.BytesIO(summary_workbook(tables, lang)))
    assert sheets.sheetnames == [table.name for table in tables]
    page = html.fromstring(summary_page(tables, lang).encode())
    sections = page.xpath("//section")
    for table, sheet, section in zip(tables, sheets, sections, strict=True):
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
        cells = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=4, max_row=3 + len(table.rows))]
        for row, line in zip(table.rows, cells, strict=True):
            known = [float(value) if isinstance(value, Decimal) else value or None for value in row.values]
            assert [value.lstrip("　") if isinstance(value, str) else value or None for value in line] == known
        assert len(section.xpath(".//tbody/tr")) == len(table.rows)
        assert table.title in section.text_content()
    assert page.xpath("count(//script)") == 1


def test_the_command_writes_both_and_refuses_what_it_cannot(tmp_path: Path) -> None:
    folder = tmp_path / "收到的表"
    folder.mkdir()
    for unit in ("990101", "990102"):
        (folder / f"{unit}.xlsx").write_bytes(book(content(JULY, unit), "project-monitoring"))
    (folder / "年底.yaml").write_text(yaml.safe_dump(content(DECEMBER, "9902"), allow_unicode=True), "utf-8")
    registry = tmp_path / "名册.csv"
    registry.write_text(
        "单位代码,单位名称,上级单位代码,项目序号,项目名称,预算数（万元）\n9901,教育局,,,,\n"
        "990101,第一小学,9901,1,项目1,6.52\n990102,第二小学,9901,1,项目1,6.52\n990102,第二小学,9901,2,校舍,10\n",
        "utf-8",
    )
    run = CliRunner().invoke
    for name in ("汇总.xlsx", "汇总.html"):
        done = run(main, ["stage", "summary", str(folder), "-o", str(tmp_path / name), "--registry", str(registry)])
        assert done.exit_code == 0, done.output
        assert "已汇总" in done.output
        assert "名册里没有柳河镇" in done.output
    (sheet, *_) = openpyxl.load_workbook(tmp_path / "汇总.xlsx")
    found = {str(line[0]).strip("　"): line[1:3] for line in sheet.iter_rows(min_row=4, values_only=True)}
    assert found["教育局"] == (3, 2)
    assert found["第二小学"] == (2, 1)
    again = run(main, ["stage", "summary", str(folder), "-o", str(tmp_path / "汇总.xlsx")])
    wrong = run(main, ["stage", "summary", str(folder), "-o", str(tmp_path / "汇总.pdf")])
    assert (again.exit_code, wrong.exit_code) == (2, 2)
    nothing = run(main, ["stage", "summary", str(tmp_path / "没有"), "-o", str(tmp_path / "无.xlsx")])
    assert (nothing.exit_code, (tmp_path / "无.xlsx").exists()) == (2, False)
    assert "没有这个文件" in nothing.output
    assert "只能存成.xlsx、.html" in wrong.output


def test_all_languages_say_the_same() -> None:
    keys = [messages.text_keys("summary", lang) for lang in messages.languages()]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 50
    assert {f"summary.evaluation.columns.{grade}" for grade in stages_summary.GRADES} <= set(keys[0])
