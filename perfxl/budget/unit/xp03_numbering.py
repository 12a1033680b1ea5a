"""XP-03: what is numbered is numbered without a gap: areas （一）（二）, parts and measures 1、2、, points in a text.

A gap shows that something was lost, or inserted and not numbered anew. Entries without a number are left alone, the
sheet counts them; so is a single number, and a numbering in a text that does not begin with the first (第三条 of a
law) or begins anew (points under each of several headings).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CHINESE = "一二三四五六七八九十"
_COUNT = rf"[{_CHINESE}]{{1,3}}|\d{{1,2}}"
_MARK = rf"(?:[（(](?P<bracket>{_COUNT})[)）]|(?P<plain>{_COUNT})[、.．](?!\d))"
_BEGIN = re.compile(rf"\s*{_MARK}")
_INSIDE = re.compile(rf"(?:^|(?<=[。；;：:\n]))\s*{_MARK}")


class _Number(NamedTuple):
    """A number as it stands, what it counts, and its manner: （一）, 1、 …"""

    path: str
    text: str
    value: int
    manner: str


def check(subject: Subject) -> Iterator[Hit]:
    for sequence in _sequences(subject):
        at = next((at for at, number in enumerate(sequence) if number.value != at + 1), None)
        if at is not None:
            last = sequence[at - 1].text if at else ""
            yield Hit((sequence[at].path,), {"found": sequence[at].text, "last": last, "expected": at + 1})


def _sequences(subject: Subject) -> Iterator[list[_Number]]:
    """Every run of two or more numbers of one manner that belong together."""
    record = subject.record
    areas = _list(record.get("areas"))
    yield from _by_manner((f"areas[{i}].name", _get(area, "name")) for i, area in enumerate(areas))
    for i, area in enumerate(areas):
        parts = _list(_get(area, "parts"))
        yield from _by_manner((f"areas[{i}].parts[{j}].name", _get(part, "name")) for j, part in enumerate(parts))
    yield from _by_manner((f"measures[{i}]", text) for i, text in enumerate(_list(record.get("measures"))))
    for path, text in subject.texts:
        if not path.endswith((".name", ".indicators")):
            # what begins an entry numbers the entries
            inside = (found for found in _INSIDE.finditer(text) if found.start() or not path.startswith("measures"))
            for sequence in _grouped([_number(path, found) for found in inside]):
                yield from _begun(sequence)


def _by_manner(texts: Iterator[tuple[str, Any]]) -> Iterator[list[_Number]]:
    found = ((path, _BEGIN.match(text)) for path, text in texts if isinstance(text, str))
    return _grouped([_number(path, match) for path, match in found if match])


def _grouped(numbers: list[_Number]) -> Iterator[list[_Number]]:
    for manner in dict.fromkeys(number.manner for number in numbers):
        same = [number for number in numbers if number.manner == manner]
        if len(same) > 1:
            yield same


def _begun(numbers: list[_Number]) -> Iterator[list[_Number]]:
    """The runs of numbers in a text that begin with the first."""
    starts = [at for at, number in enumerate(numbers) if number.value == 1]
    yield from (numbers[start:end] for start, end in zip(starts, [*starts[1:], None], strict=False))


def _number(path: str, found: "re.Match[str]") -> _Number:
    kind = found.lastgroup or ""
    digits = found[kind]
    value = int(digits) if digits.isdecimal() else _counted(digits)
    return _Number(path, found[0].strip(), value, f"{kind} {'digits' if digits.isdecimal() else 'words'}")


def _counted(text: str) -> int:
    """十九 → 19."""
    tens, ten, ones = text.rpartition("十")
    units = _CHINESE.find(ones) + 1 if ones else 0
    return units + ((_CHINESE.find(tens) + 1 if tens else 1) * 10 if ten else 0)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _get(record: Any, key: str) -> Any:
    return record.get(key) if isinstance(record, Mapping) else None


RULE = Rule(
    code="XP-03",
    severity="error",
    check=check,
    needs=("areas.name", "measures"),
    bad={"measures[0]": "1、压实工作责任。", "measures[1]": "2、健全内控制度。", "measures[2]": "4、跟踪执行进度。"},
    good={"measures[0]": "按《清溪县预算绩效管理办法》规定：（三）跟踪问效；（五）结果应用。"},
)
