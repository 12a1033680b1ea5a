"""Part 1 of a published document: the unit's overall goal, its areas, its measures.

A line is one of: a chapter (一、总体绩效目标), an area (（一）、…), a sub-area (1、…), a goal
(绩效目标：…), indicator names (绩效指标：…), a numbered measure, or the continuation of the line
above it. Numbers are dropped, and a gap in them is noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from perfxl.budget.documents.content import (
    DocumentLine,
    DocumentPlace,
    ExtractionNote,
    UnplacedLine,
    compact,
    unplaced,
)
from perfxl.form.types.spelling import numeral

_DIGITS = "一二三四五六七八九十百"
_CHAPTER = re.compile(rf"^(?:[{_DIGITS}]+、)?(.*?)(绩效目标|目标|措施)$")
_AREA = re.compile(rf"^[（(]([{_DIGITS}]+)[）)][、.．]?\s*(.+)$")
_ITEM = re.compile(r"^(\d{1,2})[、.．](?!\d)\s*(.+)$")
_GOAL = re.compile(r"^绩效目标\s*[：:]\s*(.*)$")
_NAMES = re.compile(r"^绩效指标\s*[：:]\s*(.*)$")
_OTHER_CHAPTER = re.compile(rf"^[{_DIGITS}]+、[^。；;，,]{{2,30}}(?:目标|措施|情况|说明)$")
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
    """A part of an area while it is read: a sub-area, or the only, nameless part of an area without sub-areas."""

    name: str | None
    place: DocumentPlace
    goal: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass
class _Area:
    """An area while it is read."""

    name: str
    place: DocumentPlace
    parts: list[_Part] = field(default_factory=list)


@dataclass
class _Reading:
    """The state of reading: the texts read so far, and the place of the next line."""

    chapter: str = ""
    overall: list[str] = field(default_factory=list)
    areas: list[_Area] = field(default_factory=list)
    measures: list[list[str]] = field(default_factory=list)
    text: list[str] | None = None  # the text that a continuation line is added to
    left: list[DocumentLine] = field(default_factory=list)
    notes: list[ExtractionNote] = field(default_factory=list)


def department_of(
    lines: Sequence[DocumentLine],
) -> tuple[dict[str, Any], tuple[UnplacedLine, ...], tuple[ExtractionNote, ...]]:
    """Return the department's goals from the lines of Part 1, the lines that found no place, and notes."""
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
    """Return ``overall``, ``areas`` or ``measures`` for the heading of a chapter, else None."""
    match = _CHAPTER.match(compact(text))
    return _CHAPTERS.get(match[1]) if match else None


def names_of(text: str) -> list[str]:
    """Return the indicator names of one line, split at ；, or at 、 if there is no ；; a 。 at the end is dropped."""
    separator = r"[；;]" if re.search(r"[；;]", text) else "、"
    names = (name.strip() for name in re.split(separator, text.strip().removesuffix("。")))
    return [name for name in names if name]


def _read(reading: _Reading, line: DocumentLine, following: str) -> None:
    """Put one line in its place; ``following`` is the text of the line after it."""
    heading = chapter(line.text)
    if heading:
        reading.chapter = heading
        reading.text = reading.overall if heading == "overall" else None
    elif _OTHER_CHAPTER.match(line.text):  # of another layout: what it holds is no part of the chapter above
        reading.chapter, reading.text = "", None
        reading.left.append(line)
    elif reading.chapter == "areas" and _read_area_line(reading, line, following):
        pass
    elif reading.chapter == "measures" and (item := _ITEM.match(line.text)):
        _note_gap(reading, line, "工作保障措施", len(reading.measures) + 1, int(item[1]))
        reading.text = [item[2]]
        reading.measures.append(reading.text)
    elif reading.text is not None:
        reading.text.append(line.text)
    else:
        reading.left.append(line)


def _read_area_line(reading: _Reading, line: DocumentLine, following: str) -> bool:
    """Place a line of an area (its heading, a sub-area, a goal, indicator names); return False for any other line."""
    if match := _AREA.match(line.text):
        _note_gap(reading, line, "分项绩效目标", len(reading.areas) + 1, int(numeral(match[1]) or 0))
        reading.areas.append(_Area(match[2], line.place))
        reading.text = None
        return True
    if not reading.areas:
        return False
    area = reading.areas[-1]
    if match := _GOAL.match(line.text):
        reading.text = _last_part(area, line).goal
    elif match := _NAMES.match(line.text):
        reading.text = _last_part(area, line).names
    elif (match := _ITEM.match(line.text)) and (_GOAL.match(following) or not _awaits_names(area)):
        _note_gap(reading, line, area.name, sum(part.name is not None for part in area.parts) + 1, int(match[1]))
        area.parts.append(_Part(match[2], line.place))
        reading.text = None
        return True
    else:
        return False
    reading.text += [match[1]] if match[1] else []
    return True


def _last_part(area: _Area, line: DocumentLine) -> _Part:
    """Return the area's last part; an area without sub-areas gets one without a name."""
    if not area.parts:
        area.parts.append(_Part(None, line.place))
    return area.parts[-1]


def _awaits_names(area: _Area) -> bool:
    """Return True if the last part has a goal but no indicator names yet: a numbered line then belongs to the goal."""
    return bool(area.parts) and bool(area.parts[-1].goal) and not area.parts[-1].names


def _note_gap(reading: _Reading, line: DocumentLine, place: str, expected: int, found: int) -> None:
    """Note a number of the document that is not the expected one."""
    if expected != found:
        reading.notes.append(
            ExtractionNote("numbering", line.place, {"place": place, "expected": expected, "found": found})
        )


def _area_record(area: _Area) -> dict[str, Any]:
    """Return the record of an area that has been read."""
    return {
        "name": area.name,
        "parts": [
            {
                "name": part.name,
                "goal": "\n".join(part.goal) or None,
                "indicators": names_of("".join(part.names)),
                "projects": None,  # documents do not say which projects serve a part
            }
            for part in area.parts
        ],
    }


def _missing(record: dict[str, Any], reading: _Reading) -> Iterator[ExtractionNote]:
    """Yield a note for each chapter, and each goal or list of indicators of an area, that the document lacks."""
    for section in ("overall", "areas", "measures"):
        if not record[section]:
            yield ExtractionNote("missing_section", None, {"section": section})
    for area in reading.areas:
        if not area.parts:
            yield ExtractionNote("missing_field", area.place, {"place": area.name, "field": "areas.parts.goal"})
        for part in area.parts:
            absent = [key for key, value in (("goal", part.goal), ("indicators", part.names)) if not value]
            yield from (
                ExtractionNote(
                    "missing_field", part.place, {"place": part.name or area.name, "field": f"areas.parts.{key}"}
                )
                for key in absent
            )
