"""The conditional formats of a returned sheet: colours and printed marks that disappear by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from perfxl import messages, rules
from perfxl.finding import REMARK
from perfxl.form.form import LONG
from perfxl.rules.numbers import blank
from perfxl.workbook.ooxml.edit import escape_text, quote_attribute
from perfxl.workbook.ooxml.formula import Reach, absolute_range, add_marker, address, blank_formula, join_areas
from perfxl.workbook.ooxml.sheet_reader import Merge, parse_range
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions.condition import reach_of
from perfxl.workbook.opinions.limit_condition import flagged_limit
from perfxl.workbook.opinions.line import FindingGroup, Flag, mark_text
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.reading.words import phase_line
from perfxl.workbook.sheet.colours import CHANGED_FILL, FLAG_FILLS, FLAG_FONTS

PANEL = {
    "title": ("title", ""), "yellow": ("red", FLAG_FILLS["error"]), "blue": ("amber", FLAG_FILLS["warning"]),
    "blue_full": ("amber", FLAG_FILLS["warning"]), "grey": ("blue", FLAG_FILLS["fix"]),
    "grey_any": ("blue", FLAG_FILLS["fix"]), "next": ("next", ""),
}  # fmt: skip
"""The words and the colour that each line of a blank form's panel has on a returned sheet."""


class ConditionalFormat(NamedTuple):
    """A conditional format to be written: its range, its condition, and the index of its differential format."""

    sqref: str
    condition: str
    dxf: int

    def xml(self, priority: int) -> str:
        """Return the format's element; ``priority`` is its rank, 1 the highest."""
        formula = escape_text(self.condition)
        opening = f'<cfRule type="expression" dxfId="{self.dxf}" priority="{priority}">'
        rule = f"{opening}<formula>{formula}</formula></cfRule>"
        return f'<conditionalFormatting sqref="{self.sqref}">{rule}</conditionalFormatting>'


def make_conditional_formats(
    reading: Reading, lines: Sequence[FindingGroup], deadline: str, empties: str, styles: Stylesheet
) -> list[ConditionalFormat]:
    """Return the conditional formats of a returned sheet, the highest priority first.

    ``empties``: the ranges of the inputs that a blank form colours; ``styles`` receives the differential formats.
    """
    reach = reach_of(reading)
    formats: list[ConditionalFormat] = []
    merges = {(merge.row, merge.column): merge for merge in reading.located.sheet.merges}
    long = any(len(table.rows) > LONG for table in reading.located.tables.values())
    flags = [flag for line in lines if line.open and line.severity != "hint" for flag in line.flags]
    settled = [flag for line in lines if not line.open for flag in line.flags]
    # wrong ones gravest first: of several on one cell it is shown, and the next once it is settled; a changed cell is
    # pale only if nothing else is known to be wrong with it
    for make, marked in ((_wrong_formats, flags), (_changed_formats, flags), (_settled_formats, settled)):
        made = (
            make(reading, flag, merges.get(flag.place), reach.in_row(flag.place[0]) if long else reach, styles)
            for flag in marked
        )
        formats += _join_formats(chain.from_iterable(made)) if long else chain.from_iterable(made)
    if not any(line.open for line in lines):
        return formats
    if empties:
        # switches off the blank form's colours: a returned sheet has no other colours than the flags'
        empty = add_marker("returned", blank_formula(reach.here()))
        formats.append(ConditionalFormat(empties, empty, _add_dxf(styles, fill="#FFFFFF")))
    formats += _phase_and_panel_formats(reading, [line for line in lines if line.open], deadline, styles)
    return formats


_MOST_RANGES = 1000  # of one conditional format; programs that read files refuse very long lists


def _join_formats(formats: Iterable[ConditionalFormat]) -> Iterator[ConditionalFormat]:
    """Yield the formats with those that say the same of different cells put together, in the place of the first."""
    alike: dict[tuple[str, int], list[str]] = {}
    for format in formats:
        alike.setdefault((format.condition, format.dxf), []).append(format.sqref)
    for (condition, dxf), ranges in alike.items():
        areas = join_areas(area for text in dict.fromkeys(ranges) if (area := parse_range(text)))
        for at in range(0, len(areas), _MOST_RANGES):
            sqref = " ".join(absolute_range(*area) for area in areas[at : at + _MOST_RANGES])
            yield ConditionalFormat(sqref, condition, dxf)


