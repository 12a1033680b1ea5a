"""An amount of money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Literal

from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, UnknownOption, Validation, ValueType
from perfxl.form.types.currency import MoneyUnit, amount_of, unit_of
from perfxl.form.types.number import bounds_as_texts, is_number, spelled, text_or_none
from perfxl.form.types.spelling import is_blank, number_of, unreadable

IN_YUAN: Mapping[str, Decimal] = {
    unit: Decimal(factor)
    for unit, factor in {
        "元": 1,
        "元整": 1,
        "圆": 1,
        "千元": 1000,
        "万": 10**4,
        "万元": 10**4,
        "万元整": 10**4,
        "W": 10**4,
        "w": 10**4,
        "百万元": 10**6,
        "千万元": 10**7,
        "亿": 10**8,
        "亿元": 10**8,
    }.items()
}
"""The value of each unit of money in 元 (yuan)."""


@lru_cache(maxsize=16)  # thousands of cells have the same unit
def _units_in(own: str) -> Mapping[str, Decimal]:
    """Return the value of each unit of money in one of them."""
    return {unit: factor / IN_YUAN[own] for unit, factor in IN_YUAN.items()}


YUAN_UNITS = ("元", "千元", "万元", "亿元")
"""The units of a form that counts in 元; any other is a currency of ISO 4217, see ``currency``."""


@dataclass(frozen=True)
class Money(AnswerType):
    """An amount of money in ``unit``, a float in the record.

    ``unit``: one of ``YUAN_UNITS``, a code of ISO 4217 (EUR), or a mapping with ``currency``, ``factor`` and ``label``
    (US$ thousand). ``decimals``: the digits after the point that the sheet shows, without it 2 for 元 and those of any
    other currency; the record keeps all that were typed. ``minimum``, ``maximum``: without them from 0 to a million
    million.

    Another unit of the same currency typed behind the number is converted (80000元 is 8 in 万元, ten thousand yuan). ¥
    before the number means 元 (yuan), so in a field of 万元 it is not understood (¥538.69 may mean either) and never
    guessed. Another currency is never converted.
    """

    name: ClassVar[str] = "money"
    value_type: ClassVar[ValueType] = "number"
    number_format: ClassVar[str] = "#,##0.00"
    align: ClassVar[Literal["left", "center"]] = "center"
    unit: str | Mapping[str, str | int] = field(default="万元", hash=False)
    decimals: int = -1  # as the currency has them
    minimum: float | None = None
    maximum: float | None = None
    foreign: MoneyUnit | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        foreign = None if self.unit in YUAN_UNITS else unit_of(self.unit)
        if foreign is None and self.unit not in YUAN_UNITS:
            raise UnknownOption(self.name, "unit", _ALLOWED, "value")
        object.__setattr__(self, "foreign", foreign)
        if self.decimals < 0:
            object.__setattr__(self, "decimals", foreign.decimals if foreign else 2)
        # A class variable of the base class, since most kinds have a fixed format; here an option decides it.
        object.__setattr__(self, "number_format", "#,##0" + ("." + "0" * self.decimals if self.decimals > 0 else ""))

    @property
    def label(self) -> str:
        """The unit in words."""
        return self.foreign.label if self.foreign else str(self.unit)

    @property
    def in_yuan(self) -> Decimal | None:
        """The value of the unit in 元; None in another currency."""
        return None if self.foreign else IN_YUAN[self.label]

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as an amount, in the field's ``unit``."""
        if is_blank(raw) and not raw.error:
            return Understood(None)
        result = amount_of(raw, self.foreign, self.signs) if self.foreign else self._yuan_of(raw)
        if isinstance(result, str):
            return unreadable(raw, result)
        amount, how = result
        return Understood(float(amount), how)

    def _yuan_of(self, raw: Raw) -> tuple[Decimal, tuple[str, ...]] | str:
        """Return the amount of a cell in a unit of 元, with the tolerances that were needed, or the problem."""
        currency = Decimal(1) if self.label == "元" else None
        return number_of(raw, _units_in(self.label), currency, self.signs)

    def show(self, value: Any) -> str | float | None:
        """Return the amount as a float; any other value as its text."""
        return float(value) if is_number(value) else text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        # The upper limit is a million million, far above any project: it keeps out a date serial or a phone number.
        factor = Decimal(self.foreign.factor) if self.foreign else IN_YUAN[self.label]
        most = float(Decimal(10**12) / factor)
        least = 0.0 if self.minimum is None else float(self.minimum)
        return Validation("decimal", least, most if self.maximum is None else float(self.maximum))

    def limits(self) -> AnswerLimits:
        """Return the limits of the amount: those of the validation, and its decimals."""
        return replace(super().limits(), decimals=self.decimals)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "number"}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        example = self.example or _EXAMPLES.get(self.label) or f"{1234.5:.{self.decimals}f}"
        bounds = bounds_as_texts(self.minimum, self.maximum, self.signs)
        return {**bounds, "unit": self.label, "decimals": self.decimals, "example": spelled(example, self.signs)}


_ALLOWED = (*YUAN_UNITS, "EUR", "USD", "GBP", "…", "{currency: USD, factor: 1000, label: US$ thousand}")
_EXAMPLES = {"亿元": "1.25", "万元": "538.69", "千元": "5386.90", "元": "5386900"}
