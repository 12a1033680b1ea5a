"""A round from its registry to what goes back, of the county of ``county``: CPU time and memory of each command."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from perfxl.examples.county_files import write_files
from perfxl.examples.county_units import invent_county, write_registry

from benchmarks.command import Cost, run
from benchmarks.county import sent_files

INBOX = "收表箱"


def measure_round(units: int) -> Iterator[Cost]:
    """Yield the cost of each command of a round of so many units."""
    county = invent_county(units, 10 * units, seed=1)
    with tempfile.TemporaryDirectory() as place:
        folder, registry = Path(place) / "2024", Path(place) / "registry.xlsx"
        write_registry(county, registry)
        run("new", "round", "new", str(folder), "--year", "2024", "--phase", "一上")
        yield _measure("registry", str(registry), folder=folder)
        yield _measure("issue", folder=folder)
        write_files(sent_files(county), folder / INBOX)
        yield _measure("collect", folder=folder)
        yield _measure("collect", folder=folder, called="collect again")
        yield _measure("status", folder=folder)
        yield _measure("return", folder=folder)
        yield _measure("export", folder=folder)


def _measure(verb: str, *words: str, folder: Path, called: str = "") -> Cost:
    """Run a command of a round; return its cost."""
    return run(called or verb, "round", verb, *words, "--in", str(folder))
