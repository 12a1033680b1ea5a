"""An answer that is several entries of a list, in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, ClassVar, Literal, NamedTuple

from perfxl.form.characters import trim_text
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import AnswerLimits, Raw, Understood, Validation, ValueType
from perfxl.form.types.choice import Choice
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import unify_line_ends, verbatim

TICKED, UNTICKED = "☑", "☐"
"""The boxes that perfxl writes before an entry that is chosen, and before one that is not."""

MOST_COMBINED = 4
"""The most entries of which the drop-down list offers every combination."""

_BOX = late_pattern(r"(?P<ticked>[☑☒✓✔√■●◉🗹]|\[[xX√✓]\])|[☐□○◯◻▢]|\[ ?\]")
_SIGNS = (", ", "; ", " | ", " + ", " // ")
_CHINESE_SIGNS = ("、", "；", "，", " | ", " // ")
_BETWEEN = r"\s*[、，,；;|/+\n]\s*|\s+"
_CHINESE = late_pattern(r"[\u3400-\u9fff]")


class Chosen(NamedTuple):
    """The entries that a text names, in the order of the list, and the pieces of it that are no entries."""

    entries: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Choices(Choice):
    """Several entries of a list. The value is a list of entries, in the order of the form's list.

    ``style``: the entries that are chosen, joined by ``separator`` (``joined``), or all entries, each behind a box
    (``boxes``: ``☑train ☐plane``), or each in a cell of its own (``columns``, see ``form/ticks``). Without a separator
    、 or a comma is taken, or a sign that is part of no entry. All ways of writing are read whatever the style is, and
    other signs between entries, too. Where no more than four entries are there, the drop-down list offers every
    combination of them; otherwise single entries, and others may be typed. A text of which a piece is no entry is kept
    verbatim. ``max_items`` is stated and judged on return.
    """

    option: ClassVar[str] = "multiple"
    value_type: ClassVar[ValueType] = "items"
    align: ClassVar[Literal["left", "center"]] = "left"

    @property
    def ticks(self) -> tuple[str, ...]:
        """The entries, where each has a cell of its own."""
        return self.entries if self.style == "columns" else ()

    @cached_property
    def sign(self) -> str:
        """The sign between entries."""
        shown = "".join(self.listed.show_all(self.entries))
        signs = _CHINESE_SIGNS if _CHINESE.search(shown) else _SIGNS
        return self.separator or next((sign for sign in signs if sign.strip() not in shown), signs[0])

    @cached_property
    def _between(self) -> re.Pattern[str]:
        """What stands between entries."""
        return re.compile(f"({re.escape(self.sign)}|{_BETWEEN})")

    def read(self, raw: Raw) -> Understood:
        """Return the entries that the cell names; its text with the problem ``not_in_list`` where a piece is none."""
        whole = verbatim(raw)
        if whole.value is None or whole.problem or not self.entries:
            return whole
        text: str = whole.value
        chosen = self.split(text)
        if chosen.others:
            return Understood(text, whole.how, "not_in_list")
        value = list(chosen.entries) or None
        same = self.show(value) == text
        return Understood(value, whole.how if same else (*whole.how, "entries"))

    def split(self, text: str) -> Chosen:
        """Return the entries that a text names, and the pieces of it that are none."""
        entries: list[str] = []
        others: list[str] = []
        for piece in _split_boxes(unify_line_ends(text)):
            for part, entry in self._parts(piece.text):
                if entry is None:
                    others.append(part)
                elif piece.chosen:
                    entries.append(entry)
        return Chosen(tuple(entry for entry in self.entries if entry in entries), tuple(dict.fromkeys(others)))

    def _parts(self, text: str) -> Iterator[tuple[str, str | None]]:
        """Yield the parts of a text in which entries are joined, each with its entry, None where it is no entry.

        As much as possible is taken for one entry, since entries may hold the signs that stand between them. Words that
        are no entries are one part.
        """
        pieces = self._between.split(trim_text(text))
        words, at = [*pieces[::2]], 0
        other = ""
        while at < len(words):
            lengths = range(min(len(words) - at, self._longest), 0, -1)
            tried = ((length, "".join(pieces[2 * at : 2 * (at + length) - 1])) for length in lengths)
            found = next(((length, part, entry) for length, part in tried if (entry := self._entry(part))), None)
            if found:
                if other:
                    yield other, None
                length, part, entry = found
                yield part, entry
                other, at = "", at + length
                continue
            spaced = other and pieces[2 * at - 1].isspace()
            if other and words[at] and not spaced:
                yield other, None
                other = ""
            other = f"{other}{pieces[2 * at - 1]}{words[at]}" if spaced else other or words[at]
            at += 1
        if other:
            yield other, None

    @cached_property
    def _longest(self) -> int:
        """The most words that an entry has, with the signs that may stand between entries taken for ends of words."""
        return max((len(self._between.split(self.listed.show(entry))) // 2 + 1 for entry in self.entries), default=1)

    def _entry(self, text: str) -> str | None:
        """Return the entry that a text names; None where it names none."""
        if not text.strip():
            return None
        understood = Choice.read(self, Raw(text))
        return None if understood.problem else understood.value

    def show(self, value: Any) -> str | None:
        """Return the entries as the text of one cell, those that are not in the list at the end."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            return text_or_none(value)
        chosen = [str(entry) for entry in value]
        if not chosen:
            return None
        others = [entry for entry in chosen if entry not in self.entries]
        if self.style == "boxes":
            boxes = [(TICKED if entry in chosen else UNTICKED, self.listed.show(entry)) for entry in self.entries]
            return " ".join(f"{box}{entry}" for box, entry in (*boxes, *((TICKED, entry) for entry in others)))
        return self.sign.join([*self.listed.show_all(entry for entry in self.entries if entry in chosen), *others])

    def limits(self) -> AnswerLimits:
        """Return the entries, and how many of them there may be."""
        return replace(super().limits(), max_items=self.max_items)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel: a list, which is open where it does not have all combinations."""
        return Validation("list", open=not self.combined)

    @property
    def combined(self) -> bool:
        """True if the drop-down list offers every combination of entries."""
        return len(self.entries) <= MOST_COMBINED and not self.within

    @cached_property
    def _offered(self) -> tuple[str, ...]:
        """What the drop-down list offers: the combinations where there are few entries, else the entries."""
        if not self.combined:
            return self.listed.show_all(self.entries)
        sizes = range(1, len(self.entries) + 1)
        return tuple(str(self.show(chosen)) for size in sizes for chosen in combinations(self.entries, size))

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        most = {} if self.max_items is None else {"maxItems": self.max_items}
        return {"type": "array", "items": dict(super().schema()), "minItems": 1, "uniqueItems": True, **most}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        own = {"sign": self.sign.strip(), "combined": self.combined, "ticks": bool(self.ticks)}
        return {**super().facts(), **own, "max_items": self.max_items}


class _Piece(NamedTuple):
    """A piece of a text. ``chosen``: it is not behind an empty box."""

    text: str
    chosen: bool


def _split_boxes(text: str) -> Iterator[_Piece]:
    """Yield the pieces of a text at its boxes; the whole text where there are none. A tick alone is a piece itself.

    The boxes stand before the entries or, where the text begins with an entry and ends with a box, behind them.
    """
    boxes = list(_BOX.finditer(text))
    starts, ends = [0, *(box.end() for box in boxes)], [*(box.start() for box in boxes), len(text)]
    pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    behind = bool(boxes and pieces[0].strip() and not pieces[-1].strip())
    if not behind:
        yield _Piece(pieces.pop(0), True)
    for piece, box in zip(pieces, boxes, strict=False):
        ticked = bool(box["ticked"])
        yield _Piece(piece if piece.strip() or not ticked else box[0], ticked)
