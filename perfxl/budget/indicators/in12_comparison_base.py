"""IN-12: a value compared with last year (较去年提高, higher than last year) gives a figure.

The figure is the earlier number, or by how much it changes.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.budget.indicators import figures
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find comparisons without a figure in the value, the description or the basis."""
    words, rows = subject.words("comparisons"), []
    for row in indicators(subject):
        target = squeeze(row.text("target"))
        comparison = next((word for word in words if word in target), "")
        texts = (row.text(column) for column in ("target", "description", "basis"))
        if comparison and not any(map(figures.stated, texts)):
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
