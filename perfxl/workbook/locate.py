"""Where the answers stand on a returned sheet: three marks are asked and take a vote; addresses are never trusted.

A head field is found by its row id and column id, by its defined name, and by its visible label; a table's column
likewise, its rows by their row keys. Where the marks disagree, the majority is believed and the dissent is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form.answers import Answers
from perfxl.form.form import Form, load
from perfxl.form.layout import Box, Layout, begin, place, shape
from perfxl.errors import UnknownForm
from perfxl.workbook.cells import Merge, Sheet, Workbook, corners
from perfxl.workbook.names import column_name, row_ids
from perfxl.workbook.identity import BOOK_NAME, PRINTED, PROPERTY, SHEET_NAME, Identity, Mark, loads, parse_mark

Place = tuple[int, int]
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
    head: Mapping[str, Place]
    columns: Mapping[str, Mapping[str, int]]
    rows: Mapping[str, tuple[Row, ...]]
    headers: Mapping[str, str]
    title: str | None
    mark_row: int
    key_column: int
    lost: tuple[str, ...]
    disputed: tuple[str, ...]


def locate(workbook: Workbook) -> Iterator[Located]:
    """Every form sheet of the workbook, in its order."""
    hidden = dict(_hidden_identities(workbook))
    book = parse_mark(workbook.properties.get(PROPERTY, "")) or _named_mark(workbook, None, BOOK_NAME)
    for entry in workbook.sheets:
        names = {name.name: name.text for name in workbook.names if name.sheet == entry.index}
        if entry.state != "visible" and not names:
            continue
        sheet = workbook.sheet(entry)
        found = _recognised(workbook, sheet, names, hidden, book)
        if found is not None:
            yield found


def _named_mark(workbook: Workbook, sheet: int | None, word: str) -> Mark | None:
    for name in workbook.names:
        if name.name == word and (sheet is None or name.sheet == sheet):
            return parse_mark(name.text.strip().strip('"'))
    return None


def _hidden_identities(workbook: Workbook) -> Iterator[tuple[str, tuple[Identity, dict[str, object]]]]:
    """The identities on the hidden sheet, by printed code, with what each sheet went out with."""
    for entry in workbook.sheets:
        if entry.state == "visible":
            continue
        sheet = workbook.sheet(entry)
        for text in sheet.texts.values():
            if text.startswith("{") and (found := loads(text)):
                yield found[0].printed, found


def _recognised(
    workbook: Workbook,
    sheet: Sheet,
    names: Mapping[str, str],
    hidden: Mapping[str, tuple[Identity, dict[str, object]]],
    book: Mark | None,
) -> Located | None:
    corner = next((mark for text in sheet.texts.values() if text.startswith("px|") and (mark := parse_mark(text))), None)
    named = _named_mark(workbook, sheet.entry.index, SHEET_NAME)
    printed = next((found[0] for text in sheet.texts.values() if "识别码" in text and (found := PRINTED.search(text))), "")
    mark = corner or named
    if mark is None and not (printed and book and _looks_like(sheet, book.form)):
        return None
    code = _majority([code for code in (corner and corner.printed, named and named.printed, printed) if code])
    form_name, version = (mark.form, mark.version) if mark else (book.form, book.version) if book else ("", "")
    try:
        form = load(form_name)
    except UnknownForm:
        return None
    known = hidden.get(code)
    present = {"property": book, "name": named, "hidden_sheet": known, "corner": corner, "printed": printed}
    lost = tuple(word for word, value in present.items() if not value)
    return _placed(sheet, form, version, code, known, names, lost)


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
    known: tuple[Identity, dict[str, object]] | None,
    names: Mapping[str, str],
    lost: tuple[str, ...],
) -> Located:
    marks = _marks(sheet, form)
    named = {name[3:]: merge for name, text in names.items() if name.startswith("px.") and (merge := _target(text))}
    disputed: list[str] = []
    head = dict(_head(sheet, form, marks, named, disputed))
    columns = {table: dict(_columns(sheet, form, table, marks, named, disputed)) for table in form.tables}
    identity = known[0] if known else None
    rows = {table: tuple(_rows(sheet, form, table, marks, named, columns[table])) for table in form.tables}
    return Located(
        sheet=sheet,
        form=form,
        version=version,
        identity=identity,
        printed=code,
        given=known[1] if known else {},
        head=head,
        columns=columns,
        rows=rows,
        headers=dict(_headers(sheet, form, rows, columns)),
        title=_title(sheet, form, marks),
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
    doubled: frozenset[str]


_COLUMN_ID = re.compile(r"c\d+")
_ROW_ID = re.compile(r"r\d+")


def _marks(sheet: Sheet, form: Form) -> _Marks:
    column_ids = {at: text for at, text in sheet.texts.items() if _COLUMN_ID.fullmatch(text)}
    row_ids_ = {at: text for at, text in sheet.texts.items() if _ROW_ID.fullmatch(text)}
    keys = {at: text for at, text in sheet.texts.items() if KEY.fullmatch(text)}
    mark_row = Counter(row for row, _ in column_ids).most_common(1)[0][0] if column_ids else 0
    below = Counter(column for _, column in [*row_ids_, *keys])
    key_column = below.most_common(1)[0][0] if below else (0 if form.sheet.key == "before" else form.sheet.column + len(form.sheet.columns))
    ids = [(text, row) for (row, column), text in row_ids_.items() if column == key_column]
    times = Counter(text for text, _ in ids)
    return _Marks(
        mark_row=mark_row,
        key_column=key_column,
        columns={text: column for (row, column), text in column_ids.items() if row == mark_row},
        ids={text: row for text, row in ids if times[text] == 1},
        keys={row: text for (row, column), text in keys.items() if column == key_column},
        doubled=frozenset(text for text, count in times.items() if count > 1),
    )


@lru_cache(maxsize=64)
def _blank(form: Form) -> Layout:
    """The layout of a blank form: what stands beside what does not depend on the number of rows."""
    nothing = begin(form, Answers(dict.fromkeys(form.fields), {}))
    return place(form, shape(form, nothing))


@dataclass(frozen=True)
class _Anchor:
    """How a head field is found: its row id and column id; its label, which of the equal ones, and the way from there."""

    row_id: str
    column_id: str
    label: str
    nth: int
    down: int
    right: int


@lru_cache(maxsize=64)
def _anchors(form: Form) -> dict[str, _Anchor]:
    layout = _blank(form)
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
    return next((label for label in labels if label.row <= box.row <= label.end[0] and label.end[1] + 1 == box.column), None)


def _plain(text: str) -> str:
    return re.sub(r"\s|　", "", text).replace("(", "（").replace(")", "）").replace(":", "：")


def _head(
    sheet: Sheet, form: Form, marks: _Marks, named: Mapping[str, Merge], disputed: list[str]
) -> Iterator[tuple[str, Place]]:
    labels: dict[str, list[Place]] = {}
    for at, text in sorted(sheet.texts.items()):
        labels.setdefault(_plain(text), []).append(at)
    for id, anchor in _anchors(form).items():
        votes: list[Place] = []
        if anchor.row_id in marks.ids and anchor.column_id in marks.columns:
            votes.append((marks.ids[anchor.row_id], marks.columns[anchor.column_id]))
        if id in named:
            votes.append((named[id].row, named[id].column))
        places = labels.get(anchor.label, [])
        if anchor.label and len(places) > anchor.nth:
            row, column = places[anchor.nth]
            votes.append((row + anchor.down, column + anchor.right))
        winner = _vote(votes)
        if winner is None and votes:
            disputed.append(id)
        if winner is not None:
            yield id, winner


def _vote(votes: list[Place]) -> Place | None:
    """The place most marks name; None where each names another."""
    if not votes:
        return None
    (place_, count), *others = Counter(votes).most_common()
    return None if others and others[0][1] == count else place_


def _columns(
    sheet: Sheet, form: Form, table: str, marks: _Marks, named: Mapping[str, Merge], disputed: list[str]
) -> Iterator[tuple[str, int]]:
    blank = _blank(form)
    header_row = _header_row(sheet, form, table, marks, named)
    for id, at in blank.tables[table].columns.items():
        votes = []
        if (word := f"c{at - blank.first_column + 1}") in marks.columns:
            votes.append((0, marks.columns[word]))
        if (name := column_name(form.tables[table], id)[3:]) in named:
            votes.append((0, named[name].column))
        label = form.tables[table].columns[id].label
        below = [column for (row, column), text in sheet.texts.items() if row == header_row and label and _plain(text) == _plain(label[-1])]
        nth = sum(1 for other, column in blank.tables[table].columns.items() if column < at and form.tables[table].columns[other].label == label)
        if len(below) > nth:
            votes.append((0, sorted(below)[nth]))
        winner = _vote(votes)
        if winner is None and votes:
            disputed.append(f"{table}.{id}")
        if winner is not None:
            yield id, winner[1]


def _header_row(sheet: Sheet, form: Form, table: str, marks: _Marks, named: Mapping[str, Merge]) -> int:
    """The row that holds most of the table's labels; where two hold as many, the one its name stands under."""
    labels = {_plain(asked.label[-1]) for asked in form.tables[table].columns.values() if asked.label}
    rows = Counter(row for (row, _), text in sheet.texts.items() if _plain(text) in labels)
    expected = named[table].row - 1 if table in named else -1
    best = sorted(rows, key=lambda row: (-rows[row], abs(row - expected)))
    return best[0] if best else expected


