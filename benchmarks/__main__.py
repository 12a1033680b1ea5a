"""Prints tables of Markdown. ``python -m benchmarks [TABLE …] [--rounds N] [--units N …]``"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Iterator, Mapping

import openpyxl
import xlsxwriter

from benchmarks import county, emit, flag, long_table, read, rounds, stages
from benchmarks.command import table, table_of

PEERS = ("emit", "read", "flag")
UNITS = (3, 30, 300)


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="TABLE", default=list(PEERS), help=f"{', '.join(TABLES)}")
    parser.add_argument("--rounds", type=int, default=15, help="of emit, read and flag: how often all peers take turns")
    parser.add_argument("--units", type=int, nargs="+", default=UNITS, help="of county, rounds and stages: the sizes")
    called = parser.parse_args()
    if wrong := [word for word in called.what if word not in TABLES]:
        parser.error(f"there is no {', '.join(wrong)}; there are {', '.join(TABLES)}")
    print(f"Python {platform.python_version()}, openpyxl {openpyxl.__version__}, XlsxWriter {xlsxwriter.__version__}")
    for word in called.what:
        for text in TABLES[word](called):
            print(f"\n{text}", flush=True)


TABLES: Mapping[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "emit": lambda called: emit.tables(called.rounds),
    "read": lambda called: read.tables(called.rounds),
    "flag": lambda called: flag.tables(called.rounds),
    "one": lambda called: iter([table_of("one file", {"1 project": list(county.measure_one())})]),
    "county": lambda called: iter([table("a county's files", county.measure_county, called.units)]),
    "rounds": lambda called: iter([table("a round", rounds.measure_round, called.units)]),
    "stages": lambda called: iter([table("July and December", stages.measure_stages, called.units)]),
    "long": lambda called: long_table.tables(),
}

main()
