"""Findings written into the sender's own workbook: colours that clear by themselves, notes, the 审核意见 sheet.

Flags are conditional formats, so that a person's own formatting is never touched. Each carries a marker by which it is
found and replaced the next time; flagging twice gives the same file as once, and a file without findings that was
never flagged is given back as it is. Only the sheets concerned, the styles, notes and the workbook's lists of parts
change; every other part stays byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from perfxl import messages, rules
from perfxl.finding import SEVERITIES, Finding, Severity
from perfxl.form.form import FormRule
from perfxl.workbook import notes
from perfxl.workbook.cells import Merge, SheetEntry, Workbook, corners
from perfxl.workbook.edit import Change, Span, apply, escaped, outline, prefixed, quoted, utf8
from perfxl.workbook.formula import MARKER, Reach, address, area, marked, text
from perfxl.workbook.opinions import FILLS, FONTS, Opinion, sheet
from perfxl.workbook.package import Package
from perfxl.workbook.read import Reading
from perfxl.workbook.stylesheet import Stylesheet, stylesheet

Place = tuple[int, int]
Condition = Callable[[Reach], str]
CHANGED_FILL = "FFF4D6"
PIECE, PIECES = 200, 3  # a string literal of a formula holds 255 characters; longer texts by length and ends
FORMULA = 8000  # characters; Excel takes 8,192


@dataclass(frozen=True)
class Flag:
    """One finding on one cell. ``still``: the condition under which the cell is still wrong; ``clears``: when it no
    longer holds the finding is settled, else the cell is only known to have changed."""

    place: Place
    number: int
    finding: Finding
    still: Condition
    clears: bool


@dataclass(frozen=True)
class Line:
    """One line of 审核意见: findings of one kind on one sheet, under one number."""

    number: int
    findings: tuple[Finding, ...]
    flags: tuple[Flag, ...]

    @property
    def severity(self) -> Severity:
        """Of all its findings."""
        return self.findings[0].severity


@dataclass(frozen=True)
class Flagged:
    """A workbook's flags as written: the bytes, and the lines of its 审核意见."""

    data: bytes
    opinions: tuple[Opinion, ...]
    changed: bool


def flag(
    workbook: Workbook, findings: Sequence[tuple[Reading, Sequence[Finding]]], deadline: str = ""
) -> Flagged:
    """The sender's workbook with these findings flagged, in the place of what was flagged before."""
    lines = _numbered(findings)
    opinions = tuple(_opinion(reading, line) for reading, _ in findings for line in lines[reading])
    package = workbook.package
    before = any(_is_flagged(package, reading) for reading, _ in findings) or _opinions_entry(workbook) is not None
    if not opinions and not before:
        return Flagged(package.data, (), False)
    edit = _Edit(workbook)
    for reading, _ in findings:
        edit.form_sheet(reading, lines[reading], deadline)
    edit.opinions(opinions, findings[0][0], many=len(findings) > 1)
    return Flagged(package.replaced(edit.result()), opinions, True)


def _is_flagged(package: Package, reading: Reading) -> bool:
    data = package.read(reading.located.sheet.entry.part)
    return any(f"{MARKER}{word}".encode() in data for word in (*rules.codes(reading.located.form), "returned"))


# --- what is flagged where ---------------------------------------------------------------------------------------


def _numbered(findings: Sequence[tuple[Reading, Sequence[Finding]]]) -> dict[Reading, tuple[Line, ...]]:
    """The lines of every sheet, numbered through the workbook; on a sheet the gravest first."""
    number = 0
    numbered: dict[Reading, tuple[Line, ...]] = {}
    for reading, found in findings:
        kinds: dict[tuple[Any, ...], list[Finding]] = {}
        for each in sorted(found, key=lambda each: SEVERITIES.index(each.severity)):
            said = messages.words(each)
            kinds.setdefault((each.severity, each.code, said.what, said.todo), []).append(each)
        lines = []
        for same in kinds.values():
            number += 1
            flags = tuple(flag for each in same for flag in _flags(reading, each, number))
            lines.append(Line(number, tuple(same), flags))
        numbered[reading] = tuple(lines)
    return numbered


