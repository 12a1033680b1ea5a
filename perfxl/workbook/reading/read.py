"""Reading of a returned workbook: every answer verbatim, with its cell, and understood where possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perfxl.errors import UnknownWorkbook
from perfxl.form import installed as forms
from perfxl.form.answers import Answers, nest
from perfxl.form.form import Field, Form
from perfxl.form.table_rows import number_rows
from perfxl.form.types.base import Raw, Understood
from perfxl.form.types.percent import Percent, as_fractions
from perfxl.submission import AnswerNote, Doubt, Submission
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.sheet_reader import Merge
from perfxl.workbook.reading.added_sheets import find_added_sheets
from perfxl.workbook.reading.answer import ReadAnswer, join_ticks, read_answer, read_cell
from perfxl.workbook.reading.copies import mark_copies
from perfxl.workbook.reading.doubts import ReadSheet, find_doubts
from perfxl.workbook.reading.group import read_group
from perfxl.workbook.reading.issue_values import issued_values, read_issue_values
from perfxl.workbook.reading.locate import LocatedSheet, locate_sheets
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.recalculation import judge_sums, place_differing, recalculate
from perfxl.workbook.reading.words import anchors, headers, phase_line
from perfxl.workbook.sheet.identity import PRINTED, is_own_key, key_number, phase_of, unit_of_sign


@dataclass(frozen=True, eq=False)
class Reading:
    """A submission together with the located sheet from which it was read, which flagging needs."""

    submission: Submission
    located: LocatedSheet


def read_submissions(path: Path) -> tuple[Submission, ...]:
    """Read the submissions in a workbook, one for each form sheet.

    Raises PackageError for a file that cannot be opened, UnknownWorkbook where no form is recognised.
    """
    return tuple(reading.submission for reading in read_workbook(Workbook(open_package(path))))


def read_workbook(workbook: Workbook) -> tuple[Reading, ...]:
    """Read the form sheets of an opened workbook. Raises UnknownWorkbook where there is none."""
    sheets = [Reading(_read_submission(located), located) for located in locate_sheets(workbook)]
    readings = list(_drop_repeated_doubts(sheets))
    if not readings:
        raise UnknownWorkbook(file=workbook.package.file, known=forms.names())
    codes = [reading.located.recognised.printed for reading in readings]
    submissions = mark_copies([reading.submission for reading in readings], codes)
    if about_file := tuple(_file_doubts(workbook, readings)):
        at, first = next((at, submission) for at, submission in enumerate(submissions) if submission is not None)
        submissions[at] = replace(first, doubts=(*first.doubts, *about_file))
    return tuple(
        replace(reading, submission=submission)
        for reading, submission in zip(readings, submissions, strict=True)
        if submission is not None
    )


_REPEATED = ("not_calculated", "lost_marks")
"""The doubts that are mostly the same for all sheets of a file, and are then reported for the first one alone."""


def _drop_repeated_doubts(readings: Sequence[Reading]) -> Iterator[Reading]:
    """Yield the readings without those doubts about the file that an earlier one has as well."""
    reported: list[Doubt] = []
    for reading in readings:
        doubts = tuple(doubt for doubt in reading.submission.doubts if doubt not in reported)
        reported += [doubt for doubt in doubts if doubt.kind in _REPEATED]
        same = len(doubts) == len(reading.submission.doubts)
        yield reading if same else replace(reading, submission=replace(reading.submission, doubts=doubts))


def _file_doubts(workbook: Workbook, readings: Sequence[Reading]) -> Iterator[Doubt]:
    """Yield the doubts about the file as a whole, which are reported once."""
    parts = {reading.located.sheet.entry.part for reading in readings}
    if sheets := [entry.name for entry in find_added_sheets(workbook, parts)]:
        yield Doubt("other_sheets", (), {"sheets": sheets, "count": len(sheets)}, of_file=True)
    if workbook.package.origin:
        yield Doubt("other_format", (), {"format": workbook.package.origin}, of_file=True)


def _read_head(located: LocatedSheet) -> dict[str, ReadAnswer]:
    """Read the answers of the head that have a cell."""
    form = located.cells_form
    taken = set(located.head.values())
    head = {
        id: read_answer(located.sheet, field, place, (anchor.rows, anchor.columns), taken)
        for id, field in form.fields.items()
        if (place := located.head.get(id)) is not None and (anchor := anchors(form)[id])
    }
    if any(answer.understood.problem == "ambiguous_percent" for answer in head.values()):
        head = dict(_decide_percents(form, head))
    return head if form is located.form else join_ticks(located.form.fields, head)


def _read_submission(located: LocatedSheet) -> Submission:
    form, sheet = located.form, located.sheet
    head = _read_head(located)
    rows = {table: _read_rows(located, table) for table in form.tables}
    answers = Answers(
        {
            id: value
            for id in form.fields
            if (value := _head_value(located, id, head.get(id))) is not None or id in head
        },
        {
            table: _number_added(form, table, tuple(_row_values(form, table, row) for row in table_rows), table_rows)
            for table, table_rows in rows.items()
        },
    )
    recalculated = recalculate(located, answers, head, rows)
    record, paths = nest(form, recalculated.answers)
    read_sheet = ReadSheet(located, recalculated.head, recalculated.rows, paths, recalculated.cells)
    differing = tuple(place_differing(form, recalculated.differing, paths))
    sums = tuple(judge_sums(located, recalculated.answers))
    notes = {path: note for path, answer in read_sheet.answers.items() if (note := _make_note(path, answer))}
    doubts, unplaced = find_doubts(read_sheet)
    unit_code, unit_name, year = _sender(located)
    phase, draft = _phase_and_draft(located)
    return Submission(
        file=sheet.workbook.package.file,
        sheet=sheet.name,
        form=form.name,
        version=located.recognised.version,
        year=year,
        unit_code=unit_code,
        unit_name=unit_name,
        record=record,
        notes=tuple(notes.values()),
        places={
            **{word: address(*at) for word, at in located.varying_texts.items() if word == "unit"},
            **dict(_header_places(located)),
            **{path: address(*answer.at) for path, answer in read_sheet.answers.items()},
            **{one.field: address(*at) for one, at in differing},
            **{shown.path: address(*shown.at) for shown in sums},
        },
        title=located.varying_text("title") or None,
        unit=located.varying_text("unit") or None,
        headers=dict(_header_texts(located)),
        issued={**dict(issued_values(located)), **located.recognised.given, **dict(_issued_rows(located, paths))},
        lost=located.recognised.lost,
        disputed=located.unfound,
        unplaced=unplaced,
        doubts=doubts,
        phase=phase,
        draft=draft,
        language=form.language if form.written else "",
        taxonomy=form.taxonomy if form.own_taxonomy else "",
        miscalculated=(*(one for one, _ in differing), *(shown.wrong for shown in sums if shown.wrong)),
        said=dict(read_issue_values(located)),
        untouched=tuple(dict.fromkeys(_untouched(located, head, rows, paths))),
    )


def _issued_rows(located: LocatedSheet, paths: Mapping[tuple[str, int, str], str]) -> Iterator[tuple[str, Any]]:
    """Yield the values that the rows of tables were issued with, each with its path; rows are known by their keys.

    Of rows that are gone the values stand together at the table's own path.
    """
    lost: dict[str, list[str]] = {}
    printed = located.recognised.printed
    for given in located.recognised.given_rows:
        rows = located.tables[given.table].rows if given.table in located.tables else ()
        own = [(at, key_number(row.key)) for at, row in enumerate(rows) if row.key and is_own_key(row.key, printed)]
        places = {number: at for at, number in own if any((given.table, at, name) in paths for name in given.columns)}
        for number, values in given.rows.items():
            if number not in places and any(value is not None for value in values):
                lost.setdefault(given.table, []).append("·".join(str(value) for value in values if value is not None))
        for number, at in places.items():
            for column, value in zip(given.columns, given.rows.get(number, ()), strict=False):
                if path := paths.get((given.table, at, column)):
                    yield path, value
    yield from ((table, "；".join(texts)) for table, texts in lost.items())


def _untouched(
    located: LocatedSheet,
    head: Mapping[str, ReadAnswer],
    rows: Mapping[str, Sequence[Mapping[str, ReadAnswer]]],
    paths: Mapping[tuple[str, int, str], str],
) -> Iterator[str]:
    """Yield the paths of the answers in which last year's text still stands as it went out; rows go by their keys."""
    printed, carried = located.recognised.printed, located.recognised.carried
    at_key: dict[tuple[str, int], int] = {}
    for table in {text.table for text in carried} & located.tables.keys():
        own = ((at, row.key) for at, row in enumerate(located.tables[table].rows) if row.key)
        at_key |= {(table, key_number(key)): at for at, key in own if is_own_key(key, printed)}
    for table, column, number, text in carried:
        place = at_key.get((table, number))
        answer = head.get(column) if not table else None if place is None else rows[table][place].get(column)
        path = column if not table else paths.get((table, place or 0, column))
        if answer and path and _holds(answer, text):
            yield path