def _wrong_formats(
    reading: Reading, flag: Flag, merge: Merge | None, reach: Reach, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """Yield the colour and the printed mark of a flag, shown while its cell is wrong."""
    severity = flag.finding.severity
    raw = reading.located.sheet.raw(*flag.place)
    still = add_marker(flag.finding.code, flag.still(reach))
    shown = mark_text(severity, flag.number, reading.located.form.language)
    bold = severity == "error"
    color = FLAG_FONTS[severity] if bold else ""
    dxf = _add_dxf(styles, FLAG_FILLS[severity], color, bold, _marked_format(shown, raw.format))
    yield ConditionalFormat(_flagged_range(flag, merge), still, dxf)
    if blank(raw.value):
        # an empty cell shows no number format; its mark is shown in the margin of its row
        key = address(flag.place[0], reading.located.key_column(flag.place))
        yield ConditionalFormat(key, still, _add_dxf(styles, "", FLAG_FONTS[severity], bold, f';;;"{shown}"'))


def _changed_formats(
    reading: Reading, flag: Flag, merge: Merge | None, reach: Reach, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """Yield the pale format of a changed cell, where only the next review can tell whether it is right.

    It ranks below the colours of what is still wrong, because its condition is only that the cell is not empty.
    """
    if not flag.clears:
        raw = reading.located.sheet.raw(*flag.place)
        filled = add_marker(flag.finding.code, f"LEN(TRIM({reach.at(*flag.place)}))>0")
        mark = _marked_format(messages.say("sheet.changed", {}, reading.located.form.language), raw.format)
        dxf = _add_dxf(styles, CHANGED_FILL, "", False, mark)
        yield ConditionalFormat(_flagged_range(flag, merge), filled, dxf)


def _settled_formats(
    reading: Reading, flag: Flag, merge: Merge | None, reach: Reach, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """Yield a white format that covers the live colour of a blank form for a finding explained or withdrawn."""
    form, finding = reading.located.form, flag.finding
    if finding.code != REMARK and (rules.find_rule(finding.code, form).lines or flagged_limit(form, finding)):
        still = add_marker("settled", flag.still(reach))
        yield ConditionalFormat(_flagged_range(flag, merge), still, _add_dxf(styles, fill="#FFFFFF"))


def _flagged_range(flag: Flag, merge: Merge | None) -> str:
    """Return the address of a flag's cell, or of its merged range."""
    return absolute_range(*(merge or (*flag.place, *flag.place)))


_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^";\\])*')
_LEADING = re.compile(r"^(?:\[[^\]]*\])+")


def _marked_format(mark: str, format: str) -> str:
    """Return the cell's own number format with a mark before the value, which prints and disappears with the colour.

    A person's format may have sections, quotes, a colour or a condition (ECMA-376 part 1, 18.8.31): the first section
    is used, without the bracketed parts at its start, since a colour or condition would have to come first.
    """
    first = _SECTION.match(format)
    own = first[0] if first and format not in ("@", "") else "General"
    own = _LEADING.sub("", own) or "General"
    return f'"{mark} "{own};"{mark} "-{own};"{mark} "{own};"{mark} "@'


def _phase_and_panel_formats(
    reading: Reading, lines: Sequence[FindingGroup], deadline: str, styles: Stylesheet
) -> Iterator[ConditionalFormat]:
    """Yield the formats of the phase line (the sheet came back) and of the panel (how to correct it).

    Their words are shown by number formats alone. Findings that were corrected already only need to be looked at, and
    are no reason to return a sheet.
    """
    left = any(not line.first.done for line in lines)
    done = any(line.first.done for line in lines) and not any(
        line.severity == "fix" and not line.first.done for line in lines
    )
    always = add_marker("returned", "TRUE")
    form = reading.located.form
    lang, line = form.language, phase_line(form)
    panel = _panel_words()
    for place, text in reading.located.sheet.texts.items():
        if text in panel:
            returned, fill = PANEL[panel[text]]
            words = messages.say(
                f"sheet.panel.returned.{'done' if done and returned == 'blue' else returned}", {}, lang
            )
            yield ConditionalFormat(address(*place), always, _add_dxf(styles, fill, "", False, f';;;"{words}"'))
        elif left and line and line.fullmatch(text):
            more = messages.say("sheet.returned", {"deadline": deadline.replace('"', "")[:60]}, lang)
            dxf = _add_dxf(styles, color=FLAG_FONTS["error"], format=f'@"{more}"')
            yield ConditionalFormat(address(*place), always, dxf)


@lru_cache(maxsize=1)
def _panel_words() -> Mapping[str, str]:
    """Return the lines of a blank form's panel by their words, which may be of any language."""
    return messages.ids_by_word("sheet.panel.blank", PANEL)


def _add_dxf(styles: Stylesheet, fill: str = "", color: str = "", bold: bool = False, format: str = "") -> int:
    """Return the index of a differential format, added if new; its children are in the schema's order (18.8.14)."""
    xml = ""
    if color or bold:
        weight = "<b/>" if bold else ""
        shade = f'<color rgb="FF{color[1:]}"/>' if color else ""
        xml += f"<font>{weight}{shade}</font>"
    if format:
        xml += f'<numFmt numFmtId="{styles.number_format(format)}" formatCode={quote_attribute(format)}/>'
    if fill:
        colors = f'<fgColor rgb="FF{fill[1:]}"/><bgColor rgb="FF{fill[1:]}"/>'
        xml += f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'
    return styles.add("dxfs", f"<dxf>{xml}</dxf>")
