"""Answers that are unsure stay so when a workbook is written anew: they are said, listed, judged by no other check."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from openpyxl.styles import Protection
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import part, returned, some, with_parts
from workbook.correcting.test_correct import OUTSIDE, edited, one, table

from perfxl import flag
from perfxl.rules import reading_doubts
from perfxl.submission import Doubt

SHEET = "xl/worksheets/sheet1.xml"
SENT = some(1, by="project")

# What a cell may hold, as XML, so that its answer is unsure, and the kind of doubt
IN_CELLS = {
    "uncalculated": ("", "<f>6+0.52</f>"),
    "error_value": ('t="e"', "<f>#REF!+1</f><v>#REF!</v>"),
    "picture": ('t="str"', '<f>_xlfn.DISPIMG("ID_0001",1)</f><v>=DISPIMG("ID_0001",1)</v>'),
    "struck_out": ('t="inlineStr"', "<is><r><rPr><strike/></rPr><t>2100米</t></r></is>"),
    "struck_out in part": ('t="inlineStr"', "<is><r><rPr><strike/></rPr><t>2100米</t></r><r><t>2150米</t></r></is>"),
    "raised": ('t="inlineStr"', '<is><r><t>10</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>3</t></r></is>'),
    "check_box": ('t="b"', "<v>1</v>"),
}
TEXTS = ("C7", "C10", *(f"{column}{row}" for column in "EFGH" for row in (12, 13, 14, 15, 16, 17)))


def with_cells(cells: Mapping[str, str]) -> bytes:
    """The workbook with cells that hold these of the above."""
    sheet = part(SENT, SHEET)
    for cell, kind in cells.items():
        attributes, inner = IN_CELLS[kind]
        new = rf'<c r="{cell}" \1 {attributes}>{inner}</c>'.replace("\\1", r"\g<1>")
        sheet, count = re.subn(rf'<c r="{cell}" (s="\d+")[^>]*?(?:/>|>.*?</c>)', new, sheet, count=1, flags=re.DOTALL)
        assert count == 1
    return with_parts(SENT, {SHEET: sheet})


def on_form(change: Callable[[Worksheet], object]) -> bytes:
    return edited(SENT, lambda book: change(next(sheet for sheet in book if sheet.title.startswith("项目0"))))


def split(sheet: Worksheet) -> None:
    """A merged cell is split, and its first cell is blank while two others are filled in."""
    merge = next(merge for merge in sheet.merged_cells.ranges if merge.coord.startswith("C7:"))
    sheet.unmerge_cells(merge.coord)
    sheet["C7"], sheet["D7"], sheet["E7"] = None, "修水渠", "修道路"


def lose_groups(sheet: Worksheet) -> None:
    """The column of groups is emptied, and a row has no class that would tell its group."""
    for merge in [merge for merge in sheet.merged_cells.ranges if merge.min_col <= 3 and merge.min_row > 11]:
        sheet.unmerge_cells(merge.coord)
    for row in range(12, 24):
        sheet[f"B{row}"] = None
    sheet["C13"] = "乱写的"


def lose_a_field(sheet: Worksheet) -> None:
    """The row of a field is deleted."""
    for name in ("px.purpose", "px.b.purpose"):
        del sheet.defined_names[name]
    sheet["A7"] = None
    sheet["B6"] = None


def slide(sheet: Worksheet) -> None:
    """Cells of a row are moved to the left, with their formats, as 删除单元格 does."""
    for left, right in ("EF", "FG", "GH"):
        sheet[f"{left}14"].value = sheet[f"{right}14"].value
    sheet["H14"].value = None
    sheet["H14"].protection = Protection(locked=True)


ON_SHEETS: dict[str, Callable[[Worksheet], object]] = {
    "several": split,
    "misplaced": lose_groups,
    "not_found": lose_a_field,
    "slid": slide,
    "merged": lambda sheet: (sheet.__setitem__("G14", None), sheet.merge_cells("G13:G14")),
}


def unsure(data: bytes) -> list[Doubt]:
    return [doubt for doubt in returned(data)[0].submission.doubts if doubt.unsure]


def law(data: bytes) -> None:
    """Each doubt is a finding of the corrected workbook, alone on its answers, is listed, and stays so."""
    doubts = unsure(data)
    made = one(data)
    said = {finding.fields for finding in made.findings if finding.code.startswith("RD-")}
    (kept,) = made.doubts
    assert {f"{doubt.kind} {doubt.facts}" for doubt in kept} == {f"{doubt.kind} {doubt.facts}" for doubt in doubts}
    assert {doubt.fields for doubt in kept} <= said
    paths = {path for doubt in kept for path in doubt.fields}
    others = [
        (each.code, each.fields)
        for each in made.findings
        if not paths.isdisjoint(each.fields) and each.fields not in said
    ]
    assert all(not paths >= set(fields) for _, fields in others), others
    assert not [change for change in made.changes if change.path in paths and change.corrected]
    places = returned(data)[0].submission.places
    were = {path for doubt in doubts for path in doubt.fields}
    lines = {(row["单元格"], row["内容"]) for row in table(made.data, OUTSIDE)}
    assert {places.get(path) for path in were} <= {cell for cell, _ in lines}
    assert lines <= {(row["单元格"], row["内容"]) for row in table(one(made.data).data, OUTSIDE)}


@pytest.mark.parametrize("kind", [*IN_CELLS, *ON_SHEETS])
def test_a_doubt_outlives_correcting(kind: str) -> None:
    data = on_form(ON_SHEETS[kind]) if kind in ON_SHEETS else with_cells({"G12": kind})
    assert kind.partition(" ")[0] in {doubt.kind for doubt in unsure(data)}
    law(data)


def test_every_doubt_that_makes_an_answer_unsure_is_among_these() -> None:
    examples = [doubt for rule in reading_doubts.RULES for doubt in rule.bad["seen.doubts"]]
    assert {doubt.kind for doubt in examples if doubt.unsure} == {
        kind.partition(" ")[0] for kind in (*IN_CELLS, *ON_SHEETS)
    }


def test_many_doubts_at_once() -> None:
    """Twenty-four cells in each of nine workbooks."""
    dice = random.Random(5)
    for _ in range(9):
        cells = {cell: dice.choice(list(IN_CELLS)) for cell in dice.sample(TEXTS, 24)}
        law(with_cells(cells))


def test_a_cell_that_is_struck_out_is_listed_with_its_text() -> None:
    made = one(with_cells({"G12": "struck_out"}))
    assert ("G12", "“2100米”：整格加了删除线，看不出是作废，还是照报。") in [
        (row["单元格"], row["内容"]) for row in table(made.data, OUTSIDE)
    ]
    assert {finding.code for finding in made.findings if "indicators[0].target" in finding.fields} == {"RD-29"}


def test_a_doubt_of_another_format_is_flagged(tmp_path: Path) -> None:
    """It is written anew before it is flagged."""
    from workbook.other_formats.as_other_formats import spreadsheetml

    struck = spreadsheetml(SENT).replace(
        '<Data ss:Type="String">326人</Data>'.encode(),
        '<Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><S>326人</S></Data>'.encode(),
    )
    (made,) = flag(struck).files
    assert struck != spreadsheetml(SENT)
    assert [finding.code for finding in made.findings if finding.code == "RD-29"] == ["RD-29"]
