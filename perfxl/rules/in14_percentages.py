"""IN-14: a share lies between 0 and 100 %; a growth may exceed it."""

from collections.abc import Iterator

from perfxl.rules.base import Hit, Rule, Subject, plain


def check(subject: Subject) -> Iterator[Hit]:
    for row in subject.rows:
        value = row.value
        if value is None or value.unit != "%" or value.number is None or 0 <= value.number <= 100:
            continue
        about = row.text("level3") + row.text("description") + row.text("target")
        if not any(word in about for word in subject.words("beyond_hundred")):
            yield Hit((row.path("target"),), {"name": row.text("level3"), "found": plain(value.number)})


RULE = Rule(
    code="IN-14",
    severity="error",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[3].target": "≥980%"},
    good={"indicators[3].target": "≥120%", "indicators[3].level3": "补贴标准增长率"},
)
