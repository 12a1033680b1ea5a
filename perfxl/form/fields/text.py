"""A line of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from perfxl.form.fields.base import Kind, Raw, Understood, Validation
from perfxl.form.fields.spelling import text_or_none, verbatim


@dataclass(frozen=True)
class Text(Kind):
    """A name, a description, a basis; at most ``max_length`` characters. Kept as typed, spaces and all."""

    name: ClassVar[str] = "text"
    free_text: ClassVar[bool] = True
    max_length: int = 200

    def read(self, raw: Raw) -> Understood:
        return verbatim(raw)

    def show(self, value: Any) -> str | None:
        return text_or_none(value)

    def validation(self) -> Validation:
        return Validation("text_length", maximum=self.max_length)

    def schema(self) -> Mapping[str, Any]:
        return {"type": "string", "maxLength": self.max_length}

    def facts(self) -> Mapping[str, Any]:
        return {"max_length": self.max_length}
