"""The things of a returned workbook beside the texts of its cells: notes, pictures, controls, links and others.

A workbook that is written anew has none of them, so that they are listed on 表外内容 (``census`` says which).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from perfxl import messages
from perfxl.errors import PackageError
from perfxl.workbook.correcting import census
from perfxl.workbook.correcting.change import value_text
from perfxl.workbook.ooxml import notes
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook, Worksheet
from perfxl.workbook.ooxml.drawings import Control, Drawn, read_control, read_drawing, read_vml
from perfxl.workbook.ooxml.edit import to_utf8
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.relations import Relation, read_relations
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.ooxml.sheet_rest import Element, read_rest

WORDS = "sheet.outside"

_PICTURES = ("vm", "IMAGE", "Image", "image", "DISPIMG", "dispimg")
"""Without any of these, as programs spell them, no cell of a sheet holds a picture: it need not be read for that."""


class Thing(NamedTuple):
    """A thing on a sheet: where it is, empty for the sheet as a whole, and its text or what it is."""

    cell: str
    text: str


def find_workbook_things(workbook: Workbook, lang: str) -> Iterator[Thing]:
    """Yield what the workbook has beside its sheets."""
    package = workbook.package
    for relations, table in ((read_relations(package, ""), census.PACKAGE), (workbook.relations, census.WORKBOOK)):
        yield from _related_things(package, relations.values(), table, lang)


def find_things(workbook: Workbook, entry: SheetEntry, fresh: Sequence[Element], lang: str) -> Iterator[Thing]:
    """Yield what a sheet has beside the texts and the links of its cells.

    ``fresh``: what the same sheet written anew has beside its cells, whose headers and footers are no news; nothing
    if it is not written.
    """
    rest = read_rest(workbook.package, entry.part)
    yield from find_drawn_things(workbook, entry, lang)
    pictures = sorted(workbook.sheet(entry).pictures) if workbook.may_hold(entry, _PICTURES) else ()
    yield from (Thing(address(*at), _say_left("cell_picture", lang)) for at in pictures)
    known = {strip_spaces(text) for text in _printed_texts(fresh)}
    texts = (text for text in _printed_texts(rest) if strip_spaces(text) not in known)
    yield from (Thing(messages.say(f"{WORDS}.printed", {}, lang), text) for text in texts)
    yield from _element_things(rest, lang)


def find_drawn_things(workbook: Workbook, entry: SheetEntry, lang: str) -> Iterator[Thing]:
    """Yield what lies over the cells of a sheet or hangs at it: notes, pictures, controls, embedded objects."""
    package = workbook.package
    relations, rest = read_relations(package, entry.part), read_rest(package, entry.part)
    yield from _note_things(package, relations.values(), lang)
    yield from _drawn_things(package, relations, rest, lang)
    yield from _related_things(package, relations.values(), census.SHEET, lang)


def _say_left(what: str, lang: str, name: str = "") -> str:
    """Return the words for something that was not carried. ``what``: its key; ``name``: how it is called."""
    return messages.say(f"{WORDS}.left", {"what": messages.say(f"{WORDS}.things.{what}", {}, lang), "name": name}, lang)


def _related_things(
    package: Package, relations: Iterable[Relation], table: Mapping[str, str], lang: str
) -> Iterator[Thing]:
    """Yield what the table lists of these relationships, each kind once, and what no table knows."""
    kinds = dict.fromkeys(
        relation.kind for relation in relations if relation.outside or relation.target in package.entries
    )
    fates = dict.fromkeys(table.get(kind, census.OTHER) for kind in kinds)
    yield from _listed(fates, lang)


def _listed(fates: Iterable[str], lang: str) -> Iterator[Thing]:
    """Yield a line for each fate that is the words of something left."""
    yield from (Thing("", _say_left(fate, lang)) for fate in fates if fate not in (census.CARRIED, census.MEANINGLESS))


def _element_things(rest: Sequence[Element], lang: str) -> Iterator[Thing]:
    """Yield what the census lists of a sheet's elements, each kind once, and what it does not know."""
    fates: dict[str, None] = {}
    for element in rest:
        around = [name for name in element.around if name not in ("AlternateContent", "Choice")]
        if around == ["worksheet"] and element.name not in ("Choice", "Fallback"):
            fates[census.ELEMENTS.get(element.name, census.OTHER)] = None
        elif around == ["worksheet", "extLst", "ext"]:
            fates[census.EXTENSIONS.get(element.name, census.OTHER)] = None
    yield from _listed(fates, lang)


