"""The results of the sheets of stages, read file by file: what came of each project, without its workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfxl import records
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.batch.form_records import check_records_shape
from perfxl.batch.inbox import Item
from perfxl.batch.read import submissions_of_items
from perfxl.batch.results import Results
from perfxl.batch.sources import Source, list_sources
from perfxl.batch.stage import InstalledStage, load_stage, stages
from perfxl.batch.urls import is_url
from perfxl.batch.workers import run_all
from perfxl.errors import NothingToDo, OtherFile, PerfxlError, RecordsError, StageError
from perfxl.form.answers import put
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.records import ENDINGS
from perfxl.rules.review import subject_of, subjects_of_records
from perfxl.rules.subject import Subject
from perfxl.submission import Submission
from perfxl.summary import AskedProject, StageSheet


@dataclass(frozen=True)
class StageResults:
    """The results of a call, one for each project of each stage; none where that would be a guess.

    ``refused``: files that cannot be read, and why there are no results; ``notes``: what did not count, and
    why; ``others``: what lay beside workbooks.
    """

    sheets: tuple[StageSheet, ...]
    refused: tuple[PerfxlError, ...] = ()
    notes: tuple[PerfxlError, ...] = ()
    others: tuple[OtherFile, ...] = ()


def read_results(sources: Iterable[Source | Mapping[str, Any]], progress: Progress | None = None) -> StageResults:
    """Read workbooks and records, and return what came of each project; of several drafts the newest counts.

    There is nothing where no sheet is of a stage, where they are of several years, or where a project came twice with
    other answers and nothing tells which counts.
    """
    sheets: list[StageSheet] = []
    refused: list[PerfxlError] = []
    paths: list[Source] = []
    for source in sources:
        if isinstance(source, bytes) or (isinstance(source, str) and is_url(source)):
            paths.append(source)  # of URLs workbooks alone are taken
            continue
        try:
            for content, file in _records_of(source):
                sheets += _sheets_of_records(content, file)
        except PerfxlError as error:
            refused.append(error)
        if not isinstance(source, Mapping) and _has_workbooks(Path(source)):
            paths.append(source)
    listed = list_sources(paths)
    read: Results[StageSheet] = Results()
    run_all(sheets_of_items, listed.items, read, progress)
    others = tuple(one for one in listed.others if one.facts["what"] != "records" or is_url(one.facts["file"]))
    chosen, notes, mistakes = choose_sheets([*sheets, *read])
    told = (*refused, *listed.refused, *read.refused, *mistakes)
    return StageResults(() if mistakes else chosen, told, notes, others)


def sheets_of_items(
    items: Mapping[int, Item],
) -> tuple[dict[int, tuple[StageSheet, ...]], dict[int, PerfxlError]]:
    """Read files; return their sheets with what came of them, and errors, by the places of the files.

    No workbook is kept: the sheets of a unit are not held against each other.
    """
    made, refused = submissions_of_items(items)
    names = _stages_by_form()
    return {at: tuple(_sheet_of(one, names) for one in several) for at, several in made.items()}, refused


def unreported(
    stage: str, year: int | None, names: Mapping[str, str], projects: Iterable[AskedProject]
) -> Iterator[StageSheet]:
    """Yield a sheet without answers for each project of which nothing came. ``names``: of the units, by their codes."""
    made = load_stage(stage)
    form = load(made.form)
    for project in projects:
        record: dict[str, Any] = {"number": project.number, "code": project.code, "name": project.name}
        for path, value in project.given.items():
            if path in form.fields:
                put(record, path, value)
        unit = {"code": project.unit, "name": names.get(project.unit, "")}
        yield from _judged(stage, made, {"year": year, "unit": unit, form.root: [record]}, "")


def choose_sheets(
    sheets: Iterable[StageSheet],
) -> tuple[tuple[StageSheet, ...], tuple[PerfxlError, ...], tuple[PerfxlError, ...]]:
    """Return the sheet of each project that counts, what is said of the others, and why nothing can be said of all."""
    listed = list(sheets)
    strange = Counter(sheet.label for sheet in listed if not sheet.stage)
    of_stages = [sheet for sheet in listed if sheet.stage]
    mistakes: list[PerfxlError] = []
    if not of_stages:
        mistakes.append(NothingToDo(what="nothing_of_stages", forms=list(strange)))
    years = sorted({str(sheet.year) for sheet in of_stages if sheet.year})
    if len(years) > 1:
        mistakes.append(NothingToDo(what="several_years", years=years))
    notes: list[PerfxlError] = []
    if of_stages:
        notes += [StageError(what="other_form", form=form, count=count) for form, count in strange.items()]
    by_project: dict[tuple[Any, ...], list[StageSheet]] = {}
    for sheet in of_stages:
        known = sheet.number or (sheet.file, sheet.sheet)
        by_project.setdefault((sheet.stage, sheet.unit, known), []).append(sheet)
    chosen = []
    for same in by_project.values():
        newest, left, doubted = _newest(same)
        chosen.append(newest)
        notes += left
        mistakes += doubted
    return tuple(sorted(chosen, key=lambda sheet: (sheet.unit, sheet.number))), tuple(notes), tuple(mistakes)


def _newest(same: list[StageSheet]) -> tuple[StageSheet, list[PerfxlError], list[PerfxlError]]:
    """Return the sheet of the newest draft, why the others do not count, and those beside which it may not count."""
    newest = max(same, key=lambda sheet: sheet.draft or 0)
    notes: list[PerfxlError] = []
    mistakes: list[PerfxlError] = []
    for sheet in same:
        if sheet is newest:
            continue
        facts = {"project": sheet.project, "unit": sheet.unit_name, "first": newest.file, "second": sheet.file}
        equal = sheet.result == newest.result
        if not equal and (None in (sheet.draft, newest.draft) or sheet.draft == newest.draft):
            mistakes.append(NothingToDo(what="draft_twice", draft=sheet.draft, label=sheet.label, **facts))
            continue
        drafts = {"draft": sheet.draft, "newest": newest.draft}
        notes.append(
            StageError(
                what="same_again" if sheet.draft == newest.draft else "older_draft",
                label=sheet.label,
                **drafts,
                **facts,
            )
        )
    return newest, notes, mistakes


def _sheet_of(submission: Submission, names: Mapping[str, str]) -> StageSheet:
    form = load(submission.form, submission.version)
    stage = names.get(submission.form, "")
    record = submission.record
    return StageSheet(
        stage=stage,
        label=form.label,
        year=submission.year,
        unit=submission.sender or submission.file,
        unit_name=submission.unit_name or submission.sender or submission.file,
        number=form.number(record),
        name=str(record.get("name") or ""),
        draft=submission.draft,
        file=submission.file,
        sheet=submission.sheet,
        result=load_stage(stage).result(subject_of(submission)) if stage else None,
    )


def _records_of(source: str | Path | Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the content of a records file, or of those in a folder, with the file's name."""
    if isinstance(source, Mapping):
        yield source, ""
        return
    path = Path(source)
    inside = sorted(path.iterdir()) if files.is_folder(path) else [path]
    for file in inside:
        if file.suffix.lower() in ENDINGS and (file.is_file() or file == path):
            yield records.load(file), str(file)


