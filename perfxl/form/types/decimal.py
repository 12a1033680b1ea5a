"""A number with decimals: hours, kilometres, hectares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal as Exact
from typing import Any, ClassVar, Literal

from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.number import bounds_as_texts, decimal, is_number, text_or_none, whole_or_float
from perfxl.form.types.spelling import as_typed, is_blank, number_of, unreadable

_FARTHEST = 10**12
"""How far from zero a number without limits may lie: far enough for any count, and it keeps out what is a code."""


@dataclass(frozen=True)
class Decimal(AnswerType):
    """A number with up to ``decimals`` digits after the point; ``unit`` may be typed behind it (12.5 km).

    It may be negative unless there is a ``minimum``. The sheet shows ``decimals`` digits; the record keeps all that
    were typed, a whole number without a point.
    """

    name: ClassVar[str] = "decimal"
    value_type: ClassVar[ValueType] = "number"
    number_format: ClassVar[str] = "#,##0.00"
    align: ClassVar[Literal["left", "center"]] = "center"
    decimals: int = 2
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        # As in the kind money, an option decides the format.
        object.__setattr__(self, "number_format", "#,##0" + ("." + "0" * self.decimals if self.decimals > 0 else ""))

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as a number, with the unit behind it or without."""
        if is_blank(raw) and not raw.error:
            return Understood(None)
        result = number_of(raw, {as_typed(self.unit): Exact(1)} if self.unit else {}, None, self.signs)
        if isinstance(result, str):
            return unreadable(raw, result)
        number, how = result
        return Understood(whole_or_float(number), how)

    def show(self, value: Any) -> str | int | float | None:
        """Return the number to write; any other value as its text."""
        return whole_or_float(decimal(value)) if is_number(value) else text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        least = -_FARTHEST if self.minimum is None else self.minimum
        return Validation("decimal", float(least), float(_FARTHEST if self.maximum is None else self.maximum))

    def limits(self) -> AnswerLimits:
        """Return the limits of the number: those of the validation, and its decimals."""
        return replace(super().limits(), decimals=self.decimals)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "number"}  # beyond its bounds it is read and found

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {**bounds_as_texts(self.minimum, self.maximum, self.signs), "decimals": self.decimals, "unit": self.unit}
