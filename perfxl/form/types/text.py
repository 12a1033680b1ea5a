"""A line of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, Validation
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import verbatim
from perfxl.form.types.text_format import FORMATS, FormatName, read_format


@dataclass(frozen=True)
class Text(AnswerType):
    """A short text such as a name, a description or a legal basis, of at most ``max_length`` characters.

    Kept as typed, with its spaces. With a ``format`` it has one spelling (an IBAN without spaces), and is kept as typed
    where it does not have the format. ``shown``: of an answer that is calculated, what its cell shows for a text in
    the language of the workbook.
    """

    name: ClassVar[str] = "text"
    free_text: ClassVar[bool] = True
    max_length: int = 200
    format: FormatName | None = None
    shown: Mapping[str, str] = field(default_factory=dict, hash=False, kw_only=True, metadata={"internal": True})

    def __post_init__(self) -> None:
        if self.format:
            # A class variable, since the other texts are people's own words; here an option decides it.
            object.__setattr__(self, "free_text", False)

    def read(self, raw: Raw) -> Understood:
        """Return the text as it was typed, one with a format in the spelling of the format."""
        found = read_format(self.format, raw) if self.format else verbatim(raw)
        if self.shown and isinstance(found.value, str):
            return found._replace(value=self._by_text.get(found.value.strip(), found.value))
        return found

    @cached_property
    def _by_text(self) -> Mapping[str, str]:
        """What the cell shows for a text → the text."""
        return {text: value for value, text in self.shown.items()}

    def show(self, value: Any) -> str | None:
        """Return what is written into the cell for a record's value."""
        return self.shown.get(value, value) if isinstance(value, str) and value else text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        if self.format:
            return Validation("custom", formula=FORMATS[self.format].formula)
        return Validation("text_length", maximum=self.max_length)

    def limits(self) -> AnswerLimits:
        """Return the limits of the text: its length."""
        return AnswerLimits(max_length=self.max_length)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "maxLength": self.max_length}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        own = FORMATS[self.format].example if self.format else ""
        return {"max_length": self.max_length, "format": self.format or "", "example": self.example or own}
