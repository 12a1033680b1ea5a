"""A workbook to be: a form, what it is sent with, its form sheets; and what its 项目清单 says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from perfxl import messages
from perfxl.form.fields.money import Money
from perfxl.form.form import Form
from perfxl.workbook.ooxml.formula import Place, absolute_address, quote_sheet
from perfxl.workbook.sheet.identity import Identity
from perfxl.workbook.sheet.page import Issue, Page, Value

CONTACTS = ("person", "leader", "phone")
"""What a unit writes of itself below the 项目清单: who filled it in, who answers for it, a telephone."""


@dataclass(frozen=True, eq=False)
class Book:
    """A workbook to be: its form, what it is sent with, its form sheets; ``listed``: a unit's book with a 项目清单.

    ``contacts``: what the unit wrote there, by CONTACTS.
    """

    form: Form
    issue: Issue
    pages: tuple[Page, ...]
    listed: bool = True
    password: str = ""
    contacts: tuple[str | None, ...] = (None,) * len(CONTACTS)

    @cached_property
    def identity(self) -> Identity:
        """The book's own identity: of the sheet it holds, or of the whole unit."""
        one = self.pages[0].identity
        if not self.listed:
            return one
        return Identity(one.form, one.version, one.year, one.unit, one.draft)


def list_title(book: Book) -> str:
    """The title of the 项目清单."""
    return messages.say("sheet.list.title", {"unit": book.issue.unit_name, "year": book.issue.year})


def list_entry(page: Page) -> tuple[Value, str, Value]:
    """A sheet's row in the 项目清单: number, name, amount."""
    number = page.given.get("number")
    amounts = (id for id, asked in page.layout.form.fields.items() if asked.given and isinstance(asked.kind, Money))
    amount = page.given.get(next(amounts, ""))
    # a link shows the name in an attribute, where XlsxWriter does not escape control characters
    name = re.sub("[\x00-\x1f\ufffe\uffff]", "", str(page.given.get("name") or page.title))
    return number, name, amount


def sheet_cell(page: Page, place: Place) -> str:
    """A cell of a form sheet, for a formula of another sheet."""
    return f"{quote_sheet(page.name)}!{absolute_address(*place)}"


def total(book: Book) -> float | None:
    """The sum of the listed amounts, to the last digit shown; None where the form has none."""
    listed = [amount for page in book.pages if isinstance(amount := list_entry(page)[2], (int, float))]
    return round(sum(listed), 2) if listed else None
