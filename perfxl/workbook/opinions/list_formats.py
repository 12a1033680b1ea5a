"""The cell formats of 审核意见 and of the lists that look like it, added to the styles of the sender's workbook."""

from __future__ import annotations

from collections.abc import Mapping

from perfxl.finding import SEVERITIES, Severity
from perfxl.workbook.ooxml.stylesheet import Stylesheet

FILLS: Mapping[Severity, str] = {"error": "FFD6D6", "warning": "FFE9B8", "fix": "DCE9FA", "hint": ""}
FONTS: Mapping[Severity, str] = {"error": "B00000", "warning": "7F4F00", "fix": "1F3864", "hint": "595959"}
INPUT_FILL = "EAF3FB"


class ListFormats:
    """The cell formats of a list sheet, as indices into the sender's styles, to which they are added."""

    def __init__(self, styles: Stylesheet) -> None:
        self.styles = styles
        line = '<{0} style="thin"><color auto="1"/></{0}>'
        box = "".join(line.format(side) for side in ("left", "right", "top", "bottom"))
        self.none = styles.add("borders", "<border><left/><right/><top/><bottom/><diagonal/></border>")
        self.box = styles.add("borders", f"<border>{box}<diagonal/></border>")
        self.empty = styles.add("fills", '<fill><patternFill patternType="none"/></fill>')
        self.locked = self._format("宋体", 11, border=False)
        self.title = self._format("黑体", 16, align="center", border=False)
        self.plain = self._format("宋体", 10.5, border=False)
        self.code = self._format("宋体", 8, color="7F7F7F", align="right", border=False)
        self.summary = self._format("宋体", 10.5, color="B00000", bold=True, border=False)
        self.note = self._format("宋体", 9, color="595959", border=False)
        self.header = self._format("黑体", 10.5, align="center", fill="F2F2F2")
        self.text = self._format("宋体", 10, indent=True)
        self.center = self._format("宋体", 10, align="center")
        self.nothing = self._format("宋体", 10, color="7F7F7F", align="center")
        self.input = self._format("宋体", 10, indent=True, locked=False)
        colors = f'<fgColor rgb="FF{INPUT_FILL}"/><bgColor rgb="FF{INPUT_FILL}"/>'
        fill = f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'
        self.asking = styles.add("dxfs", f"<dxf>{fill}</dxf>")
        self.link = self._format("宋体", 10, color="1F1FBF", align="center", underline=True)
        self.marks: dict[Severity, int] = {
            severity: self._format(
                "宋体", 10, color=FONTS[severity], bold=severity == "error", align="center", fill=FILLS[severity]
            )
            for severity in SEVERITIES
        }

    def _format(
        self,
        font: str,
        size: float,
        *,
        color: str = "000000",
        bold: bool = False,
        underline: bool = False,
        align: str = "left",
        indent: bool = False,
        fill: str = "",
        border: bool = True,
        locked: bool = True,
    ) -> int:
        """Add one cell format and return its index in ``cellXfs``. Unlocked cells have the number format 49 (text)."""
        weight = f"{'<b/>' if bold else ''}{'<u/>' if underline else ''}"
        font_id = self.styles.add(
            "fonts", f'<font>{weight}<sz val="{size:g}"/><color rgb="FF{color}"/><name val="{font}"/></font>'
        )
        fill_id = self.empty
        if fill:
            inside = f'<fgColor rgb="FF{fill}"/><bgColor indexed="64"/>'
            fill_id = self.styles.add("fills", f'<fill><patternFill patternType="solid">{inside}</patternFill></fill>')
        margin = ' indent="1"' if indent else ""
        return self.styles.add(
            "cellXfs",
            f'<xf numFmtId="{0 if locked else 49}" fontId="{font_id}" fillId="{fill_id}" '
            f'borderId="{self.box if border else self.none}" '
            'xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1" '
            f'applyProtection="1"><alignment horizontal="{align}" vertical="center" wrapText="1"{margin}/>'
            f'<protection locked="{int(locked)}"/></xf>',
        )
