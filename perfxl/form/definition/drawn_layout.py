"""The layout that perfxl draws for a form that has none: title, mark, two answers a row, then the tables.

All stand on one grid of columns: those of the table with the most columns, to which everything else is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from unicodedata import east_asian_width

from perfxl.form.form import Field, LayoutRow, Piece, Table

PORTRAIT, LANDSCAPE = 88.0, 128.0
"""The width of an A4 page in digits of the Normal font, without the column of row keys."""

_WIDEST_PORTRAIT = 100.0  # a little wider than the page, it is printed a little smaller
_SIDE = 6.0
_FEW_DIGITS = 1000
_NARROWEST = 6.0
_SHORTEST_LABEL, _LONGEST_LABEL = 12.0, 22.0
_LONG_TEXT = 60  # characters; an answer that may be longer has a row of its own
_LINE = 15.0  # points
_TOO_NARROW = 4  # how much worse a column is that is too narrow than one that is too wide

_VALUE_WIDTHS: Mapping[str, float] = {"number": 13, "percent": 9, "date": 12, "logical": 8}
"""The width of an answer by the type of its values; texts are as wide as they may be long."""


class DrawnLayout(NamedTuple):
    """A layout that was drawn: the widths of the columns, the rows, and the tables with the spans of their columns."""

    columns: tuple[float, ...]
    landscape: bool
    rows: tuple[LayoutRow, ...]
    tables: Mapping[str, Table]


Rows = Sequence[LayoutRow]


class _Block(NamedTuple):
    """What stands on columns of its own: the widths that they need, and their shares in what is left over."""

    widths: list[float]
    weights: list[float]


def draw_layout(
    fields: Mapping[str, Field],
    tables: Mapping[str, Table],
    bodies: Mapping[str, Rows],
    columns: tuple[float, ...],
    landscape: bool | None,
) -> DrawnLayout:
    """Draw a layout.

    ``bodies``: the rows of each table of fixed lines, on columns of its own, which are fitted to those of the sheet;
    ``columns``: the widths that the form gives, empty for those that suit; ``landscape``: the page's orientation, None
    for the one that suits. The rows are as wide as the tables need, even where that is more than the given columns.
    """
    blocks = [
        *(_Block(_widths(table), _weights(table)) for table in tables.values()),
        *(_block(rows, fields) for rows in bodies.values()),
    ]
    if landscape is None:
        widest = sum(columns) or max((sum(block.widths) for block in blocks), default=0)
        landscape = widest > _WIDEST_PORTRAIT
    in_lines = {piece.field for rows in bodies.values() for row in rows for piece in row.pieces}
    asked = [field for id, field in fields.items() if id not in in_lines and (field.label or not field.given)]
    grid = columns or _grid(blocks, asked, LANDSCAPE if landscape else PORTRAIT)
    fitted = {id: _fit_table(table, grid) for id, table in tables.items()}
    lines = [row for rows in bodies.values() for row in _fit_rows(rows, fields, grid)]
    return DrawnLayout(grid, landscape, (*_top(grid), *_head(asked, grid), *lines, *_bodies(fitted, grid)), fitted)


def _grid(blocks: Sequence[_Block], asked: Sequence[Field], page: float) -> tuple[float, ...]:
    """Return the widths of the sheet's columns over a whole page: those of the table with the most, or of the head."""
    widest = max(blocks, key=lambda block: (len(block.widths), sum(block.widths)), default=None)
    if widest is None or len(widest.widths) < len(_head_widths(asked, page)):
        return tuple(round(width, 1) for width in _head_widths(asked, page))
    spare = max(0.0, page - sum(widest.widths)) / sum(widest.weights)
    return tuple(round(width + spare * weight, 1) for width, weight in zip(*widest, strict=True))


