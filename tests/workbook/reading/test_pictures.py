"""A picture in a cell is no answer; a stock or a formula's error in a cell is no picture; a check box is no text."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from itertools import product

import pytest
from workbook.conftest import part, returned, reviewed, some, with_parts
from workbook.reading.test_formatting import SENT, SHEET, the

from perfxl.form.answers import get
from perfxl.submission import Submission

RICH = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELLS = {
    "G12": "indicators[0].target",
    "H13": "indicators[1].basis",
    "E15": "indicators[3].level3",
    "F6": "budget.fiscal",
    "C7": "purpose",
}


def with_cell(cell: str, attributes: str, inner: str, **more: str) -> bytes:
    """The workbook with another content of a cell, and with more parts."""
    return with_cells({cell: (attributes, inner)}, **more)


def with_cells(cells: Mapping[str, tuple[str, str]], **more: str) -> bytes:
    """The workbook with another content of some cells, and with more parts."""
    told: set[str] = set()

    def change(match: re.Match[str]) -> str:
        if match[1] not in cells:
            return match[0]
        told.add(match[1])
        attributes, inner = cells[match[1]]
        return f'<c r="{match[1]}" {match[2]} {attributes}>{inner}</c>'

    sheet = re.sub(r'<c r="([A-Z]+\d+)" (s="\d+")[^>]*?(?:/>|>.*?</c>)', change, part(SENT, SHEET), flags=re.DOTALL)
    assert told == cells.keys()
    return with_parts(SENT, {SHEET: sheet, **more})


def rich(structure: str, names: str, values: str) -> dict[str, str]:
    """The parts of one rich value, to which a workbook with these relates."""
    types = {
        "sheetMetadata": ("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "metadata.xml"),
        "rdRichValue": ("http://schemas.microsoft.com/office/2017/06/relationships", "richData/rdrichvalue.xml"),
        "rdRichValueStructure": (
            "http://schemas.microsoft.com/office/2017/06/relationships",
            "richData/rdrichvaluestructure.xml",
        ),
    }
    relations = "".join(
        f'<Relationship Id="rId{kind}" Type="{base}/{kind}" Target="{target}"/>'
        for kind, (base, target) in types.items()
    )
    keys = "".join(f'<k n="{name}" t="s"/>' for name in names.split())
    listed = "".join(f"<v>{value}</v>" for value in values.split("|"))
    rels = "xl/_rels/workbook.xml.rels"
    return {
        rels: part(SENT, rels).replace("</Relationships>", f"{relations}</Relationships>"),
        "xl/metadata.xml": f'<metadata xmlns="{MAIN}" xmlns:xlrd="{RICH}"><metadataTypes count="1"><metadataType name="XLRICHVALUE"/></metadataTypes>'
        '<futureMetadata name="XLRICHVALUE" count="1"><bk><extLst><ext uri="{3e2802c4}"><xlrd:rvb i="0"/></ext></extLst></bk></futureMetadata>'
        '<valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>',
        "xl/richData/rdrichvalue.xml": f'<rvData xmlns="{RICH}" count="1"><rv s="0"><fb>0</fb>{listed}</rv></rvData>',
        "xl/richData/rdrichvaluestructure.xml": f'<rvStructures xmlns="{RICH}" count="1"><s t="{structure}">{keys}</s></rvStructures>',
    }  # fmt: skip


PLACED = rich("_localImage", "_rvRel:LocalImageIdentifier CalcOrigin", "0|5")
BY_ADDRESS = rich("_webimage", "WebImageIdentifier CalcOrigin ComputedImage ImageSizing", "0|1|1|0")
STOCK = rich("_linkedentity2", "_DisplayString %EntityId", "清溪水务|a1")
SPILL = rich("_error", "errorType propagated", "8|0")
ERROR = "<v>#VALUE!</v>"
PICTURES = [
    ('t="e" vm="1"', ERROR, PLACED),
    ('t="e" vm="1"', ERROR, {}),
    ('vm="1" t="e"', f'<f>_xlfn.IMAGE("https://x.test/1.png")</f>{ERROR}', BY_ADDRESS),
    ('t="e"', f'<f>_xlfn._xlws.IMAGE("https://x.test/1.png")</f>{ERROR}', {}),
    ('t="str"', '<f>_xlfn.DISPIMG("ID_0001",1)</f><v>=DISPIMG("ID_0001",1)</v>', {}),
    ('t="str"', '<f>DISPIMG("ID_0001",1)</f><v></v>', {}),
    ("", '<f>_xlfn.DISPIMG("ID_0001",1)</f>', {}),
    ('t="e"', '<f>_xlfn.dispimg("ID_0001",1)</f><v>#NAME?</v>', {}),
    ('t="inlineStr"', '<is><t>=DISPIMG("ID_0001",1)</t></is>', {}),
    ('t="inlineStr"', '<is><t>=_xlfn.DISPIMG("ID_0001",1)</t></is>', {}),
    ('t="str"', '<f>IFERROR(__xludf.DUMMYFUNCTION("IMAGE(""https://x.test/1.png"")"),"")</f><v></v>', {}),
]  # fmt: skip
OTHERS = [
    ('t="e"', ERROR, {}, "#VALUE!", {"error_value"}),
    ('t="e" vm="1"', ERROR, SPILL, "#VALUE!", {"error_value"}),
    ('t="e" vm="1"', ERROR, STOCK, "清溪水务", set()),
    ('t="str"', '<f>IMAGINE("x")</f><v>图</v>', {}, "图", {"formula"}),
    ('t="inlineStr"', "<is><t>见图片DISPIMG</t></is>", {}, "见图片DISPIMG", set()),
]


def kinds(found: Submission) -> set[str]:
    return {doubt.kind for doubt in found.doubts}


@pytest.mark.parametrize(("picture", "cell"), list(product(PICTURES, CELLS)))
def test_a_picture_is_no_answer(picture: tuple[str, str, dict[str, str]], cell: str) -> None:
    attributes, inner, parts = picture
    data = with_cell(cell, attributes, inner, **parts)
    ((reading, found),) = reviewed(data)
    path = CELLS[cell]
    assert [(doubt.kind, doubt.fields) for doubt in reading.submission.doubts if path in doubt.fields] == [
        ("picture", (path,))
    ]
    assert get(reading.submission.record, path) is None
    assert {finding.code for finding in found if path in finding.fields} == {"RD-31"}
    column, row = ord(cell[0]) - 65, int(cell[1:]) - 1
    assert reading.located.sheet.pictures == {(row, column)}
    assert reading.submission.unplaced == ()


@pytest.mark.parametrize(("attributes", "inner", "parts", "held", "said"), OTHERS)
def test_what_is_no_picture(attributes: str, inner: str, parts: dict[str, str], held: str, said: set[str]) -> None:
    found = the(with_cell("H13", attributes, inner, **parts))
    assert get(found.record, CELLS["H13"]) == held
    assert kinds(found) - {"not_calculated"} == said


def test_a_picture_alone_in_a_spare_row_is_told() -> None:
    (reading,) = returned(with_cell("G18", 't="e" vm="1"', ERROR))
    assert "picture" in kinds(reading.submission)


@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.parametrize("cell", ["G12", "H13", "E15", "C7", "C10"])
def test_a_check_box_in_a_text_is_asked_about(cell: str, ticked: bool) -> None:
    ((reading, found),) = reviewed(with_cell(cell, 't="b"', f"<v>{int(ticked)}</v>"))
    (doubt,) = reading.submission.doubts
    path = {**CELLS, "C10": "goals"}[cell]
    assert (doubt.kind, doubt.fields, doubt.facts, doubt.unsure) == ("check_box", (path,), {"ticked": ticked}, True)
    assert {finding.code for finding in found if path in finding.fields} == {"RD-32"}


def test_a_word_that_was_typed_is_no_check_box() -> None:
    found = the(with_cell("H13", 't="inlineStr"', "<is><t>TRUE</t></is>"))
    assert kinds(found) == set()


def test_nothing_is_said_of_what_went_out() -> None:
    for count in (1, 3):
        assert all(reading.submission.doubts == () for reading in returned(some(count)))


# Invented: texts of the table's first rows, and one of the head, in as many spellings as there are

TEXTS = {
    **{
        f"{column}{row}": f"indicators[{row - 12}].{name}"
        for row in range(12, 18)
        for column, name in zip("EFGH", ("level3", "description", "target", "basis"), strict=True)
    },
    "C7": "purpose",
}


def invented_picture(dice: random.Random) -> tuple[str, str]:
    """A picture as some program keeps it: a value, a formula, or the text that is left of one."""
    prefix = dice.choice(("", "_xlfn.", "_xlfn._xlws.", "_XLFN."))
    name = dice.choice(("DISPIMG", "dispimg", "DispImg"))
    call = f'{prefix}{name}{dice.choice(("", "", " "))}("ID_{dice.randrange(16**8):08X}",1)'
    by_address = f'{prefix}{dice.choice(("IMAGE", "image"))}("https://x.test/{dice.randint(1, 99)}.png")'
    formula = dice.choice((call, by_address, f'IF(G12="","",{call})', f'IFERROR({by_address},"")'))
    value = dice.choice(('t="e"|#VALUE!', 't="e"|#NAME?', f't="str"|={call}', 't="str"|', "|", 't="e"|#BLOCKED!'))
    attributes, _, shown = value.partition("|")
    return dice.choice(
        (
            ('t="e" vm="1"', ERROR),
            (attributes, f"<f>{formula}</f>" + (f"<v>{shown}</v>" if attributes else "")),
            ('t="inlineStr"', f"<is><t>={call}</t></is>"),
            ('t="inlineStr"', f"<is><t>{call}</t></is>"),
        )
    )


def test_invented_pictures_are_no_answers() -> None:
    """Nine cells in each of twenty-five workbooks: each is told, none is an answer, the rest is read as before."""
    dice = random.Random(8)
    plain = the(SENT).record
    for _ in range(25):
        cells = {cell: invented_picture(dice) for cell in dice.sample(list(TEXTS), 9)}
        found = the(with_cells(cells, **PLACED))
        told = {path for doubt in found.doubts if doubt.kind == "picture" for path in doubt.fields}
        assert told == {TEXTS[cell] for cell in cells}, cells
        for cell, path in TEXTS.items():
            assert get(found.record, path) == (None if cell in cells else get(plain, path)), cells.get(cell)


def test_invented_words_about_pictures_are_answers() -> None:
    words = ("见图片DISPIMG(1)", "IMAGE(图)", "图像DISPIMG", "=见图", "D级", "_x", "dispimg说明", "DISPIMG")
    dice = random.Random(9)
    for _ in range(25):
        cells = {cell: dice.choice(words) for cell in dice.sample(list(TEXTS), 9)}
        found = the(with_cells({cell: ('t="inlineStr"', f"<is><t>{word}</t></is>") for cell, word in cells.items()}))
        assert "picture" not in kinds(found), cells
        for cell, word in cells.items():
            assert get(found.record, TEXTS[cell]) == word


def test_invented_check_boxes_are_asked_about() -> None:
    """Nine cells in each of twenty-five workbooks, ticked or not; a word that was typed is not asked about."""
    dice = random.Random(10)
    for _ in range(25):
        cells = {cell: dice.choice(("0", "1", "TRUE", "FALSE")) for cell in dice.sample(list(TEXTS), 9)}
        found = the(
            with_cells(
                {
                    cell: ('t="b"', f"<v>{value}</v>")
                    if value in "01"
                    else ('t="inlineStr"', f"<is><t>{value}</t></is>")
                    for cell, value in cells.items()
                }
            )
        )
        told = {
            path: doubt.facts["ticked"] for doubt in found.doubts if doubt.kind == "check_box" for path in doubt.fields
        }
        assert told == {TEXTS[cell]: value == "1" for cell, value in cells.items() if value in "01"}, cells
