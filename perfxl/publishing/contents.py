"""The contents (目录) of a document: the field that Word made in the template, filled with the headings.

The field stays, so that Word can update it. Its entries are the headings that the document has in the end, each with a
field for the number of its page (ECMA-376 part 1, 17.16.5.68 TOC, 17.16.5.51 PAGEREF).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from perfxl.publishing.wordml import text_of, w

MARK = "_perfxl_contents"
"""The name of the bookmark in the place of a template's contents."""

_LEVELS = re.compile(r'\\o\s+"(\d)-(\d)"')
_MOST_LEVELS = 9


@dataclass(frozen=True)
class Heading:
    """A heading of the document: its text, its level from 1, and the bookmark around it."""

    text: str
    level: int
    bookmark: str


def mark_contents(root: etree._Element) -> str:
    """Put one marked paragraph in the place of a template's contents, whose old entries are nobody's text.

    Return the instruction of the field (``TOC \\o "1-3"``), empty where the template has no contents.
    """
    for begin, end, instruction in _fields(root):
        first, last = _paragraph(begin), _paragraph(end)
        parent = first.getparent()
        if parent is None or last.getparent() is not parent or not instruction.strip().upper().startswith("TOC"):
            continue
        between = list(parent)[parent.index(first) : parent.index(last) + 1]
        for element in between[1:]:
            parent.remove(element)
        for child in list(first):
            if child.tag != w("pPr"):
                first.remove(child)
        mark = etree.SubElement(first, w("bookmarkStart"))
        mark.set(w("id"), "0")
        mark.set(w("name"), MARK)
        return instruction.strip()
    return ""


def _fields(root: etree._Element) -> Iterator[tuple[etree._Element, etree._Element, str]]:
    """Yield the complex fields: the signs of beginning and end, and the instruction between them."""
    open_fields: list[tuple[etree._Element, list[str]]] = []
    for node in root.iter(w("fldChar"), w("instrText")):
        kind = node.get(w("fldCharType"))
        if kind == "begin":
            open_fields.append((node, []))
        elif node.tag == w("instrText") and open_fields:
            open_fields[-1][1].append(node.text or "")
        elif kind == "end" and open_fields:
            begin, pieces = open_fields.pop()
            yield begin, node, "".join(pieces)


def _paragraph(node: etree._Element) -> etree._Element:
    return next(node.iterancestors(w("p")))


@dataclass(frozen=True)
class Outline:
    """What a template's styles say: the level of each heading style from 1, the styles of the contents by level."""

    levels: Mapping[str, int]
    entries: Mapping[int, str]


def outline_of(styles: etree._Element) -> Outline:
    """Return the outline that the part with the styles describes."""
    named = {str(style.get(w("styleId"))): style for style in styles.findall(w("style"))}
    levels = {id: level for id in named if (level := _level(named, id, len(named))) is not None}
    entries: dict[int, str] = {}
    for id, style in named.items():
        name = style.find(w("name"))
        words = str(name.get(w("val"))).lower().split() if name is not None else []
        if len(words) == 2 and words[0] == "toc" and words[1].isdigit():
            entries[int(words[1])] = id
    return Outline(levels, entries)


def _level(named: Mapping[str, etree._Element], id: str, left: int) -> int | None:
    """Return the level of a style, its own or that of the style it is based on; None for body text."""
    style = named.get(id)
    if style is None or not left:
        return None
    own = style.find(f"{w('pPr')}/{w('outlineLvl')}")
    if own is not None:
        level = int(str(own.get(w("val"))))
        return level + 1 if level < _MOST_LEVELS else None
    based = style.find(w("basedOn"))
    return _level(named, str(based.get(w("val"))), left - 1) if based is not None else None