def _has_workbooks(path: Path) -> bool:
    """Return False for a records file, and for a folder with records and nothing else."""
    if not files.is_folder(path):
        return path.suffix.lower() not in ENDINGS
    inside = list(path.iterdir())
    return not inside or any(one.suffix.lower() not in ENDINGS for one in inside)


def _sheets_of_records(content: Mapping[str, Any], file: str) -> Iterator[StageSheet]:
    found = [(name, made) for name in summed_stages() if content.get(load((made := load_stage(name)).form).root)]
    if not found:
        roots = [str(root) for root in content if root not in ("year", "unit")]
        yield StageSheet("", "、".join(roots), None, "", "", 0, "", None, file, "", None)
    for name, made in found:
        yield from _judged(name, made, _checked(content, load(made.form), file), file)


def _checked(content: Mapping[str, Any], form: Form, file: str) -> Mapping[str, Any]:
    """Return records that are this form's. Raises RecordsError for others."""
    try:
        return check_records_shape(content, form)
    except RecordsError as error:
        raise RecordsError(**{**error.facts, "file": file}) from error


def _judged(name: str, made: InstalledStage, content: Mapping[str, Any], file: str) -> Iterator[StageSheet]:
    form = load(made.form)
    for subject in subjects_of_records(content, form):
        yield _sheet_of_record(name, made, subject, file)


def _sheet_of_record(name: str, made: InstalledStage, subject: Subject, file: str) -> StageSheet:
    unit, record = subject.unit, subject.record
    return StageSheet(
        stage=name,
        label=subject.form.label,
        year=unit.year,
        unit=unit.code or unit.name or file,
        unit_name=unit.name or unit.code or file,
        number=subject.form.number(record),
        name=str(record.get("name") or ""),
        draft=None,
        file=file,
        sheet="",
        result=made.result(subject),
    )


def _stages_by_form() -> Mapping[str, str]:
    return {load_stage(name).form: name for name in summed_stages()}


def summed_stages() -> tuple[str, ...]:
    """Return the names of the stages that are summed up: those of which a unit has several records."""
    return tuple(name for name in stages() if load(load_stage(name).form).many)
