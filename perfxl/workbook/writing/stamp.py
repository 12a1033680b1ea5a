"""Stamping a book from sheets that were compiled once: only what varies is written, the rest is copied deflated.

XlsxWriter (``compile``) writes a layout's form sheet once, and the other parts once for each number of form sheets.
The parts are cut at the places that vary between books: cells and row heights are found by their address, the rest by
a token. Texts are inline strings, so that no sheet depends on another. A book that stamping cannot write (a number
that is not finite, a tab name that Excel refuses) is left to ``compile``, which writes it or raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from perfxl.form.answers import Answers
from perfxl.form.form import Form
from perfxl.form.layout import Layout, blank_layout, cached_by_layout
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Place, address, quote_sheet
from perfxl.workbook.ooxml.zip_file import Part, pack, write_zip
from perfxl.workbook.sheet.book import Book, list_title
from perfxl.workbook.sheet.given_rows import has_given_rows
from perfxl.workbook.sheet.identity import BOOK_NAME, OTHER_PHASE, SHEET_NAME, Identity
from perfxl.workbook.sheet.overview import FIRST_ROW, overview_cells, overview_columns, overview_values
from perfxl.workbook.sheet.page import Cells, Issue, Page, Value, varying_places
from perfxl.workbook.sheet.self_check import make_self_check
from perfxl.workbook.writing.check_sheet import varying_cells
from perfxl.workbook.writing.compile import compile_book, compile_frame
from perfxl.workbook.writing.form_sheet import print_name
from perfxl.workbook.writing.identity_sheet import row_texts
from perfxl.workbook.writing.project_list_sheet import LIVE
from perfxl.workbook.writing.stencil import BEST, FOOTER, TOKEN, SheetStencil, Stencil, Unusual, escape_string


def stamp_book(book: Book) -> bytes:
    """Return the bytes of the workbook that ``compile`` would make of the book. The same book gives the same bytes."""
    try:
        return write_zip(_parts(book))
    except (Unusual, OverflowError):  # the latter: an integer beyond the floats
        return write_zip(pack(name, data) for name, data in compile_book(book).items())


def _parts(book: Book) -> Iterator[Part]:
    """Yield the parts of the workbook in their order. Raises Unusual for a book that stamping cannot write."""
    policy = book.issue.policy
    frame = _frame(book.form, len(book.pages), book.listed, book.password, policy, book.carries)
    _refuse_unusual(book, frame)
    sheets = [
        _form_sheet(page.layout, book.password, at == 0 and not book.listed, policy, book.carries)
        for at, page in enumerate(book.pages)
    ]
    if any(sheet.styles.packed != sheets[0].styles.packed for sheet in sheets):
        raise Unusual  # sheets with different styles: XlsxWriter would number those of the whole book differently
    tabs = {f"{TOKEN}{at}": _escape_in_formula(page.name) for at, page in enumerate(book.pages)}
    for name in frame.order:
        if name in frame.fixed:
            yield frame.fixed[name]
        elif name == "xl/workbook.xml":
            tab_names = [_escape_attribute(page.name) for page in book.pages]
            yield frame.workbook.part(name, [*tab_names, _defined_names(book, sheets, frame)])
        elif name == "docProps/custom.xml":
            yield frame.properties.part(name, [escape_string(book.identity.mark)])
        elif name == "xl/styles.xml":
            yield sheets[0].styles
        elif name == frame.list_name and frame.list:
            yield frame.list.part(name, _list_cells(book), links=_list_links(book), tabs=tabs)
        elif name == frame.checks_name:
            yield frame.checks.part(name, varying_cells(book), tabs=tabs)
        elif name == frame.identities_name:
            yield frame.identities.part(name, _identity_cells(book))
        else:
            page, sheet = book.pages[frame.forms[name]], sheets[frame.forms[name]]
            footer = _escape_in_formula(page.footer)
            yield sheet.cells.part(name, page.cells, page.heights, code=page.identity.printed, footer=footer)


# 15 characters are never more than 31 UTF-16 units, 31 only where none is beyond the basic plane
_REFUSED = "[^][:*?/\\\\'!\\x00-\\x1f\ufffe\uffff"
_TAB_NAME = re.compile(f"{_REFUSED}]{{1,15}}|{_REFUSED}\U00010000-\U0010ffff]{{1,31}}")


def _refuse_unusual(book: Book, frame: _Frame) -> None:
    """Raise Unusual for tab names that XlsxWriter may refuse, and for further rows on the hidden sheet.

    So is a book of which some sheets alone carry last year's texts.
    """
    names = {page.name.lower() for page in book.pages}
    if len(names) < len(book.pages) or names & frame.tabs or book.missing:
        raise Unusual
    if len({page.checks.carries for page in book.pages}) > 1:
        raise Unusual
    for page in book.pages:
        if not _TAB_NAME.fullmatch(page.name):
            raise Unusual


# The varying pieces, as XML


def _escape_attribute(text: str) -> str:
    """Escape a text as the value of an attribute, as XlsxWriter does."""
    text = text.replace("&", "&amp;").replace('"', "&quot;")
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("\n", "&#xA;")


def _escape_in_formula(text: str) -> str:
    """Escape a text within a cell's formula or a footer, as XlsxWriter does."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _list_cells(book: Book) -> Cells:
    """Return the varying cells of 项目清单 (list of projects)."""
    cells: dict[Place, Value] = {(1, 0): list_title(book), **overview_cells(book)}
    columns = len(overview_columns(book.form))
    for row, page in enumerate(book.pages, start=FIRST_ROW):
        live = enumerate(LIVE.values(), start=columns)
        cells |= {(row, column): page.cells[page.checks.place(at)] for column, at in live}
    cells |= {(6 + len(book.pages) + at, 2): contact for at, contact in enumerate(book.contacts)}
    return cells


