"""The issue values of a returned sheet: said of the sending when it went out, such as the quarter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.recognise import parse_target
from perfxl.workbook.sheet.identity import PRINTED, values_of_sign


def issued_values(located: LocatedSheet) -> Iterator[tuple[str, Any]]:
    """Yield the issue values that the printed code names, as far as it has more of them than a sign."""
    code = PRINTED.search(located.recognised.printed) if located.form.issue else None
    names = [name for name in located.form.issue if name != "year"]
    for name, value in zip(names, values_of_sign(code["issue"] or "") if code else (), strict=False):
        if value is not None:
            yield name, value


def read_issue_values(located: LocatedSheet) -> Iterator[tuple[str, Any]]:
    """Yield the issue values that stand on the sheet, found by their defined names; else those it was issued with."""
    for name in located.form.issue:
        target = parse_target(located.recognised.names.get(f"px.{name}", ""))
        issued = located.recognised.given.get(name)
        yield name, located.sheet.raw(target.row, target.column).value if target else issued
