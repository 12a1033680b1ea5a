"""A form: what is asked, how it is drawn, which rules it has of its own. Loaded from ``templates/<name>/form.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from perfxl.errors import FormError, UnknownForm
from perfxl.form import fields as kinds
from perfxl.form import library, taxonomy
from perfxl.form.expression import Expression, ExpressionError
from perfxl.form.fields.base import Kind, Raw
from perfxl.form.source import Node, near, parse

Align = Literal["left", "center", "right"]
STYLES = ("label", "plain", "note", "heading")


@dataclass(frozen=True)
class Prompt:
    """What a selected input shows: a bubble of a title (at most 32 characters) and a text (at most 255)."""

    title: str
    text: str


@dataclass(frozen=True)
class Field:
    """One answer: in the head of the form, or one column of a table.

    ``id`` is the path in the record (in a table: from the row on); ``label`` the visible words, outermost
    first where they repeat. ``given`` answers go out filled and locked; ``yearly`` ones are not carried over
    from last year's.
    """

    id: str
    kind: Kind
    label: tuple[str, ...] = ()
    given: bool = False
    required: bool = False
    yearly: bool = False
    prompt: Prompt | None = None
    within: str = ""
    span: int = 1
    repeat: Literal["shown", "hidden"] = "shown"
    example: str = ""
    align: Align = "left"


@dataclass(frozen=True)
class Groups:
    """A table whose rows stand in fixed groups: the values of the column ``by`` in the taxonomy's order.

    ``begin``: the rows a blank starts with, as values of the column ``begin_column`` within ``by``;
    ``spare``: the spare rows that end each group.
    """

    by: str
    begin_column: str
    begin: tuple[str, ...]
    spare: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """A table of rows that repeat. ``each`` is the path of its lists (``areas[].parts[]``)."""

    id: str
    columns: Mapping[str, Field]
    each: str
    minimum: int = 1
    spare: int = 0
    maximum: int = 60
    groups: Groups | None = None
    side: str = ""

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of the nested lists, outermost first."""
        return tuple(part.removesuffix("[]") for part in self.each.split("."))

    def path(self, column: str) -> str:
        """The column's path from the record on, without brackets (``indicators.target``)."""
        return column if column.split(".")[0] == self.lists[0] else f"{'.'.join(self.lists)}.{column}"


@dataclass(frozen=True)
class Piece:
    """One cell of a layout row as drawn: what it holds, how many columns and rows it covers."""

    role: Literal["title", "text", "mark", "field"]
    text: str = ""
    field: str = ""
    span: int = 1
    rows: int = 1
    style: str = "label"
    align: Align | None = None


@dataclass(frozen=True)
class Row:
    """One row of the layout, or the place of a table. ``height`` in points."""

    pieces: tuple[Piece, ...] = ()
    table: str = ""
    height: float = 30.0


@dataclass(frozen=True)
class Sheet:
    """How the sheet is set up: widths in digits of the Normal font, the layout's first cell, the side of the marks.

    ``panel``: widths of the gap and of the panel beside the print area, empty for none. ``heights``: of a table's
    header and of its rows, in points.
    """

    name: str
    columns: tuple[float, ...]
    row: int
    column: int
    key: Literal["before", "after"]
    key_width: float
    key_label: str
    landscape: bool
    panel: tuple[float, ...]
    header_height: float
    row_height: float


@dataclass(frozen=True)
class FormRule:
    """A check of this form alone, in one line: what must hold, which answers it concerns, what its sentence needs."""

    code: str
    severity: Literal["error", "warning", "hint", "fix"]
    assert_: Expression
    on: tuple[str, ...]
    facts: Mapping[str, Expression]
    bad: Mapping[str, Any]
    good: Mapping[str, Any]
    line: int


@dataclass(frozen=True, eq=False)
class Form:
    """One form definition, whole and checked."""

    name: str
    version: str
    label: str
    record: Literal["projects[]", "department"]
    title: str
    sheet: Sheet
    taxonomy: str
    fields: Mapping[str, Field]
    tables: Mapping[str, Table]
    layout: tuple[Row, ...]
    rules: tuple[FormRule, ...] = ()
    file: str = ""
    help: tuple[str, ...] = field(default=())


def names() -> tuple[str, ...]:
    """The names of the installed forms."""
    found = (entry.name for entry in library.path().iterdir() if entry.is_dir() and (entry / "form.yaml").is_file())
    return tuple(sorted(found))


@lru_cache(maxsize=64)
def load(name: str) -> Form:
    """The installed form of that name. Raises UnknownForm, or FormError for a mistake in its definition."""
    source = library.path(name, "form.yaml") if re.fullmatch(r"[\w-]+", name) else None
    if source is None or not source.is_file():
        raise UnknownForm(form=name, near=near(name, names()), known=names())
    return loads(source.read_text(encoding="utf-8"), f"{name}/form.yaml")


