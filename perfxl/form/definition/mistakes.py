"""The mistakes of a definition, gathered in one pass; what only follows from another mistake is not told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from perfxl.errors import FormError
from perfxl.form.source import Node, nearest


class Consequence(Exception):
    """Raised for a name whose own definition is wrong: that mistake is told, not this one."""


class Mistakes:
    """The mistakes found so far.

    ``broken``: the names of parts that could not be read (fields, tables, ``sheet``, ``layout`` …); what refers to one
    of them is not judged.
    """

    def __init__(self) -> None:
        self.found: list[FormError] = []
        self.broken: set[str] = set()

    def caught(self, *names: str) -> _Caught:
        """Note a mistake made inside a ``with``, and go on behind it; ``names``: the parts that are then broken."""
        return _Caught(self, names)

    def note(self, error: FormError) -> None:
        """Note a mistake that spoils nothing else."""
        self.found.append(error)

    def require(self, *names: str) -> None:
        """Raise Consequence where one of these parts is broken."""
        if not self.broken.isdisjoint(names):
            raise Consequence

    def known(self, node: Node, known: Collection[str] | Mapping[str, Any], among: str = "fields") -> str:
        """Return a node's text, which must be one of the known names. Raises FormError, or Consequence.

        ``among``: the part of the definition that has these names; where it is broken, no name in it is missed.
        """
        id = node.text()
        if id not in known:
            self.require(id, among)
            raise node.mistake("unknown_field", field=id, near=nearest(id, known), known=tuple(known), quoted="")
        return id

    def sorted(self) -> tuple[FormError, ...]:
        """Return the mistakes in the order of their lines; one that several answers inherit from a column, once."""
        once = {repr(error.facts): error for error in self.found}
        return tuple(sorted(once.values(), key=lambda error: int(str(error.facts.get("line") or 0))))


class _Caught:
    """The context manager of ``Mistakes.caught``."""

    def __init__(self, mistakes: Mistakes, names: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        self.names = names

    def __enter__(self) -> None:
        """Go into the part."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        """Note the mistake that was made in the part, if there was one."""
        if isinstance(error, FormError):
            self.mistakes.found.append(error)
        if not isinstance(error, (FormError, Consequence)):
            return False
        self.mistakes.broken.update(self.names)
        return True


def first_of(mistakes: tuple[FormError, ...]) -> FormError:
    """Return the first mistake, to be raised; it carries the others, so that all can be told at once."""
    first, *others = mistakes
    first.others = tuple(others)
    return first
