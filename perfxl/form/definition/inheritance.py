"""Inheritance: a form that extends another takes over its answers, filled in and locked, and asks for its own.

What is taken over are the nodes of the other definition, which keep their file and line, so that a mistake is told
where it stands. The other form must be without a mistake itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from typing import NamedTuple

from perfxl.errors import UnknownForm
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.form import Form
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import Entries, Node, nearest

MOST = 8
"""The most forms that may extend each other in a row."""

SHARED = ("record", "key", "taxonomy")
"""The keys of a whole form that hold for one that extends it, unless that says otherwise."""

OF_BASE = ("drop", "labels")
"""The keys of a whole form that are about the form that it extends."""

_NAMED = late_pattern(r"(?P<form>[^@]+?)(@(?P<version>[^@]+))?")
_ASKING = (
    "required", "relevant", "calculation", "constraint", "unique", "default", "hint", "example", "pattern", "minimum",
    "maximum", "min_length", "max_length", "min_items", "max_items", "numbering", "suggest",
)  # fmt: skip
"""The keys of an answer that are about filling it in, which nobody does any more."""

_TYPING = ("required", "totals")
"""The keys of a table that are about filling it in, and about its own columns."""

ADDED_ROWS = ("min", "spare")
"""The keys of a table's rows that are about blank ones, of which there are none."""


class Definitions(NamedTuple):
    """The definitions of a form that are at hand.

    ``versions``: the versions, the present one first; ``file``, ``text``: of the wanted one, empty where it is missing;
    ``folder``: where the files lie that it names.
    """

    versions: tuple[str, ...]
    file: str = ""
    text: str = ""
    folder: Traversable | None = None


Find = Callable[[str, str], Definitions]
"""Finds a version of a known form by name and version. Raises UnknownForm, FormError."""


@dataclass(frozen=True)
class Extended:
    """The form that another extends, and the nodes of its definition, in which those of its own base are included.

    ``folders``: where the files lie that the nodes name, by the file of each.
    """

    form: Form
    top: Node
    folders: Mapping[str, Traversable | None]


def find_base(node: Node, find: Find, above: tuple[str, ...]) -> Definitions:
    """Return the definition that ``extends: project-target@2024.1`` names. Raises FormError.

    ``above``: the forms that extend it, each as it would be named.
    """
    match = _NAMED.fullmatch(node.text())
    name, version = (match["form"], match["version"] or "") if match else (node.text(), "")
    if f"{name}@{version}" in above:
        raise node.mistake("extends_circle", circle=(*above, f"{name}@{version}"))
    if len(above) > MOST:
        raise node.mistake("extends_too_often", limit=MOST)
    try:
        found = find(name, version)
    except UnknownForm as error:
        raise node.mistake("unknown_form", **error.facts) from error
    if not version:
        raise node.mistake("extends_no_version", form=name, version=found.versions[0])
    if not found.file:
        near = nearest(version, found.versions) or found.versions[0]
        raise node.mistake("extends_unknown_version", form=name, version=version, near=near, known=found.versions)
    return found


def extend(top: Node, base: Extended, mistakes: Mistakes) -> Node:
    """Return the nodes of a definition with those that it takes over from its base."""
    own = dict(top.mapping())
    dropped = _read_dropped(own, base, mistakes)
    base = _relabelled(own, base, dropped, mistakes)
    for key in SHARED:
        if key in base.top.mapping():
            own.setdefault(key, base.top.mapping()[key])
    if "key" not in own and base.form.key:  # the base has it by its name alone
        own["key"] = replace(own["extends"], value=base.form.key, written=base.form.key)
    if "choices" in base.top.mapping():
        lists, named = base.top.mapping()["choices"], own.get("choices")
        own["choices"] = replace(lists, value={**lists.mapping(), **(named.mapping() if named else {})})
    own["fields"] = _add_fields(own, base, dropped, mistakes)
    own["tables"] = _add_tables(own, base, dropped, mistakes)
    return replace(top, value={key: node for key, node in own.items() if key != "tables" or node.mapping()})


