"""What a basis cites: document numbers (清政办〔2022〕18号), titles in 《》, articles of a law."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from perfxl.budget.basis.bs03_document_number import in_form
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

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
