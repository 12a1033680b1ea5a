"""Everything that may hang at a workbook: carried, listed on 表外内容, or meaningless, as the census says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hostile.zips import parts_of, zipped
from judges.schema import schema_folder
from lxml import etree
from mutations.furniture import FURNITURE, part_of
from workbook.conftest import returned, some
from workbook.correcting.test_correct import OUTSIDE, one, table
from workbook.ooxml.test_macros import BOOK_RELS, SHEET, SHEET_RELS, Parts, put

from perfxl import messages
from perfxl.workbook.correcting import census

FATES = {census.CARRIED, census.MEANINGLESS}
LISTS = {"_rels/.rels": census.PACKAGE, BOOK_RELS: census.WORKBOOK, SHEET_RELS: census.SHEET}
CENSUS = [(list_, kind, fate) for list_, kinds in LISTS.items() for kind, fate in kinds.items()]


@cache
def plain() -> Parts:
    return parts_of(some(by="project"))


def outside(parts: Parts) -> list[tuple[str, str]]:
    """What 表外内容 says of a workbook with these parts: cells and contents."""
    return [(row["单元格"] or "", row["内容"]) for row in table(one(zipped(parts.items())).data, OUTSIDE)]


def words(fate: str) -> list[tuple[str, str]]:
    if fate in FATES:
        return []
    return [
        ("", messages.say("sheet.outside.left", {"what": messages.say(f"sheet.outside.things.{fate}"), "name": ""}))
    ]


def test_a_workbook_as_it_goes_out_has_nothing_that_is_not_carried() -> None:
    assert outside(dict(plain())) == []


@pytest.mark.parametrize("name", FURNITURE)
def test_what_people_put_on_a_sheet_is_listed(name: str) -> None:
    parts = dict(plain())
    FURNITURE[name].add(parts)
    assert parts != plain()
    assert sorted(outside(parts)) == sorted(FURNITURE[name].said)


@pytest.mark.parametrize(("list_", "kind", "fate"), [*CENSUS, *((list_, "unheardOf", census.OTHER) for list_ in LISTS)])
def test_a_relationship_has_the_fate_that_the_census_says(list_: str, kind: str, fate: str) -> None:
    parts = dict(plain())
    part_of(list_, f"http://example.org/relationships/{kind}", f"x/{kind}7.xml")(parts)
    assert outside(parts) == words(fate)


@pytest.mark.parametrize(
    ("element", "fate"), [*census.ELEMENTS.items(), ("unheardOf", census.OTHER)], ids=lambda value: str(value)
)
def test_an_element_has_the_fate_that_the_census_says(element: str, fate: str) -> None:
    parts = dict(plain())
    if element != "sheetData":
        put(parts, SHEET, "</worksheet>", f"<{element}/>")
    assert outside(parts) == words(fate)


@pytest.mark.parametrize(("element", "fate"), [*census.EXTENSIONS.items(), ("unheardOf", census.OTHER)])
def test_an_extension_has_the_fate_that_the_census_says(element: str, fate: str) -> None:
    parts = dict(plain())
    put(parts, SHEET, "</worksheet>", f'<extLst><ext uri="x"><n:{element} xmlns:n="urn:n"/></ext></extLst>')
    assert outside(parts) == words(fate)


def test_the_census_knows_every_element_of_the_schema() -> None:
    folder = schema_folder()
    if folder is None:
        pytest.skip("PERFXL_OOXML names no folder with the ECMA schemas")
    tree = etree.parse(Path(folder) / "sml.xsd")
    (sheet,) = tree.xpath("//*[local-name()='complexType' and @name='CT_Worksheet']")
    named = {element.get("name") for element in sheet.iter("{*}element")}
    assert len(named) > 30
    assert named <= census.ELEMENTS.keys()


def test_no_fate_is_without_words() -> None:
    for _, _, fate in CENSUS:
        assert words(fate) is not None
    assert {fate for _, _, fate in CENSUS} > FATES


RICH = {"_localImage": True, "_webimage": True, "_error": False, "_linkedentity": False, None: True}


@pytest.mark.parametrize("structure", RICH)
def test_a_rich_value_is_a_picture_by_its_structure(structure: str | None) -> None:
    """An error of a newer kind stands in a cell as a picture does; only the structure of its value tells them apart."""
    parts = dict(plain())
    FURNITURE["a picture in a cell"].add(parts)
    if structure:
        rich_value(parts, structure)
    found = [text for cell, text in outside(parts) if cell == "A3001" and "图片" in text]
    assert bool(found) == RICH[structure]


def rich_value(parts: Parts, structure: str) -> None:
    """The parts in which Excel keeps a rich value: the second of two, the first being a stock."""
    kinds = ("sheetMetadata", "rdRichValue", "rdRichValueStructure")
    for kind in kinds:
        part_of(BOOK_RELS, kind, f"richData/{kind}.xml")(parts)
    types = '<metadataTypes count="1"><metadataType name="XLRICHVALUE"/></metadataTypes>'
    values = '<futureMetadata name="XLRICHVALUE"><bk><extLst><ext><xlrd:rvb xmlns:xlrd="urn:x" i="1"/></ext></extLst></bk></futureMetadata>'
    texts = (
        f'<metadata>{types}{values}<valueMetadata><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>',
        '<rvData><rv s="1"/><rv s="0"/></rvData>',
        f'<rvStructures><s t="{structure}"/><s t="_stock"/></rvStructures>',
    )
    parts |= {f"xl/richData/{kind}.xml": text.encode() for kind, text in zip(kinds, texts, strict=True)}


def test_a_drawing_on_a_sheet_of_perfxls_own_is_listed() -> None:
    """项目清单 and the others are written anew, too, and a picture on them is lost as well."""
    parts = dict(plain())
    FURNITURE["a picture"].add(parts)
    moved = "xl/worksheets/_rels/sheet2.xml.rels"
    parts[moved] = parts.pop(SHEET_RELS)
    (reading,) = returned(zipped(plain().items()))
    second = reading.located.sheet.workbook.sheets[1]
    said = [(row["工作表"], row["内容"]) for row in table(one(zipped(parts.items())).data, OUTSIDE)]
    assert said == [(second.name, "（图片“现场照片”没有带来，请看原表）")]
