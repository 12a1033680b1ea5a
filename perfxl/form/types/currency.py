"""Units of money other than 元: any currency of ISO 4217, by ones or by thousands, and the ways people write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from perfxl.form.languages import POINT, NumberSigns
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import Raw
from perfxl.form.types.spelling import as_typed, clean_text, is_error_text, number_in, number_shown

_SIGNS: Mapping[str, str] = {
    "$": "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP NAD JMD FJD BBD BSD BZD GYD LRD SBD SRD TTD XCD",
    "€": "EUR", "£": "GBP EGP FKP GIP LBP SHP SSP SYP", "¥": "CNY JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY",
    "₫": "VND", "₦": "NGN", "₴": "UAH", "฿": "THB", "₪": "ILS", "₱": "PHP", "₸": "KZT", "₵": "GHS", "₡": "CRC",
    "₲": "PYG", "₮": "MNT", "₼": "AZN", "₾": "GEL", "៛": "KHR", "₭": "LAK", "US$": "USD", "A$": "AUD", "C$": "CAD",
    "HK$": "HKD", "NZ$": "NZD", "S$": "SGD", "NT$": "TWD", "R$": "BRL", "FR.": "CHF", "SFR.": "CHF", "ZŁ": "PLN",
    "KČ": "CZK", "KR": "DKK NOK SEK ISK", "KR.": "DKK NOK SEK ISK", "LEI": "RON MDL", "RMB": "CNY", "人民币": "CNY",
    "元": "CNY", "圆": "CNY", "美元": "USD", "欧元": "EUR", "英镑": "GBP", "日元": "JPY", "韩元": "KRW", "港元": "HKD",
    "港币": "HKD", "卢布": "RUB", "瑞士法郎": "CHF", "加元": "CAD", "澳元": "AUD", "DOLLAR": "USD CAD AUD NZD",
    "DOLLARS": "USD CAD AUD NZD", "EURO": "EUR", "EUROS": "EUR", "POUNDS": "GBP", "YEN": "JPY",
}  # fmt: skip
"""The signs and words for currencies, in capital letters; several currencies share some."""

_MULTIPLES: Mapping[str, int] = {
    "": 1, "K": 10**3, "THOUSAND": 10**3, "千": 10**3, "万": 10**4, "百万": 10**6, "MILLION": 10**6, "MILLIONS": 10**6,
    "千万": 10**7, "亿": 10**8, "BILLION": 10**9,
}  # fmt: skip
_BEFORE = late_pattern(
    r"(?P<minus>-?)\s*(?P<name>[^\s\d.,+-][^\s\d,+-]{0,7}(?:\s?[A-Za-z]{1,9})?)\s*(?P<number>[-+]?[.]?\d.*)", re.DOTALL
)


@lru_cache(maxsize=1)
def codes() -> Mapping[str, int]:
    """Return the decimals of each currency of ISO 4217 by its code, such as 2 for EUR and 0 for JPY."""
    import iso4217  # late: most forms count in 元

    return {str(currency.code): currency.exponent or 0 for currency in iso4217.Currency}


class MoneyUnit(NamedTuple):
    """A unit of money: ``factor`` units of a currency, called ``label``, such as US$ thousand."""

    currency: str
    factor: int
    label: str

    @property
    def decimals(self) -> int:
        """The digits after the point that amounts have without a further word: those of the currency."""
        return codes()[self.currency] if self.factor == 1 else 2

    def names(self) -> Mapping[str, Decimal]:
        """Return what may stand around a number, in capital letters, with its factor to this unit.

        A sign that several currencies share is this one's here, and a multiple without a currency counts it.
        """
        return _names(self)


def unit_of(given: str | Mapping[str, Any]) -> MoneyUnit | None:
    """Return the unit that a form names, by its code or with ``currency``, ``factor`` and ``label``.

    None where there is no such currency or a part is none.
    """
    parts = {"currency": given} if isinstance(given, str) else dict(given)
    currency, factor = parts.pop("currency", ""), parts.pop("factor", 1)
    label = parts.pop("label", "")
    if parts or currency not in codes() or not isinstance(factor, int) or factor < 1 or not isinstance(label, str):
        return None
    return MoneyUnit(currency, factor, label or (currency if factor == 1 else f"{currency} {factor:,}"))


@lru_cache(maxsize=64)
def _names(unit: MoneyUnit) -> Mapping[str, Decimal]:
    own = [unit.currency, *(sign for sign, known in _SIGNS.items() if unit.currency in known.split())]
    names = {}
    for multiple, value in _MULTIPLES.items():
        factor = Decimal(value) / unit.factor
        for name in own:
            names[multiple + name] = names[name + multiple] = factor
        if multiple:
            names[multiple] = factor
    return {**names, as_typed(unit.label).upper(): Decimal(1)}


@lru_cache(maxsize=1)
def _all_names() -> frozenset[str]:
    """Return every way to write a currency, with multiples or without."""
    bare = {*codes(), *_SIGNS}
    return frozenset(name for sign in bare for times in _MULTIPLES for name in (times + sign, sign + times))


def amount_of(raw: Raw, unit: MoneyUnit, signs: NumberSigns = POINT) -> tuple[Decimal, tuple[str, ...]] | str:
    """Return the amount that a cell holds, in this unit, with the tolerances that were needed, or the problem.

    The currency may stand before or behind the number (EUR 12.50, 12.50 €), and a multiple with it or alone (12
    thousand). A currency before the number, without a multiple, leaves open what is meant where the unit is not one of
    the currency. Amounts in another currency are never converted. ``signs``: those of the language, by which 12,50 € is
    an amount or is not understood. For cells that are not blank.
    """
    return number_shown(raw, lambda text: _amount_in(text, unit), signs)


def _amount_in(text: str, unit: MoneyUnit) -> tuple[Decimal, tuple[str, ...]] | str:
    """Return the amount that a text states, with the tolerances that were needed, or the problem."""
    half, cleaned = clean_text(text)
    before, bare = "", half
    if (match := _BEFORE.fullmatch(half)) and not (match["minus"] and match["number"][0] in "+-"):
        before, bare = _squeezed(match["name"]), match["minus"] + match["number"]
    parsed = number_in(bare)
    if parsed is None or parsed.currency:
        return "error_value" if is_error_text(text) else "not_a_number"
    if parsed.scientific:
        return "digits_lost"
    how = tuple(dict.fromkeys((*cleaned, *parsed.how)))
    behind = _squeezed(parsed.rest)
    if len(behind) > 2 and behind[0] == "(" and behind[-1] == ")":
        behind = behind[1:-1]
    if not before and not behind:
        return parsed.number, (*how, "number_as_text")
    factor = _factor(before, behind, unit)
    return factor if isinstance(factor, str) else (parsed.number * factor, (*how, "unit"))


def _factor(before: str, behind: str, unit: MoneyUnit) -> Decimal | str:
    """Return the factor of what stands before a number and behind it, or the problem."""
    names = unit.names()
    for name in filter(None, (before, behind)):
        if name not in names:
            return "other_currency" if name in _all_names() else "not_a_number"
    if not before:
        return names[behind]
    if not behind:
        is_bare = names[before] == Decimal(1) / unit.factor
        return "unclear_multiple" if is_bare and unit.factor != 1 else names[before]
    # EUR 12 thousand: the multiple stands once
    one, other = names[before] * unit.factor, names[behind] * unit.factor
    return names[before if other == 1 else behind] if 1 in (one, other) else "not_a_number"


def _squeezed(text: str) -> str:
    """Return a name as the table has it."""
    return as_typed(text).upper()
