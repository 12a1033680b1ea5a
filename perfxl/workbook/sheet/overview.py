"""The columns of the first sheet of a unit's workbook: what it shows of each record, as values and live formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl import messages
from perfxl.form.form import Field, Form
from perfxl.form.types.base import Raw
from perfxl.form.types.money import Money
from perfxl.messages.places import label
from perfxl.workbook.ooxml.formula import Place, absolute_range, quote_sheet
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.book import Book, link_text, list_entry, total
from perfxl.workbook.sheet.page import Page, Value

FIRST_ROW = 4
"""The row of the first record, counted from 0."""

_NUMBERS = ("number", "percent", "date")
_BLANK = " "
"""What a live text shows of a blank answer: a formula's text is never empty, so that its cell is one of texts."""


@dataclass(frozen=True)
class OverviewColumn:
    """A column of the first sheet.

    ``id``: the answer it shows; empty for a column that every such sheet has, as ``list_entry`` gives it. ``linked``:
    it leads to the record's sheet; ``added``: its total stands below; ``live``: units fill in its answer, so that it is
    a formula.
    """

    heading: str
    width: float
    format: look.Format
    id: str = ""
    linked: bool = False
    added: bool = False
    live: bool = False


@lru_cache(maxsize=64)
def overview_columns(form: Form) -> tuple[OverviewColumn, ...]:
    """Return the columns that a form names, or number, name and amount."""
    number, name, amount = (messages.say(f"sheet.list.headers.{key}", {}, form.language) for key in _USUAL)
    if not form.overview:
        return (
            OverviewColumn(number, 7, look.LIST_NUMBER),
            OverviewColumn(name, 40, look.LIST_LINK, linked=True),
            OverviewColumn(amount, 27, look.LIST_MONEY, added=True),
        )
    given = [id for id in form.overview if form.fields[id].given and not isinstance(form.fields[id].type, Money)]
    texts = [id for id in given if form.fields[id].type.value_type not in _NUMBERS]
    link = next(iter((*texts, *given)), "")
    columns = tuple(_column(form, form.fields[id], id == link) for id in form.overview)
    return columns if link else (OverviewColumn(name, 40, look.LIST_LINK, linked=True), *columns)


_USUAL = ("number", "name", "amount")


def _column(form: Form, field: Field, linked: bool) -> OverviewColumn:
    heading, kind = label(field.id, form), field.type
    if not field.label and field.id == form.key:  # nobody reads it on the form itself
        heading = messages.say("sheet.list.headers.number", {}, form.language)
    if isinstance(kind, Money):
        heading = messages.say("sheet.list.with_unit", {"label": heading, "unit": kind.label}, form.language)
    is_number = kind.value_type in _NUMBERS
    return OverviewColumn(
        heading=heading,
        width=_width(form, field, linked),
        format=look.LIST_LINK if linked else look.list_value(kind.number_format if is_number else "@"),
        id=field.id,
        linked=linked,
        added=isinstance(kind, Money),
        live=not field.given,
    )


def _width(form: Form, field: Field, linked: bool) -> float:
    """Return the width of a column, in digits."""
    if linked:
        return 36
    if field.id == form.key:
        return 7
    if field.type.value_type in _NUMBERS:
        return 16 if isinstance(field.type, Money) else 12
    longest = max(map(len, field.type.drop_down()), default=14)
    return min(28, max(10, 2 * longest + 2))


def overview_values(page: Page) -> tuple[Value, ...]:
    """Return what the columns show of a record; the linked one its text."""
    form = page.layout.asked
    if not form.overview:
        return list_entry(page)
    values: list[Value] = []
    for column in overview_columns(form):
        value = _shown(page, column)
        values.append((link_text("" if value is None else value) or page.name) if column.linked else value)
    return tuple(values)


def _shown(page: Page, column: OverviewColumn) -> Value:
    """Return the value of an answer as its cell shows it."""
    if not column.id:
        return page.title
    kind = page.layout.asked.fields[column.id].type
    if not column.live:
        return kind.show(page.given.get(column.id))
    box = page.layout.head[column.id]
    value = page.cells[box.row, box.column]
    if kind.value_type in _NUMBERS:
        return value if isinstance(value, (int, float)) else 0
    if kind.value_type == "time" and value is not None:
        value = kind.read(Raw(value, kind.number_format)).value
    return _BLANK if value in (None, "") else str(value)


def live_formula(page: Page, column: OverviewColumn) -> str:
    """Return the formula of a live column: the answer as it stands on the record's sheet now."""
    answer = f"{quote_sheet(page.name)}!px.v.{column.id}"
    if page.layout.asked.fields[column.id].type.value_type in _NUMBERS:
        return f"N({answer})"
    is_time = page.layout.form.fields[column.id].type.value_type == "time"
    return f'IF(LEN({answer})=0,"{_BLANK}",' + (f'TEXT({answer},"hh:mm"))' if is_time else f'{answer}&"")')


def overview_totals(book: Book) -> Mapping[int, Value]:
    """Return the totals of the columns that have one."""
    columns = overview_columns(book.form)
    if not book.form.overview:
        return {at: total(book) for at, column in enumerate(columns) if column.added}
    rows = [overview_values(page) for page in book.pages]
    sums: dict[int, Value] = {}
    for at, column in enumerate(columns):
        numbers = [value for row in rows if isinstance(value := row[at], (int, float))]
        if column.added:
            sums[at] = round(sum(numbers), 6) if numbers or column.live else None
    return sums


def total_formula(book: Book, column: int) -> str:
    """Return the formula of a live column's total."""
    return f"SUM({absolute_range(FIRST_ROW, column, FIRST_ROW + len(book.pages) - 1, column)})"


def overview_cells(book: Book) -> dict[Place, Value]:
    """Return the cells with the values of the records, and with the totals below them."""
    cells: dict[Place, Value] = {}
    for row, page in enumerate(book.pages, start=FIRST_ROW):
        cells |= {(row, column): value for column, value in enumerate(overview_values(page))}
    return cells | {(FIRST_ROW + len(book.pages), column): value for column, value in overview_totals(book).items()}
