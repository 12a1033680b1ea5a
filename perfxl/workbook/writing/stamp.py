"""A book stamped from sheets compiled once: only what varies is written anew, all else is copied as it was deflated.

XlsxWriter (``compile``) writes a layout's form sheet once, and what stands around the form sheets once for each number
of them. Their parts are cut at whatever varies between books: cells and row heights by their address, the rest by a
token. Texts are inline strings, so that no sheet depends on another. What stamping has no place for (a number that is
none, a tab name that Excel refuses) is left to ``compile``, which writes it or raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from perfxl.form.answers import Answers
from perfxl.form.form import Form
from perfxl.form.layout import Layout, blank_layout
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Place, address, quote_sheet
from perfxl.workbook.ooxml.zip import Part, pack, write_zip
from perfxl.workbook.sheet.book import Book, list_entry, list_title, total
from perfxl.workbook.sheet.identity import BOOK_NAME, SHEET_NAME, Identity
from perfxl.workbook.sheet.page import Cells, Issue, Page, Value, varying_places
from perfxl.workbook.sheet.self_check import make_self_check
from perfxl.workbook.writing.check_sheet import varying_cells
from perfxl.workbook.writing.compile import compile_book, compile_frame
from perfxl.workbook.writing.form_sheet import print_name
from perfxl.workbook.writing.list_sheet import LIVE
from perfxl.workbook.writing.stencil import BEST, TOKEN, SheetStencil, Stencil, Unusual, escape_string


def stamp_book(book: Book) -> bytes:
    """The workbook's bytes: the workbook that ``compile`` makes of the book. The same book gives the same bytes."""
    try:
        return write_zip(_parts(book))
    except (Unusual, OverflowError):
        return write_zip(pack(name, data) for name, data in compile_book(book).items())


def _parts(book: Book) -> Iterator[Part]:
    policy = book.issue.policy
    around = _frame(book.form, len(book.pages), book.listed, book.password, policy)
    _refuse_unusual(book, around)
    sheets = [
        _form_sheet(page.layout, book.password, at == 0 and not book.listed, policy)
        for at, page in enumerate(book.pages)
    ]
    if any(sheet.styles.packed != sheets[0].styles.packed for sheet in sheets):
        raise Unusual  # the sheets' styles are numbered otherwise than each alone
    tabs = {f"{TOKEN}{at}": _in_formula(page.name) for at, page in enumerate(book.pages)}
    for name in around.order:
        if name in around.fixed:
            yield around.fixed[name]
        elif name == "xl/workbook.xml":
            named = [_attribute(page.name) for page in book.pages]
            yield around.workbook.part(name, [*named, _names(book, sheets, around)])
        elif name == "docProps/custom.xml":
            yield around.properties.part(name, [escape_string(book.identity.mark)])
        elif name == "xl/styles.xml":
            yield sheets[0].styles
        elif name == around.list_name and around.list:
            yield around.list.part(name, _list_cells(book), links=_links(book), tabs=tabs)
        elif name == around.checks_name:
            yield around.checks.part(name, varying_cells(book), tabs=tabs)
        elif name == around.identities_name:
            yield around.identities.part(name, _identity_cells(book))
        else:
            page, sheet = book.pages[around.forms[name]], sheets[around.forms[name]]
            yield sheet.cells.part(name, page.cells, page.heights, code=page.identity.printed)


_NAME = re.compile("[^][:*?/\\\\'!\\x00-\\x1f\ufffe\uffff]{1,15}")  # 15 characters are never more than 31 UTF-16 units
_UNIT = re.compile("[0-9A-Za-z]{0,40}")


def _refuse_unusual(book: Book, around: _Frame) -> None:
    """Tab names that XlsxWriter may refuse and codes that would mean something in a footer are not for stamping."""
    names = {page.name.lower() for page in book.pages}
    if len(names) < len(book.pages) or names & around.tabs:
        raise Unusual
    for page in book.pages:
        if not _NAME.fullmatch(page.name) or not _UNIT.fullmatch(page.identity.unit):
            raise Unusual


# What varies, as XML


def _attribute(text: str) -> str:
    """A text as the value of an attribute, as XlsxWriter writes it."""
    text = text.replace("&", "&amp;").replace('"', "&quot;")
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("\n", "&#xA;")


