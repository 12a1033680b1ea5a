"""PL-08: the dates that a project names lie in its budget year: another one is last year's text, or last year's work.

Not reported: titles in 《》, spans of years that include the budget year, a base of comparison (较2023年), years that
occur in the project's own name, later years outside the outputs (到2030年), and earlier years in a project that is
carried over.
"""

import re
from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.texts.citation import without_titles
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CLAUSES = re.compile(r"[,，。;；、\n]")
_DATE = re.compile(r"(?<![\d〔\[(])((?:19|20)\d\d)年(?:度|\d{1,2}月(?:\d{1,2}[日号])?)?")
_SPAN = re.compile(r"((?:19|20)\d\d)年?(?:\d{1,2}月)?[-—–~至到]+((?:19|20)\d\d)年")


def check(subject: Subject) -> Iterator[Hit]:
    """Find dates and years in a project's texts that lie outside its budget year."""
    year = subject.unit.year
    if not isinstance(year, int):
        return
    name = str(subject.get("name") or "")
    carried_over = any(word in name for word in subject.words("carried_over"))
    outputs = {row.path("target") for row in indicators(subject) if row.pair and row.pair[0].startswith("产出")}
    wrong: dict[str, str] = {}  # path → the first such time in it
    for path, time, named in _named_times(subject, year, name):
        if (named < year and not carried_over) or (named > year and path in outputs):
            wrong.setdefault(path, time)
    for path, time in wrong.items():
        yield Hit((path,), {"found": time, "year": year})


def _named_times(subject: Subject, year: int, name: str) -> Iterator[tuple[str, str, int]]:
    """Yield each time that a project names as its own: the path, the time in the project's words, its year."""
    dated = {row.path("target"): row for row in indicators(subject) if row.value and row.value.kind == "date"}
    for path, text in subject.texts:
        if path not in dated and not path.endswith(".basis"):
            dates = list(_dates(subject, year, text))
            foreign = {named for named in {named for _, named in dates} if str(named) not in name}
            yield from ((path, time, named) for time, named in dates if named in foreign)
    for path, row in dated.items():
        assert row.value is not None
        if row.value.period[:4].isdigit() and not _has_wrong_kind(row):
            yield path, row.text("target"), int(row.value.period[:4])


def _has_wrong_kind(row: Indicator) -> bool:
    """Return True if the value is a date but the indicator's class asks for none; IN-17 reports that."""
    return row.pair is not None and row.pair[0].startswith("产出") and not row.belongs("时效")


def _dates(subject: Subject, year: int, text: str) -> Iterator[tuple[str, int]]:
    """Yield the dates and years that a text names as its own time: as written, and the year as a number."""
    if "年" not in text:
        return
    for clause in _CLAUSES.split(without_titles(squeeze(text))):
        if any(int(first) <= year <= int(last) for first, last in _SPAN.findall(clause)):
            continue
        if not any(word in clause for word in subject.words("other_years")):
            yield from ((date[0], int(date[1])) for date in _DATE.finditer(clause))


RULE = Rule(
    code="PL-08",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[4].target": "2023年11月"},
    good={"indicators[6].description": "较2023年度考核提高的村民小组长所占比例"},
)
