"""The rules (checks) and the hits that they yield."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfxl.finding import Severity
from perfxl.form.form import Form, FormRule
from perfxl.rules.subject import Subject


@dataclass(frozen=True)
class Hit:
    """One result of a rule.

    ``fields``: the paths concerned, the first being the one it is about, none for the file as a whole; ``facts``: the
    values for its sentence; ``suggestion``: the text to type into the first field. Where a correction is safe (severity
    ``fix``), the fact ``corrected`` lists the corrected value of each field. ``severity``: its own, where it is not the
    rule's.
    """

    fields: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    suggestion: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """One check. Its messages stand in ``messages/*/rules/`` under its code.

    ``check``: yields the hits on a subject. ``needs``: the fields and columns (``measures.target``) that a form must
    have for the rule to apply; ``@key``: a unit has several of its records, known by a key.

    ``bad``: paths and values that, laid over the form's example record, break this rule and no other; ``good``: those
    that do not break it. Paths that begin with ``seen.`` and ``unit.`` lay over the sheet and the unit around the
    record; ``unit.projects`` is a list of the unit's other projects, each given as values laid over the example.

    ``still``: the Excel condition on ``{cell}`` under which a flagged cell is still wrong, so that its flag disappears
    when the cell is put right; ``{blank}`` in it is the condition that the cell is blank. It may depend on the facts of
    the hit. Without it, or where it is empty, the flag stays until a person looks at the cell. ``white_space``: the
    rule is about white space, so that a change of white space alone counts as a change of the cell. ``together``: its
    cells are wrong only together, so that a change of one of them counts as a change of all. ``beside``: the answers of
    the head, and of the row, for which its cell is wrong; a change of one of them counts as a change of the cell.
    ``until_changed``: any change of a cell settles it.

    ``limits``: the checks of limits (``LM-03``) that this rule says better: about the answers that it finds, these are
    silent.

    ``of_unit``: it is about the records of a unit together; no single one answers for it. ``compares``: it is about one
    record beside the others of its unit, so that it may hold no more, or only now, where one of them changes.

    ``lines``: the rule as lines (expressions) of a given form, where it can be expressed so; then the sheet checks it
    too. ``types``: the types of answer whose validation in the sheet has the severity of this rule.
    """

    code: str
    severity: Severity
    check: Callable[[Subject], Iterable[Hit]]
    needs: tuple[str, ...] = ()
    bad: Mapping[str, Any] = field(default_factory=dict)
    good: Mapping[str, Any] = field(default_factory=dict)
    still: str | Callable[[Mapping[str, Any]], str] = ""
    white_space: bool = False
    together: bool = False
    beside: tuple[str, ...] = ()
    until_changed: bool = False
    lines: Callable[[Form], Iterable[FormRule]] | None = None
    types: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    of_unit: bool = False
    compares: bool = False
