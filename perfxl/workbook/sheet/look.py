"""The look of the sheets: fonts, and the Excel format of every box. Sizes in points; the colours are in colours.py."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from perfxl.form.form import CHINESE
from perfxl.form.layout import Box, Layout
from perfxl.workbook.sheet.colours import BLUE, DARK_GREY, GREY, LABEL_FILL, LINK, OPTIONAL_FILL, REQUIRED_FILL

SONG, HEI, ARIAL = "宋体", "黑体", "Arial"

_LETTER = 1.1  # half ems: the mean width of the letters of Arial, its capitals and digits among them

Format = tuple[tuple[str, Any], ...]
"""XlsxWriter's format properties as sorted pairs: hashable, so that equal formats are written once."""

THIN, MEDIUM = 1, 2


def make_format(**properties: Any) -> Format:
    """Return a format with these properties. Its cells are locked unless ``locked=False`` is given."""
    return tuple(sorted({"locked": True, "valign": "vcenter", **properties}.items()))


def is_chinese(lang: str) -> bool:
    """Return True for the kinds of Chinese, which are set in 宋体 and 黑体."""
    return lang.split("-")[0] == "zh"


def in_language(properties: Format, lang: str) -> Format:
    """Return a format in the fonts of a language: but for Chinese, Arial (its digits are as wide as 宋体's)."""
    if is_chinese(lang):
        return properties
    own = dict(properties)
    bold = {"bold": True} if own["font_name"] == HEI else {}
    return tuple(sorted({**own, "font_name": ARIAL, **bold}.items()))


def font_of(chinese: str, lang: str) -> str:
    """Return the font in which a language is set where Chinese is set in ``chinese``."""
    return chinese if is_chinese(lang) else ARIAL


LOCKED = make_format(font_name=SONG, font_size=11)
MARK = make_format(font_name=SONG, font_size=7.5, font_color=GREY, num_format=";;;")
KEY = make_format(font_name=SONG, font_size=7.5, font_color=GREY, align="center", num_format="@")
PANEL_TITLE = make_format(font_name=HEI, font_size=10.5, font_color=BLUE, bottom=THIN, bottom_color="#8EA9DB")
PANEL_TEXT = make_format(font_name=SONG, font_size=9, font_color=DARK_GREY, text_wrap=True, valign="top")
PANEL_STRONG = make_format(font_name=SONG, font_size=10, bold=True, text_wrap=True)
PANEL_YELLOW = make_format(font_name=SONG, font_size=9.5, bg_color=REQUIRED_FILL, text_wrap=True, indent=1)
PANEL_BLUE = make_format(font_name=SONG, font_size=9.5, bg_color=OPTIONAL_FILL, text_wrap=True, indent=1)
PANEL_GREY = make_format(font_name=SONG, font_size=9.5, bg_color=LABEL_FILL, text_wrap=True, indent=1)

_ROLES: Mapping[str, Mapping[str, Any]] = {
    "title": {"font_name": HEI, "font_size": 18, "align": "center"},
    "plain": {"font_name": SONG, "font_size": 10.5, "align": "left"},
    "note": {"font_name": SONG, "font_size": 8, "font_color": GREY, "align": "left"},
    "mark": {"font_name": SONG, "font_size": 8, "font_color": GREY, "align": "right"},
    "heading": {"font_name": HEI, "font_size": 11, "align": "left"},
    "label": {"font_name": SONG, "font_size": 10.5, "align": "center", "text_wrap": True, "bg_color": LABEL_FILL},
    "side": {"font_name": SONG, "font_size": 10.5, "align": "center", "text_wrap": True, "bg_color": LABEL_FILL},
    "group": {"font_name": SONG, "font_size": 10, "align": "center", "text_wrap": True, "bg_color": LABEL_FILL},
    "header": {"font_name": HEI, "font_size": 10.5, "align": "center", "text_wrap": True, "bg_color": LABEL_FILL},
    "letter": {"font_name": SONG, "font_size": 9, "align": "center", "bg_color": LABEL_FILL},
    "sign": {"font_name": SONG, "font_size": 10.5, "align": "left", "text_wrap": True, "indent": 1},
    "field": {"font_name": SONG, "font_size": 10.5, "text_wrap": True},
    "answer": {"font_name": SONG, "font_size": 10, "text_wrap": True},
    "sum": {"font_name": SONG, "font_size": 10, "bg_color": LABEL_FILL},
}

