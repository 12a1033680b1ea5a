"""Tables of fixed lines: each cell of one is an answer of the head, and its rows are rows of the layout.

A table with ``lines`` is written out before anything else is read: the answer in the line ``women`` and the column
``now`` of the table ``pay`` becomes the field ``pay.women.now``, the given columns become labels, and a check
``across`` the table becomes a check of each column. Across a table whose rows repeat, it checks the sums of columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from perfxl.form.definition.keys import Shape, keys_of
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.definition.names import rename, rename_in_sentence, unknown_names
from perfxl.form.definition.sheet import tables_in
from perfxl.form.late_pattern import late_pattern
from perfxl.form.layout import HEADER_ROW, LETTERS_ROW
from perfxl.form.source import Entries, Node, nearest

BODIES = "bodies"
"""Stands in a written out definition that has no layout: the rows of each of its tables of fixed lines, by table."""

NO_ANSWER = "none"
"""Stands for a cell that is not to be filled in; it shows a dash."""

_LINE_ID = late_pattern(r"[a-z][a-z0-9_]*")
_LINE_KEYS = ("indent", "calculation", "cells")
_ROW_KEYS = ("rows", "groups", "totals", "key", "each", "side")
"""The keys of a table that make sense only where its rows repeat."""


@dataclass(frozen=True)
class Line:
    """A fixed line: the texts of its given columns, and the nodes of its answers by column; a heading has none."""

    id: str
    node: Node
    texts: Mapping[str, str]
    answers: Mapping[str, Node]
    indent: int = 0
    heading: str = ""

    @property
    def label(self) -> str:
        """The text at the line's beginning."""
        return self.heading or next(iter(self.texts.values()), self.id)


@dataclass(frozen=True)
class LinesTable:
    """A table of fixed lines.

    ``columns``: the node of each column, of which those in ``given`` hold labels; ``names``: the lines with answers.
    """

    id: str
    columns: Mapping[str, Node]
    given: tuple[str, ...]
    names: tuple[str, ...]
    lines: Mapping[str, Line] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[str, ...]:
        """The columns of answers."""
        return tuple(id for id in self.columns if id not in self.given)

    def path(self, line: str, column: str) -> str:
        """Return the field of a line and a column."""
        return f"{self.id}.{line}.{column}"

    def lines_with(self, column: str) -> dict[str, str]:
        """Return the fields of a column by their lines."""
        return {id: self.path(id, column) for id, line in self.lines.items() if column in line.answers}

    def span(self, column: str) -> int:
        """Return the number of the sheet's columns that a column covers."""
        return Entries(self.columns[column].mapping()).count("span", 1, minimum=1)


@dataclass(frozen=True)
class WrittenOut:
    """A definition whose tables of fixed lines are written out; ``labels``: the label of the line of each answer."""

    top: Entries
    labels: Mapping[str, str]


def write_out(top: Entries, mistakes: Mistakes) -> WrittenOut:
    """Return the definition with its tables of fixed lines written out as fields, rows of the layout and checks."""
    tables: dict[str, LinesTable] = {}
    for id, node in top.mapping("tables").items():
        if "lines" in node.mapping():
            with mistakes.caught(id):
                tables[id] = _read_table(id, node, top, mistakes)
    with_lines = any("lines" in node.mapping() for node in top.mapping("tables").values())
    if not with_lines and not any("across" in node.mapping() for node in top.sequence("rules")):
        return WrittenOut(top, {})
    nodes = dict(top.nodes)
    fields = {table.path(line.id, column): (table, line, node) for table, line, column, node in _cells(tables)}
    nodes["fields"] = _with(top, "fields", {**top.mapping("fields"), **{id: cell[2] for id, cell in fields.items()}})
    if "tables" in top:
        others = {id: node for id, node in top.mapping("tables").items() if "lines" not in node.mapping()}
        nodes["tables"] = replace(top["tables"], value=others)
    if "layout" in top:
        rows: list[Node] = []
        for node in top.sequence("layout"):
            with mistakes.caught("layout"):
                rows += _layout_rows(node, tables, top, mistakes)
        nodes["layout"] = replace(top["layout"], value=rows)
    elif tables:
        nodes[BODIES] = replace(top["tables"], value={id: _body(table, top, mistakes) for id, table in tables.items()})
    if "rules" in top:
        rules = [rule for node in top.sequence("rules") for rule in _rules(node, tables, top, mistakes)]
        nodes["rules"] = replace(top["rules"], value=rules)
    _note_absent(tables, top, mistakes)
    return WrittenOut(Entries(nodes), {id: line.label for id, (_, line, _) in fields.items()})


