"""Recognition of the forms in a returned workbook, and of their senders, by whichever of five marks survived."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from perfxl import messages
from perfxl.errors import FormError, UnknownForm, UnusableForm
from perfxl.form import installed, taxonomy
from perfxl.form.characters import shorten, squeeze
from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.form.sheet_form import with_taxonomy
from perfxl.form.texts import in_every_language, readable
from perfxl.submission import Doubt
from perfxl.workbook.ooxml.cells import DefinedName, SheetEntry, Workbook, Worksheet
from perfxl.workbook.ooxml.sheet_reader import Merge, parse_range
from perfxl.workbook.reading.added_sheets import own_tabs
from perfxl.workbook.reading.words import Words, anchors, find_words, labels
from perfxl.workbook.sheet.carried import CarriedText, parse_carried
from perfxl.workbook.sheet.given_rows import GivenRows, parse_rows
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
from perfxl.workbook.sheet.names import sheet_names

MARK = "px|"
"""The beginning of a form sheet's corner mark."""

CODES = tuple(sorted(messages.spellings("sheet.code")))
"""The words before a printed code (识别码, sheet code), one for each language."""

_coded = re.compile("|".join(map(re.escape, CODES))).search


@dataclass(frozen=True, eq=False)
class RecognisedSheet:
    """A form sheet, or a part of one where several forms stand below each other, with its identity.

    ``printed``: the printed code that most marks name, empty without any; ``known``: what the hidden sheet records of
    it; ``names``: its own defined names, each with the text of its definition; ``lost``: the identity marks that did
    not come back (``property``, ``name``, ``hidden_sheet``, ``corner``, ``printed``); ``missing``: noted with the first
    sheet, what the hidden sheet records of sheets that did not come back.
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
    missing: tuple[Known, ...] = ()

    @property
    def identity(self) -> Identity | None:
        """The identity that the hidden sheet records, if any."""
        return self.known.identity if self.known else None

    @property
    def given(self) -> Mapping[str, object]:
        """The values that the sheet was issued with, as the hidden sheet records them."""
        return self.known.given if self.known else {}

    @property
    def given_rows(self) -> tuple[GivenRows, ...]:
        """The values that the rows of its tables were issued with, as the hidden sheet records them."""
        return self.known.rows if self.known else ()

    @property
    def carried(self) -> tuple[CarriedText, ...]:
        """Last year's texts that it was issued with, as the hidden sheet records them."""
        return self.known.carried if self.known else ()

    @property
    def sent(self) -> Mapping[str, str]:
        """The circumstances of issue (office, phone; on older sheets the phase), as the hidden sheet records them."""
        return self.known.sent if self.known else {}


def recognise_sheets(workbook: Workbook) -> list[RecognisedSheet]:
    """Return every form of the workbook, in the order of its sheets.

    If a sheet that was issued is missing, hidden sheets and those with a name of perfxl's own are searched as well.
    """
    hidden = _HiddenIdentities(workbook)
    book = parse_mark(workbook.properties.get(PROPERTY, "")) or _named_mark(workbook.names, BOOK_NAME)
    names: dict[int | None, list[DefinedName]] = {}
    for name in workbook.names:
        if name.name.startswith("px."):  # other names may belong to any sheet, such as print areas
            names.setdefault(name.sheet, []).append(name)
    forms_found: list[RecognisedSheet] = []
    skipped: list[SheetEntry] = []
    for entry in workbook.sheets:
        own = names.get(entry.index, [])
        aside = entry.state != "visible" or entry.name in own_tabs()
        if own or (not aside and workbook.may_hold(entry, (MARK, *CODES))):
            forms_found += _forms_on_sheet(workbook.sheet(entry), own, hidden, book)
        elif aside:
            skipped.append(entry)
    missing = hidden.missing(forms_found)
    if missing or not forms_found:
        more = [entry for entry in skipped if workbook.may_hold(entry, CODES)]
        forms_found += [form for entry in more for form in _forms_on_sheet(workbook.sheet(entry), [], hidden, book)]
        forms_found.sort(key=lambda form: form.sheet.entry.index)
        missing = hidden.missing(forms_found)
    if not forms_found and book and _form_of_mark(book, workbook.package.file) is None:
        raise _unusable(workbook.package.file, "unknown", book)
    return [_with_missing(forms_found[0], missing), *forms_found[1:]] if forms_found and missing else forms_found


def _with_missing(first: RecognisedSheet, missing: Sequence[Known]) -> RecognisedSheet:
    """Return the first sheet with the file's doubt about the sheets that were issued in it and did not come back."""
    sheets = [str(known.given.get("name") or known.identity.printed) for known in missing]
    doubt = Doubt("missing_sheet", (), {"sheets": sheets, "count": len(sheets)}, of_file=True)
    return replace(first, doubts=(*first.doubts, doubt), missing=tuple(missing))