def _flags(reading: Reading, finding: Finding, number: int) -> Iterator[Flag]:
    line = _own_line(reading, finding)
    for path in _to_be_changed(reading, finding):
        cell = corners(reading.submission.places.get(path, ""))
        if cell is None:
            continue
        place = (cell.row, cell.column)
        if line is not None:
            yield Flag(place, number, finding, _negated(reading, line), True)
        else:
            yield Flag(place, number, finding, *_while_it_holds(reading, finding, place))


def _to_be_changed(reading: Reading, finding: Finding) -> tuple[str, ...]:
    """The fields that the unit can put right; given ones only where nothing else is concerned."""
    form = reading.located.form
    fields = tuple(dict.fromkeys(finding.fields))
    own = tuple(path for path in fields if path not in form.fields or not form.fields[path].given)
    return own or fields


def _own_line(reading: Reading, finding: Finding) -> FormRule | None:
    """The line of the form that found it; such a rule has a formula of its own."""
    own = (line for line in reading.located.form.rules if line.code == finding.code and line.on == finding.fields)
    return next(own, None)


def _negated(reading: Reading, line: FormRule) -> Condition:
    """The rule is broken: the negation of what the form's line asserts, over the cells where the answers stand."""
    located, form = reading.located, reading.located.form

    def raw(reach: Reach) -> Callable[[str], str]:
        return lambda id: reach.at(*located.head[id]) if id in located.head else '""'

    def value(reach: Reach) -> Callable[[str], str]:
        def formula(id: str) -> str:
            number = f"N({raw(reach)(id)})"
            # a percent cell holds a fraction; 25 typed into it without a format is read as points
            return f"IF({number}<2,{number}*100,{number})" if form.fields[id].kind.name == "percent" else number

        return formula

    return lambda reach: f"NOT({line.assert_.excel(value(reach), raw(reach))})"


def _while_it_holds(reading: Reading, finding: Finding, place: Place) -> tuple[Condition, bool]:
    """Without a formula of its own a rule's flag stands while the cell holds what was flagged."""
    rule = rules.rule(finding.code, reading.located.form)
    if rule.still:
        return (lambda reach: rule.still.replace("{cell}", reach.at(*place))), True
    value = reading.located.sheet.raw(*place).value
    return (lambda reach: _same(reach.at(*place), value, rule.white_space)), False


def _same(cell: str, value: Any, white_space: bool) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        return f"LEN(TRIM({cell}))=0"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"AND(ISNUMBER({cell}),ABS(N({cell})-{value!r})<0.0000001)"
    whole = str(value).replace("\r\n", "\n")
    if not white_space:
        whole = re.sub(r"[ 　\n\r\t]", "", whole)
        for character in ('" "', '"　"', "CHAR(10)", "CHAR(13)", "CHAR(9)"):
            cell = f'SUBSTITUTE({cell},{character},"")'
    # Excel counts UTF-16 units, as do LEN and MID
    if len(whole) <= PIECE and '"' not in whole and "\n" not in whole:
        return f"EXACT({cell},{text(whole)})"
    pieces = [whole[at : at + PIECE] for at in range(0, len(whole), PIECE)]
    checks = [f"LEN({cell})={_units(whole)}"]
    ends = list(enumerate(pieces))
    for at, piece in ends if len(ends) <= PIECES else [ends[0], ends[-2]]:
        start = _units("".join(pieces[:at])) + 1
        checks.append(f"EXACT(MID({cell},{start},{_units(piece)}),{_literal(piece)})")
    return f"AND({','.join(checks)})"


def _units(value: str) -> int:
    return len(value.encode("utf-16-le")) // 2


def _literal(value: str) -> str:
    """A text in a formula; a line break stands as CHAR(10), which every program keeps."""
    parts = [text(part) for part in value.split("\n")]
    return "&CHAR(10)&".join(parts)


