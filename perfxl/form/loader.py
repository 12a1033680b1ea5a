"""Reading and checking of form definitions.

Every mistake in a definition raises a FormError with the file, the line and what is allowed there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from perfxl import extensions
from perfxl.errors import FormError
from perfxl.form import taxonomy, template, types
from perfxl.form.expression import Expression, ExpressionError, Scope
from perfxl.form.form import (
    CHINESE,
    MAX_ROWS,
    Align,
    Field,
    Form,
    FormRule,
    Groups,
    Hint,
    LayoutRow,
    Piece,
    RuleWords,
    SheetSetup,
    Table,
    scope_of,
)
from perfxl.form.layout import blank_layout, spare_rows
from perfxl.form.setting import settings
from perfxl.form.source import Entries, Node, nearest, parse
from perfxl.form.taxonomy import Taxonomy
from perfxl.form.types.base import AnswerType, Raw

# ids become Excel's defined names: letters, digits, dots and underscores (ECMA-376 part 1, 18.2.5)
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_LISTS_PATH = re.compile(r"[a-z][a-z0-9_]*\[\](\.[a-z][a-z0-9_]*\[\])*")
_RECORD = re.compile(r"[a-z][a-z0-9_]*(\[\])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47: en, zh-CN, sr-Latn
_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ALIGN: tuple[Align, ...] = ("left", "center", "right")
_FIELD_KEYS = ("type", "label", "given", "required", "yearly", "hint", "span", "repeat", "align")


def read_form(text: str, file: str) -> Form:
    """Return the form that a definition's text describes. Raises FormError."""
    top = parse(text, file).entries(
        ("form", "version", "record", "title", "sheet", "layout"),
        ("label", "language", "taxonomy", "key", "fields", "tables", "checks", "rules", "help"),
    )
    classes = _load_taxonomy(top["taxonomy"]) if "taxonomy" in top else None
    fields = {id: _read_field(id, node, classes) for id, node in top.mapping("fields").items()}
    _check_within(fields, top.mapping("fields"))
    tables = {id: _read_table(id, node, classes) for id, node in top.mapping("tables").items()}
    _check_separate(fields, tables, classes, top)
    sheet = _read_sheet(top["sheet"])
    form = Form(
        name=top.text("form"),
        version=top.text("version"),
        label=top.text("label", top.text("form")),
        record=_read_record_path(top["record"]),
        title=_read_template(top["title"]),
        sheet=sheet,
        taxonomy=classes.id if classes else "",
        fields=fields,
        tables=tables,
        layout=tuple(_read_layout_row(node, fields, tables, len(sheet.columns)) for node in top.sequence("layout")),
        rules=tuple(_read_rule(node, fields, tables) for node in top.sequence("rules")),
        help=tuple(_read_template(node) for node in top.sequence("help")),
        file=file,
        key=_read_key_field(top, fields),
        checks=tuple(item.one_of(tuple(extensions.found("perfxl.checks"))) for item in top.sequence("checks")),
        language=_read_language(top["language"]) if "language" in top else CHINESE,
    )
    _check_placed_once(form, top["layout"])
    _check_template_names(form, top)
    blank_layout(form)  # raises where cells cover each other
    return form


def _read_record_path(node: Node) -> str:
    """Read the place of the form's records in a records file: ``projects[]`` or ``department``."""
    path = node.text()
    if not _RECORD.fullmatch(path) or path.removesuffix("[]") in ("year", "unit"):
        allowed = ("projects[]", "department")
        raise node.mistake("not_allowed", found=path, near=nearest(path, allowed), allowed=allowed)
    return path


def _read_language(node: Node) -> str:
    """Read the language of the form's texts."""
    if not _LANGUAGE.fullmatch(node.text()):
        raise node.mistake("not_allowed", found=node.text(), near="", allowed=("zh-CN", "en", "fr"))
    return node.text()


