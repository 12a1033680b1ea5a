"""Makes an invented county to try a round on: a registry, what its units send in three waves, what is to be expected.

    python examples/county.py 清溪县 --units 30
    python examples/county.py 清溪县 --units 300 --seed 7 --office

The folder then holds 名册.xlsx, a folder of files for each wave, and expectation.json: the commands that begin the
round, and for each wave the day on which its files came (``arrived``), the end of every file that lies in the inbox
then, the state of every project with the file of the draft that counts, which units were late, the commands with which
the officer acts, and the states after them. It is told by the stories that made the files (county_stories.py), never by
perfxl's own collecting. ``--office`` has LibreOffice save some workbooks in Excel's old format.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfxl.examples.county_files import has_office, write_files
from perfxl.examples.county_stories import ExpectedFile, Narrator, State, Wave
from perfxl.examples.county_units import (
    DEADLINE,
    FORM,
    OFFICE,
    PHASE,
    PHONE,
    YEAR,
    County,
    invent_county,
    write_registry,
)

REGISTRY, EXPECTATION = "名册.xlsx", "expectation.json"


def make_county(folder: Path, units: int, projects: int, seed: int, office: bool = False) -> dict[str, Any]:
    """Write a county's files into a folder; return the expectation, which is written, too."""
    narrator = Narrator(invent_county(units, projects, seed), seed, office)
    waves = narrator.tell()
    folder.mkdir(parents=True, exist_ok=True)
    write_registry(narrator.county, folder / REGISTRY)
    for at, wave in enumerate(waves, start=1):
        write_files(wave.sent, folder / f"第{at}批")
    told = {
        "units": units,
        "projects": projects,
        "seed": seed,
        "stories": {unit: story.__name__ for unit, story in narrator.told.items()},
        "begin": _begin(narrator.county),
        "waves": [_wave_plain(at, wave) for at, wave in enumerate(waves, start=1)],
    }
    (folder / EXPECTATION).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return told


def _begin(county: County) -> list[list[str]]:
    """Return the commands that begin the round, without ``perfxl round`` and without its folder."""
    told = {"year": YEAR, "phase": PHASE, "deadline": DEADLINE, "office": OFFICE, "phone": PHONE}
    options = [word for key, value in told.items() for word in (f"--{key}", str(value))]
    return [["new", *options], ["registry", REGISTRY], ["issue"]]


def _wave_plain(at: int, wave: Wave) -> dict[str, Any]:
    return {
        "folder": f"第{at}批",
        "arrived": wave.day,
        "files": {name: _file_plain(expected) for name, expected in wave.expected.items()},
        "collected": _states_plain(wave.collected),
        "late": sorted(unit for unit, late in wave.late.items() if late),
        "acts": wave.acts,
        "decided": _states_plain(wave.decided),
    }


def _file_plain(expected: ExpectedFile) -> dict[str, Any]:
    sheets = [
        {"unit": unit, "form": FORM.name, "number": number, "verdict": verdict, "question": question or None}
        for unit, number, verdict, question in expected.sheets
    ]
    return {"verdict": expected.verdict, "sheets": sheets}


def _states_plain(states: Mapping[tuple[str, int], tuple[State, str]]) -> dict[str, Any]:
    return {f"{unit}/{FORM.name}/{number}": {"state": state, "file": file}
            for (unit, number), (state, file) in states.items()}  # fmt: skip


def main() -> None:
    """Make a county as the command line says."""
    parser = argparse.ArgumentParser(description="An invented county to try a round on.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=30)
    parser.add_argument("--projects", type=int, default=0, help="ten for each unit if not said")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--office", action="store_true", help="LibreOffice saves some workbooks as .xls")
    called = parser.parse_args()
    if called.office and not has_office():
        print("LibreOffice is not there: no file is .xls")
    office = called.office and has_office()
    told = make_county(called.folder, called.units, called.projects or 10 * called.units, called.seed, office)
    sent = [len({*wave["files"]}) for wave in told["waves"]]
    print(f"{called.folder}: {told['units']} units, {told['projects']} projects, {sent[-1]} files in three waves")


if __name__ == "__main__":
    main()
