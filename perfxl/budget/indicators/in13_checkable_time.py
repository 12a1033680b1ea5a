"""IN-13: a time can be checked at the end of the year: it is a date, a period or a share.

及时 (in time) and 按统一安排执行 (carried out as arranged centrally) cannot be checked.
"""

import re
from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.budget.indicators.in11_measured import measured
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_DEFINITE = re.compile(
    r"\d|[一二三四五六七八九十两半]个?(?:[年月季周天日]|小时|工作日)|当[天日月年]|[年月季]底|年[内末终]"
)


def check(subject: Subject) -> Iterator[Hit]:
    """Find values of time that name neither date nor period."""
    words = subject.words("vague_times")
    for row in indicators(subject):
        if row.value is None or measured(row.value) or not row.belongs("时效"):
            continue
        text = squeeze(row.text("target"))
        if any(word in text for word in words) and not _DEFINITE.search(text):
            yield Hit((row.path("target"),), {"found": row.text("target").rstrip("。")})


RULE = Rule(
    code="IN-13",
    severity="hint",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[4].target": "及时发放"},
    good={"indicators[4].target": "每季度末及时发放"},
)