_TABLE = {"font_name": SONG, "text_wrap": True, "top": THIN, "bottom": THIN, "left": THIN, "right": THIN}
LIST_TITLE = make_format(font_name=HEI, font_size=16, align="center")
LIST_NOTE = make_format(font_name=SONG, font_size=10.5, text_wrap=True)
LIST_HEADER = make_format(**{**_TABLE, "font_name": HEI}, font_size=10.5, align="center", bg_color=LABEL_FILL)
LIST_UNIT = make_format(font_name=SONG, font_size=10.5, align="right")
LIST_TEXT = make_format(**_TABLE, font_size=10.5, num_format="@", indent=1)
LIST_CENTER = make_format(**_TABLE, font_size=10.5, align="center", num_format="@")
LIST_NUMBER = make_format(**_TABLE, font_size=10.5, align="center", num_format="0")
LIST_MONEY = make_format(**_TABLE, font_size=10.5, align="center", num_format="#,##0.00")
# shrunk to fit on one line: a name of any length, and the counts
_SHRUNK = {**_TABLE, "text_wrap": False, "shrink": True, "bg_color": LABEL_FILL}
LIST_PROJECT = make_format(**{**_SHRUNK, "font_name": HEI}, font_size=10.5, align="left", indent=1)
LIST_COUNTS = make_format(**_SHRUNK, font_size=9, align="center")
LIST_LINK = make_format(
    **{**_TABLE, "text_wrap": False, "shrink": True}, font_size=10.5, font_color=LINK, underline=1, indent=1
)
LIST_LINKED = make_format(**_TABLE, font_size=10.5, align="center", font_color=LINK, underline=1)
LIST_INPUT = tuple(sorted({**dict(make_format(**_TABLE, font_size=10.5, num_format="@")), "locked": False}.items()))


def list_value(number_format: str) -> Format:
    """Return the format of a value on the first sheet; a zero, which stands for a blank as well, is not shown."""
    shown = number_format if number_format == "@" else f"{number_format};-{number_format};;@"
    return make_format(**_TABLE, font_size=10.5, align="center", num_format=shown)


def box_format(box: Box, layout: Layout, runs: Mapping[int, tuple[int, int]]) -> Format:
    """Return the format of a box: font of its role, number format of its field, frame lines, lock.

    ``runs``: the result of ``frame_lines``.
    """
    asked = box.field if box.role in ("field", "answer", "sum") else None
    number_format, align = (asked.type.number_format, asked.align) if asked else ("", "")
    lines = _lines(box, layout, runs[box.row]) if box.framed else ()
    return _format(box.role, number_format, align, (box.align, box.indent), lines, box.locked)


@lru_cache(maxsize=4096)  # thousands of boxes share a few formats
def _format(
    role: str, number_format: str, align: str, own: tuple[str | None, int], lines: Lines, locked: bool
) -> Format:
    """Return the format of a box.

    ``number_format``, ``align``: of its answer; ``own``: the alignment and the indent of the box itself.
    """
    properties: dict[str, Any] = dict(_ROLES[role])
    if align:
        properties |= {"num_format": number_format, "align": align}
        if align == "left":
            properties["indent"] = 1
    elif role in ("group", "label", "letter"):
        properties["num_format"] = "@"
    own_align, indent = own
    if own_align:
        properties["align"] = own_align
    if lines and role == "label" and own_align == "left":
        indent += 1  # off the frame
    if indent:
        properties["indent"] = indent
    properties |= dict(lines)
    return make_format(**{**properties, "locked": locked})