def _with(top: Entries, key: str, entries: dict[str, Node]) -> Node:
    """Return a node of these entries in the place of a key."""
    return replace(top[key], value=entries) if key in top else Node(entries, 1, next(iter(top.nodes.values())).file)


def _cells(tables: Mapping[str, LinesTable]) -> Iterator[tuple[LinesTable, Line, str, Node]]:
    """Yield every answer of the tables: the table, the line, the column, and the node of the field."""
    for table in tables.values():
        for line in table.lines.values():
            yield from ((table, line, column, node) for column, node in line.answers.items())


def _note_absent(tables: Mapping[str, LinesTable], top: Entries, mistakes: Mistakes) -> None:
    """Note a table that stands nowhere in the layout; its answers are then not missed one by one."""
    placed = {name.written for row in top.sequence("layout") for name in tables_in(row)}
    for id, table in tables.items():
        if id not in placed and "layout" in top:
            if "layout" not in mistakes.broken:
                mistakes.note(top.mapping("tables")[id].mistake("table_nowhere", field=id))
            mistakes.broken.update(table.path(line, column) for line in table.lines for column in table.asked)


# --- reading --------------------------------------------------------------------------------------------------------


def _read_table(id: str, node: Node, top: Entries, mistakes: Mistakes) -> LinesTable:
    """Read a table of fixed lines."""
    entries = Entries(node.mapping())
    for key in _ROW_KEYS:
        if key in entries:
            raise entries[key].mistake("lines_and_rows", key=key)
    columns = entries.mapping("columns")
    given = tuple(column for column, at in columns.items() if Entries(at.mapping()).flag("given"))
    names = tuple(name for name, line in entries.mapping("lines").items() if "heading" not in _mapping(line))
    table = LinesTable(id, columns, given, names)
    lines: dict[str, Line] = {}
    for name, line in entries.mapping("lines").items():
        with mistakes.caught(f"{id}.{name}", *(table.path(name, column) for column in table.asked)):
            if not _LINE_ID.fullmatch(name):
                raise line.mistake("bad_id", id=name)
            lines[name] = _read_line(table, name, line, top, mistakes)
    mistakes.broken.update(table.path(name, column) for name in names for column in [*mistakes.broken])
    return replace(table, lines=lines)


def _mapping(node: Node) -> Mapping[str, Node]:
    """Return the entries of a node; none where it is no mapping."""
    return node.value if isinstance(node.value, dict) else {}


def _read_line(table: LinesTable, name: str, node: Node, top: Entries, mistakes: Mistakes) -> Line:
    """Read a line."""
    if "heading" in node.mapping():
        return Line(name, node, {}, {}, heading=node.entries(("heading",)).text("heading"))
    entries = node.entries((), (*table.given, *_LINE_KEYS))
    overridden = entries.entries("cells", (), (*table.asked, *mistakes.broken))
    if "calculation" in entries:
        _check_lines(entries["calculation"], table, top)
    texts = {column: entries.text(column) for column in table.given}
    line = Line(name, node, texts, {}, entries.count("indent", 0))
    answers: dict[str, Node] = {}
    for column in table.asked:
        override = overridden.nodes.get(column)
        if override is not None and override.value in (None, NO_ANSWER):
            continue
        answers[column] = _answer(table, line, column, override, entries.nodes.get("calculation"))
    return replace(line, answers=answers)


