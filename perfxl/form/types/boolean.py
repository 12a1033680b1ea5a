"""Yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from perfxl.form.languages import words_for_yes_and_no
from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.number import is_number, text_or_none
from perfxl.form.types.number_format import nature, shown_text
from perfxl.form.types.spelling import clean_text, is_blank, is_error_text, unreadable, without_ending

_BOXES = ("☑", "☐")
_YES = frozenset(("有", "对", "真", "y", "t", "true", "√", "✓", "✔", "✅", "☑", "☒", "1"))
_NO = frozenset(("无", "没有", "不是", "错", "假", "n", "f", "false", "☐", "□", "○", "0"))
# A cross in a box ticks it; beside a question it says no to some people and yes to others.
_CROSSES = frozenset(("x", "×", "✗", "✘", "✕", "✖", "❌", "╳"))
_TICKED = frozenset(("■", "●", "v")) | _CROSSES
_LOGICAL = frozenset(("true", "false", "1", "0"))


@dataclass(frozen=True)
class Boolean(AnswerType):
    """Yes or no: true or false in the record, one of two words in the cell, or a box that is ticked or not.

    ``style``: ``word`` or ``box``; ``words``: the words for yes and no in the language of the workbook. These, and
    those of every known language, are read whatever the language is. A cross (×, x) ticks a box; as a word it may
    mean no or yes, so it is not understood.
    """

    name: ClassVar[str] = "boolean"
    value_type: ClassVar[ValueType] = "logical"
    align: ClassVar[Literal["left", "center"]] = "center"
    style: Literal["word", "box"] = "word"
    words: tuple[str, ...] = field(default=("是", "否"), metadata={"internal": True})

    @property
    def truth_words(self) -> tuple[str, ...]:
        """What stands in the cell for yes and for no."""
        return _BOXES if self.style == "box" else self.words

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as yes or no."""
        if raw.error:
            return unreadable(raw, "error_value")
        if is_blank(raw):
            return Understood(None)
        if isinstance(raw.value, bool):
            return Understood(raw.value, ("logical",))
        if problem := nature(raw).problem:
            return unreadable(raw, problem)
        text = raw.value if isinstance(raw.value, str) else shown_text(raw)
        if text in self.truth_words and isinstance(raw.value, str):
            return Understood(text == self.truth_words[0])
        return self._read_text(raw, text)

    def _read_text(self, raw: Raw, text: str) -> Understood:
        """Interpret ``text``, which is the content of the cell or the number in it as the cell shows it."""
        half, cleaned = clean_text(text)
        ended = without_ending(half)
        how = (*cleaned, "punctuation") if ended != half else cleaned
        word = ended.casefold()
        own = [clean_text(known)[0].casefold() for known in self.truth_words]
        if ended in self.truth_words and isinstance(raw.value, str):
            return Understood(ended == self.truth_words[0], how)
        spelled = (*how, "logical" if word in _LOGICAL or is_number(raw.value) else "synonym")
        if word in own:
            return Understood(word == own[0], spelled)
        yes, no = words_for_yes_and_no()
        if word in _YES or word in yes or (self.style == "box" and word in _TICKED):
            return Understood(True, spelled)
        if word in _NO or word in no:
            return Understood(False, spelled)
        if word in _CROSSES:
            return unreadable(raw, "cross_for_word")
        return unreadable(raw, "error_value" if is_error_text(text) else "not_yes_or_no")

    def show(self, value: Any) -> str | None:
        """Return the word or the box for true and false; any other value as its text."""
        return self.truth_words[0 if value else 1] if isinstance(value, bool) else text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("list")

    def limits(self) -> AnswerLimits:
        """Return no limits: the record holds true or false, not an entry of the list."""
        return AnswerLimits()

    def drop_down(self) -> tuple[str, ...]:
        """Return the word for yes and the word for no."""
        return self.truth_words

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "boolean"}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        yes, no = self.truth_words
        return {"style": self.style, "yes": yes, "no": no}


@dataclass(frozen=True)
class Tick(Boolean):
    """A box that is ticked for an entry of a list, or blank: an empty box says no more than an empty cell."""

    style: Literal["word", "box"] = "box"

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as ticked or blank."""
        understood = super().read(raw)
        return understood._replace(value=None) if understood.value is False else understood