def taken_over(base: Form, dropped: Iterable[str]) -> frozenset[str]:
    """Return the ids of the head's answers, and the paths of the columns, that a form takes over from its base."""
    gone = set(dropped)
    return frozenset(
        path for path, id in _ids(base) if id not in gone and _table_of(id) not in gone & base.tables.keys()
    )


def dropped_ids(top: Entries) -> tuple[str, ...]:
    """Return the ids that ``drop`` names."""
    return tuple(node.text() for node in top.sequence("drop"))


def _ids(form: Form) -> Iterator[tuple[str, str]]:
    """Yield the path of every answer, and the id by which ``drop`` names it."""
    yield from ((id, id) for id in form.fields)
    for table in form.tables.values():
        yield from ((table.path(column), f"{table.id}.{column}") for column in table.columns)


def _read_dropped(own: Mapping[str, Node], base: Extended, mistakes: Mistakes) -> set[str]:
    """Return the ids of the base's answers and tables that the form does not take over."""
    known = (*dict(_ids(base.form)).values(), *base.form.tables)
    named: dict[str, Node] = {}
    for node in own["drop"].sequence() if "drop" in own else ():
        with mistakes.caught():
            if (id := node.text()) not in known:
                facts = {"field": id, "form": base.form.name, "near": nearest(id, known), "known": known}
                raise node.mistake("drop_unknown", **facts)
            named[id] = node
    gone = named.keys() & base.form.tables.keys()
    needed = {id: by for id, by in _needed(base.form) if id in named and by not in named and _table_of(id) not in gone}
    for id, by in needed.items():
        mistakes.note(named[id].mistake("drop_needed", field=id, by=by))
    return named.keys() - needed.keys()


def _relabelled(own: Mapping[str, Node], base: Extended, dropped: set[str], mistakes: Mistakes) -> Extended:
    """Return the base with the words that ``labels`` gives some of its answers."""
    top, paths = base.top, dict(_paths(base.top, dropped))
    for id, label in own["labels"].mapping().items() if "labels" in own else ():
        if id in paths:
            top = _put(top, (*paths[id], "label"), label)
        else:
            facts = {"field": id, "form": base.form.name, "near": nearest(id, tuple(paths)), "known": tuple(paths)}
            mistakes.note(label.mistake("label_unknown", **facts))
    return replace(base, top=top)