def _holds(answer: ReadAnswer, text: str) -> bool:
    """Return whether a cell still holds a text as it went out."""
    value = answer.raw.value
    return isinstance(value, str) and value.replace("\r\n", "\n") == text.replace("\r\n", "\n")


def _decide_percents(form: Form, head: Mapping[str, ReadAnswer]) -> Iterator[tuple[str, ReadAnswer]]:
    """Yield the answers, a bare 1 being read in the way in which the other percentages of the sheet are written."""
    percents = {id: kind for id in head if isinstance(kind := form.fields[id].type, Percent)}
    fractions = as_fractions([head[id].raw for id in percents], form.signs)
    for id, answer in head.items():
        if id in percents and answer.understood.problem == "ambiguous_percent":
            answer = answer._replace(understood=percents[id].read(answer.raw, fractions))
        yield id, answer


def _head_value(located: LocatedSheet, id: str, answer: ReadAnswer | None) -> Any:
    """Return the value of a head field.

    A field that does not stand on the sheet has the value that the sheet was issued with, if any.
    """
    if answer is not None:
        return answer.understood.value
    if id in located.unfound:
        return None
    if id in located.recognised.given:
        return located.recognised.given[id]
    if id == located.form.key and (code := PRINTED.search(located.recognised.printed)):
        return int(code["number"]) or None
    return None


