"""The cell formats of 审核意见 and of the lists that look like it, added to the styles of the sender's workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl.finding import SEVERITIES, Severity
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.colours import DARK_GREY, FLAG_FILLS, FLAG_FONTS, GREY, LABEL_FILL, LINK, OPTIONAL_FILL


@dataclass(frozen=True)
class _CellStyle:
    """One cell format: ``size`` of the font in points, colours as #RRGGBB (an empty ``fill``: none)."""

    font: str
    size: float
    color: str = "#000000"
    bold: bool = False
    underline: bool = False
    align: str = "left"
    indent: bool = False
    fill: str = ""
    border: bool = True
    locked: bool = True


_STYLES: Mapping[str, _CellStyle] = {
    "locked": _CellStyle(look.SONG, 11, border=False),
    "title": _CellStyle(look.HEI, 16, align="center", border=False),
    "plain": _CellStyle(look.SONG, 10.5, border=False),
    "code": _CellStyle(look.SONG, 8, color=GREY, align="right", border=False),
    "summary": _CellStyle(look.SONG, 10.5, color=FLAG_FONTS["error"], bold=True, border=False),
    "note": _CellStyle(look.SONG, 9, color=DARK_GREY, border=False),
    "header": _CellStyle(look.HEI, 10.5, align="center", fill=LABEL_FILL),
    "text": _CellStyle(look.SONG, 10, indent=True),
    "center": _CellStyle(look.SONG, 10, align="center"),
    "nothing": _CellStyle(look.SONG, 10, color=GREY, align="center"),
    "input": _CellStyle(look.SONG, 10, indent=True, locked=False),
    "link": _CellStyle(look.SONG, 10, color=LINK, align="center", underline=True),
    **{
        severity: _CellStyle(
            look.SONG,
            10,
            color=FLAG_FONTS[severity],
            bold=severity == "error",
            align="center",
            fill=FLAG_FILLS[severity],
        )
        for severity in SEVERITIES
    },
}
"""The formats by what they are for: the parts of the sheet, its cells, and the marks of each severity."""


class ListFormats:
    """The cell formats of a list sheet, as indices into the sender's styles, to which they are added.

    ``lang``: the language of the list.
    """

    def __init__(self, styles: Stylesheet, lang: str) -> None:
        self.styles, self.lang = styles, lang
        line = '<{0} style="thin"><color auto="1"/></{0}>'
        box = "".join(line.format(side) for side in ("left", "right", "top", "bottom"))
        self.none = styles.add("borders", "<border><left/><right/><top/><bottom/><diagonal/></border>")
        self.box = styles.add("borders", f"<border>{box}<diagonal/></border>")
        self.empty = styles.add("fills", '<fill><patternFill patternType="none"/></fill>')
        self.locked = self._add(_STYLES["locked"])
        self.title = self._add(_STYLES["title"])
        self.plain = self._add(_STYLES["plain"])
        self.code = self._add(_STYLES["code"])
        self.summary = self._add(_STYLES["summary"])
        self.note = self._add(_STYLES["note"])
        self.header = self._add(_STYLES["header"])
        self.text = self._add(_STYLES["text"])
        self.center = self._add(_STYLES["center"])
        self.nothing = self._add(_STYLES["nothing"])
        self.input = self._add(_STYLES["input"])
        colors = f'<fgColor rgb="FF{OPTIONAL_FILL[1:]}"/><bgColor rgb="FF{OPTIONAL_FILL[1:]}"/>'
        fill = f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'
        self.asking = styles.add("dxfs", f"<dxf>{fill}</dxf>")
        self.link = self._add(_STYLES["link"])
        self.marks: dict[Severity, int] = {severity: self._add(_STYLES[severity]) for severity in SEVERITIES}

    def _add(self, style: _CellStyle) -> int:
        """Add one cell format and return its index in ``cellXfs``. Unlocked cells have the number format 49 (text)."""
        font, fill, rest = _style_xml(style, self.lang)
        font_id = self.styles.add("fonts", font)
        fill_id = self.styles.add("fills", fill) if fill else self.empty
        border_id = self.box if style.border else self.none
        return self.styles.add(
            "cellXfs",
            f'<xf numFmtId="{0 if style.locked else 49}" fontId="{font_id}" fillId="{fill_id}" '
            f'borderId="{border_id}" {rest}</xf>',
        )


@lru_cache(maxsize=128)
def _style_xml(style: _CellStyle, lang: str) -> tuple[str, str, str]:
    """Return the XML of a format's font, of its fill (empty for none), and of what follows its indices."""
    bold = style.bold or (style.font == look.HEI and not look.is_chinese(lang))
    weight = f"{'<b/>' if bold else ''}{'<u/>' if style.underline else ''}"
    name = look.font_of(style.font, lang)
    font = f'<font>{weight}<sz val="{style.size:g}"/><color rgb="FF{style.color[1:]}"/><name val="{name}"/></font>'
    colors = f'<fgColor rgb="FF{style.fill[1:]}"/><bgColor indexed="64"/>'
    fill = f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>' if style.fill else ""
    margin = ' indent="1"' if style.indent else ""
    return (
        font,
        fill,
        'xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1" '
        f'applyProtection="1"><alignment horizontal="{style.align}" vertical="center" wrapText="1"{margin}/>'
        f'<protection locked="{int(style.locked)}"/>',
    )
