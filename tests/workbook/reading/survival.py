"""What becomes of a workbook's answers when a person changes it: sent back through LibreOffice, read, judged.

A field is right when it holds its own value; a row when all its cells come from one row of the sheet. What is not right
must be said for that very field, its row, its table or its sheet; what still stands on a sheet must not be lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from office import person
from office.desk import CannotBeDone, Desk
from office.libreoffice import LibreOffice, OfficeError
from office.person import Change
from workbook.reading.unique import Case, Key, Truth, shared

from perfxl.errors import PerfxlError
from perfxl.form.answers import flatten, get, nest, without_rows
from perfxl.form.form import Field
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook

# --- changed by a person --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """What came back: the file, and what a person saw on its sheets before it was saved, by `spelled`.

    ``put``: fields that hold another value because the person put it there, as their cell shows it; ``added``: rows
    that the person typed; ``strays``: words that belong to no field; ``foreign``: another unit's sheet stands there.
    """

    name: str
    data: bytes
    shown: Counter[str]
    put: Sequence[tuple[str, Any]]
    added: Sequence[Mapping[str, Any]]
    strays: Sequence[str]
    foreign: bool


def send(office: LibreOffice, case: Case, *changes: Change) -> Sent:
    """The workbook after these changes. Raises CannotBeDone."""
    document = office.open(case.path, hidden=True)
    desk = Desk(office, document, case.changed.page.name, case.sketch, case.other, case.foreign_sketch)
    desk.document.calculate_later()
    try:
        person.do(desk, *changes)
        desk.document.recalculate(hard=False)
        sheets = [desk.document.look_over(sheet) for sheet in desk.document.sheets()]
        target = case.path.with_name(desk.file)
        desk.document.save_as(target, desk.filter)
    finally:
        for each in (desk.document, *desk.closing):
            each.close()
    data = target.read_bytes()
    target.unlink()
    for step in desk.steps:
        data = step(data)
    shown = Counter(spelled(value) for sheet in sheets for value in sheet.values() if value is not None)
    return Sent(desk.file, data, shown, desk.put, desk.added, desk.strays, desk.foreign)


def spelled(value: Any) -> str:
    """A value as it is compared: white space and the way a number is written make no difference."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{float(value):.6g}"
    if isinstance(value, (list, tuple)):
        return "".join(spelled(each) for each in value)
    return "".join(str(value).split())


def spellings(asked: Field, value: Any) -> set[str]:
    """How a value may stand in a cell."""
    found = {spelled(asked.type.show(value))}
    if asked.type.name == "percent":
        found.add(f"{spelled(value)}%")
    if asked.type.name == "money":
        found |= {f"{value:.2f}", f"{value:,.2f}"}
    return found


def shown_as(asked: Field, value: Any) -> str:
    """What was read, as its cell would show it; a text that could not be understood stays as it is."""
    try:
        return spelled(asked.type.show(value))
    except (TypeError, ValueError):
        return spelled(value)


# --- judged ---------------------------------------------------------------------------------------------------------

WHOLE = ("twice", "stacked", "identity")
"""The doubts that say of a sheet that none of its answers is believed as it stands."""


@dataclass
class Verdict:
    """What became of a workbook.

    ``result``: right, said (something is missing or wrong, and that is said), refused, silent, impossible (the change
    cannot be done); ``silent``: what is wrong and not said; ``lost``: what stands on a sheet and was neither read nor
    said; ``submissions``: what was read; ``reason``: why it was refused or is impossible.
    """

    result: str = "right"
    silent: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    submissions: tuple[Submission, ...] = ()
    reason: str = ""
    error: PerfxlError | None = None


def survive(office: LibreOffice, case: Case, *changes: Change) -> Verdict:
    """What becomes of a workbook that a person changed so."""
    reason = ""
    for _ in range(3):  # LibreOffice falls over now and then, twice in a row seldom: then again with a fresh one
        try:
            return judge(case, send(office, case, *changes))
        except CannotBeDone as impossible:
            return Verdict("impossible", reason=str(impossible))
        except OfficeError as error:
            reason = str(error)
    return Verdict("impossible", reason=reason)


def judge(case: Case, sent: Sent) -> Verdict:
    """What was read of a workbook, held against what stands on it."""
    try:
        found = read_workbook(Workbook(open_bytes(sent.data, sent.name)))
    except PerfxlError as refused:
        return Verdict("refused", reason=type(refused).__name__, error=refused)
    judged = _Judge(case, sent, tuple(each.submission for each in found))
    judged.all()
    return judged.verdict


