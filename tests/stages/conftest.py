"""What the tests of the stages share: tables of figures that were worked out elsewhere, and workbooks that are typed into.

The tables are no part of the project: PERFXL_STAGES names their folder, PERFXL_DOCUMENTS that of the document whose
projects they continue.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from office.libreoffice import LibreOffice
from openpyxl.utils import coordinate_to_tuple

import perfxl
from perfxl.budget.documents.extract import extract
from perfxl.form import installed
from perfxl.submission import Submission

Typed = Mapping[str, Any]
"""What is typed into a sheet, by the paths of its answers."""


def _file(variable: str, name: str) -> Path:
    """A file of a folder that a variable names; without it the test is skipped."""
    path = Path(os.environ.get(variable, "")) / name
    if not os.environ.get(variable) or not path.is_file():
        pytest.skip(f"{variable} names no folder with {name}")
    return path


@pytest.fixture(scope="session")
def approved() -> Mapping[str, Any]:
    """The records of the published document."""
    return extract(_file("PERFXL_DOCUMENTS", "shuangwang-2024.txt").read_text(encoding="utf-8")).records


def figures(stage: str) -> list[dict[str, Any]]:
    """What the unit types, project by project."""
    found: list[dict[str, Any]] = yaml.safe_load(_file("PERFXL_STAGES", f"{stage}.yaml").read_text("utf-8"))["projects"]
    return found


def wanted(stage: str) -> dict[int, list[dict[str, str]]]:
    """The lines of the table by project: its own first, then those of its rows."""
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    with _file("PERFXL_STAGES", f"{stage}-expected.csv").open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            found[int(line["project"])].append(line)
    return found


NOT_COMPARED = {"project", "indicator", "state", "read_as", "findings", "edge"}
"""What tells lines apart, or explains them; of a project, its level 2 is a word that stands for it."""


def differing(stage: str, found: Mapping[int, Mapping[tuple[int, str], str]]) -> dict[tuple[int, int, str], str | None]:
    """Where the table has another value: what was found, None for nothing, by project, row and column."""
    other: dict[tuple[int, int, str], str | None] = {}
    for number, lines in wanted(stage).items():
        for line in lines:
            at = int(line["indicator"])
            for column in line.keys() - NOT_COMPARED - ({"level2"} if at == 0 else set()):
                value = found[number].get((at, column))
                if (value or "") != line[column]:
                    other[number, at, column] = value
    return other


def numbers_typed(funds: Mapping[str, Mapping[str, Any]], columns: Mapping[str, str]) -> dict[str, Any]:
    """The amounts of a project by path; ``columns``: their column in the table by the answer. Totals are calculated."""
    return {
        f"{answer}.{fund}": row[column]
        for answer, column in columns.items()
        for fund, row in funds.items()
        if fund != "total" and row.get(column) is not None
    }


def places(data: bytes) -> dict[int, Submission]:
    """The sheets of a workbook, read, by the number of their project."""
    return {submission.record["number"]: submission for submission in perfxl.read(data).submissions}


def cells(sheet: Submission, typed: Typed) -> Iterator[tuple[str, Any]]:
    """What is typed, by cell; a tick in its own cell for each entry that is chosen."""
    for path, value in typed.items():
        place = sheet.places[path]
        if not isinstance(value, list):
            yield place, value
            continue
        row, column = coordinate_to_tuple(place)
        asked = installed.load(sheet.form).tables["indicators"].columns[path.rpartition(".")[2]].type
        for at, entry in enumerate(asked.drop_down()):
            if entry in value:
                yield f"{openpyxl.utils.get_column_letter(column + at)}{row}", "√"


def type_into(data: bytes, typed: Mapping[int, Typed]) -> bytes:
    """The workbook in which this was typed, by project; locks and validations are passed by, as pasting does."""
    sheets = places(data)
    book = openpyxl.load_workbook(BytesIO(data))
    for number, answers in typed.items():
        for place, value in cells(sheets[number], answers):
            book[sheets[number].sheet][place] = value
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def type_in_office(
    office: LibreOffice, folder: Path, data: bytes, typed: Mapping[int, Typed]
) -> tuple[bytes, dict[int, dict[str, Any]]]:
    """The workbook as LibreOffice saves it after this was typed, and what its cells show, by project and answer."""
    path = folder / "typed.xlsx"
    path.write_bytes(data)
    sheets = places(data)
    with office.open(path, hidden=True) as document:
        document.calculate_later()
        for number, answers in typed.items():
            for place, value in cells(sheets[number], answers):
                document.write(sheets[number].sheet, place, [[value]])
        document.recalculate()
        seen = {number: document.cells(sheet.sheet) for number, sheet in sheets.items()}
        document.save_as(path)
    shown = {
        number: {
            answer: found[place].value
            for answer, place in sheets[number].places.items()
            if place in found and found[place].value != ""
        }
        for number, found in seen.items()
    }
    return path.read_bytes(), shown
