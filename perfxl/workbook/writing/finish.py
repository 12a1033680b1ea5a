"""Finishing XlsxWriter's package with what it leaves out: locks, true dimensions, hidden names, plain properties."""

from __future__ import annotations

import re

from perfxl.workbook.sheet.identity import BOOK_NAME, SHEET_NAME

Parts = dict[str, bytes]
PLAIN = "\ufdd0"  # a noncharacter (Unicode 23.7), put before a text that XlsxWriter would take for markup
NOTHING = "\ufdd1"  # another one, in place of the empty text that a formula shows
COLUMNS = 16384  # columns of a sheet (Excel specifications and limits)


class Unfinished(AssertionError):
    """A part that XlsxWriter wrote is not built as it was when this module was written."""


def finish_parts(parts: Parts) -> Parts:
    """Return XlsxWriter's package completed: locks of locked formats, true dimensions, hidden names, plain properties.

    The dictionary given is changed and returned. Raises Unfinished where a sheet's columns are not as expected.
    """
    styles = parts["xl/styles.xml"].decode()
    parts["xl/styles.xml"] = _write_locks(styles).encode()
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            sheet = parts[name].decode().replace(f' display="{PLAIN}&lt;r&gt;', ' display="&lt;r&gt;')
            sheet = sheet.replace(f"<v>{NOTHING}</v>", "<v></v>")
            parts[name] = _lock_columns(_correct_dimension(sheet)).encode()
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


APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>Microsoft Excel</Application><DocSecurity>0</DocSecurity><AppVersion>12.0000</AppVersion>"
    b"</Properties>"
)