def _list_links(book: Book) -> Mapping[str, str]:
    """Return the links of 项目清单: cell → the attributes for the target and the text shown."""
    links: dict[str, str] = {}
    column = next(at for at, column in enumerate(overview_columns(book.form)) if column.linked)
    for row, page in enumerate(book.pages, start=FIRST_ROW):
        name = str(overview_values(page)[column])
        if not name:
            raise Unusual
        target = _escape_attribute(quote_sheet(page.name))
        links[address(row, column)] = f' location="{target}!A1" display="{_escape_attribute(name)}"'
    return links


def _identity_cells(book: Book) -> Cells:
    """Return the varying cells of the hidden sheet with the identities."""
    cells: dict[Place, Value] = {(0, 0): book.identity.printed, (0, 1): book.identity.dumps()}
    for row, page in enumerate(book.pages, start=1):
        cells[row, 0], cells[row, 1] = page.identity.printed, page.identity.dumps(page.given, book.sent)
        texts = row_texts(page)
        if len(texts) > has_given_rows(book.form) + page.checks.carries:
            raise Unusual
        cells |= {(row, column): text for column, text in enumerate(texts, start=2)}
    return cells


def _defined_names(book: Book, sheets: list[_FormSheet], frame: _Frame) -> str:
    """Return the elements of the defined names in XlsxWriter's order: by name, then by the formula."""
    names = list(frame.names)
    mark = f'"{book.identity.mark}"'
    book_name = f'<definedName name="{BOOK_NAME}" hidden="1">{escape_string(mark)}</definedName>'
    names.append((f"{BOOK_NAME}::{mark.lower()}", book_name))
    for at, (page, sheet) in enumerate(zip(book.pages, sheets, strict=True), start=1 if book.listed else 0):
        mark = f'"{page.identity.mark}"'
        ways = {"quoted": f"{quote_sheet(page.name)}!", "print": f"{print_name(page.name)}!", "mark": mark}
        keys = {way: prefix.lstrip("'").lower() for way, prefix in ways.items()}
        texts = {way: escape_string(prefix) for way, prefix in ways.items()}
        names += [
            (f"{key}{keys[way]}{rest_key}", f'{start}{at}">{texts[way].join(rest)}</definedName>')
            for key, start, way, rest, rest_key in sheet.names
        ]
    names.sort(key=lambda name: name[0])
    return "".join([xml for _, xml in names])


# The parts that are compiled once


class _LocalName(NamedTuple):
    """A defined name of a form sheet.

    ``key``: by which it is sorted; ``start``: its element up to the sheet's index; ``way``: how its formula
    names the sheet; ``rest``: the formula split at the sheet's name; ``rest_key``: the formula after the sheet's first
    name, in lower case, which is the last part of the key.
    """

    key: str
    start: str
    way: Literal["quoted", "print", "mark"]
    rest: tuple[str, ...]
    rest_key: str


@dataclass(frozen=True, eq=False)
class _FormSheet:
    """A layout's form sheet, its names, and the styles of a book that has no other form sheets."""

    cells: SheetStencil
    names: tuple[_LocalName, ...]
    styles: Part


@dataclass(frozen=True, eq=False)
class _Frame:
    """All parts of a workbook but the form sheets and the styles.

    ``order``: the names of all parts; ``fixed``: the parts that never vary; ``forms``: the names of the form sheets'
    parts with their numbers from 0; ``tabs``: the other sheets' tab names in lower case; ``names``: the defined names
    that never vary, each with its sort key. The remaining parts are cut: ``identities`` is the hidden sheet,
    ``list`` the sheet 项目清单, ``checks`` the sheet 报前自查 (self-check before sending).
    """

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


