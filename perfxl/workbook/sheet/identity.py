"""Who a sheet is: the identity that is written in five places, its printed code, and the row keys salted by it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, NamedTuple

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
        whole = (self.form, self.version, self.year, self.unit, self.draft, self.number, self.project)
        return f"{body}-{check_letter('|'.join(map(str, whole)))}"

    @cached_property
    def mark(self) -> str:
        """The corner mark and the sheet's hidden name: enough to know the form without anything else."""
        return f"px|{self.form}|{self.version}|{self.printed}"

    def key(self, row: int) -> str:
        """The 行码 of a sheet's row (from 1): two digits and a letter salted by the identity."""
        return row_key(self.printed, row)

    def dumps(self, given: Mapping[str, Any] | None = None, sent: Mapping[str, str] | None = None) -> str:
        """The identity, what the form went out with and how it was sent, as one text for the hidden sheet."""
        whole: dict[str, Any] = asdict(self)
        whole |= {word: held for word, held in (("given", given), ("sent", sent)) if held is not None}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


class Known(NamedTuple):
    """What the hidden sheet knows of a sheet: who it is, its given values, how it was sent (phase, office, phone)."""

    identity: Identity
    given: dict[str, Any]
    sent: dict[str, str]


def parse_known(text: str) -> Known | None:
    """What the hidden sheet's text says; None where it is none. Files from before ``sent`` have none."""
    try:
        whole = json.loads(text)
        if "\\u" in text:
            json.dumps(whole, ensure_ascii=False).encode()  # half of a surrogate pair is a ValueError
        given, sent = whole.pop("given", {}), whole.pop("sent", {})
        identity = Identity(**whole)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    if not _sound(identity) or not isinstance(given, dict) or not isinstance(sent, dict):
        return None
    return Known(identity, given, {word: held for word, held in sent.items() if isinstance(held, str)})


def _sound(identity: Identity) -> bool:
    texts = (identity.form, identity.version, identity.unit, identity.project)
    numbers = (identity.year, identity.draft, identity.number)
    return all(isinstance(text, str) for text in texts) and all(type(number) is int for number in numbers)


def check_letter(text: str) -> str:
    """The check letter of a text: CRC-32 modulo 21. The same on every machine, on every day."""
    return LETTERS[zlib.crc32(text.encode()) % len(LETTERS)]


def row_key(printed: str, row: int) -> str:
    """The 行码 of a sheet's row (from 1), by the sheet's printed code."""
    return f"{row:02d}{check_letter(f'{printed}|{row}')}"


def is_own_key(key: str, printed: str) -> bool:
    """Whether a row key is one of the sheet with this printed code."""
    return key == row_key(printed, int(key[:2]))


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