def mark_headings(root: etree._Element, outline: Outline) -> list[Heading]:
    """Put a bookmark around each heading of a document that contents can have; return the headings in their order."""
    found: list[Heading] = []
    for paragraph in root.iter(w("p")):
        style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
        level = outline.levels.get(str(style.get(w("val")))) if style is not None else None
        text = text_of(paragraph)
        if level is None or not text.strip():
            continue
        number = len(found) + 1
        name = f"_Toc{100000000 + number}"
        begin, end = etree.Element(w("bookmarkStart")), etree.Element(w("bookmarkEnd"))
        for mark in (begin, end):
            mark.set(w("id"), str(100000 + number))
        begin.set(w("name"), name)
        paragraph.insert(1, begin)  # behind the paragraph's properties
        paragraph.append(end)
        found.append(Heading(" ".join(text.split()), level, name))
    return found


def listed_headings(headings: Sequence[Heading], instruction: str) -> tuple[Heading, ...]:
    """Return the headings that contents with an instruction list."""
    asked = _LEVELS.search(instruction)
    first, last = (int(asked[1]), int(asked[2])) if asked else (1, _MOST_LEVELS)
    return tuple(heading for heading in headings if first <= heading.level <= last)


def write_contents(
    root: etree._Element, headings: Sequence[Heading], instruction: str, outline: Outline, pages: Sequence[str] = ()
) -> None:
    """Write the contents with these headings into a document, in the place that its template marks.

    ``pages``: the number of the page of each heading, empty where they are not known, which Word then puts in.
    """
    mark = next(mark for mark in root.iter(w("bookmarkStart")) if mark.get(w("name")) == MARK)
    place = _paragraph(mark)
    place.remove(mark)
    known = pages or [""] * len(headings)
    paragraphs = [_entry(place, *one, outline) for one in zip(headings, known, strict=True)] or [_blank(place)]
    _begin_field(paragraphs[0], instruction)
    closing = _blank(place)
    closing.append(_sign("end"))
    for paragraph in (*paragraphs, closing):
        place.addprevious(paragraph)
    parent = place.getparent()
    assert parent is not None  # it stands in a document
    parent.remove(place)


def _blank(place: etree._Element) -> etree._Element:
    """Return a paragraph without text, formatted as the one that holds the contents."""
    paragraph = etree.Element(w("p"))
    properties = place.find(w("pPr"))
    if properties is not None:
        paragraph.append(deepcopy(properties))
    return paragraph


def _entry(place: etree._Element, heading: Heading, page: str, outline: Outline) -> etree._Element:
    paragraph = _blank(place)
    if heading.level in outline.entries:
        properties = paragraph.find(w("pPr"))
        if properties is None:
            properties = etree.SubElement(paragraph, w("pPr"))
        for style in properties.findall(w("pStyle")):
            properties.remove(style)
        style = etree.Element(w("pStyle"))
        style.set(w("val"), outline.entries[heading.level])
        properties.insert(0, style)
    link = etree.SubElement(paragraph, w("hyperlink"))
    link.set(w("anchor"), heading.bookmark)
    link.set(w("history"), "1")
    tab = etree.Element(w("r"))
    etree.SubElement(tab, w("tab"))
    code = etree.Element(w("r"))
    _text(code, "instrText", f" PAGEREF {heading.bookmark} \\h ")
    link.extend((_run(heading.text), tab, _sign("begin"), code, _sign("separate"), _run(page), _sign("end")))
    return paragraph


def _begin_field(paragraph: etree._Element, instruction: str) -> None:
    code = etree.Element(w("r"))
    _text(code, "instrText", f" {instruction} ")
    at = 0 if paragraph.find(w("pPr")) is None else 1
    for element in (_sign("separate"), code, _sign("begin")):
        paragraph.insert(at, element)


def _sign(kind: str) -> etree._Element:
    run = etree.Element(w("r"))
    etree.SubElement(run, w("fldChar")).set(w("fldCharType"), kind)
    return run


def _run(text: str) -> etree._Element:
    run = etree.Element(w("r"))
    _text(run, "t", text)
    return run


def _text(run: etree._Element, name: str, text: str) -> None:
    element = etree.SubElement(run, w(name))
    element.text = text
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
