"""A published document becomes records: every line placed or reported, every sentence as it stands."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from perfxl import records
from perfxl.budget.documents.content import NOTES
from perfxl.budget.documents.department import names_of
from perfxl.budget.documents.extract import extract, read_document
from perfxl.budget.documents.project_tables import amount, goals_of, percent
from perfxl.errors import DocumentError

ROOT = Path(__file__).parents[3]
LIUXI = ROOT / "examples" / "liuxi-2024.txt"
DOCUMENTS = os.environ.get("PERFXL_DOCUMENTS")

PRINTED = """
绩效目标 绩效指标描述 绩效指标 指标值确定依据 指标值 项目编码 项目名称 预算规模及资金用途 预算数
其中：财政资金 其他资金 资金支出计划（%） 一级指标 二级指标 三级指标 单位：万元
第一部分 第二部分 部门整体 预算项目 总体 分项 工作保障措施 月底 表
"""
"""Headings and labels of such a document; the longer before those they contain."""

LABELS = """
1.甲绩效目标表 绩效目标 一级指标 预算数 3.5 一、总体绩效目标 （一）、乙 1、丙 绩效指标： 丁 12月底 其他资金 100%
"""


def table(
    *indicator_rows: str, title: str = "1.桥梁养护绩效目标表", head: str = "", goals: str = "\t1.养好桥。"
) -> str:
    """A small document of the usual make; each cell of an indicator row ends with a bar."""
    rows = "\n".join("".join(f"\t{cell}\n" for cell in row.split("|")) for row in indicator_rows)
    return (
        f"{title}\n\t990001东山镇\n\t单位：万元\n\n\t项目编码\n\t99019924P0000000001X\n\t项目名称\n\t桥梁养护\n\n"
        f"\t预算规模及资金用途\n\t预算数\n\t3.50\n\t其中：财政资金\n\t3.50\n\t其他资金\n\t\n\n\t\n\t用于养桥\n\n{head}"
        "\t资金支出计划（%）\n\t3月底\n\t6月底\n\t10月底\n\t12月底\n\n\t\n\t0\n\t50%\n\t 75％\n\t100% \n\n"
        f"\t绩效目标\n{goals}\n\n\n"
        "\t一级指标\n\t二级指标\n\t三级指标\n\t绩效指标描述\n\t指标值\n\t指标值确定依据\n\n" + rows
    )


QUALITY = "|质量指标|完好率|完好桥梁的比例|≥90%|规程"
ROW = "产出指标|数量指标|桥梁数|养护的桥梁座数|3个|台账"


def only(text: str) -> dict[str, Any]:
    """The one project of a document."""
    (project,) = extract(text).records["projects"]
    return dict(project)


def test_example_is_its_records() -> None:
    found = extract(read_document(LIUXI))
    assert found.records == records.load(ROOT / "examples" / "records.yaml")
    assert found.unplaced == ()
    assert [note.what for note in found.notes] == ["year_from_codes"]


def test_example_of_the_form_is_the_first_example_record() -> None:
    example = yaml.safe_load((ROOT / "templates/project-target/example.yaml").read_text(encoding="utf-8"))
    assert extract(read_document(LIUXI)).records["projects"][0] == example


@pytest.mark.skipif(not DOCUMENTS, reason="PERFXL_DOCUMENTS names no folder with the real document")
class TestRealDocument:
    """The document behind the project; it is not part of it."""

    text = (Path(DOCUMENTS) / "shuangwang-2024.txt").read_text(encoding="utf-8") if DOCUMENTS else ""

    def test_figures(self) -> None:
        found = extract(self.text).records
        projects = found["projects"]
        assert (found["year"], found["unit"]["code"]) == (2024, "904001")
        assert (len(projects), sum(len(project["indicators"]) for project in projects)) == (16, 104)
        assert sum(project["budget"]["total"] for project in projects) == pytest.approx(975.30)
        assert [project["number"] for project in projects] == list(range(1, 17))
        assert all(value for project in projects for row in project["indicators"] for value in row.values())
        assert max(len(project["goals"]) for project in projects) == 3

    def test_department(self) -> None:
        department = extract(self.text).records["department"]
        parts = [part for area in department["areas"] for part in area["parts"]]
        names = [name for part in parts for name in part["indicators"]]
        assert (len(department["areas"]), len(parts), len(names)) == (19, 26, 77)
        assert len(department["measures"]) == 8

    def test_every_line_is_placed(self) -> None:
        assert extract(self.text).unplaced == ()

    def test_notes_say_where_the_year_is_from(self) -> None:
        (note,) = extract(self.text).notes
        assert (note.what, note.facts) == ("year_from_codes", {"year": 2024, "count": 15, "of": 16})

    def test_every_sentence_stands_in_the_document(self) -> None:
        squeezed = re.sub(r"[\t\n]", "", self.text)
        for text in texts_in(extract(self.text).records):
            assert text in squeezed

    def test_all_of_the_document_stands_in_the_records(self) -> None:
        """Taking all values out of the document leaves headings, labels, numbers and signs."""
        rest = re.sub(r"\[bookmark: [^\]]*\]|\s", "", self.text)
        for text in sorted(texts_in(extract(self.text).records), key=len, reverse=True):
            rest = rest.replace(re.sub(r"\s", "", text), "")
        for words in PRINTED.split():
            rest = rest.replace(words, "")
        assert re.sub(r"[\d.%、；。：:（）一二三四五六七八九十]", "", rest) == ""


def texts_in(value: Any) -> list[str]:
    """All texts of a record."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_in(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) else []


