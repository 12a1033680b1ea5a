"""A document made of a template: as a Word file, as text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from perfxl.publishing.contents import MARK, Heading, listed_headings, mark_headings, write_contents
from perfxl.publishing.document_template import BODY, DocumentTemplate
from perfxl.publishing.wordml import parse, text_of, w

_DATE = (2000, 1, 1, 0, 0, 0)
"""The time of every file in the zip, so that the same records give the same bytes."""

_CORE, _SETTINGS = "docProps/core.xml", "word/settings.xml"
_AFTER_UPDATE_FIELDS = (
    "hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids", "attachedSchema", "themeFontLang",
    "clrSchemeMapping", "doNotIncludeSubdocsInStats", "shapeDefaults", "decimalSymbol", "listSeparator",
)  # fmt: skip
"""The settings that stand behind updateFields (ECMA-376 part 1, 17.15.1.78, CT_Settings)."""
_BEFORE_MERGE = ("cnfStyle", "tcW", "gridSpan", "hMerge")


class PublishedDocument:
    """A document: a template filled with values. Raises TemplateMistake where that is not possible."""

    def __init__(self, template: DocumentTemplate, values: Mapping[str, Any]) -> None:
        self._template = template
        self._roots = template.fill(values)
        self._title = str(values.get("title", ""))
        body = self._roots[BODY]
        _mend_cells(body)
        headings = mark_headings(body, template.outline)
        self.headings: tuple[Heading, ...] = listed_headings(headings, template.contents) if template.contents else ()

    def docx(self, pages: Sequence[str] = ()) -> bytes:
        """Return the Word file; ``pages``: the number of the page of each heading, without them Word puts them in."""
        roots = dict(self._roots)
        if self._template.contents:
            roots[BODY] = deepcopy(roots[BODY])
            write_contents(roots[BODY], self.headings, self._template.contents, self._template.outline, pages)
        if _SETTINGS in self._template.parts and self._template.contents and not pages:
            roots[_SETTINGS] = _with_update(parse(self._template.parts[_SETTINGS]))
        made = {name: _bytes(root) for name, root in roots.items()}
        return _zipped({**self._template.parts, _CORE: _core(self._title), **made})

    def text(self) -> str:
        """Return the text from behind the contents on, in the shape in which Word saves it.

        A paragraph is a line; a cell is a line that begins with a tab, an empty one where it is merged into the one
        above; a row ends with an empty line.
        """
        return "\n".join(_lines(self._roots[BODY], bool(self._template.contents))).strip("\n") + "\n"


def _mend_cells(root: etree._Element) -> None:
    """Put what Word asks for where a template left it out: a cell ends with a paragraph, its merge has its place."""
    for cell in root.iter(w("tc")):
        if not len(cell) or cell[-1].tag != w("p"):
            etree.SubElement(cell, w("p"))
        properties = cell.find(w("tcPr"))
        merge = properties.find(w("vMerge")) if properties is not None else None
        if properties is not None and merge is not None:
            properties.remove(merge)
            properties.insert(sum(child.tag in map(w, _BEFORE_MERGE) for child in properties), merge)


def _with_update(settings: etree._Element) -> etree._Element:
    """Return settings by which Word fills the fields when it opens the document, after asking once."""
    behind = {w(name) for name in _AFTER_UPDATE_FIELDS}
    at = next((at for at, child in enumerate(settings) if child.tag in behind or not _is_main(child)), len(settings))
    if settings.find(w("updateFields")) is None:
        update = etree.Element(w("updateFields"))
        update.set(w("val"), "true")
        settings.insert(at, update)
    return settings


def _is_main(element: etree._Element) -> bool:
    return str(element.tag).startswith(w(""))


def _core(title: str) -> bytes:
    """Return core properties that name no person and no day; the title is the document's."""
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    dc = "http://purl.org/dc/elements/1.1/"
    root = etree.Element(f"{{{core}}}coreProperties", nsmap={"cp": core, "dc": dc})
    etree.SubElement(root, f"{{{dc}}}title").text = title
    return _bytes(root)


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(zipfile.ZipInfo(name, _DATE), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _lines(root: etree._Element, has_contents: bool) -> Iterator[str]:
    """Yield the lines of a document, without its title page and contents."""
    blocks = list(_blocks(root))
    if has_contents:
        marked = next((at for at, block in enumerate(blocks) if _is_contents(block)), -1)
        ended = (at for at, block in enumerate(blocks) if at >= marked and _ends_section(block))
        blocks = blocks[next(ended, marked) + 1 :]
    for block in blocks:
        if block.tag == w("p"):
            yield text_of(block)
        else:
            for row in block.iter(w("tr")):
                yield from ("\t" + _cell_text(cell) for cell in row.iterchildren(w("tc")))
                yield ""


def _blocks(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs and tables of a document, also those in content controls."""
    for child in root.iterchildren():
        if child.tag in (w("p"), w("tbl")):
            yield child
        elif child.tag in (w("body"), w("sdt"), w("sdtContent")):
            yield from _blocks(child)


def _is_contents(block: etree._Element) -> bool:
    return any(mark.get(w("name")) == MARK for mark in block.iter(w("bookmarkStart")))


def _ends_section(block: etree._Element) -> bool:
    return block.find(f"{w('pPr')}/{w('sectPr')}") is not None


def _cell_text(cell: etree._Element) -> str:
    return "\n".join(text_of(paragraph) for paragraph in cell.iter(w("p")))
