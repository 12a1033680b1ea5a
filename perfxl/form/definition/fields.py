"""The answers of a definition: fields of the head, and columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfxl.errors import FormError
from perfxl.form import types
from perfxl.form.definition.keys import MEANT_TYPES, keys_of
from perfxl.form.definition.limits import check_decimals, is_flagged, read_also, read_default, type_bounds
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.definition.texts import read_hint, read_label
from perfxl.form.form import Align, Field
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import Entries, Node, nearest
from perfxl.form.taxonomy import Taxonomy
from perfxl.form.types.base import AnswerType, Raw
from perfxl.form.types.text_format import FORMATS

# ids become Excel's defined names: letters, digits, dots and underscores (ECMA-376 part 1, 18.2.5)
_ID = late_pattern(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.[1-9][0-9]*)?")
_ALIGN: tuple[Align, ...] = ("left", "center", "right")
_KEYS = tuple(keys_of("field"))


def check_id(id: str, node: Node, among: str, mistakes: Mistakes) -> None:
    """Raise FormError where a field or table cannot have this id; ``among``: the part that is then broken."""
    if not _ID.fullmatch(id):
        mistakes.broken.add(among)
        raise node.mistake("bad_id", id=id)


def read_fields(nodes: Mapping[str, Node], mistakes: Mistakes, required: bool = False) -> dict[str, Field]:
    """Read fields of the head, or the columns of a table; ``required``: all of them are, unless one says otherwise."""
    fields: dict[str, Field] = {}
    for id, node in nodes.items():
        with mistakes.caught(id):
            fields[id] = _read_field(id, node, required, mistakes)
    for id, field in fields.items():
        if field.type.like:
            with mistakes.caught(id):
                _check_like(field, nodes, fields, mistakes)
    return _in_order(fields, nodes, mistakes)


def _check_like(field: Field, nodes: Mapping[str, Node], fields: Mapping[str, Field], mistakes: Mistakes) -> None:
    """Raise FormError for an answer that is counted in the unit of one that has none, or is not beside it."""
    options = nodes[field.id].mapping().items()
    node = next(value for key, value in options if key not in _KEYS and value.value == field.type.like)
    known = [id for id, other in fields.items() if id != field.id and "unit" in other.type.parts]
    if node.text() in nodes:
        mistakes.require(node.text())
    if node.text() not in known:
        near = nearest(node.text(), known)
        raise node.mistake("no_unit_beside", field=field.id, like=node.text(), near=near, known=known)


def _in_order(fields: dict[str, Field], nodes: Mapping[str, Node], mistakes: Mistakes) -> dict[str, Field]:
    """Return the answers as they are written, those behind another one that say so (``after``)."""
    ordered = list(fields)
    behind = {id: node for id in fields if (node := nodes[id].mapping().get("after"))}
    for id, node in reversed(behind.items()):
        with mistakes.caught(id):
            mistakes.known(node, [other for other in fields if other != id])
            ordered.remove(id)
            ordered.insert(ordered.index(node.text()) + 1, id)
    return {id: fields[id] for id in ordered}


def _read_field(id: str, node: Node, required: bool, mistakes: Mistakes) -> Field:
    """Read a field of the head, or a column of a table."""
    check_id(id, node, "fields", mistakes)
    nodes = node.mapping()
    entries = Entries(nodes)
    answer_type = _read_type(node, entries)
    check_decimals(entries, answer_type)
    if answer_type.example and (problem := answer_type.read(Raw(answer_type.example)).problem):
        facts = {"field": id, "example": answer_type.example, "problem": problem}
        raise nodes["example"].mistake("unreadable_example", **facts)
    label = read_label(nodes.get("label"))
    field = Field(
        id=id,
        type=answer_type,
        label=label,
        given=entries.flag("given", "numbering" in entries),
        required=is_flagged(entries, "required", required),
        yearly=entries.flag("yearly"),
        hint=read_hint(nodes["hint"], label) if "hint" in nodes else None,
        within=entries.text("within"),
        span=entries.count("span", 1, minimum=1),
        repeat=entries.one_of("repeat", ("shown", "hidden"), "shown"),
        align=entries.one_of("align", _ALIGN, answer_type.align),
        also=read_also(entries),
        numbering=_read_numbering(entries["numbering"]) if "numbering" in entries else "",
        letter=entries.text("letter"),
    )
    return replace(field, default=read_default(field, entries)) if "default" in entries else field


def _read_numbering(node: Node) -> str:
    """Read the pattern of a row's number: its last zeros stand for the digits."""
    if not node.text().endswith("0"):
        raise node.mistake("no_zeros", found=node.text())
    return node.text()


def _read_type(node: Node, entries: Entries) -> AnswerType:
    """Make the type of a field from its entries that are options of the type."""
    word = _type_name(entries["type"])
    options = {key: value.plain() for key, value in entries.nodes.items() if key not in _KEYS}
    options |= type_bounds(entries, types.types()[word])
    try:
        return types.make(word, options)
    except types.UnknownOption as error:
        if error.what == "missing":
            raise node.mistake("missing_key", key=error.option) from error
        if error.what == "value":
            raise entries[error.option].mistake("wrong_option", key=error.option, allowed=error.allowed) from error
        allowed = tuple(dict.fromkeys((*_KEYS, *error.allowed)))
        facts = {"key": error.option, "near": nearest(error.option, allowed), "allowed": allowed}
        raise entries[error.option].mistake("unknown_key", **facts) from error
    except FormError as error:
        raise add_place(entries["scheme"], error) from error


def require_taxonomy(node: Node, classes: Taxonomy | None, mistakes: Mistakes) -> Taxonomy:
    """Return the form's taxonomy, which this node needs. Raises FormError the first time, then Consequence."""
    if classes is None:
        mistakes.require("taxonomy")
        mistakes.broken.add("taxonomy")
        raise node.mistake("missing_key", key="taxonomy")
    return classes


def _type_name(node: Node) -> str:
    """Return the name of a type. Raises FormError, which knows the formats of a text: people look for them here."""
    if node.text() in FORMATS:
        raise node.mistake("format_as_type", found=node.text())
    if (meant := MEANT_TYPES.get(node.text())) and node.text() not in types.types():
        raise node.mistake("not_allowed", found=node.text(), near=meant, allowed=tuple(types.types()))
    return node.one_of(tuple(types.types()))


def add_place(node: Node, error: FormError) -> FormError:
    """Return a copy of an error that has no file and line, with those of this node."""
    return node.mistake(**{key: value for key, value in error.facts.items() if key not in ("file", "line")})  # type: ignore[arg-type]
