"""A command run in a process of its own, as it is typed: its CPU time and memory, and tables of these by size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """The cost of a command: CPU seconds of all its processes, and the peak memory of the largest in MB."""

    verb: str
    seconds: float
    memory: float


PERFXL = "from perfxl.cli import main; main()"
_LAUNCHER = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
# Starts a command from a small process: Linux counts the memory of the one that starts it as the command's own.


def run(called: str, *words: str) -> Cost:
    """Run a command of perfxl; return its cost."""
    return run_program(called, PERFXL, words)


def run_program(called: str, program: str, words: Sequence[str], site: Path | None = None) -> Cost:
    """Run Python code with words as its arguments; return its cost. ``site``: a folder of further packages."""
    command = [sys.executable, "-S", "-c", _LAUNCHER, sys.executable, "-c", program, *words]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""} | ({"PYTHONPATH": str(site)} if site else {})
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    status, seconds, memory = json.loads(ran.stdout)
    if status not in (0, 1):  # 1: there are findings
        raise RuntimeError(f"{called}: {ran.stderr}")
    return Cost(called, seconds, memory)


def table(title: str, measure: Callable[[int], Iterable[Cost]], units: Sequence[int]) -> str:
    """Return what ``measure`` yields for so many units of ten projects each: a line a command, a column a size."""
    return table_of(title, {f"{10 * size:,} projects": list(measure(size)) for size in units})


def table_of(title: str, columns: Mapping[str, Sequence[Cost]]) -> str:
    """Return costs as a table of Markdown: a line for each command, for each column its seconds and MB."""
    lines = (f"| {costs[0].verb} | {' | '.join(map(_spell, costs))} |" for costs in zip(*columns.values(), strict=True))
    heads = f"| CPU s · peak MB | {' | '.join(columns)} |"
    return "\n".join([f"**{title}**", "", heads, "|---|" + "---:|" * len(columns), *lines])


def _spell(cost: Cost) -> str:
    return f"{cost.seconds:.{1 if cost.seconds >= 10 else 2}f} · {cost.memory:.0f}"
