"""A form with other lists in the place of some of its own: those of another taxonomy, or of another language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from perfxl.form.choice_list import ChoiceList
from perfxl.form.expression import Expression
from perfxl.form.form import Form, scope_of
from perfxl.form.shown_results import shows_results, with_shown_results

Part = TypeVar("Part")


def replace_lists(form: Form, lists: Mapping[ChoiceList, ChoiceList]) -> Form:
    """Return a form whose answers choose from other lists. Its expressions speak of the entries of these."""
    changed = {own: other for own, other in lists.items() if other is not own}
    alone = replace(form, base=None)  # the form that it extends stays as it is
    if changed:
        alone = _replace_within(alone, lambda part: changed.get(part, part) if isinstance(part, ChoiceList) else part)
    made = with_shown_results(alone)
    if not changed and not shows_results(made):
        return form
    whole = _replace_within(made, lambda part: _rescope(made, part) if isinstance(part, Expression) else part)
    return replace(whole, base=form.base)


def _rescope(form: Form, expression: Expression) -> Expression:
    """Return an expression with what the lists of a form are to it."""
    here = scope_of(form.fields, form.tables, expression.scope.row)
    return replace(expression, scope=replace(expression.scope, lists=here.lists, joined=here.joined, shown=here.shown))


def _replace_within(part: Part, change: Callable[[Any], Any]) -> Part:
    """Return a part of a form with the parts within it changed; itself where nothing within it is."""
    changed: Part = change(part)
    if changed is not part or isinstance(part, Expression):
        return changed
    own = _members(part)
    inside = {key: _replace_within(value, change) for key, value in own.items()}
    return part if all(inside[key] is own[key] for key in own) else _make_anew(part, inside)


def _members(part: Any) -> Mapping[Any, Any]:
    """Return the parts of a part: the values of a mapping, the items of a tuple, the fields of a dataclass."""
    if isinstance(part, Mapping):
        return part
    if isinstance(part, tuple):
        return dict(enumerate(part))
    if is_dataclass(part) and not isinstance(part, type):
        return {field.name: getattr(part, field.name) for field in fields(part) if field.init}
    return {}


def _make_anew(part: Any, inside: Mapping[Any, Any]) -> Any:
    """Return a part with other parts within it."""
    if isinstance(part, Mapping):
        return dict(inside)
    if isinstance(part, tuple):
        return part._make(inside.values()) if hasattr(part, "_make") else tuple(inside.values())
    return replace(part, **inside)
