"""Sheets that were read, as records: what a records file of their unit holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from perfxl.batch.spool import Spool
from perfxl.errors import NothingToDo
from perfxl.form import installed
from perfxl.records import unit_label
from perfxl.submission import Submission
from perfxl.workbook.sheet.file_name import safe_name


class SheetRecord(NamedTuple):
    """The record of a sheet with what tells to which unit's file it belongs; JSON data alone.

    ``sender``: the word for the unit that is no other unit's; ``said``: the issue values that stand on the sheet.
    """

    sender: str
    year: int | None
    unit_code: str
    unit_name: str
    form: str
    version: str
    said: Mapping[str, Any]
    record: Mapping[str, Any]
    file: str
    sheet: str

    @classmethod
    def of(cls, submission: Submission) -> SheetRecord:
        """Return the record of a sheet that was read."""
        issue = installed.load(submission.form, submission.version).issue
        values = {name: submission.issued.get(name, submission.said.get(name)) for name in issue if name != "year"}
        return cls(
            sender=submission.sender,
            year=submission.year,
            unit_code=submission.unit_code,
            unit_name=submission.unit_name,
            form=submission.form,
            version=submission.version,
            said={name: value for name, value in values.items() if value is not None},
            record=submission.record,
            file=submission.file,
            sheet=submission.sheet,
        )


Sender = tuple[str, int | None]
"""A unit, by the word for it, and a year: one records file is of these."""


class SheetRecords:
    """The records of many sheets in a temporary file; they come back unit by unit."""

    def __init__(self, kept: Spool) -> None:
        self._kept = kept
        self._places: dict[Sender, list[tuple[int, int]]] = {}  # the places of the file in the call, of the record
        self._units: dict[Sender, set[tuple[str, str]]] = {}

    def put(self, sheet: SheetRecord, file: int = 0) -> None:
        """Keep a sheet. ``file``: the place of its file among those of the call; in that order sheets come back."""
        key = (sheet.sender, sheet.year)
        self._places.setdefault(key, []).append((file, self._kept.put(sheet)))
        self._units.setdefault(key, set()).add((sheet.unit_code, sheet.unit_name))

    def put_all(self, file: int, sheets: Iterable[SheetRecord]) -> None:
        """Keep the sheets of a file, given by its place in the call."""
        for sheet in sheets:
            self.put(sheet, file)

    def senders(self) -> list[Sender]:
        """Return the units and years of which there are sheets, those of a unit together."""
        first: dict[str, tuple[int, int]] = {}
        for (sender, _), places in self._places.items():
            first[sender] = min(first.get(sender, places[0]), *places)
        return sorted(self._places, key=lambda key: (first[key[0]], min(self._places[key])))

    def content(self, key: Sender) -> dict[str, Any]:
        """Return what a records file of a unit and year holds. Raises NothingToDo where a record comes twice."""
        return _content([SheetRecord(*self._kept.at(place)) for _, place in sorted(self._places[key])])

    def only_content(self) -> dict[str, Any]:
        """Return what the records file holds; raises NothingToDo for no sheet, or for more than one unit or year."""
        senders = self.senders()
        if not senders:
            raise NothingToDo(what="nothing_read")
        if len(senders) > 1:
            units = sorted({(key[1], *unit) for key in senders for unit in self._units[key]}, key=str)
            raise NothingToDo(what="several_units", units=[f"{year} {code}{name}" for year, code, name in units])
        return self.content(senders[0])

    def contents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what each records file holds, with a name for it: 907001柳溪镇.

        A unit of which several years came has a file for each: 907001柳溪镇_2024. Raises NothingToDo for no sheet, or
        where a record comes twice.
        """
        senders = self.senders()
        if not senders:
            raise NothingToDo(what="nothing_read")
        years = Counter(sender for sender, _ in senders)
        taken: list[str] = []
        for sender, year in senders:
            content = self.content((sender, year))
            unit = unit_label(content)
            taken.append(_free_name(safe_name(f"{unit}_{year}" if years[sender] > 1 else unit), taken))
            yield taken[-1], content


def keep_sheets(submissions: Iterable[Submission], kept: Spool) -> SheetRecords:
    """Return sheets that were read as records in a temporary file."""
    sheets = SheetRecords(kept)
    for submission in submissions:
        sheets.put(SheetRecord.of(submission))
    return sheets


def _content(sheets: Sequence[SheetRecord]) -> dict[str, Any]:
    """Return the records of a unit's sheets as one records file holds them. Raises NothingToDo for one twice."""
    said = _issue_values(sheets)
    found: dict[Any, SheetRecord] = {}
    for sheet in sheets:
        key = _key(sheet)
        if key in found:
            raise NothingToDo(what="twice", sheet=sheet.sheet, first=found[key].file, second=sheet.file)
        found[key] = sheet
    year, code, name = min({(sheet.year, sheet.unit_code, sheet.unit_name) for sheet in sheets}, key=str)
    return {"year": year, "unit": {"code": code, "name": name}, **said, **_by_root(sheets)}


def _free_name(name: str, taken: Sequence[str]) -> str:
    """Return a name, with a number where it is taken; on many systems a name is the same in other letters' case."""
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 2)))
    lower = {one.lower() for one in taken}
    return next(one for one in names if one.lower() not in lower)


def _issue_values(sheets: Iterable[SheetRecord]) -> dict[str, Any]:
    """Return the issue values of these sheets. Raises NothingToDo where two have another one."""
    said: dict[str, Any] = {}
    for sheet in sheets:
        for name, value in sheet.said.items():
            if said.setdefault(name, value) != value:
                raise NothingToDo(what="several_values", name=name, values=[said[name], value], sheet=sheet.sheet)
    return said


def _key(sheet: SheetRecord) -> tuple[Any, ...]:
    """Return what no two records of a file share: for one of several its key, and its code or name."""
    form, record = installed.load(sheet.form, sheet.version), sheet.record
    if not form.many:
        return (form.root,)
    key = record.get(form.key)
    if key is None or not form.fields[form.key].given:  # what people number themselves, a check looks at
        return form.root, sheet.file, sheet.sheet
    return form.root, key, form.code(record) or record.get("name")


def _by_root(sheets: Iterable[SheetRecord]) -> dict[str, Any]:
    """Return the records under the tops of the file: first those of which a unit has one, then others by number."""
    single: dict[str, Any] = {}
    several: dict[str, list[Any]] = {}
    for sheet in sheets:
        form = installed.load(sheet.form, sheet.version)
        if form.many:
            several.setdefault(form.root, []).append((form.number(sheet.record), sheet.record))
        else:
            single[form.root] = sheet.record
    ordered = {root: sorted(numbered, key=itemgetter(0)) for root, numbered in several.items()}
    return {**single, **{root: [record for _, record in numbered] for root, numbered in ordered.items()}}
