"""Prints the tables. ``python -m benchmarks [emit|read|flag …] [--rounds N]``; rounds, stages and long when named."""

from __future__ import annotations

import argparse
import platform
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import xlsxwriter

from benchmarks import emit, flag, long_table, read, rounds, stages
from benchmarks.measure import Peers, measure, table
from benchmarks.sample import OTHER, PROJECT, book, compiled, spoiled

TITLES = {
    "emit": "emit: a workbook written",
    "read": "read: a workbook read",
    "flag": "flag: a workbook with mistakes flagged",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("what", nargs="*", metavar="emit|read|flag|rounds|stages|long", default=list(TITLES))
    parser.add_argument("--rounds", type=int, default=15)
    called = parser.parse_args()
    if wrong := [word for word in called.what if word not in (*TITLES, "rounds", "stages", "long")]:
        parser.error(f"there is no {', '.join(wrong)}; there are {', '.join(TITLES)}, rounds, stages, long")
    print(f"Python {platform.python_version()}, openpyxl {openpyxl.__version__}, XlsxWriter {xlsxwriter.__version__}")
    if chosen := [word for word in called.what if word in TITLES]:
        print(f"{called.rounds} rounds; CPU time per workbook; ratios against the first line, of the same round\n")
        compare(chosen, called.rounds)
    if "rounds" in called.what:
        print(rounds.table())
    if "stages" in called.what:
        print(stages.table())
    if "long" in called.what:
        for table_of_costs in long_table.tables():
            print(table_of_costs)


def compare(words: Sequence[str], times: int) -> None:
    """Print the tables that compare perfxl with its peers."""
    with tempfile.TemporaryDirectory() as folder:
        filled, other, wrong_ones = (Path(folder) / f"{word}.xlsx" for word in ("filled", "other", "wrong"))
        for path, record in ((filled, PROJECT), (other, OTHER), (wrong_ones, spoiled())):
            path.write_bytes(compiled(book(record)))
        peers: dict[str, Callable[[], Peers]] = {
            "emit": emit.peers,
            "read": lambda: read.peers([filled, other]),
            "flag": lambda: flag.peers(wrong_ones),
        }
        for word in words:
            print(table(TITLES[word], measure(peers[word](), times)), end="\n\n")


main()
