"""ID-05: no two projects of a unit share a code or a name; one would overwrite the other in the summary."""

from collections.abc import Iterator, Mapping

from perfxl.budget.unit.unit_records import projects_of
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit


def check(subject: Subject) -> Iterator[Hit]:
    """Find a code or a name that another project of the unit has too."""
    for key, holders in (("code", subject.unit.once(_code_holders)), ("name", subject.unit.once(_name_holders))):
        value = subject.get(key)
        numbers = holders.get(squeeze(value), []) if isinstance(value, str) and value.strip() else []
        if len(numbers) > 1:
            others = [number for number in numbers if number != subject.get("number")] or numbers[1:]
            yield Hit((key,), {"what": key, "value": value.strip(), "others": others})


def _code_holders(unit: Unit) -> Mapping[str, list[int]]:
    return _holders(unit, "code")


def _name_holders(unit: Unit) -> Mapping[str, list[int]]:
    return _holders(unit, "name")


def _holders(unit: Unit, key: str) -> Mapping[str, list[int]]:
    """Return the numbers of the projects by the value of one of their fields."""
    holders: dict[str, list[int]] = {}
    for project in projects_of(unit):
        if isinstance(project.get(key), str):
            holders.setdefault(squeeze(project[key]), []).append(project.get("number") or 0)
    return holders


RULE = Rule(
    code="ID-05",
    severity="error",
    check=check,
    of_unit=True,
    needs=("code", "name"),
    bad={"unit.projects": [{"number": 2, "name": "防汛物资储备经费"}]},
    good={"unit.projects": [{"number": 2, "name": "防汛物资储备经费", "code": "99019924P00731210116H"}]},
)
