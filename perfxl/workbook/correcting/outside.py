"""表外内容: what stood in a returned workbook and belongs to no field, carried over into the one written anew."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from perfxl import messages
from perfxl.workbook.correcting import listing
from perfxl.workbook.correcting.change import value_text
from perfxl.workbook.correcting.listing import Listing, ListLine
from perfxl.workbook.ooxml import notes
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook, Worksheet
from perfxl.workbook.ooxml.edit import to_utf8
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.ooxml.relations import read_relations
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.reading.own_sheet import find_own_sheet
from perfxl.workbook.reading.read import Reading

WORDS, LAST = "sheet.outside", "content"
COLUMNS = (("sheet", 24.0), ("cell", 16.0), (LAST, 150.0))
MOST = 5_000  # pieces carried over out of one workbook; of more it is said how many
PIECE = 30_000  # characters in a cell of the list, which may hold 32,767 UTF-16 units


class Outside(NamedTuple):
    """One thing that belongs to no field: the sheet and the cell it stood in, verbatim."""

    sheet: str
    cell: str
    text: str


def find_outside(
    source: Workbook, before: Sequence[Reading], after: Sequence[Reading], forms: Sequence[Reading] | None
) -> tuple[Outside, ...]:
    """What of a workbook belongs to no field, that of earlier lists first. ``after``: the same sheets written anew.

    ``forms``: all sheets that were recognised; None where only ``before`` is asked about, not the other sheets.
    """
    listed = () if forms is None else (Outside(*(each.get(id, "") for id, _ in COLUMNS)) for each in _listed(source))
    found = [*listed, *islice(_found(source, before, after, forms), MOST + 1)]
    if len(found) > MOST:
        found = [*found[:MOST], Outside("", "", messages.say("sheet.outside.more", {"limit": MOST}))]
    return tuple(dict.fromkeys(found))


def foreign_sheets(source: Workbook, forms: Sequence[Reading]) -> tuple[SheetEntry, ...]:
    """The sheets of a workbook that are neither recognised forms, nor mere copies of them, nor perfxl's own."""
    own = {messages.say(f"sheet.{word}") for word in ("list.tab", "self_check.tab", "help.tab", "choices", "identity")}
    lists = (find_own_sheet(source), find_own_sheet(source, "sheet.corrections"), find_own_sheet(source, WORDS, LAST))
    parts = {entry.part for entry in lists if entry} | {each.located.sheet.entry.part for each in forms}
    doubts = (doubt for each in forms for doubt in each.submission.doubts if doubt.kind == "copy")
    own |= {write_outside_sheet for doubt in doubts for write_outside_sheet in doubt.facts["sheets"]}
    return tuple(each for each in source.sheets if each.part and each.part not in parts and each.name not in own)


def write_outside_sheet(found: Sequence[Outside], unit: str, styles: Stylesheet) -> bytes:
    """The sheet's part."""
    lines = tuple(ListLine(dict(zip(("sheet", "cell", LAST), each, strict=True)), {"cell": "center"}) for each in found)
    summary = messages.say("sheet.outside.summary", {"count": len(found)})
    return listing.write_listing(
        Listing(WORDS, unit, summary, messages.say("sheet.outside.note"), COLUMNS, lines), styles
    )


def _listed(source: Workbook) -> Iterator[dict[str, str]]:
    """The lines of an earlier list; the sentence below it stands in its first column alone."""
    return listing.read_listing(source, WORDS, [id for id, _ in COLUMNS], LAST)


def _found(
    source: Workbook, before: Sequence[Reading], after: Sequence[Reading], forms: Sequence[Reading] | None
) -> Iterator[Outside]:
    for old, new in zip(before, after, strict=True):
        yield from _on_form(old, new)
    if forms is None:
        return
    tab = messages.say("sheet.list.tab")
    entry = next((entry for entry in source.sheets if entry.name == tab and entry.part), None)
    if entry and after:
        fresh = after[0].located.sheet.workbook
        anew = next((fresh.sheet(each) for each in fresh.sheets if each.name == tab), None)
        old_sheet = source.sheet(entry)
        known = _texts(anew) if anew else set()
        yield from _pieces(old_sheet, (at for at, cell in old_sheet.cells.items() if cell.formula is None), known)
    for each in foreign_sheets(source, forms):
        yield from _pieces(source.sheet(each), source.sheet(each).cells, ())
        yield from _aside(source.sheet(each))


def _on_form(old: Reading, new: Reading) -> Iterator[Outside]:
    """What stands on a form sheet, belongs to no field, and not on the sheet written anew."""
    sheet = old.located.sheet
    places = [at[:2] for each in old.submission.unplaced if (at := parse_range(each.cell))]
    yield from _pieces(sheet, places, _texts(new.located.sheet))
    yield from _aside(sheet)


def _texts(sheet: Worksheet) -> set[str]:
    return {_plain(value_text(sheet.raw(*at))) for at, cell in sheet.cells.items() if cell.text is not None}


def _plain(text: str) -> str:
    return "".join(text.split())


def _pieces(sheet: Worksheet, places: Iterator[Place] | Collection[Place], known: Container[str]) -> Iterator[Outside]:
    for at in sorted(places):
        text = value_text(sheet.raw(*at))
        if _plain(text) and _plain(text) not in known:
            yield from _cut(sheet.name, address(*at), text)


def _aside(sheet: Worksheet) -> Iterator[Outside]:
    """The notes that people wrote; and that there are pictures."""
    package = sheet.workbook.package
    related = read_relations(package, sheet.entry.part).values()
    for part in (each.target for each in related if each.kind == "comments" and each.target in package.entries):
        for at, text in sorted(notes.own_text(to_utf8(package.read(part)), package, part).items()):
            yield from _cut(sheet.name, messages.say("sheet.outside.note_on", {"cell": address(*at)}), text)
    if any(each.kind == "drawing" for each in related):
        yield Outside(sheet.name, "", messages.say("sheet.outside.drawing"))


def _cut(sheet: str, cell: str, text: str) -> Iterator[Outside]:
    for start in range(0, len(text), PIECE // 2):
        yield Outside(sheet, cell, text[start : start + PIECE // 2])
