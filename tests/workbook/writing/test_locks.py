"""What can be typed where: only the inputs of a form can be filled, and only with what they ask for."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from judges import openpyxl_judge as judge
from office.libreoffice import Document, LibreOffice
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import FORMS, address, cell_of, example, inputs, inside, made, span, submissions

from perfxl.form import installed as forms
from perfxl.form import taxonomy
from perfxl.form.answers import get
from perfxl.form.layout import Box
from perfxl.workbook.sheet.book import Book, By
from perfxl.workbook.sheet.page import Page, Prefill
from perfxl.workbook.writing.stamp import stamp_book

WAYS: list[tuple[str, By, Prefill]] = [
    *((form, "unit", prefill) for form in FORMS for prefill in ("given", "last", "all")),
    ("project-target", "project", "all"),
    ("central-target", "project", "given"),
]  # fmt: skip
CONTACTS = 3  # who filled the book in, who answers for it, a telephone


Opened = list[tuple[Book, openpyxl.Workbook]]


def generated(form: str, by: By, prefill: Prefill) -> Opened:
    return [
        (book, openpyxl.load_workbook(BytesIO(stamp_book(book))))
        for book in made(form, by=by, prefill=prefill).values()
    ]


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
def every(request: pytest.FixtureRequest) -> Opened:
    """Every file of a form, in one of the ways in which it can be generated."""
    return generated(*request.param)


# --- by openpyxl ----------------------------------------------------------------------------------------------------


def test_what_is_unlocked_is_an_input_and_nothing_else_is(every: Opened) -> None:
    """Row and column styles count too, to the sheet's last column; a merged input is one cell to a reader."""
    for book, workbook in every:
        pages = {page.name: page for page in book.pages}
        for sheet in workbook:
            assert judge.protection(sheet).locked, sheet.title
            unlocked = judge.unlocked_cells(sheet)
            if sheet.title in pages:
                assert unlocked == set(inputs(pages[sheet.title])), sheet.title
                assert unlocked, sheet.title
            elif sheet.title == "项目清单":
                total = 5 + len(pages)
                assert unlocked == {f"C{total + 2 + at}" for at in range(CONTACTS)}
            else:
                assert unlocked == set(), sheet.title
        assert set(pages) <= set(workbook.sheetnames)


def test_each_input_has_one_validation_and_no_other_cell_has_any(every: Opened) -> None:
    for book, workbook in every:
        for page in book.pages:
            covered = {cell: box for box in inputs(page).values() for cell in inside(span(box))}
            validations = judge.validations(workbook[page.name])
            assert {cell: len(each) for cell, each in validations.items()} == dict.fromkeys(covered, 1)
            for cell, box in inputs(page).items():
                (validation,) = validations[cell]
                assert box.field is not None
                wanted = box.field.type.validation()
                types = {"text_length": "textLength", "percent": "custom"}
                assert (validation.type or "none") == (types.get(wanted.kind, wanted.kind) if wanted else "none")
                assert not wanted or (validation.showErrorMessage and validation.errorStyle in (None, "stop"))


@pytest.mark.parametrize("form", FORMS)
def test_every_drop_down_offers_what_the_taxonomy_or_the_form_has(form: str) -> None:
    """Always by a name on the list sheet, or by the name that the entry beside it picks: no list is written inline."""
    loaded = forms.load(form)
    levels = taxonomy.load(loaded.taxonomy).levels if loaded.taxonomy else {}
    drop_downs = 0
    for book, workbook in generated(form, "unit", "all"):
        for page in book.pages:
            sheet = workbook[page.name]
            for cell, (validation, *_) in judge.validations(sheet).items():
                box = inputs(page).get(cell)
                if validation.type != "list" or box is None:
                    continue
                drop_downs += 1
                check_source(sheet, validation.formula1, page, box, levels)
    assert drop_downs > 0 or form == "department-goals"