# --- the words of 审核意见 and of the notes ------------------------------------------------------------------------


def _opinion(reading: Reading, line: Line) -> Opinion:
    first = line.findings[0]
    said = messages.words(first)
    form, record = reading.located.form, reading.submission.record
    fields = list(dict.fromkeys(path for each in line.findings for path in each.fields))
    places = list(dict.fromkeys(messages.place(path, form, record) for path in fields))
    cells = tuple(dict.fromkeys(address(*flag.place) for flag in line.flags))
    state, live = _state(reading, line)
    return Opinion(
        number=line.number,
        severity=line.severity,
        project=_project(reading),
        sheet=reading.located.sheet.name,
        place="、".join(places[:2]) + (f"等{len(places)}处" if len(places) > 2 else ""),
        cells=cells,
        content=_content(reading, line),
        what=said.what + (messages.say("sheet.opinions.more", {"count": len(cells), "cells": "、".join(cells)}) if len(cells) > 3 else ""),
        todo=said.todo,
        state=state,
        live=live,
    )


def _project(reading: Reading) -> str:
    record = reading.submission.record
    if record.get("number") is not None and record.get("name"):
        return f"{record['number']}.{record['name']}"
    return reading.located.sheet.name


def _content(reading: Reading, line: Line) -> str:
    """What stands in the cells concerned, as it is shown; at most two of them."""
    shown = []
    for flag_ in line.flags:
        raw = reading.located.sheet.raw(*flag_.place)
        shown.append(_shown(raw.value, raw.format) or messages.say("sheet.opinions.empty"))
    shown = list(dict.fromkeys(shown))[:2]
    return "；".join(each if len(each) <= 40 else f"{each[:39]}…" for each in shown)


