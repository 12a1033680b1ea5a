"""Reading of a whole form definition, with all of its mistakes in one pass."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import NamedTuple

from perfxl import extensions
from perfxl.errors import FormError, UnknownForm
from perfxl.form import taxonomy
from perfxl.form.choice_list import ChoiceList
from perfxl.form.definition import inheritance
from perfxl.form.definition.calculations import read_calculations
from perfxl.form.definition.choices import ListReader
from perfxl.form.definition.drawn_layout import draw_layout
from perfxl.form.definition.fields import add_place, read_fields
from perfxl.form.definition.issue import read_issue
from perfxl.form.definition.keys import SECTIONS, section
from perfxl.form.definition.limits import add_limits
from perfxl.form.definition.lines import BODIES, write_out
from perfxl.form.definition.mistakes import Mistakes, first_of
from perfxl.form.definition.overview import read_overview
from perfxl.form.definition.repeated import write_out_repeated
from perfxl.form.definition.rules import read_rules
from perfxl.form.definition.sheet import read_layout, read_sheet
from perfxl.form.definition.structure import prune
from perfxl.form.definition.suggestions import add_suggestions
from perfxl.form.definition.tables import check_rows, read_tables
from perfxl.form.definition.texts import check_template_names, read_template
from perfxl.form.form import CHINESE, Base, Field, Form, LayoutRow, SheetSetup, Table
from perfxl.form.languages import language_of
from perfxl.form.late_pattern import late_pattern
from perfxl.form.layout import blank_layout
from perfxl.form.other_lists import replace_lists
from perfxl.form.source import Entries, Node, nearest, parse
from perfxl.form.taxonomy import Taxonomy
from perfxl.form.ticks import whole_columns, with_tick_columns
from perfxl.form.types_in_language import with_types_in

_LANGUAGE = late_pattern(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47: en, zh-CN, sr-Latn
_RECORD = late_pattern(r"[a-z][a-z0-9_]*(\[\])?")


@dataclass(frozen=True)
class Definition:
    """What could be read of a definition: the form without the parts that are wrong, and the mistakes, by line.

    ``form``: None where not even its outline could be read; ``top``: the nodes that were read, with those taken over;
    ``folders``: where the files lie that they name, by the file of each.
    """

    form: Form | None
    mistakes: tuple[FormError, ...]
    top: Node | None = None
    folders: Mapping[str, Traversable | None] = field(default_factory=dict)


def _know_none(name: str, version: str) -> inheritance.Definitions:
    raise UnknownForm(form=name, near="", known=())


def read_form(text: str, file: str, folder: Traversable | None = None, find: inheritance.Find = _know_none) -> Form:
    """Return the form that a definition's text describes. Raises FormError, which carries all mistakes.

    ``folder``: where the files lie that the definition names; ``find``: finds the forms that it may extend.
    """
    definition = read_definition(text, file, folder, find)
    if definition.form is None or definition.mistakes:
        raise first_of(definition.mistakes)
    return definition.form


def read_definition(
    text: str,
    file: str,
    folder: Traversable | None = None,
    find: inheritance.Find = _know_none,
    above: tuple[str, ...] = (),
) -> Definition:
    """Read a definition as far as it can be read.

    ``folder``: where the files lie that it names; ``find``: finds the forms that it may extend; ``above``: the forms
    that extend it, each as it would be named.
    """
    mistakes = Mistakes()
    form = top = None
    folders: dict[str, Traversable | None] = {}
    with mistakes.caught():
        if top := prune(parse(text, file), section("form"), mistakes):
            base = None
            with mistakes.caught("fields", "tables", *inheritance.SHARED):
                base = _read_base(top, find, above, mistakes)
                top = inheritance.extend(top, base, mistakes) if base else top
            folders = {**(base.folders if base else {}), file: folder}
            form = _read(Entries(top.mapping()), file, folders, base, mistakes)
            form = form if mistakes.found else replace_lists(form, {})
    return Definition(form, mistakes.sorted(), top, folders)


def _read_base(
    top: Node, find: inheritance.Find, above: tuple[str, ...], mistakes: Mistakes
) -> inheritance.Extended | None:
    """Read the form that a definition extends; None for none. Raises FormError for a mistake in it as well."""
    entries = Entries(top.mapping())
    if "extends" not in entries:
        for key in inheritance.OF_BASE:
            if key in entries:
                mistakes.note(entries[key].mistake("without_extends", key=key))
        return None
    above = (*above, f"{entries.text('form')}@{entries.text('version')}")
    found = inheritance.find_base(entries["extends"], find, above)
    base = read_definition(found.text, found.file, found.folder, find, above)
    if base.form is None or base.top is None or base.mistakes:
        raise first_of(base.mistakes)
    return inheritance.Extended(base.form, base.top, base.folders)


def _read(
    top: Entries,
    file: str,
    folders: Mapping[str, Traversable | None],
    base: inheritance.Extended | None,
    mistakes: Mistakes,
) -> Form:
    """Read a definition whose keys are in order; ``base``: the form that it extends, whose nodes it has by now.

    ``folders``: where the files lie that it and its base name, by the file of each.
    """
    mistakes.broken.update(key.name for key in SECTIONS["form"] if key.required and key.name not in top)
    top, classes, choices, fields, tables, record, issue = _read_answers(top, file, folders, base, mistakes)
    with mistakes.caught():
        _check_separate(fields, tables, top)
    with mistakes.caught():
        check_rows(tables, top)
    sheet = _NO_SHEET
    with mistakes.caught("sheet"):
        mistakes.require("sheet")
        sheet = read_sheet(top)
    sheet, laid_out, layout = _lay_out(top, sheet, fields, tables, mistakes)
    form = Form(
        name=top.text("form"),
        version=top.text("version"),
        label=top.text("label", top.text("form")),
        record=record,
        title=_read_title(top, mistakes),
        sheet=sheet,
        taxonomy=classes.id if classes else "",
        fields=fields,
        tables=laid_out,
        layout=layout,
        rules=read_rules(top.sequence("rules"), fields, tables, mistakes, issue),
        help=tuple(_read_texts(top, "help", mistakes)),
        file=file,
        key=_read_key_field(top, fields, mistakes),
        checks=_read_checks(top, mistakes),
        base=_base_of(top, base),
        issue=issue,
        overview=read_overview(top, fields, record, mistakes),
        choices=choices,
        language=_read_language(top, mistakes),
    )
    form = with_types_in(form, language_of(form.language))
    _check_whole(form, top, mistakes)
    return form


class _Answers(NamedTuple):
    """What a definition asks: ``top``: the definition with lines and lists written out; ``issue``: the issue values."""

    top: Entries
    classes: Taxonomy | None
    choices: Mapping[str, ChoiceList]
    fields: Mapping[str, Field]
    tables: Mapping[str, Table]
    record: str
    issue: tuple[str, ...]


def _read_answers(
    top: Entries,
    file: str,
    folders: Mapping[str, Traversable | None],
    base: inheritance.Extended | None,
    mistakes: Mistakes,
) -> _Answers:
    """Read the lists, fields and tables of a definition, with their limits and calculations."""
    written_out = write_out(write_out_repeated(top, mistakes), mistakes)
    top = written_out.top
    classes = None
    with mistakes.caught("taxonomy"):
        classes = _load_taxonomy(top["taxonomy"]) if "taxonomy" in top else None
    reader = ListReader(top, folders, mistakes)
    choices = reader.read(classes)
    top = reader.place()
    fields = read_fields(top.mapping("fields"), mistakes)
    lines = {id: label for id, label in written_out.labels.items() if id in fields}
    for id in (id for id in lines if fields[id].ticks):
        mistakes.note(top.mapping("fields")[id].mistake("ticks_in_line"))
    fields |= {id: replace(fields[id], line=label) for id, label in lines.items()}
    tables = {id: _with_base(table, top, base) for id, table in read_tables(top, classes, mistakes).items()}
    record = _read_record_path(top, file, mistakes)
    issue = read_issue(top, record, fields, tables, mistakes)
    read_calculations(top, fields, tables, issue, mistakes)
    fields, tables = add_limits(top, fields, tables, issue, mistakes)
    fields, tables = add_suggestions(top, fields, tables, issue, mistakes)
    return _Answers(top, classes, choices, fields, tables, record, issue)


_NO_SHEET = SheetSetup(
    name="", columns=(), row=1, column=1, key="before", key_width=0, key_label="", landscape=False, panel=(),
    header_height=0, row_height=0,
)  # fmt: skip
"""Stands for the set-up of a sheet that could not be read."""


def _lay_out(
    top: Entries, sheet: SheetSetup, fields: Mapping[str, Field], tables: Mapping[str, Table], mistakes: Mistakes
) -> tuple[SheetSetup, Mapping[str, Table], tuple[LayoutRow, ...]]:
    """Return sheet, tables and layout: as the form has them, or drawn where it has no layout and no mistakes."""
    if "layout" in top:
        return sheet, tables, read_layout(top.sequence("layout"), fields, tables, len(sheet.columns), mistakes)
    if mistakes.found:
        mistakes.broken.add("layout")
        return sheet, tables, ()
    is_said = "orientation" in top.mapping("sheet")
    bodies = {
        id: read_layout(node.sequence(), fields, tables, sys.maxsize, mistakes)
        for id, node in top.mapping(BODIES).items()
    }
    on_sheet = {id: with_tick_columns(table) for id, table in tables.items()}
    drawn = draw_layout(fields, on_sheet, bodies, sheet.columns, sheet.landscape if is_said else None)
    for id, table in drawn.tables.items():
        covered = sum(column.span for column in table.columns.values()) + (1 if table.side else 0)
        if covered > len(drawn.columns):
            facts = {"covered": covered, "columns": len(drawn.columns)}
            mistakes.note(top.mapping("tables")[id].mistake("row_too_wide", **facts))
    columns = {id: whole_columns(table, drawn.tables[id].columns) for id, table in tables.items()}
    fitted = {id: replace(table, columns=columns[id]) for id, table in tables.items()}
    return replace(sheet, columns=drawn.columns, landscape=drawn.landscape), fitted, drawn.rows


def _check_whole(form: Form, top: Entries, mistakes: Mistakes) -> None:
    """Check what concerns the form as a whole, as far as its parts could be read."""
    with mistakes.caught():
        _check_name(form, top)
    if not {"sheet", "title", "layout"} & mistakes.broken:
        check_template_names(form, top, mistakes)
        for error in _misplaced(form, top, mistakes):
            mistakes.note(error)
    if not mistakes.found:
        with mistakes.caught():
            blank_layout(form)  # raises where cells cover each other


def _check_name(form: Form, top: Entries) -> None:
    """Raise FormError where a form is called otherwise than the folder in which its file lies."""
    *folders, last = form.file.replace("\\", "/").split("/")
    if "form" in top and last == "form.yaml" and folders and folders[-1] not in ("", form.name):
        raise top["form"].mistake("name_of_folder", name=form.name, folder=folders[-1])


def _read_title(top: Entries, mistakes: Mistakes) -> str:
    """Read the title of a sheet: that of the form, or its label or name where it has none."""
    if "title" in top or "title" in mistakes.broken:
        return _read_text(top, "title", mistakes)
    return top.text("label", top.text("form"))


def _read_text(top: Entries, key: str, mistakes: Mistakes) -> str:
    """Read a text with Jinja; empty where it is wrong."""
    with mistakes.caught(key):
        mistakes.require(key)
        return read_template(top[key])
    return ""


def _read_texts(top: Entries, key: str, mistakes: Mistakes) -> Iterator[str]:
    """Read a list of texts with Jinja, without those that are wrong."""
    for node in top.sequence(key):
        with mistakes.caught(key):
            yield read_template(node)


def _read_checks(top: Entries, mistakes: Mistakes) -> tuple[str, ...]:
    """Read the names of sets of checks."""
    known = tuple(extensions.found("perfxl.checks"))
    named: list[str] = []
    for node in top.sequence("checks"):
        with mistakes.caught("checks"):
            named.append(node.one_of(known))
    return tuple(named)


def _read_language(top: Entries, mistakes: Mistakes) -> str:
    """Read the language of the form's texts."""
    with mistakes.caught("language"):
        language = top.text("language", CHINESE)
        if _LANGUAGE.fullmatch(language):
            return language
        raise top["language"].mistake("not_allowed", found=language, near="", allowed=("zh-CN", "en", "fr"))
    return CHINESE


