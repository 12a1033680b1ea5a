"""A longer text, of several sentences or lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from perfxl.form.fields.text import Text


@dataclass(frozen=True)
class Paragraph(Text):
    """A purpose, an overall goal; at most ``max_length`` characters. Kept as typed, line breaks and all."""

    name: ClassVar[str] = "paragraph"
    max_length: int = 1000
