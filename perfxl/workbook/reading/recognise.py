"""Which sheets of a returned workbook are forms, and whose: five identity marks are asked, whichever survived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from perfxl.errors import UnknownForm
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.form.installed import names as forms
from perfxl.form.layout import blank_layout
from perfxl.submission import Doubt
from perfxl.workbook.ooxml.cells import DefinedName, SheetEntry, Workbook, Worksheet
from perfxl.workbook.ooxml.grid import Merge, parse_range
from perfxl.workbook.reading.added_sheets import own_tabs
from perfxl.workbook.reading.words import Words, anchors, find_words, labels
from perfxl.workbook.sheet.identity import (
    BOOK_NAME,
    PRINTED,
    PROPERTY,
    SHEET_NAME,
    Identity,
    Known,
    Mark,
    parse_known,
    parse_mark,
)

MARK, CODE = "px|", "识别码"
"""What a form sheet's corner mark begins with, and what stands before its printed code."""


@dataclass(frozen=True, eq=False)
class RecognisedSheet:
    """A form sheet, or a part of one where several stand below each other, and who it is.

    ``known``: what the hidden sheet knows of it; ``names``: its own defined names by what they stand for; ``lost``: the
    identity marks that did not come back (``property``, ``name``, ``hidden_sheet``, ``corner``, ``printed``).
    """

    sheet: Worksheet
    words: Words
    form: Form
    version: str
    printed: str
    known: Known | None
    names: Mapping[str, str]
    lost: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()

    @property
    def identity(self) -> Identity | None:
        """Who it is, by the hidden sheet."""
        return self.known.identity if self.known else None

    @property
    def given(self) -> Mapping[str, object]:
        """The values that it went out with, by the hidden sheet."""
        return self.known.given if self.known else {}

    @property
    def sent(self) -> Mapping[str, str]:
        """How it was sent (phase, office, phone), by the hidden sheet."""
        return self.known.sent if self.known else {}


def recognise_sheets(workbook: Workbook) -> list[RecognisedSheet]:
    """Every form of the workbook, in the order of its sheets; if one is missing, it is looked for everywhere."""
    hidden = _Hidden(workbook)
    book = parse_mark(workbook.properties.get(PROPERTY, "")) or _named_mark(workbook.names, BOOK_NAME)
    names: dict[int | None, list[DefinedName]] = {}
    for name in workbook.names:
        if name.name.startswith("px."):  # others may be any sheet's: print areas
            names.setdefault(name.sheet, []).append(name)
    found: list[RecognisedSheet] = []
    unseen: list[SheetEntry] = []
    for entry in workbook.sheets:
        own = names.get(entry.index, [])
        aside = entry.state != "visible" or entry.name in own_tabs()
        if own or (not aside and workbook.may_hold(entry, (MARK, CODE))):
            found += _on_sheet(workbook.sheet(entry), own, hidden, book)
        elif aside:
            unseen.append(entry)
    missing = hidden.missing(found)
    if missing or not found:
        more = [entry for entry in unseen if workbook.may_hold(entry, (CODE,))]
        found += [each for entry in more for each in _on_sheet(workbook.sheet(entry), [], hidden, book)]
        found.sort(key=lambda each: each.sheet.entry.index)
        missing = hidden.missing(found)
    return [_with_missing(found[0], missing), *found[1:]] if found and missing else found


def _with_missing(first: RecognisedSheet, missing: Sequence[Known]) -> RecognisedSheet:
    sheets = [str(each.given.get("name") or each.identity.printed) for each in missing]
    doubt = Doubt("missing_sheet", (), {"sheets": sheets, "count": len(sheets)})
    return replace(first, doubts=(*first.doubts, doubt))


def _named_mark(names: Iterable[DefinedName], word: str) -> Mark | None:
    text = next((name.text for name in names if name.name == word), "")
    return parse_mark(text.strip().strip('"'))


class _Hidden:
    """The identities on the hidden sheet, by printed code, with what each sheet went out with.

    Sheets are read as they are asked for, the last first: where two know a code, the last one counts.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._unread = [entry for entry in workbook.sheets if entry.state != "visible"]
        self._known: dict[str, Known] = {}

    def get(self, code: str) -> Known | None:
        """What is known of this printed code; None where no hidden sheet knows it."""
        while code not in self._known and self._unread:
            texts = self._workbook.sheet(self._unread.pop()).texts.values()
            read = (found for text in texts if text.startswith("{") and (found := parse_known(text)))
            self._known = {**{found.identity.printed: found for found in read}, **self._known}
        return self._known.get(code)

    def missing(self, found: Sequence[RecognisedSheet]) -> list[Known]:
        """The sheets that went out in this workbook and are not among those found."""
        there = {each.printed for each in found}
        return [known for code, known in self._known.items() if known.given and code not in there]


def _on_sheet(
    sheet: Worksheet, names: Sequence[DefinedName], hidden: _Hidden, book: Mark | None
) -> Iterator[RecognisedSheet]:
    """The forms on a sheet: mostly one; each with what of the sheet's names points into it."""
    parts = _parts(sheet, book)
    several = len(parts) > 1
    each_ = (_recognise_part(part, _names_into(names, part) if several else names, hidden, book) for part in parts)
    found = [each for one in each_ if one for each in _split_stacked(one)]
    if len(found) > 1:
        doubt = Doubt("stacked", (), {"count": len(found)})
        found = [replace(each, doubts=(*each.doubts, doubt)) for each in found]
    yield from found


def _names_into(names: Sequence[DefinedName], part: Worksheet) -> Sequence[DefinedName]:
    """A sheet's names that point into a part of it, and with them those that point nowhere, as the sheet's mark."""
    rows = {row for row, _ in part.cells}
    targets = [(name, parse_target(name.text)) for name in names]
    inside = [name for name, merge in targets if merge and merge.row in rows]
    return [*inside, *(name for name, merge in targets if not merge)] if inside else []


