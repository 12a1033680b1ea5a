"""The manifest (清单) of what was issued: a line for each workbook, as data and as a workbook to print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perfxl import messages
from perfxl.rounds.issue import WrittenWorkbook
from perfxl.rounds.model import RegisteredUnit, Registry
from perfxl.rounds.round import Round
from perfxl.workbook.lists.list_workbook import Column, Tab, Value, write_tabs

COLUMNS = ("code", "name", "file", "draft", "projects", "amount", "control", "difference", "digest")
"""The columns, in their order; their words are the messages ``rounds.manifest.<column>``."""

_WIDTHS = {"code": 10, "name": 26, "file": 46, "draft": 6, "projects": 7, "digest": 19}
_COUNTS = ("draft", "projects")
_MONEY = ("amount", "control", "difference")
_DIGITS = 16  # of the digest, as printed


def manifest_lines(registry: Registry, workbooks: Sequence[WrittenWorkbook]) -> list[dict[str, Any]]:
    """Return a line for each workbook. A unit's control total and its difference stand in its first line alone.

    ``difference``: the control total less the amounts of all the unit's workbooks, in 万元 (ten thousand yuan).
    """
    units = {unit.code: unit for unit in registry.units}
    amounts: dict[str, float] = {}
    for one in workbooks:
        amounts[one.unit] = amounts.get(one.unit, 0.0) + one.amount
    lines, seen = [], set()
    for one in workbooks:
        unit = units.get(one.unit, RegisteredUnit(one.unit, ""))
        control = unit.control if one.unit not in seen else None
        seen.add(one.unit)
        difference = None if control is None else _plain(control - amounts[one.unit])
        lines.append(
            {
                "code": unit.code,
                "name": unit.name,
                "form": one.form,
                "file": one.file,
                "state": one.state,
                "draft": one.draft,
                "projects": len(one.numbers),
                "numbers": list(one.numbers),
                "amount": _plain(one.amount),
                "control": control,
                "difference": difference,
                "digest": one.digest,
            }
        )
    return lines


def _plain(amount: float) -> float:
    """Return a sum of amounts in 万元 without what adding floats puts behind it."""
    return float(f"{amount:.6f}")


def write_manifest(round: Round, registry: Registry, workbooks: Sequence[WrittenWorkbook]) -> bytes:
    """Return the manifest as an .xlsx of A4, with its sums. The same workbooks give the same bytes."""
    lines = manifest_lines(registry, workbooks)
    rows: list[tuple[Value, ...]] = []
    for line in lines:
        shown = {**line, "digest": line["digest"][:_DIGITS], "file": line["file"].rpartition("/")[2]}
        rows.append(tuple(shown[column] for column in COLUMNS))
    files = messages.say("rounds.manifest.files", {"count": len(lines)})
    sums: dict[str, Value] = {"code": messages.say("rounds.manifest.sum"), "file": files}
    for column in ("projects", *_MONEY):
        stated = [line[column] for line in lines if line[column] is not None]
        sums[column] = _plain(sum(stated)) if stated else None
    rows.append(tuple(sums.get(column) for column in COLUMNS))
    name, title, note = (
        messages.say(f"rounds.manifest.{part}", {"round": round.name}) for part in ("tab", "title", "note")
    )
    tab = Tab(name, title, note, tuple(map(_column, COLUMNS)), tuple(rows), sums=frozenset({len(lines)}))
    return write_tabs([tab])


def _column(column: str) -> Column:
    """Return a column of the printed manifest: amounts to the right with two decimals, counts in the middle."""
    heading, width = messages.say(f"rounds.manifest.{column}"), _WIDTHS.get(column, 11)
    if column in _MONEY:
        return Column(heading, width, align="right", number_format="#,##0.00")
    return Column(heading, width, align="center" if column in _COUNTS else "")
