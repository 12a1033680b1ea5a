"""The names that a form's Jinja templates use: the values needed to fill in a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from perfxl.form.form import Form

ISSUE = ("year", "unit.code", "unit.name", "phase", "draft")
"""The names a template may use beside the record's own answers: facts about the issue of the workbooks."""


@dataclass(frozen=True)
class Use:
    """A path that a template uses (``budget.total``). ``needed``: the text cannot be filled in without its value."""

    path: str
    needed: bool


def uses(text: str) -> tuple[Use, ...]:
    """Return the paths that a template uses and does not set itself. Raises TemplateSyntaxError."""
    if "{" not in text:
        return ()
    environment = SandboxedEnvironment()
    tree = environment.parse(text)
    free = meta.find_undeclared_variables(tree) - environment.globals.keys()
    guarded = {_path(test.node) for test in tree.find_all(nodes.Test) if test.name in ("defined", "undefined")}
    guarded |= {_path(node.node) for node in tree.find_all(nodes.Filter) if node.name in ("default", "d")}
    paths = dict.fromkeys(_paths(tree))
    # the tree of ``budget.total`` contains ``budget`` too
    longest = [path for path in paths if not any(other.startswith(f"{path}.") for other in paths)]
    return tuple(Use(path, path not in guarded) for path in longest if path.split(".")[0] in free)


def _paths(tree: nodes.Template) -> Iterator[str]:
    """Yield all paths in a template, with repetitions."""
    for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem)):
        if path := _path(node):
            yield path


def _path(node: nodes.Node | None) -> str:
    """Return an expression as a path; empty where it is anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, (nodes.Getattr, nodes.Getitem)):
        key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        start = _path(node.node)
        return f"{start}.{key}" if start and isinstance(key, str) else ""
    return ""


def resolve_name(path: str, known: Iterable[str]) -> str:
    """Return the known name that a template's path stands for; empty where there is none.

    It is ``name`` for ``name.strip``, and ``budget`` itself where ``budget.total`` is known.
    """
    for name in known:
        if f"{path}.".startswith(f"{name}."):
            return name
        if name.startswith(f"{path}."):
            return path
    return ""


def known_names(form: Form) -> tuple[str, ...]:
    """Return the names that the form's templates may use: its answers, its lists, and ``ISSUE``."""
    return (*form.fields, *(table.lists[0] for table in form.tables.values()), *ISSUE)


@lru_cache(maxsize=64)
def record_uses(form: Form) -> tuple[Use, ...]:
    """Return the paths of the record that the sheet's texts use, without repetition."""
    texts = (form.sheet.name, form.title, *(piece.text for row in form.layout for piece in row.pieces))
    issue = {path.split(".")[0] for path in ISSUE}
    needed_by_path: dict[str, bool] = {}
    for use in (use for text in texts for use in uses(text)):
        path = resolve_name(use.path, known_names(form))
        if path and path.split(".")[0] not in issue:
            needed_by_path[path] = needed_by_path.get(path, False) or use.needed
    return tuple(Use(path, needed) for path, needed in needed_by_path.items())
