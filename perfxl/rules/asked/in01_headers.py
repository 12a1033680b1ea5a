"""IN-01: the headings of a table are those of the form, in its order.

A value under another heading would be the answer to another question.
"""

from collections.abc import Iterator

from perfxl.form.characters import squeeze
from perfxl.form.ticks import on_sheet
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every changed heading and one where the headings stand in another order."""
    if subject.seen is None:
        return
    tables = on_sheet(subject.form).tables.values()
    order = {table.path(id): field for table in tables for id, field in table.columns.items()}
    whole = {table.path(id): table.path(field.whole.id) for table in tables for id, field in table.columns.items()}
    headings = {path: text for path, text in subject.seen.headers.items() if path in order and order[path].label}
    for path, text in headings.items():
        expected = order[path].label[-1]
        if squeeze(text) != squeeze(expected):
            yield Hit((whole[path],), {"problem": "label", "found": text.strip(), "expected": expected}, expected)
    if list(headings) != [path for path in order if path in headings]:
        expected_order = [order[path].label[-1] for path in order if path in headings]
        facts = {"problem": "order", "found": list(headings.values()), "expected": expected_order}
        yield Hit((whole[next(iter(headings))],), facts)


RULE = Rule(
    code="IN-01",
    severity="error",
    check=check,
    bad={"seen.headers": {"@table.level3": "指标名称"}},
    good={"seen.headers": {"@table.level3": "三级 指标"}},
)