def loads(text: str, file: str = "form.yaml") -> Form:
    """The form that a definition's text describes. Raises FormError with file, line and what to do."""
    top = parse(text, file)
    entries = top.only(
        ("form", "version", "label", "record", "title", "sheet", "taxonomy", "fields", "tables", "layout", "rules", "help")
    )
    for key in ("form", "version", "record", "title", "sheet", "layout"):
        if key not in entries:
            raise top.mistake("missing_key", key=key)
    tree = _taxonomy(entries["taxonomy"]) if "taxonomy" in entries else None
    fields = {id: _field(id, node, tree) for id, node in _entries(entries.get("fields"))}
    tables = {id: _table(id, node, tree) for id, node in _entries(entries.get("tables"))}
    sheet = _sheet(entries["sheet"])
    form = Form(
        name=entries["form"].text(),
        version=entries["version"].text(),
        label=entries["label"].text() if "label" in entries else entries["form"].text(),
        record=_one_of(entries["record"], ("projects[]", "department")),
        title=_template(entries["title"]),
        sheet=sheet,
        taxonomy=tree.id if tree else "",
        fields=fields,
        tables=tables,
        layout=tuple(_row(node, fields, tables, len(sheet.columns)) for node in entries["layout"].sequence()),
        rules=tuple(_rule(node, fields) for node in entries["rules"].sequence()) if "rules" in entries else (),
        help=tuple(_template(node) for node in entries["help"].sequence()) if "help" in entries else (),
        file=file,
    )
    _placed_once(form, entries["layout"])
    return form


def _entries(node: Node | None) -> Iterable[tuple[str, Node]]:
    return node.mapping().items() if node else ()


def _one_of(node: Node, allowed: tuple[str, ...]) -> Any:
    word = node.text()
    if word not in allowed:
        raise node.mistake("not_allowed", found=word, near=near(word, allowed), allowed=allowed)
    return word


def _number(node: Node, minimum: float = 0) -> float:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < minimum:
        raise node.mistake("not_a_number", found=repr(value), minimum=minimum)
    return value


def _count(node: Node, minimum: int = 0) -> int:
    value = _number(node, minimum)
    if not isinstance(value, int):
        raise node.mistake("not_a_number", found=repr(value), minimum=minimum)
    return value


def _flag(node: Node | None) -> bool:
    if node is None:
        return False
    if not isinstance(node.value, bool):
        raise node.mistake("not_allowed", found=node.text(), near="", allowed=("true", "false"))
    return node.value


def _template(node: Node) -> str:
    """The node's text, a Jinja template that parses."""
    text = node.text()
    if "{" in text:
        import jinja2

        try:
            jinja2.Environment(autoescape=False).parse(text)
        except jinja2.TemplateSyntaxError as error:
            raise node.mistake("not_jinja", problem=error.message or "", text=text) from error
    return text


def _taxonomy(node: Node) -> taxonomy.Taxonomy:
    try:
        return taxonomy.load(node.text())
    except FormError as error:
        facts = {key: value for key, value in error.facts.items() if key not in ("file", "line", "what")}
        raise node.mistake(str(error.facts["what"]), **facts) from error


_FIELD = ("kind", "label", "given", "required", "yearly", "prompt", "within", "span", "repeat", "example", "align")


def _field(id: str, node: Node, tree: taxonomy.Taxonomy | None, column: bool = False) -> Field:
    # Excel's defined names: letters, digits, dots and underscores (ECMA-376 part 1, 18.2.5)
    if not re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", id):
        raise node.mistake("bad_id", id=id)
    entries = node.mapping()
    if "kind" not in entries:
        raise node.mistake("missing_key", key="kind")
    options = {key: value.plain() for key, value in entries.items() if key not in _FIELD}
    kind = _kind(entries["kind"], options, entries, tree)
    result = Field(
        id=id,
        kind=kind,
        label=_label(entries.get("label")),
        given=_flag(entries.get("given")),
        required=_flag(entries["required"]) if "required" in entries else column,
        yearly=_flag(entries.get("yearly")),
        prompt=_prompt(entries["prompt"]) if "prompt" in entries else None,
        within=entries["within"].text() if "within" in entries else "",
        span=_count(entries["span"], 1) if "span" in entries else 1,
        align=_one_of(entries["align"], ("left", "center", "right")) if "align" in entries else kind.align,
        repeat=_one_of(entries["repeat"], ("shown", "hidden")) if "repeat" in entries else "shown",
        example=entries["example"].text() if "example" in entries and not isinstance(entries["example"].value, list) else "",
    )
    if result.example and (problem := kind.read(Raw(result.example)).problem):
        raise entries["example"].mistake("unreadable_example", field=id, example=result.example, problem=problem)
    return result