Lines = tuple[tuple[str, int], ...]
"""The border lines of a box: side and thickness."""


def _lines(box: Box, layout: Layout, run: tuple[int, int]) -> Lines:
    """Return the border lines of a box; ``run``: the first and last row of its frame. Outer lines are thicker."""
    last_row, last_column = box.end
    return (
        ("top", MEDIUM if box.row == run[0] else THIN),
        ("bottom", MEDIUM if last_row == run[1] else THIN),
        ("left", MEDIUM if box.column == layout.first_column else THIN),
        ("right", MEDIUM if last_column == layout.last_column else THIN),
    )


def frame_lines(layout: Layout) -> Mapping[int, tuple[int, int]]:
    """Return the first and last row of its frame for every row that is framed (a frame is a run of adjacent rows)."""
    rows = sorted({row for box in layout.boxes if box.framed for row in range(box.row, box.end[0] + 1)})
    runs: dict[int, tuple[int, int]] = {}
    start = 0
    for index, row in enumerate(rows):
        if index + 1 == len(rows) or rows[index + 1] != row + 1:
            runs |= dict.fromkeys(rows[start : index + 1], (rows[start], row))
            start = index + 1
    return runs


def text_height(text: str, width: float, size: float, indent: int = 0, mark: int = 0, lang: str = CHINESE) -> float:
    """Return the height in points that a wrapped text needs in a cell ``width`` digits of 宋体 11 (SimSun) wide.

    One digit of 宋体 11 is 8 pixels of 0.75 pt (Excel's default column of 8.38 digits is 72 pixels wide); a Chinese
    character is as wide as its font size. ``size``: the font size in points; ``indent``: Excel's indent level;
    ``mark``: the width in digits of a mark that stands before the text; ``lang``: the language that it is in.
    """
    if not is_chinese(lang):
        return _lines_of_words(text, (width * 6 - 1 - 7 * indent) * 2 / size, mark) * size * 1.4 + _ROOM
    per_line = max(1, int((width * 6 - 1 - 7 * indent) * 2 / size))
    lines = 0
    for number, line in enumerate(text.split("\n")):
        # GBK has two bytes for each full-width character, one for each half-width one
        units = len(line.encode("gbk", "replace")) + (mark if number == 0 else 0)
        lines += max(1, -(-units // per_line))
    return lines * size * 1.4 + _ROOM


_ROOM = 6.0
"""The room above and below an answer, in points."""


LABEL_SIZE = 10.5


def label_height(text: str, width: float, lang: str = CHINESE) -> float:
    """Return the height in points that a label needs in a cell of this width: no mark will ever stand before it."""
    return text_height(text, width, LABEL_SIZE, lang=lang) - _ROOM


def _lines_of_words(text: str, room: float, mark: int) -> int:
    """Return the number of lines of a text that breaks between words; ``room``: the half ems on a line."""
    lines = 0
    for number, line in enumerate(text.split("\n")):
        used = float(mark) if number == 0 else 0.0
        lines += 1
        for word in line.split(" "):
            width = sum(2.0 if east_asian_width(sign) in "WF" else _LETTER for sign in word)
            if used and used + width > room:
                lines, used = lines + 1, 0.0
            lines += max(0, math.ceil(width / room) - 1)  # a word that is longer than a line is broken
            used += width % room + _LETTER if width > room else width + _LETTER
    return lines


@lru_cache(maxsize=512)
def characters_that_fit(
    height: float, width: float, size: float, indent: int = 0, mark: int = 0, lang: str = CHINESE
) -> int:
    """Return the number of Chinese characters, on one line of text, that fit without the row growing.

    Other characters are no wider. The arguments after ``height`` are those of ``text_height``.
    """
    count = 0
    while text_height("中" * (count + 1), width, size, indent, mark, lang) <= height:
        count += 1
    return count
