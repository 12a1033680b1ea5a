"""The opinion key (意见码), by which a line of 审核意见 (review opinions) is recognised when it comes back.

It does not depend on the line's number, its row or the sheet's name. It stands in a hidden column and consists of
letters that are hashed from project, check and field, none of which can be read from it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from perfxl.finding import REMARK, Finding
from perfxl.form.answers import without_rows
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet.identity import PRINTED


@dataclass(frozen=True)
class OpinionKey:
    """The key of a line.

    ``codes``: one for each field concerned, so that a line of which only a part is left is still recognised; ``about``:
    a hash of what the line says; ``held``: for a remark, a hash of what its cell held when it was made, else empty;
    ``seal``: a hash of all these and the decision beside the key, empty where there is none. A decision without a seal
    is not believed.
    """

    codes: tuple[str, ...]
    about: str
    held: str = ""
    seal: str = ""

    def __str__(self) -> str:
        return f"{' '.join(self.codes)}|{self.about}|{self.held}|{self.seal}"

    def sealed(self, decision: str) -> OpinionKey:
        """Return the key with the seal of this decision; an empty decision gives a key without a seal."""
        return replace(self, seal=letters("decision", *self.codes, self.about, self.held, decision) if decision else "")


_WRITTEN = re.compile(r"([A-Z2-7]{8}(?: [A-Z2-7]{8})*)\|([A-Z2-7]{8})\|([A-Z2-7]{8})?\|([A-Z2-7]{8})?")


def parse_key(text: str) -> OpinionKey | None:
    """Return the key that a text spells, or None where it spells none."""
    match = _WRITTEN.fullmatch(text.strip())
    return OpinionKey(tuple(match[1].split()), match[2], match[3] or "", match[4] or "") if match else None


def letters(*texts: str) -> str:
    """Return a hash of some texts: eight letters (base32 of BLAKE2b, 5 bytes), the same on every machine."""
    return base64.b32encode(hashlib.blake2b("\x1f".join(texts).encode(), digest_size=5).digest()).decode()


@dataclass(frozen=True)
class SheetKeys:
    """The parts of a sheet that the keys of its lines are made of: what names its project, its book and its rows.

    ``row_keys``: the keys (行码) by the sheet's rows; ``keys_beside``: by cell, those of tables that stand to the right
    of another; ``places``: the cell of every path.
    """

    project: str
    book: str
    row_keys: Mapping[int, str]
    keys_beside: Mapping[Place, str]
    places: Mapping[str, str]


def sheet_keys(reading: Reading) -> SheetKeys:
    """Return what names a sheet and its rows."""
    located = reading.located
    return SheetKeys(
        project=_project_name(reading),
        book=_book_name(reading),
        row_keys=located.row_keys,
        keys_beside=located.keys_beside,
        places=reading.submission.places,
    )


def finding_codes(keys: SheetKeys, finding: Finding) -> tuple[str, ...]:
    """Return the codes of one finding on a sheet: one for each of its fields; a remark or one on the file has one."""
    if finding.code == REMARK:
        what = str(finding.facts["what"]).strip()
        places = finding.fields or (str(finding.facts.get("cell", "")),)
        return (field_code(keys, places[0], REMARK, what),)
    if finding.of_file:
        return (letters(keys.book, finding.code),)
    fields = finding.fields or ("",)
    return tuple(dict.fromkeys(field_code(keys, path, finding.code) for path in fields))


def field_code(keys: SheetKeys, path: str, *about: str) -> str:
    """Return the code of one field.

    A field of a table is identified by the key of its row, which stays with the row when rows are added or sorted.
    ``about``: further texts that the code depends on, such as the code of the check.
    """
    return letters(keys.project, _stable_path(keys, path), *about)


def cell_letters(reading: Reading, place: Place | None) -> str:
    """Return a hash of what a cell holds, white space left out; of an empty text for no cell."""
    value = reading.located.sheet.value(*place) if place else None
    return letters("" if value is None else "".join(str(value).split()))


def words_letters(words: Sequence[str]) -> str:
    """Return a hash of the words of a line."""
    return letters("about", *words)


def _project_name(reading: Reading) -> str:
    """Return a sheet's form, year, unit and number: not its draft, nor anything that people may change.

    Without a printed code the name of the tab takes the place of year, unit and number.
    """
    located = reading.located
    parts = _printed_parts(located.recognised.printed) or (located.sheet.name,)
    return f"{located.form.name}|{'-'.join(parts)}"


def _book_name(reading: Reading) -> str:
    """Return a workbook's form, year and unit, whichever of its sheets came back."""
    return "|".join((reading.located.form.name, *_printed_parts(reading.located.recognised.printed)[:2]))


@lru_cache(maxsize=64)
def _printed_parts(printed: str) -> tuple[str, ...]:
    """Return the year, the unit and the number of a printed code; nothing where there is none."""
    code = PRINTED.search(printed)
    return code.group("year", "unit", "number") if code else ()


def _stable_path(keys: SheetKeys, path: str) -> str:
    """Return a path with its row number replaced by the key of its row, where the row has one."""
    cell = parse_range(keys.places.get(path, "")) if "[" in path else None
    at = (cell.row, cell.column) if cell else None
    if at and (key := keys.keys_beside.get(at, keys.row_keys.get(at[0], ""))):
        return f"{without_rows(path)}@{key}"
    return path
