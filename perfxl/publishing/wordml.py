"""The elements of a Word document (WordprocessingML, ECMA-376 part 1, 17) as lxml has them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def w(name: str) -> str:
    """Return the full name of an element or attribute of WordprocessingML."""
    return f"{{{_MAIN}}}{name}"


def parse(data: bytes | str) -> etree._Element:
    """Return the root of a part; no entity is resolved. Raises XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(data.encode() if isinstance(data, str) else data, parser)


def text_of(element: etree._Element) -> str:
    """Return the text of a paragraph, or of all paragraphs in an element one after the other."""
    return "".join(_pieces(element))


def _pieces(element: etree._Element) -> Iterator[str]:
    for node in element.iter(w("t"), w("br"), w("tab")):
        if node.tag == w("t"):
            yield node.text or ""
        elif (above := node.getparent()) is not None and above.tag == w("r"):  # else a tab stop of a format
            yield "\n" if node.tag == w("br") else "\t"
