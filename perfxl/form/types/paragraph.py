"""A longer text, of several sentences or lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from perfxl.form.types.text import Text
from perfxl.form.types.text_format import FormatName


@dataclass(frozen=True)
class Paragraph(Text):
    """A longer text such as a purpose or an overall goal, of at most ``max_length`` characters.

    Kept as typed, with its line breaks.
    """

    name: ClassVar[str] = "paragraph"
    max_length: int = 1000
    format: FormatName | None = field(default=None, metadata={"internal": True})
