"""A line of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from perfxl.form.types.base import AnswerType, Raw, Understood, Validation
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import verbatim


@dataclass(frozen=True)
class Text(AnswerType):
    """A short text such as a name, a description or a legal basis, of at most ``max_length`` characters.

    Kept as typed, with its spaces.
    """

    name: ClassVar[str] = "text"
    free_text: ClassVar[bool] = True
    max_length: int = 200

    def read(self, raw: Raw) -> Understood:
        """Return the text as it was typed."""
        return verbatim(raw)

    def show(self, value: Any) -> str | None:
        """Return what is written into the cell for a record's value."""
        return text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("text_length", maximum=self.max_length)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "maxLength": self.max_length}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"max_length": self.max_length}