Read = tuple[int, Submission, dict[str, str]]
"""A row that was read: how many cells it holds, of which sheet, the paths of its own cells by column."""


class _Judge:
    """The verdict on one workbook, growing."""

    def __init__(self, case: Case, sent: Sent, found: tuple[Submission, ...]) -> None:
        self.sent, self.found = sent, found
        self.truths = {truth.key: truth for truth in (*case.truths, *([case.foreign] if sent.foreign else ()))}
        self.changed, self.form = case.changed, case.changed.form
        self.verdict = Verdict(submissions=found)
        self.reads: dict[tuple[Key, str, str], list[Read]] = {}

    def all(self) -> None:
        keys = [self._whose(each) for each in self.found]
        for each, key in zip(self.found, keys, strict=True):
            self._head(each, self.truths[key])
            self._rows(each, self.truths[key])
        kinds = {doubt.kind for each in self.found for doubt in each.doubts}
        if len(set(keys)) < len(keys) and not kinds & {*WHOLE, "copy"}:
            self.verdict.silent.append("two sheets are one project's")
        self._twice()
        self._lost()
        out = self.verdict
        out.result = "silent" if out.silent or out.lost else "said" if out.wrong or out.missing else "right"

    def _whose(self, each: Submission) -> Key:
        """The sheet that a submission says it is; where it says nothing, that which most of its values are of."""
        key = (each.unit_code, each.record.get("number") or 0)
        if key in self.truths:
            return key
        there = set(self._values(each))
        alike = {
            key: sum(bool(spellings(asked, value) & there) for _, asked, value in truth.typed())
            for key, truth in self.truths.items()
        }
        return max(alike, key=lambda key: alike[key])

    def _values(self, each: Submission) -> Iterator[str]:
        """All that is in a record, as the cells would show it."""
        flat = flatten(self.form, each.record)
        yield from (shown_as(self.form.fields[id], value) for id, value in flat.head.items() if value is not None)
        for table, rows in flat.rows.items():
            columns = self.form.tables[table].columns
            yield from (shown_as(columns[id], value) for row in rows for id, value in row.items() if value is not None)

    # the head

    def _head(self, each: Submission, truth: Truth) -> None:
        for id, asked in self.form.fields.items():
            value, own = get(each.record, id), truth.answers.head[id]
            right = {spelled(put) for name, put in self.sent.put if name == id}
            right |= spellings(asked, own) if own is not None else set()
            if value is not None and shown_as(asked, value) not in right:
                self._wrong(each, id, value)
            elif value is None and own is not None and not asked.given and self._stands(asked, own):
                self.verdict.missing.append(id)

    # rows

    def _rows(self, each: Submission, truth: Truth) -> None:
        flat = flatten(self.form, each.record)
        _, paths = nest(self.form, flat)
        for table, rows in flat.rows.items():
            for index, row in enumerate(rows):
                if any(value is not None for value in row.values()):
                    where = {id: paths.get((table, index, id), table) for id in row}
                    self._row(each, truth, table, where, row)

    def _row(
        self, each: Submission, truth: Truth, table: str, paths: Mapping[str, str], row: Mapping[str, Any]
    ) -> None:
        """The cells of a row of which nothing is said must all be of one row on the sheet, each in its own column."""
        held = {id: value for id, value in row.items() if value is not None}
        unsaid = {id: value for id, value in held.items() if not said(each, paths[id])}
        owner, fits = self._owner(truth, table, held)
        wrong = [id for id in held if id not in fits]
        if self._owner(truth, table, unsaid)[1] == set(unsaid):
            self.verdict.wrong += [f"{each.sheet}:{paths[id]}" for id in wrong]
        else:
            for id in wrong:
                self._wrong(each, paths[id], held[id])
        if owner:
            own = {id: paths[id] for id in fits if not shared(self.form, table, id)}
            self.reads.setdefault((truth.key, table, owner), []).append((len(held), each, own))
            whole, columns = self._whole(truth, table, owner), self.form.tables[table].columns
            lacks = [id for id in row if row[id] is None and whole.get(id) is not None]
            self.verdict.missing += [paths[id] for id in lacks if self._stands(columns[id], whole[id])]

    def _owner(self, truth: Truth, table: str, cells: Mapping[str, Any]) -> tuple[str, set[str]]:
        """The row of the sheet that most of these cells are of, and the columns in which they are its own."""
        names = [str(at) for at in range(len(truth.answers.rows.get(table, ())))]
        if table == next(iter(self.form.tables)) and truth is self.changed:
            names += [f"+{at}" for at in range(len(self.sent.added))]
        best: tuple[int, int, str, set[str]] = (0, 0, "", set())
        for name in names:
            fits = self._fits(truth, table, name, cells)
            own = sum(not shared(self.form, table, id) for id in fits)
            if (own, len(fits)) > best[:2]:
                best = (own, len(fits), name, fits)
        return (best[2] if best[0] else ""), best[3]

    def _fits(self, truth: Truth, table: str, name: str, cells: Mapping[str, Any]) -> set[str]:
        """The columns in which these cells are the row's own; a blank outer value is that of the row above."""
        whole, columns = self._whole(truth, table, name), self.form.tables[table].columns
        put = {(id, spelled(value)) for id, value in self.sent.put}
        return {
            id
            for id, value in cells.items()
            if (whole.get(id) is not None and shown_as(columns[id], value) in spellings(columns[id], whole[id]))
            or (f"[{name}].{id}", shown_as(columns[id], value)) in put
            or (whole.get(id) is None and id == "areas.name")
        }

    def _whole(self, truth: Truth, table: str, name: str) -> Mapping[str, Any]:
        return self.sent.added[int(name[1:])] if name.startswith("+") else truth.answers.rows[table][int(name)]

    def _twice(self) -> None:
        """Rows that are read more often than they stand on the sheets."""
        for (key, table, name), reads in self.reads.items():
            whole, columns = self._whole(self.truths[key], table, name), self.form.tables[table].columns
            own = [id for id, value in whole.items() if value is not None and not shared(self.form, table, id)]
            times = [sum(self.sent.shown[way] for way in spellings(columns[id], whole[id])) for id in own]
            for _, each, paths in sorted(reads, key=lambda read: -read[0])[max([1, *times]) :]:
                for path in paths.values():
                    self._wrong(each, path, "read twice")

    # what is said

    def _stands(self, asked: Field, value: Any) -> bool:
        """Whether it still stands on a sheet, in another place than where the person put it."""
        ways = spellings(asked, value)
        put = sum(spelled(value_) in ways for _, value_ in self.sent.put)
        return sum(self.sent.shown[way] for way in ways) > put

    def _wrong(self, each: Submission, path: str, value: Any) -> None:
        text = f"{each.sheet}:{path}={value!r}"
        self.verdict.wrong.append(text)
        if not said(each, path):
            self.verdict.silent.append(text)

    def _lost(self) -> None:
        """What still stands on some sheet and is in no record and in no words about it."""
        there = {value for each in self.found for value in self._values(each)}
        there |= {spelled(word) for each in self.found for word in _words(each)}
        words = "|".join(there)
        for name, ways in self._typed():
            inside = any(way.rstrip("。；") in words for way in ways if len(way) > 4)  # of a longer text
            if not there & ways and not inside and any(self.sent.shown[way] for way in ways):
                self.verdict.lost.append(f"{name}: {min(ways, key=len)}")

    def _typed(self) -> Iterator[tuple[str, set[str]]]:
        for truth in self.truths.values():
            yield from ((name, spellings(asked, value)) for name, asked, value in truth.typed())
        table = next(iter(self.form.tables))
        for row in self.sent.added:
            for id, value in row.items():
                if value is not None and not shared(self.form, table, id):
                    yield id, {spelled(value)}
        yield from (("stray", {spelled(text)}) for text in self.sent.strays)


def _words(each: Submission) -> Iterator[str]:
    """All that a submission says beside its record."""
    yield from (note.raw for note in each.notes if isinstance(note.raw, str))
    yield from (left.text for left in each.unplaced)
    yield from (str(note.raw) for note in each.notes if note.problem)
    yield from (str(doubt.facts) for doubt in each.doubts)


def said(each: Submission, path: str) -> bool:
    """Whether something is said of this very field, its row, its column, its table or its sheet."""
    if any(note.field == path and note.problem for note in each.notes):
        return True
    if any(doubt.kind in WHOLE for doubt in each.doubts):
        return True
    plain = without_rows(path)
    for name in (*each.disputed, *(name for doubt in each.doubts for name in doubt.fields)):
        if name in (path, plain) or path.startswith((f"{name}.", f"{name}[")) or plain.startswith(f"{name}."):
            return True
    return False
