"""The lists of a form's drop-downs, and the defined names by which data validations refer to them."""

from __future__ import annotations

from perfxl.form import taxonomy
from perfxl.form.form import Field, Form


def drop_down_lists(form: Form) -> dict[str, tuple[str, ...]]:
    """Return the entries of the form's drop-down lists by the defined name that validations refer to.

    A form with a taxonomy has ``px.l1`` (the words of its first level), ``px.l2`` (all words of its second level) and
    ``px.l2.1``, ``px.l2.2`` … (the second level of each word of the first).
    """
    lists: dict[str, tuple[str, ...]] = {}
    if form.taxonomy:
        levels = taxonomy.load(form.taxonomy).levels
        lists["px.l1"] = tuple(levels)
        lists["px.l2"] = tuple(dict.fromkeys(name for group in levels.values() for name in group))
        lists |= {f"px.l2.{number}": group for number, group in enumerate(levels.values(), start=1)}
    for field in form.asked:
        name = list_name(form, field)
        if (entries := field.type.drop_down()) and name not in lists and not field.within:
            lists[name] = entries
    return lists


def list_name(form: Form, asked: Field) -> str:
    """Return the defined name of the list of a choice field (``asked``): its own, or ``px.l1`` for the first level."""
    if form.taxonomy and asked.type.drop_down() == tuple(taxonomy.load(form.taxonomy).levels):
        return "px.l1"
    return f"px.list.{asked.id}"
