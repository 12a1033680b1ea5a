"""The place of a path on its sheet, without words of any language: the group, the row in it, the label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from perfxl.form.answers import without_rows

if TYPE_CHECKING:
    from perfxl.form.form import Form, Table

_REMARK = re.compile(r"[（(][^（）()]*[）)]$")  # 资金支出计划（%）


class Place(NamedTuple):
    """``group``: the words above (质量指标, 资金支出计划), ``nth``: the row in it from 1 (0: no row), ``label``."""

    group: str
    nth: int
    label: str


def locate(path: str, form: Form, record: Mapping[str, Any]) -> Place:
    """Return the place of a path of this record; a path of no field stands for itself."""
    id = without_rows(path)
    if id in form.fields:
        *outer, inner = _labels(form)[id]
        return Place("·".join(plain(text) for text in outer), 0, plain(inner))
    if id in form.tables:
        return Place("", 0, form.tables[id].label)
    if (sums := _SUMS.fullmatch(path)) and sums["table"] in form.tables:
        return _locate_sum(sums, form.tables[sums["table"]])
    if id not in _columns(form):
        return Place("", 0, id)
    table, header = _columns(form)[id]
    indices = [int(index) for index in _INDEX.findall(path)]
    if not indices:
        return Place("", 0, header)
    group, nth = _group(table, record, indices)
    return Place(group, nth, header)


_SUMS = re.compile(r"(?P<table>.+?)\.sums(\[(?P<group>\d+)\])?\.(?P<column>.+)")
"""The path of a sum: works.sums.money for a total of the table works, works.sums[0].money for that of a group."""


def _locate_sum(path: re.Match[str], table: Table) -> Place:
    """Return the place of a sum."""
    column = table.columns[path["column"]]
    header = column.label[-1] if column.label else column.id
    if path["group"] is None or not table.groups or not table.groups.subtotal:
        return Place(table.totals.label if table.totals else "", 0, header)
    group = table.columns[table.groups.by].type.drop_down()[int(path["group"])]
    return Place(f"{group}·{table.groups.subtotal.label}", 0, header)


@lru_cache(maxsize=64)
def _columns(form: Form) -> Mapping[str, tuple[Table, str]]:
    """Return the table of each column, by its path, and the words of its header."""
    return {
        table.path(id): (table, "·".join(fixed_parts(table.labels[column.id])))
        for table in form.tables.values()
        for id, column in table.columns.items()
    }


_INDEX = re.compile(r"\[(\d+)\]")


@lru_cache(maxsize=64)
def _labels(form: Form) -> Mapping[str, tuple[str, ...]]:
    """Return the visible words of the head's fields; without a label of its own, the words before it on the sheet."""
    beside: dict[str, str] = {}
    for row in form.layout:
        words = ""
        for piece in row.pieces:
            if piece.role == "text":
                words = piece.text
            elif piece.role == "field" and "{" not in words:
                beside.setdefault(piece.field, words)
    return {id: asked.label or (beside.get(id) or id,) for id, asked in form.fields.items()}


def label(id: str, form: Form) -> str:
    """Return a head field's innermost visible words: 预算数, 财政资金."""
    return plain(_labels(form)[id][-1]) if id in form.fields else id


def answer_label(table: str, path: str, form: Form, beside: tuple[str, ...] = ()) -> str:
    """Return what an answer is called in a sentence on one line: its innermost words, where no other answer has them.

    Else these words of several levels, without the last ones that it shares with ``beside``, the label of the answer
    that the sentence is about. ``table``: empty for an answer of the head; ``path``: its id there.
    """
    words = _words(form, table)
    parts = list(words[path])
    if [other[-1] for other in words.values()].count(parts[-1]) == 1:
        return parts[-1]
    for own in reversed([plain(part) for part in beside]):
        if len(parts) < 2 or parts[-1] != own:
            break
        parts.pop()
    return "·".join(parts)


@lru_cache(maxsize=256)
def _words(form: Form, table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the labels of a table's columns, or of the head's answers, by id."""
    columns = form.tables[table].columns if table else {}
    labels = {id: fixed_parts(column.label) or (id,) for id, column in columns.items()} if table else _labels(form)
    return {id: tuple(plain(part).replace("\n", "") for part in label) for id, label in labels.items()}


def fixed_parts(label: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a label that are the same on every sheet: without {{ first_month }}—{{ last_month }}月."""
    return tuple(part for part in label if "{" not in part)


def plain(text: str) -> str:
    """Return visible words as people call them: 资金支出计划 for 资金支出计划（%）, 财政资金 for 其中：财政资金."""
    return _REMARK.sub("", text).removeprefix("其中：").rstrip("：:")


def _group(table: Table, record: Mapping[str, Any], indices: list[int]) -> tuple[str, int]:
    """Return the words that head a row, and which row under them it is."""
    rows = record.get(table.lists[0])
    rows = rows if isinstance(rows, (list, tuple)) else []
    here = rows[indices[0]] if indices[0] < len(rows) else None
    for key in ("level2", "level1", *((table.groups.by,) if table.groups else ())):
        word = here.get(key) if isinstance(here, Mapping) else None
        if isinstance(word, str) and word.strip():
            same = [row for row in rows[: indices[0]] if isinstance(row, Mapping) and row.get(key) == word]
            shown = table.columns[key].type.show(word.strip()) if key in table.columns else None
            return str(shown or word.strip()), len(same) + 1
    name = here.get("name") if isinstance(here, Mapping) and len(indices) > 1 else None
    return (name if isinstance(name, str) else table.side), indices[-1] + 1
