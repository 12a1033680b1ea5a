"""A registry as YAML: units, below each its projects; the same rows as a workbook has, with lines for their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from perfxl.form.form import Form
from perfxl.form.source import Node, nearest, parse, read_text
from perfxl.form.types.base import Raw
from perfxl.form.types.money import IN_YUAN
from perfxl.rounds.registry.table import RegistryCell, RegistryRow, RegistryTable
from perfxl.rounds.registry.words import GIVEN, given_fields

ENDINGS = (".yaml", ".yml")
"""The endings of the names of YAML files."""

UNIT_KEYS = ("code", "name", "parent", "contact", "phone", "control", "deadline")
PROJECT_KEYS = ("number", "code", "name", "disclosure")
_MOST_BYTES = 50_000_000


def read_yaml_tables(path: Path, form: Form) -> tuple[RegistryTable, ...]:
    """Return the units and the projects of a YAML file as two lists.

    Its keys are ``money`` (万元 or 元) and ``units``; a unit has the keys of UNIT_KEYS and ``projects``, a project
    those of PROJECT_KEYS and the form's own fields (``budget: {total: 6.52}``). Raises FormError for another key.
    """
    text = read_text(path, _MOST_BYTES)
    if not re.search(r"^\s*[^#\s]", text, re.MULTILINE):
        return (_table([]),)
    top = parse(text, str(path)).entries(("units",), ("money",))
    money = top.one_of("money", tuple(IN_YUAN), "")
    units: list[RegistryRow] = []
    projects: list[RegistryRow] = []
    for node in top.sequence("units"):
        entries = node.entries((), (*UNIT_KEYS, "projects"))
        cells = {f"unit.{key}": _cell(entries[key], key, money) for key in UNIT_KEYS if key in entries}
        units.append(RegistryRow(node.line, {name: cell for name, cell in cells.items() if cell.filled}))
        whose = {name: cell for name, cell in cells.items() if name in ("unit.code", "unit.name") and cell.filled}
        for project in entries.sequence("projects"):
            found = dict(_project_cells(project, form, money))
            projects.append(RegistryRow(project.line, {**whose, **found}))
    tables = (_table(units), _table(projects, "project.name"))
    return tables if projects else tables[:1]


def _table(rows: list[RegistryRow], *columns: str) -> RegistryTable:
    """Return rows as a list; ``columns``: those that it has in any case."""
    named = dict.fromkeys(name for row in rows for name in row.cells)
    return RegistryTable("", tuple(rows), dict.fromkeys((*columns, *named), ""))


def _cell(node: Node, heading: str, money: str) -> RegistryCell:
    """Return a scalar as a cell. Raises FormError for a list or a mapping."""
    written = "" if node.value is None else node.text()
    return RegistryCell(Raw(written or None), node.line, heading=heading, money=money)


def _project_cells(node: Node, form: Form, money: str) -> Iterator[tuple[str, RegistryCell]]:
    """Yield the filled cells of a project by their columns' names. Raises FormError for a key that is none."""
    own = given_fields(form)
    for path, value in _leaves(node):
        if path in PROJECT_KEYS:
            name = f"project.{path}"
        elif path in own:
            name = GIVEN + path
        else:
            allowed = (*PROJECT_KEYS, *own)
            raise value.mistake("unknown_key", key=path, near=nearest(path, allowed), allowed=allowed)
        cell = _cell(value, path, money)
        if cell.filled:
            yield name, cell


def _leaves(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Yield the values of nested mappings by their paths: ``budget.total``."""
    entries: Mapping[str, Node] = node.mapping()
    for key, value in entries.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value.value, dict):
            yield from _leaves(value, here)
        else:
            yield here, value
