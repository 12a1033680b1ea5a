"""The lists behind a form's drop-downs, and the names by which validations reach them."""

from __future__ import annotations

from perfxl.form import taxonomy
from perfxl.form.form import Field, Form


def drop_down_lists(form: Form) -> dict[str, tuple[str, ...]]:
    """The lists behind the form's drop-downs, each under the name by which validations reach it."""
    found: dict[str, tuple[str, ...]] = {}
    if form.taxonomy:
        levels = taxonomy.load(form.taxonomy).levels
        found["px.l1"] = tuple(levels)
        found["px.l2"] = tuple(dict.fromkeys(name for group in levels.values() for name in group))
        found |= {f"px.l2.{at}": group for at, group in enumerate(levels.values(), start=1)}
    for asked in form.asked:
        name = list_name(form, asked)
        if (entries := asked.kind.drop_down()) and name not in found and not asked.within:
            found[name] = entries
    return found


def list_name(form: Form, asked: Field) -> str:
    """The name of a choice's own list."""
    if form.taxonomy and asked.kind.drop_down() == tuple(taxonomy.load(form.taxonomy).levels):
        return "px.l1"
    return f"px.list.{asked.id}"