def _named_mark(names: Iterable[DefinedName], word: str) -> Mark | None:
    """Return the mark that the defined name ``word`` holds."""
    text = next((name.text for name in names if name.name == word), "")
    return parse_mark(text.strip().strip('"'))


class _HiddenIdentities:
    """The identities on the hidden sheet, by printed code, with the values that each sheet was issued with.

    Hidden sheets are read when they are needed, the last one first: where two know a code, the last one counts.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._unread = [entry for entry in workbook.sheets if entry.state != "visible"]
        self._known: dict[str, Known] = {}

    def get(self, code: str) -> Known | None:
        """Return what is recorded of this printed code; None where no hidden sheet knows it."""
        while code not in self._known and self._unread:
            texts = self._workbook.sheet(self._unread.pop()).texts.values()
            read = (known for text in texts if text.startswith("{") and (known := parse_known(text)))
            rows: dict[str, tuple[GivenRows, ...]] = {}
            carried: dict[str, tuple[CarriedText, ...]] = {}
            for text in texts:
                if text.startswith("[") and (parsed := parse_rows(text)):
                    rows[parsed[0]] = (*rows.get(parsed[0], ()), parsed[1])
                elif text.startswith("[") and (piece := parse_carried(text)):
                    carried[piece[0]] = (*carried.get(piece[0], ()), *piece[1])
            codes = {known.identity.printed: known for known in read}
            read_now = {
                code: known._replace(rows=rows.get(code, ()), carried=carried.get(code, ()))
                for code, known in codes.items()
            }
            self._known = {**read_now, **self._known}
        return self._known.get(code)

    def missing(self, found: Sequence[RecognisedSheet]) -> list[Known]:
        """Return the sheets that were issued in this workbook and are not among those found."""
        codes = {sheet.printed for sheet in found}
        return [known for code, known in self._known.items() if known.given and code not in codes]


def _forms_on_sheet(
    sheet: Worksheet, names: Sequence[DefinedName], hidden: _HiddenIdentities, book: Mark | None
) -> Iterator[RecognisedSheet]:
    """Yield the forms on a sheet, of which there is mostly one; each with those of the sheet's names that lead to it.

    ``book``: the mark of the workbook.
    """
    parts = _split_at_marks(sheet, book)
    several = len(parts) > 1
    forms_found: list[RecognisedSheet] = []
    for part in parts:
        form = _recognise_part(part, _names_into(names, part) if several else names, hidden, book)
        if form:
            forms_found += _split_stacked(form)
    if len(forms_found) > 1:
        doubt = Doubt("stacked", (), {"count": len(forms_found)})
        forms_found = [replace(form, doubts=(*form.doubts, doubt)) for form in forms_found]
    yield from forms_found


def _names_into(names: Sequence[DefinedName], part: Worksheet) -> Sequence[DefinedName]:
    """Return a sheet's names that lead into a part of it, and if there are any, those that lead to no cell.

    The latter are constants, such as the sheet's mark.
    """
    rows = {row for row, _ in part.cells}
    targets = [(name, parse_target(name.text)) for name in names]
    inside = [name for name, merge in targets if merge and merge.row in rows]
    return [*inside, *(name for name, merge in targets if not merge)] if inside else []


def parse_target(text: str) -> Merge | None:
    """Return the range that a defined name refers to; None for a constant or a broken reference (#REF!)."""
    return parse_range(text.rpartition("!")[2])


def _split_at_marks(sheet: Worksheet, book: Mark | None) -> list[Worksheet]:
    """Return the parts of a sheet, which begin where another corner mark or printed code begins another form."""
    starts: list[int] = []
    coded = True  # the form that began last has its printed code already
    for (row, _), text in sorted(sheet.texts.items()) if _may_hold_several(sheet) else ():
        if text.startswith(MARK) and (mark := parse_mark(text)):
            starts.append(row)
            book, coded = mark, False
        elif text.startswith(CODES) and PRINTED.search(text):  # in the middle of a text it is somebody's answer
            if coded:
                starts.append(max(0, row - _rows_above_code(book.form if book else "")))
            coded = True
    if len(starts) < 2:
        return [sheet]
    return [sheet.band(first, last) for first, last in zip([0, *starts[1:]], [*starts[1:], 1 << 30], strict=True)]


def _may_hold_several(sheet: Worksheet) -> bool:
    """Return True if a sheet has more corner marks or printed codes than one form has."""
    texts = "\n".join(sheet.texts.values())
    return texts.count(MARK) > 1 or sum(map(texts.count, CODES)) > 1


def _rows_above_code(form: str) -> int:
    """Return the number of rows of a form that stand above its printed code; 0 for one that cannot be used."""
    try:
        known = _load_form(form)
    except FormError:
        known = None
    if known is None:
        return 0
    boxes = blank_layout(known).boxes
    first = min(box.row for box in boxes)
    return next((box.row - first for box in boxes if box.role == "mark"), 0)


def _split_stacked(one: RecognisedSheet) -> Iterator[RecognisedSheet]:
    """Split a form whose labels stand several times, below each other, into as many forms.

    The first one keeps the identity.
    """
    rows = _repeated_rows(one)
    if len(rows) < 2:
        yield one
        return
    for at, (first, last) in enumerate(zip([0, *rows[1:]], [*rows[1:], 1 << 30], strict=True)):
        sheet = one.sheet.band(first, last)
        part = replace(one, sheet=sheet, words=find_words(sheet))
        yield part if at == 0 else replace(part, printed="", known=None, names={})


def _repeated_rows(one: RecognisedSheet) -> list[int]:
    """Return the rows in which the form's first label stands, if most of its labels are repeated; else none."""
    singles = _single_labels(one.form)
    words = one.words
    if sum(len(words.get(label, ())) > 1 for label in singles) * 2 <= len(singles):
        return []
    often = Counter(len(words.get(label, ())) for label in singles).most_common(1)[0][0]
    first = next(label for label in singles if len(words.get(label, ())) == often)
    rows = sorted(row for row, _ in words.get(first, ()))
    return rows if len(set(rows)) == len(rows) else []


@lru_cache(maxsize=64)
def _single_labels(form: Form) -> tuple[str, ...]:
    """Return the labels that stand once on the form's sheet, in its order."""
    return tuple(label for label, times in labels(form).items() if times == 1)


def _recognise_part(
    sheet: Worksheet, names: Sequence[DefinedName], hidden: _HiddenIdentities, book: Mark | None
) -> RecognisedSheet | None:
    """Return the form that stands on a sheet or on a part of one, or None for none."""
    corner, printed = _corner_mark(sheet), _printed_code(sheet)
    named = _named_mark(names, SHEET_NAME)
    words = find_words(sheet)
    marks = tuple(mark for mark in (corner, named) if mark)
    file = sheet.workbook.package.file
    own_names = {name.name: name.text for name in names}
    form = _marked_form(marks, sheet, own_names) or (_similar_form(words, book, file) if printed else None)
    if form is None:
        if marks:
            raise _unusable(file, "unknown", marks[0])
        return None
    codes = [corner.printed if corner else "", named.printed if named else "", printed]
    code = _most_frequent([own_code for own_code in codes if own_code])
    known = hidden.get(code)
    present = {"property": book, "name": named, "hidden_sheet": known, "corner": corner, "printed": printed}
    version = next((mark.version for mark in (corner, named, book) if mark), "")
    return RecognisedSheet(
        sheet=sheet,
        words=words,
        form=_in_its_language(_with_its_taxonomy(form, known, words, file), known, words),
        version=version,
        printed=code,
        known=known,
        names=own_names,
        lost=tuple(word for word, value in present.items() if not value),
        doubts=tuple(_identity_doubts(code, codes, book)),
    )


def _corner_mark(sheet: Worksheet) -> Mark | None:
    texts = sheet.texts.values()
    return next((mark for text in texts if text.startswith(MARK) and (mark := parse_mark(text))), None)


def _printed_code(sheet: Worksheet) -> str:
    texts = sheet.texts.values()
    return next((code[0] for text in texts if _coded(text) and (code := PRINTED.search(text))), "")


def _marked_form(marks: Sequence[Mark], sheet: Worksheet, names: Mapping[str, str]) -> Form | None:
    """Return the form that the corner mark names, else the one that the sheet's defined name does.

    Raises UnusableForm where the form that is named has a mistake, or the sheet's version asks what it does not.
    """
    for mark in marks:
        if form := _form_of_mark(mark, sheet.workbook.package.file):
            _check_version(form, mark, sheet, names)
            return form
    return None


def _form_of_mark(mark: Mark, file: str) -> Form | None:
    """Return the form of a mark, as it was released if that is at hand. Raises UnusableForm for a mistake in it."""
    try:
        return _load_form(mark.form, mark.version)
    except FormError as error:
        raise _unusable(file, "broken", mark, mistakes=(error,)) from error


def _check_version(form: Form, mark: Mark, sheet: Worksheet, names: Mapping[str, str]) -> None:
    """Check that a sheet of another version can be read by this form. Raises UnusableForm.

    It can where every answer that the sheet has a name for is asked by this form, too: then nothing that people filled
    in is lost, and what the sheet lacks is reported as not found.
    """
    if mark.version == form.version:
        return
    here = sheet.name
    answers = {name.removeprefix("px.") for name, text in names.items() if _leads_into(here, text)}
    if unknown := answers - _answer_names(form):
        raise _unusable(sheet.workbook.package.file, "version", mark, here=form.version, fields=tuple(sorted(unknown)))


def _leads_into(sheet: str, text: str) -> bool:
    """Return whether a defined name refers to cells of this sheet; those of answers do, those of lists do not."""
    name = text.rpartition("!")[0].removeprefix("'").removesuffix("'").replace("''", "'")
    return name == sheet and parse_target(text) is not None


@lru_cache(maxsize=64)
def _answer_names(form: Form) -> frozenset[str]:
    return frozenset(name.removeprefix("px.") for name in sheet_names(blank_layout(form)))


def _unusable(file: str, what: str, mark: Mark, **facts: object) -> UnusableForm:
    """Return the error that a form which a file's mark names cannot be used; ``what``: why."""
    return UnusableForm(file=file, what=what, form=mark.form, version=mark.version, **facts)


def _similar_form(words: Words, book: Mark | None, file: str) -> Form | None:
    """Return the form whose labels a sheet holds: that of the workbook's mark, without such a mark any known form.

    Raises UnusableForm where nobody knows the form of the workbook's mark, or it has a mistake.
    """
    if book is None:
        return next((form for form in installed.forms() if _speaks(words, form)), None)
    form = _form_of_mark(book, file)
    if form is None:
        raise _unusable(file, "unknown", book)
    return form if _speaks(words, form) else None


def _speaks(words: Words, form: Form) -> bool:
    """Return True if a sheet holds the labels of a form in one of its languages."""
    return any(_looks_like(words, spoken) for spoken in in_every_language(form))


def _identity_doubts(code: str, codes: Sequence[str], book: Mark | None) -> Iterator[Doubt]:
    """Report marks of a sheet that name different sheets, or another unit, year or phase than the workbook's mark."""
    others = sorted({other for other in codes if other and other != code})
    own, sender = PRINTED.search(code), PRINTED.search(book.printed) if book else None
    if not others and own and sender and own.group(*_OF_BOOK) != sender.group(*_OF_BOOK):
        others = [sender[0]]
    if others:
        yield Doubt("identity", (), {"believed": code, "others": others})


_OF_BOOK = ("year", "unit", "letter", "issue")
"""The parts of the printed code that all sheets of a workbook share; a draft may have been put among later ones."""


def _with_its_taxonomy(form: Form, known: Known | None, words: Words, file: str) -> Form:
    """Return a form with the taxonomy of its sheet: as the hidden sheet says, else that with most classes there.

    Raises UnusableForm for a taxonomy that nobody knows.
    """
    if not form.taxonomy:
        return form
    if known is None:
        return with_taxonomy(form, max((form.taxonomy, *taxonomy.names()), key=lambda id: _count_classes(id, words)))
    try:
        return with_taxonomy(form, known.sent.get("taxonomy", ""))
    except FormError as error:
        mark = Mark(form.name, form.version, known.identity.printed)
        raise _unusable(file, "taxonomy", mark, taxonomy=shorten(known.sent["taxonomy"], 40)) from error


def _count_classes(id: str, words: Words) -> tuple[bool, int]:
    """Return whether all groups of a taxonomy stand on a sheet, and how many of its names do."""
    classes = taxonomy.load(id)
    level1, level2 = ([squeeze(name) in words for name in names] for names in (classes.level1, classes.level2))
    return all(level1), sum(level1) + sum(level2)


def _in_its_language(form: Form, known: Known | None, words: Words) -> Form:
    """Return a form in the language of its sheet: as the hidden sheet says, else the one with most labels there."""
    if known or not form.translations:
        return readable(form, known.sent.get("language", "") if known else "")
    return max(in_every_language(form), key=lambda spoken: len(_anchor_labels(spoken) & words.keys()))


def _load_form(name: str, version: str = "") -> Form | None:
    """Return the form with this name, as it was released if that is at hand; None where no such form is known."""
    try:
        return installed.load(name, version)
    except UnknownForm:
        return None


def _looks_like(words: Words, form: Form) -> bool:
    """Return True if a sheet that only bears a printed code holds most of the form's labels.

    The code alone is not enough, since the sheet 审核意见 (review opinions) bears it too.
    """
    wanted = _anchor_labels(form)
    return 2 * len(wanted & words.keys()) > len(wanted)


@lru_cache(maxsize=64)
def _anchor_labels(form: Form) -> frozenset[str]:
    return frozenset(anchor.label for anchor in anchors(form).values() if anchor.label)


def _most_frequent(codes: list[str]) -> str:
    """Return the most frequent code, of equally frequent ones the first; empty for none."""
    return Counter(codes).most_common(1)[0][0] if codes else ""
