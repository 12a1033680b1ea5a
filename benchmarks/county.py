"""A county's workbooks through every verb over files: CPU time and memory of each command, at several sizes.

Every unit of an invented county (examples/county_units.py) has ten projects on average and sends all of them, filled
in, in one workbook (the largest in two); one sheet in ten has a mistake.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import yaml
from perfxl.examples.county_files import SentFile, SentWorkbook, Sheet, write_files
from perfxl.examples.county_units import WORDS, YEAR, County, invent_county

from benchmarks.command import Cost, run

_SHEETS = 60
"""Sheets of the largest workbook."""
_TIMES = 15


def measure_county(units: int) -> Iterator[Cost]:
    """Yield the cost of each command for a county of so many units."""
    county = invent_county(units, 10 * units, seed=1)
    with tempfile.TemporaryDirectory() as place:
        records, sent = Path(place) / "records", Path(place) / "sent"
        write_records(county, records)
        write_files(sent_files(county), sent)
        yield run("generate", "generate", str(records), "-o", f"{place}/generated")
        yield run("read", "read", str(sent), "--json")
        yield run("check", "check", str(sent), "--format", "json")
        yield run("flag", "flag", str(sent), "-o", f"{place}/flagged")
        yield run("correct", "correct", str(sent), "-o", f"{place}/corrected")
        yield run("remarks", "remarks", str(sent), "-o", f"{place}/remarks.xlsx")


def measure_one() -> Iterator[Cost]:
    """Yield the cost of each command for one project in one workbook, starting Python included; medians."""
    (first, *_) = invent_county(3, 30, seed=1).asked
    content = {"year": YEAR, "unit": {"code": first.code, "name": first.name}, "projects": [first.projects[0].record]}
    with tempfile.TemporaryDirectory() as place:
        records = Path(place) / "records.yaml"
        _write_yaml(content, records)
        run("generate", "generate", str(records), "--prefill", "all", "-o", f"{place}/sent")
        (sent,) = Path(place, "sent").rglob("*.xlsx")
        yield _often("start alone", "--version")
        yield _often("generate", "generate", str(records), "--force", "-o", f"{place}/generated")
        yield _often("read", "read", str(sent), "--json")
        yield _often("check", "check", str(sent))
        yield _often("flag", "flag", str(sent), "--force", "-o", f"{place}/flagged")
        yield _often("correct", "correct", str(sent), "--force", "-o", f"{place}/corrected")


def _often(called: str, *words: str) -> Cost:
    costs = [run(called, *words) for _ in range(_TIMES)]
    return Cost(called, median(cost.seconds for cost in costs), median(cost.memory for cost in costs))


def write_records(county: County, folder: Path) -> None:
    """Write a records file for each unit, with all that its projects are to say."""
    folder.mkdir()
    for unit in county.asked:
        projects = [project.record for project in unit.projects]
        content = {"year": YEAR, "unit": {"code": unit.code, "name": unit.name}, "projects": projects}
        _write_yaml(content, folder / f"{unit.code}.yaml")


def _write_yaml(content: object, path: Path) -> None:
    path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")


def sent_files(county: County) -> Iterator[SentFile]:
    """Yield every unit's workbooks as they come back."""
    came, mistakes = "2024-03-08T09:00:00", [mistake["typed"] for mistake in WORDS["mistakes"].values()]
    for at, unit in enumerate(county.asked):
        sheets = tuple(
            Sheet(project, project.record, mistakes[at % len(mistakes)] if project.number % 10 == 1 else {})
            for project in unit.projects
        )
        for first in range(0, len(sheets), _SHEETS):
            book = SentWorkbook(unit, sheets[first : first + _SHEETS], came)
            yield SentFile(f"{unit.code}-{first}.xlsx", came, book)
