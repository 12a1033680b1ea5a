"""The conditional formats of a returned sheet: colours and printed marks that go away by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perfxl import messages, rules
from perfxl.finding import REMARK
from perfxl.workbook.ooxml.edit import escape_text, quote_attribute
from perfxl.workbook.ooxml.formula import Reach, absolute_range, add_marker, address, blank_formula
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions.line import FindingGroup, Flag, mark_text, reach_of
from perfxl.workbook.opinions.list_formats import FILLS, FONTS
from perfxl.workbook.reading.read import Reading

CHANGED_FILL = "FFF4D6"
PANEL = {
    "title": ("title", ""), "yellow": ("red", FILLS["error"]), "blue": ("amber", FILLS["warning"]),
    "grey": ("blue", FILLS["fix"]), "next": ("next", ""),
}  # fmt: skip
"""What the lines of a blank's panel say on a returned sheet, and in which colour."""


@dataclass(frozen=True)
class ConditionalFormat:
    """One conditional format to be: where, under what condition, and how the cell looks then."""

    sqref: str
    condition: str
    dxf: int

    def xml(self, priority: int) -> str:
        """The format's element; ``priority`` is its rank, 1 the highest."""
        formula = escape_text(self.condition)
        opening = f'<cfRule type="expression" dxfId="{self.dxf}" priority="{priority}">'
        rule = f"{opening}<formula>{formula}</formula></cfRule>"
        return f'<conditionalFormatting sqref="{self.sqref}">{rule}</conditionalFormatting>'


def make_conditional_formats(
    reading: Reading, lines: Sequence[FindingGroup], deadline: str, empties: str, styles: Stylesheet
) -> list[ConditionalFormat]:
    """The conditional formats of a returned sheet, the first winning: flags, then what is no longer to be seen."""
    reach = reach_of(reading)
    found: list[ConditionalFormat] = []
    merges = {(merge.row, merge.column): merge for merge in reading.located.sheet.merges}
    flags = [each for line in lines if line.open and line.severity != "hint" for each in line.flags]
    for each in flags:  # the gravest first: of several on one cell it is seen, and the next when it is settled
        found += _still_wrong(reading, each, merges.get(each.place), reach, styles)
    for each in flags:  # a cell that was changed is pale only when nothing else is known to be wrong with it
        found += _changed(reading, each, merges.get(each.place), reach, styles)
    for each in (each for line in lines if not line.open for each in line.flags):
        found += _settled(reading, each, merges.get(each.place), reach, styles)
    if not any(line.open for line in lines):
        return found
    if empties:
        # the colours of a blank are switched off: a returned sheet carries no other colour
        empty = add_marker("returned", blank_formula(reach.here()))
        found.append(ConditionalFormat(empties, empty, _dxf(styles, fill="FFFFFF")))
    found += _phase_and_panel(reading, [line for line in lines if line.open], deadline, styles)
    return found


def _still_wrong(
    reading: Reading, each: Flag, merge: Merge | None, reach: Reach, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """The colour and the printed mark of a flag, while its cell is wrong."""
    severity = each.finding.severity
    raw = reading.located.sheet.raw(*each.place)
    still = add_marker(each.finding.code, each.still(reach))
    shown = mark_text(severity, each.number)
    bold = severity == "error"
    look = _dxf(styles, FILLS[severity], FONTS[severity] if bold else "", bold, _with_mark(shown, raw.format))
    yield ConditionalFormat(absolute_range(*(merge or (*each.place, *each.place))), still, look)
    if raw.value is None or (isinstance(raw.value, str) and not raw.value.strip()):
        # an empty cell shows no number format; its mark stands in the margin of its row
        key = address(each.place[0], reading.located.marks.key_column)
        yield ConditionalFormat(key, still, _dxf(styles, "", FONTS[severity], bold, f';;;"{shown}"'))


def _changed(
    reading: Reading, each: Flag, merge: Merge | None, reach: Reach, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """The pale look of a cell that was changed, where only the next review can say whether it is right.

    It stands below the colours of what is still wrong, which outrank it: that something is filled in is all it asks.
    """
    if not each.clears:
        raw = reading.located.sheet.raw(*each.place)
        seen = add_marker(each.finding.code, f"LEN(TRIM({reach.at(*each.place)}))>0")
        look = _dxf(styles, CHANGED_FILL, "", False, _with_mark(messages.say("sheet.changed"), raw.format))
        yield ConditionalFormat(absolute_range(*(merge or (*each.place, *each.place))), seen, look)


def _settled(
    reading: Reading, each: Flag, merge: Merge | None, reach: Reach, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """What is explained or withdrawn is not coloured by the live colour that a blank has for its rule, either."""
    if each.finding.code != REMARK and rules.find_rule(each.finding.code, reading.located.form).lines:
        still = add_marker("settled", each.still(reach))
        yield ConditionalFormat(
            absolute_range(*(merge or (*each.place, *each.place))), still, _dxf(styles, fill="FFFFFF")
        )


_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^";\\])*')
_LEADING = re.compile(r"^(?:\[[^\]]*\])+")


def _with_mark(mark: str, format: str) -> str:
    """The cell's own number format with the mark before the value: it prints, and goes with the colour.

    A person's format may have sections, quotes, a colour or a condition (ECMA-376 part 1, 18.8.31): the first section
    is taken, without what stands in front in brackets, since a colour or condition must come first.
    """
    first = _SECTION.match(format)
    own = first[0] if first and format not in ("@", "") else "General"
    own = _LEADING.sub("", own) or "General"
    return f'"{mark} "{own};"{mark} "-{own};"{mark} "{own};"{mark} "@'


def _phase_and_panel(
    reading: Reading, lines: Sequence[FindingGroup], deadline: str, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """The phase line says that the sheet came back, the panel how to correct it: shown by number formats alone.

    What was corrected already is to be looked at, and is no reason to return a sheet.
    """
    left = any(not line.first.done for line in lines)
    done = any(line.first.done for line in lines) and not any(
        line.severity == "fix" and not line.first.done for line in lines
    )
    always = add_marker("returned", "TRUE")
    year = f"{reading.submission.year}年度"
    panel = {messages.say(f"sheet.panel.blank.{key}"): each for key, each in PANEL.items()}
    for place, found in reading.located.sheet.texts.items():
        if found in panel:
            returned, fill = panel[found]
            words = messages.say(f"sheet.panel.returned.{'done' if done and returned == 'blue' else returned}")
            yield ConditionalFormat(address(*place), always, _dxf(styles, fill, "", False, f';;;"{words}"'))
        elif left and found.startswith(year) and found.endswith("稿"):
            more = messages.say("sheet.returned", {"deadline": deadline.replace('"', "")[:60]})
            yield ConditionalFormat(address(*place), always, _dxf(styles, "", "B00000", False, f'@"{more}"'))


def _dxf(styles: Stylesheet, fill: str = "", color: str = "", bold: bool = False, format: str = "") -> int:
    """The index of a differential format; its children in the schema's order (18.8.14)."""
    xml = ""
    if color or bold:
        weight = "<b/>" if bold else ""
        shade = f'<color rgb="FF{color}"/>' if color else ""
        xml += f"<font>{weight}{shade}</font>"
    if format:
        xml += f'<numFmt numFmtId="{styles.number_format(format)}" formatCode={quote_attribute(format)}/>'
    if fill:
        colors = f'<fgColor rgb="FF{fill}"/><bgColor rgb="FF{fill}"/>'
        xml += f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'
    return styles.add("dxfs", f"<dxf>{xml}</dxf>")
