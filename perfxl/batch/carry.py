"""Carry last year's answers into this year's list: the given values of this year, the texts of last year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from perfxl import extensions, records
from perfxl.batch import output as files
from perfxl.batch.arguments import check_arguments
from perfxl.batch.carried_record import CarriedRecord, LeftOut, OldText, carry_record
from perfxl.batch.form_records import check_records_shape
from perfxl.batch.former_records import How, Marks, Names, Pair, limits, pair_records, scheme_of
from perfxl.batch.known_forms import with_forms
from perfxl.batch.sources import FormSource, RulesSource, load_form, load_rules
from perfxl.batch.spool import spool
from perfxl.batch.targets import check_distinct
from perfxl.batch.unit_records import RecordsSource, gather_units
from perfxl.errors import CarryError, NothingToDo, PerfxlError, RecordsError
from perfxl.form import code_scheme, installed
from perfxl.form.answers import get
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.installed import DEFAULT
from perfxl.form.last_year import LastYear, OldTextReader, PlainReader
from perfxl.form.types.money import IN_YUAN, Money
from perfxl.records import unit_label
from perfxl.workbook.sheet.file_name import safe_name

Content = Mapping[str, Any]


class Origin(NamedTuple):
    """A record of this year and where its answers come from.

    ``former``: last year's record, None for none, and ``former_at`` its place; ``how``: the mark by which it was found;
    ``likeness``: of the names, 0 to 100; ``rivals``: last year's records that it may be as well; ``beside``: this
    year's records that resemble these, too. ``answers``: the number that came from last year; ``left_out``: what this
    year's form does not take; ``old_texts``: last year's times, document numbers and amounts in the texts.
    """

    marks: Marks
    how: How
    former: Marks | None = None
    likeness: float = 0
    rivals: tuple[Marks, ...] = ()
    beside: tuple[Marks, ...] = ()
    former_at: int | None = None
    answers: int = 0
    left_out: tuple[LeftOut, ...] = ()
    old_texts: tuple[OldText, ...] = ()


class EndedRecord(NamedTuple):
    """A record of last year that does not come again; ``near``: this year's records that it resembles."""

    marks: Marks
    near: tuple[Marks, ...] = ()


@dataclass(frozen=True)
class CarriedUnit:
    """A unit's records file of this year, as content, and what became of each record of both years.

    ``name``: of its file, without the ending; ``former``: last year's content, None where it has none; ``path``: where
    the file was written.
    """

    name: str
    records: Content
    origins: tuple[Origin, ...]
    ended: tuple[EndedRecord, ...] = ()
    former: Content | None = None
    path: Path | None = None


@dataclass(frozen=True)
class CarriedRecords:
    """What was carried: ``units`` of a ``year``; ``refused``: why nothing was; ``notes``: what is said beside."""

    year: int = 0
    units: tuple[CarriedUnit, ...] = ()
    refused: tuple[PerfxlError, ...] = ()
    notes: tuple[PerfxlError, ...] = ()


