"""The commands of the stages after the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import perfxl
from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.issue_values import split_settings
from perfxl.errors import NothingToDo
from perfxl.form.installed import DEFAULT, load
from perfxl.report.console import say, show_line
from perfxl.report.outcome import exit_status, say_refusals
from perfxl.report.progress import show_progress
from perfxl.summary import AskedProject, AskedUnit, SummaryTable

if TYPE_CHECKING:
    from perfxl.rounds.model import Registry


def make(
    name: str, sources: Sequence[Path], output: Path, lang: str, settings: Sequence[str] = (), **options: Any
) -> int:
    """Write the workbooks of a stage and say which; with anything wrong, all that is, and no workbook."""
    made = perfxl.stage(name, *sources, output=output, values=split_settings(settings), **options)
    say_refusals(made.refused, lang)
    if made.refused:
        return 2
    for file in made.from_records:
        say(messages.say("report.stage.taken_as_approved", {"file": file}, lang))
    for unit in made.units:
        for note in unit.notes:
            say(
                f"{unit.unit} {messages.sentence(note, lang)}" if len(made.units) > 1 else messages.sentence(note, lang)
            )
        for workbook in unit.workbooks:
            show_line(workbook.path)
    sheets = sum(workbook.sheets for workbook in made.workbooks)
    say(messages.say("report.generated", {"files": len(made.workbooks), "sheets": sheets, "output": output}, lang))
    return 0


def summarise(sources: Sequence[str | Path], output: Path, registry: Path | None, force: bool, lang: str) -> int:
    """Write the summary of returned sheets; say what was left out of it, and why."""
    from perfxl.rounds.round import is_round

    if output.suffix.lower() not in _ENDINGS:
        raise NothingToDo(what="wrong_ending", file=str(output), allowed=_ENDINGS)
    files.check_free([output], force)
    units, projects = _read_asked(registry) if registry else ((), ())
    held: list[str | Path | Mapping[str, Any]] = []
    for source in sources:
        if isinstance(source, Path) and is_round(source):
            contents, of_units, of_projects = _read_round(source)
            held += contents
            units, projects = (*units, *of_units), (*projects, *of_projects)
        else:
            held.append(source)
    with show_progress(lang) as progress:
        made = perfxl.stage_summary(*held, units=units, projects=projects, language=lang, progress=progress)
    say_refusals([*made.refused, *made.others, *made.notes], lang)
    if not made.tables:
        return 2
    files.write_file(output, _summary_file(made.tables, output, lang))
    facts = {"sheets": len(made.sheets), "file": output}
    say(messages.say("report.summary.written", facts, lang))
    return exit_status((), made.refused)


_ENDINGS = (".xlsx", ".html")


def _summary_file(tables: Sequence[SummaryTable], output: Path, lang: str) -> bytes:
    """Return the tables as the file that the ending of its name asks for; only then is loaded what writes it."""
    if output.suffix.lower() == ".html":
        from perfxl.report.summary_page import summary_page

        return summary_page(tables, lang).encode()
    from perfxl.report.summary_workbook import summary_workbook

    return summary_workbook(tables, lang)


def _read_asked(registry: Path) -> tuple[tuple[AskedUnit, ...], tuple[AskedProject, ...]]:
    """Return the units of a registry and the projects that were asked for; nothing is asked of secret ones."""
    from perfxl.rounds.registry.reading import read_registry

    return _asked_in(read_registry(registry, load(DEFAULT)))


def _read_round(folder: Path) -> tuple[list[Mapping[str, Any]], tuple[AskedUnit, ...], tuple[AskedProject, ...]]:
    """Return the records that count in a round, a records file's content for each unit, and what was asked."""
    from perfxl.rounds.desk.round_store import registry_of
    from perfxl.rounds.desk.unit_contents import round_records
    from perfxl.rounds.round import open_round

    round = open_round(folder)
    contents = round_records(round)
    held = [content for content in contents if any(isinstance(value, list) for value in content.values())]
    return held, *_asked_in(registry_of(round))


def _asked_in(found: Registry) -> tuple[tuple[AskedUnit, ...], tuple[AskedProject, ...]]:
    units = tuple(AskedUnit(unit.code, unit.name, unit.parent) for unit in found.units)
    projects = tuple(
        AskedProject(project.unit, project.number, project.code, project.name, project.given)
        for project in found.projects
        if project.disclosure != "secret"
    )
    return units, projects
