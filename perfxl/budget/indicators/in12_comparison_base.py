"""IN-12: what is compared with last year (较去年提高) says from what: a number to compare with, or by how much."""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.budget.indicators import figures
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze


def check(subject: Subject) -> Iterator[Hit]:
    words, rows = subject.words("comparisons"), []
    for row in indicators(subject):
        said = next((word for word in words if word in squeeze(row.text("target"))), "")
        texts = (row.text(column) for column in ("target", "description", "basis"))
        if said and not any(map(figures.stated, texts)):
            rows.append(row)
    if rows:
        facts = {"found": rows[0].text("target").rstrip("。"), "count": len(rows)}
        yield Hit(tuple(row.path("target") for row in rows), facts)


RULE = Rule(
    code="IN-12",
    severity="hint",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[6].target": "到岗情况较去年改善"},
    good={"indicators[6].target": "较去年的92%有提高"},
)