def _read_key_field(top: Entries, fields: Mapping[str, Field]) -> str:
    """Return the field that numbers a unit's records: as the form says, else ``number`` if there is such a field."""
    if "key" in top:
        return _require_known(top["key"], fields)
    return "number" if "number" in fields else ""


def _value_paths(fields: Mapping[str, Field], tables: Mapping[str, Table]) -> Iterator[str]:
    """Yield the paths of the record's values, without the rows of lists."""
    yield from fields
    for table in tables.values():
        yield from (table.path(id) for id in table.columns)


def _check_separate(
    fields: Mapping[str, Field], tables: Mapping[str, Table], classes: Taxonomy | None, top: Entries
) -> None:
    """Check that answers do not contain each other, and that the tables fit on the sheet.

    ``budget`` cannot be a number and have a ``budget.total``. All tables together may have at most ``MAX_ROWS`` rows.
    """
    paths = sorted(_value_paths(fields, tables))
    for path in paths:
        for other in paths:
            if other.startswith(f"{path}."):
                node = top.mapping("fields").get(other) or top.mapping("fields").get(path) or top["tables"]
                raise node.mistake("clash", field=path, other=other)
    for id, node in top.mapping("tables").items():
        if id in fields:
            raise node.mistake("clash", field=id, other=id)
    rows = sum(max(table.minimum, table.maximum) + _count_spare(table, classes) for table in tables.values())
    if rows > MAX_ROWS:
        raise top["tables"].mistake("too_many_rows", found=rows, limit=MAX_ROWS)


def _count_spare(table: Table, classes: Taxonomy | None) -> int:
    """Return the number of spare rows of a table's groups, which come on top of its maximum."""
    return sum(spare_rows(table.groups, len(classes.level1))) if table.groups and classes else 0


def _load_taxonomy(node: Node) -> Taxonomy:
    """Load the taxonomy that a node names."""
    try:
        return taxonomy.load(node.text())
    except FormError as error:
        raise _add_place(node, error) from error


def _add_place(node: Node, error: FormError) -> FormError:
    """Return a copy of an error that has no file and line, with those of this node."""
    return node.mistake(**{key: value for key, value in error.facts.items() if key not in ("file", "line")})  # type: ignore[arg-type]


def _read_template(node: Node) -> str:
    """Return a node's text after checking that it parses as a Jinja template."""
    text = node.text()
    if "{" in text:
        from jinja2 import TemplateSyntaxError

        try:
            template.uses(text)
        except TemplateSyntaxError as error:
            raise node.mistake("not_jinja", problem=error.message or "", text=text) from error
    return text


def _check_template_names(form: Form, top: Entries) -> None:
    """Check that the templates use only names of the record and of the issue (``template.ISSUE``)."""
    known = template.known_names(form)
    for text, node in _all_templates(form, top):
        for use in template.uses(text):
            if not template.resolve_name(use.path, known):
                raise node.mistake("unknown_name", name=use.path, near=nearest(use.path, known), known=known)


def _all_templates(form: Form, top: Entries) -> Iterator[tuple[str, Node]]:
    """Yield the form's templates, each with the node that a message about it refers to."""
    yield form.title, top["title"]
    yield form.sheet.name, top["sheet"].mapping()["name"]
    for row, node in zip(form.layout, top.sequence("layout"), strict=True):
        yield from ((piece.text, node) for piece in row.pieces)
    yield from zip(form.help, top.sequence("help"), strict=True)


