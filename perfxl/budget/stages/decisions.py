"""Decisions after approval: a file that says which targets, amounts and points were changed, dropped or added since.

year: 2024
month: 11
unit: "907001"                       # where the projects are of one unit of several
projects:
  - {number: 6, targets: {村干部满意度: ≥90%}, budget: {total: 530, fiscal: 530}}
  - {number: 9, dropped: 项目取消}
  - {number: 12, scheme: execution-20, points: {保障办公人数: 15, 运转保障率: 5}}
added: []                            # whole projects, as a records file has them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfxl.errors import FormError
from perfxl.form import scheme
from perfxl.form.definition.fields import add_place
from perfxl.form.scheme import Scheme
from perfxl.form.source import Entries, Node, parse, read_text

FUNDS = ("total", "fiscal", "carried", "other")
"""The amounts of a project's money: their total, then its parts."""


@dataclass(frozen=True)
class ProjectDecision:
    """The decisions about one project.

    ``targets``, ``points``: by the name of the indicator (三级指标); ``budget``: the amounts that are others now;
    ``scheme``: by which it is judged, None for that of all; ``dropped``: why it is no longer carried out, "" if it is.
    ``line``: where it stands in the file.
    """

    number: int
    line: int
    targets: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, Decimal] = field(default_factory=dict)
    budget: Mapping[str, float] = field(default_factory=dict)
    scheme: Scheme | None = None
    dropped: str = ""


@dataclass(frozen=True)
class Decisions:
    """The decisions of a file. ``file``: its name; ``unit``: the code of the unit, "" for any; ``month``: 0 if unsaid.

    ``added``: whole records of projects that came later.
    """

    file: str = ""
    year: int | None = None
    month: int = 0
    unit: str = ""
    projects: Mapping[int, ProjectDecision] = field(default_factory=dict)
    added: tuple[Mapping[str, Any], ...] = ()

    def of(self, number: int) -> ProjectDecision:
        """Return the decision about a project, one that changes nothing where there is none."""
        return self.projects.get(number) or ProjectDecision(number, 0)


def read_decisions(path: Path) -> Decisions:
    """Read a file of decisions. Raises FormError with file and line."""
    node = parse(read_text(path), str(path))
    entries = node.entries(("year",), ("month", "unit", "projects", "added"))
    projects: dict[int, ProjectDecision] = {}
    for item in entries.sequence("projects"):
        decision = _read(item)
        if decision.number in projects:
            raise item.mistake("repeated_key", key=str(decision.number))
        projects[decision.number] = decision
    month = entries.count("month", 0)
    if month > 12:
        raise entries["month"].mistake("wrong_option", key="month", allowed=tuple(map(str, range(1, 13))))
    return Decisions(
        file=str(path),
        year=entries["year"].count(),
        month=month,
        unit=entries.text("unit"),
        projects=projects,
        added=tuple(_plain(item) for item in entries.sequence("added")),
    )


def _read(node: Node) -> ProjectDecision:
    entries = node.entries(("number",), ("targets", "points", "budget", "scheme", "dropped"))
    return ProjectDecision(
        number=entries["number"].count(1),
        line=node.line,
        targets={name: _read_filled(value, name) for name, value in entries.mapping("targets").items()},
        points={name: Decimal(str(value.number())) for name, value in entries.mapping("points").items()},
        budget=_read_budget(entries),
        scheme=_read_scheme(entries["scheme"]) if "scheme" in entries else None,
        dropped=_read_filled(entries["dropped"], "dropped") if "dropped" in entries else "",
    )


def _read_filled(node: Node, key: str) -> str:
    """Return a text. Raises FormError for one that says nothing."""
    if not node.text().strip():
        raise node.mistake("missing_key", key=key)
    return node.text().strip()


def _read_budget(entries: Entries) -> dict[str, float]:
    amounts = entries.entries("budget", (), FUNDS)
    return {fund: amounts[fund].number() for fund in FUNDS if fund in amounts}


def _read_scheme(node: Node) -> Scheme:
    if isinstance(node.value, dict):
        return scheme.read(node)
    try:
        return scheme.load(node.text())
    except FormError as error:
        raise add_place(node, error) from error


def _plain(node: Node) -> Mapping[str, Any]:
    node.mapping()  # raises where it is none
    plain: Mapping[str, Any] = node.plain()
    return plain
