"""The parts of a workbook beside its sheets: shared strings, cell formats, document properties."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import NamedTuple

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.part_cache import PartCache
from perfxl.workbook.ooxml.sheet_reader import RICH
from perfxl.workbook.ooxml.xml import (
    LARGE,
    decode_references,
    is_plain,
    make_parser,
    parse_part,
    walk_elements,
    whole_number,
)

# The built-in number formats by their ids (ECMA-376 part 1, 18.8.30) as Chinese Excel means them, which a file need not
# spell out; what it does spell out is its own. 14 and 22 are yyyy/m/d since Excel 2007, and 5–8 and 37–44 are those of
# its lists, where the standard has American ones; 47 is mmss.0 in the standard alone.
BUILTIN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"¥"#,##0;"¥"-#,##0', 6: '"¥"#,##0;[Red]"¥"-#,##0',
    7: '"¥"#,##0.00;"¥"-#,##0.00', 8: '"¥"#,##0.00;[Red]"¥"-#,##0.00', 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"',
    29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"',
    34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"', 37: "#,##0;-#,##0",
    38: "#,##0;[Red]-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;[Red]-#,##0.00",
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 42: '_ ¥* #,##0_ ;_ ¥* -#,##0_ ;_ ¥* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 44: '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: '上午/下午h"时"mm"分"',
    56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip


class Style(NamedTuple):
    """The relevant properties of a cell format.

    ``format``: its number format code; ``locked``: it locks the cell; ``struck``: its font is struck out.
    """

    format: str
    locked: bool
    struck: bool = False


class SharedStrings(NamedTuple):
    """The shared strings. ``rich``: some of them may have pieces that are struck out, raised or lowered."""

    texts: list[str]
    rich: bool = False


_ESCAPE = re.compile("_x(?![dD][89A-Fa-f])([0-9A-Fa-f]{4})_")  # half of a surrogate pair is no character


def unescape_text(text: str) -> str:
    """Decode the format's own escapes: ``_x000D_`` is a carriage return (ECMA-376 part 1, 22.9.2.19, ST_Xstring)."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def read_strings(package: Package, part: str) -> SharedStrings:
    """Return the shared strings, without phonetic runs. The count that the part states is not trusted.

    Raises PackageError for more strings or characters than the limits allow.
    """
    data, limits = package.read(part), package.limits
    usual = _read_strings_usual(package, part, data) if len(data) <= LARGE else None
    strings, names = usual or _read_strings_any(package, part, data)
    _check_string_count(package, len(strings))
    if len(data) > limits.characters and sum(map(len, strings)) > limits.characters:
        raise package.refusal("too_many_characters", part=part, limit=limits.characters)
    if any("_x" in text for text in strings):
        strings = [unescape_text(text) for text in strings]
    return SharedStrings(strings, not RICH.isdisjoint(names))


def _check_string_count(package: Package, count: int) -> None:
    if count > package.limits.strings:
        raise package.refusal("too_many_strings", limit=package.limits.strings)


_STRING = re.compile(
    r"""<si>(?:<t(?: xml:space="preserve")?(?: ?/>(?=<)|>)([^<]*)(?:</t>)?|((?:"""
    r"""<r>(?:<rPr>(?:<[^<>]*/>)*</rPr>)?<t(?: xml:space="preserve")?>[^<]*</t></r>)+))(?:<phoneticPr [^<>]*/>)?</si>"""
)
"""A string as nearly all programs write it: its text, or its pieces with formats of their own."""
_PIECE = re.compile(r"<t(?: [^<>]*)?>([^<]*)<")


def _read_strings_usual(package: Package, part: str, data: bytes) -> tuple[list[str], Set[str]] | None:
    """Read strings that are all written in the usual way, see ``sheet_reader``; None for others.

    Returns the strings, and the names in RICH that stand in those that have pieces.
    """
    begin, end = data.find(b">", data.find(b"<sst")) + 1, data.rfind(b"</sst>")
    if not 0 < begin < end or not is_plain(data):
        return None
    parse_part(make_parser(package, part), data, package, part)
    pieces = _STRING.split(data[begin:end].decode())
    if any(pieces[::3]):
        return None
    rich = "".join(text for text in pieces[2::3] if text)
    texts = (
        "".join(_PIECE.findall(several)) if several else text
        for text, several in zip(pieces[1::3], pieces[2::3], strict=True)
    )
    strings = [decode_references(text) if "&" in text else text for text in texts]
    return strings, {name for name in RICH if f"<{name}" in rich}


