"""MO-06, MO-16: one of the three possibilities is chosen, and agrees with the light."""

from collections.abc import Iterator

from perfxl.budget.stages.checks import MONITORING
from perfxl.budget.stages.lights import light_of
from perfxl.budget.stages.monitored import light_rule
from perfxl.budget.stages.progress import rows
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check_one(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where more than one possibility is chosen."""
    entries = subject.form.tables["indicators"].columns["possibility"].type.drop_down()
    for row in rows(subject):
        chosen = [entry for entry in entries if entry in row.text("possibility")]
        if len(chosen) > 1:
            yield Hit((row.path("possibility"),), {"count": len(chosen), "chosen": chosen})


def check_likely(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where a red light stands beside the first possibility, that the value will surely be reached."""
    entries = subject.form.tables["indicators"].columns["possibility"].type.drop_down()
    for row in rows(subject):
        if row.text("possibility") == entries[0] and light_of(row, light_rule(subject)) == "red":
            yield Hit((row.path("possibility"),), {"chosen": entries[0], "found": row.text("actual")})


RULES = (
    Rule(
        code="MO-06",
        severity="error",
        check=check_one,
        needs=MONITORING,
        limits=("LM-02", "LM-06"),
        bad={"indicators[0].possibility": "确定能、有可能"},
    ),
    Rule(
        code="MO-16",
        severity="warning",
        check=check_likely,
        beside=("actual",),
        needs=MONITORING,
        bad={"indicators[2]": {"actual": "40%", "causes": ["其他"], "reason": "抽查发现名单有误，正在更正。"}},
    ),
)
