"""XP-03: numbers follow each other without a gap: areas （一）（二）, parts and measures 1、2、, points in a text.

A gap shows that something was lost, or inserted without new numbers. Not reported: entries without a number (the sheet
counts them), a single number, numbers in a text that do not begin with the first (第三条, article 3 of a law), and
numbers that begin again (points under each of several headings).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.spelling import numeral
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CHINESE = "一二三四五六七八九十"
_COUNT = rf"[{_CHINESE}]{{1,3}}|\d{{1,2}}"
_MARK = rf"(?:[（(](?P<bracket>{_COUNT})[)）]|(?P<plain>{_COUNT})[、.．](?!\d))"
_BEGIN = late_pattern(rf"\s*{_MARK}")
_INSIDE = late_pattern(rf"(?:^|(?<=[。；;：:\n]))[^\S\n]*{_MARK}")


class _Number(NamedTuple):
    """A number in a text: its path, the number as written, its value, and its style (（一）, 1、 …)."""

    path: str
    text: str
    value: int
    style: str


def check(subject: Subject) -> Iterator[Hit]:
    """Find the first number in each numbering that is out of sequence."""
    for sequence in _sequences(subject):
        at = next((at for at, number in enumerate(sequence) if number.value != at + 1), None)
        if at is not None:
            last = sequence[at - 1].text if at else ""
            yield Hit((sequence[at].path,), {"found": sequence[at].text, "last": last, "expected": at + 1})


def _sequences(subject: Subject) -> Iterator[list[_Number]]:
    """Yield each numbering: two or more numbers of one style that belong together, in their order."""
    record = subject.record
    areas = _list(record.get("areas"))
    yield from _sequences_of_entries((f"areas[{i}].name", _get(area, "name")) for i, area in enumerate(areas))
    for i, area in enumerate(areas):
        parts = _list(_get(area, "parts"))
        yield from _sequences_of_entries(
            (f"areas[{i}].parts[{j}].name", _get(part, "name")) for j, part in enumerate(parts)
        )
    yield from _sequences_of_entries((f"measures[{i}]", text) for i, text in enumerate(_list(record.get("measures"))))
    for path, text in subject.texts:
        if not path.endswith((".name", ".indicators")):
            yield from _sequences_in_text(path, text)


def _sequences_of_entries(texts: Iterator[tuple[str, Any]]) -> Iterator[list[_Number]]:
    """Return the numberings made by the numbers at the beginning of entries, given with their paths."""
    beginnings = ((path, _BEGIN.match(text)) for path, text in texts if isinstance(text, str))
    return _group_by_style([_number(path, match) for path, match in beginnings if match])


def _sequences_in_text(path: str, text: str) -> Iterator[list[_Number]]:
    """Yield the numberings of the points inside a text that begin with the first point."""
    # The number at the beginning of a measure belongs to the numbering of the measures.
    inside = (match for match in _INSIDE.finditer(text) if match.start() or not path.startswith("measures"))
    for numbers in _group_by_style([_number(path, match) for match in inside]):
        yield from _split_at_first(numbers)


def _group_by_style(numbers: list[_Number]) -> Iterator[list[_Number]]:
    """Yield the numbers of each style, where there are two or more of it."""
    for style in dict.fromkeys(number.style for number in numbers):
        same = [number for number in numbers if number.style == style]
        if len(same) > 1:
            yield same


def _split_at_first(numbers: list[_Number]) -> Iterator[list[_Number]]:
    """Yield the runs of numbers that begin with a 1."""
    starts = [at for at, number in enumerate(numbers) if number.value == 1]
    yield from (numbers[start:end] for start, end in zip(starts, [*starts[1:], None], strict=False))


def _number(path: str, match: "re.Match[str]") -> _Number:
    """Return the number that ``_BEGIN`` or ``_INSIDE`` matched."""
    kind = match.lastgroup or ""
    digits = match[kind]
    value = int(digits) if digits.isdecimal() else int(numeral(digits) or 0)
    return _Number(path, match[0].strip(), value, f"{kind} {'digits' if digits.isdecimal() else 'words'}")


def _list(value: Any) -> Sequence[Any]:
    """Return a value that is a list or tuple, else an empty sequence."""
    return value if isinstance(value, (list, tuple)) else ()


def _get(record: Any, key: str) -> Any:
    """Return a record's value for a key, or None if it has none or is no record."""
    return record.get(key) if isinstance(record, Mapping) else None


RULE = Rule(
    code="XP-03",
    severity="error",
    check=check,
    needs=("areas.name", "measures"),
    bad={"measures[0]": "1、压实工作责任。", "measures[1]": "2、健全内控制度。", "measures[2]": "4、跟踪执行进度。"},
    good={"measures[0]": "按《清溪县预算绩效管理办法》规定：（三）跟踪问效；（五）结果应用。"},
)
