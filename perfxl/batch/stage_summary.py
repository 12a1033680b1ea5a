"""Sum up the stages over the units of a county: tables of what came of the projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfxl import messages
from perfxl.batch.arguments import Progress, check_arguments
from perfxl.batch.known_forms import with_forms
from perfxl.batch.sources import Source
from perfxl.batch.stage import load_stage
from perfxl.batch.stage_results import read_results, summed_stages, unreported
from perfxl.batch.unit_lines import unit_lines
from perfxl.errors import OtherFile, PerfxlError, StageError
from perfxl.summary import AskedProject, AskedUnit, StageSheet, SummaryTable


@dataclass(frozen=True)
class StageSummary:
    """The tables of a summary, and the results that they were made of; none where that would be a guess.

    ``refused``: files that could not be read, and why there are no tables; ``notes``: what did not count, and
    why; ``others``: what lay beside.
    """

    tables: tuple[SummaryTable, ...]
    sheets: tuple[StageSheet, ...]
    refused: tuple[PerfxlError, ...] = ()
    notes: tuple[PerfxlError, ...] = ()
    others: tuple[OtherFile, ...] = ()


@with_forms
def stage_summary(
    *sources: Source | Mapping[str, Any],
    units: Sequence[tuple[str, str, str]] = (),
    projects: Sequence[tuple[str, int, str, str, Mapping[str, Any]]] = (),
    language: str = messages.DEFAULT,
    forms: Collection[str | Path] = (),
    progress: Progress | None = None,
) -> StageSummary:
    """Sum up the sheets of stages: workbooks, records files or their content.

    ``units``: those of a registry, each its code, its name and the code of the unit above it, under which it is summed
    up; ``projects``: those that were asked for, each the code of its unit, its number, code and name, and its given
    values by their paths, so that one of which nothing came is counted as not filled in; ``progress``: called as files
    are done.
    There are no tables where there is nothing to sum up, where the sheets are of several years, or where a project came
    twice and nothing tells which counts; ``refused`` says all that is.
    """
    check_arguments(language=language, progress=progress)
    read = read_results(sources, progress)
    by_stage = {name: [sheet for sheet in read.sheets if sheet.stage == name] for name in summed_stages()}
    asked = [AskedUnit._make(unit) for unit in units]
    by_code = {unit.code: unit.name for unit in asked}
    for name, sheets in by_stage.items():
        if sheets:
            there = {(sheet.unit, sheet.number) for sheet in sheets}
            missing = [one for one in map(AskedProject._make, projects) if (one.unit, one.number) not in there]
            sheets += unreported(name, sheets[0].year, by_code, missing)
            order = {code: at for at, code in enumerate(by_code)}
            sheets.sort(key=lambda sheet: (order.get(sheet.unit, len(order)), sheet.unit, sheet.number))
    all_sheets = tuple(sheet for sheets in by_stage.values() for sheet in sheets)
    found = {sheet.unit: sheet.unit_name for sheet in all_sheets}
    strange = [name for unit, name in found.items() if by_code and unit not in by_code]
    notes = [*read.notes, *([StageError(what="not_registered", units=strange)] if strange else [])]
    lines = unit_lines(found, asked, language)
    tables = [
        table
        for name, sheets in by_stage.items()
        if sheets
        for table in load_stage(name).tables(by_stage, lines, language)
    ]
    return StageSummary(tuple(tables), all_sheets, read.refused, tuple(notes), read.others)
