"""A value belongs to the cell that it stands in: what stands under an unknown element is nobody's."""

from __future__ import annotations

import random
import re

import pytest
from workbook.conftest import part, some, with_parts, workbook
from workbook.ooxml.test_dialects import PARTS, spelled

from perfxl.errors import PackageError
from perfxl.workbook.ooxml.cells import Worksheet

SHEET = "xl/worksheets/sheet1.xml"
SENT = some(1, by="project")
PLAIN = part(SENT, SHEET)
CELL = re.compile(r'<c r="([A-Z]+\d+)"[^>]*>(?:(?!</c>).)+</c>')
CELLS = [match for match in CELL.finditer(PLAIN) if "<is>" in match[0]]


def sheet_of(data: bytes) -> Worksheet:
    book = workbook(data)
    return book.sheet(book.sheets[0])


def values(sheet: Worksheet) -> dict[tuple[int, int], object]:
    return {at: value for at in sheet.cells if (value := sheet.value(*at)) is not None}


HELD = values(sheet_of(SENT))
# in place of a cell, or put before or after it or into it: whose value is lost by this, if anybody's
IN_PLACE = ('<C r="{at}" t="n"><v>7</v></C>', '<x r="{at}"><is><t>7</t></is></x>', "<cell><f>1+1</f><v>7</v></cell>")
BESIDE = (
    "<C><v>7</v></C>", '<C r="C12"/>', "<x><is><t>7</t></is></x>", "<x><c><v>7</v></c></x>", "<x><row/></x>",
    "<extLst><ext><v>7</v></ext></extLst>", "<v>7</v>", "<is><t>7</t></is>", "<f>1+1</f>", '<C r="B12" t="n"><V>7</V></C>',
)  # fmt: skip
INSIDE = (
    "<x><v>7</v></x>",
    "<V>7</V>",
    "<x><is><t>7</t></is></x>",
    "<extLst><ext><v>7</v><t>7</t></ext></extLst>",
    "<x/>",
)


def cases() -> list[tuple[str, str, str]]:
    """A cell, where something is put, and what: 240 of them, the same in every run."""
    dice = random.Random(12)
    ways = [("in place", text) for text in IN_PLACE]
    ways += [(way, text) for text in BESIDE for way in ("before", "after")]
    ways += [("inside", text) for text in INSIDE]
    return [(dice.choice(CELLS)[1], *ways[at % len(ways)]) for at in range(240)]


@pytest.mark.parametrize("compact", [True, False])
def test_a_value_never_becomes_its_neighbours(compact: bool) -> None:
    found = {match[1]: match for match in CELLS}
    for at, way, text in cases():
        match, put = found[at], text.format(at=at)
        new = {
            "in place": put, "before": put + match[0], "after": match[0] + put, "inside": match[0].replace("</c>", put + "</c>"),
        }[way]  # fmt: skip
        xml = PLAIN[: match.start()] + new + PLAIN[match.end() :]
        if not compact:
            xml = xml.replace("<sheetData>", "<sheetData>\n")
        read = values(sheet_of(with_parts(SENT, {SHEET: xml})))
        lost = HELD.keys() - read.keys()
        assert {at: read[at] for at in read} == {at: HELD[at] for at in read}, (at, way, text)
        assert len(lost) == (way == "in place"), (at, way, text)


def test_a_row_under_an_unknown_name_is_nobodys() -> None:
    xml = re.sub(r'<row (r="14".*?)</row>', r"<Row \1</Row>", PLAIN)
    read = values(sheet_of(with_parts(SENT, {SHEET: xml})))
    assert read == {at: value for at, value in HELD.items() if at[0] != 13}


def test_a_doubled_cell_is_still_refused() -> None:
    match = CELLS[20]
    xml = PLAIN[: match.end()] + match[0] + "<x/>" + PLAIN[match.end() :]
    with pytest.raises(PackageError, match="同一个格有两份"):
        sheet_of(with_parts(SENT, {SHEET: xml}))


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize(
    "stray", ["<SI><t>7</t></SI>", "<x>7</x>", "<x><si><t>7</t></si></x>", "<extLst><ext><t>7</t></ext></extLst>"]
)
@pytest.mark.parametrize("at", range(0, 60, 5))
def test_nor_does_a_shared_string_take_what_stands_before_it(stray: str, gap: str, at: int) -> None:
    strings = PARTS["xl/sharedStrings.xml"].decode()
    starts = [match.start() for match in re.finditer("<si>", strings)]
    new = strings[: starts[at]] + stray + gap + strings[starts[at] :]
    plain = sheet_of(spelled(lambda name, data: data))
    changed = sheet_of(spelled(lambda name, data: new.encode() if name == "xl/sharedStrings.xml" else data))
    assert values(changed) == values(plain)
