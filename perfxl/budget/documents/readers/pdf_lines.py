"""Lines of text on the pages of a PDF: made of signs at places, and joined again into paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

SAME = 3.0
"""Points within which two edges, or the middles of two signs, are the same."""

Signs = Sequence[dict[str, Any]]
"""Signs as pdfplumber gives them: ``text``, ``x0``, ``x1``, ``top``, ``bottom``, ``size``."""

_ITEM = re.compile(r"^\s*(?:\d{1,2}\s*[.．、](?:\D|20\d\d年)|[（(]\d{1,2}[）)])")
_FIRST_WORD = re.compile(r"[“‘（《〔【「(\[]*(?:[A-Za-z0-9.%/\-]+|.)[，。；：、！？”’）》〕】」)\]%,.;:]*")


class Rectangle(NamedTuple):
    """A rectangle on a page, in points from the upper left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class TextLine:
    """A line of text on a page; ``size`` is the height of its signs, ``first`` the width of its first word.

    ``gap`` is what usually lies between two of its signs; the top and bottom of ``box`` are parts of the page's height.
    """

    page: int
    box: Rectangle
    text: str
    size: float
    first: float
    gap: float


def inside(sign: dict[str, Any], box: Rectangle) -> bool:
    """Return True if the middle of a sign lies in a rectangle."""
    across: float = (sign["x0"] + sign["x1"]) / 2
    down: float = (sign["top"] + sign["bottom"]) / 2
    return box.left <= across <= box.right and box.top <= down <= box.bottom


def lines_of(signs: Signs, page: int, height: float = 1.0) -> Iterator[TextLine]:
    """Yield the lines that signs make, from top to bottom; ``height``: of the page."""
    from pdfplumber.utils.clustering import cluster_objects

    for group in cluster_objects(list(signs), lambda sign: (sign["top"] + sign["bottom"]) / 2, SAME):
        ordered = sorted(group, key=lambda sign: sign["x0"])
        text, last = "", None
        for sign in ordered:
            gap = sign["x0"] - last["x1"] if last else 0
            text += (" " if last and gap > 0.6 * sign["size"] and text[-1:] != " " else "") + sign["text"]
            last = sign
        if not text.strip():
            continue
        filled = [sign for sign in ordered if sign["text"].strip()]
        word = _FIRST_WORD.match(text.lstrip())
        length = len(word[0]) if word else 1
        first = filled[min(length, len(filled)) - 1]["x1"] - filled[0]["x0"]
        top, bottom = min(sign["top"] for sign in filled), max(sign["bottom"] for sign in filled)
        box = Rectangle(filled[0]["x0"], top / height, filled[-1]["x1"], bottom / height)
        usual = median(right["x0"] - left["x1"] for left, right in pairwise(ordered)) if len(ordered) > 1 else 0.0
        yield TextLine(page, box, text, filled[0]["size"], first, usual)


def paragraphs(lines: Sequence[TextLine], room: float) -> Iterator[str]:
    """Yield the paragraphs of a cell: lines are joined where the next one's first word had no room."""
    text = ""
    for at, line in enumerate(lines):
        text += line.text
        following = lines[at + 1] if at + 1 < len(lines) else None
        if following is None or not goes_on(line, following, room):
            yield text
            text = ""


def goes_on(line: TextLine, following: TextLine, room: float) -> bool:
    """Return True if a line was broken at its end; a numbered line after a sentence's end begins a paragraph."""
    if _ITEM.match(following.text) and line.text.rstrip()[-1:] in "。；;":
        return False
    return line.box.right - line.box.left + following.first + line.size > room
