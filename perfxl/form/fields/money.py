"""An amount of money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from perfxl.form.fields.base import Kind, Raw, Understood, Validation, ValueType
from perfxl.form.fields.spelling import is_blank, is_number, number_of, text_or_none, unreadable

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
"""What a unit of money is in 元."""


@dataclass(frozen=True)
class Money(Kind):
    """An amount in ``unit``, a float; the sheet shows ``decimals`` digits, the record keeps all that were typed.

    Another unit typed behind the number is converted (80000元 is 8 in 万元); ¥ before it means 元,
    so in a field of 万元 it is not understood (¥538.69?), never guessed.
    """

    name: ClassVar[str] = "money"
    value_type: ClassVar[ValueType] = "number"
    number_format: ClassVar[str] = "#,##0.00"
    align: ClassVar[Literal["left", "center"]] = "center"
    unit: Literal["万元", "元"] = "万元"
    decimals: int = 2

    def __post_init__(self) -> None:
        # A class variable of the base, since nearly every kind has but one; here an option decides it.
        object.__setattr__(self, "number_format", "#,##0" + ("." + "0" * self.decimals if self.decimals > 0 else ""))

    def read(self, raw: Raw) -> Understood:
        if is_blank(raw) and not raw.error:
            return Understood(None)
        one = IN_YUAN[self.unit]
        currency = Decimal(1) if self.unit == "元" else None
        found = number_of(raw, {unit: factor / one for unit, factor in IN_YUAN.items()}, currency)
        if isinstance(found, str):
            return unreadable(raw, found)
        return Understood(float(found[0]), found[1])

    def show(self, value: Any) -> str | float | None:
        return float(value) if is_number(value) else text_or_none(value)

    def validation(self) -> Validation:
        # The upper end is a million million 元, far above any project: it stops a serial or a telephone number.
        return Validation("decimal", 0.0, float(Decimal(10**12) / IN_YUAN[self.unit]))

    def schema(self) -> Mapping[str, Any]:
        return {"type": "number"}

    def facts(self) -> Mapping[str, Any]:
        example = {"万元": "538.69", "元": "5386900"}[self.unit]
        return {"unit": self.unit, "decimals": self.decimals, "example": self.example or example}