def parse_target(text: str) -> Merge | None:
    """The range that a defined name stands for; None for a constant or a broken one (#REF!)."""
    return parse_range(text.rpartition("!")[2])


def _parts(sheet: Worksheet, book: Mark | None) -> list[Worksheet]:
    """A sheet, cut where another corner mark or printed code begins another form."""
    starts: list[int] = []
    coded = True  # whether the form begun last has its printed code already
    for (row, _), text in sorted(sheet.texts.items()) if _several(sheet) else ():
        if text.startswith(MARK) and (mark := parse_mark(text)):
            starts.append(row)
            book, coded = mark, False
        elif text.startswith(CODE) and PRINTED.search(text):  # in the middle of a text it is somebody's answer
            if coded:
                starts.append(max(0, row - _code_line(book.form if book else "")))
            coded = True
    if len(starts) < 2:
        return [sheet]
    return [sheet.band(first, last) for first, last in zip([0, *starts[1:]], [*starts[1:], 1 << 30], strict=True)]


def _several(sheet: Worksheet) -> bool:
    marked = [text for text in sheet.texts.values() if MARK in text or CODE in text]
    return len(marked) > 2 or sum(CODE in text for text in marked) > 1 or sum(MARK in text for text in marked) > 1


def _code_line(form: str) -> int:
    """How many rows of a form stand above its printed code."""
    if form not in forms():
        return 0
    boxes = blank_layout(load(form)).boxes
    first = min(box.row for box in boxes)
    return next((box.row - first for box in boxes if box.role == "mark"), 0)


def _split_stacked(one: RecognisedSheet) -> Iterator[RecognisedSheet]:
    """A form whose labels stand several times, below each other: as many forms, the first with the identity."""
    rows = _repeated_rows(one)
    if len(rows) < 2:
        yield one
        return
    for at, (first, last) in enumerate(zip([0, *rows[1:]], [*rows[1:], 1 << 30], strict=True)):
        sheet = one.sheet.band(first, last)
        part = replace(one, sheet=sheet, words=find_words(sheet))
        yield part if at == 0 else replace(part, printed="", known=None, names={})


def _repeated_rows(one: RecognisedSheet) -> list[int]:
    """The rows in which the form's first label stands, if most of its labels stand as often."""
    singles = _singles(one.form)
    words = one.words
    if sum(len(words.get(label, ())) > 1 for label in singles) * 2 <= len(singles):
        return []
    often = Counter(len(words.get(label, ())) for label in singles).most_common(1)[0][0]
    first = next(label for label in singles if len(words.get(label, ())) == often)
    rows = sorted(row for row, _ in words.get(first, ()))
    return rows if len(set(rows)) == len(rows) else []


@lru_cache(maxsize=64)
def _singles(form: Form) -> tuple[str, ...]:
    """The labels that stand once on the form's sheet, in its order."""
    return tuple(label for label, times in labels(form).items() if times == 1)


def _recognise_part(
    sheet: Worksheet, names: Sequence[DefinedName], hidden: _Hidden, book: Mark | None
) -> RecognisedSheet | None:
    texts = sheet.texts.values()
    corner = next((mark for text in texts if text.startswith(MARK) and (mark := parse_mark(text))), None)
    named = _named_mark(names, SHEET_NAME)
    printed = next((found[0] for text in texts if CODE in text and (found := PRINTED.search(text))), "")
    words = find_words(sheet)
    form = next((known for mark in (corner, named) if mark and (known := _form(mark.form))), None)
    if form is None and printed:
        candidates = (book.form,) if book else forms()
        alike = (known for name in candidates if (known := _form(name)) and _looks_like(words, known))
        form = next(alike, None)
    if form is None:
        return None
    codes = {"corner": corner.printed if corner else "", "name": named.printed if named else "", "printed": printed}
    code = _majority([each for each in codes.values() if each])
    identity = hidden.get(code)
    present = {"property": book, "name": named, "hidden_sheet": identity, "corner": corner, "printed": printed}
    version = next((mark.version for mark in (corner, named, book) if mark), "")
    return RecognisedSheet(
        sheet=sheet,
        words=words,
        form=form,
        version=version,
        printed=code,
        known=identity,
        names={name.name: name.text for name in names},
        lost=tuple(word for word, value in present.items() if not value),
        doubts=tuple(_foreign(code, codes, book)),
    )


def _foreign(code: str, codes: Mapping[str, str], book: Mark | None) -> Iterator[Doubt]:
    """That the marks of a sheet name different sheets, or another unit than the workbook's."""
    others = sorted({each for each in codes.values() if each and each != code})
    own, sender = PRINTED.search(code), PRINTED.search(book.printed) if book else None
    if not others and own and sender and own.group(1, 2) != sender.group(1, 2):
        others = [sender[0]]
    if others:
        yield Doubt("identity", (), {"believed": code, "others": others})


def _form(name: str) -> Form | None:
    try:
        return load(name)
    except UnknownForm:
        return None


def _looks_like(words: Words, form: Form) -> bool:
    """Whether a sheet that only bears a printed code holds most of the form's labels: 审核意见 bears the code too."""
    wanted = _anchor_labels(form)
    return 2 * len(wanted & words.keys()) > len(wanted)


@lru_cache(maxsize=64)
def _anchor_labels(form: Form) -> frozenset[str]:
    return frozenset(anchor.label for anchor in anchors(form).values() if anchor.label)


def _majority(found: list[str]) -> str:
    return Counter(found).most_common(1)[0][0] if found else ""