def _read_field(id: str, node: Node, classes: Taxonomy | None, column: bool = False) -> Field:
    """Read a field of the head, or a column of a table, which is required unless it says otherwise."""
    if not _ID.fullmatch(id):
        raise node.mistake("bad_id", id=id)
    nodes = node.mapping()
    if "type" not in nodes:
        raise node.mistake("missing_key", key="type")
    entries = Entries(nodes)
    answer_type = _read_type(node, entries, classes)
    if answer_type.example and (problem := answer_type.read(Raw(answer_type.example)).problem):
        raise nodes["example"].mistake("unreadable_example", field=id, example=answer_type.example, problem=problem)
    return Field(
        id=id,
        type=answer_type,
        label=_read_label(nodes.get("label")),
        given=entries.flag("given"),
        required=entries.flag("required", column),
        yearly=entries.flag("yearly"),
        hint=_read_hint(nodes["hint"]) if "hint" in nodes else None,
        within=entries.text("within"),
        span=entries.count("span", 1, minimum=1),
        repeat=entries.one_of("repeat", ("shown", "hidden"), "shown"),
        align=entries.one_of("align", _ALIGN, answer_type.align),
    )


def _read_type(node: Node, entries: Entries, classes: Taxonomy | None) -> AnswerType:
    """Make the type of a field from its entries that are options of the type."""
    word = entries["type"].one_of(tuple(types.types()))
    options = {key: value.plain() for key, value in entries.nodes.items() if key not in _FIELD_KEYS}
    if word == "choice" and options.get("choices") == "taxonomy":
        if classes is None:
            raise entries["choices"].mistake("missing_key", key="taxonomy")
        level = 2 if "within" in options else 1
        choices = list(classes.level1 if level == 1 else classes.level2)
        options |= {"choices": choices, "synonyms": classes.names(level)}
    try:
        return types.make(word, options)
    except types.UnknownOption as error:
        if error.what == "missing":
            raise node.mistake("missing_key", key=error.option) from error
        if error.what == "value":
            raise entries[error.option].mistake("wrong_option", key=error.option, allowed=error.allowed) from error
        allowed = (*_FIELD_KEYS, *error.allowed)
        facts = {"key": error.option, "near": nearest(error.option, allowed), "allowed": allowed}
        raise entries[error.option].mistake("unknown_key", **facts) from error
    except FormError as error:
        raise _add_place(entries["scheme"], error) from error


def _read_label(node: Node | None) -> tuple[str, ...]:
    """Read a label: one text, or a list of texts, outermost first; empty where there is none."""
    if node is None:
        return ()
    return tuple(part.text() for part in node.sequence()) if isinstance(node.value, list) else (node.text(),)


def _read_hint(node: Node) -> Hint:
    """Read the message that Excel shows beside a selected cell."""
    entries = node.entries(("title", "text"))
    for key, limit in (("title", 32), ("text", 255)):  # Excel's limits, ECMA-376 part 1, 18.3.1.32
        if (length := len(entries.text(key))) > limit:
            raise entries[key].mistake("too_long", length=length, limit=limit)
    return Hint(entries.text("title"), entries.text("text"))


def _check_within(fields: Mapping[str, Field], nodes: Mapping[str, Node]) -> None:
    """Check that each ``within`` names one of these fields."""
    for field in fields.values():
        if field.within:
            _require_known(nodes[field.id].mapping()["within"], fields)


def _require_known(node: Node, fields: Mapping[str, Any]) -> str:
    """Return a node's text, which must be the id of one of these."""
    id = node.text()
    if id not in fields:
        raise node.mistake("unknown_field", field=id, near=nearest(id, fields), known=tuple(fields))
    return id


def _read_table(id: str, node: Node, classes: Taxonomy | None) -> Table:
    """Read a table with its columns."""
    if not _ID.fullmatch(id):
        raise node.mistake("bad_id", id=id)
    entries = node.entries(("columns",), ("each", "rows", "groups", "side", "label"))
    lists_path = entries.text("each", f"{id}[]")
    if not _LISTS_PATH.fullmatch(lists_path):
        raise entries["each"].mistake("not_allowed", found=lists_path, near="", allowed=(f"{id}[]", "areas[].parts[]"))
    nodes = entries.mapping("columns")
    columns = {name: _read_field(name, column, classes, column=True) for name, column in nodes.items()}
    _check_within(columns, nodes)
    rows = entries.entries("rows", (), ("min", "spare", "max"))
    groups = entries.entries("groups", ("by", "begin"), ("spare", "max"))
    return Table(
        id=id,
        columns=columns,
        each=lists_path,
        minimum=rows.count("min", 1, minimum=1),
        spare=rows.count("spare", 0),
        maximum=groups.count("max", rows.count("max", 60, minimum=1), minimum=1),
        groups=_read_groups(groups, columns, classes) if groups.nodes else None,
        side=entries.text("side"),
        label=entries.text("label", entries.text("side", id)),
    )