def _read_rows(located: LocatedSheet, table: str) -> list[Mapping[str, ReadAnswer]]:
    """Read a table's rows; the column by which the rows are grouped has one answer for a whole group."""
    sheet, form_table, whole = located.sheet, located.cells_form.tables[table], located.form.tables[table]
    cells, shared, plain = sheet.cells, located.tables[table].shared, sheet.plain
    spans = headers(located.form, table)
    by = form_table.groups.by if form_table.groups else ""
    columns = located.tables[table].columns
    merges = _merges_over(sheet, columns[by]) if by in columns else []
    wanted = [
        (id, field, columns[id], spans[id].columns)
        for id, field in form_table.columns.items()
        if id in columns and id != by
    ]
    taken = {*columns.values()}
    rows: list[Mapping[str, ReadAnswer]] = []
    labels: dict[Place, ReadAnswer] = {}
    for index, row in enumerate(located.tables[table].rows):
        answers: dict[str, ReadAnswer] = {}
        if by in columns:
            answers[by] = _read_group_answer(located, table, index, form_table.columns[by], merges, labels)
        for id, field, column, width in wanted:
            at = row.row, column
            cell = cells.get(at)
            if plain and cell is not None and cell.text is not None and cell.formula is None and not row.more:
                # the common case of read_answer, inlined because nearly all cells take it
                raw = sheet.workbook.raw(cell)
                answers[id] = ReadAnswer(at, raw, field.read(raw) if field.also else field.type.read(raw))
            elif at in shared:
                answers[id] = read_cell(sheet, field, shared[at], ("merged",))
            else:
                others = [(row.row, other) for other in taken] if width > 1 else ()
                answers[id] = read_answer(sheet, field, at, (1, width), others, row.more)
        rows.append(answers if form_table is whole else join_ticks(whole.columns, answers))
    return rows


def _merges_over(sheet: Worksheet, column: int) -> list[Merge]:
    """Return the merges of a sheet that cover a column."""
    return [merge for merge in sheet.merges if merge.column <= column <= merge.last_column]


def _read_group_answer(
    located: LocatedSheet,
    table: str,
    index: int,
    field: Field,
    merges: Sequence[Merge],
    labels: dict[Place, ReadAnswer],
) -> ReadAnswer:
    """Read the group of a row. ``labels``: the labels that have been read already, by their cells; it is added to."""
    groups = located.form.tables[table].groups
    assert groups
    group = read_group(located, table, groups, index, merges)
    if group.parent:
        return ReadAnswer(group.place, Raw(None), Understood(group.parent, ("by_class",)))
    if not group.sure:
        return ReadAnswer(group.place, located.sheet.raw(*group.place), Understood(None, (), "misplaced"))
    if group.place not in labels:
        labels[group.place] = read_cell(located.sheet, field, group.place)
    return labels[group.place]