def _rows(
    sheet: Sheet, form: Form, table: str, marks: _Marks, named: Mapping[str, Merge], columns: Mapping[str, int]
) -> Iterator[Row]:
    """The table's rows from its header down to where something else begins; a row that a person added has no key."""
    header = _header_row(sheet, form, table, marks, named)
    ends = [row for row in marks.ids.values() if row > header]
    ends += [other for each in form.tables if each != table and (other := _header_row(sheet, form, each, marks, named)) > header]
    end = min(ends, default=max((row for row, _ in sheet.cells), default=0) + 1)
    keyed = [row for row in marks.keys if header < row < end]
    last = max(keyed, default=header)
    inputs = [column for id, column in columns.items()]
    for row in range(header + 1, end):
        key = marks.keys.get(row, "")
        filled = any(sheet.raw(row, column).value not in (None, "") for column in inputs)
        if key or filled:
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


def _title(sheet: Sheet, form: Form, marks: _Marks) -> str | None:
    blank = _blank(form)
    box = next((box for box in blank.boxes if box.role == "title"), None)
    if box is None:
        return None
    row = marks.ids.get(row_ids(blank)[box.row])
    column = marks.columns.get(f"c{box.column - blank.first_column + 1}")
    return sheet.text(row, column) or None if row is not None and column is not None else None