_CHILDREN = {"": ("si",), "si": ("t", "r"), "r": ("t", "rPr"), "rPr": tuple(RICH)}
"""The elements that are read, by the one that they stand in; any other one is passed over with all that it holds."""


def _read_strings_any(package: Package, part: str, data: bytes) -> tuple[list[str], Set[str]]:
    """Read a part however it is written: with prefixes, indented, with phonetic runs.

    Returns the strings, and the names of the elements that were read.
    """
    strings: list[str] = []
    pieces: list[str] = []
    names: set[str] = set()
    inside: list[str] = []
    passed_over = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal passed_over
        if inside and (passed_over or tag not in _CHILDREN.get(inside[-1], ())):
            passed_over += 1
            return
        inside.append(tag if inside else "")
        names.add(tag)
        if tag == "si":
            pieces.clear()

    def end(tag: str) -> None:
        nonlocal passed_over
        if passed_over:
            passed_over -= 1
        elif inside.pop() == "si":
            strings.append("".join(pieces))
            _check_string_count(package, len(strings))

    def characters(text: str) -> None:
        if inside[-1:] == ["t"] and not passed_over:
            pieces.append(text)

    walk_elements(package, part, start, end, characters, data)
    return strings, names


def _read_styles(package: Package, part: str) -> list[Style]:
    """Return the cell formats. A format without a ``protection`` of its own locks its cells, as in Excel.

    Raises PackageError for more cell formats or number formats than the limit.
    """
    own: dict[int, str] = {}
    styles: list[Style] = []
    fonts: list[bool] = []  # struck out or not
    inside = ""
    format = "General"
    locked = True
    struck = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside, format, locked, struck
        if tag == "numFmt":
            if (id := whole_number(attributes.get("numFmtId"))) >= 0:
                own.setdefault(id, attributes.get("formatCode", "General"))
                _check_style_count(package, len(own))
        elif tag == "cellXfs" or tag == "fonts":
            inside = tag
        elif inside == "fonts":
            if tag == "font":
                fonts.append(False)
                _check_style_count(package, len(fonts))
            elif tag == "strike" and fonts:
                fonts[-1] = attributes.get("val") not in ("0", "false")
        elif inside and tag == "xf":
            number, font = whole_number(attributes.get("numFmtId"), 0), whole_number(attributes.get("fontId"), 0)
            format = own.get(number) or BUILTIN.get(number, "General")
            locked = True
            struck = font < len(fonts) and fonts[font]
        elif inside and tag == "protection":
            locked = attributes.get("locked") not in ("0", "false")

    def end(tag: str) -> None:
        nonlocal inside
        if tag == inside:
            inside = ""
        elif inside == "cellXfs" and tag == "xf":
            styles.append(Style(format, locked, struck))
            _check_style_count(package, len(styles))

    walk_elements(package, part, start, end)
    return styles


def _check_style_count(package: Package, count: int) -> None:
    if count > package.limits.styles:
        raise package.refusal("too_many_styles", limit=package.limits.styles)


known_styles = PartCache(_read_styles)


def read_properties(package: Package, part: str) -> dict[str, str]:
    """Return the custom document properties by name, as texts.

    Raises PackageError for more properties than the limit for names.
    """
    properties: dict[str, str] = {}
    name = ""
    pieces: list[str] | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal name, pieces
        if tag == "property":
            name, pieces = attributes.get("name", ""), []

    def end(tag: str) -> None:
        nonlocal pieces
        if tag == "property" and pieces is not None:
            properties[name], pieces = "".join(pieces).strip(), None
            if len(properties) > package.limits.names:
                raise package.refusal("too_many_names", limit=package.limits.names)

    def characters(text: str) -> None:
        if pieces is not None:
            pieces.append(text)

    walk_elements(package, part, start, end, characters)
    return properties
