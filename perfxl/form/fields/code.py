"""A code that a scheme describes: a project code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from perfxl.form import code_scheme
from perfxl.form.fields.base import Kind, Raw, Understood, Validation
from perfxl.form.fields.spelling import clean_text, text_or_none, verbatim


@dataclass(frozen=True)
class Code(Kind):
    """A code; ``scheme`` names its file in templates/codes. Its shape and check character are for the rules to judge.

    Codes hold no white space and no full-width characters, so both are put right. Case is not
    touched: that is a correction to propose (``code_scheme.propose``).
    """

    name: ClassVar[str] = "code"
    align: ClassVar[Literal["left", "center"]] = "center"
    scheme: str = ""
    max_length: int = 40

    def __post_init__(self) -> None:
        if self.scheme:
            object.__setattr__(self, "max_length", code_scheme.load(self.scheme).length)

    def read(self, raw: Raw) -> Understood:
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text, how = clean_text(whole.value)
        bare = "".join(text.split())
        if bare != text:
            how = ("trimmed", *how)
        return Understood(bare, tuple(dict.fromkeys((*whole.how, *how))))

    def show(self, value: Any) -> str | None:
        return text_or_none(value)

    def validation(self) -> Validation:
        return Validation("text_length", maximum=self.max_length)

    def schema(self) -> Mapping[str, Any]:
        pattern = {"pattern": code_scheme.load(self.scheme).pattern} if self.scheme else {}
        return {"type": "string", "maxLength": self.max_length, **pattern}

    def facts(self) -> Mapping[str, Any]:
        return {"max_length": self.max_length, "scheme": self.scheme}
