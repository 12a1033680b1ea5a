"""The names in a form's templates: what a text needs before it can be filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from perfxl.form.form import Form

ISSUE = ("year", "unit.code", "unit.name", "phase", "draft")
"""What a template may name beside the record's own answers: of the sending."""


@dataclass(frozen=True)
class Use:
    """A path that a template names (``budget.total``); ``needed``: the text cannot do without its value."""

    path: str
    needed: bool


def uses(text: str) -> tuple[Use, ...]:
    """The paths that a template names and does not set itself. Raises TemplateSyntaxError."""
    if "{" not in text:
        return ()
    environment = SandboxedEnvironment()
    tree = environment.parse(text)
    free = meta.find_undeclared_variables(tree) - environment.globals.keys()
    guarded = {_path(test.node) for test in tree.find_all(nodes.Test) if test.name in ("defined", "undefined")}
    guarded |= {_path(each.node) for each in tree.find_all(nodes.Filter) if each.name in ("default", "d")}
    found = dict.fromkeys(_paths(tree))
    # the tree of ``budget.total`` holds ``budget`` too
    longest = [path for path in found if not any(other.startswith(f"{path}.") for other in found)]
    return tuple(Use(path, path not in guarded) for path in longest if path.split(".")[0] in free)


def _paths(tree: nodes.Template) -> Iterator[str]:
    for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem)):
        if path := _path(node):
            yield path


def _path(node: nodes.Node | None) -> str:
    """The path that an expression is; empty where it is none."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, (nodes.Getattr, nodes.Getitem)):
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        start = _path(node.node)
        return f"{start}.{key}" if start and isinstance(key, str) else ""
    return ""


def resolve_name(path: str, known: Iterable[str]) -> str:
    """What a template's path stands for, empty for what nobody knows.

    ``name`` for ``name.strip``; ``budget`` itself where there is a ``budget.total``.
    """
    for each in known:
        if f"{path}.".startswith(f"{each}."):
            return each
        if each.startswith(f"{path}."):
            return path
    return ""


def known_names(form: Form) -> tuple[str, ...]:
    """What the form's templates may name: its answers, its lists, the sending."""
    return (*form.fields, *(table.lists[0] for table in form.tables.values()), *ISSUE)


@lru_cache(maxsize=64)
def record_uses(form: Form) -> tuple[Use, ...]:
    """What the sheet's texts name of the record, each path once."""
    texts = (form.sheet.name, form.title, *(piece.text for row in form.layout for piece in row.pieces))
    issue = {path.split(".")[0] for path in ISSUE}
    found: dict[str, bool] = {}
    for use in (use for text in texts for use in uses(text)):
        path = resolve_name(use.path, known_names(form))
        if path and path.split(".")[0] not in issue:
            found[path] = found.get(path, False) or use.needed
    return tuple(Use(path, needed) for path, needed in found.items())
