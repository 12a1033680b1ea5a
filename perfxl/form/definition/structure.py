"""Comparison of a definition with the table of keys: what cannot stand where it stands is told and left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from perfxl.errors import FormError
from perfxl.form import types
from perfxl.form.definition.keys import MEANT_KEYS, OLD_WORDS, SECTIONS, Key, Shape, keys_of
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.source import Node, nearest


def prune(node: Node, shape: Shape, mistakes: Mistakes) -> Node | None:
    """Return the node without the parts that cannot stand there, which are noted; None where nothing is left of it."""
    shape = _shape_of(node, shape)
    if shape.kind == "section":
        return _prune_section(node, shape.section, mistakes)
    with mistakes.caught():
        if shape.kind == "list":
            return _prune_list(node, shape.items or Shape("any"), mistakes)
        if shape.kind == "mapping":
            return _prune_mapping(node, shape.items or Shape("any"), mistakes)
        _check_scalar(node, shape)
        return node
    return None


def _shape_of(node: Node, shape: Shape) -> Shape:
    """Return the one of a shape's alternatives that a node resembles; the shape itself where it has none."""
    if isinstance(node.value, dict):
        kinds = {"section", "mapping"}
    else:
        kinds = {"list"} if isinstance(node.value, list) else _SCALARS
    return next((one for one in (shape, *shape.either) if one.kind in kinds), shape)


_SCALARS = {"text", "template", "expression", "condition", "number", "count", "flag", "word"}
"""The kinds of shape that are a single value."""


def _check_scalar(node: Node, shape: Shape) -> None:
    """Raise FormError where a node is not of a simple shape."""
    match shape.kind:
        case "text" | "template" | "expression" | "condition":
            node.text()
        case "number":
            node.number(shape.minimum)
        case "count":
            node.count(shape.minimum)
        case "flag":
            node.flag()
        case "word":
            node.one_of(shape.words)


def _prune_list(node: Node, items: Shape, mistakes: Mistakes) -> Node | None:
    """Return a list without the items that are wrong; None where they are simple values, as of a list of widths."""
    pruned = [prune(item, items, mistakes) for item in node.sequence()]
    left = [item for item in pruned if item is not None]
    return None if len(left) < len(pruned) and items.kind in _SCALARS else replace(node, value=left)


def _prune_mapping(node: Node, items: Shape, mistakes: Mistakes) -> Node:
    """Return a mapping without the entries that are wrong; their names are broken."""
    left: dict[str, Node] = {}
    for name, value in node.mapping().items():
        pruned = prune(value, items, mistakes)
        if pruned is None:
            mistakes.broken.add(name)
        else:
            left[name] = pruned
    return replace(node, value=left)


def _prune_section(node: Node, name: str, mistakes: Mistakes) -> Node | None:
    """Return a section without the entries that are wrong; None where a required one is missing or wrong."""
    left: dict[str, Node] = {}
    broken = False
    with mistakes.caught():
        known = keys_of(name)
        options = _options(node.mapping()) if name == "field" else ()
        for key, value in node.mapping().items():
            if key in options and key not in known:
                left[key] = value  # the type judges its options itself
            elif key not in known:
                mistakes.note(_unknown_key(value, name, key, (*known, *options)))
                mistakes.broken.add(_meant_key(name, key, known))
                broken = True  # an answer whose limit is misspelt is not the answer that was meant
            elif (pruned := _prune_key(value, known[key], mistakes)) is not None:
                left[key] = pruned
            else:
                broken = True
                mistakes.broken.update([key] if name == "form" else [])
        for key in _missing(node, name, known, left):
            mistakes.note(node.mistake("missing_key", key=key))
            broken = True
        return None if broken and name != "form" else replace(node, value=left)
    return None


def _prune_key(node: Node, key: Key, mistakes: Mistakes) -> Node | None:
    """Return what stands at a key without what is wrong in it; None where nothing is left, or it is no mapping."""
    shape = _shape_of(node, key.shape)
    if shape.kind in ("section", "mapping"):
        with mistakes.caught():
            node.mapping(key.example)
            return prune(node, key.shape, mistakes)
        return None
    return prune(node, key.shape, mistakes)


def _missing(node: Node, name: str, known: Iterable[str], left: Mapping[str, Node]) -> list[str]:
    """Return the required keys that are not there at all, nor under an old name."""
    written = {_meant_key(name, key, known) for key in node.mapping()}
    return [key.name for key in SECTIONS[name] if key.required and key.name not in left and key.name not in written]


def _meant_key(name: str, key: str, known: Iterable[str]) -> str:
    """Return the key that was probably meant; empty where none resembles it."""
    return key if key in known else OLD_WORDS.get((name, key)) or nearest(key, known)


def _options(nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the options that the type of a field has; those of all types where its own is not known."""
    written = nodes["type"].written if "type" in nodes else ""
    known = types.types()
    chosen = [known[written]] if written in known else list(known.values())
    return tuple(dict.fromkeys(option for answer_type in chosen for option in types.options(answer_type)))


def _unknown_key(node: Node, name: str, key: str, allowed: tuple[str, ...]) -> FormError:
    """Return the mistake of a key that is not in the table."""
    if now := OLD_WORDS.get((name, key)):
        return node.mistake("old_key", key=key, now=now, value=node.written)
    if not key.isidentifier():
        return node.mistake("unquoted_key", key=key)
    allowed = tuple(dict.fromkeys(allowed))
    meant = MEANT_KEYS.get((name, key), "")
    near = meant if meant in allowed else nearest(key, allowed)
    return node.mistake("unknown_key", key=key, near=near, allowed=allowed)