@cached_by_layout(128)
def _form_sheet(layout: Layout, password: str, selected: bool, policy: Policy, carries: bool) -> _FormSheet:
    """Compile a layout's form sheet; ``selected``: it is the sheet shown when the book is opened.

    ``carries``: last year's texts stand on it.
    """
    page = _blank_page(layout, TOKEN, policy, carries)
    parts = compile_book(
        Book(layout.asked, replace(_ISSUE, policy=policy), (page,), listed=not selected, password=password)
    )
    sheet = parts[f"xl/worksheets/sheet{1 if selected else 2}.xml"]
    styles = parts["xl/styles.xml"]
    return _FormSheet(
        cells=SheetStencil(sheet, _shared_strings(parts), page.cells, page.heights),
        names=tuple(_local_names(parts["xl/workbook.xml"].decode(), "0" if selected else "1")),
        styles=pack("xl/styles.xml", styles, BEST),
    )


def _local_names(workbook: str, here: str) -> Iterator[_LocalName]:
    """Yield the defined names of the form sheet whose index is ``here``."""
    for name, sheet, text in _DEFINED.findall(workbook):
        if sheet == here:
            hidden = ' hidden="1"' if name == SHEET_NAME else ""
            key, start = _name_key(name), f'<definedName name="{name}"{hidden} localSheetId="'
            if name == SHEET_NAME:
                yield _LocalName(key, start, "mark", ("", ""), "")
            else:
                way: Literal["quoted", "print"] = "quoted" if "'" in text else "print"
                rest = text.split(f"'{TOKEN}'!" if way == "quoted" else f"{TOKEN}!")
                yield _LocalName(key, start, way, tuple(rest), "".join(rest[1:]).lower())


def _name_key(name: str) -> str:
    """Return the beginning of the key by which XlsxWriter sorts a defined name."""
    return name.replace("_xlnm.", "").lower() + "::"


@lru_cache(maxsize=16)  # units with as many projects are best written one after the other
def _frame(form: Form, count: int, listed: bool, password: str, policy: Policy, carries: bool) -> _Frame:
    """Compile the parts around ``count`` form sheets; ``listed``: with the sheet 项目清单; ``carries``: see above."""
    layout = blank_layout(form)
    pages = tuple(_blank_page(layout, f"{TOKEN}{at}", policy, carries) for at in range(count))
    book = Book(form, replace(_ISSUE, policy=policy), pages, listed, password)
    parts = compile_frame(book)
    strings = _shared_strings(parts)
    del parts["xl/sharedStrings.xml"]
    workbook = parts["xl/workbook.xml"].decode()
    tabs = re.findall('<sheet name="([^"]*)"', workbook)
    # in compile's order: project list if listed, form sheets, self-check, help, drop-down lists, identities
    first = tabs.index(f"{TOKEN}0")
    sheets = [f"xl/worksheets/sheet{at}.xml" for at in range(1, len(tabs) + 1)]
    forms = {name: at for at, name in enumerate(sheets[first : first + count])}
    checks = sheets[first + count]
    cut = {*forms, "xl/workbook.xml", "docProps/custom.xml", "xl/styles.xml", checks, sheets[-1], *sheets[:first]}
    return _Frame(
        order=tuple(parts),
        fixed={name: _fixed_part(name, data, strings) for name, data in parts.items() if name not in cut},
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
    """Yield sort key and element of each name of the whole book and of 报前自查; ``checks``: that sheet's index."""
    for match in _DEFINED.finditer(workbook):
        name, sheet, text = match.groups()
        if sheet in (None, checks) and name != BOOK_NAME:
            yield f"{_name_key(name)}{text.lstrip(chr(39)).lower()}", match[0]


def _fixed_part(name: str, data: bytes, strings: list[str]) -> Part:
    """Return a part that never varies, without references to the shared strings, which are left out of the package."""
    if name.startswith("xl/worksheets/"):
        return SheetStencil(data, strings, ()).part(name, {})
    for link in (b'<Override PartName="/xl/sharedStrings.xml"', b'Target="sharedStrings.xml"'):
        if link in data:
            start = data.rindex(b"<", 0, data.index(link) + 1)  # + 1: the first link begins with its element
            data = data[:start] + data[data.index(b"/>", start) + 2 :]
    return pack(name, data, BEST)


def _shared_strings(parts: Mapping[str, bytes]) -> list[str]:
    """Return the XML inside each ``<si>`` of the shared strings."""
    return re.findall("<si>(.*?)</si>", parts["xl/sharedStrings.xml"].decode(), re.DOTALL)


_ISSUE = Issue(year=2000, unit_code=TOKEN, unit_name=TOKEN)


def _blank_page(layout: Layout, name: str, policy: Policy, carries: bool) -> Page:
    """Return a page of the layout whose varying cells are empty; ``name``: its tab's name."""
    form = layout.form
    identity = Identity(form.name, form.version, _ISSUE.year, TOKEN, _ISSUE.draft, letter=OTHER_PHASE)
    checks = make_self_check(layout, policy, carries)
    cells: Cells = {**dict.fromkeys(varying_places(checks)), **checks.results(Answers({}, {}))}
    return Page(layout, name, TOKEN, identity, cells, layout.heights, {}, checks, FOOTER)