def _row_values(form: Form, table: str, row: Mapping[str, ReadAnswer]) -> Mapping[str, Any]:
    """Return a row's values. A row that nobody used holds only its group and its number, and so counts as empty.

    A row that holds something of which the value is not known is not empty. One that only holds what it was sent out
    with, the defaults of its columns, is.
    """
    columns, prepared = form.tables[table].columns, form.tables[table].prepared
    values = {id: row[id].understood.value if id in row else None for id in columns}
    values |= dict.fromkeys(form.tables[table].calculated)
    blank = all(value is None for id, value in values.items() if id not in prepared)
    # a calculated cell that nobody calculated is no content
    puzzling = any(row[id].understood.problem for id in row if id not in prepared and columns[id].open)
    if prepared and blank and not puzzling:
        return dict.fromkeys(values)
    defaults = form.tables[table].defaults
    as_sent = all(value is None or id in prepared or value == defaults.get(id) for id, value in values.items())
    return dict.fromkeys(values) if defaults and as_sent and not puzzling else values


def _number_added(
    form: Form, table: str, rows: tuple[Mapping[str, Any], ...], read: Sequence[Mapping[str, ReadAnswer]]
) -> tuple[Mapping[str, Any], ...]:
    """Return the rows of a table with a number for those that a person added; ``read``: the rows as they were read."""
    for id, column in form.tables[table].columns.items():
        if column.numbering:
            blank = [all(value is None for value in row.values()) for row in rows]
            own = [row[id] for row, nothing in zip(rows, blank, strict=True) if not nothing]
            others = [row[id].understood.value for row in read if id in row]
            numbers = number_rows(column.numbering, own, others)
            rows = tuple(
                row if nothing else {**row, id: next(numbers)} for row, nothing in zip(rows, blank, strict=True)
            )
    return rows


def _header_places(located: LocatedSheet) -> Iterator[tuple[str, str]]:
    """Yield the cells of the tables' labels, at which findings about a whole table or column are placed."""
    for id, table in located.tables.items():
        if table.columns and table.top >= 0:
            known = headers(located.form, id)
            places = {name: address(table.top - known[name].up, column) for name, column in table.columns.items()}
            yield id, places[min(table.columns, key=table.columns.__getitem__)]
            asked = located.cells_form.tables[id].columns
            for name, place in reversed(places.items()):  # the first of tick columns stands for all
                yield f"{id}.{asked[name].whole.id}", place


def _header_texts(located: LocatedSheet) -> Iterator[tuple[str, str]]:
    """Yield the labels that stand above the tables' columns."""
    for id, table in located.tables.items():
        known = headers(located.form, id)
        for name, column in table.columns.items():
            yield f"{id}.{name}", located.sheet.text(table.top - known[name].up, column)


def _make_note(path: str, answer: ReadAnswer) -> AnswerNote | None:
    """Return a note on an answer that was read with a tolerance or a problem, else None."""
    understood = answer.understood
    if not (understood.how or understood.problem):
        return None
    return AnswerNote(path, address(*answer.at), answer.raw.value, understood.value, understood.how, understood.problem)


def _sender(located: LocatedSheet) -> tuple[str, str, int | None]:
    """Return the unit's code, the unit's name and the year, as issued, else as far as the printed code tells."""
    given = located.recognised.given
    code = PRINTED.search(located.recognised.printed)
    identity = located.recognised.identity
    unit = given.get("unit.code")
    if unit is None:
        unit = identity.unit if identity else unit_of_sign(code["unit"]) if code else ""
    year = given.get("year")
    if not isinstance(year, int):
        year = 2000 + int(code["year"]) if code else None
    return str(unit), str(given.get("unit.name") or ""), year


def _phase_and_draft(located: LocatedSheet) -> tuple[str, int | None]:
    """Return the phase in words and the number of the draft, as issued, else as the sheet and its printed code say."""
    recognised = located.recognised
    if identity := recognised.identity:
        return identity.phase or recognised.sent.get("phase") or _printed_phase(located), identity.draft
    code = PRINTED.search(recognised.printed)
    phase = _printed_phase(located) or (phase_of(code["letter"]) if code else "")
    return phase, int(code["draft"]) if code else None


def _printed_phase(located: LocatedSheet) -> str:
    """Return the phase that stands above the form, for sheets that lost it or never had it on the hidden sheet."""
    line = phase_line(located.form)
    return next((match[1] for text in located.sheet.texts.values() if line and (match := line.fullmatch(text))), "")
