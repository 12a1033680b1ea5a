"""The lines of a table of units: each unit below the one above it, sums of those below, the sum of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from perfxl import messages
from perfxl.summary import AskedUnit, UnitLine


def unit_lines(found: Mapping[str, str], units: Sequence[AskedUnit], lang: str) -> tuple[UnitLine, ...]:
    """Return the lines of the units of which something was found; the sum of all is last, unless one stands at the top.

    ``found``: their names by their codes, for a unit without a code by its name; ``units``: those of a registry, in its
    order. A unit that is not among these stands at the top, behind the others.
    """
    known = {unit.code for unit in units}
    more = [AskedUnit(code, name, "") for code, name in sorted(found.items()) if code not in known]
    lines = tuple(_lines([*units, *more], found, lang))
    everyone = tuple(line.units[0] for line in lines if line.level == "unit")
    if len([line for line in lines if line.depth == 0]) < 2:  # the one at the top is the sum of all
        return lines
    name = messages.say("report.summary.total", {"units": len(everyone)}, lang)
    return (*lines, UnitLine("total", name, 0, everyone))


def _lines(units: Sequence[AskedUnit], found: Mapping[str, str], lang: str) -> Iterator[UnitLine]:
    codes = {unit.code for unit in units}
    below: dict[str, list[AskedUnit]] = {}
    for unit in units:
        below.setdefault(unit.parent if unit.parent in codes else "", []).append(unit)

    reached: set[str] = set()

    def lines_of(unit: AskedUnit, depth: int) -> Iterator[UnitLine]:
        reached.add(unit.code)
        lower = [one for one in below.get(unit.code, ()) if unit.code and one.code not in reached]
        inner = [line for one in lower for line in lines_of(one, depth + 1)]
        own = unit.code in found
        if not inner:
            if own:
                yield UnitLine("unit", unit.name, depth, (unit.code,))
            return
        yield UnitLine("group", unit.name, depth, (*([unit.code] if own else []), *_units_of(inner)))
        if own:
            name = messages.say("report.summary.own", {"name": unit.name}, lang)
            yield UnitLine("unit", name, depth + 1, (unit.code,))
        yield from inner

    for top in (*below.get("", ()), *units):  # of units that stand above each other in a circle, the first is the top
        if top.code not in reached:
            yield from lines_of(top, 0)


def _units_of(lines: Iterable[UnitLine]) -> Iterator[str]:
    return (line.units[0] for line in lines if line.level == "unit")