def _read_record_path(top: Entries, file: str, mistakes: Mistakes) -> str:
    """Read the place of the form's records in a records file: ``claims[]``, or ``inventory`` where there is one."""
    path = "records[]"
    with mistakes.caught("record"):
        mistakes.require("record")
        if "record" not in top:
            first = next(iter(top.nodes.values()), Node(None, 1, file))
            raise top.nodes.get("form", first).mistake("missing_key", key="record")
        path = top.text("record")
        if not _RECORD.fullmatch(path) or path.removesuffix("[]") in ("year", "unit"):
            allowed = ("projects[]", "department")
            raise top["record"].mistake("not_allowed", found=path, near=nearest(path, allowed), allowed=allowed)
    return path


def _with_base(table: Table, top: Entries, base: inheritance.Extended | None) -> Table:
    """Return a table; one of the base has the rows of the base and no others, unless it asks for further ones."""
    if base is None:
        return table
    rows = Entries(top.mapping("tables")[table.id].mapping()).mapping("rows")
    return replace(table, inherited=table.id in base.form.tables and rows.keys().isdisjoint(inheritance.ADDED_ROWS))


def _base_of(top: Entries, base: inheritance.Extended | None) -> Base | None:
    """Return the form that a form extends, with the answers that it took over."""
    return Base(base.form, inheritance.taken_over(base.form, inheritance.dropped_ids(top))) if base else None