def _paths(top: Node, dropped: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the id of every answer that is taken over as ``drop`` names it, with the keys that lead to it."""
    entries = Entries(top.mapping())
    yield from ((id, ("fields", id)) for id in entries.mapping("fields") if id not in dropped)
    for table, node in entries.mapping("tables").items():
        for name in Entries(node.mapping()).mapping("columns"):
            if dropped.isdisjoint((table, id := f"{table}.{name}")):
                yield id, ("tables", table, "columns", name)


def _put(node: Node, path: tuple[str, ...], value: Node) -> Node:
    """Return a node with another one where these keys lead to."""
    entries = node.mapping()
    inner = _put(entries[path[0]], path[1:], value) if len(path) > 1 else value
    return replace(node, value={**entries, path[0]: inner})


def _table_of(id: str) -> str:
    """Return the table in the id of a column."""
    return id.partition(".")[0]


def _needed(form: Form) -> Iterator[tuple[str, str]]:
    """Yield the answers without which a part of the form could not be, each with that part."""
    if form.key:
        yield form.key, "key"
    yield from ((field.within, id) for id, field in form.fields.items() if field.within)
    for table in form.tables.values():
        if table.groups:
            yield f"{table.id}.{table.groups.by}", f"{table.id}.groups"
            if table.groups.begin_column:
                yield f"{table.id}.{table.groups.begin_column}", f"{table.id}.groups"
        columns = ((id, column) for id, column in table.columns.items() if column.within)
        yield from ((f"{table.id}.{column.within}", f"{table.id}.{id}") for id, column in columns)


def _add_fields(own: Mapping[str, Node], base: Extended, dropped: set[str], mistakes: Mistakes) -> Node:
    """Return the answers of the head, those of the base first."""
    there = base.top.mapping().get("fields")
    labels, shown = _labels_beside(base.form), {*_shown(own.get("layout"))}
    taken = {
        id: _locked(node, "" if id in shown else labels.get(id, ""))
        for id, node in (there.mapping().items() if there else ())
        if id not in dropped
    }
    written = own.get("fields") or replace(own["extends"], value={})
    return replace(written, value=_joined(taken, written.mapping(), "", base.form, mistakes))


def _add_tables(own: Mapping[str, Node], base: Extended, dropped: set[str], mistakes: Mistakes) -> Node:
    """Return the tables, those of the base first."""
    there = base.top.mapping().get("tables")
    written = own.get("tables") or replace(own["extends"], value={})
    tables: dict[str, Node] = {}
    for id, node in there.mapping().items() if there else ():
        if id not in dropped:
            further = written.mapping().get(id)
            tables[id] = _add_columns(id, node, further, base.form, dropped, mistakes)
    others = {id: node for id, node in written.mapping().items() if id not in tables}
    return replace(written, value={**tables, **others})


def _add_columns(id: str, node: Node, further: Node | None, base: Form, dropped: set[str], mistakes: Mistakes) -> Node:
    """Return a table of the base with the further columns and the other keys that the form gives it."""
    entries = {key: value for key, value in node.mapping().items() if key not in _TYPING}
    if "rows" in entries:
        most = {key: value for key, value in entries["rows"].mapping().items() if key not in ADDED_ROWS}
        entries["rows"] = replace(entries["rows"], value=most)
    if "lines" in entries:
        entries["lines"] = replace(
            entries["lines"], value={name: _answered(line) for name, line in entries["lines"].mapping().items()}
        )
    columns = entries["columns"].mapping() if "columns" in entries else {}
    kept = {name: _locked(column) for name, column in columns.items() if f"{id}.{name}" not in dropped}
    own = further.mapping() if further else {}
    if "columns" in own:
        kept = _joined(kept, own["columns"].mapping(), id, base, mistakes)
    if kept:
        entries["columns"] = replace(own.get("columns") or entries["columns"], value=kept)
    others = {key: value for key, value in own.items() if key != "columns"}
    return replace(further or node, value={**entries, **others})


def _joined(
    taken: Mapping[str, Node], own: Mapping[str, Node], table: str, base: Form, mistakes: Mistakes
) -> dict[str, Node]:
    """Return the answers of the base, then the form's own, none of which may have the id of one of the base."""
    joined = dict(taken)
    for id, node in own.items():
        if id in taken:
            path = f"{table}.{id}" if table else id
            mistakes.note(node.mistake("answer_of_base", field=path, form=base.name, version=base.version))
        else:
            joined[id] = node
    return joined


def _answered(node: Node) -> Node:
    """Return the node of an answer, or of a fixed line, without what is about filling it in."""
    return replace(node, value={key: value for key, value in node.mapping().items() if key not in _ASKING})


def _locked(node: Node, label: str = "") -> Node:
    """Return the node of an answer that is filled in and locked; ``label``: its words where it has none of its own."""
    entries = dict(_answered(node).mapping())
    entries["given"] = replace(node, value=True, written="true")
    entries["required"] = replace(node, value=False, written="false")
    if label:
        entries.setdefault("label", replace(node, value=label, written=label))
    return replace(node, value=entries)


def _shown(node: Node | None) -> Iterator[str]:
    """Yield the answers that a layout shows as ``{field: village}``, beside words of its own."""
    inside = node.value if node is not None else None
    if isinstance(inside, dict) and "field" in inside:
        yield inside["field"].written
    if isinstance(inside, (dict, list)):
        for part in inside.values() if isinstance(inside, dict) else inside:
            yield from _shown(part)


def _labels_beside(form: Form) -> dict[str, str]:
    """Return the words that stand before the head's answers in the layout of their form."""
    labels: dict[str, str] = {}
    for row in form.layout:
        words = ""
        for piece in row.pieces:
            if piece.role == "text":
                words = piece.text
            elif piece.role == "field" and words and "{" not in words:
                labels.setdefault(piece.field, words)
    return labels
