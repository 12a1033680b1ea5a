"""A finding: what one rule has to say about some cells of one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

Severity = Literal["error", "warning", "hint", "fix"]
"""强制性 (return it), 核实性 (fix or explain), 提示 (never colours), 可代改 (safe to correct)."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "fix", "hint")
"""From the gravest on: the order in which findings are numbered."""


@dataclass(frozen=True)
class Finding:
    """What ``code`` has to say. Facts travel here; the sentence is made by ``perfxl.messages``.

    ``fields`` are paths into the record (``budget.total``, ``indicators[3].target``, rows counted
    from 0), the first being the one the sentence is about; ``cells`` are their places
    (``Sheet!C5``, the anchor of a merge), empty where there is no sheet.
    """

    code: str
    severity: Severity
    fields: tuple[str, ...]
    facts: Mapping[str, Any] = default(default_factory=dict)
    suggestion: str | None = None
    file: str = ""
    sheet: str = ""
    cells: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The path the sentence is about."""
        return self.fields[0] if self.fields else ""

    @property
    def cell(self) -> str:
        """The cell the sentence is about."""
        return self.cells[0] if self.cells else ""