def test_small_document() -> None:
    project = only(table(ROW, QUALITY, "效益指标|社会效益指标|通行|安全通行|平稳|记录"))
    assert project["budget"] == {"total": 3.5, "fiscal": 3.5, "other": None}
    assert project["plan"] == {"march": 0, "june": 50, "october": 75, "december": 100}
    assert (project["purpose"], project["goals"]) == ("用于养桥", ["养好桥。"])
    assert [row["level1"] for row in project["indicators"]] == ["产出指标", "产出指标", "效益指标"]


@pytest.mark.parametrize("count", [1, 2, 15, 60])
def test_any_number_of_rows(count: int) -> None:
    assert len(only(table(*[ROW] * count))["indicators"]) == count


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("3个\n", "3个"),                      # an empty paragraph after the text
        ("\n3个", "3个"),                      # and before it
        ("\n\n3个\n\n", "3个"),
        ("每季度\n末发放", "每季度末发放"),
        ("每季度\n\n末发放", "每季度末发放"),
        ("3个\t\t", "3个"),
        ("[bookmark: _Hlk1]3个", "3个"),
        ("比上年  顺畅。", "比上年  顺畅。")   ,  # the sentence itself stays as it is
        ("\u30003个\u00a0", "3个"),
        ("", None),
    ],
)  # fmt: skip
def test_cells_wrapped_or_blank(cell: str, value: str | None) -> None:
    found = extract(table(ROW.replace("3个", cell), ROW))
    (project,) = found.records["projects"]
    assert [row["target"] for row in project["indicators"]] == [value, "3个"]
    assert found.unplaced == ()


def test_short_row_is_reported_and_the_next_one_read() -> None:
    found = extract(table("产出指标|数量指标|桥梁数", ROW))
    assert [item.text for item in found.unplaced] == ["产出指标", "数量指标", "桥梁数"]
    assert len(found.records["projects"][0]["indicators"]) == 1


def test_repeated_heading_of_the_table_is_no_row() -> None:
    head = "一级指标|二级指标|三级指标|绩效指标描述|指标值|指标值确定依据"
    assert len(only(table(ROW, head, ROW))["indicators"]) == 2


def test_more_columns_are_reported() -> None:
    text = table(ROW + "|10").replace("\t指标值确定依据\n", "\t指标值确定依据\n\t权重\n")
    found = extract(text)
    assert [item.text for item in found.unplaced] == ["权重", "10"]
    assert found.records["projects"][0]["indicators"][0]["basis"] == "台账"


