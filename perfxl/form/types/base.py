"""The base class of the types of answer: how a cell is validated, read and written.

Every kind is one class in one file; ``perfxl.form.types`` finds it by its name. Two laws are tested for every kind:
it understands everything that its validation lets in, and ``read(show(value)).value == value``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

from perfxl.form.languages import POINT, NumberSigns


class Raw(NamedTuple):
    """The content of one cell, before it is interpreted.

    ``value``: None (blank), a text, a number (float or int) or a bool; an error value such as
    ``#REF!`` comes as its text with ``error`` true. ``format`` is the cell's number format code.
    ``epoch``: 1900, or 1904 where the workbook counts its days from 1904-01-01 (``date1904``).
    """

    value: str | float | int | bool | None
    format: str = "General"
    error: bool = False
    epoch: int = 1900


class Understood(NamedTuple):
    """The interpretation of one cell.

    ``value``: the JSON value for the record; None for blank; **the raw text, verbatim,** where it
    cannot be understood. ``how``: the tolerances that were needed, words of ``HOW`` in the order of
    use, empty where the cell was spelled as perfxl spells it. ``problem``: the reason why the cell could not be
    understood, a key ``problem.<word>`` of a language's ``types.yaml``; empty where it was understood.
    """

    value: Any
    how: tuple[str, ...] = ()
    problem: str = ""


HOW = (
    "trimmed",  # white space around the text, line breaks in it
    "invisible",  # characters in or around the text that show nothing
    "apostrophe",  # '538.69: the apostrophe that marks a text in Excel, typed or pasted as part of the text
    "look_alike",  # characters that show the same as those that people type: ⽣ for 生
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
    "time",  # a fraction of a day, or another spelling of a time of day
    "case",  # gb82 for GB82
    "separators",  # without hyphens, brackets or a prefix that do not belong to a number or an address
    "path",  # a file's name without its folders
    "synonym",  # a list entry under another of its names
    "operator",  # >= for ≥, 不低于 for ≥
    "numbering",  # items numbered otherwise than 1. 2. 3., an entry with a number before it
    "entries",  # entries of a list that are joined or ticked otherwise than perfxl does
    # the following depend on the place of the cell, not on the kind; the reader of sheets adds them
    "beside",  # found in a cell beside its own, after a merge was split
    "joined",  # joined from several cells, one below the other
    "merged",  # the entry of a row above, with which its cell is merged
    "struck_out",  # without the part of the text that is struck out
    "raised",  # with ³ for a raised 3
    "by_class",  # a level 1 that was inferred from the level 2 beside it
)


ValueType = Literal["number", "percent", "date", "time", "text", "items", "logical"]
"""The types that a value can have in an expression."""


@dataclass(frozen=True)
class Validation:
    """The values that Excel lets into the cell (data validation, ECMA-376 part 1, 18.3.1.32).

    ``kind`` decides what the limits mean:

    - decimal and whole: a number from ``minimum`` to ``maximum``;
    - percent: a fraction within these limits (0.25 for 25 %) or, from 2 on, a number of percent points, so that 101 %
      is refused although 1.01 points would be allowed;
    - text_length: at most ``maximum`` characters;
    - date: ``minimum`` to ``maximum``, given as ISO dates;
    - time: ``minimum`` to ``maximum``, given as HH:MM, the last minute to its end;
    - list: any entry of the list that the caller names (the kind knows the entries, the workbook knows their place);
      where it is ``open``, other texts are let in after a word of advice;
    - custom: what ``formula`` is true for, where ``{here}`` stands for the value of the cell. It holds no other braces
      and lets in all that the kind writes; what it lets in besides is found on return.
    """

    kind: Literal["decimal", "percent", "whole", "text_length", "date", "time", "list", "custom"]
    minimum: float | str | None = None
    maximum: float | str | None = None
    formula: str = ""
    open: bool = False


class UnknownOption(Exception):
    """Raised for an unknown kind or option, a missing option, or a value that does not fit an option.

    ``name``: the kind asked for; ``option``: the option, empty where the kind itself is unknown;
    ``allowed``: the existing names or allowed values, or the type in the terms of YAML (``integer``,
    ``text``, ``list``, ``mapping``); ``what``: the problem, one of ``kind``, ``option``, ``value`` and
    ``missing``. The loader of forms knows the line of the definition and turns this into a FormError.
    """

    def __init__(self, name: str, option: str, allowed: tuple[str, ...], what: str) -> None:
        super().__init__(f"{what}: {name} {option}; allowed: {', '.join(allowed)}")
        self.name, self.option, self.allowed, self.what = name, option, allowed, what


@dataclass(frozen=True)
class AnswerLimits:
    """The limits that the value of an answer must keep, as it stands in the record; None where there is no such limit.

    ``minimum``, ``maximum``: a number, an ISO date or HH:MM; ``decimals``: digits after the point; ``max_length``:
    characters in the cell; ``max_items``: the items of a list; ``entries``: the only values there are.
    """

    minimum: float | str | None = None
    maximum: float | str | None = None
    decimals: int | None = None
    max_length: int | None = None
    max_items: int | None = None
    entries: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerType:
    """Base class of every type of answer; its dataclass fields are the options that a form may give.

    ``name``: its name in form.yaml; ``value_type``: the type of its values in expressions; ``free_text``: True where
    people answer in their own words, which the checks of texts judge; ``number_format``: the Excel number format of
    its cells; ``align``: the alignment in them; ``parts``: the parts of a value that expressions may name, with their
    types: ``target.number``; ``units``: the units in such a part that can be converted, each with its dimension and its
    factor; ``option``: the flag by which this class is taken instead of the one that it is made from; ``signs``: those
    by which the language of the workbook writes numbers.
    """

    name: ClassVar[str] = ""
    value_type: ClassVar[ValueType] = "text"
    free_text: ClassVar[bool] = False
    number_format: ClassVar[str] = "@"
    align: ClassVar[Literal["left", "center"]] = "left"
    parts: ClassVar[Mapping[str, ValueType]] = {}
    units: ClassVar[Mapping[str, tuple[str, float]]] = {}
    option: ClassVar[str] = ""
    example: str | None = field(default=None, kw_only=True)
    signs: NumberSigns = field(default=POINT, kw_only=True, metadata={"internal": True})

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell, in any spelling that people use; never raise."""
        raise NotImplementedError

    def show(self, value: Any) -> str | float | int | None:
        """Return what perfxl writes into the cell for a record's value: one spelling for each value.

        A value of the wrong type (an unreadable answer that was kept verbatim) is written as its text.
        """
        raise NotImplementedError

    @property
    def like(self) -> str:
        """The answer beside it in whose unit its number is counted, empty for none."""
        return ""

    def part(self, value: Any, name: str, like: Any = None) -> str | float | None:
        """Return one of the ``parts`` of a record's value, None where it has none.

        ``like``: the value of the answer that ``self.like`` names.
        """
        raise NotImplementedError

    def validation(self) -> Validation | None:
        """Return the validation of the cell in Excel; None only where nothing has to be refused."""
        raise NotImplementedError

    def limits(self) -> AnswerLimits:
        """Return the limits of the value: those of the validation, so that a paste past it is found on return.

        A kind with further limits adds them.
        """
        check = self.validation()
        if check is None or check.kind == "custom":
            return AnswerLimits()
        if check.kind == "list":
            return AnswerLimits(entries=self.drop_down())
        if check.kind == "text_length":
            return AnswerLimits(max_length=int(check.maximum) if check.maximum is not None else None)
        return AnswerLimits(check.minimum, check.maximum)

    @property
    def ticks(self) -> tuple[str, ...]:
        """The entries that have a cell each, in which they are ticked; none for an answer in one cell."""
        return ()

    def drop_down(self) -> tuple[str, ...]:
        """Return the entries of the drop-down list; none for an answer that is typed."""
        return ()

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        raise NotImplementedError

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need (``describe.<name>``, ``refusal.<name>``)."""
        return {}