def _block(rows: Rows, fields: Mapping[str, Field]) -> _Block:
    """Return the widths and weights of the columns of fixed lines; those without answers hold words."""
    widths: dict[int, float] = {}
    answered: set[int] = set()
    for _, placed in _placed(rows):
        for start, piece in placed:
            covered = range(start, start + piece.span)
            widths.update({at: widths.get(at, _NARROWEST) for at in covered})
            if piece.field:
                answered.update(covered)
            if piece.field or len(placed) > 1:  # a heading is as wide as all
                needed = _answer_width(fields[piece.field]) if piece.field else min(40.0, text_width(piece.text) + 2)
                widths.update({at: max(widths[at], needed / piece.span) for at in covered})
    return _Block([widths[at] for at in sorted(widths)], [1.0 if at in answered else 4.0 for at in sorted(widths)])


def _placed(rows: Rows) -> Iterator[tuple[LayoutRow, list[tuple[int, Piece]]]]:
    """Yield rows with their cells, each with the column where it begins: beside those that reach down from above."""
    taken: dict[int, int] = {}  # for how many rows more, by column
    for row in rows:
        at, placed = 0, []
        for piece in row.pieces:
            while taken.get(at):
                at += 1
            placed.append((at, piece))
            taken.update(dict.fromkeys(range(at, at + piece.span), piece.rows))
            at += piece.span
        taken = {column: left - 1 for column, left in taken.items() if left > 1}
        yield row, placed


def _fit_rows(rows: Rows, fields: Mapping[str, Field], grid: tuple[float, ...]) -> Iterator[LayoutRow]:
    """Yield the rows of fixed lines with the spans with which they fit the grid best."""
    spans = fit(_block(rows, fields).widths, grid)
    for row, placed in _placed(rows):
        fitted = (replace(piece, span=sum(spans[start : start + piece.span])) for start, piece in placed)
        yield replace(row, pieces=tuple(fitted))


def _head_widths(asked: Sequence[Field], page: float) -> tuple[float, ...]:
    """Return the widths of two answers with their labels that stand side by side."""
    longest = max((_label_width(_label(field)) for field in asked), default=0.0)
    label = min(_LONGEST_LABEL, max(_SHORTEST_LABEL, longest))
    return (label, page / 2 - label) * 2


def _widths(table: Table) -> list[float]:
    """Return the widths that the columns of a table need, the label at its side included."""
    columns = [
        max(_NARROWEST, _answer_width(column), _label_width(table.labels[id][-1]))
        for id, column in table.columns.items()
    ]
    return [*([_SIDE] if table.side else []), *columns]


def _weights(table: Table) -> list[float]:
    """Return the shares of the columns of a table in the width that is left over, most of it for texts."""
    columns = [4.0 if _is_text(column) else 1.0 for column in table.columns.values()]
    return [*([0.0] if table.side else []), *columns]


def _is_text(field: Field) -> bool:
    """Return True where an answer is written in words of one's own."""
    return field.type.value_type in ("text", "items") and not field.type.drop_down()


def _answer_width(field: Field) -> float:
    """Return the width that an answer needs, in digits."""
    if entries := field.type.drop_down():
        return min(26.0, max(map(text_width, entries)) + 4)  # with room for the arrow
    if _is_text(field):
        return min(30.0, max(12.0, _longest_answer(field) or 24.0))
    usual = _VALUE_WIDTHS.get(field.type.value_type, 12.0)
    most = getattr(field.type, "maximum", None)
    if field.type.value_type == "number" and isinstance(most, (int, float)) and most < _FEW_DIGITS:
        return min(usual, len(f"{most:.{getattr(field.type, 'decimals', 0)}f}") + 2.0)
    return usual


def _label_width(label: str) -> float:
    """Return the width that a label needs on two lines, in digits."""
    words = label.split() if label.isascii() else []
    return max(text_width(label) / (2 if text_width(label) > 10 else 1), *map(text_width, words), 0) + 2


def text_width(text: str) -> float:
    """Return the width of a text's longest line in digits of the Normal font, in the size of labels."""
    return max(sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in line) * 0.9 for line in text.split("\n"))


def _fit_table(table: Table, grid: tuple[float, ...]) -> Table:
    """Return a table whose columns have the spans with which they fit the grid best."""
    side = 1 if table.side else 0
    spans = fit(_widths(table)[side:], grid[side:])
    columns = zip(table.columns.items(), spans, strict=True)
    return replace(table, columns={id: replace(column, span=span) for (id, column), span in columns})