def _kind(node: Node, options: dict[str, Any], entries: Mapping[str, Node], tree: taxonomy.Taxonomy | None) -> Kind:
    word = node.text()
    if word not in kinds.KINDS:
        raise node.mistake("not_allowed", found=word, near=near(word, kinds.KINDS), allowed=tuple(sorted(kinds.KINDS)))
    if word == "choice" and options.get("from") == "taxonomy":
        if tree is None:
            raise node.mistake("missing_key", key="taxonomy")
        level2 = "within" in entries
        entries_ = [name for group in tree.levels.values() for name in group] if level2 else list(tree.levels)
        options = {**options, "from": list(dict.fromkeys(entries_)), "synonyms": dict(tree.names(2 if level2 else 1))}
    try:
        return kinds.make(word, options)
    except kinds.UnknownOption as error:
        at = entries.get(error.option, node)
        allowed = (*_FIELD, *error.allowed)
        raise at.mistake("unknown_key", key=error.option, near=near(error.option, allowed), allowed=allowed) from error


def _label(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(part.text() for part in node.sequence()) if isinstance(node.value, list) else (node.text(),)


def _prompt(node: Node) -> Prompt:
    entries = node.only(("title", "text"))
    for key, limit in (("title", 32), ("text", 255)):  # Excel's limits, ECMA-376 part 1, 18.3.1.32
        if key not in entries:
            raise node.mistake("missing_key", key=key)
        if len(entries[key].text()) > limit:
            raise entries[key].mistake("too_long", length=len(entries[key].text()), limit=limit)
    return Prompt(entries["title"].text(), entries["text"].text())


def _table(id: str, node: Node, tree: taxonomy.Taxonomy | None) -> Table:
    entries = node.only(("each", "rows", "groups", "side", "columns"))
    if "columns" not in entries:
        raise node.mistake("missing_key", key="columns")
    columns = {name: _field(name, column, tree, column=True) for name, column in entries["columns"].mapping().items()}
    for name, column in entries["columns"].mapping().items():
        within = columns[name].within
        if within and within not in columns:
            raise column.mistake("unknown_field", field=within, near=near(within, columns), known=tuple(columns))
    rows = entries["rows"].only(("min", "spare", "max")) if "rows" in entries else {}
    groups = entries["groups"].only(("by", "begin", "spare", "max")) if "groups" in entries else {}
    limits = {**rows, **groups}
    maximum = _count(limits["max"], 1) if "max" in limits else 60
    if maximum > 99:  # a row key has two digits
        raise limits["max"].mistake("too_many_rows", maximum=maximum)
    return Table(
        id=id,
        columns=columns,
        each=entries["each"].text() if "each" in entries else f"{id}[]",
        minimum=_count(rows["min"], 1) if "min" in rows else 1,
        spare=_count(rows["spare"]) if "spare" in rows else 0,
        maximum=maximum,
        groups=_groups(entries["groups"], columns, tree) if groups else None,
        side=entries["side"].text() if "side" in entries else "",
    )


def _groups(node: Node, columns: Mapping[str, Field], tree: taxonomy.Taxonomy | None) -> Groups:
    entries = node.mapping()
    for key in ("by", "begin"):
        if key not in entries:
            raise node.mistake("missing_key", key=key)
    by = _one_of(entries["by"], tuple(columns))
    begin = entries["begin"].mapping()
    if len(begin) != 1 or tree is None:
        raise entries["begin"].mistake("not_allowed", found=", ".join(begin), near="", allowed=tuple(columns))
    ((column, values),) = begin.items()
    for value in values.sequence():
        if not any(value.text() in entries_ for entries_ in tree.levels.values()):
            known = tuple(name for group in tree.levels.values() for name in group)
            raise value.mistake("not_allowed", found=value.text(), near=near(value.text(), known), allowed=known)
    spare = tuple(_count(item) for item in entries["spare"].sequence()) if "spare" in entries else ()
    return Groups(by, column, tuple(value.text() for value in values.sequence()), spare)


def _sheet(node: Node) -> Sheet:
    keys = ("name", "columns", "start", "paper", "fit", "orientation", "key", "panel", "heights")
    entries = node.only(keys)
    for key in ("name", "columns", "start"):
        if key not in entries:
            raise node.mistake("missing_key", key=key)
    start = re.fullmatch(r"([A-Z])([1-9]\d*)", entries["start"].text())
    key_ = entries["key"].only(("side", "width", "label")) if "key" in entries else {}
    side: Literal["before", "after"] = _one_of(key_["side"], ("before", "after")) if "side" in key_ else "before"
    # one row above for the mark row, and one column before where the keys stand there
    if not start or int(start[2]) < 2 or (side == "before" and start[1] == "A"):
        raise entries["start"].mistake("no_room_for_marks", start=entries["start"].text(), side=side)
    heights = entries["heights"].only(("header", "row")) if "heights" in entries else {}
    if "paper" in entries:
        _one_of(entries["paper"], ("A4",))
    if "fit" in entries:
        _one_of(entries["fit"], ("width",))
    orientation = _one_of(entries["orientation"], ("portrait", "landscape")) if "orientation" in entries else "portrait"
    return Sheet(
        name=_template(entries["name"]),
        columns=tuple(float(_number(item)) for item in entries["columns"].sequence()),
        row=int(start[2]) - 1,
        column=ord(start[1]) - ord("A"),
        key=side,
        key_width=float(_number(key_["width"])) if "width" in key_ else 3.6,
        key_label=key_["label"].text() if "label" in key_ else "行码",
        landscape=orientation == "landscape",
        panel=tuple(float(_number(item)) for item in entries["panel"].sequence()) if "panel" in entries else (),
        header_height=float(_number(heights["header"])) if "header" in heights else 30.0,
        row_height=float(_number(heights["row"])) if "row" in heights else 34.0,
    )


def _row(node: Node, fields: Mapping[str, Field], tables: Mapping[str, Table], width: int) -> Row:
    if isinstance(node.value, dict) and "table" in node.value:
        table = node.only(("table",))["table"]
        return Row(table=_one_of(table, tuple(tables)))
    entries = node.only(("height", "cells")) if isinstance(node.value, dict) else {"cells": node}
    if "cells" not in entries:
        raise node.mistake("missing_key", key="cells")
    pieces = tuple(_piece(item, fields) for item in entries["cells"].sequence())
    covered = sum(piece.span for piece in pieces)
    if covered > width:
        raise node.mistake("row_too_wide", covered=covered, columns=width)
    return Row(pieces, height=float(_number(entries["height"])) if "height" in entries else 30.0)


def _piece(node: Node, fields: Mapping[str, Field]) -> Piece:
    if not isinstance(node.value, dict):
        return Piece("text", text=_template(node))
    entries = node.only(("title", "text", "field", "mark", "span", "rows", "style", "align"))
    roles = [role for role in ("title", "text", "field", "mark") if role in entries]
    if len(roles) != 1:
        raise node.mistake("one_of_keys", found=", ".join(roles), allowed=("title", "text", "field", "mark"))
    role: Any = roles[0]
    return Piece(
        role=role,
        text=_template(entries["text"]) if role == "text" else "",
        field=_known(entries["field"], fields) if role == "field" else "",
        span=_count(entries["span"], 1) if "span" in entries else 1,
        rows=_count(entries["rows"], 1) if "rows" in entries else 1,
        style=_one_of(entries["style"], STYLES) if "style" in entries else "label",
        align=_one_of(entries["align"], ("left", "center", "right")) if "align" in entries else None,
    )


def _known(node: Node, fields: Mapping[str, Field]) -> str:
    id = node.text()
    if id not in fields:
        raise node.mistake("unknown_field", field=id, near=near(id, fields), known=tuple(fields))
    return id


def _rule(node: Node, fields: Mapping[str, Field]) -> FormRule:
    entries = node.only(("code", "severity", "assert", "on", "facts", "bad", "good"))
    for key in ("code", "assert", "on"):
        if key not in entries:
            raise node.mistake("missing_key", key=key)
    facts = {name: _expression(value, fields) for name, value in _entries(entries.get("facts"))}
    severity = entries.get("severity")
    return FormRule(
        code=entries["code"].text(),
        severity=_one_of(severity, ("error", "warning", "hint", "fix")) if severity else "error",
        assert_=_expression(entries["assert"], fields),
        on=tuple(_known(item, fields) for item in entries["on"].sequence()),
        facts=facts,
        bad=entries["bad"].plain() if "bad" in entries else {},
        good=entries["good"].plain() if "good" in entries else {},
        line=node.line,
    )


def _expression(node: Node, fields: Mapping[str, Field]) -> Expression:
    expression = Expression(node.text())
    try:
        names = expression.check()
    except ExpressionError as error:
        raise node.mistake("not_an_expression", problem=str(error.args[1]), text=expression.source) from error
    for name in names:
        if name not in fields:
            raise node.mistake("unknown_field", field=name, near=near(name, fields), known=tuple(fields))
    return expression


def _placed_once(form: Form, node: Node) -> None:
    placed = [piece.field for row in form.layout for piece in row.pieces if piece.role == "field"]
    placed += [row.table for row in form.layout if row.table]
    for id in [*form.fields, *form.tables]:
        times = placed.count(id)
        hidden = id in form.fields and form.fields[id].given  # given values may be known without being shown
        if times > 1 or (times == 0 and not hidden):
            raise node.mistake("placed_times", field=id, times=times)
