"""Reading of document files, .txt and .docx, as text in the one shape that the extractor understands."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from perfxl.errors import DocumentError, reason_of

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

_MOST_BYTES = 20_000_000
_MOST_UNZIPPED = 96_000_000
_FOREIGN = {b"\xd0\xcf\x11\xe0": "old_doc", b"%PDF": "pdf", b"{\\rtf": "rtf"}
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MERGED_INTO_ABOVE = "continue"


def read_document(path: str | Path) -> str:
    """Return the text of a .txt (UTF-8, UTF-16 with its byte order mark, GB18030) or .docx file.

    The format is recognised by the content, not by the name. Raises ``DocumentError`` for a file that cannot be read,
    is too large, has another format, or is empty.
    """
    data = _read_bytes(Path(path))
    if data.startswith(b"PK\x03\x04"):
        return _docx_text(data, str(path))
    for magic, what in _FOREIGN.items():
        if data.startswith(magic):
            raise DocumentError(file=str(path), what=what)
    text = _decode(data)
    if text is None or _BINARY.search(text):
        raise DocumentError(file=str(path), what="not_text")
    if not text.strip():
        raise DocumentError(file=str(path), what="empty")
    return text


def _read_bytes(path: Path) -> bytes:
    """Return the bytes of a file of at most ``_MOST_BYTES``."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise DocumentError(file=str(path), what="no_file") from error
    except OSError as error:
        raise DocumentError(file=str(path), what="unreadable", reason=reason_of(error)) from error
    if len(data) > _MOST_BYTES:
        raise DocumentError(file=str(path), what="too_large", limit=_MOST_BYTES // 1_000_000)
    return data


def _decode(data: bytes) -> str | None:
    """Return the text by its byte order mark or by the first encoding that fits, or None if none does."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    texts = (_decode_as(data, encoding) for encoding in (("utf-16",) if marked else ("utf-8-sig", "gb18030")))
    return next((text for text in texts if text is not None), None)


def _decode_as(data: bytes, encoding: str) -> str | None:
    """Return the text in one encoding, or None if the bytes do not fit it."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _docx_text(data: bytes, file: str) -> str:
    """Return a Word document's paragraphs and tables as lines."""
    import docx  # imported here because only this kind of file needs it

    _check_zip(data, file)
    try:
        document = docx.Document(io.BytesIO(data))
    except Exception as error:  # python-docx raises various errors of zip, XML and missing parts
        raise DocumentError(file=file, what="not_docx") from error
    text = "\n".join(_body_lines(document))
    if not text.strip():
        raise DocumentError(file=file, what="empty")
    return text


def _check_zip(data: bytes, file: str) -> None:
    """Raise ``DocumentError`` for data that is no zip file or becomes too large when it is unzipped."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            size = sum(part.file_size for part in package.infolist())
    except zipfile.BadZipFile as error:
        raise DocumentError(file=file, what="not_docx") from error
    if size > _MOST_UNZIPPED:
        raise DocumentError(file=file, what="too_large", limit=_MOST_UNZIPPED // 1_000_000)


def _body_lines(document: Document) -> Iterator[str]:
    """Yield the lines of a document's paragraphs and tables, in their order."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _table_lines(block)
        else:
            yield block.text


def _table_lines(table: Table) -> Iterator[str]:
    """Yield each cell as a line that begins with a tab, and an empty line after each row.

    Further paragraphs of a cell are lines without a tab.
    """
    from docx.table import _Cell

    for row in table.rows:
        for tc in row._tr.tc_lst:  # row.cells would repeat a cell that is merged across columns
            paragraphs = [] if tc.vMerge == _MERGED_INTO_ABOVE else _Cell(tc, table).paragraphs
            yield "\t" + "\n".join(paragraph.text for paragraph in paragraphs)
        yield ""
