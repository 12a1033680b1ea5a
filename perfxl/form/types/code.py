"""A code that follows a scheme, such as a project code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from perfxl.form import code_scheme
from perfxl.form.types.base import AnswerType, Raw, Understood, Validation
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import clean_text, verbatim


@dataclass(frozen=True)
class Code(AnswerType):
    """A code; ``scheme`` names the file in templates/codes that describes it.

    The shape and the check character are judged by the rules, not here. Codes hold no white space and no full-width
    characters, so both are put right on reading. Upper and lower case are left alone: changing them is a correction to
    propose (``code_scheme.propose``).
    """

    name: ClassVar[str] = "code"
    align: ClassVar[Literal["left", "center"]] = "center"
    scheme: str = ""
    max_length: int = 40

    def __post_init__(self) -> None:
        if self.scheme:
            object.__setattr__(self, "max_length", code_scheme.load(self.scheme).length)

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as a code, without white space and full-width characters."""
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text, how = clean_text(whole.value)
        bare = "".join(text.split())
        if bare != text:
            how = ("trimmed", *how)
        return Understood(bare, tuple(dict.fromkeys((*whole.how, *how))))

    def show(self, value: Any) -> str | None:
        """Return what is written into the cell for a record's value."""
        return text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("text_length", maximum=self.max_length)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        pattern = {"pattern": code_scheme.load(self.scheme).pattern} if self.scheme else {}
        return {"type": "string", "maxLength": self.max_length, **pattern}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"max_length": self.max_length, "scheme": self.scheme}