def _note_things(package: Package, relations: Iterable[Relation], lang: str) -> Iterator[Thing]:
    """Yield the notes that people wrote, and their threaded comments, each text by itself."""
    for relation in relations:
        if relation.target not in package.entries:
            continue
        if relation.kind == "comments":
            data = to_utf8(package.read(relation.target))
            for at, note in sorted(notes.own_notes(data, package, relation.target).items()):
                # Excel itself begins a note with its author's name
                yield _note_thing(at, note.text, lang, "" if note.text.startswith(note.author) else note.author)
        elif relation.kind == "threadedComment":
            yield from (_note_thing(at, text, lang) for at, text in notes.threaded_texts(package, relation.target))


def _note_thing(at: Place, text: str, lang: str, author: str = "") -> Thing:
    return Thing(messages.say(f"{WORDS}.note_on", {"cell": address(*at), "author": author.strip()}, lang), text)


def _drawn_things(
    package: Package, relations: Mapping[str, Relation], rest: Sequence[Element], lang: str
) -> Iterator[Thing]:
    """Yield what is drawn on a sheet: pictures, charts, shapes with their texts, form controls with their state."""
    drawn: list[Drawn] = []
    header = {element.relation() for element in rest if element.name in ("legacyDrawingHF", "drawingHF")}
    for relation in relations.values():
        if relation.target not in package.entries or relation.id in header:
            continue
        try:
            if relation.kind == "drawing":
                drawn += read_drawing(package, relation.target)
            elif relation.kind == "vmlDrawing":
                drawn += read_vml(to_utf8(package.read(relation.target)))
        except PackageError:  # nothing that is read; the workbook is written anew without it
            drawn.append(Drawn(None, "shape"))
    listed = _controls(package, relations, rest)
    for one in drawn:
        if one.control:
            # newer programs keep the state in a part of its own; the label is in the drawing
            control = listed.pop(one.control.shape, one.control)._replace(label=one.control.label)
            yield _control_thing(one.at, control, lang)
        elif one.kind == "text":
            yield Thing(messages.say(f"{WORDS}.text_in", {"cell": _cell_name(one.at)}, lang), one.text)
        else:
            yield Thing(_cell_name(one.at), _say_left(one.kind, lang, one.text))
    yield from (_control_thing(None, control, lang) for control in listed.values())


def _cell_name(at: Place | None) -> str:
    return address(*at) if at else ""


def _controls(package: Package, relations: Mapping[str, Relation], rest: Sequence[Element]) -> dict[str, Control]:
    """Return the form controls that have properties of their own, by their numbers among the shapes."""
    controls: dict[str, Control] = {}
    for element in rest:
        relation = relations.get(element.relation()) if element.name == "control" else None
        if relation and relation.kind == "ctrlProp" and relation.target in package.entries:
            shape = element.attributes.get("shapeId", "")
            with suppress(PackageError):  # damaged: the drawing tells of it, too
                controls[shape] = read_control(package, relation.target, shape, element.attributes.get("name", ""))
    return controls


def _control_thing(at: Place | None, control: Control, lang: str) -> Thing:
    facts = {**control._asdict(), "link": control.link.replace("$", "")}
    return Thing(_cell_name(at), messages.say(f"{WORDS}.control", facts, lang))


def find_links(sheet: Worksheet, fresh: Sequence[Element], lang: str) -> Iterator[Thing]:
    """Yield the targets of the links on cells, but not those of the form itself, nor those that the cell shows.

    ``fresh``: what the same sheet written anew has beside its cells; nothing if it is not written.
    """
    package, part = sheet.workbook.package, sheet.entry.part
    relations, rest = read_relations(package, part), read_rest(package, part)
    known = {element.attributes.get("location", "") for element in fresh if element.name == "hyperlink"}
    for element in rest:
        if element.name != "hyperlink":
            continue
        place = parse_range(element.attributes.get("ref", ""))
        relation = relations.get(element.relation())
        location = element.attributes.get("location", "")
        target = "#".join(filter(None, (relation.outside if relation else "", location)))
        shown = value_text(sheet.raw(place.row, place.column)).strip() if place else ""
        if target and not (not relation and location in known) and not (shown and target.endswith(shown)):
            yield Thing(messages.say(f"{WORDS}.link_on", {"cell": element.attributes.get("ref", "")}, lang), target)


# the codes of headers and footers: a font, a size, a colour, a field (ECMA-376 part 1, 18.3.1.46)
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d{1,3}|[A-Za-z]|(&))')


def _printed_texts(rest: Sequence[Element]) -> Iterator[str]:
    """Yield the texts of a sheet's headers and footers, without their codes."""
    for element in rest:
        if "headerFooter" in element.around:
            text = _CODE.sub(lambda code: code[1] or " ", element.text).strip()
            if any(character.isalnum() for character in text):
                yield text


def strip_spaces(text: str) -> str:
    """Return a text without its white space: by this, texts of the returned and the new workbook are compared."""
    return "".join(text.split())
