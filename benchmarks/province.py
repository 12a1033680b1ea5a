"""A round in PostgreSQL, its work done by two workers of a Dask cluster: a county's and ten counties' at once.

``python -m benchmarks.province "postgresql+psycopg://desk@server/county" 300 3000`` (units). Of each command: CPU
seconds of the desk and of the workers, CPU milliseconds a project, and the peak memory of the largest process in MB.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from distributed import LocalCluster
from perfxl.examples.county_files import write_files
from perfxl.examples.county_units import invent_county, write_registry
from sqlalchemy import create_engine, text

from benchmarks.command import run
from benchmarks.county import sent_files
from benchmarks.rounds import INBOX

SCHEMA = "benchmark"


@dataclass(frozen=True)
class Share:
    """What a command cost the desk and the workers."""

    verb: str
    desk: float
    workers: float
    memory: float


def measure_province(url: str, units: int) -> Iterator[Share]:
    """Yield the cost of each command."""
    drop(url)
    county = invent_county(units, 10 * units, seed=1)
    with tempfile.TemporaryDirectory() as place, start_workers() as cluster:
        folder, registry = Path(place) / "2024", Path(place) / "registry.xlsx"
        write_registry(county, registry)
        run("new", "round", "new", str(folder), "--year", "2024", "--store", _of_schema(url))
        for verb, words in (("registry", [str(registry)]), ("issue", []), ("collect", [])):
            if verb == "collect":
                write_files(sent_files(county), folder / INBOX)
            named = [] if verb == "registry" else ["--cluster", cluster.scheduler_address]
            before = cpu(cluster)
            cost = run(verb, "round", verb, *words, *named, "--in", str(folder))
            yield Share(verb, cost.seconds, cpu(cluster) - before, max(cost.memory, peak(cluster)))
    drop(url)


def _of_schema(url: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}schema={SCHEMA}"


def start_workers() -> Any:
    """Return a cluster of two workers of one thread each, as docs/scale.md says."""
    return LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)


def cpu(cluster: Any) -> float:
    """Return the CPU seconds of all workers so far."""
    return sum(sum(process.cpu_times()[:2]) for process in _workers(cluster))


def peak(cluster: Any) -> float:
    """Return the peak memory of the largest worker so far, in MB."""
    return max(
        int(line.split()[1]) / 1024
        for process in _workers(cluster)
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )


def _workers(cluster: Any) -> list[psutil.Process]:
    return [psutil.Process(nanny.pid) for nanny in cluster.workers.values()]


def drop(url: str) -> None:
    """Drop what an earlier call left."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{SCHEMA}" CASCADE'))
    engine.dispose()


def main() -> None:
    """Print a table."""
    url, *sizes = sys.argv[1:]
    columns = {int(size): list(measure_province(url, int(size))) for size in sizes}
    heads = " | ".join(f"{10 * size:,} projects" for size in columns)
    print(f"| CPU s desk + workers · ms a project · peak MB | {heads} |")
    print("|---|" + "---:|" * len(columns))
    for shares in zip(*columns.values(), strict=True):
        cells = (
            f"{one.desk:.1f} + {one.workers:.1f} · {(one.desk + one.workers) * 100 / size:.1f} · {one.memory:.0f}"
            for one, size in zip(shares, columns, strict=True)
        )
        print(f"| {shares[0].verb} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