def _answer(table: LinesTable, line: Line, column: str, override: Node | None, calculation: Node | None) -> Node:
    """Return the node of the field in a line and a column: what the column says, with what the line says otherwise."""
    own = _of_column(table.columns[column].mapping(), override.mapping() if override is not None else {})
    columns = {other: table.path(line.id, other) for other in table.asked}
    shapes = {key: known.shape for key, known in keys_of("field").items()}
    entries = {key: _renamed(node, shapes[key], columns) if key in shapes else node for key, node in own.items()}
    entries.pop("letter", None)
    at = replace(line.node, value=None)
    parts = [replace(at, value=text, written=text) for text in (line.label, *_label(table, column))]
    entries["label"] = replace(at, value=parts)
    if calculation is not None:
        entries.pop("required", None)
        lines = {other: table.path(other, column) for other in table.names}
        entries["calculation"] = _expression(calculation, lines)
    return replace(override or line.node, value=entries)


_OF_ANY_TYPE = ("label", "required", "given", "yearly", "hint", "letter", "align")
"""What a column says of its cells whatever the type of their answers is."""


def _of_column(column: Mapping[str, Node], override: Mapping[str, Node]) -> dict[str, Node]:
    """Return what a column says of a cell, with what the line says otherwise; of another type it keeps no limits."""
    same = "type" not in override or override["type"].written == column["type"].written
    return {**{key: node for key, node in column.items() if same or key in _OF_ANY_TYPE}, **override}


def _label(table: LinesTable, column: str) -> tuple[str, ...]:
    """Return the label of a column, outermost part first; its id where it has none."""
    node = table.columns[column].mapping().get("label")
    if node is None:
        return (column,)
    return tuple(part.text() for part in node.sequence()) if isinstance(node.value, list) else (node.text(),)


def _check_lines(node: Node, table: LinesTable, top: Entries) -> None:
    """Raise FormError where an expression over lines names what is neither a line nor anything else."""
    known = {path.split(".")[0] for path in (*top.mapping("fields"), *top.mapping("tables"))}
    columns = (column for at in top.mapping("tables").values() for column in at.mapping()["columns"].mapping())
    known |= {*table.names, *(column.split(".")[0] for column in columns)}
    for name in unknown_names(node.text(), known):
        facts = {"line_name": name, "near": nearest(name, table.names), "lines": list(table.names)}
        raise node.mistake("unknown_line", table=table.id, **facts)


# --- names ----------------------------------------------------------------------------------------------------------


def _expression(node: Node, names: Mapping[str, str]) -> Node:
    """Return the node of an expression with these names replaced."""
    text = rename(node.text(), names)
    return replace(node, value=text, written=text)


def _sentence(node: Node, names: Mapping[str, str]) -> Node:
    """Return the node of a sentence with these names replaced in its expressions."""
    text = rename_in_sentence(node.text(), names)
    return replace(node, value=text, written=text)


def _renamed(node: Node, shape: Shape, names: Mapping[str, str]) -> Node:
    """Return the node of a column's key with the names of columns replaced where it holds expressions."""
    kinds = {one.kind for one in (shape, *shape.either)}
    if isinstance(node.value, dict) and "value" in node.value:
        entries = dict(node.mapping())
        if isinstance(entries["value"].value, str):
            entries["value"] = _expression(entries["value"], names)
        if "message" in entries:
            entries["message"] = _sentence(entries["message"], names)
        return replace(node, value=entries)
    if isinstance(node.value, str) and not kinds.isdisjoint({"expression", "condition"}):
        return _expression(node, names)
    return node


# --- the layout -----------------------------------------------------------------------------------------------------


