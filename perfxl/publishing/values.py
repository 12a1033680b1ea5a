"""Records as a document shows them: every answer a text, spelled as on the form's sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from perfxl.form.answers import get, put
from perfxl.form.form import Field, Form, Table
from perfxl.form.types.base import Raw
from perfxl.form.types.number_format import shown_text

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 cannot hold (production 2), and the carriage return, which it changes."""

Dropped = Callable[[], None]


def shown_record(form: Form, record: Mapping[str, Any], dropped: Dropped) -> dict[str, Any]:
    """Return a record with all answers of its form as texts, lists of them where an answer has several.

    A blank is an empty text. ``dropped``: called for a text with characters that no document can hold, which are left
    out.
    """
    shown: dict[str, Any] = {}
    for id, field in form.fields.items():
        put(shown, id, _answer(field, get(record, id), dropped))
    for table in form.tables.values():
        put(shown, table.lists[0], _items(table, record, 1, dropped))
    return shown


def _items(table: Table, above: Any, level: int, dropped: Dropped) -> list[Any]:
    """Return the items of a table's list at a level, below an item of the level above."""
    columns = [(table.columns[id], rest) for id, (at, rest) in table.places.items() if at == level]
    listed = []
    for item in get(above, table.lists[level - 1]) or ():
        if [rest for _, rest in columns] == [""]:
            listed.append(_answer(columns[0][0], item, dropped))
            continue
        made: dict[str, Any] = {}
        for column, rest in columns:
            put(made, rest, _answer(column, get(item, rest), dropped))
        if level < len(table.lists):
            put(made, table.lists[level], _items(table, item, level + 1, dropped))
        listed.append(made)
    return listed


def _answer(field: Field, value: Any, dropped: Dropped) -> Any:
    if field.type.value_type == "items" or isinstance(value, (list, tuple)):
        several = value if isinstance(value, (list, tuple)) else () if value is None else (value,)
        return [clean(str(one), dropped) for one in several]
    cell = value if isinstance(value, str) else field.type.show(value)
    return clean(cell if isinstance(cell, str) else shown_text(Raw(cell, field.type.number_format)), dropped)


def clean(text: str, dropped: Dropped) -> str:
    """Return a text as a document can hold it: line ends as one character, no control characters."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = _NO_XML.sub("", unified)
    if kept != unified:
        dropped()
    return kept
