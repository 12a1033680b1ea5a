"""The form that a sheet was made with: in its version, with its taxonomy, in its language.

A county may have another taxonomy than the definition names. Its classes are then offered and read; the rows that a
blank form begins with are those of the definition whose class there is, with one more for each required group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from perfxl.errors import FormError
from perfxl.form import installed, taxonomy
from perfxl.form.form import Form, Groups, Table
from perfxl.form.other_lists import replace_lists
from perfxl.form.source import Node
from perfxl.form.table_rows import group_names, spare_rows
from perfxl.form.taxonomy import LIST, Taxonomy
from perfxl.form.texts import readable, reword
from perfxl.form.types.base import Raw
from perfxl.form.types.choice import Choice


def sheet_form(name: str, version: str = "", language: str = "", other_taxonomy: str = "") -> Form:
    """Return the form that a sheet was made with; ``other_taxonomy``: the one that took the place of the form's own.

    Raises UnknownForm, or FormError for a mistake in the definition and for a taxonomy that nobody knows.
    """
    return readable(with_taxonomy(installed.load(name, version), other_taxonomy), language)


@lru_cache(maxsize=256)
def with_taxonomy(form: Form, id: str) -> Form:
    """Return a form with another taxonomy in the place of its own; the form itself for its own, and for none.

    Raises FormError for a taxonomy that nobody knows, and for a form without one.
    """
    if id in ("", form.taxonomy):
        return form
    classes = taxonomy.load(id)
    if not form.taxonomy:
        raise FormError(file=None, line=None, what="no_classes", form=form.name)
    own = form.choices[LIST]
    made = replace_lists(replace(form, taxonomy=id, own_taxonomy=form.taxonomy), {own: classes.listed})
    tables = {id: _with_groups(form.tables[id], table, classes) for id, table in made.tables.items()}
    made = replace(made, tables=tables)
    words = {text: Node(other, 0, form.file, other) for text, other in classes.texts.items()}
    return reword(made, words).form


def _with_groups(own: Table, table: Table, classes: Taxonomy) -> Table:
    """Return a table of a form with another taxonomy, with the groups of that; ``own``: as the definition has it."""
    if own.groups is None or table.groups is None or own.columns[own.groups.by] is table.columns[own.groups.by]:
        return table
    names = group_names(own, own.groups)
    spare = dict(zip(names, spare_rows(own.groups, len(names)), strict=True))
    here = tuple(spare.get(name, 1) for name in group_names(table, table.groups))
    return replace(table, groups=replace(own.groups, begin=tuple(_begin(own.groups, classes)), spare=here))


def _begin(groups: Groups, classes: Taxonomy) -> Iterator[str]:
    """Yield the classes of the rows that a blank form begins with."""
    if not groups.begin:
        return
    level2 = Choice(classes.level2, synonyms=classes.names(2))
    read = (level2.read(Raw(name)) for name in groups.begin)
    known = [found.value for found in read if not found.problem]
    known += [group[0] for group in classes.required if not any(name in known for name in group)]
    yield from sorted(known, key=classes.level2.index)
