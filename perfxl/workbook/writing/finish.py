"""Finishing XlsxWriter's package with what it leaves out: locks, true dimensions, hidden names, plain properties."""

from __future__ import annotations

import re
from itertools import groupby

from perfxl.workbook.sheet.identity import BOOK_NAME, SHEET_NAME

Parts = dict[str, bytes]
PLAIN = "\ufdd0"  # a noncharacter (Unicode 23.7), put before a text that XlsxWriter would take for markup
NOTHING = "\ufdd1"  # another one, in place of the empty text that a formula shows
COLUMNS = 16384  # columns of a sheet (Excel specifications and limits)


class Unfinished(AssertionError):
    """A part that XlsxWriter wrote is not built as it was when this module was written."""


def finish_parts(parts: Parts) -> Parts:
    """Return XlsxWriter's package completed: locks of locked formats, true dimensions, hidden names, plain properties.

    A formula that stands in very many cells is written once. The dictionary given is changed and returned. Raises
    Unfinished where a sheet's columns are not as expected.
    """
    styles = parts["xl/styles.xml"].decode()
    parts["xl/styles.xml"] = _write_locks(styles).encode()
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            sheet = parts[name].decode().replace(f' display="{PLAIN}&lt;r&gt;', ' display="&lt;r&gt;')
            sheet = sheet.replace(f"<v>{NOTHING}</v>", "<v></v>")
            parts[name] = share_formulas(_lock_columns(_correct_dimension(sheet))).encode()
    strings = parts["xl/sharedStrings.xml"].decode()
    parts["xl/sharedStrings.xml"] = strings.replace(f"<si><t>{PLAIN}&lt;r&gt;", "<si><t>&lt;r&gt;").encode()
    parts["docProps/app.xml"] = APP
    workbook = parts["xl/workbook.xml"].decode()
    parts["xl/workbook.xml"] = re.sub(rf'<definedName name="({HIDDEN})"', HIDDEN_NAME, workbook).encode()
    return parts


HIDDEN = f"{re.escape(BOOK_NAME)}|{re.escape(SHEET_NAME)}"
HIDDEN_NAME = r'<definedName name="\1" hidden="1"'


def _write_locks(styles: str) -> str:
    """Write into every locked format that it is locked.

    The Normal style is unlocked, and beside it a format that does not say so would count as unlocked.
    """
    head, xfs = styles.split("<cellXfs ", 1)
    xfs, tail = xfs.split("</cellXfs>", 1)
    locked = '<protection locked="1"/></xf>'
    xfs = re.sub(r"<xf ((?:(?!applyProtection)[^>])*?)/>", rf'<xf \1 applyProtection="1">{locked}', xfs)
    aligned = r"<xf ((?:(?!applyProtection)[^>])*)>(<alignment[^>]*/>)</xf>"
    xfs = re.sub(aligned, rf'<xf \1 applyProtection="1">\2{locked}', xfs)
    normal = '<protection locked="0"/></xf></cellStyleXfs>'
    if normal not in head:
        head = re.sub(r"<xf ([^>]*)/></cellStyleXfs>", r'<xf \1 applyProtection="1">' + normal, head)
    return f"{head}<cellXfs {xfs}</cellXfs>{tail}"


def _correct_dimension(sheet: str) -> str:
    """Put in the dimension of the cells that exist; XlsxWriter's includes columns that only have a format."""
    cells = re.findall(r'<c r="([A-Z]+)(\d+)"', sheet)
    last = max((len(column), column) for column, _ in cells)[1]
    ref = f"A1:{last}{max(int(row) for _, row in cells)}"
    return re.sub(r'<dimension ref="[^"]*"/>', f'<dimension ref="{ref}"/>', sheet, count=1)


def _lock_columns(sheet: str) -> str:
    """Lock every column up to the sheet's last.

    XlsxWriter could do it, but keeps a record for each column, which costs 0.1 s a sheet.
    """
    head, tail = sheet.split("</cols>", 1)
    last = head.rindex("<col ")
    style = re.search(r'style="\d+"', head[last:])
    end = re.search(r'max="(\d+)"', head[last:])
    if style is None or end is None:
        raise Unfinished(head[last:])
    rest = f'<col min="{int(end[1]) + 1}" max="{COLUMNS}" width="9.140625" {style[0]}/>'
    return f"{head}{rest}</cols>{tail}"


MANY = 100
"""As many cells below each other, or more, share a formula: in fewer it costs little, and is easier to read."""

_FORMULA = re.compile(r'(?<=<c r=")([A-Z]+)(\d+)"[^>]*>(<f>([^<]*)</f>)')


def share_formulas(sheet: str) -> str:
    """Write a formula once for the many cells of a column that have it, as Excel does (ECMA-376 part 1, 18.3.1.40).

    So it is parsed once. One with a name or with another sheet in it is left as it is: Excel shares none of these.
    """
    found = [match for match in _FORMULA.finditer(sheet) if "!" not in match[4] and "px." not in match[4]]
    if len(found) < MANY:
        return sheet
    found.sort(key=lambda match: (len(match[1]), match[1]))  # by column; rows keep their order
    shared: dict[int, str] = {}  # by the place of the formula in the sheet
    number = 0
    runs = groupby(enumerate(found), lambda entry: (entry[1][1], entry[1][4], int(entry[1][2]) - entry[0]))
    for (column, formula, _), run in runs:
        cells = [match for _, match in run]
        if len(cells) >= MANY:
            shared |= {match.start(3): f'<f t="shared" si="{number}"/>' for match in cells}
            ref = f"{column}{cells[0][2]}:{column}{cells[-1][2]}"
            shared[cells[0].start(3)] = f'<f t="shared" ref="{ref}" si="{number}">{formula}</f>'
            number += 1
    return re.sub(r"<f>[^<]*</f>", lambda match: shared.get(match.start(), match[0]), sheet) if shared else sheet


APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>Microsoft Excel</Application><DocSecurity>0</DocSecurity><AppVersion>12.0000</AppVersion>"
    b"</Properties>"
)
