"""Files of every format become the one shape of ``content``: text, Word documents, web pages, PDFs."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from perfxl.budget.documents.content import DocumentContent
from perfxl.errors import DocumentError, reason_of

_MOST_BYTES = 20_000_000
_OLD = b"\xd0\xcf\x11\xe0"
_FOREIGN = {b"{\\rtf": "rtf", b"MIME-Version:": "mhtml", b"\x89PNG": "picture", b"\xff\xd8\xff": "picture"}
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_PAGE = re.compile(
    r"^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table)\b",
    re.IGNORECASE | re.DOTALL,
)


def read_document(path: str | Path) -> DocumentContent:
    """Return the content of a document: text (UTF-8, UTF-16 with its mark, GB18030), .docx, .html or .pdf.

    The format is recognised by the content, not by the name. Raises ``DocumentError`` for a file that cannot be read,
    is too large, has another format, is protected by a password, or is empty.
    """
    return content_of(_read_bytes(Path(path)), str(path))


def content_of(data: bytes, file: str) -> DocumentContent:
    """Return the content of a document given as bytes; ``file`` is its name in messages."""
    if data.startswith(_OLD):
        raise DocumentError(file=file, what=_kind_of_old(data))
    for magic, what in _FOREIGN.items():
        if data.startswith(magic):
            raise DocumentError(file=file, what=what)
    content = _reader(data)(data, file)
    if content.is_empty:
        raise DocumentError(file=file, what="empty")
    return content


def _reader(data: bytes) -> Callable[[bytes, str], DocumentContent]:
    """Return the reader of the format that the bytes have, imported only now."""
    if data.startswith(b"PK\x03\x04"):
        module = "word"
    elif data[:1024].lstrip().startswith(b"%PDF"):
        module = "pdf"
    elif _PAGE.match(_beginning(data)):
        module = "page"
    else:
        return _read_text
    reader: Callable[[bytes, str], DocumentContent] = import_module(f"{__name__}.{module}").read
    return reader


def _beginning(data: bytes) -> str:
    """Return the beginning of a file as far as it is plain letters."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data[:4096].decode(encoding, "replace")


def _read_text(data: bytes, file: str) -> DocumentContent:
    """Return the content of a text file."""
    from perfxl.budget.documents.readers.text import text_content

    text = decode(data)
    if text is None or _BINARY.search(text):
        raise DocumentError(file=file, what="not_text")
    return text_content(text)


def _kind_of_old(data: bytes) -> str:
    """Return the kind of an OLE file: an encrypted document, or one of an old Word or WPS."""
    return "encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "old_doc"


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


def decode(data: bytes) -> str | None:
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
