"""Texts with commas, semicolons or tabs between their values (.csv, .txt, also named .xls): every value is a text.

Read by the standard library, in UTF-8, UTF-16 (Excel's “Unicode text”) or GB18030, which includes GBK and GB2312.
"""

from __future__ import annotations

import codecs
import csv
import io
import re

from perfxl.workbook.other_formats.values import LAST, ForeignBook, ForeignCell, ForeignCells, ForeignFile, ForeignSheet

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NEUTRALISED = re.compile("'(?=[=+\\-@\t\r])")
"""The apostrophe that prevents a text from being taken for a formula (OWASP, CSV injection)."""
_DELIMITERS = ("\t", ",", ";")


def read(source: ForeignFile) -> ForeignBook:
    """Return the workbook, which has one sheet. Raises PackageError: ``not_zip`` for data that is not text."""
    text = decode_text(source.data)
    if text is None or "\0" in text:
        raise source.refusal("not_zip")
    first, _, rest = text.partition("\n")
    stated = re.fullmatch(r"sep=(.)\r?", first)  # Excel's own line that states the delimiter
    delimiter, lines = (stated[1], rest) if stated else (_delimiter(text), text)
    cells = ForeignCells(source)
    csv.field_size_limit(source.limits.part)
    try:
        for row, values in enumerate(csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter)):
            for column, value in enumerate(values[: LAST[1] + 1]):
                cells.put(row, column, ForeignCell(restore_text(value.replace("\r\n", "\n")) or None))
    except csv.Error as error:
        raise source.refusal("cannot_convert") from error
    return ForeignBook((ForeignSheet("Sheet1", cells),))


def decode_text(data: bytes) -> str | None:
    """Return the text in the first of these encodings that fits, or None if none does."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def restore_text(text: str) -> str:
    """Return a text without the apostrophe that prevents it from being a formula: ``'=1+1`` → ``=1+1``."""
    return text[1:] if _NEUTRALISED.match(text) else text


def _delimiter(text: str) -> str:
    """Return the delimiter that occurs most often outside quotes; of equals a tab, then a comma."""
    head = re.sub('"[^"]*"', "", text[:100_000])
    return max(_DELIMITERS, key=head.count)
