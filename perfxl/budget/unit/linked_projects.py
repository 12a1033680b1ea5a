"""The projects that serve a part of a department's goals, as the part names them: by number, or by name.

A number may have the name behind it: 3, 项目3, 3.助餐服务.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern

_NUMBER = late_pattern(r"(?:项目|第)?([0-9]{1,4})(?![0-9])(?:(?:号|个)?项目|[.．、:：].*)?")


class GoalPart(NamedTuple):
    """A part of a department's goals. ``path``: where it stands in the record; ``area``: the name of its area."""

    path: str
    area: str
    cells: Mapping[str, Any]

    @property
    def named(self) -> tuple[str, ...]:
        """The projects that it names, as they were typed."""
        found = self.cells.get("projects")
        texts = found if isinstance(found, (list, tuple)) else [] if found is None else [found]
        return tuple(str(text).strip() for text in texts if str(text).strip())


def parts_of(department: Mapping[str, Any]) -> Iterator[GoalPart]:
    """Yield the parts of a department's goals in their order."""
    for at, area in enumerate(mappings(department.get("areas"))):
        for index, part in enumerate(mappings(area.get("parts"))):
            yield GoalPart(f"areas[{at}].parts[{index}]", str(area.get("name") or ""), part)


def number_of(named: str, projects: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the number of the project that is named so; None where the unit has none, or several of the name."""
    plain = squeeze(named)
    same = [project.get("number") for project in projects if squeeze(str(project.get("name") or "")) == plain]
    if len(same) == 1:
        return same[0] if isinstance(same[0], int) else None
    match = _NUMBER.fullmatch(plain)
    number = int(match[1]) if match else None
    return number if any(project.get("number") == number for project in projects) else None


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the records of a list, without what is none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, (list, tuple)) else []
