"""The document: the rows and columns of the published tables, contents that follow the headings, texts kept as text."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from publishing.documents import ROOT, part, rows, template_of, township

import perfxl
from perfxl.batch.arguments import Ending
from perfxl.batch.publish import document_format
from perfxl.budget.documents.extract import extract, read_document
from perfxl.errors import PerfxlError, PublishingError, TemplateMistake
from perfxl.publishing.document import PublishedDocument
from perfxl.publishing.document_template import compile_template
from perfxl.publishing.wordml import text_of, w

TEMPLATE = ROOT / "templates" / "project-target" / "documents" / "document.docx"


def published(held: dict[str, Any], **options: Any) -> bytes:
    (made,) = perfxl.publish(held, **options).files
    return made.data


def lines(data: bytes) -> list[str]:
    return [text_of(paragraph) for paragraph in part(data).iter(w("p"))]


# The layout --------------------------------------------------------------------------------------------------------------

HEAD = [
    [("907001清溪县柳溪镇人民政府本级", 17, ""), ("单位：万元", 8, "")],
    [("项目编码", 1, ""), ("99019924P00731210115X", 10, ""), ("项目名称", 4, ""), ("村民小组长误工补贴", 10, "")],
    [
        ("预算规模及资金用途", 1, "restart"), ("预算数", 3, ""), ("6.52", 4, ""), ("其中：财政资金", 6, ""), ("6.52", 4, ""),
        ("其他资金", 4, ""), ("", 3, ""),
    ],
    [("", 1, "continue"), ("用于发放村民小组长履职期间的误工补贴，稳定村组工作队伍。", 24, "")],
    [("资金支出计划（%）", 1, "restart"), ("3月底", 6, ""), ("6月底", 6, ""), ("10月底", 6, ""), ("12月底", 6, "")],
    [("", 1, "continue"), ("0", 6, ""), ("50%", 6, ""), ("50%", 6, ""), ("100%", 6, "")],
    [
        ("绩效目标", 1, ""),
        (
            "1.为38个村的326名村民小组长足额发放误工补贴，补贴发放准确率达到100%。\n"
            "2.补贴在年中及年末发放到位，村民小组长满意度达到95%以上。", 24, "",
        ),
    ],
]  # fmt: skip
COLUMNS = ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"]


def test_a_project_is_published_in_the_rows_and_columns_of_the_form() -> None:
    head, indicators = part(published(township(1))).iter(w("tbl"))
    assert list(rows(head)) == HEAD
    header, *below = rows(indicators)
    assert [text for text, _, _ in header] == COLUMNS
    held = township(1)["projects"][0]["indicators"]
    keys = ("level2", "level3", "description", "target", "basis")
    assert [[text for text, _, _ in row[1:]] for row in below] == [[row[key] for key in keys] for row in held]
    first = [
        next(at for at, row in enumerate(held) if row["level1"] == name)
        for name in ("产出指标", "效益指标", "满意度指标")
    ]
    shown = {at: (held[at]["level1"], 1, "restart") for at in first}
    assert [row[0] for row in below] == [shown.get(at, ("", 1, "continue")) for at in range(len(held))]


def test_rows_do_not_break_and_the_header_is_repeated() -> None:
    for table in part(published(township())).iter(w("tbl")):
        properties = [row.find(w("trPr")) for row in table.iter(w("tr"))]
        assert all(found is not None and found.find(w("cantSplit")) is not None for found in properties)
        header = [found is not None and found.find(w("tblHeader")) is not None for found in properties]
        assert header == [len(list(table.iter(w("gridCol")))) == len(COLUMNS), *[False] * (len(header) - 1)]


STYLES = {
    "Heading 1": ("方正小标宋简体", 22), "Heading 2": ("黑体", 16), "Heading 3": ("方正小标宋简体", 16), "部分": ("方正小标宋简体", 22),
    "封面标题": ("方正小标宋简体", 36), "正文段落": ("仿宋_GB2312", 16), "表格": ("宋体", 10.5), "表格左对齐": ("宋体", 10.5),
}  # fmt: skip


def test_the_template_is_a4_upright_in_the_fonts_of_such_documents() -> None:
    document = docx.Document(str(TEMPLATE))
    for section in document.sections:
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    for name, (font, size) in STYLES.items():
        style = document.styles[name]
        fonts = style.element.rPr.find(w("rFonts"))
        assert {fonts.get(w(key)) for key in ("ascii", "hAnsi", "eastAsia")} == {font}, name
        assert style.font.size.pt == size, name
    others = part(TEMPLATE.read_bytes(), "word/fontTable.xml")
    assert {font.get(w("name")) for font in others if font.find(w("altName")) is not None} == {
        font for font, _ in STYLES.values()
    }
    footers = [section.footer for section in document.sections]
    assert [" PAGE " in etree.tostring(footer._element, encoding="unicode") for footer in footers] == [False, True]


ORDER = {
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblW jc tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr pBdr shd tabs spacing ind jc outlineLvl rPr sectPr",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols "
    "formProt vAlign noEndnote titlePg textDirection bidi docGrid",
}  # fmt: skip
"""The order of the children of some elements (ECMA-376 part 1, appendix A), as far as such documents have them."""


def test_elements_stand_in_the_order_of_the_schema() -> None:
    root = part(published(township()))
    for name, words in ORDER.items():
        order = [w(word) for word in words.split()]
        found = list(root.iter(w(name)))
        assert found, name
        for element in found:
            places = [order.index(str(child.tag)) for child in element]
            assert places == sorted(places), (name, etree.tostring(element))


def test_every_cell_ends_with_a_paragraph() -> None:
    held = township(1)
    held["projects"][0]["goals"] = None
    for cell in part(published(held)).iter(w("tc")):
        assert cell[-1].tag == w("p")


# Contents ----------------------------------------------------------------------------------------------------------------


def contents(data: bytes) -> list[tuple[str, str]]:
    """The entries of the contents, each with the bookmark whose page it shows."""
    found = []
    for link in part(data).iter(w("hyperlink")):
        code = "".join(node.text or "" for node in link.iter(w("instrText")))
        found.append((text_of(link).partition("\t")[0], code.split()[1]))
    return found


def headings(data: bytes) -> dict[str, str]:
    """The bookmarked headings of a document, by their bookmarks."""
    marks = part(data).iter(w("bookmarkStart"))
    return {str(mark.get(w("name"))): text_of(next(mark.iterancestors(w("p")))) for mark in marks}


def test_the_contents_are_a_field_with_an_entry_for_each_heading() -> None:
    data = published(township())
    listed = contents(data)
    assert [text for text, _ in listed] == [
        "部门整体绩效目标", "一、总体绩效目标", "二、分项绩效目标", "三、工作保障措施", "预算项目绩效目标",
        "1.村民小组长误工补贴绩效目标表", "2.村级阵地房屋修缮绩效目标表",
    ]  # fmt: skip
    assert {mark: text for text, mark in listed} == headings(data)
    codes = [node.text for node in part(data).iter(w("instrText"))]
    assert [code for code in codes if "TOC" in str(code)] == [' TOC \\o "1-3" \\h \\z \\u ']
    kinds = [node.get(w("fldCharType")) for node in part(data).iter(w("fldChar"))]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") == len(listed) + 1
    assert part(data, "word/settings.xml").find(w("updateFields")) is not None, "Word puts the pages in"


@pytest.mark.parametrize("word", ["不公开", "涉密", "closed", "secret"])
def test_what_is_not_published_is_left_out_of_contents_and_numbering(word: str) -> None:
    held = township(3)
    held["projects"][0]["disclosure"] = word
    made = perfxl.publish(held)
    data = made.files[0].data
    assert [text for text, _ in contents(data)][-2:] == [
        f"{number}.{held['projects'][number]['name']}绩效目标表" for number in (1, 2)
    ]
    assert held["projects"][0]["name"] not in "".join(lines(data))
    share = made.share
    amounts = [project["budget"]["total"] for project in held["projects"]]
    assert (share.records, share.of, float(share.of_amount)) == (2, 3, round(sum(amounts), 2))
    assert float(share.amount) == round(sum(amounts[1:]), 2)
    assert (share.closed, share.secret) == ((1, 0) if word in ("不公开", "closed") else (0, 1))


def test_another_word_about_publication_is_a_mistake() -> None:
    held = township(1)
    held["projects"][0]["disclosure"] = "保密"
    (refused,) = perfxl.publish(held).refused
    assert "projects[0].disclosure" in str(refused)


# Texts -------------------------------------------------------------------------------------------------------------------

TEXTS = (
    "{{ 7 * 7 }}{% if %}{# #}", "<w:t>&amp;</w:t> & ]]>", "{_{ }_}", "“引号”‘单’", "甲" * 30_000, "-1", "第一行\n第二行\n第三行",
    "前\t后", "𠀀😀", "a\u00a0b\u3000c",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_texts_stay_texts(text: str) -> None:
    held = township(1)
    held["projects"][0]["purpose"] = text
    held["department"]["overall"] = text
    data = published(held)
    docx.Document(io.BytesIO(data))
    _, (purpose, _, _) = list(rows(next(part(data).iter(w("tbl")))))[3]
    assert purpose == text
    assert "\n".join(lines(data)).count(text) >= 2


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_makes_a_document(text: str) -> None:
    held = township(1)
    held["projects"][0]["name"] = held["projects"][0]["indicators"][0]["level3"] = text
    made = perfxl.publish(held)
    shown = re.sub(
        "[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text.replace("\r\n", "\n").replace("\r", "\n")
    )
    table = list(part(made.files[0].data).iter(w("tbl")))[1]
    assert list(rows(table))[1][2][0] == shown
    assert [note.facts["what"] for note in made.notes if note.facts["what"] != "blank_answers"] == (
        ["dropped"] if len(shown) < len(text.replace("\r\n", "\n")) else []
    )


def test_the_same_records_make_the_same_bytes() -> None:
    first, second = (published(township()) for _ in range(2))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    core = part(first, "docProps/core.xml")
    assert [str(child.tag).rpartition("}")[2] for child in core] == ["title"], "no person, no day"


# Templates of one's own --------------------------------------------------------------------------------------------------

MISTAKES = (
    (("正文", "{{ unit.name"), ("第2段“{{ unit.name”", "缺“}}”")),
    (("{% for project in projects %}", "甲"), ("写法有误", "endfor")),
    (("{{ year | frobnicate }}",), ("第1段", "frobnicate")),
    (("甲", "乙", "{{ unit.nam }}"), ("第3段“{{ unit.nam }}”", "没有“nam”")),
    (("{{ yaer }}",), ("没有“yaer”，是不是“year”",)),
    (("{%p for project in projects %}", "{{ project.budget.totl }}", "{%p endfor %}"), ("第2段", "没有“totl”")),
    (("{{ range(9) }}",), ("第1段", "不能这样调用")),
    (("{{ ''.__class__ }}",), ("第1段", "填不出来")),
    (("{{ 'a' * 1000000000 }}",), ("第1段",)),
    (("{{ year / 2 }}",), ("第1段", "填不出来")),
    (("{% if not year %}甲", "{%p endif %}"), ("不是完整的Word文件", "各占一段、一行")),
)  # fmt: skip


@pytest.mark.parametrize(("paragraphs", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_in_a_template_is_a_sentence_with_its_paragraph(
    paragraphs: tuple[str, ...], words: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "模板.docx"
    file.write_bytes(template_of(*paragraphs))
    with pytest.raises(TemplateMistake) as raised:
        perfxl.publish(township(), template=file, output=tmp_path / "文本.docx")
    sentence = str(raised.value)
    assert all(word in sentence for word in ("模板.docx", *words)), sentence
    assert [path.name for path in tmp_path.iterdir()] == ["模板.docx"]


def test_a_tag_may_be_broken_over_runs(tmp_path: Path) -> None:
    file = tmp_path / "模板.docx"
    file.write_bytes(
        template_of("年度：{¦{ ye¦ar }¦}年", "{%¦p for project in projects %}", "{{ project.na¦me }}", "{%p endfor %}")
    )
    held = township()
    assert lines(published(held, template=file)) == ["年度：2024年", *(one["name"] for one in held["projects"])]


def test_a_file_without_tags_is_no_template(tmp_path: Path) -> None:
    file = tmp_path / "模板.docx"
    file.write_bytes(template_of("正文", "没有标记"))
    with pytest.raises(TemplateMistake, match="没有标记"):
        perfxl.publish(township(), template=file)


BROKEN: tuple[Callable[[Path], object], ...] = (
    lambda path: path.write_bytes(b"PK\x03\x04 no zip"),
    lambda path: path.write_text("year: 2024", encoding="utf-8"),
    lambda path: path.mkdir(),
    lambda path: None,
)


@pytest.mark.parametrize("make", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_is_no_template_is_refused(make: Callable[[Path], object], tmp_path: Path) -> None:
    file = tmp_path / "模板.docx"
    make(file)
    with pytest.raises(TemplateMistake) as raised:
        perfxl.publish(township(), template=file)
    assert str(file) in str(raised.value)


def test_a_form_without_a_template_is_told_where_to_put_one() -> None:
    held = json.loads(json.dumps(township(1)))
    with pytest.raises(PerfxlError) as raised:
        perfxl.publish({**held, "projects": []}, form="department-goals")
    assert "department-goals/documents/document.docx" in str(raised.value)


def test_old_entries_of_a_templates_contents_are_nobodys_text() -> None:
    """Word fills the contents of a template too, with headings that hold tags."""
    held = compile_template(TEMPLATE.read_bytes(), "document.docx")
    assert held.contents.startswith("TOC ")
    filled = PublishedDocument(
        held, {"year": "2024", "unit": {"name": "甲"}, "title": "", "department": {}, "projects": []}
    )
    assert filled.headings == ()
    assert "目录在生成" not in "".join(lines(filled.docx()))


@pytest.mark.parametrize(
    ("to", "name", "found"),
    [(None, "", "docx"), (None, "a.PDF", "pdf"), ("txt", "2024.1", "txt"), ("txt", "a.txt", "txt"),
     (None, "2024.1", [".docx", ".txt", ".pdf"]), ("txt", "a.pdf", [".txt"])],
)  # fmt: skip
def test_a_name_tells_the_format(to: Ending | None, name: str, found: str | list[str], tmp_path: Path) -> None:
    if isinstance(found, str):
        assert document_format(to, tmp_path / name) == found
        return
    with pytest.raises(PublishingError) as caught:
        document_format(to, tmp_path / name)
    assert (caught.value.facts["what"], caught.value.facts["allowed"]) == ("wrong_ending", found)


# Read back ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["docx", "txt"])
def test_what_is_published_is_read_back(ending: str, tmp_path: Path) -> None:
    held = township(16)
    file = tmp_path / f"文本.{ending}"
    perfxl.publish(held, output=file)
    taken = extract(read_document(file), 2024).records
    assert taken["projects"] == held["projects"]
    assert taken["department"] == held["department"]


def test_nothing_of_whoever_made_the_template_is_published() -> None:
    """What is left out of the package is named nowhere in it."""
    with zipfile.ZipFile(io.BytesIO(published(township()))) as package:
        names = package.namelist()
        told = package.read("[Content_Types].xml").decode() + package.read("_rels/.rels").decode()
    assert "docProps/app.xml" not in names
    assert "app.xml" not in told
    assert "docProps/core.xml" in names
    assert "core.xml" in told