def _layout_rows(node: Node, tables: Mapping[str, LinesTable], top: Entries, mistakes: Mistakes) -> Iterator[Node]:
    """Yield the rows of the layout that a row stands for: many for tables of fixed lines, else itself.

    Raises FormError where such a table stands beside one whose rows repeat.
    """
    names = tables_in(node)
    if tables.keys().isdisjoint(name.written for name in names):
        yield node
        return
    ids = [mistakes.known(name, top.mapping("tables"), "tables") for name in names]
    mistakes.require(*(id for id in ids if id not in tables))
    if repeating := [id for id in ids if id not in tables]:
        raise node.mistake("lines_beside_rows", table=next(id for id in ids if id in tables), other=repeating[0])
    heights = Entries(Entries(top["sheet"].mapping()).mapping("heights")) if "sheet" in top else Entries({})
    beside = [tables[id] for id in ids]
    levels = max((len(_label(table, column)) for table in beside for column in table.columns), default=1)
    letters = any(any(_letters(table)) for table in beside)
    count = max(len(table.lines) for table in beside)
    header = heights.number("header", 30.0) * (HEADER_ROW if levels > 1 else 1)
    rows_heights = [header] * levels + [LETTERS_ROW] * letters + [heights.number("row", 34.0)] * count
    parts = [[*_header_rows(table, levels, letters), *_lines_rows(table, count)] for table in beside]
    for height, *cells in zip(rows_heights, *parts, strict=True):
        yield _row(node, height, [cell for part in cells for cell in part])


def _letters(table: LinesTable) -> list[str]:
    """Return the letters of a table's columns, empty for none."""
    return [Entries(at.mapping()).text("letter") for at in table.columns.values()]


def _lines_rows(table: LinesTable, count: int) -> Iterator[Cells]:
    """Yield the cells of a table's lines; where one beside it has more, a blank cell fills the row."""
    yield from (_line_cells(table, line) for line in table.lines.values())
    blank: Cells = [{"text": "", "span": sum(table.span(column) for column in table.columns)}]
    yield from [blank] * (count - len(table.lines))


def _body(table: LinesTable, top: Entries, mistakes: Mistakes) -> Node:
    """Return the rows of a table that is to be drawn, its name above them."""
    node = top.mapping("tables")[table.id]
    place = replace(node, value={"table": replace(node, value=table.id, written=table.id)})
    rows = [*_layout_rows(place, {table.id: table}, top, mistakes)]
    if label := Entries(node.mapping()).text("label"):
        width = sum(table.span(column) for column in table.columns)
        rows.insert(0, _row(node, 24.0, [{"text": label, "span": width, "style": "heading"}]))
    return replace(node, value=rows)


Cells = list[dict[str, str | int]]
"""The cells of a row of the layout, as they would be written."""


def _row(at: Node, height: float, cells: Cells) -> Node:
    """Return the node of a row of the layout."""

    def scalar(value: str | float) -> Node:
        return Node(value, at.line, at.file, written=str(value))

    made = [replace(at, value={key: scalar(value) for key, value in cell.items()}) for cell in cells]
    return replace(at, value={"height": scalar(height), "cells": replace(at, value=made)})


def _header_rows(table: LinesTable, levels: int, with_letters: bool) -> list[Cells]:
    """Return the cells of the header's rows: equal outer parts of neighbours merge, a short label reaches down.

    ``levels``: the number of rows of labels; ``with_letters``: below these stands a row of letters, of this table or
    of one beside it.
    """
    letters = _letters(table)
    down = levels + (with_letters and not any(letters))
    rows: list[Cells] = []
    for level in range(levels):
        cells: Cells = []
        before: tuple[str, ...] = ()
        for column in table.columns:
            label = _label(table, column)
            outer = label[: level + 1] if len(label) > level + 1 else ()
            if outer and outer == before:
                cells[-1]["span"] = int(cells[-1]["span"]) + table.span(column)
            elif len(label) > level:
                rest = 1 if outer else down - level
                cells.append({"text": label[level], "span": table.span(column), "rows": rest, "style": "header"})
            before = outer
        rows.append(cells)
    if with_letters:
        pairs = zip(letters, map(table.span, table.columns), strict=True)
        rows.append([{"text": text, "span": span, "style": "header"} for text, span in pairs] if any(letters) else [])
    return rows


