"""Citations in the basis of an indicator: document numbers (清政办〔2022〕18号) and titles in 《》."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from perfxl.form.characters import in_half_width, squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.subject import Subject

_OPEN, _SHUT = r"[【\[(（［〔]", r"[】\])）］〕]"
_YEAR = r"((?:19|20)\d\d)"
_LOOSE = late_pattern(
    rf"(?<=[\u4e00-\u9fff])\s*"
    rf"(?:{_OPEN}\s*{_YEAR}\s*(?:年\s*)?{_SHUT}\s*(?:第\s*)?(\d+)|{_YEAR}\s*{_OPEN}\s*(\d+)\s*{_SHUT})\s*号"
)
_AGENCY = late_pattern(r"(?:依据|根据|按照)?([\u4e00-\u9fff]{1,6}?)$")
_NUMBER = late_pattern(r"([\u4e00-\u9fff]{0,12})〔((?:19|20)\d\d)〕(\d+)号")
_AGENCY_BEFORE = late_pattern(r"[\u4e00-\u9fff]+$")
_BEFORE = late_pattern(r"依据|根据|按照?|参照|以及|及|和|与|见")
FIRST_YEAR = 1949
"""The year before which no document in force was issued."""
TITLE = late_pattern(r"《([^《》]+)》")
"""Matches a title; its group is the title without the marks."""
_TITLES = late_pattern(r"《[^》]*》")


class Document(NamedTuple):
    """A document number: the issuing agency, the year and the serial; ``str()`` gives its one correct spelling."""

    agency: str
    year: int
    serial: str

    def __str__(self) -> str:
        return f"{self.agency}〔{self.year}〕{self.serial}号"


def without_titles(text: str) -> str:
    """Return a text without its titles in 《》, of which one that is not closed is none."""
    if "》" not in text:
        return text
    closed = text.rfind("》") + 1  # behind it, each 《 would be followed to the end of the text in vain
    return _TITLES.sub("", text[:closed]) + text[closed:]


@lru_cache(maxsize=4096)
def documents(text: str) -> tuple[Document, ...]:
    """Return the document numbers in a text, whatever brackets they are typed with."""
    if "号" not in text:
        return ()
    numbers = _NUMBER.findall(in_form(squeeze(text)))
    return tuple(Document(_BEFORE.split(agency)[-1], int(year), serial) for agency, year, serial in numbers)


def cited(subject: Subject) -> dict[Document, tuple[str, ...]]:
    """Return each document that the record's texts cite, with the paths of these texts."""
    citations: dict[Document, list[str]] = {}
    for path, text in subject.texts:
        for document in documents(text):
            citations.setdefault(document, []).append(path)
    return {document: tuple(dict.fromkeys(paths)) for document, paths in citations.items()}


class CitedNumber(NamedTuple):
    """A document number as it is typed: where it begins in a text, with its agency, and ends; its year and serial."""

    start: int
    end: int
    year: int
    serial: str


def find_numbers(text: str) -> Iterator[CitedNumber]:
    """Yield each document number in a text, whatever brackets it is typed with."""
    half = in_half_width(text) if "号" in text else ""
    for number in _LOOSE.finditer(half):
        agency = _AGENCY_BEFORE.search(half, max(0, number.start() - 6), number.start())
        words = _BEFORE.split(agency[0])[-1] if agency else ""
        start = number.start() - len(words)
        yield CitedNumber(start, number.end(), int(number[1] or number[3]), number[2] or number[4])


def in_form(text: str) -> str:
    """Return a text with its document numbers in the correct form, 〔2022〕18号."""
    return _in_form(text) if "号" in text else text


@lru_cache(maxsize=2048)  # several checks look at the form, and the projects of a unit rest on the same documents
def _in_form(text: str) -> str:
    return _LOOSE.sub(_corrected_number, text)


def _corrected_number(match: re.Match[str]) -> str:
    """Return the correct form of a number matched by ``_LOOSE``."""
    return f"〔{match[1] or match[3]}〕{match[2] or match[4]}号"


def first_correction(text: str) -> tuple[str, str]:
    """Return the first document number that is not in the correct form, with its agency, and its correct form.

    The text must contain such a number.
    """
    number = next(match for match in _LOOSE.finditer(text) if match[0] != _corrected_number(match))
    before = _AGENCY.search(text[: number.start()])
    agency = before[1] if before else ""
    return agency + number[0].strip(), agency + _corrected_number(number)
