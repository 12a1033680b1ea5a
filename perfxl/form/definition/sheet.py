"""The set-up of the sheet, and the rows of its layout."""

from __future__ import annotations

import re
from collections.abc import Mapping

from perfxl.form.definition.keys import section
from perfxl.form.definition.mistakes import Consequence, Mistakes
from perfxl.form.definition.structure import prune
from perfxl.form.definition.texts import read_template
from perfxl.form.form import Align, Field, LayoutRow, Piece, SheetSetup, Table
from perfxl.form.source import Entries, Node

_ALIGN: tuple[Align, ...] = ("left", "center", "right")
_NO_TAB = r"[][:*?/\\]"
_LONGEST_TAB = 31
"""The most characters in a tab's name, and those that cannot stand in it (Excel specifications and limits)."""


def read_sheet(node: Node) -> SheetSetup:
    """Read the set-up of the sheet."""
    entries = Entries(node.mapping())
    marks = Entries(entries.mapping("marks"))
    heights = Entries(entries.mapping("heights"))
    side = marks.one_of("side", ("before", "after"), "before")
    start = re.fullmatch(r"([A-Z])([1-9]\d{0,2})", entries.text("start"))
    # one row above for the mark row, and one column before where the keys stand there
    if not start or start[2] == "1" or (side == "before" and start[1] == "A"):
        raise entries["start"].mistake("no_room_for_marks", start=entries.text("start"), side=side)
    return SheetSetup(
        name=_read_tab_name(entries["name"]),
        columns=tuple(item.number() for item in entries.sequence("columns")),
        row=int(start[2]) - 1,
        column=ord(start[1]) - ord("A"),
        key="before" if side == "before" else "after",
        key_width=marks.number("width", 3.6),
        key_label=marks.text("label"),
        landscape=entries.one_of("orientation", ("portrait", "landscape"), "portrait") == "landscape",
        panel=tuple(item.number() for item in entries.sequence("panel")),
        header_height=heights.number("header", 30.0),
        row_height=heights.number("row", 34.0),
    )


def _read_tab_name(node: Node) -> str:
    """Read the name of the sheet's tab, whose constant words must be such as Excel takes."""
    text = read_template(node)
    constant = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text)
    if re.search(_NO_TAB, constant) or len(constant) > _LONGEST_TAB:
        better = " ".join(re.sub(_NO_TAB, " ", text).split())
        raise node.mistake("bad_tab_name", found=text, limit=_LONGEST_TAB, better=better[:_LONGEST_TAB])
    return text


def read_layout(
    nodes: list[Node], fields: Mapping[str, Field], tables: Mapping[str, Table], width: int, mistakes: Mistakes
) -> tuple[LayoutRow, ...]:
    """Read the rows of the layout; ``width``: the number of the sheet's columns, which no row may exceed."""
    rows: list[LayoutRow] = []
    for node in nodes:
        with mistakes.caught("layout"):
            rows.append(_read_row(node, fields, tables, width, mistakes))
    return tuple(rows)


def _read_row(
    node: Node, fields: Mapping[str, Field], tables: Mapping[str, Table], width: int, mistakes: Mistakes
) -> LayoutRow:
    """Read a row of the layout. Raises FormError, or Consequence."""
    before = len(mistakes.found)
    is_mapping = isinstance(node.value, dict)
    name = "table_row" if is_mapping and "table" in node.mapping() else "row"
    if not is_mapping:
        node = Node({"cells": node}, node.line, node.file)
    pruned = prune(node, section(name), mistakes)
    if pruned is None or len(mistakes.found) > before:
        mistakes.broken.add("layout")
    if pruned is None:
        raise Consequence
    entries = Entries(pruned.mapping())
    if name == "table_row":
        table = tables[mistakes.known(entries["table"], tables, "tables")]
        covered = sum(column.span for column in table.columns.values()) + (1 if table.side else 0)
        row = LayoutRow(table=table.id, line=node.line)
    else:
        pieces = tuple(_read_piece(item, fields, mistakes) for item in entries.sequence("cells"))
        covered = sum(piece.span for piece in pieces)
        row = LayoutRow(pieces, height=entries.number("height", 30.0), line=node.line)
    if covered > width and "sheet" not in mistakes.broken:
        raise node.mistake("row_too_wide", covered=covered, columns=width)
    return row


_ROLES = ("title", "text", "field", "mark")
_STYLES = ("label", "plain", "note", "heading")


def _read_piece(node: Node, fields: Mapping[str, Field], mistakes: Mistakes) -> Piece:
    """Read one cell of a layout row."""
    if not isinstance(node.value, dict):
        return Piece("text", text=read_template(node))
    entries = Entries(node.mapping())
    given = [role for role in _ROLES if role in entries]
    if len(given) != 1:
        raise node.mistake("one_of_keys", found=", ".join(given), allowed=_ROLES)
    (role,) = given
    return Piece(
        role=role,  # type: ignore[arg-type]
        text=read_template(entries["text"]) if role == "text" else "",
        field=mistakes.known(entries["field"], fields) if role == "field" else "",
        span=entries.count("span", 1, minimum=1),
        rows=entries.count("rows", 1, minimum=1),
        style=entries.one_of("style", _STYLES, "label"),  # type: ignore[arg-type]
        align=entries["align"].one_of(_ALIGN) if "align" in entries else None,
    )