def check_source(sheet: Worksheet, source: str, page: Page, box: Box, levels: dict[str, tuple[str, ...]]) -> None:
    assert box.field is not None
    if cascade := re.fullmatch(r'INDIRECT\("(px\.[\w.]+)"&MATCH\((.+),px\.l1,0\)\)', source):
        # the entry is reached by locked corners and labels: no input is referred to directly
        assert re.fullmatch(r"INDEX\(\$A\$1:\$[A-Z]+\$\d+,ROW\(\),COLUMN\(\$[A-Z]+\$\d+\)\)", cascade[2])
        offered = {above: judge.named_values(sheet, f"{cascade[1]}{at}") for at, above in enumerate(levels, start=1)}
        assert offered == {above: list(names) for above, names in levels.items()}
        return
    assert re.fullmatch(r"px\.[\w.]+", source), source
    offered_here = judge.named_values(sheet, source)
    table = page.layout.form.tables.get(box.table)
    if box.field.within and table and table.groups:
        assert offered_here == list(levels[page.layout.tables[box.table].slots[box.index].group])
    else:
        assert offered_here == list(box.field.type.entries)


@pytest.mark.parametrize("form", FORMS)
def test_the_normal_style_is_unlocked(form: str) -> None:
    """A paste of foreign text gives a cell the Normal style: were it locked, the paste would lock the input."""
    for book in made(form).values():
        with zipfile.ZipFile(BytesIO(stamp_book(book))) as archive:
            styles = archive.read("xl/styles.xml").decode()
        normal = re.search(r'<cellStyle [^>]*name="Normal"[^>]*/>', styles)
        assert normal is not None
        index = int(re.search(r'xfId="(\d+)"', normal[0])[1])
        formats = re.search(r"<cellStyleXfs.*?</cellStyleXfs>", styles, re.DOTALL)[0]
        normal_format = re.findall(r"<xf .*?(?:/>|</xf>)(?=<xf |</cellStyleXfs>)", formats, re.DOTALL)[index]
        assert '<protection locked="0"/>' in normal_format
        # every other format says that it is locked, or that it is not
        cells = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)[0]
        assert cells.count("<xf ") - 1 <= cells.count("<protection ")


# --- by LibreOffice: as a person types ------------------------------------------------------------------------------


def typed_into(page: Page) -> dict[str, str]:
    """Something to type into every input, in reading order; a choice fits the choice that it depends on."""
    texts: dict[str, str] = {}
    levels = taxonomy.load(page.layout.form.taxonomy).levels if page.layout.form.taxonomy else {}
    for box in sorted(inputs(page).values(), key=lambda box: (box.row, box.column)):
        assert box.field is not None
        number = len(texts)
        match box.field.type.name:
            case "money":
                texts[address(box)] = f"{number}.25"
            case "percent":
                texts[address(box)] = f"{number}"
            case "choice" if box.field.within:
                table = page.layout.tables[box.table]
                group = (
                    table.slots[box.index].group or texts[f"{page_letter(page, box, box.field.within)}{box.row + 1}"]
                )
                texts[address(box)] = levels[group][box.index % len(levels[group])]
            case "choice":
                entries = box.field.type.entries
                texts[address(box)] = entries[box.index % len(entries)]
            case "indicator_value":
                texts[address(box)] = f"≥{number}%"
            case _:
                texts[address(box)] = f"第{number}格"
    return texts


def page_letter(page: Page, box: Box, column: str) -> str:
    found = next(
        each for each in page.layout.boxes if each.table == box.table and each.field and each.field.id == column
    )
    return address(found).rstrip("0123456789")


@pytest.fixture(scope="module", params=FORMS)
def blank(
    request: pytest.FixtureRequest, office: LibreOffice, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Page, Document]]:
    """A blank of each form, opened; the project's from the middle of its unit's book."""
    records = example(request.param)
    records["projects"] = records["projects"][:2]
    (book,) = made(request.param, records, prefill="given").values()
    path = tmp_path_factory.mktemp("blank") / "blank.xlsx"
    path.write_bytes(stamp_book(book))
    with office.open(path) as document:
        yield book.pages[-1], document


def test_nothing_can_be_typed_anywhere_but_into_the_inputs(blank: tuple[Page, Document]) -> None:
    """Every other cell is tried, hidden mark row, key column and margins included, and Delete over the whole sheet."""
    page, document = blank
    before = document.cells(page.name)
    _, _, last_column, last_row = range_boundaries(document.used(page.name))
    beyond = f"A1:{get_column_letter((last_column or 1) + 2)}{(last_row or 1) + 2}"
    locked = set(inside(beyond)) - {cell for box in inputs(page).values() for cell in inside(span(box))}
    assert len(locked) > 40
    for cell in sorted(locked):
        document._ask("type_text", sheet=page.name, cell=cell, text="甲", insist=True)
    document.clear(page.name, beyond)
    assert document.cells(page.name) == before