def fit(wanted: Sequence[float], grid: Sequence[float]) -> list[int]:
    """Return how many columns of a grid each of these widths takes, so that all are filled and little is missing.

    Where there are more widths than columns, each takes one.
    """
    if len(wanted) > len(grid):
        return [1] * len(wanted)
    scale = sum(grid) / sum(wanted)
    # best[end]: the cost of the widths so far that end before the column, and their spans
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for width in (width * scale for width in wanted):
        longer: dict[int, tuple[float, list[int]]] = {}
        for start, (cost, spans) in best.items():
            for end in range(start + 1, len(grid) + 1):
                more = sum(grid[start:end]) - width
                whole = cost + more**2 / width * (1 if more > 0 else _TOO_NARROW)
                if end not in longer or whole < longer[end][0]:
                    longer[end] = whole, [*spans, end - start]
        best = longer
    return best[len(grid)][1]


def _top(grid: tuple[float, ...]) -> Iterator[LayoutRow]:
    """Yield the title, and the row with the unit and the mark."""
    yield LayoutRow((Piece("title", span=len(grid)),), height=36.0)
    unit, mark = fit((sum(grid) - 32, 32), grid)
    text = Piece("text", text="{{ unit.code }} {{ unit.name }}", span=unit, style="plain")
    yield LayoutRow((text, Piece("mark", span=mark)), height=18.0)


def _head(asked: Sequence[Field], grid: tuple[float, ...]) -> Iterator[LayoutRow]:
    """Yield the rows of the head: two answers in each, a long one alone."""
    spans = fit(_head_widths(asked, sum(grid)), grid)
    waiting: list[Field] = []
    for field in asked:
        if _is_long(field):
            yield from _head_rows(waiting, spans, grid)
            waiting = []
            yield _head_row([field], spans, grid)
        else:
            waiting.append(field)
    yield from _head_rows(waiting, spans, grid)


def _head_rows(fields: Sequence[Field], spans: Sequence[int], grid: tuple[float, ...]) -> Iterator[LayoutRow]:
    """Yield rows of two answers each."""
    for at in range(0, len(fields), 2):
        yield _head_row(fields[at : at + 2], spans, grid)


def _head_row(fields: Sequence[Field], spans: Sequence[int], grid: tuple[float, ...]) -> LayoutRow:
    """Return a row of one answer or two; a single one takes the whole width."""
    if len(fields) == 1:
        spans = (spans[0], len(grid) - spans[0])
    pieces: list[Piece] = []
    height = 80.0 if _is_paragraph(fields[0]) else 30.0
    for field, label, answer in zip(fields, spans[::2], spans[1::2], strict=True):
        start = sum(piece.span for piece in pieces)
        lines = math.ceil((text_width(_label(field)) + 1) / sum(grid[start : start + label]))
        height = max(height, lines * _LINE + 6)
        pieces += [Piece("text", text=_label(field), span=label), Piece("field", field=field.id, span=answer)]
    return LayoutRow(tuple(pieces), height=height)


def _bodies(tables: Mapping[str, Table], grid: tuple[float, ...]) -> Iterator[LayoutRow]:
    """Yield the tables, each under its name where it has one."""
    for id, table in tables.items():
        if table.label not in (id, table.side):
            yield LayoutRow((Piece("text", text=table.label, span=len(grid), style="heading"),), height=24.0)
        yield LayoutRow(tables=(id,))


def _label(field: Field) -> str:
    """Return the label of an answer in the head."""
    return field.label[-1] if field.label else field.id


def _is_paragraph(field: Field) -> bool:
    """Return True for an answer of several lines."""
    return field.type.name in ("paragraph", "items")


def _is_long(field: Field) -> bool:
    """Return True for an answer that has a row of its own."""
    return bool(field.ticks) or _is_paragraph(field) or (_is_text(field) and _longest_answer(field) > _LONG_TEXT)


def _longest_answer(field: Field) -> int:
    """Return the number of characters that a text may have; 0 where the form leaves that to its type."""
    longest = field.type.limits().max_length or 0
    return 0 if longest == getattr(type(field.type), "max_length", 0) else longest
