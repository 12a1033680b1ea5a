"""A form definition read and checked: every mistake is a FormError with file, line and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from perfxl import extensions
from perfxl.errors import FormError
from perfxl.form import fields as kinds
from perfxl.form import taxonomy, template
from perfxl.form.expression import Expression, ExpressionError, Scope
from perfxl.form.fields.base import Kind, Raw
from perfxl.form.form import (
    MAX_ROWS,
    Align,
    Field,
    Form,
    FormRule,
    Groups,
    LayoutRow,
    Piece,
    Prompt,
    RuleWords,
    SheetSetup,
    Table,
    scope_of,
)
from perfxl.form.layout import blank_layout, spare_rows
from perfxl.form.setting import settings
from perfxl.form.source import Entries, Node, nearest, parse
from perfxl.form.taxonomy import Taxonomy

# Excel's defined names: letters, digits, dots and underscores (ECMA-376 part 1, 18.2.5)
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_EACH = re.compile(r"[a-z][a-z0-9_]*\[\](\.[a-z][a-z0-9_]*\[\])*")
_RECORD = re.compile(r"[a-z][a-z0-9_]*(\[\])?")
_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ALIGN: tuple[Align, ...] = ("left", "center", "right")
_OF_FIELD = ("kind", "label", "given", "required", "yearly", "prompt", "span", "repeat", "align")


def read_form(text: str, file: str) -> Form:
    """The form that a definition's text describes. Raises FormError."""
    top = parse(text, file).entries(
        ("form", "version", "record", "title", "sheet", "layout"),
        ("label", "taxonomy", "key", "fields", "tables", "checks", "rules", "help"),
    )
    tree = _taxonomy(top["taxonomy"]) if "taxonomy" in top else None
    fields = {id: _field(id, node, tree) for id, node in top.mapping("fields").items()}
    _check_within(fields, top.mapping("fields"))
    tables = {id: _table(id, node, tree) for id, node in top.mapping("tables").items()}
    _check_separate(fields, tables, tree, top)
    sheet = _sheet(top["sheet"])
    form = Form(
        name=top.text("form"),
        version=top.text("version"),
        label=top.text("label", top.text("form")),
        record=_record(top["record"]),
        title=_template(top["title"]),
        sheet=sheet,
        taxonomy=tree.id if tree else "",
        fields=fields,
        tables=tables,
        layout=tuple(_row(node, fields, tables, len(sheet.columns)) for node in top.sequence("layout")),
        rules=tuple(_rule(node, fields, tables) for node in top.sequence("rules")),
        help=tuple(_template(node) for node in top.sequence("help")),
        file=file,
        key=_key(top, fields),
        checks=tuple(item.one_of(tuple(extensions.found("perfxl.checks"))) for item in top.sequence("checks")),
    )
    _check_placed_once(form, top["layout"])
    _check_names(form, top)
    blank_layout(form)  # raises where cells cover each other
    return form


def _record(node: Node) -> str:
    """Where the form's records stand in a records file."""
    if not _RECORD.fullmatch(found := node.text()) or found.removesuffix("[]") in ("year", "unit"):
        allowed = ("projects[]", "department")
        raise node.mistake("not_allowed", found=found, nearest=nearest(found, allowed), allowed=allowed)
    return found


def _key(top: Entries, fields: Mapping[str, Field]) -> str:
    """The field that numbers a unit's records."""
    if "key" in top:
        return _require_known(top["key"], fields)
    return "number" if "number" in fields else ""


def _paths(fields: Mapping[str, Field], tables: Mapping[str, Table]) -> Iterator[str]:
    """Where the record's values lie."""
    yield from fields
    for table in tables.values():
        yield from (table.path(id) for id in table.columns)


def _check_separate(
    fields: Mapping[str, Field], tables: Mapping[str, Table], tree: Taxonomy | None, top: Entries
) -> None:
    """No value lies within another: ``budget`` cannot be a number and have a ``budget.total``."""
    paths = sorted(_paths(fields, tables))
    for path in paths:
        for other in paths:
            if other.startswith(f"{path}."):
                node = top.mapping("fields").get(other) or top.mapping("fields").get(path) or top["tables"]
                raise node.mistake("clash", field=path, other=other)
    for id, node in top.mapping("tables").items():
        if id in fields:
            raise node.mistake("clash", field=id, other=id)
    rows = sum(max(table.minimum, table.maximum) + _count_spare(table, tree) for table in tables.values())
    if rows > MAX_ROWS:
        raise top["tables"].mistake("too_many_rows", found=rows, limit=MAX_ROWS)


