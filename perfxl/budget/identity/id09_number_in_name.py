"""ID-09: a document number inside a project's name has the form 机关〔2022〕144号 (agency, year, serial).

The name is printed on every paper of the project. A year alone (2024年垃圾清运经费) is no document number.
"""

from collections.abc import Iterator

from perfxl.budget.texts.citation import in_form
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_YEAR = r"((?:19|20)\d\d)"
# 〔2022〕第08号, 〔2022〕144 without 号; 冀财农2022144号, 冀财农2022第144号 without brackets
_LOOSE = late_pattern(rf"(?<=[\u4e00-\u9fff])(?:〔{_YEAR}〕第?0*(\d+)号?|{_YEAR}第?0*([1-9]\d{{0,3}})号)")


def check(subject: Subject) -> Iterator[Hit]:
    """Find a document number in the project's name in another form, and propose the right one."""
    name = subject.get("name")
    if not isinstance(name, str):
        return
    name = name.strip()
    after = _LOOSE.sub(lambda number: f"〔{number[1] or number[3]}〕{number[2] or number[4]}号", in_form(name))
    if after != name:
        yield Hit(("name",), {"name": name}, after)


RULE = Rule(
    code="ID-09",
    severity="hint",
    check=check,
    needs=("name",),
    bad={"name": "清财农【2024】15号村民小组长误工补贴"},
    good={"name": "清财农〔2024〕15号村民小组长误工补贴"},
)
