"""Word documents with all that Word, WPS and LibreOffice put into them."""

from __future__ import annotations

import copy
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from budget.documents.written import HEADINGS, Make, write_document
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from perfxl import records
from perfxl.budget.documents.extract import Extraction, extract, read_document
from perfxl.errors import DocumentError

ROOT = Path(__file__).parents[3]
WHOLE = records.load(ROOT / "examples" / "records.yaml")
TRUTH = {**WHOLE, "projects": WHOLE["projects"][:3]}
NAMESPACES = (
    nsdecls("w", "r")
    + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    + ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    + ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def xml(text: str) -> Any:
    """An element of WordprocessingML."""
    return parse_xml(
        text.replace(">", f" {NAMESPACES}>", 1)
        if not text.split(">")[0].endswith("/")
        else text.replace("/>", f" {NAMESPACES}/>", 1)
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_document(TRUTH, tmp_path_factory.mktemp("word") / "文本.docx")


def read(path: Path) -> Extraction:
    return extract(read_document(path), 2024)


def changed(made: Path, tmp_path: Path, change: Callable[[Document], object]) -> Extraction:
    """The document, changed, and read again."""
    document = docx.Document(str(made))
    change(document)
    document.save(str(tmp_path / "x.docx"))
    return read(tmp_path / "x.docx")


def notes(found: Extraction) -> dict[str, object]:
    return {note.what: note.facts.get("count") for note in found.notes}


@pytest.mark.parametrize(
    "make",
    [
        Make(),
        Make(merged=()),
        Make(merged=(0, 1)),
        Make(merged=(0, 1, 4, 5)),
        Make(title_in_table=True),
        Make(one_table=True, merged=(0, 1, 5)),
        Make(one_table=True, title_in_table=True),
        Make(borders=False),
        Make(repeat=False),
    ],
    ids=str,
)
def test_each_make_gives_the_records(make: Make, tmp_path: Path) -> None:
    found = read(write_document(TRUTH, tmp_path / "x.docx", make))
    assert found.records == TRUTH
    assert (found.unplaced, found.notes) == ((), ())


def test_blank_classes_are_carried_and_blank_bases_said(tmp_path: Path) -> None:
    found = read(write_document(TRUTH, tmp_path / "x.docx", Make(merged=(0, 1, 5), blank=True)))
    for project, wanted in zip(found.records["projects"], TRUTH["projects"], strict=True):
        for row, right in zip(project["indicators"], wanted["indicators"], strict=True):
            assert {**row, "basis": right["basis"]} == right
            assert row["basis"] in (right["basis"], None)
    blank = [row for project in found.records["projects"] for row in project["indicators"] if row["basis"] is None]
    said = [note.facts["rows"] for note in found.notes if note.what == "blank_cell"]
    assert len(blank) == sum(len(str(rows).split("、")) for rows in said) > 0


# What stands around the text ---------------------------------------------------------------------------------------------


def first_cell(document: Document, text: str) -> Any:
    """The first paragraph of a table with this text."""
    return next(p for p in document.element.body.iter(qn("w:p")) if "".join(p.itertext(qn("w:t"))) == text)


def wrap(element: Any, outer: str, inner: str = "") -> None:
    """Put a new element around another one."""
    wrapper = xml(outer)
    element.getparent().replace(element, wrapper)
    target = wrapper if not inner else next(wrapper.iter(qn(inner)))
    target.append(element)


def runs(document: Document, text: str) -> list[Any]:
    return list(first_cell(document, text).iter(qn("w:r")))


CODE, NAME = TRUTH["projects"][0]["code"], TRUTH["projects"][0]["name"]


def control_around_run(document: Document) -> None:
    wrap(runs(document, CODE)[0], "<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>", "w:sdtContent")


def control_around_cell(document: Document) -> None:
    cell = first_cell(document, CODE).getparent()
    wrap(cell, "<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>", "w:sdtContent")


def control_around_row(document: Document) -> None:
    row = first_cell(document, "数量指标").getparent().getparent()
    wrap(row, "<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>", "w:sdtContent")


def control_around_table(document: Document) -> None:
    wrap(document.tables[0]._tbl, "<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>", "w:sdtContent")


def hyperlink(document: Document) -> None:
    wrap(runs(document, CODE)[0], "<w:hyperlink/>")


def smart_tag(document: Document) -> None:
    wrap(runs(document, NAME)[0], '<w:smartTag w:element="x"/>')


def split_runs(document: Document) -> None:
    run = runs(document, CODE)[0]
    other = copy.deepcopy(run)
    run.find(qn("w:t")).text, other.find(qn("w:t")).text = CODE[:7], CODE[7:]
    run.addnext(other)


def contents_control(document: Document) -> None:
    document.element.body.insert(
        0,
        xml(
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
            "<w:sdtContent><w:p><w:r><w:t>一、总体绩效目标1</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )


def contents_field(document: Document) -> None:
    """A field over three paragraphs, as Word writes it, with fields inside for the page numbers."""
    lines = [
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o "1-2" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>一、总体绩效目标</w:t></w:r></w:p>',
        '<w:p><w:r><w:t>某章</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF x</w:instrText>'
        '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>7</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
        '<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
    ]  # fmt: skip
    for at, line in enumerate(lines):
        document.element.body.insert(at, xml(line))


def field_result(document: Document) -> None:
    run = runs(document, NAME)[0]
    for piece in ('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "<w:r><w:instrText>DOCPROPERTY x</w:instrText></w:r>",
                  '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'):  # fmt: skip
        run.addprevious(xml(piece))
    run.addnext(xml('<w:r><w:fldChar w:fldCharType="end"/></w:r>'))


def frame_table(document: Document) -> None:
    """The head inside a table of one cell, which is only a frame."""
    head = document.tables[0]._tbl
    wrap(
        head, "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc><w:tcPr/></w:tc></w:tr></w:tbl>", "w:tc"
    )
    head.addnext(xml("<w:p/>"))


def table_split(document: Document) -> None:
    """The indicators as two tables, the heading in both."""
    table = document.tables[1]._tbl
    rest = copy.deepcopy(table)
    rows, others = table.findall(qn("w:tr")), rest.findall(qn("w:tr"))
    for row in rows[3:]:
        table.remove(row)
    for row in others[1:3]:
        rest.remove(row)
    table.addnext(rest)
    table.addnext(xml("<w:p/>"))


def table_split_without_heading(document: Document) -> None:
    table_split(document)
    rest = document.tables[2]._tbl
    rest.remove(rest.find(qn("w:tr")))


def title_in_text_box(document: Document) -> None:
    """The title in a text box, in the shape of Word 2010 and again in that of Word 2007."""
    title = next(p for p in document.paragraphs if p.text.startswith("1.") and p.text.endswith("绩效目标表"))
    box = f"<w:txbxContent><w:p><w:r><w:t>{title.text}</w:t></w:r></w:p></w:txbxContent>"
    for run in title.runs:
        run.text = ""
    title._p.append(
        xml(
            "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
            + box
            + "</wps:txbx></w:drawing>"
            "</mc:Choice><mc:Fallback><w:pict><v:textbox>"
            + box
            + "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )


def symbol(document: Document) -> None:
    """≥ from the font Symbol, as Word's dialogue inserts it."""
    paragraph = next(p for p in document.element.body.iter(qn("w:p")) if "".join(p.itertext(qn("w:t"))).startswith("≥"))
    run = next(paragraph.iter(qn("w:r")))
    text = run.find(qn("w:t"))
    text.text = text.text[1:]
    run.addprevious(xml('<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'))


@pytest.mark.parametrize(
    "change",
    [
        control_around_run, control_around_cell, control_around_row, control_around_table, hyperlink, smart_tag, split_runs,
        contents_control, contents_field, field_result, frame_table, table_split, table_split_without_heading,
        title_in_text_box, symbol,
    ],
)  # fmt: skip
def test_what_stands_around_changes_nothing(change: Callable[[Document], None], made: Path, tmp_path: Path) -> None:
    found = changed(made, tmp_path, change)
    assert found.records == TRUTH
    assert (found.unplaced, found.notes) == ((), ())


# What is said ------------------------------------------------------------------------------------------------------------


def test_tracked_changes_are_accepted_and_said(made: Path, tmp_path: Path) -> None:
    def change(document: Document) -> None:
        run = runs(document, NAME)[0]
        run.addprevious(xml('<w:del w:id="1" w:author="甲"><w:r><w:delText>旧名</w:delText></w:r></w:del>'))
        wrap(run, '<w:ins w:id="2" w:author="甲"/>')
        row = first_cell(document, "质量指标").getparent().getparent()
        gone = copy.deepcopy(row)
        gone.get_or_add_trPr().append(xml('<w:del w:id="3" w:author="甲"/>'))
        row.addprevious(gone)
        moved = runs(document, CODE)[0]
        moved.addprevious(xml('<w:moveFrom w:id="4"><w:r><w:t>移走</w:t></w:r></w:moveFrom>'))
        wrap(moved, '<w:moveTo w:id="5"/>')

    found = changed(made, tmp_path, change)
    assert found.records == TRUTH
    assert notes(found) == {"tracked_changes": 5}


def test_a_deleted_end_of_a_paragraph_joins_it_with_the_next(made: Path, tmp_path: Path) -> None:
    def change(document: Document) -> None:
        paragraph = next(p for p in document.paragraphs if p.text == TRUTH["department"]["overall"])
        rest = copy.deepcopy(paragraph._p)
        paragraph.runs[0].text, whole = paragraph.text[:10], paragraph.text
        next(rest.iter(qn("w:t"))).text = whole[10:]
        paragraph._p.get_or_add_pPr().append(xml('<w:rPr><w:del w:id="1" w:author="甲"/></w:rPr>'))
        paragraph._p.addnext(rest)

    found = changed(made, tmp_path, change)
    assert found.records == TRUTH
    assert notes(found) == {"tracked_changes": 1}


@pytest.mark.parametrize(
    ("piece", "what"),
    [
        ('<w:r><w:commentReference w:id="1"/></w:r>', "comments"),
        ('<w:r><w:footnoteReference w:id="1"/></w:r>', "footnotes"),
        ('<w:r><w:endnoteReference w:id="1"/></w:r>', "footnotes"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r>", "hidden_text"),
        ("<w:r><w:drawing/></w:r>", "pictures"),
    ],
)
def test_what_is_kept_out_is_counted(piece: str, what: str, made: Path, tmp_path: Path) -> None:
    found = changed(made, tmp_path, lambda document: first_cell(document, CODE).append(xml(piece)))
    assert found.records == TRUTH
    assert notes(found) == {what: 1}


def test_an_unknown_symbol_is_said(made: Path, tmp_path: Path) -> None:
    piece = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
    found = changed(made, tmp_path, lambda document: first_cell(document, NAME).append(xml(piece)))
    assert found.records["projects"][0]["name"] == f"{NAME}□"
    assert notes(found)["symbols"] == 1


def test_a_cell_over_two_columns_is_said(made: Path, tmp_path: Path) -> None:
    def change(document: Document) -> None:
        cells = document.tables[1].rows[1].cells
        cells[3].text = ""
        cells[2].merge(cells[3])

    found = changed(made, tmp_path, change)
    assert found.records["projects"][0]["indicators"][0]["description"] is None
    assert {note.what for note in found.notes} == {"spanned_cell", "blank_cell"}


def test_a_picture_of_a_table_is_no_project(made: Path, tmp_path: Path) -> None:
    def change(document: Document) -> None:
        table = document.tables[1]._tbl
        table.addprevious(xml("<w:p><w:r><w:drawing/></w:r></w:p>"))
        table.getparent().remove(table)

    found = changed(made, tmp_path, change)
    assert found.records["projects"][0]["indicators"] == []
    assert not found.is_complete
    assert notes(found)["pictures"] == 1


@pytest.mark.parametrize("headings", [["考核指标", *HEADINGS[1:]], HEADINGS[::-1]])
def test_headings(headings: list[str], made: Path, tmp_path: Path) -> None:
    def change(document: Document) -> None:
        for cell, text in zip(document.tables[1].rows[0].cells, headings, strict=True):
            cell.text = text

    found = changed(made, tmp_path, change)
    right = TRUTH["projects"][0]["indicators"]
    rows = found.records["projects"][0]["indicators"]
    if headings[0] == "考核指标":
        assert not found.is_complete
        assert {row["level1"] for row in rows} == {None}
    else:
        assert [row["level3"] for row in rows] == [row["description"] for row in right]


def test_numbers_that_word_counts(made: Path, tmp_path: Path) -> None:
    """Titles, areas and chapters that are numbered lists hold no numbers of their own."""
    document = docx.Document(str(made))
    numbering = document.part.numbering_part.element
    for name, kind, text in (
        ("90", "decimal", "%1."),
        ("91", "chineseCounting", "（%1）、"),
        ("92", "chineseCountingThousand", "%1、"),
    ):
        numbering.insert(0, xml(f'<w:abstractNum w:abstractNumId="{name}"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
                                f'<w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'))  # fmt: skip
        numbering.append(xml(f'<w:num w:numId="{name}"><w:abstractNumId w:val="{name}"/></w:num>'))
    for paragraph in document.paragraphs:
        text = paragraph.text
        name = (
            "90"
            if text.endswith("绩效目标表")
            else "91"
            if text.startswith("（")
            else "92"
            if text[1:2] == "、" and text[0] in "一二三"
            else ""
        )
        if name:
            paragraph.runs[0].text = text.split(".", 1)[1] if name == "90" else text.split("、", 1)[1]
            paragraph._p.get_or_add_pPr().append(
                xml(f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{name}"/></w:numPr>')
            )
    document.save(str(tmp_path / "x.docx"))
    found = read(tmp_path / "x.docx")
    assert found.records == TRUTH
    assert found.notes == ()


# What is refused ---------------------------------------------------------------------------------------------------------


def test_damaged_parts(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"<w:document" if name == "word/document.xml" else source.read(name))
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.facts["what"] == "not_docx"


@pytest.mark.parametrize(
    ("name", "what"), [("xl/workbook.xml", "workbook"), ("content.xml", "odt"), ("OFD.xml", "ofd")]
)
def test_other_packages(name: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(name, "<x/>")
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.facts["what"] == what


def test_deep_nesting_ends(made: Path, tmp_path: Path) -> None:
    def change(document: Document) -> None:
        run = runs(document, CODE)[0]
        for _ in range(200):
            wrap(run, '<w:smartTag w:element="x"/>')

    found = changed(made, tmp_path, change)
    assert found.records["projects"][0]["code"] is None
    assert any(note.what == "missing_field" for note in found.notes)


def test_the_name_says_nothing(made: Path, tmp_path: Path) -> None:
    shutil.copy(made, tmp_path / "文本.txt")
    assert read(tmp_path / "文本.txt").records == TRUTH


@pytest.mark.parametrize(
    ("values", "plan"),
    [
        ("|0%|50%|75%|100%||", [0, 50, 75, 100]),
        ("||50%|75%|100%||", [None, 50, 75, 100]),
        ("|0%|50%||100%||", [0, 50, None, 100]),
    ],
)
def test_plan_of_a_table_that_nobody_merged(values: str, plan: list[int | None], tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("1.桥梁养护绩效目标表")
    rows = (
        "项目名称|桥梁养护|||||",
        "资金支出计划（%）|3月底|6月底|10月底|12月底||",
        values,
        "绩效目标|1.养好桥。|||||",
    )
    grid = document.add_table(len(rows), 7)
    for row, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts.split("|"), strict=True):
            cell.text = text
    document.save(str(tmp_path / "a.docx"))
    found = extract(read_document(tmp_path / "a.docx"))
    assert list(found.records["projects"][0]["plan"].values()) == plan
    assert found.unplaced == ()
