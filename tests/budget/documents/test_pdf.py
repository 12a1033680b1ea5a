"""PDFs that LibreOffice makes of Word documents: read as those are, page breaks and all."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from budget.documents.written import Make, write_document
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from perfxl import records
from perfxl.batch.libreoffice import find_soffice
from perfxl.budget.documents.content import DocumentRow
from perfxl.budget.documents.extract import extract, read_document
from perfxl.budget.documents.readers.pdf_lines import Rectangle, TextLine, goes_on, lines_of, paragraphs
from perfxl.budget.documents.readers.pdf_tables import made_whole, ruled_table
from perfxl.errors import DocumentError

WHOLE = records.load(Path(__file__).parents[3] / "examples" / "records.yaml")
TRUTH = {**WHOLE, "projects": WHOLE["projects"][:8]}
PASSWORD = '{"EncryptFile":{"type":"boolean","value":"true"},"DocumentOpenPassword":{"type":"string","value":"secret"}}'


def convert(source: Path, options: str = "") -> Path:
    """Have LibreOffice make a PDF of a document."""
    soffice = find_soffice()
    assert soffice is not None
    profile = source.parent / "profile"
    target = "pdf" if not options else f"pdf:writer_pdf_Export:{options}"
    words = [str(soffice), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", target]
    subprocess.run([*words, "--outdir", str(source.parent), str(source)], check=True, capture_output=True, timeout=120)
    shutil.rmtree(profile, ignore_errors=True)
    return source.with_suffix(".pdf")


def breakable(document: Document) -> None:
    """Rows may break over pages."""
    for mark in list(document.element.body.iter(qn("w:cantSplit"))):
        mark.getparent().remove(mark)


def header_and_page_numbers(document: Document) -> None:
    section = document.sections[0]
    section.header.paragraphs[0].text = "清溪县预算绩效文本"
    footer = section.footer.paragraphs[0]
    footer.alignment = 1
    footer._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'))


def both(document: Document) -> None:
    breakable(document)
    header_and_page_numbers(document)


@pytest.mark.office
@pytest.mark.parametrize(
    ("make", "change"),
    [
        (Make(), None),
        (Make(one_table=True, title_in_table=True), None),
        (Make(), breakable),
        (Make(repeat=False), both),
    ],
    ids=["two tables", "title inside", "rows that break", "no repeated heading"],
)
def test_a_pdf_gives_the_records(make: Make, change: Callable[[Document], None] | None, tmp_path: Path) -> None:
    path = write_document(TRUTH, tmp_path / "x.docx", make)
    if change:
        document = docx.Document(str(path))
        change(document)
        document.save(str(path))
    found = extract(read_document(convert(path)), 2024)
    assert found.records == TRUTH
    assert found.unplaced == ()


@pytest.mark.office
def test_a_merged_basis_over_the_end_of_a_page_is_blank_and_said_at_most(tmp_path: Path) -> None:
    path = write_document(TRUTH, tmp_path / "x.docx", Make(merged=(0, 1, 5)))
    found = extract(read_document(convert(path)), 2024)
    said = {note.what for note in found.notes}
    for project, right in zip(found.records["projects"], TRUTH["projects"], strict=True):
        assert {**project, "indicators": None} == {**right, "indicators": None}
        for row, wanted in zip(project["indicators"], right["indicators"], strict=True):
            assert row == wanted or (row == {**wanted, "basis": None} and "blank_cell" in said)


@pytest.mark.office
def test_pdfs_that_cannot_be_read(tmp_path: Path) -> None:
    path = write_document({**TRUTH, "projects": TRUTH["projects"][:1]}, tmp_path / "x.docx", Make(borders=False))
    with pytest.raises(DocumentError) as caught:
        read_document(convert(path))
    assert caught.value.facts["what"] == "unruled"
    with pytest.raises(DocumentError) as caught:
        read_document(convert(path, PASSWORD))
    assert caught.value.facts["what"] == "encrypted"


def test_a_scan_is_refused(tmp_path: Path) -> None:
    """A page with nothing on it that is text."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    body, at = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        at.append(len(body))
        body += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in at)
    body += f"xref\n0 4\n0000000000 65535 f \n{table}trailer<</Root 1 0 R/Size 4>>\nstartxref\n{len(body)}\n%%EOF"
    path = tmp_path / "扫描.pdf"
    path.write_bytes(body.encode())
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert (caught.value.facts["what"], caught.value.facts["pages"]) == ("scanned", 1)


# Lines and tables --------------------------------------------------------------------------------------------------------


def signs(text: str, left: float, top: float, size: float = 10) -> list[dict[str, object]]:
    """The signs of a line, each as wide as it is high."""
    return [
        {"text": sign, "x0": left + at * size, "x1": left + (at + 1) * size, "top": top, "bottom": top + size, "size": size}
        for at, sign in enumerate(text)
    ]  # fmt: skip


def line(text: str, left: float = 0) -> TextLine:
    (found,) = lines_of(signs(text, left, 0), 1)
    return found


@pytest.mark.parametrize(
    ("text", "following", "room", "joined"),
    [
        ("一二三四五六七八九十", "十一", 100, True),
        ("一二三四五", "十一", 100, False),
        ("一二三四五六七八", "“甲”乙", 100, True),        # a quotation mark does not end a line
        ("一二三四五", "20240001", 100, True),             # nor is a number broken
        ("一二三四五六七八九。", "2.乙", 100, False),      # the next goal
        ("一二三四五六七八九十", "2.5公里", 100, True),
    ],
)  # fmt: skip
def test_lines_go_on(text: str, following: str, room: float, joined: bool) -> None:
    assert goes_on(line(text), line(following), room) is joined
    assert len(list(paragraphs([line(text), line(following)], room))) == (1 if joined else 2)


def test_gaps_between_signs_are_spaces() -> None:
    (found,) = lines_of([*signs("甲", 0, 0), *signs("乙", 30, 1)], 1)
    assert found.text == "甲 乙"


def grid(rows: list[list[str]], page: int, width: float = 60) -> object:
    """A ruled table of these texts."""
    cells, marks = [], []
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            cells.append(Rectangle(across * width, down * 20, (across + 1) * width, (down + 1) * 20))
            marks += signs(text, across * width + 5, down * 20 + 5)
    return ruled_table(cells, marks, page)


@pytest.mark.parametrize(
    ("below", "rows"),
    [
        ([["丙", "丁"]], [["甲", "乙乙乙乙"], ["丙", "丁"]]),
        ([["", "续"]], [["甲", "乙乙乙乙续"]]),                     # the rest of the row
        ([["甲", "乙乙乙乙"], ["丙", "丁"]], [["甲", "乙乙乙乙"], ["丙", "丁"]]),  # a repeated heading
    ],
)  # fmt: skip
def test_tables_broken_by_a_page(below: list[list[str]], rows: list[list[str]]) -> None:
    above = grid([["甲", "乙乙乙乙"]], 1)
    assert made_whole(above, grid(below, 2))  # type: ignore[arg-type]
    found = [[cell.text for cell in row.cells] for row in above.blocks(1) if isinstance(row, DocumentRow)]  # type: ignore[attr-defined]
    assert found == rows


def test_other_columns_are_another_table() -> None:
    assert not made_whole(grid([["甲", "乙"]], 1), grid([["丙", "丁"]], 2, width=50))  # type: ignore[arg-type]
