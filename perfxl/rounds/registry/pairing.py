"""The projects of a list paired with the known ones of their unit: by code, else by name; a new number for the others.

A number that was ever used in a unit names one project for good: drafts are kept under it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from perfxl.form.characters import squeeze
from perfxl.rounds.model import RegisteredProject


class ProjectMarks(NamedTuple):
    """The marks of a project in a list; ``number``: the one that the list states, None where it states none."""

    code: str
    name: str
    number: int | None = None


class Numbering(NamedTuple):
    """The numbers of a unit's listed projects, in their order.

    ``known``: for each the known project that it is, None for a new one; ``holders``: by the place of a new project,
    the known project that has the number that the list states for it.
    """

    numbers: tuple[int, ...]
    known: tuple[RegisteredProject | None, ...]
    holders: dict[int, RegisteredProject]


def number_projects(known: Sequence[RegisteredProject], listed: Sequence[ProjectMarks]) -> Numbering:
    """Return the numbers of a unit's projects: of a known one its own, of a new one that of the list, or a fresh one.

    ``known``: every project that the unit ever had in this form, those that are asked now first.
    """
    pairs = _pairs(known, listed)
    holders = {project.number: project for project in reversed(known)}
    found = [pairs.get(at) for at in range(len(listed))]
    taken = {
        at: holders[marks.number] for at, marks in enumerate(listed) if at not in pairs and marks.number in holders
    }
    fresh = max([*holders, *(marks.number or 0 for marks in listed)], default=0)
    numbers = []
    for project, marks in zip(found, listed, strict=True):
        if project is None and marks.number is None:
            fresh += 1
        numbers.append(project.number if project else marks.number or fresh)
    return Numbering(tuple(numbers), tuple(found), taken)


def _pairs(known: Sequence[RegisteredProject], listed: Sequence[ProjectMarks]) -> dict[int, RegisteredProject]:
    """Return the known project of each place in the list; the surest mark decides first."""
    same: tuple[Callable[[RegisteredProject, ProjectMarks], bool], ...] = (
        lambda project, marks: bool(marks.code) and project.code == marks.code,
        lambda project, marks: squeeze(project.name) == squeeze(marks.name) != "",
        # two codes that differ say more than a number
        lambda project, marks: project.number == marks.number and not (project.code and marks.code),
    )
    pairs: dict[int, RegisteredProject] = {}
    left = list(known)
    for is_same in same:
        for at, marks in enumerate(listed):
            if at not in pairs and (project := next((one for one in left if is_same(one, marks)), None)):
                pairs[at] = project
                left.remove(project)
    return pairs