def _in_formula(text: str) -> str:
    """A text within a cell's formula, as XlsxWriter writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _list_cells(book: Book) -> Cells:
    cells: dict[Place, Value] = {(1, 0): list_title(book)}
    for row, page in enumerate(book.pages, start=4):
        cells[row, 0], cells[row, 1], cells[row, 2] = list_entry(page)
        cells |= {(row, column): page.cells[page.checks.place(at)] for column, at in enumerate(LIVE.values(), start=3)}
    cells[4 + len(book.pages), 2] = total(book)
    cells |= {(6 + len(book.pages) + at, 2): typed for at, typed in enumerate(book.contacts)}
    return cells


def _links(book: Book) -> Mapping[str, str]:
    """The links of the list: the cell of each, then where it leads and what it shows."""
    links: dict[str, str] = {}
    for row, page in enumerate(book.pages, start=4):
        name = list_entry(page)[1]
        if not name:
            raise Unusual
        links[address(row, 1)] = f' location="{_attribute(quote_sheet(page.name))}!A1" display="{_attribute(name)}"'
    return links


def _identity_cells(book: Book) -> Cells:
    cells: dict[Place, Value] = {(0, 0): book.identity.printed, (0, 1): book.identity.dumps()}
    for row, page in enumerate(book.pages, start=1):
        cells[row, 0], cells[row, 1] = page.identity.printed, page.identity.dumps(page.given, book.issue.sent)
    return cells


def _names(book: Book, sheets: list[_FormSheet], around: _Frame) -> str:
    """The defined names, in XlsxWriter's order: by name, then by what they stand for."""
    found = list(around.names)
    mark = f'"{book.identity.mark}"'
    book_name = f'<definedName name="{BOOK_NAME}" hidden="1">{escape_string(mark)}</definedName>'
    found.append((f"{BOOK_NAME}::{mark.lower()}", book_name))
    for at, (page, sheet) in enumerate(zip(book.pages, sheets, strict=True), start=1 if book.listed else 0):
        mark = f'"{page.identity.mark}"'
        ways = {"quoted": f"{quote_sheet(page.name)}!", "print": f"{print_name(page.name)}!", "mark": mark}
        keys = {way: prefix.lstrip("'").lower() for way, prefix in ways.items()}
        texts = {way: escape_string(prefix) for way, prefix in ways.items()}
        found += [
            (f"{key}{keys[way]}{rest_key}", f'{start}{at}">{texts[way].join(rest)}</definedName>')
            for key, start, way, rest, rest_key in sheet.names
        ]
    found.sort(key=lambda each: each[0])
    return "".join([xml for _, xml in found])


# What was compiled once


class _Name(NamedTuple):
    """A sheet's defined name: its key in the order, its element up to the sheet's index, how it says the sheet, what
    stands around that."""

    key: str
    start: str
    way: Literal["quoted", "print", "mark"]
    rest: tuple[str, ...]
    rest_key: str


@dataclass(frozen=True, eq=False)
class _FormSheet:
    """A layout's form sheet, its names, and the styles of a book that has such sheets alone."""

    cells: SheetStencil
    names: tuple[_Name, ...]
    styles: Part


@dataclass(frozen=True, eq=False)
class _Frame:
    """What stands around the form sheets: every part's name in order, those that never vary, and the others cut."""

    order: tuple[str, ...]
    fixed: Mapping[str, Part]
    forms: Mapping[str, int]
    tabs: frozenset[str]
    workbook: Stencil
    names: tuple[tuple[str, str], ...]
    properties: Stencil
    identities_name: str
    identities: SheetStencil
    list_name: str
    list: SheetStencil | None
    checks_name: str
    checks: SheetStencil


_TABS_AND_NAMES = re.compile(rf'((?<=<sheet name="){TOKEN}\d+(?=")|(?<=<definedNames>).*(?=</definedNames>))')
_DEFINED = re.compile(r'<definedName name="([^"]*)"(?: hidden="1")?(?: localSheetId="(\d+)")?>([^<]*)</definedName>')


@lru_cache(maxsize=128)
def _form_sheet(layout: Layout, password: str, selected: bool, policy: Policy) -> _FormSheet:
    """``selected``: the sheet that is seen first when the book is opened."""
    page = _blank_page(layout, TOKEN, policy)
    parts = compile_book(
        Book(layout.form, replace(_ISSUE, policy=policy), (page,), listed=not selected, password=password)
    )
    sheet = parts[f"xl/worksheets/sheet{1 if selected else 2}.xml"]
    styles = parts["xl/styles.xml"]
    return _FormSheet(
        cells=SheetStencil(sheet, _strings(parts), page.cells, page.heights),
        names=tuple(_local_names(parts["xl/workbook.xml"].decode(), "0" if selected else "1")),
        styles=pack("xl/styles.xml", styles, BEST),
    )


