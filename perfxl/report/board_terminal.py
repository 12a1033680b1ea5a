"""The board of a round on a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from perfxl import messages
from perfxl.report.board_table import KINDS, BoardRow, group_lines, make_table, plain_text, two_lines
from perfxl.rounds.board import Board

WIDTH = 100
"""The characters of a line where the output is no terminal; a wide one counts twice."""

_COLUMNS = (
    "name", "state", "projects", "missing", "question", "review", "returned", "ready", "approved", "errors", "warnings",
    "troubles",
)  # fmt: skip
_SHORT = ("question", "review", "returned", "ready", "approved", "errors", "warnings")
_FOLDED = {"name": 5, "troubles": 3}
"""The columns that are folded: they share what the others leave of a line in these parts."""


def board_lines(board: Board, lang: str) -> Iterator[str]:
    """Yield the lines of a board: what is said of the whole, then a table with a row for each unit."""
    table = make_table(board, lang)
    yield table.title
    yield table.as_of
    yield from group_lines(board.total, lang)
    yield from filter(None, [table.unplaced])
    if not board.lines:
        yield messages.say("rounds.board.none", {}, lang)
        return
    headings = {**table.headings, **{key: messages.say(f"rounds.board.short.{key}", {}, lang) for key in _SHORT}}
    rows = [[two_lines(headings[key]) for key in _COLUMNS], *([*_texts(row)] for row in table.rows)]
    widths = _widths(rows, min(max(shutil.get_terminal_size((WIDTH, 24)).columns, 80), 200))
    folding = Console(width=WIDTH)
    for row, depth in zip(rows, (0, *(row.depth for row in table.rows)), strict=True):
        yield from _lines(row, widths, depth, folding)


def _texts(row: BoardRow) -> Iterator[str]:
    """Yield the texts of a row; what a registry has in a name is no command to a terminal."""
    for key in _COLUMNS:
        text = plain_text(row.values.get(key), KINDS[key])
        yield messages.one_line(f"{row.values.get('code', '')}{text}" if key == "name" else text)


def _widths(rows: Sequence[Sequence[str]], whole: int) -> list[int]:
    """Return the widths of the columns, so that a line has ``whole`` characters."""
    widths = [max(cell_len(line) for row in rows for line in row[at].split("\n")) for at in range(len(_COLUMNS))]
    left = whole - sum(width + 1 for key, width in zip(_COLUMNS, widths, strict=True) if key not in _FOLDED)
    for key, part in _FOLDED.items():
        share = left * part // sum(_FOLDED.values()) - 1
        widths[_COLUMNS.index(key)] = min(max(share, 12), widths[_COLUMNS.index(key)] + 6)
    return widths


def _lines(row: Sequence[str], widths: Sequence[int], depth: int, folding: Console) -> Iterator[str]:
    """Yield the lines of a row; a group's units are set in, also where their names are folded."""
    columns = []
    for key, text, width in zip(_COLUMNS, row, widths, strict=True):
        indent = "  " * min(depth, 3) if key == "name" else ""
        parts = Text(text).wrap(folding, width - len(indent)) if key in _FOLDED else text.split("\n")
        columns.append([f"{indent}{part}" for part in parts])
    for cells in zip_longest(*columns, fillvalue=""):
        padded = []
        for key, cell, width in zip(_COLUMNS, cells, widths, strict=True):
            space = " " * (width - cell_len(cell))
            padded.append(cell + space if KINDS[key] == "text" else space + cell)
        yield " ".join(padded).rstrip()
