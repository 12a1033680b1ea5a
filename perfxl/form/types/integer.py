"""A whole number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from perfxl.form.types.base import AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.number import decimal, is_number, text_or_none, whole_or_float
from perfxl.form.types.spelling import as_typed, is_blank, number_of, unreadable


@dataclass(frozen=True)
class Integer(AnswerType):
    """A count from ``minimum`` to ``maximum``; ``unit`` may be typed behind it (45个, 45 pieces)."""

    name: ClassVar[str] = "integer"
    value_type: ClassVar[ValueType] = "number"
    number_format: ClassVar[str] = "0"
    align: ClassVar[Literal["left", "center"]] = "center"
    minimum: int = 0
    maximum: int = 999_999_999
    unit: str = ""

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as a whole number, with the unit behind it or without."""
        if is_blank(raw) and not raw.error:
            return Understood(None)
        result = number_of(raw, {as_typed(self.unit): Decimal(1)} if self.unit else {}, None, self.signs)
        if isinstance(result, str):
            return unreadable(raw, result)
        number, how = result
        if number != number.to_integral_value():
            return unreadable(raw, "not_whole")
        return Understood(int(number), how)

    def show(self, value: Any) -> str | int | float | None:
        """Return the number to write; any other value as its text."""
        return whole_or_float(decimal(value)) if is_number(value) else text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("whole", float(self.minimum), float(self.maximum))

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "integer"}  # beyond its bounds it is read and found

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"minimum": self.minimum, "maximum": self.maximum, "unit": self.unit}
