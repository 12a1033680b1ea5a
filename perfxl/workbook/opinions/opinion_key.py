"""意见码: by what a line of 审核意见 is known again when it comes back, whatever its number, row or sheet's name.

It stands in a hidden column: letters over project, check and field, from which neither can be read.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from perfxl.finding import REMARK, Finding
from perfxl.form.answers import without_rows
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.reading.rows import KEY
from perfxl.workbook.sheet.identity import PRINTED


@dataclass(frozen=True)
class OpinionKey:
    """A line's key. ``codes``: one for each field concerned, so that what is left of a line is known again.

    ``about``: over what is said; ``held``: of a remark, over what its cell held when it was made, else empty; ``seal``:
    over all this and the decision beside it, empty where there is none: a decision without it is not believed.
    """

    codes: tuple[str, ...]
    about: str
    held: str = ""
    seal: str = ""

    def __str__(self) -> str:
        return f"{' '.join(self.codes)}|{self.about}|{self.held}|{self.seal}"

    def sealed(self, decision: str) -> OpinionKey:
        """The key with the seal of this decision; without one where there is none."""
        return replace(self, seal=letters("decision", *self.codes, self.about, self.held, decision) if decision else "")


_WRITTEN = re.compile(r"([A-Z2-7]{8}(?: [A-Z2-7]{8})*)\|([A-Z2-7]{8})\|([A-Z2-7]{8})?\|([A-Z2-7]{8})?")


def parse_key(text: str) -> OpinionKey | None:
    """A key read back; None where the text is none."""
    found = _WRITTEN.fullmatch(text.strip())
    return OpinionKey(tuple(found[1].split()), found[2], found[3] or "", found[4] or "") if found else None


def letters(*texts: str) -> str:
    """Eight letters over some texts, the same on every machine."""
    return base64.b32encode(hashlib.blake2b("\x1f".join(texts).encode(), digest_size=5).digest()).decode()


def finding_codes(reading: Reading, finding: Finding) -> tuple[str, ...]:
    """The codes of one finding on this sheet."""
    if finding.code == REMARK:
        what = str(finding.facts["what"]).strip()
        places = finding.fields or (str(finding.facts.get("cell", "")),)
        return (field_code(reading, places[0], REMARK, what),)
    fields = finding.fields or ("",)
    return tuple(dict.fromkeys(field_code(reading, path, finding.code) for path in fields))


def field_code(reading: Reading, path: str, *about: str) -> str:
    """The code of one field: its row by the row's key, which stays with it when rows are added or sorted."""
    return letters(_project(reading), _place(reading, path), *about)


def cell_letters(reading: Reading, place: Place | None) -> str:
    """Letters over what a cell holds, white space aside."""
    value = reading.located.sheet.value(*place) if place else None
    return letters("" if value is None else "".join(str(value).split()))


def words_letters(words: Sequence[str]) -> str:
    """Letters over what is said."""
    return letters("about", *words)


def _project(reading: Reading) -> str:
    """A sheet's form, year, unit and number; neither its draft nor what people may change."""
    located = reading.located
    found = PRINTED.search(located.recognised.printed)
    return f"{located.form.name}|{'-'.join(found.group(1, 2, 3)) if found else located.sheet.name}"


def _place(reading: Reading, path: str) -> str:
    if "[" in path and (cell := parse_range(reading.submission.places.get(path, ""))):
        key = reading.located.sheet.text(cell.row, reading.located.marks.key_column)
        if KEY.fullmatch(key):
            return f"{without_rows(path)}@{key}"
    return path
