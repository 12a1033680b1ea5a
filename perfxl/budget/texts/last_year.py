"""Last year in the texts of a project: document numbers and amounts of money; project names without them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from perfxl.budget.texts.citation import find_numbers
from perfxl.form.characters import in_half_width
from perfxl.form.last_year import LastYear, OldPiece, without_years
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.money import IN_YUAN
from perfxl.rules.policy import default_policy

_UNITS = "|".join(sorted((unit for unit in IN_YUAN if unit.isalpha() and len(unit) > 1), key=len, reverse=True))
_NUMBER = r"(?<![\d.])(?<!\d,)(\d[\d,]*(?:\.\d+)?)"
_AMOUNT = late_pattern(rf"{_NUMBER}\s*({_UNITS}|元|圆)(?:/[\u4e00-\u9fff])*")
_NUMERALS = "一二两三四五六七八九十百千万亿零〇"
_WRITTEN = late_pattern(rf"(?<![{_NUMERALS}])[{_NUMERALS[:11]}][{_NUMERALS}]+元整?")  # not 一元化, 二元结构
_BARE = late_pattern(rf"{_NUMBER}(?![\d%.])")
_LARGE = 10_000
"""The least whole number without a unit that is taken for an amount; a smaller one may count anything."""


class ProjectTexts:
    """Reads the texts of projects of last year."""

    def plain_name(self, name: str) -> str:
        """Return a project's name without years, document numbers, white space and signs."""
        for start, end, *_ in reversed([*find_numbers(name)]):
            name = f"{name[:start]} {name[end:]}"
        return without_years(name)

    def core(self, name: str) -> str:
        """Return a plain name without the ending that project names have: 防汛物资储备 of 防汛物资储备经费."""
        return _core(name)

    def find(self, text: str, last: LastYear) -> Iterator[OldPiece]:
        """Yield the document numbers of last year and of the name that the project had, and every amount of money."""
        former, now = ({(found.year, found.serial) for found in find_numbers(name)} for name in last.names)
        for found in find_numbers(text):
            if found.year in last.years or (found.year, found.serial) in former - now:
                yield OldPiece(found.start, found.end, "document")
        half = in_half_width(text)
        yield from (OldPiece(*written.span(), "amount") for written in _WRITTEN.finditer(half))
        for amount in _AMOUNT.finditer(half):
            value = _number(amount[1]) * IN_YUAN[amount[2]]
            same = any(value == yuan for _, yuan in last.amounts)
            yield OldPiece(*amount.span(), "same_amount" if same else "amount")
        for bare in _BARE.finditer(half):
            value = _number(bare[1])
            if (value >= _LARGE or "." in bare[1]) and any(value in both for both in last.amounts):
                yield OldPiece(*bare.span(), "same_amount")


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@lru_cache(maxsize=4096)
def _core(name: str) -> str:
    """Return a name without its endings, as long as two characters stay."""
    endings = default_policy().words["project_endings"]
    while ending := next((one for one in endings if name.endswith(one) and len(name) > len(one) + 1), ""):
        name = name.removesuffix(ending)
    return name


LAST_YEAR = ProjectTexts()
