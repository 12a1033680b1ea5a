"""The number plate of a car."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from perfxl.form.types.base import AnswerType, Raw, Understood, Validation


@dataclass(frozen=True)
class Plate(AnswerType):
    """A number plate, kept in capitals: 冀A12345."""

    name: ClassVar[str] = "plate"

    def read(self, raw: Raw) -> Understood:
        """Understand it in small letters and with a dot in it, too."""
        if raw.value is None or raw.value == "":
            return Understood(None)
        text = re.sub(r"[\s·.]", "", str(raw.value)).upper()
        if not re.fullmatch(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}", text):
            return Understood(raw.value, (), "not_in_list")
        return Understood(text, () if text == raw.value else ("trimmed",))

    def show(self, value: Any) -> str | None:
        """The plate as it is."""
        return None if value is None else str(value)

    def validation(self) -> Validation:
        """Nothing longer than eight characters."""
        return Validation("text_length", maximum=8)

    def schema(self) -> Mapping[str, Any]:
        """A text."""
        return {"type": "string"}