def _count_spare(table: Table, tree: Taxonomy | None) -> int:
    """The spare rows that stand beyond the table's maximum."""
    return sum(spare_rows(table.groups, len(tree.level1))) if table.groups and tree else 0


def _taxonomy(node: Node) -> Taxonomy:
    try:
        return taxonomy.load(node.text())
    except FormError as error:
        raise _with_place(node, error) from error


def _with_place(node: Node, error: FormError) -> FormError:
    """A mistake that was found without its line, which is this node's."""
    return node.mistake(**{key: value for key, value in error.facts.items() if key not in ("file", "line")})  # type: ignore[arg-type]


def _template(node: Node) -> str:
    """The node's text, a Jinja template that parses."""
    text = node.text()
    if "{" in text:
        from jinja2 import TemplateSyntaxError

        try:
            template.uses(text)
        except TemplateSyntaxError as error:
            raise node.mistake("not_jinja", problem=error.message or "", text=text) from error
    return text


def _check_names(form: Form, top: Entries) -> None:
    """What templates name is in the record, or is known of the sending."""
    known = template.known_names(form)
    for text, node in _templates(form, top):
        for use in template.uses(text):
            if not template.resolve_name(use.path, known):
                raise node.mistake("unknown_name", name=use.path, nearest=nearest(use.path, known), known=known)


def _templates(form: Form, top: Entries) -> Iterator[tuple[str, Node]]:
    yield form.title, top["title"]
    yield form.sheet.name, top["sheet"].mapping()["name"]
    for row, node in zip(form.layout, top.sequence("layout"), strict=True):
        yield from ((piece.text, node) for piece in row.pieces)
    yield from zip(form.help, top.sequence("help"), strict=True)


def _field(id: str, node: Node, tree: Taxonomy | None, column: bool = False) -> Field:
    if not _ID.fullmatch(id):
        raise node.mistake("bad_id", id=id)
    nodes = node.mapping()
    if "kind" not in nodes:
        raise node.mistake("missing_key", key="kind")
    entries = Entries(nodes)
    kind = _kind(node, entries, tree)
    if kind.example and (problem := kind.read(Raw(kind.example)).problem):
        raise nodes["example"].mistake("unreadable_example", field=id, example=kind.example, problem=problem)
    return Field(
        id=id,
        kind=kind,
        label=_label(nodes.get("label")),
        given=entries.flag("given"),
        required=entries.flag("required", column),
        yearly=entries.flag("yearly"),
        prompt=_prompt(nodes["prompt"]) if "prompt" in nodes else None,
        within=entries.text("within"),
        span=entries.count("span", 1, minimum=1),
        repeat=entries.one_of("repeat", ("shown", "hidden"), "shown"),
        align=entries.one_of("align", _ALIGN, kind.align),
    )


def _kind(node: Node, entries: Entries, tree: Taxonomy | None) -> Kind:
    word = entries["kind"].one_of(tuple(kinds.kinds()))
    options = {key: value.plain() for key, value in entries.nodes.items() if key not in _OF_FIELD}
    if word == "choice" and options.get("from") == "taxonomy":
        if tree is None:
            raise entries["from"].mistake("missing_key", key="taxonomy")
        level = 2 if "within" in options else 1
        listed = list(tree.level1 if level == 1 else tree.level2)
        options |= {"from": listed, "synonyms": tree.names(level)}
    try:
        return kinds.make(word, options)
    except kinds.UnknownOption as error:
        if error.what == "missing":
            raise node.mistake("missing_key", key=error.option) from error
        if error.what == "value":
            raise entries[error.option].mistake("wrong_option", key=error.option, allowed=error.allowed) from error
        allowed = (*_OF_FIELD, *error.allowed)
        facts = {"key": error.option, "near": nearest(error.option, allowed), "allowed": allowed}
        raise entries[error.option].mistake("unknown_key", **facts) from error
    except FormError as error:
        raise _with_place(entries["scheme"], error) from error