@with_forms
def carry(
    last: RecordsSource | Sequence[RecordsSource],
    this: RecordsSource | Sequence[RecordsSource],
    *,
    year: int | None = None,
    form: FormSource = DEFAULT,
    rules: RulesSource = None,
    forms: Collection[str | Path] = (),
    output: str | Path | None = None,
    force: bool = False,
) -> CarriedRecords:
    """Carry last year's answers into the records of this year's list; ``generate`` with ``prefill="last"`` takes them.

    ``last``: records files, their content, folders or returned workbooks; ``this``: records with this year's codes,
    names and amounts; ``year``: this year, where these do not have it; ``rules``: how the county checks, which may name
    another taxonomy; ``output``: a records file, or a folder with one for each unit; without it nothing is written.
    Answers that are asked anew every year are not carried, texts stay as they were typed. Where anything is wrong
    nothing is written, and ``refused`` says all that is.
    """
    check_arguments(year=year, output=output, force=force)
    asked = load_rules(rules).form(load_form(form))
    with spool() as kept:
        former, listed = gather_units(_several(last), kept), gather_units(_several(this), kept)
        refused = [*former.refused, *listed.refused]
        former_contents, contents = list(former.contents()), list(listed.contents())
    if refused:
        return CarriedRecords(refused=tuple(refused))
    try:
        last_units, last_year = _last_units(former_contents, asked)
        this_year, notes = _this_year(contents, year, last_year, asked)
        this_units = [
            _numbered(_checked({**content, "year": this_year}, asked, unit.file), asked)
            for unit, content in zip(listed.units, contents, strict=True)
        ]
        former_units = _UnitsOfLastYear(last_units)
        refused += _mistakes(this_units, former_units, asked)
        if refused:
            return CarriedRecords(refused=tuple(refused))
        notes += _unit_notes(this_units, former_units, asked)
        years = frozenset(range(last_year - 1, this_year))
        made = [_carry_unit(content, former_units.find(content), asked, (years, this_year)) for content in this_units]
        going = [unit for unit in made if unit.records[asked.root]]  # of the others nothing is known in either year
        return CarriedRecords(this_year, tuple(_write(going, output, force)), (), tuple(notes))
    except PerfxlError as error:
        return CarriedRecords(refused=(error,))


def _several(sources: RecordsSource | Sequence[RecordsSource]) -> Sequence[RecordsSource]:
    return [sources] if isinstance(sources, (str, Path, Mapping)) else list(sources)


def reader_of(form: Form) -> OldTextReader:
    """Return what reads the texts of a form's records of last year: that of the first set of checks that brings one."""
    known = extensions.found("perfxl.last_year")
    for name in form.checks:
        if name in known:
            reader: OldTextReader = extensions.load("perfxl.last_year", name)
            return reader
    return PlainReader()


# The two years --------------------------------------------------------------------------------------------------------


def _last_units(units: Sequence[Content], form: Form) -> tuple[list[Content], int]:
    """Return what last year's units have of the form, and the year. Raises CarryError, NothingToDo."""
    mine = [content for content in units if form.records(content)]
    if not mine:
        raise CarryError(what="other_form", form=form.label, root=form.root, found=_roots(units))
    years = sorted({str(content.get("year") or "") for content in mine})
    if len(years) > 1:
        raise NothingToDo(what="several_years", years=years)
    year = mine[0].get("year")
    if not isinstance(year, int):
        raise CarryError(what="no_year", form=form.label)
    return mine, year


def _roots(units: Sequence[Content]) -> list[str]:
    """Return the tops of the records in the content of records files."""
    return sorted({key for one in units for key, value in one.items() if isinstance(value, (list, dict))} - {"unit"})


def _this_year(units: Sequence[Content], said: int | None, last_year: int, form: Form) -> tuple[int, list[PerfxlError]]:
    """Return this year, and a note where the list does not have it. Raises CarryError, NothingToDo."""
    notes: list[PerfxlError] = []
    years = {content["year"] for content in units if content.get("year") is not None} | ({said} if said else set())
    if len(years) > 1:
        raise NothingToDo(what="several_years", years=sorted(map(str, years)))
    year = years.pop() if years else None
    if year is None:
        count, of, year = _year_of_codes(units, form, last_year)
        notes.append(
            CarryError(what="year_of_codes", year=year, count=count, of=of)
            if count
            else CarryError(what="year_after", year=year)
        )
    if year <= last_year:
        raise CarryError(what="not_last", last=last_year, year=year, guessed=bool(notes))
    return year, notes


def _year_of_codes(units: Sequence[Content], form: Form, last_year: int) -> tuple[int, int, int]:
    """Return how many of how many codes have the year that most of them have, and this year; without any the next."""
    scheme = scheme_of(form)
    codes = [squeeze(form.code(record)).upper() for content in units for _, record in form.records(content)]
    fitting = [code for code in codes if scheme and code_scheme.matches(code, scheme)]
    if scheme is None or not fitting:
        return 0, 0, last_year + 1
    (year, count), *_ = Counter(int(scheme.part(code, "year")) for code in fitting).most_common(1)
    return count, len(fitting), last_year // 100 * 100 + year


