"""An amount of money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar, Literal

from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.number import is_number, text_or_none
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


@dataclass(frozen=True)
class Money(AnswerType):
    """An amount of money in ``unit``, a float in the record.

    The sheet shows ``decimals`` digits after the point; the record keeps all that were typed. Another unit typed
    behind the number is converted (80000元 is 8 in 万元, ten thousand yuan). ¥ before the number means 元 (yuan), so in
    a field of 万元 it is not understood (¥538.69 may mean either) and never guessed.
    """

    name: ClassVar[str] = "money"
    value_type: ClassVar[ValueType] = "number"
    number_format: ClassVar[str] = "#,##0.00"
    align: ClassVar[Literal["left", "center"]] = "center"
    unit: Literal["万元", "元"] = "万元"
    decimals: int = 2

    def __post_init__(self) -> None:
        # A class variable of the base class, since most kinds have a fixed format; here an option decides it.
        object.__setattr__(self, "number_format", "#,##0" + ("." + "0" * self.decimals if self.decimals > 0 else ""))

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as an amount, in the field's ``unit``."""
        if is_blank(raw) and not raw.error:
            return Understood(None)
        own_factor = IN_YUAN[self.unit]
        currency = Decimal(1) if self.unit == "元" else None
        result = number_of(raw, {unit: factor / own_factor for unit, factor in IN_YUAN.items()}, currency)
        if isinstance(result, str):
            return unreadable(raw, result)
        amount, how = result
        return Understood(float(amount), how)

    def show(self, value: Any) -> str | float | None:
        """Return the amount as a float; any other value as its text."""
        return float(value) if is_number(value) else text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        # The upper limit is a million million 元, far above any project: it keeps out a date serial or a phone number.
        return Validation("decimal", 0.0, float(Decimal(10**12) / IN_YUAN[self.unit]))

    def limits(self) -> AnswerLimits:
        """Return the limits of the amount: those of the validation, and its decimals."""
        return replace(super().limits(), decimals=self.decimals)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "number"}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        example = {"万元": "538.69", "元": "5386900"}[self.unit]
        return {"unit": self.unit, "decimals": self.decimals, "example": self.example or example}
