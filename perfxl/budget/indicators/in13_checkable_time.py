"""IN-13: a time can be checked at the end of the year: it is a date, a period or a share.

及时 (in time) and 按统一安排执行 (carried out as arranged centrally) cannot be checked. What says nothing at all
(按计划完成, done as planned) is left to IN-29.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.budget.indicators.in11_measured import measured
from perfxl.budget.indicators.in29_empty_value import is_empty
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find values of time that name neither date nor period."""
    words = subject.words("vague_times")
    for row in indicators(subject):
        if row.value is None or measured(row.value) or not row.belongs("时效") or is_empty(subject, row):
            continue
        text = squeeze(row.text("target"))
        if any(word in text for word in words):
            yield Hit((row.path("target"),), {"found": row.text("target").rstrip("。")})


RULE = Rule(
    code="IN-13",
    severity="hint",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[4].target": "及时发放"},
    good={"indicators[4].target": "每季度末及时发放"},
)
