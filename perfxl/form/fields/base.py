"""A kind of answer: what a cell lets in, how it is read, how it is written.

One class a kind, one file a class; ``perfxl.form.fields`` finds them by name. Laws, tested for every
kind: what the validation lets in is understood, and ``read(show(value)).value == value``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple


class Raw(NamedTuple):
    """What one cell holds, as it came.

    ``value``: None (blank), a text, a number (float or int) or a bool; an error value such as
    ``#REF!`` comes as its text with ``error`` true. ``format`` is the cell's number format code.
    ``epoch``: 1900, or 1904 where the workbook counts its days from 1904-01-01 (``date1904``).
    """

    value: str | float | int | bool | None
    format: str = "General"
    error: bool = False
    epoch: int = 1900


class Understood(NamedTuple):
    """What a cell was taken to mean.

    ``value``: the JSON value for the record; None for blank; **the raw text, verbatim,** where it
    cannot be understood. ``how``: the tolerances that were needed, words of ``HOW`` in the order of
    use, empty where the cell was spelled as perfxl spells it. ``problem``: empty, or why it could
    not be understood: a key ``problem.<word>`` of a language's ``kinds.yaml``.
    """

    value: Any
    how: tuple[str, ...] = ()
    problem: str = ""


HOW = (
    "trimmed",  # white space or characters without width around the text, line breaks in it
    "apostrophe",  # '538.69: the sign by which Excel is told that a text follows, typed or pasted as text
    "full_width",  # full-width digits, signs, ideographic spaces
    "thousands",  # 1,234.00
    "punctuation",  # 538.69。
    "unit",  # a unit typed in a number cell: 538.69万元, or converted from 元
    "percent_sign",  # 25% typed as text
    "percent_points",  # 25 in a cell that holds fractions
    "percent_fraction",  # 0.25 in a cell without percent format
    "number_as_text",  # a text of digits in a number cell, or a number in a text cell
    "logical",  # TRUE in a text cell, or for 是
    "date",  # a date serial, or another spelling of a date
    "synonym",  # a list entry under another of its names
    "operator",  # >= for ≥, 不低于 for ≥
    "numbering",  # items numbered otherwise than 1. 2. 3., an entry with a number before it
    # by the place, not by the kind: words of the reader
    "beside",  # in a cell beside its own, of a merge that was split
    "joined",  # of several cells one below the other
    "by_class",  # a level 1 by the level 2 beside it
)


ValueType = Literal["number", "percent", "date", "text", "items", "logical"]
"""What an expression may take a value for."""


@dataclass(frozen=True)
class Validation:
    """What Excel lets into the cell (ECMA-376 part 1, 18.3.1.32), as values.

    ``kind``: decimal and whole: ``minimum``…``maximum``; percent: a fraction of these, or from 2 on points, so that
    101 % is refused though 1.01 points would not be; text_length: at most ``maximum``
    characters; date: ``minimum``…``maximum`` as ISO dates; list: any of the entries of the list
    that the caller names (the kind knows the entries, the workbook their place).
    """

    kind: Literal["decimal", "percent", "whole", "text_length", "date", "list"]
    minimum: float | str | None = None
    maximum: float | str | None = None


@dataclass(frozen=True)
class Kind:
    """Base of every kind of answer; its dataclass fields are the options a form may give.

    ``name`` is the word in form.yaml; ``value_type`` what its values are in expressions; ``free_text``: it holds words
    of a person's own, which checks of texts judge; ``number_format`` the Excel number format of its cells; ``align``
    how it stands in them.
    """

    name: ClassVar[str] = ""
    value_type: ClassVar[ValueType] = "text"
    free_text: ClassVar[bool] = False
    number_format: ClassVar[str] = "@"
    align: ClassVar[Literal["left", "center"]] = "left"
    example: str | None = field(default=None, kw_only=True)

    def read(self, raw: Raw) -> Understood:
        """Understands every spelling people use; never raises."""
        raise NotImplementedError

    def show(self, value: Any) -> str | float | int | None:
        """The one spelling perfxl writes into the cell for a record's value.

        A value of the wrong type (an unreadable answer kept verbatim) is shown as its text.
        """
        raise NotImplementedError

    def validation(self) -> Validation | None:
        """What Excel is told to let in; None only where there is nothing to refuse."""
        raise NotImplementedError

    def drop_down(self) -> tuple[str, ...]:
        """The entries of its drop-down list; none for an answer that is typed."""
        return ()

    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of the record's value."""
        raise NotImplementedError

    def facts(self) -> Mapping[str, Any]:
        """The values that the sentences about this kind need (``describe.<name>``, ``refusal.<name>``)."""
        return {}
