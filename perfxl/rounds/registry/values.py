"""The values of a registry's cells, understood by the types of answer, and what could not be understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from perfxl.errors import RegistryMistake
from perfxl.form.characters import trim_text
from perfxl.form.form import Form
from perfxl.form.types.base import AnswerType
from perfxl.form.types.code import Code
from perfxl.form.types.date import Date
from perfxl.form.types.integer import Integer
from perfxl.form.types.money import IN_YUAN, Money
from perfxl.form.types.text import Text
from perfxl.messages import number
from perfxl.rounds.model import Disclosure
from perfxl.rounds.registry.table import RegistryCell, RegistryRow, RegistryTable
from perfxl.rounds.registry.words import GIVEN, choice_of, given_fields, registry_words

CONTROL = "unit.control"


def at(sheet: str, cell: RegistryCell | None = None, row: int = 0) -> dict[str, Any]:
    """Return a place as facts of a mistake: of a cell, of a whole row, or of the list where neither is given."""
    return {"sheet": sheet, "row": cell.row if cell else row, "column": cell.column if cell else ""}


def before(sheet: str, row: int, here: str) -> dict[str, Any]:
    """Return the place of what contradicts a value in the list ``here``, as facts; its tab only where it is another."""
    return {"first": row, "first_sheet": "" if sheet == here else sheet}


def column_kinds(form: Form) -> Mapping[str, AnswerType]:
    """Return the type of answer of each column: the form's own for what is its own."""
    own = {id: answer.type for id, answer in form.fields.items()} if form.many else {}
    number, words = own.get(form.key, Integer()), registry_words()
    return {
        "unit.code": Code(),
        "unit.name": Text(),
        "unit.parent": Text(),
        "unit.parent_name": Text(),
        "unit.contact": Text(),
        "unit.phone": Text(),
        CONTROL: Money(),
        "unit.deadline": Date(),
        "project.number": number,
        "project.running": number,
        "project.code": own.get("code", Code()),
        "project.name": own.get("name", Text()),
        "project.disclosure": choice_of(words.disclosure),
        "project.secret": choice_of(words.secret),
        **{GIVEN + id: form.fields[id].type for id in given_fields(form)},
    }


