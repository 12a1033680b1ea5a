"""A form's Jinja templates: what may stand in them, and the values needed to fill in a text.

A text is filled with values, put together and chosen; it repeats a part for each row of a list, but never within such a
part. So it takes about as long as it is, and how long it may become has a limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from perfxl.form.form import Form
from perfxl.form.late_pattern import late_pattern

ISSUE = ("year", "unit.code", "unit.name", "phase", "draft")
"""The names a template may use beside the record's own answers: facts about the issue of the workbooks."""


@dataclass(frozen=True)
class Use:
    """A path that a template uses (``budget.total``). ``needed``: the text cannot be filled in without its value."""

    path: str
    needed: bool


_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.Slice, nodes.Tuple, nodes.List, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Neg, nodes.Pos, nodes.Concat, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv,
    nodes.Mod,
)  # fmt: skip
FILTERS = frozenset((
    "abs", "capitalize", "count", "d", "default", "first", "float", "int", "join", "last", "length", "lower", "round",
    "string", "title", "trim", "truncate", "upper",
))  # fmt: skip
METHODS = frozenset(("capitalize", "lower", "lstrip", "rstrip", "strip", "title", "upper"))
_LONGEST = 10_000
_LONGEST_FILLED = 1_000_000
_WIDE = late_pattern(r"%[^a-zA-Z%]*(?:\*|\d{3})")


class TextEnvironment(SandboxedEnvironment):
    """The sandbox in which a form's texts are filled in: a text cannot be multiplied."""

    intercepted_binops = frozenset(("*", "%"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Return the product of two numbers, a remainder, or a text with values in it as ``'%02d' % number`` has it."""
        if operator == "*" and not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
            raise SecurityError("only numbers are multiplied")
        if operator == "%" and isinstance(left, str) and _WIDE.search(left):
            raise SecurityError("a number is not that wide")
        return super().call_binop(context, operator, left, right)


@lru_cache(maxsize=512)
def _compile(text: str, strict: bool) -> Template:
    _parse(text)
    options: dict[str, Any] = {"undefined": StrictUndefined} if strict else {}
    return TextEnvironment(autoescape=False, **options).from_string(text)


def fill_text(text: str, values: Mapping[str, Any], strict: bool = True) -> str:
    """Return a form's text with values filled in; ``strict``: an undefined name is an error, not a blank.

    Raises TemplateError, and what calculating with the values raises.
    """
    pieces: list[str] = []
    length = 0
    for piece in _compile(text, strict).generate(values):
        pieces.append(piece)
        length += len(piece)
        if length > _LONGEST_FILLED:
            raise SecurityError(f"longer than {_LONGEST_FILLED} characters when it is filled in")
    return "".join(pieces)


def _parse(text: str) -> nodes.Template:
    """Return the tree of a template. Raises TemplateSyntaxError."""
    try:
        tree = TextEnvironment().parse(text)
        for node in tree.find_all(nodes.Node):
            if not _is_allowed(node):
                raise TemplateSyntaxError(f"{type(node).__name__.lower()} is not for a form's text", node.lineno or 1)
    except RecursionError as error:
        raise TemplateSyntaxError("nested too deep", 1) from error
    return tree


def _is_allowed(node: nodes.Node) -> bool:
    """Return True for what gives nothing longer than its parts are, and for one that is repeated for each row."""
    if isinstance(node, nodes.Filter):
        return node.name in FILTERS
    if isinstance(node, nodes.Call):
        bare = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
        return bare and isinstance(node.node, nodes.Getattr) and node.node.attr in METHODS
    if isinstance(node, nodes.For):
        return bool(_path(node.iter)) and not node.recursive and not any(node.find_all(nodes.For))
    return isinstance(node, _ALLOWED)


def uses(text: str) -> tuple[Use, ...]:
    """Return the paths that a template uses and does not set itself. Raises TemplateSyntaxError."""
    if "{" not in text:
        return ()
    if len(text) > _LONGEST:
        raise TemplateSyntaxError(f"longer than {_LONGEST} characters", 1)
    tree = _parse(text)
    free = meta.find_undeclared_variables(tree) - TextEnvironment().globals.keys()
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
    """Return the names that the form's templates may use: its answers, its lists, ``ISSUE`` and its issue values."""
    return (*form.fields, *(table.lists[0] for table in form.tables.values()), *ISSUE, *form.issue)


@lru_cache(maxsize=64)
def record_uses(form: Form) -> tuple[Use, ...]:
    """Return the paths of the record that the sheet's texts use, without repetition."""
    texts = (form.sheet.name, form.title, *(piece.text for row in form.layout for piece in row.pieces))
    issue = {path.split(".")[0] for path in (*ISSUE, *form.issue)}
    needed_by_path: dict[str, bool] = {}
    for use in (use for text in texts for use in uses(text)):
        path = resolve_name(use.path, known_names(form))
        if path and path.split(".")[0] not in issue:
            needed_by_path[path] = needed_by_path.get(path, False) or use.needed
    return tuple(Use(path, needed) for path, needed in needed_by_path.items())