def _shown(value: Any, format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if "%" in format:
            return f"{round(value * 100, 6):g}%"
        return f"{value:.2f}" if "0.00" in format else f"{value:.15g}"
    return str(value).strip()


def _state(reading: Reading, line: Line) -> tuple[str, bool]:
    """The live state: 未改 while one of the cells is still wrong, then 已改, or 改动待复核 where only a person can say."""
    if line.severity == "hint" or not line.flags:
        return messages.say(f"sheet.opinions.states.{'hint' if line.severity == 'hint' else 'open'}"), False
    reach = _reach(reading, qualified=True)
    conditions = list(dict.fromkeys(flag_.still(reach) for flag_ in line.flags))
    done = "done" if all(flag_.clears for flag_ in line.flags) else "changed"
    words = [text(messages.say(f"sheet.opinions.states.{word}")) for word in ("open", done)]
    formula = f"IF(OR({','.join(conditions)}),{words[0]},{words[1]})"
    return (formula, True) if len(formula) <= FORMULA else (messages.say("sheet.opinions.states.open"), False)


def _mark(severity: Severity, number: int) -> str:
    return messages.say(f"sheet.marks.{severity}") + str(number)


def _notes(lines: Sequence[Line]) -> dict[Place, str]:
    """One note a cell, with all that is said of it."""
    said: dict[Place, list[str]] = {}
    for line in lines:
        words = messages.words(line.findings[0])
        sentence = f"{_mark(line.severity, line.number)} {words.what}{words.todo}"
        for place in dict.fromkeys(flag_.place for flag_ in line.flags):
            said.setdefault(place, []).append(sentence)
    return {place: "\n".join(sentences) for place, sentences in said.items()}


# --- conditional formats -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Format:
    """One conditional format to be: where, under what condition, and how the cell looks then."""

    sqref: str
    condition: str
    dxf: str


def _reach(reading: Reading, qualified: bool = False) -> Reach:
    located = reading.located
    last_row = max((row for row, _ in located.sheet.cells), default=0)
    last_column = max((column for _, column in located.sheet.cells), default=0)
    name = located.sheet.name if qualified else ""
    return Reach(last_row, last_column, located.mark_row, located.key_column, name)


def _formats(reading: Reading, lines: Sequence[Line], deadline: str, empties: str, styles: Stylesheet) -> list[_Format]:
    """The conditional formats of a returned sheet, the first winning: flags, then what is no longer to be seen."""
    reach = _reach(reading)
    found: list[_Format] = []
    worst: dict[Place, Flag] = {}
    for line in lines:
        for each in line.flags:
            if line.severity != "hint":
                worst.setdefault(each.place, each)
    merges = {(merge.row, merge.column): merge for merge in reading.located.sheet.merges}
    for place, each in worst.items():
        found += _cell_formats(reading, place, each, merges.get(place), reach, styles)
    if not lines:
        return []
    if empties:
        # the colours of a blank are switched off: a returned sheet carries no other colour
        blank = marked("returned", f"LEN(TRIM({reach.here()}))=0")
        found.append(_Format(empties, blank, _dxf(styles, fill="FFFFFF")))
    found += _stage_and_panel(reading, deadline, styles)
    return found


def _cell_formats(
    reading: Reading, place: Place, each: Flag, merge: Merge | None, reach: Reach, styles: Stylesheet
) -> Iterator[_Format]:
    severity, code = each.finding.severity, each.finding.code
    raw = reading.located.sheet.raw(*place)
    sqref = area(*(merge or (*place, *place)))
    still = marked(code, each.still(reach))
    mark = _mark(severity, each.number)
    bold = severity == "error"
    look = _dxf(styles, FILLS[severity], FONTS[severity] if bold else "", bold, _with_mark(mark, raw.format))
    yield _Format(sqref, still, look)
    blank = raw.value is None or (isinstance(raw.value, str) and not raw.value.strip())
    if blank:
        # an empty cell shows no number format; its mark stands in the margin of its row
        key = address(place[0], reading.located.key_column)
        yield _Format(key, still, _dxf(styles, "", FONTS[severity], bold, f';;;"{mark}"'))
    if not each.clears:
        changed = messages.say("sheet.changed")
        seen = marked(code, f"LEN(TRIM({reach.at(*place)}))>0,NOT({each.still(reach)})")
        yield _Format(sqref, seen, _dxf(styles, CHANGED_FILL, "", False, _with_mark(changed, raw.format)))


def _with_mark(mark: str, format: str) -> str:
    """The cell's own number format with the mark before the value: it prints, changes no value, goes with the colour."""
    own = format.split(";")[0] if format not in ("@", "") else "General"
    return f'"{mark} "{own};"{mark} "-{own};"{mark} "{own};"{mark} "@'


def _stage_and_panel(reading: Reading, deadline: str, styles: Stylesheet) -> Iterator[_Format]:
    """The stage line says that the sheet came back, the panel how to correct it: shown by number formats alone."""
    always = marked("returned", "TRUE")
    texts = reading.located.sheet.texts
    year = f"{reading.submission.year}年度"
    for place, found in texts.items():
        if found.startswith(year) and found.endswith("稿"):
            more = messages.say("sheet.returned", {"deadline": deadline})
            yield _Format(address(*place), always, _dxf(styles, "", "B00000", False, f'@"{more}"'))
    panel = {
        "title": ("title", ""), "yellow": ("red", FILLS["error"]), "blue": ("amber", FILLS["warning"]),
        "grey": ("blue", FILLS["fix"]), "next": ("next", ""),
    }  # fmt: skip
    for key, (returned, fill) in panel.items():
        blank = messages.say(f"sheet.panel.blank.{key}")
        for place in (place for place, found in texts.items() if found == blank):
            words = messages.say(f"sheet.panel.returned.{returned}")
            yield _Format(address(*place), always, _dxf(styles, fill, "", False, f';;;"{words}"'))


def _dxf(styles: Stylesheet, fill: str = "", color: str = "", bold: bool = False, format: str = "") -> str:
    """The index of a differential format, as a text; its children in the schema's order (18.8.14)."""
    xml = ""
    if color or bold:
        weight = "<b/>" if bold else ""
        shade = f'<color rgb="FF{color}"/>' if color else ""
        xml += f"<font>{weight}{shade}</font>"
    if format:
        xml += f'<numFmt numFmtId="{styles.number_format(format)}" formatCode={quoted(format)}/>'
    if fill:
        colors = f'<fgColor rgb="FF{fill}"/><bgColor rgb="FF{fill}"/>'
        xml += f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'
    return str(styles.add("dxfs", f"<dxf>{xml}</dxf>"))


# --- the package -------------------------------------------------------------------------------------------------

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = {
    "worksheet": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    "comments": "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    "vml": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}
BEFORE_FORMATS = (
    "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState",
    "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr",
)  # fmt: skip
AFTER_DRAWING = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip


@dataclass(eq=False)
class _Edit:
    """The parts of one package that change."""

    workbook: Workbook
    parts: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.package = self.workbook.package
        part = self.workbook.related("styles")
        if not part:
            raise self.package.refused("missing_part", part="styles.xml")
        self.styles_part = part
        self.styles = stylesheet(utf8(self.package.read(part)), self.package, part)

    def result(self) -> dict[str, bytes]:
        """Every part that differs from what was there."""
        self.parts[self.styles_part] = self.styles.result()
        known = self.package.entries
        return {name: data for name, data in self.parts.items() if name not in known or data != self.package.read(name)}

    def read(self, part: str) -> bytes | None:
        """A part as it is by now; None where there is none."""
        if part in self.parts:
            return self.parts[part]
        return utf8(self.package.read(part)) if part in self.package.entries else None

    def form_sheet(self, reading: Reading, lines: Sequence[Line], deadline: str) -> None:
        """One form sheet: its conditional formats and its notes."""
        entry = reading.located.sheet.entry
        drawing = self._notes(entry, _notes(lines))
        data = self.read(entry.part)
        assert data is not None
        self.parts[entry.part] = self._sheet(data, entry.part, reading, lines, deadline, drawing)

    def _sheet(
        self, data: bytes, part: str, reading: Reading, lines: Sequence[Line], deadline: str, drawing: str
    ) -> bytes:
        start = _tail(data)
        if start < 0:
            raise self.package.refused("damaged_part", part=part)
        root = re.search(rb"<((?:\w+:)?)worksheet[\s>]", data)
        prefix = root[1].decode() if root else ""
        head, tail = data[:start], data[start:]
        # the children after the cells, under a root of their own: nothing before them needs to be parsed
        opening = f"<{prefix}worksheet>".encode()
        whole = opening + tail
        spans = outline(whole, 3, self.package, part)
        children = [span for span in spans if span.depth == 2]
        empties = _empties(whole, spans)
        formats = _formats(reading, lines, deadline, empties, self.styles)
        changes = _without_ours(whole, spans, first=len(formats) + 1)
        place = max((span.end for span in children if span.name in BEFORE_FORMATS), default=len(opening))
        xml = "".join(_format_xml(each, at) for at, each in enumerate(formats, start=1))
        changes.append(Change(place, place, prefixed(xml, prefix).encode()))
        if drawing and not any(span.name == "legacyDrawing" for span in children):
            end = min((span.start for span in children if span.name in AFTER_DRAWING), default=whole.rindex(b"</"))
            link = f'<{prefix}legacyDrawing xmlns:r="{self._family()}" r:id="{drawing}"/>'
            changes.append(Change(end, end, link.encode()))
        return head + apply(whole, changes)[len(opening) :]

    def _family(self) -> str:
        """The namespace of relationship ids that this package uses: transitional or strict."""
        types = re.search(rb'Type="([^"]*/relationships)/worksheet"', self.package.read(self._rels(self.workbook.part)))
        return types[1].decode() if types else "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def _rels(self, part: str) -> str:
        path = PurePosixPath(part)
        return str(path.parent / "_rels" / f"{path.name}.rels")

    def _notes(self, entry: SheetEntry, ours: Mapping[Place, str]) -> str:
        """Writes the sheet's notes; the id of a drawing that is new to the sheet, else an empty text."""
        related = self.package.relations(entry.part)
        comments = next((each.target for each in related.values() if each.kind == "comments"), "")
        drawing = next((each.target for each in related.values() if each.kind == "vmlDrawing" and self._draws(entry, each.id)), "")
        old = (self.read(comments) if comments else None, self.read(drawing) if drawing else None)
        new = notes.changed(*old, ours, self.package, comments or entry.part, number=entry.index + 1)
        if new.comments is None or (new.comments, new.drawing) == old:
            return ""
        comments = comments or self._new_part(entry, "xl/comments{}.xml", "comments", "comments")
        self.parts[comments] = new.comments
        fresh = "" if drawing else "new"
        drawing = drawing or self._new_part(entry, "xl/drawings/vmlDrawing{}.vml", "vmlDrawing", "vml")
        assert new.drawing is not None
        self.parts[drawing] = new.drawing
        return self._id_of(entry.part, drawing) if fresh else ""

    def _draws(self, entry: SheetEntry, id: str) -> bool:
        """Whether the sheet's legacyDrawing is this relation: a drawing for headers may stand beside it."""
        found = re.search(rb'<(?:\w+:)?legacyDrawing\s[^>]*?\bid="([^"]*)"', self.package.read(entry.part))
        return found is not None and found[1].decode() == id

    def _new_part(self, entry: SheetEntry, pattern: str, kind: str, type: str) -> str:
        """Names a new part, relates it to its sheet, and gives it a content type."""
        number = 1
        while pattern.format(number) in self.package.entries or pattern.format(number) in self.parts:
            number += 1
        name = pattern.format(number)
        self.parts[name] = b""
        self._relate(entry.part, name, kind)
        self._type(name, type)
        return name

    def _relate(self, source: str, target: str, kind: str) -> str:
        rels = self._rels(source)
        data = self.read(rels) or f'<Relationships xmlns="{RELATIONS}"></Relationships>'.encode()
        if data.rstrip().endswith(b"/>") and b"<Relationship " not in data:
            data = f'<Relationships xmlns="{RELATIONS}"></Relationships>'.encode()
        numbers = [int(found) for found in re.findall(rb'Id="rId(\d+)"', data)]
        id = f"rId{max(numbers, default=0) + 1}"
        line = f'<Relationship Id="{id}" Type="{self._family()}/{kind}" Target="/{target}"/>'
        self.parts[rels] = _inserted(data, line)
        return id

    def _id_of(self, source: str, target: str) -> str:
        data = self.read(self._rels(source)) or b""
        for line in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", data):
            if f'Target="/{target}"'.encode() in line and (id := re.search(rb'\bId="([^"]*)"', line)):
                return id[1].decode()
        raise AssertionError(target)

    def _type(self, name: str, type: str) -> None:
        part = "[Content_Types].xml"
        data = self.read(part) or b""
        extension = PurePosixPath(name).suffix[1:]
        if type == "vml":
            if f'Extension="{extension}"'.encode() in data:
                return
            line = f'<Default Extension="{extension}" ContentType="{TYPES[type]}"/>'
            opening = re.search(rb"<(?:\w+:)?Types\b[^>]*>", data)
            assert opening is not None
            prefix = _prefix(data)
            self.parts[part] = data[: opening.end()] + prefixed(line, prefix).encode() + data[opening.end() :]
        else:
            self.parts[part] = _inserted(data, f'<Override PartName="/{name}" ContentType="{TYPES[type]}"/>')

    def opinions(self, opinions: Sequence[Opinion], first: Reading, many: bool) -> None:
        """The 审核意见 sheet, in the place of the one before."""
        submission = first.submission
        unit = f"{submission.unit_code}{submission.unit_name}"
        if not many:
            unit = f"{unit}　　{_project(first)}"
        printed = "" if many else f"识别码 {first.located.printed}"
        data = sheet(opinions, unit, printed, many, self.styles)
        entry = _opinions_entry(self.workbook)
        part = entry.part if entry else self._new_sheet()
        self.parts[part] = data

    def _new_sheet(self) -> str:
        number = 1
        while f"xl/worksheets/sheet{number}.xml" in self.package.entries:
            number += 1
        name = f"xl/worksheets/sheet{number}.xml"
        self._type(name, "worksheet")
        id = self._relate(self.workbook.part, name, "worksheet")
        part = self.workbook.part
        data = self.read(part)
        assert data is not None
        spans = outline(data, 3, self.package, part)
        sheets = next(span for span in spans if span.depth == 2 and span.name == "sheets")
        ids = [int(span.attributes.get("sheetId", "0")) for span in spans if span.depth == 3 and span.name == "sheet"]
        tab = messages.say("sheet.opinions.tab")
        xml = f'<sheet xmlns:r="{self._family()}" name={quoted(tab)} sheetId="{max(ids, default=0) + 1}" r:id="{id}"/>'
        prefix = sheets.tag.rpartition(":")[0]
        assert sheets.inner is not None
        # at the end, so that the indexes by which names know their sheets stay true
        at = sheets.inner[1]
        self.parts[part] = apply(data, [Change(at, at, prefixed(xml, f"{prefix}:" if prefix else "").encode())])
        return name


def _opinions_entry(workbook: Workbook) -> SheetEntry | None:
    tab = messages.say("sheet.opinions.tab")
    return next((entry for entry in workbook.sheets if entry.name == tab and entry.part), None)


def _prefix(data: bytes) -> str:
    root = re.search(rb"<((?:\w+:)?)\w+[\s>]", re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data))
    return root[1].decode() if root else ""


def _inserted(data: bytes, line: str) -> bytes:
    """A line put before the root's end."""
    at = data.rindex(b"</")
    return data[:at] + prefixed(line, _prefix(data)).encode() + data[at:]


def _tail(data: bytes) -> int:
    """Where the cells end: the place just after ``</sheetData>``."""
    found = list(re.finditer(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>", data))
    return found[-1].end() if found else -1


def _ours(rule: bytes) -> bool:
    """Whether a conditional format was put there by flagging; the blank's own colours carry other markers."""
    found = re.search(rb"perfxl:([\w-]+)", rule)
    return found is not None and found[1] not in (b"empty", b"repeat")


def _empties(data: bytes, spans: Sequence[Span]) -> str:
    """The inputs of a blank, as ranges: where its own colours stand."""
    ranges = [
        spans[rule.parent].attributes.get("sqref", "")
        for rule in spans
        if rule.name == "cfRule" and b"perfxl:empty" in data[rule.start : rule.end]
    ]
    return " ".join(dict.fromkeys(ranges))


def _without_ours(data: bytes, spans: Sequence[Span], first: int) -> list[Change]:
    """Takes out what was flagged before, and numbers the other formats on from ``first`` in their own order."""
    changes: list[Change] = []
    others: list[Span] = []
    for index, span in enumerate(spans):
        if span.depth != 2 or span.name != "conditionalFormatting":
            continue
        inside = [each for each in spans if each.parent == index and each.name == "cfRule"]
        ours = [each for each in inside if _ours(data[each.start : each.end])]
        if ours and len(ours) == len(inside):
            changes.append(Change(span.start, span.end, b""))
        else:
            changes += [Change(each.start, each.end, b"") for each in ours]
            others += [each for each in inside if each not in ours]
    others.sort(key=_priority)
    for number, each in enumerate(others, start=first):
        tag = data[each.start : each.end]
        found = re.search(rb'\bpriority="\d+"', tag)
        if found:
            at = each.start + found.start()
            changes.append(Change(at, each.start + found.end(), b'priority="%d"' % number))
    return changes


def _priority(span: Span) -> int:
    stated = span.attributes.get("priority", "")
    return int(stated) if stated.isdigit() else 0


def _format_xml(each: _Format, priority: int) -> str:
    rule = f'<cfRule type="expression" dxfId="{each.dxf}" priority="{priority}"><formula>{escaped(each.condition)}</formula></cfRule>'
    return f'<conditionalFormatting sqref="{each.sqref}">{rule}</conditionalFormatting>'
