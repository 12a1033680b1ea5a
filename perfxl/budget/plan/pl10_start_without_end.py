"""PL-10: a project that says when work begins also says when it is finished, so that the year's end can judge it."""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project whose 时效 (timeliness) indicators name the start of the work, and not one its end."""
    rows = [row for row in indicators(subject) if row.belongs("时效")]
    starts, ends = (word_pattern(subject.words(name)) for name in ("work_starts", "work_ends"))
    starting = [row for row in rows if starts.search(row.text("level3"))]
    texts = (row.text(column) for row in rows for column in ("level3", "description", "target"))
    if starting and not any(ends.search(text) for text in texts):
        yield Hit((starting[0].path("level3"),), {"name": starting[0].text("level3")})


RULE = Rule(
    code="PL-10",
    severity="hint",
    check=check,
    needs=("indicators.level3", "indicators.target"),
    bad={
        "indicators[4].level3": "补贴启动时间",
        "indicators[4].description": "启动误工补贴发放工作的时间",
    },
    good={
        "indicators[4].level3": "补贴启动时间",
        "indicators[4].description": "补贴启动到完成的时间",
    },
)