def _label(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(part.text() for part in node.sequence()) if isinstance(node.value, list) else (node.text(),)


def _prompt(node: Node) -> Prompt:
    entries = node.entries(("title", "text"))
    for key, limit in (("title", 32), ("text", 255)):  # Excel's limits, ECMA-376 part 1, 18.3.1.32
        if (length := len(entries.text(key))) > limit:
            raise entries[key].mistake("too_long", length=length, limit=limit)
    return Prompt(entries.text("title"), entries.text("text"))


def _check_within(fields: Mapping[str, Field], nodes: Mapping[str, Node]) -> None:
    for field in fields.values():
        if field.within:
            _require_known(nodes[field.id].mapping()["within"], fields)


def _require_known(node: Node, fields: Mapping[str, Any]) -> str:
    id = node.text()
    if id not in fields:
        raise node.mistake("unknown_field", field=id, nearest=nearest(id, fields), known=tuple(fields))
    return id


def _table(id: str, node: Node, tree: Taxonomy | None) -> Table:
    if not _ID.fullmatch(id):
        raise node.mistake("bad_id", id=id)
    entries = node.entries(("columns",), ("each", "rows", "groups", "side", "label"))
    each = entries.text("each", f"{id}[]")
    if not _EACH.fullmatch(each):
        raise entries["each"].mistake("not_allowed", found=each, nearest="", allowed=(f"{id}[]", "areas[].parts[]"))
    listed = entries.mapping("columns")
    columns = {name: _field(name, column, tree, column=True) for name, column in listed.items()}
    _check_within(columns, listed)
    rows = entries.entries("rows", (), ("min", "spare", "max"))
    groups = entries.entries("groups", ("by", "begin"), ("spare", "max"))
    return Table(
        id=id,
        columns=columns,
        each=each,
        minimum=rows.count("min", 1, minimum=1),
        spare=rows.count("spare", 0),
        maximum=groups.count("max", rows.count("max", 60, minimum=1), minimum=1),
        groups=_groups(groups, columns, tree) if groups.nodes else None,
        side=entries.text("side"),
        label=entries.text("label", entries.text("side", id)),
    )


def _groups(entries: Entries, columns: Mapping[str, Field], tree: Taxonomy | None) -> Groups:
    if tree is None:
        raise entries["by"].mistake("missing_key", key="taxonomy")
    begin = entries["begin"].entries((), columns)
    if len(begin.nodes) != 1:
        raise entries["begin"].mistake("one_of_keys", found=", ".join(begin.nodes), allowed=tuple(columns))
    (column,) = begin.nodes
    return Groups(
        by=entries["by"].one_of(tuple(columns)),
        begin_column=column,
        begin=tuple(value.one_of(tree.level2) for value in begin.sequence(column)),
        spare=tuple(item.count() for item in entries.sequence("spare")),
    )


def _sheet(node: Node) -> SheetSetup:
    optional = ("paper", "fit", "orientation", "key", "panel", "heights")
    entries = node.entries(("name", "columns", "start"), optional)
    entries.one_of("paper", ("A4",), "A4")
    entries.one_of("fit", ("width",), "width")
    key = entries.entries("key", (), ("side", "width", "label"))
    heights = entries.entries("heights", (), ("header", "row"))
    side = key.one_of("side", ("before", "after"), "before")
    start = re.fullmatch(r"([A-Z])([1-9]\d{0,2})", entries.text("start"))
    # one row above for the mark row, and one column before where the keys stand there
    if not start or start[2] == "1" or (side == "before" and start[1] == "A"):
        raise entries["start"].mistake("no_room_for_marks", start=entries.text("start"), side=side)
    return SheetSetup(
        name=_template(entries["name"]),
        columns=tuple(item.number() for item in entries.sequence("columns")),
        row=int(start[2]) - 1,
        column=ord(start[1]) - ord("A"),
        key="before" if side == "before" else "after",
        key_width=key.number("width", 3.6),
        key_label=key.text("label", "行码"),
        landscape=entries.one_of("orientation", ("portrait", "landscape"), "portrait") == "landscape",
        panel=tuple(item.number() for item in entries.sequence("panel")),
        header_height=heights.number("header", 30.0),
        row_height=heights.number("row", 34.0),
    )


def _row(node: Node, fields: Mapping[str, Field], tables: Mapping[str, Table], width: int) -> LayoutRow:
    if isinstance(node.value, dict) and "table" in node.value:
        table = tables[node.entries(("table",))["table"].one_of(tuple(tables))]
        covered = sum(column.span for column in table.columns.values()) + (1 if table.side else 0)
        row = LayoutRow(table=table.id, line=node.line)
    else:
        entries = node.entries(("cells",), ("height",)) if isinstance(node.value, dict) else Entries({"cells": node})
        pieces = tuple(_piece(item, fields) for item in entries.sequence("cells"))
        covered = sum(piece.span for piece in pieces)
        row = LayoutRow(pieces, height=entries.number("height", 30.0), line=node.line)
    if covered > width:
        raise node.mistake("row_too_wide", covered=covered, columns=width)
    return row


def _piece(node: Node, fields: Mapping[str, Field]) -> Piece:
    if not isinstance(node.value, dict):
        return Piece("text", text=_template(node))
    roles = ("title", "text", "field", "mark")
    entries = node.entries((), (*roles, "span", "rows", "style", "align"))
    found = [role for role in roles if role in entries]
    if len(found) != 1:
        raise node.mistake("one_of_keys", found=", ".join(found), allowed=roles)
    (role,) = found
    return Piece(
        role=role,  # type: ignore[arg-type]
        text=_template(entries["text"]) if role == "text" else "",
        field=_require_known(entries["field"], fields) if role == "field" else "",
        span=entries.count("span", 1, minimum=1),
        rows=entries.count("rows", 1, minimum=1),
        style=entries.one_of("style", ("label", "plain", "note", "heading"), "label"),
        align=entries["align"].one_of(_ALIGN) if "align" in entries else None,
    )


def _rule(node: Node, fields: Mapping[str, Field], tables: Mapping[str, Table]) -> FormRule:
    words = ("title", "message", "advice")
    entries = node.entries(("code", "assert", "on"), ("severity", "each", "facts", *words, "bad", "good"))
    each = _require_known(entries["each"], tables) if "each" in entries else ""
    if each and len(tables[each].lists) > 1:
        raise entries["each"].mistake("not_allowed", found=each, nearest="", allowed=_flat(tables))
    scope = scope_of(fields, tables, each)
    on: Mapping[str, Any] = tables[each].columns if each else {**fields, **tables}
    return FormRule(
        code=entries.text("code"),
        severity=entries.one_of("severity", ("error", "warning", "hint", "fix"), "error"),
        assert_=_expression(entries["assert"], scope, logical=True),
        on=tuple(_require_known(item, on) for item in entries.sequence("on")),
        facts={name: _expression(value, scope) for name, value in entries.mapping("facts").items()},
        bad={path: value.plain() for path, value in entries.mapping("bad").items()},
        good={path: value.plain() for path, value in entries.mapping("good").items()},
        line=node.line,
        each=each,
        words=_words(entries, scope),
    )


def _words(entries: Entries, scope: Scope) -> RuleWords | None:
    """The words of a form's own check, beside it; None for a check whose words a set of checks has."""
    if not any(word in entries for word in ("title", "message", "advice")):
        return None
    for word in ("title", "message"):
        if word not in entries:
            raise entries["code"].mistake("missing_key", key=word)
    return RuleWords(
        title=entries.text("title"),
        message=_sentence(entries["message"], scope),
        advice=_sentence(entries["advice"], scope) if "advice" in entries else (),
    )


def _sentence(node: Node, scope: Scope) -> tuple[str | Expression, ...]:
    """A sentence with expressions in it, ``{{ budget.total }}``, as its pieces."""
    pieces = _EXPRESSION.split(node.text())
    return tuple(_part(node, piece, scope) if at % 2 else piece for at, piece in enumerate(pieces))


def _part(node: Node, source: str, scope: Scope) -> Expression:
    return _expression(replace(node, value=source.strip(), written=source.strip()), scope)


def _flat(tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The tables whose rows are the items of one list."""
    return tuple(id for id, table in tables.items() if len(table.lists) == 1)


def _expression(node: Node, scope: Scope, logical: bool = False) -> Expression:
    expression = Expression(node.text(), scope)
    try:
        expression.check(logical)
    except ExpressionError as error:
        what, piece = str(error.args[0]), str(error.args[1])
        if what == "unknown_name":
            facts = {"field": piece, "near": nearest(piece, scope.names), "known": scope.names}
            raise node.mistake("unknown_field", **facts) from error
        raise node.mistake("not_an_expression", problem=piece, text=expression.source) from error
    for name in expression.settings:
        if name not in (known := settings()):
            raise node.mistake("unknown_field", field=name, nearest=nearest(name, known), known=tuple(known)) from None
    return expression


def _check_placed_once(form: Form, node: Node) -> None:
    placed = [piece.field for row in form.layout for piece in row.pieces if piece.field]
    placed += [row.table for row in form.layout if row.table]
    for id in [*form.fields, *form.tables]:
        times = placed.count(id)
        hidden = id in form.fields and form.fields[id].given  # given values may be known without being shown
        if times > 1 or (times == 0 and not hidden):
            raise node.mistake("placed_times", field=id, times=times)
