"""The sheet 表外内容 (content outside the form) of a workbook that was written anew.

It lists the contents of the returned workbook that belong to no field, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from perfxl import messages
from perfxl.workbook.correcting import listing
from perfxl.workbook.correcting.change import value_text
from perfxl.workbook.correcting.listing import Listing, ListLine
from perfxl.workbook.correcting.things import (
    find_drawn_things,
    find_links,
    find_things,
    find_workbook_things,
    strip_spaces,
)
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook, Worksheet
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.ooxml.sheet_rest import Element, read_rest
from perfxl.workbook.opinions.list_formats import ListFormats
from perfxl.workbook.reading.own_sheet import find_own_sheet
from perfxl.workbook.reading.read import Reading

WORDS, LAST = "sheet.outside", "content"
COLUMNS = (("sheet", 24.0), ("cell", 16.0), (LAST, 150.0))
MOST = 5_000  # pieces taken over from one workbook; where there are more, the list ends with a line that says so
PIECE = 30_000  # UTF-16 units in a cell of the list, which may hold 32,767; a character has at most two


class Outside(NamedTuple):
    """A content that belongs to no field: the sheet and the cell where it stood, and its text, verbatim."""

    sheet: str
    cell: str
    text: str


def find_outside(
    source: Workbook, before: Sequence[Reading], after: Sequence[Reading], forms: Sequence[Reading] | None
) -> tuple[Outside, ...]:
    """Return the contents of a workbook that belong to no field, those of an earlier list first.

    ``before``: its form sheets; ``after``: the same sheets written anew; ``forms``: all sheets that were recognised,
    or None to look only at ``before``, not at the other sheets.
    """
    pieces: list[Outside] = []
    if forms is not None:
        pieces += [Outside(*(texts.get(id, "") for id, _ in COLUMNS)) for texts in _read_earlier_list(source)]
    pieces += islice(_find_pieces(source, before, after, forms), MOST + 1)
    if len(pieces) > MOST:
        pieces = [
            *pieces[:MOST],
            Outside("", "", messages.say("sheet.outside.more", {"limit": MOST}, _language(before))),
        ]
    return tuple(dict.fromkeys(pieces))


def foreign_sheets(source: Workbook, forms: Sequence[Reading]) -> tuple[SheetEntry, ...]:
    """Return the sheets of a workbook that are neither recognised forms, nor mere copies of them, nor perfxl's own."""
    words = ("list.tab", "self_check.tab", "help.tab", "choices", "identity")
    own = {name for word in words for name in messages.spellings(f"sheet.{word}")}
    lists = (find_own_sheet(source), find_own_sheet(source, "sheet.corrections"), find_own_sheet(source, WORDS, LAST))
    parts = {entry.part for entry in lists if entry} | {reading.located.sheet.entry.part for reading in forms}
    doubts = (doubt for reading in forms for doubt in reading.submission.doubts if doubt.kind == "copy")
    own |= {name for doubt in doubts for name in doubt.facts["sheets"]}
    return tuple(entry for entry in source.sheets if entry.part and entry.part not in parts and entry.name not in own)


def write_outside_sheet(found: Sequence[Outside], unit: str, looks: ListFormats) -> bytes:
    """Return the sheet's part."""
    lines = tuple(
        ListLine({"sheet": piece.sheet, "cell": piece.cell, LAST: piece.text}, {"cell": "center"}) for piece in found
    )
    summary = messages.say("sheet.outside.summary", {"count": len(found)}, looks.lang)
    note = messages.say("sheet.outside.note", {}, looks.lang)
    return listing.write_listing(Listing(WORDS, unit, summary, note, COLUMNS, lines), looks)


def _language(readings: Sequence[Reading]) -> str:
    """Return the language of the workbook that some sheets stand in."""
    return readings[0].located.form.language


def _read_earlier_list(source: Workbook) -> Iterator[dict[str, str]]:
    """Yield the lines of an earlier list, but not the note below it, which stands in the first column alone."""
    return listing.read_listing(source, WORDS, [id for id, _ in COLUMNS], LAST)


