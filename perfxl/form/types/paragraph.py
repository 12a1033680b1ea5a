"""A longer text, of several sentences or lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from perfxl.form.types.text import Text


@dataclass(frozen=True)
class Paragraph(Text):
    """A longer text such as a purpose or an overall goal, of at most ``max_length`` characters.

    Kept as typed, with its line breaks.
    """

    name: ClassVar[str] = "paragraph"
    max_length: int = 1000
    format: Literal["email", "url", "iban", "uuid", "phone", "phone-cn", "uscc", "cn-id"] | None = field(
        default=None, metadata={"internal": True}
    )
