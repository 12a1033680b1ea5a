"""PL-08: the days that a project names lie in its budget year: another is last year's text, or last year's work.

Left alone: titles in 《》, spans of years that hold the budget year, a base to compare with (较2023年), years that the
project's own name has, years to come outside the outputs (到2030年), and all before in a project carried over.
"""

import re
from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_TITLE = re.compile(r"《[^》]*》")
_CLAUSES = re.compile(r"[,，。;；、\n]")
_DATE = re.compile(r"(?<![\d〔\[(])((?:19|20)\d\d)年(?:度|\d{1,2}月(?:\d{1,2}[日号])?)?")
_SPAN = re.compile(r"((?:19|20)\d\d)年?(?:\d{1,2}月)?[-—–~至到]+((?:19|20)\d\d)年")


def check(subject: Subject) -> Iterator[Hit]:
    year = subject.unit.year
    if not isinstance(year, int):
        return
    name = str(subject.get("name") or "")
    carried_over = any(word in name for word in subject.words("carried_over"))
    outputs = {row.path("target") for row in indicators(subject) if row.pair and row.pair[0].startswith("产出")}
    wrong: dict[str, str] = {}  # path → the first such time in it
    for path, time, found in _times(subject, year, name):
        if (found < year and not carried_over) or (found > year and path in outputs):
            wrong.setdefault(path, time)
    for path, time in wrong.items():
        yield Hit((path,), {"found": time, "year": year})


def _times(subject: Subject, year: int, name: str) -> Iterator[tuple[str, str, int]]:
    """The times that are named as the project's own: where, in its words, and the year."""
    dated = {row.path("target"): row for row in indicators(subject) if row.value and row.value.kind == "date"}
    for path, text in subject.texts:
        if path not in dated and not path.endswith(".basis"):
            yield from ((path, time, found) for time, found in _dates(subject, year, text) if str(found) not in name)
    for path, row in dated.items():
        assert row.value is not None
        if row.value.period[:4].isdigit() and not _mistyped(row):
            yield path, row.text("target"), int(row.value.period[:4])


def _mistyped(row: Indicator) -> bool:
    """Does its class ask for no date? IN-17 says so."""
    return row.pair is not None and row.pair[0].startswith("产出") and not row.belongs("时效")


def _dates(subject: Subject, year: int, text: str) -> Iterator[tuple[str, int]]:
    """The days and years a text names as its own time."""
    if "年" not in text:
        return
    for clause in _CLAUSES.split(_TITLE.sub("", squeeze(text))):
        if any(int(first) <= year <= int(last) for first, last in _SPAN.findall(clause)):
            continue
        if not any(word in clause for word in subject.words("other_years")):
            yield from ((found[0], int(found[1])) for found in _DATE.finditer(clause))


RULE = Rule(
    code="PL-08",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[4].target": "2023年11月"},
    good={"indicators[6].description": "较2023年度考核提高的村民小组长所占比例"},
)
