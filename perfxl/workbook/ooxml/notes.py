"""Notes (批注) in somebody else's workbook.

perfxl's texts follow a marker line after a person's own text, so that they can be removed again. A note needs two
parts: its text (ECMA-376 part 1, 18.7), and a drawing of its box (``note_boxes``). Threaded comments stand in other
parts and are left alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from perfxl import messages
from perfxl.workbook.ooxml.edit import (
    DECLARATION,
    Span,
    Splice,
    add_prefix,
    append_to,
    apply_splices,
    children_of,
    escape_text,
    outline,
)
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.note_boxes import draw_boxes
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import unescape_text
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.ooxml.xml import walk_mixed

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class NoteWords(NamedTuple):
    """What perfxl's part of a note is written with: the marker line that begins it, the author, the font."""

    start: str
    author: str
    font: str


@dataclass(frozen=True)
class Notes:
    """The two parts after a change; None for a part that is not needed and was not there before."""

    comments: bytes | None
    drawing: bytes | None


def change_notes(
    parts: tuple[bytes | None, bytes | None],
    ours: Mapping[Place, str],
    package: Package,
    part: str,
    number: int,
    words: NoteWords,
) -> Notes:
    """Return the notes of one sheet with the texts ``ours`` instead of those that perfxl put there before.

    ``parts``: the comments, and the drawing of their boxes. The texts of people stay as they are. ``number``: the
    sheet's number from 1; the boxes of different sheets are numbered in different thousands, as Excel does. ``words``:
    what perfxl's texts are written with. Raises PackageError if the comments are damaged.
    """
    comments, drawing = parts
    old = _read_notes(comments, package, part) if comments else []
    ours = {at: text for at, text in ours.items() if not any(note.threaded and note.at == at for note in old)}
    if not ours and not any(note.ours for note in old):
        return Notes(comments, drawing)
    own = {note.at: _own_words(note) for note in old if note.own}
    gone = {note.at for note in old} - own.keys() - ours.keys()
    boxes = own | {at: "\n".join(filter(None, (own.get(at), text))) for at, text in ours.items()}
    return Notes(
        _write_comments(comments, old, _Ours(ours, words), package, part),
        draw_boxes(drawing, gone, boxes, number, package, part),
    )


@dataclass(frozen=True)
class _Note:
    """One note as it is in the file: its cell, and its places in the part.

    ``own``: the XML of the person's own runs; ``ours``: whether a text of perfxl follows; ``prefix``: the namespace
    prefix of its elements, with the colon; ``author``: as the file names the author.
    """

    at: Place
    own: str
    ours: bool
    span: Span
    text: Span
    prefix: str
    author: str

    @property
    def threaded(self) -> bool:
        """True if it only repeats a threaded comment for older programs."""
        return self.author.startswith(THREAD)


class _Ours(NamedTuple):
    """perfxl's texts by their cells, and the words that go with them."""

    texts: Mapping[Place, str]
    words: NoteWords


class OwnNote(NamedTuple):
    """The text that a person wrote into a note, and the author that the file names, empty for none."""

    text: str
    author: str


def own_notes(comments: bytes, package: Package, part: str) -> dict[Place, OwnNote]:
    """Return the notes that people wrote on a sheet, by cell, without the texts of perfxl.

    Threaded comments are not among them: they are in a part of their own.
    """
    notes = (note for note in _read_notes(comments, package, part) if not note.threaded)
    return {note.at: OwnNote(text, note.author) for note in notes if (text := _own_words(note))}


def threaded_texts(package: Package, part: str) -> list[tuple[Place, str]]:
    """Return the texts of a part of threaded comments with their cells, replies after what they reply to."""
    texts: list[tuple[Place, str]] = []
    place: Place | None = None
    pieces: list[str] | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal place, pieces
        if tag == "threadedComment":
            at = parse_range(attributes.get("ref", ""))
            place = (at.row, at.column) if at else None
        elif tag == "text":
            pieces = []

    def end(tag: str) -> None:
        nonlocal pieces
        if tag == "text" and pieces is not None and place:
            texts.append((place, unescape_text("".join(pieces)).strip()))
            pieces = None

    def characters(text: str) -> None:
        if pieces is not None:
            pieces.append(text)

    walk_mixed(package, part, start, end, characters)
    return texts


def _own_words(note: _Note) -> str:
    """Return a person's text in a note, without that of perfxl."""
    return unescape_text("".join(html.unescape(match[2]) for match in _TEXT.finditer(note.own))).strip()


def _read_notes(data: bytes, package: Package, part: str) -> list[_Note]:
    """Read the notes of a comments part."""
    spans = outline(data, 5, package, part)
    authors = {str(at): name for at, name in enumerate(_author_names(data, spans))}
    children = children_of(spans)
    places = {span.start: index for index, span in enumerate(spans)}
    notes = []
    for index, span in enumerate(spans):
        place = parse_range(span.attributes.get("ref", "")) if span.name == "comment" else None
        texts = [child for child in children.get(index, ()) if child.name == "text"]
        if place and texts:
            runs = children.get(places[texts[0].start], ())
            own, ours = _split_own_runs([data[run.start : run.end].decode() for run in runs])
            prefix = span.tag.rpartition(":")[0]
            author = authors.get(span.attributes.get("authorId", ""), "")
            at = (place.row, place.column)
            notes.append(_Note(at, own, ours, span, texts[0], f"{prefix}:" if prefix else "", author))
    return notes


