"""The Jinja of document templates: what may stand in them, how a value becomes a piece of a Word document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import groupby
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError
from markupsafe import Markup, escape

from perfxl.form.template import FILTERS, METHODS, TextEnvironment
from perfxl.form.types.spelling import in_numerals

LONGEST = 200_000_000
"""The most characters of a part that is filled in; a unit of 400 projects comes to a tenth."""

_FILTERS = (*FILTERS, "groupby", "list", "map", "max", "min", "reject", "rejectattr", "select", "selectattr", "sort",
            "unique")  # fmt: skip
_BREAK = Markup('</w:t><w:br/><w:t xml:space="preserve">')
_TAB = Markup('</w:t><w:tab/><w:t xml:space="preserve">')


def compile_part(source: str, file: str) -> Template:
    """Return the template of a part; ``file`` is the name of its lines in tracebacks. Raises TemplateSyntaxError."""
    environment = _environment()
    for call in environment.parse(source).find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Getattr) and call.node.attr in METHODS and not (call.args or call.kwargs)):
            raise TemplateSyntaxError("a call", call.lineno or 1)
    code = environment.compile(source, file, file)
    return Template.from_code(environment, code, environment.make_globals(None))


def used_names(source: str) -> frozenset[str]:
    """Return the names that the Jinja of a part uses and does not set itself."""
    return frozenset(meta.find_undeclared_variables(_environment().parse(source)))


def filled(template: Template, values: Mapping[str, Any]) -> str:
    """Return a part with values filled in. Raises TemplateError, and what calculating with the values raises."""
    pieces: list[str] = []
    length = 0
    for piece in template.generate(values):
        pieces.append(piece)
        length += len(piece)
        if length > LONGEST:
            raise SecurityError(f"longer than {LONGEST} characters")
    return "".join(pieces)


@lru_cache(maxsize=1)
def _environment() -> TextEnvironment:
    made = TextEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_piece, keep_trailing_newline=True)
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.filters |= {"lines": _lines, "chinese": in_numerals, "runs": _runs}
    made.globals = {}
    return made


def _piece(value: Any) -> Any:
    """Return a text as it stands in a run, whatever is in it; its line breaks and tabs as Word has them."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return escape(value).replace("\n", _BREAK).replace("\t", _TAB)


def _lines(text: str) -> list[str]:
    """Return the lines of a text, each a paragraph of its own."""
    return [line for line in str(text).split("\n") if line.strip()]


def _runs(rows: Iterable[Mapping[str, Any]], column: str) -> list[list[Mapping[str, Any]]]:
    """Return rows in groups: those that follow each other with the same entry in a column."""
    return [list(group) for _, group in groupby(rows, lambda row: row[column])]
