"""The validation of a cell whose answer has limits of its own, and the colours that show which of them are broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfxl import messages
from perfxl.finding import Severity
from perfxl.form.form import Field, Form
from perfxl.form.layout import Layout
from perfxl.form.limits import limit_of
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import add_marker, blank_formula
from perfxl.workbook.sheet import colours
from perfxl.workbook.sheet.limit_formulas import Kept, LimitFormulas, has_own
from perfxl.workbook.sheet.limit_words import describe_limit, describe_relevant, joined
from perfxl.workbook.sheet.reach import held_formula

_STYLES: dict[Severity, str] = {"error": "stop", "warning": "warning", "hint": "information", "fix": "warning"}
"""What Excel does with a value that breaks a limit: refuse it, ask, or only say so."""

LONGEST_TITLE, LONGEST_TEXT = 32, 255
"""Excel's limits for the title and the text of a refusal (ECMA-376 part 1, 18.3.1.32)."""


def own_limits(layout: Layout) -> Iterator[tuple[str, Field]]:
    """Yield the answers on a sheet that have limits of their own, with the table, which is empty for the head."""
    for id, box in layout.head.items():
        if box.field and not box.locked and has_own(box.field):
            yield "", layout.form.fields[id]
    for table in layout.form.tables.values():
        yield from ((table.id, field) for field in table.columns.values() if has_own(field) and not field.given)


def limit_names(layout: Layout, policy: Policy, sheet: str) -> dict[str, str]:
    """Return the defined names with what may stand in a cell, which its validation refers to.

    A validation itself holds 255 characters in Excel's dialog, a name 8,192.
    """
    names: dict[str, str] = {}
    for table, field in own_limits(layout):
        formulas = LimitFormulas(layout, policy, table, field, sheet)
        if is_custom(formulas):
            names[_name(formulas)] = formulas.may_stand(formulas.refusing()[0])
    return names


def _name(formulas: LimitFormulas) -> str:
    """Return the defined name of what may stand in a cell."""
    return f"px.k.{formulas.path}"


def is_custom(formulas: LimitFormulas) -> bool:
    """Return whether a cell needs a formula for its validation: the list of a choice, or its type, does not say all."""
    check = formulas.field.type.validation()
    if check is not None and check.kind == "list":
        return False
    kept, _ = formulas.refusing()
    return bool(formulas.field.also or any(one.limit for one in kept))


def own_validation(layout: Layout, policy: Policy, table: str, field: Field) -> dict[str, Any]:
    """Return the validation of an answer's cell in place of that of its type, as XlsxWriter's options.

    Nothing where the validation of its type says all.
    """
    formulas = LimitFormulas(layout, policy, table, field)
    if not has_own(field) or not is_custom(formulas):
        return {}
    kept, gravest = formulas.refusing()
    title = messages.say("conditions.refusal.title", {}, layout.form.language)
    if kept and kept[0].limit is None:
        title = messages.say(f"types.refusal.{field.type.name}.title", field.type.facts(), layout.form.language)
    texts = [_refusal(one, field, layout.asked) for one in kept]
    return {
        "validate": "custom",
        "value": f"={_name(formulas)}",
        "error_title": title[:LONGEST_TITLE],
        "error_message": _as_many_as_fit(texts),
        "error_type": _STYLES[gravest or "error"],
    }


def _refusal(kept: Kept, field: Field, form: Form) -> str:
    """Return what Excel says of a value that breaks a limit."""
    if kept.limit is None:
        return messages.say(f"types.refusal.{field.type.name}.text", field.type.facts(), form.language)
    if kept.limit.name == "relevant":
        return describe_relevant(field, form)
    return describe_limit(kept.limit, field.type, form)


def with_relevance(refusal: str, field: Field, form: Form) -> str:
    """Return the refusal of a type behind the sentence where the answer is asked for, if it is not everywhere."""
    where = describe_relevant(field, form)
    return _as_many_as_fit([where, refusal]) if where else refusal


def with_own_words(refusal: str, field: Field, form: Form) -> str:
    """Return the refusal of a type behind the author's own sentences about its limits."""
    own = [describe_limit(limit, field.type, form) for limit in field.limits if limit.bounds_type and limit.message]
    return _as_many_as_fit([*own, refusal])


def _as_many_as_fit(texts: list[str]) -> str:
    """Return as many of the sentences, from the first on, as a refusal has room for."""
    fitting = [at for at in range(1, len(texts) + 1) if len(joined(texts[:at])) <= LONGEST_TEXT]
    return joined(texts[: fitting[-1] if fitting else 1])[:LONGEST_TEXT]


def limit_colours(layout: Layout, policy: Policy, table: str, field: Field) -> Iterator[tuple[str, str]]:
    """Yield the conditional formats of an answer's limits, the most important first: condition and fill."""
    formulas = LimitFormulas(layout, policy, table, field)
    here = formulas.reach.here()
    if where := formulas.relevant():
        filled = f"AND({where}<>1,NOT({blank_formula(here)}))"
        limit = limit_of(field.limits, "relevant")
        severity = formulas.severity(limit) if limit else None
        if severity in ("error", "warning"):
            yield add_marker("unasked", filled), colours.FLAG_FILLS[severity]
        yield add_marker("elsewhere", f"{where}<>1"), colours.UNASKED_FILL
    kept = [one for one in formulas.kept() if one.limit and one.limit.name != "relevant"]
    for severity in ("error", "warning"):
        for one in kept:
            if one.severity == severity:
                yield add_marker("limit", formulas.is_broken(one)), colours.FLAG_FILLS[one.severity]
    if required := formulas.required():
        held = held_formula(layout, formulas.reach, table, field)
        yield add_marker("needed", f"AND({blank_formula(held)},{required}=1)"), colours.REQUIRED_FILL
