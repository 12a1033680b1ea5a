"""A round from its registry to what goes back: CPU time and memory of each command, at several sizes.

Every unit of an invented county (examples/county_units.py) has ten projects and sends all of them, filled in, in one
workbook; one sheet in ten has a mistake.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfxl.examples.county_files import SentFile, SentWorkbook, Sheet, write_files
from perfxl.examples.county_units import WORDS, County, invent_county, write_registry

UNITS = (3, 30, 300)
INBOX = "收表箱"


@dataclass(frozen=True)
class Cost:
    """The cost of a command: CPU seconds of all its processes, and the peak memory of the largest in MB."""

    verb: str
    seconds: float
    memory: float


def measure_round(units: int) -> Iterator[Cost]:
    """Yield the cost of each command of a round of so many units."""
    county = invent_county(units, 10 * units, seed=1)
    with tempfile.TemporaryDirectory() as place:
        folder, registry = Path(place) / "2024", Path(place) / "registry.xlsx"
        write_registry(county, registry)
        run("new", "round", "new", str(folder), "--year", "2024", "--phase", "一上")
        yield measured("registry", str(registry), folder=folder)
        yield measured("issue", folder=folder)
        write_files(_sent(county), folder / INBOX)
        yield measured("collect", folder=folder)
        yield measured("collect", folder=folder, called="collect again")
        yield measured("status", folder=folder)
        yield measured("return", folder=folder)
        yield measured("export", folder=folder)


def _sent(county: County) -> Iterator[SentFile]:
    """Yield every unit's workbooks."""
    came, mistakes = "2024-03-08T09:00:00", [mistake["typed"] for mistake in WORDS["mistakes"].values()]
    for at, unit in enumerate(county.asked):
        sheets = tuple(
            Sheet(project, project.record, mistakes[at % len(mistakes)] if project.number % 10 == 1 else {})
            for project in unit.projects
        )
        for first in range(0, len(sheets), 60):
            book = SentWorkbook(unit, sheets[first : first + 60], came)
            yield SentFile(f"{unit.code}-{first}.xlsx", came, book)


def measured(verb: str, *words: str, folder: Path, called: str = "") -> Cost:
    """Run a command of a round; return its cost."""
    return run(called or verb, "round", verb, *words, "--in", str(folder))


LAUNCHER = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""Starts a command from a small process: Linux counts the memory of the one that starts it as the command's own."""


def run(called: str, *words: str) -> Cost:
    """Run a command of perfxl in a process of its own; return its cost."""
    command = [sys.executable, "-c", "from perfxl.cli import main; main()", *words]
    ran = subprocess.run([sys.executable, "-S", "-c", LAUNCHER, *command], capture_output=True, text=True, check=True)
    status, seconds, memory = json.loads(ran.stdout)
    if status not in (0, 1):  # 1: there are findings
        raise RuntimeError(f"perfxl {' '.join(words)}: {ran.stderr}")
    return Cost(called, seconds, memory)


def table(sizes: Sequence[int] = UNITS) -> str:
    """Return the costs as a table: a line for each command, for each size its seconds and MB."""
    costs = {units: list(measure_round(units)) for units in sizes}
    heads = "".join(f"{10 * units:>10} projects" for units in sizes)
    lines = (
        f"{rows[0].verb:14}" + "".join(f"{cost.seconds:9.2f} s {cost.memory:4.0f} MB" for cost in rows)
        for rows in zip(*costs.values(), strict=True)
    )
    return "\n".join(["rounds: CPU seconds of all processes, peak MB of one", f"{'':14}{heads}", *lines])
