"""BS-09: the value says what is to be reached, the basis says where that is laid down; they are not swapped.

Typed into each other's cells, neither can be checked. A calculation (326人×200元) is a basis, and a document to be made
(完成《规划》编制, the plan is drawn up) is a value.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicator_value import Value, parse
from perfxl.budget.texts.citation import in_form
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CITED = r"《[^《》]+》|[\u4e00-\u9fff]{1,8}〔\d{4}〕\d+号"
_ENDING = r"(?:文件|文|精神|规定|要求)*[。.]?"
_CITATION = late_pattern(rf"(?:依据|根据)?[(（]?(?:{_CITED})(?:{_CITED}|[)）(（、,和及])*+{_ENDING}")


def check(subject: Subject) -> Iterator[Hit]:
    """Find sources in the cell of the value, and values in the cell of the basis."""
    for row in indicators(subject):
        target, basis = _is_basis(subject, row), _is_value(row)
        if target or basis:
            problem = _problem(target, basis)
            fields = tuple(row.path(key) for key, wrong in (("target", target), ("basis", basis)) if wrong)
            yield Hit(fields, {"problem": problem, "target": row.text("target"), "basis": row.text("basis")})


def _problem(target: bool, basis: bool) -> str:
    if target and basis:
        return "swapped"
    return "target" if target else "basis"


def _is_basis(subject: Subject, row: Indicator) -> bool:
    """Return True if the cell of the value holds a source and nothing else."""
    target = squeeze(row.text("target"))
    if not target or (row.value is not None and row.value.kind != "qualitative"):
        return False
    if target.rstrip("。.") in subject.words("source_names"):
        return True
    return ("》" in target or "号" in target) and bool(_CITATION.fullmatch(in_form(target)))


def _is_value(row: Indicator) -> bool:
    """Return True if the cell of the basis holds a number with its unit or sign and nothing else."""
    value: Value | None = parse(row.text("basis")) if row.text("basis") else None
    if value is None or value.kind != "number" or value.number is None or not (value.dimension or value.operator):
        return False
    return not (value.unit == "年" and value.number > 1000)  # 2023年 is a year, no duration


RULE = Rule(
    code="BS-09",
    severity="warning",
    check=check,
    needs=("indicators.target", "indicators.basis"),
    bad={"indicators[6].target": "村民小组长年度考核结果", "indicators[6].basis": "≥95%"},
    good={"indicators[5].basis": "326人×200元", "indicators[1].basis": "2023年"},
    together=True,
)
