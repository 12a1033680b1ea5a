"""BS-01: every indicator names the basis of its value, else nobody can say why the value is what it is."""

from collections.abc import Iterator

from perfxl.rules.base import Hit, Rule, Subject, blank


def check(subject: Subject) -> Iterator[Hit]:
    fields = tuple(row.path("basis") for row in subject.rows if blank(row.cells.get("basis")))
    if fields:
        yield Hit(fields, {"count": len(fields)})


RULE = Rule(
    code="BS-01",
    severity="error",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": None, "indicators[3].basis": " "},
    good={"indicators[1].basis": "清溪县统计年鉴"},
    still="LEN(TRIM({cell}))=0",
)
