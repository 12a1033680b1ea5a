"""Who a sheet is: the identity that is written in five places, its printed code, and the row keys salted by it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

LETTERS = "ABCDEFGHJKLMNPQRTUWXY"
"""Check letters: no I O S V Z, which are read as 1 0 5 U 2 (GB 32100-2015, 4.1). 21 letters, a letter each digit
never prints: a check digit would make ``090`` of row 9."""

PROPERTY = "perfxl"
"""The custom document property, and in lower case the prefix of every name: ``px.``"""

BOOK_NAME = "px.book"
SHEET_NAME = "px.id"


@dataclass(frozen=True)
class Identity:
    """What a sheet answers to. ``number`` and ``project`` are 0 and empty on a unit's own form."""

    form: str
    version: str
    year: int
    unit: str
    draft: int
    number: int = 0
    project: str = ""

    @cached_property
    def printed(self) -> str:
        """The 识别码 on paper: year – unit – project number – draft – check letter over the whole identity."""
        body = f"{self.year % 100:02d}-{self.unit}-{self.number:02d}-{self.draft}"
        return f"{body}-{letter('|'.join(str(value) for value in asdict(self).values()))}"

    @cached_property
    def mark(self) -> str:
        """The corner mark and the sheet's hidden name: enough to know the form without anything else."""
        return f"px|{self.form}|{self.version}|{self.printed}"

    def key(self, row: int) -> str:
        """The 行码 of a sheet's row (from 1): two digits and a letter salted by the identity."""
        return f"{row:02d}{letter(f'{self.printed}|{row}')}"

    def dumps(self, given: Mapping[str, Any] | None = None) -> str:
        """The identity, and what the form went out with, as one text for the hidden sheet."""
        whole: dict[str, Any] = asdict(self)
        if given is not None:
            whole["given"] = given
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> tuple[Identity, dict[str, Any]] | None:
    """The identity and the given values out of the hidden sheet's text; None where it is none."""
    try:
        whole = json.loads(text)
        if "\\u" in text:
            json.dumps(whole, ensure_ascii=False).encode()  # half of a surrogate pair is a ValueError
        given = whole.pop("given", {})
        identity = Identity(**whole)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return (identity, given) if _sound(identity) and isinstance(given, dict) else None


def _sound(identity: Identity) -> bool:
    texts = (identity.form, identity.version, identity.unit, identity.project)
    numbers = (identity.year, identity.draft, identity.number)
    return all(isinstance(text, str) for text in texts) and all(type(number) is int for number in numbers)


def letter(text: str) -> str:
    """The check letter of a text: CRC-32 modulo 21. The same on every machine, on every day."""
    return LETTERS[zlib.crc32(text.encode()) % len(LETTERS)]


@dataclass(frozen=True)
class Mark:
    """A mark read back: the form, its version and the printed code."""

    form: str
    version: str
    printed: str


def parse_mark(text: str) -> Mark | None:
    """The corner mark or hidden name read back; None where the text is none."""
    parts = text.split("|")
    return Mark(*parts[1:]) if len(parts) == 4 and parts[0] == "px" else None


PRINTED = re.compile(r"(\d\d)-([0-9A-Za-z]+)-(\d\d+)-(\d+)-([A-Z])")
"""The printed code: year, unit, number, draft, letter."""
