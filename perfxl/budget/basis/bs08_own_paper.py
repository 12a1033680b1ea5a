"""BS-08: a unit does not prove a value by a request, a work plan or a numbered document that it wrote itself.

Its records and registers are evidence and not reported, and neither is a paper that somebody above it approved or
issued with it. A document number is the unit's own if it begins with the first character of its place, followed by
the letters of an office of the township (柳河镇: 柳政发) or those of the department (清溪县教育和体育局: 清教体字).
Where the county or an authority above has the same first character, nobody can tell, and nothing is reported.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from perfxl.budget.indicator import indicators
from perfxl.budget.texts.citation import documents
from perfxl.budget.unit_name import UnitName, unit_name
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import alternatives

_NAME_ENDING = late_pattern(r"(?:人民政府|办事处)?(?:本级)?$")
_OFFICE = late_pattern("(?:局|委员会|委|办公室|办|中心|会|院|所|站|馆|部)$")
_OFFICES_OF_TOWN = "(?:人民政府|政府|党委|党工委|办事处|党政)"
_MEETINGS = r"(?:党组|党委|党总支|务会|长办公会|主任办公会|办公会|机关|年度|\d{4}年|工作计划)"
_BEGIN = r"(?:(?<![\u4e00-\u9fff])|(?<=[府委局处所会部]))"  # before it, there may be the name of who issued it
_OF_TOWN = "(?:政|党|办|发|委|字|请|人大|函)"
_OF_DEPARTMENT = r"(?:[\u4e00-\u9fff]?(?:字|发|函|请|报|呈|办|党|党组))?$"
_PLACES = late_pattern("(.+?)(?:省|自治区|自治州|地区|盟|市|县|区|旗)")


class _OwnMarks(NamedTuple):
    """The marks of a unit's own papers: the names that occur in them, and the agency of their document numbers."""

    names: "re.Pattern[str]"
    agency: "re.Pattern[str] | None"


def check(subject: Subject) -> Iterator[Hit]:
    """Find bases that are a request, plan or numbered document of the unit itself."""
    marks = subject.unit.once(_own_marks)
    paths_by_paper: dict[str, list[str]] = {}
    for row in indicators(subject):
        if paper := _own_paper(subject, squeeze(row.text("basis")), marks):
            paths_by_paper.setdefault(paper, []).append(row.path("basis"))
    for paper, paths in paths_by_paper.items():
        yield Hit(tuple(paths), {"found": paper, "unit": subject.unit.name, "count": len(paths)})


def _own_paper(subject: Subject, basis: str, marks: _OwnMarks) -> str:
    """Return the unit's own paper that a basis names, "" where it names none, or one from above beside it."""
    cited = documents(basis)
    if any(not (marks.agency and marks.agency.search(document.agency)) for document in cited):
        return ""
    rest, named = marks.names.subn(" ", basis)
    own = cited or (named and any(word in basis for word in subject.words("own_papers")))
    if not own or any(word in rest for word in subject.words("papers_above")):
        return ""
    return str(cited[0]) if cited else basis


def _own_marks(unit: Unit) -> _OwnMarks:
    short, name = _NAME_ENDING.sub("", squeeze(unit.name)), unit_name(unit.name)
    entries = _entries(unit, name)
    named = [re.escape(short)] if short else []
    named += [f"(?<![基成样资根标日版])(?:{alternatives(unit.policy.words['own_words'])})"]  # not 基本办学
    named += _town_names(name) if name.town else _department_names(name, entries)
    pattern = re.compile(f"(?:{'|'.join(named)}){_OFFICES_OF_TOWN}?")
    return _OwnMarks(pattern, _agency(unit, name, entries))


def _entries(unit: Unit, name: UnitName) -> tuple[str, ...]:
    """Return the letters of a department as the county's list has them: 教体 and 教 for 教育和体育局."""
    pairs = [entry.partition("=") for entry in unit.policy.words["department_letters"]]
    known = [(word, letters) for word, _, letters in pairs if word and letters and name.department.startswith(word)]
    longest = max((len(word) for word, _ in known), default=0)
    return tuple(letters for word, letters in known if len(word) == longest)


def _town_names(name: UnitName) -> Iterator[str]:
    """Yield patterns for the names that a town has in its own papers: 柳河镇, 镇政府, 镇党委."""
    if name.place:
        yield re.escape(name.place + name.level)
    yield f"(?<![\u4e00-\u9fff]){name.level}{_OFFICES_OF_TOWN}"


def _department_names(name: UnitName, entries: tuple[str, ...]) -> Iterator[str]:
    """Yield patterns for the names that a department has in its own papers: 县教体局, 教体局, 局党组."""
    office = _OFFICE.search(name.department)
    if not office:
        return
    end = office[0].replace("委员会", "委").replace("办公室", "办")
    shorts = [entry if entry.endswith("联") else entry + end for entry in entries if len(entry) > 1]
    mine = alternatives(dict.fromkeys([name.department, *shorts]))
    place = alternatives(filter(None, [name.place and name.place + name.level, name.place, name.level]))
    yield f"(?:{place}|(?<![市省州盟县区旗国厅总院部]))(?:{mine})"
    yield f"^(?:依据|根据|按照|参照)?{end[-1]}{_MEETINGS}"
    if name.branch:
        yield "分局"


def _agency(unit: Unit, name: UnitName, entries: tuple[str, ...]) -> "re.Pattern[str] | None":
    """Return a pattern for the agency of the unit's own document numbers; None where it cannot be known."""
    patterns = []
    if name.place:
        place, first = name.place, name.place[0]
        above = (found[1] for found in _PLACES.finditer(name.above))
        taken = first in unit.policy.words["agencies_above"] or any(other.startswith(first) for other in above)
        begin = place if taken else first
        whole = f"{_BEGIN}{re.escape(begin)}(?:{re.escape(place.removeprefix(begin))})?"
        if name.town:
            patterns.append(f"{whole}[镇乡街]?{_OF_TOWN}")
        elif entries:
            patterns.append(f"{whole}[县区市旗]?(?:{alternatives(entries)}){_OF_DEPARTMENT}")
    if long := [letters for letters in entries if len(letters) > 1]:  # 教体字 without the place: 字 is no ministry's
        patterns.append(f"{_BEGIN}(?:{alternatives(long)})字$")
    return re.compile("|".join(patterns)) if patterns else None


RULE = Rule(
    code="BS-08",
    severity="warning",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": "柳政请〔2023〕24号"},
    good={"indicators[1].basis": "柳河镇村民小组长花名册"},
)
