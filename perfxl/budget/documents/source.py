"""A document given by its path or as bytes: the verb of the Python API."""

from __future__ import annotations

from pathlib import Path

from perfxl.budget.documents import extract as extraction
from perfxl.budget.documents.extract import Extraction
from perfxl.budget.documents.readers import content_of, read_document

_NAME = "document-1"


def extract(document: str | Path | bytes, *, year: int | None = None) -> Extraction:
    """Return the records in a published document: .docx, .pdf, .html or text, by its path or as bytes.

    ``year``: the budget year, where the caller knows it; otherwise that of the document, or of most project codes.
    Raises ``DocumentError`` for a file that cannot be read, and for one without a project's table.
    """
    if isinstance(document, bytes):
        return extraction.extract(content_of(document, _NAME), year, file=_NAME)
    return extraction.extract(read_document(document), year, file=str(document))
