"""The units and projects of a round, as plain values.

The store keeps them; every decision about them is a function from these values to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from perfxl.errors import RoundError
from perfxl.form.source import nearest

ProjectKey = tuple[str, str, int]
"""A project of a round: the code of its unit, its form, its number."""

Disclosure = Literal["open", "closed", "secret"]
"""公开, 不公开, 涉密: whether a project's table is published; of a secret one nothing is issued or kept."""


@dataclass(frozen=True)
class RegisteredUnit:
    """A unit (a department, a township) that is asked to fill in forms.

    ``parent``: the code of the unit above it, empty for none; ``control``: its control total in 万元 (ten thousand
    yuan); ``deadline``: an ISO date of its own, empty for the round's.
    """

    code: str
    name: str
    parent: str = ""
    contact: str = ""
    phone: str = ""
    control: float | None = None
    deadline: str = ""

    @property
    def label(self) -> str:
        """The code and the name in one, as files and lists have them; the name alone where it is the code, too."""
        return self.name if self.code == self.name else f"{self.code}{self.name}"

    @property
    def told(self) -> dict[str, Any]:
        """The unit as a records file has it."""
        return {"code": self.code, "name": self.name, **({} if self.control is None else {"control": self.control})}


@dataclass(frozen=True)
class RegisteredProject:
    """One record that is asked for: a unit's project, or its one department form (``number`` 0).

    ``form``: the form's name; ``given``: the values that the form is sent out with, by their paths in the record,
    amounts in 万元; ``unit``: the code of the unit.
    """

    unit: str
    form: str
    number: int
    code: str
    name: str
    given: Mapping[str, Any] = field(default_factory=dict)
    disclosure: Disclosure = "open"

    @property
    def key(self) -> ProjectKey:
        """The unit, form and number, by which a returned sheet is matched."""
        return self.unit, self.form, self.number


@dataclass(frozen=True)
class Registry:
    """The units and projects of a round, in the order of the registry.

    ``base_records``: the records that were taken in now to go out with their projects, as they stand in a records file;
    a registry that is read from the store has none, since they are many (see ``Store.base_records``).
    ``ignored``: the headings of the list it was read from that name nothing perfxl knows; ``named_above``: the units
    without a row of their own, which stand in it because others name them as the unit above.
    """

    units: tuple[RegisteredUnit, ...] = ()
    projects: tuple[RegisteredProject, ...] = ()
    base_records: Mapping[ProjectKey, Mapping[str, Any]] = field(default_factory=dict, compare=False, repr=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)
    named_above: tuple[str, ...] = field(default=(), compare=False)

    def unit(self, code: str) -> RegisteredUnit:
        """Return a unit by its code. Raises RoundError for one that is not in the registry, with what is near."""
        found = next((unit for unit in self.units if unit.code == code), None)
        if found is None:
            raise RoundError(what="no_unit", unit=code, near=nearest(code, [unit.code for unit in self.units]))
        return found

    def asked(self) -> frozenset[ProjectKey]:
        """Return the projects of which something is to come: all but the secret ones."""
        return frozenset(project.key for project in self.projects if project.disclosure != "secret")
