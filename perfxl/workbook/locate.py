"""Where the answers stand on a returned sheet: three marks are asked and take a vote; addresses are never trusted.

A head field is found by its row id and column id, by its defined name, and by its visible label; a table's column
likewise, its rows by their row keys. Where the marks disagree, the majority is believed and the dissent is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl.errors import UnknownForm
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.form.installed import names as forms
from perfxl.form.layout import Box, blank_layout
from perfxl.workbook.cells import Name, Sheet, Workbook
from perfxl.workbook.formula import Place, address
from perfxl.workbook.grid import Merge, corners
from perfxl.workbook.identity import BOOK_NAME, PRINTED, PROPERTY, SHEET_NAME, Identity, Known, Mark, loads, parse_mark
from perfxl.workbook.names import column_name, row_ids

KEY = re.compile(r"(\d\d)([A-Z])")


@dataclass(frozen=True)
class Row:
    """A row of a table on the sheet: its row from 0, its key as it stands (empty where a person added the row)."""

    row: int
    key: str = ""


@dataclass(frozen=True, eq=False)
class Located:
    """A form sheet that was recognised, and where everything on it stands. Rows and columns from 0."""

    sheet: Sheet
    form: Form
    version: str
    identity: Identity | None
    printed: str
    given: Mapping[str, object]
    sent: Mapping[str, str]
    head: Mapping[str, Place]
    columns: Mapping[str, Mapping[str, int]]
    rows: Mapping[str, tuple[Row, ...]]
    headers: Mapping[str, str]
    shown: Mapping[str, str]
    shown_at: Mapping[str, str]
    mark_row: int
    key_column: int
    lost: tuple[str, ...]
    disputed: tuple[str, ...]


MARK, CODE = "px|", "识别码"
"""What a form sheet's corner mark begins with, and what stands before its printed code."""


ASIDE = ("px.v.", "px.b.")
"""The names by which live formulas reach the answers: many, and nothing that the cells do not say themselves."""


def locate(workbook: Workbook) -> Iterator[Located]:
    """Every form sheet of the workbook, in its order."""
    hidden = _Hidden(workbook)
    book = parse_mark(workbook.properties.get(PROPERTY, "")) or _named_mark(workbook.names, BOOK_NAME)
    names: dict[int | None, list[Name]] = {}
    for name in workbook.names:
        if name.name.startswith("px.") and not name.name.startswith(ASIDE):  # others may be any sheet's: print areas
            names.setdefault(name.sheet, []).append(name)
    for entry in workbook.sheets:
        own = names.get(entry.index, [])
        if not own and (entry.state != "visible" or not workbook.may_hold(entry, (MARK, CODE))):
            continue
        found = _recognised(workbook.sheet(entry), own, hidden, book)
        if found is not None:
            yield found


def _named_mark(names: Iterable[Name], word: str) -> Mark | None:
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
            read = (found for text in texts if text.startswith("{") and (found := loads(text)))
            self._known = {**{found.identity.printed: found for found in read}, **self._known}
        return self._known.get(code)


def _recognised(sheet: Sheet, names: list[Name], hidden: _Hidden, book: Mark | None) -> Located | None:
    texts = sheet.texts.values()
    corner = next((mark for text in texts if text.startswith(MARK) and (mark := parse_mark(text))), None)
    named = _named_mark(names, SHEET_NAME)
    printed = next((found[0] for text in texts if CODE in text and (found := PRINTED.search(text))), "")
    mark = corner or named
    if mark is None and printed:
        candidates = (book.form,) if book else forms()
        alike = next((name for name in candidates if _looks_like(sheet, name)), "")
        mark = Mark(alike, book.version if book else "", printed) if alike else None
    if mark is None:
        return None
    code = _majority([code for code in (corner and corner.printed, named and named.printed, printed) if code])
    try:
        form = load(mark.form)
    except UnknownForm:
        return None
    known = hidden.get(code)
    present = {"property": book, "name": named, "hidden_sheet": known, "corner": corner, "printed": printed}
    lost = tuple(word for word, value in present.items() if not value)
    return _placed(sheet, form, mark.version, code, known, {name.name: name.text for name in names}, lost)


def _looks_like(sheet: Sheet, name: str) -> bool:
    """Whether a sheet that only bears a printed code holds most of the form's labels: 审核意见 bears the code too."""
    try:
        labels = {anchor.label for anchor in _anchors(load(name)).values() if anchor.label}
    except UnknownForm:
        return False
    there = {_plain(text) for text in sheet.texts.values()}
    return 2 * len(labels & there) > len(labels)


def _majority(found: list[str]) -> str:
    return Counter(found).most_common(1)[0][0] if found else ""