def test_column_that_stands_twice_is_reported() -> None:
    found = extract(table(ROW + "|册子").replace("\t指标值确定依据\n", "\t指标值确定依据\n\t指标值确定依据\n"))
    assert [item.text for item in found.unplaced] == ["指标值确定依据", "册子"]
    assert found.records["projects"][0]["indicators"][0]["basis"] == "台账"


def test_text_after_a_table_is_reported() -> None:
    text = table(ROW) + "\n\n注：数据为预计数\n"
    (item,) = extract(text).unplaced
    assert (item.text, text.split("\n")[item.place.number - 1]) == ("注：数据为预计数", "注：数据为预计数")


def test_missing_parts_are_noted() -> None:
    found = extract(table(ROW).replace("\t用于养桥\n", "").replace("\t3.50\n\t其他", "\t约三万\n\t其他"))
    assert [item.text for item in found.unplaced] == ["约三万"]
    missing = {note.facts.get("field") or note.facts.get("section") for note in found.notes}
    assert missing == {"overall", "areas", "measures", "purpose", "budget.fiscal", None}
    assert found.records["department"] is None
    assert {note.what for note in found.notes} <= set(NOTES)


def test_another_name_is_noted() -> None:
    found = extract(table(ROW, title="2.桥面养护绩效目标表"))
    assert [note.what for note in found.notes if note.what.endswith("differs")] == ["name_differs"]


def test_amounts_in_yuan_become_wan() -> None:
    found = extract(table(ROW).replace("单位：万元", "单位：元").replace("3.50", "35,000.00"))
    assert found.records["projects"][0]["budget"]["total"] == 3.5
    assert "money_unit" in [note.what for note in found.notes]


@pytest.mark.parametrize(
    ("goals", "items"),
    [
        ("\t1.甲。\n2.乙。\n3.丙。", ["甲。", "乙。", "丙。"]),
        ("\t1.甲。\t\t\t\n\t\t\t\n\n2.乙。", ["甲。", "乙。"]),
        ("\t1、甲\n续。\n2、乙。", ["甲续。", "乙。"]),
        ("\t（1）甲。\n（2）乙。", ["甲。", "乙。"]),
        ("\t甲。", ["甲。"]),
        ("\t1.38个村通车。\n2.2.5公里。", ["38个村通车。", "2.5公里。"]),
        ("\t1.投资\n3.5万元。", ["投资3.5万元。"]),
        ("\t1.甲。2.乙。", ["甲。", "乙。"]),
        ("\t", []),
    ],
)
def test_goals(goals: str, items: list[str]) -> None:
    assert only(table(ROW, goals=goals))["goals"] == items


def test_jumping_numbers_are_noted() -> None:
    assert goals_of(["1.甲", "3.乙"]) == (["甲", "乙"], [(2, 3)], False)


PART1 = """2025年部门预算绩效文本
第一部分
部门整体绩效目标
一、总体绩效目标
做好全年工作。
二、分项绩效目标
（一）、甲
绩效目标：把甲做好；
1、先做一半。
绩效指标：甲一率；甲二率。
（二）乙
1、乙之一
绩效目标：好。
绩效指标：丙率、丁率、戊率。
2、乙之二
绩效目标：更好。
绩效指标：己、庚率；辛率
三、工作保障措施
1、组织。
2、制度。
"""


def test_department() -> None:
    found = extract(PART1 + table(ROW))
    department = found.records["department"]
    assert found.records["year"] == 2025
    assert department["overall"] == "做好全年工作。"
    assert [(area["name"], [part["name"] for part in area["parts"]]) for area in department["areas"]] == [
        ("甲", [None]),
        ("乙", ["乙之一", "乙之二"]),
    ]
    leaves = [part for area in department["areas"] for part in area["parts"]]
    assert leaves[0]["goal"] == "把甲做好；\n1、先做一半。"
    assert [part["indicators"] for part in leaves] == [
        ["甲一率", "甲二率"],
        ["丙率", "丁率", "戊率"],
        ["己、庚率", "辛率"],
    ]
    assert department["measures"] == ["组织。", "制度。"]
    assert (found.unplaced, found.notes) == ((), ())


