"""The identity of a sheet, which is written in five places, its printed code, and the row keys derived from it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, NamedTuple

from perfxl.workbook.sheet.carried import CarriedText
from perfxl.workbook.sheet.given_rows import GivenRows

LETTERS = "ABCDEFGHJKLMNPQRTUWXY"
"""The 21 check letters: no I O S V Z, which are misread as 1 0 5 U 2 (GB 32100-2015, 4.1).

A letter, which no digit can be mistaken for: with a check digit, row 9 could get the key ``090``."""

PHASES: Mapping[str, str] = {"一上": "A", "一下": "B", "二上": "C", "二下": "D", "三上": "E", "三下": "F"}
"""The letter of each phase in the printed code; a round may give letters of its own to others."""

OTHER_PHASE = "X"
"""The letter of a phase that has none of its own."""

PROPERTY = "perfxl"
"""The name of the custom document property, and in lower case the prefix of every defined name (``px.``)."""

BOOK_NAME = "px.book"
SHEET_NAME = "px.id"


@dataclass(frozen=True)
class Identity:
    """The identity of a sheet. ``number`` and ``project`` are 0 and empty on a unit's own form.

    ``unit`` is the code of the unit, or the name of one that has no code; ``number`` and ``project`` are the number and
    the code of the project; ``phase`` is the phase in words and ``letter`` its letter in the printed code, both empty
    on sheets that were issued before there were letters; ``issue`` are the issue values as the printed code has them,
    empty where the form has none, and on sheets that were issued before they stood in it.
    """

    form: str
    version: str
    year: int
    unit: str
    draft: int
    number: int = 0
    project: str = ""
    phase: str = ""
    letter: str = ""
    issue: str = ""

    @cached_property
    def printed(self) -> str:
        """The 识别码 (identification code) as printed: year-unit-project number-phase letter and draft-check letter.

        Issue values stand before the check letter, which covers the whole identity; without a phase letter the code is
        the one of older sheets.
        """
        body = f"{self.year % 100:02d}-{unit_sign(self.unit)}-{self.number:02d}-{self.letter}{self.draft}"
        body += f"-{self.issue}" if self.issue else ""
        issued = [self.phase, self.letter] if self.letter else []
        issued += [self.issue] if self.issue else []
        whole = (self.form, self.version, self.year, self.unit, self.draft, self.number, self.project, *issued)
        return f"{body}-{check_letter('|'.join(map(str, whole)))}"

    @cached_property
    def mark(self) -> str:
        """The text of the corner mark and of the sheet's hidden name, which identifies the form by itself."""
        return f"px|{self.form}|{self.version}|{self.printed}"

    def key(self, row: int) -> str:
        """Return the 行码 (row key) of a row, counted from 1: its number and a letter salted by the identity."""
        return row_key(self.printed, row)

    def dumps(self, given: Mapping[str, Any] | None = None, sent: Mapping[str, str] | None = None) -> str:
        """Return the text for the hidden sheet: the identity, the values sent out and the sending data, as JSON.

        ``given``: the given values that the form was sent out with; ``sent``: how it was sent (office, phone).
        """
        whole: dict[str, Any] = {key: value for key, value in asdict(self).items() if key != "issue" or value}
        whole |= {key: values for key, values in (("given", given), ("sent", sent)) if values is not None}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


class Known(NamedTuple):
    """The content of the hidden sheet about one form sheet: its identity, given values, and how it was sent.

    ``rows``: the given values in the rows of its tables; ``carried``: last year's texts that it goes out with.
    """

    identity: Identity
    given: dict[str, Any]
    sent: dict[str, str]
    rows: tuple[GivenRows, ...] = ()
    carried: tuple[CarriedText, ...] = ()


def parse_known(text: str) -> Known | None:
    """Return the content of the hidden sheet's text, or None if the text is not of this kind.

    Older files have no ``sent``, which the result then has empty, or have the phase in it and not in the identity.
    """
    try:
        whole = json.loads(text)
        if "\\u" in text:
            json.dumps(whole, ensure_ascii=False).encode()  # a lone surrogate raises a ValueError
        given, sent = whole.pop("given", {}), whole.pop("sent", {})
        identity = Identity(**whole)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    if not _has_valid_types(identity) or not isinstance(given, dict) or not isinstance(sent, dict):
        return None
    return Known(identity, given, {key: text for key, text in sent.items() if isinstance(text, str)})


