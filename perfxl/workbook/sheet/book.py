"""The content of a workbook to be generated: form, sending data, form sheets and its 项目清单 (project list)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from perfxl import messages
from perfxl.form.form import CHINESE, Form
from perfxl.form.types.money import Money
from perfxl.workbook.ooxml.formula import Place, absolute_address, quote_sheet
from perfxl.workbook.sheet.identity import Identity, Known
from perfxl.workbook.sheet.page import Issue, Page, Value

By = Literal["unit", "project"]
"""The content of a workbook: all sheets of a unit, or one."""

CONTACTS = ("person", "leader", "phone")
"""The entries that a unit writes about itself below the 项目清单: who filled it in, who is responsible, a telephone."""


@dataclass(frozen=True, eq=False)
class Book:
    """A workbook to be generated: its form, its sending data (``issue``) and its form sheets (``pages``).

    ``listed``: the workbook is a unit's own, with a 项目清单; ``password``: the password of the sheet protection;
    ``contacts``: the unit's entries below the 项目清单, in the order of CONTACTS; ``missing``: sheets that went out
    in it before and did not come back, which it goes on to miss.
    """

    form: Form
    issue: Issue
    pages: tuple[Page, ...]
    listed: bool = True
    password: str = ""
    contacts: tuple[str | None, ...] = (None,) * len(CONTACTS)
    missing: tuple[Known, ...] = ()

    @property
    def carries(self) -> bool:
        """True where last year's texts stand on its sheets, to be looked at."""
        return any(page.checks.carries for page in self.pages)

    @cached_property
    def sent(self) -> dict[str, str]:
        """How the sheets were sent, as the hidden sheet keeps it: with the language unless that is the usual one.

        A taxonomy is named where it is not the form's own.
        """
        usual = self.form.language == CHINESE and self.form.written is None
        language = {} if usual else {"language": self.form.language}
        taxonomy = {"taxonomy": self.form.taxonomy} if self.form.own_taxonomy else {}
        return {**self.issue.sent, **language, **taxonomy}

    @cached_property
    def identity(self) -> Identity:
        """The identity of the workbook: that of the whole unit, or without a 项目清单 that of its first sheet."""
        first = self.pages[0].identity
        if not self.listed:
            return first
        return replace(first, number=0, project="")


def list_title(book: Book) -> str:
    """Return the title of the 项目清单."""
    return messages.say("sheet.list.title", {"unit": book.issue.unit_name, "year": book.issue.year}, book.form.language)


def list_entry(page: Page) -> tuple[Value, str, Value]:
    """Return a sheet's row in the 项目清单: number, name and amount."""
    form = page.layout.asked
    number = page.given.get(form.key)
    amounts = _amounts(form)
    amount = page.given.get(next(iter(amounts), ""))
    return number, link_text(page.given.get("name") or page.title), amount


def link_text(value: object) -> str:
    """Return a value as the text of a link, which stands in an attribute, where XlsxWriter escapes no control signs."""
    return re.sub("[\x00-\x1f\ufffe\uffff]", "", str(value))


def amount_unit(form: Form) -> str:
    """Return the unit of the amounts in the 项目清单; empty for a form without amounts."""
    return next(iter(_amounts(form).values()), "")


def _amounts(form: Form) -> dict[str, str]:
    """Return the given amounts of a form, by their fields, each with its unit."""
    return {id: field.type.label for id, field in form.fields.items() if field.given and isinstance(field.type, Money)}


def sheet_cell(page: Page, place: Place) -> str:
    """Return the reference to a cell of a form sheet, for use in a formula on another sheet."""
    return f"{quote_sheet(page.name)}!{absolute_address(*place)}"


def total(book: Book) -> float | None:
    """Return the sum of the listed amounts, rounded to the two decimals shown, or None if the form has no amounts."""
    amounts = [amount for page in book.pages if isinstance(amount := list_entry(page)[2], (int, float))]
    return round(sum(amounts), 2) if amounts else None
