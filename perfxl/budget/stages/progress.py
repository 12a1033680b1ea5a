"""The figures of a stage beside the approved ones: whether a value was reached, by how much, and what cannot be said.

The rules are those of the published notes on 绩效运行监控 (monitoring) and 绩效自评 (self-evaluation): a value
without a sign is a ceiling where it states costs or is 0 (no accident), else one to be reached exactly, which is judged
as one to be reached at least.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from perfxl.budget.indicator import TABLE, taxonomy_of
from perfxl.budget.indicator_value import Value, number_in_unit_of, parse
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.spelling import clean_text
from perfxl.rules.numbers import blank
from perfxl.rules.subject import Subject

State = Literal["number", "date", "word", "blank", "left_out", "unread", "impossible"]
"""What an actual value is: ``left_out``: the row does not apply (不适用); ``unread``: not what the target asks for."""

Word = Literal["met", "partly", "missed"]

LEFT_OUT = "不适用"
_COST = "成本"
"""Stands in the names of the classes of costs, in which a value without a sign is a ceiling."""

GROWTH = ("增长", "增速", "增幅", "提高", "提升", "倍", "超额", "比上年", "较上年", "比去年", "较去年", "同比")
"""The words in the name of an indicator that may be negative, and beyond 100 %; the formulas of the forms have them."""

_DASHES = frozenset("-—–－/\\、.。·")
_FLOWS = frozenset(("count", "length", "area", "volume", "weight", "money", "people"))
"""The dimensions that come together over a year, and so are judged by the months that have passed."""

_DAY_ZERO = datetime.date(1899, 12, 30)
_SERIAL = late_pattern("[34][0-9]{4}")
_PART = late_pattern("[(（]部分[)）]")


@dataclass(frozen=True)
class Row:
    """A row of the indicators, with its target and what became of it.

    ``target``: the meaning of the approved value; ``less``: it is a ceiling; ``state``: what the actual value is;
    ``number``: that in the target's unit; ``word``: its word for a target in words; ``late``: its date is behind that
    of the target; ``fraction``: a percentage was written as a fraction.
    """

    index: int
    cells: Mapping[str, Any]
    target: Value
    less: bool
    state: State
    number: Fraction | None = None
    word: Word | None = None
    late: bool = False
    fraction: bool = False

    def path(self, column: str) -> str:
        """Return the path of one of its cells."""
        return f"{TABLE}[{self.index}].{column}"

    def text(self, column: str) -> str:
        """Return the text of one of its cells, stripped; "" where there is none."""
        value = self.cells.get(column)
        return "" if blank(value) else str(value).strip()

    @property
    def aim(self) -> Fraction | None:
        """The number of the target, None for a target in words or a date."""
        return Fraction(self.target.number) if self.target.kind == "number" and self.target.number is not None else None

    @property
    def is_met(self) -> bool:
        """True where the value was reached, or the ceiling was kept."""
        if self.state == "word":
            return self.word == "met"
        if self.state == "date":
            return not self.late
        if self.number is None or self.aim is None:
            return False
        return self.number <= self.aim if self.less else self.number >= self.aim

    @property
    def is_short(self) -> bool:
        """True where something was found and the value was not reached."""
        return self.state in ("number", "word", "date") and not self.is_met

    def is_ahead(self, percent: Fraction) -> bool:
        """Return True if a value to be reached was passed by more than so many percent of it."""
        if self.number is None or self.aim is None or self.less:
            return False
        return self.number > self.aim * (1 + percent / 100)

    @property
    def is_flow(self) -> bool:
        """True where the target comes together over the year: counts, lengths, areas, weights, amounts."""
        return self.target.dimension in _FLOWS and not self.less


def rows(subject: Subject, column: str = "actual") -> tuple[Row, ...]:
    """Return the rows of a stage's table, with the targets as they were approved.

    ``column``: the one with what was reached.
    """
    return subject.once(_read_rows, column)


def _read_rows(subject: Subject, column: str) -> tuple[Row, ...]:
    table = subject.record.get(TABLE)
    if TABLE not in subject.form.tables or not isinstance(table, (list, tuple)):
        return ()
    classes, issued = taxonomy_of(subject), subject.seen.issued if subject.seen else {}
    found = []
    for index, cells in enumerate(table):
        if not isinstance(cells, Mapping):
            continue
        approved = issued.get(f"{TABLE}[{index}].target")
        cells = cells if blank(approved) else {**cells, "target": approved}
        if blank(cells.get("target")):
            continue
        pair = classes.canonical(*(str(cells.get(level) or "") for level in ("level1", "level2"))) if classes else None
        actual = cells.get(column)
        if subject.seen is not None and not subject.sure(f"{TABLE}[{index}].{column}"):
            actual = None
        found.append(read_row(index, cells, pair[1] if pair else str(cells.get("level2") or ""), actual, subject))
    return tuple(found)


def read_row(index: int, cells: Mapping[str, Any], level2: str, actual: Any, subject: Subject) -> Row:
    """Return a row; ``level2``: its class by its canonical name; ``actual``: what was reached, as it was typed."""
    target = parse(str(cells["target"]).strip())
    text = "" if blank(actual) else str(actual).strip()
    row = Row(index, cells, target, _is_ceiling(target, level2), "blank")
    if not text or set(squeeze(text)) <= _DASHES:
        return row
    if LEFT_OUT in squeeze(text):
        return replace(row, state="left_out")
    if target.kind == "number":
        return _read_number(row, text)
    if target.kind == "date":
        return _read_date(row, text, subject)
    return _read_word(row, text, subject)


def _is_ceiling(target: Value, level2: str) -> bool:
    if target.kind == "date" or target.operator in ("≤", "<"):
        return True
    return target.operator not in ("≥", ">") and (target.number == 0 or _COST in level2)


def read_word(text: str, subject: Subject) -> Word | None:
    """Return which of the three words a text is, by the county's lists; None for none of them.

    The longer ones contain 达成 (met) too, and are looked for first. What takes back that a value was met, such as
    达成（部分未达成）, is none of them.
    """
    plain = squeeze(text)
    words: tuple[Word, ...] = ("missed", "partly", "met")
    for word in words:
        for spelling in subject.words(f"{word}_words"):
            rest = plain.removeprefix(spelling)
            if rest != plain and (not rest or rest.startswith(subject.words("word_tails"))):
                return None if word == "met" and _takes_back(rest, subject) else word
    return None


def _takes_back(rest: str, subject: Subject) -> bool:
    others = (*subject.words("missed_words"), *subject.words("partly_words"))
    return any(other in rest for other in others) or bool(_PART.match(rest))


def _read_word(row: Row, text: str, subject: Subject) -> Row:
    word = read_word(text, subject)
    return replace(row, state="word", word=word) if word else replace(row, state="unread")


def _read_number(row: Row, text: str) -> Row:
    value = parse(text)
    number = number_in_unit_of(value, row.target) if value.kind == "number" else None
    if number is None:
        return replace(row, state="unread")
    percent = row.target.unit == "%"
    fraction = percent and not value.unit and 0 < (value.number or 0) <= 1
    beyond = number < 0 or (percent and number > 100 and (row.aim or 0) <= 100)
    grows = any(word in row.text("level3") for word in GROWTH)
    state: State = "impossible" if beyond and not grows else "number"
    return replace(row, state=state, number=Fraction(number) if state == "number" else None, fraction=fraction)


def _read_date(row: Row, text: str, subject: Subject) -> Row:
    """Return a row whose target is a date; what was not done by then may be told by a word."""
    aim, period = row.target.period, period_of(text)
    if not period:
        return _read_word(row, text, subject)
    aim = _in_year(aim, str(subject.unit.year or ""))
    if aim[:2] == "--":
        period = period if period[:2] == "--" else f"--{period[5:]}"
    else:
        period = _in_year(period, aim[:4])
    late = period[: len(aim)] > aim[: len(period)]
    if not late and period != aim and aim.startswith(period):
        return replace(row, state="unread")  # 2024年 for 2024年11月: nobody can say
    return replace(row, state="date", late=late)


def _in_year(period: str, year: str) -> str:
    """Return a date with a year, where it has none: 11月底 is that of the year it was asked for."""
    return f"{year}{period[1:]}" if period[:2] == "--" and year else period


def period_of(text: str) -> str:
    """Return a date as ISO 8601, as far as it is given; "" for none. A number such as 45261 is a day of Excel's."""
    bare = clean_text(text)[0].strip()
    if _SERIAL.fullmatch(bare):
        return (_DAY_ZERO + datetime.timedelta(days=int(bare))).isoformat()
    slashed = re.fullmatch(r"((?:19|20)[0-9]{2})/([0-9]{1,2})(?:/([0-9]{1,2}))?", bare)
    value = (
        parse("年".join(slashed.groups()[:1]) + f"年{slashed[2]}月" + (f"{slashed[3]}日" if slashed[3] else ""))
        if slashed
        else parse(text)
    )
    return value.period if value.kind == "date" else ""