def _find_pieces(
    source: Workbook, before: Sequence[Reading], after: Sequence[Reading], forms: Sequence[Reading] | None
) -> Iterator[Outside]:
    """Yield the contents of the form sheets, then of 项目清单 (list of projects), of the foreign sheets,
    of perfxl's own sheets, and of the workbook as a whole.
    """
    for old, new in zip(before, after, strict=True):
        yield from _find_on_form(old, new)
    if forms is None:
        return
    tabs, lang = messages.spellings("sheet.list.tab"), _language(before)
    entry = next((entry for entry in source.sheets if entry.name in tabs and entry.part), None)
    if entry and after:
        fresh = after[0].located.sheet.workbook
        new_sheet = next((fresh.sheet(entry) for entry in fresh.sheets if entry.name in tabs), None)
        old_sheet = source.sheet(entry)
        known = _sheet_texts(new_sheet) if new_sheet else set()
        constants = (at for at, cell in old_sheet.cells.items() if cell.formula is None)
        yield from _find_in_cells(old_sheet, constants, known)
    foreign = foreign_sheets(source, forms)
    for entry in foreign:
        yield from _find_in_cells(source.sheet(entry), source.sheet(entry).cells, ())
        yield from _find_things(source.sheet(entry), lang)
    others = {*foreign, *(reading.located.sheet.entry for reading in forms)}
    yield from _find_on_own_sheets(source, others, after[0].located.sheet.workbook if after else None, lang)
    yield from (Outside("", thing.cell, thing.text) for thing in find_workbook_things(source, lang))


def _find_on_own_sheets(
    source: Workbook, others: Container[SheetEntry], fresh: Workbook | None, lang: str
) -> Iterator[Outside]:
    """Yield what people put on the sheets that perfxl makes. ``fresh``: the workbook written anew, None without it."""
    new = {entry.name: entry for entry in fresh.sheets} if fresh else {}
    for entry in source.sheets:
        if entry.part and entry not in others:
            made = new.get(entry.name)
            if fresh and made and made.part:
                found = find_things(source, entry, read_rest(fresh.package, made.part), lang)
            else:
                found = find_drawn_things(source, entry, lang)
            yield from (Outside(entry.name, thing.cell, thing.text) for thing in found)


def _find_on_form(old: Reading, new: Reading) -> Iterator[Outside]:
    """Yield the contents of a form sheet that belong to no field and do not stand on the sheet written anew."""
    sheet = old.located.sheet
    places = [at[:2] for unplaced in old.submission.unplaced if (at := parse_range(unplaced.cell))]
    yield from _find_in_cells(sheet, places, _sheet_texts(new.located.sheet) if places else ())
    fresh = new.located.sheet
    yield from _find_things(sheet, old.located.form.language, read_rest(fresh.workbook.package, fresh.entry.part))


def _sheet_texts(sheet: Worksheet) -> set[str]:
    """Return all texts of a sheet without white space."""
    return {strip_spaces(value_text(sheet.raw(*at))) for at, cell in sheet.cells.items() if cell.text is not None}


def _find_in_cells(
    sheet: Worksheet, places: Iterator[Place] | Collection[Place], known: Container[str]
) -> Iterator[Outside]:
    """Yield the texts of these cells, but not blank ones and those that are among the ``known`` texts.

    What stands in the place of a picture for programs that do not show it is no text.
    """
    for at in sorted(at for at in {*places} if not sheet.holds_picture(at)):
        text = value_text(sheet.raw(*at))
        if strip_spaces(text) and strip_spaces(text) not in known:
            yield from cut_text(sheet.name, address(*at), text)


def _find_things(sheet: Worksheet, lang: str, fresh: Sequence[Element] = ()) -> Iterator[Outside]:
    """Yield what a sheet has beside its texts. ``fresh``: what the same sheet written anew has beside its cells."""
    for thing in (*find_things(sheet.workbook, sheet.entry, fresh, lang), *find_links(sheet, fresh, lang)):
        yield from cut_text(sheet.name, thing.cell, thing.text)


def cut_text(sheet: str, cell: str, text: str) -> Iterator[Outside]:
    """Yield a text in pieces of at most PIECE / 2 characters."""
    for start in range(0, len(text), PIECE // 2):
        yield Outside(sheet, cell, text[start : start + PIECE // 2])
