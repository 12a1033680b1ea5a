"""The lists of a form's drop-downs, and the defined names by which data validations refer to them.

The names are short, since a validation's formula has at most 255 characters. A list of several levels has its entries
below each other, level by level: the second level of ``px.c1`` is ``px.c1.2``, of which ``px.c1.2.5`` is what stands
below the fifth entry of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from perfxl.form.calculation import in_order
from perfxl.form.choice_list import ChoiceList, Path, SourceColumn
from perfxl.form.expression import ExpressionError
from perfxl.form.expression.tree import Lookup, nodes_inside
from perfxl.form.form import Field, Form
from perfxl.form.layout import Layout
from perfxl.form.taxonomy import LIST
from perfxl.form.ticks import on_sheet
from perfxl.form.types.choice import Choice
from perfxl.form.types.number_format import serial_of
from perfxl.workbook.ooxml.formula import Reach

_WILDCARDS = "*?~"


class ListColumn(NamedTuple):
    """A column of the hidden sheet: its entries from the first row down, and the first and last row of each name."""

    entries: tuple[str | float | None, ...]
    names: Mapping[str, tuple[int, int]]


@lru_cache(maxsize=64)
def drop_down_lists(form: Form) -> tuple[ListColumn, ...]:
    """Return the columns of the hidden sheet with the lists of a form."""
    asks = on_sheet(form)
    columns: list[ListColumn] = []
    written: set[str] = set()
    if LIST in form.choices:
        columns += _list_columns(form.choices[LIST], _base(form, LIST))
        written.add(_base(form, LIST))
    for (table, id), name in _names(form).items():
        asked = (asks.tables[table].columns if table else asks.fields)[id]
        if name in written:
            continue
        written.add(name)
        if listed := _listed(asked):
            columns += _list_columns(listed, name)
        else:
            columns.append(_column(name, _offered(asked)))
    return (*columns, *_lookup_columns(form))


def _lookup_columns(form: Form) -> Iterator[ListColumn]:
    """Yield the columns in which expressions of a form look entries up: for each list its entries, then its columns.

    An entry stands there as the cells of answers show it.
    """
    for name, headings in _looked_up(form).items():
        listed = form.choices[name]
        end = len(listed.rows) - 1
        yield ListColumn(listed.show_all(row[-1] for row in listed.rows), {lookup_names(form, name)[0]: (0, end)})
        for heading in headings:
            values: tuple[str | float | None, ...] = listed.columns[heading]
            if listed.column_type(heading) == "date":
                values = tuple(value and serial_of(date.fromisoformat(str(value))) for value in values)
            yield ListColumn(values, {lookup_names(form, name, heading)[1]: (0, end)})


def _looked_up(form: Form) -> dict[str, list[str]]:
    """Return the columns that the expressions of a form look up, by the name of the list."""
    expressions = [answer.calculation.value for answer in in_order(form)]
    expressions += [line.assert_ for line in form.rules]
    expressions += [limit.condition for asked in form.asked for limit in asked.limits if limit.condition]
    found: dict[str, list[str]] = {}
    for expression in expressions:
        for node in nodes_inside(expression.tree):
            if isinstance(node, Lookup) and node.listed.name in form.choices:
                headings = found.setdefault(node.listed.name, [])
                headings += [node.column] if node.column not in headings else []
    return found


def lookup_names(form: Form, name: str, heading: str = "") -> tuple[str, str]:
    """Return the names of a list's entries and of one of its further columns, in which they are looked up.

    Raises ExpressionError ``not_in_excel`` for a list that the form does not name.
    """
    if name not in form.choices:
        raise ExpressionError("not_in_excel", "lookup")
    entries = f"{_base(form, name)}.k"
    at = [*form.choices[name].columns].index(heading) + 1 if heading else 0
    return entries, f"{entries}{at}"


@lru_cache(maxsize=64)
def _names(form: Form) -> Mapping[tuple[str, str], str]:
    """Return the name of the list of each answer that has one, by table (empty for the head) and id."""
    names: dict[tuple[str, str], str] = {}
    taken: dict[str, tuple[str, ...]] = {}
    asks = on_sheet(form)
    for table, fields in (("", asks.fields), *((id, table.columns) for id, table in asks.tables.items())):
        for id, asked in fields.items():
            if not (entries := _offered(asked)):
                continue
            listed = _listed(asked)
            if listed and listed.name:
                names[table, id] = _base(form, listed.name)
                continue
            # answers of two tables may have the same id
            own = asked.whole.id
            name = f"px.list.{own}"
            names[table, id] = name if taken.setdefault(name, entries) == entries else f"px.list.{table}.{own}"
    return names


def _offered(asked: Field) -> tuple[str, ...]:
    """Return what the drop-down list of an answer offers."""
    return asked.suggest.entries if asked.suggest else asked.type.drop_down()


def _listed(asked: Field) -> ChoiceList | None:
    """Return the list whose entries an answer's drop-down list offers; None where it offers something of its own."""
    kind = asked.type
    return kind.listed if isinstance(kind, Choice) and not kind.combined else None