def _checked(content: Content, form: Form, file: str) -> Content:
    """Return a unit of the list if its records are this form's. Raises RecordsError, with the name of its file."""
    try:
        return check_records_shape(content, form)
    except RecordsError as error:
        raise RecordsError(**{**error.facts, "file": file}) from error


def _numbered(content: Content, form: Form) -> Content:
    """Return a unit of the list with numbers for the records that have none, behind the highest that is there."""
    if not form.numbered:
        return content
    made = []
    last = max((form.number(record) for record in listed_records(content, form)), default=0)
    for record in listed_records(content, form):
        last += record.get(form.key) is None
        made.append({**record, form.key: last} if record.get(form.key) is None else record)
    return {**content, form.root: made}


def _mistakes(this: Sequence[Content], last: _UnitsOfLastYear, form: Form) -> Iterator[PerfxlError]:
    """Yield what is wrong with the list, or with both years together."""
    if not any(listed_records(content, form) for content in this):
        yield CarryError(what="empty_list", form=form.label)
        return
    for content in this:
        first: dict[tuple[str, str], Marks] = {}
        for marks in _marks(content, form) if form.many else ():
            for key in (("code", squeeze(marks.code)), ("name", "" if marks.code else squeeze(marks.name))):
                if key[1] and key in first:
                    facts = {"unit": unit_label(content), "first": first[key].number, "second": marks.number}
                    yield CarryError(what="listed_twice", **facts, name=marks.name or marks.code)
                    break
                first[key] = marks
    if not any(last.find(content) for content in this):
        yield CarryError(what="no_common_unit", this=[*map(unit_label, this)], last=[*map(unit_label, last.units)])


def _unit_notes(this: Sequence[Content], last: _UnitsOfLastYear, form: Form) -> list[PerfxlError]:
    """Return what is said of units that stand in one of the years only, and of other forms' records."""
    found = [last.find(content) for content in this]
    new = [unit_label(content) for content, former in zip(this, found, strict=True) if former is None]
    again = {id(former) for former in found}
    ended = [unit_label(content) for content in last.units if id(content) not in again]
    left = [root for root in _roots(last.units) if root != form.root]
    return [
        *([CarryError(what="new_units", units=new)] if new else ()),
        *([CarryError(what="ended_units", units=ended)] if ended else ()),
        *([CarryError(what="other_records", roots=left, forms=_forms_of(left))] if left else ()),
    ]


def _forms_of(roots: Collection[str]) -> list[str]:
    """Return the names of the known forms whose records stand under these tops."""
    return [form.name for form in installed.forms() if form.root in roots]


class _UnitsOfLastYear:
    """The content of last year's units, found by code, or by name where one of the two years has no code."""

    def __init__(self, units: Sequence[Content]) -> None:
        self.units = units
        self._by_code = {code: content for content in units if (code := _unit_mark(content, "code"))}
        self._by_name = {name: content for content in units if (name := _unit_mark(content, "name"))}

    def find(self, this: Content) -> Content | None:
        """Return what last year has of a unit of this year's list; None for nothing."""
        code = _unit_mark(this, "code")
        if code in self._by_code:
            return self._by_code[code]
        namesake = self._by_name.get(_unit_mark(this, "name"))
        return None if namesake is None or (code and _unit_mark(namesake, "code")) else namesake


def _unit_mark(content: Content, key: str) -> str:
    return squeeze(str((content.get("unit") or {}).get(key) or ""))


# One unit -------------------------------------------------------------------------------------------------------------


def listed_records(content: Content, form: Form) -> list[Content]:
    """Return the records that a unit is asked for; where it is asked for one only, that one may hold nothing yet."""
    found = [record for _, record in form.records(content)]
    return found if found or form.many else [{}]


