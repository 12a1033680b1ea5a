"""Part 1 of a published document: the unit's overall goal, its areas, its measures.

A line is one of: a chapter (一、总体绩效目标), an area (（一）、…), a sub-area (1、…), a goal
(绩效目标：…), indicator names (绩效指标：…), a numbered measure, or the continuation of what stands
above it. Numbers are dropped, and a jump in them is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from perfxl.budget.documents.lines import DocumentLine, ExtractionNote, UnplacedLine, compact, unplaced

_DIGITS = "一二三四五六七八九十百"
_CHAPTER = re.compile(rf"^(?:[{_DIGITS}]+、)?(.*?)(绩效目标|目标|措施)$")
_AREA = re.compile(rf"^[（(]([{_DIGITS}]+)[）)][、.．]?\s*(.+)$")
_ITEM = re.compile(r"^(\d{1,2})[、.．](?!\d)\s*(.+)$")
_GOAL = re.compile(r"^绩效目标\s*[：:]\s*(.*)$")
_NAMES = re.compile(r"^绩效指标\s*[：:]\s*(.*)$")
_CHAPTERS = {
    "总体": "overall",
    "年度总体": "overall",
    "部门总体": "overall",
    "分项": "areas",
    "工作保障": "measures",
    "保障": "measures",
}


@dataclass
class _Part:
    """A leaf block being read."""

    name: str | None
    line: int
    goal: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass
class _Area:
    """An area being read."""

    name: str
    line: int
    parts: list[_Part] = field(default_factory=list)


@dataclass
class _Reading:
    """What has been read so far, and where the next line goes."""

    chapter: str = ""
    overall: list[str] = field(default_factory=list)
    areas: list[_Area] = field(default_factory=list)
    measures: list[list[str]] = field(default_factory=list)
    text: list[str] | None = None  # where a continuation line goes
    left: list[DocumentLine] = field(default_factory=list)
    notes: list[ExtractionNote] = field(default_factory=list)


def department_of(
    lines: Sequence[DocumentLine],
) -> tuple[dict[str, Any], tuple[UnplacedLine, ...], tuple[ExtractionNote, ...]]:
    """The department's goals out of Part 1's lines, what found no place, and notes."""
    reading = _Reading()
    filled = [line for line in lines if line.text]
    for line, following in zip_longest(filled, filled[1:]):
        _read(reading, line, following.text if following else "")
    record = {
        "overall": "\n".join(reading.overall) or None,
        "areas": [_area_record(area) for area in reading.areas],
        "measures": ["\n".join(measure) for measure in reading.measures],
    }
    notes = (*reading.notes, *_missing(record, reading))
    return record, tuple(unplaced(reading.left)), notes


def chapter(text: str) -> str | None:
    """``overall``, ``areas`` or ``measures`` for the heading of a chapter, else None."""
    found = _CHAPTER.match(compact(text))
    return _CHAPTERS.get(found[1]) if found else None


def names_of(text: str) -> list[str]:
    """Indicator names out of one line: parted at ；, and at 、 only where there is no ；; the 。 ends the list."""
    separator = r"[；;]" if re.search(r"[；;]", text) else "、"
    names = (name.strip() for name in re.split(separator, text.strip().removesuffix("。")))
    return [name for name in names if name]


def chinese_number(text: str) -> int:
    """十九 → 19."""
    tens, ten, ones = text.rpartition("十")
    units = _DIGITS.find(ones) + 1 if ones else 0
    return units + ((_DIGITS.find(tens) + 1 if tens else 1) * 10 if ten else 0)


def _read(reading: _Reading, line: DocumentLine, following: str) -> None:
    """Put one line where it belongs; ``following`` is the text after it."""
    heading = chapter(line.text)
    if heading:
        reading.chapter = heading
        reading.text = reading.overall if heading == "overall" else None
    elif reading.chapter == "areas" and _read_area_line(reading, line, following):
        pass
    elif reading.chapter == "measures" and (item := _ITEM.match(line.text)):
        _expect(reading, line, "measures", len(reading.measures) + 1, int(item[1]))
        reading.text = [item[2]]
        reading.measures.append(reading.text)
    elif reading.text is not None:
        reading.text.append(line.text)
    else:
        reading.left.append(line)


def _read_area_line(reading: _Reading, line: DocumentLine, following: str) -> bool:
    """Whether the line is one of an area's own kinds; then it has been placed."""
    if found := _AREA.match(line.text):
        _expect(reading, line, "areas", len(reading.areas) + 1, chinese_number(found[1]))
        reading.areas.append(_Area(found[2], line.number))
        reading.text = None
        return True
    if not reading.areas:
        return False
    area = reading.areas[-1]
    if found := _GOAL.match(line.text):
        reading.text = _part(area, line).goal
    elif found := _NAMES.match(line.text):
        reading.text = _part(area, line).names
    elif (found := _ITEM.match(line.text)) and (_GOAL.match(following) or not _open(area)):
        _expect(reading, line, area.name, sum(part.name is not None for part in area.parts) + 1, int(found[1]))
        area.parts.append(_Part(found[2], line.number))
        reading.text = None
        return True
    else:
        return False
    reading.text += [found[1]] if found[1] else []
    return True


def _part(area: _Area, line: DocumentLine) -> _Part:
    """The area's last part; an area without sub-areas has one without a name."""
    if not area.parts:
        area.parts.append(_Part(None, line.number))
    return area.parts[-1]


def _open(area: _Area) -> bool:
    """Whether the last part has its goal but still waits for its indicator names: a numbered line is then its text."""
    return bool(area.parts) and bool(area.parts[-1].goal) and not area.parts[-1].names


def _expect(reading: _Reading, line: DocumentLine, place: str, expected: int, found: int) -> None:
    if expected != found:
        reading.notes.append(
            ExtractionNote("numbering", line.number, {"place": place, "expected": expected, "found": found})
        )


def _area_record(area: _Area) -> dict[str, Any]:
    return {
        "name": area.name,
        "parts": [
            {"name": part.name, "goal": "\n".join(part.goal) or None, "indicators": names_of("".join(part.names))}
            for part in area.parts
        ],
    }


def _missing(record: dict[str, Any], reading: _Reading) -> Iterator[ExtractionNote]:
    """Chapters and parts of areas that the document lacks."""
    for section in ("overall", "areas", "measures"):
        if not record[section]:
            yield ExtractionNote("missing_section", None, {"section": section})
    for area in reading.areas:
        if not area.parts:
            yield ExtractionNote("missing_field", area.line, {"place": area.name, "field": "parts"})
        for part in area.parts:
            absent = [key for key, value in (("goal", part.goal), ("indicators", part.names)) if not value]
            yield from (
                ExtractionNote("missing_field", part.line, {"place": part.name or area.name, "field": key})
                for key in absent
            )
