"""What a basis cites: document numbers (清政办〔2022〕18号), titles in 《》, articles of a law."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_OPEN, _SHUT = r"[【\[(（［〔]", r"[】\])）］〕]"
_YEAR = r"((?:19|20)\d\d)"
_LOOSE = re.compile(
    rf"(?<=[\u4e00-\u9fff])\s*(?:{_OPEN}\s*{_YEAR}\s*年?\s*{_SHUT}\s*第?\s*(\d+)|{_YEAR}\s*{_OPEN}\s*(\d+)\s*{_SHUT})\s*号"
)
_AGENCY = re.compile(r"(?:依据|根据|按照)?([\u4e00-\u9fff]{1,6}?)$")
_NUMBER = re.compile(r"([\u4e00-\u9fff]{0,12})〔((?:19|20)\d\d)〕(\d+)号")
_BEFORE = re.compile(r"依据|根据|按照|参照|以及|及|和|与|见")
TITLE = re.compile(r"《([^《》]+)》")


class Document(NamedTuple):
    """A document number: who issued it, in which year, its serial; ``str()`` of it is its one spelling."""

    agency: str
    year: int
    serial: str

    def __str__(self) -> str:
        return f"{self.agency}〔{self.year}〕{self.serial}号"


@lru_cache(maxsize=4096)
def documents(text: str) -> tuple[Document, ...]:
    """The document numbers in a text, however their brackets are typed."""
    if "号" not in text:
        return ()
    found = _NUMBER.findall(in_form(squeeze(text)))
    return tuple(Document(_BEFORE.split(agency)[-1], int(year), serial) for agency, year, serial in found)


def cited(subject: Subject) -> dict[Document, tuple[str, ...]]:
    """Each document that the unit's texts cite, with the paths where."""
    found: dict[Document, list[str]] = {}
    for path, text in subject.texts:
        for each in documents(text):
            found.setdefault(each, []).append(path)
    return {each: tuple(dict.fromkeys(paths)) for each, paths in found.items()}


def in_form(text: str) -> str:
    """A text with its document numbers in form."""
    return _LOOSE.sub(_number, text) if "号" in text else text


def _number(found: re.Match[str]) -> str:
    return f"〔{found[1] or found[3]}〕{found[2] or found[4]}号"


def first_correction(text: str) -> tuple[str, str]:
    """The first number not in form, with its agency, and the same in form."""
    found = next(number for number in _LOOSE.finditer(text) if number[0] != _number(number))
    match = _AGENCY.search(text[: found.start()])
    agency = match[1] if match else ""
    return agency + found[0].strip(), agency + _number(found)
