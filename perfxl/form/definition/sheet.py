"""The set-up of the sheet, and the rows of its layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from unicodedata import east_asian_width

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


def read_sheet(top: Entries) -> SheetSetup:
    """Read the set-up of the sheet; ``columns`` is empty where the layout is to be drawn and the form gives none."""
    entries = Entries(top.mapping("sheet"))
    if "layout" in top and "columns" not in entries:
        raise top["sheet" if "sheet" in top else "layout"].mistake("no_columns")
    marks = Entries(entries.mapping("marks"))
    heights = Entries(entries.mapping("heights"))
    side = marks.one_of("side", ("before", "after"), "before")
    corner = entries.text("start", "B2" if side == "before" else "A2")
    start = re.fullmatch(r"([A-Z])([1-9]\d{0,2})", corner)
    # one row above for the mark row, and one column before where the keys stand there
    if not start or start[2] == "1" or (side == "before" and start[1] == "A"):
        raise entries["start"].mistake("no_room_for_marks", start=corner, side=side)
    label = top.text("label", top.text("form"))
    return SheetSetup(
        name=_read_tab_name(entries["name"]) if "name" in entries else _tab_name(label),
        columns=tuple(item.number() for item in entries.sequence("columns")),
        row=int(start[2]) - 1,
        column=ord(start[1]) - ord("A"),
        key="before" if side == "before" else "after",
        key_width=marks.number("width", 3.6),
        key_label=marks.text("label"),
        landscape=entries.one_of("orientation", ("portrait", "landscape"), "portrait") == "landscape",
        panel=_read_panel(entries, drawn="layout" not in top),
        header_height=heights.number("header", 30.0),
        row_height=heights.number("row", 34.0),
        footer=_read_footer(entries["footer"]) if "footer" in entries else None,
    )


_PANEL = (0.8, 37.0)
"""The widths of the gap and of the panel beside a layout that perfxl draws."""

_LONGEST_FOOTER = 150
"""The most characters of a footer: Excel takes 255 with the printed code and the page number."""


def _read_panel(entries: Entries, drawn: bool) -> tuple[float, ...]:
    """Read the widths of the gap and of the panel; a drawn layout has one unless the form says that it has none."""
    if drawn and "panel" not in entries:
        return _PANEL
    return tuple(item.number() for item in entries.sequence("panel"))


def _read_footer(node: Node) -> str:
    """Read the text at the foot of each printed page."""
    text = read_template(node)
    if len(text) > _LONGEST_FOOTER:
        raise node.mistake("long_footer", length=len(text), limit=_LONGEST_FOOTER)
    return text


def _read_tab_name(node: Node) -> str:
    """Read the name of the sheet's tab, whose constant words must be such as Excel takes."""
    text = read_template(node)
    constant = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text)
    if re.search(_NO_TAB, constant) or len(constant) > _LONGEST_TAB:
        raise node.mistake("bad_tab_name", found=text, limit=_LONGEST_TAB, better=_tab_name(text))
    return text


def _tab_name(text: str) -> str:
    """Return a text as Excel takes it for the name of a tab."""
    return " ".join(re.sub(_NO_TAB, " ", text).split())[:_LONGEST_TAB]


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
        ids = tuple(mistakes.known(item, tables, "tables") for item in tables_in(node))
        if not ids:
            raise node.mistake("row_of_no_table")
        covered = sum(_width(tables[id]) for id in ids)
        row = LayoutRow(tables=ids, line=node.line)
    else:
        pieces = tuple(piece for item in entries.sequence("cells") for piece in _read_cell(item, fields, mistakes))
        covered = sum(piece.span for piece in pieces)
        row = LayoutRow(pieces, height=entries.number("height", 30.0), line=node.line)
    if covered > width and "sheet" not in mistakes.broken:
        raise node.mistake("row_too_wide", covered=covered, columns=width)
    return row


def tables_in(row: Node) -> list[Node]:
    """Return the names of the tables that stand in a row of the layout; none for a row of cells."""
    table = row.value.get("table") if isinstance(row.value, dict) else None
    if table is None:
        return []
    return table.value if isinstance(table.value, list) else [table]


def _width(table: Table) -> int:
    """Return the number of the sheet's columns that a table covers."""
    spans = (column.span * (len(column.ticks) or 1) for column in table.columns.values())
    return sum(spans) + bool(table.side)


_ROLES = ("title", "text", "field", "mark", "ask", "sign")
_STYLES = ("label", "header", "plain", "note", "heading")


def _read_cell(node: Node, fields: Mapping[str, Field], mistakes: Mistakes) -> Iterator[Piece]:
    """Read one entry of a layout row, which is a cell; ``ask`` stands for two: an answer's label and the answer."""
    if not isinstance(node.value, dict):
        yield Piece("text", text=read_template(node))
        return
    entries = Entries(node.mapping())
    given = [role for role in _ROLES if role in entries]
    if len(given) != 1:
        raise node.mistake("one_of_keys", found=", ".join(given), allowed=_ROLES)
    (role,) = given
    field = mistakes.known(entries[role], fields) if role in ("field", "ask") else ""
    rows = entries.count("rows", 1, minimum=1)
    if rows > 1 and field and fields[field].ticks:
        raise entries["rows"].mistake("beside_ticks", key="rows")
    if role == "ask":
        yield Piece("text", text=(fields[field].label or (field,))[-1], rows=rows)
    yield Piece(
        role="field" if role == "ask" else role,  # type: ignore[arg-type]
        text=_read_text(role, entries),
        field=field,
        span=entries.count("span", 1, minimum=1),
        rows=rows,
        style=entries.one_of("style", _STYLES, "label"),  # type: ignore[arg-type]
        align=entries["align"].one_of(_ALIGN) if "align" in entries else None,
        indent=entries.count("indent", 0),
    )


def _read_text(role: str, entries: Entries) -> str:
    """Read the text of a cell; the label of a place to sign ends with a colon."""
    if role == "text":
        return read_template(entries["text"])
    if role != "sign":
        return ""
    text = read_template(entries["sign"])
    if text.endswith((":", "：")):
        return text
    return f"{text}：" if east_asian_width(text[-1:] or ":") in "WF" else f"{text}:"