def _has_valid_types(identity: Identity) -> bool:
    """Return whether the members of an identity that was read have the right types."""
    texts = (
        identity.form, identity.version, identity.unit, identity.project, identity.phase, identity.letter,
        identity.issue,
    )  # fmt: skip
    numbers = (identity.year, identity.draft, identity.number)
    return all(isinstance(text, str) for text in texts) and all(type(number) is int for number in numbers)


def letter_of(phase: str) -> str:
    """Return the letter of a phase; none for no phase."""
    return PHASES.get(phase.strip(), OTHER_PHASE) if phase.strip() else ""


def phase_of(letter: str) -> str:
    """Return the phase that has a letter; empty where perfxl knows of none."""
    return next((phase for phase, own in PHASES.items() if own == letter), "")


def unit_sign(unit: str) -> str:
    """Return a unit as its printed code has it: its own code, or a sign for one that is no word of letters and digits.

    Such are a name, and a code that is long or has other characters, which might be taken for parts of the mark.
    """
    return unit if _PLAIN_CODE.fullmatch(unit) else f"x{zlib.crc32(unit.encode()):08X}"


def unit_of_sign(sign: str) -> str:
    """Return the code of the unit that a printed code names; empty where it has only a sign for it."""
    return sign if _PLAIN_CODE.fullmatch(sign) else ""


_PLAIN_CODE = re.compile("(?!x[0-9A-F]{8}$)[0-9A-Za-z]{1,40}")


def issue_sign(values: Iterable[object]) -> str:
    """Return issue values as a printed code has them: short words of letters and digits, of any other a sign."""
    texts = map(str, values)
    return ".".join(
        text if _PLAIN_VALUE.fullmatch(text) else f"x{zlib.crc32(text.encode()) & 0xFFFF:04X}" for text in texts
    )


def values_of_sign(sign: str) -> tuple[str | int | None, ...]:
    """Return the issue values that a printed code names; None for one of which it has only a sign."""
    plain = (text if _PLAIN_VALUE.fullmatch(text) else None for text in sign.split(".")) if sign else ()
    return tuple(int(text) if text and _WHOLE.fullmatch(text) else text for text in plain)


_PLAIN_VALUE = re.compile("(?!x[0-9A-F]{4}$)[0-9A-Za-z]{1,8}")
_WHOLE = re.compile("0|[1-9][0-9]*")


def check_letter(text: str) -> str:
    """Return the check letter of a text: CRC-32 modulo 21, the same on every machine and every day."""
    return LETTERS[zlib.crc32(text.encode()) % len(LETTERS)]


def row_key(printed: str, row: int) -> str:
    """Return the 行码 of a row, counted from 1, of the sheet with this printed code: two to four digits and a letter.

    The key of a row is the same however many rows the sheet has, so that keys stay while a table grows.
    """
    return f"{row:02d}{check_letter(f'{printed}|{row}')}"


def is_own_key(key: str, printed: str) -> bool:
    """Return whether a row key belongs to the sheet with this printed code."""
    return key == row_key(printed, key_number(key))


def key_number(key: str) -> int:
    """Return the number of the row, counted from 1, that a row key names."""
    return int(key[:-1])


@dataclass(frozen=True)
class Mark:
    """A mark that was read: the form, its version and the printed code."""

    form: str
    version: str
    printed: str


def parse_mark(text: str) -> Mark | None:
    """Return the mark that a corner mark or hidden name holds, or None if the text is not a mark."""
    parts = text.split("|")
    return Mark(*parts[1:]) if len(parts) == 4 and parts[0] == "px" else None


PRINTED = re.compile(
    r"(?P<year>\d\d)-(?P<unit>[0-9A-Za-z]+)-(?P<number>\d\d+)-(?P<letter>[A-Z]?)(?P<draft>\d+)-"
    r"((?P<issue>[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)-)?(?P<check>[A-Z])"
)
"""The pattern of the printed code; those of older sheets have no letter of the phase, and no issue values."""