def _marks(content: Content, form: Form) -> list[Marks]:
    """Return what each record of a unit is known by."""
    return [
        Marks(form.number(record) or at, _text_of(record.get("code")), _text_of(record.get("name")))
        for at, record in enumerate(listed_records(content, form), start=1)
    ]


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _carry_unit(this: Content, former: Content | None, form: Form, years: tuple[frozenset[int], int]) -> CarriedUnit:
    """Return a unit's records of this year, with what became of each record of both years."""
    reader = reader_of(form)
    old = [record for _, record in form.records(former or {})]
    here, there = _marks(this, form), _marks(former, form) if former else []
    if form.many:
        pairs = pair_records(here, there, form, reader)
    else:
        pairs = [Pair("alone", 0, 100) if old else Pair("new")] * len(here)
    made: list[Content] = []
    origins: list[Origin] = []
    for at, (pair, record) in enumerate(zip(pairs, listed_records(this, form), strict=True)):
        found = None
        if pair.former is not None:
            known = LastYear(*years, _amounts(old[pair.former], form), (there[pair.former].name, here[at].name))
            found = carry_record(form, record, old[pair.former], known, reader)
        made.append(found.record if found else record)
        origins.append(_origin(pair, at, here, there, found))
    content = {**this, form.root: made if form.many else made[0]}
    name = safe_name(unit_label(this)) or form.root
    return CarriedUnit(name, content, tuple(origins), tuple(_ended(here, there, pairs, Names(reader))), former)


def _origin(pair: Pair, at: int, here: Sequence[Marks], there: Sequence[Marks], found: CarriedRecord | None) -> Origin:
    """Return what is told of the record at a place of this year's list."""
    return Origin(
        here[at],
        pair.how,
        None if pair.former is None else there[pair.former],
        pair.likeness,
        tuple(there[one] for one in pair.rivals),
        tuple(here[one] for one in pair.beside),
        pair.former,
        *((found.answers, found.left_out, found.old_texts) if found else ()),
    )


def _ended(here: Sequence[Marks], there: Sequence[Marks], pairs: Sequence[Pair], names: Names) -> Iterator[EndedRecord]:
    """Yield the former records that no record of this year continues or may continue."""
    least = limits().least_likeness
    named = {pair.former for pair in pairs} | {rival for pair in pairs for rival in pair.rivals}
    for at, marks in enumerate(there):
        if at not in named:
            yield EndedRecord(marks, tuple(one for one in here if names.likeness(one.name, marks.name) >= least))


def _amounts(record: Content, form: Form) -> frozenset[tuple[Decimal, Decimal]]:
    """Return the amounts of money in the head of a record, as the field has them and in 元 (yuan)."""
    found = set()
    for id, asked in form.fields.items():
        value = get(record, id)
        if isinstance(asked.type, Money) and isinstance(value, (int, float)) and not isinstance(value, bool) and value:
            amount = Decimal(str(value))
            unit = asked.type.unit
            found.add((amount, amount * IN_YUAN.get(unit, Decimal(1)) if isinstance(unit, str) else amount))
    return frozenset(found)


# The files ------------------------------------------------------------------------------------------------------------


def _write(made: Sequence[CarriedUnit], output: str | Path | None, force: bool) -> Iterable[CarriedUnit]:
    """Write the records file of each unit. Raises NothingToDo, OutputExists, OutputFailed."""
    if output is None:
        return made
    target = Path(output)
    in_folder = files.is_for_several(target)
    if not in_folder and len(made) > 1:
        raise NothingToDo(what="one_file", count=len(made), file=str(target))
    paths = [target / f"{unit.name}.yaml" if in_folder else target for unit in made]
    check_distinct(paths)
    written = [records.to_bytes(unit.records, path) for unit, path in zip(made, paths, strict=True)]
    with files.write_together(force) as pending:
        for path, data in zip(paths, written, strict=True):
            pending.write(path, data)
    return [replace(unit, path=path) for unit, path in zip(made, paths, strict=True)]