THREAD = "tc="  # how the author of a note begins that stands for a threaded comment ([MS-XLSX] 2.6.205)

_TEXT = re.compile(r"(<(?:\w+:)?t(?:\s[^<>]*)?>)([^<]*(?:<![^<]*)*)(</(?:\w+:)?t>)")


def _split_own_runs(runs: list[str]) -> tuple[str, bool]:
    """Return the XML of the person's runs, which are all before the marker line, and whether there is such a line.

    Another program may have joined the runs on saving, or divided them anywhere: the marker is searched for in their
    joined texts.
    """
    # character references are undone: some programs write every break, or every Chinese character, as one
    texts = [html.unescape(match[2]) if (match := _TEXT.search(run)) else "" for run in runs]
    joined = "".join(texts)
    found = [end for marker in messages.spellings("sheet.note.start") if (end := joined.find(marker)) >= 0]
    if not found:
        return "".join(runs), False
    end = min(found)
    # the line break before the marker is perfxl's; on saving it may have come to the end of the person's own run
    whole = "".join(texts)[:end]
    left = len(re.sub(r"(?:_x000D_)?\r?\n$", "", whole))
    kept = []
    for run, text in zip(runs, texts, strict=True):
        own = text[:left]
        left -= len(own)
        if own and (match := _TEXT.search(run)):
            shortened = run[: match.start(2)] + html.escape(own, quote=False) + run[match.end(2) :]
            kept.append(run if own == text else shortened)
    return "".join(kept), True


def _write_comments(data: bytes | None, old: list[_Note], ours: _Ours, package: Package, part: str) -> bytes:
    """Return the comments part with perfxl's texts; ``old``: the notes that are in it."""
    if not data:
        listed = f"<authors><author>{escape_text(ours.words.author)}</author></authors>"
        listed += f"<commentList>{_new_notes(ours, 0)}</commentList>"
        return DECLARATION + f'<comments xmlns="{MAIN}">{listed}</comments>'.encode()
    spans = outline(data, 3, package, part)
    lists = {span.name: span for span in spans if span.depth == 2}
    if not {"authors", "commentList"} <= lists.keys():
        raise package.refusal("damaged_part", part=part)
    authors = _author_names(data, spans)
    author, texts = ours.words.author, ours.texts
    changes: list[Splice] = []
    if author not in authors:
        changes.append(append_to(data, lists["authors"], f"<author>{escape_text(author)}</author>"))
    number = authors.index(author) if author in authors else len(authors)
    for note in old:
        if note.at in texts:
            text = (
                add_prefix("<text>", note.prefix)
                + _runs_xml(note, texts[note.at], ours.words)
                + add_prefix("</text>", note.prefix)
            )
            changes.append(Splice(note.text.start, note.text.end, text.encode()))
            if not note.own:
                changes.append(_author_change(data, note.span, number))
        elif note.ours and note.own:
            text = add_prefix("<text>", note.prefix) + note.own + add_prefix("</text>", note.prefix)
            changes.append(Splice(note.text.start, note.text.end, text.encode()))
        elif note.ours:
            changes.append(Splice(note.span.start, note.span.end, b""))
    present = {note.at for note in old}
    if new := _new_notes(ours, number, present):
        changes.append(append_to(data, lists["commentList"], new))
    return apply_splices(data, changes)


def _new_notes(ours: _Ours, author: int, present: Container[Place] = ()) -> str:
    """Return the notes with perfxl's texts on cells that have none; ``present``: those that have one."""
    return "".join(
        _note_xml(at, _run_xml(text, ours.words, first=True), author)
        for at, text in sorted(ours.texts.items())
        if at not in present
    )


def _author_names(data: bytes, spans: list[Span]) -> list[str]:
    """Return the authors' names in a comments part, to which its notes refer by number."""
    inner = [span.inner(data) for span in spans if span.name == "author" and span.depth == 3]
    return [html.unescape(data[at[0] : at[1]].decode()) if at else "" for at in inner]


def _author_change(data: bytes, note: Span, number: int) -> Splice:
    """Return the change that gives a note the author of this number."""
    stated = re.compile(rb"""\bauthorId\s*=\s*["']\d*["']""").search(data, note.start, note.close)
    start, end = stated.span() if stated else (note.start, note.start)
    return Splice(start, end, b'authorId="%d"' % number if stated else b"")


def _note_xml(at: Place, run: str, author: int) -> str:
    return f'<comment ref="{address(*at)}" authorId="{author}"><text>{run}</text></comment>'


def _runs_xml(note: _Note, text: str, words: NoteWords) -> str:
    """Return the person's runs and that of perfxl.

    A bare text of the person becomes a run: the format allows either a bare text or runs.
    """
    own = re.sub(
        r"^<((?:\w+:)?)t(\s[^>]*)?>(.*)</(?:\w+:)?t>$", r"<\1r><\1t\2>\3</\1t></\1r>", note.own, flags=re.DOTALL
    )
    return own + add_prefix(_run_xml(text, words, first=not own), note.prefix)


def _run_xml(text: str, words: NoteWords, first: bool) -> str:
    """Return a run with the marker line and perfxl's text; on a new line if it is not the ``first`` run."""
    whole = f"{'' if first else chr(10)}{words.start}\n{text}"
    return f'<r><rPr><sz val="9"/><rFont val="{words.font}"/></rPr><t xml:space="preserve">{escape_text(whole)}</t></r>'
