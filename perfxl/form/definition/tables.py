"""The tables of a definition."""

from __future__ import annotations

from collections.abc import Mapping

from perfxl.form.definition.fields import check_id, read_fields, require_taxonomy
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.definition.row_key import named_rows
from perfxl.form.form import MAX_ROWS, Field, Groups, Sums, Table
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import Entries, Node
from perfxl.form.table_rows import group_names, spare_rows
from perfxl.form.taxonomy import Taxonomy

_LISTS_PATH = late_pattern(r"[a-z][a-z0-9_]*\[\](\.[a-z][a-z0-9_]*\[\])*")


def read_tables(top: Entries, classes: Taxonomy | None, mistakes: Mistakes) -> dict[str, Table]:
    """Read the tables."""
    tables: dict[str, Table] = {}
    for id, node in top.mapping("tables").items():
        with mistakes.caught(id):
            tables[id] = _read_table(id, node, classes, mistakes)
    return tables


def _read_table(id: str, node: Node, classes: Taxonomy | None, mistakes: Mistakes) -> Table:
    """Read a table with its columns."""
    check_id(id, node, "tables", mistakes)
    entries = Entries(node.mapping())
    lists_path = entries.text("each", f"{id}[]")
    if not _LISTS_PATH.fullmatch(lists_path):
        raise entries["each"].mistake("not_allowed", found=lists_path, near="", allowed=(f"{id}[]", "areas[].parts[]"))
    key = mistakes.known(entries["key"], entries.mapping("columns")) if "key" in entries else ""
    nodes = named_rows(entries.mapping("columns"), key)
    columns = read_fields(nodes, mistakes, required="required" in entries)
    _check_labels(id, columns, nodes, mistakes)
    rows = Entries(entries.mapping("rows"))
    groups = Entries(entries.mapping("groups"))
    table = Table(
        id=id,
        columns=columns,
        each=lists_path,
        minimum=rows.count("min", 1),
        spare=rows.count("spare", 0),
        maximum=groups.count("max", rows.count("max", 60, minimum=1), minimum=1),
        groups=_read_groups(id, groups, columns, classes, mistakes) if groups.nodes else None,
        side=entries.text("side"),
        label=entries.text("label", entries.text("side", id)),
        totals=_read_sums(id, entries["totals"], columns, mistakes) if "totals" in entries else None,
        key=key,
        header=entries.count("header", 0, minimum=1),
    )
    if "min" in rows and "max" in rows and rows["min"].count() > rows["max"].count():
        raise rows["min"].mistake("min_above_max", low=rows["min"].count(), high=rows["max"].count())
    if not (table.minimum or table.spare or table.groups or table.given_in_rows):
        raise rows["min"].mistake("no_rows", table=id)
    return table


def _check_labels(table: str, columns: Mapping[str, Field], nodes: Mapping[str, Node], mistakes: Mistakes) -> None:
    """Note two columns with the same label: if they were moved, they could not be told apart."""
    seen: dict[tuple[str, ...], str] = {}
    for id, column in columns.items():
        if column.label and column.label in seen:
            other = nodes[seen[column.label]].line
            facts = {"table": table, "label": "·".join(column.label), "other": other}
            mistakes.note(nodes[id].mistake("label_twice", **facts))
        seen.setdefault(column.label, id)


def _read_groups(
    table: str, entries: Entries, columns: Mapping[str, Field], classes: Taxonomy | None, mistakes: Mistakes
) -> Groups:
    """Read the groups of a table's rows."""
    by = mistakes.known(entries["by"], columns)
    names = columns[by].type.drop_down()
    if not names:
        raise entries["by"].mistake("no_list", field=by, lists=[id for id in columns if columns[id].type.drop_down()])
    column, begin = _read_begin(entries, columns, classes, mistakes) if "begin" in entries else ("", ())
    spare: tuple[int, ...] = ()
    if "spare" in entries:
        node = entries["spare"]
        listed = node.sequence() if isinstance(node.value, list) else [node] * len(names)
        spare = tuple(item.count() for item in listed)
    return Groups(
        by=by,
        begin_column=column,
        begin=begin,
        spare=spare,
        rows=entries.count("rows", 0),
        subtotal=_read_sums(table, entries["subtotal"], columns, mistakes, by) if "subtotal" in entries else None,
    )


def _read_begin(
    entries: Entries, columns: Mapping[str, Field], classes: Taxonomy | None, mistakes: Mistakes
) -> tuple[str, tuple[str, ...]]:
    """Read the rows that a blank form starts with: a column, and its entries."""
    classes = require_taxonomy(entries["by"], classes, mistakes)
    begin = entries.mapping("begin")
    if len(begin) != 1:
        raise entries["begin"].mistake("one_of_keys", found=", ".join(begin), allowed=tuple(columns))
    (column,) = begin
    mistakes.require(column)
    entries["begin"].entries((), columns)  # raises where it names no column
    return column, tuple(value.one_of(classes.level2) for value in begin[column].sequence())


def _read_sums(table: str, node: Node, columns: Mapping[str, Field], mistakes: Mistakes, by: str = "") -> Sums:
    """Read a row of sums; ``by``: the column of the groups whose sums these are, empty for those of the table."""
    entries = Entries(node.mapping())
    numbers = [id for id, column in columns.items() if column.type.value_type in ("number", "percent")]
    summed: list[str] = []
    for item in entries.sequence("sum"):
        summed.append(mistakes.known(item, columns))
        if summed[-1] not in numbers:
            kind = columns[summed[-1]].type.name
            raise item.mistake("no_number", field=summed[-1], type=kind, table=table, numbers=numbers)
    first = next(id for id in columns if id != by)
    if first in summed and not mistakes.broken:
        raise entries["sum"].mistake("no_room_for_label", field=first, label=entries.text("label"))
    place = entries.one_of("place", ("first", "last"), "last")
    if by and place == "first":
        raise entries["place"].mistake("not_allowed", found=place, near="last", allowed=("last",))
    return Sums(entries.text("label"), tuple(summed), "first" if place == "first" else "last")


def check_rows(tables: Mapping[str, Table], top: Entries) -> None:
    """Raise FormError where all tables together have more rows than a sheet has row keys for."""
    rows = sum(max(table.minimum, table.maximum) + _count_spare(table) for table in tables.values())
    if rows > MAX_ROWS:
        raise top["tables"].mistake("too_many_rows", found=rows, limit=MAX_ROWS)


def _count_spare(table: Table) -> int:
    """Return the number of spare rows of a table's groups, which come on top of its maximum."""
    return sum(spare_rows(table.groups, len(group_names(table, table.groups)))) if table.groups else 0