def _placed(
    sheet: Sheet,
    form: Form,
    version: str,
    code: str,
    known: Known | None,
    names: Mapping[str, str],
    lost: tuple[str, ...],
) -> Located:
    marks = _marks(sheet, form)
    words = _words(sheet)
    named = {name[3:]: merge for name, text in names.items() if name.startswith("px.") and (merge := _target(text))}
    disputed: list[str] = []
    head = dict(_head(words, form, marks, named, disputed))
    tops = {table: _header_row(words, form, table, named) for table in form.tables}
    columns = {
        table: dict(_columns(words, form, table, tops[table], marks, named, disputed)) for table in form.tables
    }
    identity = known.identity if known else None
    lines = dict(_lines(form, marks))
    rows = {table: tuple(_rows(sheet, table, tops, marks, columns[table])) for table in form.tables}
    return Located(
        sheet=sheet,
        form=form,
        version=version,
        identity=identity,
        printed=code,
        given=known.given if known else {},
        sent=known.sent if known else {},
        head=head,
        columns=columns,
        rows=rows,
        headers=dict(_headers(sheet, form, rows, columns)),
        shown={word: text for word, at in lines.items() if (text := sheet.text(*at))},
        shown_at={word: address(*at) for word, at in lines.items() if word == "unit"},
        mark_row=marks.mark_row,
        key_column=marks.key_column,
        lost=lost,
        disputed=tuple(disputed),
    )


def _target(text: str) -> Merge | None:
    """The range that a defined name stands for; None for a constant or a broken one (#REF!)."""
    return corners(text.rpartition("!")[2])


@dataclass(frozen=True)
class _Marks:
    """The mark row and mark column as found: column id → column, row id → row, row key → row."""

    mark_row: int
    key_column: int
    columns: Mapping[str, int]
    ids: Mapping[str, int]
    keys: Mapping[int, str]


_SHORT = 8  # characters: no mark is longer


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    """What a short text may be: a column id, a row id, a row key, or nothing."""
    if re.fullmatch(r"[cr]\d+", text):
        return text[0]
    return "key" if KEY.fullmatch(text) else ""


def _marks(sheet: Sheet, form: Form) -> _Marks:
    found: dict[str, dict[Place, str]] = {"c": {}, "r": {}, "key": {}}
    for at, text in sheet.texts.items():
        if len(text) <= _SHORT and (kind := _kind(text)):
            found[kind][at] = text
    column_ids, row_ids_, keys = found.values()
    mark_row = Counter(row for row, _ in column_ids).most_common(1)[0][0] if column_ids else 0
    below = Counter(column for _, column in [*row_ids_, *keys])
    side = 0 if form.sheet.key == "before" else form.sheet.column + len(form.sheet.columns)
    key_column = below.most_common(1)[0][0] if below else side
    ids = [(text, row) for (row, column), text in row_ids_.items() if column == key_column]
    times = Counter(text for text, _ in ids)
    return _Marks(
        mark_row=mark_row,
        key_column=key_column,
        columns={text: column for (row, column), text in column_ids.items() if row == mark_row},
        ids={text: row for text, row in ids if times[text] == 1},
        keys={row: text for (row, column), text in keys.items() if column == key_column},
    )


Words = Mapping[str, list[Place]]
"""Where each text stands on a sheet, in reading order, by its plain spelling."""


def _words(sheet: Sheet) -> Words:
    words: dict[str, list[Place]] = {}
    for at, text in sorted(sheet.texts.items()):
        words.setdefault(_plain(text), []).append(at)
    return words


@dataclass(frozen=True)
class _Anchor:
    """How a head field is found: its row id and column id; its label, which of the equal ones, the way from there."""

    row_id: str
    column_id: str
    label: str
    nth: int
    down: int
    right: int


@lru_cache(maxsize=64)
def _anchors(form: Form) -> dict[str, _Anchor]:
    layout = blank_layout(form)  # what stands beside what does not depend on the number of rows
    ids = row_ids(layout)
    found: dict[str, _Anchor] = {}
    labels = [box for box in layout.boxes if box.role in ("label", "heading")]
    for id, box in layout.head.items():
        label = _label_of(box, labels)
        same = [each for each in labels if label and _plain(each.text) == _plain(label.text)]
        found[id] = _Anchor(
            row_id=ids[box.row],
            column_id=f"c{box.column - layout.first_column + 1}",
            label=_plain(label.text) if label else "",
            nth=same.index(label) if label else 0,
            down=box.row - label.row if label else 0,
            right=box.column - label.column if label else 0,
        )
    return found


def _label_of(box: Box, labels: list[Box]) -> Box | None:
    """The label that ends just before the box in its row, or the one right above it."""
    for label in labels:
        if label.row <= box.row <= label.end[0] and label.end[1] + 1 == box.column and label.rows == box.rows:
            return label
    for label in labels:
        if label.end[0] + 1 == box.row and label.column == box.column and label.columns == box.columns:
            return label
    beside = (label for label in labels if label.row <= box.row <= label.end[0] and label.end[1] + 1 == box.column)
    return next(beside, None)


_WIDE = str.maketrans("():", "（）：")


@lru_cache(maxsize=2048)  # labels and marks are the same in every copy of a form
def _plain(text: str) -> str:
    return "".join(text.split()).translate(_WIDE)


