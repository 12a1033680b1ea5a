"""Decisions after approval: a file that says which targets, amounts and points were changed, dropped or added since.

year: 2024
month: 11
unit: "907001"                       # where the projects are of one unit of several; a project may name its own
projects:
  - {number: 6, targets: {村干部满意度: ≥90%}, budget: {total: 530, fiscal: 530}}
  - {number: 9, dropped: 项目取消}
  - {number: 12, scheme: execution-20, points: {保障办公人数: 15, 运转保障率: 5}}
added: []                            # whole projects, as a records file has them; each may name its unit
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
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

    ``projects``: by unit and number; ``added``: whole records of projects that came later, each with its unit.
    """

    file: str = ""
    year: int | None = None
    month: int = 0
    unit: str = ""
    projects: Mapping[tuple[str, int], ProjectDecision] = field(default_factory=dict)
    added: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def units(self) -> frozenset[str]:
        """The codes of the units that are named; "" is one of them where a decision names none."""
        return frozenset(unit for unit, _ in (*self.projects, *self.added))

    def about(self, unit: str) -> Mapping[int, ProjectDecision]:
        """Return the decisions about a unit's projects by their numbers."""
        return {number: one for (named, number), one in self.projects.items() if named in ("", unit)}

    def added_to(self, unit: str) -> tuple[Mapping[str, Any], ...]:
        """Return the projects that were added to a unit."""
        return tuple(record for named, record in self.added if named in ("", unit))


def read_decisions(path: Path) -> Decisions:
    """Read a file of decisions. Raises FormError with file and line."""
    return _read_file(read_text(path), str(path))


@lru_cache(maxsize=1)  # one file tells of the projects of many units
def _read_file(text: str, file: str) -> Decisions:
    node = parse(text, file)
    entries = node.entries(("year",), ("month", "unit", "projects", "added"))
    unit = entries.text("unit")
    projects: dict[tuple[str, int], ProjectDecision] = {}
    for item in entries.sequence("projects"):
        named, decision = _read(item, unit)
        if (named, decision.number) in projects:
            raise item.mistake("repeated_key", key=f"{named} {decision.number}".strip())
        projects[named, decision.number] = decision
    month = entries.count("month", 0)
    if month > 12:
        raise entries["month"].mistake("wrong_option", key="month", allowed=tuple(map(str, range(1, 13))))
    return Decisions(
        file=file,
        year=entries["year"].count(),
        month=month,
        unit=unit,
        projects=projects,
        added=tuple(_read_added(item, unit) for item in entries.sequence("added")),
    )


def _read(node: Node, unit: str) -> tuple[str, ProjectDecision]:
    """Return the unit of a decision, that of the file where it names none, and the decision."""
    entries = node.entries(("number",), ("unit", "targets", "points", "budget", "scheme", "dropped"))
    return entries.text("unit", unit), ProjectDecision(
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
    """Return the scheme of a decision: by its name, in a file beside this one, or here."""
    if isinstance(node.value, dict):
        return scheme.read(node)
    if node.text().endswith((".yaml", ".yml")):
        return scheme.load(str(Path(node.file).parent / node.text()))
    try:
        return scheme.load(node.text())
    except FormError as error:
        raise add_place(node, error) from error


def _read_added(node: Node, unit: str) -> tuple[str, Mapping[str, Any]]:
    own = node.mapping()  # raises where it is none
    plain: Mapping[str, Any] = node.plain()
    return own["unit"].text() if "unit" in own else unit, {key: plain[key] for key in plain if key != "unit"}
