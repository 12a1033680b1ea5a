"""An export as flat tables: for each form one with a row for each project, and one for each of the form's own tables.

Amounts stand in the first alone, once a project, so that no sum counts one twice. The columns are the form's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from perfxl import messages
from perfxl.form.answers import flatten
from perfxl.form.form import Form, Table
from perfxl.form.types.base import AnswerType
from perfxl.form.types.money import Money
from perfxl.form.types.number import is_number, text_or_none
from perfxl.messages.places import locate, plain
from perfxl.rounds.export.project import ExportedProject
from perfxl.workbook.sheet.file_name import safe_name

Value = str | int | float | None

_PROJECT = ("unit", "unit_name", "parent", "number", "code", "name", "disclosure", "state", "mark")
_DRAFT = ("draft", "arrived", "errors", "warnings")
_ROW = "row"
HEADING, _SHEET_NAME = 255, 31
"""The most units of UTF-16 in a heading and in a sheet's name."""
_LARGEST = 2**63 - 1  # the greatest whole number of SQLite
_NO_SHEET_NAME = str.maketrans(dict.fromkeys("[]'!", "_"))
"""Signs that a file's name may have and a sheet's may not."""
_ONE_RECORD = ("number", "code", "name")
"""What a unit's only record of a form has not."""


@dataclass(frozen=True)
class ExportColumn:
    """A column: the path of its answer, or a word of ours; its heading; what is in it; its type of answer, if any."""

    key: str
    heading: str
    about: str
    kind: AnswerType | None = None

    @property
    def numeric(self) -> bool:
        """True if its values are numbers, but for those that nobody understood."""
        if self.kind is None:
            return self.key in ("number", "draft", "errors", "warnings", _ROW)
        return self.kind.value_type in ("number", "percent")


@dataclass(frozen=True)
class ExportTable:
    """A flat table of a form. ``table``: the form's own one whose rows it has, None for a row for each project."""

    form: Form
    name: str
    columns: tuple[ExportColumn, ...]
    lang: str
    table: Table | None = None

    def rows(self, project: ExportedProject) -> Iterator[tuple[Value, ...]]:
        """Yield the rows of a project of this form."""
        own = self._own_values(project)
        answers = flatten(self.form, project.record or {})
        for at, row in enumerate(answers.rows[self.table.id] if self.table else [answers.head], start=1):
            own[_ROW] = at
            yield tuple(
                _whole(own[column.key] if column.kind is None else _value(column.kind, row[column.key]))
                for column in self.columns
            )

    def _own_values(self, project: ExportedProject) -> dict[str, Value]:
        """Return what is known of a project beside its answers, by the words for the columns."""

        def word(key: str) -> str:
            return messages.say(f"rounds.{key}", {}, self.lang)

        return {
            "unit": project.unit,
            "unit_name": project.unit_name,
            "parent": project.parent or None,
            "number": project.number,
            "code": project.code or None,
            "name": project.name,
            "disclosure": word(f"export.disclosure.{project.disclosure}"),
            "state": word(f"state.{project.state}"),
            "mark": word("export.resubmitted") if project.resubmitted else None,
            "draft": project.draft,
            "arrived": project.arrived.replace("T", " ") or None,
            "errors": project.to_do["error"],
            "warnings": project.to_do["warning"],
        }


def export_tables(forms: Iterable[Form], lang: str) -> tuple[ExportTable, ...]:
    """Return the flat tables of some forms; no two have one name, and sheets and files can have these names, too."""
    tables = [table for form in forms for table in _tables_of(form, lang)]
    names = tell_apart([safe_name(table.name).translate(_NO_SHEET_NAME) for table in tables])
    return tuple(replace(table, name=name) for table, name in zip(tables, names, strict=True))


def _tables_of(form: Form, lang: str) -> Iterator[ExportTable]:
    """Yield the flat tables of a form: a row for each project, then those of its own tables."""
    own = tuple(key for key in _PROJECT if form.many or key not in _ONE_RECORD)
    fields = [id for id in form.fields if not form.many or id not in (form.key, "code", "name")]
    head = [*_own_columns((*own, *_DRAFT), lang), *(_answer(id, form.fields[id].type, form, lang) for id in fields)]
    yield ExportTable(form, form.label, _headed_apart(head), lang)
    for table in form.tables.values():
        columns = [_answer(id, field.type, form, lang, table) for id, field in table.columns.items()]
        whole = _headed_apart([*_own_columns((*own, _ROW), lang), *columns])
        yield ExportTable(form, f"{form.label}·{table.label or table.id}", whole, lang, table)


def _own_columns(keys: Sequence[str], lang: str) -> Iterator[ExportColumn]:
    """Yield the columns of what is known beside the answers."""
    for key in keys:
        heading, about = (messages.say(f"rounds.export.{part}.{key}", {}, lang) for part in ("heading", "about"))
        yield ExportColumn(key, heading, about)


def _answer(id: str, kind: AnswerType, form: Form, lang: str, table: Table | None = None) -> ExportColumn:
    """Return the column of an answer, headed by the words of the form and the unit of the numbers."""
    path = table.path(id) if table else id
    place = locate(path, form, {})
    words = "·".join(plain("".join(text.split())) for text in (place.group, place.label) if text)
    unit = kind.label if isinstance(kind, Money) else "%" if kind.value_type == "percent" else ""
    about = messages.say(f"types.describe.{kind.name}", kind.facts(), lang)
    return ExportColumn(id, f"{words}（{unit}）" if unit else words, about, kind)


def _headed_apart(columns: Sequence[ExportColumn]) -> tuple[ExportColumn, ...]:
    """Return the columns with headings of which no two are one, as databases and pivot tables need it."""
    headings = tell_apart([column.heading for column in columns], HEADING)
    return tuple(replace(column, heading=heading) for column, heading in zip(columns, headings, strict=True))


def tell_apart(names: Iterable[str], most: int = _SHEET_NAME) -> Iterator[str]:
    """Yield the names, those that stood before, be it in other letters' case, with a number.

    ``most``: the units of UTF-16 that each may have.
    """
    seen: set[str] = set()
    for name in names:
        told, nth = _cut(name, most), 1
        while told.casefold() in seen:
            nth += 1
            told = _cut(name, most, str(nth))
        seen.add(told.casefold())
        yield told


def _cut(name: str, most: int, end: str = "") -> str:
    """Return a name with this end, no longer than it may be."""
    return name.encode("utf-16-le")[: 2 * (most - len(end))].decode("utf-16-le", "ignore") + end


def _value(kind: AnswerType, value: Any) -> Value:
    """Return an answer as it stands in a flat table: a number as one, anything else as the text that a person reads."""
    if kind.value_type not in ("number", "percent", "date"):
        return text_or_none(kind.show(value))
    if kind.value_type != "date" and is_number(value) and isinstance(value, (int, float)):
        return value if abs(value) <= _LARGEST else float(value)
    return text_or_none(value)


def _whole(value: Value) -> Value:
    """Return a value without half characters, which no file takes."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
