"""What the tests of publishing share: the township's records, small templates, what stands in a Word file."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from lxml import etree

from perfxl import records
from perfxl.publishing.wordml import text_of, w

ROOT = Path(__file__).parents[2]
TOWNSHIP: dict[str, Any] = records.load(ROOT / "examples" / "records.yaml")


def township(projects: int = 2, **changes: Any) -> dict[str, Any]:
    """The township with its first projects, to be changed."""
    held = copy.deepcopy({**TOWNSHIP, "projects": TOWNSHIP["projects"][:projects]})
    return {**held, **changes}


def template_of(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs; several pieces of one, divided by a bar, are runs of their own."""
    document = docx.Document()
    for text in paragraphs:
        paragraph = document.add_paragraph()
        for piece in text.split("¦"):
            paragraph.add_run(piece)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def part(data: bytes, name: str = "word/document.xml") -> etree._Element:
    """A part of a Word file."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return etree.fromstring(package.read(name))


def rows(table: etree._Element) -> Iterator[list[tuple[str, int, str]]]:
    """The rows of a table: of each cell the text, the columns it spans, and how it is merged downward."""
    for row in table.iter(w("tr")):
        cells = []
        for cell in row.iter(w("tc")):
            span, merge = (cell.find(f"{w('tcPr')}/{w(name)}") for name in ("gridSpan", "vMerge"))
            merged = "" if merge is None else merge.get(w("val"), "continue")
            text = "\n".join(text_of(paragraph) for paragraph in cell.iter(w("p")))
            cells.append((text, 1 if span is None else int(span.get(w("val"), "1")), merged))
        yield cells