def _read_key_field(top: Entries, fields: Mapping[str, Field], mistakes: Mistakes) -> str:
    """Return the field that numbers a unit's records: as the form says, else ``number`` if there is such a field."""
    if "key" not in top:
        return "number" if "number" in fields else ""
    with mistakes.caught("key"):
        key = top["key"]
        if key.text() in fields:
            return key.text()
        mistakes.require(key.text())
        raise key.mistake("unknown_key_field", field=key.text(), near=nearest(key.text(), fields), known=tuple(fields))
    return ""


def _value_paths(fields: Mapping[str, Field], tables: Mapping[str, Table]) -> Iterator[str]:
    """Yield the paths of the record's values, without the rows of lists."""
    yield from fields
    for table in tables.values():
        yield from (table.path(id) for id in table.columns)


def _check_separate(fields: Mapping[str, Field], tables: Mapping[str, Table], top: Entries) -> None:
    """Raise FormError where answers contain each other: ``budget`` cannot be a number and have a ``budget.total``."""
    paths = sorted(_value_paths(fields, tables))
    for path, other in pairwise(paths):  # no sign of an id sorts before the dot
        if other.startswith(f"{path}."):
            node = top.mapping("fields").get(other) or top.mapping("fields").get(path) or top["tables"]
            raise node.mistake("clash", field=path, other=other)
    for id, node in top.mapping("tables").items():
        if id in fields:
            raise node.mistake("clash", field=id, other=id)


def _load_taxonomy(node: Node) -> Taxonomy:
    """Load the taxonomy that a node names."""
    try:
        return taxonomy.load(node.text())
    except FormError as error:
        raise add_place(node, error) from error


def _misplaced(form: Form, top: Entries, mistakes: Mistakes) -> Iterator[FormError]:
    """Yield a mistake for every field and table that does not stand in the layout exactly once, and for a lost mark."""
    placed = Counter(piece.field for row in form.layout for piece in row.pieces if piece.field)
    placed.update(table for row in form.layout for table in row.tables)
    for id in [*form.fields, *form.tables]:
        times = placed[id]
        # a given answer may be in the record without standing on the sheet
        hidden = id in form.fields and form.fields[id].given
        if times == 0 and not hidden and id not in mistakes.broken:
            nodes = top.mapping("fields" if id in form.fields else "tables")
            yield nodes[id].mistake("nowhere" if id in form.fields else "table_nowhere", field=id)
        elif times > 1:
            yield top["layout"].mistake("placed_times", field=id, times=times)
    if form.layout and not any(piece.role == "mark" for row in form.layout for piece in row.pieces):
        yield top["layout"].mistake("no_mark", width=len(form.sheet.columns))
