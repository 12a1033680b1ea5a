"""Columns that repeat: ``d`` with ``times: 31`` is written out as the columns ``d.1`` to ``d.31``.

They are a list in the record. ``{{ n }}`` in the texts of such a column is its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import Entries, Node

_NUMBER = late_pattern(r"\{\{\s*n\s*\}\}")
_TEXTS = ("label", "hint", "letter")
"""The keys of a column whose texts may hold its number."""

Repeats = Mapping[str, tuple[str, ...]]
"""The columns that a repeated column stands for, by its name."""


def write_out_repeated(top: Entries, mistakes: Mistakes) -> Entries:
    """Return the definition with the repeated columns of its tables, and what names them, written out."""
    for node in top.mapping("fields").values():
        if "times" in node.mapping():
            mistakes.note(node.mapping()["times"].mistake("times_in_head"))
    repeats: dict[str, Repeats] = {}
    tables: dict[str, Node] = {}
    for id, node in top.mapping("tables").items():
        columns = node.mapping()["columns"].mapping()
        repeats[id] = {column: tuple(_ids(column, at)) for column, at in columns.items() if "times" in at.mapping()}
        tables[id] = _table(node, repeats[id]) if repeats[id] else node
    if not any(repeats.values()):
        return top
    nodes = {**top.nodes, "tables": replace(top["tables"], value=tables)}
    if "rules" in top:
        rules = [_rule(node, repeats) for node in top.sequence("rules")]
        nodes["rules"] = replace(top["rules"], value=rules)
    return Entries(nodes)


def _ids(column: str, node: Node) -> Iterator[str]:
    """Yield the columns that a repeated column stands for."""
    times = node.mapping()["times"].count(1)
    yield from (f"{column}.{number}" for number in range(1, times + 1))


def _table(node: Node, repeats: Repeats) -> Node:
    """Return the node of a table with its repeated columns written out, also where they are added up."""
    entries = dict(node.mapping())
    columns: dict[str, Node] = {}
    for id, column in entries["columns"].mapping().items():
        if id in repeats:
            columns |= {one: _column(column, number) for number, one in enumerate(repeats[id], start=1)}
        else:
            columns[id] = column
    entries["columns"] = replace(entries["columns"], value=columns)
    if "totals" in entries:
        entries["totals"] = _sums(entries["totals"], repeats)
    if "groups" in entries and "subtotal" in entries["groups"].mapping():
        groups = dict(entries["groups"].mapping())
        groups["subtotal"] = _sums(groups["subtotal"], repeats)
        entries["groups"] = replace(entries["groups"], value=groups)
    return replace(node, value=entries)


def _column(node: Node, number: int) -> Node:
    """Return the node of one of the columns that a repeated column stands for."""
    entries = {key: _numbered(value, number) if key in _TEXTS else value for key, value in node.mapping().items()}
    del entries["times"]
    return replace(node, value=entries)


def _numbered(node: Node, number: int) -> Node:
    """Return a node with a column's number in its texts."""
    if isinstance(node.value, dict):
        return replace(node, value={key: _numbered(value, number) for key, value in node.value.items()})
    if isinstance(node.value, list):
        return replace(node, value=[_numbered(value, number) for value in node.value])
    text = _NUMBER.sub(str(number), node.written)
    return replace(node, value=text, written=text)


def _sums(node: Node, repeats: Repeats) -> Node:
    """Return the node of sums with the repeated columns written out."""
    entries = dict(node.mapping())
    entries["sum"] = replace(entries["sum"], value=_names(entries["sum"].sequence(), repeats))
    return replace(node, value=entries)


def _names(nodes: Sequence[Node], repeats: Repeats) -> list[Node]:
    """Return names with those of repeated columns written out."""
    return [replace(node, value=id, written=id) for node in nodes for id in repeats.get(node.written, (node.written,))]


def _rule(node: Node, repeats: Mapping[str, Repeats]) -> Node:
    """Return the node of a check of a table's rows with the repeated columns that it is about written out."""
    entries = dict(node.mapping())
    if "each" not in entries or not repeats.get(entries["each"].written):
        return node
    entries["on"] = replace(entries["on"], value=_names(entries["on"].sequence(), repeats[entries["each"].written]))
    return replace(node, value=entries)
