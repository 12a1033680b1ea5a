"""PL-08: the dates that a project names lie in its budget year: another one is last year's text, or last year's work.

Not reported: titles in 《》, plans and campaigns called by their years (2018—2020年行动), spans of years that include
the budget year, a base of comparison (较2023年), years that occur in the project's own name, later years outside the
outputs (到2030年), what an earlier year left to pay for (2023年秋季学期), earlier years in a project carried over, and
those long ago, of which the work is (1985年的档案).
A time at the beginning of the next year, when the last bills are paid, is a hint.
"""

from collections.abc import Iterator
from typing import NamedTuple

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.texts.citation import without_titles
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CLAUSES = late_pattern(r"[,，。;；、\n]")
_DATE = late_pattern(r"(?<![\d〔\[(])((?:19|20)\d\d)年(?:度|(\d{1,2})月(?:\d{1,2}[日号])?)?")
_SPAN = late_pattern(r"((?:19|20)\d\d)年?(?:\d{1,2}月)?[-—–~至到]+((?:19|20)\d\d)年")
_NAMED_BY_YEARS = late_pattern(
    r"[(（]?(?:(?:19|20)\d\d年?[-—–~至到]+)?(?:19|20)\d\d年?[)）]?[^,，。;；\d]{0,10}(?:行动|计划|规划|方案|纲要)"
)
_QUOTED = late_pattern(r"[“\"][^”\"]{2,40}[”\"]")
_SETTLING = 3
"""The last month of the next year in which the bills of this one are paid."""


class _Named(NamedTuple):
    """A time that a text names as its own: the path, the time in the project's words, its year and month (0: none)."""

    path: str
    time: str
    year: int
    month: int


def check(subject: Subject) -> Iterator[Hit]:
    """Find dates and years in a project's texts that lie outside its budget year."""
    year = subject.unit.year
    if not isinstance(year, int):
        return
    name = str(subject.get("name") or "")
    carried_over = any(word in name for word in subject.words("carried_over"))
    outputs = {row.path("target") for row in indicators(subject) if row.pair and row.pair[0].startswith("产出")}
    wrong: dict[str, _Named] = {}  # path → the first such time in it
    for named in _named_times(subject, year, name):
        if (named.year < year and not carried_over) or (named.year > year and named.path in outputs):
            wrong.setdefault(named.path, named)
    for path, named in wrong.items():
        settling = named.year == year + 1 and 0 < named.month <= _SETTLING
        yield Hit(
            (path,), {"found": named.time, "year": year, "settling": settling}, None, "hint" if settling else None
        )


def _named_times(subject: Subject, year: int, name: str) -> Iterator[_Named]:
    """Yield each time that a project names as its own."""
    rows = {row.path("target"): row for row in indicators(subject) if row.value}
    dated = {path: row for path, row in rows.items() if row.value and row.value.kind == "date"}
    for path, text in subject.texts:
        if "年" in text and path not in dated and not path.endswith(".basis"):
            due = path in rows and rows[path].belongs("时效")
            named = list(_dates(subject, year, text, due))
            foreign = {time.year for time in named if str(time.year) not in name}
            yield from (time._replace(path=path) for time in named if time.year in foreign)
    for path, row in dated.items():
        assert row.value is not None
        period = row.value.period
        if period[:4].isdigit() and not _has_wrong_kind(row):
            yield _Named(path, row.text("target"), int(period[:4]), int(period[5:7] or 0))


def _has_wrong_kind(row: Indicator) -> bool:
    """Return True if the value is a date but the indicator's class asks for none; IN-17 reports that."""
    return row.pair is not None and row.pair[0].startswith("产出") and not row.belongs("时效")


def _dates(subject: Subject, year: int, text: str, due: bool) -> Iterator[_Named]:
    """Yield the dates and years that a text names as its own time; ``due``: the text says when something is due."""
    others, left = subject.words("compared_years" if due else "other_years"), subject.words("left_over")
    for clause in _CLAUSES.split(_without_names(squeeze(text))):
        if any(int(first) <= year <= int(last) for first, last in _SPAN.findall(clause)):
            continue
        if any(word in clause for word in others):
            continue
        is_left = any(word in clause for word in left)
        named = (_Named("", date[0], int(date[1]), int(date[2] or 0)) for date in _DATE.finditer(clause))
        oldest = year - int(subject.limit("oldest_year"))
        yield from (time for time in named if time.year >= year or (time.year >= oldest and not is_left))


def _without_names(text: str) -> str:
    """Return a text without titles in 《》, and without what is called by its years, such as 2018—2020年行动."""
    bare = _QUOTED.sub(lambda quoted: "" if _NAMED_BY_YEARS.search(quoted[0]) else quoted[0], without_titles(text))
    return _NAMED_BY_YEARS.sub("", bare)


RULE = Rule(
    code="PL-08",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[4].target": "2023年11月"},
    good={"indicators[6].description": "较2023年度考核提高的村民小组长所占比例"},
)