def test_every_input_takes_a_right_answer_and_it_is_read_back(blank: tuple[Page, Document], tmp_path: Path) -> None:
    page, document = blank
    texts = typed_into(page)
    refused = {cell: text for cell, text in texts.items() if document.type_text(page.name, cell, text).value == ""}
    assert refused == {}
    assert document.show_invalid(page.name) == []
    saved = document.save_as(tmp_path / "filled.xlsx")
    submission = submissions(saved)[-1]
    assert submission.sheet == page.name
    found = {
        cell: get(submission.record, path) for path, cell in submission.places.items() if get(submission.record, path)
    }
    for cell, text in texts.items():
        value = found[cell]
        assert value in (text, [text]) or value == float(text), (cell, text, value)
    assert not submission.unplaced
    assert not [note for note in submission.notes if note.problem]


def test_what_an_input_must_refuse_is_refused_and_circled_when_it_is_insisted_on(blank: tuple[Page, Document]) -> None:
    """Typed it does not stay; pasted it stays, and is found by marking invalid data. Right answers are not."""
    page, document = blank
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    for cell, box in inputs(page).items():
        assert box.field is not None
        kind = box.field.type
        check = kind.validation()
        if check is None or kind.name in seen:
            continue
        seen.add(kind.name)
        too_long = "长" * int((check.maximum or 0) + 1)
        wrong[cell] = {"decimal": "三万元", "percent": "三成", "list": "不在表中", "text_length": too_long}[check.kind]
    assert seen == {box.field.type.name for box in inputs(page).values() if box.field}
    kept = {cell: document.cell(page.name, cell) for cell in wrong}
    for cell, text in wrong.items():
        assert document.type_text(page.name, cell, text) == kept[cell], (cell, text)
    for cell, text in wrong.items():
        document.type_text(page.name, cell, text, insist=True)
    assert set(document.show_invalid(page.name)) == set(wrong)
    for cell in wrong:
        document.type_text(page.name, cell, str(kept[cell].value))
        if document.cell(page.name, cell).value == "":
            document.clear(page.name, span(inputs(page)[cell]))


@pytest.mark.parametrize("blank", ["project-target"], indirect=True)
@pytest.mark.parametrize("text", ["101", "-1", "101%", "1.5", "1万"])
def test_no_plan_above_a_hundred_percent_is_taken(blank: tuple[Page, Document], text: str) -> None:
    """101 typed into a cell that shows percent is 1.01 in Excel, which enters the sign by itself."""
    page, document = blank
    cell = cell_of(page, "plan.march")
    document.clear(page.name, span(inputs(page)[cell]))
    assert document.type_text(page.name, cell, text).value == ""
    for right in ("0", "100", "100%", "25%", "0.25", "83.3%"):
        assert document.type_text(page.name, cell, right).value != "", right


@pytest.mark.parametrize("blank", ["project-target", "central-target"], indirect=True)
def test_level_2_belongs_to_level_1(blank: tuple[Page, Document]) -> None:
    """The cascade: an entry of another level 1 is refused; where level 1 is filled in and changes later, it is found."""
    page, document = blank
    levels = taxonomy.load(page.layout.form.taxonomy).levels
    output, benefit = "数量指标", "社会效益指标"
    assert (output in levels["产出指标"], benefit in levels["效益指标"]) == (True, True)
    box = next(box for box in page.layout.boxes if box.role == "answer" and box.field and box.field.within)
    table = page.layout.form.tables[box.table]
    above = "" if table.groups else f"{page_letter(page, box, box.field.within)}{box.row + 1}"
    document.clear(page.name, span(box))
    if above:
        document.clear(page.name, above)
        assert document.type_text(page.name, address(box), output).value == "", "level 1 is not chosen yet"
        document.type_text(page.name, above, "产出指标")
    assert document.type_text(page.name, address(box), benefit).value == ""
    assert document.type_text(page.name, address(box), output).value == output
    assert document.show_invalid(page.name) == []
    if above:
        document.type_text(page.name, above, "效益指标")
        assert address(box) in document.show_invalid(page.name)
        document.type_text(page.name, address(box), benefit)
        assert address(box) not in document.show_invalid(page.name)
    else:
        document.type_text(page.name, address(box), benefit, insist=True)
        assert document.show_invalid(page.name) == [address(box)]
        document.type_text(page.name, address(box), output)
