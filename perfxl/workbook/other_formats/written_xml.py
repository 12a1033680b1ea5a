"""Pieces of XML for the plain package of a workbook of another format: texts, attributes, relationships."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OUTSIDE = ' TargetMode="External"'
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_NO_XML = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")
_SURROGATE = re.compile("[\ud800-\udfff]")


def escape_text(value: str) -> str:
    """Escape a text as an ST_Xstring (ECMA-376 part 1, 22.9.2.19): what XML cannot hold, and what looks escaped."""
    sound = _SURROGATE.sub("\ufffd", value)
    return escape(_NO_XML.sub(lambda match: f"_x{ord(match[0][0]):04X}_" + match[0][1:], sound))


def quote_attribute(value: str) -> str:
    """Return a text as a quoted attribute value; characters that XML cannot hold are replaced."""
    return quoteattr(_SURROGATE.sub("\ufffd", re.sub("[\0-\x1f\ufffe\uffff]", " ", value)))


def relations_part(*targets: tuple[str, str]) -> str:
    """Return a relationships part; ``targets``: type and target of each relation.

    A link leads outside of the package; so does a part that is told of and not there, whose target is empty.
    """
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/relationships/{kind}" Target={quote_attribute(target or "lost")}'
        f"{'' if target and kind != 'hyperlink' else OUTSIDE}/>"
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>'
