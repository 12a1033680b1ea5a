"""What a rule is, what it looks at and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfxl.finding import Severity
from perfxl.form.form import Form, FormRule
from perfxl.rules.subject import Subject


@dataclass(frozen=True)
class Hit:
    """One thing a rule found: the paths concerned (first the one it is about) and the facts of its sentence.

    ``suggestion`` is the text to type into the first field. Where a correction is safe (severity
    ``fix``) the fact ``corrected`` lists the text for each of the fields.
    """

    fields: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    suggestion: str | None = None


@dataclass(frozen=True)
class Rule:
    """One check. Its words stand in ``messages/*/rules/`` under its code.

    ``needs``: fields and columns (``measures.target``) that a form must have for the rule to be
    asked. ``bad``: paths
    and values laid over the form's example record that break this rule and no other; ``good``: that
    do not break it. ``seen.…`` and ``unit.…`` in them lay over the surroundings, ``unit.projects``
    being the unit's other projects, each as values laid over the example. ``still``: the Excel condition on
    ``{cell}`` under which a flagged cell is still wrong, so that its flag clears by itself; without one it is wrong
    until somebody looks; ``{blank}`` in it is the condition that the cell holds nothing. ``white_space``: the rule is
    about blanks, so that a change of these is a change. ``together``: its cells are wrong only together, so that a
    change of one is a change of all. ``lines``: what it comes to for a form, as expressions, where it can be said so;
    then the sheet checks it too. ``kinds``: the kinds of answer whose validation in the sheet it stands behind.
    """

    code: str
    severity: Severity
    check: Callable[[Subject], Iterable[Hit]]
    needs: tuple[str, ...] = ()
    bad: Mapping[str, Any] = field(default_factory=dict)
    good: Mapping[str, Any] = field(default_factory=dict)
    still: str = ""
    white_space: bool = False
    together: bool = False
    lines: Callable[[Form], Iterable[FormRule]] | None = None
    kinds: tuple[str, ...] = ()