class RegistryValues:
    """Reads cells by the kinds of their columns, and collects the mistakes.

    ``money_unit``: the unit of amounts where the file says none. ``unread``: the columns in which an amount could not
    be read, whose sums therefore say nothing.
    """

    def __init__(self, form: Form, money_unit: str) -> None:
        self.kinds = column_kinds(form)
        self.money_unit = money_unit
        self.mistakes: list[RegistryMistake] = []
        self.unread: set[str] = set()
        self._asked: set[tuple[str, str]] = set()
        self._used = False
        self._contradiction: RegistryMistake | None = None

    @cached_property
    def amount(self) -> str:
        """The column of the amount that is compared with a unit's control total; empty where the form has none."""
        columns = (*registry_words().headings, *self.kinds)
        return next((column for column in columns if column.startswith(GIVEN) and self.is_money(column)), "")

    def is_money(self, column: str) -> bool:
        """Return True for a column of amounts of money."""
        kind = self.kinds.get(column)
        return isinstance(kind, Money) and kind.in_yuan is not None

    def in_wan(self, column: str) -> Decimal:
        """Return how many 万元 one unit of the column's kind is."""
        kind = self.kinds[column]
        return kind.in_yuan / IN_YUAN["万元"] if isinstance(kind, Money) and kind.in_yuan else Decimal(1)

    def read(self, table: RegistryTable, row: RegistryRow, column: str) -> Any:
        """Return the value of a row in a column; None for a blank, and for what is not understood."""
        cell = row.cells.get(column)
        if cell is None:
            return None
        if self.is_money(column):
            amount = self.read_amount(table, cell, column)
            return None if amount is None else float(amount)
        return self._read(table, cell, self.kinds[column])

    def _read(self, table: RegistryTable, cell: RegistryCell, kind: AnswerType) -> Any:
        """Return what a cell means; None, and a mistake, where it is not understood."""
        place = {**at(table.sheet, cell), "heading": cell.heading}
        if cell.uncalculated:
            self.mistakes.append(RegistryMistake(what="not_calculated", **place))
            return None
        value, _, problem = kind.read(cell.raw)
        if not problem:
            return trim_text(value) if isinstance(value, str) else value
        found = str(value)
        if kind.drop_down():
            self.mistakes.append(RegistryMistake(what="not_in_list", **place, found=found, allowed=kind.drop_down()))
        elif kind.value_type in ("number", "percent"):
            self.mistakes.append(RegistryMistake(what="not_a_number", **place, found=found))
        elif kind.value_type == "date":
            self.mistakes.append(RegistryMistake(what="not_a_date", **place, found=found))
        else:
            self.mistakes.append(RegistryMistake(what="unreadable", **place, found=found))
        return None

    def text(self, table: RegistryTable, row: RegistryRow, column: str) -> str:
        """Return a text; empty for a blank."""
        value = self.read(table, row, column)
        return "" if value is None else str(value)

    def number(self, table: RegistryTable, row: RegistryRow, column: str) -> int | None:
        """Return a project's number, from 1; None for a blank.

        In a column 序号 another word is no mistake, since it may number units: 一、二、三.
        """
        cell = row.cells.get(column)
        if cell is None:
            return None
        if column == "project.running":
            value, _, problem = self.kinds[column].read(cell.raw)
            return value if isinstance(value, int) and not problem and value > 0 else None
        value = self.read(table, row, column)
        if value is None or (isinstance(value, int) and value > 0):
            return value
        place = {**at(table.sheet, cell), "heading": cell.heading}
        self.mistakes.append(RegistryMistake(what="not_a_number", **place, found=str(value)))
        return None

    def disclosure(self, table: RegistryTable, row: RegistryRow) -> Disclosure | None:
        """Return how a project is published; None where neither column says it. What is secret stays secret."""
        words = registry_words()
        found: list[Disclosure] = []
        for column, by_kind in (("project.disclosure", words.disclosure), ("project.secret", words.secret)):
            said = self.text(table, row, column)
            found += [kind for kind, several in by_kind.items() if said in several]
        return "secret" if "secret" in found else next(iter(found), None)

    def read_amount(self, table: RegistryTable, cell: RegistryCell, column: str) -> Decimal | None:
        """Return an amount in the unit of its column's kind; None, and a mistake, where it is not understood."""
        kind = self.kinds[column]
        assert isinstance(kind, Money)
        assert kind.in_yuan
        unit = self._unit_of(table, cell)
        reader = replace(kind, unit="元" if unit == "元" else "万元")
        amount = self._read(table, cell, reader)
        if amount is None:
            self.unread.add(column)
            return None
        if amount < 0:
            place = {**at(table.sheet, cell), "heading": cell.heading}
            self.mistakes.append(RegistryMistake(what="below_zero", **place, found=number(amount)))
            self.unread.add(column)
            return None
        stated = "unit" in reader.read(cell.raw).how
        if not unit and not stated and amount:
            self._ask(table, cell, column)
            return None
        yuan = Decimal(str(amount)) * IN_YUAN[reader.label if stated or not unit else unit]
        return yuan / kind.in_yuan

    def _unit_of(self, table: RegistryTable, cell: RegistryCell) -> str:
        """Return the unit of a cell's column, that of the call where the file says none; empty where neither does."""
        if not cell.money:
            self._contradiction = None
            self._used = True
        elif not self._used and self.money_unit and cell.money != self.money_unit and self._contradiction is None:
            place = {**at(table.sheet, row=table.header or cell.row), "column": cell.column, "heading": cell.heading}
            facts = {**place, "stated": cell.money, "asked": self.money_unit}
            self._contradiction = RegistryMistake(what="money_differs", **facts)
        return cell.money or self.money_unit

    def check_money_unit(self) -> None:
        """Add a mistake where the call gives a unit of money, and every amount of the file has another one."""
        if self._contradiction is not None:
            self.mistakes.append(self._contradiction)

    def _ask(self, table: RegistryTable, cell: RegistryCell, column: str) -> None:
        """Add the mistake that no unit of money is said, once for each column, unless the notes said two."""
        self.unread.add(column)
        key = (table.sheet, cell.column or column)
        if key not in self._asked and len(table.notes) < 2:
            self._asked.add(key)
            place = {**at(table.sheet, row=table.header or cell.row), "column": cell.column, "heading": cell.heading}
            total = self._plain_sum(table, column)
            sums = {"as_wan": number(total), "as_yuan": number(total / IN_YUAN["万元"])}
            self.mistakes.append(RegistryMistake(what="no_money_unit", **place, **sums))

    def _plain_sum(self, table: RegistryTable, column: str) -> Decimal:
        """Return the sum of a column's amounts as they stand there."""
        cells = (row.cells[column] for row in table.rows if row.role == "record" and column in row.cells)
        read = (Money().read(cell.raw) for cell in cells)
        return sum((Decimal(str(found.value)) for found in read if not found.problem and found.value), Decimal(0))