def _local_names(workbook: str, here: str) -> Iterator[_Name]:
    """The names of the form sheet; ``here``: its index."""
    for name, sheet, text in _DEFINED.findall(workbook):
        if sheet == here:
            hidden = ' hidden="1"' if name == SHEET_NAME else ""
            key, start = _name_key(name), f'<definedName name="{name}"{hidden} localSheetId="'
            if name == SHEET_NAME:
                yield _Name(key, start, "mark", ("", ""), "")
            else:
                way: Literal["quoted", "print"] = "quoted" if "'" in text else "print"
                rest = text.split(f"'{TOKEN}'!" if way == "quoted" else f"{TOKEN}!")
                yield _Name(key, start, way, tuple(rest), "".join(rest[1:]).lower())


def _name_key(name: str) -> str:
    return name.replace("_xlnm.", "").lower() + "::"


@lru_cache(maxsize=128)
def _frame(form: Form, count: int, listed: bool, password: str, policy: Policy) -> _Frame:
    layout = blank_layout(form)
    pages = tuple(_blank_page(layout, f"{TOKEN}{at}", policy) for at in range(count))
    book = Book(form, replace(_ISSUE, policy=policy), pages, listed, password)
    parts = compile_frame(book)
    strings = _strings(parts)
    del parts["xl/sharedStrings.xml"]
    workbook = parts["xl/workbook.xml"].decode()
    tabs = re.findall('<sheet name="([^"]*)"', workbook)
    first = tabs.index(f"{TOKEN}0")
    sheets = [f"xl/worksheets/sheet{at}.xml" for at in range(1, len(tabs) + 1)]
    forms = {name: at for at, name in enumerate(sheets[first : first + count])}
    checks = sheets[first + count]
    cut = {*forms, "xl/workbook.xml", "docProps/custom.xml", "xl/styles.xml", checks, sheets[-1], *sheets[:first]}
    return _Frame(
        order=tuple(parts),
        fixed={name: _fixed(name, data, strings) for name, data in parts.items() if name not in cut},
        forms=forms,
        tabs=frozenset(tab.lower() for tab in tabs if not tab.startswith(TOKEN)),
        workbook=Stencil(_TABS_AND_NAMES.split(workbook)),
        names=tuple(_other_names(workbook, str(first + count))),
        properties=Stencil(re.split(f"({re.escape(book.identity.mark)})", parts["docProps/custom.xml"].decode())),
        identities_name=sheets[-1],
        identities=SheetStencil(parts[sheets[-1]], strings, _identity_cells(book)),
        list_name=sheets[0] if listed else "",
        list=SheetStencil(parts[sheets[0]], strings, _list_cells(book)) if listed else None,
        checks_name=checks,
        checks=SheetStencil(parts[checks], strings, varying_cells(book)),
    )


def _other_names(workbook: str, checks: str) -> Iterator[tuple[str, str]]:
    """The names of the whole book, and those of 报前自查; ``checks``: its index."""
    for match in _DEFINED.finditer(workbook):
        name, sheet, text = match.groups()
        if sheet in (None, checks) and name != BOOK_NAME:
            yield f"{_name_key(name)}{text.lstrip(chr(39)).lower()}", match[0]


def _fixed(name: str, data: bytes, strings: list[str]) -> Part:
    """A part that never varies; there are no shared strings to be spoken of."""
    if name.startswith("xl/worksheets/"):
        return SheetStencil(data, strings, ()).part(name, {})
    for link in (b'<Override PartName="/xl/sharedStrings.xml"', b'Target="sharedStrings.xml"'):
        if link in data:
            start = data.rindex(b"<", 0, data.index(link) + 1)
            data = data[:start] + data[data.index(b"/>", start) + 2 :]
    return pack(name, data, BEST)


def _strings(parts: Mapping[str, bytes]) -> list[str]:
    """The shared strings' elements."""
    return re.findall("<si>(.*?)</si>", parts["xl/sharedStrings.xml"].decode(), re.DOTALL)


_ISSUE = Issue(year=2000, unit_code=TOKEN, unit_name=TOKEN)


def _blank_page(layout: Layout, name: str, policy: Policy) -> Page:
    form = layout.form
    identity = Identity(form.name, form.version, _ISSUE.year, TOKEN, _ISSUE.draft)
    checks = make_self_check(layout, policy)
    cells: Cells = {**dict.fromkeys(varying_places(layout, policy)), **checks.results(Answers({}, {}))}
    return Page(layout, name, TOKEN, identity, cells, layout.heights, given={}, checks=checks)