def _base(form: Form, name: str) -> str:
    """Return the beginning of the names of a list that the form names; the taxonomy's are as they have always been."""
    return "px.l" if name == LIST else f"px.c{tuple(form.choices).index(name) + 1}"


def level_name(base: str, level: int) -> str:
    """Return the name of all entries of a level (from 0)."""
    if base == "px.l":
        return f"px.l{level + 1}"
    return f"{base}.{level + 1}" if level else base


def _list_columns(listed: ChoiceList, base: str) -> Iterator[ListColumn]:
    """Yield the columns of a list."""
    yield _column(level_name(base, 0), listed.show_all(listed.entries()))
    for level in range(1, len(listed.levels)):
        paths, name = listed.paths(level), level_name(base, level)
        groups = [listed.show_all(listed.below(path)) for path in paths]
        if base == "px.l":
            yield _column(name, listed.show_all(listed.entries(level)))
            yield from (_column(f"{name}.{number}", group) for number, group in enumerate(groups, start=1))
            continue
        names, row = {}, 0
        for number, group in enumerate(groups, start=1):
            names[f"{name}.{number}"] = (row, row + len(group) - 1)
            row += len(group)
        yield ListColumn(tuple(entry for group in groups for entry in group), {name: (0, row - 1), **names})
        for depth in range(level if level > 1 else 0):
            yield _column(_above_name(name, depth), listed.show_all(path[depth] for path in paths))


def _column(name: str, entries: tuple[str, ...]) -> ListColumn:
    """Return a column with one list."""
    return ListColumn(entries, {name: (0, len(entries) - 1)})


def _above_name(name: str, depth: int) -> str:
    """Return the name of the column that has, for each group of a level, the entry ``depth`` of the path above it."""
    return f"{name}.a{depth + 1}"


# What a validation refers to


def list_name(form: Form, table: str, asked: Field) -> str:
    """Return the name of all entries that an answer may have; ``table``: empty for the head."""
    name, kind = _names(form)[table, asked.id], asked.type
    return level_name(name, kind.level) if isinstance(kind, Choice) and _listed(asked) else name


def list_below(form: Form, table: str, asked: Field, above: Sequence[str], path: Path = ()) -> str:
    """Return a formula for the list of an answer that stands within others.

    ``above``: the formulas of their cells, outermost first. ``path``: the entries above, where they are fixed.
    """
    listed = _listed(asked)
    base = _names(form)[table, asked.id]
    if listed is None:
        return base
    name = level_name(base, len(above))
    if len(path) == len(above):
        paths = listed.paths(len(path))
        return f"{name}.{paths.index(path) + 1}" if path in paths else name
    return f'INDIRECT("{name}."&{_position(listed, base, name, above)})'


def _position(listed: ChoiceList, base: str, name: str, above: Sequence[str]) -> str:
    """Return a formula for the number of the group below some entries.

    A MATCH takes * and ? for any characters, and capitals for small letters.
    """
    if len(above) > 1:
        columns = [_above_name(name, depth) for depth in range(len(above))]
    else:
        columns = [level_name(base, 0)]
        shown = listed.show_all(listed.entries())
        plain = not any(sign in entry for entry in shown for sign in _WILDCARDS)
        if plain and len({entry.casefold() for entry in shown}) == len(shown):
            return f"MATCH({above[0]},{columns[0]},0)"
    same = "*".join(f"EXACT({column},{cell})" for column, cell in zip(columns, above, strict=True))
    return f"SUMPRODUCT({same}*ROW({columns[0]}))"


# Lists whose entries are answers


def column_list_name(source: SourceColumn) -> str:
    """Return the sheet-scoped name of the answers of a column, which are the entries of a list."""
    return f"px.column.{source.table}.{source.column}"


def column_lists(layout: Layout, reach: Reach) -> dict[str, str]:
    """Return the sheet-scoped names of columns whose answers are a list, with their definitions, to the last answer."""
    names: dict[str, str] = {}
    for asked in layout.form.asked:
        source = asked.type.listed.source if isinstance(asked.type, Choice) else None
        if source is None:
            continue
        table = layout.tables[source.table]
        column = table.columns[source.column]
        first, cells = reach.at(table.first, column), reach.column(table.first, table.last, column)
        last = f"MAX(1,SUMPRODUCT(MAX((LEN({cells})>0)*(ROW({cells})-ROW({first})+1))))"
        names[column_list_name(source)] = f"{first}:INDEX({cells},{last})"
    return names