def _head(
    words: Words, form: Form, marks: _Marks, named: Mapping[str, Merge], disputed: list[str]
) -> Iterator[tuple[str, Place]]:
    anchors = _anchors(form)
    labels = {place for anchor in anchors.values() for place in words.get(anchor.label, ())}
    for id, anchor in anchors.items():
        votes: list[Place] = []
        if anchor.row_id in marks.ids and anchor.column_id in marks.columns:
            votes.append((marks.ids[anchor.row_id], marks.columns[anchor.column_id]))
        if id in named:
            votes.append((named[id].row, named[id].column))
        places = words.get(anchor.label, [])
        if anchor.label and len(places) > anchor.nth:
            row, column = places[anchor.nth]
            votes.append((row + anchor.down, column + anchor.right))
        winner = _vote(votes)
        # where a row is gone, the label that is left points at the next one: no answer stands in a label's cell
        if votes and (winner is None or winner in labels):
            disputed.append(id)
        elif winner is not None:
            yield id, winner


def _vote(votes: list[Place]) -> Place | None:
    """The place most marks name; None where each names another."""
    if not votes:
        return None
    if votes.count(votes[0]) == len(votes):
        return votes[0]
    (place_, count), *others = Counter(votes).most_common()
    return None if others and others[0][1] == count else place_


@dataclass(frozen=True)
class _Header:
    """How a table's column is found: its column id, its defined name, its label, which of the equal ones."""

    column_id: str
    name: str
    label: str
    nth: int


@lru_cache(maxsize=256)
def _header(form: Form, table: str) -> Mapping[str, _Header]:
    blank = blank_layout(form)
    found: dict[str, _Header] = {}
    labels: list[tuple[str, ...]] = []
    for id, at in sorted(blank.tables[table].columns.items(), key=lambda item: item[1]):
        label = form.tables[table].columns[id].label
        found[id] = _Header(
            column_id=f"c{at - blank.first_column + 1}",
            name=column_name(form.tables[table], id)[3:],
            label=_plain(label[-1]) if label else "",
            nth=labels.count(label),
        )
        labels.append(label)
    return {id: found[id] for id in blank.tables[table].columns}


def _columns(
    words: Words,
    form: Form,
    table: str,
    top: int,
    marks: _Marks,
    named: Mapping[str, Merge],
    disputed: list[str],
) -> Iterator[tuple[str, int]]:
    for id, header in _header(form, table).items():
        votes = []
        if header.column_id in marks.columns:
            votes.append((0, marks.columns[header.column_id]))
        if header.name in named:
            votes.append((0, named[header.name].column))
        below = [column for row, column in words.get(header.label, ()) if row == top] if header.label else []
        if len(below) > header.nth:
            votes.append((0, below[header.nth]))
        winner = _vote(votes)
        if winner is None and votes:
            disputed.append(f"{table}.{id}")
        if winner is not None:
            yield id, winner[1]


def _header_row(words: Words, form: Form, table: str, named: Mapping[str, Merge]) -> int:
    """The row that holds most of the table's labels; where two hold as many, the one its name stands under."""
    labels = {header.label for header in _header(form, table).values() if header.label}
    rows = Counter(row for label in labels for row, _ in words.get(label, ()))
    expected = named[table].row - 1 if table in named else -1
    return min(rows, key=lambda row: (-rows[row], abs(row - expected), row), default=expected)


def _rows(
    sheet: Sheet, table: str, tops: Mapping[str, int], marks: _Marks, columns: Mapping[str, int]
) -> Iterator[Row]:
    """The table's rows from its header down to where something else begins; a row that a person added has no key."""
    header = tops[table]
    ends = [row for row in marks.ids.values() if row > header]
    ends += [top for other, top in tops.items() if other != table and top > header]
    end = min(ends) if ends else sheet.corner[0] + 1
    keyed = [row for row in marks.keys if header < row < end]
    last = max(keyed, default=header)
    for row in range(header + 1, end):
        key = marks.keys.get(row, "")
        if key or any(sheet.value(row, column) not in (None, "") for column in columns.values()):
            yield Row(row, key)
        elif row > last:
            break


def _headers(
    sheet: Sheet, form: Form, rows: Mapping[str, tuple[Row, ...]], columns: Mapping[str, Mapping[str, int]]
) -> Iterator[tuple[str, str]]:
    for table, places in columns.items():
        if rows[table]:
            for id, column in places.items():
                yield f"{table}.{id}", sheet.text(rows[table][0].row - 1, column)


def _lines(form: Form, marks: _Marks) -> Iterator[tuple[str, Place]]:
    """Where the title stands, and the line that names the unit."""
    for word, (row_id, column_id) in _line_ids(form).items():
        row, column = marks.ids.get(row_id), marks.columns.get(column_id)
        if row is not None and column is not None:
            yield word, (row, column)


@lru_cache(maxsize=64)
def _line_ids(form: Form) -> Mapping[str, tuple[str, str]]:
    """The row id and column id of the title, and of the line that names the unit, where the form shows them."""
    blank = blank_layout(form)
    ids = row_ids(blank)
    found: dict[str, tuple[str, str]] = {}
    for box in blank.boxes:
        unit = all(word in box.text for word in ("unit.code", "unit.name"))
        word = "title" if box.role == "title" else "unit" if unit else ""
        if word:
            found.setdefault(word, (ids[box.row], f"c{box.column - blank.first_column + 1}"))
    return found