def _read_groups(entries: Entries, columns: Mapping[str, Field], classes: Taxonomy | None) -> Groups:
    """Read the groups of a table's rows."""
    if classes is None:
        raise entries["by"].mistake("missing_key", key="taxonomy")
    begin = entries["begin"].entries((), columns)
    if len(begin.nodes) != 1:
        raise entries["begin"].mistake("one_of_keys", found=", ".join(begin.nodes), allowed=tuple(columns))
    (column,) = begin.nodes
    return Groups(
        by=entries["by"].one_of(tuple(columns)),
        begin_column=column,
        begin=tuple(value.one_of(classes.level2) for value in begin.sequence(column)),
        spare=tuple(item.count() for item in entries.sequence("spare")),
    )


def _read_sheet(node: Node) -> SheetSetup:
    """Read the setup of the sheet."""
    optional = ("paper", "fit", "orientation", "marks", "panel", "heights")
    entries = node.entries(("name", "columns", "start"), optional)
    entries.one_of("paper", ("A4",), "A4")
    entries.one_of("fit", ("width",), "width")
    marks = entries.entries("marks", (), ("side", "width", "label"))
    heights = entries.entries("heights", (), ("header", "row"))
    side = marks.one_of("side", ("before", "after"), "before")
    start = re.fullmatch(r"([A-Z])([1-9]\d{0,2})", entries.text("start"))
    # one row above for the mark row, and one column before where the keys stand there
    if not start or start[2] == "1" or (side == "before" and start[1] == "A"):
        raise entries["start"].mistake("no_room_for_marks", start=entries.text("start"), side=side)
    return SheetSetup(
        name=_read_template(entries["name"]),
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


def _read_layout_row(node: Node, fields: Mapping[str, Field], tables: Mapping[str, Table], width: int) -> LayoutRow:
    """Read a row of the layout. ``width``: the number of the sheet's columns, which the row must not exceed."""
    if isinstance(node.value, dict) and "table" in node.value:
        table = tables[node.entries(("table",))["table"].one_of(tuple(tables))]
        covered = sum(column.span for column in table.columns.values()) + (1 if table.side else 0)
        row = LayoutRow(table=table.id, line=node.line)
    else:
        entries = node.entries(("cells",), ("height",)) if isinstance(node.value, dict) else Entries({"cells": node})
        pieces = tuple(_read_piece(item, fields) for item in entries.sequence("cells"))
        covered = sum(piece.span for piece in pieces)
        row = LayoutRow(pieces, height=entries.number("height", 30.0), line=node.line)
    if covered > width:
        raise node.mistake("row_too_wide", covered=covered, columns=width)
    return row


def _read_piece(node: Node, fields: Mapping[str, Field]) -> Piece:
    """Read one cell of a layout row."""
    if not isinstance(node.value, dict):
        return Piece("text", text=_read_template(node))
    roles = ("title", "text", "field", "mark")
    entries = node.entries((), (*roles, "span", "rows", "style", "align"))
    given = [role for role in roles if role in entries]
    if len(given) != 1:
        raise node.mistake("one_of_keys", found=", ".join(given), allowed=roles)
    (role,) = given
    return Piece(
        role=role,  # type: ignore[arg-type]
        text=_read_template(entries["text"]) if role == "text" else "",
        field=_require_known(entries["field"], fields) if role == "field" else "",
        span=entries.count("span", 1, minimum=1),
        rows=entries.count("rows", 1, minimum=1),
        style=entries.one_of("style", ("label", "plain", "note", "heading"), "label"),
        align=entries["align"].one_of(_ALIGN) if "align" in entries else None,
    )


def _read_rule(node: Node, fields: Mapping[str, Field], tables: Mapping[str, Table]) -> FormRule:
    """Read a check of the form's own."""
    words = ("title", "message", "advice")
    entries = node.entries(("code", "assert", "on"), ("severity", "each", "facts", *words, "bad", "good"))
    table = _require_known(entries["each"], tables) if "each" in entries else ""
    if table and len(tables[table].lists) > 1:
        raise entries["each"].mistake("not_allowed", found=table, near="", allowed=_flat_tables(tables))
    scope = scope_of(fields, tables, table)
    answers: Mapping[str, Any] = tables[table].columns if table else {**fields, **tables}
    return FormRule(
        code=entries.text("code"),
        severity=entries.one_of("severity", ("error", "warning", "hint", "fix"), "error"),
        assert_=_read_expression(entries["assert"], scope, logical=True),
        on=tuple(_require_known(item, answers) for item in entries.sequence("on")),
        facts={name: _read_expression(value, scope) for name, value in entries.mapping("facts").items()},
        bad={path: value.plain() for path, value in entries.mapping("bad").items()},
        good={path: value.plain() for path, value in entries.mapping("good").items()},
        line=node.line,
        each=table,
        words=_read_words(entries, scope),
    )


def _read_words(entries: Entries, scope: Scope) -> RuleWords | None:
    """Read the words that stand beside a check; None for a check whose words come from a set of checks."""
    if not any(word in entries for word in ("title", "message", "advice")):
        return None
    for word in ("title", "message"):
        if word not in entries:
            raise entries["code"].mistake("missing_key", key=word)
    return RuleWords(
        title=entries.text("title"),
        message=_read_sentence(entries["message"], scope),
        advice=_read_sentence(entries["advice"], scope) if "advice" in entries else (),
    )


def _read_sentence(node: Node, scope: Scope) -> tuple[str | Expression, ...]:
    """Split a sentence with expressions in it, such as ``{{ budget.total }}``, into its pieces."""
    pieces = _EXPRESSION.split(node.text())
    # texts at even places, expressions at odd ones
    return tuple(_read_part(node, piece, scope) if at % 2 else piece for at, piece in enumerate(pieces))


def _read_part(node: Node, source: str, scope: Scope) -> Expression:
    """Read an expression that stands in the sentence of a node."""
    return _read_expression(replace(node, value=source.strip(), written=source.strip()), scope)


def _flat_tables(tables: Mapping[str, Table]) -> tuple[str, ...]:
    """Return the tables whose rows are the items of one list, not of nested ones."""
    return tuple(id for id, table in tables.items() if len(table.lists) == 1)


def _read_expression(node: Node, scope: Scope, logical: bool = False) -> Expression:
    """Read an expression, checking its names and the settings it uses. ``logical``: it must be a condition."""
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
        known = settings()
        if name not in known:
            raise node.mistake("unknown_field", field=name, near=nearest(name, known), known=tuple(known)) from None
    return expression


def _check_placed_once(form: Form, node: Node) -> None:
    """Check that every field and table stands in the layout exactly once."""
    placed = [piece.field for row in form.layout for piece in row.pieces if piece.field]
    placed += [row.table for row in form.layout if row.table]
    for id in [*form.fields, *form.tables]:
        times = placed.count(id)
        hidden = (
            id in form.fields and form.fields[id].given
        )  # a given answer may be in the record without standing on the sheet
        if times > 1 or (times == 0 and not hidden):
            raise node.mistake("placed_times", field=id, times=times)
