"""The 审核意见 sheet: every finding of a workbook in one list, with a link to its cell and its live state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from perfxl import messages
from perfxl.finding import SEVERITIES, Severity
from perfxl.workbook import look
from perfxl.workbook.edit import DECLARATION, escaped, quoted
from perfxl.workbook.formula import address, letters
from perfxl.workbook.formula import quoted as quoted_sheet
from perfxl.workbook.stylesheet import Stylesheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

FILLS: Mapping[Severity, str] = {"error": "FFD6D6", "warning": "FFE9B8", "fix": "DCE9FA", "hint": ""}
FONTS: Mapping[Severity, str] = {"error": "B00000", "warning": "7F4F00", "fix": "1F3864", "hint": "595959"}


@dataclass(frozen=True)
class Opinion:
    """One line: a finding, or several of one kind in one table. ``state`` is a formula without ``=``, or a text."""

    number: int
    severity: Severity
    project: str
    sheet: str
    place: str
    cells: tuple[str, ...]
    content: str
    what: str
    todo: str
    state: str
    live: bool


_COLUMNS = (
    ("mark", 7.2), ("project", 20.0), ("place", 19.0), ("cell", 8.0), ("content", 18.0), ("opinion", 42.0),
    ("todo", 34.0), ("state", 11.0),
)  # fmt: skip


def sheet(opinions: Sequence[Opinion], unit: str, printed: str, many: bool, styles: Stylesheet) -> bytes:
    """The sheet's part. ``many``: a book of several projects, whose list names them."""
    columns = [(key, width) for key, width in _COLUMNS if many or key != "project"]
    looks = _Looks(styles)
    rows = list(_rows(opinions, unit, printed, columns, looks))
    last = letters(len(columns) - 1)
    merges = [f"A1:{last}1", f"A2:{letters(len(columns) - 3)}2", f"{letters(len(columns) - 2)}2:{last}2", f"A3:{last}3"]
    merges += [f"A{row}:{last}{row}" for row in range(5 + len(opinions), len(rows) + 1)]
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{width}" style="{looks.locked}" customWidth="1"/>'
        for at, (_, width) in enumerate(columns, start=1)
    )
    widths += f'<col min="{len(columns) + 1}" max="16384" width="9" style="{looks.locked}"/>'
    cell_column = letters([key for key, _ in columns].index("cell"))
    links = "".join(
        f'<hyperlink ref="{cell_column}{at}" location={quoted(quoted_sheet(each.sheet) + "!" + each.cells[0])}'
        f" display={quoted(each.cells[0])}/>"
        for at, each in enumerate(opinions, start=5)
        if each.cells
    )
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in merges)
    footer = f"&L&8 {messages.say('sheet.opinions.footer')}&R&8 {messages.say('sheet.pages')}"
    xml = (
        f'<worksheet xmlns="{MAIN}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{len(rows)}"/>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/>'
        f"<cols>{widths}</cols><sheetData>{''.join(rows)}</sheetData>"
        '<sheetProtection sheet="1" objects="0" scenarios="1" formatCells="1" formatColumns="0" formatRows="0"/>'
        f'<mergeCells count="{len(merges)}">{merged}</mergeCells>'
        f"{links and f'<hyperlinks>{links}</hyperlinks>'}"
        '<pageMargins left="0.5" right="0.5" top="0.7" bottom="0.8" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>'
        f"<headerFooter><oddFooter>{escaped(footer)}</oddFooter></headerFooter>"
        "</worksheet>"
    )
    return DECLARATION + xml.encode()


def summary(opinions: Sequence[Opinion]) -> str:
    """How many of each severity there are, in one line."""
    counts: dict[str, int] = {severity: sum(each.severity == severity for each in opinions) for severity in SEVERITIES}
    return messages.say("sheet.opinions.summary", counts)


def _rows(
    opinions: Sequence[Opinion], unit: str, printed: str, columns: Sequence[tuple[str, float]], looks: _Looks
) -> Iterator[str]:
    say = messages.say
    width = len(columns)
    yield _row(1, 34, [_text(1, 0, say("sheet.opinions.title"), looks.title)])
    heading = [_text(2, 0, unit, looks.plain), _text(2, width - 2, printed, looks.code)]
    yield _row(2, 20, heading)
    yield _row(3, 22, [_text(3, 0, summary(opinions), looks.summary)])
    heads = [say(f"sheet.opinions.headers.{key}") for key, _ in columns]
    yield _row(4, 26, [_text(4, at, head, looks.header) for at, head in enumerate(heads)])
    for number, each in enumerate(opinions, start=5):
        yield _opinion(number, each, columns, looks)
    at = 5 + len(opinions)
    if not opinions:
        yield _row(at, 26, [_text(at, 0, say("sheet.opinions.none"), looks.plain)])
        at += 1
    yield _row(at, 30, [_text(at, 0, say("sheet.opinions.note"), looks.note)])


def _opinion(row: int, each: Opinion, columns: Sequence[tuple[str, float]], looks: _Looks) -> str:
    texts = {
        "mark": messages.say(f"sheet.marks_long.{each.severity}") + str(each.number),
        "project": each.project,
        "place": each.place,
        "cell": _cells(each.cells),
        "content": each.content,
        "opinion": each.what,
        "todo": each.todo,
    }
    styles = {"mark": looks.marks[each.severity], "cell": looks.link if each.cells else looks.center}
    cells = [
        _text(row, at, texts[key], styles.get(key, looks.text)) for at, (key, _) in enumerate(columns) if key in texts
    ]
    cells.append(_state(row, len(columns) - 1, each, looks.center))
    long = [(texts[key], width) for key, width in columns if len(texts.get(key, "")) > look.room(30.0, width, 10, 1)]
    height = max((look.text_height(text, width, 10, indent=1) for text, width in long), default=30.0)
    return _row(row, max(30.0, min(height, 409.0)), cells)


def _cells(cells: tuple[str, ...]) -> str:
    """The first cell, to which the link leads, and how many there are."""
    if len(cells) < 3:
        return "、".join(cells)
    return messages.say("places.several", {"first": cells[0], "count": len(cells)})


def _state(row: int, column: int, each: Opinion, style: int) -> str:
    if not each.live:
        return _text(row, column, each.state, style)
    now = messages.say("sheet.opinions.states.open")
    return f'<c r="{address(row - 1, column)}" s="{style}" t="str"><f>{escaped(each.state)}</f><v>{now}</v></c>'


def _row(number: int, height: float, cells: list[str]) -> str:
    return f'<row r="{number}" ht="{height:g}" customHeight="1">{"".join(cells)}</row>'


def _text(row: int, column: int, text: str, style: int) -> str:
    inside = f'<is><t xml:space="preserve">{escaped(text)}</t></is>'
    return f'<c r="{address(row - 1, column)}" s="{style}" t="inlineStr">{inside}</c>'


class _Looks:
    """The cell formats of the sheet, added to the sender's styles."""

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
    ) -> int:
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
            f'<xf numFmtId="0" fontId="{font_id}" fillId="{fill_id}" borderId="{self.box if border else self.none}" '
            'xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1" '
            f'applyProtection="1"><alignment horizontal="{align}" vertical="center" wrapText="1"{margin}/>'
            '<protection locked="1"/></xf>',
        )