def _line_cells(table: LinesTable, line: Line) -> Cells:
    """Return the cells of a line: its labels and its answers; a heading is one label over all columns."""
    if line.heading:
        width = sum(table.span(column) for column in table.columns)
        return [{"text": line.heading, "span": width, "style": "label", "align": "left"}]
    cells: Cells = []
    for column in table.columns:
        span = table.span(column)
        if column in line.answers:
            cells.append({"field": table.path(line.id, column), "span": span})
        elif column in table.given:
            first = column == table.given[0]
            align = Entries(table.columns[column].mapping()).text("align", "left" if first else "center")
            indent = line.indent if first else 0
            text = line.texts[column]
            cells.append({"text": text, "span": span, "style": "label", "align": align, "indent": indent})
        else:
            cells.append({"text": "—", "span": span, "style": "label"})
    return cells


# --- the checks -----------------------------------------------------------------------------------------------------


def _rules(node: Node, tables: Mapping[str, LinesTable], top: Entries, mistakes: Mistakes) -> list[Node]:
    """Return the checks that a check stands for: one for each column where it goes across a table."""
    entries = Entries(node.mapping())
    if "across" not in entries:
        return [node]
    with mistakes.caught():
        across = top.mapping("tables").get(entries["across"].text())
        if across is not None and "totals" in across.mapping():
            return _rules_of_totals(entries, node, across.mapping()["totals"])
        return _rules_of_lines(
            entries, node, tables[mistakes.known(entries["across"], tables, "tables")], top, mistakes
        )
    return []


def _rules_of_lines(entries: Entries, node: Node, table: LinesTable, top: Entries, mistakes: Mistakes) -> list[Node]:
    """Return a check for each column in which every line that the check names is to be filled in."""
    for item in (entries["assert"], *entries.sequence("on")):
        _check_lines(item, table, top)
    named = {*unknown_names(entries["assert"].text(), ()), *(item.text() for item in entries.sequence("on"))}
    used = named & set(table.names)
    columns = (table.lines_with(column) for column in table.asked)
    rules = [_rule(entries, node, lines, lines) for lines in columns if used <= set(lines)]
    mistakes.require(*(f"{table.id}.{name}" for name in used))
    if not rules:
        raise entries["across"].mistake("across_nothing", table=table.id, lines=sorted(used))
    return rules


def _rules_of_totals(entries: Entries, node: Node, totals: Node) -> list[Node]:
    """Return a check for each column that is added up; ``totals`` in it stands for the column's sum."""
    table = entries.text("across")
    columns = (item.text() for item in totals.mapping()["sum"].sequence())
    sums = ({_TOTALS: f"({table} | sum({column}))"} for column in columns)
    return [_rule(entries, node, names, {_TOTALS: table}) for names in sums]


_TOTALS = "totals"
"""The name of a column's sum in a check across a table of rows."""


def _rule(entries: Entries, node: Node, lines: Mapping[str, str], places: Mapping[str, str]) -> Node:
    """Return a check across a table for one column.

    ``lines``: what stands in expressions for the names of lines; ``places``: the answers that they are, for ``on``.
    """
    rule = {key: value for key, value in entries.nodes.items() if key != "across"}
    rule["assert"] = _expression(rule["assert"], lines)
    on = [_expression(item, places) for item in entries.sequence("on")]
    rule["on"] = replace(rule["on"], value=on)
    for key in ("message", "advice"):
        if key in rule:
            rule[key] = _sentence(rule[key], lines)
    if "facts" in rule:
        facts = {name: _expression(value, lines) for name, value in entries.mapping("facts").items()}
        rule["facts"] = replace(rule["facts"], value=facts)
    for key in ("bad", "good"):
        if key in rule:
            answers = {rename(path, lines): value for path, value in entries.mapping(key).items()}
            rule[key] = replace(rule[key], value=answers)
    return replace(node, value=rule)