def test_table_of_contents_is_left_out() -> None:
    contents = "目录\n一、总体绩效目标……1\n1.桥梁养护绩效目标表\t12\n封面上的话\n"
    found = extract(contents + PART1 + table(ROW))
    assert [(item.place.number, item.front) for item in found.unplaced] == [(4, True)]
    assert found.is_complete
    assert len(found.records["projects"]) == 1
    assert found.records["department"]["overall"] == "做好全年工作。"


def test_given_year_wins() -> None:
    assert extract(table(ROW), year=2031).records["year"] == 2031
    assert extract(table(ROW)).records["year"] == 2024
    blind = extract(table(ROW).replace("99019924P", "没有"))
    assert blind.records["year"] is None
    assert "year_unknown" in [note.what for note in blind.notes]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("24.18万", 24.18),
        ("3.50", 3.5),
        ("1,234.5", 1234.5),
        ("５３８．６９", 538.69),
        ("80000元", 8.0),
        ("2万元", 2.0),
        ("无", None),
        ("", None),
    ],
)
def test_amount(text: str, value: float | None) -> None:
    assert amount(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), (" 100%", 100), ("25％", 25), ("16.7%", 16.7), ("0.25", 0.25), ("—", None), ("", None)],
)
def test_percent(text: str, value: float | None) -> None:
    assert percent(text) == value


def test_names_are_parted_at_the_stronger_sign() -> None:
    assert names_of("甲、乙率；丙率。") == ["甲、乙率", "丙率"]
    assert names_of("甲率、乙率。") == ["甲率", "乙率"]
    assert names_of("") == []


@given(st.lists(st.sampled_from(["\t", "\n", "\x0b", *LABELS.split()]), max_size=60))
def test_nothing_gets_lost_and_nothing_breaks(pieces: list[str]) -> None:
    """丁 is no label: each of its lines is in the records or reported, whatever the document looks like."""
    text = "".join(pieces)
    try:
        found = extract(text)
    except DocumentError:
        return
    kept = json.dumps(found.records, ensure_ascii=False) + "".join(item.text for item in found.unplaced)
    noted = "".join(str(note.facts) for note in found.notes if note.what == "name_differs")
    assert kept.count("丁") + noted.count("丁") >= text.count("丁")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "文本.txt"
    path.write_bytes(table(ROW).replace("\n", "\r\n").encode(encoding))
    assert extract(read_document(path)).records == extract(table(ROW)).records


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\x00\x01\x02\x03", "not_text"),
        (b"\xff\xff\xff", "not_text"),
        (b"PK\x03\x04 and no more", "not_docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_doc"),
        (b"%PDF-1.7", "damaged_pdf"),
        (b"\x89PNG\r\n", "picture"),
        (b"MIME-Version: 1.0\r\n", "mhtml"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"{\\rtf1}", "rtf"),
    ],
)
def test_what_is_no_document(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert (caught.value.facts["what"], caught.value.facts["file"]) == (what, str(path))


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / "none.txt")
    assert caught.value.facts["what"] == "no_file"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("\n \n", "empty"),
        ("一篇散文。\n", "nothing_found"),
        (PART1, "nothing_found"),
        (table(ROW).replace("\t", ""), "no_table"),
        ("1.甲绩效目标表\n", "no_table"),
    ],
)
def test_texts_without_projects(text: str, what: str) -> None:
    with pytest.raises(DocumentError) as caught:
        extract(text, file="a.txt")
    facts = {"title": caught.value.facts["title"]} if what == "no_table" else {}
    assert caught.value.facts == {"file": "a.txt", "what": what, **facts}
